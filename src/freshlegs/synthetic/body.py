"""How a made runner's heart and legs answer a session: from a plan of segments to samples once a second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from freshlegs.synthetic.course import STEP_M, Course

Floats = npt.NDArray[np.float64]

HEART_LAG_S: Final = 32.0
STEADY_AFTER_MIN: Final = 10.0


@dataclass(frozen=True, slots=True)
class Body:
    """The runner's fixed physiology; heart rate grows with graded speed along a straight line."""

    hr_max_bpm: float = 187.0
    hr_rest_bpm: float = 48.0
    hr_at_zero_bpm: float = 58.0
    hr_per_mps: float = 28.3
    critical_speed_mps: float = 3.90
    d_prime_m: float = 185.0

    @property
    def threshold_mps(self) -> float:
        """Speed held for about an hour."""
        return 0.96 * self.critical_speed_mps

    def race_speed_mps(self, distance_m: float) -> float:
        """Speed of an all-out run over 2 to 20 minutes or somewhat more, by critical speed."""
        return distance_m / ((distance_m - self.d_prime_m) / self.critical_speed_mps)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a session: so many metres at a graded speed; ``hard`` marks a work interval."""

    distance_m: float
    speed_mps: float
    hard: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """The day: form (1 is the runner's usual speed at a given strain), excess fatigue 0..1, heat, luck."""

    form: float = 1.0
    excess: float = 0.0
    temperature_c: float = 12.0
    hr_shift_bpm: float = 0.0


@dataclass(frozen=True, slots=True)
class Samples:
    """One sample a second of a run, and where each segment (lap) began (index of the sample)."""

    distance_m: Floats
    speed_mps: Floats
    graded_mps: Floats
    hr_bpm: Floats
    cadence_spm: Floats
    altitude_m: Floats
    lat_deg: Floats
    lon_deg: Floats
    temperature_c: Floats
    lap_starts: npt.NDArray[np.int64]

    @property
    def seconds(self) -> int:
        """Length of the run in seconds."""
        return len(self.distance_m)

    @property
    def climb_m(self) -> float:
        """Metres climbed."""
        return float(np.clip(np.diff(self.altitude_m), 0, None).sum())


def grade_factor(grade: Floats) -> Floats:
    """What a grade costs against the level: the leading terms of Minetti's polynomial, at least 0.8."""
    return np.maximum(1.0 + 5.42 * grade + 12.9 * grade**2, 0.8)


def smooth(values: Floats, lag: float, start: float) -> Floats:
    """An exponential lag (in samples) that begins at ``start``."""
    taps = max(2, int(6 * lag))
    kernel = np.exp(-np.arange(taps) / lag)
    kernel /= kernel.sum()
    return np.convolve(np.concatenate([np.full(taps - 1, start), values]), kernel, mode="valid")


def wander(rng: np.random.Generator, count: int, lag: float, sd: float) -> Floats:
    """Noise that wanders with a memory of ``lag`` samples and a spread of ``sd``."""
    white = rng.normal(0.0, sd * np.sqrt(2 * lag + 1), count)
    return smooth(white, lag, 0.0)


def run(body: Body, course: Course, segments: Sequence[Segment], day: Condition, rng: np.random.Generator) -> Samples:
    """Samples of a session run by effort: slower uphill, the heart lagging and drifting."""
    ends = np.cumsum([segment.distance_m for segment in segments])
    steps = int(ends[-1] / STEP_M)
    where = np.searchsorted(ends, np.arange(steps) * STEP_M, side="right")
    planned = np.array([segment.speed_mps for segment in segments])[where]
    effort = smooth(planned, 6.0, float(planned[0]) * 0.7) * (1.0 + wander(rng, steps, 60.0, 0.015))
    pace = effort / grade_factor(course.grade_along(steps))
    clock = np.concatenate([[0.0], np.cumsum(STEP_M / pace)])
    seconds = np.arange(int(clock[-1]) + 1, dtype=np.float64)
    distance = np.interp(seconds, clock, np.arange(steps + 1) * STEP_M)
    on_step = np.minimum((distance / STEP_M).astype(np.int64), steps - 1)
    speed, graded = pace[on_step], effort[on_step]
    lat, lon, up = course.at(distance)
    return Samples(
        distance_m=distance,
        speed_mps=np.round(speed, 3),
        graded_mps=graded,
        hr_bpm=heart_rate(body, graded, day, rng),
        cadence_spm=2 * np.round((148.0 + 8.5 * speed + wander(rng, len(seconds), 20.0, 1.2)) / 2),
        altitude_m=up + smooth(wander(rng, len(seconds), 150.0, 0.5), 60.0, 0.0),
        lat_deg=lat + wander(rng, len(seconds), 30.0, 1.2) / 111_195.0,
        lon_deg=lon + wander(rng, len(seconds), 30.0, 1.2) / 55_600.0,
        temperature_c=np.round(day.temperature_c + 4.0 * np.exp(-seconds / 500.0)),
        lap_starts=np.searchsorted(distance, np.concatenate([[0.0], ends[:-1]])),
    )


def heart_rate(body: Body, graded_mps: Floats, day: Condition, rng: np.random.Generator) -> Floats:
    """Heart rate (beats/min) once a second: strain, heat, drift, the day, a lag, and a ceiling.

    Weeks of excess raise it at a given speed and lower the ceiling a little (Bosquet 2008).
    """
    minutes = np.arange(len(graded_mps)) / 60.0
    strain = graded_mps / day.form
    heat = 0.7 * max(0.0, day.temperature_c - 14.0)
    drift = 0.07 * np.clip(minutes - STEADY_AFTER_MIN, 0, None) * (1.0 + 0.06 * heat)
    wanted = body.hr_at_zero_bpm + body.hr_per_mps * strain + heat + drift
    wanted = wanted + day.hr_shift_bpm + 3.0 * day.excess
    ceiling = body.hr_max_bpm - 4.0 * day.excess
    wanted = ceiling - 3.0 * np.logaddexp(0.0, (ceiling - wanted) / 3.0)
    beats = smooth(wanted, HEART_LAG_S, body.hr_rest_bpm + 35.0)
    return np.clip(beats + wander(rng, len(beats), 8.0, 1.1), body.hr_rest_bpm, body.hr_max_bpm)
