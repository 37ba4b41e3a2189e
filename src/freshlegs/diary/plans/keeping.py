"""The plan as it is kept: files read into it, sessions changed by hand, versions and undo."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import polars as pl

from freshlegs import vocabulary as v
from freshlegs.diary import answers
from freshlegs.importers.plans import PlanReading, Reader, read_plan
from freshlegs.importers.sources import walk
from freshlegs.problems import NothingDone, Problem, UnreadableFile, WrongRequest
from freshlegs.store import PlanAct, PlanVersion, Store
from freshlegs.tables import PLAN, Column, Row

PAST_D: Final = 120
"""Days back from today that are read of a plan: what was planned is held beside what was run."""
AHEAD_D: Final = 400
"""Days ahead that are read, and to which repeats of a calendar are written out."""
PLAN_FILE_B: Final = 64 << 20

EDITABLE: Final[dict[str, Column]] = {column.name: column for column in PLAN.columns if column.name != "uid"}
"""What can be set by hand of a session."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The plan that holds: its sessions, and its version (None before the first)."""

    sessions: pl.DataFrame
    version: int | None


def holding(store: Store) -> Kept:
    """The plan as it is now."""
    version = held(store.plan_versions())
    return Kept(store.plan(), None if version is None else version.number)


def held(versions: Sequence[PlanVersion]) -> PlanVersion | None:
    """The version that holds: the last that was not taken back."""
    return next((one for one in reversed(versions) if one.undone_utc is None), None)


# --- files ---------------------------------------------------------------------------------------------------


def read_files(
    paths: Sequence[str | os.PathLike[str]], today: date, home_zone: str | None, on: date | None
) -> tuple[list[dict[str, Any]], list[Problem]]:
    """The sessions of these files, folders and zips, and everything that was not understood."""
    sessions: dict[str, dict[str, Any]] = {}
    problems: list[Problem] = []
    for found in walk(list(paths)):
        if found.problem is not None:
            problems.append(found.problem)
            continue
        reader = Reader(found.name, today - timedelta(days=PAST_D), today + timedelta(days=AHEAD_D), home_zone, on)
        try:
            reading = read_plan(found.read(PLAN_FILE_B), reader)
        except UnreadableFile as error:
            problems.append(Problem(found.name, "", str(error), refused=True))
            continue
        problems += reading.problems
        _gather(reading, reader, sessions, problems)
    return list(sessions.values()), problems


def _gather(reading: PlanReading, reader: Reader, sessions: dict[str, dict[str, Any]], problems: list[Problem]) -> None:
    """Sessions of one file beside those of the others; the same name on another day is another session."""
    for row in reading.sessions:
        name = row["uid"]
        if name in sessions and sessions[name] != row:
            name = f"{name}~{sum(other.split('~')[0] == name for other in sessions) + 1}"
        sessions[name] = row | {"uid": name}
    if not reading.sessions and not reading.problems:
        why = f"no session of it lies between {reader.first} and {reader.last}"
        problems.append(Problem(reader.name, "", why, refused=True))


def with_files(kept: Kept, read: Sequence[dict[str, Any]], today: date, *, add: bool) -> tuple[pl.DataFrame, Row]:
    """The plan with what was read, and counts of it.

    From today on, the days a file spans become what the file says (unless ``add``: then all that is there stays
    beside it). What was planned for days gone by stays as it was; such days without any plan are filled.
    """
    old = {row["uid"]: row for row in kept.sessions.iter_rows(named=True)}
    planned_days = {row["date"] for row in old.values()}
    first, last = min(row["date"] for row in read), max(row["date"] for row in read)
    new, names = dict(old), {row["uid"] for row in read}
    counts = Row(added=0, changed=0, unchanged=0, removed=0)
    for name, row in old.items():
        if not add and name not in names and today <= row["date"] and first <= row["date"] <= last:
            del new[name]
            counts["removed"] += 1
    for row in read:
        before = old.get(row["uid"])
        if row["date"] < today and (before["date"] < today if before is not None else row["date"] in planned_days):
            counts["unchanged"] += 1
            continue
        new[row["uid"]] = row
        counts["added" if before is None else "unchanged" if _same(before, row) else "changed"] += 1
    return PLAN.frame(sorted(new.values(), key=_order)), counts


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one[name] == other[name] for name in PLAN.names)


def _order(row: Mapping[str, Any]) -> tuple[Any, ...]:
    minutes = row["start_min"]
    return row["date"], -1.0 if minutes is None else minutes, row["uid"]


def imported(
    store: Store,
    paths: Sequence[str | os.PathLike[str]],
    now: datetime,
    today: date,
    home_zone: str | None,
    *,
    add: bool,
    on: date | None,
) -> Row:
    """The document of ``plan import --json``. NothingDone, saying why, when no session could be read."""
    read, problems = read_files(paths, today, home_zone, on)
    if not read:
        first = problems[0] if problems else None
        raise NothingDone(f"no session could be read: {first}" if first else "there is no plan in it")
    kept = holding(store)
    sessions, counts = with_files(kept, read, today, add=add)
    about = ", ".join(Path(path).name for path in paths)[:200]
    version = kept.version
    if counts["added"] or counts["changed"] or counts["removed"]:
        version = store.add_plan(sessions, "import", about, now, kept.version)
    days = sorted(row["date"] for row in read)
    kinds = {kind: sum(row["kind"] == kind for row in read) for kind in v.PLAN_KINDS}
    return Row(
        schema_version=v.SCHEMA_VERSION,
        version=version,
        sessions=len(read),
        **counts,
        first=days[0].isoformat(),
        last=days[-1].isoformat(),
        kinds={kind: count for kind, count in kinds.items() if count},
        problems=[problem.as_dict() for problem in problems],
        refused=sum(problem.refused for problem in problems),
    )


