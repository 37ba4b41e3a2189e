"""The two coming weeks, simulated as the plan stands and as a proposal would make it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import polars as pl

from freshlegs import vocabulary as v
from freshlegs.diary.known import Known
from freshlegs.diary.plans.keeping import Kept
from freshlegs.diary.plans.showing import loads
from freshlegs.diary.verdicts import Verdicts
from freshlegs.fatigue.simulating import PATHS, Ahead, simulate
from freshlegs.problems import WrongRequest
from freshlegs.recovery.sessions import EASY_SHARE, RUNNING, Session
from freshlegs.recovery.words import full_day
from freshlegs.tables import Row

DAYS: Final = 14
MOST: Final = 42
SEED: Final = 2026

ASSUMPTIONS: Final = (
    "Every planned session is run as planned, and nothing else; a day without a session is rest.",
    "States move by the model's transition table, which holds judgement: a week at 70 % of the usual load or less ends "
    "excessive fatigue three times as fast. That is assumed, not shown.",
    "Sleep, stress and food stay as they are; signs come and go by the model's emission table.",
)


def simulated(verdicts: Verdicts, kept: Kept, after: pl.DataFrame | None, days: int = DAYS) -> Row:
    """The document of ``plan simulate --json``; ``after``: the plan as the proposal would make it."""
    if isinstance(days, bool) or not 1 <= days <= MOST:
        raise WrongRequest(f"days must be a whole number from 1 to {MOST}, not {days}")
    today, known = verdicts.today, Known(verdicts.store)
    frame, _ = verdicts.evaluated(known, today)
    stays = _ahead(verdicts, known, frame, kept.sessions, days)
    taken = None if after is None else _ahead(verdicts, known, frame, after, days)
    return Row(
        schema_version=v.SCHEMA_VERSION,
        athlete=verdicts.store.athlete,
        date=today.isoformat(),
        simulation=True,
        paths=PATHS,
        seed=SEED,
        days=days,
        plan=stays,
        proposal=taken,
        assumptions=list(ASSUMPTIONS),
        text=_text(stays, taken, today + timedelta(days=days)),
    )


def _ahead(verdicts: Verdicts, known: Known, frame: pl.DataFrame, plan: pl.DataFrame, days: int) -> Row:
    today = verdicts.today
    last = today + timedelta(days=days - 1)
    rows = plan.filter(pl.col("date").is_between(today, last)).to_dicts()
    coming = told_by(list(loads(rows, known, today).values()), today, days)
    found = None
    if frame.height:
        found = simulate(frame, verdicts.store.athlete, today, coming, known.profile, seed=SEED)
    return Row(days=[_day(today, n, coming[n], found) for n in range(days)], **_sum(found))


def told_by(sessions: Sequence[Session], today: date, days: int) -> list[dict[str, Any]]:
    """What planned sessions would tell of each day, today's first, as columns of table DAYS."""
    told = []
    for n in range(days):
        own = [one for one in sessions if one.day == today + timedelta(days=n) and one.busy]
        runs = [one for one in own if one.kind in RUNNING or one.kind == "race"]
        seconds = sum(one.seconds for one in runs)
        easy = sum(one.seconds * EASY_SHARE.get(one.kind, 0.0) for one in runs)
        grey = sum(one.seconds * (1.0 - EASY_SHARE["tempo"]) for one in runs if one.kind == "tempo")
        far = [one.distance_m if one.distance_m is not None else one.seconds * one.speed_mps for one in runs]
        told.append(
            {
                "load_lu": sum(one.lu for one in own),
                "moving_s": seconds,
                "distance_m": sum(far),
                "longest_run_m": max(far, default=None),
                "z1_s": easy if runs else None,
                "z2_s": grey if runs else None,
                "z3_s": seconds - easy - grey if runs else None,
                "quality_session": any(one.hard for one in runs) if runs else None,
            }
        )
    return told


def _day(today: date, n: int, told: Mapping[str, Any], found: Ahead | None) -> Row:
    """A day with the load it holds, and the morning after it."""
    row = Row(
        date=(today + timedelta(days=n)).isoformat(),
        morning=(today + timedelta(days=n + 1)).isoformat(),
        load_lu=round(told["load_lu"], 1),
        fitness_lu=None,
        fatigue_lu=None,
        balance_lu=None,
        states=None,
        believed_beyond=None,
    )
    if found is not None:
        fitness, fatigue = (_known(series[n]) for series in (found.chronic, found.acute))
        row |= {
            "fitness_lu": fitness,
            "fatigue_lu": fatigue,
            "balance_lu": None if fitness is None or fatigue is None else round(fitness - fatigue, 1),
            "states": {name: round(float(found.states[n, i]), 3) for i, name in enumerate(v.CHAIN_STATES)},
            "believed_beyond": round(float(found.believed[n]), 3),
        }
    return row


def _known(value: Any) -> float | None:
    return None if np.isnan(value) else round(float(value), 1)


def _sum(found: Ahead | None) -> dict[str, Any]:
    if found is None:
        return {"beyond_normal_at_end": None, "mean_days_beyond": None}
    return {
        "beyond_normal_at_end": round(float(found.states[-1, 2:].sum()), 3),
        "mean_days_beyond": round(float(found.days_beyond.mean()), 1),
    }


def _text(stays: Row, taken: Row | None, end: date) -> str:
    if stays["beyond_normal_at_end"] is None:
        return "There is not enough data to simulate the state; the load is shown."
    first = f"More than normal fatigue on {full_day(end)}: {_percent(stays)} of the simulated courses if the plan stays"
    if taken is None:
        return f"{first}. A simulation, not a prediction."
    return f"{first}, {_percent(taken)} with the proposal. A simulation, not a prediction."


def _percent(side: Row) -> str:
    return f"{100 * side['beyond_normal_at_end']:.0f} %"
