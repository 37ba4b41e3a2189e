"""Load over days: fitness and fatigue trends, ramp, monotony, session spike, easy share (science B.1 to B.3, C.1).

The array functions take (athlete, day) arrays, or one athlete's days, with the days along the last axis, one
column a calendar day, NaN for an unknown day and 0 for a rested one. Each value depends on its own and earlier days
only. They look at no unit and check nothing: that is done by the front doors at the end, for one series of numbers.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from freshlegs.metrics._numbers import Array, Flags, Numbers, Result, checked, given

CHRONIC_D: Final = 42.0
ACUTE_D: Final = 7.0
START_D: Final = 14
WARM_UP_D: Final = 28
"""Trends start at the mean load of the first 14 days and are "warming up" for 28."""
EXPECTED_WEEKS: Final = 8
MONOTONY_CAP: Final = 10.0
FEW_ROWS: Final = 16
"""For fewer series a plain loop over floats beats array calls on tiny arrays."""
MONOTONY_HIGH: Final = 2.0
SPIKE_WINDOW_D: Final = 30
SPIKE_LEAST_RUNS: Final = 3
EASY_WINDOW_D: Final = 28
EASY_LEAST_SESSIONS: Final = 6


def decayed_sums(load: Array, tau_d: float, before: Array | float = 0.0) -> Array:
    """y_t = y_{t−1} + (1 − e^{−1/τ})(L_t − y_{t−1}) along the last axis, from ``before`` on.

    One day after the other, so that it may go on from any day and give the same numbers.
    """
    share = 1.0 - float(np.exp(-1.0 / tau_d))
    rows = load.reshape(-1, load.shape[-1])
    eve = np.broadcast_to(np.asarray(before, dtype=np.float64).reshape(-1), (len(rows),))
    if len(rows) < FEW_ROWS:
        each = [_one_after_the_other(row.tolist(), share, float(first)) for row, first in zip(rows, eve, strict=True)]
        return np.array(each, dtype=np.float64).reshape(load.shape)
    by_day = np.ascontiguousarray(rows.T)
    out, now = np.empty_like(by_day), eve
    for day, given_load in enumerate(by_day):
        now = np.add(now, share * (given_load - now), out=out[day])
    return np.ascontiguousarray(out.T).reshape(load.shape)


def _one_after_the_other(load: list[float], share: float, now: float) -> list[float]:
    out = []
    for today in load:
        now = now + share * (today - now)
        out.append(now)
    return out


def expected_load(load: Array) -> Array:
    """The load with each unknown day filled by what the runner usually does on that weekday.

    The median of the known loads of the same weekday in the eight weeks before, faded by e^(−gap/42), gap the days
    since the last known load; 0 where nothing is known. Known days stay as they are.
    """
    unknown = np.isnan(load)
    if not unknown.any():
        return load
    rows = load.reshape(-1, load.shape[-1])
    row, day = np.nonzero(unknown.reshape(rows.shape))
    back = day[:, None] - 7 * np.arange(1, EXPECTED_WEEKS + 1)
    past = np.where(back >= 0, rows[row[:, None], np.maximum(back, 0)], np.nan)
    past.sort(axis=1)  # NaN goes last
    count = np.sum(~np.isnan(past), axis=1)
    each = np.arange(row.size)
    middle = (past[each, np.maximum(count - 1, 0) // 2] + past[each, count // 2 - (count == 0)]) / 2.0
    median = np.where(count > 0, middle, 0.0)
    days = np.arange(rows.shape[1])
    last_known = np.maximum.accumulate(np.where(np.isnan(rows), -1, days), axis=1)[row, day]
    out = rows.copy()
    out[row, day] = np.where(last_known >= 0, median * np.exp(-(day - last_known) / CHRONIC_D), 0.0)
    return out.reshape(load.shape)


def exponential(load: Array, tau_d: float, *, start: Array | float | None = None) -> Array:
    """The exponential trend of load, LU a day: τ 42 is the chronic trend C, τ 7 the acute A.

    Unknown days count with `expected_load`, never 0. ``start`` is the trend on the eve of the first day; by
    default it is the mean of the known loads of the first 14 days, of the part known by then on each of those days, so
    that no day looks ahead. NaN until the first known load. Source: [goldencheetah] form α = 1 − e^(−1/τ).
    """
    if load.shape[-1] == 0:
        return load.astype(np.float64)
    known = ~np.isnan(load)
    sums = decayed_sums(expected_load(load), tau_d)
    days = np.arange(load.shape[-1])
    if start is None:
        early = days < START_D
        count = np.cumsum(known & early, axis=-1)
        total = np.cumsum(np.where(known & early, load, 0.0), axis=-1)
        eve = np.where(count > 0, total / np.maximum(count, 1), _first_known(load, known))
    else:
        eve = np.broadcast_to(np.asarray(start, dtype=np.float64)[..., None], load.shape)
    trend = sums + eve * np.exp(-(days + 1.0) / tau_d)
    return np.where(np.logical_or.accumulate(known, axis=-1), trend, np.nan)


def _first_known(load: Array, known: Array) -> Array:
    """The first known load of each row, for rows whose first 14 days are all unknown."""
    first = np.argmax(known, axis=-1)
    return np.take_along_axis(np.nan_to_num(load), first[..., None], axis=-1)


def balance(chronic: Array, acute: Array) -> Array:
    """Yesterday's chronic minus yesterday's acute trend: what a morning starts with. NaN on the first day."""
    return lagged(chronic - acute, 1)


def ramp(chronic: Array, days: int = 7) -> Array:
    """How much a trend rose in a week: C_t − C_{t−7}; NaN in the first seven days."""
    return chronic - lagged(chronic, days)


def steep_ramp(chronic: Array) -> Flags:
    """True where the ramp is above max(5, 0.10·C), a risk factor and never a verdict [E]."""
    with np.errstate(invalid="ignore"):
        return np.asarray(ramp(chronic) > np.maximum(5.0, 0.10 * chronic), dtype=np.bool_)


def warming_up(load: Array) -> Flags:
    """True on the first 28 days from the first known load on (and before it): trends are still settling."""
    known = np.logical_or.accumulate(~np.isnan(load), axis=-1)
    return np.asarray(np.cumsum(known, axis=-1) <= WARM_UP_D, dtype=np.bool_)


def lagged(values: Array, days: int) -> Array:
    """Each day's value of so many days before; NaN where there is none."""
    out = np.full(values.shape, np.nan)
    if days < values.shape[-1]:
        out[..., days:] = values[..., : values.shape[-1] - days]
    return out


