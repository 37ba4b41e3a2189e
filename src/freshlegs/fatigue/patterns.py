"""Patterns that are shown and never counted: readings of heart rate that point the wrong way (science D.3, E.3)."""

from __future__ import annotations

import numpy as np

from freshlegs.fatigue.assessment import Assessment
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.past import Floats

HIGH_HRV = (
    "HRV has been above your usual band for two weeks. That can be fitness, or the heart's answer to too much load: "
    "it is no green light, and not counted."
)
CALM_HEART = "HRV is low and so is the resting heart rate: in a fit runner no sign of fatigue, so it is not counted."
EASY_HEART_HARD_FEELING = (
    "Heart rate is lower than pace explains while the runs feel harder, and your near-maximal runs are slower: read "
    "together, that is no gain in fitness, but a pattern known from overreaching."
)
WARM = "Heart rate is higher than pace explains and the effort is as usual: heat or the sensor, rather than fatigue."


def notes(found: Assessment, a: int, t: int) -> list[str]:
    """The patterns of one morning, in words; none of them moves the verdict."""
    told = [_hrv(found, a, t), _heart_at_pace(found, a, t)]
    return [note for note in told if note is not None]


def _hrv(found: Assessment, a: int, t: int) -> str | None:
    branches = [b for b in found.signs.by_name["raised_heart_rate"].branches if b.key == "heart.hrv"]
    if not branches:
        return None
    z = branches[0].facts["z"][a]
    days = P.whole("signs.hrv_high_d")
    lately = z[max(0, t - days + 1) : t + 1]
    if len(lately) == days and bool((lately > P.number("signs.hrv_low_z")).all()):
        return HIGH_HRV
    if z[t] < -P.number("signs.hrv_low_z") and np.isnan(branches[0].strength[a, t]):
        return CALM_HEART
    return None


def _heart_at_pace(found: Assessment, a: int, t: int) -> str | None:
    """The truth table of heart rate, effort and performance, of the last runs."""
    heart = _recent(found.panel["hr_residual_sd"][a], t)
    effort = _recent(found.panel["rpe_residual_sd"][a], t)
    if heart is None or effort is None:
        return None
    clear = P.number("signs.residual_clear")
    slower = found.signs.performance.unexplained[a, t] < -P.number("performance.decline")
    if heart <= -clear and effort >= clear and slower:
        return EASY_HEART_HARD_FEELING
    if heart >= clear and abs(effort) < clear and not slower:
        return WARM
    return None


def _recent(residual: Floats, t: int) -> float | None:
    """The mean of the last five known values of four weeks; None with fewer than three."""
    known = residual[max(0, t + 1 - P.whole("signs.slow_window_d")) : t + 1]
    known = known[~np.isnan(known)][-P.whole("signs.effort_last") :]
    return float(known.mean()) if len(known) >= P.whole("baseline.window_min") else None
