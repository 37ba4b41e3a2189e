"""A plan from a table (CSV): a day a line, columns by our own names or by what others call them.

Our names are those of `freshlegs.tables.PLAN`. A heading that names a unit (``Duration (min)``, ``Miles``) is
believed; numbers without one are minutes and kilometres, and the list of problems says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from freshlegs.importers.delimited import brief, cells, header_of, sheet
from freshlegs.importers.plans import words
from freshlegs.importers.plans.contract import PlanReading, Reader, from_words
from freshlegs.problems import UnreadableFile
from freshlegs.units import KM_PER_MILE
from freshlegs.vocabulary import PLAN_KINDS

KIND: Final = "CSV"

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "date": ("date", "day", "workoutday", "datum", "fecha", "data", "dato", "jour", "startdate", "scheduleddate"),
    "kind": ("kind", "type", "workouttype", "sessiontype", "art", "typ", "tipo", "soort", "category", "activitytype"),
    "title": ("title", "name", "workout", "session", "workoutname", "summary", "titel", "einheit", "training", "titre"),
    "note": ("note", "notes", "description", "details", "workoutdescription", "beschreibung", "comment", "comments"),
    "duration_s": (
        "duration",
        "time",
        "plannedduration",
        "minutes",
        "min",
        "dauer",
        "zeit",
        "durée",
        "duración",
        "hours",
    ),
    "distance_m": (
        "distance",
        "planneddistance",
        "planneddistanceinmeters",
        "km",
        "miles",
        "mi",
        "distanz",
        "distancia",
    ),
    "load_lu": ("load", "tss", "plannedload", "plannedtss", "trainingload", "belastung", "lu"),
    "optional": ("optional",),
    "start_min": ("start", "starttime", "at", "uhrzeit"),
    "uid": ("uid", "id"),
}
SIZES: Final = ("duration_s", "distance_m", "load_lu")
_ORDERS: Final = ("%d/%m/%Y", "%m/%d/%Y")
_YES: Final = frozenset({"true", "yes", "y", "1", "x", "ja", "oui", "sí", "si"})


def recognise(head: bytes, name: str) -> bool:
    """Whether it is a table with a day and something that tells of a session."""
    found = columns_of(header_of(head))
    return "date" in found and bool({"kind", "title", "note"} & found.keys())


def columns_of(header: Sequence[str]) -> dict[str, str]:
    """Our column to theirs, each the first that fits; a unit in brackets is no part of a name."""
    found: dict[str, str] = {}
    for theirs in header:
        exact = theirs.strip().lower()
        plain = re.sub(r"[\W_]", "", re.sub(r"[(\[].*?[)\]]", "", exact))
        for ours, aliases in _NAMES.items():
            if ours not in found and (exact == ours or plain in aliases):
                found[ours] = theirs
                break
    return found


def read(data: bytes, reader: Reader) -> PlanReading:
    """A session a line; UnreadableFile when the header names no day, or nothing about a session."""
    table = sheet(data)
    columns = columns_of(table.header)
    if "date" not in columns or not {"kind", "title", "note"} & columns.keys():
        shown = ", ".join(map(brief, table.header[:8]))
        raise UnreadableFile(f"a plan needs a column for the day and one for the kind or title; this has {shown}")
    reading = PlanReading(KIND)
    rows = [(line, dict(cells(row, table.header))) for line, row in table.rows]
    theirs = columns["date"]
    days = _Days([row[theirs] for _, row in rows if theirs in row])
    units = _Units(columns, reading, reader)
    seen: dict[date, int] = {}
    for line, row in rows:
        named = {ours: row[name] for ours, name in columns.items() if name in row}
        _take(named, f"line {line}", reader, reading, days, units, seen)
    return reading


def _take(
    named: Mapping[str, str],
    where: str,
    reader: Reader,
    reading: PlanReading,
    days: _Days,
    units: _Units,
    seen: dict[date, int],
) -> None:
    if "date" not in named or len(named) == 1:
        if named:
            reading.say(reader, where, "it has no day, or nothing besides; it was left out")
        return
    day = days.read(named["date"])
    if isinstance(day, str):
        reading.say(reader, where, f"{day}; it was left out")
        return
    if not reader.first <= day <= reader.last:
        return
    values = _session(named, where, reader, reading, units)
    if values is None:
        return
    seen[day] = seen.get(day, 0) + 1
    values["uid"] = named.get("uid") or f"{day.isoformat()}-{seen[day]}"
    reading.add(reader, where, values | {"date": day})


def _session(
    named: Mapping[str, str], where: str, reader: Reader, reading: PlanReading, units: _Units
) -> dict[str, Any] | None:
    title, note, told = named.get("title", ""), named.get("note", ""), named.get("kind", "")
    exact = told.lower() if told.lower() in PLAN_KINDS else None
    found = from_words(" ".join(filter(None, (told, title))), note)
    if exact is not None:
        size = words.read_size(title)
        found = {"kind": exact, "duration_s": size.duration_s, "distance_m": size.distance_m, "load_lu": None}, []
    sizes = {
        name: units.read(name, named[name], where) for name in ("duration_s", "distance_m", "load_lu") if name in named
    }
    if found is None:
        if not any(sizes.values()):
            shown = brief(title or told or note)
            reading.say(reader, where, f"no training was recognised in “{shown}”; it was left out")
            return None
        found = {"kind": "easy"}, ["it names no kind of run; taken as easy"]
    values, assumed = found
    for what in assumed:
        reading.say(reader, where, f"“{brief(title or told)}”: {what}")
    values |= {name: value for name, value in sizes.items() if value is not None}
    if values["kind"] == "rest":
        values |= {"duration_s": None, "distance_m": None, "load_lu": None}
    values |= {"title": title or None, "note": note or None}
    values["optional"] = named["optional"].lower() in _YES if "optional" in named else None
    values["start_min"] = clock(named["start_min"]) if "start_min" in named else None
    return values


def clock(text: str) -> float | None:
    """A clock time (or a plain number) as minutes after midnight; None when it is none.

    >>> clock("18:30"), clock("6:05 pm"), clock("soon")
    (1110.0, 1085.0, None)
    """
    found = re.fullmatch(r"(\d{1,2})[:.h](\d{2})(?::\d{2})?\s*(am|pm)?", text.strip().lower())
    if found is None:
        return float(text) if re.fullmatch(r"\d{1,4}(?:\.0)?", text.strip()) else None
    hour = int(found[1]) % 12 + (12 if found[3] == "pm" else 0) if found[3] else int(found[1])
    return float(hour * 60 + int(found[2])) if hour < 24 and int(found[2]) < 60 else None


class _Days:
    """How the dates of a column are written: ISO, with points, or with strokes in the order that all of them allow."""

    def __init__(self, texts: Sequence[str]) -> None:
        strokes = [
            text.split()[0].replace("-", "/") for text in texts if re.match(r"\d{1,2}[/-]\d{1,2}[/-]\d{4}", text)
        ]
        self.fitting = [order for order in _ORDERS if all(_parsed(text, order) for text in strokes)]

    def read(self, text: str) -> date | str:
        """The day, or why it is none."""
        bare = re.sub(r"^[^\W\d]+\.?,?\s+", "", text.strip())  # a weekday's name in front
        iso = re.match(r"\d{4}-\d{2}-\d{2}", bare)
        if iso is not None:
            try:
                return date.fromisoformat(iso[0])
            except ValueError:
                return f"there is no day {brief(text)}"
        pointed = re.match(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})", bare)
        if pointed is not None:
            return _parsed("/".join(pointed.groups()), _ORDERS[0]) or f"there is no day {brief(text)}"
        stroke = re.match(r"\d{1,2}[/-]\d{1,2}[/-]\d{4}", bare)
        if stroke is None:
            return f"{brief(text)!r} is no day; write it like 2026-05-04"
        if len(self.fitting) == 2:
            return f"{brief(text)} may be two days; write it like 2026-05-04"
        if not self.fitting:
            return f"there is no day {brief(text)}"
        return _parsed(stroke[0].replace("-", "/"), self.fitting[0]) or f"there is no day {brief(text)}"


def _parsed(text: str, order: str) -> date | None:
    try:
        return datetime.strptime(text, order).date()
    except ValueError:
        return None


class _Units:
    """What a number of a column means, by its heading; what had to be assumed is said once."""

    def __init__(self, columns: Mapping[str, str], reading: PlanReading, reader: Reader) -> None:
        self._heads = {ours: theirs.lower() for ours, theirs in columns.items()}
        self._reading, self._reader = reading, reader
        self._said: set[str] = set()

    def read(self, name: str, text: str, where: str) -> float | None:
        """The value in our unit; None, said why, for a text that is none."""
        value = {"duration_s": self._duration, "distance_m": self._distance, "load_lu": self._plain}[name](text)
        if value is None and text.strip() not in ("-", "–", "n/a"):
            self._reading.say(self._reader, where, f"{brief(text)!r} is no {name.split('_')[0]}; it was left out")
        return value

    def _once(self, message: str) -> None:
        if message not in self._said:
            self._said.add(message)
            self._reading.say(self._reader, "", message)

    def _plain(self, text: str) -> float | None:
        bare = text.strip().replace(",", ".") if text.count(",") == 1 and "." not in text else text.strip()
        return float(bare) if re.fullmatch(r"\d+(?:\.\d+)?", bare) else None

    def _duration(self, text: str) -> float | None:
        head = self._heads["duration_s"]
        clock_ = re.fullmatch(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", text.strip())
        if clock_ is not None:
            if clock_[3] is not None:
                return 3600.0 * int(clock_[1]) + 60.0 * int(clock_[2]) + int(clock_[3])
            self._once("durations such as 1:30 are read as hours and minutes")
            return 3600.0 * int(clock_[1]) + 60.0 * int(clock_[2])
        number = self._plain(text)
        if number is None:
            return words.read_size(text).duration_s
        if head == "duration_s" or re.search(r"[(\[_ ]s(?:ec\w*)?[)\]]?$", head):
            return number
        if (
            "hour" in head
            or "stunden" in head
            or re.search(r"[(\[_ ](?:h|std|hrs?)[)\]]?$", head)
            or head == "plannedduration"
        ):
            return 3600.0 * number
        if "min" not in head:
            self._once("durations without a unit are read as minutes")
        return 60.0 * number

    def _distance(self, text: str) -> float | None:
        head = self._heads["distance_m"]
        number = self._plain(text)
        if number is None:
            return words.read_size(text).distance_m
        if head == "distance_m" or "meter" in head or "metre" in head or re.search(r"[(\[]m[)\]]", head):
            return number
        if re.search(r"(?<![a-z])mi(?:les?)?(?![a-z])", head):
            return 1000.0 * KM_PER_MILE * number
        if "km" not in head and "kilo" not in head:
            self._once("distances without a unit are read as kilometres")
        return 1000.0 * number
