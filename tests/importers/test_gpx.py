"""GPX: the fast way and the careful way give the same; tracks become runs, plans and places do not."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import freshlegs.importers as importers
from freshlegs.importers import gpx
from freshlegs.importers.activity import Activity
from freshlegs.problems import UnreadableFile

from .two_ways import assert_same, both_ways, read_one

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
NS = (
    'xmlns="http://www.topografix.com/GPX/1/1" xmlns:a="http://www.garmin.com/xmlschemas/TrackPointExtension/v2" '
    'xmlns:gpxdata="http://www.cluetrust.com/XML/GPXDATA/1/0"'
)


def point(second: int = 0, inner: str = "", lat: float = 60.0, lon: float = 10.0) -> str:
    time = f"{datetime(2026, 5, 4, 6) + timedelta(seconds=second):%Y-%m-%dT%H:%M:%SZ}"
    return f'<trkpt lat="{lat}" lon="{lon}"><ele>0</ele><time>{time}</time>{inner}</trkpt>'


def track(*segments: str, kind: str = "<type>running</type>") -> str:
    return f"<trk><name>A &amp; B</name>{kind}{''.join(f'<trkseg>{points}</trkseg>' for points in segments)}</trk>"


def document(*tracks: str, head: str = HEAD) -> str:
    return f'{head}<gpx version="1.1" creator="test" {NS}>{"".join(tracks)}</gpx>'


def read(text: str | bytes, zone: str | None = None) -> Activity:
    return read_one("run.gpx", text, zone)


def by_element_tree(path: Path) -> pl.DataFrame:
    """A slow reading with nothing of ours in it."""

    def text_of(point: ET.Element, name: str) -> str | None:
        found = [e.text for e in point.iter() if e.tag.rpartition("}")[2] == name]
        return found[0] if found and found[0] and found[0].strip() else None

    points = [e for e in ET.parse(path).iter() if e.tag.rpartition("}")[2] == "trkpt"]
    names = {"altitude_m": "ele", "hr_bpm": "hr", "cadence_spm": "cad", "temperature_c": "atemp", "power_w": "power"}
    columns: dict[str, list[float | None]] = {
        "lat_deg": [float(p.attrib["lat"]) for p in points],
        "lon_deg": [float(p.attrib["lon"]) for p in points],
    }
    for ours, theirs in names.items():
        columns[ours] = [None if (text := text_of(p, theirs)) is None else float(text) for p in points]
    times = [text_of(p, "time") for p in points]
    frame = pl.DataFrame(columns, schema_overrides=dict.fromkeys(columns, pl.Float64))
    moments = [
        None
        if time is None
        else (moment if (moment := datetime.fromisoformat(time)).tzinfo else moment.replace(tzinfo=UTC))
        for time in times
    ]
    return frame.with_columns(pl.Series("time_utc", moments, dtype=pl.Datetime("us", "UTC")))


def test_every_file_of_the_corpus_is_read_or_refused_and_both_ways_agree(
    corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: dict[str, str] = {}
    for path in sorted((corpus / "gpx").rglob("*.gpx")):
        data = path.read_bytes()
        oracle = by_element_tree(path)
        try:
            fast, careful = both_ways(gpx, data, monkeypatch)
        except UnreadableFile as error:
            assert oracle.height == 0, path
            refused[path.name] = str(error)
            continue
        assert_same(fast, careful)
        assert fast.records.height == oracle.height, path
        for name in oracle.columns:
            if name in fast.records.columns:
                assert fast.records[name].to_list() == oracle[name].to_list(), (path, name)
            else:
                assert oracle[name].null_count() == oracle.height, (path, name)
    assert len(refused) == 10
    assert "planned route" in refused["route.gpx"]
    assert "places" in refused["unicode.gpx"]


VALUES = st.one_of(
    st.floats(-200, 400, allow_nan=False).map(repr), st.sampled_from(["0", "", " 7 ", "1e999", "nan", "x", "1&#48;"])
)
LEAVES = st.sampled_from(
    ["hr", "heartrate", "cad", "cadence", "atemp", "temp", "power", "PowerInWatts", "speed", "distance", "course"]
)


@st.composite
def made_points(draw: st.DrawFn) -> str:
    lat, lon = draw(st.floats(-91, 91)), draw(st.floats(-181, 181))
    places = [f'lat="{lat!r}"', f"lon = '{lon!r}'"]
    place = " ".join(places if draw(st.booleans()) else places[::-1])
    if draw(st.integers(0, 9)) == 0:
        return f"<trkpt {place}/>"
    children = []
    for name in ("ele", "time", "course", "speed", "hdop", "sat"):
        if draw(st.booleans()):
            text = draw(st.sampled_from(["2026-05-04T06:00:00Z", "later", ""])) if name == "time" else draw(VALUES)
            children.append(f"<{name}>{text}</{name}>")
    if draw(st.booleans()):
        inner = []
        for _ in range(draw(st.integers(0, 4))):
            prefix = draw(st.sampled_from(["", "a:", "gpxdata:"]))
            leaf = f"{prefix}{draw(LEAVES)}"
            inner.append(f"<{leaf}/>" if draw(st.integers(0, 9)) == 0 else f"<{leaf}>{draw(VALUES)}</{leaf}>")
        body = "".join(inner)
        children.append(f"<extensions><a:TrackPointExtension>{body}</a:TrackPointExtension></extensions>")
    if draw(st.integers(0, 9)) == 0:
        children.reverse()
    return f"<trkpt {place}>{draw(st.sampled_from(['', ' ', '<!-- <trkpt/> -->']))}{''.join(children)}</trkpt>"


@given(st.lists(st.lists(made_points(), min_size=1, max_size=5), min_size=1, max_size=3), st.booleans())
@settings(max_examples=100, deadline=None)
def test_made_files_read_the_same_both_ways(segments: list[list[str]], typed: bool) -> None:
    kind = "<type>running</type>" if typed else ""
    data = document(*(track("".join(points), kind=kind) for points in segments)).encode()
    with pytest.MonkeyPatch.context() as patch:
        fast, careful = both_ways(gpx, data, patch)
    assert_same(fast, careful)
    assert fast.records.height in (0, sum(map(len, segments)))


@pytest.mark.parametrize(
    "extensions",
    [
        "<a:TrackPointExtension><a:atemp>21.0</a:atemp><a:hr>150</a:hr><a:cad>85</a:cad></a:TrackPointExtension>",
        "<power>250</power><a:TrackPointExtension><a:hr>150</a:hr><a:cad>85</a:cad></a:TrackPointExtension>",
        "<gpxdata:hr>150</gpxdata:hr><gpxdata:cadence>85</gpxdata:cadence><gpxdata:temp>21</gpxdata:temp>",
        "<heartrate>150</heartrate><cadence>170</cadence>",
        "<a:TrackPointExtension>\n <a:hr>150</a:hr>\n <a:cad>85</a:cad>\n</a:TrackPointExtension>\n",
    ],
)
def test_heart_rate_and_steps_of_every_maker(extensions: str) -> None:
    records = read(document(track(point(0, f"<extensions>{extensions}</extensions>")))).records
    assert records["hr_bpm"].to_list() == [150.0]
    assert records["cadence_spm"].to_list() == [170.0]
    if "temp" in extensions:
        assert records["temperature_c"].to_list() == [21.0]
    if "power" in extensions:
        assert records["power_w"].to_list() == [250.0]


@pytest.mark.parametrize(("metres", "last"), [([0, 5, 11, 16], 16.0), ([0, 6, 5, 6], pytest.approx(11.1, abs=0.1))])
def test_a_distance_of_each_point_is_not_taken_for_one_since_the_start(metres: list[int], last: float) -> None:
    inner = "<extensions><gpxdata:distance>{}</gpxdata:distance></extensions>"
    points = (point(s, inner.format(m), lat=60 + s / 30_000) for s, m in enumerate(metres))
    assert read(document(track("".join(points)))).records["distance_m"][-1] == last


def test_zero_is_a_number() -> None:
    found = read(document(track(point(0, lat=0, lon=0) + point(1, lat=0, lon=0))))
    for name in ("lat_deg", "lon_deg", "altitude_m", "distance_m"):
        assert found.records[name].to_list() == [0.0, 0.0], name
    assert (found.summary.distance_m, found.summary.climb_m) == (0.0, 0.0)


def test_the_way_between_segments_is_a_pause() -> None:
    """100 s at 3.7 m/s, then 20 minutes in a café a kilometre away, then 100 s more."""
    first = "".join(point(s, lat=60 + s / 30_000) for s in range(101))
    second = "".join(point(1300 + s, lat=60.02 + s / 30_000) for s in range(101))
    run = read(document(track(first, second))).summary
    assert run.distance_m == pytest.approx(741.3, abs=1)
    assert run.moving_s == pytest.approx(200, abs=2)
    assert run.elapsed_s == 1400


def test_stops_of_more_than_ten_seconds_are_not_moving_time() -> None:
    places = [60 + s / 30_000 for s in range(50)]
    places += [places[-1]] * 8 + [places[-1] + s / 30_000 for s in range(1, 50)]  # a red light of 8 s
    places += [places[-1]] * 60 + [places[-1] + s / 30_000 for s in range(1, 50)]  # a chat of 60 s
    run = read(document(track("".join(point(s, lat=lat) for s, lat in enumerate(places))))).summary
    assert run.elapsed_s == len(places) - 1
    assert run.moving_s == pytest.approx(run.elapsed_s - 60, abs=1)


def test_climb_counts_hills_and_not_noise() -> None:
    def hill(s: int) -> float:
        return 100 + 20 * min(s / 300, 2 - s / 300) + 0.8 * (s % 2)

    points = "".join(point(s).replace("<ele>0<", f"<ele>{hill(s)}<") for s in range(601))
    assert read(document(track(points))).summary.climb_m == pytest.approx(20, abs=1.5)


def test_several_tracks_are_several_runs() -> None:
    one = "".join(point(s, lat=60 + s / 30_000) for s in range(60))
    two = "".join(point(7200 + s, lat=60 + s / 15_000) for s in range(60))
    found = read(document(track(one), track(two, kind="<type>cycling</type>")))
    assert [row.sport for row in found.summaries] == ["running", "cycling"]
    assert [row.elapsed_s for row in found.summaries] == [59.0, 59.0]
    assert found.summaries[1].start_utc == datetime(2026, 5, 4, 8, tzinfo=UTC)
    assert found.summary.sport == "running"
    assert found.records["elapsed_s"][-1] == 7259


@pytest.mark.parametrize(
    ("kind", "sport"),
    [
        ("<type>9</type>", "running"),
        ("<type>trail_running</type>", "trail_running"),
        ("<type>Ride</type>", "cycling"),
        ("<type>Course à pied</type>", "running"),
        ("<type><![CDATA[Running]]></type>", "running"),
        ('<link href="x"><text>y</text><type>text/html</type></link><type>running</type>', "running"),
    ],
)
def test_the_sport_is_what_the_file_says(kind: str, sport: str) -> None:
    found = read(document(track(point(), kind=kind)))
    assert (found.summary.sport, found.problems) == (sport, ())


@pytest.mark.parametrize(("degrees_a_second", "sport"), [(1 / 37_000, "running"), (1 / 10_000, "unknown")])
def test_a_guessed_sport_is_said(degrees_a_second: float, sport: str) -> None:
    points = "".join(point(s, lat=60 + s * degrees_a_second) for s in range(300))
    found = read(document(track(points, kind="")))
    assert found.summary.sport == sport
    assert [problem.where for problem in found.problems] == ["sport"]


def test_a_track_without_times_is_read_and_said_to_be_no_run() -> None:
    text = document(track('<trkpt lat="1" lon="2"/><trkpt lat="1.001" lon="2"/>'))
    found = read(text)
    assert "time_utc" not in found.records.columns
    assert found.records["distance_m"][-1] == pytest.approx(111.2, abs=0.1)
    assert found.summary.start_utc is None
    assert "cannot become a run" in found.problems[0].message


def test_points_without_a_time_are_kept() -> None:
    found = read(document(track(point(0) + '<trkpt lat="60" lon="10"/>' + point(2))))
    assert found.records["time_utc"].null_count() == 1
    assert found.records.height == 3
    assert found.problems[0].message == "1 point without a time"


def test_a_clock_that_was_not_set_gives_no_start() -> None:
    points = "".join(f'<trkpt lat="60" lon="10"><time>1989-12-31T00:00:0{s}Z</time></trkpt>' for s in range(5))
    found = read(document(track(points)))
    assert found.summary.start_utc is None
    assert found.summary.elapsed_s == 4
    assert "clock was not set" in found.problems[0].message


def test_a_file_that_breaks_off_gives_what_stands_before() -> None:
    text = document(track("".join(point(s) for s in range(50))))
    found = read(text[: text.index("06:00:40Z")])
    assert 39 <= found.records.height <= 41
    assert "damaged" in found.problems[0].message


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig", "iso-8859-1"])
def test_encodings_that_are_declared(encoding: str) -> None:
    declared = "utf-16" if encoding == "utf-16-le" else encoding.removesuffix("-sig")
    text = document(track(point()), head=f'<?xml version="1.0" encoding="{declared}"?><!-- Grünerløkka -->')
    data = text.encode(encoding)
    assert read(b"\xff\xfe" + data if encoding == "utf-16-le" else data).records.height == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_encodings_that_are_declared_wrongly_or_have_no_mark(encoding: str) -> None:
    text = document(track(point(), kind="<type>course à pied</type>"), head='<?xml version="1.0" encoding="utf-16"?>')
    assert read(text.encode(encoding)).summary.sport == "running"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f'<gpx {NS}><rte><rtept lat="1" lon="2"/></rte></gpx>', "planned route"),
        (f'<gpx {NS}><wpt lat="1" lon="2"/></gpx>', "places"),
        (f"<gpx {NS}><trk><trkseg/></trk></gpx>", "no track with points"),
        ('<?xml version="1.0"?><!DOCTYPE gpx SYSTEM "file:///etc/passwd" [<!ENTITY x "y">]><gpx/>', "entities"),
        ("<gpx ", "no"),
    ],
)
def test_what_is_no_track_is_refused(text: str, why: str) -> None:
    with pytest.raises(UnreadableFile, match=why):
        importers.read_activity(text.encode())


def test_nothing_outside_the_file_is_ever_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.dtd"
    secret.write_text("<!ENTITY stolen 'secret'>")
    text = f'<!DOCTYPE gpx SYSTEM "{secret.as_uri()}"><gpx {NS}>{track(point())}</gpx>'
    assert read(text).records.height == 1


@pytest.mark.parametrize("ride", ["4801048867", "4078723797"])
@pytest.mark.parametrize("maker", ["activity_{}", "{}_strava"])
def test_agrees_with_the_fit_file_of_the_same_ride(corpus: Path, ride: str, maker: str) -> None:
    ours = importers.read_activity(corpus / "gpx/sweatpy" / f"{maker.format(ride)}.gpx")
    fit = importers.read_activity(corpus / "fit/sweatpy" / f"{ride}.fit")
    assert ours.records["time_utc"].to_list() == fit.records["time_utc"].to_list()
    limits = {"hr_bpm": 0, "lat_deg": 1e-6, "lon_deg": 1e-6, "altitude_m": 1e-4, "distance_m": 60, "temperature_c": 0}
    limits |= {name: 0 for name in ("cadence_spm", "power_w") if name in ours.records.columns}
    for name, limit in limits.items():
        apart = (ours.records[name] - fit.records[name]).abs().max()
        assert isinstance(apart, float)
        assert apart <= limit, name
    assert ours.summary.distance_m == pytest.approx(fit.summary.distance_m, rel=0.002)
    assert ours.summary.climb_m == pytest.approx(fit.summary.climb_m, abs=20)
    assert (ours.summary.sport, ours.summary.start_utc) == (fit.summary.sport, fit.summary.start_utc)
