"""Apple Health: an export of our own making in its layout, taken apart, read, damaged, and read again.

``FRESHLEGS_EXPECT=write pytest tests/importers/test_apple.py`` writes the expectation anew; read it before it is kept.
"""

import gzip
import io
import json
import os
import re
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freshlegs import importers
from freshlegs.diary import Diary
from freshlegs.importers import Context, Reading, Source
from freshlegs.importers.apple import parse, scan
from freshlegs.importers.apple.elements import Export
from freshlegs.importers.sources import walk
from freshlegs.problems import UnreadableFile

SAMPLE = Path(__file__).parent / "samples" / "apple-health"
EXPORT = SAMPLE / "apple_health_export" / "export.xml"
ROUTE = "workout-routes/route_2026-05-04_5.40pm.gpx"
WATCH = "apple_health: Kim's Apple Watch"
DATA = EXPORT.read_bytes()


def read(data: bytes, zone: str | None = "Europe/Oslo") -> Reading:
    return importers.read(Source("export.xml", data, Context(zone)))


def parts(path: Path) -> dict[str, bytes]:
    found = [one for one in walk(path) if one.problem is None]
    return {one.name.partition("export.xml/")[2] or Path(one.name).name: one.read() for one in found}


def zipped(files: dict[str, bytes], at: Path) -> Path:
    with zipfile.ZipFile(at, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(f"apple_health_export/{name}", data)
    return at


def exported(*records: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<HealthData locale="en">\n{"".join(records)}</HealthData>\n'.encode()
    )


def record(kind: str, start: str, value: str, end: str = "", inside: str = "", **more: str) -> str:
    told = {"type": kind, "sourceName": "Watch", **more, "startDate": start, "endDate": end or start, "value": value}
    attributes = " ".join(f'{name}="{text}"' for name, text in told.items())
    return f" <Record {attributes}>{inside}</Record>\n" if inside else f" <Record {attributes}/>\n"


def slept(start: str, end: str, value: str, who: str = "Watch") -> str:
    kind = "HKCategoryTypeIdentifierSleepAnalysis"
    return record(kind, start, f"HKCategoryValueSleepAnalysis{value}", end, sourceName=who)


# --- the sample -------------------------------------------------------------------------------------------


def as_told(reading: Reading) -> Any:
    told: dict[str, Any] = {name: getattr(reading, name) for name in ("kind", "runs", "nights", "checkins", "profile")}
    told["activities"] = [
        {"summary": one.summary, "samples": one.records.height, "columns": one.records.columns}
        for one in reading.activities
    ]
    told["problems"] = [f"{problem.where}: {problem.message}" for problem in reading.problems]
    kept = {name: held for name, held in told.items() if held}
    return json.loads(json.dumps(kept, default=lambda value: value.isoformat()))


def test_the_sample_becomes_what_is_expected() -> None:
    found = {name: as_told(read(data)) for name, data in parts(SAMPLE).items()}
    beside = SAMPLE.with_suffix(".expected.json")
    if os.environ.get("FRESHLEGS_EXPECT") == "write":
        beside.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert found == json.loads(beside.read_text(encoding="utf-8"))


def test_a_diary_takes_the_zip_as_it_came(tmp_path: Path) -> None:
    diary = Diary.open(tmp_path / "home")
    diary.set_profile(home_time_zone="Europe/Oslo")
    files = {
        "export_cda.xml": b"<?xml version='1.0'?><ClinicalDocument/>",
        ROUTE: EXPORT.with_name("x").parent.joinpath(ROUTE).read_bytes(),
    }
    files["electrocardiograms/ecg_2026-05-04.csv"] = b"Name,Kim\nSample Rate,512 hertz\n\n-32.1\n"
    path = zipped({**files, "exportación.xml": DATA}, tmp_path / "exportar.zip")
    report = diary.import_files([path])
    assert report.imported == {"runs": 2, "nights": 4, "checkins": 2}
    assert not report.refused
    said = " ".join(problem.message for problem in report.problems)
    assert "for doctors' systems" in said
    assert "an electrocardiogram" in said
    run = diary.runs().filter(sport="running").row(0, named=True)
    assert (run["distance_m"], run["moving_s"], run["rpe"]) == (1620.0, 570.0, 6.0)
    activity = diary.activity(run["id"])
    assert activity.records["hr_bpm"].drop_nulls().len() > 290
    assert activity.records["lat_deg"].null_count() == 0
    assert activity.records["hr_bpm"].max() < 160  # the strap's stray 200 is another source
    again = diary.import_files([path])
    assert again.imported == {"runs": 0, "nights": 0, "checkins": 0}
    assert again.already_known == again.files


def test_the_next_export_brings_what_is_new_and_no_more(tmp_path: Path) -> None:
    """A later export, written with the phone in another zone and season: all parts but the new one are known."""
    diary = Diary.open(tmp_path / "home")
    diary.import_files([SAMPLE])
    text = re.sub(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0200",
        lambda at: (datetime.strptime(at[0], "%Y-%m-%d %H:%M:%S %z").astimezone(UTC) - timedelta(hours=8)).strftime(
            "%Y-%m-%d %H:%M:%S -0800"
        ),
        DATA.decode(),
    )
    workout = text[text.index(" <Workout ") : text.index("</Workout>") + 11]
    later = workout.replace("2026-05-04", "2026-06-01").replace("route_2026-05-04_5.40pm", "none")
    folder = tmp_path / "later" / "apple_health_export"
    (folder / "workout-routes").mkdir(parents=True)
    (folder / ROUTE).write_bytes(EXPORT.parent.joinpath(ROUTE).read_bytes())
    (folder / "export.xml").write_text(text.replace("</HealthData>", later + "</HealthData>"), encoding="utf-8")
    report = diary.import_files([folder])
    assert report.imported["runs"] == 1
    names = [name for name in parts(folder) if name.startswith("workouts")]
    assert names == [
        "workouts/2026-05-04 15.30.00.xml",
        "workouts/2026-05-05 15.00.00.xml",
        "workouts/2026-06-01 15.30.00.xml",
    ]


def test_a_whole_export_in_memory_gives_the_same_nights_and_mornings() -> None:
    whole, month = read(DATA), read(parts(SAMPLE)["2026-05.xml"])
    assert whole.nights == month.nights
    assert whole.checkins == month.checkins
    assert [one.summary["sport"] for one in whole.activities] == ["running"]  # with heart rates, without the route


# --- routes ------------------------------------------------------------------------------------------------


def test_routes_are_read_with_their_workout_and_not_again(tmp_path: Path) -> None:
    route = EXPORT.parent.joinpath(ROUTE).read_bytes()
    for number, order in enumerate(([ROUTE, "export.xml"], ["export.xml", ROUTE])):
        files = {"export.xml": DATA, ROUTE: route}
        names = parts(zipped({name: files[name] for name in order}, tmp_path / f"{number}.zip"))
        assert sorted(names) == sorted(parts(SAMPLE))
    lonely = parts(zipped({"export.xml": DATA, "workout-routes/other.gpx": route}, tmp_path / "other.zip"))
    assert lonely["other.gpx"] == route  # named by no workout: a track by itself
    assert parts(EXPORT) == parts(SAMPLE)  # the file alone finds the folder beside it


def test_a_workout_without_a_heart_rate_keeps_its_route(tmp_path: Path) -> None:
    text = re.sub(
        r" <Record type=\"HKQuantityTypeIdentifierHeartRate\".*?(/>|</Record>)\n", "", DATA.decode(), flags=re.DOTALL
    )
    route = EXPORT.parent.joinpath(ROUTE).read_bytes()
    part = parts(zipped({"export.xml": text.encode(), ROUTE: route}, tmp_path / "a.zip"))[
        "workouts/2026-05-04 15.30.00.xml"
    ]
    (activity,) = read(part).activities
    assert activity.kind == "Apple Health"
    assert (activity.records.height, activity.summary["distance_m"]) == (301, 1620.0)
    assert "hr_bpm" not in activity.records.columns


def test_a_damaged_route_costs_the_route_and_no_more(tmp_path: Path) -> None:
    route = EXPORT.parent.joinpath(ROUTE).read_bytes()
    path = zipped({"export.xml": DATA, ROUTE: route[: len(route) // 2]}, tmp_path / "a.zip")
    activity = read(parts(path)["workouts/2026-05-04 15.30.00.xml"]).activities[0]
    assert 100 < activity.records.height < 160
    assert any("damaged" in problem.message for problem in activity.problems)


def test_the_only_heart_rates_are_those_of_the_workouts_own_watch() -> None:
    beats = [record("HKQuantityTypeIdentifierHeartRate", f"2026-05-04 08:00:{s:02d} +0000", "150") for s in range(20)]
    other = [
        record("HKQuantityTypeIdentifierHeartRate", f"2026-05-04 08:00:{s:02d} +0000", "90", sourceName="Ring")
        for s in range(40)
    ]
    span = 'startDate="2026-05-04 08:00:00 +0000" endDate="2026-05-04 08:30:00 +0000"'
    for who, mean in (("Watch", 150.0), ("Ring", 90.0), ("An app", 90.0)):
        workout = f' <Workout workoutActivityType="HKWorkoutActivityTypeRunning" sourceName="{who}" {span}/>\n'
        assert read(exported(*beats, *other, workout)).activities[0].summary["hr_mean_bpm"] == mean


# --- nights ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stages", "asleep_h", "in_bed_h"),
    [
        ([("22:00", "06:00", "InBed")], None, 8.0),
        ([("22:00", "06:00", "InBed"), ("23:00", "05:30", "Asleep")], 6.5, 8.0),
        ([("23:00", "03:00", "AsleepCore"), ("03:00", "03:30", "Awake"), ("03:30", "06:00", "AsleepREM")], 6.5, 7.0),
        ([("23:00", "03:00", "AsleepDeep"), ("02:00", "06:00", "AsleepUnspecified")], 7.0, 7.0),
    ],
)
def test_every_generation_of_sleep(stages: list[tuple[str, str, str]], asleep_h: float | None, in_bed_h: float) -> None:
    def on(clock: str) -> str:
        return f"2026-05-0{3 if clock > '20' else 4} {clock}:00 +0000"

    (night,) = read(exported(*(slept(on(a), on(b), value) for a, b, value in stages)), "UTC").nights
    assert night["date"] == date(2026, 5, 4)
    assert night.get("sleep_s") == (None if asleep_h is None else asleep_h * 3600)
    assert night["in_bed_s"] == in_bed_h * 3600


def test_sources_are_kept_apart_and_never_added_up() -> None:
    one = slept("2026-05-03 23:00:00 +0000", "2026-05-04 05:00:00 +0000", "Asleep", "Watch")
    two = slept("2026-05-03 23:30:00 +0000", "2026-05-04 05:30:00 +0000", "Asleep", "An app")
    nights = {night["source"]: night["sleep_s"] for night in read(exported(one, two)).nights}
    assert nights == {"apple_health: Watch": 21_600.0, "apple_health: An app": 21_600.0}


@pytest.mark.parametrize(
    ("zone", "inside", "day"),
    [
        ("Europe/Oslo", "", date(2026, 5, 4)),
        ("America/New_York", "", date(2026, 5, 3)),
        ("America/New_York", '<MetadataEntry key="HKTimeZone" value="Europe/Oslo"/>', date(2026, 5, 4)),
        (None, "", date(2026, 5, 4)),
    ],
)
def test_the_local_day_goes_by_the_records_own_zone_then_home_then_the_phone(
    zone: str | None, inside: str, day: date
) -> None:
    """Waking at 02:30 UTC; the phone was in Oslo when it exported."""
    kind = "HKCategoryTypeIdentifierSleepAnalysis"
    value = "HKCategoryValueSleepAnalysisAsleep"
    (night,) = read(
        exported(record(kind, "2026-05-03 21:00:00 +0200", value, "2026-05-04 04:30:00 +0200", inside)), zone
    ).nights
    assert night["date"] == day


def test_the_resting_heart_rate_of_a_day_is_known_the_next_morning() -> None:
    of_day = record(
        "HKQuantityTypeIdentifierRestingHeartRate", "2026-05-03 00:02:00 +0200", "49", "2026-05-03 23:40:00 +0200"
    )
    assert read(exported(of_day)).nights == [
        {"date": date(2026, 5, 4), "hr_rest_bpm": 49.0, "source": "apple_health: Watch"}
    ]


def test_sdnn_is_the_nights_own_and_never_rmssd() -> None:
    kind = "HKQuantityTypeIdentifierHeartRateVariabilitySDNN"
    beat = '<InstantaneousBeatsPerMinute bpm="60" time="3:00:00.1 AM"/>'
    beats = f"<HeartRateVariabilityMetadataList>{beat}</HeartRateVariabilityMetadataList>"
    night = slept("2026-05-03 23:00:00 +0000", "2026-05-04 05:00:00 +0000", "Asleep")
    values = [
        record(kind, f"2026-05-04 {hour}:00:00 +0000", value, inside=beats, unit="ms")
        for hour, value in (("02", "60"), ("04", "70"), ("15", "20"))
    ]
    (row,) = read(exported(night, *values), "UTC").nights
    assert row["sdnn_ms"] == 65.0
    assert "rmssd_ms" not in row


def test_rmssd_is_read_where_apple_gives_it_itself() -> None:
    kind = "HKQuantityTypeIdentifierHeartRateVariabilityRMSSD"
    night = slept("2026-05-03 23:00:00 +0000", "2026-05-04 05:00:00 +0000", "Asleep")
    values = [
        record(kind, f"2026-05-04 {hour}:00:00 +0000", value, unit="ms") for hour, value in (("02", "40"), ("15", "20"))
    ]
    (row,) = read(exported(night, *values), "UTC").nights
    assert (row["rmssd_ms"], row["hrv_source"]) == (40.0, "apple_health: Watch")
    assert "sdnn_ms" not in row


# --- two ways, one result -------------------------------------------------------------------------------------


def same(one: Export, other: Export) -> bool:
    names = [[export.sources[number] for number in export.heart_rate.source] for export in (one, other)]
    return (
        (one.about, one.workouts, one.records, names[0]) == (other.about, other.workouts, other.records, names[1])
        and one.heart_rate.at_us.tolist() == other.heart_rate.at_us.tolist()
        and one.heart_rate.bpm.tolist() == other.heart_rate.bpm.tolist()
    )


def both(data: bytes, step_b: int = 10**9) -> tuple[Export, Export]:
    def chunks() -> Any:
        return (data[at : at + step_b] for at in range(0, len(data), step_b))

    return scan._Scan().run(chunks()), parse.careful(chunks(), Export())


TEXT = st.text(st.sampled_from("abc é’\u00a0<>&\"'/\t\n\x0b=RW1"), max_size=12)
TIME = st.datetimes(datetime(2001, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(microsecond=0))
KINDS = st.sampled_from(
    [
        f"HKQuantityTypeIdentifier{name}"
        for name in (
            "HeartRate",
            "HeartRateRecoveryOneMinute",
            "RestingHeartRate",
            "StepCount",
            "BodyMass",
            "BodyMassIndex",
            "HeartRateVariabilitySDNN",
            "Height",
        )
    ]
    + ["HKCategoryTypeIdentifierSleepAnalysis", "HKDataTypeSleepDurationGoal", "Odd"]
)
VALUE = st.one_of(st.integers(-5, 99_999).map(str), st.floats(0, 300, width=32).map(lambda x: f"{x:.6g}"), TEXT)


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """Exports with records in Apple's layout and in others, odd values and names, nested and empty ones."""

    def attribute(text: str) -> str:
        plain = text.replace("\x0b", "").replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
        return f'"{plain}"'

    out = []
    for _ in range(draw(st.integers(0, 8))):
        start, end = draw(TIME), draw(TIME)
        offset = draw(st.sampled_from(["+0200", "-0730", "+0000", "+9900", "Z"]))
        told = {
            "type": draw(KINDS),
            "sourceName": draw(TEXT),
            **draw(st.sampled_from([{}, {"sourceVersion": "1"}, {"device": "<<HKDevice: 0x1>, name:W>"}])),
            "unit": draw(st.sampled_from(["count/min", "kg", "ms"])),
            "startDate": f"{start} {offset}",
            "endDate": f"{end} {offset}",
            "value": draw(VALUE),
        }
        names = list(told) if draw(st.booleans()) else draw(st.permutations(list(told)))
        if names[0] != "type":
            names = ["type", *(name for name in names if name != "type")]
        tag = "<Record " + " ".join(f"{name}={attribute(told[name])}" for name in names)
        inside = draw(
            st.sampled_from(
                [
                    "",
                    '<MetadataEntry key="HKTimeZone" value="Europe/Oslo"/>',
                    '<Other><MetadataEntry key="HKTimeZone" value="x"/></Other>',
                ]
            )
        )
        out.append(f"{tag}>{inside}</Record>" if inside or draw(st.booleans()) else f"{tag}/>")
    out += draw(
        st.lists(
            st.sampled_from(
                [
                    '<Workout workoutActivityType="a"/>',
                    '<Workout duration="1"><WorkoutEvent type="x" date="y"/></Workout>',
                    "<ActivitySummary />",
                ]
            ),
            max_size=2,
        )
    )
    return exported(*draw(st.permutations(out)))


@settings(max_examples=150, deadline=None)
@given(documents(), st.integers(1, 300))
def test_the_scan_and_the_parser_agree(data: bytes, step_b: int) -> None:
    try:
        one, other = both(data, step_b)
    except scan.NotPlain:
        return  # then the parser alone is asked
    assert same(one, other), data


def test_blocks_may_end_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, careful = both(DATA)
    assert same(whole, careful)
    for block_b in (100, 1_000, 7_777):
        monkeypatch.setattr(scan, "BLOCK_B", block_b)
        assert same(both(DATA, 64)[0], whole)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"Health"', '"He\x0balth"'),  # iOS 16 writes this
        lambda text: text.replace("<ActivitySummary", "<!-- a comment with <Record --><ActivitySummary"),
        lambda text: text.replace("<Record type=", "<Record\ttype="),
        lambda text: re.sub(r"<!DOCTYPE.*?\]>\n", "", text, flags=re.DOTALL),
        lambda text: text.replace("]>\n<Health", '<!ENTITY a "b">\n]>\n<Health'),
    ],
)
def test_what_phones_write_wrong_changes_nothing(change: Any) -> None:
    changed, whole = read(change(DATA.decode()).encode()), read(DATA)
    assert changed.nights == whole.nights
    assert changed.checkins == whole.checkins
    assert len(changed.runs) == len(whole.runs)


# --- damage ------------------------------------------------------------------------------------------------


def test_a_file_that_breaks_off_gives_what_stands_before(tmp_path: Path) -> None:
    path = tmp_path / "export.xml"
    for length in range(0, len(DATA), len(DATA) // 40):
        path.write_bytes(DATA[:length])
        problems = []
        for found in walk(path):
            if found.problem is None:
                try:
                    read(found.read())
                except UnreadableFile as error:
                    problems.append(str(error))
            else:
                problems.append(found.problem.message)
        assert problems
        assert not any("does not expect" in problem for problem in problems)


def test_a_damaged_zip_gives_what_stands_before_the_damage(tmp_path: Path) -> None:
    path = zipped(
        {"export.xml": DATA.replace(b"</HealthData>", b"<!-- x -->" * 9_000 + b"</HealthData>")}, tmp_path / "a.zip"
    )
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    assert any(found.problem is not None for found in walk(path))


def test_an_export_of_more_than_a_lifetime_is_read_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse, "ELEMENTS_AT_MOST", 20)
    monkeypatch.setattr(parse, "BEATS_AT_MOST", 10)
    for export in both(DATA):
        assert len(export.records) <= 20
        assert sum("more than any person" in why for _, why in export.faults) == 1
    assert read(DATA).checkins


def survives(data: bytes) -> bool:
    """Whether it is read, or refused by a sentence that was meant for it."""
    try:
        read(data)
    except UnreadableFile as refusal:
        return "does not expect" not in str(refusal)
    return True


def test_strange_values_in_any_attribute_never_break_it() -> None:
    text = DATA.decode()
    marks = [match.start(1) for match in re.finditer(r'="([^"]*)"', text)]
    for at in marks[:: len(marks) // 60]:
        for value in ("", "1e999", "-5", "9" * 400, "2026-13-45 99:00:00 +0200", "\x00", "&nothing;"):
            assert survives((text[:at] + value + text[text.index('"', at) :]).encode()), (at, value)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b'<?xml version="1.0"?>\n<!DOCTYPE HealthData [\n', "no HealthData"),
        (exported(), "no workout, night or weight"),
        (b'<?xml version="1.0" encoding="UTF-16"?><HealthData>', "no workout, night or weight|damaged"),
        (b"<ClinicalDocument xmlns='urn:hl7-org:v3'>", "doctors"),
    ],
)
def test_what_holds_nothing_is_refused_with_a_reason(data: bytes, why: str) -> None:
    with pytest.raises(UnreadableFile, match=why):
        read(data)


def test_every_export_of_the_corpus_is_read(corpus: Path) -> None:
    for path in sorted((corpus / "apple-health").rglob("*.xml")):
        found = parts(path)
        assert [read(data).kind for data in found.values()] == ["Apple Health"] * len(found)
        zipped_up = gzip.compress(path.read_bytes())
        assert importers.identify(io.BytesIO(gzip.decompress(zipped_up)).read(4096), "x") is not None
