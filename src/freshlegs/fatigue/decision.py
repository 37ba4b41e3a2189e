"""From probabilities and signs to the state a runner is told: thresholds, duration, hysteresis, hard rules (I.6)."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import reduce
from typing import Final

import numpy as np
import numpy.typing as npt

from freshlegs import vocabulary as v
from freshlegs.fatigue.panel import Panel
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.past import Bools, Floats, Ints, Past
from freshlegs.fatigue.signs import Signs, answers, efforts
from freshlegs.fatigue.windows import Events, counted, trailing

INSUFFICIENT, FRESH, CUMULATIVE, WATCH, EXCESSIVE, OVERTRAINING = range(6)
"""The states as numbers, in the order of the vocabulary."""

NONE: Final = -1

_SIGN: Final = {sign: number for number, sign in enumerate(v.SIGNS)}
_FILLED_IN: Final = frozenset(
    {"load_lu", "load_quality", "distance_m", "longest_run_m", "moving_s", "z1_s", "z2_s", "z3_s"}
)
_IN_GROUP: Final = tuple([_SIGN[sign] for sign in signs] for signs in v.GROUPS.values())
"""The places of each group's signs."""


@dataclass(slots=True)
class Decision:
    """The state of every athlete and day, when it began, the rules that hold, and what the minimum lacks.

    ``state``: numbers of `vocabulary.STATES`; ``since``: first day of the present spell of that state;
    ``picture``: first day of the present picture of firm signs (-1 without); ``rules``: name to days it holds.
    """

    state: npt.NDArray[np.int8]
    since: Ints
    picture: Ints
    rules: dict[str, Bools]
    enough: Bools
    history_d: Ints
    recent_d: Ints
    groups_known: Ints


def minimum(panel: Panel, strength: Floats) -> tuple[Bools, Ints, Ints, Ints]:
    """Whether there is enough to speak, with days of history, days with a signal in the last seven, groups seen."""
    signal = np.zeros(panel.shape, dtype=bool)
    for name, values in panel.columns.items():
        # What `daily` fills in by itself (a rest day's zero) is no word from the runner.
        with np.errstate(invalid="ignore"):
            signal |= values > 0 if name in _FILLED_IN else ~np.isnan(values)
    past, week = panel.past, P.whole("baseline.window_d")
    history = past.count("history", past.ever("signal", signal))
    recent = past.look_back("recent", week - 1, lambda some: counted(some, week), signal).astype(np.int64)
    groups = groups_observed(strength)
    enough = (
        (history >= P.whole("minimum.history_d"))
        & (recent >= P.whole("minimum.recent_d"))
        & (groups >= P.whole("minimum.groups"))
    )
    return enough, history, recent, groups


def groups_observed(strength: Floats) -> Ints:
    """In how many groups at least one sign is measured."""
    return _in_groups(~np.isnan(strength))


def _in_groups(flag: Bools) -> Ints:
    """In how many groups at least one sign [..., sign] has the flag."""
    by_sign = np.moveaxis(flag, -1, 0)
    number = np.zeros(flag.shape[:-1], dtype=np.int64)
    for places in _IN_GROUP:
        number += reduce(np.logical_or, (by_sign[place] for place in places))
    return number


def hard_rules(panel: Panel, signs: Signs) -> dict[str, Bools]:
    """The rules that stand above the model and concern the state: A1, A2, A7, A8."""
    return {
        "A1": _never_on_pace(panel, signs),
        "A2": _very_low_for_a_week(panel, signs),
        "A7": _declining_for_a_month(panel, signs),
        "A8": _losing_weight_and_periods(signs),
    }


def _never_on_pace(panel: Panel, signs: Signs) -> Bools:
    """A1: never hits the paces, and the legs always feel heavy."""
    missed, known, span, since = efforts.missed_paces(panel)
    told = panel["hit_pace"]
    past, held_d = panel.past, P.whole("decision.a1_held_d")
    held_before = past.look_back("A1 held", held_d - 1, lambda some: trailing(some, held_d) > 0.5, told == 0.0)
    never = (missed >= P.whole("signs.missed_min")) & (span >= P.whole("signs.missed_span_d")) & (known > 0)
    legs = answers.leg_days(panel, signs.usual)
    if legs is None:
        return np.zeros(panel.shape, dtype=bool)
    runs, bad = legs.answered & ~legs.learning, legs.bad
    last, within, days = (
        P.whole(f"{n}") for n in ("decision.a1_run_days", "signs.recovery_window_d", "decision.a1_span_d")
    )

    def lately(runs: Bools, bad: Bools) -> tuple[Ints, Ints, Floats, Floats]:
        heavy, _, span = Events(runs).count_last(bad, last, within)
        return heavy, span, trailing(runs, days), trailing(runs & bad, days)

    heavy, leg_span, run_days, heavy_days = past.look_back("A1 legs", within, lately, runs, bad)
    share = P.number("decision.a1_legs_share") * run_days
    always = (heavy >= P.whole("decision.a1_legs")) & (heavy_days >= share)
    long_enough = np.maximum(span, leg_span) >= days
    ran = past.days_since("A1 run", runs) <= P.whole("signs.stale_d")
    return never & held_before & always & long_enough & ran & (since <= P.whole("performance.decline_d"))


