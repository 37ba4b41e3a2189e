"""Real FIT files: read like fitdecode, the official SDK and the CSV files beside them, or refused with a reason."""

from __future__ import annotations

import csv
import io
import math
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fitdecode
import pytest
from garmin_fit_sdk import Decoder, Stream

import freshlegs
from freshlegs.importers import Source, read
from freshlegs.units import DEG_PER_SEMICIRCLE, FIT_EPOCH_S

SMALL_B = 160_000
"""The oracles take a second for 500 kB; larger files are compared in the slow tests."""

COLUMNS = {
    "distance_m": ("distance",),
    "speed_mps": ("enhanced_speed", "speed"),
    "hr_bpm": ("heart_rate",),
    "power_w": ("power",),
    "altitude_m": ("enhanced_altitude", "altitude"),
    "lat_deg": ("position_lat",),
    "lon_deg": ("position_long",),
    "temperature_c": ("temperature",),
    "ground_contact_ms": ("stance_time",),
    "vertical_oscillation_mm": ("vertical_oscillation",),
}
REFUSED = {
    "fitdecode/MonitoringFile.fit": "monitoring",
    "fitdecode/Settings.fit": "settings",
    "fitdecode/Settings2.fit": "settings",
    "fitdecode/WeightScaleMultiUser.fit": "weight",
    "fitdecode/WeightScaleSingleUser.fit": "weight",
    "fitdecode/WorkoutCustomTargetValues.fit": "workout",
    "fitdecode/WorkoutIndividualSteps.fit": "workout",
    "fitdecode/WorkoutRepeatGreaterThanStep.fit": "workout",
    "fitdecode/WorkoutRepeatSteps.fit": "workout",
    "tormoder/Settings.fit": "settings",
}
DAMAGED = {
    "fitdecode/activity-activity-filecrc.fit": "checksum",
    "fitdecode/activity-filecrc.fit": "checksum",
    "fitdecode/activity-settings-corruptheader.fit": "after the end",
    "fitdecode/activity-settings-nodata.fit": "ends early",
    "fitdecode/activity-unexpected-eof.fit": "ends early",
    "fitparse/nick.fit": "checksum",
    "fitparse/strava-android-app-201.10-b1218918.fit": "ends early",
}
STRAP = {
    "fitdecode/garmin-fr935-cr.fit",
    "fitparse/sample_mulitple_header.fit",
    "muktihari/HrmPluginTestActivity.fit",
}
"""Here the strap's own memory, which fitdecode does not merge, overrides the rate the watch wrote."""

NAMES = """
fitdecode/2013-02-06-12-11-14.fit
fitdecode/2015-10-13-08-43-15.fit
fitdecode/20170518-191602-1740899583.fit
fitdecode/2019-02-17-062644-ELEMNT-297E-195-0.fit
fitdecode/Activity.fit
fitdecode/DeveloperData.fit
fitdecode/Edge810-Vector-2013-08-16-15-35-10.fit
fitdecode/activity-activity-filecrc.fit
fitdecode/activity-filecrc.fit
fitdecode/activity-large-fenxi2-multisport.fit
fitdecode/activity-settings-corruptheader.fit
fitdecode/activity-settings-nodata.fit
fitdecode/activity-settings.fit
fitdecode/activity-small-fenix2-run.fit
fitdecode/activity-unexpected-eof.fit
fitdecode/antfs-dump.63.fit
fitdecode/compressed-speed-distance.fit
fitdecode/developer-types-sample.fit
fitdecode/elemnt-bolt-no-application-id-inside-developer-data-id.fit
fitdecode/event_timestamp.fit
fitdecode/garmin-edge-500-activity.fit
fitdecode/garmin-edge-820-bike.fit
fitdecode/garmin-fenix-5-bike.fit
fitdecode/garmin-fenix-5-run.fit
fitdecode/garmin-fenix-5-walk.fit
fitdecode/garmin-fr935-cr.fit
fitdecode/null_compressed_speed_dist.fit
fitdecode/sample-activity-indoor-trainer.fit
fitdecode/sample-activity.fit
fitparse/coros-pace-2-cycling-misaligned-fields.fit
fitparse/nick.fit
fitparse/sample_mulitple_header.fit
fitparse/strava-android-app-201.10-b1218918.fit
garth/12129115726_ACTIVITY.fit
muktihari/Activity.fit
muktihari/ActivityDevFields.fit
muktihari/HrmPluginTestActivity.fit
muktihari/TestEncode.fit
muktihari/WithGearChangeData.fit
muktihari/activity_developerdata.fit
muktihari/activity_lowbattery.fit
muktihari/activity_multisport.fit
muktihari/activity_poolswim.fit
muktihari/activity_truncated.fit
muktihari/big_activity.fit
muktihari/chained_Activity_activity_poolswim.fit
muktihari/triathlon_summary_first.fit
muktihari/triathlon_summary_last.fit
muktihari/valid_only_contain_fileid.fit
sweatpy/2020-06-01-16-52-40.fit
sweatpy/4078723797.fit
sweatpy/4801048867.fit
sweatpy/6449921903_ACTIVITY.fit
sweatpy/6471559601_ACTIVITY.fit
tormoder/0134902991.fit
tormoder/activity_poolswim_with_hr.fit
tormoder/garmin.fit
tormoder/mornindew-broken.fit
tormoder/unterminated-strings.fit
""".split()  # noqa: SIM905  one a line
LARGE = {
    "fitdecode/2019-02-17-062644-ELEMNT-297E-195-0.fit",
    "fitdecode/activity-large-fenxi2-multisport.fit",
    "fitdecode/garmin-edge-500-activity.fit",
    "fitdecode/garmin-fr935-cr.fit",
    "fitparse/coros-pace-2-cycling-misaligned-fields.fit",
    "fitparse/nick.fit",
    "muktihari/big_activity.fit",
    "muktihari/triathlon_summary_first.fit",
    "muktihari/triathlon_summary_last.fit",
    "sweatpy/4078723797.fit",
    "sweatpy/4801048867.fit",
    "tormoder/garmin.fit",
    "tormoder/mornindew-broken.fit",
}
EACH = [pytest.param(name, marks=pytest.mark.slow) if name in LARGE else name for name in NAMES]


