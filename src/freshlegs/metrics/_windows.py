"""Windows of days over sessions of many athletes at once, each looking back only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from freshlegs import steps
from freshlegs.metrics._frames import APART_S, DAY_S, places
from freshlegs.metrics._numbers import Array


@dataclass(frozen=True, slots=True)
class Axis:
    """All rows on one line of time: seconds, athletes far apart; rows sorted by athlete, then time.

    Windows end at the row itself, and take in rows of the very same instant.
    """

    at: npt.NDArray[np.int64]

    @classmethod
    def of(cls, athlete: npt.NDArray[np.integer], seconds: npt.NDArray[np.int64]) -> Axis:
        """The axis of rows with these athlete numbers (0, 1, …) and instants, already sorted."""
        if seconds.size == 0:
            return cls(seconds.astype(np.int64))
        span = int(seconds.max() - seconds.min()) + APART_S
        return cls((seconds - seconds.min()) + athlete.astype(np.int64) * span)

    def _roll(self, values: Array, days: float, kind: str, least: int = 1) -> Array:
        if np.isnan(values).all():
            return np.full(values.size, np.nan)
        frame = pl.DataFrame({"at": self.at, "x": values}).with_columns(pl.col("x").fill_nan(None))
        window = f"{int(days * DAY_S)}i"
        rolled = getattr(pl.col("x"), f"rolling_{kind}_by")("at", window, min_samples=least, closed="both")
        return frame.select(rolled.cast(pl.Float64)).to_series().to_numpy()

    def highest(self, values: Array, days: float) -> Array:
        """The highest known value of the last so many days."""
        return self._roll(values, days, "max")

    def mean(self, values: Array, days: float, least: int = 1) -> Array:
        """Their mean to nine digits (a moving sum owes the rest to chance), where at least so many are known."""
        return np.round(self._roll(values, days, "mean", least), 9)

    def median(self, values: Array, days: float, least: int = 1) -> Array:
        """Their median, where at least so many are known."""
        if steps.READY:
            return steps.middles(self.at, values, int(days * DAY_S), least)
        return self._roll(values, days, "median", least)

    def count(self, values: Array, days: float) -> Array:
        """How many are known."""
        return np.nan_to_num(self._roll(np.where(np.isnan(values), np.nan, 1.0), days, "sum"))

    def before(self, values: Array, days: float) -> Array:
        """The value of the last row at least so many days before; NaN where the athlete has none."""
        row = places(self.at, self.at - int(days * DAY_S), after=True) - 1
        gap = self.at - self.at[np.maximum(row, 0)]
        mine = (row >= 0) & (gap < APART_S)
        return np.where(mine, values[np.maximum(row, 0)], np.nan)
