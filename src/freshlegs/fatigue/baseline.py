"""The runner's own usual: a short reference, a slow anchor, and which days are bad against them (science F.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from freshlegs import steps
from freshlegs.fatigue.excerpt import Window
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.past import Bools, Floats, Ints, Past
from freshlegs.fatigue.windows import lowest, mean_of_last

GRID: Final = 16.0
"""Answers to an eighth of a point are whole numbers in these units, their medians and deviations as well."""

FEW_D: Final = 32
"""For so many days the better quarter is found by sorting; for more a rolling quantile takes less."""

FEW_ATHLETES: Final = 16
"""Of so few the slow anchor is worked out on every day; of more where it can matter."""

WINDOWS_AT_ONCE: Final = 50_000
"""References worked on together: few enough to stay near the processor."""

QUANTILES_AT_ONCE: Final = 1_000

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


def reference(quantity: Quantity, frozen: Bools, past: Past, name: str, window: Window | None = None) -> Reference:
    """The usual of each day; of the athletes and days of ``window`` alone, if there is one.

    Days marked ``frozen`` hold the reference of the day before them and never enter a later one. Until the lagged
    window holds enough values the first ones known before today stand in. ``frozen`` is of the athletes of
    ``window`` (all their days) where there is one, and so is ``past``, which knows this usual by ``name``.
    """
    values = quantity.values if window is None else quantity.values[window.rows]
    usable = ~np.isnan(values) & ~frozen
    number, count = _counts(usable, frozen, quantity, past, name)
    store = _Values.of(values, usable, number, quantity, past, name)
    if window is not None and not window.whole_days:
        count = window.cut(count)
    if steps.READY:
        unit = P.number("baseline.mad_to_sd")
        return Reference(*steps.references(store.packed, store.unseen, count, quantity.size, quantity.at_least, unit))
    middle, scale = _by_count(store, quantity, count[:, 0], count[:, -1])
    begins = np.arange(len(count))[:, None] * middle.shape[1]
    place = begins + (count if past.begins else np.maximum(count - store.unseen[:, None], 0))
    return Reference(middle.reshape(-1).take(place), scale.reshape(-1).take(place))


def _counts(usable: Bools, frozen: Bools, quantity: Quantity, past: Past, name: str) -> tuple[Ints, Ints]:
    """How many usable values there are up to each day, and after how many its reference stands; neither ever falls."""
    if steps.READY and past.begins:
        number, count = steps.counts(usable, frozen, quantity.lag, quantity.at_least)
        past.keep_last(f"{name}.number", number)
        past.longer(f"{name}.numbers.0", number, quantity.lag)
        past.keep_last(f"{name}.count", count)
        return number, count

    def lagging(some: Ints) -> tuple[Ints, Ints]:
        before, old = np.zeros_like(some), np.zeros_like(some)
        before[:, 1:] = some[:, :-1]
        if quantity.lag < some.shape[1]:
            old[:, quantity.lag :] = some[:, : -quantity.lag]
        return before, old

    number = past.count(f"{name}.number", usable)
    before, old = past.look_back(f"{name}.numbers", quantity.lag, lagging, number)
    count = np.maximum(old, np.minimum(before, quantity.at_least))
    if frozen.any():
        held = np.maximum.accumulate(np.where(frozen, -1, np.arange(number.shape[1])), axis=1)
        earlier = past.carried(f"{name}.count", 0, np.int64)[:, None]
        count = np.where(held >= 0, np.take_along_axis(count, np.maximum(held, 0), axis=1), earlier)
    past.keep_last(f"{name}.count", count)
    return number, count


@dataclass(frozen=True, slots=True)
class _Values:
    """The usable values of each athlete side by side, ``packed``, after as many empty places as a window is long.

    ``unseen``: how many usable values of an athlete are so old that they are not among them.
    """

    packed: Floats
    unseen: Ints

    @classmethod
    def of(cls, values: Floats, usable: Bools, number: Ints, quantity: Quantity, past: Past, name: str) -> _Values:
        room = 0 if past.begins else quantity.size + quantity.lag
        first = past.carried(f"{name}.number", 0, np.int64)
        unseen = first - room
        held = number[:, -1] - unseen
        packed = np.full((len(values), quantity.size - 1 + int(held.max(initial=0))), np.nan)
        if room:
            packed[:, quantity.size - 1 : quantity.size - 1 + room] = past.block(f"{name}.values", room, np.nan)
        begin = quantity.size - 1 + room
        if steps.READY:
            steps.pack(values, usable, begin, packed)
        else:
            place = np.arange(packed.shape[1])
            packed[(place >= begin) & (place < quantity.size - 1 + held[:, None])] = values[usable]
        if past.kept is not None:
            wanted = quantity.size + quantity.lag
            at = quantity.size - 1 + held[:, None] + np.arange(-wanted, 0)
            last = np.take_along_axis(packed, np.maximum(at, 0), axis=1)
            past.keep(f"{name}.values", np.where(at >= 0, last, np.nan))
        return cls(packed, unseen)


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
    nothing = Past(np.full(len(rows), days))
    number, count = _counts(~np.isnan(values) & ~frozen, frozen, quantity, nothing, "")
    enough = number[np.arange(len(rows)), last] + quantity.size
    renewed = np.sum(count < enough[:, None], axis=1)
    return np.asarray(np.where(touched, np.maximum(resumed, renewed), resumed))


def _by_count(store: _Values, quantity: Quantity, lowest: Ints, highest: Ints) -> tuple[Floats, Floats]:
    """Median and deviation of the last values of the first j, for every j from ``lowest`` to ``highest``.

    ``lowest`` and ``highest`` are of each athlete; the result is [athlete, j less the unseen].
    """
    size, unseen = quantity.size, store.unseen[:, None]
    athletes, most = len(store.packed), int((highest - store.unseen).max(initial=0))
    middle = np.full((athletes, most + 1), np.nan)
    scale = np.full((athletes, most + 1), np.nan)
    if int(highest.max(initial=0)) < quantity.at_least:
        return middle, scale
    packed = store.packed[:, : size - 1 + most]
    exact = _small_integers(packed)
    step = max(1, WINDOWS_AT_ONCE // (most + 1))
    for a in range(0, athletes, step):
        part = slice(a, a + step)
        j = np.arange(1, most + 1)[None, :] + unseen[part]
        wanted = (j >= np.maximum(lowest[part], quantity.at_least)[:, None]) & (j <= highest[part, None])
        whole = wanted & (j >= size)
        for chosen, source in ((wanted & ~whole, packed), (whole, packed if exact is None else exact)):
            windows = np.lib.stride_tricks.sliding_window_view(source[part], size, axis=1)[chosen]
            if len(windows):
                n = np.minimum(np.broadcast_to(j, chosen.shape)[chosen], size)
                unit = 1.0 if source is packed else 1.0 / GRID
                median, deviation = median_and_deviation(windows, n)
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


def median_and_deviation(windows: npt.NDArray[Any], n: Ints) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
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


def slow_anchor(worse: Floats, restart: Floats, past: Past, name: str) -> tuple[Floats, Floats]:
    """The mean of the last 28 days, and the better quarter of all such means of the last 180 days.

    Of many athletes the latter is NaN on days so near to the best that it cannot matter. ``restart``: per athlete the
    day from which on "this is my new normal", NaN without one: from it on, nothing older enters a mean or the anchor.
    """
    days, span = P.whole("baseline.anchor_mean_d"), P.whole("baseline.anchor_span_d")

    def renewed(width: int) -> Bools:
        """Of the last ``width`` days, which are of the new normal; nothing of none where nobody has one."""
        if np.isnan(restart).all():
            return np.zeros((0, width), dtype=bool)
        column = np.arange(worse.shape[1] - width, worse.shape[1])
        with np.errstate(invalid="ignore"):
            return np.asarray(column >= restart[:, None])

    def means(values: Floats) -> Floats:
        own = renewed(values.shape[1])
        if not own.any():
            return _slow_mean(values)
        return np.where(own, _slow_mean(np.where(own, values, np.nan)), _slow_mean(np.where(own, np.nan, values)))

    mean = past.look_back(f"{name}.slow", days - 1, means, worse)
    longer = past.longer(f"{name}.means", mean, span - 1)
    own, now = renewed(longer.shape[1]), slice(longer.shape[1] - mean.shape[1], None)
    if not own.any():
        return mean, _better_quarter(longer, mean.shape[1]) if len(mean) <= FEW_ATHLETES else _where_near(longer, worse)
    new, old = (_better_quarter(np.where(chosen, longer, np.nan), mean.shape[1]) for chosen in (own, ~own))
    return mean, np.where(own[:, now], new, old)


def _slow_mean(worse: Floats) -> Floats:
    return mean_of_last(worse, P.whole("baseline.anchor_mean_d"), P.whole("baseline.anchor_mean_min"))


def _where_near(mean: Floats, worse: Floats) -> Floats:
    """The same on the days on which a verdict may rest on it: one in thirty, at a tenth of the cost.

    The better quarter is no better than the best. So a day cannot creep whose mean is not a margin worse than the
    best, nor one that is itself not worse; and what is very low (A2) is asked of extreme answers alone.
    """
    wanted = worse.shape[1]
    if wanted < mean.shape[1] and wanted <= FEW_D and not steps.READY:
        return _better_quarter(mean, wanted)
    span, margin = P.whole("baseline.anchor_span_d"), P.number("baseline.anchor_worse")
    now = slice(mean.shape[1] - wanted, None)
    best = lowest(mean, span)
    extreme = min(10.0 - P.number("decision.a2_energy"), P.number("decision.a2_soreness"))
    day_margin = P.number("baseline.anchor_day_share") * margin
    if steps.READY:
        near = steps.near(mean, best, worse, margin - TINY, day_margin - TINY, extreme)
        return steps.quantiles(mean, near, span, P.number("baseline.anchor_quantile"))
    with np.errstate(invalid="ignore"):
        creeps = (mean[:, now] - best[:, now] >= margin - TINY) & (worse - best[:, now] >= day_margin - TINY)
        near = (creeps | (worse >= extreme)) & ~np.isnan(mean[:, now])
    athletes, days = np.nonzero(near)
    padded = np.concatenate([np.full((len(mean), span - 1), np.nan), mean], axis=1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, span, axis=1)[:, now]
    out = np.full(worse.shape, np.nan)
    for at in range(0, len(days), QUANTILES_AT_ONCE):
        cells = athletes[at : at + QUANTILES_AT_ONCE], days[at : at + QUANTILES_AT_ONCE]
        out[cells] = _quantile(windows[cells], P.number("baseline.anchor_quantile"))
    return out


def _better_quarter(mean: Floats, wanted: int) -> Floats:
    """The quantile of the means of the last 180 days, on each of the last ``wanted`` days."""
    span, quantile = P.whole("baseline.anchor_span_d"), P.number("baseline.anchor_quantile")
    if wanted < mean.shape[1] and wanted <= FEW_D:
        return _quantile_of_few(mean, wanted, span, quantile)
    first = (~np.isnan(mean)).argmax(axis=1)[:, None]
    days = np.arange(mean.shape[1])
    # Each athlete's means moved to the front, and zeros behind the last day: without a gap, a series is rolled over
    # several times faster, and what stands behind a day does not enter it.
    at = first + days
    ahead = np.take_along_axis(mean, np.minimum(at, days[-1]), axis=1)
    moved = np.where(at <= days[-1], ahead, 0.0)
    frame = pl.DataFrame([pl.Series(str(a), row, nan_to_null=True) for a, row in enumerate(moved)])
    rolled = frame.select(pl.all().rolling_quantile(quantile, "linear", window_size=span, min_samples=1))
    anchor = np.take_along_axis(rolled.to_numpy().T, np.maximum(days - first, 0), axis=1)
    return np.asarray(np.where(days >= first, anchor, np.nan)[:, mean.shape[1] - wanted :])


def _quantile_of_few(mean: Floats, wanted: int, span: int, quantile: float) -> Floats:
    """The same number for number, by sorting the last ``span`` means of each day; all of them must be there."""
    out = np.empty((len(mean), wanted))
    for day in range(wanted):
        stop = mean.shape[1] - wanted + day + 1
        out[:, day] = _quantile(mean[:, stop - span : stop], quantile)
    return out


def _quantile(windows: Floats, quantile: float) -> Floats:
    """The quantile of the known values of each row, as polars rolls it."""
    ordered = np.sort(windows, axis=1)
    known = np.sum(~np.isnan(ordered), axis=1)
    at = quantile * np.maximum(known - 1, 0)
    low, high = np.floor(at).astype(np.int64)[:, None], np.ceil(at).astype(np.int64)[:, None]
    lower, upper = (np.take_along_axis(ordered, place, axis=1)[:, 0] for place in (low, high))
    return np.asarray(np.where(low[:, 0] == high[:, 0], lower, (at - low[:, 0]) * (upper - lower) + lower))


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
    usual = P.number("baseline.population_bad") if high_is_worse else 10.0 - P.number("baseline.population_good")
    if steps.READY:
        names = ("scale_floor", "bad_z", "anchor_worse", "anchor_day_share")
        scale_floor, bad_z, month, share = (P.number(f"baseline.{name}") for name in names)
        population = usual, P.number("baseline.population_sd")
        limits = scale_floor, bad_z, month, share, TINY
        middle, scale, bad, learning = steps.judge(worse, (own.middle, own.scale), slow, population, limits)
        return Usual(worse, middle, scale, slow[1], slow[0], bad, learning)
    learning = np.isnan(own.middle)
    scale = np.maximum(own.scale, P.number("baseline.scale_floor"))
    middle = np.where(learning, usual, own.middle)
    own_scale = np.where(learning, 0.0, scale)
    scale = np.where(learning, P.number("baseline.population_sd"), scale)
    slow_mean, anchor = slow
    with np.errstate(invalid="ignore"):
        bad = worse - middle >= P.number("baseline.bad_z") * scale - TINY
    known = np.nonzero(~np.isnan(anchor))  # on few days, of many athletes
    margin = np.maximum(P.number("baseline.anchor_worse"), own_scale[known])
    with np.errstate(invalid="ignore"):
        bad[known] |= (slow_mean[known] - anchor[known] >= margin - TINY) & (
            worse[known] - anchor[known] >= P.number("baseline.anchor_day_share") * margin - TINY
        )
    return Usual(worse, middle, scale, anchor, slow_mean, bad, learning)


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
