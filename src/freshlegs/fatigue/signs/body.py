"""Signs of the body: heart rate, HRV, blood pressure, weight, appetite, cycle, gut, infections, broken sleep."""

from __future__ import annotations

import math

import numpy as np

from freshlegs.fatigue import branches as b
from freshlegs.fatigue.baseline import TINY, Quantity, Reference, Usual, judge_device, reference
from freshlegs.fatigue.normal import cdf
from freshlegs.fatigue.panel import Bools, Floats, Panel
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.signs import answers
from freshlegs.fatigue.windows import Events, lagged, mean_of_last, persisting, trailing

RATES = ("hr_night_bpm", "hr_rest_bpm")
AWAKE = "awake"
"""The share of the time in bed that was not slept."""


def quantities(panel: Panel) -> dict[str, Quantity]:
    """Night and resting heart rate, left out for who takes heart medication, and broken sleep."""
    medicated = np.array([profile.get("hr_medication") is True for profile in panel.profiles])[:, None]
    lag = P.whole("baseline.short_lag_d")
    size, at_least = P.whole("signs.hr_reference_d"), P.whole("signs.hr_reference_min")
    out = {
        name: Quantity(np.where(medicated, np.nan, panel[name]), size, lag, at_least)
        for name in RATES
        if panel.has(name)
    }
    if panel.has("sleep_s") and panel.has("in_bed_s"):
        out[AWAKE] = Quantity(_awake(panel), P.whole("baseline.short_answers"), lag, P.whole("baseline.short_min"))
    return out


def _awake(panel: Panel) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(panel["in_bed_s"] > 0, panel["sleep_s"] / panel["in_bed_s"], np.nan)
        return np.where(share <= 1.0, 1.0 - share, np.nan)


def judge(panel: Panel, measured: dict[str, Quantity], own: dict[str, Reference]) -> dict[str, Usual]:
    """Night and resting heart rate against the runner's own."""
    luteal = panel.once("luteal", lambda: _luteal(panel))
    widened = np.where(luteal, P.number("signs.luteal_widening"), 1.0)
    out: dict[str, Usual] = {}
    for name in RATES:
        if name in measured:
            values = measured[name].values
            floor, abstain = P.number("signs.hr_scale_floor_bpm"), P.number("signs.hr_scale_min_bpm")
            usual = judge_device(values, own[name], floor, abstain)
            with np.errstate(invalid="ignore"):
                usual.bad = values - usual.middle >= P.number("baseline.bad_z") * widened * usual.scale - TINY
            out[name] = usual
    return out


def branches(panel: Panel, usual: dict[str, Usual], device: dict[str, Usual]) -> dict[str, list[b.Branch]]:
    """The branches of the bodily signs."""
    heart = [
        *_night_rate(panel, device),
        *_rest_rate(panel, device),
        *_low_hrv(panel, device),
        *panel.once("pressure", lambda: _pressure(panel)),
    ]
    return {
        "frequent_illness": panel.once("infections", lambda: _infections(panel)),
        "raised_heart_rate": heart,
        "weight_appetite_loss": [*panel.once("weight", lambda: _weight(panel)), *_appetite(panel, usual)],
        "irregular_cycles": panel.once("cycles", lambda: _cycles(panel)),
        "gut_trouble": panel.once("gut", lambda: _gut(panel)),
    }


def _luteal(panel: Panel) -> Bools:
    """The second half of a logged cycle, when heart rate is higher by nature."""
    started = panel["period_started"] == 1.0
    if not started.any():
        return np.zeros(panel.shape, dtype=bool)
    since = Events(started).days_since()
    return (since >= P.whole("signs.luteal_from_d")) & (since <= P.whole("signs.luteal_to_d"))


