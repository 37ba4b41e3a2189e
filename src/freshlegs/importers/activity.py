"""One activity file in memory, whatever its format was."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from freshlegs import tables
from freshlegs.problems import Problem
from freshlegs.tables import Row


def _no_rr() -> pl.Series:
    return pl.Series("rr_ms", [], dtype=pl.Float64)


@dataclass(frozen=True, slots=True)
class Activity:
    """What a watch recorded, columns in SI units, every sample of the file in its order.

    ``records``: one row a sample (`tables.RECORDS`; columns the file lacks are absent, developer fields stand
    under their own names), ``laps`` and ``sessions``: one row each, ``rr_ms``: beat-to-beat intervals in
    milliseconds (may be empty), ``summaries``: one `Row` of `tables.RUNS` a session (a multisport or chained file
    has several), ``problems``: what was wrong in the file.
    """

    kind: str
    records: pl.DataFrame
    summaries: tuple[Row, ...]
    laps: pl.DataFrame = field(default_factory=tables.LAPS.frame)
    sessions: pl.DataFrame = field(default_factory=tables.SESSIONS.frame)
    rr_ms: pl.Series = field(default_factory=_no_rr)
    problems: tuple[Problem, ...] = ()

    @property
    def summary(self) -> Row:
        """The file as one run: its only session, else its longest running one."""
        running = [row for row in self.summaries if str(row.get("sport", "")).endswith("running")]
        return max(running or self.summaries, key=lambda row: row.get("elapsed_s") or 0.0)
