"""Heart rate and effort beyond what pace, length, heat and time explain (science E.2).

For each session a ridge regression over the athlete's sessions of the 180 days before it, twelve of them at least:
heart rate on graded speed, temperature, minutes and the log of days since the athlete's first session; effort on graded
speed, log of duration and temperature. The session itself and later ones take no part. The residual is divided
by the standard error of predicting a new session, so a pace never run before does not shout.

Graded speed stands for IF in the effort model: with a threshold that moves it would be the threshold that jumps.
A session without a temperature counts as one of 15 °C.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from freshlegs.metrics import _frames as f
from freshlegs.metrics._numbers import Array
from freshlegs.metrics._sessions import Sessions

WINDOW_D: Final = 180
LEAST_SESSIONS: Final = 12
RIDGE: Final = 1.0
HR_LEAST_SD_BPM: Final = 2.0
RPE_LEAST_SD: Final = 0.7
SHORTEST_S: Final = 600.0
USUAL_TEMPERATURE_C: Final = 15.0
LARGEST_SD: Final = 20.0


def residuals(s: Sessions) -> tuple[Array, Array]:
    """Standardised residuals of heart rate and of effort, one a session; NaN where they cannot be known."""
    temperature = f.column(s.frame, "temperature_c")
    heat = np.where(np.isnan(temperature), 0.0, (temperature - USUAL_TEMPERATURE_C) / 10.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        long_enough = s.running & (s.seconds >= SHORTEST_S)
        speed = np.where(long_enough, s.graded_mps - 3.0, np.nan)
        length = np.log(s.seconds / 3000.0)
        minutes = s.seconds / 6000.0 - 0.5
    since = np.log1p((s.axis.at - _first_of_athlete(s)) / f.DAY_S) - 4.0
    heart = _standardised(s, s.hr_mean - 145.0, [speed, heat, minutes, since], HR_LEAST_SD_BPM)
    effort = _standardised(s, s.rpe - 4.0, [speed, length, heat], RPE_LEAST_SD)
    return heart, effort


def _first_of_athlete(s: Sessions) -> Array:
    """The instant, on the axis, of each row's athlete's first session."""
    fresh = np.concatenate([[True], np.diff(s.frame.get_column("athlete").rle_id().to_numpy().astype(np.int64)) > 0])
    start = np.maximum.accumulate(np.where(fresh[: s.size], np.arange(s.size), 0))
    return s.axis.at[start].astype(np.float64)


def _standardised(s: Sessions, outcome: Array, features: list[Array], least_sd: float) -> Array:
    """Residual of each row against a ridge fit of the rows of its window, over the error of prediction."""
    out = np.full(s.size, np.nan)
    usable = ~np.isnan(outcome)
    for feature in features:
        usable &= ~np.isnan(feature)
    rows = np.flatnonzero(usable)
    if rows.size <= LEAST_SESSIONS:
        return out
    at, y = s.axis.at[rows], outcome[rows]
    x = [np.ones(rows.size), *(feature[rows] for feature in features)]
    first = np.searchsorted(at, at - WINDOW_D * f.DAY_S, side="left")
    last = np.searchsorted(at, at, side="left")  # strictly before: sessions of the same instant stay out
    count = (last - first).astype(np.float64)
    judged = np.flatnonzero(count >= LEAST_SESSIONS)
    if not judged.size:
        return out
    low, high = first[judged], last[judged]

    def summed(values: Array) -> Array:
        run = np.concatenate([[0.0], np.cumsum(values)])
        window: Array = run[high] - run[low]
        return window

    size = len(x)
    squares = [[summed(x[i] * x[j]) + (RIDGE if i == j > 0 else 0.0) for j in range(i + 1)] for i in range(size)]
    moments = [summed(x[i] * y) for i in range(size)]
    root = _cholesky(squares)
    half = _forward(root, moments)
    new = _forward(root, [x[i][judged] for i in range(size)])
    fitted = sum((a * b for a, b in zip(half, new, strict=True)), np.zeros(judged.size))
    leverage = sum((a * a for a in new), np.zeros(judged.size))
    # y'y − |L⁻¹X'y|² is the penalised sum of squares: the ridge adds a little to it, on the careful side.
    left = np.maximum(summed(y * y) - sum((a * a for a in half), np.zeros(judged.size)), 0.0)
    sd = np.sqrt(np.maximum(left / np.maximum(count[judged] - size, 1.0), least_sd**2))
    z = (y[judged] - fitted) / (sd * np.sqrt(1.0 + leverage))
    # Sums over all athletes leave last digits that depend on who else is in the frame; they carry no meaning.
    out[rows[judged]] = np.round(np.clip(z, -LARGEST_SD, LARGEST_SD), 6)
    return out


def _cholesky(squares: list[list[Array]]) -> list[list[Array]]:
    """The lower root of many small symmetric matrices at once, entry by entry."""
    root: list[list[Array]] = []
    for i, row in enumerate(squares):
        built: list[Array] = []
        for j in range(i + 1):
            rest = row[j].copy()
            for k in range(j):
                rest -= built[k] * (root[j][k] if j < i else built[k])
            built.append(np.sqrt(np.maximum(rest, 1e-9)) if i == j else rest / root[j][j])
        root.append(built)
    return root


def _forward(root: list[list[Array]], right: list[Array]) -> list[Array]:
    """L⁻¹ of many right-hand sides at once."""
    solved: list[Array] = []
    for i, row in enumerate(root):
        rest = right[i].copy()
        for k in range(i):
            rest -= row[k] * solved[k]
        solved.append(rest / row[i])
    return solved