# --- by hand -------------------------------------------------------------------------------------------------


def added(store: Store, now: datetime, on: date, kind: str, given: Mapping[str, Any]) -> str:
    """A new session; its uid."""
    fields = answers.valid({"date": on, "kind": kind, **given}, EDITABLE, "session key")
    kept = holding(store)
    uid = f"hand-{len(store.plan_versions()) + 1}"
    rows = [*kept.sessions.to_dicts(), PLAN.frame([fields | {"uid": uid}]).to_dicts()[0]]
    store.add_plan(PLAN.frame(sorted(rows, key=_order)), "add", f"{kind} on {on}", now, kept.version)
    return uid


def changed(store: Store, now: datetime, name: str, given: Mapping[str, Any]) -> str:
    """One session changed; its full uid. ``name`` is a uid, the beginning of one, or the day of one session."""
    fields = answers.valid(given, EDITABLE, "session key")
    if not fields:
        raise WrongRequest(f"say what to change, such as kind or {list(EDITABLE)[2]}")
    for need in ("date", "kind"):
        if fields.get(need, need) is None:
            raise WrongRequest(f"a session needs its {need}")
    kept = holding(store)
    uid = named(kept.sessions, name)
    rows = [row | (fields if row["uid"] == uid else {}) for row in kept.sessions.to_dicts()]
    store.add_plan(PLAN.frame(sorted(rows, key=_order)), "set", f"{uid}: {', '.join(fields)}"[:200], now, kept.version)
    return uid


def removed(store: Store, now: datetime, names: Sequence[str]) -> list[str]:
    """Sessions taken out; their full uids."""
    kept = holding(store)
    uids = [named(kept.sessions, name) for name in names]
    rows = kept.sessions.filter(~pl.col("uid").is_in(uids))
    store.add_plan(rows, "remove", ", ".join(uids)[:200], now, kept.version)
    return uids


def named(sessions: pl.DataFrame, name: str) -> str:
    """The uid of the one session that is meant: by its uid, the beginning of one, or its day. Else WrongRequest."""
    uids = sessions["uid"].to_list()
    if name in uids:
        return name
    try:
        day = date.fromisoformat(name)
    except ValueError:
        found = [uid for uid in uids if uid.startswith(name)] if name else []
    else:
        found = sessions.filter(pl.col("date") == day)["uid"].to_list()
    if len(found) == 1:
        return str(found[0])
    if not found:
        raise WrongRequest(f"there is no session {name!r}; freshlegs plan show lists them")
    raise WrongRequest(f"{len(found)} sessions are meant by {name!r}: {', '.join(found[:5])}; write the whole uid")


# --- versions ------------------------------------------------------------------------------------------------


def undone(store: Store, now: datetime, steps: int, onto: int | None = None) -> Row:
    """Take back the last changes of the plan; the document of ``plan undo --json``."""
    if steps < 1:
        raise WrongRequest(f"steps must be one or more, not {steps}")
    if onto is not None and steps != 1:
        raise WrongRequest("one version is one step")
    taken: list[Row] = []
    for _ in range(steps):
        version = store.undo_plan(now, onto)
        if version is None:
            break
        taken.append(_version(version))
    if not taken:
        raise NothingDone("there is no change of the plan to take back")
    for number in {proposal.number for proposal in store.proposals() if proposal.answer == "accepted"}:
        _reopen(store, number, taken, now)
    kept = holding(store)
    return Row(schema_version=v.SCHEMA_VERSION, undone=taken, version=kept.version, sessions=kept.sessions.height)


def _reopen(store: Store, number: int, taken: Sequence[Row], now: datetime) -> None:
    """A proposal whose acceptance was taken back is neither accepted nor refused."""
    if any(one["what"] == "accept" and one["about"].startswith(f"proposal {number}:") for one in taken):
        store.answer_proposal(number, "undone", now)


def history(store: Store) -> Row:
    """Every change of the plan, the last one first; the document of ``plan history --json``."""
    versions = store.plan_versions()
    now = held(versions)
    rows = [_version(one) | {"holds": now is not None and one.number == now.number} for one in reversed(versions)]
    return Row(schema_version=v.SCHEMA_VERSION, versions=rows)


ACTS: Final[Mapping[PlanAct, str]] = {
    "import": "read from a file",
    "add": "a session added by hand",
    "set": "a session changed by hand",
    "remove": "taken out by hand",
    "make": "made",
    "accept": "a proposal accepted",
}


def _version(one: PlanVersion) -> Row:
    return Row(
        version=one.number,
        what=one.what,
        text=ACTS[one.what],
        about=one.about,
        made_at=_stamp(one.made_utc),
        undone_at=None if one.undone_utc is None else _stamp(one.undone_utc),
    )


def _stamp(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
