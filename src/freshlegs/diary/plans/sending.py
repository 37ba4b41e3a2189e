"""The plan on its way to calendar and watch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import polars as pl

from freshlegs import vocabulary as v
from freshlegs.diary.known import Known
from freshlegs.diary.plans.keeping import Kept, holding
from freshlegs.diary.plans.showing import changed_by_proposals, loads
from freshlegs.exporters import workout
from freshlegs.exporters.calendar import Entry, calendar, name_of
from freshlegs.problems import NothingDone, WrongRequest
from freshlegs.recovery.adapting import KIND_WORDS
from freshlegs.recovery.words import length
from freshlegs.store import Store, in_words
from freshlegs.tables import PLAN, Row

NOTHING: Final = "there is no plan to send; freshlegs plan import FILE reads one"


@dataclass(slots=True)
class _Story:
    """How often a session was changed, when last, and what it was before it was taken out."""

    row: dict[str, Any]
    changes: int
    last_utc: datetime
    there: bool = True


def to_calendar(store: Store, target: Path, now: datetime, today: date) -> Row:
    """Write the plan as ``.ics``; the document of ``plan export --json``."""
    kept = holding(store)
    if kept.version is None:
        raise NothingDone(NOTHING)
    known = Known(store)
    entries = list(_entries(store, kept, known, today))
    write(target, calendar(entries, now, known.home_zone))
    gone = sum(entry.cancelled for entry in entries)
    return Row(schema_version=v.SCHEMA_VERSION, files=[str(target)], sessions=len(entries) - gone, cancelled=gone)


def to_watch(store: Store, folder: Path, today: date, days: int) -> Row:
    """Write a FIT workout a session of the coming days; the document of ``plan export --fit --json``."""
    if days < 1:
        raise WrongRequest(f"days must be one or more, not {days}")
    kept = holding(store)
    coming = pl.col("date").is_between(today, today + timedelta(days=days - 1)) & (pl.col("kind") != "rest")
    rows = kept.sessions.filter(coming).to_dicts()
    if not rows:
        raise NothingDone(f"nothing is planned for the coming {days} days" if kept.version is not None else NOTHING)
    units = str(store.profile().get("units") or "metric")
    adapted, stories = changed_by_proposals(store), _stories(store)
    files = []
    with in_words(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for row in rows:
        eased = row["uid"] in adapted
        name = summary(row, units, eased=eased)
        plan = workout.steps(row["kind"], row["duration_s"], row["distance_m"], None if eased else row["title"])
        made = stories[row["uid"]].last_utc
        target = folder / f"{row['date']}-{row['kind']}-{name_of(row['uid'])[:4]}.fit"
        write(target, workout.workout_file(name, row["kind"], plan, row["uid"], made))
        files.append(str(target))
    return Row(schema_version=v.SCHEMA_VERSION, files=files, sessions=len(files), cancelled=0)


def write(target: Path, data: bytes) -> None:
    """A file written whole. NothingDone, in words, when it cannot be."""
    with in_words(target.parent):
        target.write_bytes(data)


def _entries(store: Store, kept: Kept, known: Known, today: date) -> Iterator[Entry]:
    adapted = changed_by_proposals(store)
    units = str(known.profile.get("units") or "metric")
    stories = _stories(store)
    sizes = loads(kept.sessions.to_dicts(), known, today)
    for uid, story in stories.items():
        row = story.row
        if not story.there and row["date"] < today:
            continue
        eased = uid in adapted and story.there
        load = sizes[uid].lu if uid in sizes else None
        yield Entry(
            uid=uid,
            day=row["date"],
            summary=summary(row, units, eased=eased),
            description=_description(row, load, eased=eased),
            category=row["kind"],
            sequence=story.changes,
            changed_utc=story.last_utc,
            start_min=None if row["kind"] == "rest" else row["start_min"],
            duration_s=row["duration_s"],
            cancelled=not story.there,
        )


def _stories(store: Store) -> dict[str, _Story]:
    """Every session that was ever planned, with its changes in the order in which they held (undoing is a change)."""
    versions = store.plan_versions()
    acts = [(one.made_utc, one.number, True) for one in versions]
    acts += [(one.undone_utc, one.number, False) for one in versions if one.undone_utc is not None]
    stories: dict[str, _Story] = {}
    holding_: set[int] = set()
    plans: dict[int, dict[str, dict[str, Any]]] = {}
    for when, number, made in sorted(acts):
        (holding_.add if made else holding_.discard)(number)
        newest = max(holding_, default=0)
        if newest not in plans:
            rows = store.plan(newest).iter_rows(named=True) if newest else iter(())
            plans[newest] = {row["uid"]: row for row in rows}
        _follow(stories, plans[newest], when)
    return stories


def _follow(stories: dict[str, _Story], plan: Mapping[str, dict[str, Any]], when: datetime) -> None:
    for uid, story in stories.items():
        if story.there and uid not in plan:
            story.there, story.changes, story.last_utc = False, story.changes + 1, when
    for uid, row in plan.items():
        known = stories.get(uid)
        if known is None:
            stories[uid] = _Story(row, 0, when)
        elif not known.there or any(known.row[name] != row[name] for name in PLAN.names):
            stories[uid] = _Story(row, known.changes + 1, when)


def summary(row: Mapping[str, Any], units: str, *, eased: bool) -> str:
    """What a calendar or a watch shows: the plan's own title, unless the session has been eased since.

    >>> summary({"kind": "easy", "title": None, "distance_m": 8000.0, "duration_s": None, "optional": None},
    ...         "metric", eased=False)
    'Easy run 8.0 km'
    """
    words = KIND_WORDS[row["kind"]].capitalize()
    size = ""
    if row["kind"] != "rest" and row["distance_m"]:
        size = f" {length(row['distance_m'], units)}"
    elif row["kind"] != "rest" and row["duration_s"]:
        size = f" {row['duration_s'] / 60:.0f} min"
    if eased:
        return f"{words}{size} (eased)"
    title = " ".join(str(row["title"] or "").split())
    text = title or f"{words}{size}"
    return f"{text} (may be left out)" if row["optional"] and "optional" not in text.lower() else text


def _description(row: Mapping[str, Any], load: float | None, *, eased: bool) -> str:
    lines = [f"Kind: {KIND_WORDS[row['kind']]}"]
    if row["duration_s"] and row["kind"] != "rest":
        hours, minutes = divmod(round(row["duration_s"] / 60), 60)
        lines.append(f"Duration: {hours}:{minutes:02d}:00")
    if row["distance_m"] and row["kind"] != "rest":
        lines.append(f"Distance: {row['distance_m'] / 1000:.3g} km")
    if load and row["kind"] != "rest":
        lines.append(f"Load: {load:.0f}")
    if eased and row["title"]:
        lines.append(f"Planned at first: {row['title']}")
    if row["note"] and not eased:
        lines += ["", str(row["note"])]
    return "\n".join(lines)
