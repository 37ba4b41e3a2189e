"""A simple plan made for a race: what it holds for anybody, and what it refuses."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import freshlegs as fl
from freshlegs.problems import WrongRequest
from freshlegs.recovery import adapt
from freshlegs.recovery.habit import Habit
from freshlegs.recovery.making import make
from freshlegs.recovery.sessions import EASY_SHARE

TODAY = date(2026, 5, 6)
HARD = ("tempo", "intervals", "race")


def made(race, km, days=4, week_km=40.0, longest_km=14.0, **more):
    used_to = Habit(week_m=1000 * week_km, longest_m=1000 * longest_km, speed_mps=2.8)
    return make(race, 1000.0 * km, TODAY, days, used_to, **more)


def rows(plan):
    return plan.plan.to_dicts()


def test_a_half_marathon_in_fourteen_weeks() -> None:
    plan = made(date(2026, 8, 9), 21.1, days=4)
    found = rows(plan)
    assert found[-1]["kind"] == "race"
    assert found[-1]["distance_m"] == 21_100.0
    assert {row["date"].weekday() for row in found} == {1, 3, 5, 6}
    weeks = {}
    for row in found[:-1]:
        weeks.setdefault(row["date"].isocalendar().week, []).append(row)
    sizes = [sum(row["distance_m"] for row in week) for week in weeks.values()]
    assert sizes[3] < 0.8 * sizes[2]  # the fourth is lighter
    assert sizes[-2] < 0.65 * max(sizes)  # the week before the race
    longest = max(row["distance_m"] for row in found[:-1])
    assert 0.65 * 21_100 <= longest <= 22_000
    assert any("four weeks" in said for said in plan.assumed)


@st.composite
def goals(draw):
    """Any race, any habit, any days; what is refused is left out by the test."""
    return {
        "race": TODAY + timedelta(days=draw(st.integers(1, 360))),
        "km": draw(st.sampled_from([5.0, 10.0, 15.0, 21.1, 42.2, 60.0])),
        "days": draw(st.integers(2, 6)),
        "week_km": draw(st.floats(0.5, 140.0)),
        "longest_km": draw(st.floats(0.5, 45.0)),
        "on": draw(st.none() | st.lists(st.integers(0, 6), min_size=2, max_size=6, unique=True)),
    }


def examine(goal) -> None:
    try:
        plan = made(**goal)
    except WrongRequest:
        assume(condition=False)
        return
    found = rows(plan)
    race = found[-1]
    assert race["kind"] == "race"
    assert all(TODAY < row["date"] <= race["date"] for row in found)
    assert len({row["date"] for row in found}) == len(found)
    runs = found[:-1]
    _apart([row["date"] for row in found if row["kind"] in HARD])
    _single_runs(runs, 1000 * max(goal["longest_km"], 3.0))
    _weeks(runs, 1000 * max(goal["week_km"], 6.0))
    _easy(runs)
    for start in range((race["date"] - TODAY).days - 6):
        week = [row for row in found if 0 <= (row["date"] - TODAY).days - start < 7]
        assert len({row["date"] for row in week}) <= 6  # a day is free
    again = made(**goal)
    assert again.plan.equals(plan.plan)


def _apart(hard) -> None:
    for one, other in zip(sorted(hard), sorted(hard)[1:], strict=False):
        assert (other - one).days >= 2


def _single_runs(runs, longest_m) -> None:
    before = [(TODAY - timedelta(days=1), longest_m)]
    for row in runs:
        near = [far for day, far in before if 0 < (row["date"] - day).days <= 30]
        assert row["distance_m"] <= 1.10 * max(near, default=3_000.0) + 1e-6
        before.append((row["date"], row["distance_m"]))


def _weeks(runs, week_m) -> None:
    """No week above 1.10 times the larger of last week and the mean of four; a cut first week counts as the usual."""
    first = TODAY + timedelta(days=1)
    monday = first - timedelta(days=first.weekday())
    past = [week_m] * 4
    while runs and monday <= runs[-1]["date"]:
        done = sum(row["distance_m"] for row in runs if monday <= row["date"] < monday + timedelta(days=7))
        assert done <= 1.10 * max(past[-1], sum(past[-4:]) / 4) + 1e-6
        past.append(max(done, week_m) if monday <= TODAY else done)
        monday += timedelta(days=7)


def _easy(runs) -> None:
    """Each week from Monday: so each two weeks as well."""
    weeks = {}
    for row in runs:
        weeks.setdefault(row["date"] - timedelta(days=row["date"].weekday()), []).append(row)
    for week in weeks.values():
        seconds = sum(row["duration_s"] for row in week)
        assert sum(row["duration_s"] * EASY_SHARE[row["kind"]] for row in week) >= 0.8 * seconds - 60.0


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(goals())
def test_whatever_the_goal_the_limits_hold(goal) -> None:
    examine(goal)


@pytest.mark.slow
@settings(max_examples=5_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(goals())
def test_whatever_the_goal_the_limits_hold_thousands_of_times(goal) -> None:
    examine(goal)


def test_when_fresh_a_made_plan_needs_no_easing() -> None:
    plan = made(date(2026, 8, 9), 21.1, days=5)
    assert adapt(plan.plan, TODAY, "fresh").changes.is_empty()


@pytest.mark.parametrize(
    ("goal", "why"),
    [
        ({"race": TODAY + timedelta(days=5), "km": 42.2, "longest_km": 0.0, "week_km": 0.0}, "should reach"),
        ({"race": TODAY, "km": 10}, "must lie ahead"),
        ({"race": TODAY + timedelta(days=500), "km": 10}, "more than a year"),
        ({"race": TODAY + timedelta(days=90), "km": 300}, "from 1 to 110 km"),
        ({"race": TODAY + timedelta(days=90), "km": 10, "days": 7}, "one day stays free"),
        ({"race": TODAY + timedelta(days=90), "km": 10, "days": 1}, "two to six"),
    ],
)
def test_nonsense_is_refused_in_a_sentence(goal, why) -> None:
    with pytest.raises(WrongRequest, match=why):
        made(**goal)


def test_a_refusal_names_a_day_from_which_it_would_do() -> None:
    with pytest.raises(WrongRequest, match="should reach") as refusal:
        made(TODAY + timedelta(days=28), 42.2, longest_km=10.0)
    found = re.search(r"from about \w+ (\d+ \w+ \d{4})", str(refusal.value))
    assert found is not None
    named = datetime.strptime(found[1], "%d %B %Y").date()
    assert made(named, 42.2, longest_km=10.0).plan.height > 10
    with pytest.raises(WrongRequest, match="should reach"):
        made(named - timedelta(days=35), 42.2, longest_km=10.0)


def test_a_diary_makes_it_from_its_own_runs(tmp_path) -> None:
    now = datetime(2026, 5, 6, 6, 0, tzinfo=UTC)
    lines = [
        f"2026-04-{day:02d}T18:00,{3600 if day % 7 else 6000},{10000 if day % 7 else 16000}" for day in range(8, 30, 2)
    ]
    (tmp_path / "runs.csv").write_text("start_local,moving_s,distance_m\n" + "\n".join(lines) + "\n")
    with fl.Diary.open(tmp_path / "home", now=lambda: now) as diary:
        diary.import_files(tmp_path / "runs.csv")
        diary.add_session("2026-05-07", "easy")
        diary.add_session("2026-12-24", "easy")
        found = diary.make_plan("2026-06-28", 10_000.0, days=3, title="Midsummer")
        assert found["replaced"] == 1
        assert any("16.0 km" in said for said in found["assumed"])
        shown = diary.plan("2026-05-07", "2026-12-31")
        assert shown["races"][0]["title"] == "Midsummer"
        assert shown["sessions"][-1]["date"] == "2026-12-24"
        assert all(one["load_lu"] > 0 and not one["load_estimated"] for one in shown["sessions"][:-1])
        assert {date.fromisoformat(one["date"]).weekday() for one in shown["sessions"][:-1]} == {1, 3, 6}
        diary.undo_plan()
        assert len(diary.plan("2026-05-07", "2026-12-31")["sessions"]) == 2
        for profile, why in (
            ({"birth_date": date(2010, 1, 1)}, "coach"),
            ({"birth_date": None, "cycle": "pregnant"}, "midwife"),
        ):
            diary.set_profile(**profile)
            with pytest.raises(WrongRequest, match=why):
                diary.make_plan("2026-06-28", 10_000.0)