def rolling_sum(values: Array, days: int, *, least: int = 1) -> Array:
    """Sum of the known values of the last so many days, today included; NaN with fewer than ``least`` known."""
    known = ~np.isnan(values)
    total = _windowed(np.where(known, values, 0.0), days)
    return np.where(_windowed(known.astype(np.float64), days) >= least - 0.5, total, np.nan)


def rolling_mean(values: Array, days: int, *, least: int = 1) -> Array:
    """Mean of the known values of the last so many days, today included; NaN with fewer than ``least`` known."""
    known = ~np.isnan(values)
    count = _windowed(known.astype(np.float64), days)
    total = _windowed(np.where(known, values, 0.0), days)
    return np.where(count >= least - 0.5, total / np.maximum(count, 1.0), np.nan)


def _windowed(values: Array, days: int) -> Array:
    """Sums of the last ``days`` values, put together from sums over 1, 2, 4 … days: nothing older enters them."""
    total: Array | None = None
    size, power = 1, values
    while size <= days:
        if days & size:
            total = power if total is None else _plus_earlier(power, total, size)
        power = _plus_earlier(power, power, size)
        size *= 2
    return power if total is None else total


def _plus_earlier(values: Array, earlier: Array, days: int) -> Array:
    out = values.copy()
    if days < values.shape[-1]:
        out[..., days:] += earlier[..., :-days]
    return out


def monotony7(load: Array) -> Array:
    """Foster's monotony of each day's last seven days: mean / sample SD, at most 10.

    NaN where one of the seven is unknown, before day seven, and for a week without any load. Source: [foster1998].
    """
    out = np.full(load.shape, np.nan)
    if load.shape[-1] >= 7:
        out[..., 6:] = _monotony(sliding_window_view(load, 7, axis=-1))
    return out


