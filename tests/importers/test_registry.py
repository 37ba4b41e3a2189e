"""The one door for activities: by content, one kind of error, nothing loaded that is not needed."""

import gzip
import io
import subprocess
import sys
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freshlegs import importers
from freshlegs.importers import IMPORTERS, Source, identify
from freshlegs.problems import UnreadableFile

FIT = "fit/sweatpy/4801048867.fit"
TCX = "tcx/sweatpy/activity_5039744860.tcx"
SERVICES = [
    "Polar",
    "Polar AccessLink",
    "Suunto",
    "PMSys",
    "Fitbit",
    "Oura",
    "WHOOP",
    "HRV4Training",
    "Elite HRV",
    "intervals.icu",
]
GPX = "gpx/sweatpy/activity_5039744860.gpx"


def test_every_importer_keeps_the_contract() -> None:
    kinds = [importer.KIND for importer in IMPORTERS]
    assert kinds == ["FIT", "TCX", "Apple Health", "GPX", "Strava", "Garmin Connect", *SERVICES, "CSV"]
    for importer in IMPORTERS:
        assert {"runs", "nights", "checkins"} >= importer.YIELDS
        assert importer.recognise(b"", "run.fit") is False


@pytest.mark.parametrize(("name", "kind"), [(FIT, "FIT"), (TCX, "TCX"), (GPX, "GPX")])
def test_by_content_and_not_by_name(corpus: Path, tmp_path: Path, name: str, kind: str) -> None:
    data = (corpus / name).read_bytes()
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("anything", data)
    wrong = tmp_path / "notes.txt"
    wrong.write_bytes(gzip.compress(data))
    for given_ in (corpus / name, str(wrong), data, bytearray(data), gzip.compress(data), zipped.getvalue()):
        activity = importers.read_activity(given_)
        assert activity.kind == kind
        assert activity.records.height > 50


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "an empty file"),
        (b"my run was nice\n", "a text file"),
        (b"date,energy\n2026-05-04,6\n", "holds no activity"),
        (gzip.compress(b"my run was nice" * 9, mtime=0)[:-9], "breaks off"),
        (b"\x1f\x8b\x08\0" + b"x" * 50, "damaged"),
        (b"PK\x03\x04" + b"x" * 50, "zip"),
        (b"\x0e\x10\xd9\x07\xff\xff\xff\xff.FIT", "FIT|samples|holds"),
    ],
)
def test_what_is_no_activity_raises_one_clear_sentence(data: bytes, why: str) -> None:
    with pytest.raises(UnreadableFile, match=why) as caught:
        importers.read_activity(data)
    assert "\n" not in str(caught.value)


def test_missing_files_folders_and_devices_raise_the_same(tmp_path: Path) -> None:
    for path in (tmp_path / "none.fit", tmp_path, "/dev/null", "a\0b", tmp_path / ("x" * 5000)):
        with pytest.raises(UnreadableFile):
            importers.read_activity(path)


def test_a_film_is_not_loaded_into_memory(tmp_path: Path) -> None:
    film = tmp_path / "film.fit"
    with film.open("wb") as file:
        file.truncate(40 * 2**30)  # a sparse file: it takes no room on the disk
    with pytest.raises(UnreadableFile, match="larger than"):
        importers.read_activity(film)


def test_a_fault_of_an_importer_never_stops_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    tcx = next(importer for importer in IMPORTERS if importer.KIND == "TCX")
    monkeypatch.setattr(tcx, "read", lambda source: 1 / 0)
    with pytest.raises(UnreadableFile, match="ZeroDivisionError"):
        importers.read(Source("x.tcx", b"<TrainingCenterDatabase/>"))


HEADS = st.sampled_from(
    [
        b"",
        b"<gpx><trk><trkseg>",
        b"<TrainingCenterDatabase><Activity><Lap><Track>",
        b"date,energy\n",
        b"end_date_time,perceived_exertion,duration_min\n",
        b"\x1f\x8b\x08\0\0\0\0\0\0\0",
        b"PK\x03\x04",
        b"\x0e\x10\xd9\x07\x20\0\0\0.FIT\0\0",
        b"\xff\xfe<\0g\0p\0x\0>\0",
    ]
)


