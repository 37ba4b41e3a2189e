"""Heart, sleep, food and answers: single numbers of one night or one week (science D.1, E.1, F.3, G, H)."""

from __future__ import annotations

import math
from functools import cache
from typing import Final

import numpy as np

from freshlegs.metrics._numbers import Array, Numbers, Result, checked, given
from freshlegs.metrics.trends import rolling_mean

RR_RANGE_MS: Final = (300.0, 2000.0)
LEAST_ANSWERS: Final = 3


def rmssd(rr_ms: Numbers) -> float:
    """Root mean square of successive differences of beat-to-beat intervals, ms.

    One series of intervals in ms, 300 to 2000 (correct artefacts first; a recording should last a minute).
    NaN with fewer than two intervals, or if one is missing. Never compare it with SDNN.
    Source: as in [plews2014].

    >>> round(rmssd([800, 810, 790, 805, 795, 820, 780, 800]), 6)
    22.200386
    """
    rr = np.atleast_1d(checked("rr_ms", rr_ms, *RR_RANGE_MS))
    if rr.ndim != 1:
        raise ValueError(f"rr_ms must be one series, not of shape {rr.shape}")
    if rr.size < 2:
        return math.nan
    return float(np.sqrt(np.mean(np.diff(rr) ** 2)))


def sleep_regularity(asleep: Numbers, epochs_per_day: int) -> float:
    """Sleep Regularity Index: −100 + 200 · share of epochs in the same state 24 hours later.

    ``asleep`` is one series of epochs, 1 asleep, 0 awake, NaN missing (its pairs are left out), ``epochs_per_day``
    of them a day (1440 for minutes). 100 identical days, 0 chance, −100 turned round. NaN without two days that
    can be compared; at least 7 days should be given, 14 are better. Source: [phillips2017, fischer2021].

    >>> nights = ([1] * 420 + [0] * 1020) * 7
    >>> sleep_regularity(nights, 1440)
    100.0
    """
    if isinstance(epochs_per_day, bool) or epochs_per_day != int(epochs_per_day) or epochs_per_day < 1:
        raise ValueError(f"epochs_per_day must be a whole number of at least 1, not {epochs_per_day!r}")
    states = np.atleast_1d(checked("asleep", asleep, 0, 1))
    if states.ndim != 1:
        raise ValueError(f"asleep must be one series, not of shape {states.shape}")
    if np.any((states > 0) & (states < 1)):
        raise ValueError("asleep must be 1, 0 or missing, nothing in between")
    today, tomorrow = states[: -int(epochs_per_day)], states[int(epochs_per_day) :]
    known = ~np.isnan(today) & ~np.isnan(tomorrow)
    if not known.any():
        return math.nan
    return float(-100.0 + 200.0 * np.mean(today[known] == tomorrow[known]))


def sleep_states(fell_asleep_min: Numbers, woke_min: Numbers) -> Array:
    """One-minute states for `sleep_regularity` from diary times; noon to noon, 1440 a night.

    Minutes after local midnight of the waking date (before midnight negative), −720 to 720, one entry a
    consecutive night; a missing night gives missing minutes.

    >>> round(sleep_regularity(sleep_states([-60, -60], [420, 360]), 1440), 4)
    91.6667
    """
    start = np.atleast_1d(checked("fell_asleep_min", fell_asleep_min, -720, 720))
    end = np.atleast_1d(checked("woke_min", woke_min, -720, 720))
    if start.shape != end.shape or start.ndim != 1:
        raise ValueError(f"fell_asleep_min and woke_min must be of one length, not {start.shape} and {end.shape}")
    minute = np.arange(-720.0, 720.0)
    states = ((minute >= start[:, None]) & (minute < end[:, None])).astype(np.float64)
    states[np.isnan(start) | np.isnan(end)] = np.nan
    return states.ravel()


def regularity_of_nights(fell_asleep_min: Array, woke_min: Array, nights: int, least: int) -> Array:
    """`sleep_regularity` of the last so many nights, for every night; unchecked.

    Minutes after local midnight of waking, one entry a consecutive night, NaN missing, along the last axis. From two
    neighbouring nights follows how many minutes of a day differ; NaN with fewer than ``least`` such pairs.
    """
    start, end = np.clip(fell_asleep_min, -720.0, 720.0), np.clip(woke_min, -720.0, 720.0)
    shared = np.maximum(np.minimum(end[..., 1:], end[..., :-1]) - np.maximum(start[..., 1:], start[..., :-1]), 0.0)
    lasted = np.maximum(end - start, 0.0)
    differ = lasted[..., 1:] + lasted[..., :-1] - 2.0 * shared
    index = np.full(start.shape, np.nan)
    index[..., 1:] = -100.0 + 200.0 * (1.0 - differ / 1440.0)
    return rolling_mean(index, nights - 1, least=least)