def _night_ratio(change: Floats) -> Floats:
    """The likelihood ratio of a change of night heart rate in percent: halved in the log, capped, monotone."""
    m1, s1 = P.number("signs.hr_or_mean"), P.number("signs.hr_or_sd")
    m2, s2 = P.number("signs.hr_resp_mean"), P.number("signs.hr_resp_sd")
    summit = (m1 * s2**2 - m2 * s1**2) / (s2**2 - s1**2)
    x = np.minimum(change, summit)
    log_ratio = math.log(s2 / s1) - 0.5 * ((x - m1) / s1) ** 2 + 0.5 * ((x - m2) / s2) ** 2
    return np.exp(np.minimum(0.5 * log_ratio, P.cap))


def _night_rate(panel: Panel, device: dict[str, Usual]) -> list[b.Branch]:
    usual = device.get("hr_night_bpm")
    if usual is None:
        return []
    days = P.whole("baseline.window_d")
    persist, k, n = persisting(
        usual.bad, usual.answered, b.persistence_table(days), days, P.whole("baseline.window_min")
    )
    mean = panel.once("night rate", lambda: mean_of_last(usual.worse, days, P.whole("baseline.window_min")))
    with np.errstate(invalid="ignore", divide="ignore"):
        change = mean / usual.middle - 1.0
        ratio = _night_ratio(100.0 * change)
        rule = (change >= P.number("signs.hr_rise") - TINY) & (k >= P.whole("signs.hr_nights"))
    strength = np.where(rule, np.maximum(ratio / (1.0 + ratio), 0.5), np.minimum(persist, 0.5))
    facts = {"k": k.astype(float), "n": n.astype(float), "mean": mean, "middle": usual.middle, "scale": usual.scale}
    return [b.Branch("heart.night", strength, facts=facts)]


def _rest_rate(panel: Panel, device: dict[str, Usual]) -> list[b.Branch]:
    usual = device.get("hr_rest_bpm")
    if usual is None:
        return []
    days = P.whole("baseline.window_d")
    strength, k, n = persisting(
        usual.bad, usual.answered, b.persistence_table(days), days, P.whole("baseline.window_min")
    )
    mean = panel.once("rest rate", lambda: mean_of_last(usual.worse, days, P.whole("baseline.window_min")))
    facts = {"k": k.astype(float), "n": n.astype(float), "mean": mean, "middle": usual.middle, "scale": usual.scale}
    return [b.Branch("heart.rest", strength, facts=facts)]


def _low_hrv(panel: Panel, device: dict[str, Usual]) -> list[b.Branch]:
    """Low weekly ln RMSSD counts a little; any other pattern is shown, never counted (science D.3, D.4)."""
    if not panel.has("rmssd_ms"):
        return []
    calm = np.full(panel.shape, np.nan)
    week, middle, scale = panel.once("hrv", lambda: _week_and_usual(panel))
    with np.errstate(invalid="ignore"):
        z = (week - middle) / scale
        low = P.number("signs.hrv_low_z")
        strength = np.where(z < -low, cdf((-low - z) / low), np.nan)
        # Each day by what that runner's own week holds, never by what anybody else in the block measured.
        for name in ("hr_night_bpm", "hr_rest_bpm"):
            if name in device:
                mean = mean_of_last(device[name].z, P.whole("baseline.window_d"), P.whole("baseline.window_min"))
                calm = np.where(np.isnan(mean), calm, mean)
        strength = np.where(calm <= TINY - P.number("signs.hrv_ambiguous_rhr_z"), np.nan, strength)
    medicated = np.array([profile.get("hr_medication") is True for profile in panel.profiles])[:, None]
    strength = np.where(medicated, np.nan, strength)
    facts = {"week": np.exp(week), "middle": np.exp(middle), "z": z}
    return [b.Branch("heart.hrv", strength, weight=P.number("signs.hrv_weight"), facts=facts)]


