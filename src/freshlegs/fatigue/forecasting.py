"""How tired tomorrow and the next days, as felt: personal, short-range, with an honest spread.

The expected energy is the runner's usual, moved a little by today's answers, by soreness and by yesterday's load,
and by the runner's own weekdays; what is left of it halves with each further day. The small weights are fitted on
public diaries and give way slowly to the runner's own. The distribution around it is that of the runner's own
answers, tilted to the expected mean, so that somebody who answers in five steps is forecast in five steps.

It has nothing to do with the state, which is slow on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from freshlegs import tables
from freshlegs.fatigue.panel import Panel, blocks
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.past import Bools, Floats
from freshlegs.fatigue.windows import trailing
from freshlegs.problems import WrongRequest

HORIZON_MAX_D: Final = 28
INPUTS: Final = ("energy", "readiness", "soreness", "load")
"""What moves the forecast away from the usual, each in the runner's own spreads (load: on a log scale)."""

_CELLS_AT_ONCE: Final = 12_000
_FAR: Final = 3.0  # spreads; a single odd answer counts as no more than this
_TILTS: Final = 10  # Newton steps to the wanted mean; five are enough far from the ends of the scale
_GRID: Final = np.arange(0.0, 10.0 + P.number("forecast.step") / 2, P.number("forecast.step"))
_FITTED: Final = np.array([P.number(f"forecast.{name}") for name in INPUTS])


class Usual(NamedTuple):
    """What is usual for the runner, from the answers of the window: arrays of athlete by day.

    ``counts`` [A, T, G] answers on the grid; ``mean``, ``spread`` of them; ``ready`` where there are enough of them
    and they are not stale.
    """

    counts: Floats
    mean: Floats
    spread: Floats
    ready: Bools


@dataclass(frozen=True, slots=True)
class Basis:
    """Everything a forecast is made of, and what came true: arrays of athlete by day (by horizon).

    ``inputs`` [A, T, 4]; ``weekday`` [A, T, H] the weekday's own deviation; ``came`` [A, T, H] what was answered
    that many days later; the last two in spreads from the usual of the day of the forecast.
    """

    usual: Usual
    inputs: Floats
    weekday: Floats
    came: Floats


