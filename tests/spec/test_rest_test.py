"""The rest test: offered on watch, taken up, asked about on its day, and what its answer does to the verdict."""

import re
from datetime import UTC, date, datetime, time, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.clocks import Clock

import freshlegs as fl
from freshlegs import tables
from freshlegs import vocabulary as v
from freshlegs.recovery import Mark, Past, complete
from freshlegs.recovery.rest_test import rest_test
from freshlegs.synthetic.stories import Phase, tell

DAY = timedelta(days=1)
TODAY = date(2026, 5, 5)  # a Tuesday


def days(count=40, **columns):
    rows = [
        {"athlete": "me", "date": TODAY - (count - 1 - i) * DAY, "energy": 6.0, "load_lu": 40.0} for i in range(count)
    ]
    for name, values in columns.items():
        for row, value in zip(rows[-len(values) :], values, strict=True):
            row[name] = value
    return tables.DAYS.frame(rows)


def verdict(state="watch", on=TODAY):
    return {
        "athlete": "me",
        "date": on.isoformat(),
        "state": state,
        "probabilities": {},
        "since": "2026-04-30",
        "signs": [],
        "causes": [],
        "rules": [],
        "unknown": [],
        "next_question": {"item": "appetite", "text": "…"},
    }


def taken_up(ago):
    return [Mark("watch_rest_test", TODAY - ago * DAY, "accepted")]


def first(document):
    return document["actions"][0]


def test_it_is_offered_on_watch_with_its_day():
    document = complete(verdict(), days())
    assert document["rest_test"]["status"] == "offered"
    assert document["rest_test"]["check_on"] == "2026-05-07"
    assert complete(verdict("cumulative"), days())["rest_test"] is None


@pytest.mark.parametrize(
    ("ago", "status", "action"),
    [(0, "under_way", "watch_test_under_way"), (1, "under_way", "watch_test_under_way"), (2, "due", "watch_test_due")],
)
def test_once_taken_up_its_days_stay_and_it_is_asked_about(ago, status, action):
    document = complete(verdict(), days(), marks=taken_up(ago))
    check = TODAY + (2 - ago) * DAY
    assert (document["rest_test"]["status"], document["rest_test"]["check_on"]) == (status, check.isoformat())
    assert first(document)["id"] == action
    assert (document["next_question"]["item"] == "rest_test") == (status == "due")


@pytest.mark.parametrize(
    ("outcome", "says"),
    [
        ("back", "it was good tired"),
        ("partly", "a quarter less"),
        ("not_back", "all of it easy"),
    ],
)
def test_its_outcome_leads_on(outcome, says):
    document = complete(verdict(), days(rest_test=[outcome]), marks=taken_up(2))
    assert document["rest_test"]["outcome"] == outcome
    assert first(document)["id"] == f"watch_after_{outcome}"
    assert says in first(document)["what"]


def test_after_a_week_it_is_over_and_may_be_offered_again():
    told = days(rest_test=["not_back", *[None] * 7])
    assert rest_test(Past(told), taken_up(9), TODAY) is None
    assert complete(verdict(), told, marks=taken_up(9))["rest_test"]["status"] == "offered"


def test_without_an_answer_it_is_asked_for_some_days_and_then_let_go():
    assert rest_test(Past(days()), taken_up(7), TODAY).status == "due"
    assert rest_test(Past(days()), taken_up(8), TODAY) is None


# ------------------------------------------------------------------ as evidence

TIRED = {"leg_freshness": -2.0, "energy": -2.0, "soreness": 2.0}


def beyond(frame):
    """P(excessive) + P(overtraining) of each day."""
    verdicts = fl.assess(frame)
    return verdicts["p_excessive"] + verdicts["p_possible_overtraining"]


def story(well_d=50, tired_d=16):
    return tell(Phase(well_d), Phase(tired_d, feels=TIRED), start=date(2026, 1, 5), seed=3)


def answered(frame, told, at, light=True):
    """The same days with an answer on one of them, after two days of little or of usual running."""
    load = frame["load_lu"].to_list()
    load[at - 1 : at + 1] = [5.0, 5.0] if light else [60.0, 60.0]
    answers = [None] * frame.height
    answers[at] = told
    return frame.with_columns(
        pl.Series("load_lu", load, dtype=pl.Float64), pl.Series("rest_test", answers, dtype=pl.String)
    )


def test_legs_that_come_back_speak_against_and_legs_that_do_not_for_it():
    frame, at = story(), 60
    none, back, partly, not_back = (beyond(answered(frame, told, at)) for told in (None, "back", "partly", "not_back"))
    assert (back[at:] < none[at:]).all()
    assert (not_back[at:] > none[at:]).all()
    assert partly.equals(none)
    assert back[: at - 1].equals(not_back[: at - 1])


def test_one_answer_moves_little():
    """Bounded: within its week it moves the belief by less than a tenth, and it never sounds an alarm alone."""
    frame, at = story(), 60
    none, not_back = (beyond(answered(frame, told, at)) for told in (None, "not_back"))
    assert (not_back - none).abs().max() < 0.10
    well = tell(Phase(70), start=date(2026, 1, 5), seed=3)
    assert beyond(answered(well, "not_back", 60)).max() < 0.10


def test_two_days_that_were_not_easy_say_nothing():
    frame, at = story(), 60
    told, untold = (answered(frame, word, at, light=False) for word in ("not_back", None))
    assert beyond(told).equals(beyond(untold))


@settings(max_examples=15, deadline=None)
@given(st.integers(20, 64), st.integers(0, 2), st.integers(-4, 0))
def test_a_worse_answer_never_lowers_the_belief(at, step, energy):
    frame = tell(
        Phase(50), Phase(16, feels={"energy": float(energy), "leg_freshness": -2.0}), start=date(2026, 1, 5), seed=5
    )
    order = (None, "not_back") if step == 0 else v.REST_TEST[step - 1 : step + 1]
    milder, worse = (beyond(answered(frame, told, at)) for told in order)
    assert (worse.fill_null(0.0) >= milder.fill_null(0.0) - 1e-12).all()


# ------------------------------------------------------------------ in the diary


def test_the_answer_is_shown_in_explain_and_taken_back_with_its_check_in(tmp_path):
    clock, frame = Clock(date(2026, 1, 5)), story(50, 11)
    with fl.Diary.open(tmp_path / "home", now=clock) as diary:
        for row in frame.iter_rows(named=True):
            clock.now = datetime.combine(row["date"], time(7), UTC)
            items = ("energy", "leg_freshness", "soreness", "sleep_quality", "mood", "stress")
            if told := {item: row[item] for item in items if row[item] is not None}:
                diary.check_in(row["date"], **told)
        before = diary.today()["probabilities"]
        diary.check_in(clock.now.date(), rest_test="not_back")
        chain = diary.explain()
        (sign,) = [one for one in chain["signs"] if one["sign"] == "slow_recovery"]
        assert "rest_test" in [branch["branch"] for branch in sign["branches"]]
        assert diary.today()["probabilities"]["excessive"] > before["excessive"]
        assert re.search("easy days", next(s["why"] for s in diary.today()["signs"] if s["sign"] == "slow_recovery"))
        diary.undo_check_in()
        assert diary.today()["probabilities"] == before
