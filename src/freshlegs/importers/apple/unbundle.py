"""A whole Apple Health export into small files of its own: one a workout, one a month of nights and mornings.

What belongs together stays together (a workout, its heart rates, its routes), in Apple's own words but for the heart
rates, which are written shorter. The same content gives the same bytes in whatever zone and season the phone exported
it, so a part that is known is known again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC
from typing import Final

import numpy as np

from freshlegs.importers import instants, nights
from freshlegs.importers.apple import days, parse, runs
from freshlegs.importers.apple import elements as e
from freshlegs.importers.apple.elements import Element, Export, HeartRate
from freshlegs.importers.nights import Sleep, Stage
from freshlegs.problems import UnreadableFile

Part = tuple[str, bytes]
"""A name, and what the part holds."""

_DATES: Final = ("startDate", "endDate", "date")


class Routes:
    """The GPX files beside an export: what each holds, asked for when a workout wants it."""

    def __init__(self, files: Mapping[str, Callable[[], bytes]]) -> None:
        self._files = dict(files)
        self.used: set[str] = set()
        self.faults: list[tuple[str, str]] = []

    def of(self, workout: Element) -> list[bytes]:
        """The routes that a workout names."""
        found = []
        for route in workout.every("WorkoutRoute"):
            for reference in route.every("FileReference"):
                wanted = (reference.get("path") or "").replace("\\", "/").rpartition("/")[2]
                if wanted in self._files and wanted not in self.used:
                    self.used.add(wanted)
                    try:
                        data = self._files[wanted]()
                    except UnreadableFile as error:
                        self.faults.append((wanted, f"{error}; the route was left out"))
                        continue
                    at, end = data.find(b"<gpx"), data.rfind(b"</gpx>")
                    found.append(data[at : end + 6] if 0 <= at < end else data[max(at, 0) :] + b"</gpx>")
        return found


def parts(export: Export, routes: Routes) -> Iterator[Part]:
    """The parts of an export."""
    yield from _about(export)
    efforts = list(export.of_type(e.EFFORT))
    met: dict[str, int] = defaultdict(int)
    for workout in export.workouts:
        span = e.span(workout)
        name = f"workouts/{'undated' if span is None else f'{span[0].astimezone(UTC):%Y-%m-%d %H.%M.%S}'}"
        met[name] += 1
        beats = runs.beats_of(workout, export.heart_rate, export.sources)
        own = [] if span is None else [record for record in efforts if runs.effort(span, [record]) is not None]
        inside = [_stable(workout).xml(), *(_stable(one).xml() for one in own), *_beats(beats, export.sources)]
        extra = b"".join(route + b"\n" for route in routes.of(workout))
        yield f"{name}{'' if met[name] == 1 else f' ({met[name]})'}.xml", _document("workout", inside, extra)
    yield from _months(export)


def _document(what: str, inside: Sequence[str], extra: bytes = b"") -> bytes:
    return f'<HealthData part="{what}">\n{"".join(inside)}'.encode() + extra + b"</HealthData>\n"


def _about(export: Export) -> Iterator[Part]:
    """Who it is, and the last height."""
    heights = list(export.of_type(e.HEIGHT))[-1:]
    inside = [_stable(one).xml() for one in (*export.about.values(), *heights) if one.attributes]
    if inside:
        yield "about.xml", _document("about", inside)


def _stable(element: Element) -> Element:
    """The same, with its times in UTC where it says itself in which zone they were; else the phone's word stays."""
    zoned = e.ZONE in element.metadata()

    def told(one: Element) -> Element:
        dates = {name: _in_utc(one.attributes[name]) for name in _DATES if zoned and name in one.attributes}
        return Element(one.name, one.attributes | dates, [told(child) for child in one.children])

    return told(element)


def _in_utc(text: str) -> str:
    moment = e.instant(text)
    return text if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} +0000"


def _beats(beats: HeartRate, sources: Sequence[str]) -> list[str]:
    """Heart rates, one element a source: seconds from one to the next, and beats a minute, a thirtieth of the room."""
    found = []
    for number in np.unique(beats.source).tolist():
        own = beats.of(number)
        seconds = np.diff(own.at_us // 1_000_000, prepend=own.at_us[0] // 1_000_000)
        told = {
            "sourceName": sources[number],
            "startDate": f"{instants.datetime_of(int(own.at_us[0])):%Y-%m-%d %H:%M:%S} +0000",
            "seconds": " ".join(map(str, seconds.tolist())),
            "bpm": " ".join(f"{bpm:g}" for bpm in own.bpm.tolist()),
        }
        found.append(Element(parse.BEATS, told).xml())
    return found


def _months(export: Export) -> Iterator[Part]:
    """Nights and mornings by month; a night is not cut in two by its end. One month is written at a time."""
    months: dict[str, list[tuple[Sleep | None, list[Element]]]] = defaultdict(list)
    for sleep, records in _nights(export):
        months[f"{sleep.end.astimezone(UTC):%Y-%m}"].append((sleep, records))
    for record in export.records:
        kind = record.attributes["type"]
        if kind not in (e.HEIGHT, e.EFFORT) and (kind != e.SLEEP or days.stage_of(record) is None):
            end = e.instant(record.get("endDate"))
            months["undated" if end is None else f"{end.astimezone(UTC):%Y-%m}"].append((None, [record]))
    for month in sorted(months):
        inside: list[str] = []
        for night, records in months.pop(month):
            inside += [_stable(record).xml() for record in records]
            if night is not None:
                span = instants.micros_of(night.start), instants.micros_of(night.end)
                inside += _beats(export.heart_rate.between(*span), export.sources)
        yield f"{month}.xml", _document("month", inside)


def _nights(export: Export) -> Iterator[tuple[Sleep, list[Element]]]:
    """Stretches in which anybody saw a sleep, with the records of all of them."""
    stages: dict[Stage, list[Element]] = defaultdict(list)
    for record in export.of_type(e.SLEEP):
        stage = days.stage_of(record)
        if stage is not None:
            stages[stage].append(record)
    for sleep in nights.sleeps(stages):
        yield sleep, [record for stage in sleep.stages for record in stages[stage]]
