"""GPX 1.0 and 1.1: tracks, with what Garmin, Cluetrust, Strava and Apple add to their points.

Each track becomes a session, each segment a part: the way from one segment to the next is a pause and not
counted. Points are read by one pattern where the file is plain and the pattern finds as many points as there are
opening tags; any other file goes through lxml. Both ways give the same texts, and everything after that is shared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from freshlegs.importers import sports, tracks, xml_text
from freshlegs.importers.contract import Reading, Source
from freshlegs.importers.tracks import MISSING, Part, Session
from freshlegs.problems import Problem, UnreadableFile

if TYPE_CHECKING:
    from lxml.etree import _Element

KIND: Final = "GPX"
YIELDS: Final = frozenset({"runs"})

_EXTRAS: Final[Mapping[str, str]] = {
    "hr": "hr_bpm",
    "heartrate": "hr_bpm",
    "cad": "cadence_spm",
    "cadence": "cadence_spm",
    "atemp": "temperature_c",
    "temp": "temperature_c",
    "temperature": "temperature_c",
    "power": "power_w",
    "PowerInWatts": "power_w",
    "watts": "power_w",
    "speed": "speed_mps",
    "distance": "distance_m",
}
"""Elements inside a point's ``extensions``, whatever their prefix, and the column they fill; the first that says
something counts."""

_LAT: Final = rb"""lat\s*=\s*["']([^"'<&]*)["']"""
_LON: Final = rb"""lon\s*=\s*["']([^"'<&]*)["']"""
_POINT: Final = re.compile(
    rb"<trkpt\s+(?:" + _LAT + rb"\s+" + _LON + rb"|" + _LON + rb"\s+" + _LAT + rb")\s*"
    rb"(?:/>|>\s*"
    rb"(?:<ele>([^<&]*)</ele>\s*)?"
    rb"(?:<time>([^<&]*)</time>\s*)?"
    rb"(?:<course>[^<]*</course>\s*)?"
    rb"(?:<speed>([^<&]*)</speed>\s*)?"
    rb"(?:<(?!ele>|time>|speed>)(\w+)>[^<]*</\w+>\s*)*"
    rb"(?:<extensions>([^<]*(?:<(?!/extensions>|/?trkpt)[^<]*)*)</extensions>\s*)?"
    rb"</trkpt>)"
)
_TRACK: Final = re.compile(rb"<trk(?:\s[^<>]*)?>")
_SEGMENT: Final = re.compile(rb"<trkseg(?:\s[^<>]*)?>")
_TYPE: Final = re.compile(rb"<type>([^<&]*)</type>")
_HEADER_B: Final = 8 * 1024
_NESTED: Final = re.compile(rb"<(link|extensions)[\s>].*?</\1>", re.DOTALL)
"""What may hold a ``type`` that is not the track's."""


@dataclass(slots=True)
class _Track:
    """A ``trk`` element: its type and the points of its segments."""

    sport: bytes = MISSING
    segments: list[Part] = field(default_factory=list)


def recognise(head: bytes, name: str) -> bool:
    """Whether the root element is ``gpx``."""
    return re.search(rb"<(?:[\w.-]+:)?gpx[\s/>]", xml_text.head_text(head)) is not None


def read(source: Source) -> Reading:
    """All tracks of the file, as one `Activity` with a summary each."""
    data = xml_text.prepared(source.data)
    tracks.refuse_endless(data.count(b"</trk>"), 0)
    problems: list[Problem] = []
    found = _fast(data)
    if found is None:
        found = _careful(data, source, problems)
    sessions = [
        Session(sports.sport_of(track.sport.decode("utf-8", "replace")), parts)
        for track in found
        if (parts := [part for part in track.segments if part.count])
    ]
    if not sessions:
        raise UnreadableFile(_nothing(data))
    activity = tracks.build(KIND, sessions, source, problems)
    return Reading(KIND, activities=[activity], problems=list(activity.problems))


def segments(data: bytes, source: Source, problems: list[Problem]) -> list[Part]:
    """The segments of all tracks of a file as texts, for a run whose other half lies elsewhere."""
    data = xml_text.prepared(data)
    tracks.refuse_endless(data.count(b"</trk>"), 0)
    found = _fast(data)
    if found is None:
        found = _careful(data, source, problems)
    return [part for track in found for part in track.segments if part.count]


def _nothing(data: bytes) -> str:
    if b"<rte" in data:
        return "this GPX file holds a planned route, not a recorded track"
    if b"<wpt" in data:
        return "this GPX file holds places (waypoints), not a recorded track"
    return "this GPX file holds no track with points"


def _fast(data: bytes) -> list[_Track] | None:
    """The file by patterns over its bytes; None if it is not plain or the patterns do not see every point."""
    if not xml_text.is_plain(data) or not data[-200:].rstrip().endswith(b"</gpx>"):
        return None
    found: list[_Track] = []
    seen = 0
    for start, end in _spans(_TRACK, data, 0, len(data)):
        segments = list(_spans(_SEGMENT, data, start, end))
        header = data[start : segments[0][0] if segments else end]
        if len(header) > _HEADER_B:
            return None
        match = _TYPE.search(_NESTED.sub(b"", header))
        track = _Track(MISSING if match is None else match[1].strip())
        for first, last in segments:
            part = _part(_POINT.findall(data, first, last))
            if part is None:
                return None
            seen += part.count
            track.segments.append(part)
        found.append(track)
    return found if seen == len(re.findall(rb"<(?:[\w.-]+:)?trkpt\b", data)) else None


