"""What raises or lowers the risk of excessive fatigue, day by day (science I.4, step 5). Never evidence of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from freshlegs.fatigue import loads
from freshlegs.fatigue.baseline import Usual
from freshlegs.fatigue.panel import Panel
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.past import Bools, Floats
from freshlegs.fatigue.windows import lagged, trailing
from freshlegs.metrics import trends

DAYS_A_MONTH: Final = 30.44


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

    week = P.whole("risk.week_d")

    def owed(short: Floats) -> tuple[Floats, Floats]:
        nights = trailing(~np.isnan(short), week)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(
                nights >= P.whole("sleep.nights_min"), trailing(short, week) * week / nights, np.nan
            ), nights

    return panel.past.look_back("sleep debt", week - 1, owed, short)


def weigh(panel: Panel, usual: dict[str, Usual], strength_of_weight: Floats) -> Hazards:
    """All hazards of a panel; ``strength_of_weight``: how strongly weight is falling (NaN unmeasured)."""
    chronic, acute = loads.of(panel).chronic, loads.of(panel).acute
    monotony, easy, hard, spike, spiked, debt = panel.once("load trends", lambda: _trends(panel))
    days_known, week, six_weeks, before = panel.once("load weeks", lambda: _weeks(panel, chronic))
    with np.errstate(invalid="ignore", divide="ignore"):
        ramp = chronic - before
        week_known = days_known >= P.whole("risk.week_d") - 0.5
        flags = {
            "ramp": ramp > np.maximum(P.number("risk.ramp_min_lu"), P.number("risk.ramp_share") * chronic),
            "monotony": (monotony > P.number("risk.monotony_high"))
            & (week >= P.number("risk.monotony_load_share") * six_weeks),
            "grey": easy < P.number("risk.grey_share"),
            "spike": spiked,
            "sleep_debt": debt >= P.number("sleep.debt_flag_h"),
            "stress": _stress(panel, usual),
            "fuel": _fuel(panel, strength_of_weight),
            "overtrained_before": _before(panel),
        }
        deload = week_known & (week <= P.whole("risk.week_d") * P.number("risk.deload_share") * before) & (before > 0)
        resting = panel.once("resting", lambda: _resting(panel, chronic))
    known = {
        "ramp": ~np.isnan(ramp),
        "monotony": ~np.isnan(monotony),
        "grey": ~np.isnan(easy),
        "spike": ~np.isnan(spike),
        "sleep_debt": ~np.isnan(debt),
        "stress": _on_days(panel, "stress known", ~np.isnan(panel["stress"])) >= P.whole("baseline.window_min"),
        "fuel": _on_days(panel, "fuel known", ~np.isnan(panel["ate_enough"])) > 0.5,
    }
    risk = np.ones(panel.shape)
    for name, holds in flags.items():
        risk = np.where(holds, risk * P.number(f"risk.{name}"), risk)
    risk = np.where(deload, risk * P.number("risk.deload"), risk)
    risk = np.clip(risk, P.risk_low, P.risk_high)
    return Hazards(flags, known, risk, deload, resting, chronic, acute, debt, easy, monotony, spike, hard)


def _on_days(panel: Panel, name: str, flag: Bools) -> Floats:
    """On how many of the last seven days something held."""
    week = P.whole("risk.week_d")
    return panel.past.look_back(name, week - 1, lambda some: trailing(some, week), flag)


def _weeks(panel: Panel, chronic: Floats) -> tuple[Floats, ...]:
    """Days of the last week with a known load, its load, the mean week of six, the chronic load a week ago."""
    week, weeks = P.whole("risk.week_d"), P.whole("risk.usual_weeks")

    def sums(load: Floats) -> tuple[Floats, Floats, Floats]:
        return trailing(~np.isnan(load), week), trailing(load, week), trailing(load, weeks * week) / weeks

    before = panel.past.look_back("chronic week", week, lambda trend: lagged(trend, week), chronic)
    return *panel.past.look_back("load weeks", weeks * week - 1, sums, panel["load_lu"]), before


def _trends(panel: Panel) -> tuple[Any, ...]:
    """Monotony, easy and hard share, session spike and whether one was a jump this week, sleep debt."""
    past, load = panel.past, panel["load_lu"]
    month, week = trends.EASY_WINDOW_D - 1, P.whole("risk.week_d")

    def spikes(longest: Floats) -> tuple[Floats, Bools]:
        spike = trends.session_spike(longest)
        return spike, trailing(spike > P.number("risk.spike_ratio"), week) > 0.5

    with np.errstate(invalid="ignore", divide="ignore"):
        zones = (panel[name] for name in ("z1_s", "z2_s", "z3_s"))
        spike, spiked = past.look_back("spike", trends.SPIKE_WINDOW_D + week, spikes, panel["longest_run_m"])
        return (
            past.look_back("monotony", week - 1, trends.monotony7, load),
            past.look_back("easy share", month, trends.easy_share28, *zones),
            past.look_back("hard share", month, trends.hard_share28, panel["quality_session"], load),
            spike,
            spiked,
            sleep_debt(panel)[0],
        )


def _stress(panel: Panel, usual: dict[str, Usual]) -> Bools:
    found = usual.get("stress")
    if found is None:
        return np.zeros(panel.shape, dtype=bool)
    return _on_days(panel, "stressed", found.bad & found.answered) >= P.whole("risk.stress_days") - 0.5


def _fuel(panel: Panel, strength_of_weight: Floats) -> Bools:
    with np.errstate(invalid="ignore"):
        hungry = _on_days(panel, "hungry", panel["ate_enough"] == 1.0) >= P.whole("risk.fuel_days") - 0.5
        return np.asarray(hungry | (strength_of_weight >= P.number("signs.firm")))


def _before(panel: Panel) -> Bools:
    """An earlier overtraining in the last two years."""
    began = panel.profile_days("overtrained_before")[:, None]
    days = np.arange(panel.shape[1])[None, :]
    with np.errstate(invalid="ignore"):
        return np.asarray((days >= began) & (days - began <= P.whole("risk.overtrained_months") * DAYS_A_MONTH))


def _resting(panel: Panel, chronic: Floats) -> Bools:
    """Two weeks and more at half the earlier load or less, every day of them known."""
    past, days, week_d = panel.past, P.whole("risk.failed_rest_d"), P.whole("risk.week_d")

    def sums(load: Floats, trend: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        return trailing(~np.isnan(load), days), trailing(load, days), trailing(load, week_d), lagged(trend, days)

    days_known, fortnight, week, before = past.look_back("rest", days, sums, panel["load_lu"], chronic)
    known = days_known >= days - 0.5
    with np.errstate(invalid="ignore"):
        little = fortnight <= days * P.number("risk.failed_rest_share") * before
    began = known & little & (before > 0)
    # Rest that goes on is still rest, although the trend it is held against has come down with it: the load
    # before the rest is what counts, as long as every week since has stayed as low.
    held = past.latest(
        "load before rest", np.where(began & (past.run_length("rest began", began) == 1), before, np.nan)
    )
    with np.errstate(invalid="ignore"):
        low_week = known & (week <= week_d * P.number("risk.failed_rest_share") * held)
    since_began = past.days_since("rest", began)
    return began | (low_week & (past.run_length("low weeks", low_week | began) > since_began))
