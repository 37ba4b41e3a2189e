"""Some athletes, and some days on end of each, cut out of arrays of all, and put back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from freshlegs import steps

Series = TypeVar("Series", bound=npt.NDArray[Any])


class Window:
    """A stretch of days of some athletes, of one length for all, each beginning where it must.

    ``rows``: which athletes; ``start``: the first day of each; ``width``: so many days; ``warm``: so many days at the
    beginning are looked back upon only, what is worked out for them is not used, unless nothing lies before them.
    It is copied stretch by stretch: an index of each cell takes ten times as long.
    """

    def __init__(self, rows: npt.NDArray[np.intp], start: npt.NDArray[np.intp], width: int, warm: int = 0) -> None:
        self.rows, self.start, self.width = rows, start, width
        self.whole_days = warm == 0 and not start.any()
        own, all_of_it, unused = np.arange(len(rows)), np.full(len(rows), width), np.where(start == 0, 0, warm)
        self._out = steps.Stretches(rows, start, own, np.zeros_like(own), all_of_it)
        self._own = steps.Stretches(own, start, own, np.zeros_like(own), all_of_it)
        self._back = steps.Stretches(own, unused, rows, start + unused, width - unused)
        self._used = [(a, t, 0 if t == 0 else warm) for a, t in zip(rows.tolist(), start.tolist(), strict=True)]

    def take(self, values: Series) -> Series:
        """What of an array of all is of the window."""
        return self._cut(values, self.rows.tolist(), self._out)

    def cut(self, values: Series) -> Series:
        """The days of the window out of an array of its athletes."""
        return self._cut(values, range(len(self.rows)), self._own)

    def _cut(self, values: Series, rows: Iterable[int], stretches: steps.Stretches) -> Series:
        out: Any = np.empty((len(self.rows), self.width, *values.shape[2:]), dtype=values.dtype)
        if steps.READY and steps.alike(values, out):
            stretches.copy(values, out)
            return out  # type: ignore[no-any-return]
        for own, a, t in zip(out, rows, self.start.tolist(), strict=True):
            own[...] = values[a, t : t + self.width]
        return out  # type: ignore[no-any-return]

    def put(self, target: npt.NDArray[Any], values: npt.NDArray[Any]) -> None:
        """Write what was worked out for the window into an array of all."""
        if steps.READY and values.ndim > 2:
            for one in range(values.shape[2]):
                self.put(target[..., one], values[..., one])
            return
        if steps.READY and steps.alike(target, values):
            self._back.copy(values, target)
            return
        for own, (a, t, used) in zip(values, self._used, strict=True):
            target[a, t + used : t + self.width] = own[used:]