def decoupling(speed_mps: Numbers, hr_bpm: Numbers) -> float:
    """Drift of heart rate against speed, %: 100 · (EF₁ − EF₂) / EF₁, EF = mean speed / mean heart rate of a half.

    Two series of equal length, samples equally far apart in time, of a steady run of 45 minutes or more, its
    ten minutes of warm-up already cut off. Below 5 % is usual, above 10 % much; heat and thirst raise it.
    NaN if a sample is missing, with fewer than two samples, or if nothing moved in the first half.
    Source: [smyth2022], conventions of Friel.

    >>> round(decoupling([3.0, 178 / 60], [140, 147]), 6)
    5.820106
    """
    speed = np.atleast_1d(checked("speed_mps", speed_mps, 0, 12.5))
    hr = np.atleast_1d(checked("hr_bpm", hr_bpm, 20, 255))
    if speed.shape != hr.shape or speed.ndim != 1:
        raise ValueError(f"speed_mps and hr_bpm must be of one length, not {speed.shape} and {hr.shape}")
    half = speed.size // 2
    if half == 0:
        return math.nan
    first = speed[:half].mean() / hr[:half].mean()
    second = speed[half:].mean() / hr[half:].mean()
    return float(100.0 * (first - second) / first) if first != 0 else math.nan


def energy_availability(intake_kcal: Numbers, exercise_kcal: Numbers, fat_free_mass_kg: Numbers) -> Result:
    """Energy left for the body, kcal a kg of fat-free mass and day: (intake − exercise) / fat-free mass.

    Intake and exercise energy in kcal a day, zero or more; fat-free mass 15 to 150 kg. Missing in, missing out.
    Field measurements are poor: it may raise a fuel check, never a diagnosis, and stays hidden by default.
    Source: Loucks, as in [jeukendrup2024].

    >>> energy_availability(2400, 700, 50)
    34.0
    """
    intake = checked("intake_kcal", intake_kcal, 0, 30_000)
    exercise = checked("exercise_kcal", exercise_kcal, 0, 30_000)
    mass = checked("fat_free_mass_kg", fat_free_mass_kg, 15, 150)
    return given((intake - exercise) / mass)


def persistence(bad_days: Numbers, answered_days: Numbers) -> Result:
    """How sure it is that more than half the days are bad: P(Beta(k + 1, n − k + 1) > 0.5).

    ``bad_days`` k of ``answered_days`` n, whole numbers, k ≤ n. Equal to a binomial tail, Σ_{j≤k} C(n+1, j) / 2^(n+1),
    so it is exact. NaN with fewer than three answers, or where one is missing. Source: engineering choice.

    >>> persistence(5, 7)
    0.85546875
    """
    bad, answered = np.broadcast_arrays(
        checked("bad_days", bad_days, 0), checked("answered_days", answered_days, 0, 1e4)
    )
    for name, value in (("bad_days", bad), ("answered_days", answered)):
        broken = value != np.floor(value)
        if np.any(broken & ~np.isnan(value)):
            raise ValueError(f"{name} must be whole, not {value[broken].flat[0]:g}")
    if np.any(bad > answered):
        where = bad > answered
        raise ValueError(f"bad_days cannot exceed answered_days: {bad[where].flat[0]:g} of {answered[where].flat[0]:g}")
    out = np.full(bad.shape, np.nan)
    known = ~np.isnan(bad) & (answered >= LEAST_ANSWERS)
    for n in np.unique(answered[known]).astype(int).tolist():
        chosen = known & (answered == n)
        out[chosen] = _tail(n)[bad[chosen].astype(int)]
    return given(out)


@cache
def _tail(n: int) -> Array:
    """P(Binomial(n + 1, 1/2) ≤ k) for k = 0..n, from whole numbers."""
    total, sums = 0, []
    for k in range(n + 1):
        total += math.comb(n + 1, k)
        sums.append(total)
    scale = 1 << (n + 1)
    return np.array([value / scale for value in sums])