def _week_and_usual(panel: Panel) -> tuple[Floats, Floats, Floats]:
    """The week's mean ln RMSSD, its reference and spread, each source for itself: a new device starts anew."""
    with np.errstate(invalid="ignore"):
        ln = np.log(panel["rmssd_ms"])
    known = ~np.isnan(ln)
    last = np.maximum.accumulate(np.where(known, np.arange(panel.shape[1]), 0), axis=1)
    in_force = np.take_along_axis(panel.hrv_series, last, axis=1)
    lag = P.whole("signs.hrv_to_d")
    size = P.whole("signs.hrv_from_d") - lag + 1
    none_held = np.zeros(panel.shape, dtype=bool)
    out = np.full((3, *panel.shape), np.nan)
    for series in np.unique(panel.hrv_series[known]):
        own = np.where(panel.hrv_series == series, ln, np.nan)
        week = mean_of_last(own, P.whole("baseline.window_d"), P.whole("signs.hrv_week_min"))
        usual = reference(Quantity(own, size, lag, P.whole("signs.hrv_min")), none_held)
        scale = np.maximum(usual.scale, P.number("signs.hrv_sd_floor"))
        out = np.where(in_force == series, np.stack([week, usual.middle, scale]), out)
    return out[0], out[1], out[2]


def _pressure(panel: Panel) -> list[b.Branch]:
    if not panel.has("systolic_mmhg"):
        return []
    values = panel["systolic_mmhg"]
    week = mean_of_last(values, P.whole("baseline.window_d"), P.whole("signs.bp_min"))
    before = lagged(
        mean_of_last(values, P.whole("signs.bp_reference_d"), P.whole("signs.bp_min")), P.whole("baseline.window_d")
    )
    with np.errstate(invalid="ignore"):
        rise = week - before
        strength = np.where(np.isnan(rise), np.nan, b.fill(rise >= P.number("signs.bp_rise_mmhg"), 0.9, 0.1))
    facts = {"week": week, "before": before}
    return [b.Branch("heart.pressure", strength, weight=P.number("signs.bp_weight"), facts=facts)]


def _infections(panel: Panel) -> list[b.Branch]:
    """Episodes of the last two months: two make the sign, one in the last month is neutral."""
    if not panel.has("ill"):
        return []
    told = panel["ill"]
    with np.errstate(invalid="ignore"):
        ill = told > 0
    since = Events(ill).days_since()
    yesterday = np.concatenate([np.full((panel.shape[0], 1), np.inf), since[:, :-1]], axis=1)
    begins = ill & (yesterday > P.whole("signs.illness_gap_d"))
    window, month = P.whole("signs.illness_window_d"), P.whole("signs.illness_recent_d")
    episodes = trailing(begins, window)
    symptom_days = trailing(ill, month)
    answers_known = trailing(~np.isnan(told), window) >= P.whole("signs.illness_answers")
    strength = np.where(answers_known, P.number("signs.illness_none"), np.nan)
    strength = np.where(symptom_days >= P.whole("signs.illness_days"), P.number("signs.illness_one"), strength)
    strength = np.where(episodes >= 2, P.number("signs.illness_two"), strength)
    return [b.Branch("illness", strength, facts={"episodes": episodes, "days": symptom_days})]


def _weight(panel: Panel) -> list[b.Branch]:
    if not panel.has("weight_kg"):
        return []
    week = mean_of_last(panel["weight_kg"], P.whole("baseline.window_d"), P.whole("signs.weight_min"))
    month = mean_of_last(panel["weight_kg"], 28, P.whole("signs.weight_min"))
    with np.errstate(invalid="ignore", divide="ignore"):
        fortnight = 1.0 - week / np.where(np.isnan(lagged(week, 14)), lagged(month, 7), lagged(week, 14))
        four_weeks = 1.0 - week / lagged(week, 28)
        losing = fortnight >= P.number("signs.weight_loss_14d") - TINY
        strongly = four_weeks >= P.number("signs.weight_loss_28d") - TINY
    strength = np.where(np.isnan(fortnight), np.nan, b.fill(losing, 0.8, 0.1))
    strength = np.where(strongly, 0.95, strength)
    return [b.Branch("weight", strength, facts={"loss": np.fmax(fortnight, four_weeks)})]