def _monotony(weeks: Array) -> Array:
    mean = weeks.mean(axis=-1)
    sd = np.sqrt(np.sum((weeks - mean[..., None]) ** 2, axis=-1) / 6.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.minimum(mean / sd, MONOTONY_CAP)
    return np.where(mean > 0, ratio, np.nan)


def strain7(load: Array) -> Array:
    """Foster's strain of each day's last seven days: their load times their monotony, LU. Source: [foster1998]."""
    return rolling_sum(load, 7, least=7) * monotony7(load)


def normal_or_high_load(load: Array) -> Flags:
    """True where the last seven days carry at least 0.7 of the mean week of the last six: monotony means something."""
    week = 7.0 * rolling_mean(load, 7, least=4)
    usual = 7.0 * rolling_mean(load, 42, least=14)
    with np.errstate(invalid="ignore"):
        return np.asarray(week >= 0.7 * usual, dtype=np.bool_)


def session_spike(longest_run_m: Array, days: int = SPIKE_WINDOW_D, least_runs: int = SPIKE_LEAST_RUNS) -> Array:
    """The day's longest run over the longest of the 30 days before.

    NaN on days without a run, and where the 30 days before hold fewer than ``least_runs`` days with one: a second run
    ever is no spike. 1.10 is the plan's limit, above 1.3 a risk factor. Source: [frandsen2025].
    """
    metres = np.where(longest_run_m > 0, longest_run_m, np.nan)
    padded = np.concatenate([np.full((*metres.shape[:-1], days), -np.inf), np.nan_to_num(metres, nan=-np.inf)], axis=-1)
    before = _trailing_max(padded, days)[..., days - 1 : -1] if metres.shape[-1] else metres
    runs = lagged(_windowed((~np.isnan(metres)).astype(np.float64), days), 1) if metres.shape[-1] else metres
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        return np.where((runs >= least_runs - 0.5) & (before > 0), metres / before, np.nan)


def _trailing_max(values: Array, days: int) -> Array:
    """Maximum over each day and the ``days`` − 1 before it, by doubling; the first days see what there is."""
    out, width = values.copy(), 1
    while width < days:
        step = min(width, days - width)
        out[..., step:] = np.maximum(out[..., step:], out[..., :-step].copy())
        width += step
    return out


def easy_share28(z1_s: Array, z2_s: Array, z3_s: Array, *, least_sessions: int = EASY_LEAST_SESSIONS) -> Array:
    """Share of the last 28 days' zoned time that was easy, 0..1; NaN with fewer than six days of zones.

    Zones of a day count when all three are known and add up to something. Source: [seiler2009]; cut-offs [E].
    """
    total = z1_s + z2_s + z3_s
    used = total > 0
    count = _windowed(used.astype(np.float64), EASY_WINDOW_D)
    easy = _windowed(np.where(used, z1_s, 0.0), EASY_WINDOW_D)
    whole = _windowed(np.where(used, total, 0.0), EASY_WINDOW_D)
    enough = (count >= least_sessions - 0.5) & (whole > 0)
    return np.where(enough, np.clip(easy / np.where(enough, whole, 1.0), 0.0, 1.0), np.nan)


def hard_share28(quality_session: Array, load: Array, *, least_sessions: int = EASY_LEAST_SESSIONS) -> Array:
    """Share of the last 28 days with load that held a hard session (1, 0, NaN unknown); NaN with fewer than six."""
    used = (load > 0) & ~np.isnan(quality_session)
    count = _windowed(used.astype(np.float64), EASY_WINDOW_D)
    hard = _windowed(np.where(used, quality_session, 0.0), EASY_WINDOW_D)
    return np.where(count >= least_sessions - 0.5, hard / np.maximum(count, 1.0), np.nan)


# --- front doors: one runner's numbers, checked -------------------------------------------------------------------


def ewma(load_lu: Numbers, tau_d: float) -> Result:
    """The plain exponential trend from zero, LU a day: y_t = y_{t−1} + (1 − e^{−1/τ})(L_t − y_{t−1}).

    Daily loads (zero or more) along the last axis, rest days as 0; ``tau_d`` in days (42 chronic, 7 acute). From a
    missing day on the trend is missing; `exponential` knows how to go on. Some tools use α = 1/τ, which
    is another curve. Source: [goldencheetah].

    >>> round(float(ewma([100.0] * 7, 42)[-1]), 6)
    15.351828
    """
    load = checked("load_lu", load_lu, 0)
    tau = float(checked("tau_d", tau_d, above=0))
    series = np.atleast_1d(load)
    trend = decayed_sums(series, tau) if series.size else series
    return given(trend if load.ndim else trend[0])


def monotony(load_lu: Numbers) -> Result:
    """Foster's monotony of seven consecutive days, rest days as 0: mean / sample SD, at most 10.

    The last axis holds the seven daily loads, zero or more. NaN for a week without any load and where a day is
    missing. Above 2 is high, below 1.5 preferable, by convention. Source: [foster1998] (SD with n − 1).

    >>> round(monotony([0, 180, 300, 120, 360, 90, 600]), 6)
    1.165125
    """
    return given(_monotony(_week(load_lu)))


def strain(load_lu: Numbers) -> Result:
    """Foster's strain of seven consecutive days, LU: their sum times their monotony; see `monotony`.

    >>> round(strain([0, 180, 300, 120, 360, 90, 600]), 3)
    1922.457
    """
    week = _week(load_lu)
    return given(week.sum(axis=-1) * _monotony(week))


def _week(load_lu: Numbers) -> Array:
    load = checked("load_lu", load_lu, 0)
    if load.ndim == 0 or load.shape[-1] != 7:
        raise ValueError(f"load_lu must hold seven consecutive days, not {load.shape[-1] if load.ndim else 1}")
    return load


def acwr(load_lu: Numbers, acute_d: int = 7, chronic_d: int = 28) -> Result:
    """Acute over chronic load by EWMA with λ = 2/(N + 1), first value the first load. For display at most.

    Daily loads, zero or more, along the last axis; gives each day's ratio; NaN where the chronic load is 0 and from
    a missing day on. No rule uses it: the ratio predicts little, and in runners the wrong way round.
    Source: [williams2017, lolli2019, impellizzeri2021, frandsen2025].

    >>> round(float(acwr([30.0] * 21 + [50.0] * 7)[-1]), 6)
    1.249746
    """
    load = np.atleast_1d(checked("load_lu", load_lu, 0))
    acute, chronic = (_first_value_ewma(load, 2.0 / (days + 1.0)) for days in (acute_d, chronic_d))
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(chronic > 0, acute / chronic, np.nan)
    return given(ratio if np.ndim(load_lu) else ratio[0])


def _first_value_ewma(load: Array, share: float) -> Array:
    return decayed_sums(load, -1.0 / np.log1p(-share), load[..., 0])
