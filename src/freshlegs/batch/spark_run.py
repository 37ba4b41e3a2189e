"""From Parquet to Parquet on Spark, and the next day from the carry: read and written by the executors alone.

``OUT/wave=…`` holds the verdicts. ``OUT.side`` holds ``refused/wave=…``, ``carry/slot=…/wave=…`` and ``done``, a row a
wave that is done. A step that goes on writes its verdicts as one more wave, and its carry into the other of two slots,
so the carry it came from is whole until the step is done.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

    from freshlegs import tables

ROWS_A_WAVE: Final = 50_000_000
"""Rows after which a full run is committed: what is done when it is stopped stays done."""

ROWS_A_PARTITION: Final = 100_000
LEAST_PARTITIONS: Final = 4
"""A task is worth its start from some ten thousand rows on; with far more of them too few cores share the work."""

_CARRY: Final = (
    "athlete string, date date, version string, layout string, numbers int, counts int, flags int, state binary"
)
"""A row an athlete: the columns of CARRY, the three lists as bytes one after another, and how long each is."""

_DONE: Final = "wave int, waves int, step int, since string, parameters string, profile string"


def run(
    days: str,
    out: str,
    *,
    profile: tables.Profile = None,
    since: date | None = None,
    session: SparkSession | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, int]:
    """The verdicts of a data set, written as one by the Spark that is there (or a local one); see `local.run`.

    Athletes are done in waves of about `ROWS_A_WAVE` rows, each committed on its own under ``OUT/wave=…``: a run that
    was stopped goes on after the last that is done. ``since``: judge the days from this one on alone, going on from
    the carry that earlier runs left. Paths may be anything Spark can open. Gives the counts. Raises `WrongRequest`
    when OUT holds verdicts of another model or other profiles, or there is no finished run to go on from.
    """
    from pyspark.sql import SparkSession

    spark = session or SparkSession.builder.appName("freshlegs batch").getOrCreate()
    place = _Place(spark, out.rstrip("/"))
    given = spark.read.parquet(days)
    done = place.done(profile)
    if since is not None:
        _go_on(place, given, profile, since, done)
    elif not any(one["step"] for one in done):
        _whole(place, given, profile, done, progress)
    return place.counts()


def _whole(
    place: _Place,
    given: DataFrame,
    profile: tables.Profile,
    done: list[dict[str, Any]],
    progress: Callable[[int, int], None] | None,
) -> None:
    from pyspark.sql import functions as f

    from freshlegs.batch.spark import athletes_together

    name = f.coalesce(f.col("athlete").cast("string"), f.lit("")) if "athlete" in given.columns else f.lit("me")
    rows = given.count()
    waves = done[0]["waves"] if done else max(1, -(-rows // ROWS_A_WAVE))
    there = {one["wave"] for one in done}
    for wave in range(waves):
        if wave not in there:
            part = given if waves == 1 else given.where(f.pmod(f.crc32(name), f.lit(waves)) == wave)
            together = athletes_together(part, _partitions(rows // waves))
            place.write(together, profile, wave, f"{place.carry(0)}/wave={wave:05d}")
            place.note(wave, waves, 0, "", profile)
        if progress is not None:
            progress(wave + 1, waves)


def _partitions(rows: int) -> int:
    """Into how many the athletes are shuffled: by the rows alone, so that twice the same gives the same files.

    Spark's own number, 200, means as many nearly empty tasks for a small club; what is cached it does not join.
    """
    return max(LEAST_PARTITIONS, -(-rows // ROWS_A_PARTITION))


def _go_on(place: _Place, given: DataFrame, profile: tables.Profile, since: date, done: list[dict[str, Any]]) -> None:
    from pyspark.sql import functions as f

    from freshlegs.batch.spark import STATE_WEIGHS_ROWS, athletes_together, used_columns
    from freshlegs.problems import WrongRequest

    if not done or len([one for one in done if not one["step"]]) < done[0]["waves"]:
        raise WrongRequest(f"{place.out} holds no finished batch to go on from; run it without --since first")
    step = max(one["step"] for one in done)
    wave = max(one["wave"] for one in done) + 1
    day = f.col("date").try_cast("date")
    new = used_columns(given).where(day.isNull() | (day >= f.lit(since)))
    carry = place.spark.read.schema(_CARRY).option("recursiveFileLookup", "true").parquet(place.carry(step))
    state = carry.select("athlete", f.struct(*carry.columns).alias("carry"))
    both = new.unionByName(state, allowMissingColumns=True)
    partitions = _partitions(new.count() + STATE_WEIGHS_ROWS * carry.count())
    place.write(athletes_together(both, partitions), profile, wave, place.carry(step + 1))
    place.note(wave, done[0]["waves"], step + 1, since.isoformat(), profile)


@dataclass(frozen=True)
class _Place:
    """The places of one batch, by its OUT, wherever Spark can write."""

    spark: SparkSession
    out: str

    def carry(self, step: int) -> str:
        """Of two places in turn: what the step before the last left is overwritten."""
        return f"{self.out}.side/carry/slot={step % 2}"

    def done(self, profile: tables.Profile) -> list[dict[str, Any]]:
        """What is done of this batch, a row a wave; `WrongRequest` when it is another's."""
        from pyspark.errors import AnalysisException

        from freshlegs.batch.record import profile_hash
        from freshlegs.fatigue.parameters import PARAMETERS
        from freshlegs.problems import WrongRequest

        try:
            found = [row.asDict() for row in self.spark.read.schema(_DONE).parquet(f"{self.out}.side/done").collect()]
        except AnalysisException:
            return []
        for one in found:
            if (one["parameters"], one["profile"]) != (PARAMETERS.hash, profile_hash(profile)):
                what = "another model" if one["parameters"] != PARAMETERS.hash else "other profiles"
                raise WrongRequest(
                    f"{self.out} holds verdicts of {what}; remove it and {self.out}.side, or name another place"
                )
        return found

    def note(self, wave: int, waves: int, step: int, since: str, profile: tables.Profile) -> None:
        """A wave is done."""
        from pyspark.sql import functions as f

        from freshlegs.batch.record import profile_hash
        from freshlegs.fatigue.parameters import PARAMETERS

        row = {"wave": wave, "waves": waves, "step": step, "since": since, "parameters": PARAMETERS.hash}
        told = {**row, "profile": profile_hash(profile)}
        one = self.spark.range(1).select(*(f.lit(value).alias(name) for name, value in told.items())).coalesce(1)
        one.write.mode("append").parquet(f"{self.out}.side/done")

    def write(self, whole: DataFrame, profile: tables.Profile, wave: int, carry: str) -> None:
        """Judge once, write three tables: in between, all three lie on the executors' disks."""
        from pyspark.storagelevel import StorageLevel

        from freshlegs.batch.spark import ddl

        parts = {"verdicts": ddl("BATCH_VERDICTS"), "refused": ddl("REFUSED_ROWS"), "carry": _CARRY}
        schema = ", ".join(f"{name} struct<{_in_struct(words)}>" for name, words in parts.items())
        judged = whole.mapInArrow(_Task(profile), schema).persist(StorageLevel.DISK_ONLY)
        targets = {
            "verdicts": f"{self.out}/wave={wave:05d}",
            "refused": f"{self.out}.side/refused/wave={wave:05d}",
            "carry": carry,
        }
        try:
            for name, target in targets.items():
                own = judged.where(judged[name].isNotNull()).select(f"{name}.*")
                own.write.mode("overwrite").parquet(target)
        finally:
            judged.unpersist()

    def counts(self) -> dict[str, int]:
        """How many athletes and verdicts there are, and faults in rows."""
        from pyspark.sql import functions as f

        from freshlegs.batch.spark import ddl

        verdicts = self.spark.read.parquet(self.out)
        counted = verdicts.agg(f.countDistinct("athlete").alias("athletes"), f.count("*").alias("verdicts")).first()
        aside = self.spark.read.schema(ddl("REFUSED_ROWS")).parquet(f"{self.out}.side/refused").count()
        return {"athletes": counted["athletes"], "verdicts": counted["verdicts"], "refused": aside} if counted else {}