def _mean_and_spread(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Number, mean and spread of the window's known values."""
    window = P.whole("forecast.window_d")
    n = np.rint(trailing(~np.isnan(values), window))
    some = np.maximum(n, 1.0)
    mean = trailing(values, window) / some
    square = trailing(values * values, window) / some
    variance = np.maximum(square - mean * mean, 0.0) * some / np.maximum(n - 1.0, 1.0)
    return n, mean, np.maximum(np.sqrt(variance), P.number("forecast.spread_min"))


def _deviation(values: Floats) -> Floats:
    """An item in own spreads from its own mean; NaN where unanswered or with too few answers to know the mean."""
    n, mean, spread = _mean_and_spread(values)
    z = np.clip((values - mean) / spread, -_FAR, _FAR)
    return np.where(n >= P.number("forecast.answers_min"), z, np.nan)


def _days_since(known: Bools) -> Floats:
    days = np.arange(known.shape[1])
    last = np.maximum.accumulate(np.where(known, days, -1), axis=1)
    return np.where(last >= 0, days - last, np.inf)


def _carried(z: Floats) -> Floats:
    """The last known value, faded by the days since; 0 before any."""
    known = ~np.isnan(z)
    since = _days_since(known)
    last = np.where(np.isinf(since), 0, np.arange(z.shape[1]) - np.where(np.isinf(since), 0, since)).astype(np.intp)
    value = np.take_along_axis(np.nan_to_num(z), last, axis=1)
    return np.asarray(value * P.number("forecast.fade") ** since)


def _recent(z: Floats) -> Floats:
    """Average of the last days, newest heaviest, drawn to 0 where answers are few."""
    decay = np.exp(-1.0 / P.number("forecast.soreness_memory_d"))
    value, weight = np.zeros(z.shape), np.full(z.shape, 0.25)
    clean, known = np.nan_to_num(z), (~np.isnan(z)).astype(np.float64)
    for lag in range(min(14, z.shape[1])):
        value[:, lag:] += decay**lag * clean[:, : z.shape[1] - lag]
        weight[:, lag:] += decay**lag * known[:, : z.shape[1] - lag]
    return np.asarray(value / weight)


def _usual(energy: Floats) -> Usual:
    step, window = P.number("forecast.step"), P.whole("forecast.window_d")
    known = ~np.isnan(energy)
    counts = np.zeros((*energy.shape, len(_GRID)))
    place = np.rint(np.where(known, energy, 0.0) / step).astype(np.intp)
    np.put_along_axis(counts, place[:, :, None], known[:, :, None].astype(np.float64), axis=2)
    counts = np.cumsum(counts, axis=1)
    if window < energy.shape[1]:
        counts[:, window:] -= counts[:, :-window].copy()
    n, mean, spread = _mean_and_spread(energy)
    ready = (n >= P.number("forecast.answers_min")) & (_days_since(known) < P.number("forecast.stale_d"))
    return Usual(counts, mean, spread, ready)


def _weekdays(energy: Floats, usual: Usual, first: Floats, horizons: int) -> Floats:
    """[A, T, H] how far the weekday of each day ahead lies from the usual, drawn to 0 where it was met seldom."""
    weekday = (first[:, None] + np.arange(energy.shape[1])) % 7
    window, half = P.whole("forecast.window_d"), P.number("forecast.weekday_answers")
    own = np.zeros((*energy.shape, 7))
    for name in range(7):
        that = np.where(weekday == name, energy, np.nan)
        n = np.rint(trailing(~np.isnan(that), window))
        own[:, :, name] = (trailing(that, window) - n * usual.mean) / (n + half) / usual.spread
    ahead = (weekday[:, :, None] + np.arange(1, horizons + 1)) % 7
    return np.asarray(np.take_along_axis(own, ahead.astype(np.intp), axis=2))


def _basis(panel: Panel, horizons: int) -> Basis:
    energy = panel["energy"]
    usual = _usual(energy)
    load = np.log1p(panel["load_lu"] / P.number("forecast.load_unit_lu"))
    n, load_usual, _ = _mean_and_spread(load)
    above = np.where(n >= P.number("forecast.answers_min"), load - load_usual, 0.0)
    inputs = np.stack(
        [
            _carried(_deviation(energy)),
            np.nan_to_num(_deviation(panel["readiness"])),
            _recent(_deviation(panel["soreness"])),
            np.nan_to_num(above),
        ],
        axis=2,
    )
    came = np.full((*energy.shape, horizons), np.nan)
    for h in range(1, min(horizons, energy.shape[1] - 1) + 1):
        came[:, :-h, h - 1] = (energy[:, h:] - usual.mean[:, :-h]) / usual.spread[:, :-h]
    weekday = _weekdays(energy, usual, panel.first.astype(np.float64), horizons)
    return Basis(usual, inputs, weekday, np.where(usual.ready[:, :, None], came, np.nan))


def _own_response(basis: Basis, fitted: Floats) -> Floats:
    """[A, T, H] correction from how this runner answered so far: ridge regression on what had come true by then."""
    horizons = basis.came.shape[2]
    missed = basis.came - fitted
    true = ~np.isnan(missed)
    x = basis.inputs[:, :, None, :] * true[..., None]
    squares = x[..., :, None] * x[..., None, :]
    products = x * np.nan_to_num(missed)[..., None]
    gram, right = np.zeros(squares.shape), np.zeros(products.shape)
    for h in range(1, min(horizons, true.shape[1] - 1) + 1):  # only pairs whose second day is not after today
        gram[:, h:, h - 1] = np.cumsum(squares[:, :-h, h - 1], axis=1)
        right[:, h:, h - 1] = np.cumsum(products[:, :-h, h - 1], axis=1)
    gram += P.number("forecast.personal_answers") * np.eye(len(INPUTS))
    weights = np.linalg.solve(gram, right[..., None])[..., 0]
    return np.asarray((weights * basis.inputs[:, :, None, :]).sum(axis=-1))


def _expected(basis: Basis, weights: Floats) -> Floats:
    """[A, T, H] expected energy, in spreads from the usual."""
    faded = P.number("forecast.fade") ** np.arange(basis.came.shape[2])
    moved = (basis.inputs * weights).sum(axis=2)
    fitted = moved[:, :, None] * faded + basis.weekday
    return np.asarray(np.clip(fitted + _own_response(basis, fitted), -_FAR, _FAR))


def _tilted(own: Floats, shift: Floats) -> Floats:
    """[n, G] distributions to [n, H, G], each tilted exponentially until its mean has moved by ``shift`` [n, H]."""
    mean = (own * _GRID).sum(axis=1)
    away = _GRID - mean[:, None]
    wanted = np.clip(shift, 0.98 * away[:, :1], 0.98 * away[:, -1:])  # a mean cannot lie outside the scale
    tilt = np.zeros(shift.shape)
    for _ in range(_TILTS):
        weight = own[:, None, :] * np.exp(tilt[:, :, None] * away[:, None, :])
        weight /= weight.sum(axis=2, keepdims=True)
        now = np.einsum("nhg,ng->nh", weight, away)
        variance = np.einsum("nhg,ng->nh", weight, away * away) - now * now
        tilt += np.clip((wanted - now) / np.maximum(variance, 0.05), -1.0, 1.0)
    return np.asarray(weight)


def _distribution(counts: Floats, mean: Floats, spread: Floats) -> Floats:
    """[n, G] the runner's own answers with a little of a normal curve mixed in."""
    curve = np.exp(-0.5 * ((_GRID - mean[:, None]) / spread[:, None]) ** 2)
    curve *= P.number("forecast.smoothing") / curve.sum(axis=1, keepdims=True)
    both = counts + curve
    return np.asarray(both / both.sum(axis=1, keepdims=True))


def _median(counts: Floats) -> Floats:
    """Median of answers counted on the grid [n, G]; between the two middle ones for an even number."""
    below = np.cumsum(counts, axis=1)
    n = below[:, -1:]
    low = (below >= n / 2.0 - 1e-9).argmax(axis=1)
    high = (below >= n / 2.0 + 0.5 - 1e-9).argmax(axis=1)
    return np.asarray((_GRID[low] + _GRID[high]) / 2.0)


def _forecast(panel: Panel, horizons: int, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """[A, T, H] mean, spread and probability of being tired; NaN where there is no forecast."""
    basis = _basis(panel, horizons)
    usual, expected = basis.usual, _expected(basis, weights)
    where = usual.ready & panel.alive
    own = _distribution(usual.counts[where], usual.mean[where], usual.spread[where])
    chance = _tilted(own, expected[where] * usual.spread[where][:, None])
    mean = np.einsum("nhg,g->nh", chance, _GRID)
    square = np.einsum("nhg,g->nh", chance, _GRID * _GRID)
    low = _median(usual.counts[where]) - usual.spread[where]
    tired = np.einsum("nhg,ng->nh", chance, (low[:, None] + 1e-9 >= _GRID).astype(np.float64))
    out = []
    for value in (mean, np.sqrt(np.maximum(square - mean * mean, 0.0)), np.clip(tired, 0.0, 1.0)):
        full = np.full(expected.shape, np.nan)
        full[where] = value
        out.append(full)
    return out[0], out[1], out[2]


def _small(panels: Iterator[Panel]) -> Iterator[Panel]:
    """The same panels, a few athletes at a time: a forecast needs much memory for each day."""
    for panel in panels:
        athletes, days = panel.shape
        size = max(1, _CELLS_AT_ONCE // days)
        for at in range(0, athletes, size):
            yield panel.choose(np.arange(at, min(at + size, athletes)))


def training_rows(days: pl.DataFrame) -> tuple[Floats, Floats]:
    """Inputs [n, 4] and what came the next morning [n], in spreads: for fitting the pooled weights, nothing else."""
    inputs, came = [np.empty((0, len(INPUTS)))], [np.empty(0)]
    for panel in _small(blocks(days)):
        basis = _basis(panel, 1)
        known = ~np.isnan(basis.came[:, :, 0]) & ~np.isnan(panel["energy"])
        inputs.append(basis.inputs[known])
        came.append((basis.came - basis.weekday)[known][:, 0])
    return np.concatenate(inputs), np.concatenate(came)


def forecast(days: pl.DataFrame, horizon_d: int = 7, *, weights: Floats | None = None) -> pl.DataFrame:
    """Look ahead from every day, with what was known that day.

    ``days`` as `daily` gives it, or any frame with ``athlete``, ``date`` and ``energy``; ``readiness``, ``soreness``
    and ``load_lu`` are used where they are. For every date from an athlete's first to last, and each of the next
    ``horizon_d`` days (1 to 28): ``energy_mean`` and ``energy_sd`` (points, 0 to 10) and ``p_tired``, the
    probability that the energy answered that day is a full own spread or more below the usual. Usual and spread are
    the median and standard deviation (0.7 points at least) of the answers of the last 180 days. A row depends on its
    own and earlier days only.

    Null with fewer than 14 answers of energy in those 180 days, or none in the last 7 days. ``weights`` replaces the
    fitted weights of `INPUTS` (for validation).
    """
    if isinstance(horizon_d, bool) or not 1 <= horizon_d <= HORIZON_MAX_D:
        raise WrongRequest(f"horizon_d must be a whole number from 1 to {HORIZON_MAX_D}, not {horizon_d}")
    used = _FITTED if weights is None else np.asarray(weights, dtype=np.float64)
    kind = days.schema.get("athlete", pl.String())
    parts = [_frame(panel, horizon_d, _forecast(panel, horizon_d, used), kind) for panel in _small(blocks(days))]
    schema = tables.FORECAST.schema | {"athlete": kind}
    return pl.concat(parts).sort("athlete", "date", "horizon_d") if parts else pl.DataFrame(schema=schema)


def _frame(panel: Panel, horizons: int, values: tuple[Floats, Floats, Floats], kind: pl.DataType) -> pl.DataFrame:
    who, when = np.nonzero(panel.alive)
    day = (panel.first[who] + when).astype(np.int32)
    columns = {
        "athlete": pl.Series(panel.athletes, dtype=kind).gather(np.repeat(who, horizons)),
        "date": pl.Series(np.repeat(day, horizons)).cast(pl.Date),
        "horizon_d": pl.Series(np.tile(np.arange(1, horizons + 1), len(who))),
    }
    names = ("energy_mean", "energy_sd", "p_tired")
    columns |= {name: pl.Series(value[panel.alive].ravel()) for name, value in zip(names, values, strict=True)}
    return pl.DataFrame(columns).with_columns(pl.col(*names).fill_nan(None))