def _spans(pattern: re.Pattern[bytes], data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """From behind each opening tag to the next one."""
    found = list(pattern.finditer(data, start, end))
    ends = [*(match.start() for match in found[1:]), end]
    for match, stop in zip(found, ends, strict=False):
        yield match.end(), stop


def _part(points: list[tuple[bytes, ...]]) -> Part | None:
    """The texts of the matched points; None when their extensions need a real parser."""
    if not points:
        return Part()
    lat, lon, turned_lon, turned_lat, ele, time, speed, _, extensions = zip(*points, strict=True)
    fields: dict[str, Sequence[bytes]] = {
        "lat_deg": _either(lat, turned_lat),
        "lon_deg": _either(lon, turned_lon),
        "altitude_m": ele,
        "time_utc": time,
        "speed_mps": speed,
    }
    if any(extensions):
        extras = _extras(extensions)
        if extras is None:
            return None
        for name, texts in extras.items():
            plain = fields.get(name, ())
            fields[name] = _either(plain, texts) if any(plain) else texts
    return Part(len(points), fields)


def _either(first: Sequence[bytes], second: Sequence[bytes]) -> Sequence[bytes]:
    if MISSING not in first or not any(second):
        return first
    return second if not any(first) else [a or b for a, b in zip(first, second, strict=True)]


def _extras(extensions: Sequence[bytes]) -> dict[str, Sequence[bytes]] | None:
    """For each column that any extension fills, a text a point; None when a pattern cannot be sure."""
    together = b"\0".join(extensions)
    if b"&" in together:
        return None
    present = {column for name, column in _EXTRAS.items() if name.encode() in together}
    out: dict[str, Sequence[bytes]] = {}
    for column in present:
        search, opening = _PATTERNS[column]
        texts = [MISSING if (match := search(block)) is None else match[1] for block in extensions]
        lacking = texts.count(MISSING)
        if lacking and len(texts) - lacking != len(opening(together)):
            return None
        out[column] = texts
    return out


def _patterns(column: str) -> tuple[Callable[[bytes], re.Match[bytes] | None], Callable[[bytes], list[bytes]]]:
    """For a column: the search for its first value in a block, and the finder of all its opening tags."""
    names = "|".join(name for name, filled in _EXTRAS.items() if filled == column)
    opening = rf"<(?:[\w.-]+:)?(?:{names})"
    value = re.compile(rf"{opening}(?:\s[^<>]*)?>\s*([^<\s][^<]*)</".encode())
    return value.search, re.compile(rf"{opening}[\s/>]".encode()).findall


_PATTERNS: Final = {column: _patterns(column) for column in sorted(set(_EXTRAS.values()))}


_STARTS: Final = frozenset({"trk", "trkseg"})
_ENDS: Final = frozenset({"trkpt", "trkseg", "wpt", "rte"})


def _careful(data: bytes, source: Source, problems: list[Problem]) -> list[_Track]:
    """The file through an XML parser, with its damage reported."""
    found: list[_Track] = []
    for event, name, element in xml_text.elements(data, _STARTS, _ENDS):
        if event == "damage":
            problems.append(Problem(source.name, "", name, lost=True))
        elif event == "start":
            if name == "trk":
                found.append(_Track())
            elif found:
                found[-1].segments.append(Part(0, {column: [] for column in _COLUMNS}))
                found[-1].sport = found[-1].sport or _type_of(element.getparent())
        elif name == "trkpt" and found and found[-1].segments:
            _add(found[-1].segments[-1], element)
    return found


def _type_of(track: _Element | None) -> bytes:
    kind = None if track is None else track.find("{*}type")
    return MISSING if kind is None else xml_text.text_of(kind)


_COLUMNS: Final = ("lat_deg", "lon_deg", "altitude_m", "time_utc", *_PATTERNS)
_CHILDREN: Final[Mapping[str, str]] = {"ele": "altitude_m", "time": "time_utc", "speed": "speed_mps"}


def _add(part: Part, point: _Element) -> None:
    """One more point: its attributes, its own children, then its extensions."""
    found = {"lat_deg": (point.get("lat") or "").encode(), "lon_deg": (point.get("lon") or "").encode()}
    inside: dict[str, bytes] = {}
    for child in point:
        name = xml_text.local(child)
        if name in _CHILDREN:
            found.setdefault(_CHILDREN[name], xml_text.text_of(child))
        elif name == "extensions":
            for element in child.iter():
                column = _EXTRAS.get(xml_text.local(element))
                if column is not None:
                    inside[column] = inside.get(column) or xml_text.text_of(element)
    for column in _COLUMNS:
        text = found.get(column, MISSING) or inside.get(column, MISSING)
        part.fields[column].append(text)  # type: ignore[attr-defined]
    part.count += 1
