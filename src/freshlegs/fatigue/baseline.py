"""The runner's own usual: a short reference, a slow anchor, and which days are bad against them (science F.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from freshlegs.fatigue.panel import Bools, Floats, Ints, Window
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.windows import mean_of_last

GRID: Final = 16.0
"""Answers to an eighth of a point are whole numbers in these units, their medians and deviations as well."""

WINDOWS_AT_ONCE: Final = 50_000
"""References worked on together: few enough to stay near the processor."""

TINY = 1e-9
"""Two sums of the same answers may differ in the last digit; a threshold met exactly is met."""


@dataclass(slots=True)
class Usual:
    """One quantity against the runner's own usual, athlete by day.

    ``worse`` is the quantity turned so that high is worse; ``middle`` and ``scale`` are the reference it is
    judged by (already turned), ``anchor`` the slow one, ``slow_mean`` the mean held against it; ``bad`` marks bad
    days; ``learning`` where the population still stands in for the runner.
    """

    worse: Floats
    middle: Floats
    scale: Floats
    anchor: Floats
    slow_mean: Floats
    bad: Bools
    learning: Bools

    @property
    def answered(self) -> Bools:
        """Where there is a value that can be judged."""
        return ~np.isnan(self.worse) & ~np.isnan(self.middle)

    def answered_at(self, a: int, days: slice) -> Bools:
        """The same of one athlete and some days."""
        return ~np.isnan(self.worse[a, days]) & ~np.isnan(self.middle[a, days])

    @property
    def z(self) -> Floats:
        """Spreads worse than usual."""
        return (self.worse - self.middle) / self.scale


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a runner is held against the own usual in: its values (high is worse), and the window that makes the usual.

    The last ``size`` values that are ``lag`` days old, once there are ``at_least`` of them.
    """

    values: Floats
    size: int
    lag: int
    at_least: int


@dataclass(frozen=True, slots=True)
class Reference:
    """Median and median deviation (as a standard deviation) of every athlete and day; NaN with too few values."""

    middle: Floats
    scale: Floats


def reference(quantity: Quantity, frozen: Bools, window: Window | None = None) -> Reference:
    """The usual of each day; of the athletes and days of ``window`` alone, if there is one.

    Days marked ``frozen`` hold the reference of the day before them and never enter a later one. Until the lagged
    window holds enough values the first ones known before today stand in. ``frozen`` is of the athletes of
    ``window`` (all their days) where there is one.
    """
    values = quantity.values if window is None else quantity.values[window.rows]
    usable = ~np.isnan(values) & ~frozen
    number = np.cumsum(usable, axis=1, dtype=np.int64)
    count = _counts(number, frozen, quantity)
    if window is not None:
        count = count[window.own_rows, window.cells[1]]
    middle, scale = _by_count(values, usable, number, quantity, count[:, 0], count[:, -1])
    return Reference(np.take_along_axis(middle, count, axis=1), np.take_along_axis(scale, count, axis=1))


def _counts(number: Ints, frozen: Bools, quantity: Quantity) -> Ints:
    """After how many usable values the reference of each day stands; never falls."""
    before = np.zeros_like(number)
    before[:, 1:] = number[:, :-1]
    old = np.zeros_like(number)
    if quantity.lag < number.shape[1]:
        old[:, quantity.lag :] = number[:, : -quantity.lag]
    count = np.maximum(old, np.minimum(before, quantity.at_least))
    if frozen.any():
        held = np.maximum.accumulate(np.where(frozen, -1, np.arange(number.shape[1])), axis=1)
        count = np.where(held >= 0, np.take_along_axis(count, np.maximum(held, 0), axis=1), 0)
    return count


