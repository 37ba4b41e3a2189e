"""Days of many athletes as arrays of athlete by day, gaps filled with unknown days.

Row ``a`` of every array is one athlete, column ``t`` the ``t``-th day since that athlete's first; NaN is missing.
Athletes shorter than the longest are padded at the end with days that ``alive`` marks as not theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date, timedelta
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from freshlegs import tables
from freshlegs import vocabulary as v
from freshlegs.problems import WrongRequest

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

Kept = TypeVar("Kept")

EPOCH: Final = date(1970, 1, 1)
CELLS_AT_ONCE: Final = 100_000
"""Athlete-days worked on together: large enough for NumPy, small enough for memory."""

_CODES: Final[dict[str, dict[str, float]]] = {
    "ill": {word: float(i) for i, word in enumerate(v.ILLNESS)},
    "bowel": {"normal": 0.0, "constipated": 1.0, "loose": 1.0},
    "ate_enough": {"yes": 0.0, "unsure": 0.5, "no": 1.0},
    "hit_pace": {"yes": 0.0, "partly": 0.5, "no": 1.0},
}
"""Answers in words as numbers, 0 the good one."""

_NOT_NUMBERS: Final = frozenset({"athlete", "date", "hrv_source", "pain_where", "sleep_habits", "symptoms"})
NUMBERS: Final = tuple(name for name in tables.DAYS.names if name not in _NOT_NUMBERS)


@dataclass(slots=True)
class Panel:
    """A block of athletes: their names, first days (days since 1970), and one array a column."""

    athletes: list[Any]
    first: Ints
    alive: Bools
    columns: dict[str, Floats]
    hrv_series: Ints
    profiles: list[dict[str, Any]] = field(default_factory=list)
    memory: dict[str, Any] = field(default_factory=dict)

    def once(self, name: str, compute: Callable[[], Kept]) -> Kept:
        """What ``compute`` gives, worked out once for a panel and kept for the athletes chosen out of it.

        For what does not depend on which days are frozen: arrays of athlete by day, or lists and dataclasses of them.
        """
        if name not in self.memory:
            self.memory[name] = compute()
        kept: Kept = self.memory[name]
        return kept

    @property
    def shape(self) -> tuple[int, int]:
        """Athletes, days."""
        return self.alive.shape[0], self.alive.shape[1]

    def __getitem__(self, name: str) -> Floats:
        """The column of that name; all missing if nobody measured it."""
        found = self.columns.get(name)
        if found is None:
            found = np.full(self.shape, np.nan)
            self.columns[name] = found
        return found

    def has(self, name: str) -> bool:
        """Whether anything of this column is known."""
        return name in self.columns and not bool(np.isnan(self.columns[name]).all())

    def day(self, a: int, t: int) -> date:
        """The calendar date of a cell."""
        return EPOCH + timedelta(days=int(self.first[a]) + t)

    def index(self, a: int, day: date) -> int:
        """The column of a calendar date of one athlete; may lie outside."""
        return (day - EPOCH).days - int(self.first[a])

    def profile_days(self, key: str) -> Floats:
        """A date of the profile as each athlete's column index (NaN without one); may lie outside."""
        out = np.full(len(self.athletes), np.nan)
        for a, profile in enumerate(self.profiles):
            if key in profile:
                out[a] = self.index(a, profile[key])
        return out

    def choose(self, rows: npt.NDArray[np.intp]) -> Panel:
        """The same for some of the athletes."""
        return Panel(
            athletes=[self.athletes[int(a)] for a in rows],
            first=self.first[rows],
            alive=self.alive[rows],
            columns={name: values[rows] for name, values in self.columns.items()},
            hrv_series=self.hrv_series[rows],
            profiles=[self.profiles[int(a)] for a in rows],
            memory={name: _rows_of(kept, rows, self.shape) for name, kept in self.memory.items()},
        )


def _rows_of(kept: Any, rows: npt.NDArray[np.intp], shape: tuple[int, int]) -> Any:
    """The same structure for some of the athletes."""
    if isinstance(kept, np.ndarray):
        return kept[rows] if kept.shape[:1] == shape[:1] else kept
    if isinstance(kept, dict):
        return {name: _rows_of(value, rows, shape) for name, value in kept.items()}
    if isinstance(kept, (list, tuple)):
        return type(kept)(_rows_of(value, rows, shape) for value in kept)
    if is_dataclass(kept) and not isinstance(kept, type):
        return replace(kept, **{f.name: _rows_of(getattr(kept, f.name), rows, shape) for f in fields(kept)})
    return kept