def _in_struct(words: str) -> str:
    """``a int, b string`` as a struct has it: ``a: int, b: string``."""
    return ", ".join(": ".join(one.split(" ", 1)) for one in words.split(", "))


# --- in a worker -----------------------------------------------------------------------------------------------


class _Task:
    """Verdicts, what was set aside, and the carry, of whole athletes with or without a carry of before."""

    def __init__(self, profile: tables.Profile) -> None:
        self.profile = profile

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        os.environ.setdefault("POLARS_MAX_THREADS", "1")  # Spark gives a task one core
        import polars as pl

        from freshlegs.batch.kernel import go_on_in_pieces, judge_in_pieces
        from freshlegs.batch.spark import ROWS_AT_ONCE, arrow, whole_athletes

        for athletes in whole_athletes(batches, ROWS_AT_ONCE):
            if "carry" in athletes.columns:
                days = athletes.filter(pl.col("carry").is_null()).drop("carry")
                pieces = go_on_in_pieces(_unpacked(athletes["carry"].drop_nulls()), days, self.profile)
            else:
                pieces = judge_in_pieces(athletes, self.profile, with_carry=True)
            for piece in pieces:
                yield from _batches("verdicts", arrow(piece.verdicts, "BATCH_VERDICTS"))
                yield from _batches("refused", arrow(piece.refused, "REFUSED_ROWS"))
                yield from _batches("carry", _packed(piece.carry))


