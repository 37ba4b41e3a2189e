"""The plan as people and programs see it: each session with what became of it, each week with its load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final

import polars as pl

from freshlegs import vocabulary as v
from freshlegs.diary.known import Known
from freshlegs.diary.plans.keeping import Kept
from freshlegs.diary.runs import local_dates
from freshlegs.recovery.adapting import KIND_WORDS
from freshlegs.recovery.habit import habit
from freshlegs.recovery.matching import Match, match
from freshlegs.recovery.prescription import easy_share
from freshlegs.recovery.sessions import Session, read_plan, total
from freshlegs.store import Store
from freshlegs.tables import PLAN, Row

TWO_WEEKS: Final = timedelta(days=13)
MORE: Final = 1.15
"""Science I.5: load run over load planned from which on more was done than planned."""
_WHOLE_PLAN_D: Final = 100_000


def shown(store: Store, kept: Kept, today: date, first: date | None, last: date | None) -> Row:
    """The document of ``plan --json``: see `Diary.plan`."""
    start = first if first is not None else today - timedelta(days=today.weekday())
    end = last if last is not None else start + TWO_WEEKS
    known = Known(store)
    rows = kept.sessions.filter(pl.col("date").is_between(start, end)).to_dicts()
    runs = runs_of(known, start, end)
    found = match(rows, runs, today, known_until(known))
    adapted = changed_by_proposals(store)
    sessions = loads(rows, known, start)
    listed = [
        _session(row, one, runs, sessions[row["uid"]], row["uid"] in adapted)
        for row, one in zip(rows, found, strict=True)
    ]
    counted = {n for one in found for n in one.runs}
    return Row(
        schema_version=v.SCHEMA_VERSION,
        athlete=store.athlete,
        date=today.isoformat(),
        units=known.profile.get("units") or "metric",
        version=kept.version,
        first=start.isoformat(),
        last=end.isoformat(),
        sessions=listed,
        unplanned=[_run(run) for n, run in enumerate(runs) if n not in counted],
        weeks=_weeks(start, end, rows, sessions, runs, today),
        races=_races(kept.sessions, today),
        text=_text(kept, listed, today),
    )


def runs_of(known: Known, first: date, last: date) -> list[dict[str, Any]]:
    """The sessions recorded on these days, each with its local ``date``."""
    frame = known.runs
    if frame.is_empty():
        return []
    dated = frame.with_columns(local_dates(frame, known.home_zone).alias("date"))
    return dated.filter(pl.col("date").is_between(first, last)).to_dicts()


def known_until(known: Known) -> date | None:
    """The last day of which anything is known: a run, a night or an answer."""
    days = [known.nights["date"].max(), known.mornings["date"].max()]
    if known.bare_runs.height:
        days.append(local_dates(known.bare_runs, known.home_zone).max())
    found = [day for day in days if isinstance(day, date)]
    return max(found, default=None)


def loads(rows: Sequence[Mapping[str, Any]], known: Known, first: date) -> dict[str, Session]:
    """Each session with its load: as planned, else from kind and length at the runner's own speed."""
    speed = habit(known.runs, first).speed_mps if known.runs.height else None
    frame = PLAN.frame(rows)
    if frame.is_empty():
        return {}
    start = min(row["date"] for row in rows)
    return {one.uid: one for one in read_plan(frame, start, _WHOLE_PLAN_D, speed)}


def changed_by_proposals(store: Store) -> set[str]:
    """The uids that a proposal changed with the runner's consent, and still holds."""
    versions = [one for one in store.plan_versions() if one.undone_utc is None]
    found: set[str] = set()
    for before, one in pairwise(versions):
        if one.what == "accept":
            old = {row["uid"]: row for row in store.plan(before.number).iter_rows(named=True)}
            found |= {row["uid"] for row in store.plan(one.number).iter_rows(named=True) if old.get(row["uid"]) != row}
    return found


def _session(
    row: Mapping[str, Any], found: Match, runs: Sequence[Mapping[str, Any]], session: Session, adapted: bool
) -> Row:
    done = [runs[n] for n in found.runs]
    return Row(
        uid=row["uid"],
        date=row["date"].isoformat(),
        kind=row["kind"],
        title=row["title"],
        note=row["note"],
        duration_s=row["duration_s"],
        distance_m=row["distance_m"],
        load_lu=round(session.lu, 1),
        load_estimated=row["load_lu"] is None and row["kind"] != "rest",
        start_min=row["start_min"],
        optional=bool(row["optional"]),
        hard=row["kind"] in v.HARD_KINDS,
        status=found.status,
        adapted=adapted,
        done=[_run(run) for run in done],
    )


def _run(run: Mapping[str, Any]) -> Row:
    return Row(
        id=run["id"],
        date=run["date"].isoformat(),
        sport=run["sport"],
        duration_s=run["moving_s"],
        distance_m=run["distance_m"],
        load_lu=None if run["load_lu"] is None else round(run["load_lu"], 1),
    )


def _weeks(
    first: date,
    last: date,
    rows: Sequence[Mapping[str, Any]],
    sessions: Mapping[str, Session],
    runs: Sequence[Mapping[str, Any]],
    today: date,
) -> list[Row]:
    """Each week from Monday: load planned and run, share of easy time planned, and run over planned up to yesterday."""
    weeks = []
    monday = first - timedelta(days=first.weekday())
    while monday <= last:
        sunday = monday + timedelta(days=6)
        own = [sessions[row["uid"]] for row in rows if monday <= row["date"] <= sunday]
        done = [run["load_lu"] or 0.0 for run in runs if monday <= run["date"] <= sunday]
        due = total(one for one in own if one.day < today)
        ran = sum(
            run["load_lu"] or 0.0 for run in runs if monday <= run["date"] <= min(sunday, today - timedelta(days=1))
        )
        share = easy_share(own)
        weeks.append(
            Row(
                first=monday.isoformat(),
                last=sunday.isoformat(),
                planned_lu=round(total(own), 1),
                done_lu=round(sum(done), 1),
                done_of_planned=None if due <= 0 else round(ran / due, 2),
                more_than_planned=due > 0 and ran > MORE * due,
                easy_share=None if share is None else round(share, 3),
            )
        )
        monday += timedelta(days=7)
    return weeks


def _races(plan: pl.DataFrame, today: date) -> list[Row]:
    coming = plan.filter((pl.col("kind") == "race") & (pl.col("date") >= today))
    return [
        Row(uid=row["uid"], date=row["date"].isoformat(), title=row["title"], distance_m=row["distance_m"])
        for row in coming.iter_rows(named=True)
    ]


def _text(kept: Kept, listed: Sequence[Mapping[str, Any]], today: date) -> str:
    if kept.version is None or kept.sessions.is_empty():
        return "There is no plan yet: freshlegs plan import FILE reads one, freshlegs plan make makes one."
    todays = [one for one in listed if one["date"] == today.isoformat()]
    if not todays:
        return "Nothing is planned for today."
    named = " and ".join(
        KIND_WORDS[one["kind"]] if one["adapted"] or not one["title"] else " ".join(one["title"].split())
        for one in todays
    )
    return f"Today: {named}."
