"""A plan written by hand, in YAML: a list of sessions, or weeks of seven short lines (docs/how-to/plan.md)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

import yaml

from freshlegs.importers.delimited import brief, decoded
from freshlegs.importers.plans import words
from freshlegs.importers.plans.contract import PlanReading, Reader, from_words
from freshlegs.importers.plans.sheet import clock
from freshlegs.problems import UnreadableFile
from freshlegs.vocabulary import PLAN_KINDS, WEEKDAYS

KIND: Final = "YAML"
LARGEST_B: Final = 1 << 20
WEEKS_AT_MOST: Final = 104
_KEYS: Final = frozenset(
    {"date", "kind", "time", "duration", "distance", "load", "optional", "title", "note", "at", "uid"}
)


def recognise(head: bytes, name: str) -> bool:
    """Whether a line begins with ``sessions:`` or ``weeks:``."""
    return any(line.startswith((b"sessions:", b"weeks:")) for line in head.lstrip(b"\xef\xbb\xbf").splitlines())


def read(data: bytes, reader: Reader) -> PlanReading:
    """Sessions and weeks of the file; UnreadableFile when it is no such plan."""
    if len(data) > LARGEST_B:
        raise UnreadableFile("a plan of more than a megabyte is no plan written by hand")
    try:
        whole = yaml.safe_load(decoded(data))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        at = getattr(error, "problem_mark", None)
        place = f" (line {at.line + 1})" if at is not None else ""
        raise UnreadableFile(f"this is no valid YAML{place}") from None
    if not isinstance(whole, Mapping) or not {"sessions", "weeks"} & whole.keys():
        raise UnreadableFile("a plan in YAML has sessions: or weeks:, see docs/how-to/plan.md")
    reading = PlanReading(KIND)
    seen: dict[date, int] = {}
    for number, entry in enumerate(_listed(whole.get("sessions")), start=1):
        _session(entry, f"session {number}", reader, reading, seen)
    for number, week in enumerate(_listed(whole.get("weeks")), start=1):
        _week(week, f"week {number}", reader, reading, seen)
    return reading


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _session(entry: Any, where: str, reader: Reader, reading: PlanReading, seen: dict[date, int]) -> None:
    if not isinstance(entry, Mapping):
        reading.say(reader, where, f"{brief(str(entry))!r} is no session (date: …, kind: …); it was left out")
        return
    day = _day(entry.get("date"))
    if day is None:
        reading.say(reader, where, "it needs a date such as 2026-05-04; it was left out")
        return
    strange = sorted(str(key) for key in entry if key not in _KEYS)
    if strange:
        reading.say(
            reader, where, f"{', '.join(map(brief, strange))} is not known; known are {', '.join(sorted(_KEYS))}"
        )
    _put(_values(entry, where, reader, reading), entry.get("uid"), day, where, reader, reading, seen)


def _values(entry: Mapping[str, Any], where: str, reader: Reader, reading: PlanReading) -> dict[str, Any] | None:
    title, note, kind = (str(entry.get(key) or "") for key in ("title", "note", "kind"))
    if kind and kind not in PLAN_KINDS:
        reading.say(
            reader, where, f"kind cannot be {brief(kind)!r}; it is one of {', '.join(PLAN_KINDS)}; it was left out"
        )
        return None
    found = from_words(title, note) if not kind else ({"kind": kind}, [])
    if found is None:
        reading.say(reader, where, f"it needs a kind ({', '.join(PLAN_KINDS)}); it was left out")
        return None
    values, assumed = found
    for what in assumed:
        reading.say(reader, where, what)
    for name, keys in (("duration_s", ("time", "duration")), ("distance_m", ("distance",)), ("load_lu", ("load",))):
        told = next((entry[key] for key in keys if entry.get(key) is not None), None)
        if told is not None:
            values[name] = _size(name, told)
            if values[name] is None:
                unit = {"duration_s": "45 min or 1 h 30", "distance_m": "8 km", "load_lu": "40"}[name]
                reading.say(reader, where, f"{brief(str(told))!r} says no {name.split('_')[0]}; write {unit}")
    at = entry.get("at")  # YAML reads 18:30 as minutes of 18 hours
    minutes = float(at) if isinstance(at, int) else None if at is None else clock(str(at))
    return values | {
        "title": title or None,
        "note": note or None,
        "optional": entry.get("optional") is True or None,
        "start_min": minutes,
    }


def _size(name: str, told: Any) -> float | None:
    if name == "load_lu":
        return float(told) if isinstance(told, (int, float)) and not isinstance(told, bool) else None
    found = getattr(words.read_size(str(told)), name)
    return None if found is None else float(found)


def _week(week: Any, where: str, reader: Reader, reading: PlanReading, seen: dict[date, int]) -> None:
    start = _day(week.get("from")) if isinstance(week, Mapping) else None
    if start is None:
        reading.say(reader, where, "it needs from: and a date, the first day of the week; it was left out")
        return
    repeat = week.get("repeat", 1)
    times = repeat if isinstance(repeat, int) and 1 <= repeat <= WEEKS_AT_MOST else 1
    if times != repeat:
        reading.say(reader, where, f"repeat must be a whole number from 1 to {WEEKS_AT_MOST}; taken as 1")
    for key, line in week.items():
        if key in ("from", "repeat", "note"):
            continue
        weekday = next((n for n, name in enumerate(WEEKDAYS) if str(key).lower()[:3] == name.lower()[:3]), None)
        if weekday is None:
            reading.say(reader, where, f"{brief(str(key))!r} is no weekday (mon, tue, …); it was left out")
            continue
        for text in _listed(line):
            _line(
                str(text), start + timedelta(days=(weekday - start.weekday()) % 7), times, where, reader, reading, seen
            )


def _line(
    text: str, day: date, times: int, where: str, reader: Reader, reading: PlanReading, seen: dict[date, int]
) -> None:
    found = from_words(text)
    if found is None:
        reading.say(reader, where, f"no training was recognised in “{brief(text)}”; it was left out")
        return
    values, assumed = found
    for what in assumed:
        reading.say(reader, where, f"“{brief(text)}”: {what}")
    values |= {"title": text, "optional": "optional" in text.lower() or None}
    for number in range(times):
        _put(dict(values), None, day + timedelta(days=7 * number), where, reader, reading, seen)


def _put(
    values: dict[str, Any] | None,
    uid: Any,
    day: date,
    where: str,
    reader: Reader,
    reading: PlanReading,
    seen: dict[date, int],
) -> None:
    if values is None or not reader.first <= day <= reader.last:
        return
    seen[day] = seen.get(day, 0) + 1
    reading.add(reader, where, values | {"uid": str(uid or f"{day.isoformat()}-{seen[day]}"), "date": day})


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
