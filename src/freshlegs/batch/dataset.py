"""A population's days on disk: which files, which rows belong together, and how to read them in bounded memory.

A data set is a Parquet file, a folder of them, or a hive-partitioned folder. Athletes are put together into buckets
of about equal size. Where the rows of a bucket lie together on the disk they are read in place; where they do not (a
folder a day, rows in any order), one pass over the data lays them together first.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Final

import polars as pl

from freshlegs.batch.rows import COLUMNS
from freshlegs.problems import WrongRequest

BUCKET_ROWS: Final = 200_000
"""Rows of a bucket: large enough for NumPy and Parquet, small enough for memory."""

CHUNK_ROWS: Final = 500_000
MOST_STRETCHES: Final = 16
"""Stretches of rows a bucket may lie in before it is worth laying the rows together first."""

MOST_RUNS: Final = 2_000_000

RUNS: Final = {"athlete": pl.String(), "file": pl.Int64(), "start": pl.Int64(), "rows": pl.Int64()}

Stretch = tuple[int, int, int]
"""The number of a file, the first row, how many rows."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Some whole athletes: their rows, as stretches of the files (none: they lie in the spill folder)."""

    number: int
    stretches: tuple[Stretch, ...] = ()

    @property
    def name(self) -> str:
        """The folder of this bucket."""
        return f"bucket={self.number:05d}"

    @classmethod
    def named(cls, name: str) -> Bucket:
        """The bucket of a folder in the spill folder."""
        return cls(int(name.removeprefix("bucket=")))


