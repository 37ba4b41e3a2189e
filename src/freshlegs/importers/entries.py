"""What the importers of services share: entries of JSON or a table, their fields into our columns, one sleep a day.

An entry is one line of a table or one object of a JSON list, with its place. A service's importer says in a table of
`Field`s what its names mean; a value that cannot be is a fault with line and field, and the rest of the entry is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Final

from freshlegs.importers import instants, payload
from freshlegs.importers.column_maps import Bad, Style, number_of
from freshlegs.importers.contract import Reading, Source
from freshlegs.importers.delimited import Faults, brief, cells, decoded, sheet
from freshlegs.problems import UnreadableFile
from freshlegs.tables import NIGHTS, Table

Row = dict[str, Any]

NOTHING: Final = frozenset({"", "-", "--", "na", "n/a", "nan", "none", "null"})
"""What services write, in any case, where there is no value."""

_YEARS: Final = range(1970, 2200)
"""Years in which somebody may have worn a device; arithmetic with dates beyond them can fail."""

_OTHER_DATES: Final = ("%m/%d/%y %H:%M:%S", "%m/%d/%y")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line or object: its place (``line 7``, ``entry 12``) and its filled fields under the service's names."""

    where: str
    fields: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        """The value of a field; None when it is missing or says nothing."""
        return self.fields.get(name)


@dataclass(frozen=True, slots=True)
class Field:
    """What a service's field is here: our column, and what is done to the number on the way.

    ``factor`` converts the unit. ``nothing`` are numbers that stand for no value. ``scale`` are the service's answers
    that become 0 and 10; the first is the larger where their scale runs against ours.
    """

    target: str
    factor: float = 1.0
    nothing: tuple[float, ...] = ()
    scale: tuple[float, float] | None = None


@dataclass(slots=True)
class Notes:
    """What is noted while one file is read."""

    source: Source
    faults: Faults = field(init=False)

    def __post_init__(self) -> None:
        """Begin with no faults."""
        self.faults = Faults(self.source.name)

    def fill(self, entry: Entry, fields: Mapping[str, Field], table: Table, row: Row) -> Row:
        """The row, with each field that the entry has and that can be."""
        for name, rule in fields.items():
            given = entry[name]
            if given is None:
                continue
            try:
                value = _value(given, rule)
                if value is not None and (why := table.column(rule.target).refuse(value)) is not None:
                    raise Bad(why)
            except Bad as why:
                self.faults.add(f"{entry.where}, {brief(name)}", f"{why}; that value was left out")
                continue
            if value is not None:
                row[rule.target] = value
        return row

    def day(self, entry: Entry, name: str) -> date | None:
        """The date of an entry; None, with the fault noted, when it has none."""
        moment = _moment(entry[name])
        if moment is None:
            self._no_time(entry, name, "date", "the entry was left out")
            return None
        return moment.date()

    def moment(
        self, entry: Entry, name: str, lost: str = "that value was left out", zone: tzinfo | None = None
    ) -> datetime | None:
        """A time with its zone: its own, else the given one, else that of home; None, noted, when there is none."""
        moment = _moment(entry[name])
        if moment is None:
            self._no_time(entry, name, "time", lost)
            return None
        if moment.tzinfo is not None or zone is not None:
            return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
        home = self.source.context.home_time_zone
        self.faults.once(instants.assumed(home))
        return instants.localised(moment, home)

    def span(self, entry: Entry, names: tuple[str, str, str], row: Row, zone: tzinfo | None = None) -> Row:
        """The row, with when the sleep began and ended, and the local clock on waking.

        ``names`` are the fields of the beginning, of the end, and of the time it took to fall asleep (minutes when its
        name says so, else seconds; empty where a service does not say).
        """
        asleep, woke, waited = names
        began = self.moment(entry, asleep, zone=zone) if entry[asleep] is not None else None
        ended = self.moment(entry, woke, zone=zone) if entry[woke] is not None else None
        if began is not None and ended is not None and ended < began:
            self.faults.add(f"{entry.where}, {woke}", "the sleep ends before it begins; its times were left out")
            return row
        if began is not None:
            rule = Field("in_bed_s", 60.0 if "min" in waited else 1.0)
            wait = self.fill(entry, {waited: rule}, NIGHTS, {}).get("in_bed_s", 0.0)
            row["fell_asleep_utc"] = began.astimezone(UTC) + timedelta(seconds=wait)
        if ended is not None:
            row["woke_utc"] = ended.astimezone(UTC)
            row["utc_offset_s"] = instants.offset_of(ended)
        return row

    def _no_time(self, entry: Entry, name: str, what: str, lost: str) -> None:
        given = entry[name]
        found = "there is no " + what if given is None else f"{brief(str(given))!r} is no {what}"
        self.faults.add(f"{entry.where}, {brief(name)}", f"{found}; {lost}")

    def finished(self, reading: Reading, met: Sequence[Entry]) -> Reading:
        """The reading with its problems; UnreadableFile when there were entries and none could be read."""
        reading.problems = self.faults.listed()
        if met and not (reading.runs or reading.nights or reading.checkins or reading.profile):
            first = next((f"; the first fault: {p.where}: {p.message}" for p in reading.problems if p.where), "")
            raise UnreadableFile(f"nothing of the file could be read{first}")
        return reading


