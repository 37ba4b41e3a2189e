"""Heart rate variability at night: the week's ln RMSSD against the runner's own (science D.3)."""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np

from freshlegs import steps
from freshlegs.fatigue import branches as b
from freshlegs.fatigue.baseline import TINY, Usual, median_and_deviation
from freshlegs.fatigue.normal import cdf
from freshlegs.fatigue.panel import Panel
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.past import Floats, Ints
from freshlegs.fatigue.windows import counted, mean_of_last

NIGHTS_AT_ONCE: Final = 4_000
"""Windows of nights sorted together: few enough to stay near the processor."""


def branches(panel: Panel, device: dict[str, Usual]) -> list[b.Branch]:
    """Low weekly ln RMSSD counts a little; any other pattern is shown, never counted (science D.3, D.4)."""
    if not panel.has("rmssd_ms"):
        return []
    calm = np.full(panel.shape, np.nan)
    days, at_least = P.whole("baseline.window_d"), P.whole("baseline.window_min")
    week, middle, scale = against_usual(panel)
    with np.errstate(invalid="ignore"):
        z = (week - middle) / scale
        low = P.number("signs.hrv_low_z")
        strength = np.where(z < -low, cdf((-low - z) / low), np.nan)
        # Each day by what that runner's own week holds, never by what anybody else in the block measured.
        for name in ("hr_night_bpm", "hr_rest_bpm"):
            if name in device:
                mean = panel.past.look_back(
                    f"calm {name}", days - 1, lambda z: mean_of_last(z, days, at_least), device[name].z
                )
                calm = np.where(np.isnan(mean), calm, mean)
        strength = np.where(calm <= TINY - P.number("signs.hrv_ambiguous_rhr_z"), np.nan, strength)
    medicated = np.array([profile.get("hr_medication") is True for profile in panel.profiles])[:, None]
    strength = np.where(medicated, np.nan, strength)
    facts = {"week": np.exp(week), "middle": np.exp(middle), "z": z}
    return [b.Branch("heart.hrv", strength, weight=P.number("signs.hrv_weight"), facts=facts)]


def against_usual(panel: Panel) -> tuple[Floats, Floats, Floats]:
    """The week's mean ln RMSSD, its reference and spread, worked out once for a panel."""
    return panel.once("hrv", lambda: _week_and_usual(panel))


def _week_and_usual(panel: Panel) -> tuple[Floats, Floats, Floats]:
    """The week's mean ln RMSSD, its reference and spread, each source for itself: a new device starts anew."""
    with np.errstate(invalid="ignore"):
        ln = np.log(panel["rmssd_ms"])
    by_source = partial(_by_source, wanted=panel.shape[1])
    return panel.past.look_back("hrv", P.whole("signs.hrv_from_d"), by_source, ln, panel.hrv_series)


def _by_source(ln: Floats, series: Ints, wanted: int) -> tuple[Floats, Floats, Floats]:
    known = ~np.isnan(ln)
    last = np.maximum.accumulate(np.where(known, np.arange(ln.shape[1]), 0), axis=1)
    in_force = np.take_along_axis(series, last, axis=1)
    nothing = np.full(ln.shape, np.nan)
    out = np.stack([nothing, nothing, nothing])
    for source in np.unique(series[known]):
        own = np.where(series == source, ln, np.nan)
        week = mean_of_last(own, P.whole("baseline.window_d"), P.whole("signs.hrv_week_min"))
        middle, spread = _of_days(own, wanted)
        scale = np.maximum(spread, P.number("signs.hrv_sd_floor"))
        out = np.where(in_force == source, np.stack([week, middle, scale]), out)
    return out[0], out[1], out[2]


def _of_days(values: Floats, last: int) -> tuple[Floats, Floats]:
    """Median and deviation of the values from so many to so many days ago, where there are enough of them.

    Of the ``last`` days; NaN on earlier ones.
    """
    lag = P.whole("signs.hrv_to_d")
    size = P.whole("signs.hrv_from_d") - lag + 1
    padded = np.concatenate([np.full((len(values), size + lag - 1), np.nan), values], axis=1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, size, axis=1)[:, : values.shape[1]]
    middle, scale = np.full(values.shape, np.nan), np.full(values.shape, np.nan)
    if steps.READY:
        # Of windows that end so many days ago.
        end = np.full(len(values), values.shape[1] - 1 - lag)
        begin, at_least = np.maximum(end - last + 1, 0), P.whole("signs.hrv_min")
        old = steps.medians(values, begin, end, size, at_least, P.number("baseline.mad_to_sd"))
        middle[:, lag:], scale[:, lag:] = (one[:, : max(values.shape[1] - lag, 0)] for one in old)
        return middle, scale
    count = np.zeros(values.shape, dtype=np.int64)
    if lag < values.shape[1]:
        count[:, lag:] = counted(~np.isnan(values), size)[:, :-lag]
    wanted = (count >= P.whole("signs.hrv_min")) & (np.arange(values.shape[1]) >= values.shape[1] - last)
    athletes, days = np.nonzero(wanted)
    for at in range(0, len(days), NIGHTS_AT_ONCE):
        cells = athletes[at : at + NIGHTS_AT_ONCE], days[at : at + NIGHTS_AT_ONCE]
        middle[cells], deviation = median_and_deviation(windows[cells], count[cells])
        scale[cells] = deviation * P.number("baseline.mad_to_sd")
    return middle, scale
