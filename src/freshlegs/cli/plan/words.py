"""What is typed about sessions: days to come, times, distances, clock times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from freshlegs import values
from freshlegs.cli.session import Session
from freshlegs.problems import WrongRequest

SHORT: Final = {
    "duration": "duration_s",
    "time": "duration_s",
    "distance": "distance_m",
    "load": "load_lu",
    "at": "start_min",
}
"""What may be typed in place of a column's name; the value then says its unit (45min, 8km, 18:30)."""


def coming_day(text: str, today: date) -> date:
    """A date as typed, tomorrow and names of weekdays too (the next such day).

    >>> coming_day("tomorrow", date(2026, 5, 4)), coming_day("sun", date(2026, 5, 4))
    (datetime.date(2026, 5, 5), datetime.date(2026, 5, 10))
    """
    from freshlegs.vocabulary import WEEKDAYS

    word = text.strip().lower()
    if word == "tomorrow":
        return today + timedelta(days=1)
    number = next((n for n, name in enumerate(WEEKDAYS) if len(word) >= 3 and name.lower().startswith(word)), None)
    if number is not None:
        return today + timedelta(days=(number - today.weekday()) % 7)
    return values.day(text, today)


def coming_span(session: Session, start: str | None, end: str | None) -> tuple[date | None, date | None]:
    """``--from`` and ``--to`` of a plan."""
    first = None if start is None else coming_day(start, session.today)
    last = None if end is None else coming_day(end, session.today)
    if first is not None and last is not None and first > last:
        raise WrongRequest(f"--from {first} lies after --to {last}")
    return first, last


def fields(pairs: Sequence[str], today: date) -> dict[str, Any]:
    """``KEY=VALUE`` pairs of a session: columns of the plan, or the short names with a unit."""
    from freshlegs.diary.plans.keeping import EDITABLE
    from freshlegs.diary.plans.typed import typed

    plain: list[str] = []
    found: dict[str, Any] = {}
    for pair in pairs:
        key, sign, text = pair.partition("=")
        ours = SHORT.get(key.strip())
        if ours is None and key.strip() == "date" and sign and text.strip():
            found["date"] = coming_day(text, today)
        elif ours is None or not sign:
            plain.append(pair)
        else:
            found[ours] = typed(ours, text) if text.strip() else None
    given = values.assignments(plain, EDITABLE, "session key", today)
    twice = given.keys() & found.keys()
    if twice:
        raise WrongRequest(f"{min(twice)} is given twice")
    return given | found


def weekdays(text: str) -> list[int]:
    """Weekdays with commas, Monday 0.

    >>> weekdays("mon,wed,Sunday")
    [0, 2, 6]
    """
    from freshlegs.vocabulary import WEEKDAYS

    found = []
    for part in text.split(","):
        word = part.strip().lower()
        number = next((n for n, name in enumerate(WEEKDAYS) if len(word) >= 3 and name.lower().startswith(word)), None)
        if number is None:
            raise WrongRequest(f"{part.strip()!r} is no weekday; write them like mon,wed,sun")
        found.append(number)
    return found
