"""The way back to running, step by step: forward with good mornings, back with a bad one (science J.6)."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freshlegs import tables
from freshlegs.recovery import Past, complete
from freshlegs.recovery.way_back import Start, began, way_back

DAY = timedelta(days=1)
START = date(2026, 5, 4)
BEFORE_D = 60
GOOD, BAD, UNKNOWN = {"energy": 7.0, "leg_freshness": 7.0}, {"energy": 3.0, "leg_freshness": 7.0}, {}


def past(mornings, before=GOOD):
    """``mornings`` begin on the first day of the way back; sixty good ones came before."""
    rows = [{"athlete": "me", "date": START - n * DAY, **before} for n in range(1, BEFORE_D + 1)]
    rows += [{"athlete": "me", "date": START + n * DAY, **morning} for n, morning in enumerate(mornings)]
    return Past(tables.DAYS.frame(rows))


def step(mornings, kind="excessive", **extra):
    found = way_back(past(mornings, **extra), Start(kind, START), START + (len(mornings) - 1) * DAY)
    return found.step if found is not None else None


@pytest.mark.parametrize(
    ("kind", "mornings", "where"),
    [
        ("excessive", 1, 1),
        ("excessive", 7, 1),
        ("excessive", 8, 2),
        ("excessive", 14, 2),
        ("excessive", 15, 3),
        ("excessive", 36, 6),
        ("excessive", 42, 6),
        ("excessive", 43, None),
        ("overtraining", 14, 1),
        ("overtraining", 15, 2),
        ("overtraining", 71, 6),
    ],
)
def test_good_mornings_lead_on_after_a_week_or_two_a_step(kind, mornings, where):
    assert step([GOOD] * mornings, kind) == where


@pytest.mark.parametrize(
    ("morning", "why"),
    [
        ({"energy": 5.0}, "energy well below your usual"),
        ({"leg_freshness": 4.0}, "legs well below your usual"),
        ({"energy": 7.0, "mood": 3.0}, "mood well below your usual"),
        ({"energy": 7.0, "ill": "above_neck"}, "you were ill"),
        ({"energy": 7.0, "pain": 4.0}, "something hurt"),
        ({"energy": 7.0, "pain": 2.0, "pain_sharp": True}, "something hurt"),
        ({"energy": 7.0, "hr_night_bpm": 53.0}, "heart rate at rest above your usual"),
        ({"energy": 7.0, "symptoms": ["breathless"]}, "something worrying was entered"),
    ],
)
def test_any_bad_morning_leads_one_step_back_and_says_why(morning, why):
    usual = {**GOOD, "mood": 6.0, "hr_night_bpm": 50.0}
    found = way_back(past([GOOD] * 16 + [morning], before=usual), Start("excessive", START), START + 16 * DAY)
    assert (found.step, found.since) == (2, START + 16 * DAY)
    assert found.moved[-1] == (START + 16 * DAY, 2, why)


def test_a_point_below_usual_is_no_bad_morning():
    assert step([GOOD] * 16 + [{"energy": 6.0, "leg_freshness": 6.0}]) == 3


def test_mornings_without_an_answer_move_nothing():
    assert step([GOOD] * 2 + [UNKNOWN] * 30) == 1
    assert step([GOOD] * 2 + [UNKNOWN] * 30 + [GOOD] * 2) == 2


def test_what_is_wanted_next_is_said():
    found = way_back(past([GOOD] * 2), Start("excessive", START), START + DAY)
    assert found.next_on == START + 7 * DAY
    assert "one more good morning until then" in found.moves_on
    assert "Monday 11 May" in found.moves_on
    assert "no setback" in found.moves_back


def test_the_way_back_begins_on_the_morning_after_the_last_one_beyond_normal():
    states = {START + n * DAY: "excessive" if n < 5 else "cumulative" for n in range(9)}
    assert began(states, START + 8 * DAY) == Start("excessive", START + 5 * DAY)
    assert began(states, START + 3 * DAY) is None
    assert began({**states, START: "possible_overtraining"}, START + 8 * DAY).kind == "overtraining"
    assert began({START: "watch"}, START + 8 * DAY) is None


def test_after_an_illness_it_is_half_then_three_quarters_then_the_plan():
    sick = [{**GOOD, "ill": "fever"}] * 2
    well = [{**GOOD, "ill": "none"}] * 8
    told = []
    for n in range(2, 10):
        found = way_back(past(sick + well), None, START + n * DAY)
        told.append(None if found is None else (found.kind, found.step, found.of))
    half, three = ("illness", 1, 2), ("illness", 2, 2)
    assert told == [None, None, half, half, three, three, None, None]


# ------------------------------------------------------------------ in the morning's advice


def verdict(state="cumulative"):
    return {
        "athlete": "me",
        "date": START.isoformat(),
        "state": state,
        "probabilities": {},
        "since": "2026-04-30",
        "signs": [],
        "causes": [],
        "rules": [],
        "unknown": [],
    }


def test_the_step_is_the_mornings_prescription():
    document = complete(verdict(), past([GOOD]), start=Start("excessive", START))
    assert document["way_back"]["step"] == 1
    assert document["running_today"] == "easy"
    first = document["actions"][0]
    assert first["id"] == "way_back_step"
    assert "walk and run in turns for 20 to 30 minutes" in first["what"]


def test_without_a_start_nothing_is_different():
    document = complete(verdict(), past([GOOD]))
    assert document["way_back"] is None
    assert document["actions"][0]["id"] == "cumulative_plan"


def test_illness_comes_before_the_step():
    document = complete(verdict(), past([{**GOOD, "ill": "fever"}]), start=Start("excessive", START))
    assert document["running_today"] == "none"
    assert "way_back_step" not in [action["id"] for action in document["actions"]]


# ------------------------------------------------------------------ properties

WORTH = [{"energy": 3.0}, UNKNOWN, {"energy": 6.5}]
"""A bad, an unknown and a good morning, worst first."""
KIND = st.sampled_from(["excessive", "overtraining"])
MORNINGS = st.lists(st.sampled_from([0, 1, 2, 2, 2, 2, 2]), min_size=1, max_size=110)


def place(codes, kind):
    found = step([WORTH[code] for code in codes], kind)
    return 7 if found is None else found


@settings(max_examples=25, deadline=None)
@given(MORNINGS, KIND)
def test_a_step_is_one_of_six_and_moves_by_one_at_a_time(codes, kind):
    places = [place(codes[:n], kind) for n in range(1, len(codes) + 1)]
    assert places[0] == 1
    done = places.index(7) if 7 in places else len(places)
    assert all(1 <= p <= 6 for p in places[:done])
    assert all(abs(b - a) <= 1 for a, b in pairwise(places[:done]))


@settings(deadline=None)
@given(MORNINGS, KIND)
def test_a_step_is_held_for_its_days_unless_a_morning_was_bad(codes, kind):
    least = 7 if kind == "excessive" else 14
    found = way_back(past([WORTH[code] for code in codes]), Start(kind, START), START + (len(codes) - 1) * DAY)
    if found is not None:
        ups = [on for n, (on, at, _) in enumerate(found.moved) if at > ([1] + [m[1] for m in found.moved])[n]]
        changes = [START] + [on for on, _, _ in found.moved]
        for up in ups:
            assert (up - max(on for on in changes if on < up)).days >= least


@settings(deadline=None)
@given(MORNINGS, MORNINGS, KIND)
def test_better_mornings_never_lead_to_a_lower_step(codes, more, kind):
    better = [max(a, b) for a, b in zip(codes, (more * len(codes))[: len(codes)], strict=True)]
    assert place(better, kind) >= place(codes, kind)


@settings(deadline=None)
@given(MORNINGS, KIND)
def test_after_overtraining_no_step_comes_sooner(codes, kind):
    assert place(codes, "overtraining") <= place(codes, "excessive")


@settings(deadline=None)
@given(MORNINGS, MORNINGS)
def test_later_mornings_change_nothing(codes, later):
    day = START + (len(codes) - 1) * DAY
    start = Start("excessive", START)
    whole, cut = ([WORTH[c] for c in x] for x in (codes + later, codes))
    assert way_back(past(whole), start, day) == way_back(past(cut), start, day)
