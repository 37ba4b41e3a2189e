"""Values as people read them on a page: dates, distances, paces, by the runner's units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from freshlegs.units import KG_PER_POUND, KM_PER_MILE, METRES_PER_FOOT
from freshlegs.vocabulary import MONTHS, WEEKDAYS

MISSING: Final = "–"


@dataclass(frozen=True, slots=True)
class Show:
    """How values are shown: ``units`` is metric or imperial, ``today`` the day it is."""

    units: str = "metric"
    today: date = date.min

    @property
    def is_metric(self) -> bool:
        """Whether distances are in kilometres."""
        return self.units != "imperial"

    def day(self, value: Any) -> str:
        """A date without this year's year.

        >>> Show(today=date(2026, 5, 4)).day("2026-04-18"), Show(today=date(2026, 5, 4)).day("2025-04-18")
        ('18 April', '18 April 2025')
        """
        if value is None:
            return MISSING
        day = as_date(value)
        words = f"{day.day} {MONTHS[day.month - 1]}"
        return words if day.year == self.today.year else f"{words} {day.year}"

    def full_day(self, value: Any) -> str:
        """A date with the name of its day."""
        return MISSING if value is None else f"{WEEKDAYS[as_date(value).weekday()]} {self.day(value)}"

    def short_day(self, value: Any) -> str:
        """As short as it goes: ``Mon 4 May``; with the year when it is another."""
        day = as_date(value)
        words = f"{WEEKDAYS[day.weekday()][:3]} {day.day} {MONTHS[day.month - 1][:3]}"
        return words if day.year == self.today.year else f"{words} {day.year}"

    def near_day(self, value: Any) -> str:
        """Today, yesterday, tomorrow, else the date with its day."""
        away = (as_date(value) - self.today).days
        return {0: "today", -1: "yesterday", 1: "tomorrow"}.get(away, self.full_day(value))

    def soon(self, value: Any) -> str:
        """Today or tomorrow, else the date as short as it goes.

        >>> Show(today=date(2026, 5, 4)).soon("2026-05-05"), Show(today=date(2026, 5, 4)).soon("2026-05-11")
        ('tomorrow', 'Mon 11 May')
        """
        away = (as_date(value) - self.today).days
        return {0: "today", 1: "tomorrow"}.get(away) or self.short_day(value)

    def distance(self, metres: float | None) -> str:
        """A distance.

        >>> Show().distance(20020.0), Show("imperial").distance(20020.0), Show().distance(None)
        ('20.0 km', '12.4 mi', '–')
        """
        if metres is None:
            return MISSING
        km = metres / 1000
        return f"{km:.1f} km" if self.is_metric else f"{km / KM_PER_MILE:.1f} mi"

    def climb(self, metres: float | None) -> str:
        """A height."""
        if metres is None:
            return MISSING
        return f"{metres:.0f} m" if self.is_metric else f"{metres / METRES_PER_FOOT:.0f} ft"

    def pace(self, speed_mps: float | None) -> str:
        """A speed as minutes and seconds a kilometre or mile.

        >>> Show().pace(1000 / 272.6), Show("imperial").pace(1609.344 / 480)
        ('4:33 /km', '8:00 /mi')
        """
        if speed_mps is None or not speed_mps > 0:
            return MISSING
        metres, unit = (1000.0, "km") if self.is_metric else (1000.0 * KM_PER_MILE, "mi")
        minutes, seconds = divmod(round(metres / speed_mps), 60)
        return f"{minutes}:{seconds:02d} /{unit}"

    def duration(self, seconds: float | None) -> str:
        """Hours and minutes; under an hour minutes and seconds.

        >>> Show().duration(5025.0), Show().duration(1505.0)
        ('1 h 24 min', '25:05')
        """
        if seconds is None:
            return MISSING
        whole = round(seconds)
        if whole < 3600:
            return f"{whole // 60}:{whole % 60:02d}"
        hours, minutes = divmod(round(whole / 60), 60)
        return f"{hours} h {minutes:02d} min"

    def minutes(self, seconds: float) -> str:
        """A planned time: whole minutes, hours from ninety on.

        >>> Show().minutes(2700.0), Show().minutes(6000.0)
        ('45 min', '1 h 40 min')
        """
        whole = round(seconds / 60)
        return f"{whole} min" if whole < 90 else f"{whole // 60} h {whole % 60:02d} min"

    def weight(self, kilograms: float | None) -> str:
        """A body weight."""
        if kilograms is None:
            return MISSING
        return f"{kilograms:.1f} kg" if self.is_metric else f"{kilograms / KG_PER_POUND:.0f} lb"

    def temperature(self, celsius: float | None) -> str:
        """The warmth of the air.

        >>> Show().temperature(-2.4), Show("imperial").temperature(20.0)
        ('−2 °C', '68 °F')
        """
        if celsius is None:
            return MISSING
        degrees, unit = (celsius, "°C") if self.is_metric else (celsius * 1.8 + 32.0, "°F")
        return f"{degrees:.0f} {unit}".replace("-", "−")

    def number(self, value: float | None, digits: int = 0) -> str:
        """A number with so many decimals; thousands apart.

        >>> Show().number(1234.5, 1), Show().number(None)
        ('1,234.5', '–')
        """
        return MISSING if value is None else f"{value:,.{digits}f}"


def as_date(value: Any) -> date:
    """A date of a date, an instant or ISO text."""
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
