"""Days: what is known in the morning, from runs, nights and check-ins. Each test shows the diary it speaks of."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import freshlegs as fl
from freshlegs import tables
from freshlegs.metrics.loads import complete
from freshlegs.problems import WrongRequest
from freshlegs.synthetic import made_panel


def may(day: int, hour: float = 0) -> datetime:
    return datetime(2026, 5, 1, tzinfo=UTC) + timedelta(days=day - 1, hours=hour)


def run(day: int, hour: float = 17, **more: Any) -> dict[str, Any]:
    return {"start_utc": may(day, hour), "sport": "running", "distance_m": 10_000.0, "moving_s": 3600.0, **more}


def runs(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), infer_schema_length=None).cast({"start_utc": tables.INSTANT})


def checkins(*days: int, **more: Any) -> pl.DataFrame:
    return pl.DataFrame({"date": [date(2026, 5, day) for day in days], "energy": [6.0] * len(days), **more})


def at(days: pl.DataFrame, day: int, athlete: str = "me") -> dict[str, Any]:
    found = days.filter((pl.col("date") == date(2026, 5, 1) + timedelta(days=day - 1)) & (pl.col("athlete") == athlete))
    assert found.height == 1, f"{found.height} rows on May {day}"
    return found.row(0, named=True)


def dates(days: pl.DataFrame) -> list[int]:
    return [(day - date(2026, 4, 30)).days for day in days.get_column("date").to_list()]


# --- what the row of a day holds ----------------------------------------------------------------------------------


def test_a_row_holds_this_mornings_answers_and_yesterdays_run() -> None:
    days = fl.daily(runs(run(3, rpe=7.0, load_lu=80.0)), None, checkins(3, 4, energy=[5.0, 4.0]))
    assert at(days, 3)["energy"] == 5
    assert at(days, 3)["load_lu"] is None  # nothing is known of May 2
    assert (at(days, 4)["energy"], at(days, 4)["load_lu"], at(days, 4)["rpe"]) == (4, 80, 7)


def test_todays_run_changes_nothing_this_morning() -> None:
    answers = checkins(*range(1, 11))
    before = fl.daily(runs(run(2), run(8)), None, answers, until=date(2026, 5, 10))
    after = fl.daily(runs(run(2), run(8), run(10, 6)), None, answers, until=date(2026, 5, 10))
    assert before.equals(after)


def test_columns_and_types_are_the_declared_ones() -> None:
    for days in (fl.daily(None, None, None), fl.daily(runs(run(1)), None, checkins(1))):
        assert dict(days.schema) == tables.DAYS.schema


def test_a_run_belongs_to_the_local_day_on_which_it_started() -> None:
    late = run(3, 23.5, utc_offset_s=7200.0, load_lu=50.0)  # half past one on May 4 in Oslo
    assert at(fl.daily(runs(late), None, None), 5)["load_lu"] == 50
    no_offset = run(3, 23.5, load_lu=50.0)
    assert dates(fl.daily(runs(no_offset), None, None)) == [4]
    assert dates(fl.daily(runs(no_offset), None, None, {"home_time_zone": "Europe/Oslo"})) == [5]
    profiles = pl.DataFrame({"athlete": ["me", "you"], "home_time_zone": ["Europe/Oslo", "UTC"]})
    assert dates(fl.daily(runs(no_offset), None, None, profiles)) == [5]


# --- rested, run, unknown -----------------------------------------------------------------------------------------


def test_rested_is_zero_and_unknown_is_null() -> None:
    days = fl.daily(runs(run(1, load_lu=60.0), run(4, load_lu=60.0), run(20, load_lu=60.0)), None, checkins(10))
    load = {day: at(days, day)["load_lu"] for day in dates(days)}
    assert load == {2: 60, 3: 0, 4: 0, 5: 60, 10: None, 11: 0, 21: 60}


def test_fourteen_days_between_runs_were_rested_fifteen_are_unknown() -> None:
    near = fl.daily(runs(run(1, load_lu=60.0), run(15, load_lu=60.0)), None, None)
    assert dates(near) == list(range(2, 17))
    far = fl.daily(runs(run(1, load_lu=60.0), run(16, load_lu=60.0)), None, None)
    assert dates(far) == [2, 17]


def test_a_night_makes_a_day_known() -> None:
    nights = pl.DataFrame({"date": [date(2026, 5, 5), date(2026, 5, 6)], "sleep_s": [28_000.0, 27_000.0]})
    days = fl.daily(runs(run(1, load_lu=60.0)), nights, None)
    assert {day: at(days, day)["load_lu"] for day in dates(days)} == {2: 60, 5: None, 6: 0}
    assert at(days, 5)["sleep_s"] == 28_000


def test_until_cuts_what_comes_later_and_gives_that_day_a_row() -> None:
    days = fl.daily(runs(run(1, load_lu=60.0), run(5, load_lu=60.0)), None, checkins(1, 7), until=date(2026, 5, 4))
    assert dates(days) == [1, 2, 4]
    assert at(days, 4)["load_lu"] is None


# --- several sessions of a day ------------------------------------------------------------------------------------


def test_sessions_of_a_day_are_joined() -> None:
    days = fl.daily(
        runs(
            run(1, 6, load_lu=40.0, rpe=3.0, z1_s=1800.0, z2_s=0.0, z3_s=0.0, legs=7.0, hit_pace="yes"),
            run(1, 18, load_lu=90.0, rpe=8.0, z1_s=600.0, z2_s=0.0, z3_s=900.0, legs=3.0, hit_pace="no"),
            run(1, 12, load_lu=30.0, sport="cycling", distance_m=40_000.0, harder_than_it_should=True),
        ),
        None,
        None,
    )
    day = at(days, 2)
    assert day["load_lu"] == 160
    assert (day["z1_s"], day["z3_s"]) == (2400, 900)
    assert (day["distance_m"], day["longest_run_m"]) == (20_000, 10_000)  # the bike's metres are no running metres
    assert day["moving_s"] == 3 * 3600
    assert (day["rpe"], day["legs"], day["hit_pace"]) == (8, 3, "no")
    assert day["harder_than_it_should"] is True
    assert day["quality_session"] is True


def test_an_answer_nobody_gave_stays_missing() -> None:
    day = at(fl.daily(runs(run(1, 6), run(1, 18)), None, None), 2)
    assert [day[name] for name in ("rpe", "legs", "hit_pace", "harder_than_it_should", "z1_s")] == [None] * 5


# --- answers ------------------------------------------------------------------------------------------------------


def test_stress_is_the_larger_of_its_parts_where_these_were_answered() -> None:
    answers = checkins(1, 2, 3, stress_work=[3.0, None, 8.0], stress_home=[5.0, 2.0, 9.0], stress=[None, None, 4.0])
    assert fl.daily(None, None, answers).get_column("stress").to_list() == [5, 2, 9]


def test_the_later_answer_of_a_morning_wins_item_by_item() -> None:
    twice = checkins(1, 1, energy=[3.0, 5.0], mood=[4.0, None])
    day = at(fl.daily(None, None, twice), 1)
    assert (day["energy"], day["mood"]) == (5, 4)


def test_values_that_cannot_be_are_missing() -> None:
    day = at(fl.daily(runs(run(1, rpe=15.0, hr_mean_bpm=900.0)), None, checkins(2, energy=[float("nan")])), 2)
    assert day["rpe"] is None
    assert day["energy"] is None
    assert day["load_lu"] > 0  # by its duration and pace


def test_lists_and_words_pass_through() -> None:
    days = fl.daily(None, None, checkins(1, 3, sleep_habits=[["no_alcohol"], None], ill=["none", "fever"]))
    assert at(days, 1)["sleep_habits"] == ["no_alcohol"]
    assert at(days, 3)["ill"] == "fever"


# --- nights -------------------------------------------------------------------------------------------------------


def oslo(*nights: tuple[date, datetime, datetime]) -> pl.DataFrame:
    offset = [7200.0 if (night[2].month, night[2].day) >= (3, 29) else 3600.0 for night in nights]
    return pl.DataFrame(
        {
            "date": [night[0] for night in nights],
            "fell_asleep_utc": [night[1] for night in nights],
            "woke_utc": [night[2] for night in nights],
            "utc_offset_s": offset,
        }
    )


def test_sleep_times_are_minutes_after_local_midnight() -> None:
    day = date(2026, 2, 10)
    nights = oslo((day, datetime(2026, 2, 9, 22, 15, tzinfo=UTC), datetime(2026, 2, 10, 5, 30, tzinfo=UTC)))
    row = fl.daily(None, nights, None).row(0, named=True)
    assert (row["fell_asleep_min"], row["woke_min"]) == (-45, 390)


def test_on_the_night_the_clocks_change_the_runners_own_clock_counts() -> None:
    day = date(2026, 3, 29)  # 23:00 winter time to 07:00 summer time: seven hours
    nights = oslo((day, datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 3, 29, 5, tzinfo=UTC)))
    row = fl.daily(None, nights, None, {"home_time_zone": "Europe/Oslo"}).row(0, named=True)
    assert (row["fell_asleep_min"], row["woke_min"]) == (-60, 420)


def test_away_from_home_the_nights_own_offset_counts() -> None:
    nights = pl.DataFrame(
        {
            "date": [date(2026, 7, 1)],
            "fell_asleep_utc": [datetime(2026, 7, 1, 5, tzinfo=UTC)],
            "woke_utc": [datetime(2026, 7, 1, 13, tzinfo=UTC)],
            "utc_offset_s": [-6 * 3600.0],
        }
    )
    row = fl.daily(None, nights, None, {"home_time_zone": "Europe/Oslo"}).row(0, named=True)
    assert (row["fell_asleep_min"], row["woke_min"]) == (-60, 420)


def watched(first: int, last: int, source: str, **values: float) -> pl.DataFrame:
    days = [date(2026, 1, 1) + timedelta(days=day) for day in range(first, last)]
    return pl.DataFrame(
        {"date": days, "source": [source] * len(days), **{k: [v] * len(days) for k, v in values.items()}}
    )


def test_two_sources_of_the_same_nights_are_never_mixed() -> None:
    nights = pl.concat([watched(0, 30, "ring", hr_night_bpm=48.0), watched(3, 28, "watch", hr_night_bpm=52.0)])
    rates = fl.daily(None, nights, None).get_column("hr_night_bpm").drop_nulls()
    assert set(rates) == {48}
    assert rates.len() == 30


def test_a_tie_between_sources_goes_by_name() -> None:
    nights = pl.concat([watched(0, 20, "watch", rmssd_ms=60.0), watched(0, 20, "ring", rmssd_ms=40.0)])
    assert set(fl.daily(None, nights, None).get_column("rmssd_ms")) == {40}


def test_after_a_change_of_device_each_day_says_whose_heart_rate_it_is_and_sleep_goes_on() -> None:
    nights = pl.concat(
        [
            watched(0, 200, "old", hr_rest_bpm=50.0, sleep_s=27_000.0),
            watched(200, 320, "new", hr_rest_bpm=46.0, sleep_s=25_000.0),
        ]
    )
    days = fl.daily(None, nights, None)
    told = days.select("hr_rest_bpm", "hr_source").drop_nulls().unique().sort("hr_rest_bpm")
    assert told.rows() == [(46.0, "new"), (50.0, "old")]
    assert days.get_column("sleep_s").drop_nulls().len() == 320


def test_each_column_has_its_own_source_and_rmssd_names_it() -> None:
    nights = pl.concat(
        [
            watched(0, 30, "watch", sleep_s=27_000.0).with_columns(hrv_source=pl.lit(None, dtype=pl.String)),
            watched(0, 30, "strap", rmssd_ms=55.0).with_columns(hrv_source=pl.lit("chest strap")),
        ],
        how="diagonal",
    )
    row = fl.daily(None, nights, None).row(5, named=True)
    assert (row["sleep_s"], row["rmssd_ms"], row["hrv_source"]) == (27_000, 55, "chest strap")


# --- load and performance without asking --------------------------------------------------------------------------


def test_runs_without_load_get_one() -> None:
    days = fl.daily(runs(run(1, hr_mean_bpm=150.0), run(2, rpe=5.0), run(3), run(4, distance_m=None)), None, None)
    assert [at(days, day)["load_lu"] > 20 for day in (2, 3, 4, 5)] == [True] * 4


def test_a_race_is_a_measure_of_performance_as_a_difference_of_speeds() -> None:
    days = fl.daily(
        runs(
            run(1, distance_m=5000.0, moving_s=1200.0, race=True),
            run(15, distance_m=5000.0, moving_s=1260.0, race=True),
            run(16, distance_m=8000.0, moving_s=2800.0),
        ),
        None,
        None,
    )
    first, second = at(days, 2), at(days, 16)
    assert first["performance_ln"] == pytest.approx(np.log(5000 / 1200), rel=1e-9)
    assert second["performance_ln"] - first["performance_ln"] == pytest.approx(np.log(1200 / 1260), rel=1e-6)
    assert first["performance_sd"] == 0.010
    assert at(days, 17)["performance_ln"] is None


def test_an_easy_run_says_nothing_of_performance_and_a_hard_one_only_near_the_best() -> None:
    usual = [run(day, 6, distance_m=8000.0, moving_s=2880.0, rpe=3.0) for day in range(1, 12)]
    best = run(12, distance_m=8000.0, moving_s=2160.0, rpe=9.0)
    failed = run(14, distance_m=8000.0, moving_s=2700.0, rpe=9.0)
    days = fl.daily(runs(*usual, best, failed), None, None)
    assert [at(days, day)["performance_ln"] is None for day in (2, 13, 15)] == [True, False, True]
    assert at(days, 13)["performance_sd"] == 0.025


def steady(count: int, hr: float = 145.0) -> list[dict[str, Any]]:
    rng = np.random.default_rng(4)
    return [
        run(1 + 2 * i, distance_m=8000 + 50.0 * (i % 7), hr_mean_bpm=hr + float(rng.normal(0, 2)), rpe=4.0 + i % 2)
        for i in range(count)
    ]


def test_heart_rate_and_effort_above_what_pace_explains() -> None:
    rows = steady(20)
    rows[-1] |= {"hr_mean_bpm": 157.0, "rpe": 8.0}
    days = fl.daily(runs(*rows), None, None)
    last = days.row(-1, named=True)
    assert last["hr_residual_sd"] > 2.5
    assert last["rpe_residual_sd"] > 2.5
    early = days.filter(pl.col("date") <= date(2026, 5, 22)).get_column("hr_residual_sd")
    assert early.null_count() == early.len()  # fewer than twelve sessions before


def test_somebody_who_rates_everything_two_points_higher_has_the_same_residuals() -> None:
    plain = runs(*steady(20))
    higher = plain.with_columns(pl.col("rpe") + 2)
    expected = fl.daily(plain, None, None).get_column("rpe_residual_sd").drop_nulls().to_list()
    assert len(expected) == 8
    assert fl.daily(higher, None, None).get_column("rpe_residual_sd").drop_nulls().to_list() == pytest.approx(expected)


def test_a_days_residual_knows_nothing_of_later_runs() -> None:
    whole = fl.daily(runs(*steady(30)), None, None)
    part = fl.daily(runs(*steady(20)), None, None)
    assert whole.head(part.height).equals(part)


# --- many athletes ------------------------------------------------------------------------------------------------


def test_athletes_do_not_touch_each_other() -> None:
    mine = runs(*steady(20)).with_columns(athlete=pl.lit("ann"))
    yours = runs(*steady(16, hr=160.0)).with_columns(athlete=pl.lit("bob"))
    together = fl.daily(pl.concat([yours, mine]), None, checkins(3, 9, athlete=["ann", "bob"]))
    for athlete, rows, day in (("ann", mine, 3), ("bob", yours, 9)):
        alone = fl.daily(rows, None, checkins(day, athlete=[athlete]))
        assert together.filter(pl.col("athlete") == athlete).equals(alone)


def test_athletes_may_be_numbers_or_categories() -> None:
    rows = pl.concat([runs(*steady(4)).with_columns(athlete=pl.lit(number)) for number in (10, 9)])
    numbered = fl.daily(rows, None, checkins(3, 4, athlete=[9, 10]))
    assert numbered.get_column("athlete").unique(maintain_order=True).to_list() == [9, 10]
    worded = rows.with_columns(pl.col("athlete").cast(pl.String).cast(pl.Categorical))
    assert fl.daily(worded, None, None).height == fl.daily(rows, None, None).height
    with pytest.raises(WrongRequest, match="different types"):
        fl.daily(rows, None, checkins(3, athlete=["ann"]))


def test_completed_runs_give_the_same_days_as_plain_ones() -> None:
    plain = runs(*steady(20))
    assert fl.daily(complete(plain), None, None).equals(fl.daily(plain, None, None))


def test_profiles_of_many() -> None:
    plain = pl.concat([runs(*steady(3)).with_columns(athlete=pl.lit(name)) for name in ("ann", "bob")])
    profiles = pl.DataFrame({"athlete": ["ann"], "hr_max_bpm": [200.0], "hr_rest_bpm": [45.0]})
    days = fl.daily(plain, None, None, profiles)
    loads = days.group_by("athlete", maintain_order=True).agg(pl.col("load_lu").sum()).get_column("load_lu")
    assert loads[0] < 0.9 * loads[1]


# --- what is refused ----------------------------------------------------------------------------------------------


def test_a_frame_without_its_key_is_refused_with_a_sentence() -> None:
    with pytest.raises(WrongRequest, match="runs need a column 'start_utc'"):
        fl.daily(pl.DataFrame({"distance_m": [1.0]}), None, None)
    with pytest.raises(WrongRequest, match="checkins need a column 'date'"):
        fl.daily(None, None, pl.DataFrame({"energy": [1.0]}))
    with pytest.raises(WrongRequest, match="nights cannot be read"):
        fl.daily(None, pl.DataFrame({"date": ["yesterday"]}), None)


def test_text_dates_and_naive_instants_are_taken() -> None:
    frame = pl.DataFrame({"start_utc": [datetime(2026, 5, 1, 7)], "moving_s": [1800], "rpe": [5]})
    days = fl.daily(frame, None, pl.DataFrame({"date": ["2026-05-02"], "energy": [6]}))
    assert dates(days) == [2]
    assert at(days, 2)["load_lu"] == pytest.approx(150 * 100 / 420)


@pytest.mark.parametrize("name", [str, lambda a: int(a[1:]), lambda a: None if a == "a3" else a])
def test_many_rows_are_worked_on_in_two_halves_with_the_same_result(
    name: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = ["a1", "a7"], ["a8"], ["a0", "a1", "a2", "a3", "a4"]  # of whom a table knows nothing
    given = []
    for frame, none in zip(made_panel(9, 70, seed=3), unknown, strict=True):
        mixed = frame.filter(~pl.col("athlete").is_in(none)).sample(fraction=1.0, shuffle=True, seed=1)
        given.append(mixed.with_columns(pl.Series("athlete", [name(a) for a in mixed["athlete"]])))
    whole = fl.daily(*given)
    monkeypatch.setattr(sys.modules["freshlegs.metrics.daily"], "WORTH_TWO", 1)
    assert_frame_equal(fl.daily(*given), whole, abs_tol=2e-6)
