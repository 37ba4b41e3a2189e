"""The normal distribution function, without SciPy (which alone would cost more time than a whole verdict)."""

from __future__ import annotations

import numpy as np

from freshlegs.fatigue.past import Floats

_P = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)


def cdf(x: Floats) -> Floats:
    """P(Z ≤ x) to 1.5e-7 (Abramowitz and Stegun 1964, 7.1.26); NaN stays NaN.

    >>> round(float(cdf(np.array(1.0))), 6)
    0.841345
    """
    y = np.abs(x) / np.sqrt(2.0)
    t = 1.0 / (1.0 + 0.3275911 * y)
    tail = 0.5 * t * (_P[0] + t * (_P[1] + t * (_P[2] + t * (_P[3] + t * _P[4])))) * np.exp(-y * y)
    return np.asarray(np.where(x >= 0, 1.0 - tail, np.where(np.isnan(x), np.nan, tail)))
