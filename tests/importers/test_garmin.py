"""Garmin Connect: units found from the runs, nights by the date of waking, nothing taken for what it is not."""

import io
import json
import os
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from freshlegs import importers
from freshlegs.diary import Diary
from freshlegs.importers import Reading, Source, identify
from freshlegs.importers.payload import ENTRY_AT_MOST
from freshlegs.problems import UnreadableFile

from .test_strava import recording

SAMPLES = Path(__file__).parent / "samples"
FILES = [
    file
    for service in ("garmin", "strava")
    for file in sorted((SAMPLES / service).iterdir())
    if not file.name.endswith(".expected.json")
]
TOLD = ("kind", "runs", "nights", "checkins", "profile")
START_MS = 1777876812000
START = datetime(2026, 5, 4, 6, 40, 12, tzinfo=UTC)


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_a_sample_becomes_what_is_expected_and_no_damage_to_it_breaks_anything(file: Path) -> None:
    """``FRESHLEGS_EXPECT=write`` writes the expectations anew; read them before they are kept."""
    data = file.read_bytes()
    found = importers.read(Source("a file", data))
    told = {name: held for name in TOLD if (held := getattr(found, name))}
    told["problems"] = [f"{problem.where}: {problem.message}" for problem in found.problems]
    text = json.dumps(told, indent=1, default=lambda value: value.isoformat())
    beside = file.with_suffix(".expected.json")
    if os.environ.get("FRESHLEGS_EXPECT") == "write":
        beside.write_text(text + "\n", encoding="utf-8")
    assert json.loads(text) == json.loads(beside.read_text(encoding="utf-8"))
    for length in range(0, len(data), max(1, len(data) // 40)):
        assert "does not expect" not in read_or_refused(data[:length])[1]
    marks = [at for at in range(len(data)) if data[at : at + 1] == (b":" if file.suffix == ".json" else b",")]
    for at in marks[:: max(1, len(marks) // 60)]:
        end = min(data.find(letter, at + 1) % len(data) for letter in (b",", b"}", b"\n"))
        for value in (b"[1]", b"true", b"9" * 400, b'"x"', b"-5", b"null", b"{}", b"", b"1e999", b"x"):
            assert "does not expect" not in read_or_refused(data[: at + 1] + value + data[end:])[1], (at, value)


def read(document: Any) -> Reading:
    return importers.read(Source("a file", json.dumps(document).encode()))


def read_or_refused(data: bytes) -> tuple[Reading | None, str]:
    try:
        return importers.read(Source("a file", data)), ""
    except UnreadableFile as refusal:
        return None, str(refusal)


def exported(*activities: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"summarizedActivitiesExport": [{"activityId": at, **one} for at, one in enumerate(activities, 1)]}]


@pytest.mark.parametrize(
    ("duration", "distance"), [(2955000.0, 941250.0), (2955.0, 9412.5), (2955000.0, 9412.5), (2955.0, 941250.0)]
)
def test_the_units_are_those_in_which_the_runs_can_be(duration: float, distance: float) -> None:
    """Milliseconds and centimetres, seconds and metres, and both mixtures are the same run."""
    run = {"activityType": "running", "startTimeGmt": START_MS, "duration": duration, "distance": distance}
    yoga = {"activityType": "yoga", "startTimeGmt": START_MS + 9_000_000, "duration": duration, "distance": 0.0}
    found = read(exported(run, yoga)).runs
    assert [(one["moving_s"], one.get("distance_m")) for one in found] == [
        (2955.0, pytest.approx(9412.5)),
        (2955.0, None),
    ]


def test_a_watch_left_running_does_not_turn_the_units_of_the_others() -> None:
    good = {"activityType": "running", "startTimeGmt": START_MS, "duration": 1800000.0, "distance": 500000.0}
    found = read(exported(good, {**good, "duration": 21600000.0, "distance": 130000.0}, good)).runs
    assert [run["distance_m"] for run in found] == [5000.0, 1300.0, 5000.0]
    assert [run["elapsed_s"] for run in found] == [1800.0, 21600.0, 1800.0]


def diary_of(tmp_path: Path, files: dict[str, bytes]) -> tuple[Diary, Any]:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(f"DI_CONNECT/{name}", data)
    diary = Diary.open(tmp_path / "home")
    return diary, diary.import_files([path])


def test_an_export_becomes_runs_nights_and_weights_each_once(tmp_path: Path) -> None:
    """The recording lies in a zip within the zip; the summary knows the effort, the recording the samples."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("1_8100000001.fit", importers.sources.gunzip(recording(START, 3000)))  # type: ignore[attr-defined]
    named = {
        "DI-Connect-Fitness/1_summarizedActivities.json": "summarizedActivities.json",
        "DI-Connect-Wellness/1_sleepData.json": "sleepData.json",
        "DI-Connect-Wellness/1_healthStatusData.json": "healthStatusData.json",
        "DI-Connect-Wellness/1_userBioMetrics.json": "userBioMetrics.json",
        "DI-Connect-Aggregator/UDSFile_1.json": "UDSFile.json",
    }
    files = {name: (SAMPLES / "garmin" / sample).read_bytes() for name, sample in named.items()}
    files["DI-Connect-Aggregator/HydrationLogFile_1.json"] = b'[{"calendarDate":"2026-05-04","valueInML":500.0}]'
    diary, report = diary_of(tmp_path, {**files, "DI-Connect-Uploaded-Files/UploadedFiles_0.zip": inner.getvalue()})
    with diary:
        assert (report.imported["runs"], report.same_run) == (5, 1)
        assert [problem.message for problem in report.refused] == [
            "this is from Garmin: what was drunk; it is not needed and was not read"
        ]
        first = diary.runs().sort("start_utc").row(0, named=True)
        assert (first["start_utc"], first["elapsed_s"], first["rpe"]) == (START, 3000.0, 4.0)
        assert first["utc_offset_s"] == 7200.0
        (night,) = diary.nights().filter(date=date(2026, 5, 4)).to_dicts()
        assert (night["source"], night["sleep_s"], night["hr_rest_bpm"], night["rmssd_ms"]) == ("garmin", 26100, 47, 62)
        assert diary.checkins()["weight_kg"].to_list() == [60.45]


def test_a_list_that_breaks_off_keeps_what_stood_before() -> None:
    whole = (SAMPLES / "garmin" / "summarizedActivities.json").read_bytes()
    found = importers.read(Source("a file", whole[: whole.index(b'"activityId":8100000003') + 60]))
    assert len(found.runs) == 2
    assert [(problem.where, "breaks off" in problem.message) for problem in found.problems] == [("entry 3", True)]


def test_a_list_larger_than_what_is_read_at_once_is_the_same_list() -> None:
    """Three pieces of a megabyte, cut within names, numbers and letters of several bytes."""
    entry = {"activityType": "running", "startTimeGmt": START_MS, "duration": 1800000.0, "distance": 500000.0}
    text = json.dumps(
        exported(*[{**entry, "name": "ø🏃" * 200, "duration": 1800000.0 + at} for at in range(2000)]),
        ensure_ascii=False,
    )
    assert len(text.encode()) > 2.3e6
    found = importers.read(Source("a file", text.encode()))
    assert found.problems == []
    assert [run["moving_s"] for run in found.runs] == [1800.0 + at / 1000 for at in range(2000)]


@pytest.mark.parametrize(
    "data",
    [
        b'{"calendarDate":' + b"[" * 200_000,
        b'[{"calendarDate":"2026-05-04","restingHeartRate":' + b"9" * 200_000 + b"}]",
        b'{"calendarDate":"' + b"x" * 2_500_000,
        b'[{"calendarDate"' + b",{" * 400_000,
        b'[{"summarizedActivitiesExport":[' + b"{}," * 300_000,
        b'{"calendarDate":"2026-05-04","weight":NaN}]]]',
    ],
    ids=range(6),
)
def test_damaged_json_is_refused_or_read_in_part(data: bytes) -> None:
    found, why = read_or_refused(data)
    assert "does not expect" not in why
    assert found is None or found.runs + found.nights + found.checkins == []


def test_no_entry_is_held_that_is_larger_than_a_person() -> None:
    data = b'{"calendarDate":"' + b"x" * (ENTRY_AT_MOST + 2**21)
    with pytest.raises(UnreadableFile, match="larger than any record"):
        importers.read(Source("a file", data + b" " * ENTRY_AT_MOST))


@pytest.mark.parametrize(
    ("document", "kg"),
    [
        ({"dateWeightList": [{"calendarDate": "2026-05-04", "weight": 61000.0}]}, [61.0]),
        ({"dateWeightList": [{"calendarDate": "2026-05-04", "weight": 61.0}]}, [61.0]),
        ({"dateWeightList": [{"calendarDate": "2026-05-04", "weight": None}]}, []),
        ({"dateWeightList": [{"calendarDate": "2026-05-04", "weight": 999000.0}]}, []),
        ({"dateWeightList": []}, []),
        ({"dailyWeightSummaries": []}, []),
    ],
)
def test_weights_are_grams(document: Any, kg: list[float]) -> None:
    assert [row["weight_kg"] for row in read(document).checkins] == kg


def test_nothing_known_is_not_zero_and_not_511() -> None:
    days = [{"calendarDate": f"2026-05-0{at}", "restingHeartRate": bpm} for at, bpm in enumerate((0, None, 50), 1)]
    assert [night["date"].day for night in read(days).nights] == [3]
    nights = [
        {"calendarDate": f"2026-05-0{at}", "weeklyAvg": 50, "lastNightAvg": ms} for at, ms in ((1, 511), (2, None))
    ]
    assert read({"hrvSummaries": nights}).nights == []


READ = (
    "activity_get",
    "activity_list_",
    "daily_heart_rate",
    "daily_hrv",
    "sleep_data_",
    "daily_summary",
    "delete_0",
    "hrv_data",
    "weight_data",
)
"""What the names of the recorded answers begin with (after ``test_``) of which something is read."""


def test_every_recorded_answer_of_the_api_is_read_or_refused_with_a_reason(corpus: Path) -> None:
    counts: dict[str, int] = {"read": 0, "refused": 0, "unknown": 0}
    for path in sorted((corpus / "json/garth").glob("*.json")):
        data = path.read_bytes()
        importer = identify(data[:4096], path.name)
        if importer is None:
            counts["unknown"] += 1
            assert len(data) < 100, path.name  # an empty list, null, an error of the server
            continue
        assert importer.KIND == "Garmin Connect", path.name
        is_read = any(name in path.name for name in READ) and "fitness" not in path.name
        found, why = read_or_refused(data)
        assert (found is not None) == is_read, path.name
        assert found is None or found.problems == []
        assert is_read or "not needed" in why
        counts["read" if is_read else "refused"] += 1
    assert counts == {"read": 47, "refused": 36, "unknown": 3}


def test_recorded_answers_agree_with_one_another(corpus: Path) -> None:
    """The same activity from two of Garmin's services; a night whose offset and length are known."""

    def of(name: str) -> Reading:
        return importers.read(Source(name, (corpus / f"json/garth/test_{name}_0.json").read_bytes()))

    (listed,) = of("activity_get").runs
    (detailed,) = importers.read(Source("detail", (corpus / "json/garth/test_activity_get_1.json").read_bytes())).runs
    for name in ("start_utc", "utc_offset_s", "sport", "hr_mean_bpm", "climb_m"):
        assert listed[name] == detailed[name]
    assert listed["distance_m"] == pytest.approx(detailed["distance_m"], abs=0.01)
    assert (detailed["rpe"], detailed["utc_offset_s"]) == (3.0, -21600.0)
    assert 1.5 < listed["distance_m"] / listed["moving_s"] < 2.5
    (night,) = of("daily_sleep_data_get").nights
    assert (night["date"], night["sleep_s"], night["utc_offset_s"]) == (date(2025, 7, 7), 24180.0, -21600.0)
    assert (night["hr_rest_bpm"], night["hr_night_bpm"]) == (44.0, 46.0)
    (weighed,) = of("weight_data_list_single_day").checkins
    assert weighed == {"date": date(2025, 6, 14), "weight_kg": 59.13}