@pytest.fixture(scope="module")
def folder(corpus: Path) -> Path:
    return corpus / "fit"


def test_every_file_is_read_or_refused_with_a_reason(folder: Path) -> None:
    found = {str(path.relative_to(folder)) for path in folder.rglob("*.fit")}
    assert found == {*NAMES, *REFUSED}
    for name in sorted(found):
        if name in REFUSED:
            with pytest.raises(freshlegs.UnreadableFile, match=REFUSED[name]):
                freshlegs.read_activity(folder / name)
            continue
        activity = freshlegs.read_activity(folder / name)
        assert activity.records.height > 0
        assert activity.summaries
        said = " ".join(problem.message for problem in activity.problems)
        if name in DAMAGED:
            assert DAMAGED[name] in said, name
        else:
            assert not said or "did not know the date" in said, name


@pytest.mark.parametrize("name", EACH)
def test_samples_laps_sessions_and_intervals_are_those_of_fitdecode(folder: Path, name: str) -> None:
    kinds: dict[str, list[Any]] = {"record": [], "lap": [], "session": [], "hrv": []}
    with fitdecode.FitReader(
        folder / name,
        check_crc=fitdecode.CrcCheck.DISABLED,
        error_handling=fitdecode.ErrorHandling.IGNORE,
    ) as reader:
        try:
            for frame in reader:
                if frame.frame_type == fitdecode.FIT_FRAME_DATA and frame.name in kinds:
                    kinds[frame.name].append(frame)
        except fitdecode.FitError:
            assert name in DAMAGED
    activity = freshlegs.read_activity(folder / name)
    theirs = [
        {field: frame.get_value(field, fallback=None) for fields in COLUMNS.values() for field in fields}
        | {"timestamp": frame.get_value("timestamp", fallback=None)}
        for frame in kinds["record"]
    ]
    compare(activity, theirs, skip={"hr_bpm"} if name in STRAP else set())
    assert activity.laps.height == len(kinds["lap"])
    assert activity.sessions.height == len(kinds["session"])
    for column, field in (("distance_m", "total_distance"), ("moving_s", "total_timer_time")):
        values = [frame.get_value(field, fallback=None) for frame in kinds["session"]]
        same(f"sessions.{column}", activity.sessions[column], values)
    intervals = [frame.get_value("time") for frame in kinds["hrv"]]
    flat = [
        value for each in intervals for value in (each if isinstance(each, tuple) else (each,)) if value is not None
    ]
    same("rr_ms", activity.rr_ms, [1000 * value for value in flat])