def _checked(days: pl.DataFrame) -> pl.DataFrame:
    """Sorted, of declared types, without duplicates."""
    if "date" not in days.columns:
        raise WrongRequest("days need a column 'date'")
    frame = days if "athlete" in days.columns else days.with_columns(pl.lit("me").alias("athlete"))
    wanted = [name for name in tables.DAYS.names if name in frame.columns]
    frame = frame.select(wanted)
    casts = {
        name: dtype
        for name, dtype in tables.DAYS.schema.items()
        if name in frame.columns and name != "athlete" and frame.schema[name] != dtype
    }
    try:
        if frame.schema["date"] == pl.String:  # as CSV and JSON hold it
            frame = frame.with_columns(pl.col("date").str.to_date("%Y-%m-%d"))
            casts.pop("date")
        frame = frame.cast(casts)  # type: ignore[arg-type]
    except pl.exceptions.PolarsError as error:
        why = str(error).splitlines()[0]
        raise WrongRequest(f"a column of days has values of another kind: {why}") from None
    if frame.select(pl.col("athlete").is_null().any() | pl.col("date").is_null().any()).item():
        raise WrongRequest("every row of days needs an athlete and a date")
    frame = frame.sort("athlete", "date")
    again = frame.select(
        (pl.col("athlete") == pl.col("athlete").shift()) & (pl.col("date") == pl.col("date").shift())
    ).to_series()
    if again.any():
        row = frame.row(int(again.arg_max() or 0), named=True)
        raise WrongRequest(f"{row['athlete']} has more than one row for {row['date']}")
    return frame


def _number(frame: pl.DataFrame, name: str) -> Floats:
    column = frame.get_column(name)
    if name in _CODES:
        codes = _CODES[name]
        column = column.replace_strict(list(codes), list(codes.values()), default=None, return_dtype=pl.Float64)
    values = column.cast(pl.Float64).to_numpy().astype(np.float64, copy=True)
    values[~np.isfinite(values)] = np.nan
    declared = tables.DAYS.column(name)
    if declared.low is not None:
        with np.errstate(invalid="ignore"):
            values[(values < declared.low) | (values > (declared.high or np.inf))] = np.nan
    return values


def blocks(days: pl.DataFrame, profile: tables.Profile = None) -> Iterator[Panel]:
    """The days as panels of athletes of about equal length, a bounded number of cells at a time.

    A value outside its declared range counts as missing. Raises WrongRequest for two rows of one day, a row
    without athlete or date, and columns of another kind.
    """
    frame = _checked(days)
    if frame.is_empty():
        return
    spans = (
        frame.group_by("athlete", maintain_order=True)
        .agg(pl.len().alias("rows"), pl.col("date").min().alias("first"), pl.col("date").max().alias("last"))
        .with_columns(((pl.col("last") - pl.col("first")).dt.total_days() + 1).alias("span"))
        .with_columns((pl.col("rows").cum_sum() - pl.col("rows")).alias("offset"))
    )
    order = spans.get_column("span").arg_sort().to_numpy()
    lengths = spans.get_column("span").to_numpy()
    start = 0
    while start < len(order):
        stop = start + 1
        while stop < len(order) and (stop + 1 - start) * int(lengths[order[stop]]) <= CELLS_AT_ONCE:
            stop += 1
        yield _panel(frame, spans, np.sort(order[start:stop]), profile)
        start = stop


def _panel(frame: pl.DataFrame, spans: pl.DataFrame, chosen: npt.NDArray[Any], profile: tables.Profile) -> Panel:
    part = spans[chosen]
    counts = part.get_column("rows").to_numpy().astype(np.int64)
    offsets = part.get_column("offset").to_numpy().astype(np.int64)
    within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    rows = frame if part.height == spans.height else frame[np.repeat(offsets, counts) + within]
    first = part.get_column("first").cast(pl.Int32).to_numpy().astype(np.int64)
    span = part.get_column("span").to_numpy().astype(np.int64)
    shape = (part.height, int(span.max()))
    athlete = np.repeat(np.arange(part.height), counts)
    day = rows.get_column("date").cast(pl.Int32).to_numpy().astype(np.int64) - first[athlete]
    cell = athlete * shape[1] + day

    columns: dict[str, Floats] = {}
    for name in NUMBERS:
        if name in rows.columns and rows.get_column(name).null_count() < rows.height:
            values = np.full(shape[0] * shape[1], np.nan)
            values[cell] = _number(rows, name)
            columns[name] = values.reshape(shape)
    _join_stress(columns)
    names = part.get_column("athlete").to_list()
    return Panel(
        athletes=names,
        first=first,
        alive=np.arange(shape[1]) < span[:, None],
        columns=columns,
        hrv_series=_series(rows, cell, shape),
        profiles=[tables.profile_of(profile, name) for name in names],
    )


def _join_stress(columns: dict[str, Floats]) -> None:
    """Stress is the larger of its parts where it was not answered itself."""
    parts = [columns[name] for name in ("stress_work", "stress_home") if name in columns]
    if not parts:
        return
    larger = parts[0] if len(parts) == 1 else np.fmax(parts[0], parts[1])
    columns["stress"] = (
        np.where(np.isnan(columns["stress"]), larger, columns["stress"]) if "stress" in columns else larger
    )


def _series(rows: pl.DataFrame, cell: Ints, shape: tuple[int, int]) -> Ints:
    """A number for each night's HRV source, so that a baseline never mixes two."""
    out = np.zeros(shape[0] * shape[1], dtype=np.int64)
    if "hrv_source" in rows.columns:
        out[cell] = rows.get_column("hrv_source").fill_null("").rank("dense").to_numpy()
    return out.reshape(shape)