def settled(quantity: Quantity, rows: Ints, frozen: Bools, changed: Bools) -> Ints:
    """From which day on the reference is what it was before ``frozen`` changed on the days of ``changed``.

    All of the athletes ``rows``. A reference knows its last values alone, so after so many new ones it is the same.
    """
    days = frozen.shape[1]
    last = days - 1 - changed[:, ::-1].argmax(axis=1)
    after = np.arange(days) > last[:, None]
    free = after & ~frozen
    resumed = np.where(free.any(axis=1), free.argmax(axis=1), days)
    values = quantity.values[rows]
    touched = (changed & ~np.isnan(values)).any(axis=1)
    number = np.cumsum(~np.isnan(values) & ~frozen, axis=1, dtype=np.int64)
    count = _counts(number, frozen, quantity)
    enough = number[np.arange(len(rows)), last] + quantity.size
    renewed = np.sum(count < enough[:, None], axis=1)
    return np.asarray(np.where(touched, np.maximum(resumed, renewed), resumed))


def _by_count(
    values: Floats, usable: Bools, number: Ints, quantity: Quantity, lowest: Ints, highest: Ints
) -> tuple[Floats, Floats]:
    """Median and deviation of the last values of the first j, for every j from ``lowest`` to ``highest``: [athlete, j].

    ``lowest`` and ``highest`` are of each athlete.
    """
    size = quantity.size
    athletes, most = values.shape[0], int(highest.max(initial=0))
    middle = np.full((athletes, most + 1), np.nan)
    scale = np.full((athletes, most + 1), np.nan)
    if most < quantity.at_least:
        return middle, scale
    packed = np.full((athletes, size - 1 + int(number[:, -1].max())), np.nan)
    rows, days = np.nonzero(usable)
    packed[rows, size - 2 + number[rows, days]] = values[rows, days]
    packed = packed[:, : size - 1 + most]
    exact = _small_integers(packed)
    step = max(1, WINDOWS_AT_ONCE // (most + 1))
    for a in range(0, athletes, step):
        part = slice(a, a + step)
        j = np.arange(1, most + 1)[None, :]
        wanted = (j >= np.maximum(lowest[part], quantity.at_least)[:, None]) & (j <= highest[part, None])
        whole = wanted & (j >= size)
        for chosen, source in ((wanted & ~whole, packed), (whole, packed if exact is None else exact)):
            windows = np.lib.stride_tricks.sliding_window_view(source[part], size, axis=1)[chosen]
            if len(windows):
                n = np.minimum(np.nonzero(chosen)[1] + 1, size)
                unit = 1.0 if source is packed else 1.0 / GRID
                median, deviation = _median_and_deviation(windows, n)
                middle[part, 1:][chosen] = median * unit
                scale[part, 1:][chosen] = deviation * unit * P.number("baseline.mad_to_sd")
    return middle, scale


def _small_integers(packed: Floats) -> npt.NDArray[np.int16] | None:
    """Values on a grid, as answers are, in units of the grid: small integers sort in half the time, and exactly.

    None for values off the grid or too large. Twice a median, and the distance from it, must be whole as well.
    """
    units = packed * GRID
    with np.errstate(invalid="ignore"):
        fits = np.isnan(packed) | ((np.rint(units / 2.0) * 2.0 == units) & (np.abs(units) < 2.0**13))
    return np.nan_to_num(units).astype(np.int16) if bool(fits.all()) else None


def _median_and_deviation(windows: npt.NDArray[Any], n: Ints) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Median of each row, and the median distance from it, of its n known values; sorts the windows in place."""
    windows.sort(axis=1)
    median = _middle_of(windows, n)
    windows -= median[:, None]
    np.abs(windows, out=windows)
    windows.sort(axis=1)
    return median, _middle_of(windows, n)


def _middle_of(ordered: npt.NDArray[Any], n: Ints) -> npt.NDArray[Any]:
    """The median of the first n of each sorted row (NaN stands last); whole numbers must have a whole one."""
    size = ordered.shape[1]
    if len(n) and n.min() == size:
        low, high = ordered[:, (size - 1) // 2], ordered[:, size // 2]
    else:
        row = np.arange(ordered.shape[0])
        low, high = ordered[row, (n - 1) // 2], ordered[row, n // 2]
    total = low + high
    return np.asarray(total >> 1 if total.dtype.kind == "i" else 0.5 * total)


def slow_anchor(worse: Floats, restart: Floats) -> tuple[Floats, Floats]:
    """The mean of the last 28 days, and the better quarter of all such means of the last 180 days.

    ``restart``: per athlete the day from which on "this is my new normal", NaN without one.
    """
    days = np.arange(worse.shape[1])
    with np.errstate(invalid="ignore"):
        renewed = days[None, :] >= restart[:, None]
    if renewed.any():
        # From the restart on, nothing older enters a mean or the anchor.
        mean_new, anchor_new = _anchor(np.where(renewed, worse, np.nan))
        mean_old, anchor_old = _anchor(np.where(renewed, np.nan, worse))
        return np.where(renewed, mean_new, mean_old), np.where(renewed, anchor_new, anchor_old)
    return _anchor(worse)


def _anchor(worse: Floats) -> tuple[Floats, Floats]:
    span = P.whole("baseline.anchor_span_d")
    mean = mean_of_last(worse, P.whole("baseline.anchor_mean_d"), P.whole("baseline.anchor_mean_min"))
    first = (~np.isnan(mean)).argmax(axis=1)[:, None]
    days = np.arange(mean.shape[1])
    # Each athlete's means moved to the front, and zeros behind the last day: without a gap, a series is rolled over
    # several times faster, and what stands behind a day does not enter it.
    at = first + days
    ahead = np.take_along_axis(mean, np.minimum(at, days[-1]), axis=1)
    moved = np.where(at <= days[-1], ahead, 0.0)
    frame = pl.DataFrame([pl.Series(str(a), row, nan_to_null=True) for a, row in enumerate(moved)])
    quantile = P.number("baseline.anchor_quantile")
    rolled = frame.select(pl.all().rolling_quantile(quantile, "linear", window_size=span, min_samples=1))
    anchor = np.take_along_axis(rolled.to_numpy().T, np.maximum(days - first, 0), axis=1)
    return mean, np.where(days >= first, anchor, np.nan)


def answer_quantity(worse: Floats) -> Quantity:
    """Answers of 0 to 10, turned so that high is worse, against the last six weeks of them."""
    return Quantity(
        worse,
        P.whole("baseline.short_answers"),
        P.whole("baseline.short_lag_d"),
        P.whole("baseline.short_min"),
    )


def judge_answers(worse: Floats, high_is_worse: bool, own: Reference, slow: tuple[Floats, Floats]) -> Usual:
    """Answers of 0 to 10 against the runner's own usual; the population stands in for the first fourteen.

    ``worse``: the answers turned so that high is worse; ``high_is_worse``: whether they were asked that way;
    ``own``: their reference; ``slow``: their slow mean and anchor.
    """
    learning = np.isnan(own.middle)
    usual = P.number("baseline.population_bad") if high_is_worse else 10.0 - P.number("baseline.population_good")
    scale = np.maximum(own.scale, P.number("baseline.scale_floor"))
    middle = np.where(learning, usual, own.middle)
    own_scale = np.where(learning, 0.0, scale)
    scale = np.where(learning, P.number("baseline.population_sd"), scale)
    slow_mean, anchor = slow
    with np.errstate(invalid="ignore"):
        sudden = worse - middle >= P.number("baseline.bad_z") * scale - TINY
        margin = np.maximum(P.number("baseline.anchor_worse"), own_scale)
        creeping = (slow_mean - anchor >= margin - TINY) & (
            worse - anchor >= P.number("baseline.anchor_day_share") * margin - TINY
        )
    return Usual(worse, middle, scale, anchor, slow_mean, sudden | creeping, learning)


def judge_device(values: Floats, own: Reference, floor: float, abstain: float) -> Usual:
    """A measured quantity (high is worse) against its own recent nights; a spread near zero abstains.

    ``floor``: the smallest spread used; ``abstain``: below this spread the sensor is stuck, not the runner calm.
    """
    with np.errstate(invalid="ignore"):
        stuck = own.scale < abstain
    middle = np.where(stuck, np.nan, own.middle)
    scale = np.maximum(own.scale, floor)
    with np.errstate(invalid="ignore"):
        bad = values - middle >= P.number("baseline.bad_z") * scale - TINY
    nothing = np.full(values.shape, np.nan)
    return Usual(values, middle, scale, nothing, nothing, bad, np.zeros(values.shape, dtype=bool))