def _very_low_for_a_week(panel: Panel, signs: Signs) -> Bools:
    """A2: energy at the bottom or soreness at the top for more than a week, and worse than one's own anchor."""
    out = np.zeros(panel.shape, dtype=bool)
    for item, extreme in (
        ("energy", 10.0 - P.number("decision.a2_energy")),
        ("soreness", P.number("decision.a2_soreness")),
    ):
        usual = signs.usual.get(item)
        if usual is not None:
            with np.errstate(invalid="ignore"):
                worse = np.isnan(usual.anchor) | (usual.worse - usual.anchor >= P.number("decision.a2_worse"))
                low = (usual.worse >= extreme) & worse
            out |= panel.past.run_length(f"A2 {item}", low) > P.whole("decision.a2_d")
    return out


def _declining_for_a_month(panel: Panel, signs: Signs) -> Bools:
    """A7: a clear decline for four weeks without an excuse."""
    with np.errstate(invalid="ignore"):
        lower = signs.performance.unexplained < -P.number("decision.a7_decline")
    return panel.past.run_length("A7", lower & (signs.illness >= 1.0)) >= P.whole("decision.a7_d")


def _losing_weight_and_periods(signs: Signs) -> Bools:
    """A8: weight falling together with missed periods."""
    weight, cycle = (signs.by_name[name] for name in ("weight_appetite_loss", "irregular_cycles"))
    with np.errstate(invalid="ignore"):
        scales = [branch.strength >= P.number("signs.firm") for branch in weight.branches if branch.key == "weight"]
        irregular = cycle.strength >= P.number("signs.firm")
    return (scales[0] & irregular) if scales else np.zeros(irregular.shape, dtype=bool)


def _overload(panel: Panel) -> Bools:
    """A5: a planned overload, or the days after a marathon: the bar for excessive is higher."""
    days = np.arange(panel.shape[1])[None, :]
    until = panel.profile_days("overload_until")[:, None]
    with np.errstate(invalid="ignore"):
        camp = np.abs(days - until) <= P.whole("decision.overload_d")
        marathon = panel.past.days_since("marathon", panel["longest_run_m"] >= P.number("decision.marathon_m"))
    return np.asarray(camp | (marathon <= P.whole("decision.marathon_d")))


@dataclass(slots=True)
class Conditions:
    """What lets a state begin and end, day by day."""

    watch: Bools
    watch_over: Bools
    excessive: Bools
    excessive_over: Bools
    overtraining: Bools
    overtraining_over: Bools
    fresh: Bools
    held: Bools


def decide(panel: Panel, signs: Signs, p: Floats, resting: Bools, borrowed: Bools) -> Decision:
    """The state of every day, from the chain's belief ``p`` [athlete, day, state] and the signs.

    ``borrowed``: days on which the belief still rests on what is usual for others; no alarm is built on that.
    """
    strength = signs.strength
    enough, history, recent, groups = minimum(panel, strength)
    with np.errstate(invalid="ignore"):
        firm = strength >= P.number("signs.firm")
        present = strength >= P.number("signs.present")
    of_two = (firm.sum(axis=-1) >= P.whole("decision.excessive_signs")) & (
        _in_groups(firm) >= P.whole("decision.excessive_groups")
    )
    age = panel.past.spell_age("picture", of_two, P.whole("decision.picture_gap_d"))
    picture = np.where(age >= 0, np.arange(panel.shape[1]) - age, NONE)
    rules = hard_rules(panel, signs)
    rules["A5"] = _overload(panel)
    conditions = _conditions(panel, signs, p, firm, present, of_two, age, rules, resting, enough & ~borrowed)
    # A hard rule speaks even where fewer than three groups are known: it rests on its own answers.
    ruled = rules["A1"] | rules["A2"] | rules["A7"] | rules["A8"]
    ruled &= (history >= P.whole("minimum.history_d")) & (recent >= P.whole("minimum.recent_d"))
    state, since = walked(conditions, enough | ruled, panel.past)
    return Decision(state, since, picture, rules, enough, history, recent, groups)


