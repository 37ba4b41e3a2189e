"""How training is spread over intensities, and heart rates from formulas (science C)."""

from __future__ import annotations

from typing import Final

import numpy as np

from freshlegs.metrics._numbers import Numbers, Result, checked, given

LEAST_Z3: Final = 0.01
Z2_FOR_ZERO: Final = 0.01
POLARIZED_ABOVE: Final = 2.0

_HR_MAX: Final[dict[str, tuple[float, float]]] = {"fox": (220.0, 1.0), "tanaka": (208.0, 0.7), "nes": (211.0, 0.64)}


def polarization_index(z1: Numbers, z2: Numbers, z3: Numbers) -> Result:
    """log10(z1 / z2 · z3 · 100) of the three shares of training time; polarized above 2.

    Fractions that add up to 1. NaN (not defined, so not polarized) unless z1 > z3 ≥ z2 and z3 ≥ 0.01; where
    z3 = z2 the index cannot pass 2. z2 = 0 counts as 0.01. Missing in, missing out. intervals.icu's field
    of the same name is another formula. Source: [treff2019].

    >>> round(polarization_index(0.80, 0.06, 0.14), 6)
    2.271067
    >>> polarization_index(0.60, 0.30, 0.10)
    nan
    """
    low, grey, high = np.broadcast_arrays(checked("z1", z1, 0, 1), checked("z2", z2, 0, 1), checked("z3", z3, 0, 1))
    total = low + grey + high
    if np.any(np.abs(total - 1.0) > 0.02):
        worst = total.flat[int(np.nanargmax(np.abs(total - 1.0)))]
        raise ValueError(f"z1, z2 and z3 must add up to 1, not {worst:g}; they are fractions")
    # 0.1 and 1 − 0.8 − 0.1 are meant to be the same share.
    defined = (low > high) & (high >= grey - 1e-12) & (high >= LEAST_Z3)
    with np.errstate(divide="ignore", invalid="ignore"):
        index = np.log10(low / np.where(grey == 0, Z2_FOR_ZERO, grey) * high * 100.0)
    return given(np.where(defined, index, np.nan))


def karvonen(share: Numbers, hr_rest_bpm: Numbers, hr_max_bpm: Numbers) -> Result:
    """Heart rate, beats/min, at a share of the reserve: HRrest + share · (HRmax − HRrest).

    ``share`` 0..1; missing in, missing out. Source: Karvonen, as in C.3 of the specification.

    >>> karvonen(0.7, 60, 180)
    144.0
    """
    rest = checked("hr_rest_bpm", hr_rest_bpm, 20, 150)
    top = checked("hr_max_bpm", hr_max_bpm, 60, 255)
    if np.any(top <= rest):
        raise ValueError(f"hr_max_bpm must exceed hr_rest_bpm, not {np.min(top):g} against {np.max(rest):g}")
    return given(rest + checked("share", share, 0, 1) * (top - rest))


def hr_max_formula(age_y: Numbers, formula: str = "tanaka") -> Result:
    """Highest heart rate by age, beats/min: ``fox`` 220 − age, ``tanaka`` 208 − 0.7·age, ``nes`` 211 − 0.64·age.

    Ages 5 to 110 years; the error of one person is 7 to 11 beats (SD). Missing in, missing out.
    Source: [tanaka, nes, nikolaidis2018].

    >>> hr_max_formula(40)
    180.0
    """
    if formula not in _HR_MAX:
        raise ValueError(f"formula must be one of {', '.join(_HR_MAX)}, not {formula!r}")
    start, slope = _HR_MAX[formula]
    return given(start - slope * checked("age_y", age_y, 5, 110))
