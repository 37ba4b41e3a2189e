"""Proposals: what this morning's verdict would change of the plan, kept with its day, and what was said to it.

Nothing changes unasked. A proposal holds for the day it was made on and for the plan it was made from; later, or
after the plan has changed, it is stale and is made anew instead of being accepted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any, Final

import polars as pl

from freshlegs import vocabulary as v
from freshlegs.diary.known import Known
from freshlegs.diary.plans.keeping import Kept, holding, named
from freshlegs.diary.plans.showing import loads
from freshlegs.diary.verdicts import Verdicts
from freshlegs.problems import NothingDone, WrongRequest
from freshlegs.recovery import Past, adapt
from freshlegs.recovery.circumstances import circumstances
from freshlegs.recovery.operators import OPERATORS
from freshlegs.recovery.sessions import total
from freshlegs.recovery.words import full_day
from freshlegs.store import KeptProposal, Store
from freshlegs.tables import PLAN, Row

FEWEST: Final = 2
"""Refusals of one spell of excessive fatigue from which on one plain sentence is said."""

PLAIN: Final = (
    "You have kept the plan as it is, and that is yours to decide. In this state more training usually means more "
    "weeks until it lifts."
)
_SIZES: Final = ("kind", "duration_s", "distance_m", "load_lu")


def proposed(verdicts: Verdicts) -> Row:
    """The document of ``plan adapt --json``, kept with its day: see `Diary.adapt_plan`."""
    store, today = verdicts.store, verdicts.today
    kept = holding(store)
    if kept.version is None or kept.sessions.filter(pl.col("date") >= today).is_empty():
        raise NothingDone("there is no plan from today on; freshlegs plan import FILE reads one, plan make makes one")
    document = made(verdicts, kept)
    open_ = latest(store)
    if open_ is not None and _holds(open_, kept, today) and open_.answer is None:
        before = json.loads(open_.document)
        if _matter(before) == _matter(document):
            return Row(before | {"proposal": open_.number})
    text = json.dumps(document, ensure_ascii=False)
    number = store.keep_proposal(today, kept.version, text, verdicts.now)
    return Row(document | {"proposal": number})


def _matter(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in ("proposal", "made_at")}


def made(verdicts: Verdicts, kept: Kept) -> Row:
    """What would be proposed now; nothing is kept."""
    today = verdicts.today
    verdict = verdicts.of_today()
    known = Known(verdicts.store)
    frame, _ = verdicts.evaluated(known, today)
    met = circumstances(verdict, Past(frame), today)
    found = adapt(kept.sessions, today, verdict["state"], known.runs, **asdict(met))
    changes = _changes(kept.sessions, found.plan, found.changes)
    return Row(
        schema_version=v.SCHEMA_VERSION,
        athlete=verdicts.store.athlete,
        date=today.isoformat(),
        made_at=verdicts.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        units=known.profile.get("units") or "metric",
        plan_version=kept.version,
        state=verdict["state"],
        since=verdict["since"],
        headline=verdict["headline"],
        causes=list(met.causes),
        ill=met.ill,
        pain=met.pain,
        flag=met.flag,
        status="open" if changes else "nothing",
        changes=changes,
        weeks=_weeks(kept.sessions, found.plan, known, today),
        notes=list(found.notes),
        text=_text(changes, verdict["state"]),
    )


def looked_ahead(verdicts: Verdicts, days: int) -> Row:
    """The document of ``plan simulate --json``: see `Diary.simulate_plan`."""
    from freshlegs.diary.plans.simulating import simulated

    kept = holding(verdicts.store)
    if kept.version is None:
        raise NothingDone("there is no plan to simulate; freshlegs plan import FILE reads one, plan make makes one")
    document = made(verdicts, kept)
    return simulated(verdicts, kept, _after(kept, document["changes"]) if document["changes"] else None, days)


def _after(kept: Kept, changes: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """The plan with these changes in it."""
    after = {change["uid"]: change["after"] for change in changes}
    return PLAN.frame([row | after.get(row["uid"], {}) for row in kept.sessions.to_dicts()])


def _changes(before: pl.DataFrame, after: pl.DataFrame, changes: pl.DataFrame) -> list[Row]:
    """Each changed session before and after, beside operator, rule, reason and loads."""
    old = {row["uid"]: row for row in before.iter_rows(named=True)}
    new = {row["uid"]: row for row in after.iter_rows(named=True)}
    return [
        Row(
            uid=row["uid"],
            date=row["date"].isoformat(),
            title=old[row["uid"]]["title"],
            before={name: old[row["uid"]][name] for name in _SIZES},
            after={name: new[row["uid"]][name] for name in _SIZES},
            load_before_lu=row["load_before_lu"],
            load_after_lu=row["load_after_lu"],
            operator=row["operator"],
            operator_text=OPERATORS[row["operator"]],
            rule=row["rule"],
            why=row["why"],
        )
        for row in changes.sort("date", "uid").iter_rows(named=True)
    ]


def _weeks(before: pl.DataFrame, after: pl.DataFrame, known: Known, today: date) -> list[Row]:
    """Load of each seven days from today on, before and after, as far as the plan goes (four weeks at most)."""
    found = []
    for number in range(4):
        first = today + timedelta(days=7 * number)
        last = first + timedelta(days=6)
        inside = pl.col("date").is_between(first, last)
        rows = before.filter(inside).to_dicts()
        if rows:
            eased = after.filter(inside).to_dicts()
            found.append(
                Row(
                    first=first.isoformat(),
                    last=last.isoformat(),
                    before_lu=round(total(loads(rows, known, today).values()), 1),
                    after_lu=round(total(loads(eased, known, today).values()), 1),
                )
            )
    return found


def _text(changes: Sequence[Mapping[str, Any]], state: str) -> str:
    if not changes:
        return "The plan can stay as it is."
    days = sorted({change["date"] for change in changes})
    until = full_day(date.fromisoformat(days[-1]))
    sessions = "1 session" if len(changes) == 1 else f"{len(changes)} sessions"
    return f"{sessions} would be eased until {until}. Nothing changes unless you accept it."


# --- answers -------------------------------------------------------------------------------------------------


def latest(store: Store) -> KeptProposal | None:
    """The last proposal made."""
    found = store.proposals()
    return found[-1] if found else None


def _holds(proposal: KeptProposal, kept: Kept, today: date) -> bool:
    return proposal.date == today and proposal.version == kept.version


def open_proposal(store: Store, kept: Kept, today: date) -> Row | None:
    """The proposal that waits for an answer today, with its number; None when there is none."""
    found = latest(store)
    if found is None or found.answer is not None or not _holds(found, kept, today):
        return None
    document = json.loads(found.document)
    return Row(document | {"proposal": found.number}) if document["changes"] else None


def _answerable(store: Store, kept: Kept, today: date, number: int | None) -> tuple[KeptProposal, Row]:
    found = latest(store)
    if found is not None and number is not None and found.number != number:
        raise WrongRequest("another proposal was made meanwhile; look at it first")
    if found is None:
        raise WrongRequest("there is no proposal; freshlegs plan adapt makes one")
    if found.answer in ("accepted", "refused"):
        raise WrongRequest(f"the last proposal was {found.answer} already; freshlegs plan adapt makes another")
    if found.date != today:
        day = full_day(found.date)
        raise WrongRequest(f"the last proposal is of {day} and counts no more; freshlegs plan adapt makes a new one")
    if found.version != kept.version:
        raise WrongRequest("the plan has changed since the proposal was made; freshlegs plan adapt makes a new one")
    document = Row(json.loads(found.document))
    if not document["changes"]:
        raise WrongRequest("the proposal changes nothing")
    return found, document


def accepted(store: Store, now: datetime, today: date, only: Sequence[str] | None, number: int | None = None) -> Row:
    """Take the proposal, or the changes of some sessions: see `Diary.accept_plan`."""
    kept = holding(store)
    proposal, document = _answerable(store, kept, today, number)
    offered = {change["uid"]: change for change in document["changes"]}
    wanted = list(offered) if only is None else _wanted(kept, offered, only)
    rows = _after(kept, [offered[uid] for uid in wanted])
    about = f"proposal {proposal.number}: {len(wanted)} of {len(offered)} changes"
    version = store.add_plan(rows, "accept", about, now, kept.version)
    store.answer_proposal(proposal.number, "accepted", now)
    left = [uid for uid in offered if uid not in wanted]
    return Row(
        schema_version=v.SCHEMA_VERSION,
        proposal=proposal.number,
        version=version,
        accepted=[offered[uid] for uid in wanted],
        left=left,
        text=f"{len(wanted)} of {len(offered)} changes are in the plan. freshlegs plan undo takes them back.",
    )


def _wanted(kept: Kept, offered: Mapping[str, Any], only: Sequence[str]) -> list[str]:
    if not only:
        raise WrongRequest("name the sessions to accept, or refuse the proposal")
    among = kept.sessions.filter(pl.col("uid").is_in(list(offered)))
    try:
        return list(dict.fromkeys(named(among, name) for name in only))
    except WrongRequest as error:
        raise WrongRequest(f"{error}; the proposal changes {', '.join(offered)}") from None


def refused(store: Store, now: datetime, today: date, number: int | None = None) -> Row:
    """Leave the plan as it is: see `Diary.refuse_plan`."""
    proposal, document = _answerable(store, holding(store), today, number)
    store.answer_proposal(proposal.number, "refused", now)
    times = _refusals(store, document)
    said = "The plan stays as it is."
    if document["state"] in ("excessive", "possible_overtraining") and times >= FEWEST:
        said = f"{said} {PLAIN}"
    return Row(schema_version=v.SCHEMA_VERSION, proposal=proposal.number, refusals=times, text=said)


def _refusals(store: Store, document: Mapping[str, Any]) -> int:
    """How often a proposal was refused since this state began, counting a day once."""
    since = str(document["since"])[:10]
    return len(
        {
            one.date
            for one in store.proposals()
            if one.answer == "refused"
            and one.date.isoformat() >= since
            and json.loads(one.document)["state"] == document["state"]
        }
    )
