"""One athlete's days on a grid without gaps, so that a window of days is a slice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import polars as pl


class Past:
    """The rows of `tables.DAYS` of one athlete, read column by column when first asked for.

    A day without a row, and a column that is not there, are None: unknown, never zero. Nothing here looks
    beyond the day it is asked about, so one `Past` serves every date of a history.
    """

    def __init__(self, days: pl.DataFrame) -> None:
        if "athlete" in days.columns and days["athlete"].n_unique() > 1:
            raise ValueError("the days of one athlete are wanted, and there are several")
        self._days = days.filter(pl.col("date").is_not_null()) if days.height else days
        dates: list[date] = self._days["date"].to_list() if self._days.height else []
        if len(set(dates)) != len(dates):
            raise ValueError("a date stands twice in the days")
        self.first: date | None = min(dates, default=None)
        self.final: date | None = max(dates, default=None)
        self._rows = [(day - self.first).days for day in dates] if self.first is not None else []
        self.length = max(self._rows, default=-1) + 1
        self._columns: dict[str, list[Any]] = {}
        self._kept: dict[object, Any] = {}

    def column(self, name: str) -> list[Any]:
        """The whole grid of one column, oldest first."""
        if name not in self._columns:
            grid: list[Any] = [None] * self.length
            if name in self._days.columns:
                for row, value in zip(self._rows, self._days[name].to_list(), strict=True):
                    grid[row] = None if isinstance(value, float) and value != value else value
            self._columns[name] = grid
        return self._columns[name]

    def place(self, day: date) -> int:
        """Where a day stands on the grid; may lie outside of it."""
        return (day - self.first).days if self.first is not None else 0

    def day(self, place: int) -> date:
        """The date of a place on the grid."""
        if self.first is None:
            raise ValueError("there are no days")
        return self.first + timedelta(days=place)

    def at(self, name: str, day: date) -> Any:
        """One value, or None."""
        place = self.place(day)
        return self.column(name)[place] if 0 <= place < self.length else None

    def last(self, name: str, day: date, count: int) -> list[Any]:
        """The ``count`` days that end with ``day``, oldest first; None where nothing is known."""
        end = self.place(day) + 1
        grid = self.column(name)
        return [grid[i] if 0 <= i < self.length else None for i in range(end - count, end)]

    def known(self, name: str, day: date, count: int) -> list[Any]:
        """The values that are known among the last ``count`` days, oldest first."""
        return [value for value in self.last(name, day, count) if value is not None]

    def loads(self, day: date, count: int) -> list[float | None]:
        """The load of each of the ``count`` days before ``day``, oldest first (a row holds the day before's)."""
        return self.last("load_lu", day, count)

    def keep(self, key: object, make: Callable[[], Any]) -> Any:
        """What ``make`` gives, worked out once: for series over the whole grid that look back and never ahead."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]


def mean(values: list[float]) -> float | None:
    """The mean, None of nothing."""
    return sum(values) / len(values) if values else None


def median(values: list[float]) -> float | None:
    """The middle value, None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