def _value(given: Any, rule: Field) -> float | None:
    """A field as a number of our column; None where it stands for none."""
    if isinstance(given, bool) or not isinstance(given, (str, int, float)):
        raise Bad(f"{brief(str(given))!r} is no number")
    try:
        value = number_of(given, Style()) if isinstance(given, str) else float(given)
    except OverflowError:
        raise Bad("the number is larger than any") from None
    if value in rule.nothing:
        return None
    if rule.scale is not None:
        low, high = rule.scale
        if not min(low, high) <= value <= max(low, high):
            raise Bad(f"{value:g} is not on its scale from {min(low, high):g} to {max(low, high):g}")
        return abs(value - low) / abs(high - low) * 10.0
    return value * rule.factor


def _moment(given: Any) -> datetime | None:
    """A date or time as services write it: ISO 8601, or American with two digits of the year."""
    if not isinstance(given, str):
        return None
    text = given.strip()
    moment = instants.moment_of(text)
    for form in _OTHER_DATES:
        if moment is not None:
            break
        try:
            moment = datetime.strptime(text, form)
        except ValueError:
            continue
    return moment if moment is not None and moment.year in _YEARS else None


# --- files into entries -----------------------------------------------------------------------------------


def of_table(data: bytes) -> list[Entry]:
    """The lines of a table as entries, without cells that say nothing; UnreadableFile when it is none."""
    table = sheet(data)
    return [
        Entry(f"line {line}", {name: text for name, text in cells(row, table.header) if text.lower() not in NOTHING})
        for line, row in table.rows
    ]


def of_json(notes: Notes, inside: str | None = None) -> list[Entry]:
    """The objects of a JSON list, of the list under ``inside``, or the one object there is.

    What stands before a damaged place is kept, the damage noted. UnreadableFile when it is no JSON at all.
    """
    found = []
    for number, one in payload.entries(notes.source.data, notes.faults, inside):
        if isinstance(one, dict):
            filled = {name: value for name, value in one.items() if value is not None and value != ""}
            found.append(Entry(f"entry {number}", filled))
        else:
            notes.faults.add(f"entry {number}", "it is no record; it was left out")
    return found


def first_object(head: bytes) -> dict[str, Any] | None:
    """The first object of a JSON file, or of its list, if the whole of it stands in these first bytes."""
    text = decoded(head).lstrip("\ufeff \t\r\n")
    if text[:1] == "[":
        text = text[1:].lstrip()
    if text[:1] != "{":
        return None
    try:
        found, _end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def is_json(head: bytes) -> bool:
    """Whether a file that begins so may be JSON."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{")


# --- nights -----------------------------------------------------------------------------------------------


def main_sleeps(nights: Iterable[Row], notes: Notes, naps: int = 0) -> list[Row]:
    """One night a date: the longest sleep; the others, and naps the service had told apart, are counted and said."""
    longest: dict[date, Row] = {}
    for night in nights:
        held = longest.setdefault(night["date"], night)
        if held is night:
            continue
        naps += 1
        if (night.get("sleep_s") or 0.0) > (held.get("sleep_s") or 0.0):
            longest[night["date"]] = night
    if naps:
        were = "1 nap or shorter sleep was" if naps == 1 else f"{naps} naps or shorter sleeps were"
        notes.faults.once(f"{were} left out; a night is the main sleep of its day")
    return [longest[day] for day in sorted(longest)]


def named(night: Row, service: str) -> Row:
    """The night as that service's, which is also where its RMSSD comes from; `main_sleeps` needs no more."""
    night["source"] = service
    if "rmssd_ms" in night:
        night["hrv_source"] = service
    return night


KEYS: Final = frozenset({"date", "source", "hrv_source", "utc_offset_s"})
"""Columns of a night that measure nothing."""


def measured(nights: Iterable[Row]) -> list[Row]:
    """The nights that say more than their date."""
    return [night for night in nights if night.keys() - KEYS]
