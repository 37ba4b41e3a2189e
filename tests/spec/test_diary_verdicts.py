"""A verdict is made from what was known that morning and is final at midnight."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.clocks import Clock

import freshlegs as fl
from freshlegs import vocabulary as v
from freshlegs.diary.labels import BESIDE
from freshlegs.diary.verdicts import first_day
from freshlegs.store import NewFile, NewSession

DAY = timedelta(days=1)
MONDAY = date(2026, 5, 4)


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 5, 4, 7, 0, tzinfo=UTC))


@pytest.fixture
def diary(tmp_path: Path, clock: Clock) -> Iterator[fl.Diary]:
    with fl.Diary.open(tmp_path / "home", now=clock) as opened:
        yield opened


def run_on(diary: fl.Diary, day: date, hour: int = 17, minutes: float = 50.0, rpe: float | None = None) -> None:
    """A run as if it had been imported just now."""
    start = datetime.combine(day, time(hour), UTC)
    run = {"start_utc": start, "utc_offset_s": 0.0, "sport": "running", "elapsed_s": minutes * 60}
    run |= {"moving_s": minutes * 60, "distance_m": minutes * 170.0, "hr_mean_bpm": 140.0, "rpe": rpe}
    name = f"{start:%Y%m%d%H}"
    data = name.encode()
    file = NewFile(data.hex().zfill(64), name, "MADE", len(data), "read", "1", data, sessions=[NewSession(0, run)])
    diary._store.add_files([file], diary._now())


def answer(diary: fl.Diary, day: date, rng: random.Random, worse: float = 0.0) -> None:
    items = ("energy", "leg_freshness", "soreness", "sleep_quality", "stress", "mood", "relax", "wish_to_run")
    usual = {name: 3.0 if name in v.HIGH_IS_WORSE else 7.0 for name in items}
    moved = {
        name: min(10.0, max(0.0, round(value + rng.gauss(0, 0.8) + (worse if name in v.HIGH_IS_WORSE else -worse), 1)))
        for name, value in usual.items()
    }
    diary.check_in(day, **moved)


def past(diary: fl.Diary, clock: Clock, days: int, until: date = MONDAY) -> None:
    """So many days of answers and runs, all entered at one go on the day ``until``."""
    clock.at(until, 6)
    rng = random.Random(3)
    for n in range(days, 0, -1):
        answer(diary, until - n * DAY, rng)
        if n % 2:
            run_on(diary, until - n * DAY)


def told(document: Any) -> dict[str, Any]:
    """The verdict itself, without what stands beside it when it is read."""
    return {key: value for key, value in document.items() if key not in BESIDE}


def bare(document: Any) -> dict[str, Any]:
    return {key: value for key, value in told(document).items() if key != "data_as_of"}


def test_an_empty_diary_says_what_is_missing(diary: fl.Diary) -> None:
    document = diary.today()
    assert next(iter(document)) == "schema_version"
    assert (document["schema_version"], document.athlete, document.date) == (1, "me", "2026-05-04")
    assert document.state == "insufficient_data"
    assert document.probabilities is None
    assert document.data_as_of is None
    assert [sign["sign"] for sign in document.signs] == list(v.SIGNS)
    assert all(sign["strength"] is None and sign["why"] for sign in document.signs)
    assert document.unknown
    assert diary.history() == []
    json.dumps(document)


def test_the_document_has_all_the_contract_names(diary: fl.Diary, clock: Clock) -> None:
    past(diary, clock, 40)
    document = diary.today()
    named = (
        "schema_version athlete date state headline probabilities since recheck_on what_would_change_it signs groups"
        " causes rules red_flags actions unknown next_question data_as_of"
    )
    assert set(named.split()) <= set(document)
    assert document.state in v.STATES
    assert sum(document.probabilities.values()) == pytest.approx(1)
    assert document.data_as_of == "2026-05-04T06:00:00Z"
    assert document.retrospective is False
    assert json.loads(json.dumps(document)) == document


def test_days_before_the_diary_began_are_retrospective_and_follow_what_is_known_now(
    diary: fl.Diary, clock: Clock
) -> None:
    past(diary, clock, 30)
    history = diary.history()
    assert [document["date"] for document in history] == [(MONDAY - n * DAY).isoformat() for n in range(30, -1, -1)]
    assert [document["retrospective"] for document in history] == [True] * 30 + [False]
    day = MONDAY - 3 * DAY
    before = diary.today(day)
    clock.at(MONDAY + DAY)
    diary.check_in(day, ill="fever")
    after = diary.today(day)
    assert after["retrospective"] is True
    assert after != before
    assert after["data_as_of"] == "2026-05-05T07:00:00Z"


def test_todays_verdict_follows_the_day_and_is_final_at_midnight(diary: fl.Diary, clock: Clock) -> None:
    past(diary, clock, 30)
    morning = diary.today()
    clock.at(MONDAY, 8)
    diary.check_in(MONDAY, energy=1, soreness=9, ill="fever")
    later = diary.today()
    assert bare(later) != bare(morning)
    assert later["data_as_of"] == "2026-05-04T08:00:00Z"

    clock.at(MONDAY + DAY, 0, 1)
    diary.check_in(MONDAY, energy=9, soreness=1, ill="none")  # too late for Monday
    run_on(diary, MONDAY - DAY, hour=5)
    diary.set_profile(hr_max_bpm=150)
    assert told(diary.today(MONDAY)) == told(later)
    assert [told(document) for document in diary.history(MONDAY, MONDAY)] == [told(later)]
    assert diary.checkins()["energy"].to_list()[-1] == 9.0


def test_what_came_after_the_last_look_but_before_midnight_counts(diary: fl.Diary, clock: Clock) -> None:
    past(diary, clock, 30)
    looked = diary.today()
    clock.at(MONDAY, 22)
    diary.check_in(MONDAY, ill="fever", energy=1)
    clock.at(MONDAY + 3 * DAY)
    final = diary.today(MONDAY)
    assert final != looked
    assert final["data_as_of"] == "2026-05-04T22:00:00Z"
    assert final["retrospective"] is False
    diary.check_in(MONDAY, ill="none")
    assert diary.today(MONDAY) == final


def test_this_mornings_verdict_knows_nothing_of_todays_run(diary: fl.Diary, clock: Clock) -> None:
    past(diary, clock, 30)
    before = diary.today()
    run_on(diary, MONDAY, hour=6, minutes=240, rpe=10)
    diary.check_in(MONDAY, legs=0, rpe=10)
    assert bare(diary.today()) == bare(before)
    clock.at(MONDAY + DAY)
    tomorrow = diary.today()
    assert tomorrow["date"] == "2026-05-05"


def lived(diary: fl.Diary, clock: Clock, ask: bool, seed: int) -> list[dict[str, Any]]:
    """Five weeks with late answers, late runs, things taken back; asked every night, or only at the end."""
    rng = random.Random(seed)
    past(diary, clock, 25)
    asked = []
    for n in range(35):
        day = MONDAY + n * DAY
        clock.at(day, 7)
        if rng.random() < 0.8:
            answer(diary, day, rng, worse=n / 8)
        if rng.random() < 0.2:
            clock.at(day, 12)
            answer(diary, day - rng.randrange(1, 9) * DAY, rng, worse=4)
        if rng.random() < 0.5:
            clock.at(day, 20)
            run_on(diary, day, rpe=rng.choice([None, 6.0]))
        if rng.random() < 0.2:
            clock.at(day, 21)
            run_on(diary, day - rng.randrange(1, 6) * DAY, hour=rng.randrange(4, 12))
        if rng.random() < 0.1:
            clock.at(day, 22)
            diary.undo_check_in()
        if n in (9, 20):
            diary.set_profile(hr_max_bpm=180.0 + n)
            diary.edit_run(diary._store.sessions()["id"][-1], rpe=9)
        clock.at(day, 23, 59)
        if ask:
            asked.append(told(diary.today()))
    clock.at(MONDAY + 35 * DAY)
    return asked


@pytest.mark.parametrize("seed", [1, 2])
def test_mornings_nobody_looked_at_get_the_verdict_they_would_have_got(tmp_path: Path, clock: Clock, seed: int) -> None:
    last = MONDAY + 34 * DAY
    with fl.Diary.open(tmp_path / "looked", now=clock) as diary:
        asked = lived(diary, clock, ask=True, seed=seed)
        assert [told(document) for document in diary.history(MONDAY, last)] == asked
    with fl.Diary.open(tmp_path / "not", now=clock) as diary:
        lived(diary, clock, ask=False, seed=seed)
        found = diary.history(MONDAY, last)
        assert [told(document) for document in found] == asked
        diary.check_in(MONDAY, ill="fever")
        assert diary.history(MONDAY, last) == found
    assert len({document["state"] for document in asked}) > 1  # else this test could not fail


def test_midnight_is_the_runners_own(diary: fl.Diary, clock: Clock) -> None:
    past(diary, clock, 20)
    diary.set_profile(home_time_zone="Pacific/Auckland")  # 12 hours ahead
    clock.at(MONDAY, 13)
    assert diary.today()["date"] == "2026-05-05"
    diary.check_in(MONDAY + DAY, energy=5)


def test_a_span_may_reach_beyond_what_is_known(diary: fl.Diary, clock: Clock) -> None:
    past(diary, clock, 10)
    spans = diary.history(MONDAY - 15 * DAY, MONDAY + 5 * DAY)
    assert [document["date"] for document in spans][::15] == ["2026-04-19", "2026-05-04"]
    assert spans[0]["state"] == "insufficient_data"
    assert spans[0]["retrospective"] is True
    assert diary.history(MONDAY + DAY) == []
    with pytest.raises(fl.FreshlegsError, match="future"):
        diary.today(MONDAY + DAY)


def test_a_watch_that_had_lost_the_date_does_not_begin_the_diary(diary: fl.Diary, clock: Clock) -> None:
    past(diary, clock, 20)
    run_on(diary, date(1990, 1, 1))
    run_on(diary, date(2003, 6, 1))
    assert [day.date for day in diary.history()] == [(MONDAY - n * DAY).isoformat() for n in range(20, -1, -1)]
    assert diary.history("1990-01-01", "1990-01-03")[0].date == "1990-01-01"


def test_years_of_running_long_ago_do_begin_it() -> None:
    long_ago = [date(2010, 3, 1) + n * DAY for n in range(8)]
    days = pl.DataFrame({"date": [*long_ago, MONDAY]})
    runs = pl.DataFrame(schema={"start_utc": pl.Datetime("us", "UTC")})
    assert first_day([days], runs) == long_ago[0]
    assert first_day([days[1:]], runs) == MONDAY
    assert first_day([days[:1]], runs) == long_ago[0]


def test_days_are_ready_for_assess(diary: fl.Diary, clock: Clock) -> None:
    past(diary, clock, 30)
    days = diary.days()
    assert days["date"].max() == MONDAY
    verdict = fl.assess(days, {key: row.value for key, row in diary.profile().items()}).row(-1, named=True)
    document = diary.today()
    assert verdict["state"] == document["state"]
