"""From days to verdicts: the whole chain of one panel, and its public front door."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import polars as pl

from freshlegs import tables
from freshlegs import vocabulary as v
from freshlegs.fatigue.branches import Branch
from freshlegs.fatigue.chain import filter_states, log_evidence
from freshlegs.fatigue.decision import INSUFFICIENT, Decision, decide, groups_observed
from freshlegs.fatigue.hazards import Hazards, weigh
from freshlegs.fatigue.panel import Bools, Floats, Panel, blocks
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.signs import Signs, detect, efforts, frozen_days


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
    return list(_evaluated(days, profile))


def _evaluated(days: pl.DataFrame, profile: tables.Profile) -> Iterator[Assessment]:
    for panel in blocks(days, profile):
        yield _settle(panel)


def _settle(panel: Panel) -> Assessment:
    """Evaluate, then again with the reference held where fatigue is excessive, until nothing changes."""
    performance = efforts.performance_trend(panel)
    frozen = np.zeros(panel.shape, dtype=bool)
    now = _evaluate(panel, frozen, performance)
    # A day's reference depends on earlier days alone, so each round settles at least one more change of the mask.
    while True:
        wanted = frozen_days(now.p[..., 2] + now.p[..., 3])
        moved = np.flatnonzero((wanted != frozen).any(axis=1))
        if len(moved) == 0:
            break
        frozen = wanted
        if len(moved) == panel.shape[0]:
            now = _evaluate(panel, frozen, performance)
        else:
            part = _evaluate(panel.choose(moved), frozen[moved], _chosen(performance, moved))
            _put(now, part, moved)
    now.decision = decide(panel, now.signs, now.p, now.hazards.resting, _borrowed(now.signs)[1])
    return now


def _chosen(performance: efforts.Performance, rows: Any) -> efforts.Performance:
    return efforts.Performance(
        performance.delta[rows], performance.sd[rows], performance.since[rows], performance.plateau[rows]
    )


def _evaluate(panel: Panel, frozen: Bools, performance: efforts.Performance) -> Assessment:
    signs = detect(panel, frozen, performance)
    hazards = weigh(panel, signs.usual, _weight_strength(signs, panel.shape))
    evidence = log_evidence(signs.strength, signs.quality)
    risk = np.where(groups_observed(signs.strength) >= P.whole("minimum.groups"), hazards.risk, 1.0)
    with np.errstate(invalid="ignore"):
        persisting = (signs.strength >= P.number("signs.firm")).sum(axis=-1) >= P.whole("decision.excessive_signs")
    failed = hazards.resting & persisting
    p, gate = _believe(signs, evidence.log_lik, risk, hazards.deload, failed)
    return Assessment(
        panel, signs, hazards, p, evidence.log_lik, evidence.group_log_ratio, gate, risk, failed, _NOT_YET
    )


def _believe(signs: Signs, log_lik: Floats, risk: Floats, deload: Bools, failed: Bools) -> tuple[Floats, Any]:
    """The chain's belief; once the runner's own usual is known, without what only the population had judged.

    Somebody who always answers two of ten is not ill: the weeks before that was known must not linger.
    """
    first = filter_states(log_lik, risk, deload, failed)
    borrowed, before = _borrowed(signs)
    if not before.any():
        return first.p, first.gate
    kept = np.where(borrowed & before[..., None], 0.0, signs.quality)
    anew = filter_states(log_evidence(signs.strength, kept).log_lik, risk, deload, failed)
    gate = np.where(np.pad(before, ((0, 0), (0, 1))), first.gate, anew.gate)
    return np.where(before[..., None], first.p, anew.p), gate


_NOT_YET: Final[Any] = None


def _borrowed(signs: Signs) -> tuple[Bools, Bools]:
    """Signs judged by what is usual for others, and the days before three groups were judged by the own usual."""
    others = signs.by_own < 1.0
    own = groups_observed(np.where(others, np.nan, signs.strength)) >= P.whole("minimum.groups")
    known_from = np.where(own.any(axis=1), own.argmax(axis=1), own.shape[1])
    before = np.arange(own.shape[1])[None, :] < known_from[:, None]
    return others, before


def _weight_strength(signs: Signs, shape: tuple[int, int]) -> Floats:
    for branch in signs.by_name["weight_appetite_loss"].branches:
        if branch.key == "weight":
            return branch.strength
    return np.full(shape, np.nan)


def assess(days: pl.DataFrame, profile: tables.Profile = None) -> pl.DataFrame:
    """One verdict for every athlete and every date from that athlete's first to last (table `tables.VERDICTS`).

    ``days``: what `freshlegs.daily` gives, or any frame with ``date``, ``athlete`` (without it everything is one
    athlete's) and some of its columns, rows in any order; a missing column is a signal nobody measured, a gap
    between dates is unknown days, a value outside its range counts as missing. ``profile``: one mapping for all, or
    a frame with a row an athlete. The probabilities are null with ``insufficient_data``. A row depends only
    on its own and earlier rows. Raises `WrongRequest` (a `ValueError`) for two rows of one day, and for columns of
    another type.
    """
    frames = [_frame(assessment) for assessment in _evaluated(days, profile)]
    if not frames:
        return tables.VERDICTS.frame()
    athlete_type = days.schema.get("athlete", pl.String())
    return pl.concat(frames).with_columns(pl.col("athlete").cast(athlete_type)).sort("athlete", "date")


def _frame(found: Assessment) -> pl.DataFrame:
    panel = found.panel
    rows, columns = np.nonzero(panel.alive)
    state = found.decision.state[rows, columns]
    spoken = state != INSUFFICIENT
    data: dict[str, Any] = {
        "athlete": pl.Series(panel.athletes)[rows],
        "date": pl.Series(panel.first[rows] + columns).cast(pl.Int32).cast(pl.Date),
        "state": pl.Series(np.array(v.STATES)[state]),
    }
    for number, name in enumerate(v.CHAIN_STATES):
        data[f"p_{name}"] = pl.Series(np.where(spoken, found.p[rows, columns, number], np.nan)).fill_nan(None)
    for number, sign in enumerate(v.SIGNS):
        data[f"strength_{sign}"] = pl.Series(found.signs.strength[rows, columns, number]).fill_nan(None)
    for number, group in enumerate(v.GROUPS):
        data[f"log_ratio_{group}"] = pl.Series(found.group_log_ratio[rows, columns, number]).fill_nan(None)
    return pl.DataFrame(data)


def _put(whole: Assessment, part: Assessment, rows: Any) -> None:
    """Write the re-evaluated athletes back into the block."""
    for name in ("p", "log_lik", "group_log_ratio", "gate", "risk", "failed_rest"):
        getattr(whole, name)[rows] = getattr(part, name)
    for name in ("strength", "quality", "by_own"):
        getattr(whole.signs, name)[rows] = getattr(part.signs, name)
    for sign, found in part.signs.by_name.items():
        target = whole.signs.by_name[sign]
        place = _places(target.branches, found.branches)
        target.strength[rows], target.quality[rows] = found.strength, found.quality
        target.spoke[rows] = np.where(found.spoke >= 0, place[found.spoke], found.spoke)
        for number, new in enumerate(found.branches):
            old = target.branches[place[number]]
            old.strength[rows] = new.strength
            for key, values in new.facts.items():
                old.facts[key][rows] = values
    for item, usual in part.signs.usual.items():
        for name in ("middle", "scale", "anchor", "slow_mean", "bad", "learning"):
            getattr(whole.signs.usual[item], name)[rows] = getattr(usual, name)
    _put_hazards(whole.hazards, part.hazards, rows)


def _places(whole: list[Branch], part: list[Branch]) -> Any:
    """Where each branch of some athletes stands among everybody's, in the same order.

    A branch that only the others have data for is missing among theirs; it says nothing of them, before as after.
    """
    remaining = iter(enumerate(whole))
    return np.array([next(number for number, one in remaining if one.key == branch.key) for branch in part] or [-1])


def _put_hazards(whole: Hazards, part: Hazards, rows: Any) -> None:
    for name, flag in part.flags.items():
        whole.flags[name][rows] = flag
    whole.risk[rows] = part.risk
