"""What users of other systems ask for again and again, each as a test, through the public door.

The numbers are those of the design's list. What is tested elsewhere is named there: this morning knows nothing of
today's run (3: `test_daily.py`, `test_diary_verdicts.py`), kill -9 and a full disk (8: `test_crash.py`), devices that
mislead (9: `test_loads.py`), clocks that change (10: `test_daily.py`).
"""

from __future__ import annotations

import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

import freshlegs as fl
from freshlegs import fatigue, recovery, tables
from freshlegs.synthetic.stories import SILENCE, Phase, tell

START = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)


def last_document(days: pl.DataFrame) -> tables.Row:
    """The whole document of the last morning, advice and flags included."""
    document = fatigue.document(fatigue.evaluate(days), "me", days["date"][-1])
    return recovery.complete(document, days)


def on_the_last_morning(days: pl.DataFrame, **values: object) -> pl.DataFrame:
    last = pl.col("date") == days["date"].max()
    return days.with_columns(
        pl.when(last).then(pl.lit(value)).otherwise(pl.col(name)).cast(days.schema[name]).alias(name)
        for name, value in values.items()
    )


def track(start: datetime, *, minutes: int = 30, hr: int | None = 140, at_deg: float = 50.0) -> str:
    """A GPX file: a point every five seconds, 2.8 m/s to the north."""
    points = []
    for s in range(0, minutes * 60, 5):
        beat = "" if hr is None else f"<extensions><hr>{hr + s % 7}</hr></extensions>"
        when = start + timedelta(seconds=s)
        points.append(
            f'<trkpt lat="{at_deg + s * 2.5e-5:.6f}" lon="8"><ele>100</ele><time>{when:%Y-%m-%dT%H:%M:%SZ}</time>'
            f"{beat}</trkpt>"
        )
    return f'<gpx version="1.1"><trk><type>running</type><trkseg>{"".join(points)}</trkseg></trk></gpx>'


# --- 1: ill with a good HRV is no green light -------------------------------------------------------------------


@pytest.mark.parametrize("ill", ["below_neck", "fever"])
def test_ill_with_a_good_hrv_is_told_not_to_run(ill: str) -> None:
    well = tell(Phase(70))
    sick = on_the_last_morning(well, ill=ill, rmssd_ms=95.0, energy=8.0, leg_freshness=9.0)
    document = last_document(sick)
    assert "A3" in document["rules"]
    assert "A3" not in last_document(well)["rules"]
    said = " ".join(action["what"] for action in document["actions"]).lower()
    assert "no running" in said or "do not run" in said or "rest" in said


# --- 2: a missing night says unknown, never yesterday's colour -------------------------------------------------


def test_nights_that_stop_make_the_heart_rate_unknown() -> None:
    worn = last_document(tell(Phase(60), Phase(9)))
    bare = last_document(tell(Phase(60), Phase(9, worn=0.0)))
    assert "autonomic" not in {gap["group"] for gap in worn["unknown"]}
    gap = next(gap for gap in bare["unknown"] if gap["group"] == "autonomic")
    assert gap["why"]
    raised = next(sign for sign in bare["signs"] if sign["sign"] == "raised_heart_rate")
    assert raised["strength"] is None


def test_no_sleep_recorded_is_neither_eight_hours_nor_none() -> None:
    days = tell(Phase(60)).with_columns(sleep_s=pl.lit(None, dtype=pl.Float64))
    causes = {cause["cause"]: cause for cause in last_document(days)["causes"]}
    assert "short of your need" not in causes["sleep"]["why"]
    assert "short nights" not in causes["sleep"]["why"]


def test_silence_ends_the_verdict() -> None:
    document = last_document(tell(Phase(60), Phase(14, **SILENCE)))
    assert document["state"] == "insufficient_data"
    assert document["probabilities"] is None


# --- 4: thresholds are the runner's own; one signal alone never decides ------------------------------------------


def test_a_baseline_that_hardly_moves_abstains_and_says_so() -> None:
    days = tell(Phase(70), Phase(7)).with_columns(hr_night_bpm=pl.lit(50.0), hr_rest_bpm=pl.lit(48.0))
    last_week = pl.col("date") > days["date"].max() - timedelta(days=7)
    moved = days.with_columns(
        pl.when(last_week).then(50.4).otherwise(pl.col("hr_night_bpm")).alias("hr_night_bpm"),
        pl.when(last_week).then(48.4).otherwise(pl.col("hr_rest_bpm")).alias("hr_rest_bpm"),
    )
    raised = next(s for s in last_document(moved)["signs"] if s["sign"] == "raised_heart_rate")
    assert raised["why"]
    assert raised["strength"] is None or raised["strength"] <= 0.5


@pytest.mark.parametrize("column", ["energy", "sleep_quality", "mood", "rmssd_ms"])
def test_one_signal_alone_never_decides(column: str) -> None:
    days = tell(Phase(70), Phase(30))
    late = pl.col("date") > days["date"].max() - timedelta(days=30)
    low = 15.0 if column == "rmssd_ms" else 0.0
    one = days.with_columns(pl.when(late).then(low).otherwise(pl.col(column)).alias(column))
    assert set(fl.assess(one)["state"][-30:]) <= {"insufficient_data", "fresh", "cumulative", "watch"}


