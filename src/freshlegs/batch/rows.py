"""Rows of a population's days, sorted out: what can be judged, and what is set aside with its reason.

Millions of rows come from other people's systems. One that nobody can place (no athlete, no possible date) or that
contradicts another is set aside whole; a value that cannot be is taken for missing and told. Nothing stops the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

import polars as pl

from freshlegs import tables
from freshlegs.problems import WrongRequest
from freshlegs.tables import REFUSED_ROWS, Column

EARLIEST: Final = date(1970, 1, 1)
LATEST: Final = date(2199, 12, 31)

UNUSED: Final = frozenset({"pain_where", "sleep_habits", "symptoms"})
"""Columns of days on which no verdict of the model depends: read by nobody here."""

COLUMNS: Final[dict[str, Column]] = {column.name: column for column in tables.DAYS.columns if column.name not in UNUSED}

DIFFERING: Final = "several rows of one day that differ; none is used"

_ROW: Final = "_row"


def sorted_out(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows that can be judged, of declared types, and table REFUSED_ROWS: a row for each fault.

    ``frame`` has ``date``, ``athlete`` (without it all rows are one athlete's) and any of the columns of `tables.DAYS`,
    of whatever type; other columns are ignored. Of rows that say the same of one day one is kept; rows that
    contradict each other are all set aside. The order of the rows bears on nothing.

    Raises `WrongRequest` for a frame without dates.
    """
    if "date" not in frame.columns:
        raise WrongRequest("days need a column 'date'")
    given = frame.select(name for name in COLUMNS if name in frame.columns)
    if "athlete" not in given.columns:
        given = given.with_columns(pl.lit("me").alias("athlete"))
    given = given.with_row_index(_ROW)
    typed = given.select(_ROW, *(_typed(given, name) for name in COLUMNS if name in given.columns))
    unplaced = list(_unplaced(given, typed))
    impossible = _impossible(typed)
    faults = [*unplaced, *_not_so(given, typed, impossible)]
    good = typed.with_columns(
        pl.when(impossible[name].not_()).then(pl.col(name)).alias(name) for name in impossible.columns
    )
    if unplaced:
        good = good.join(pl.concat(unplaced).select(_ROW), on=_ROW, how="anti")
    good, again = _once_a_day(good, given)
    faults += again
    return good.drop(_ROW), _told(faults)


def _typed(given: pl.DataFrame, name: str) -> pl.Expr:
    """A column as it is declared; what cannot be cast becomes missing here and is told elsewhere."""
    column, dtype = pl.col(name), given.schema[name]
    if name == "athlete":
        text = column.cast(pl.String)
        return pl.when(text.str.strip_chars() != "").then(text).alias(name)
    if name == "date":
        if dtype == pl.String:
            return column.str.to_date("%Y-%m-%d", strict=False)
        if dtype == pl.Date or dtype.is_temporal():
            return column.cast(pl.Date, strict=False)
        return pl.lit(None, dtype=pl.Date).alias(name)
    wanted = COLUMNS[name].dtype
    if dtype == wanted:
        return column.fill_nan(None) if wanted == pl.Float64 else column
    if wanted == pl.String and dtype not in (pl.String, pl.Categorical, pl.Enum):
        return pl.lit(None, dtype=pl.String).alias(name)
    cast = column.cast(wanted, strict=False)
    return cast.fill_nan(None) if wanted == pl.Float64 else cast


def _unplaced(given: pl.DataFrame, typed: pl.DataFrame) -> Iterator[pl.DataFrame]:
    yield from _faults(given, typed["athlete"].is_null(), "athlete", "there is no athlete")
    day = typed["date"]
    yield from _faults(given, day.is_null() & given["date"].is_null(), "date", "there is no date")
    strange = (day.is_null() & given["date"].is_not_null()) | ~day.is_between(EARLIEST, LATEST)
    yield from _faults(given, strange.fill_null(value=False), "date", "no date a runner can have lived")


