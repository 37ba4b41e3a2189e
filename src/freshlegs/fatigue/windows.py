"""Looking back over days: counts, means, last events, spells. All arrays are athlete by day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from freshlegs import steps
from freshlegs.fatigue.past import Bools, Floats, Ints

BYTES_AT_ONCE: Final = 200_000
"""Of an array of athlete by day that is worked on step by step."""

Counts = npt.NDArray[np.int16]
Summed = TypeVar("Summed", bound=npt.NDArray[Any])


def trailing(values: Floats | Bools, days: int) -> Floats:
    """The sum of the last ``days`` days, today included; NaN counts as 0."""
    if values.dtype == np.bool_:
        return counted(values.astype(np.bool_, copy=False), days).astype(np.float64)
    if steps.READY:
        return steps.sums(values.astype(np.float64, copy=False), days)
    return _doubled(np.where(np.isnan(values), 0.0, values), days)


def counted(flag: npt.NDArray[np.bool_], days: int) -> Counts:
    """On how many of the last ``days`` days, today included, the flag holds.

    Small integers are many times faster than floats.
    """
    return _doubled(flag.astype(np.int8 if days < 128 else np.int16), days).astype(np.int16, copy=False)


def _doubled(power: Summed, days: int) -> Summed:
    """Sums of the last ``days`` values, put together from sums over 1, 2, 4 … of them.

    What is older enters no sum, so a day's sum is the same number wherever the series begins; differences of running
    totals are not.
    """
    out: Any = np.empty_like(power)
    for some in _near(power):
        out[some] = _doubled_of_few(power[some], days)
    return out  # type: ignore[no-any-return]


def _near(values: npt.NDArray[Any]) -> Iterator[slice]:
    """A few athletes at a time: their working arrays stay near the processor, which takes half the time."""
    step = max(1, BYTES_AT_ONCE // max(values[:1].nbytes, 1))
    return (slice(a, a + step) for a in range(0, len(values), step))


def _doubled_of_few(power: Summed, days: int) -> Summed:
    total: Summed | None = None
    size = 1
    while size <= days:
        if days & size:
            total = power if total is None else _plus_earlier(power, total, size)
        size *= 2
        if size <= days:
            power = _plus_earlier(power, power, size // 2)
    return power if total is None else total


def _plus_earlier(values: Summed, earlier: Summed, days: int) -> Summed:
    """Each day's value and what ``earlier`` was so many days before."""
    out: Any = np.empty_like(values)
    out[:, :days] = values[:, :days]
    np.add(values[:, days:], earlier[:, : max(values.shape[1] - days, 0)], out=out[:, days:])
    return out  # type: ignore[no-any-return]


def lowest(values: Floats, days: int) -> Floats:
    """The lowest known value of the last ``days`` days, today included; infinite without any."""
    if steps.READY:
        return steps.lowest(values, days)
    out = np.where(np.isnan(values), np.inf, values)
    for some in _near(out):
        low, size = out[some], 1
        while size < days:
            step = min(size, days - size)  # windows may overlap: a value that counts twice is still the lowest
            if step < low.shape[1]:
                low[:, step:] = np.minimum(low[:, step:], low[:, :-step])
            size += step
    return out


def lagged(values: Floats, days: int) -> Floats:
    """The value of ``days`` days ago; NaN before the first day."""
    out = np.full(values.shape, np.nan)
    if days < values.shape[1]:
        out[:, days:] = values[:, : values.shape[1] - days]
    return out


def mean_of_last(values: Floats, days: int, at_least: int) -> Floats:
    """The mean of the known values of the last ``days`` days; NaN with fewer than ``at_least`` of them."""
    if steps.READY:
        return steps.means(values, days, at_least)
    known = counted(~np.isnan(values), days)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known >= at_least, trailing(values, days) / known, np.nan)


def persisting(bad: Bools, answered: Bools, table: Floats, days: int, at_least: int) -> tuple[Floats, Counts, Counts]:
    """Strength of a sign that is bad on k of the n answered of the last ``days`` days, with k and n.

    ``table[n, k]`` is the probability that the sign holds on more than half of the days (science F.3).
    """
    if steps.READY:
        return steps.persisting(bad, answered, table, days, at_least)
    n = counted(answered, days)
    k = counted(bad & answered, days)
    strength = table.ravel().take(n * np.int16(table.shape[1]) + k)
    strength[n < at_least] = np.nan
    return strength, k, n