def _appetite(panel: Panel, usual: dict[str, Usual]) -> list[b.Branch]:
    branch = answers.persistent(
        usual.get("appetite"), panel.shape, days=P.whole("signs.slow_window_d"), key="item.appetite"
    )
    branch.weight = P.number("signs.appetite_weight")
    return [branch]


def _cycles(panel: Panel) -> list[b.Branch]:
    """Only for who has a natural cycle and logs it."""
    started = panel["period_started"] == 1.0
    natural = np.array([profile.get("cycle", "natural") == "natural" for profile in panel.profiles])[:, None]
    if not started.any():
        return []
    since = Events(started).days_since()
    # The length of the cycle that ended at each start.
    yesterday = np.concatenate([np.full((panel.shape[0], 1), np.inf), since[:, :-1]], axis=1)
    length = np.where(started, yesterday + 1.0, np.nan)
    length[np.isinf(length)] = np.nan
    ends = Events(~np.isnan(length))
    strange = (length > P.whole("signs.cycle_long_d")) | (length < P.whole("signs.cycle_short_d"))
    odd, known, _ = ends.count_last(strange, 1, P.whole("signs.cycle_history_d"))
    variation = _variation(length, ends)
    absent = since >= P.whole("signs.cycle_absent_d")
    with np.errstate(invalid="ignore"):
        irregular = absent | (odd > 0) | (variation > P.whole("signs.cycle_variation_d"))
    told = natural & np.isfinite(since) & (absent | (known > 0))
    strength = np.where(
        told, b.fill(irregular, P.number("signs.cycle_strength"), P.number("signs.cycle_regular")), np.nan
    )
    return [b.Branch("cycle", strength, facts={"since": since, "variation": variation})]


def _variation(length: Floats, ends: Events) -> Floats:
    """The range of the last three cycle lengths; NaN with fewer."""
    held = np.full((3, *length.shape), np.nan)
    for a in range(length.shape[0]):
        at = np.flatnonzero(ends.happened[a])
        for j in range(2, len(at)):
            stop = at[j + 1] if j + 1 < len(at) else length.shape[1]
            held[:, a, at[j] : stop] = length[a, at[j - 2 : j + 1]][:, None]
    return np.asarray(held.max(axis=0) - held.min(axis=0))


def _gut(panel: Panel) -> list[b.Branch]:
    if not panel.has("bowel"):
        return []
    told = ~np.isnan(panel["bowel"])
    with np.errstate(invalid="ignore"):
        bad = panel["bowel"] > 0
    out = []
    for days in (P.whole("baseline.window_d"), P.whole("signs.slow_window_d")):
        strength, k, n = persisting(bad, told, b.persistence_table(days), days, P.whole("baseline.window_min"))
        out.append(
            b.Branch(
                "gut",
                strength,
                facts={"k": k.astype(float), "n": n.astype(float), "days": np.full(panel.shape, float(days))},
            )
        )
    return out


def broken_sleep(panel: Panel, measured: dict[str, Quantity], own: dict[str, Reference]) -> list[b.Branch]:
    """Less of the time in bed asleep than usual, measured."""
    if AWAKE not in measured:
        return []
    awake = measured[AWAKE].values
    usual = judge_device(awake, own[AWAKE], P.number("signs.efficiency_drop"), -1.0)
    days = P.whole("baseline.window_d")
    strength, k, n = persisting(
        usual.bad, usual.answered, b.persistence_table(days), days, P.whole("baseline.window_min")
    )
    mean = panel.once("awake", lambda: mean_of_last(awake, days, P.whole("baseline.window_min")))
    facts = {"k": k.astype(float), "n": n.astype(float), "mean": 1.0 - mean, "middle": 1.0 - usual.middle}
    return [b.Branch("sleep.broken", strength, weight=P.number("signs.efficiency_weight"), facts=facts)]
