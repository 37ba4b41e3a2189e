"""A planned session as a FIT workout file, and the days of a FIT schedule file.

A workout file says what, not when: its day comes from the schedule in the same file, or by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from freshlegs.importers.fit import columns
from freshlegs.importers.fit import profile as p
from freshlegs.importers.fit.walk import Part, file_type, parts
from freshlegs.importers.plans import words
from freshlegs.importers.plans.contract import PlanReading, Reader
from freshlegs.problems import UnreadableFile
from freshlegs.units import FIT_EPOCH_S

KIND: Final = "FIT workout"
LARGEST_B: Final = 4 << 20
REPEATS_AT_MOST: Final = 1_000

TIME, DISTANCE, OPEN, REPEAT = 0, 1, 5, 6
ACTIVE, REST, WARM_UP, COOL_DOWN, RECOVERY, INTERVAL = range(6)
_HARD: Final = frozenset({ACTIVE, INTERVAL})
_RUNNING, _TRAINING, _WALKING, _HIKING, _FITNESS = 1, 10, 11, 17, 4
_EPOCH: Final = datetime(1970, 1, 1) + timedelta(seconds=FIT_EPOCH_S)


@dataclass(slots=True)
class _Length:
    """What steps come to: seconds of timed ones, metres of measured ones, and how many have neither."""

    seconds: float = 0.0
    metres: float = 0.0
    open: int = 0

    def more(self, other: _Length, times: int = 1) -> None:
        self.seconds += times * other.seconds
        self.metres += times * other.metres
        self.open += times * other.open


def recognise(head: bytes, name: str) -> bool:
    """Whether a FIT header begins it; which kind of FIT file turns out on reading."""
    return head[8:12] == b".FIT"


def read(data: bytes, reader: Reader) -> PlanReading:
    """The workout of a file on each of its days; UnreadableFile for other FIT files, and for one without a day."""
    kind = file_type(data)
    if len(data) > LARGEST_B or kind not in (p.FILE_TYPE_WORKOUT, p.FILE_TYPE_SCHEDULE):
        raise UnreadableFile(
            f"this is {p.FILE_TYPES.get(kind or 0, 'a FIT file of another kind')}, not a planned session"
        )
    reading = PlanReading(KIND)
    found = parts(data)
    for part in found:
        for at, why in part.faults:
            reading.say(reader, f"byte {at}", why)
    days = [reader.on] if reader.on is not None else [day for part in found for day in _scheduled(data, part)]
    workouts = [part for part in found if p.WORKOUT in part.messages or p.WORKOUT_STEP in part.messages]
    if not workouts:
        raise UnreadableFile("this FIT schedule names days, but the workouts themselves are in files of their own")
    if not days:
        raise UnreadableFile("a FIT workout does not say its day; give it with --date")
    if not any(reader.first <= day <= reader.last for day in days):
        raise UnreadableFile(f"no session of it lies between {reader.first} and {reader.last}")
    for part in workouts:
        values = _session(data, part, reader, reading)
        name = _identity(data, part) or values["title"] or reader.name
        for day in days:
            if reader.first <= day <= reader.last:
                reading.add(reader, "", values | {"uid": f"{name}/{day.isoformat()}", "date": day})
    return reading


def _scheduled(data: bytes, part: Part) -> list[date]:
    seconds = [values.get(6) for _, values, _ in columns.rows(data, part, p.SCHEDULE)]
    return [(_EPOCH + timedelta(seconds=at)).date() for at in seconds if at is not None]


def _identity(data: bytes, part: Part) -> str | None:
    """Serial number and time of making: the same workout exported again is the same session."""
    for _, values, _ in columns.rows(data, part, p.FILE_ID):
        if values.get(3) is not None or values.get(4) is not None:
            return f"fit-{values.get(3, 0)}-{values.get(4, 0)}"
    return None


def _session(data: bytes, part: Part, reader: Reader, reading: PlanReading) -> dict[str, Any]:
    head: Mapping[int, Any] = next((values for _, values, _ in columns.rows(data, part, p.WORKOUT)), {})
    steps = [values for _, values, _ in columns.rows(data, part, p.WORKOUT_STEP)]
    title = str(head.get(8) or "")
    whole = _whole(steps)
    values: dict[str, Any] = {"title": title or None, "kind": _kind(head.get(4), title, steps)}
    if whole.open:
        reading.say(reader, "", f"{whole.open} of its steps have no length; they are not counted")
    if whole.metres and whole.seconds:
        reading.say(reader, "", "its steps are partly minutes and partly metres; the length of its kind is assumed")
    elif whole.metres:
        values["distance_m"] = whole.metres
    elif whole.seconds:
        values["duration_s"] = whole.seconds
    return values


def _whole(steps: list[dict[int, Any]]) -> _Length:
    """All steps with their repeats: a repeat step goes back to an earlier one until so many rounds are run."""
    each: list[_Length] = []
    for step in steps:
        value, length = float(step.get(2) or 0), _Length()
        kind = step.get(1)
        if kind == TIME:
            length.seconds = value / 1000.0
        elif kind == DISTANCE:
            length.metres = value / 100.0
        elif kind == REPEAT:
            rounds = min(int(step.get(4) or 1), REPEATS_AT_MOST)
            for earlier in each[int(value) :]:
                length.more(earlier, rounds - 1)
        else:
            length.open = 1
        each.append(length)
    whole = _Length()
    for length in each:
        whole.more(length)
    return whole


def _kind(sport: Any, title: str, steps: list[dict[int, Any]]) -> str:
    if sport in (_WALKING, _HIKING):
        return "walk"
    if sport in (_TRAINING, _FITNESS):
        return "strength"
    if sport not in (_RUNNING, None, 0):
        return "cross"
    told = words.kind_of(title)
    if told is not None:
        return told
    return "intervals" if any(step.get(1) == REPEAT for step in steps) else "easy"
