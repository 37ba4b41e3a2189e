"""TCX: the fast way and the careful way give the same, odd files are read as far as they go."""

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import freshlegs.importers as importers
from freshlegs import tables
from freshlegs.importers import tcx
from freshlegs.importers.activity import Activity
from freshlegs.problems import UnreadableFile

from .two_ways import assert_same, both_ways, read_one

ROOT = "TrainingCenterDatabase"
NS = 'xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"'


def point(second: int, inner: str = "") -> str:
    return f"<Trackpoint><Time>2026-05-04T06:00:{second:02d}Z</Time>{inner}</Trackpoint>"


def lap(points: str, start: str = "2026-05-04T06:00:00Z", facts: str = "", after: str = "") -> str:
    return f'<Lap StartTime="{start}">{facts}<Track>{points}</Track>{after}</Lap>'


def activity(*laps: str, sport: str = "Running") -> str:
    return f'<Activity Sport="{sport}"><Id>2026-05-04T06:00:00Z</Id>{"".join(laps)}</Activity>'


def document(*activities: str, head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> str:
    return f"{head}<{ROOT} {NS}><Activities>{''.join(activities)}</Activities></{ROOT}>"


def read(text: str | bytes, zone: str | None = None) -> Activity:
    return read_one("run.tcx", text, zone)


def test_every_file_of_the_corpus_reads_the_same_both_ways(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in sorted((corpus / "tcx").rglob("*.tcx")):
        data = path.read_bytes()
        assert tcx._fast(tcx.xml_text.prepared(data)) is not None, path
        fast, careful = both_ways(tcx, data, monkeypatch)
        assert_same(fast, careful)
        assert fast.records.height == data.count(b"<Trackpoint>")
        assert fast.problems == ()


NUMBERS = st.one_of(
    st.none(),
    st.floats(-200, 400, allow_nan=False).map(repr),
    st.sampled_from(["0", "0.0", "", " 7 ", "1e999", "nan", "much", "1&#48;", "-0"]),
)


@st.composite
def made_points(draw: st.DrawFn) -> str:
    def leaf(name: str, prefix: str = "") -> str:
        value = draw(NUMBERS)
        return "" if value is None else f"<{prefix}{name}>{value}</{prefix}{name}>"

    space = draw(st.sampled_from(["", "\n   "]))
    time = draw(st.sampled_from(["2026-05-04T06:00:00Z", "2026-05-04T06:00:00.250Z", "2026-05-04T08:00:00+02:00", ""]))
    parts = [f"<Time>{time}</Time>" if draw(st.booleans()) else ""]
    if draw(st.booleans()):
        parts.append(f"<Position>{leaf('LatitudeDegrees')}{space}{leaf('LongitudeDegrees')}</Position>")
    parts += [leaf("AltitudeMeters"), leaf("DistanceMeters")]
    if draw(st.booleans()):
        parts.append(f"<HeartRateBpm>{leaf('Value')}</HeartRateBpm>")
    parts.append(leaf("Cadence"))
    if draw(st.booleans()):
        prefix = draw(st.sampled_from(["", "ns3:"]))
        tag = f'{prefix}TPX xmlns{":ns3" if prefix else ""}="http://www.garmin.com/xmlschemas/ActivityExtension/v2"'
        inner = "".join(leaf(name, prefix) for name in ("Speed", "RunCadence", "Watts"))
        parts.append(f"<Extensions><{tag}>{inner}</{prefix}TPX></Extensions>")
    if draw(st.integers(0, 9)) == 0:
        parts.reverse()  # against the schema: the fast way must notice
    return f"<Trackpoint>{space.join(parts)}</Trackpoint>"


@given(
    st.lists(st.lists(made_points(), max_size=5), min_size=1, max_size=3), st.sampled_from(["Running", "Biking", ""])
)
@settings(max_examples=100, deadline=None)
def test_made_files_read_the_same_both_ways(laps: list[list[str]], sport: str) -> None:
    data = document(activity(*(lap("".join(points)) for points in laps), sport=sport)).encode()
    with pytest.MonkeyPatch.context() as patch:
        fast, careful = both_ways(tcx, data, patch)
    assert_same(fast, careful)
    assert fast.records.height in (0, sum(map(len, laps)))


def test_zero_is_a_number_and_missing_is_null() -> None:
    """The equator, the meridian, sea level, a standing start and the foot that did not move are data."""
    zero = (
        "<Position><LatitudeDegrees>0</LatitudeDegrees><LongitudeDegrees>0.0</LongitudeDegrees></Position>"
        "<AltitudeMeters>0</AltitudeMeters><DistanceMeters>0</DistanceMeters><Cadence>0</Cadence>"
    )
    records = read(document(activity(lap(point(0, zero) + point(1))))).records
    for name in ("lat_deg", "lon_deg", "altitude_m", "distance_m", "cadence_spm"):
        assert records[name].to_list() == [0.0, None], name
    assert "hr_bpm" not in records.columns


def test_a_run_with_laps() -> None:
    facts = "<TotalTimeSeconds>{}</TotalTimeSeconds><DistanceMeters>{}</DistanceMeters>"
    beat = "<DistanceMeters>{}</DistanceMeters><HeartRateBpm><Value>{}</Value></HeartRateBpm>"
    found = read(
        document(
            activity(
                lap(point(0, beat.format(0, 140)) + point(20, beat.format(60, 150)), facts=facts.format(20, 60.5)),
                lap(
                    point(30, beat.format(61, 160)) + point(59, beat.format(150, 170)),
                    start="2026-05-04T06:00:30Z",
                    facts=facts.format(29, 90),
                ),
            )
        )
    )
    run = found.summary
    assert run.start_utc == datetime(2026, 5, 4, 6, tzinfo=UTC)
    assert (run.sport, run.distance_m, run.moving_s, run.elapsed_s) == ("running", 150.5, 49.0, 59.0)
    assert run.hr_max_bpm == 170
    assert 140 < run.hr_mean_bpm < 170
    assert found.laps["moving_s"].to_list() == [20.0, 29.0]
    assert found.laps["elapsed_s"].to_list() == [30.0, 29.0]
    assert found.laps["distance_m"].to_list() == [60.5, 90.0]
    assert found.sessions.height == 1
    assert set(found.records.columns) <= set(tables.RECORDS.names)


@pytest.mark.parametrize(
    ("sport", "inner", "steps"),
    [
        ("Running", "<Cadence>85</Cadence>", 170.0),
        ("Running", "<Cadence>172</Cadence>", 172.0),
        ("Biking", "<Cadence>85</Cadence>", 85.0),
        ("Running", "<Cadence>1</Cadence><Extensions><TPX><RunCadence>88</RunCadence></TPX></Extensions>", 176.0),
    ],
)
def test_cadence_counts_steps_of_both_feet(sport: str, inner: str, steps: float) -> None:
    assert read(document(activity(lap(point(0, inner)), sport=sport))).records["cadence_spm"].to_list() == [steps]


def test_several_activities_in_one_file_are_several_summaries() -> None:
    distance = "<DistanceMeters>{}</DistanceMeters>"
    swim = activity(lap(point(0, distance.format(0)) + point(9, distance.format(10))), sport="Other")
    run = activity(
        lap(point(20, distance.format(0)) + point(40, distance.format(80)), start="2026-05-04T06:00:20Z"),
    )
    body = (
        f"<MultiSportSession><Id>x</Id><FirstSport>{swim}</FirstSport><NextSport>{run}</NextSport></MultiSportSession>"
    )
    found = read(document(body))
    assert [(row.sport, row.distance_m, row.elapsed_s) for row in found.summaries] == [
        ("other", 10.0, 9.0),
        ("running", 80.0, 20.0),
    ]
    assert found.summary.sport == "running"
    assert found.sessions["sport"].to_list() == ["other", "running"]
    assert found.records.height == 4


def test_a_treadmill_run_of_laps_alone_is_a_run() -> None:
    text = document(
        '<Activity Sport="Running"><Lap StartTime="2026-05-04T06:00:00Z">'
        "<TotalTimeSeconds>1800</TotalTimeSeconds><DistanceMeters>5000</DistanceMeters>"
        "<AverageHeartRateBpm><Value>144</Value></AverageHeartRateBpm>"
        "<MaximumHeartRateBpm><Value>161</Value></MaximumHeartRateBpm>"
        "</Lap></Activity>"
    )
    run = read(text).summary
    assert (run.moving_s, run.elapsed_s, run.distance_m, run.hr_mean_bpm, run.hr_max_bpm) == (
        1800,
        1800,
        5000,
        144,
        161,
    )


def test_distance_comes_from_positions_when_the_file_has_none() -> None:
    place = "<Position><LatitudeDegrees>{}</LatitudeDegrees><LongitudeDegrees>10</LongitudeDegrees></Position>"
    found = read(document(activity(lap(point(0, place.format(60)) + point(20, place.format(60.001))))))
    assert found.records["distance_m"][-1] == pytest.approx(111.2, abs=0.1)
    assert found.summary.distance_m == pytest.approx(111.2, abs=0.1)


def test_a_file_that_breaks_off_gives_what_stands_before() -> None:
    text = document(activity(lap("".join(point(second, "<Cadence>80</Cadence>") for second in range(30)))))
    found = read(text[: text.index("06:00:20Z")])
    assert 18 <= found.records.height <= 21
    assert "damaged" in found.problems[0].message
    assert found.summary.start_utc == datetime(2026, 5, 4, 6, tzinfo=UTC)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "iso-8859-1"])
