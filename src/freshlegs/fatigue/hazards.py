"""What raises or lowers the risk of excessive fatigue, day by day (science I.4, step 5). Never evidence of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from freshlegs.fatigue.baseline import Usual
from freshlegs.fatigue.panel import Bools, Floats, Panel
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.windows import Events, lagged, run_length, trailing
from freshlegs.metrics import trends


@dataclass(slots=True)
class Hazards:
    """Every factor as a yes or no of each day, what was known of it, and the load trends behind.

    ``flags[name]``: the factor holds; ``known[name]``: it could be told. ``risk``: their product, clipped.
    """

    flags: dict[str, Bools]
    known: dict[str, Bools]
    risk: Floats
    deload: Bools
    resting: Bools
    chronic: Floats
    acute: Floats
    sleep_debt_h: Floats
    easy_share: Floats
    monotony: Floats
    spike: Floats
    hard_share: Floats


def sleep_debt(panel: Panel) -> tuple[Floats, Floats]:
    """Hours short of the need over the last seven nights (missing nights scaled up), and nights known."""
    need = np.array([profile.get("sleep_need_h") or P.number("sleep.need_h") for profile in panel.profiles])
    short = np.maximum(need[:, None] - panel["sleep_s"] / 3600.0, 0.0)
    nights = trailing(~np.isnan(short), 7)
    with np.errstate(invalid="ignore", divide="ignore"):
        debt = np.where(nights >= P.whole("sleep.nights_min"), trailing(short, 7) * 7.0 / nights, np.nan)
    return debt, nights


def weigh(panel: Panel, usual: dict[str, Usual], strength_of_weight: Floats) -> Hazards:
    """All hazards of a panel; ``strength_of_weight``: how strongly weight is falling (NaN unmeasured)."""
    load = panel["load_lu"]
    chronic, acute, monotony, easy, hard, spike, debt = panel.once("load trends", lambda: _trends(panel))
    with np.errstate(invalid="ignore", divide="ignore"):
        ramp = trends.ramp(chronic)
        week_known = trailing(~np.isnan(load), 7) >= 6.5
        week = trailing(load, 7)
        six_weeks = trailing(load, 42) / 6.0
        flags = {
            "ramp": ramp > np.maximum(P.number("risk.ramp_min_lu"), P.number("risk.ramp_share") * chronic),
            "monotony": (monotony > P.number("risk.monotony_high"))
            & (week >= P.number("risk.monotony_load_share") * six_weeks),
            "grey": easy < P.number("risk.grey_share"),
            "spike": trailing(spike > P.number("risk.spike_ratio"), 7) > 0.5,
            "sleep_debt": debt >= P.number("sleep.debt_flag_h"),
            "stress": _stress(panel, usual),
            "fuel": _fuel(panel, strength_of_weight),
            "overtrained_before": _before(panel),
        }
        before = lagged(chronic, 7)
        deload = week_known & (week <= 7.0 * P.number("risk.deload_share") * before) & (before > 0)
        resting = panel.once("resting", lambda: _resting(load, chronic))
    known = {
        "ramp": ~np.isnan(ramp),
        "monotony": ~np.isnan(monotony),
        "grey": ~np.isnan(easy),
        "spike": ~np.isnan(spike),
        "sleep_debt": ~np.isnan(debt),
        "stress": trailing(~np.isnan(panel["stress"]), 7) >= P.whole("baseline.window_min"),
        "fuel": trailing(~np.isnan(panel["ate_enough"]), 7) > 0.5,
    }
    risk = np.ones(panel.shape)
    for name, holds in flags.items():
        risk = np.where(holds, risk * P.number(f"risk.{name}"), risk)
    risk = np.where(deload, risk * P.number("risk.deload"), risk)
    risk = np.clip(risk, P.risk_low, P.risk_high)
    return Hazards(flags, known, risk, deload, resting, chronic, acute, debt, easy, monotony, spike, hard)


def _trends(panel: Panel) -> tuple[Floats, ...]:
    """Chronic and acute load, monotony, easy and hard share, session spike, sleep debt."""
    load = panel["load_lu"]
    with np.errstate(invalid="ignore", divide="ignore"):
        return (
            trends.exponential(load, 42.0),
            trends.exponential(load, 7.0),
            trends.monotony7(load),
            trends.easy_share28(panel["z1_s"], panel["z2_s"], panel["z3_s"]),
            trends.hard_share28(panel["quality_session"], load),
            trends.session_spike(panel["longest_run_m"]),
            sleep_debt(panel)[0],
        )


def _stress(panel: Panel, usual: dict[str, Usual]) -> Bools:
    found = usual.get("stress")
    if found is None:
        return np.zeros(panel.shape, dtype=bool)
    return trailing(found.bad & found.answered, 7) >= P.whole("risk.stress_days") - 0.5


def _fuel(panel: Panel, strength_of_weight: Floats) -> Bools:
    with np.errstate(invalid="ignore"):
        hungry = trailing(panel["ate_enough"] == 1.0, 7) >= P.whole("risk.fuel_days") - 0.5
        return np.asarray(hungry | (strength_of_weight >= P.number("signs.firm")))


def _before(panel: Panel) -> Bools:
    """An earlier overtraining in the last two years."""
    began = panel.profile_days("overtrained_before")[:, None]
    days = np.arange(panel.shape[1])[None, :]
    with np.errstate(invalid="ignore"):
        return np.asarray((days >= began) & (days - began <= P.whole("risk.overtrained_months") * 30.44))


def _resting(load: Floats, chronic: Floats) -> Bools:
    """Two weeks and more at half the earlier load or less, every day of them known."""
    days = P.whole("risk.failed_rest_d")
    before = lagged(chronic, days)
    known = trailing(~np.isnan(load), days) >= days - 0.5
    with np.errstate(invalid="ignore"):
        little = trailing(load, days) <= days * P.number("risk.failed_rest_share") * before
    began = known & little & (before > 0)
    # Rest that goes on is still rest, although the trend it is held against has come down with it: the load
    # before the rest is what counts, as long as every week since has stayed as low.
    held = _hold_last(np.where(began & (run_length(began) == 1), before, np.nan))
    with np.errstate(invalid="ignore"):
        low_week = known & (trailing(load, 7) <= 7 * P.number("risk.failed_rest_share") * held)
    since_began = Events(began).days_since()
    return began | (low_week & (run_length(low_week | began) > since_began))


def _hold_last(values: Floats) -> Floats:
    """The latest known value."""
    last = np.maximum.accumulate(np.where(np.isnan(values), -1, np.arange(values.shape[1])), axis=1)
    return np.where(last >= 0, np.take_along_axis(values, np.maximum(last, 0), axis=1), np.nan)
