"""A plan from a calendar (``.ics``): what TrainingPeaks, Final Surge, Runna, intervals.icu, Garmin and others publish.

An event is a session when its title, or its first line, tells of training; anything else in the calendar is listed and
left out. A time with a zone counts on the local day at home. Repeats are written out within the days looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import Any, Final

from dateutil import rrule
from icalendar import Calendar, Component

from freshlegs.importers.delimited import brief
from freshlegs.importers.plans import words
from freshlegs.importers.plans.contract import PlanReading, Reader, from_words
from freshlegs.problems import UnreadableFile
from freshlegs.units import zone

KIND: Final = "calendar"
REPEATS_AT_MOST: Final = 1_000
"""Times an event is written out, within the days looked at."""
LENGTH_S: Final = (600.0, 43_200.0)
"""An event's length counts as the session's from ten minutes to twelve hours."""
OTHERS_NAMED: Final = 5
MIXED: Final = 0.2
"""Share of events that are no training from which on a calendar counts as a private one."""


def recognise(head: bytes, name: str) -> bool:
    """Whether it begins as a calendar."""
    return head.lstrip(b"\xef\xbb\xbf \r\n\t")[:15].upper() == b"BEGIN:VCALENDAR"


def read(data: bytes, reader: Reader) -> PlanReading:
    """The sessions of a calendar, within the reader's days; UnreadableFile when it is none."""
    try:
        calendars = Calendar.from_ical(data, multiple=True)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise UnreadableFile(f"the calendar cannot be read: {str(error)[:120] or 'it is broken'}") from None
    events = [event for one in calendars for event in one.walk("VEVENT")]
    if not events:
        raise UnreadableFile("the calendar holds no event")
    reading = PlanReading(KIND)
    mixed = _is_mixed(events)
    moved = {(_text(e, "UID"), _moment(e.get("RECURRENCE-ID").dt)) for e in events if e.get("RECURRENCE-ID")}
    others: list[str] = []
    for number, event in enumerate(events, start=1):
        where = f"event {number}"
        try:
            _take(event, where, reader, reading, moved, others, mixed)
        except (ValueError, TypeError, AttributeError, KeyError, OverflowError) as error:
            reading.say(reader, where, f"the event cannot be read ({str(error)[:80]}); it was left out")
    if others:
        named = ", ".join(f"“{brief(title)}”" for title in others[:OTHERS_NAMED])
        more = f" and {len(others) - OTHERS_NAMED} more" if len(others) > OTHERS_NAMED else ""
        reading.say(reader, "", f"no training was recognised in {named}{more}; left out")
    return reading


def _take(
    event: Component,
    where: str,
    reader: Reader,
    reading: PlanReading,
    moved: set[tuple[str, str]],
    others: list[str],
    mixed: bool,
) -> None:
    title, note = _text(event, "SUMMARY"), _text(event, "DESCRIPTION")
    if _text(event, "STATUS").upper() == "CANCELLED":
        return
    start = event.get("DTSTART")
    if start is None:
        reading.say(reader, where, f"“{brief(title)}” has no day; it was left out")
        return
    found = from_words(title, note)
    if found is None or (mixed and not _surely(title, found[0])):
        others.append(title or "(no title)")
        return
    values, assumed = found
    uid = _text(event, "UID")
    values |= {"title": title, "note": note, "optional": "optional" in title.lower() or None}
    _length(event, values)
    repeated = event.get("RECURRENCE-ID")
    taken, goes_on = 0, False
    for begins in _begins(event, reader):
        if repeated is None and (uid, _moment(begins)) in moved:
            continue  # that one was changed by itself, and stands as an event of its own
        day, minutes = _local(begins, reader)
        if not reader.first <= day <= reader.last:
            goes_on = goes_on or day > reader.last
            continue
        name = uid or f"{day.isoformat()}/{brief(title, 30)}"
        if event.get("RRULE") or event.get("RDATE") or repeated is not None:
            name = f"{name}/{_day_key(repeated.dt if repeated is not None else begins)}"
        reading.add(reader, where, values | {"uid": name, "date": day, "start_min": minutes})
        taken += 1
    if taken:
        for what in assumed:
            reading.say(reader, where, f"“{brief(title)}”: {what}")
        if goes_on:
            reading.say(reader, where, f"“{brief(title)}” goes on after {reader.last}; it was taken in up to that day")


def _is_mixed(events: list[Component]) -> bool:
    """Whether a calendar holds much besides training: then “Long weekend” is no long run."""
    strange = sum(from_words(_text(event, "SUMMARY"), _text(event, "DESCRIPTION")) is None for event in events)
    return strange > 0 and strange >= MIXED * len(events)