@given(HEADS, st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_no_bytes_raise_anything_else(head: bytes, rest: bytes) -> None:
    with suppress(UnreadableFile):
        importers.read_activity(head + rest)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_damaged_real_files_are_read_in_part_or_refused(corpus: Path, data: st.DataObject) -> None:
    raw = bytearray((corpus / data.draw(st.sampled_from([TCX, GPX]))).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 2))
        if data.draw(st.booleans()):
            raw[at] = data.draw(st.integers(0, 255))
        else:
            del raw[at : at + data.draw(st.integers(1, 2000))]
    importer = identify(bytes(raw[:4096]), "x")
    if importer is not None:
        with suppress(UnreadableFile):  # the importer itself, so that nothing hides its faults
            assert importer.read(Source("x", bytes(raw))).activities[0].records.height <= 100


def test_reading_fit_loads_no_xml_parser(corpus: Path) -> None:
    code = (
        "import sys, freshlegs.importers as i; i.read_activity(sys.argv[1]);"
        "print({'lxml.etree', 'freshlegs.importers.gpx', 'freshlegs.importers.sources'} & sys.modules.keys())"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(corpus / FIT)], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"


def test_every_file_of_the_corpus_is_known_by_its_content(corpus: Path) -> None:
    for kind in ("fit", "tcx", "gpx"):
        for path in (corpus / kind).rglob(f"*.{kind}"):
            importer = identify(path.read_bytes()[:4096], "a name that says nothing")
            assert (importer.KIND if importer else None) == kind.upper(), path


@pytest.mark.parametrize(
    "data",
    [
        b'<TrainingCenterDatabase><Activity Sport="Running"><Lap StartTime="x"><Track><Trackpoint>'
        b"<AltitudeMeters>\xc3</AltitudeMeters></Trackpoint></Track></Lap></Activity></TrainingCenterDatabase>",
        b'date,energy\n2026-05-04,"a\nb\x1b[2J"\n2026-05-05,6\n',
        b'date,"ener\ngy",mood\n2026-05-04,1,2\n',
    ],
)
def test_odd_text_in_a_file_stays_on_one_line(data: bytes) -> None:
    for problem in importers.read(Source("x", data)).problems:
        assert problem.message.isprintable()
        assert problem.where.isprintable()


BIG = 300_000


@pytest.mark.parametrize(
    "data",
    [
        b"<gpx><trk><trkseg>" + b'<trkpt lat="1" lon="2"><extensions><hr>' * BIG,
        b"<gpx><trk>" + b"<link " * BIG + b"<trkseg></trkseg></trk></gpx>",
        b"<gpx>" + b"<trk " * BIG + b"</gpx>",
        b"<gpx>" + b'<trk><trkseg><trkpt lat="1" lon="2"/></trkseg></trk>' * BIG + b"</gpx>",
        b"<TrainingCenterDatabase>" + b"<Activity " * BIG + b"</TrainingCenterDatabase>",
        b"<TrainingCenterDatabase><Activity>" + b"<Lap>" * BIG + b"</Activity></TrainingCenterDatabase>",
        b"<TrainingCenterDatabase><Activity><Lap>" + b"<Trackpoint><Time>" * BIG + b"</TrainingCenterDatabase>",
        b"<gpx>" + b"<!DOCTYPE " * BIG + b"</gpx>",
        b"<gpx>" + b"<a>" * BIG,
        b"date,energy\n" + b"x,y\n" * BIG,
        b"date,energy" + b",energy" * BIG,
        b'date,energy\n"' + b",\n" * BIG,
    ],
    ids=range(12),
)
def test_no_small_file_takes_long(data: bytes) -> None:
    """Each of these was once a way to keep a pattern busy for hours; the test would not come back."""
    with suppress(UnreadableFile):
        importers.read_activity(data)
