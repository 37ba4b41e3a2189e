"""The batch on one machine: bucket by bucket, all cores, from Parquet to Parquet, in bounded memory.

What is written: ``OUT/bucket=00007/verdicts-0.parquet`` …, nothing else in OUT, so that every reader of Parquet folders
can take it as it is. Beside it ``OUT.side``: ``refused/`` (what was set aside and why), ``carry/`` (what the next day
needs, see `since`) and the record that lets a stopped batch go on. A bucket is there whole or not at all: it is written
aside and moved into place.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from freshlegs import tables
from freshlegs.batch.dataset import Bucket, Dataset, laid_together
from freshlegs.batch.kernel import judge, judge_in_pieces
from freshlegs.batch.record import Record, Side
from freshlegs.batch.since import catch_up
from freshlegs.batch.workers import Workers

Progress = Callable[[int, int], None]
"""Told after each bucket: how many are done, of how many."""


def assess(days: pl.DataFrame | str | os.PathLike[str], profile: tables.Profile = None) -> pl.DataFrame:
    """The verdicts (table BATCH_VERDICTS) of a frame of days, or of a data set at a path, in memory.

    Rows that cannot be used are passed over; `run` writes them down with their reasons. Raises `WrongRequest` for a
    path without a data set and for days without dates.
    """
    if isinstance(days, pl.DataFrame):
        return judge(days, profile)
    data = Dataset.at(Path(days))
    return judge(data.read_all(), profile)


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker needs to judge one bucket."""

    data: Dataset
    bucket: Bucket
    side: Side
    profile: tables.Profile


def run(
    days: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    profile: tables.Profile = None,
    since: date | None = None,
    workers: int | Workers | None = None,
    progress: Progress | None = None,
) -> Record:
    """The verdicts of a data set, written as one. Stopped, it goes on when called again; twice gives the same bytes.

    ``since``: judge the days from this one on alone, going on from what an earlier run left beside OUT; see `catch_up`.
    ``workers``: how many processes (all cores without it), or those that were begun already. Raises `WrongRequest`
    when there is no data set, or OUT holds something else; `NothingDone` when it cannot be written.
    """
    data, side = Dataset.at(Path(days)), Side(Path(out))
    with side.held(), nullcontext(workers) if isinstance(workers, Workers) else Workers(workers) as hands:
        if since is not None:
            return catch_up(data, side, since, profile, hands, progress)
        in_place = data.buckets()  # before anything is written: it may be no data set
        record = side.begin(data.fingerprint(), profile)
        buckets = _laid_together(data, side) if in_place is None else in_place
        left = [bucket for bucket in buckets if not side.has(bucket)]
        done = len(buckets) - len(left)
        for _ in hands.done(work, [Job(data, bucket, side, profile) for bucket in left]):
            done += 1
            if progress is not None:
                progress(done, len(buckets))
        return side.finish(record)


def _laid_together(data: Dataset, side: Side) -> list[Bucket]:
    """Rows that lie scattered, laid together first, unless an earlier run has done it."""
    if not side.laid.exists():
        shutil.rmtree(side.spill, ignore_errors=True)
        side.spill.mkdir(parents=True)
        data.lay_together(side.spill, data.rows())
        side.laid.touch()
    return [Bucket.named(folder.name) for folder in sorted(side.spill.iterdir())]


def work(job: Job) -> int:
    """Judge one bucket and put it into place; how many verdicts it has. Runs in a worker."""
    data, bucket, side = job.data, job.bucket, job.side
    days = data.read(bucket.stretches) if bucket.stretches else laid_together(side.spill, bucket)
    count = 0
    with side.placing(bucket) as place:
        aside = []
        for number, piece in enumerate(judge_in_pieces(days, job.profile, with_carry=True)):
            place.put(number, piece.verdicts, piece.carry)
            count += piece.verdicts.height
            aside.append(piece.refused)
        place.refuse(pl.concat(aside))
    return count
