"""What a recording may not hold, whatever its format: numbers outside the range that the tables declare."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import polars as pl

from freshlegs import tables
from freshlegs.importers.contract import Reading
from freshlegs.problems import Problem
from freshlegs.tables import Column, Row, Table

_NUMBERS: Final = {
    table.name: {column.name: column for column in table.columns if column.dtype == tables.NUMBER}
    for table in (tables.RECORDS, tables.LAPS, tables.SESSIONS, tables.RUNS)
}
_SAID: Final = {"records": "samples", "laps": "laps", "sessions": "sessions"}


def held(reading: Reading, source: str) -> Reading:
    """The reading, its activities without numbers that cannot be; each column of which some were left out is a fault.

    The rows of services (nights, check-ins, sessions without samples) are held by their importers, which know the line.
    """
    for number, activity in enumerate(reading.activities):
        faults: list[Problem] = []
        records = _frame(activity.records, tables.RECORDS, source, faults)
        laps = _frame(activity.laps, tables.LAPS, source, faults)
        sessions = _frame(activity.sessions, tables.SESSIONS, source, faults)
        summaries = tuple(_row(row, source, faults) for row in activity.summaries)
        if faults:
            reading.activities[number] = replace(
                activity,
                records=records,
                laps=laps,
                sessions=sessions,
                summaries=summaries,
                problems=(*activity.problems, *faults),
            )
            reading.problems.extend(faults)
    return reading


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


def _frame(frame: pl.DataFrame, table: Table, source: str, faults: list[Problem]) -> pl.DataFrame:
    columns = _NUMBERS[table.name]
    for values in frame.get_columns():
        name = values.name
        if name not in columns or not values.dtype.is_float() or not _is_strange(values, columns[name]):
            continue
        fits = _fits(columns[name], name)
        frame = frame.with_columns(pl.when(fits).then(pl.col(name)).alias(name))
        wrong = int((frame[name].is_null() & values.is_not_null() & (values != 0)).sum())
        if not wrong:
            continue  # a heart rate of nought is how watches write none
        what = f"{wrong:,} values of {name} that cannot be were" if wrong > 1 else f"1 {name} that cannot be was"
        faults.append(Problem(source, _SAID[table.name], f"{what} left out", lost=True))
    return frame


def _row(row: Row, source: str, faults: list[Problem]) -> Row:
    whys = {name: why for name, value in row.items() if (why := tables.RUNS.column(name).refuse(value)) is not None}
    faults.extend(Problem(source, "summary", f"{why}; it was left out", lost=True) for why in whys.values())
    return Row({name: value for name, value in row.items() if name not in whys}) if whys else row
