"""Days into weeks and months when many are shown: sums of what adds up, means of the rest, gaps kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import numpy as np
import polars as pl

from freshlegs import vocabulary as v
from freshlegs.charts.spec import Floats

Every = Literal["day", "week", "month"]

DAYS_SHOWN: Final = 200
WEEKS_SHOWN_D: Final = 1600
"""Up to so many days each is shown, up to so many each week; beyond, each month."""

_TRUNCATE: Final = {"day": "1d", "week": "1w", "month": "1mo"}
_PER: Final = {"day": "a day", "week": "a week", "month": "a month"}

OF_YESTERDAY: Final = (
    "load_lu",
    "distance_m",
    "longest_run_m",
    "moving_s",
    "z1_s",
    "z2_s",
    "z3_s",
    "session_spike",
)
"""Columns of `tables.STORY` that tell of the day before; a chart draws them on the day they are of."""

ADDED_UP: Final = ("load_lu", "distance_m", "moving_s", "z1_s", "z2_s", "z3_s")
LARGEST: Final = ("session_spike", "longest_run_m")


@dataclass(frozen=True, slots=True)
class Binned:
    """A frame of one row a day, week or month, without a hole: ``date`` is the first day of each.

    ``x`` is where it begins, ``width`` how many days it has, ``middle`` where a point of it stands.
    """

    frame: pl.DataFrame
    every: Every
    x: Floats
    width: Floats

    @property
    def middle(self) -> Floats:
        """The middle of each bin; of a day the day itself, at noon."""
        return self.x + self.width / 2.0

    def values(self, name: str) -> Floats:
        """A column, NaN for missing."""
        return self.frame.get_column(name).cast(pl.Float64).fill_null(float("nan")).to_numpy()

    @property
    def per(self) -> str:
        """``a day``, ``a week`` or ``a month``."""
        return _PER[self.every]


def every_for(first: date, last: date) -> Every:
    """How coarse a span is shown.

    >>> every_for(date(2026, 1, 1), date(2026, 3, 1)), every_for(date(2016, 1, 1), date(2026, 1, 1))
    ('day', 'month')
    """
    days = (last - first).days
    return "day" if days < DAYS_SHOWN else "week" if days < WEEKS_SHOWN_D else "month"


def binned(story: pl.DataFrame, first: date, last: date) -> Binned:
    """The rows of `tables.STORY` from ``first`` to ``last``, in days, weeks or months; missing days are null rows.

    Run columns are moved to the day they are of, so the load of ``last`` is unknown until the morning after.
    """
    every = every_for(first, last)
    span = pl.DataFrame({"date": pl.date_range(first, last, eager=True)})
    own = story.drop("athlete", *OF_YESTERDAY, strict=False)
    runs = story.select(pl.col("date").dt.offset_by("-1d"), *(c for c in OF_YESTERDAY if c in story.columns))
    days = span.join(own, on="date", how="left").join(runs, on="date", how="left").sort("date")
    days = days.with_columns(
        pl.when(pl.col(f"p_{name}").is_null()).then(0.0).otherwise(f"p_{name}").alias(f"share_{name}")
        for name in v.CHAIN_STATES
    )
    if every != "day":
        days = _together(days, every)
    starts = days.get_column("date").cast(pl.Int32).cast(pl.Float64).to_numpy()
    low = float((first - date(1970, 1, 1)).days)
    high = float((last - date(1970, 1, 1)).days) + 1.0
    ends = np.append(starts[1:], high)
    starts = np.maximum(starts, low)
    return Binned(days, every, starts, ends - starts)


def _together(days: pl.DataFrame, every: Every) -> pl.DataFrame:
    rules: list[pl.Expr] = []
    for name, dtype in days.schema.items():
        column = pl.col(name)
        if name == "date":
            continue
        if name == "state":
            rules.append(_mostly(column))
        elif name in ADDED_UP:
            rules.append(pl.when(column.is_not_null().any()).then(column.sum()).alias(name))
        elif name in LARGEST:
            rules.append(column.max())
        elif name.startswith("since_"):
            rules.append(column.last())
        elif dtype == pl.Boolean:
            rules.append(column.any(ignore_nulls=True).alias(name) if name == "ill" else column.all().alias(name))
        else:
            rules.append(column.mean())
    return days.group_by(pl.col("date").dt.truncate(_TRUNCATE[every]), maintain_order=True).agg(rules)


def _mostly(state: pl.Expr) -> pl.Expr:
    """The state of most days of the bin; of two alike the graver."""
    order = pl.Enum(list(v.STATES))
    return state.cast(order).drop_nulls().sort(descending=True).mode().max().cast(pl.String)


def runs_of(values: Sequence[str | None]) -> list[tuple[int, int, str]]:
    """Stretches of one and the same word: first place, place after the last, the word; None is left out.

    >>> runs_of(["a", "a", None, "b"])
    [(0, 2, 'a'), (3, 4, 'b')]
    """
    out: list[tuple[int, int, str]] = []
    for place, value in enumerate(values):
        if value is None:
            continue
        if out and out[-1][1] == place and out[-1][2] == value:
            out[-1] = (out[-1][0], place + 1, value)
        else:
            out.append((place, place + 1, value))
    return out
