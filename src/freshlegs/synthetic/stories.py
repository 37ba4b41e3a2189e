"""Training diaries told in a few phases: a tiny language for tests and for the documentation.

A story is a list of phases. A phase says how long it lasts and what is unlike the runner's usual; a pair is a
line from its first to its last day. `tell` makes the days table out of it, run columns a day later than the run.

>>> days = tell(Phase(30), Phase(20, feels={"energy": (0, -3)}, form=-4))
>>> days.height
50
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import polars as pl

from freshlegs import tables

Line = float | tuple[float, float]
"""A level, or a level at the start and at the end of a phase."""

MONDAY: Final = date(2025, 1, 6)

USUAL: Final[Mapping[str, float]] = {
    "energy": 7.0,
    "leg_freshness": 7.0,
    "soreness": 2.0,
    "sleep_quality": 7.0,
    "stress": 3.0,
    "mood": 7.0,
    "relax": 7.0,
    "wish_to_run": 7.5,
    "appetite": 8.0,
}

WEEK: Final = (
    # kind, load (LU), minutes, effort, easy and grey share of the time
    None,
    ("easy", 40.0, 50.0, 3.0, 0.95, 0.05),
    ("quality", 75.0, 60.0, 7.0, 0.60, 0.10),
    ("easy", 40.0, 50.0, 3.0, 0.95, 0.05),
    None,
    ("easy", 45.0, 55.0, 3.0, 0.95, 0.05),
    ("long", 95.0, 110.0, 4.5, 0.90, 0.10),
)
"""A usual week from Monday on."""

EASY_MPS: Final = 2.9
USUAL_INDEX: Final = 45.0


@dataclass(frozen=True, slots=True)
class Phase:
    """Some days of one kind.

    ``feels``: points above or below one's usual answer; ``load``: times the usual week; ``sleep_h``, ``night_bpm`` and
    ``ln_rmssd``: hours, beats and log units unlike usual; ``form``: per cent of speed lost or won, seen every
    ``test_every`` days (0: never); ``effort`` and ``run_hr``: residuals in SD; ``harder`` and ``missed``: how often
    a run felt harder than it should and a quality session missed its pace; ``hard_day``: how many times the usual
    mark a hard day leaves on the next morning; ``grey``: share of easy minutes run in the grey zone;
    ``quality``: whether the week holds its hard session; ``answered``, ``worn``, ``logged``: shares of mornings,
    nights and days of which there is a record; ``ill``: the answer to that question; ``extra``: further columns.
    """

    days: int
    feels: Mapping[str, Line] = field(default_factory=dict)
    load: Line = 1.0
    sleep_h: Line = 0.0
    night_bpm: Line = 0.0
    ln_rmssd: Line = 0.0
    form: Line = 0.0
    test_every: int = 10
    effort: Line = 0.0
    run_hr: Line = 0.0
    harder: Line = 0.05
    missed: Line = 0.05
    hard_day: Line = 1.0
    grey: Line = 0.05
    quality: bool = True
    answered: float = 0.95
    worn: float = 0.95
    logged: float = 1.0
    ill: str = "none"
    extra: Mapping[str, Any] = field(default_factory=dict)


SILENCE: Final = {"answered": 0.0, "worn": 0.0, "logged": 0.0}
"""Keywords of a phase of which nothing is known at all."""


def at(line: Line, share: float) -> float:
    """The value of a line after so much of its phase (0..1)."""
    if isinstance(line, tuple):
        return line[0] + (line[1] - line[0]) * share
    return line


def tell(
    *phases: Phase,
    start: date = MONDAY,
    seed: int = 1,
    athlete: str = "me",
    usual: Mapping[str, float] = USUAL,
    noise: float = 0.7,
) -> pl.DataFrame:
    """The days table of a story; answers are whole points, the scale ends at 0 and 10."""
    rng = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    ran: dict[str, Any] = {}
    rested = 0  # days since the last test
    for number, (phase, share) in enumerate(_each_day(phases)):
        today = start + timedelta(days=number)
        row: dict[str, Any] = {"athlete": athlete, "date": today} | ran
        row |= _morning(phase, share, usual, noise, _mark(ran), rng)
        row |= _night(phase, share, rng)
        rows.append(row)
        ran = _day(phase, share, rested, today, rng)
        rested = 0 if "performance_ln" in ran else rested + 1
    return tables.DAYS.frame(rows)


def _each_day(phases: tuple[Phase, ...]) -> Iterator[tuple[Phase, float]]:
    for phase in phases:
        for day in range(phase.days):
            yield phase, day / max(phase.days - 1, 1)


def _mark(ran: Mapping[str, Any]) -> float:
    """How hard yesterday still feels this morning: 1 after a usual quality session or long run."""
    return float(np.clip(((ran.get("load_lu") or 0.0) - 45.0) / 40.0, 0.0, 1.5))


def _morning(
    phase: Phase, share: float, usual: Mapping[str, float], noise: float, mark: float, rng: np.random.Generator
) -> dict[str, Any]:
    """The answers of a morning; none at all on some mornings."""
    lasting = mark * at(phase.hard_day, share)
    pull = {"energy": -0.5, "leg_freshness": -0.9, "soreness": 0.9}
    wobble = rng.normal(0.0, noise, len(usual))
    if rng.random() >= phase.answered:
        return {}
    answers: dict[str, Any] = {
        item: float(
            np.clip(round(level + at(phase.feels.get(item, 0.0), share) + pull.get(item, 0.0) * lasting + off), 0, 10)
        )
        for (item, level), off in zip(usual.items(), wobble, strict=True)
    }
    return answers | {"ill": phase.ill, "ate_enough": "yes"} | dict(phase.extra)


def _night(phase: Phase, share: float, rng: np.random.Generator) -> dict[str, Any]:
    """Last night by the watch, if it was worn."""
    sleep_h = float(np.clip(rng.normal(7.8 + at(phase.sleep_h, share), 0.5), 2.0, 11.0))
    bpm = rng.normal(50.0 + at(phase.night_bpm, share), 1.2)
    rmssd = float(np.exp(rng.normal(4.0 + at(phase.ln_rmssd, share), 0.12)))
    efficiency = rng.normal(0.92, 0.015)
    if rng.random() >= phase.worn:
        return {}
    woke = 390.0 + rng.normal(0.0, 15.0)
    return {
        "sleep_s": sleep_h * 3600.0,
        "in_bed_s": sleep_h * 3600.0 / efficiency,
        "hr_night_bpm": bpm,
        "hr_rest_bpm": bpm - 3.0,
        "rmssd_ms": rmssd,
        "hrv_source": "watch",
        "fell_asleep_min": woke - 60.0 * sleep_h / efficiency,
        "woke_min": woke,
    }


def _day(phase: Phase, share: float, rested: int, today: date, rng: np.random.Generator) -> dict[str, Any]:
    """Today's run, as tomorrow's row will hold it."""
    luck = rng.normal(0.0, 1.0, 6)
    chance = rng.random(4)
    if chance[0] >= phase.logged:
        return {}
    plan = WEEK[today.weekday()]
    load = at(phase.load, share)
    if plan is None or load <= 0.0:
        return {"load_lu": 0.0, "distance_m": 0.0, "moving_s": 0.0}
    kind, lu, minutes, effort, easy, grey = plan
    if kind == "quality" and not phase.quality:
        kind, lu, minutes, effort, easy, grey = "easy", 40.0, 50.0, 3.0, 0.95, 0.05
    seconds = 60.0 * minutes * load
    moved = easy * at(phase.grey, share)
    felt = float(np.clip(effort + 0.8 * at(phase.effort, share) + 0.4 * luck[0], 0, 10))
    legs = 7.0 + at(phase.feels.get("leg_freshness", 0.0), share) + 0.6 * luck[1]
    ran: dict[str, Any] = {
        "load_lu": lu * load,
        "load_quality": 0.95,
        "distance_m": seconds * EASY_MPS,
        "longest_run_m": seconds * EASY_MPS,
        "moving_s": seconds,
        "z1_s": seconds * (easy - moved),
        "z2_s": seconds * (grey + moved),
        "z3_s": seconds * (1.0 - easy - grey),
        "rpe": round(felt, 1),
        "legs": float(np.clip(round(legs), 0, 10)),
        "harder_than_it_should": bool(chance[1] < at(phase.harder, share)),
        "quality_session": kind == "quality",
        "rpe_residual_sd": at(phase.effort, share) + 0.7 * luck[2],
        "hr_residual_sd": at(phase.run_hr, share) + 0.7 * luck[3],
        "temperature_c": 12.0,
    }
    if kind == "quality":
        ran["hit_pace"] = "no" if chance[2] < at(phase.missed, share) else "yes"
    if phase.test_every and rested >= phase.test_every - 1:
        ran["performance_ln"] = np.log(USUAL_INDEX) + at(phase.form, share) / 100.0 + 0.008 * luck[4]
        ran["performance_sd"] = 0.01
    return ran
