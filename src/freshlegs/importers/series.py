"""From samples that each come with a time of their own to an `Activity`; what the JSON of watches shares.

A service gives heart rates, speeds and positions as lists, each at its own instants. Here they become one table: a
row for every instant, each value where it was measured.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from freshlegs import tables
from freshlegs.importers import instants, payload, sports, summary
from freshlegs.importers.activity import Activity
from freshlegs.importers.delimited import Faults
from freshlegs.importers.tracks import ONE_FOOT_MAX

Floats = npt.NDArray[np.float64]

SAMPLES_AT_MOST: Final = 2_000_000
"""Samples of one column that are kept: three weeks of seconds."""

_COLUMNS: Final = tuple(name for name in tables.RECORDS.names if name not in ("time_utc", "elapsed_s"))


_LIMITS: Final = {
    column.name: (
        -math.inf if column.low is None else column.low,
        math.inf if column.high is None else column.high,
    )
    for column in tables.RECORDS.columns
}


@dataclass(slots=True)
class Series:
    """The samples of one session: for each column of `tables.RECORDS` its instants (µs since 1970 UTC) and values."""

    columns: dict[str, tuple[list[int], list[float]]] = field(default_factory=dict)
    rr_ms: list[float] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)

    def add(self, column: str, at_us: int, value: Any, factor: float = 1.0, shift: float = 0.0) -> None:
        """One sample, value · factor + shift; what is no number is passed over, what cannot be is counted."""
        number = payload.number(value)
        if number is None:
            return
        held = number * factor + shift
        low, high = _LIMITS[column]
        if not low <= held <= high:
            self.left_out[column] = self.left_out.get(column, 0) + 1
            return
        times, values = self.columns.setdefault(column, ([], []))
        if len(times) < SAMPLES_AT_MOST:
            times.append(at_us)
            values.append(held)

    def beats(self, rr_ms: Iterable[Any]) -> None:
        """Beat-to-beat intervals in milliseconds; those no heart has are passed over."""
        numbers = (payload.number(one) for one in rr_ms)
        self.rr_ms.extend(one for one in numbers if one is not None and 200.0 <= one <= 3000.0)

    def records(self, sport: str | None) -> pl.DataFrame:
        """One row an instant, in order; columns nobody filled are absent."""
        if not self.columns:
            return pl.DataFrame()
        every = np.unique(np.concatenate([np.array(times, np.int64) for times, _ in self.columns.values()]))
        placed = {name: _placed(every, *self.columns[name]) for name in _COLUMNS if name in self.columns}
        cadence = placed.get("cadence_spm")
        if cadence is not None and sports.is_stepped(sport) and _is_one_foot(cadence):
            placed["cadence_spm"] = cadence * 2.0
        if {"lat_deg", "lon_deg"} <= placed.keys() and "distance_m" not in placed:
            along = summary.distance_along_m(placed["lat_deg"], placed["lon_deg"])
            placed = {"distance_m": along, **placed}
        time_utc = pl.Series("time_utc", every.view("datetime64[us]")).cast(tables.INSTANT)
        elapsed_s = pl.Series("elapsed_s", (every - every[0]) / 1e6)
        columns = [pl.Series(name, placed[name]) for name in _COLUMNS if name in placed]
        return pl.DataFrame([time_utc, elapsed_s, *columns]).with_columns(pl.selectors.float().fill_nan(None))


def _placed(every: npt.NDArray[np.int64], times: list[int], values: list[float]) -> Floats:
    out = np.full(len(every), np.nan)
    out[np.searchsorted(every, np.array(times, np.int64))] = values
    return out


def _is_one_foot(cadence: Floats) -> bool:
    usual = cadence[cadence > 0]
    return bool(usual.size and np.median(usual) <= ONE_FOOT_MAX)


def activity(kind: str, series: Series, told: Mapping[str, Any], where: str, faults: Faults) -> Activity | None:
    """The activity of one session; None when it has no samples. ``told``: what the file says of it."""
    given = payload.possible(told, tables.RUNS, where, faults)
    records = series.records(given.get("sport"))
    if records.is_empty():
        return None
    for name, count in series.left_out.items():
        faults.add(where, f"{count} values of {name} cannot be; they were left out")
    row = summary.summarise(records, sport=given.get("sport"), given=given)
    if row["sport"] is None:
        row["sport"] = "running" if summary.is_running_speed(row) else "unknown"
        faults.add(where, "it does not say which sport this was; it was guessed by its speed", lost=False)
    return Activity(kind, records, (row,), rr_ms=pl.Series("rr_ms", series.rr_ms, dtype=pl.Float64))


def micros(moment: Any) -> int | None:
    """A zoned time in microseconds; None for none."""
    return None if moment is None else instants.micros_of(moment)
