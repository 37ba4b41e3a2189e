"""Times as files write them (ISO 8601) into UTC instants, thousands at once.

An instant is a whole number of microseconds since 1970-01-01 00:00 UTC; `MISSING` stands for none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt

from freshlegs import units

MISSING: Final = np.iinfo(np.int64).min
"""No instant; the same bits as NumPy's and Polars' "not a time"."""

Micros = npt.NDArray[np.int64]

_SECOND: Final = 1_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_YEAR: Final = 2
_LAST_YEAR: Final = 9998
"""In the calendar's first and last year another time zone, or a run's length, leads out of it: no time of a person."""


NO_ZONE: Final = (
    "the times have no time zone; they were read in UTC"
    " (freshlegs profile --set home_time_zone=Europe/Oslo says where you are; then import the file again)"
)
"""What is said of a file whose times could be read in no zone but UTC; an import reads it again once there is one."""


def assumed(home_time_zone: str | None) -> str:
    """What is said of a file whose times have no time zone of their own."""
    if home_time_zone is None:
        return NO_ZONE
    return f"the times have no time zone; they were read in {home_time_zone}"


@dataclass(frozen=True, slots=True)
class Instants:
    """Parsed times.

    ``micros``: one number a text. ``offset_s``: what the first text with a time zone other than ``Z`` adds to
    UTC, else None. ``assumed``: whether some text had no time zone. ``unread``: how many texts were no time.
    """

    micros: Micros
    offset_s: float | None = None
    assumed: bool = False
    unread: int = 0


def parse(texts: Sequence[bytes], home_time_zone: str | None = None) -> Instants:
    """ISO 8601 times, empty ones as missing; without a time zone they are read in ``home_time_zone``, else UTC.

    >>> from datetime import datetime
    >>> found = parse([b"2026-05-04T08:00:00.250+02:00", b""])
    >>> _EPOCH + timedelta(microseconds=int(found.micros[0])), found.offset_s
    (datetime.datetime(2026, 5, 4, 6, 0, 0, 250000, tzinfo=datetime.timezone.utc), 7200.0)
    """
    if not texts:
        return Instants(np.empty(0, dtype=np.int64))
    length = len(texts[0])
    if length >= 20 and texts[0][-1:] == b"Z":
        joined = b"".join(texts)
        if len(joined) == length * len(texts):
            micros = _all_alike(joined, length)
            if micros is not None:
                return Instants(micros)
    return _one_by_one(texts, home_time_zone)


def _all_alike(joined: bytes, length: int) -> Micros | None:
    """Times all of the form ``2026-05-04T06:00:00Z`` or ``…00.123Z``; None if one of them is not."""
    letters = np.frombuffer(joined, dtype=np.uint8).reshape(-1, length)
    marks = {4: b"-", 7: b"-", 10: b"T", 13: b":", 16: b":", length - 1: b"Z"}
    if length > 20:
        marks[19] = b"."
    if length == 21 or any((letters[:, at] != mark[0]).any() for at, mark in marks.items()):
        return None
    digits = np.delete(letters, list(marks), axis=1).astype(np.int64) - 48
    if digits.min() < 0 or digits.max() > 9:
        return None
    year = digits[:, 0] * 1000 + digits[:, 1] * 100 + digits[:, 2] * 10 + digits[:, 3]
    month, day, hour, minute, second = (digits[:, at] * 10 + digits[:, at + 1] for at in range(4, 14, 2))
    if year.min() < _FIRST_YEAR or year.max() > _LAST_YEAR:
        return None
    if month.min() < 1 or month.max() > 12 or hour.max() > 23 or minute.max() > 59 or second.max() > 59:
        return None
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    first_day = months.astype("datetime64[D]").astype(np.int64)
    days_of_month = (months + np.timedelta64(1, "M")).astype("datetime64[D]").astype(np.int64) - first_day
    if day.min() < 1 or (day > days_of_month).any():
        return None
    days = first_day + day - 1
    micros: Micros = (((days * 24 + hour) * 60 + minute) * 60 + second) * _SECOND
    for place in range(min(digits.shape[1] - 14, 6)):
        micros = micros + digits[:, 14 + place] * 10 ** (5 - place)
    return micros


def _one_by_one(texts: Sequence[bytes], home_time_zone: str | None) -> Instants:
    out = np.full(len(texts), MISSING, dtype=np.int64)
    offset_s: float | None = None
    assumed = False
    unread = 0
    for row, raw in enumerate(texts):
        text = raw.strip()
        if not text:
            continue
        moment = moment_of(text.decode("utf-8", "replace"))
        if moment is None:
            unread += 1
            continue
        if moment.tzinfo is None:
            assumed = True
            moment = localised(moment, home_time_zone)
        elif offset_s is None and text[-1:] not in b"Zz":
            offset_s = offset_of(moment)
        out[row] = micros_of(moment)
    return Instants(out, offset_s, assumed, unread)


def moment_of(text: str) -> datetime | None:
    """One ISO 8601 time, with or without a time zone (fractions beyond microseconds cut); None if it is none.

    >>> moment_of("2026-05-04 06:00"), moment_of("yesterday")
    (datetime.datetime(2026, 5, 4, 6, 0), None)
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if _FIRST_YEAR <= moment.year <= _LAST_YEAR else None


def localised(moment: datetime, home_time_zone: str | None) -> datetime:
    """A time without a zone, read in the home time zone, else UTC; the earlier one when the clock repeats itself."""
    try:
        return moment.replace(tzinfo=units.zone(home_time_zone))
    except (ZoneInfoNotFoundError, ValueError):
        return moment.replace(tzinfo=UTC)


def offset_of(moment: datetime) -> float:
    """What a zoned time adds to UTC, in seconds."""
    return (moment.utcoffset() or timedelta()).total_seconds()


def micros_of(moment: datetime) -> int:
    """A zoned time in microseconds since 1970 UTC."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def datetime_of(micros: int) -> datetime:
    """Microseconds since 1970 as a UTC instant."""
    return _EPOCH + timedelta(microseconds=micros)


def happens_twice(moment: datetime) -> bool:
    """Whether the clock shows this local time twice, in the night it is set back.

    >>> from zoneinfo import ZoneInfo
    >>> happens_twice(datetime(2025, 10, 26, 2, 30, tzinfo=ZoneInfo("Europe/Oslo")))
    True
    """
    first, second = moment.replace(fold=0), moment.replace(fold=1)
    return (first.utcoffset() or timedelta()) > (second.utcoffset() or timedelta())
