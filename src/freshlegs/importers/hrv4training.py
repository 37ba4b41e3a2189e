"""HRV4Training's CSV: the morning measurement (heart rate, RMSSD, SDNN) and the hours slept.

``-`` and 0 stand for no measurement. Of a date only the day counts: its clock is midnight with an offset that means
nothing. Files of the Android app write dates as year-day-month; which order holds is found from the whole file: the one
in which every date exists, and of two the one in which the days lie closer together.

The answers of the morning (fatigue, soreness, mental energy …) are not read: which end of their scales is good is
nowhere documented. Columns as in files that users published.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from freshlegs import tables
from freshlegs.importers import entries
from freshlegs.importers.contract import Reading, Source
from freshlegs.importers.delimited import header_of
from freshlegs.importers.entries import Entry, Field, Notes, Row
from freshlegs.problems import UnreadableFile

KIND: Final = "HRV4Training"
YIELDS: Final = frozenset({"nights"})
SERVICE: Final = "hrv4training"

_HEADER: Final = frozenset({"date", "HR", "rMSSD", "HRV4T_Recovery_Points"})
_DATE: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_CLOCK: Final = re.compile(r"(\d{1,2}):([0-5]\d)")

_MORNING: Final = {
    "HR": Field("hr_rest_bpm", nothing=(0.0,)),
    "rMSSD": Field("rmssd_ms", nothing=(0.0,)),
    "SDNN": Field("sdnn_ms", nothing=(0.0,)),
}


def recognise(head: bytes, name: str) -> bool:
    """Whether the header is HRV4Training's."""
    return set(header_of(head)) >= _HEADER


def read(source: Source) -> Reading:
    """One night for each day with a measurement or hours slept."""
    notes = Notes(source)
    met = entries.of_table(source.data)
    order = _order([found.groups() for found in map(_date_in, met) if found is not None])
    nights: dict[date, Row] = {}
    for entry in met:
        found = _date_in(entry)
        day = None if found is None else _day(found.groups(), order)
        if day is None:
            notes.faults.add(f"{entry.where}, date", "there is no date that can be; the line was left out")
            continue
        night = notes.fill(entry, _MORNING, tables.NIGHTS, {"date": day})
        slept = _CLOCK.fullmatch(str(entry["sleep_time"]).strip())
        seconds = int(slept[1]) * 3600.0 + int(slept[2]) * 60.0 if slept is not None else 0.0
        if 0 < seconds <= 86_400:
            night["sleep_s"] = seconds
        nights[day] = nights.get(day, {}) | entries.named(night, SERVICE)
    reading = Reading(KIND)
    reading.nights = entries.measured(nights[day] for day in sorted(nights))
    if met and not reading.nights and not notes.faults.listed():
        raise UnreadableFile("no day of the file has a measurement")
    return notes.finished(reading, met)


def _date_in(entry: Entry) -> re.Match[str] | None:
    return _DATE.match(str(entry["date"]).strip())


_MONTH_FIRST: Final = (0, 1, 2)
_DAY_FIRST: Final = (0, 2, 1)


def _day(parts: Sequence[str], order: tuple[int, int, int]) -> date | None:
    try:
        return date(*(int(parts[place]) for place in order))
    except ValueError:
        return None


def _order(dates: list[tuple[str, ...]]) -> tuple[int, int, int]:
    """Whether month or day stands first: more dates must exist, then lie closer together; else ISO 8601."""

    def fit(order: tuple[int, int, int]) -> tuple[int, int]:
        days = [day for day in (_day(parts, order) for parts in dates) if day is not None]
        return len(dates) - len(days), (max(days) - min(days)).days if days else 0

    return _DAY_FIRST if fit(_DAY_FIRST) < fit(_MONTH_FIRST) else _MONTH_FIRST
