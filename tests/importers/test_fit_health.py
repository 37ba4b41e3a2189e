"""FIT files that are no activity: what Garmin's watches write of nights, and scales and cuffs of mornings."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.importers.fit_bytes import ENUM, UINT8, UINT16, UINT32, Fit

from freshlegs import importers
from freshlegs.diary import Diary
from freshlegs.importers import Context, Reading, Source
from freshlegs.problems import UnreadableFile

MIDNIGHT = 1_146_528_000
"""FIT's clock at 2026-05-01 00:00 UTC (checked below)."""
HOUR = 3600
GARMIN = 1


def test_the_clock_of_these_tests() -> None:
    assert datetime(1989, 12, 31, tzinfo=UTC) + timedelta(seconds=MIDNIGHT) == datetime(2026, 5, 1, tzinfo=UTC)


def file(kind: int, maker: int = GARMIN, local_s: int | None = None) -> Fit:
    fit = Fit().define(0, 0, [(0, 1, ENUM), (1, 2, UINT16), (4, 4, UINT32)]).data(0, kind, maker, MIDNIGHT)
    if local_s is not None:
        fit.define(1, 103, [(253, 4, UINT32), (0, 4, UINT32)]).data(1, MIDNIGHT, MIDNIGHT + local_s)
    return fit


def read(fit: Fit, zone: str | None = "Europe/Oslo") -> Reading:
    return importers.read(Source("a.fit", fit.bytes(), Context(zone)))


def levels(fit: Fit, *pairs: tuple[float, int]) -> Fit:
    fit.define(2, 275, [(253, 4, UINT32), (0, 1, ENUM)])
    for hour, level in pairs:
        fit.data(2, MIDNIGHT + round(hour * HOUR), level)
    return fit


def test_stages_become_one_night_with_the_date_of_waking() -> None:
    """Light from 22, deep from 23, awake from 2, light from 3, REM from 4; the sleep stops at 5 UTC."""
    fit = levels(file(49, local_s=2 * HOUR), (-2, 2), (-1, 3), (2, 1), (3, 2), (4, 4))
    fit.define(3, 21, [(253, 4, UINT32), (0, 1, ENUM), (1, 1, ENUM)])
    fit.data(3, MIDNIGHT - 2 * HOUR, 74, 0).data(3, MIDNIGHT + 5 * HOUR, 74, 1)
    (night,) = read(fit).nights
    assert night == {
        "date": date(2026, 5, 1),
        "source": "garmin",
        "fell_asleep_utc": datetime(2026, 4, 30, 22, tzinfo=UTC),
        "woke_utc": datetime(2026, 5, 1, 5, tzinfo=UTC),
        "utc_offset_s": 7200.0,
        "sleep_s": 6.0 * HOUR,
        "in_bed_s": 7.0 * HOUR,
    }


def test_a_sleep_without_its_end_lasts_to_its_last_level() -> None:
    (night,) = read(levels(file(49), (-1, 2), (4, 1))).nights
    assert (night["sleep_s"], night["woke_utc"].hour) == (5.0 * HOUR, 4)


def rest(fit: Fit, *rows: tuple[float, int, int]) -> Fit:
    fit.define(4, 211, [(253, 4, UINT32), (0, 1, UINT8), (1, 1, UINT8)])
    for hour, smooth, of_day in rows:
        fit.data(4, MIDNIGHT + round(hour * HOUR), smooth, of_day)
    return fit


@pytest.mark.parametrize(
    ("rows", "rate"),
    [
        ([(8, 48, 47)], 47.0),
        ([(8, 48, 47), (20, 48, 46)], 46.0),
        ([(8, 48, 99)], 48.0),
        ([(8, 48, 255)], 48.0),
        ([(8, 48, 0)], 48.0),
    ],
)
def test_the_resting_heart_rate_belongs_to_the_night_that_ended_on_its_day(rows: Any, rate: float) -> None:
    assert read(rest(file(32), *rows)).nights == [{"date": date(2026, 5, 1), "source": "garmin", "hr_rest_bpm": rate}]


@pytest.mark.parametrize(
    ("local_s", "zone", "day"),
    [(None, "Europe/Oslo", 2), (None, None, 1), (-8 * HOUR, "Europe/Oslo", 1), (2 * HOUR, None, 2)],
)
def test_the_local_day_goes_by_the_watch_then_by_home(local_s: int | None, zone: str | None, day: int) -> None:
    (night,) = read(rest(file(15, local_s=local_s), (23, 48, 47)), zone).nights
    assert night["date"] == date(2026, 5, day)