def _impossible(typed: pl.DataFrame) -> pl.DataFrame:
    """Which values lie outside what is possible: of the columns where any does, looked at in one go."""
    wrong = typed.select(
        _is_impossible(COLUMNS[name]).alias(name) for name in typed.columns if name not in (_ROW, "athlete", "date")
    )
    return wrong.select(name for name in wrong.columns if wrong[name].any())


def _not_so(given: pl.DataFrame, typed: pl.DataFrame, impossible: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The faults of impossible values, and of values of another kind."""
    for name in typed.columns:
        if name in (_ROW, "athlete", "date"):
            continue
        mask = impossible[name] if name in impossible.columns else None
        if given.schema[name] != typed.schema[name]:
            known = given[name].is_not_null()
            if given.schema[name].is_float():
                known &= given[name].is_not_nan()
            lost = typed[name].is_null() & known
            mask = lost if mask is None else mask | lost
        if mask is not None:
            yield from _faults(given, mask, name, _allowed(COLUMNS[name]))


def _is_impossible(column: Column) -> pl.Expr:
    value = pl.col(column.name)
    if column.choices:
        return value.is_in(column.choices).not_().fill_null(value=False)
    if column.dtype != tables.NUMBER:
        return pl.lit(False)
    wrong = value.is_infinite()
    if column.low is not None:
        wrong |= value < column.low
    if column.high is not None:
        wrong |= value > column.high
    return wrong.fill_null(value=False)


def _allowed(column: Column) -> str:
    if column.choices:
        return f"it is one of {', '.join(column.choices)}; taken for missing"
    if column.dtype != tables.NUMBER:
        return "it is of another kind; taken for missing"
    if column.low is None and column.high is None:
        return "it must be a finite number; taken for missing"
    if column.high is None:
        return f"it must be {column.low:g} or more; taken for missing"
    return f"it must lie between {column.low:g} and {column.high:g}; taken for missing"


def _once_a_day(typed: pl.DataFrame, given: pl.DataFrame) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """One row a day: repetitions go, contradictions go whole."""
    key = ["athlete", "date"]
    if typed.select(key).is_unique().all():
        return typed, []
    crowded = typed.filter(pl.struct(key).is_duplicated())
    said = crowded.select(pl.exclude(_ROW)).hash_rows().alias("_said")
    crowded = crowded.with_columns(said).sort(*key, _ROW)
    alike = (pl.col("_said").n_unique() == 1).over(key)
    again = crowded.filter(alike & (pl.col(_ROW).cum_count().over(key) > 1))
    differing = crowded.filter(~alike)
    faults: list[pl.DataFrame] = []
    for rows, reason in ((again, "the same row once more; one of them is used"), (differing, DIFFERING)):
        faults += _faults(given, given[_ROW].is_in(rows[_ROW].implode()), "date", reason)
    gone = pl.concat([again[_ROW], differing[_ROW]])
    return typed.filter(~pl.col(_ROW).is_in(gone.implode())), faults


def _faults(given: pl.DataFrame, mask: pl.Series, column: str, reason: str) -> Iterator[pl.DataFrame]:
    """The rows of a mask as faults of one column; nothing when there is none."""
    if not mask.any():
        return
    rows = given.filter(mask)
    yield rows.select(
        _ROW,
        pl.col("athlete").cast(pl.String),
        pl.col("date").cast(pl.String).alias("date"),
        pl.lit(column).alias("column"),
        pl.col(column).cast(pl.String).alias("value"),
        pl.lit(reason).alias("reason"),
        pl.struct(pl.exclude(_ROW)).struct.json_encode().alias("row"),
    )


def _told(faults: list[pl.DataFrame]) -> pl.DataFrame:
    """The faults in an order that does not depend on that of the rows."""
    if not faults:
        return REFUSED_ROWS.frame()
    return pl.concat(faults).select(REFUSED_ROWS.names).sort(pl.all(), nulls_last=True)
