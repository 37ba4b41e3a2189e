"""One table of whole athletes in, declared tables out: verdicts, what was set aside, what the next day needs. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import polars as pl

from freshlegs import tables
from freshlegs import vocabulary as v
from freshlegs.batch.rows import sorted_out
from freshlegs.fatigue import assess
from freshlegs.fatigue.carry import assess_from
from freshlegs.fatigue.panel import ascending
from freshlegs.fatigue.parameters import PARAMETERS

CELLS_AT_ONCE: Final = 400_000
"""Athlete-days judged in one piece: what a worker holds in memory does not grow with the data."""


@dataclass(frozen=True, slots=True)
class Judged:
    """``verdicts``: table BATCH_VERDICTS; ``refused``: REFUSED_ROWS; ``carry``: CARRY, empty if not asked for."""

    verdicts: pl.DataFrame
    refused: pl.DataFrame
    carry: pl.DataFrame


def judge(days: pl.DataFrame, profile: tables.Profile = None) -> pl.DataFrame:
    """The verdict of every athlete and day of a table with whole athletes; see `judge_in_pieces`."""
    return pl.concat(piece.verdicts for piece in judge_in_pieces(days, profile))


def judge_in_pieces(
    days: pl.DataFrame, profile: tables.Profile = None, *, with_carry: bool = False
) -> Iterator[Judged]:
    """As `judge`, some athletes at a time, in the order of their names; at least one piece.

    ``days``: columns of `tables.DAYS` (``date`` at least), rows in any order, all rows of an athlete. ``profile``: one
    mapping for all, or a frame with a row an athlete. Raises `WrongRequest` for a table without dates.
    """
    good, refused = sorted_out(days)
    if not ascending(good):
        good = good.sort("athlete", "date")
    if good.is_empty():
        yield Judged(marked(tables.VERDICTS.frame()), refused, tables.CARRY.frame())
        return
    for piece in _pieces(good):
        if with_carry:
            verdicts, carry = assess_from(None, piece, profile, workers=1)
        else:
            verdicts, carry = assess(piece, profile, workers=1), tables.CARRY.frame()
        yield Judged(marked(verdicts), refused, carry)
        refused = tables.REFUSED_ROWS.frame()


def go_on(carry: pl.DataFrame, days: pl.DataFrame, profile: tables.Profile = None, workers: int = 1) -> Judged:
    """The verdicts of the days after those that a carry (table CARRY) stands for, and the carry after them.

    ``days`` are rows as `sorted_out` gives them. Days that were judged already are passed over, whatever they hold;
    athletes the carry does not know begin. Equal to judging the whole history, to the bit, while the profile stays the
    same. The rows of the carry must be of one layout.
    """
    last = carry.select("athlete", pl.col("date").alias("_last"))
    placed = days.join(last, on="athlete", how="left")
    new = placed.filter(pl.col("_last").is_null() | (pl.col("date") > pl.col("_last"))).drop("_last")
    verdicts, after = assess_from(carry, new.sort("athlete", "date"), profile, workers=workers)
    return Judged(marked(verdicts), tables.REFUSED_ROWS.frame(), after)


def go_on_in_pieces(carry: pl.DataFrame, days: pl.DataFrame, profile: tables.Profile = None) -> Iterator[Judged]:
    """As `go_on`, for a carry of any layouts and days as they come: what cannot be used is set aside."""
    good, refused = sorted_out(days)
    for own in carry.partition_by("layout", maintain_order=True):
        yield go_on(own, good.join(own.select("athlete"), on="athlete", how="semi"), profile)
    begin = good.join(carry.select("athlete"), on="athlete", how="anti")
    for judged in judge_in_pieces(begin, profile, with_carry=True):
        yield Judged(judged.verdicts, refused, judged.carry)
        refused = tables.REFUSED_ROWS.frame()


def marked(verdicts: pl.DataFrame) -> pl.DataFrame:
    """Verdicts that say by which schema and which parameter table they were made."""
    return verdicts.with_columns(
        pl.lit(v.SCHEMA_VERSION, dtype=pl.Int64).alias("schema_version"), pl.lit(PARAMETERS.hash).alias("parameters")
    ).select(tables.BATCH_VERDICTS.names)


def _pieces(days: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Whole athletes, so many that their days from first to last stay within the bound; one athlete may exceed it."""
    spans = days.group_by("athlete", maintain_order=True).agg(
        pl.len().alias("rows"), (pl.col("date").last() - pl.col("date").first()).dt.total_days().alias("cells") + 1
    )
    start = rows = cells = 0
    for _, own_rows, own_cells in spans.iter_rows():
        if cells and cells + own_cells > CELLS_AT_ONCE:
            yield days.slice(start, rows)
            start, rows, cells = start + rows, 0, 0
        rows, cells = rows + own_rows, cells + own_cells
    yield days.slice(start, rows)
