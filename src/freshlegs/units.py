"""Every conversion there is. Inside Freshlegs everything is SI, UTC instants and local dates.

Functions take floats or NumPy arrays; missing values are NaN and stay NaN.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl

Number = TypeVar("Number", float, npt.NDArray[np.float64])

FIT_EPOCH_S: Final = 631_065_600
"""Seconds from 1970-01-01 to 1989-12-31 00:00 UTC, the zero of FIT's clock."""

DEG_PER_SEMICIRCLE: Final = 180.0 / 2**31
KM_PER_MILE: Final = 1.609344
METRES_PER_FOOT: Final = 0.3048
KG_PER_POUND: Final = 0.45359237
STEPS_PER_REVOLUTION: Final = 2.0
"""Watches count one foot (rpm); Freshlegs counts both (steps a minute)."""


def semicircles_to_deg(semicircles: Number) -> Number:
    """Garmin's 32-bit angle to degrees.

    >>> semicircles_to_deg(2.0**30)
    90.0
    """
    return semicircles * DEG_PER_SEMICIRCLE


def rpm_to_spm(revolutions_per_minute: Number) -> Number:
    """Strides of one foot a minute to steps of both feet a minute.

    >>> rpm_to_spm(90.0)
    180.0
    """
    return revolutions_per_minute * STEPS_PER_REVOLUTION


def pace_min_per_km(speed_mps: float) -> str:
    """Write a speed as a pace, minutes and seconds a kilometre.

    >>> pace_min_per_km(1000 / 272.6)
    '4:33'
    """
    if not speed_mps > 0:
        return "–"
    minutes, seconds = divmod(round(1000.0 / speed_mps), 60)
    return f"{minutes}:{seconds:02d}"


def speed_from_pace(pace: str) -> float:
    """Read a pace such as ``4:33`` (minutes and seconds a kilometre) as metres a second.

    >>> round(speed_from_pace("4:30"), 4)
    3.7037
    """
    minutes, _, seconds = pace.partition(":")
    total = int(minutes) * 60 + float(seconds or 0)
    if not total > 0:
        raise ValueError(f"a pace must be more than zero, got {pace!r}")
    return 1000.0 / total


def five_point_to_ten(answer: float, *, turned: bool = False) -> float:
    """A 1–5 answer on the 0–10 scale, (x − 1) · 2.5; ``turned`` for items whose direction differs.

    >>> five_point_to_ten(2), five_point_to_ten(2, turned=True)
    (2.5, 7.5)
    """
    scaled = (answer - 1.0) * 2.5
    return 10.0 - scaled if turned else scaled


def zone(name: str | None) -> tzinfo:
    """The time zone of that IANA name; UTC without one."""
    return ZoneInfo(name or "UTC")


def local_date(instant_utc: datetime, utc_offset_s: float | None, home_zone: str | None = None) -> date:
    """The local calendar day of an instant: by its own offset, else by the home time zone.

    >>> from datetime import UTC
    >>> local_date(datetime(2026, 5, 3, 23, 30, tzinfo=UTC), 7200.0)
    datetime.date(2026, 5, 4)
    """
    if utc_offset_s is not None:
        return (instant_utc + timedelta(seconds=utc_offset_s)).date()
    return instant_utc.astimezone(zone(home_zone)).date()


def since_1970_us(instants: pl.Series) -> npt.NDArray[np.float64]:
    """A column of instants as microseconds since 1970 UTC, NaN where missing.

    Without Polars' query engine, which takes half a millisecond to look at one column.

    >>> from datetime import UTC
    >>> since_1970_us(pl.Series([datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), None], dtype=pl.Datetime("us", "UTC")))
    array([1000000.,      nan])
    """
    stamps = instants.to_numpy().astype("datetime64[us]", copy=False)
    out = stamps.view(np.int64).astype(np.float64)
    if instants.null_count():
        out[np.isnat(stamps)] = np.nan
    return out