@dataclass(frozen=True, slots=True)
class Dataset:
    """The files of a data set, in the order of their names."""

    root: Path
    files: tuple[Path, ...]

    @classmethod
    def at(cls, path: Path) -> Dataset:
        """The data set in this place; `WrongRequest` when there is none."""
        if path.is_file():
            return cls(path.parent, (path,))
        if not path.is_dir():
            raise WrongRequest(f"there is no data set {path}")
        found = [file for file in sorted(path.rglob("*.parquet")) if file.is_file() and not _hidden(file, path)]
        if not found:
            raise WrongRequest(f"there is no Parquet file in {path}")
        return cls(path, tuple(found))

    def fingerprint(self) -> str:
        """Changes when a file comes, goes or changes."""
        told = hashlib.sha256()
        for file in self.files:
            status = file.stat()
            told.update(f"{file.relative_to(self.root)}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
        return told.hexdigest()[:16]

    def scan(self, number: int) -> pl.LazyFrame:
        """One file, with the columns that its folders name; columns that no verdict needs are not read."""
        file = self.files[number]
        try:
            frame = pl.scan_parquet(file, hive_partitioning=False)
            names = frame.collect_schema().names()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise WrongRequest(f"{file} is no Parquet file that can be read: {str(error).splitlines()[0]}") from None
        told = {key: value for key, value in _told_by_folders(file, self.root).items() if key in COLUMNS}
        frame = frame.select(name for name in names if name in COLUMNS and name not in told)
        return frame.with_columns(pl.lit(value, dtype=pl.String).alias(key) for key, value in told.items())

    def read(self, stretches: Sequence[Stretch]) -> pl.DataFrame:
        """The rows of these stretches."""
        return joined([self.scan(file).slice(start, rows).collect() for file, start, rows in stretches])

    def read_all(self) -> pl.DataFrame:
        """Every row."""
        return joined([self.scan(number).collect() for number in range(len(self.files))])

    def read_since(self, day: date) -> pl.DataFrame:
        """All rows from a day on, and those whose date cannot be told."""
        parts = (self.scan(number) for number in range(len(self.files)))
        return joined([part.filter(_from(part.collect_schema(), day)).collect() for part in parts])

    # --- who lies where ------------------------------------------------------------------------------------

    def buckets(self) -> list[Bucket] | None:
        """Buckets that can be read in place, in the order of the athletes' names; None when rows lie too scattered."""
        found = self._runs()
        if found is None:
            return None
        rows_of = found.group_by("athlete").agg(pl.col("rows").sum()).sort("athlete", nulls_last=True)
        before = rows_of["rows"].cum_sum() - rows_of["rows"]
        rows = int(rows_of["rows"].sum())
        each = -(-rows // max(1, -(-rows // BUCKET_ROWS)))  # alike in size, so that no worker waits for the last one
        number = rows_of.select("athlete", (before // max(1, each)).rle_id().alias("bucket"))
        placed = found.join(number, on="athlete", nulls_equal=True).sort("bucket", "file", "start")
        made, stretches = [], 0
        for bucket, group in groupby(placed.select("bucket", "file", "start", "rows").rows(), key=lambda row: row[0]):
            own = _merged([row[1:] for row in group])
            stretches += len(own)
            made.append(Bucket(int(bucket), own))
        if not made:
            return [Bucket(0, ((0, 0, 0),))]  # no rows: no verdicts, and a data set that says so
        return made if stretches <= MOST_STRETCHES * max(len(made), len(self.files)) else None

    def _runs(self) -> pl.DataFrame | None:
        """Stretches of rows of one athlete (schema `RUNS`); None when they are too many."""
        found, count = [pl.DataFrame(schema=RUNS)], 0
        for number in range(len(self.files)):
            start = 0
            for athletes in self._athletes(number):
                run = athletes.rle().struct.unnest()
                rows = pl.col("len").cast(pl.Int64)
                begins = rows.cum_sum() - rows + start
                found.append(
                    run.select(
                        pl.col("value").alias("athlete"),
                        pl.lit(number, dtype=pl.Int64).alias("file"),
                        begins.alias("start"),
                        rows.alias("rows"),
                    )
                )
                start += len(athletes)
                count += run.height
                if count > MOST_RUNS:
                    return None
        return pl.concat(found)

    def _athletes(self, number: int) -> Iterator[pl.Series]:
        frame = self.scan(number)
        if "athlete" not in frame.collect_schema().names():
            frame = frame.with_columns(pl.lit("me").alias("athlete"))
        names = frame.select(pl.col("athlete").cast(pl.String))
        for part in names.collect_batches(chunk_size=CHUNK_ROWS, maintain_order=True):
            yield part["athlete"]

    # --- laying together -----------------------------------------------------------------------------------

    def lay_together(self, folder: Path, rows: int) -> None:
        """Every bucket's rows under ``folder``, in one pass, a part of the data at a time; buckets go by a hash."""
        count = max(1, -(-rows // BUCKET_ROWS))
        for number in range(len(self.files)):
            for part, chunk in enumerate(self.scan(number).collect_batches(chunk_size=CHUNK_ROWS, maintain_order=True)):
                frame = chunk if "athlete" in chunk.columns else chunk.with_columns(pl.lit("me").alias("athlete"))
                for bucket, own in _shared_out(frame, count):
                    target = folder / Bucket(bucket).name / f"{number:05d}-{part:05d}.parquet"
                    target.parent.mkdir(parents=True, exist_ok=True)
                    own.write_parquet(target, compression="lz4", statistics=False)

    def rows(self) -> int:
        """How many rows there are."""
        return sum(int(self.scan(number).select(pl.len()).collect().item()) for number in range(len(self.files)))


def laid_together(folder: Path, bucket: Bucket) -> pl.DataFrame:
    """The rows of a bucket in the spill folder."""
    return joined([pl.read_parquet(file) for file in sorted((folder / bucket.name).glob("*.parquet"))])


def joined(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Rows of several files as one; columns that one of them lacks are missing there."""
    if len(frames) == 1:
        return frames[0]
    try:
        return pl.concat(frames, how="diagonal_relaxed", rechunk=True)
    except pl.exceptions.PolarsError as error:
        raise WrongRequest(f"the files do not agree on the type of a column: {str(error).splitlines()[0]}") from None


def _shared_out(frame: pl.DataFrame, count: int) -> Iterator[tuple[int, pl.DataFrame]]:
    # zlib's checksum is the same in every version and on every machine, unlike an engine's own hash.
    names = frame["athlete"].cast(pl.String).unique()
    bucket = [zlib.crc32((name or "").encode()) % count for name in names]
    key = pl.DataFrame({"_name": names, "_bucket": bucket}, schema={"_name": pl.String, "_bucket": pl.Int64})
    placed = frame.with_columns(pl.col("athlete").cast(pl.String)).join(
        key, left_on="athlete", right_on="_name", nulls_equal=True, maintain_order="left"
    )
    for (number,), own in placed.partition_by("_bucket", as_dict=True, include_key=False, maintain_order=True).items():
        yield int(number), own


def _merged(stretches: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """Stretches that follow on one another as one."""
    out: list[Stretch] = []
    for file, start, rows in stretches:
        if out and out[-1][0] == file and out[-1][1] + out[-1][2] == start:
            out[-1] = (file, out[-1][1], out[-1][2] + rows)
        else:
            out.append((file, start, rows))
    return tuple(out)


def _from(schema: pl.Schema, day: date) -> pl.Expr:
    if "date" not in schema:
        raise WrongRequest("days need a column 'date'")
    column, is_text = pl.col("date"), schema["date"] == pl.String
    known = column.str.to_date("%Y-%m-%d", strict=False) if is_text else column.cast(pl.Date, strict=False)
    return known.is_null() | known.ge(day)


def _hidden(file: Path, root: Path) -> bool:
    return any(part.startswith(("_", ".")) for part in file.relative_to(root).parts)


def _told_by_folders(file: Path, root: Path) -> dict[str, str | None]:
    """Columns that hive-style folders name (``athlete=17``, ``date=2026-05-04``)."""
    from urllib.parse import unquote

    told: dict[str, str | None] = {}
    for part in file.relative_to(root).parts[:-1]:
        key, equals, value = part.partition("=")
        if equals:
            told[key] = None if value == "__HIVE_DEFAULT_PARTITION__" else unquote(value)
    return told
