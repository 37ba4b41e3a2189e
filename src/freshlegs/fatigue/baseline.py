"""The runner's own usual: a short reference, a slow anchor, and which days are bad against them (science F.3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from freshlegs.fatigue.panel import Bools, Floats, Ints
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.windows import mean_of_last

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


def reference(values: Floats, frozen: Bools, size: int, lag: int, at_least: int) -> tuple[Floats, Floats]:
    """Median and median deviation (as a standard deviation) of the last ``size`` values that are ``lag`` days old.

    Days marked ``frozen`` hold the reference of the day before them and never enter a later one. Until the lagged
    window holds ``at_least`` values the first ones known before today stand in. NaN where there are too few.
    """
    days = values.shape[1]
    usable = ~np.isnan(values) & ~frozen
    number = np.cumsum(usable, axis=1, dtype=np.int64)
    before = np.zeros_like(number)
    before[:, 1:] = number[:, :-1]
    old = np.zeros_like(number)
    if lag < days:
        old[:, lag:] = number[:, :-lag]
    count = np.maximum(old, np.minimum(before, at_least))
    if frozen.any():
        held = np.maximum.accumulate(np.where(frozen, -1, np.arange(days)), axis=1)
        count = np.where(held >= 0, np.take_along_axis(count, np.maximum(held, 0), axis=1), 0)
    middle, scale = _by_count(values, usable, number, size, at_least)
    return np.take_along_axis(middle, count, axis=1), np.take_along_axis(scale, count, axis=1)


def _by_count(values: Floats, usable: Bools, number: Ints, size: int, at_least: int) -> tuple[Floats, Floats]:
    """Median and deviation of the last ``size`` of the first j values, for every j: [athlete, j]."""
    athletes = values.shape[0]
    most = int(number[:, -1].max(initial=0))
    middle = np.full((athletes, most + 1), np.nan)
    scale = np.full((athletes, most + 1), np.nan)
    if most < at_least:
        return middle, scale
    packed = np.full((athletes, size - 1 + most), np.nan)
    rows, days = np.nonzero(usable)
    packed[rows, size - 2 + number[rows, days]] = values[rows, days]
    have = number[:, -1]
    step = max(1, 200_000 // (most + 1))
    for a in range(0, athletes, step):
        block = np.lib.stride_tricks.sliding_window_view(packed[a : a + step], size, axis=1)
        filled = np.arange(1, most + 1)[None, :] <= have[a : a + step, None]
        filled &= np.arange(1, most + 1)[None, :] >= at_least
        ordered = block[filled]
        ordered.sort(axis=1)
        n = np.minimum(np.nonzero(filled)[1] + 1, size)
        median = _middle_of(ordered, n)
        ordered -= median[:, None]
        np.abs(ordered, out=ordered)
        ordered.sort(axis=1)
        deviation = _middle_of(ordered, n)
        middle[a : a + step, 1:][filled] = median
        scale[a : a + step, 1:][filled] = deviation * P.number("baseline.mad_to_sd")
    return middle, scale


def _middle_of(ordered: Floats, n: Ints) -> Floats:
    """The median of the first n of each sorted row (NaN stands last)."""
    row = np.arange(ordered.shape[0])
    return np.asarray(0.5 * (ordered[row, (n - 1) // 2] + ordered[row, n // 2]))


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
    # One long series with a wall of missing days between athletes: one rolling call serves all.
    wall = np.full((worse.shape[0], span), np.nan)
    flat = np.concatenate([wall, mean], axis=1).ravel()
    quarter = (
        pl.Series(flat)
        .fill_nan(None)
        .rolling_quantile(P.number("baseline.anchor_quantile"), "linear", window_size=span, min_samples=1)
        .to_numpy()
    )
    return mean, quarter.reshape(worse.shape[0], -1)[:, span:]


def judge_answers(worse: Floats, high_is_worse: bool, frozen: Bools, slow: tuple[Floats, Floats]) -> Usual:
    """Answers of 0 to 10 against the runner's own usual; the population stands in for the first fourteen.

    ``worse``: the answers turned so that high is worse; ``high_is_worse``: whether they were asked that way;
    ``slow``: their slow mean and anchor.
    """
    middle, deviation = reference(
        worse,
        frozen,
        P.whole("baseline.short_answers"),
        P.whole("baseline.short_lag_d"),
        P.whole("baseline.short_min"),
    )
    learning = np.isnan(middle)
    usual = P.number("baseline.population_bad") if high_is_worse else 10.0 - P.number("baseline.population_good")
    scale = np.maximum(deviation, P.number("baseline.scale_floor"))
    middle = np.where(learning, usual, middle)
    scale = np.where(learning, P.number("baseline.population_sd"), scale)
    slow_mean, anchor = slow
    with np.errstate(invalid="ignore"):
        sudden = worse - middle >= P.number("baseline.bad_z") * scale - TINY
        own_scale = np.where(learning, 0.0, scale)
        margin = np.maximum(P.number("baseline.anchor_worse"), own_scale)
        creeping = (slow_mean - anchor >= margin - TINY) & (
            worse - anchor >= P.number("baseline.anchor_day_share") * margin - TINY
        )
    return Usual(worse, middle, scale, anchor, slow_mean, sudden | creeping, learning)


def judge_device(values: Floats, frozen: Bools, size: int, at_least: int, floor: float, abstain: float) -> Usual:
    """A measured quantity (high is worse) against its own recent nights; a spread near zero abstains.

    ``floor``: the smallest spread used; ``abstain``: below this spread the sensor is stuck, not the runner calm.
    """
    middle, deviation = reference(values, frozen, size, P.whole("baseline.short_lag_d"), at_least)
    with np.errstate(invalid="ignore"):
        stuck = deviation < abstain
    middle = np.where(stuck, np.nan, middle)
    scale = np.maximum(deviation, floor)
    with np.errstate(invalid="ignore"):
        bad = values - middle >= P.number("baseline.bad_z") * scale - TINY
    nothing = np.full(values.shape, np.nan)
    return Usual(values, middle, scale, nothing, nothing, bad, np.zeros(values.shape, dtype=bool))
