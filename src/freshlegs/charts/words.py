"""How charts speak: dates, units, numbers of a sentence; metric or imperial."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from freshlegs.units import KM_PER_MILE, METRES_PER_FOOT
from freshlegs.vocabulary import MONTHS

System = Literal["metric", "imperial"]


@dataclass(frozen=True, slots=True)
class Lengths:
    """Lengths and paces as the runner wants to read them."""

    system: System = "metric"

    @property
    def far(self) -> str:
        """``km`` or ``mi``."""
        return "mi" if self.system == "imperial" else "km"

    @property
    def high(self) -> str:
        """``m`` or ``ft``."""
        return "ft" if self.system == "imperial" else "m"

    @property
    def metres_a_unit(self) -> float:
        """Metres of one kilometre or mile."""
        return 1000.0 * KM_PER_MILE if self.system == "imperial" else 1000.0

    @property
    def metres_a_height(self) -> float:
        """Metres of one metre or foot."""
        return METRES_PER_FOOT if self.system == "imperial" else 1.0

    def pace(self, seconds: float) -> str:
        """Seconds a unit of length as minutes and seconds.

        >>> Lengths().pace(272.6)
        '4:33'
        """
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes}:{rest:02d}"


def on(day: date, *, year: bool = True) -> str:
    """A date in words.

    >>> on(date(2026, 5, 4))
    '4 May 2026'
    """
    words = f"{day.day} {MONTHS[day.month - 1]}"
    return f"{words} {day.year}" if year else words


def percent(share: float) -> str:
    """A share in whole percent.

    >>> percent(0.756)
    '76 %'
    """
    return f"{100 * share:.0f} %"


def hours(seconds: float) -> str:
    """A duration in hours and minutes.

    >>> hours(26100)
    '7 h 15 min'
    """
    whole, minutes = divmod(round(seconds / 60), 60)
    return f"{whole} h {minutes:02d} min"
