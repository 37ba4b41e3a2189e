"""How fast a runner is: critical speed, race-equivalent VO2 and the times it predicts (science A.9, A.10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from freshlegs.metrics._numbers import Array, Numbers, Result, checked, given
from freshlegs.metrics.load import FASTEST_MPS

CS_RANGE_MPS: Final = (1.5, 7.0)
D_PRIME_RANGE_M: Final = (40.0, 600.0)
CS_LARGEST_RELATIVE_SE: Final = 0.05

_VO2: Final = (0.000104, 0.182258, -4.60)
"""Oxygen cost of v metres a minute: a·v² + b·v + c, ml/kg/min."""


@dataclass(frozen=True, slots=True)
class CriticalSpeedFit:
    """A fit of d = D′ + CS·t: ``speed_mps``, ``d_prime_m``, ``speed_se_mps`` (NaN from two efforts)."""

    speed_mps: float
    d_prime_m: float
    speed_se_mps: float
    efforts: int

    @property
    def plausible(self) -> bool:
        """CS in 1.5–7 m/s, D′ in 40–600 m, and the error of CS under 5 %; else fall back [E]."""
        within = (
            CS_RANGE_MPS[0] <= self.speed_mps <= CS_RANGE_MPS[1]
            and D_PRIME_RANGE_M[0] <= self.d_prime_m <= D_PRIME_RANGE_M[1]
        )
        sure = self.efforts == 2 or self.speed_se_mps / self.speed_mps < CS_LARGEST_RELATIVE_SE
        return bool(within and sure)


def critical_speed_fit(distance_m: Numbers, duration_s: Numbers) -> CriticalSpeedFit:
    """`critical_speed` with its standard error and a judgement."""
    distance = np.atleast_1d(checked("distance_m", distance_m, above=0))
    duration = np.atleast_1d(checked("duration_s", duration_s, above=0))
    if distance.shape != duration.shape or distance.ndim != 1:
        raise ValueError(f"distance_m and duration_s must be of one length, not {distance.shape} and {duration.shape}")
    count = distance.size
    if count < 2:
        raise ValueError(f"distance_m must hold at least two efforts, not {count}")
    if np.isnan(distance).any() or np.isnan(duration).any():
        return CriticalSpeedFit(np.nan, np.nan, np.nan, count)
    t = duration - duration.mean()
    spread = float(t @ t)
    if spread == 0:
        raise ValueError(f"duration_s must differ between the efforts, not all be {duration[0]:g}")
    speed = float(t @ (distance - distance.mean())) / spread
    d_prime = float(distance.mean() - speed * duration.mean())
    error = distance - (d_prime + speed * duration)
    se = float(np.sqrt(error @ error / (count - 2) / spread)) if count > 2 else np.nan
    return CriticalSpeedFit(speed, d_prime, se, count)


def critical_speed(distance_m: Numbers, duration_s: Numbers) -> tuple[float, float]:
    """Critical speed and D′ from near-maximal efforts of 2 to 20 minutes: least squares of d = D′ + CS·t.

    Arrays of metres and seconds, at least two efforts (three are better) of different length. Gives m/s and m; a
    missing value makes both NaN. D′ from everyday training is not to be trusted. The numbers come as the data
    have them; `critical_speed_fit` says whether they are plausible. Source: [smyth2020, hunter2023].

    >>> cs, d_prime = critical_speed([1500, 3000, 5000], [300, 640, 1120])
    >>> round(cs, 6), round(d_prime, 3)
    (4.261587, 240.377)
    """
    fit = critical_speed_fit(distance_m, duration_s)
    return fit.speed_mps, fit.d_prime_m


def d_prime_balance(speed_mps: Numbers, critical_mps: float, d_prime_m: float, dt_s: float = 1.0) -> Result:
    """Metres of D′ left after each sample: spent above CS as v − CS, refilled below it in proportion to the gap.

    Samples ``dt_s`` apart along one axis; starts full; never above D′, may fall below zero when CS is set too
    low. After a missing sample it is unknown. Shown for single sessions, never used for states.
    Source: differential form after Skiba, as in [skiba2006]; recalled.

    >>> round(float(d_prime_balance([5.0] * 120, 4.2, 200.0)[-1]), 6)
    104.0
    """
    speeds = np.atleast_1d(checked("speed_mps", speed_mps, 0, FASTEST_MPS))
    cs = float(checked("critical_mps", critical_mps, *CS_RANGE_MPS))
    full = float(checked("d_prime_m", d_prime_m, above=0))
    step = float(checked("dt_s", dt_s, above=0))
    left, out = full, np.empty_like(speeds)
    for index, excess in enumerate((speeds - cs).tolist()):
        left = min(full, left - excess * step * (1.0 if excess > 0 else (full - left) / full))
        if excess != excess:
            left = np.nan
        out[index] = left
    return given(out if np.ndim(speed_mps) else out[0])


def oxygen_cost(speed_mps: Array) -> Array:
    """Oxygen uptake at a speed, ml/kg/min: −4.60 + 0.182258v + 0.000104v², v in m/min [daniels1979]."""
    v = speed_mps * 60.0
    return np.asarray((_VO2[0] * v + _VO2[1]) * v + _VO2[2])


def speed_at_oxygen(vo2: Array) -> Array:
    """The speed, m/s, that costs this oxygen uptake: the inverse of `oxygen_cost`, in closed form."""
    a, b, c = _VO2
    with np.errstate(invalid="ignore"):
        return np.asarray((np.sqrt(b * b - 4.0 * a * (c - vo2)) - b) / (2.0 * a) / 60.0)


def sustainable_fraction(duration_s: Array) -> Array:
    """The share of VO2max held for that long: 0.8 + 0.1894393e^(−0.012778t) + 0.2989558e^(−0.1932605t), t in min."""
    t = np.asarray(duration_s) / 60.0
    return np.asarray(0.8 + 0.1894393 * np.exp(-0.012778 * t) + 0.2989558 * np.exp(-0.1932605 * t))


def race_equivalent_vo2(distance_m: Numbers, duration_s: Numbers) -> Result:
    """The VO2max, ml/kg/min, at which an average runner would run this race: VO2(v) / F(t).

    All-out efforts of 3.5 to 240 min; the formula is carried on outside, with less right. Metres and
    seconds, more than zero, and no faster than 12.5 m/s. Missing in, missing out. Source: [daniels1979].

    >>> round(race_equivalent_vo2(10_000, 2400), 6)
    51.944083
    """
    distance = checked("distance_m", distance_m, above=0)
    duration = checked("duration_s", duration_s, above=0)
    speed = checked("speed_mps (distance_m / duration_s)", distance / duration, 0, FASTEST_MPS)
    return given(oxygen_cost(speed) / sustainable_fraction(duration))


def race_time(index: Numbers, distance_m: Numbers) -> Result:
    """The time, s, that a race-equivalent VO2 predicts over a distance, by bisection to a microsecond.

    ``index`` 10 to 100 ml/kg/min, ``distance_m`` 400 m and more. Missing in, missing out. Source: [daniels1979].

    >>> round(race_time(50.0, 5000.0), 1)
    1196.0
    """
    target, metres = np.broadcast_arrays(checked("index", index, 10, 100), checked("distance_m", distance_m, 400))
    fast, slow = metres / FASTEST_MPS, metres / 0.3
    for _ in range(60):
        middle = (fast + slow) / 2.0
        # The longer the time, the lower the index it stands for.
        too_fast = oxygen_cost(metres / middle) / sustainable_fraction(middle) > target
        fast, slow = np.where(too_fast, middle, fast), np.where(too_fast, slow, middle)
    return given(np.where(np.isnan(target + metres), np.nan, (fast + slow) / 2.0))


def speed_at_share(index: Numbers, share: Numbers) -> Result:
    """The training speed, m/s, at a share of the race-equivalent VO2 (0.88 is threshold pace).

    ``index`` 10 to 100 ml/kg/min, ``share`` 0.3 to 1.3. Missing in, missing out. Source: [daniels1979].

    >>> round(1000 / speed_at_share(50.0, 0.88), 2)
    255.2
    """
    return given(speed_at_oxygen(checked("index", index, 10, 100) * checked("share", share, 0.3, 1.3)))


def hour_speed(index: Array) -> Array:
    """The speed, m/s, held for 60 minutes all-out at that race-equivalent VO2; unchecked."""
    return speed_at_oxygen(index * sustainable_fraction(np.asarray(3600.0)))


def five_km_speed(index: Array) -> Array:
    """The speed, m/s, over a 5 km race at that race-equivalent VO2: the speed index; unchecked.

    Each step brings the speed about ten times nearer; twelve reach what a float can tell.
    """
    speed = speed_at_oxygen(index * 0.96)
    for _ in range(12):
        speed = speed_at_oxygen(index * sustainable_fraction(5000.0 / speed))
    return speed