# --- 7: SDNN is never RMSSD; sources are never mixed ---------------------------------------------------------------


def test_sdnn_never_enters_the_days() -> None:
    nights = pl.DataFrame(
        {
            "athlete": ["me"] * 30,
            "date": [date(2026, 3, 1) + timedelta(days=n) for n in range(30)],
            "source": ["watch"] * 30,
            "sdnn_ms": [60.0 + n % 5 for n in range(30)],
        }
    )
    days = fl.daily(None, nights, None)
    assert "sdnn_ms" not in days.columns
    assert days["rmssd_ms"].null_count() == days.height


# --- 8: one corrupt file, twins ------------------------------------------------------------------------------------


def test_one_corrupt_file_of_many_costs_only_itself(tmp_path: Path) -> None:
    target = tmp_path / "all.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for number in range(40):
            start = START + timedelta(days=number)
            archive.writestr(f"{number}.gpx", track(start, minutes=10 + number % 20, at_deg=40 + number / 10))
        archive.writestr("broken.gpx", track(START - timedelta(days=3))[:900])
        archive.writestr("broken.fit", bytes(range(256)) * 4)
    with fl.Diary.open(tmp_path / "home") as diary:
        report = diary.import_files(target)
        assert report.imported["runs"] == 41  # of the one that breaks off, what is there
        told = {problem.source.rsplit("/", 1)[-1] for problem in report.problems}
        assert told == {"broken.gpx", "broken.fit"}


def test_the_same_round_on_two_days_is_two_runs_and_a_copy_of_it_is_none(tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    for day in range(3):
        (files / f"{day}.gpx").write_text(track(START + timedelta(days=day)))
    (files / "copy.gpx").write_text(track(START + timedelta(days=1)).replace("<ele>100", "<ele>101"))
    (files / "an hour off.gpx").write_text(track(START + timedelta(days=1, hours=1)).replace("<ele>100", "<ele>102"))
    with fl.Diary.open(tmp_path / "home") as diary:
        diary.import_files(files)
        assert diary.runs().height == 3


# --- 9: a run without heart rate still counts ----------------------------------------------------------------------


def test_a_run_without_heart_rate_counts(tmp_path: Path) -> None:
    run = tmp_path / "run.gpx"
    run.write_text(track(START, minutes=40, hr=None))
    with fl.Diary.open(tmp_path / "home") as diary:
        diary.import_files(run)
        assert diary.runs()["load_lu"][0] > 10
        by_pace = diary.runs()["load_quality"][0]
        diary.check_in(START.date(), rpe=4.0)
        after = diary.days().filter(pl.col("date") == START.date() + timedelta(days=1))
        assert after["load_lu"][0] > 10
        assert after["rpe"][0] == 4
        assert 0 < by_pace < 1


def test_a_run_that_has_not_come_yet_is_told_and_counts_on_no_day(tmp_path: Path) -> None:
    (tmp_path / "ahead.gpx").write_text(track(START))
    with fl.Diary.open(tmp_path / "home", now=lambda: START - timedelta(days=30)) as diary:
        report = diary.import_files(tmp_path / "ahead.gpx")
        assert "has not come yet" in report.problems[0].message
        assert diary.days()["distance_m"].null_count() == diary.days().height


# --- 10: a run belongs to the local day on which it started ---------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "start", "day"),
    [
        ("Pacific/Auckland", datetime(2026, 3, 2, 17, tzinfo=UTC), date(2026, 3, 3)),
        ("America/Los_Angeles", datetime(2026, 3, 3, 2, tzinfo=UTC), date(2026, 3, 2)),
        # half an hour before local midnight, on the two nights on which the clock changes
        ("Europe/Berlin", datetime(2026, 3, 28, 22, 30, tzinfo=UTC), date(2026, 3, 28)),
        ("Europe/Berlin", datetime(2026, 10, 25, 22, 30, tzinfo=UTC), date(2026, 10, 25)),
    ],
)
def test_a_run_belongs_to_the_local_day_of_its_start(zone: str, start: datetime, day: date) -> None:
    runs = pl.DataFrame(
        {"athlete": ["me"], "start_utc": [start], "sport": ["running"], "distance_m": [8000.0], "moving_s": [2700.0]}
    )
    days = fl.daily(runs, None, None, {"home_time_zone": zone})
    assert days.filter(pl.col("distance_m") > 0)["date"].to_list() == [day + timedelta(days=1)]


# --- 11: a low HRV on race morning vetoes nothing ------------------------------------------------------------------


def test_a_low_hrv_on_one_morning_changes_neither_state_nor_advice_to_run() -> None:
    usual = tell(Phase(70))
    low = on_the_last_morning(usual, rmssd_ms=20.0)
    plain, shaken = last_document(usual), last_document(low)
    assert shaken["state"] == plain["state"]
    assert shaken["rules"] == plain["rules"]
    assert [action["what"] for action in shaken["actions"]] == [action["what"] for action in plain["actions"]]