def test_encodings(encoding: str) -> None:
    text = document(
        activity(lap(point(0, "<Cadence>80</Cadence>")), sport="Course à pied"),
        head=f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>',
    )
    found = read(text.encode(encoding))
    assert found.summary.sport == "running"
    assert found.records["cadence_spm"].to_list() == [160.0]


def test_space_before_the_declaration_as_strava_writes_it() -> None:
    assert read("          " + document(activity(lap(point(0))))).records.height == 1


def test_times_without_a_zone_are_read_at_home_and_said() -> None:
    text = document(
        activity(lap("<Trackpoint><Time>2026-05-04T08:00:00</Time></Trackpoint>", start="2026-05-04T08:00:00"))
    )
    found = read(text, "Europe/Oslo")
    assert found.records["time_utc"].to_list() == [datetime(2026, 5, 4, 6, tzinfo=UTC)]
    assert [problem.message for problem in found.problems] == [
        "the times have no time zone; they were read in Europe/Oslo"
    ]


def test_an_offset_in_the_times_is_kept() -> None:
    text = document(activity(lap("<Trackpoint><Time>2026-05-04T23:30:00.000-08:00</Time></Trackpoint>", start="")))
    run = read(text).summary
    assert (run.start_utc, run.utc_offset_s) == (datetime(2026, 5, 5, 7, 30, tzinfo=UTC), -28800.0)


