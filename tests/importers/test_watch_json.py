"""Polar's and Suunto's JSON beyond what the samples show: what is joined, what is not needed, clocks and odd values."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from freshlegs import importers
from freshlegs.diary import Diary
from freshlegs.importers import Context, Reading, Source
from freshlegs.problems import UnreadableFile

SAMPLES = Path(__file__).parent / "samples"


def read(document: Any, zone: str | None = "Europe/Oslo") -> Reading:
    return importers.read(Source("a file", json.dumps(document).encode(), Context(zone)))


def polar(**more: Any) -> dict[str, Any]:
    session = {"exportVersion": "1.6", "startTime": "2026-05-04T06:00:00.000", "stopTime": "2026-05-04T06:30:00.000"}
    return {**session, "timeZoneOffset": 120, "duration": "PT30M", "distance": 5000.0, **more}


# --- Polar ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offset", "zone", "hour", "told_s"),
    [
        (120, "America/New_York", 4, 7200.0),
        (-300, None, 11, -18_000.0),
        (None, "Europe/Oslo", 4, 7200.0),
        (None, None, 6, None),
    ],
)
def test_polars_clock_is_the_wearers(offset: int | None, zone: str | None, hour: int, told_s: float | None) -> None:
    (run,) = read(polar(timeZoneOffset=offset, sport="RUNNING"), zone).runs
    assert run["start_utc"] == datetime(2026, 5, 4, hour, tzinfo=UTC)
    assert run.get("utc_offset_s") == told_s


@pytest.mark.parametrize(
    ("sport", "ours"),
    [
        ("RUNNING", "running"),
        ("TREADMILL_RUNNING", "treadmill_running"),
        ({"id": "27"}, "trail_running"),
        ({"id": "9999"}, "other"),
    ],
)
def test_polars_sports(sport: Any, ours: str) -> None:
    assert read(polar(exercises=[{"sport": sport}])).runs[0]["sport"] == ours


def test_each_exercise_of_polar_is_a_session_of_its_own() -> None:
    swim = {"startTime": "2026-05-04T06:00:00.000", "duration": "PT10M", "distance": 500.0, "sport": "SWIMMING"}
    run = {"startTime": "2026-05-04T06:12:00.000", "duration": "PT18M", "distance": 4500.0, "sport": "RUNNING"}
    runs = read(polar(exercises=[swim, run])).runs
    assert [(one["sport"], one["distance_m"], one["moving_s"]) for one in runs] == [
        ("swimming", 500.0, 600.0),
        ("running", 4500.0, 1080.0),
    ]


def test_a_running_cadence_of_one_foot_is_doubled_and_nought_is_no_heart_rate() -> None:
    times = [f"2026-05-04T06:00:{s:02d}.000" for s in range(30)]
    samples = {
        "cadence": [{"dateTime": at, "value": 86} for at in times],
        "heartRate": [{"dateTime": at, "value": 0 if at < times[10] else 140} for at in times],
    }
    (activity,) = read(polar(exercises=[{"sport": "RUNNING", "samples": samples}])).activities
    assert activity.records["cadence_spm"].to_list() == [172.0] * 30
    assert activity.records["hr_bpm"].null_count() == 10


def test_both_files_of_a_polar_night_meet_in_one_row(tmp_path: Path) -> None:
    diary = Diary.open(tmp_path / "home")
    diary.import_files([SAMPLES / "polar" / name for name in ("nightly_recovery.json", "sleep_result.json")])
    night = diary.nights().filter(date=date(2026, 5, 4)).row(0, named=True)
    assert (night["sleep_s"], night["rmssd_ms"], night["hrv_source"]) == (25_830.0, 52.0, "polar")


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (
            [{"night": "2026-05-04", "sleepScoreResult": {"sleepScore": 80}, "sleepScoreBaselines": {}}],
            "scores of sleep",
        ),
        ({"exportVersion": "1", "deviceDays": []}, "heart rate through the day"),
        ({"date": "2026-05-04", "exportVersion": "1", "physicalInformation": {}, "samples": {"mets": []}}, "steps"),
        (
            {
                "exportVersion": "1",
                "name": "x",
                "startTime": "2026-05-04T06:00",
                "done": True,
                "nonUserEditable": False,
            },
            "target",
        ),
    ],
)
def test_other_files_of_polar_are_said_to_be_not_needed(document: Any, why: str) -> None:
    with pytest.raises(UnreadableFile, match=f"Polar: .*{why}.*not needed"):
        read(document)


# --- Suunto -----------------------------------------------------------------------------------------------


def test_samples_and_summary_of_suunto_are_one_run(tmp_path: Path) -> None:
    diary = Diary.open(tmp_path / "home")
    diary.import_files([SAMPLES / "suunto" / name for name in ("samples.json", "summary.json")])
    (run,) = diary.runs().to_dicts()
    assert (run["sport"], run["distance_m"]) == ("trail_running", 1620.0)
    activity = diary.activity(run["id"])
    assert (activity.records.height, activity.rr_ms.to_list()) == (61, [612.0, 605.0])
    assert activity.records["lat_deg"][0] == pytest.approx(59.91)
    assert activity.records["cadence_spm"][0] == pytest.approx(170.4)
    assert activity.records["temperature_c"][0] == pytest.approx(17.0)


def test_suuntos_attributes_may_be_text() -> None:
    document = json.loads((SAMPLES / "suunto" / "samples.json").read_text())
    for one in document["Samples"]:
        one["Attributes"] = json.dumps(one["Attributes"])
    assert read(document).activities[0].records.height == 61


def test_a_barometer_goes_before_the_satellites() -> None:
    def sample(second: int, **held: float | str) -> dict[str, Any]:
        at = f"2026-05-04T06:00:{second:02d}.000Z"
        return {"TimeISO8601": at, "Attributes": {"suunto/sml": {"Sample": held}}}

    places = [sample(s, Latitude=1.0, Longitude=0.1 + s * 1e-6, GPSAltitude=90.0) for s in range(5)]
    heights = [sample(s, Altitude=12.0) for s in range(5)]
    assert read({"Samples": places + heights}).activities[0].records["altitude_m"].to_list() == [12.0] * 5
    assert read({"Samples": places}).activities[0].records["altitude_m"].to_list() == [90.0] * 5


@pytest.mark.parametrize(
    "document",
    [
        {"Samples": [{"Attributes": {"suunto/sml": {"Windows": []}}, "TimeISO8601": "2026-05-04T06:00:00Z"}]},
        {"DeviceLog": {"Header": {"Duration": 5}, "Samples": []}},
        {"DeviceLog": {"Header": None, "Samples": None}},
        [{"entryData": {"BedtimeStart": "2026-05-04T06:00:00Z", "BedtimeEnd": "later"}}],
    ],
)
def test_what_holds_no_session_and_no_night_is_refused(document: Any) -> None:
    with pytest.raises(UnreadableFile, match="no session with a time and no night"):
        read(document)
