"""Heart rate and effort beyond what pace, length, heat and time explain (science E.2).

For each session a ridge regression over the athlete's sessions of the 180 days before it, twelve of them at least:
heart rate on graded speed, temperature, minutes and the log of days since the athlete's first session (plain means
after ten minutes of warm-up, where there are samples); effort on normalised graded speed, log of duration and
temperature. The session itself and later ones take no part. The residual is divided by the standard error of
predicting a new session, so a pace never run before does not shout.

Graded speed stands for IF in the effort model: with a threshold that moves it would be the threshold that jumps.
A session without a temperature counts as one of 15 °C.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from freshlegs.metrics import _frames as f
from freshlegs.metrics._numbers import Array, Flags
from freshlegs.metrics._ridge import Fits, Rows, fit
from freshlegs.metrics._sessions import Sessions

WINDOW_D: Final = 180
LEAST_SESSIONS: Final = 12
HR_LEAST_SD_BPM: Final = 2.0
RPE_LEAST_SD: Final = 0.7
SHORTEST_S: Final = 600.0
USUAL_TEMPERATURE_C: Final = 15.0
LARGEST_SD: Final = 20.0
CENTRE_HR_BPM: Final = 145.0
CENTRE_RPE: Final = 4.0
CENTRE_MPS: Final = 3.0
SPREAD_MPS: Final = 0.3


@dataclass(frozen=True, slots=True)
class Model:
    """What an outcome of each session is expected to be by the sessions before it.

    ``outcome`` and ``features``: of every session, about one in size; ``fits``: of those with enough before them.
    """

    outcome: Array
    features: list[Array]
    fits: Fits

    @classmethod
    def of(cls, s: Sessions, outcome: Array, features: list[Array], targets: Rows, least_sd: float) -> Model:
        """Fitted for the ``targets``."""
        fits = fit(s.axis, outcome, features, targets, days=WINDOW_D, least=LEAST_SESSIONS, least_sd=least_sd)
        return cls(outcome, features, fits)

    def standardised(self) -> Array:
        """Residual of each session over the error of prediction."""
        fits, out = self.fits, np.full(self.outcome.size, np.nan)
        mean, leverage = fits.predicted([feature[fits.rows] for feature in self.features])
        z = (self.outcome[fits.rows] - mean) / (fits.sd * np.sqrt(1.0 + leverage))
        # Sums over all athletes leave last digits that depend on who else is in the frame; they carry no meaning.
        out[fits.rows] = np.round(np.clip(z, -LARGEST_SD, LARGEST_SD), 6)
        return out


def heart_model(s: Sessions) -> Model:
    """Heart rate by speed, heat, length and days since the first session; also for sessions without a heart rate."""
    since = np.log1p((s.axis.at - _first_of_athlete(s)) / f.DAY_S) - 4.0
    features = [_pace(s, s.even_mps), _heat(s), (s.seconds - 3000.0) / 1500.0, since]
    return Model.of(s, s.even_hr - CENTRE_HR_BPM, features, np.arange(s.size), HR_LEAST_SD_BPM)


def effort_model(s: Sessions) -> Model:
    """Effort by speed, length and heat."""
    with np.errstate(invalid="ignore", divide="ignore"):
        length = 2.0 * np.log(s.seconds / 3000.0)
    outcome, features = s.rpe - CENTRE_RPE, [_pace(s, s.graded_mps), length, _heat(s)]
    return Model.of(s, outcome, features, np.flatnonzero(~np.isnan(outcome + sum(features))), RPE_LEAST_SD)


def _pace(s: Sessions, speed: Array) -> Array:
    with np.errstate(invalid="ignore"):
        return np.where(s.running & (s.seconds >= SHORTEST_S), (speed - CENTRE_MPS) / SPREAD_MPS, np.nan)


def _heat(s: Sessions) -> Array:
    temperature = f.column(s.frame, "temperature_c")
    return np.where(np.isnan(temperature), 0.0, (temperature - USUAL_TEMPERATURE_C) / 10.0)


def threshold_rate(heart: Model, threshold_mps: Array, wanted: Flags) -> Array:
    """Heart rate at threshold speed after half an hour, not in the heat, by the model of heart rate.

    Only for the rows ``wanted``; by sessions before each of them; NaN where it is not sure to 4 beats.
    """
    fits, out = heart.fits, np.full(wanted.size, np.nan)
    if not wanted.any():
        return out
    mild, half_hour = np.minimum(heart.features[1][fits.rows], 0.0), np.full(fits.rows.size, -0.8)
    speed, since = (threshold_mps[fits.rows] - CENTRE_MPS) / SPREAD_MPS, heart.features[3][fits.rows]
    mean, leverage = fits.predicted([speed, mild, half_hour, since])
    sure = wanted[fits.rows] & (fits.sd * np.sqrt(leverage) <= 4.0)
    out[fits.rows] = np.where(sure, np.round(mean + CENTRE_HR_BPM, 6), np.nan)
    return out


def _first_of_athlete(s: Sessions) -> Array:
    """The instant, on the axis, of each row's athlete's first session."""
    fresh = np.concatenate([[True], np.diff(s.frame.get_column("athlete").rle_id().to_numpy().astype(np.int64)) > 0])
    start = np.maximum.accumulate(np.where(fresh[: s.size], np.arange(s.size), 0))
    return s.axis.at[start].astype(np.float64)
