"""A watch left running, a walk logged as a run, a jump of the satellite: flagged, kept, and not believed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import freshlegs as fl
from freshlegs import vocabulary as v
from freshlegs.metrics import quality_flags
from freshlegs.metrics.facts import run_facts
from freshlegs.metrics.loads import complete
from freshlegs.metrics.quality import SAID

START = datetime(2026, 5, 4, 6, tzinfo=UTC)


def run(**told: Any) -> pl.DataFrame:
    """An easy hour of 10 km on level ground, but for what is told."""
    usual = {"start_utc": START, "utc_offset_s": 0.0, "sport": "running", "distance_m": 10_000.0, "moving_s": 3600.0}
    return pl.DataFrame([usual | told])


def flagged(frame: pl.DataFrame) -> list[str]:
    return complete(frame).get_column("flags").to_list()[0] or []


@pytest.mark.parametrize(
    ("told", "flags"),
    [
        ({}, []),
        ({"distance_m": 1300.0, "moving_s": 21_600.0}, ["watch_left_running"]),
        ({"distance_m": 1300.0, "moving_s": 3000.0}, ["walk_logged_as_run"]),
        ({"distance_m": 4500.0}, ["walk_logged_as_run"]),
        ({"distance_m": 4500.0, "sport": "walking"}, []),
        ({"distance_m": 4500.0, "sport": "trail_running"}, []),
        ({"distance_m": 4500.0, "climb_m": 400.0}, []),
        ({"distance_m": 4500.0, "race": True}, []),
        ({"distance_m": 120_000.0, "moving_s": 86_000.0}, []),
        ({"distance_m": 30_000.0}, ["impossible_speed"]),
        ({"distance_m": 30_000.0, "sport": "cycling"}, []),
        ({"elapsed_s": 27 * 86_400.0}, ["too_long"]),
        ({"moving_s": 99_997.0, "elapsed_s": 30_877.0, "sport": "cycling"}, ["times_disagree"]),
        ({"distance_m": 0.0, "sport": "treadmill_running"}, []),
        ({"distance_m": None, "moving_s": None}, []),
    ],
)
def test_what_a_summary_shows(told: dict[str, Any], flags: list[str]) -> None:
    assert flagged(run(**told)) == flags


def records(**columns: Any) -> pl.DataFrame:
    seconds = np.arange(600.0)
    usual = {
        "time_utc": [START + timedelta(seconds=float(at)) for at in seconds],
        "distance_m": 3.0 * seconds,
        "lat_deg": 59.9 + 3.0 * seconds / 111_195.0,
        "lon_deg": np.full(600, 10.7),
    }
    return pl.DataFrame(usual | columns).cast({"time_utc": pl.Datetime("us", "UTC")})


def shifted(values: Any, by: Any, from_: int, to: int) -> Any:
    out = list(values)
    out[from_:to] = [value + by for value in out[from_:to]]
    return out


TIMES = records().get_column("time_utc").to_list()
LAP = {"start_utc": START, "elapsed_s": 300.0, "distance_m": 900.0}


@pytest.mark.parametrize(
    ("columns", "flags"),
    [
        ({}, []),
        ({"lat_deg": shifted(59.9 + np.arange(600) * 2.7e-5, 0.05, 200, 210)}, ["gps_jump"]),
        ({"distance_m": shifted(3.0 * np.arange(600), 900.0, 300, 600)}, ["impossible_speed"]),
        ({"time_utc": shifted(TIMES, timedelta(days=-14_000), 0, 600)}, ["clock_not_set"]),
        ({"time_utc": shifted(TIMES, timedelta(minutes=-5), 300, 600)}, ["time_disorder"]),
    ],
)
def test_what_samples_show(columns: dict[str, Any], flags: list[str]) -> None:
    assert quality_flags(records(**columns)) == flags


def test_laps_that_stand_there_twice_are_flagged() -> None:
    assert quality_flags(records(), pl.DataFrame([LAP, LAP])) == ["laps_twice"]
    assert quality_flags(records(), pl.DataFrame([LAP, LAP | {"distance_m": 901.0}])) == []


def test_every_flag_is_said_in_words() -> None:
    assert tuple(SAID) == v.RUN_FLAGS


def test_a_watch_left_running_counts_as_a_stroll_of_its_distance() -> None:
    left = {"distance_m": 1400.0, "moving_s": 21_600.0, "hr_mean_bpm": 75.0, "rpe": 2.0}
    row = complete(run(**left)).to_dicts()[0]
    assert row["moving_s"] == 21_600.0
    assert row["believed_s"] == pytest.approx(2000.0)
    honest = complete(run(**left | {"moving_s": 2000.0})).to_dicts()[0]
    assert row["load_lu"] == pytest.approx(honest["load_lu"])
    day = fl.daily(run(**left), None, None).to_dicts()[0]
    assert day["moving_s"] == pytest.approx(2000.0)


def test_its_seconds_of_standing_are_no_easy_minutes() -> None:
    seconds = np.arange(21_600.0)
    sampled = pl.DataFrame(
        {"elapsed_s": seconds, "distance_m": np.minimum(seconds, 1300.0), "hr_bpm": np.full(21_600, 80.0)}
    )
    frame = run(distance_m=1300.0, moving_s=21_600.0).with_columns(pl.lit("a").alias("id"))
    row = complete(frame, {"a": run_facts(sampled)}, {"hr_max_bpm": 190.0, "hr_rest_bpm": 50.0}).to_dicts()[0]
    assert (row["z1_s"], row["z2_s"], row["z3_s"]) == (None, None, None)
    assert row["load_lu"] < 30


def test_an_impossible_distance_is_nobodys_longest_run_and_a_walk_is_no_run() -> None:
    frame = pl.concat(
        [
            run(),
            run(start_utc=START + timedelta(days=1), distance_m=400_000.0),
            run(start_utc=START + timedelta(days=2), distance_m=4500.0),
        ]
    )
    days = fl.daily(frame, None, None)
    assert days.get_column("longest_run_m").to_list() == [10_000.0, None, None]
    assert (days.get_column("load_lu") > 0).all()


def test_a_jump_is_left_out_of_the_distance_that_counts() -> None:
    leap = records(distance_m=shifted(3.0 * np.arange(600), 20_000.0, 300, 600))
    frame = run(distance_m=21_797.0, moving_s=599.0).with_columns(
        pl.lit("a").alias("id"), pl.Series("flags", [["gps_jump"]])
    )
    row = complete(frame, {"a": run_facts(leap)}).to_dicts()[0]
    assert row["distance_m"] == 21_797.0
    assert row["believed_m"] == pytest.approx(1797.0, rel=0.05)


def test_a_diary_keeps_flags_beside_the_run_and_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "runs.csv").write_text("start_utc,sport,distance_m,moving_s\n2026-05-04T06:00:00Z,running,1300,21600\n")
    with fl.Diary.open(tmp_path / "home") as diary:
        diary.import_files(tmp_path / "runs.csv")
        (row,) = diary.runs().to_dicts()
        assert (row["flags"], row["moving_s"]) == (["watch_left_running"], 21_600.0)
        diary.edit_run(row["id"], moving_s=500.0)
        assert diary.runs()["flags"].to_list() == [None]


def test_the_file_that_claims_27_hours(corpus: Path) -> None:
    activity = fl.read_activity(corpus / "fit" / "muktihari" / "big_activity.fit")
    assert flagged(pl.DataFrame([dict(activity.summary)]).drop("rpe")) == ["times_disagree"]