def _batches(part: str, table: pa.Table) -> Iterator[pa.RecordBatch]:
    """Rows of one of the three tables, as rows of all three of which two are missing."""
    import pyarrow as pa

    from freshlegs import tables
    from freshlegs.batch.spark import arrow

    kinds = {
        "verdicts": arrow(tables.BATCH_VERDICTS.frame(), "BATCH_VERDICTS").schema,
        "refused": arrow(tables.REFUSED_ROWS.frame(), "REFUSED_ROWS").schema,
        "carry": _packed(tables.CARRY.frame()).schema,
    }
    for batch in table.to_batches(max_chunksize=20_000 if part != "carry" else 1_000):
        columns = [
            batch.to_struct_array() if name == part else pa.nulls(batch.num_rows, pa.struct(list(schema)))
            for name, schema in kinds.items()
        ]
        yield pa.RecordBatch.from_arrays(columns, names=list(kinds))


_LISTS: Final = ("numbers", "counts", "flags")


def _packed(carry: pl.DataFrame) -> pa.Table:
    """Table CARRY as `_CARRY`: a state is one run of bytes, packed, for Spark moves an array number by number."""
    import numpy as np
    import polars as pl
    import pyarrow as pa

    rows = carry.height
    lists = {name: carry[name].explode().to_numpy().reshape(rows, -1) for name in _LISTS} if rows else {}
    raw = [np.ascontiguousarray(own).view(np.uint8).reshape(rows, -1) for own in lists.values()]
    states = np.concatenate(raw, axis=1) if rows else ()
    packed = [pa.compress(state.tobytes(), codec="zstd", asbytes=True) for state in states]
    names = ("athlete", "version", "layout")
    columns = {name: carry[name].cast(pl.String).to_arrow(compat_level=pl.CompatLevel.oldest()) for name in names}
    columns["date"] = carry["date"].to_arrow()
    made: dict[str, Any] = {name: columns[name].cast(pa.string()) for name in names}
    made["date"] = columns["date"].cast(pa.date32())
    widths = {name: lists[name].shape[1] if rows else 0 for name in _LISTS}
    made |= {name: pa.array(np.full(rows, width, dtype=np.int32)) for name, width in widths.items()}
    made["state"] = pa.array(packed, type=pa.binary())
    order = [one.split()[0] for one in _CARRY.split(", ")]
    return pa.table({name: made[name] for name in order})


def _unpacked(packed: pl.Series) -> pl.DataFrame:
    """`_packed` the other way; athletes of one layout side by side."""
    import numpy as np
    import polars as pl
    import pyarrow as pa

    from freshlegs import tables

    if packed.is_empty():
        return tables.CARRY.frame()
    found = []
    kinds = {"numbers": np.float64, "counts": np.int64, "flags": np.uint8}
    for own in packed.struct.unnest().partition_by("layout", maintain_order=True):
        widths = [int(own[name][0]) for name in _LISTS]
        sizes = [width * np.dtype(kinds[name]).itemsize for name, width in zip(_LISTS, widths, strict=True)]
        raw = b"".join(pa.decompress(state, sum(sizes), codec="zstd", asbytes=True) for state in own["state"])
        whole = np.frombuffer(raw, np.uint8).reshape(own.height, sum(sizes))
        lists, at = {}, 0
        for name, width, size in zip(_LISTS, widths, sizes, strict=True):
            values = np.ascontiguousarray(whole[:, at : at + size]).view(kinds[name]).reshape(own.height, width)
            dtype = tables.CARRY.column(name).dtype.inner  # type: ignore[attr-defined]
            lists[name] = pl.Series(values, dtype=pl.Array(dtype, width)).arr.to_list()
            at += size
        found.append(own.select("athlete", "date", "version", "layout").with_columns(**lists))
    return pl.concat(found)