class Events:
    """Things that happen on some days only: what held on the last few of them, as seen from every day.

    ``happened[a, t]`` marks the days; ``NaN`` in a value passed to `count_last` never enters.
    """

    def __init__(self, happened: Bools) -> None:
        self.happened = happened
        self.number = np.cumsum(happened, axis=1, dtype=np.int64)
        rows, days = np.nonzero(happened)
        self._days = rows, days
        self._width = int(self.number[:, -1].max(initial=0)) + 1
        self._slots = self.number[rows, days] + rows * self._width
        self._begins = np.arange(len(happened))[:, None] * self._width

    def _by_event(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The values of the events, the n-th of each athlete in place n; place 0 is empty. ``values`` by event."""
        out = np.zeros((len(self.happened), self._width), dtype=values.dtype)
        out.reshape(-1)[self._slots] = values
        return out

    def _at(self, by_event: npt.NDArray[Any], number: Ints) -> npt.NDArray[Any]:
        """What stands in the place of each day's number."""
        return np.asarray(by_event.reshape(-1).take(number + self._begins))

    def _before(self, within: int) -> Ints:
        """How many events are too old, on each day."""
        before = np.zeros_like(self.number)
        if within < self.happened.shape[1]:
            before[:, within:] = self.number[:, :-within]
        return before

    def count_last(self, flag: Bools, last: int, within: int) -> tuple[Ints, Ints, Ints]:
        """How many of the last ``last`` events have the flag, how many there are, and the days they span.

        Events older than ``within`` days do not count.
        """
        cumulative = np.cumsum(self._by_event(flag[self._days].astype(np.int64)), axis=1)
        day_of = self._by_event(self._days[1])
        low = np.maximum(self.number - last, self._before(within))
        k = self._at(cumulative, self.number) - self._at(cumulative, low)
        n = self.number - low
        oldest = self._at(day_of, np.minimum(low + 1, self._width - 1))
        span = np.where(n > 0, self._at(day_of, self.number) - oldest, 0)
        return k, n, span

    def mean_last(self, values: Floats, last: int, within: int) -> Floats:
        """The mean of a value over the last ``last`` events not older than ``within`` days; NaN without any."""
        by_event = self._by_event(np.nan_to_num(values[self._days]))
        number = np.minimum(self.number - self._before(within), last)
        total = np.zeros(values.shape)
        for back in range(last):  # from the newest back: the same sum wherever the series begins
            total += np.where(back < number, self._at(by_event, np.maximum(self.number - back, 0)), 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(total / number)

    def days_since(self) -> Floats:
        """Days since the last event; infinite before the first."""
        days = np.arange(self.happened.shape[1])
        last = np.maximum.accumulate(np.where(self.happened, days, -1), axis=1)
        return np.where(last >= 0, days - last, np.inf)


def run_length(flag: Bools) -> Ints:
    """For every day, how many days in a row up to it the flag has held."""
    days = np.arange(flag.shape[1])
    last_off = np.maximum.accumulate(np.where(flag, -1, days), axis=1)
    return np.where(flag, days - last_off, 0)


def spell_start(flag: Bools, gap: int) -> Ints:
    """The first day of the spell that each flagged day belongs to, gaps of up to ``gap`` days bridged; -1 off it.

    A day in a gap still belongs to the spell while the gap is not longer than ``gap``.
    """
    days = np.broadcast_to(np.arange(flag.shape[1]), flag.shape)
    last_on = np.maximum.accumulate(np.where(flag, days, -1), axis=1)
    previous = np.concatenate([np.full((flag.shape[0], 1), -1), last_on[:, :-1]], axis=1)
    begins = flag & ((previous < 0) | (days - previous > gap + 1))
    start = np.maximum.accumulate(np.where(begins, days, -1), axis=1)
    return np.where((last_on >= 0) & (days - last_on <= gap), start, -1)
