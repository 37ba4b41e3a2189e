"""A plan as a calendar (iCalendar, RFC 5545): stable names and rising SEQUENCE, so that a second export updates."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from icalendar import Calendar, Event

from freshlegs.units import zone

NAME: Final = "Freshlegs plan"
LENGTH_S: Final = 3600.0
"""How long an event with a start but no length is shown."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One planned session as a calendar shows it.

    ``sequence`` counts its changes; ``start_min`` (minutes after local midnight) None makes it an event of the whole
    day; ``cancelled`` takes it out of calendars that hold it.
    """

    uid: str
    day: date
    summary: str
    description: str
    category: str
    sequence: int
    changed_utc: datetime
    start_min: float | None = None
    duration_s: float | None = None
    cancelled: bool = False


def calendar(entries: Iterable[Entry], now: datetime, home_time_zone: str | None) -> bytes:
    """The whole calendar as bytes.

    A time is written as its instant (UTC), which every program shows at the right hour without being told the rules of
    a zone; without a home time zone times float with whoever reads them.
    """
    whole = Calendar()
    whole.add("prodid", "-//Freshlegs//Training plan//EN")
    whole.add("version", "2.0")
    whole.add("calscale", "GREGORIAN")
    whole.add("method", "PUBLISH")
    whole.add("x-wr-calname", NAME)
    if home_time_zone is not None:
        whole.add("x-wr-timezone", home_time_zone)
    for entry in entries:
        whole.add_component(_event(entry, now, home_time_zone))
    return bytes(whole.to_ical())


def name_of(uid: str) -> str:
    """The name of a session in every calendar: short, plain, the same at each export, and nobody else's.

    >>> name_of("2026-05-04-1")
    'd723e56803da6d21@freshlegs'
    """
    return f"{hashlib.sha256(uid.encode()).hexdigest()[:16]}@freshlegs"


def _event(entry: Entry, now: datetime, home_time_zone: str | None) -> Event:
    event = Event()
    event.add("uid", name_of(entry.uid))
    event.add("dtstamp", now.astimezone(UTC))
    event.add("last-modified", entry.changed_utc.astimezone(UTC))
    event.add("sequence", entry.sequence)
    event.add("summary", entry.summary)
    if entry.description:
        event.add("description", entry.description)
    event.add("categories", [entry.category])
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    if entry.start_min is None:
        event.add("dtstart", entry.day)
        event.add("dtend", entry.day + timedelta(days=1))
        event.add("transp", "TRANSPARENT")
        return event
    start = datetime(entry.day.year, entry.day.month, entry.day.day) + timedelta(minutes=entry.start_min)
    end = start + timedelta(seconds=entry.duration_s or LENGTH_S)
    for name, wall in (("dtstart", start), ("dtend", end)):
        event.add(name, wall if home_time_zone is None else wall.replace(tzinfo=zone(home_time_zone)).astimezone(UTC))
    return event