@pytest.mark.parametrize("name", EACH)
def test_samples_are_those_of_the_official_sdk(folder: Path, name: str) -> None:
    messages, errors = Decoder(Stream.from_file(str(folder / name))).read()
    if errors and "ompressed timestamp" in str(errors[0]):
        pytest.skip("the official SDK cannot read compressed timestamps")
    compare(freshlegs.read_activity(folder / name), messages.get("record_mesgs", []), skip=set())


def compare(activity: freshlegs.Activity, theirs: list[dict[str, Any]], skip: set[str]) -> None:
    """Our samples against another reader's; values that only we merge (a strap's heart rate) may be more."""
    records = activity.records
    assert records.height == len(theirs)
    times = [each.get("timestamp") for each in theirs]
    ours = records["time_utc"].to_list()
    assert all(a == (b if isinstance(b, datetime) else None) for a, b in zip(ours, times, strict=True))
    for column, fields in COLUMNS.items():
        if column in skip:
            continue
        values = [_first(each, fields) for each in theirs]
        if column in ("lat_deg", "lon_deg"):
            values = [None if value is None else value * DEG_PER_SEMICIRCLE for value in values]
        if column not in records.columns:
            assert all(value is None for value in values), column
        elif column == "hr_bpm" and all(value is None for value in values):
            continue  # fitdecode does not merge what a strap sent afterwards
        else:
            same(column, records[column], values)


def _first(message: dict[str, Any], fields: tuple[str, ...]) -> Any:
    for field in fields:
        value = message.get(field)
        value = value[0] if isinstance(value, (list, tuple)) else value
        if value is not None:
            return value
    return None


def same(what: str, ours: Iterable[Any], theirs: Iterable[Any]) -> None:
    for row, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        assert (a is None) == (b is None), (what, row, a, b)
        assert a is None or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9), (what, row, a, b)


def test_two_devices_that_did_not_know_the_date(folder: Path) -> None:
    """Against the CSV beside it: seconds since power-on, distances summed up from four-second remainders."""
    records = freshlegs.read_activity(folder / "fitdecode/compressed-speed-distance.fit").records
    rows = list(csv.reader((folder / "fitdecode/compressed-speed-distance-records.csv").open()))[1:]
    ours = records.tail(len(rows))
    assert records.height == len(rows) + 1  # the first message has no field at all
    assert ours["time_utc"].null_count() == len(rows)
    first = int(rows[0][0])
    same("elapsed_s", ours["elapsed_s"] - ours["elapsed_s"][0], [float(int(row[0]) - first) for row in rows])
    for column, at in (("hr_bpm", 1), ("speed_mps", 2), ("distance_m", 3), ("cadence_spm", 4)):
        factor = 2.0 if column == "cadence_spm" else 1.0
        same(column, ours[column], [None if row[at] == "null" else factor * float(row[at]) for row in rows])


@pytest.mark.parametrize(
    "name",
    [
        "garmin-edge-500-activity",
        "garmin-edge-820-bike",
        "garmin-fenix-5-bike",
        "garmin-fenix-5-run",
        "garmin-fenix-5-walk",
    ],
)
def test_samples_are_those_of_the_tables_beside_the_files(folder: Path, name: str) -> None:
    records = freshlegs.read_activity(folder / f"fitdecode/{name}.fit").records
    lines = [line for line in (folder / f"fitdecode/{name}-records.csv").read_text().splitlines() if line.strip()]
    rows = list(csv.DictReader(io.StringIO("\n".join(lines))))
    assert records.height == len(rows)
    columns = {
        "distance": "distance_m",
        "heart_rate": "hr_bpm",
        "altitude": "altitude_m",
        "speed": "speed_mps",
        "temperature": "temperature_c",
        "position_lat": "lat_deg",
        "position_long": "lon_deg",
    }
    for theirs, ours in columns.items():
        if theirs not in rows[0]:
            continue
        factor = DEG_PER_SEMICIRCLE if theirs.startswith("position") else 1.0
        values = [None if row[theirs] in ("", "None") else factor * float(row[theirs]) for row in rows]
        if ours in records.columns:
            # these tables repeat the last position where the file has none
            same(ours, records[ours].forward_fill() if "deg" in ours else records[ours], values)
        else:
            assert set(values) == {None}


