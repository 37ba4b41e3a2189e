"""Closed loops over made hills around a home point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

STEP_M: Final = 2.0
METRES_PER_DEGREE: Final = 111_195.0
HOME_LAT_DEG: Final = 59.96
HOME_LON_DEG: Final = 10.73
HOME_ALTITUDE_M: Final = 140.0


@dataclass(frozen=True, slots=True)
class Course:
    """A loop sampled every `STEP_M` metres from home back to home; grade is rise over run."""

    length_m: float
    east_m: Floats
    north_m: Floats
    altitude_m: Floats
    grade: Floats

    def at(self, distance_m: Floats) -> tuple[Floats, Floats, Floats]:
        """Latitude and longitude (deg) and altitude (m) after so many metres, lap after lap."""
        on_lap = np.mod(distance_m, self.length_m) / STEP_M
        grid = np.arange(len(self.east_m) + 1, dtype=np.float64)
        east, north, up = (
            np.interp(on_lap, grid, np.append(column, column[0]))
            for column in (self.east_m, self.north_m, self.altitude_m)
        )
        lat = HOME_LAT_DEG + north / METRES_PER_DEGREE
        lon = HOME_LON_DEG + east / (METRES_PER_DEGREE * np.cos(np.radians(HOME_LAT_DEG)))
        return lat, lon, up

    def grade_along(self, steps: int) -> Floats:
        """The grade of each of the first ``steps`` steps of `STEP_M` metres, lap after lap."""
        return np.resize(self.grade, steps)


def make_course(rng: np.random.Generator, length_m: float, hilliness: float = 1.0) -> Course:
    """A wobbly loop of that length; ``hilliness`` 0 is flat, 1 has hills of about 30 m."""
    count = max(60, round(length_m / STEP_M))
    angle = np.linspace(0.0, 2 * np.pi, 4 * count + 1)
    radius = np.ones_like(angle)
    for harmonic in range(2, 6):
        radius += rng.normal(0.0, 0.22 / harmonic) * np.cos(harmonic * angle + rng.uniform(0, 2 * np.pi))
    turn = rng.uniform(0, 2 * np.pi)
    x, y = radius * np.cos(angle + turn), radius * np.sin(angle + turn)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    wanted = np.arange(count) * (along[-1] / count)
    size = length_m / along[-1]
    east, north = np.interp(wanted, along, x) * size, np.interp(wanted, along, y) * size
    east, north = east - east[0], north - north[0]
    altitude = HOME_ALTITUDE_M + hilliness * (_terrain(east, north) - _terrain(east[:1], north[:1]))
    step = length_m / count
    grade = (np.roll(altitude, -1) - np.roll(altitude, 1)) / (2 * step)
    return Course(count * STEP_M, east, north, altitude, grade)


def _terrain(east_m: Floats, north_m: Floats) -> Floats:
    """Height of the made hills (m): a few long waves, the same for every loop."""
    waves = ((14.0, 2600.0, 0.4, 0.3), (10.0, 1500.0, 1.7, 1.9), (6.0, 800.0, 2.9, 4.0))
    height = np.zeros_like(east_m)
    for amplitude, length, heading, phase in waves:
        along = east_m * np.cos(heading) + north_m * np.sin(heading)
        height += amplitude * np.sin(2 * np.pi * along / length + phase)
    return height
