"""What the days before a stretch of days leave behind, so that a next day costs the same whatever came before.

Every function that looks back says by name how far, or which one number it goes on from. From an athlete's first day
on there is nothing before, and the same arrays go through the same functions; where a stretch goes on from a carry
the days looked back upon are put before it, and cut off again. Nothing else differs, so both give the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
State = dict[str, npt.NDArray[Any]]
"""Arrays by name, athlete first: the last days of a series, or one number."""
Series = TypeVar("Series", bound=npt.NDArray[Any])
Computed = TypeVar("Computed")

NEVER: Final = -(1 << 40)
"""The column of what has not happened yet."""


class Past:
    """What is known from before the first column of some athletes, and what is to be kept after their last one.

    ``length``: how many columns are theirs. ``before``: the state they go on from, None from the first day on.
    ``kept``: where to put the state after the last day, None to keep none; ``rows``: their rows in it.
    """

    def __init__(self, length: Ints, before: State | None = None, kept: State | None = None) -> None:
        self.length = length
        self.before = before
        self.kept = kept
        self._rows: npt.NDArray[np.intp] | None = None
        self._athletes = len(length)
        alike = len(length) > 0 and int(length.min()) == int(length.max())
        self._last = int(length[0]) if alike else None

    def choose(self, rows: npt.NDArray[np.intp]) -> Past:
        """The same of some of the athletes, keeping into the same place."""
        if self._rows is None and np.array_equal(rows, np.arange(self._athletes)):
            return self
        chosen = Past(self.length[rows], self.before, self.kept)
        chosen._rows = rows if self._rows is None else self._rows[rows]
        chosen._athletes = self._athletes
        return chosen

    @property
    def begins(self) -> bool:
        """Whether nothing lies before."""
        return self.before is None

    def _of(self, name: str) -> npt.NDArray[Any] | None:
        """The state of that name of these athletes; None where there is none."""
        found = None if self.before is None else self.before.get(name)
        return found if found is None or self._rows is None else found[self._rows]

    def numbered(self, stem: str) -> list[str]:
        """What follows the stem in the names of series kept from before."""
        names = () if self.before is None else (name.split(".")[0] for name in self.before)
        return sorted({name.removeprefix(stem) for name in names if name.startswith(stem)})

    def carried(self, name: str, otherwise: Any, dtype: npt.DTypeLike = np.float64) -> npt.NDArray[Any]:
        """One number an athlete from before; ``otherwise`` where there is none."""
        found = self._of(name)
        if found is None:
            return np.full(len(self.length), otherwise, dtype=dtype)
        if found.dtype.kind == "f" and otherwise == otherwise:
            return np.where(np.isnan(found), otherwise, found)
        return found.astype(dtype, copy=False)

    def block(self, name: str, width: int, otherwise: Any, dtype: npt.DTypeLike = np.float64) -> npt.NDArray[Any]:
        """Several numbers an athlete from before."""
        found = self._of(name)
        return np.full((len(self.length), width), otherwise, dtype=dtype) if found is None else found

    def keep(self, name: str, values: npt.NDArray[Any]) -> None:
        """Keep what ``compute`` worked out for each athlete."""
        if self.kept is None:
            return
        if self._rows is None:
            self.kept[name] = values
        else:
            if name not in self.kept:
                nothing = np.zeros((self._athletes, *values.shape[1:]), dtype=values.dtype)
                self.kept[name] = nothing if values.dtype.kind != "f" else np.full_like(nothing, np.nan)
            self.kept[name][self._rows] = values

    def keep_last(self, name: str, values: npt.NDArray[Any]) -> None:
        """Keep what stands at each athlete's last day."""
        if self.kept is not None and self._last is not None:
            self.keep(name, values[:, self._last - 1].copy())
        elif self.kept is not None:
            self.keep(name, values[np.arange(len(self.length)), self.length - 1])

    # ------------------------------------------------------------------ looking back over days

    def longer(self, name: str, values: Series, days: int) -> Series:
        """The series with the last ``days`` days from before put in front; itself if nothing lies before."""
        if self.before is None:
            whole: Any = values
        else:
            whole = np.concatenate([self._earlier(name, values, days), values], axis=1)
        if self.kept is not None:
            self.keep(name, self._end_of(whole, values, days))
        return whole  # type: ignore[no-any-return]

    def look_back(self, name: str, days: int, compute: Callable[..., Computed], *series: npt.NDArray[Any]) -> Computed:
        """``compute`` of these series, each value of which may depend on its own day and ``days`` earlier ones."""
        whole = [self.longer(f"{name}.{number}", values, days) for number, values in enumerate(series)]
        found = compute(*whole)
        return found if self.before is None else _without(found, days)

    def _earlier(self, name: str, values: npt.NDArray[Any], days: int) -> npt.NDArray[Any]:
        found = self._of(name)
        if found is not None:
            return found.astype(values.dtype, copy=False)
        missing = np.nan if values.dtype.kind == "f" else 0
        return np.full((len(self.length), days), missing, dtype=values.dtype)

    def _end_of(self, whole: npt.NDArray[Any], values: npt.NDArray[Any], days: int) -> npt.NDArray[Any]:
        """The last ``days`` days of each athlete's own."""
        extra = whole.shape[1] - values.shape[1]
        if self._last is not None and self._last + extra >= days:
            found = whole[:, self._last + extra - days : self._last + extra]
            return found if extra else found.copy()  # of a whole history nothing but its end is to stay in memory
        at = self.length[:, None] + extra + np.arange(-days, 0)
        found = np.take_along_axis(whole, np.maximum(at, 0), axis=1)
        if extra < days:
            missing = np.nan if values.dtype.kind == "f" else 0
            found = np.where(at >= 0, found, missing).astype(values.dtype)
        return found

    # ------------------------------------------------------------------ looking back without end

    def days_since(self, name: str, happened: Bools) -> Floats:
        """Days since something last happened; infinite before the first time."""
        days = np.arange(happened.shape[1])
        last = np.maximum.accumulate(np.where(happened, days, NEVER), axis=1)
        earlier = np.inf if self.before is None else self.carried(name, np.inf)[:, None] + days + 1.0
        since = np.where(last >= 0, days - last, earlier)
        self.keep_last(name, since)
        return since

    def run_length(self, name: str, flag: Bools) -> Ints:
        """How many days in a row, up to each, the flag has held."""
        days = np.arange(flag.shape[1])
        start = np.maximum.accumulate(np.where(flag, -1, days), axis=1)
        length = np.where(flag, days - start, 0)
        if self.before is not None:
            length = np.where(flag & (start < 0), length + self.carried(name, 0, np.int64)[:, None], length)
        self.keep_last(name, length)
        return length

    def spell_age(self, name: str, flag: Bools, gap: int) -> Ints:
        """Days since the spell began that each day belongs to, gaps of up to ``gap`` days bridged; -1 off any."""

        def ends(flags: Bools) -> tuple[Bools, Bools]:
            days = np.broadcast_to(np.arange(flags.shape[1]), flags.shape)
            last_on = np.maximum.accumulate(np.where(flags, days, NEVER), axis=1)
            previous = np.concatenate([np.full((flags.shape[0], 1), NEVER), last_on[:, :-1]], axis=1)
            return flags & (days - previous > gap + 1), days - last_on <= gap

        begins, on = self.look_back(f"{name}.held", gap + 1, ends, flag)
        age = self.days_since(f"{name}.began", begins)
        return np.where(on, np.where(np.isinf(age), 0, age).astype(np.int64), -1)

    def latest(self, name: str, values: Floats) -> Floats:
        """The latest known value; NaN before the first."""
        last = np.maximum.accumulate(np.where(np.isnan(values), -1, np.arange(values.shape[1])), axis=1)
        found = np.take_along_axis(values, np.maximum(last, 0), axis=1)
        held = np.where(last >= 0, found, self.carried(name, np.nan)[:, None])
        self.keep_last(name, held)
        return held

    def ever(self, name: str, flag: Bools) -> Bools:
        """Whether it has held on any day up to each."""
        held = np.logical_or.accumulate(flag, axis=1)
        if self.before is not None:
            held |= self.carried(name, False, np.bool_)[:, None]
        self.keep_last(name, held)
        return held

    def count(self, name: str, flag: Bools) -> Ints:
        """On how many days up to each it has held."""
        number = np.cumsum(flag, axis=1, dtype=np.int64)
        if self.before is not None:
            number += self.carried(name, 0, np.int64)[:, None]
        self.keep_last(name, number)
        return number

    def yesterday(self, name: str, values: Floats) -> Floats:
        """Each day's value of the day before; NaN before the first day."""
        before = np.concatenate([self.carried(name, np.nan)[:, None], values[:, :-1]], axis=1)
        self.keep_last(name, values)
        return before


def _without(found: Any, days: int) -> Any:
    """What was worked out, without the days that were looked back upon."""
    if isinstance(found, np.ndarray):
        return found[:, days:]
    if isinstance(found, tuple):
        return tuple(_without(one, days) for one in found)
    return found