def test_impossible_values_are_left_out_and_counted() -> None:
    garmin_void = (
        "<Position><LatitudeDegrees>180.0</LatitudeDegrees><LongitudeDegrees>180.0</LongitudeDegrees></Position>"
    )
    found = read(document(activity(lap(point(0, garmin_void) + point(1, "<AltitudeMeters>high</AltitudeMeters>")))))
    assert {"lat_deg", "lon_deg"}.isdisjoint(found.records.columns)
    assert {problem.where for problem in found.problems} == {"lat_deg", "altitude_m"}
    assert found.records.height == 2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"<{ROOT} {NS}><Courses><Course><Track>{point(0)}</Track></Course></Courses></{ROOT}>", "a course"),
        (f"<{ROOT} {NS}><Workouts><Workout/></Workouts></{ROOT}>", "a workout"),
        (f"<{ROOT} {NS}/>", "no activity"),
        (f"<{ROOT} {NS}", "no"),
        (f'<!DOCTYPE x [<!ENTITY a "b">]><{ROOT}>&a;</{ROOT}>', "declares entities"),
    ],
)
def test_what_is_no_activity_is_refused(text: str, why: str) -> None:
    with pytest.raises(UnreadableFile, match=why):
        importers.read_activity(text.encode())


def test_a_bomb_of_entities_is_refused_in_every_encoding() -> None:
    names = "abcdefghi"
    lines = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise(names))
    text = f'<?xml version="1.0"?><!DOCTYPE {ROOT} [<!ENTITY a "ha">{lines}]><{ROOT}>&i;</{ROOT}>'
    for encoding in ("utf-8", "utf-16"):
        with pytest.raises(UnreadableFile, match="declares entities"):
            importers.read_activity(text.encode(encoding))


def test_agrees_with_the_fit_file_of_the_same_ride(corpus: Path) -> None:
    ours = importers.read_activity(corpus / "tcx/sweatpy/activity_4801048867.tcx")
    fit = importers.read_activity(corpus / "fit/sweatpy/4801048867.fit")
    joined = fit.records.join(ours.records.unique("time_utc"), on="time_utc", suffix="_tcx")
    assert joined.height == fit.records.height
    limits = {"hr_bpm": 0, "lat_deg": 1e-9, "lon_deg": 1e-9, "altitude_m": 1e-4, "distance_m": 0.01, "speed_mps": 1e-5}
    for name, limit in limits.items():
        assert joined.select((pl.col(name) - pl.col(f"{name}_tcx")).abs().max()).item() <= limit, name
    assert ours.summary.distance_m == pytest.approx(fit.summary.distance_m)
    assert ours.summary.start_utc == fit.summary.start_utc
    assert ours.summary.elapsed_s == pytest.approx(fit.summary.elapsed_s, abs=1)
    assert (ours.laps.height, ours.summary.sport) == (fit.laps.height, fit.summary.sport)
