"""What no file may bring, whatever its format: a value outside the range that the tables declare.

Every row that an importer yields passes here. Importers that know line and field say so themselves, in their own words;
this is what holds when they do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import polars as pl

from freshlegs import tables
from freshlegs.importers.contract import Reading
from freshlegs.importers.delimited import Faults
from freshlegs.tables import Column, Row, Table

_COLUMNS: Final = {
    **{
        table.name: {column.name: column for column in table.columns}
        for table in (tables.RECORDS, tables.LAPS, tables.SESSIONS, tables.RUNS, tables.NIGHTS, tables.PROFILE)
    },
    "checkins": {"date": tables.CHECKINS.column("date"), **{column.name: column for column in tables.ANSWER_COLUMNS}},
}
_ONE_OF: Final = {"records": "sample", "laps": "lap", "sessions": "session"}
_BEATS: Final = "beats/min"


def held(reading: Reading, source: str) -> Reading:
    """The reading without values that cannot be; each is a fault with value, place and range, the rest of its row kept.

    Of samples, laps and sessions one fault a column, with the first such value and their number. A heart rate of nought
    is how watches write none, and no fault.
    """
    every = Faults(source)
    for number, activity in enumerate(reading.activities):
        faults = Faults(source)
        records = _frame(activity.records, tables.RECORDS, faults)
        laps = _frame(activity.laps, tables.LAPS, faults)
        sessions = _frame(activity.sessions, tables.SESSIONS, faults)
        summaries = tuple(
            Row(_row(row, tables.RUNS, f"summary {place}", faults)) for place, row in enumerate(activity.summaries, 1)
        )
        told = faults.listed()
        reading.problems.extend(told)
        reading.activities[number] = replace(
            activity,
            records=records,
            laps=laps,
            sessions=sessions,
            summaries=summaries,
            problems=(*activity.problems, *told),
        )
    for rows, table, name in (
        (reading.runs, tables.RUNS, "session"),
        (reading.nights, tables.NIGHTS, "night"),
        (reading.checkins, tables.CHECKINS, "check-in"),
    ):
        for place, row in enumerate(rows):
            rows[place] = _row(row, table, f"{name} {_when(row) or place + 1}", every)
    reading.profile = _row(reading.profile, tables.PROFILE, "profile", every)
    reading.problems.extend(every.listed())
    return reading


def _when(row: Mapping[str, Any]) -> str:
    when = row.get("date") or row.get("start_utc")
    return f"of {when:%Y-%m-%d}" if when is not None else ""


def _row(row: dict[str, Any], table: Table, where: str, faults: Faults) -> dict[str, Any]:
    columns = _COLUMNS[table.name]
    whys = {
        name: why for name, value in row.items() if name in columns and (why := columns[name].refuse(value)) is not None
    }
    for name, why in whys.items():
        if not (row[name] == 0 and columns[name].unit == _BEATS):
            faults.add(where, f"{why}; it was left out")
    return {name: value for name, value in row.items() if name not in whys} if whys else row


def _fits(column: Column, name: str) -> pl.Expr:
    fits = pl.col(name).is_finite()
    if column.low is not None:
        fits &= pl.col(name) >= column.low
    return fits if column.high is None else fits & (pl.col(name) <= column.high)


def _is_strange(values: pl.Series, column: Column) -> bool:
    """Whether a number among these cannot be; by the extremes, which costs microseconds where all is well."""
    low, high, total = values.min(), values.max(), values.sum()
    if low is None:
        return False
    return total != total or column.refuse(low) is not None or column.refuse(high) is not None


def _frame(frame: pl.DataFrame, table: Table, faults: Faults) -> pl.DataFrame:
    columns = _COLUMNS[table.name]
    for values in frame.get_columns():
        name = values.name
        if name not in columns or not values.dtype.is_float() or not _is_strange(values, columns[name]):
            continue
        column = columns[name]
        frame = frame.with_columns(pl.when(_fits(column, name)).then(pl.col(name)).alias(name))
        wrong = frame[name].is_null() & values.is_not_null()
        if column.unit == _BEATS:
            wrong &= values != 0
        if (first := wrong.arg_max()) is None or not wrong[first]:
            continue
        count = int(wrong.sum())
        left = "it was left out" if count == 1 else f"{count:,} such values were left out"
        faults.add(f"{_ONE_OF[table.name]} {first + 1}", f"{column.refuse(values[first])}; {left}")
    return frame
