"""From days to verdicts: the whole chain of one panel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import polars as pl

from freshlegs import tables
from freshlegs import vocabulary as v
from freshlegs.fatigue.baseline import Reference, settled
from freshlegs.fatigue.branches import Branch
from freshlegs.fatigue.chain import log_evidence
from freshlegs.fatigue.decision import Decision, decide, groups_observed
from freshlegs.fatigue.excerpt import Window
from freshlegs.fatigue.filtering import filter_states
from freshlegs.fatigue.hazards import Hazards, weigh
from freshlegs.fatigue.panel import Panel, blocks
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.past import Bools, Floats, Ints, Past
from freshlegs.fatigue.signs import Signs, detect, efforts, frozen_days, quantities, references

LOT_COSTS_CELLS: Final = 4_000
"""Judging some athletes' days anew takes so many cells' time before the first of them."""


@dataclass(slots=True)
class Assessment:
    """Everything that led to the verdicts of one block of athletes; arrays are athlete by day.

    ``p``: the chain's belief [athlete, day, state]; ``group_log_ratio``: [athlete, day, group], evidence for
    excessive against cumulative after the cap, before the division by W; ``gate``: the day count of the overtraining
    gate; ``risk``: the risk multiplier as used.
    """

    panel: Panel
    signs: Signs
    hazards: Hazards
    p: Floats
    log_lik: Floats
    group_log_ratio: Floats
    gate: Any
    risk: Floats
    failed_rest: Bools
    decision: Decision

    def place(self, athlete: Any, day: date) -> tuple[int, int]:
        """Row and column of an athlete's day; KeyError if it is not among them."""
        a = self.panel.athletes.index(athlete)
        t = self.panel.index(a, day)
        if not (0 <= t < self.panel.shape[1] and self.panel.alive[a, t]):
            raise KeyError(day)
        return a, t


def evaluate(days: pl.DataFrame, profile: tables.Profile = None) -> list[Assessment]:
    """The days of any number of athletes, evaluated in blocks; see `Assessment`. Raises as `assess` does."""
    return [settle(panel) for panel in blocks(days, profile)]


def settle(panel: Panel) -> Assessment:
    """Evaluate, then again with the reference held where fatigue is excessive, until nothing changes."""
    past, everybody = panel.past, np.arange(panel.shape[0])
    performance = efforts.performance_trend(panel)
    frozen = np.zeros(panel.shape, dtype=bool)
    frozen[:, 0] = past.carried("excessive", 0.0) > P.number("baseline.freeze_p")
    now = _evaluate(panel, references(panel, frozen), performance)
    _believe(now, everybody)
    # A day's reference depends on earlier days alone, so each round settles at least one more change of the mask.
    while True:
        wanted = frozen_days(now.p[..., 2] + now.p[..., 3], past)
        changed = wanted != frozen
        moved = np.flatnonzero(changed.any(axis=1))
        if len(moved) == 0:
            break
        frozen = wanted
        windows: Iterable[Window] = [Window(moved, np.zeros_like(moved), panel.shape[1])]
        if past.begins and past.kept is None:
            windows = _touched(panel, moved, frozen[moved], changed[moved])
        for window in windows:
            own = references(panel, frozen[window.rows], window)
            _put(now, _evaluate(panel.through(window), own, performance.through(window)), window)
        _believe(now, moved, int(changed[moved].argmax(axis=1).min()))
    before = np.arange(panel.shape[1]) < _known_from(now.signs, everybody, past)[:, None]
    now.decision = decide(panel, now.signs, now.p, now.hazards.resting, before)
    return now


def _touched(panel: Panel, moved: Any, frozen: Bools, changed: Bools) -> Iterator[Window]:
    """The days whose signs may be others now that the mask has changed, athletes with as many such days together."""
    days = panel.shape[1]
    reach = max(P.whole("signs.slow_window_d"), P.whole("signs.recovery_window_d")) + P.whole("baseline.window_d")
    low = np.maximum(changed.argmax(axis=1) - reach, 0)
    same = [settled(quantity, moved, frozen, changed) for quantity in quantities(panel).values()]
    span = np.minimum(np.max(same, axis=0) + reach, days) - low
    for chosen in _alike(span):
        width = int(span[chosen].max())
        yield Window(moved[chosen], np.minimum(low[chosen], days - width), width, reach)


