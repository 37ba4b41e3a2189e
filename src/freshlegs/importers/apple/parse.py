"""Elements out of XML by a real parser: of a whole export the careful way, of single fragments behind the fast scan.

Apple's exports are not always well formed. The document type declaration in front is broken in some versions of iOS;
it says nothing that is needed and is never given to the parser, so an entity that it declares is declared nowhere.
Control characters, which XML forbids, are taken out.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from sys import intern
from typing import Any, Final
from xml.parsers import expat

import numpy as np

from freshlegs.importers.apple import elements as e
from freshlegs.importers.apple.elements import TOO_FAST_BPM, Element, Export, HeartRate
from freshlegs.importers.tracks import number, numbers
from freshlegs.problems import UnreadableFile

FRONT_B: Final = 2**20
"""Where the root element has to have begun; the declaration in front of it is ten kilobytes long."""

_LONGEST_S: Final = 400 * 86_400.0
ELEMENTS_AT_MOST: Final = 2_000_000
BEATS_AT_MOST: Final = 40_000_000
"""Elements and heart rates held in memory, more than fifty years of them; an export that holds more is read so far."""

BEATS: Final = "Beats"
"""How heart rates are written in the parts of an export; whole exports have none of these."""

CONTROLS: Final = bytes(byte for byte in range(32) if byte not in b"\t\n\r")

_RECORD: Final = ("type", "sourceName", "unit", "startDate", "endDate", "value")
_KEPT: Final[dict[str, tuple[str, ...]]] = {
    "Me": ("HKCharacteristicTypeIdentifierDateOfBirth", "HKCharacteristicTypeIdentifierBiologicalSex"),
    "Record": _RECORD,
    "Workout": (
        *("workoutActivityType", "duration", "durationUnit", "totalDistance", "totalDistanceUnit"),
        *("sourceName", "startDate", "endDate"),
    ),
    "MetadataEntry": ("key", "value"),
    "WorkoutStatistics": ("type", "average", "maximum", "sum", "unit"),
    "WorkoutActivity": ("startDate", "endDate"),
    "WorkoutEvent": ("type", "date", "duration", "durationUnit"),
    "WorkoutRoute": ("startDate", "endDate"),
    "FileReference": ("path",),
    "Location": ("date", "latitude", "longitude", "altitude", "speed"),
}
"""The elements that are kept and what of them, in the order in which it is written; all others are passed over."""

_SHARED: Final = frozenset({"type", "sourceName", "unit", "value", "key", "durationUnit", "totalDistanceUnit"})
"""Attributes whose texts come again and again; each is held once."""
_METADATA: Final = frozenset(
    {e.ZONE, "HKIndoorWorkout", "HKElevationAscended", "HKWeatherTemperature", "HKMenstrualCycleStart"}
)
_STATISTICS: Final = frozenset(
    {
        e.HEART_RATE,
        *(f"{e.QUANTITY}Distance{of}" for of in ("WalkingRunning", "Cycling", "Swimming", "DownhillSnowSports")),
    }
)


class Collector:
    """Takes what a parser meets and keeps the wanted part of it."""

    def __init__(self, export: Export) -> None:
        self.export = export
        self.pieces: list[HeartRate] = []
        self.numbers: dict[str, int] = {}
        self.root_ended = False
        self._open: list[Element] = []
        self._passed_over = 0
        self._kept = self._beats = 0
        self._at_us, self._bpm, self._from = array("q"), array("f"), array("H")

    def source(self, name: str) -> int:
        """The number of a source of heart rates."""
        found = self.numbers.get(name)
        if found is None:
            found = self.numbers[name] = min(len(self.numbers), 2**16 - 1)
            self.export.sources.append(name)
        return found

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if name == BEATS and not (self._open or self._passed_over):
            self._series(attributes)
        if self._passed_over or name not in _KEPT or (self._open and self._open[-1].get("type") in e.CHILDLESS):
            self._passed_over += bool(self._passed_over or self._open)
            return
        if not self._open:
            if name not in ("Record", "Workout", "Me"):
                return
            if name == "Record" and attributes.get("type") not in e.RECORDS:
                if attributes.get("type") == e.HEART_RATE:
                    self._beat(attributes)
                self._passed_over = 1
                return
        if self._kept >= ELEMENTS_AT_MOST:
            self._full()
            self._passed_over = 1
            return
        kept = _KEPT[name]
        element = Element(
            name,
            {key: intern(attributes[key]) if key in _SHARED else attributes[key] for key in kept if key in attributes},
        )
        if name == "Record" and "sourceName" not in attributes and "source" in attributes:
            element.attributes["sourceName"] = attributes["source"]
        if self._open and self._is_wanted(element):
            self._open[-1].adopt(element)
        self._open.append(element)
        self._kept += 1

    def end(self, name: str) -> None:
        """An element ends."""
        if self._passed_over:
            self._passed_over -= 1
            return
        if name == "HealthData":
            self.root_ended = True
        if not self._open or self._open[-1].name != name:
            return
        element = self._open.pop()
        if self._open:
            return
        if name == "Record":
            self.export.records.append(element)
        elif name == "Workout":
            self.export.workouts.append(element)
        else:
            self.export.about[name] = element

    def forget(self) -> None:
        """Leave out an element that was not finished."""
        self._open.clear()
        self._passed_over = 0

    def keep(self, piece: HeartRate) -> None:
        """Heart rates in columns, as many as are held."""
        self._beats += len(piece)
        if self._beats > BEATS_AT_MOST:
            self._full()
        else:
            self.pieces.append(piece)

    def _full(self) -> None:
        told = ("", "the export holds more than any person can record; what comes after was left out")
        if told not in self.export.faults:
            self.export.faults.append(told)

    def mark(self) -> tuple[int, int, int]:
        """How much was kept so far, for `back_to`."""
        return len(self.export.records), len(self.export.workouts), len(self._at_us)

    def back_to(self, mark: tuple[int, int, int]) -> None:
        """Forget what was kept since."""
        self.forget()
        for kept, length in zip((self.export.records, self.export.workouts), mark[:2], strict=True):
            del kept[length:]
        for column in (self._at_us, self._bpm, self._from):
            del column[mark[2] :]

    def _is_wanted(self, element: Element) -> bool:
        if element.name == "MetadataEntry":
            return element.get("key") in _METADATA
        return element.name != "WorkoutStatistics" or element.get("type") in _STATISTICS

    def _beat(self, attributes: dict[str, str]) -> None:
        start, bpm = e.instant(attributes.get("startDate")), number(attributes.get("value", "").encode())
        if start is None or not bpm > 0:
            return
        if len(self._at_us) >= BEATS_AT_MOST:
            self._full()
            return
        self._at_us.append(round(start.timestamp()) * 1_000_000)
        self._bpm.append(min(bpm, TOO_FAST_BPM))
        self._from.append(self.source(e.source_of(attributes)))

    def _series(self, attributes: dict[str, str]) -> None:
        """Heart rates as the parts of an export have them."""
        start = e.instant(attributes.get("startDate"))
        seconds, _ = numbers(attributes.get("seconds", "").encode().split())
        bpm, _ = numbers(attributes.get("bpm", "").encode().split())
        since = np.cumsum(seconds) if len(seconds) == len(bpm) else seconds[:0]
        if start is None or not len(since) or not (np.isfinite(since).all() and (abs(since) < _LONGEST_S).all()):
            self.export.faults.append((BEATS, "heart rates are damaged and were left out"))
            return
        good = bpm > 0
        at_us = round(start.timestamp()) * 1_000_000 + np.round(since[good]).astype(np.int64) * 1_000_000
        source = np.full(len(at_us), self.source(e.source_of(attributes)), np.uint16)
        self.keep(HeartRate(at_us, np.minimum(bpm[good], TOO_FAST_BPM).astype(np.float32), source))

    def finish(self) -> Export:
        """The export with its heart rate in order of time."""
        if self._at_us:
            self.pieces.append(
                HeartRate(
                    np.array(self._at_us, np.int64), np.array(self._bpm, np.float32), np.array(self._from, np.uint16)
                )
            )
        self.export.heart_rate = HeartRate.joined(self.pieces)
        return self.export


def parser_for(collector: Collector) -> expat.XMLParserType:
    """A parser that gives a collector what it meets."""
    made = expat.ParserCreate()
    made.StartElementHandler = collector.start
    made.EndElementHandler = collector.end
    made.EntityDeclHandler = _no_entities
    return made


def _no_entities(*_of: Any) -> None:
    raise UnreadableFile("the XML declares entities, which could unfold without end; it was not read")


def careful(chunks: Iterator[bytes], export: Export) -> Export:
    """A whole export through the parser; where it is damaged, what stands before is kept."""
    collector = Collector(export)
    parser = parser_for(collector)
    try:
        front, root = front_of(chunks)
        parser.Parse(_declaration(front) + root.translate(None, CONTROLS), False)
        for chunk in chunks:
            parser.Parse(chunk.translate(None, CONTROLS), False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        collector.forget()
        why = "the file breaks off" if not collector.root_ended and error.code in _CUT else "the XML is damaged"
        export.faults.append(
            (f"line {error.lineno}", f"{why} ({expat.ErrorString(error.code)}); what stood before was read")
        )
    except UnreadableFile as error:
        if not (export.records or export.workouts or export.about):
            raise
        collector.forget()
        export.faults.append(("", f"{error}; what stood before was read"))
    return collector.finish()


_CUT: Final = frozenset(
    expat.errors.codes[text]
    for text in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
)


def front_of(chunks: Iterator[bytes]) -> tuple[bytes, bytes]:
    """What stands before the root element, and the beginning of the file from there on."""
    found = b""
    for chunk in chunks:
        found += chunk
        at = found.find(b"<HealthData")
        if at >= 0:
            return found[:at], found[at:]
        if len(found) > FRONT_B:
            break
    raise UnreadableFile("this is no Apple Health export: it has no HealthData in it")


def _declaration(front: bytes) -> bytes:
    """The XML declaration, which names the encoding; nothing else of the front is given to the parser.

    One that names no encoding the parser knows is left out: Apple writes UTF-8.
    """
    at = front.find(b"<?xml")
    end = front.find(b"?>", at)
    found = front[at : end + 2] if 0 <= at < end else b""
    try:
        expat.ParserCreate().Parse(found, False)
    except (LookupError, ValueError, expat.ExpatError):
        return b""
    return found