def _conditions(
    panel: Panel,
    signs: Signs,
    p: Floats,
    firm: Bools,
    present: Bools,
    of_two: Bools,
    age: Ints,
    rules: dict[str, Bools],
    resting: Bools,
    enough: Bools,
) -> Conditions:
    past, bad = panel.past, p[..., 2] + p[..., 3]
    slower = firm[..., _SIGN["performance_decline"]] | firm[..., _SIGN["manageable_level"]]
    bar = np.where(rules["A5"], P.number("decision.excessive_overload_p"), P.number("decision.excessive_p"))
    lasting = past.run_length("excessive days", bad >= bar) >= P.whole("decision.excessive_d")
    by_model = enough & lasting & of_two & slower & (age >= P.whole("decision.picture_d"))
    declining = present[..., _SIGN["performance_decline"]]
    calm_days = past.run_length("calm days", bad < P.number("decision.excessive_leave_p"))
    calm = calm_days >= P.whole("decision.excessive_leave_d")
    with np.errstate(invalid="ignore"):
        marked = signs.performance.delta < -P.number("performance.marked")
    long_ill = age > P.whole("decision.overtraining_symptoms_d")
    clear = calm_days >= P.whole("decision.overtraining_clear_d")
    off_rule = past.run_length("off A1", np.logical_not(rules["A1"])) >= P.whole("decision.excessive_leave_d")
    rule_watch = rules["A2"] | rules["A7"] | rules["A8"]
    quiet = past.run_length("quiet days", np.logical_not(present.any(axis=-1))) >= P.whole("decision.quiet_d")
    alert = past.run_length("watch days", bad >= P.number("decision.watch_p")) >= P.whole("decision.watch_d")
    return Conditions(
        watch=(enough & alert) | rule_watch,
        watch_over=(bad < P.number("decision.watch_leave_p")) & ~rule_watch,
        excessive=by_model | rules["A1"],
        excessive_over=calm & ~declining & off_rule,
        overtraining=enough & (p[..., 3] >= P.number("decision.overtraining_p")) & marked & (resting | long_ill),
        overtraining_over=clear | (panel["checked_by_doctor"] == 1.0),
        fresh=quiet & (bad < P.number("decision.fresh_p")),
        held=signs.ill_lately,
    )


def walked(conditions: Conditions, enough: Bools, past: Past) -> tuple[npt.NDArray[np.int8], Ints]:
    """Walk through the days of those athletes who ever leave normal; the others need no walk.

    The state of each day, and the first day of its spell: a negative number where that lies before the first column.
    """
    state = np.where(conditions.fresh, FRESH, CUMULATIVE).astype(np.int8)
    now = past.carried("walk", CUMULATIVE, np.int64)
    excessive_days = past.carried("excessive so far", 0, np.int64)
    ends, counts = np.full(len(state), CUMULATIVE), np.zeros(len(state), dtype=np.int64)
    leaves = (conditions.watch | conditions.excessive).any(axis=1) | (now != CUMULATIVE)
    for a in np.flatnonzero(leaves).tolist():
        length = int(past.length[a])
        ends[a], counts[a] = _walk(conditions, a, length, state, int(now[a]), int(excessive_days[a]))
    past.keep("walk", ends)
    past.keep("excessive so far", counts)
    state = np.where(enough, state, INSUFFICIENT).astype(np.int8)
    days = np.arange(state.shape[1])
    begins = np.ones(state.shape, dtype=bool)
    begins[:, 1:] = state[:, 1:] != state[:, :-1]
    begins[:, 0] = state[:, 0] != past.carried("state", -1, np.int64)
    past.keep_last("state", state.astype(np.int64))
    age = past.days_since("state began", begins)
    return state, days - age.astype(np.int64)


def _walk(
    conditions: Conditions, a: int, length: int, state: npt.NDArray[np.int8], now: int, excessive_days: int
) -> tuple[int, int]:
    """One athlete's days through the states, in place, from the state before; the one after, and its days."""
    names = ("watch", "watch_over", "excessive", "excessive_over", "overtraining", "overtraining_over", "held")
    watch, watch_over, excessive, excessive_over, overtraining, overtraining_over, held = (
        getattr(conditions, name)[a, :length].tolist() for name in names
    )
    normal = state[a, :length].tolist()
    after = P.whole("decision.overtraining_after_d")
    alarms = [*np.flatnonzero(conditions.watch[a, :length] | conditions.excessive[a, :length]).tolist(), length]
    t = -1
    while True:
        t = t + 1 if now != CUMULATIVE else alarms[bisect_right(alarms, t)]  # until then nothing is written
        if t == length:
            return now, excessive_days
        # An infection explains the same signs: while it lasts the state is held, neither worse nor better.
        if held[t] and now != CUMULATIVE:
            excessive_days += now >= EXCESSIVE
            state[a, t] = now
            continue
        if now == OVERTRAINING and overtraining_over[t]:
            now = CUMULATIVE
        if now == EXCESSIVE and excessive_over[t]:
            now = CUMULATIVE
        if now == WATCH and watch_over[t]:
            now = CUMULATIVE
        if now < EXCESSIVE and excessive[t] and not held[t]:
            now, excessive_days = EXCESSIVE, 0
        elif now < WATCH and watch[t] and not held[t]:
            now = WATCH
        if now == EXCESSIVE:
            excessive_days += 1
            if excessive_days >= after and overtraining[t]:
                now = OVERTRAINING
        state[a, t] = normal[t] if now == CUMULATIVE else now