def _alike(span: Ints) -> Iterator[Ints]:
    """Who goes together: a lot is as wide as its widest, and each costs `LOT_COSTS_CELLS` more than its cells."""
    order = np.argsort(span, kind="stable")
    cost, begins = np.zeros(len(span) + 1), np.zeros(len(span) + 1, dtype=np.int64)
    for stop, widest in enumerate(span[order].tolist(), start=1):
        start = np.arange(stop)
        costs = cost[:stop] + LOT_COSTS_CELLS + (stop - start) * widest
        begins[stop] = costs.argmin()
        cost[stop] = costs[begins[stop]]
    stop = len(span)
    while stop:
        yield np.sort(order[begins[stop] : stop])
        stop = int(begins[stop])


def _evaluate(panel: Panel, own: dict[str, Reference], performance: efforts.Performance) -> Assessment:
    """Signs, hazards and evidence; what is believed and decided comes later."""
    signs = detect(panel, own, performance)
    hazards = weigh(panel, signs.usual, _weight_strength(signs, panel.shape))
    evidence = log_evidence(signs.strength, signs.quality)
    risk = np.where(groups_observed(signs.strength) >= P.whole("minimum.groups"), hazards.risk, 1.0)
    with np.errstate(invalid="ignore"):
        persisting = (signs.strength >= P.number("signs.firm")).sum(axis=-1) >= P.whole("decision.excessive_signs")
    failed = hazards.resting & persisting
    athletes, days = panel.shape
    return Assessment(
        panel=panel,
        signs=signs,
        hazards=hazards,
        p=np.empty((athletes, days, len(v.CHAIN_STATES))),
        log_lik=evidence.log_lik,
        group_log_ratio=evidence.group_log_ratio,
        gate=np.empty((athletes, days + 1), dtype=np.int64),
        risk=risk,
        failed_rest=failed,
        decision=_NOT_YET,
    )


def _believe(now: Assessment, rows: Any, since: int = 0) -> None:
    """The chain's belief; once the runner's own usual is known, without what only the population had judged.

    Somebody who always answers two of ten is not ill: the weeks before that was known must not linger. ``since``: the
    first day on which anything changed; what was believed before it stands.
    """
    days, past = now.panel.shape[1], now.panel.past.choose(rows)
    known_from = _known_from(now.signs, rows, past)
    goes_on = past.kept is not None or not past.begins
    stands = since if known_from.max() <= since and not goes_on else 0
    log_lik, risk = now.log_lik[rows, stands:], now.risk[rows, stands:]
    deload, failed = now.hazards.deload[rows, stands:], now.failed_rest[rows, stands:]
    if stands > 0:
        later = filter_states(log_lik, risk, deload, failed, now.p[rows, since - 1], now.gate[rows, since])
        now.p[rows, since:], now.gate[rows, since:] = later.p, later.gate
        return
    # Who is never known stays with what others would mean by it; where days may follow, both beliefs are kept.
    counts = (known_from < days) | goes_on
    early = int(known_from.max(where=counts, initial=0))
    before = np.arange(early)[None, :] < np.where(counts, known_from, 0)[:, None]
    learning = slice(0, early)
    start, gate = _carried_belief(past, "all")
    first = filter_states(
        log_lik[:, learning], risk[:, learning], deload[:, learning], failed[:, learning], start, gate
    )
    strength, quality, by_own = (x[rows, learning] for x in (now.signs.strength, now.signs.quality, now.signs.by_own))
    kept = np.where((by_own < 1.0) & before[..., None], 0.0, quality)
    log_lik[:, learning] = log_evidence(strength, kept).log_lik
    start, gate = _carried_belief(past, "own")
    found = filter_states(log_lik, risk, deload, failed, start, gate)
    _keep_belief(past, "own", found.p, found.gate, past.length)
    _keep_belief(past, "all", first.p, first.gate, np.minimum(past.length, early))
    found.p[:, learning][before] = first.p[before]
    found.gate[:, learning][before] = first.gate[:, :-1][before]
    now.p[rows], now.gate[rows] = found.p, found.gate


