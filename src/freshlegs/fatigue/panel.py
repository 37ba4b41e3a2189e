"""Days of many athletes as arrays of athlete by day, gaps filled with unknown days.

Row ``a`` of every array is one athlete, column ``t`` the ``t``-th day since that athlete's first; NaN is missing.
Athletes shorter than the longest are padded at the end with days that ``alive`` marks as not theirs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date, timedelta
from functools import partial
from hashlib import blake2b
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from freshlegs import tables
from freshlegs import vocabulary as v
from freshlegs.fatigue.excerpt import Window
from freshlegs.fatigue.past import Bools, Floats, Ints, Past
from freshlegs.problems import WrongRequest

Kept = TypeVar("Kept")

EPOCH: Final = date(1970, 1, 1)
CELLS_AT_ONCE: Final = 100_000
"""Athlete-days worked on together: large enough for NumPy, small enough for memory."""

LITTLE_MORE: Final = 1.05
"""So much more than need be is no matter: cells padded, cells worked on together."""

FEW_ROWS: Final = 1_000

LARGEST: Final = float(np.finfo(np.float64).max)

_CODES: Final[dict[str, dict[str, float]]] = {
    "ill": {word: float(i) for i, word in enumerate(v.ILLNESS)},
    "bowel": {"normal": 0.0, "constipated": 1.0, "loose": 1.0},
    "ate_enough": {"yes": 0.0, "unsure": 0.5, "no": 1.0},
    "hit_pace": {"yes": 0.0, "partly": 0.5, "no": 1.0},
    "rest_test": {"back": 0.0, "partly": 0.5, "not_back": 1.0},
}
"""Answers in words as numbers, 0 the good one."""

_NOT_NUMBERS: Final = frozenset(
    {"athlete", "date", "hrv_source", "hr_source", "pain_where", "sleep_habits", "symptoms"}
)
NUMBERS: Final = tuple(name for name in tables.DAYS.names if name not in _NOT_NUMBERS)


@dataclass(slots=True)
class Panel:
    """A block of athletes: their names, first days (days since 1970), and one array a column.

    ``measured``: the columns of which anything is known. ``source``: the panel this one is a window of, with the
    window; what is not here yet is taken from there.
    """

    athletes: list[Any]
    first: Ints
    alive: Bools
    columns: dict[str, Floats]
    hrv_series: Ints
    hr_series: Ints
    profiles: list[dict[str, Any]] = field(default_factory=list)
    memory: dict[str, Any] = field(default_factory=dict)
    measured: frozenset[str] = frozenset()
    source: tuple[Panel, Window] | None = None
    past: Past = field(init=False)

    def __post_init__(self) -> None:
        self.past = Past(self.alive.sum(axis=1))
        if self.source is None:
            here = (name for name, values in self.columns.items() if not np.isnan(values).all())
            self.measured = self.measured.union(here)
        elif self.source[1].whole_days:
            self.past = self.source[0].past.choose(self.source[1].rows)

    def once(self, name: str, compute: Callable[[], Kept]) -> Kept:
        """What ``compute`` gives, worked out once for a panel and kept for the windows taken out of it.

        For what does not depend on which days are frozen: arrays of athlete by day, or lists and dataclasses of them.
        """
        if name not in self.memory:
            if self.source is not None and name in self.source[0].memory:
                whole, window = self.source
                self.memory[name] = _seen_through(whole.memory[name], window, whole.shape)
            else:
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
            if self.source is not None and name in self.source[0].columns:
                whole, window = self.source
                found = window.take(whole.columns[name])
            else:
                found = np.full(self.shape, np.nan)
            self.columns[name] = found
        return found

    def has(self, name: str) -> bool:
        """Whether anything of this column is known, of whichever athlete and day of the block."""
        return name in self.measured

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
        return self.through(Window(rows, np.zeros_like(rows), self.shape[1]))

    def through(self, window: Window) -> Panel:
        """Some of the athletes, some of their days."""
        return Panel(
            athletes=[self.athletes[int(a)] for a in window.rows],
            first=self.first[window.rows] + window.start,
            alive=window.take(self.alive),
            columns={},
            hrv_series=window.take(self.hrv_series),
            hr_series=window.take(self.hr_series),
            profiles=[self.profiles[int(a)] for a in window.rows],
            measured=self.measured,
            source=(self, window),
        )


def _seen_through(kept: Any, window: Window, shape: tuple[int, int]) -> Any:
    """The same structure for the athletes and days of a window."""
    if isinstance(kept, np.ndarray):
        return window.take(kept) if kept.shape[:2] == shape else kept
    if isinstance(kept, dict):
        return {name: _seen_through(value, window, shape) for name, value in kept.items()}
    if isinstance(kept, (list, tuple)):
        return type(kept)(_seen_through(value, window, shape) for value in kept)
    if is_dataclass(kept) and not isinstance(kept, type):
        seen = {f.name: _seen_through(getattr(kept, f.name), window, shape) for f in fields(kept)}
        return replace(kept, **seen)
    return kept


def checked(days: pl.DataFrame) -> pl.DataFrame:
    """Sorted, of declared types, without duplicates."""
    if "date" not in days.columns:
        raise WrongRequest("days need a column 'date'")
    frame = days if "athlete" in days.columns else days.with_columns(pl.lit("me").alias("athlete"))
    wanted = [name for name in tables.DAYS.names if name in frame.columns]
    frame = frame.select(wanted)
    given = frame.schema
    casts = {
        name: dtype
        for name, dtype in tables.DAYS.schema.items()
        if name in given and name != "athlete" and given[name] != dtype
    }
    try:
        if frame.schema["date"] == pl.String:  # as CSV and JSON hold it
            frame = frame.with_columns(pl.col("date").str.to_date("%Y-%m-%d"))
            casts.pop("date")
        frame = frame.cast(casts) if casts else frame  # type: ignore[arg-type]
    except pl.exceptions.PolarsError as error:
        why = str(error).splitlines()[0]
        raise WrongRequest(f"a column of days has values of another kind: {why}") from None
    if frame.get_column("athlete").null_count() or frame.get_column("date").null_count():
        raise WrongRequest("every row of days needs an athlete and a date")
    if not ascending(frame):
        frame = frame.sort("athlete", "date")
        again = frame.select(
            (pl.col("athlete") == pl.col("athlete").shift()) & (pl.col("date") == pl.col("date").shift())
        ).to_series()
        if again.any():
            row = frame.row(int(again.arg_max() or 0), named=True)
            raise WrongRequest(f"{row['athlete']} has more than one row for {row['date']}")
    return frame


def ascending(frame: pl.DataFrame) -> bool:
    """Whether the rows are in order already, each once: to see it takes far less than to sort."""
    athlete, day = pl.col("athlete"), pl.col("date")
    same = athlete == athlete.shift()
    later = (same & (day > day.shift())) | (athlete > athlete.shift())
    return bool(frame.select(later.slice(1).all()).item())


def _number(frame: pl.DataFrame, name: str) -> Floats:
    column = frame.get_column(name)
    if name in _CODES:
        codes = _CODES[name]
        column = column.replace_strict(list(codes), list(codes.values()), default=None, return_dtype=pl.Float64)
    column = column.cast(pl.Float64)
    # Of many rows it is four times faster not to leave the nulls to `to_numpy`; of a few it is the other way about.
    values = (column if column.len() < FEW_ROWS else column.fill_null(np.nan)).to_numpy()
    declared = tables.DAYS.column(name)
    low = -LARGEST if declared.low is None else declared.low
    high = declared.high or LARGEST
    least, most = column.min(), column.max()
    if isinstance(least, float) and isinstance(most, float) and low <= least and most <= high:
        return values
    with np.errstate(invalid="ignore"):
        return np.where((values >= low) & (values <= high), values, np.nan)


def blocks(days: pl.DataFrame, profile: tables.Profile = None) -> Iterator[Panel]:
    """The days as panels of athletes of about equal length, a bounded number of cells at a time.

    A value outside its declared range counts as missing. Raises WrongRequest for two rows of one day, a row
    without athlete or date, and columns of another kind.
    """
    for make in lots(days, profile):
        yield make()


def lots(days: pl.DataFrame, profile: tables.Profile = None) -> list[Callable[[], Panel]]:
    """What makes each of the panels of `blocks`, for whoever works on several at a time. Raises as `blocks` does."""
    frame = checked(days)
    if frame.is_empty():
        return []
    owners = Owners.of(frame)
    return [partial(panel_of, owners, chosen, profile) for chosen in grouped(owners.span)]


def grouped(span: Ints, extra: int = 0) -> Iterator[npt.NDArray[np.intp]]:
    """Athletes of about equal length in groups of a bounded number of cells; ``extra`` days more cost like days.

    In the order they stand in, where that pads little: then no row need be gathered and no verdict be sorted.
    """
    cost = np.asarray(span) + extra
    side_by_side = list(_runs(cost))
    if sum(len(run) * int(cost[run].max()) for run in side_by_side) <= LITTLE_MORE * int(cost.sum()):
        yield from side_by_side
        return
    order = np.argsort(cost, kind="stable")
    for run in _runs(cost[order]):
        yield np.sort(order[run])


def _runs(cost: Ints) -> Iterator[npt.NDArray[np.intp]]:
    """Neighbours in runs of about as many cells each; an even number of runs, for two are worked on at a time."""
    total = int(cost.sum())
    number = math.ceil(total / (LITTLE_MORE * CELLS_AT_ONCE))
    number += number % 2 if number > 1 else 0
    most = total / max(number, 1) + int(cost.max(initial=0))
    start = 0
    while start < len(cost):
        stop, longest = start + 1, int(cost[start])
        while stop < len(cost) and (stop + 1 - start) * max(longest, int(cost[stop])) <= most:
            longest = max(longest, int(cost[stop]))
            stop += 1
        yield np.arange(start, stop)
        start = stop


@dataclass(frozen=True, slots=True)
class Owners:
    """Sorted rows, and of each athlete: name, where the rows begin, how many, first day, days from first to last."""

    frame: pl.DataFrame
    names: list[Any]
    offset: Ints
    rows: Ints
    first: Ints
    span: Ints

    @classmethod
    def of(cls, frame: pl.DataFrame) -> Owners:
        """The athletes of checked days."""
        begins = frame.select(pl.col("athlete").rle_id().to_physical()).to_series().to_numpy()
        offset = np.flatnonzero(np.diff(begins.astype(np.int64), prepend=-1))
        rows = np.diff(offset, append=frame.height)
        date_of = frame.get_column("date").to_physical().to_numpy()
        first = date_of[offset].astype(np.int64)
        span = date_of[offset + rows - 1].astype(np.int64) - first + 1
        return cls(frame, frame.get_column("athlete").gather(offset).to_list(), offset, rows, first, span)


def panel_of(owners: Owners, chosen: npt.NDArray[Any], profile: tables.Profile) -> Panel:
    """The panel of some of the athletes."""
    counts, offsets = owners.rows[chosen], owners.offset[chosen]
    first, span = owners.first[chosen], owners.span[chosen]
    shape = (len(chosen), int(span.max()))
    if bool(np.all(np.diff(chosen) == 1)):
        rows = owners.frame.slice(int(offsets[0]), int(counts.sum()))
    else:
        within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
        rows = owners.frame[np.repeat(offsets, counts) + within]
    athlete = np.repeat(np.arange(len(chosen)), counts)
    day = rows.get_column("date").to_physical().to_numpy().astype(np.int64) - first[athlete]
    cell = athlete * shape[1] + day

    columns: dict[str, Floats] = {}
    dense = rows.height == shape[0] * shape[1]  # every cell has its row, in order
    here = set(rows.columns)
    for name in NUMBERS:
        if name in here and rows.get_column(name).null_count() < rows.height:
            known = _number(rows, name)
            if dense:  # a column without nulls is still the frame's own memory, which nobody may write to
                values = known if known.flags.writeable else known.copy()
            else:
                values = np.full(shape[0] * shape[1], np.nan)
                values[cell] = known
            columns[name] = values.reshape(shape)
    _join_stress(columns)
    names = [owners.names[int(a)] for a in chosen]
    return Panel(
        athletes=names,
        first=first,
        alive=np.arange(shape[1]) < span[:, None],
        columns=columns,
        hrv_series=_series(rows, "hrv_source", cell, shape),
        hr_series=_series(rows, "hr_source", cell, shape),
        profiles=[tables.profile_of(profile, name) for name in names],
    )


def _join_stress(columns: dict[str, Floats]) -> None:
    """Stress is the larger of its parts where these were answered."""
    parts = [columns[name] for name in ("stress_work", "stress_home") if name in columns]
    if not parts:
        return
    larger = parts[0] if len(parts) == 1 else np.fmax(parts[0], parts[1])
    columns["stress"] = np.where(np.isnan(larger), columns["stress"], larger) if "stress" in columns else larger


def _series(rows: pl.DataFrame, column: str, cell: Ints, shape: tuple[int, int]) -> Ints:
    """A number for each night's source, so that a baseline never mixes two: of its name, and always the same."""
    out = np.zeros(shape[0] * shape[1], dtype=np.int64)
    if column in rows.columns:
        names = rows.get_column(column).fill_null("")
        number = {name: _number_of(name) for name in names.unique()}
        out[cell] = names.replace_strict(number, return_dtype=pl.Int64).to_numpy()
    return out.reshape(shape)


def _number_of(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=6).digest()) if name else 0
