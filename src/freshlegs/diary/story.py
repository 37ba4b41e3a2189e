"""The long view of one diary: trends worked out anew, verdicts as they were told, and what marks the days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl

from freshlegs import tables
from freshlegs import vocabulary as v
from freshlegs.diary.known import Known
from freshlegs.diary.marks import marks_of
from freshlegs.diary.runs import local_dates
from freshlegs.diary.verdicts import Verdicts
from freshlegs.store import Store
from freshlegs.tables import Row
from freshlegs.units import KM_PER_MILE


@dataclass(frozen=True, slots=True)
class Told:
    """Tables `tables.STORY` and `tables.EVENTS` of one diary."""

    days: pl.DataFrame
    events: pl.DataFrame


def known_bounds(store: Store, today: date) -> tuple[float, float] | None:
    """The heart rates at the first and second threshold, unless a formula for people in general gave them."""
    from freshlegs.diary.person import described

    anchors = described(Known(store), today)
    easy, hard = anchors.get("hr_easy_bpm"), anchors.get("hr_threshold_bpm")
    if easy is None or hard is None or hard["basis"] == "assumed":
        return None
    return float(easy["value"]), float(hard["value"])


def told_story(verdicts: Verdicts) -> Told:
    """The long view as of today, from everything known now; what was told stays as it was told."""
    from freshlegs.fatigue import long_view

    known = Known(verdicts.store)
    _, found = verdicts.evaluated(known, verdicts.today)
    days = long_view(found, verdicts.store.athlete)
    first = days["date"].min()
    lived: list[Row] = []
    if isinstance(first, date):
        lived = verdicts.between(max(verdicts.began, first), verdicts.today)
        days = _as_told(days, lived).with_columns((pl.col("date") < verdicts.began).alias("retrospective"))
    return Told(days, _events(known, lived, verdicts))


def _as_told(days: pl.DataFrame, documents: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """The days with the verdicts that were told in place of what would be told now."""
    told = pl.DataFrame([_row(document) for document in documents], schema=_TOLD)
    others = days.join(told.select("date"), on="date", how="anti")
    same = days.drop(*(name for name in _TOLD if name != "date")).join(told, on="date")
    return pl.concat([others, same.select(days.columns)]).sort("date")


_TOLD: Final[dict[str, Any]] = {
    name: dtype
    for name, dtype in tables.STORY.schema.items()
    if name in ("date", "state") or name.startswith(("p_", "strength_", "since_"))
}


def _row(document: Mapping[str, Any]) -> dict[str, Any]:
    chances = document.get("probabilities") or {}
    row: dict[str, Any] = {"date": _day(document["date"]), "state": document["state"]}
    row |= {f"p_{state}": chances.get(state) for state in v.CHAIN_STATES}
    for sign in document.get("signs") or ():
        row[f"strength_{sign['sign']}"] = sign.get("strength")
        row[f"since_{sign['sign']}"] = None if sign.get("since") is None else _day(sign["since"])
    return row


def _day(text: Any) -> date:
    return date.fromisoformat(str(text)[:10])


def _events(known: Known, lived: Iterable[Mapping[str, Any]], verdicts: Verdicts) -> pl.DataFrame:
    """What marks the days, in order of time."""
    found = [*_races(known), *_from_answers(known), *_advised(lived), *_changes(known.profile)]
    found += [*_done(known, lived), *_eased(verdicts)]
    return tables.EVENTS.frame(found).sort("date", "kind", maintain_order=True)


def _races(known: Known) -> Iterator[dict[str, Any]]:
    imperial = known.profile.get("units") == "imperial"
    long, unit = (1000.0 * KM_PER_MILE, "mi") if imperial else (1000.0, "km")
    raced = known.bare_runs.filter(pl.col("race").fill_null(value=False))
    for day, row in zip(local_dates(raced, known.home_zone), raced.iter_rows(named=True), strict=True):
        metres = row["distance_m"]
        told = "race" if metres is None else f"race over {metres / long:.1f} {unit}"
        yield {"date": day, "kind": "race", "text": told}


def _from_answers(known: Known) -> Iterator[dict[str, Any]]:
    words = {"above_neck": "ill above the neck", "below_neck": "ill below the neck", "fever": "fever"}
    for row in known.checkins.select("date", "ill", "note").iter_rows(named=True):
        if row["ill"] in words:
            yield {"date": row["date"], "kind": "ill", "text": words[row["ill"]]}
        if row["note"]:
            yield {"date": row["date"], "kind": "note", "text": row["note"]}


def _advised(lived: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """What was advised first on each morning on which another state was told."""
    before = None
    for document in lived:
        actions = document.get("actions") or ()
        if before is not None and document["state"] != before and actions:
            yield {"date": _day(document["date"]), "kind": "action", "text": actions[0]["what"]}
        before = document["state"]


def _done(known: Known, lived: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Advice that was said to be done, once a day, in the words in which it was given."""
    words = {str(one["id"]): str(one["what"]) for document in lived for one in document.get("actions") or ()}
    for mark in marks_of(known.labels):
        if mark.answer == "done":
            what = words.get(mark.action, mark.action.replace("_", " "))
            yield {"date": mark.on, "kind": "action", "text": f"done: {what.split('. ')[0].rstrip('.')}"}


def _eased(verdicts: Verdicts) -> Iterator[dict[str, Any]]:
    """Proposals for the plan that were accepted, and not taken back."""
    for version in verdicts.store.plan_versions():
        if version.what == "accept" and version.undone_utc is None:
            day = version.made_utc.astimezone(verdicts.zone).date()
            yield {"date": day, "kind": "change", "text": f"plan eased: {version.about}"}


def _changes(profile: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for key, words in (("new_normal_since", "a new normal begins"), ("overload_until", "planned overload ends")):
        if profile.get(key) is not None:
            yield {"date": profile[key], "kind": "change", "text": words}
