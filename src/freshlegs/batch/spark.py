"""The batch on Spark: the same kernel, on whole athletes, partition by partition.

PySpark and PyArrow are imported here and nowhere else (extra ``spark``), Polars first inside the workers. Every worker
needs this package and the same Python. Nothing is collected to the driver; nothing runs before Spark is asked for rows.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

    from freshlegs import tables

ROWS_AT_ONCE: Final = 200_000
"""Rows of whole athletes judged in one go; a partition may be far larger."""

STATE_WEIGHS_ROWS: Final = 60
"""Rows of days that take about as much memory as the state of an athlete (34 kB)."""


def assess(days: DataFrame, profile: tables.Profile = None, *, partitions: int | None = None) -> DataFrame:
    """The verdicts (table BATCH_VERDICTS) of a frame of days, lazily; rows that cannot be used are left out.

    ``days``: columns of `tables.DAYS`, any subset with ``date``, others ignored. ``profile``: as for
    `freshlegs.assess`; it travels to the workers with the task. ``partitions``: into how many the athletes are shuffled
    (without it as Spark is set up). Raises `WrongRequest` for a frame without dates.
    """
    return _judged(days, profile, partitions, "BATCH_VERDICTS", "verdicts")


def refused(days: DataFrame, *, partitions: int | None = None) -> DataFrame:
    """What cannot be used of a frame of days (table REFUSED_ROWS), lazily, a row a fault."""
    return _judged(days, None, partitions, "REFUSED_ROWS", "refused")


def _judged(days: DataFrame, profile: tables.Profile, partitions: int | None, table: str, part: str) -> DataFrame:
    whole = athletes_together(days, partitions)
    return whole.mapInArrow(_Task(profile, table, part), ddl(table))


def athletes_together(days: DataFrame, partitions: int | None) -> DataFrame:
    """The columns that a verdict needs (and ``carry``), all rows of an athlete one after another in one partition."""
    used = used_columns(days)
    shuffled = used.repartition("athlete") if partitions is None else used.repartition(partitions, "athlete")
    return shuffled.sortWithinPartitions("athlete")


def used_columns(days: DataFrame) -> DataFrame:
    """The columns that a verdict needs, and ``carry`` where it is; `WrongRequest` without dates."""
    from pyspark.sql import functions as f

    from freshlegs.batch.rows import COLUMNS
    from freshlegs.problems import WrongRequest

    if "date" not in days.columns:
        raise WrongRequest("days need a column 'date'")
    used = days.select(*(name for name in (*COLUMNS, "carry") if name in days.columns))
    athlete = f.col("athlete") if "athlete" in used.columns else f.lit("me")
    return used.withColumn("athlete", athlete.cast("string"))


def ddl(table: str) -> str:
    """A declared table in Spark's words."""
    import polars as pl

    from freshlegs import tables

    words = {pl.String(): "string", pl.Date(): "date", pl.Float64(): "double", pl.Int64(): "bigint"}
    declared = getattr(tables, table)
    return ", ".join(f"`{column.name}` {words[column.dtype]}" for column in declared.columns)


class _Task:
    """What a worker does with a partition: it is pickled with its arguments alone, and imports Polars there."""

    def __init__(self, profile: tables.Profile, table: str, part: str) -> None:
        self.profile, self.table, self.part = profile, table, part

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        os.environ.setdefault("POLARS_MAX_THREADS", "1")  # Spark gives a task one core
        from freshlegs.batch.kernel import judge_in_pieces

        for athletes in whole_athletes(batches, ROWS_AT_ONCE):
            if self.part == "refused":
                from freshlegs.batch.rows import sorted_out

                yield from arrow(sorted_out(athletes)[1], self.table).to_batches()
            else:
                for piece in judge_in_pieces(athletes, self.profile):
                    yield from arrow(piece.verdicts, self.table).to_batches()


def arrow(frame: pl.DataFrame, table: str) -> pa.Table:
    """A frame as an Arrow table of exactly the types declared: Spark refuses Polars' large strings."""
    import polars as pl
    import pyarrow as pa

    from freshlegs import tables

    types = {pl.String(): pa.string(), pl.Date(): pa.date32(), pl.Float64(): pa.float64(), pl.Int64(): pa.int64()}
    schema = pa.schema([(column.name, types[column.dtype]) for column in getattr(tables, table).columns])
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(schema)


def whole_athletes(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pl.DataFrame]:
    """The rows of a partition sorted by athlete, about so many at a time, no athlete cut in two."""
    import polars as pl

    held: list[pl.DataFrame] = []
    count = 0
    for batch in batches:
        frame = pl.from_arrow(batch)
        if not isinstance(frame, pl.DataFrame) or frame.is_empty():
            continue
        held.append(frame)
        count += _weight(frame)
        if count < rows:
            continue
        together = pl.concat(held)
        last = together["athlete"].eq_missing(together["athlete"][-1])
        cut = int(last.arg_max() or 0)  # where the last athlete, who may go on in the next batch, begins
        if cut:
            yield together[:cut]
        held, count = [together[cut:]], _weight(together[cut:])
    if count:
        yield pl.concat(held)


def _weight(frame: pl.DataFrame) -> int:
    """Its rows; the state of an athlete counts for as many as take about its room."""
    states = frame.height - frame["carry"].null_count() if "carry" in frame.columns else 0
    return frame.height + STATE_WEIGHS_ROWS * states


def run(
    days: str,
    out: str,
    *,
    profile: tables.Profile = None,
    since: date | None = None,
    session: SparkSession | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, int]:
    """From Parquet to Parquet; see `spark_run.run`."""
    from freshlegs.batch import spark_run

    return spark_run.run(days, out, profile=profile, since=since, session=session, progress=progress)
