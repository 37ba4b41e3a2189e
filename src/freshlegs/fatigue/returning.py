"""How soon the signs may be gone, and where the state may stand by then, if the coming load is known.

How soon: each day some of the spells of signs end, fewer the stronger the signs are together. The two numbers of that
are fitted on public diaries and give way slowly to how the runner's own signs went after mornings like this one.
How much is run meanwhile told nothing beyond that, on real diaries as on made ones, so the load is not in it.

Where the state: the chain of states is carried forward with the coming load, once as if the signs stayed as they are
and once as if they were gone from tomorrow; the truth should lie between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from freshlegs import tables
from freshlegs.fatigue.assessment import Assessment, evaluate
from freshlegs.fatigue.chain import log_evidence
from freshlegs.fatigue.decision import INSUFFICIENT
from freshlegs.fatigue.filtering import filter_states
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.past import Floats


@dataclass(frozen=True, slots=True)
class Return:
    """The days ahead, one entry a day, tomorrow first.

    ``signs``: signs present this morning. ``p_gone``: the probability that on that day or before it no sign is left.
    ``alike``: past mornings of the runner that count as like this one. ``beyond_if_stay`` and ``beyond_if_gone``: the
    chain's belief in more than normal fatigue if the signs stay as they are, and if they are gone from tomorrow.
    """

    signs: int
    p_gone: list[float]
    alike: float
    beyond_if_stay: list[float]
    beyond_if_gone: list[float]


def returning(
    days: pl.DataFrame, athlete: Any, day: date, loads: Sequence[float], profile: tables.Profile = None
) -> Return | None:
    """What may come after the morning of ``day`` if the days from then on hold these loads (LU, today's first).

    ``days``: table DAYS of that athlete; later rows are not looked at. None when that morning has not enough data.
    """
    ahead = pl.DataFrame(
        {
            "athlete": pl.Series([athlete] * len(loads), dtype=days.schema["athlete"]),
            "date": [day + timedelta(days=n + 1) for n in range(len(loads))],
            "load_lu": [float(load) for load in loads],
        }
    )
    for found in evaluate(pl.concat([days.filter(pl.col("date") <= day), ahead], how="diagonal"), profile):
        a, t = found.place(athlete, day)
        if found.decision.state[a, t] != INSUFFICIENT:
            return ahead_of(found, a, t, len(loads))
    return None


def ahead_of(found: Assessment, a: int, t: int, horizon: int) -> Return:
    """The days after column ``t`` of row ``a``; their loads are those of the assessment."""
    with np.errstate(invalid="ignore"):
        signs = int((found.signs.strength[a, t] > P.number("signs.present")).sum())
    p_gone, alike = chances(found.signs.strength[a], found.decision.state[a] != INSUFFICIENT, t, horizon)
    now = found.signs.strength[a, t]
    stay = _carried(found, a, t, horizon, now)
    gone = _carried(found, a, t, horizon, np.where(np.isnan(now), np.nan, P.number("memory.absent")))
    return Return(signs, p_gone.tolist(), alike, stay.tolist(), gone.tolist())


def chances(strength: Floats, spoken: Any, t: int, horizon: int) -> tuple[Floats, float]:
    """[h] the chance that no sign is left on that day or before, and how many past mornings were like this one.

    ``strength`` [T, 15] of one runner, of which nothing after ``t`` is looked at; ``spoken`` [T]: enough data.
    """
    with np.errstate(invalid="ignore"):
        present = strength[: t + 1] > P.number("signs.present")
        above = np.where(present, strength[: t + 1] - P.number("signs.present"), 0.0).sum(axis=1)
    if not present[t].any():
        return np.ones(horizon), 0.0
    a_day = P.number("returning.end_a_day") * np.exp(-P.number("returning.slower") * above[t])
    fitted = 1.0 - (1.0 - a_day) ** np.arange(1, horizon + 1)
    past = np.arange(max(0, t - horizon + 1))
    past = past[np.asarray(spoken)[past] & present[past].any(axis=1)]
    if len(past) == 0:
        return np.asarray(fitted), 0.0
    gone = np.maximum.accumulate(~present[past[:, None] + np.arange(1, horizon + 1)].any(axis=-1), axis=1)
    weight = np.exp(-(((above[past] - above[t]) / P.number("returning.near")) ** 2))
    half = P.number("returning.own_mornings")
    return np.asarray((weight @ gone + half * fitted) / (weight.sum() + half)), float(weight.sum())


def _carried(found: Assessment, a: int, t: int, horizon: int, strength: Floats) -> Floats:
    """[h] the belief in more than normal fatigue if every day ahead had these signs, under the coming load."""
    coming = slice(t + 1, t + 1 + horizon)
    evidence = log_evidence(np.tile(strength, (horizon, 1)), np.tile(found.signs.quality[a, t], (horizon, 1)))
    ahead = filter_states(
        evidence.log_lik[None],
        found.hazards.risk[a : a + 1, coming],
        found.hazards.deload[a : a + 1, coming],
        found.failed_rest[a : a + 1, coming],
        start=found.p[a, t],
        gate=found.gate[a : a + 1, t + 1],
    ).p[0]
    return np.asarray(ahead[:, 2] + ahead[:, 3])