def _tool_rows(path: Path, kind: str) -> Iterator[dict[str, str]]:
    """Data messages of one kind in the layout of FitCSVTool: triples of field, value, unit."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.reader(file):
            if len(row) > 2 and row[0] == "Data" and row[2] == kind:
                yield {row[at]: row[at + 1] for at in range(3, len(row) - 1, 3) if row[at] and row[at + 1]}


TOOL = [
    "Activity",
    "ActivityDevFields",
    "HrmPluginTestActivity",
    "WithGearChangeData",
    "activity_developerdata",
    "activity_lowbattery",
    "activity_multisport",
    "activity_poolswim",
    "activity_truncated",
    "chained_Activity_activity_poolswim",
    "triathlon_summary_first",
    "triathlon_summary_last",
    "valid_only_contain_fileid",
    "TestEncode",
]


PRINTED_INVALID = {
    "hr_bpm": {255.0},
    "lat_deg": {0x7FFFFFFF * DEG_PER_SEMICIRCLE},
    "lon_deg": {0x7FFFFFFF * DEG_PER_SEMICIRCLE},
    "power_w": {65535.0},
    "speed_mps": {65.535, 4294967.295},
    "distance_m": {42949672.95},
    "ground_contact_ms": {6553.5},
    "vertical_oscillation_mm": {6553.5},
}
"""In some messages that tool prints the numbers that mean "not measured"."""


@pytest.mark.parametrize("name", TOOL)
def test_samples_are_those_of_the_tables_of_another_tool(folder: Path, name: str) -> None:
    records = freshlegs.read_activity(folder / f"muktihari/{name}.fit").records
    rows = list(_tool_rows(folder / f"muktihari/{name}.csv", "record"))
    assert records.height == len(rows)
    for column, fields in {**COLUMNS, "time_utc": ("timestamp",)}.items():
        if column == "hr_bpm" and name == "HrmPluginTestActivity":
            continue
        values: list[Any] = [next((float(row[f]) for f in fields if f in row), None) for row in rows]
        if column in ("lat_deg", "lon_deg"):
            values = [None if value is None else value * DEG_PER_SEMICIRCLE for value in values]
        values = [None if value in PRINTED_INVALID.get(column, ()) else value for value in values]
        if column == "time_utc":
            instants = [None if v is None else datetime.fromtimestamp(v + FIT_EPOCH_S, UTC) for v in values]
            assert records[column].to_list() == instants
        elif column in records.columns:
            same(column, records[column], values)
        else:
            assert set(values) <= {None}, column


def test_fields_of_apps_have_the_values_of_the_table_of_another_tool(folder: Path) -> None:
    records = freshlegs.read_activity(folder / "muktihari/ActivityDevFields.fit").records
    rows = _tool_rows(folder / "muktihari/ActivityDevFields.csv", "record")
    same("heart_rate", records["heart_rate"], [float(row["Heart Rate"]) for row in rows])
    few = freshlegs.read_activity(folder / "fitdecode/DeveloperData.fit").records
    assert few["doughnuts_earned"].to_list() == [1.0, 2.0, 3.0]


def test_what_the_official_sdk_makes_of_fields_of_apps(folder: Path) -> None:
    name = "fitdecode/developer-types-sample.fit"
    messages, _ = Decoder(Stream.from_file(str(folder / name))).read()
    records = freshlegs.read_activity(folder / name).records
    described = messages["field_description_mesgs"]
    for key, each in enumerate(described):
        ours = records[_snake(each["field_name"])]
        theirs = [record["developer_fields"].get(key) for record in messages["record_mesgs"]]
        assert [a for a in ours if a is not None] == [b for a, b in zip(ours, theirs, strict=True) if a is not None]
        assert ours.null_count() < len(ours)


def _snake(name: Any) -> str:
    text = name[0] if isinstance(name, list) else name
    return "".join(c if c.isalnum() else "_" for c in text).lower().strip("_")


def test_weight_scales(folder: Path) -> None:
    reading = read(Source("WeightScaleSingleUser.fit", (folder / "fitdecode/WeightScaleSingleUser.fit").read_bytes()))
    rows = [
        row for row in _tool_rows(folder / "muktihari/WeightScaleSingleUser.csv", "weight_scale") if "weight" in row
    ]
    assert reading.checkins
    assert [row["weight_kg"] for row in reading.checkins] == [float(rows[0]["weight"])]
    several = read(Source("WeightScaleMultiUser.fit", (folder / "fitdecode/WeightScaleMultiUser.fit").read_bytes()))
    assert "several people" in several.problems[-1].message


def test_a_fit_in_a_zip_says_its_name(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "bag.zip"
    with zipfile.ZipFile(path, "w") as bag:
        bag.write(folder / "fitdecode/Settings.fit", "Settings.fit")
    with pytest.raises(freshlegs.UnreadableFile):
        freshlegs.read_activity(path)
