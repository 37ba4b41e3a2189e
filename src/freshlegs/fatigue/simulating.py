"""The coming weeks, simulated many times: where the state may go under a coming load, by the model's own tables.

Each run of the simulation draws a state from what is believed this morning, moves it day by day by the transition table
(with the risk, the lighter weeks and the overtraining gate that the coming load brings), and draws the signs that such
a state shows from the emission table. The chain then reads those signs as it reads real ones. Signs hold on average for
W days, the number by which the chain divides each day's evidence because its windows overlap.

It says what the model would expect of itself. That a lighter load ends a state sooner is in its transition table, as
judgement; nothing here is evidence for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import polars as pl

from freshlegs import tables
from freshlegs import vocabulary as v
from freshlegs.fatigue.assessment import Assessment, evaluate
from freshlegs.fatigue.chain import log_evidence
from freshlegs.fatigue.decision import INSUFFICIENT
from freshlegs.fatigue.filtering import filter_states, moves
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.past import Bools, Floats

PATHS: Final = 1000
_BEYOND: Final = v.CHAIN_STATES.index("excessive")


@dataclass(frozen=True, slots=True)
class Ahead:
    """The days ahead, one entry a day, tomorrow first.

    ``states`` [h, 4]: share of the runs in each chain state. ``believed`` [h]: mean belief in more than normal fatigue,
    as the chain would then hold it. ``days_beyond`` [n]: days each run spends beyond normal. ``left_on`` [n]: number of
    the first day a run is back in the normal range (h + 1 when it is not, 0 when it starts there). ``chronic``,
    ``acute`` [h]: the load trends of 42 and 7 days on each of these mornings.
    """

    states: Floats
    believed: Floats
    days_beyond: Floats
    left_on: Floats
    chronic: Floats
    acute: Floats


def simulate(
    days: pl.DataFrame,
    athlete: Any,
    day: date,
    coming: Sequence[Mapping[str, Any]],
    profile: tables.Profile = None,
    *,
    paths: int = PATHS,
    seed: int = 0,
) -> Ahead | None:
    """What may come after the morning of ``day`` if the days from then on hold these sessions.

    ``days``: table DAYS of that athlete; later rows are not looked at. ``coming``: one mapping a day, today's first, of
    columns of DAYS that tell of its runs (``load_lu`` at least). The same seed draws the same luck for any load, so
    that two plans can be compared path by path. None when that morning has not enough data.
    """
    ahead = pl.DataFrame(
        [{"date": day + timedelta(days=n + 1), **told} for n, told in enumerate(coming)],
        schema_overrides={"load_lu": pl.Float64},
    ).with_columns(pl.lit(athlete, dtype=days.schema["athlete"]).alias("athlete"))
    whole = pl.concat([days.filter(pl.col("date") <= day), ahead], how="diagonal_relaxed")
    for found in evaluate(whole, profile):
        a, t = found.place(athlete, day)
        if found.decision.state[a, t] != INSUFFICIENT:
            return _run(found, a, t, len(coming), np.random.default_rng(seed), paths)
    return None


def _run(found: Assessment, a: int, t: int, horizon: int, luck: np.random.Generator, paths: int) -> Ahead:
    coming = slice(t + 1, t + 1 + horizon)
    risk = np.where(np.isnan(found.risk[a, coming]), 1.0, found.risk[a, coming])
    deload, failed = found.hazards.deload[a, coming], found.failed_rest[a, coming]
    rates = moves(risk, deload, failed)
    now, quality = found.signs.strength[a, t], found.signs.quality[a, t]
    state = _drawn(np.tile(found.p[a, t], (paths, 1)), luck.random(paths))
    begins = state >= _BEYOND
    belief, gate = np.tile(found.p[a, t], (paths, 1)), np.full(paths, found.gate[a, t + 1])
    shown = np.tile(now, (paths, 1))
    states, believed = np.empty((horizon, len(v.CHAIN_STATES))), np.empty(horizon)
    beyond = np.zeros((horizon, paths), dtype=bool)
    for h in range(horizon):
        after = _moved(state, rates[h], gate, luck.random(paths))
        again = (luck.random(paths) < 1.0 / P.window) | (after != state)
        state = after
        shown = np.where(again[:, None], _signs(state, ~np.isnan(now), luck.random((paths, len(v.SIGNS)))), shown)
        evidence = log_evidence(shown, np.tile(quality, (paths, 1))).log_lik[:, None, :]
        told = np.ones((paths, 1), dtype=bool)
        read = filter_states(
            evidence, np.full((paths, 1), risk[h]), told & deload[h], told & failed[h], start=belief, gate=gate
        )
        belief, gate = read.p[:, 0], read.gate[:, 1]
        states[h] = np.bincount(state, minlength=len(v.CHAIN_STATES)) / paths
        believed[h] = belief[:, _BEYOND:].sum(axis=1).mean()
        beyond[h] = state >= _BEYOND
    free = np.concatenate([~begins[None], ~beyond])
    left = np.where(free.any(axis=0), free.argmax(axis=0), horizon + 1).astype(np.float64)
    trend = (found.hazards.chronic[a, coming], found.hazards.acute[a, coming])
    return Ahead(states, believed, beyond.sum(axis=0).astype(np.float64), left, *trend)


def _drawn(chances: Floats, luck: Floats) -> Any:
    """One state a row, by its chances."""
    return np.minimum((luck[:, None] > np.cumsum(chances, axis=1)).sum(axis=1), chances.shape[1] - 1)


def _moved(state: Any, rates: Floats, gate: Any, luck: Floats) -> Any:
    """The state a day later; ``rates`` [6] in the order of `chain.moves`."""
    up = np.append(rates[:3], 0.0)[state]
    up = np.where((state == _BEYOND) & (gate < P.gate_d), 0.0, up)
    down = np.insert(rates[3:], 0, 0.0)[state]
    # Little luck moves down, much moves up: two plans with the same luck differ by their rates alone.
    return state - (luck < down) + (luck >= 1.0 - up)


def _signs(state: Any, measured: Bools, luck: Floats) -> Floats:
    """[n, 15] strengths that such states show; signs not measured this morning stay so."""
    present = luck < P.emissions[:, state].T
    strength = np.where(present, P.number("simulation.present"), P.number("simulation.absent"))
    return np.where(measured, strength, np.nan)
