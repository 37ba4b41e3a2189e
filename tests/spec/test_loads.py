"""Loads, zones and anchors of sessions: each way of the fallback order, and what was known on the day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from freshlegs import metrics as m
from freshlegs import tables
from freshlegs.metrics import anchors, facts
from freshlegs.metrics.facts import RunFacts, run_facts
from freshlegs.metrics.loads import complete

PROFILE = {
    "formula_sex": "male",
    "hr_max_bpm": 190.0,
    "hr_rest_bpm": 50.0,
    "hr_threshold_bpm": 170.0,
    "threshold_mps": 1000 / 270,
}
START = datetime(2026, 1, 5, 7, tzinfo=UTC)


def frame(*rows: Mapping[str, Any]) -> pl.DataFrame:
    days = [{"start_utc": START + timedelta(days=index), "sport": "running", **row} for index, row in enumerate(rows)]
    return pl.DataFrame(days, infer_schema_length=None).cast({"start_utc": tables.INSTANT})


def only(*rows: Mapping[str, Any], profile: Any = PROFILE, **more: Any) -> dict[str, Any]:
    return complete(frame(*rows), profile=profile, **more).row(-1, named=True)


def samples(seconds: int = 3600, hr: Any = 150.0, speed: float = 3.0, **more: Any) -> pl.DataFrame:
    time = np.arange(seconds)
    stamps = np.datetime64("2026-01-05T07:00", "us") + time.astype("timedelta64[s]")
    columns = {"time_utc": stamps, "distance_m": speed * time, "hr_bpm": hr * np.ones(seconds), **more}
    return pl.DataFrame(columns).with_columns(pl.col("time_utc").dt.replace_time_zone("UTC"))


# --- the fallback order -------------------------------------------------------------------------------------------


def test_an_hour_of_heart_rate_samples_against_an_hour_at_threshold() -> None:
    found = run_facts(samples(hr=150.0))
    row = only({"id": "a"}, facts={"a": found})
    assert row["load_lu"] == pytest.approx(63.3429, rel=1e-3)
    assert (row["load_method"], row["load_quality"]) == ("hr_samples", 0.95)
    assert row["load_lu"] == only({"id": "a"}, facts={"a": found.to_bytes()})["load_lu"]


def test_samples_see_intervals_that_the_mean_hides() -> None:
    beats = np.where(np.arange(1200) < 600, 120.0, 175.0)
    beats[590:610] = np.linspace(120, 175, 20)
    sampled = only({"id": "a"}, facts={"a": run_facts(samples(1200, beats))})
    mean = only({"hr_mean_bpm": float(beats.mean()), "moving_s": 1200.0})
    assert sampled["load_lu"] / mean["load_lu"] == pytest.approx(1.18, abs=0.01)


@pytest.mark.parametrize(
    ("row", "method", "load", "quality"),
    [
        ({"hr_mean_bpm": 150.0, "moving_s": 3600.0}, "hr_mean", 63.3429, 0.75),
        ({"rpe": 7.0, "moving_s": 3600.0}, "rpe", 100.0, 0.75),
        ({"distance_m": 6000.0, "moving_s": 1800.0}, "pace", 40.5, 0.70),
        ({"z1_s": 2400.0, "z2_s": 600.0, "z3_s": 0.0}, "zones", 40.0, 0.65),
        ({"moving_s": 3600.0}, "duration", 50.0, 0.40),
        ({"sport": "strength", "moving_s": 3600.0}, "duration", 30.0, 0.40),
        ({}, "session", 37.5, 0.20),
        ({"load_lu": 12.0, "hr_mean_bpm": 150.0, "moving_s": 3600.0}, "given", 12.0, 0.75),
    ],
)
def test_each_way(row: Mapping[str, Any], method: str, load: float, quality: float) -> None:
    found = only(row)
    assert found["load_method"] == method
    assert found["load_lu"] == pytest.approx(load, rel=1e-5)
    assert found["load_quality"] == pytest.approx(quality)


def test_climbing_costs() -> None:
    flat = only({"distance_m": 8000.0, "moving_s": 3000.0})
    hilly = only({"distance_m": 8000.0, "moving_s": 3000.0, "climb_m": 400.0})
    assert hilly["load_lu"] > 1.3 * flat["load_lu"]


def test_internal_load_goes_before_external_and_both_are_kept() -> None:
    row = only({"rpe": 5.0, "distance_m": 10_000.0, "moving_s": 3600.0})
    assert row["load_method"] == "rpe"
    assert (row["internal_lu"], row["external_lu"]) == (pytest.approx(71.4286), pytest.approx(56.25))


def test_assumed_anchors_lower_the_quality() -> None:
    assert only({"hr_mean_bpm": 150.0, "moving_s": 3600.0}, profile=None)["load_quality"] == pytest.approx(0.525)
    assert only({"distance_m": 8000.0, "moving_s": 3000.0}, profile=None)["load_quality"] == pytest.approx(0.49)


def test_effort_is_brought_to_the_runners_own_scale() -> None:
    both = [{"rpe": 4.0, "hr_mean_bpm": 150.0, "moving_s": 3600.0}] * 12
    alone = {"rpe": 4.0, "moving_s": 3600.0}
    own = 63.3429 / 240
    expected = (12 * own + 8 * 100 / 420) / 20 * 240
    assert only(*both, alone)["load_lu"] == pytest.approx(expected, rel=1e-4)
    assert only(*both[:7], alone)["load_lu"] == pytest.approx(240 * 100 / 420)


def test_a_watch_left_running_is_not_six_hours_of_running() -> None:
    row = only({"distance_m": 1300.0, "moving_s": 6 * 3600.0, "rpe": 3.0})
    assert row["load_lu"] < 30


def test_order_other_columns_and_rows_without_a_start_are_kept() -> None:
    rows = frame({"rpe": 1.0, "moving_s": 600.0}, {"rpe": 2.0, "moving_s": 600.0}, {"rpe": 3.0, "moving_s": 600.0})
    rows = rows.with_columns(shoe=pl.Series(["a", "b", "c"])).reverse()
    rows = rows.with_columns(start_utc=pl.when(pl.col("shoe") == "b").then(None).otherwise("start_utc"))
    done = complete(rows)
    assert done.get_column("shoe").to_list() == ["c", "b", "a"]
    assert done.get_column("load_lu").is_null().to_list() == [False, True, False]


def test_nothing_in_nothing_out() -> None:
    assert complete(tables.RUNS.frame()).height == 0


# --- zones and hard sessions --------------------------------------------------------------------------------------


def test_zones_by_heart_rate() -> None:
    beats = np.repeat([140.0, 160.0, 175.0], [1200, 600, 300])
    row = only({"id": "a"}, facts={"a": run_facts(samples(2100, beats))})
    assert [row[name] for name in ("z1_s", "z2_s", "z3_s")] == pytest.approx([1200, 600, 300], abs=3)


def test_zones_by_speed_where_there_is_no_heart_rate() -> None:
    seconds = np.arange(3600)
    metres = np.cumsum(np.where(seconds < 2400, 2.7, 4.0))
    records = samples().drop("hr_bpm").with_columns(distance_m=metres)
    row = only({"id": "a"}, facts={"a": run_facts(records)})
    assert row["load_method"] == "speed_samples"
    assert [row[name] for name in ("z1_s", "z2_s", "z3_s")] == pytest.approx([2400, 0, 1200], abs=40)


def test_a_mean_heart_rate_says_nothing_of_zones() -> None:
    assert only({"hr_mean_bpm": 150.0, "moving_s": 3600.0})["z1_s"] is None


def test_hard_on_purpose() -> None:
    assert only({"race": True})["quality_session"] is True
    assert only({"rpe": 7.0})["quality_session"] is True
    assert only({"rpe": 4.0})["quality_session"] is False
    assert only({"moving_s": 3600.0})["quality_session"] is None
    assert only({"z1_s": 2000.0, "z2_s": 0.0, "z3_s": 500.0})["quality_session"] is True
    assert only({"rpe": 8.0, "quality_session": False})["quality_session"] is False


# --- anchors ------------------------------------------------------------------------------------------------------


def year(count: int, **each: Any) -> list[dict[str, Any]]:
    return [{"distance_m": 8000.0, "moving_s": 2880.0, "hr_mean_bpm": 140.0, "hr_max_bpm": 155.0, **each}] * count


BORN = {"birth_date": date(1986, 1, 1)}  # 40 years in 2026: 208 − 0.7 · 40 = 180


def test_what_the_runner_says_is_measured() -> None:
    found = anchors.estimate(frame(*year(5)), None, PROFILE)
    assert [(name, anchor.value) for name, anchor in found.items() if anchor.basis == "measured"] == [
        ("hr_max_bpm", 190),
        ("hr_rest_bpm", 50),
        ("hr_threshold_bpm", 170),
        ("threshold_mps", pytest.approx(3.7037, abs=1e-4)),
    ]


def test_nothing_known_is_assumed_and_said_to_be() -> None:
    found = [anchor for _, anchor in anchors.estimate().items()]
    assert {anchor.basis for anchor in found} == {"assumed"}
    assert all(anchor.how.endswith(".") for anchor in found)


def test_easy_runs_never_lower_hr_max_below_the_formula() -> None:
    found = anchors.estimate(frame(*year(60)), None, BORN).hr_max_bpm
    assert (found.value, found.basis) == (pytest.approx(180, abs=0.2), "assumed")


def test_a_peak_above_the_formula_raises_hr_max_at_once() -> None:
    found = anchors.estimate(frame(*year(3), *year(1, hr_max_bpm=188.0)), None, BORN).hr_max_bpm
    assert (found.value, found.basis) == (188, "estimated")


def test_an_artefact_does_not() -> None:
    found = anchors.estimate(frame(*year(3), *year(1, hr_max_bpm=215.0)), None, BORN).hr_max_bpm
    assert found.basis == "assumed"


def test_a_race_lowers_hr_max_only_after_28_days() -> None:
    race = year(1, race=True, hr_max_bpm=172.0, hr_mean_bpm=165.0)
    assert anchors.estimate(frame(*year(3), *race, *year(20)), None, BORN).hr_max_bpm.basis == "assumed"
    later = anchors.estimate(frame(*year(3), *race, *year(30)), None, BORN).hr_max_bpm
    assert (later.value, later.basis) == (172, "estimated")


def test_resting_rate_is_the_median_of_a_week_of_nights() -> None:
    nights = pl.DataFrame({"date": [date(2026, 1, 1) + timedelta(days=i) for i in range(10)]})
    nights = nights.with_columns(hr_rest_bpm=pl.Series([60.0] * 3 + [48, 47, 49, 48, 60, 48, 48]))
    found = anchors.estimate(frame(*year(3)), None, None, nights).hr_rest_bpm
    assert (found.value, found.basis) == (48, "estimated")


def test_threshold_from_a_race() -> None:
    race = {"distance_m": 10_000.0, "moving_s": 2400.0, "race": True, "hr_mean_bpm": 168.0, "hr_max_bpm": 178.0}
    found = anchors.estimate(frame(*year(3), race), None, BORN)
    hour = found.threshold_mps
    assert hour.basis == "estimated"
    assert m.race_equivalent_vo2(hour.value * 3600, 3600) == pytest.approx(51.944, abs=0.01)
    assert (found.hr_threshold_bpm.value, found.hr_threshold_bpm.basis) == (168, "estimated")


def test_critical_speed_from_the_best_stretches_of_hard_runs() -> None:
    def effort(duration: int, speed: float) -> RunFacts:
        return run_facts(samples(duration + 60, 178.0, speed))

    held = {str(t): effort(t, 4.2 + 200 / t) for t in (180, 420, 720)}
    rows = frame(*({"id": key, "race": True} for key in held))
    found = anchors.estimate(rows, held, {"hr_max_bpm": 190.0}).critical_mps
    assert found.basis == "estimated"
    assert found.value == pytest.approx(4.2, abs=0.1)


def test_no_look_ahead() -> None:
    rng = np.random.default_rng(1)
    rows = [
        {
            "distance_m": float(rng.uniform(5000, 15_000)),
            "moving_s": float(rng.uniform(2400, 4000)),
            "hr_mean_bpm": float(rng.uniform(130, 170)) if rng.random() < 0.7 else None,
            "hr_max_bpm": float(rng.uniform(150, 190)),
            "rpe": float(rng.integers(2, 10)),
            "race": bool(rng.random() < 0.1),
        }
        for _ in range(120)
    ]
    whole = complete(frame(*rows), profile=BORN)
    for count in (1, 13, 40, 90):
        assert complete(frame(*rows[:count]), profile=BORN).equals(whole.head(count))


# --- facts of a run -----------------------------------------------------------------------------------------------


def test_facts_come_back_from_their_bytes() -> None:
    found = run_facts(samples(altitude_m=100 + 20 * np.sin(np.arange(3600) / 200)))
    assert facts.RunFacts.from_bytes(found.to_bytes()) == found
    assert len(found.to_bytes()) < 1000
    with pytest.raises(ValueError, match="derive them again"):
        facts.RunFacts.from_bytes(b"\x09\x00" + found.to_bytes()[2:])


def test_an_even_run() -> None:
    found = run_facts(samples(3601, 150.0, 3.0))
    assert found.moving_s == found.recorded_s == 3600
    assert found.distance_m == pytest.approx(10_800)
    assert found.graded_speed_mps == pytest.approx(3.0)
    assert found.best_m == pytest.approx(3.0 * np.array(facts.BEST_DURATIONS_S))
    assert (found.hr_peak_bpm, found.hr_mean_bpm, found.hr_dropped) == (150, 150, 0)
    assert found.decoupling_pct == pytest.approx(0, abs=1e-9)


def test_drift_of_heart_rate_on_a_steady_run() -> None:
    beats = np.where(np.arange(4200) < 2400, 140.0, 147.0)
    assert run_facts(samples(4201 - 1, beats)).decoupling_pct == pytest.approx(100 * (1 - 140 / 147), abs=0.1)


def test_smart_recording_gives_nearly_the_same_facts() -> None:
    full = run_facts(samples(hr=150 + 10 * np.sin(np.arange(3600) / 300), speed=3.2))
    rare = run_facts(samples(hr=150 + 10 * np.sin(np.arange(3600) / 300), speed=3.2).gather_every(6))
    for name in ("moving_s", "distance_m", "graded_speed_mps", "hr_mean_bpm", "hr_peak_bpm"):
        assert getattr(rare, name) == pytest.approx(getattr(full, name), rel=0.003)
    assert rare.best_m[:5] == pytest.approx(full.best_m[:5], rel=1e-6)


def test_a_pause_is_no_running() -> None:
    whole = samples(3600)
    later = pl.duration(hours=(pl.int_range(pl.len()) >= 1800).cast(pl.Int64))
    paused = whole.with_columns(time_utc=pl.col("time_utc") + later)
    found = run_facts(paused)
    assert found.recorded_s == pytest.approx(3599, abs=2)
    assert found.moving_s == pytest.approx(3598, abs=3)
    assert found.best_m[-1] < 3.0 * 3600  # an hour of the clock holds the pause
    assert int(found.hr_seconds.sum()) == pytest.approx(3600, abs=2)


def test_standing_for_more_than_ten_seconds_is_no_moving() -> None:
    speed = np.full(3600, 3.0)
    speed[1000:1100] = 0
    speed[2000:2006] = 0
    found = run_facts(samples().with_columns(distance_m=np.cumsum(speed)))
    assert found.moving_s == pytest.approx(3500, abs=5)
    assert found.graded_speed_mps == pytest.approx(3.0, abs=0.02)


def test_uphill_counts_for_more() -> None:
    climb = 100 + 0.1 * 3.0 * np.arange(3600)
    found = run_facts(samples(altitude_m=climb))
    assert found.graded_speed_mps == pytest.approx(3.0 * 1.657837, rel=1e-3)
    noisy = 100 + np.random.default_rng(0).normal(0, 1.5, 3600)
    assert run_facts(samples(altitude_m=noisy)).graded_speed_mps == pytest.approx(3.0, rel=0.02)


def test_impossible_heart_rates_are_set_aside() -> None:
    beats = np.full(3600, 150.0)
    beats[100:150] = 240
    beats[500] = 215
    found = run_facts(samples(hr=beats))
    assert found.hr_peak_bpm == 150
    assert 0 < found.hr_dropped < 0.02
    beats[:600] = 20
    broken = run_facts(samples(hr=beats))
    assert broken.flags & facts.NO_HR
    assert np.isnan(broken.hr_mean_bpm)


def test_a_sensor_that_counts_steps_is_not_believed() -> None:
    locked = run_facts(samples(hr=172.0, cadence_spm=np.full(3600, 172.0)))
    assert locked.flags & facts.CADENCE_LOCK
    assert locked.flags & facts.NO_HR
    assert not run_facts(samples(hr=150.0, cadence_spm=np.full(3600, 172.0))).flags & facts.NO_HR


def test_doubled_and_backward_stamps() -> None:
    whole = samples(600)
    twisted = pl.concat([whole[:300], whole[290:300], whole[300:]])
    found = run_facts(twisted)
    assert found.flags & facts.TIME_DISORDER
    assert found.distance_m == pytest.approx(run_facts(whole).distance_m)


def test_an_instant_written_as_two_rows_is_one_sample() -> None:
    whole = samples(600)
    halves = [whole.select("time_utc", "distance_m"), whole.select("time_utc", "hr_bpm")]
    split = pl.concat(halves, how="diagonal").sort("time_utc", maintain_order=True)
    assert run_facts(split).best_m[0] == run_facts(whole).best_m[0]
    assert run_facts(split).hr_mean_bpm == 150


@pytest.mark.parametrize(
    "records",
    [
        pl.DataFrame(),
        tables.RECORDS.frame(),
        samples(1),
        samples(2),
        samples(40).select("time_utc"),
        samples(40).with_columns(hr_bpm=pl.lit(None, dtype=pl.Float64)),
        samples(40).with_columns(time_utc=pl.lit(None, dtype=tables.INSTANT)),
        samples(40).with_columns(distance_m=pl.lit(float("nan"))),
        samples(400).with_columns(time_utc=pl.lit(START).cast(tables.INSTANT)),
    ],
)
def test_poor_samples_give_poor_facts_and_no_error(records: pl.DataFrame) -> None:
    found = run_facts(records, {"sport": "running"})
    assert RunFacts.from_bytes(found.to_bytes()) == found


def test_a_treadmill_needs_neither_positions_nor_altitude() -> None:
    found = run_facts(samples().rename({"distance_m": "speed_mps"}).with_columns(speed_mps=pl.lit(2.8)))
    assert found.graded_speed_mps == pytest.approx(2.8)
    assert found.flags & facts.NO_ALTITUDE


def test_positions_alone_give_speed() -> None:
    north = 60 + np.arange(1200) * 3.0 / 111_195
    found = run_facts(samples(1200).drop("distance_m").with_columns(lat_deg=north, lon_deg=pl.lit(10.0)))
    assert found.graded_speed_mps == pytest.approx(3.0, rel=1e-3)


def test_cycling_speed_is_no_running_speed() -> None:
    found = run_facts(samples(speed=9.0), {"sport": "cycling"})
    assert np.isnan(found.graded_speed_mps)
    assert found.hr_mean_bpm == 150


def test_a_grey_easy_run_is_not_hard_on_purpose() -> None:
    grey = {"z1_s": 600.0, "z2_s": 2400.0, "z3_s": 0.0}
    assert only(grey)["quality_session"] is False
    assert only({**grey, "rpe": 4.0})["quality_session"] is False
    assert only({**grey, "rpe": 6.0})["quality_session"] is True
    assert only({**grey, "z3_s": 300.0})["quality_session"] is True


def test_threshold_heart_rate_is_the_one_at_threshold_speed() -> None:
    """Made runs whose heart rate is 60 + 28 a metre a second, and a race that shows the threshold speed."""
    rng = np.random.default_rng(2)
    speeds = rng.uniform(2.7, 3.4, 30)
    usual = [
        {"distance_m": v * 3000, "moving_s": 3000.0, "hr_mean_bpm": 60 + 28 * v + rng.normal(0, 1.5)} for v in speeds
    ]
    race = {"distance_m": 5000.0, "moving_s": 1250.0, "race": True, "hr_max_bpm": 182.0}
    found = anchors.estimate(frame(race, *usual), None, {"hr_max_bpm": 190.0})
    assert found.hr_threshold_bpm.basis == "estimated"
    assert found.hr_threshold_bpm.value == pytest.approx(60 + 28 * found.threshold_mps.value, abs=4)