def summary(fit: Fit, weekly: float, last: float | None) -> Fit:
    fit.define(5, 370, [(253, 4, UINT32), (0, 2, UINT16), (1, 2, UINT16)])
    return fit.data(5, MIDNIGHT + 5 * HOUR, round(weekly * 128), 0xFFFF if last is None else round(last * 128))


def test_rmssd_is_the_nights_and_not_the_weeks() -> None:
    assert read(summary(file(68), 61, 44.5)).nights == [
        {"date": date(2026, 5, 1), "source": "garmin", "rmssd_ms": 44.5, "hrv_source": "garmin"}
    ]


def test_without_a_summary_rmssd_is_the_mean_of_the_night() -> None:
    fit = summary(file(68), 61, None).define(6, 371, [(253, 4, UINT32), (0, 2, UINT16)])
    for number in range(24):
        fit.data(6, MIDNIGHT + number * 300, (40 + number % 2 * 10) * 128)
    assert read(fit).nights[0]["rmssd_ms"] == 45.0
    few = file(68).define(6, 371, [(253, 4, UINT32), (0, 2, UINT16)]).data(6, MIDNIGHT, 40 * 128)
    with pytest.raises(UnreadableFile, match="no RMSSD of a night"):
        read(few)


def test_blood_pressure_is_the_first_of_a_day() -> None:
    fit = file(14, maker=99).define(7, 51, [(253, 4, UINT32), (0, 2, UINT16), (1, 2, UINT16)])
    fit.data(7, MIDNIGHT + 18 * HOUR, 140, 90).data(7, MIDNIGHT + 5 * HOUR, 118, 74).data(
        7, MIDNIGHT + 30 * HOUR, 900, 74
    )
    reading = read(fit)
    assert reading.checkins == [
        {"date": date(2026, 5, 1), "systolic_mmhg": 118.0, "diastolic_mmhg": 74.0},
        {"date": date(2026, 5, 2), "diastolic_mmhg": 74.0},
    ]
    assert "900" in reading.problems[0].message


def test_of_several_people_on_a_scale_only_the_first_is_read() -> None:
    fit = file(9).define(7, 30, [(253, 4, UINT32), (0, 2, UINT16), (12, 2, UINT16)])
    fit.data(7, MIDNIGHT, 6000, 1).data(7, MIDNIGHT + 60, 9000, 2).data(7, MIDNIGHT + 120, 6010, 1)
    reading = read(fit)
    assert reading.checkins == [{"date": date(2026, 5, 1), "weight_kg": 60.0}]
    assert "several people" in reading.problems[0].message


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (9, "weight"),
        (14, "blood pressure"),
        (15, "resting"),
        (28, "resting"),
        (32, "resting"),
        (44, "HRV"),
        (49, "stage"),
        (68, "RMSSD"),
    ],
)
def test_a_file_without_what_its_kind_promises_is_refused_with_a_reason(kind: int, why: str) -> None:
    with pytest.raises(UnreadableFile, match=f"holds no .*{why}"):
        read(file(kind))


def test_a_file_that_breaks_off_never_raises_anything_else() -> None:
    data = summary(rest(levels(file(49, local_s=0), (-2, 2), (3, 1)), (4, 50, 51)), 60, 40).bytes()
    for length in range(len(data)):
        try:
            importers.read(Source("a.fit", data[:length]))
        except UnreadableFile as refusal:
            problem = str(refusal)
            if "does not expect" in problem:
                raise


def test_the_files_of_one_night_meet_in_one_row(tmp_path: Path) -> None:
    folder = tmp_path / "watch"
    folder.mkdir()
    made = {
        "sleep": levels(file(49), (-2, 2), (4, 1)),
        "hrv": summary(file(68), 61, 44.5),
        "day": rest(file(32), (8, 48, 47)),
    }
    for name, fit in made.items():
        (folder / f"{name}.fit").write_bytes(fit.bytes())
    diary = Diary.open(tmp_path / "home")
    diary.set_profile(home_time_zone="Europe/Oslo")
    diary.import_files([folder])
    (night,) = diary.nights().to_dicts()
    assert (night["source"], night["sleep_s"], night["rmssd_ms"], night["hr_rest_bpm"]) == (
        "garmin",
        21_600.0,
        44.5,
        47.0,
    )
