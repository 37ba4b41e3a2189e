"""The batch on Spark: the same kernel, on whole athletes, partition by partition.

PySpark and PyArrow are imported here and nowhere else (extra ``spark``), Polars first inside the workers. Every worker
needs this package and the same Python. Nothing is collected to the driver; nothing runs before Spark is asked for rows.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

    from freshlegs import tables

ROWS_AT_ONCE: Final = 200_000
"""Rows of whole athletes judged in one go; a partition may be far larger."""

ROWS_A_WAVE: Final = 50_000_000
"""Rows after which a run through `run` is committed: what is done when it is stopped stays done."""


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
    whole = _athletes_together(days, partitions)
    return whole.mapInArrow(_Task(profile, table, part), _ddl(table))


def _athletes_together(days: DataFrame, partitions: int | None) -> DataFrame:
    from pyspark.sql import functions as f

    from freshlegs.batch.rows import COLUMNS
    from freshlegs.problems import WrongRequest

    if "date" not in days.columns:
        raise WrongRequest("days need a column 'date'")
    used = days.select(*(name for name in COLUMNS if name in days.columns))
    athlete = f.col("athlete") if "athlete" in used.columns else f.lit("me")
    used = used.withColumn("athlete", athlete.cast("string"))
    shuffled = used.repartition("athlete") if partitions is None else used.repartition(partitions, "athlete")
    return shuffled.sortWithinPartitions("athlete")


def _ddl(table: str) -> str:
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

        for athletes in _whole_athletes(batches, ROWS_AT_ONCE):
            if self.part == "refused":
                from freshlegs.batch.rows import sorted_out

                yield from self._arrow(sorted_out(athletes)[1])
            else:
                for piece in judge_in_pieces(athletes, self.profile):
                    yield from self._arrow(piece.verdicts)

    def _arrow(self, frame: pl.DataFrame) -> list[pa.RecordBatch]:
        """As Arrow, cast to the declared types: Spark refuses Polars' large strings."""
        batches: list[pa.RecordBatch] = arrow(frame, self.table).to_batches()
        return batches


def arrow(frame: pl.DataFrame, table: str) -> pa.Table:
    """A frame as an Arrow table of exactly the types declared."""
    import polars as pl
    import pyarrow as pa

    from freshlegs import tables

    types = {pl.String(): pa.string(), pl.Date(): pa.date32(), pl.Float64(): pa.float64(), pl.Int64(): pa.int64()}
    schema = pa.schema([(column.name, types[column.dtype]) for column in getattr(tables, table).columns])
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(schema)


def _whole_athletes(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pl.DataFrame]:
    """The rows of a partition sorted by athlete, about so many at a time, no athlete cut in two."""
    import polars as pl

    held: list[pl.DataFrame] = []
    count = 0
    for batch in batches:
        frame = pl.from_arrow(batch)
        if not isinstance(frame, pl.DataFrame) or frame.is_empty():
            continue
        held.append(frame)
        count += frame.height
        if count < rows:
            continue
        together = pl.concat(held)
        last = together["athlete"].eq_missing(together["athlete"][-1])
        cut = int(last.arg_max() or 0)  # where the last athlete, who may go on in the next batch, begins
        if cut:
            yield together[:cut]
        held, count = [together[cut:]], together.height - cut
    if count:
        yield pl.concat(held)


# --- from Parquet to Parquet -----------------------------------------------------------------------------------


def run(
    days: str,
    out: str,
    *,
    profile: tables.Profile = None,
    session: SparkSession | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, int]:
    """The verdicts of a data set, written as one by the Spark that is there (or a local one); see `local.run`.

    Athletes are done in waves of about `ROWS_A_WAVE` rows, each committed on its own under ``OUT/wave=…``: a run that
    was stopped goes on after the last that is done. Paths may be anything Spark can open. Gives the counts.
    """
    from pyspark.sql import SparkSession
    from pyspark.sql import functions as f

    spark = session or SparkSession.builder.appName("freshlegs batch").getOrCreate()
    given = spark.read.parquet(days)
    name = f.coalesce(f.col("athlete").cast("string"), f.lit("")) if "athlete" in given.columns else f.lit("me")
    waves = max(1, -(-given.count() // ROWS_A_WAVE))
    side = f"{out.rstrip('/')}.side"
    for wave in range(waves):
        if not _is_there(spark, f"{side}/done/wave={wave:03d}"):
            part = given if waves == 1 else given.where(f.pmod(f.crc32(name), f.lit(waves)) == wave)
            assess(part, profile).write.mode("overwrite").parquet(f"{out}/wave={wave:03d}")
            refused(part).write.mode("overwrite").parquet(f"{side}/refused/wave={wave:03d}")
            spark.range(1).write.mode("overwrite").parquet(f"{side}/done/wave={wave:03d}")
        if progress is not None:
            progress(wave + 1, waves)
    verdicts = spark.read.parquet(out)
    counts = verdicts.agg(f.countDistinct("athlete").alias("athletes"), f.count("*").alias("verdicts")).first()
    aside = spark.read.schema(_ddl("REFUSED_ROWS")).parquet(f"{side}/refused").count()
    return {"athletes": counts["athletes"], "verdicts": counts["verdicts"], "refused": aside} if counts else {}


def _is_there(spark: SparkSession, path: str) -> bool:
    from pyspark.errors import AnalysisException

    try:
        return bool(spark.read.parquet(path).count())
    except AnalysisException:
        return False
