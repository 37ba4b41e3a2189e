"""Garmin's Training Center XML: activities with laps and track points.

The schema fixes the order of a track point's children, so one pattern reads a point. That way is taken when the
file is plain and the pattern found as many points as there are opening tags; any other file goes through lxml. Both
ways give the same texts, and everything after that is shared. Cadence counts one foot in this format.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from freshlegs import tables
from freshlegs.importers import instants, sports, tracks, xml_text
from freshlegs.importers.contract import Reading, Source
from freshlegs.importers.tracks import MISSING, Part, Session
from freshlegs.problems import Problem, UnreadableFile

if TYPE_CHECKING:
    from lxml.etree import _Element

KIND: Final = "TCX"
YIELDS: Final = frozenset({"runs"})


def _optional(body: str) -> str:
    return rf"(?:{body}\s*)?"


def _leaf(name: str) -> str:
    return rf"<{name}>([^<&]*)</{name}>"


_P = r"(?:[\w.-]+:)?"
_TPX = (
    rf"<Extensions>\s*<{_P}TPX(?:\s[^<>]*)?>\s*"
    rf"(?:<{_P}Speed>([^<&]*)</{_P}Speed>\s*)?"
    rf"(?:<{_P}RunCadence>([^<&]*)</{_P}RunCadence>\s*)?"
    rf"(?:<{_P}Watts>([^<&]*)</{_P}Watts>\s*)?"
    rf"</{_P}TPX>\s*</Extensions>"
)
_POINT: Final = re.compile(
    (
        r"<Trackpoint>\s*"
        + _optional(_leaf("Time"))
        + _optional(rf"<Position>\s*{_leaf('LatitudeDegrees')}\s*{_leaf('LongitudeDegrees')}\s*</Position>")
        + _optional(_leaf("AltitudeMeters"))
        + _optional(_leaf("DistanceMeters"))
        + _optional(rf"<HeartRateBpm(?:\s[^<>]*)?>\s*{_leaf('Value')}\s*</HeartRateBpm>")
        + _optional(_leaf("Cadence"))
        + r"(?:<SensorState>\w*</SensorState>\s*)?"
        + _optional(_TPX)
        + r"</Trackpoint>"
    ).encode()
)
_FIELDS: Final = (
    "time_utc",
    "lat_deg",
    "lon_deg",
    "altitude_m",
    "distance_m",
    "hr_bpm",
    "cadence_spm",
    "speed_mps",
    "run_cadence",
    "power_w",
)
_LEAVES: Final[Mapping[str, str]] = {
    "Time": "time_utc",
    "LatitudeDegrees": "lat_deg",
    "LongitudeDegrees": "lon_deg",
    "AltitudeMeters": "altitude_m",
    "DistanceMeters": "distance_m",
    "Cadence": "cadence_spm",
    "Speed": "speed_mps",
    "RunCadence": "run_cadence",
    "Watts": "power_w",
}

_ROOT: Final = re.compile(rb"<(?:[\w.-]+:)?TrainingCenterDatabase[\s/>]")
_ACTIVITY: Final = re.compile(rb"<Activity(?:\s[^<>]*)?>")
_SPORT: Final = re.compile(rb"""\sSport\s*=\s*["']([^"'&]*)["']""")
_LAP: Final = re.compile(rb"<Lap(?:\s[^<>]*)?>")
_LAP_START: Final = re.compile(rb"""\sStartTime\s*=\s*["']([^"'&]*)["']""")
_LAP_FACTS: Final[Mapping[str, re.Pattern[bytes]]] = {
    "moving_s": re.compile(rb"<TotalTimeSeconds>([^<&]*)</TotalTimeSeconds>"),
    "distance_m": re.compile(rb"<DistanceMeters>([^<&]*)</DistanceMeters>"),
    "hr_mean_bpm": re.compile(rb"<AverageHeartRateBpm(?:\s[^<>]*)?>\s*<Value>([^<&]*)</Value>"),
    "hr_max_bpm": re.compile(rb"<MaximumHeartRateBpm(?:\s[^<>]*)?>\s*<Value>([^<&]*)</Value>"),
}
_LAP_LEAVES: Final[Mapping[str, str]] = {
    "TotalTimeSeconds": "moving_s",
    "DistanceMeters": "distance_m",
    "AverageHeartRateBpm": "hr_mean_bpm",
    "MaximumHeartRateBpm": "hr_max_bpm",
}


@dataclass(slots=True)
class _Lap:
    """A lap as it stands in the file."""

    start: bytes = MISSING
    facts: dict[str, bytes] = field(default_factory=dict)
    points: Part = field(default_factory=Part)


@dataclass(slots=True)
class _Session:
    """An ``Activity`` element: its sport and laps."""

    sport: bytes = MISSING
    laps: list[_Lap] = field(default_factory=list)


def recognise(head: bytes, name: str) -> bool:
    """Whether the root element is a TrainingCenterDatabase."""
    return _ROOT.search(xml_text.head_text(head)) is not None


def read(source: Source) -> Reading:
    """All activities of the file, as one `Activity` with a summary each."""
    data = xml_text.prepared(source.data)
    tracks.refuse_endless(data.count(b"<Activity "), data.count(b"<Lap"))
    problems: list[Problem] = []
    sessions = _fast(data)
    if sessions is None:
        sessions = _careful(data, source, problems)
    sessions = [session for session in sessions if session.laps]
    if not sessions:
        what = "a course" if b"<Course" in data else "a workout" if b"<Workout" in data else "empty"
        raise UnreadableFile(f"this TCX file is {what}; it holds no activity")
    activity = tracks.build(KIND, _sessions(sessions, source), source, problems)
    return Reading(KIND, activities=[activity], problems=list(activity.problems))


def _fast(data: bytes) -> list[_Session] | None:
    """The file by patterns over its bytes; None if it is not plain or the patterns do not see every point."""
    if not xml_text.is_plain(data) or b"<Course" in data:
        return None
    if not data[-200:].rstrip().endswith(b"</TrainingCenterDatabase>"):
        return None
    sessions: list[_Session] = []
    seen = 0
    for start, end, tag in _spans(_ACTIVITY, data, 0, len(data)):
        session = _Session(_first(_SPORT, tag))
        for lap_start, lap_end, lap_tag in _spans(_LAP, data, start, end):
            header_end = data.find(b"<Track>", lap_start, lap_end)
            header = data[lap_start : header_end if header_end >= 0 else lap_end]
            points = _POINT.findall(data, lap_start, lap_end)
            seen += len(points)
            facts = {name: _first(pattern, header) for name, pattern in _LAP_FACTS.items()}
            session.laps.append(_Lap(_first(_LAP_START, lap_tag), facts, _part(points)))
        sessions.append(session)
    return sessions if seen == data.count(b"Trackpoint") / 2 else None


def _spans(pattern: re.Pattern[bytes], data: bytes, start: int, end: int) -> Iterator[tuple[int, int, bytes]]:
    """Each match of an opening tag: from behind it to the next one, and the tag."""
    found = list(pattern.finditer(data, start, end))
    ends = [*(match.start() for match in found[1:]), end]
    for match, stop in zip(found, ends, strict=False):
        yield match.end(), stop, match[0]


def _first(pattern: re.Pattern[bytes], text: bytes) -> bytes:
    match = pattern.search(text)
    return MISSING if match is None else match[1].strip()


def _part(points: list[tuple[bytes, ...]]) -> Part:
    columns: Iterable[tuple[bytes, ...]] = zip(*points, strict=True) if points else ()
    return Part(len(points), dict(zip(_FIELDS, columns, strict=False)))


_STARTS: Final = frozenset({"Activity", "Lap", "Course"})
_ENDS: Final = frozenset({"Trackpoint", "Lap", "Course"})


def _careful(data: bytes, source: Source, problems: list[Problem]) -> list[_Session]:
    """The file through an XML parser, with its damage reported."""
    sessions: list[_Session] = []
    rows: list[tuple[bytes, ...]] = []
    lap: _Element | None = None
    for event, name, element in xml_text.elements(data, _STARTS, _ENDS):
        if name == "Trackpoint":
            rows.append(_row(element))
            continue
        if lap is not None:  # its end, or in a damaged file what comes instead
            sessions[-1].laps.append(_lap(lap, rows))
            lap = None
        rows = []
        if event == "damage":
            problems.append(Problem(source.name, "", name, lost=True))
        elif event == "start" and name == "Activity":
            sessions.append(_Session((element.get("Sport") or "").strip().encode()))
        elif event == "start" and name == "Lap" and sessions:
            lap = element
    return sessions


def _lap(lap: _Element, rows: list[tuple[bytes, ...]]) -> _Lap:
    facts: dict[str, bytes] = {}
    for child in lap:
        name = xml_text.local(child)
        if name in _LAP_LEAVES:
            value = child.find("{*}Value")
            facts.setdefault(_LAP_LEAVES[name], xml_text.text_of(child if value is None else value))
    return _Lap((lap.get("StartTime") or "").strip().encode(), facts, _part(rows))


def _row(point: _Element) -> tuple[bytes, ...]:
    found: dict[str, bytes] = {}
    for element in point.iter():
        name = xml_text.local(element)
        if name in _LEAVES:
            found.setdefault(_LEAVES[name], xml_text.text_of(element))
        elif name == "HeartRateBpm":
            value = element.find("{*}Value")
            found.setdefault("hr_bpm", MISSING if value is None else xml_text.text_of(value))
    return tuple(found.get(name, MISSING) for name in _FIELDS)


def _sessions(found: list[_Session], source: Source) -> list[Session]:
    """The texts of the file as sessions with sports, parts and lap totals."""
    zone = source.context.home_time_zone
    out = []
    for session in found:
        starts = instants.parse([lap.start for lap in session.laps], zone).micros.tolist()
        told = [_told(lap, start) for lap, start in zip(session.laps, starts, strict=True)]
        sport = sports.sport_of(session.sport.decode("utf-8", "replace")) or "other"
        out.append(Session(sport, [_one_cadence(lap.points) for lap in session.laps], told))
    return out


def _told(lap: _Lap, start: int) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, text in lap.facts.items():
        value = tracks.number(text)
        if tables.LAPS.column(name).refuse(value) is None:
            told[name] = value
    if start != instants.MISSING:
        told["start_utc"] = instants.datetime_of(start)
    return told


def _one_cadence(part: Part) -> Part:
    """Steps are in ``RunCadence``, else in ``Cadence``."""
    run = part.fields.pop("run_cadence", ())
    if any(run):
        plain = part.fields["cadence_spm"]
        part.fields["cadence_spm"] = [a or b for a, b in zip(run, plain, strict=True)]
    return part
