"""What a runner says: checking it at the door, and making one row a day of several acts of answering."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import pairwise
from typing import Any, Final

import polars as pl

from freshlegs import tables
from freshlegs.problems import WrongRequest
from freshlegs.tables import AFTER_RUN_ITEMS, ANSWER_COLUMNS, Column

ITEMS: Final[dict[str, Column]] = {column.name: column for column in ANSWER_COLUMNS}
"""Everything that can be said in one check-in: the morning's items, and those after a run."""

PROFILE_KEYS: Final[dict[str, Column]] = {column.name: column for column in tables.PROFILE.columns}

EARLIEST: Final = date(1900, 1, 1)
"""Nobody who runs was born before, and no diary goes back further."""

YOUNGEST_Y: Final = 5
"""A later birth is a slip of the fingers."""

_RESTING: Final = ("said_by", "cleared")


def valid(given: Mapping[str, Any], columns: Mapping[str, Column], what: str) -> dict[str, Any]:
    """The given values, cast to their column's type; None stays None (it takes a value out).

    Raises WrongRequest naming the item and what it may be; an unknown name suggests the nearest.
    """
    return {name: _valid(name, value, columns, what) for name, value in given.items()}


def _valid(name: str, value: Any, columns: Mapping[str, Column], what: str) -> Any:
    column = columns.get(name)
    if column is None:
        close = difflib.get_close_matches(name, columns, n=1)
        more = f"; did you mean {close[0]}?" if close else f"; there are {', '.join(columns)}"
        raise WrongRequest(f"there is no {what} {name!r}{more}")
    return None if value is None else fitting(column, value)


def agree(whole: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """WrongRequest for heart rates that cannot be one person's: resting, threshold and highest rise in this order.

    ``whole`` is the profile as it would be; nothing is said of what ``given`` does not touch.
    """
    order = [key for key in ("hr_rest_bpm", "hr_threshold_bpm", "hr_max_bpm") if whole.get(key) is not None]
    for lower, upper in pairwise(order):
        if whole[lower] >= whole[upper] and (given.get(lower) is not None or given.get(upper) is not None):
            raise WrongRequest(f"{lower} ({whole[lower]:g}) must be lower than {upper} ({whole[upper]:g})")


def passed(given: Mapping[str, Any], today: date) -> None:
    """WrongRequest for a day of the profile that must have been and has not, and for a birth too late to run."""
    for key in ("birth_date", "overtrained_before", "new_normal_since"):
        if given.get(key) is not None and given[key] > today:
            raise WrongRequest(f"{key} lies in the future: {given[key]}")
    born = given.get("birth_date")
    if born is not None and (today - born).days < YOUNGEST_Y * 365:
        raise WrongRequest(f"birth_date {born} is less than {YOUNGEST_Y} years ago; please check the year")


def fitting(column: Column, value: Any) -> Any:
    """A value in its column's type and range; WrongRequest, saying why, for one that cannot be."""
    cast = _cast(column, value)
    if (why := column.refuse(cast)) is not None:
        raise WrongRequest(why)
    return cast


def _cast(column: Column, value: Any) -> Any:
    """The value in its column's type; what cannot be is refused in words."""
    name, dtype = column.name, column.dtype
    if dtype == tables.NUMBER:
        plain = value.item() if hasattr(value, "item") else value
        # Adding nothing makes −0 an ordinary 0.
        return float(plain) + 0.0 if isinstance(plain, (int, float)) and not isinstance(plain, bool) else plain
    if dtype == tables.WORDS:
        words = [value] if isinstance(value, str) else list(value) if isinstance(value, Iterable) else [value]
        if not all(isinstance(word, str) for word in words):
            raise WrongRequest(f"{name} must be a list of words, not {value!r}")
        return words
    if dtype == tables.TEXT and not isinstance(value, str):
        raise WrongRequest(f"{name} must be text, not {value!r}")
    if dtype == tables.DAY:
        return day(value, name)
    if dtype == tables.INSTANT and (not isinstance(value, datetime) or value.tzinfo is None):
        raise WrongRequest(f"{name} must be a datetime with a time zone, not {value!r}")
    return value


def day(value: Any, name: str = "the date") -> date:
    """A date, or ISO text of one, as a date; WrongRequest for anything else, and for one before anybody's time.

    >>> day("2026-05-04")
    datetime.date(2026, 5, 4)
    """
    if isinstance(value, datetime):
        found = value.date()
    elif isinstance(value, date):
        found = value
    else:
        try:
            found = date.fromisoformat(value)
        except (TypeError, ValueError):
            raise WrongRequest(f"{name} must be a date such as 2026-05-04, not {value!r}") from None
    if found < EARLIEST:
        raise WrongRequest(f"{name} must not lie before {EARLIEST.year}: {found}")
    return found


def one_a_day(answers: pl.DataFrame) -> pl.DataFrame:
    """One row a date of `store.contract.ANSWERS`, dates rising.

    Item by item: typed by hand beats imported, later beats earlier; an item that was taken out by hand is
    missing unless it was typed again.
    """
    ordered = answers.with_columns(pl.col("said_by") == "typed").sort("date", "said_by", maintain_order=True)
    merged = ordered.group_by("date", maintain_order=True).agg(
        pl.exclude("date", *_RESTING).drop_nulls().last(),
    )
    touched = ordered.filter(pl.col("cleared").is_not_null())["date"].unique()
    if touched.is_empty():
        return merged
    again = [_replayed(ordered.filter(pl.col("date") == on)) for on in touched]
    rows = pl.DataFrame(again, schema=merged.schema)
    return pl.concat([merged.filter(~pl.col("date").is_in(touched.implode())), rows]).sort("date")


def _replayed(acts: pl.DataFrame) -> dict[str, Any]:
    """The acts of one date, one after another; slow, and right for items that were taken out."""
    state: dict[str, Any] = {}
    for act in acts.iter_rows(named=True):
        for item in act["cleared"] or ():
            state.pop(item, None)
        state |= {name: value for name, value in act.items() if value is not None and name not in _RESTING}
    return state


def checkins(merged: pl.DataFrame, athlete: str) -> pl.DataFrame:
    """Table CHECKINS: the days on which anything about the morning was said."""
    items = [name for name in tables.CHECKINS.names if name not in ("athlete", "date")]
    said = merged.filter(pl.any_horizontal(pl.col(items).is_not_null()))
    return said.select(pl.lit(athlete, dtype=pl.String).alias("athlete"), "date", *items)


def after_run(merged: pl.DataFrame) -> pl.DataFrame:
    """What was said about each date's run: ``date`` and `AFTER_RUN_ITEMS`."""
    said = merged.filter(pl.any_horizontal(pl.col(AFTER_RUN_ITEMS).is_not_null()))
    return said.select("date", *AFTER_RUN_ITEMS)
