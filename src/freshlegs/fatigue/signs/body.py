"""Signs of the body: heart rate, blood pressure, weight, appetite, cycle, gut, infections, broken sleep."""

from __future__ import annotations

import math
from dataclasses import fields
from functools import partial

import numpy as np

from freshlegs.fatigue import branches as b
from freshlegs.fatigue.baseline import TINY, Quantity, Reference, Usual, judge_device
from freshlegs.fatigue.panel import Panel
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.past import Bools, Floats, Ints, Past
from freshlegs.fatigue.signs import answers, hrv
from freshlegs.fatigue.windows import Counts, Events, lagged, mean_of_last, persisting, trailing

RATES = ("hr_night_bpm", "hr_rest_bpm")
AWAKE = "awake"
"""The share of the time in bed that was not slept."""


def quantities(panel: Panel) -> dict[str, Quantity]:
    """Night and resting heart rate, left out for who takes heart medication, and broken sleep."""
    medicated = np.array([profile.get("hr_medication") is True for profile in panel.profiles])[:, None]
    lag = P.whole("baseline.short_lag_d")
    size, at_least = P.whole("signs.hr_reference_d"), P.whole("signs.hr_reference_min")
    out = {
        _named(name, source): Quantity(
            np.where(medicated | (panel.hr_series != source), np.nan, panel[name]), size, lag, at_least
        )
        for name in RATES
        if panel.has(name)
        for source in _sources(panel, name)
    }
    if panel.has("sleep_s") and panel.has("in_bed_s"):
        out[AWAKE] = Quantity(_awake(panel), P.whole("baseline.short_answers"), lag, P.whole("baseline.short_min"))
    return out


def _named(rate: str, source: int) -> str:
    return f"{rate} {source}"


def _sources(panel: Panel, rate: str) -> list[int]:
    """Whose heart rate it is, of anybody in the block: each device has a usual of its own (science D.1)."""

    def found() -> list[int]:
        here = set(np.unique(panel.hr_series[~np.isnan(panel[rate])]).tolist())
        return sorted(here | {int(name) for name in panel.past.numbered(f"{rate} ")})

    return panel.once(f"sources of {rate}", found)


def _awake(panel: Panel) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(panel["in_bed_s"] > 0, panel["sleep_s"] / panel["in_bed_s"], np.nan)
        return np.where(share <= 1.0, 1.0 - share, np.nan)


def judge(panel: Panel, measured: dict[str, Quantity], own: dict[str, Reference]) -> dict[str, Usual]:
    """Night and resting heart rate against the runner's own."""
    luteal = panel.once("luteal", lambda: _luteal(panel))
    widened = np.where(luteal, P.number("signs.luteal_widening"), 1.0)
    out: dict[str, Usual] = {}
    floor, abstain = P.number("signs.hr_scale_floor_bpm"), P.number("signs.hr_scale_min_bpm")
    for name in RATES:
        for source in _sources(panel, name) if panel.has(name) else ():
            key = _named(name, source)
            usual = judge_device(measured[key].values, own[key], floor, abstain)
            with np.errstate(invalid="ignore"):
                usual.bad = usual.worse - usual.middle >= P.number("baseline.bad_z") * widened * usual.scale - TINY
            out[name] = usual if name not in out else _either(out[name], usual, _in_force(panel, name) == source)
    return out


def _in_force(panel: Panel, rate: str) -> Floats:
    """The source of the last night with this rate."""

    def latest() -> Floats:
        known = ~np.isnan(panel[rate])
        return panel.past.latest(f"source of {rate}", np.where(known, panel.hr_series, np.nan))

    return panel.once(f"source of {rate}", latest)


def _either(one: Usual, other: Usual, takes: Bools) -> Usual:
    """Each night by its own device."""
    names = (field.name for field in fields(Usual))
    return Usual(**{name: np.where(takes, getattr(other, name), getattr(one, name)) for name in names})