def _surely(title: str, values: dict[str, Any]) -> bool:
    """Whether it is training beyond one word that may mean something else: it runs, or says how long or how far."""
    plain = values["kind"] in ("rest", "strength", "cross", "walk")
    return plain or words.is_run(title) or any(values[name] for name in ("duration_s", "distance_m", "load_lu"))


def _text(event: Component, name: str) -> str:
    value = event.get(name)
    value = value[0] if isinstance(value, list) and value else value
    return "" if value is None else str(value).strip()


def _length(event: Component, values: dict[str, Any]) -> None:
    """What the event itself says of its length, where words say nothing."""
    if values["duration_s"] is not None or values["kind"] == "rest":
        return
    told = _text(event, "X-WORKOUT-ESTIMATED-DURATION")  # Runna, in seconds
    if told.isdigit():
        values["duration_s"] = float(told)
        return
    start, end = event.get("DTSTART").dt, event.get("DTEND")
    if not isinstance(start, datetime):
        return
    length = event.get("DURATION").dt if event.get("DURATION") else end.dt - start if end is not None else None
    if isinstance(length, timedelta) and LENGTH_S[0] <= length.total_seconds() <= LENGTH_S[1]:
        values["duration_s"] = length.total_seconds()


def _begins(event: Component, reader: Reader) -> Iterator[date | datetime]:
    """Every start within the days looked at (a day more on each side, for zones), and the next one after them."""
    start = event.get("DTSTART").dt
    rules = _listed(event.get("RRULE"))
    dates = [each.dt for one in _listed(event.get("RDATE")) for each in one.dts]
    if not rules and not dates:
        yield start
        return
    whole_day = not isinstance(start, datetime)
    wall, home = _wall(start)
    found = rrule.rruleset()
    for rule in rules:
        text = rule.to_ical().decode()
        found.rrule(_rule(text, wall, home))
    for each in dates:
        found.rdate(_wall(each[0] if isinstance(each, tuple) else each)[0])
    for one in _listed(event.get("EXDATE")):
        for each in one.dts:
            gone = each.dt
            found.exdate(
                datetime.combine(gone, wall.time()) if not isinstance(gone, datetime) else _wall_in(gone, home)
            )
    first = datetime.combine(reader.first - timedelta(days=1), time())
    last = datetime.combine(reader.last + timedelta(days=1), time.max)
    for each in islice(found.xafter(first, inc=True), REPEATS_AT_MOST):
        yield each.date() if whole_day else each.replace(tzinfo=home)
        if each > last:
            return


def _rule(text: str, wall: datetime, home: tzinfo | None) -> Any:
    """The rule on wall-clock times; an UNTIL in UTC is read where the event is."""
    parts = dict(part.split("=", 1) for part in text.split(";") if "=" in part)
    until = parts.get("UNTIL")
    if until is not None:
        ends = until.rstrip("Z")
        moment = datetime.strptime(ends, "%Y%m%dT%H%M%S") if "T" in ends else datetime.strptime(ends, "%Y%m%d")
        if "T" not in ends:
            moment = datetime.combine(moment.date(), time.max)
        elif until.endswith("Z") and home is not None:
            moment = moment.replace(tzinfo=UTC).astimezone(home).replace(tzinfo=None)
        parts["UNTIL"] = moment.strftime("%Y%m%dT%H%M%S")
    return rrule.rrulestr(";".join(f"{key}={value}" for key, value in parts.items()), dtstart=wall)


def _listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _wall(moment: date | datetime) -> tuple[datetime, tzinfo | None]:
    """A start as wall-clock time, and its zone."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time()), None
    return moment.replace(tzinfo=None), moment.tzinfo


def _wall_in(moment: datetime, home: tzinfo | None) -> datetime:
    shown = moment if moment.tzinfo is None or home is None else moment.astimezone(home)
    return shown.replace(tzinfo=None)


def _local(moment: date | datetime, reader: Reader) -> tuple[date, float | None]:
    """The day at home and the minutes after its midnight; a time without a zone is local wherever one is."""
    if not isinstance(moment, datetime):
        return moment, None
    if moment.tzinfo is not None and reader.home_time_zone is not None:
        moment = moment.astimezone(zone(reader.home_time_zone))
    return moment.date(), float(moment.hour * 60 + moment.minute)


def _moment(moment: date | datetime) -> str:
    """The same for the same instant, however its zone is written."""
    aware = isinstance(moment, datetime) and moment.tzinfo is not None
    return (moment.astimezone(UTC) if aware else moment).isoformat()  # type: ignore[union-attr]


def _day_key(moment: date | datetime) -> str:
    day = moment.date() if isinstance(moment, datetime) else moment
    return day.isoformat()
