"""What holds for every reader, whatever the bytes: a reading within the tables' ranges, or UnreadableFile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from freshlegs import tables
from freshlegs.importers import Activity, Context, Importer, Reading, Source
from freshlegs.importers.archives import Zip, gunzipped
from freshlegs.importers.bounds import held
from freshlegs.importers.contract import HEAD_BYTES
from freshlegs.importers.sources import _walk_zip
from freshlegs.problems import Problem, UnreadableFile

HOME = Context(home_time_zone="Europe/Oslo")

_SAID = replace(tables.CHECKINS, columns=(tables.CHECKINS.column("date"), *tables.ANSWER_COLUMNS))
"""What one morning's row of a file may hold: what is said after a run too."""

MOST_CELLS = 4_000_000
"""A table may be as large as this, or sixteen cells a byte of the file."""


def read_harmlessly(importer: Importer, data: bytes, name: str = "some.file") -> bool:
    """Ask the importer itself (the registry above it would hide a fault); true if it gave a reading.

    AssertionError for a reading that breaks a promise; whatever else is raised is a fault as well.
    """
    assert importer.recognise(data[:HEAD_BYTES], name) in (True, False)
    try:
        reading = held(importer.read(Source(name, data, HOME)), name)
    except UnreadableFile as error:
        _is_sentence(str(error))
        return False
    check(reading, len(data))
    return True


def unpack_harmlessly(data: bytes) -> bool:
    """A zip or gzip of these bytes: its files, or UnreadableFile; nothing longer than 16 MB, nothing endless."""
    import io

    most_b = max(16 * 2**20, 300 * len(data))
    try:
        if data[:2] == b"PK":
            made = 0
            for found in _walk_zip(Zip(io.BytesIO(data)), "some.zip", nested=False):
                if found.problem is not None:
                    _is_sentence(found.problem.message)
                    continue
                try:
                    made += sum(map(len, found.chunks()))
                except UnreadableFile as error:
                    _is_sentence(str(error))
                assert made <= most_b
            return True
        assert sum(map(len, gunzipped(iter((data,))))) <= most_b
    except UnreadableFile as error:
        _is_sentence(str(error))
        return False
    return True


def check(reading: Reading, size_b: int) -> None:
    """AssertionError unless everything read is declared, within its range, and not far larger than the file."""
    for activity in reading.activities:
        _activity(activity, size_b)
    _rows(reading.runs, tables.RUNS)
    _rows(reading.nights, tables.NIGHTS)
    _rows(reading.checkins, _SAID)
    _rows([reading.profile], tables.PROFILE)
    _problems(reading.problems)


def _activity(activity: Activity, size_b: int) -> None:
    records = activity.records
    assert records.height <= size_b
    assert records.height * records.width <= max(MOST_CELLS, 16 * size_b)
    assert len(activity.summaries) >= 1
    assert activity.summary is not None
    _frame(records, tables.RECORDS)
    _frame(activity.laps, tables.LAPS)
    _frame(activity.sessions, tables.SESSIONS)
    _rows(activity.summaries, tables.RUNS)
    _problems(activity.problems)


def _frame(frame: pl.DataFrame, table: tables.Table) -> None:
    """Each declared column has its type, and every number in it its range."""
    for column in table.columns:
        if column.name not in frame.columns:
            continue
        values = frame[column.name]
        assert values.dtype == column.dtype, f"{table.name}.{column.name} is {values.dtype}"
        if column.dtype != tables.NUMBER or values.null_count() == len(values):
            continue
        assert values.drop_nulls().is_finite().all(), f"{table.name}.{column.name} is not finite"
        for extreme in (values.min(), values.max()):
            assert (why := column.refuse(extreme)) is None, f"{table.name}: {why}"


def _rows(rows: Iterable[Mapping[str, Any]], table: tables.Table) -> None:
    for row in rows:
        for name, value in row.items():
            assert (why := table.column(name).refuse(value)) is None, f"{table.name}: {why}"


def _problems(problems: Iterable[Problem]) -> None:
    for problem in problems:
        _is_sentence(problem.message)
        assert problem.where.isprintable()


def _is_sentence(text: str) -> None:
    assert text, "no reason given"
    assert text.isprintable(), f"not on one printable line: {text[:80]!r}"
    assert len(text) <= 1_000, "a reason longer than anybody reads"