def branches(panel: Panel, usual: dict[str, Usual], device: dict[str, Usual]) -> dict[str, list[b.Branch]]:
    """The branches of the bodily signs."""
    heart = [
        *_night_rate(panel, device),
        *_rest_rate(panel, device),
        *hrv.branches(panel, device),
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
    if not panel.has("period_started"):
        return np.zeros(panel.shape, dtype=bool)
    since = panel.past.days_since("period", panel["period_started"] == 1.0)
    return (since >= P.whole("signs.luteal_from_d")) & (since <= P.whole("signs.luteal_to_d"))


def _night_ratio(change: Floats) -> Floats:
    """The likelihood ratio of a change of night heart rate in percent: halved in the log, capped, monotone."""
    m1, s1 = P.number("signs.hr_or_mean"), P.number("signs.hr_or_sd")
    m2, s2 = P.number("signs.hr_resp_mean"), P.number("signs.hr_resp_sd")
    summit = (m1 * s2**2 - m2 * s1**2) / (s2**2 - s1**2)
    x = np.minimum(change, summit)
    log_ratio = math.log(s2 / s1) - 0.5 * ((x - m1) / s1) ** 2 + 0.5 * ((x - m2) / s2) ** 2
    return np.exp(np.minimum(0.5 * log_ratio, P.cap))


def _lasting(panel: Panel, usual: Usual, name: str) -> tuple[Floats, Counts, Counts]:
    """Strength of a measured quantity that is bad on k of the n known of the last seven days, with k and n."""
    days, at_least = P.whole("baseline.window_d"), P.whole("baseline.window_min")

    def persists(bad: Bools, known: Bools) -> tuple[Floats, Counts, Counts]:
        return persisting(bad, known, b.persistence_table(days), days, at_least)

    return panel.past.look_back(name, days - 1, persists, usual.bad, usual.answered)


def _week(panel: Panel, values: Floats, name: str) -> Floats:
    """The mean of the last seven days; of values that do not depend on which days are frozen."""
    days, at_least = P.whole("baseline.window_d"), P.whole("baseline.window_min")
    return panel.once(
        f"week of {name}",
        lambda: panel.past.look_back(
            f"week of {name}", days - 1, lambda some: mean_of_last(some, days, at_least), values
        ),
    )


def _week_of_rate(panel: Panel, rate: str) -> Floats:
    """The week's mean of the device in force."""
    out = np.full(panel.shape, np.nan)
    for source in _sources(panel, rate):
        key = _named(rate, source)
        out = np.where(_in_force(panel, rate) == source, _week(panel, quantities(panel)[key].values, key), out)
    return out


def _night_rate(panel: Panel, device: dict[str, Usual]) -> list[b.Branch]:
    usual = device.get("hr_night_bpm")
    if usual is None:
        return []
    persist, k, n = _lasting(panel, usual, "night rate")
    mean = _week_of_rate(panel, "hr_night_bpm")
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
    strength, k, n = _lasting(panel, usual, "rest rate")
    mean = _week_of_rate(panel, "hr_rest_bpm")
    facts = {"k": k.astype(float), "n": n.astype(float), "mean": mean, "middle": usual.middle, "scale": usual.scale}
    return [b.Branch("heart.rest", strength, facts=facts)]


def _pressure(panel: Panel) -> list[b.Branch]:
    if not panel.has("systolic_mmhg"):
        return []
    days, reference_d, at_least = (P.whole(n) for n in ("baseline.window_d", "signs.bp_reference_d", "signs.bp_min"))

    def week_and_before(values: Floats) -> tuple[Floats, Floats]:
        return mean_of_last(values, days, at_least), lagged(mean_of_last(values, reference_d, at_least), days)

    week, before = panel.past.look_back("pressure", days + reference_d, week_and_before, panel["systolic_mmhg"])
    with np.errstate(invalid="ignore"):
        rise = week - before
        strength = np.where(
            np.isnan(rise),
            np.nan,
            b.fill(rise >= P.number("signs.bp_rise_mmhg"), P.number("signs.bp_risen"), P.number("signs.bp_level")),
        )
    facts = {"week": week, "before": before}
    return [b.Branch("heart.pressure", strength, weight=P.number("signs.bp_weight"), facts=facts)]


def _infections(panel: Panel) -> list[b.Branch]:
    """Episodes of the last two months: two make the sign, one in the last month is neutral."""
    if not panel.has("ill"):
        return []
    window, month = P.whole("signs.illness_window_d"), P.whole("signs.illness_recent_d")
    gap = P.whole("signs.illness_gap_d")

    def counts(told: Floats) -> tuple[Floats, Floats, Floats]:
        with np.errstate(invalid="ignore"):
            ill = told > 0
        since = Events(ill).days_since()
        yesterday = np.concatenate([np.full((len(told), 1), np.inf), since[:, :-1]], axis=1)
        begins = ill & (yesterday > gap)
        return trailing(begins, window), trailing(ill, month), trailing(~np.isnan(told), window)

    episodes, symptom_days, answers = panel.past.look_back("infections", window + gap + 1, counts, panel["ill"])
    answers_known = answers >= P.whole("signs.illness_answers")
    strength = np.where(answers_known, P.number("signs.illness_none"), np.nan)
    strength = np.where(symptom_days >= P.whole("signs.illness_days"), P.number("signs.illness_one"), strength)
    strength = np.where(episodes >= 2, P.number("signs.illness_two"), strength)
    return [b.Branch("illness", strength, facts={"episodes": episodes, "days": symptom_days})]


def _weight(panel: Panel) -> list[b.Branch]:
    if not panel.has("weight_kg"):
        return []
    days, at_least = P.whole("baseline.window_d"), P.whole("signs.weight_min")
    short, long = P.whole("signs.weight_short_d"), P.whole("signs.weight_long_d")

    def losses(weight: Floats) -> tuple[Floats, Floats]:
        week, month = mean_of_last(weight, days, at_least), mean_of_last(weight, long, at_least)
        with np.errstate(invalid="ignore", divide="ignore"):
            earlier = np.where(np.isnan(lagged(week, short)), lagged(month, days), lagged(week, short))
            return 1.0 - week / earlier, 1.0 - week / lagged(week, long)

    fortnight, four_weeks = panel.past.look_back("weight", long + days, losses, panel["weight_kg"])
    with np.errstate(invalid="ignore"):
        losing = fortnight >= P.number("signs.weight_loss_14d") - TINY
        strongly = four_weeks >= P.number("signs.weight_loss_28d") - TINY
    strength = np.where(
        np.isnan(fortnight), np.nan, b.fill(losing, P.number("signs.weight_falling"), P.number("signs.weight_steady"))
    )
    strength = np.where(strongly, P.number("signs.weight_falling_fast"), strength)
    return [b.Branch("weight", strength, facts={"loss": np.fmax(fortnight, four_weeks)})]


def _appetite(panel: Panel, usual: dict[str, Usual]) -> list[b.Branch]:
    branch = answers.persistent(panel, usual.get("appetite"), days=P.whole("signs.slow_window_d"), key="item.appetite")
    branch.weight = P.number("signs.appetite_weight")
    return [branch]


def _cycles(panel: Panel) -> list[b.Branch]:
    """Only for who has a natural cycle and logs it."""
    if not panel.has("period_started"):
        return []
    past, started = panel.past, panel["period_started"] == 1.0
    natural = np.array([profile.get("cycle", "natural") == "natural" for profile in panel.profiles])[:, None]
    since = past.days_since("cycle", started)
    # The length of the cycle that ended at each start.
    length = np.where(started, past.yesterday("cycle day", since) + 1.0, np.nan)
    length[np.isinf(length)] = np.nan
    strange = (length > P.whole("signs.cycle_long_d")) | (length < P.whole("signs.cycle_short_d"))
    history = P.whole("signs.cycle_history_d")

    def lately(ended: Bools, strange: Bools) -> tuple[Ints, Ints, Ints]:
        return Events(ended).count_last(strange, 1, history)

    odd, known, _ = past.look_back("cycles", history, lately, ~np.isnan(length), strange)
    variation = _variation(past, length)
    absent = since >= P.whole("signs.cycle_absent_d")
    with np.errstate(invalid="ignore"):
        irregular = absent | (odd > 0) | (variation > P.whole("signs.cycle_variation_d"))
    told = natural & np.isfinite(since) & (absent | (known > 0))
    strength = np.where(
        told, b.fill(irregular, P.number("signs.cycle_strength"), P.number("signs.cycle_regular")), np.nan
    )
    return [b.Branch("cycle", strength, facts={"since": since, "variation": variation})]


def _variation(past: Past, length: Floats) -> Floats:
    """The range of the last three cycle lengths; NaN with fewer."""
    last = past.latest("cycle length", length)
    lengths = [last]
    for number in (2, 3):
        # What was the last one on the eve of each end is the one before it from then on.
        eve = past.yesterday(f"cycle length {number}", lengths[-1])
        lengths.append(past.latest(f"cycle length before {number}", np.where(np.isnan(length), np.nan, eve)))
    return np.asarray(np.max(lengths, axis=0) - np.min(lengths, axis=0))


def _gut(panel: Panel) -> list[b.Branch]:
    if not panel.has("bowel"):
        return []
    told = ~np.isnan(panel["bowel"])
    with np.errstate(invalid="ignore"):
        bad = panel["bowel"] > 0
    out = []
    for days in (P.whole("baseline.window_d"), P.whole("signs.slow_window_d")):
        at_least, table = P.whole("baseline.window_min"), b.persistence_table(days)
        strength, k, n = panel.past.look_back(
            f"gut {days}", days - 1, partial(persisting, table=table, days=days, at_least=at_least), bad, told
        )
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
    strength, k, n = _lasting(panel, usual, AWAKE)
    mean = _week(panel, awake, AWAKE)
    facts = {"k": k.astype(float), "n": n.astype(float), "mean": 1.0 - mean, "middle": 1.0 - usual.middle}
    return [b.Branch("sleep.broken", strength, weight=P.number("signs.efficiency_weight"), facts=facts)]
