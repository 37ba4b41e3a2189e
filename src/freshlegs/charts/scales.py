"""From values to places on the drawing: round numbers for an axis, days that make good marks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from freshlegs.charts.spec import Floats
from freshlegs.vocabulary import MONTHS

EPOCH: Final = date(1970, 1, 1)
_ROUND: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_MONTH_STEPS: Final = (1, 2, 3, 6, 12, 24, 60, 120)
_DAY_STEPS: Final = (1, 2, 7, 14)
SPARE: Final = 0.4
"""Part of a label that may be wanting: months are not alike, and the ends of an axis have air."""

Tick = tuple[float, str]


def day_number(day: date) -> float:
    """Days since 1970."""
    return float((day - EPOCH).days)


def day_of(number: float) -> date:
    """The day of that number."""
    return EPOCH + timedelta(days=math.floor(number))


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from ``low`` to ``high`` laid on ``start`` to ``end``."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, values: Floats) -> Floats:
        """Where the values lie."""
        return np.asarray(self.start + (values - self.low) / (self.high - self.low) * (self.end - self.start))

    def at(self, value: float) -> float:
        """Where one value lies."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def bounds(series: Sequence[Floats], low: float | None, high: float | None) -> tuple[float, float]:
    """The ends of an axis: the given ones, else what holds every value with a little air; never one and the same.

    >>> bounds([np.array([2.0, 4.0])], 0, None)
    (0, 4.16)
    """
    known = [values[np.isfinite(values)] for values in series]
    every = np.concatenate([values for values in known if values.size] or [np.array([0.0, 1.0])])
    least, most = float(every.min()), float(every.max())
    air = 0.08 * (most - least) or max(abs(most) * 0.1, 0.5)
    bottom = least - air if low is None else low
    top = most + air if high is None else high
    return (bottom, top) if top > bottom else (bottom, bottom + 1.0)


def number_ticks(low: float, high: float, most: int = 3) -> list[Tick]:
    """At most so many round numbers within the bounds, with their words.

    >>> number_ticks(0, 130)
    [(0.0, '0'), (50.0, '50'), (100.0, '100')]
    """
    rough = (high - low) / max(most, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    for nice in (*_ROUND, 20.0, 25.0, 50.0):
        step = nice * power
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first + 1 <= most:
            return [(n * step, number(n * step)) for n in range(first, last + 1)]
    return []


def number(value: float) -> str:
    """A number as short as it is honest, with a true minus sign.

    >>> number(-0.25), number(40.0), number(1234.6)
    ('−0.25', '40', '1235')
    """
    text = f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return text.replace("-", "−")


def day_ticks(low: float, high: float, width: float, label_width: float = 58.0) -> list[Tick]:
    """Days that make good marks, as many as there is room for: Mondays, firsts of months, firsts of years."""
    room = max(1, int(width / label_width))
    for step in _DAY_STEPS:
        if (high - low) / step <= room:
            first = math.ceil(low)
            first += (-(day_of(first).weekday())) % 7 if step >= 7 else 0
            return _named([float(n) for n in range(first, math.floor(high) + 1, step)], days=True)
    for months in _MONTH_STEPS:
        if (high - low) / 30.44 / months <= room + SPARE:
            return _named(_firsts(low, high, months), days=False, years=months >= 12)
    return []


def _firsts(low: float, high: float, months: int) -> list[float]:
    """First days of months, counted from January of a round year."""
    start = day_of(low)
    count = start.year * 12 + start.month - 1
    found: list[float] = []
    count = math.ceil(count / months) * months
    while True:
        number_ = day_number(date(count // 12, count % 12 + 1, 1)) if count < 9999 * 12 else math.inf
        if number_ > high:
            return found
        if number_ >= low:
            found.append(number_)
        count += months


def _named(places: list[float], *, days: bool, years: bool = False) -> list[Tick]:
    """Words of days: the year where it changes, and at the first of them."""
    out, year = [], None
    for place in places:
        day = day_of(place)
        month = MONTHS[day.month - 1][:3]
        if years:
            words = f"{day.year}"
        elif days:
            words = f"{day.day} {month}"
        else:
            words = month if day.year == year else f"{month} {day.year}" if year is None else f"{day.year}"
        out.append((place, words))
        year = day.year
    return out