_NOT_YET: Final[Any] = None


def _carried_belief(past: Past, which: str) -> tuple[Any, Any]:
    """Belief and gate to go on from, by all evidence or without what the population had judged."""
    if past.begins:
        return None, None
    return past.block(f"belief {which}", len(v.CHAIN_STATES), np.nan), past.carried(f"gate {which}", 0, np.int64)


def _keep_belief(past: Past, which: str, p: Floats, gate: Any, length: Any) -> None:
    """Keep the belief after each athlete's last day, as far as it was worked out."""
    if past.kept is not None:
        rows, last = np.arange(len(length)), np.maximum(length - 1, 0)
        nothing = np.full((len(length), len(v.CHAIN_STATES)), np.nan)
        past.keep(f"belief {which}", p[rows, last] if p.shape[1] else nothing)
        past.keep(f"gate {which}", gate[rows, np.minimum(last + 1, gate.shape[1] - 1)])


def _known_from(signs: Signs, rows: Any, past: Past) -> Any:
    """The first day on which three groups are judged by the runner's own usual; the number of days if never.

    Looked for in the first days, where it nearly always is, and among all only for whom it is not.
    """
    days = signs.strength.shape[1]
    known = past.carried("known", False, np.bool_)
    found, left = np.where(known, 0, days), np.flatnonzero(~known)
    for stop in (min(4 * P.whole("baseline.learning_d"), days), days):
        strength, by_own = (x[rows[left], :stop] for x in (signs.strength, signs.by_own))
        own = groups_observed(np.where(by_own < 1.0, np.nan, strength)) >= P.whole("minimum.groups")
        told = own.any(axis=1)
        found[left[told]] = own[told].argmax(axis=1)
        left = left[~told]
    past.keep("known", found < days)
    return found


def _weight_strength(signs: Signs, shape: tuple[int, int]) -> Floats:
    for branch in signs.by_name["weight_appetite_loss"].branches:
        if branch.key == "weight":
            return branch.strength
    return np.full(shape, np.nan)


def _put(whole: Assessment, part: Assessment, window: Window) -> None:
    """Write what was worked out anew into the block."""
    for name in ("log_lik", "group_log_ratio", "risk", "failed_rest"):
        window.put(getattr(whole, name), getattr(part, name))
    for name in ("strength", "quality", "by_own"):
        window.put(getattr(whole.signs, name), getattr(part.signs, name))
    for sign, found in part.signs.by_name.items():
        target = whole.signs.by_name[sign]  # its strength and quality are those put already
        place = _places(target.branches, found.branches)
        window.put(target.spoke, np.where(found.spoke >= 0, place[found.spoke], found.spoke))
        for number, new in enumerate(found.branches):
            old = target.branches[place[number]]
            window.put(old.strength, new.strength)
            if isinstance(old.weight, np.ndarray) and isinstance(new.weight, np.ndarray):
                window.put(old.weight, new.weight)
            for key, values in new.facts.items():
                window.put(old.facts[key], values)
    for item, usual in part.signs.usual.items():
        for name in ("middle", "scale", "bad", "learning"):
            window.put(getattr(whole.signs.usual[item], name), getattr(usual, name))
    for name, flag in part.hazards.flags.items():
        window.put(whole.hazards.flags[name], flag)
    window.put(whole.hazards.risk, part.hazards.risk)


def _places(whole: list[Branch], part: list[Branch]) -> Any:
    """Where each branch of some athletes stands among everybody's, in the same order.

    A branch that only the others have data for is missing among theirs; it says nothing of them, before as after.
    """
    remaining = iter(enumerate(whole))
    return np.array([next(number for number, one in remaining if one.key == branch.key) for branch in part] or [-1])
