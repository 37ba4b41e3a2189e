"""Dates, lengths and clock times in plain words, the same in every locale."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from freshlegs.units import KM_PER_MILE
from freshlegs.vocabulary import MONTHS, WEEKDAYS


def weekday(day: date) -> str:
    """The day's name.

    >>> weekday(date(2026, 5, 7))
    'Thursday'
    """
    return WEEKDAYS[day.weekday()]


def day_month(day: date) -> str:
    """The date without its year.

    >>> day_month(date(2026, 5, 7))
    '7 May'
    """
    return f"{day.day} {MONTHS[day.month - 1]}"


def full_day(day: date) -> str:
    """Name and date.

    >>> full_day(date(2026, 5, 7))
    'Thursday 7 May'
    """
    return f"{weekday(day)} {day_month(day)}"


def clock(minutes: float) -> str:
    """Minutes after midnight (negative before it) as a clock time, to five minutes.

    >>> clock(-80), clock(12)
    ('22:40', '00:10')
    """
    whole = 5 * round(minutes / 5) % 1440
    return f"{whole // 60:02d}:{whole % 60:02d}"


def length(metres: float, units: str = "metric") -> str:
    """A distance for people.

    >>> length(20020.0), length(20020.0, "imperial")
    ('20.0 km', '12.4 miles')
    """
    if units == "imperial":
        return f"{metres / 1000 / KM_PER_MILE:.1f} miles"
    return f"{metres / 1000:.1f} km"


def joined(parts: Sequence[str], last: str = "and") -> str:
    """A list in words.

    >>> joined(["a", "b", "c"])
    'a, b and c'
    """
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"
