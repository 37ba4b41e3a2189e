"""The whole chain behind a morning's verdict, made from what was known that morning; and what came too late for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from freshlegs import vocabulary as v
from freshlegs.diary.known import Known
from freshlegs.diary.labels import STATE_WORDS
from freshlegs.diary.verdicts import Verdicts, first_borne
from freshlegs.store.frames import to_us
from freshlegs.tables import Row

NOTICEABLE: Final = 0.01
"""A probability that moved less than this is said to be as it was."""

_STEPS: Final[dict[str, Any]] = {"usual": [], "signs": [], "groups": [], "risk": {}, "belief": {}, "decision": []}
_CAME: Final = ("run", "night", "answer", "edit", "profile")
_SHOWN: Final = (
    *("state", "headline", "probabilities", "since", "from_memory", "told_on"),
    *("signs", "groups", "causes", "rules"),
)
_WEEK: Final = ("load_lu", "sleep_s")


def explained(verdicts: Verdicts, day: date) -> Row:
    """The document of ``explain --json``: `freshlegs.fatigue.explain`, and beside it what was told that morning.

    ``week``: load of the day before and sleep of the last seven mornings, oldest first. ``shown``: the verdict as told.
    ``agrees``: whether these steps lead to it (an older Freshlegs may have told another). ``late``: what became known
    afterwards and bears on that day, and whether it would change the verdict; null when nothing did.
    """
    from freshlegs import fatigue

    shown = verdicts.between(day, day)[0]
    lived = verdicts.began <= day < verdicts.today
    known = Known(verdicts.store, verdicts.midnight_after(day) if lived else None)
    frame, found = verdicts.evaluated(known, day)
    athlete = verdicts.store.athlete
    try:
        chain = fatigue.explain(found, athlete, day)
    except KeyError:
        chain = _nothing(athlete, day)
    return Row(
        chain,
        week=_week(frame, day),
        shown={name: shown.get(name) for name in _SHOWN},
        agrees=bool(shown.get("from_memory")) or _alike(_told(chain), _told(shown)),
        retrospective=bool(shown.get("retrospective")),
        data_as_of=shown.get("data_as_of"),
        late=_late(verdicts, day, _told(chain)) if lived else None,
    )


def _week(frame: pl.DataFrame, day: date) -> list[dict[str, Any]]:
    """What is no answer and has no usual of its own, of the last seven mornings."""
    span = pl.DataFrame({"date": [day - timedelta(days=n) for n in range(6, -1, -1)]})
    if frame.is_empty():
        return []
    rows = span.join(frame.select("date", *_WEEK), on="date", how="left").sort("date")
    return [row | {"date": row["date"].isoformat()} for row in rows.iter_rows(named=True)]


def _nothing(athlete: str, day: date) -> dict[str, Any]:
    """The chain of a day on and before which nothing is known."""
    head = {"schema_version": v.SCHEMA_VERSION, "athlete": athlete, "date": day.isoformat()}
    return head | {"state": "insufficient_data"} | _STEPS | {"rules": [], "parameters": None}


def _told(document: Mapping[str, Any]) -> tuple[str, float | None]:
    """State and probability of being beyond normal, of a chain or a verdict."""
    chances = document["belief"].get("today") if "belief" in document else document.get("probabilities")
    if not chances or document["state"] == "insufficient_data":
        return str(document["state"]), None
    return str(document["state"]), float(chances["excessive"]) + float(chances["possible_overtraining"])


def _alike(one: tuple[str, float | None], other: tuple[str, float | None]) -> bool:
    if one[0] != other[0] or (one[1] is None) != (other[1] is None):
        return False
    return one[1] is None or other[1] is None or abs(one[1] - other[1]) < NOTICEABLE


def _late(verdicts: Verdicts, day: date, then: tuple[str, float | None]) -> Row | None:
    """What became known after a day's midnight and bears on it, and the verdict it would make."""
    told = verdicts.store.happenings()
    after = told["known_utc"].dt.timestamp("us") >= to_us(verdicts.midnight_after(day))
    came = told.filter(after & pl.Series(first_borne(told) <= day.toordinal()))
    counts = dict(came["what"].value_counts().iter_rows())
    if not counts:
        return None
    from freshlegs import fatigue

    _, found = verdicts.evaluated(Known(verdicts.store), day)
    try:
        now = _told(fatigue.explain(found, verdicts.store.athlete, day))
    except KeyError:
        now = ("insufficient_data", None)
    changes = not _alike(then, now)
    return Row(
        came={what: counts[what] for what in _CAME if what in counts},
        changes=changes,
        state=now[0],
        beyond_normal=now[1],
        text=_late_words(then, now, changes),
    )


def _late_words(then: tuple[str, float | None], now: tuple[str, float | None], changes: bool) -> str:
    if not changes:
        return "Data that came later would not change this."
    if now[0] != then[0]:
        moved = f"{STATE_WORDS[now[0]]} instead of {STATE_WORDS[then[0]]}"
    else:
        moved = f"{STATE_WORDS[now[0]]} as told"
    if then[1] is not None and now[1] is not None:
        moved += f", {100 * now[1]:.0f} % beyond normal instead of {100 * then[1]:.0f} %"
    return f"Data that came later would change this: {moved}. What was told that morning stays."
