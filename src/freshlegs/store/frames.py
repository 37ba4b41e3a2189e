"""Values between Python, SQLite and Polars."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import polars as pl

from freshlegs import tables

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def to_us(instant: datetime) -> int:
    """Microseconds since 1970 UTC; an instant without a zone is taken as UTC.

    >>> to_us(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000
    """
    aware = instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
    return (aware - _EPOCH) // _MICROSECOND


def from_us(microseconds: int) -> datetime:
    """The instant of so many microseconds since 1970 UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)


def to_sql(value: Any) -> Any:
    """A value of a declared column as SQLite keeps it."""
    if isinstance(value, datetime):
        return to_us(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (list, tuple)):
        return json.dumps(list(value), ensure_ascii=False)
    return value


def to_json(value: Any) -> str:
    """One value of any declared type as JSON text; dates as ISO text, instants as ISO text too."""
    return json.dumps(value.isoformat() if isinstance(value, date) else value, ensure_ascii=False)


def from_json(text: str, dtype: pl.DataType | None) -> Any:
    """What `to_json` made of a value of this declared type."""
    value = json.loads(text)
    if isinstance(value, str):
        if dtype == tables.INSTANT:
            return datetime.fromisoformat(value)
        if dtype == tables.DAY:
            return date.fromisoformat(value)
    return value


def frame(rows: Sequence[Sequence[Any]], schema: Mapping[str, Any]) -> pl.DataFrame:
    """Rows as SQLite gives them, columns in the order of ``schema``, as a frame of that schema."""
    if not rows:
        return pl.DataFrame(schema=dict(schema))
    columns = zip(*rows, strict=True)
    return pl.DataFrame(
        [_series(name, values, dtype) for (name, dtype), values in zip(schema.items(), columns, strict=True)]
    )


def _series(name: str, values: tuple[Any, ...], dtype: Any) -> pl.Series:
    if dtype == tables.INSTANT:
        return pl.Series(name, values, dtype=pl.Int64).cast(dtype)
    if dtype == tables.DAY:
        return pl.Series(name, values, dtype=pl.String).str.to_date("%Y-%m-%d")
    if dtype == tables.YES_NO:
        return pl.Series(name, values, dtype=pl.Int8).cast(dtype)
    if dtype == tables.WORDS:
        return pl.Series(name, [None if value is None else json.loads(value) for value in values], dtype=dtype)
    if dtype == tables.NUMBER:
        return pl.Series(name, values, dtype=dtype, strict=False)
    return pl.Series(name, values, dtype=dtype)
