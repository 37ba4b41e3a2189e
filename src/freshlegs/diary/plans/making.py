"""A plan made for a race, from what the diary knows of the runner."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from freshlegs import vocabulary as v
from freshlegs.diary.known import Known
from freshlegs.diary.plans.keeping import holding
from freshlegs.diary.verdicts import Verdicts
from freshlegs.problems import WrongRequest
from freshlegs.recovery.habit import habit
from freshlegs.recovery.making import make
from freshlegs.recovery.red_flags import age
from freshlegs.recovery.words import full_day, length
from freshlegs.tables import PLAN, Row

GROWN_UP: int = 18
TIRED = ("excessive", "possible_overtraining")


def made(
    verdicts: Verdicts,
    race: date,
    distance_m: float,
    days: int,
    on: Sequence[int] | None,
    week_m: float | None,
    longest_m: float | None,
    title: str | None,
) -> Row:
    """The document of ``plan make --json``: see `Diary.make_plan`."""
    store, today = verdicts.store, verdicts.today
    known = Known(store)
    _fits(known, today)
    verdict = verdicts.of_today()
    used_to = habit(known.runs, today)
    found = make(race, distance_m, today, days, used_to, week_m=week_m, longest_m=longest_m, title=title, on=on)
    kept = holding(store)
    before = kept.sessions.filter((pl.col("date") <= today) | (pl.col("date") > race))
    number = len(store.plan_versions()) + 1
    plan = found.plan.with_columns(pl.col("uid") + f"-{number}")
    whole = pl.concat([before, plan]).sort("date", "uid")
    about = f"{length(distance_m)} on {race}"
    version = store.add_plan(PLAN.conform(whole), "make", about, verdicts.now, kept.version)
    notes = list(found.notes)
    if verdict["state"] in TIRED:
        notes.insert(0, f"{verdict['headline']} freshlegs plan adapt shows what that changes of this plan.")
    elif verdict["state"] == "insufficient_data":
        notes.append("There is not enough data for a verdict yet, so the plan was made without one.")
    return Row(
        schema_version=v.SCHEMA_VERSION,
        version=version,
        sessions=plan.height,
        replaced=kept.sessions.height - before.height,
        first=min(plan["date"]).isoformat(),
        last=race.isoformat(),
        weeks=(race - today).days // 7 + 1,
        assumed=list(found.assumed),
        notes=notes,
        text=f"{plan.height} sessions up to {full_day(race)}.",
    )


def _fits(known: Known, today: date) -> None:
    """Nobody is handed a plan whose training somebody else should decide on."""
    years = age(known.profile, today)
    if years is not None and years < GROWN_UP:
        raise WrongRequest("under 18 a plan is for you and a coach to make; a plan of theirs can be read with import")
    cycle = known.profile.get("cycle")
    if cycle in ("pregnant", "postpartum"):
        when = "in pregnancy" if cycle == "pregnant" else "after a birth"
        raise WrongRequest(f"{when} a plan goes by your midwife or doctor; one they agree to can be read with import")
