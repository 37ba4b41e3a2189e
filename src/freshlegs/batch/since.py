"""New days of athletes who were judged before, without the days before them: from the carry that a batch leaves.

Each file of the carry says up to which day each of its athletes is judged. So a run that is stopped, whenever, is gone
on with by the same command, and days that were judged already are passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from freshlegs import tables
from freshlegs.batch.dataset import BUCKET_ROWS, Bucket, Dataset
from freshlegs.batch.kernel import go_on, judge_in_pieces
from freshlegs.batch.record import Record, Side
from freshlegs.batch.rows import sorted_out
from freshlegs.batch.workers import Workers


@dataclass(frozen=True, slots=True)
class Step:
    """What a worker needs to go on with the athletes of one file of the carry."""

    side: Side
    file: Path
    days: pl.DataFrame
    number: int
    profile: tables.Profile


def catch_up(
    data: Dataset,
    side: Side,
    since: date,
    profile: tables.Profile,
    hands: Workers,
    progress: Callable[[int, int], None] | None = None,
) -> Record:
    """Judge the days from ``since`` on that are not judged yet; the record of the whole.

    Equal to a full run on all days, if nothing before them has changed: a day that was judged already is not looked at
    again, whatever it holds now. Athletes not met before begin with their first day from ``since`` on. All rows from
    ``since`` on are held in memory. Raises `WrongRequest` without a finished batch to go on from.
    """
    record = side.go_on(data.fingerprint(), profile, since)
    if record.finished:
        return record
    good, refused = sorted_out(data.read_since(since))
    mine = _by_carry(good, side)
    steps = [Step(side, file, days, record.step, profile) for file, days in mine.items() if file is not None]
    for number, _ in enumerate(hands.done(step, steps), start=1):
        if progress is not None:
            progress(number, len(steps))
    if None in mine:
        _begin(mine[None], side, profile)
    if refused.height:
        side.replace(side.refused / f"step={record.step:05d}.parquet", refused)
    return side.finish(record)


def _by_carry(days: pl.DataFrame, side: Side) -> dict[Path | None, pl.DataFrame]:
    """The rows by the file of the carry that knows their athlete; None: nobody knows them."""
    known = side.known()
    if known is None:
        return {None: days}
    parts = days.join(known, on="athlete", how="left").partition_by("_file", as_dict=True, include_key=False)
    return {None if name is None else Path(name): own for (name,), own in sorted(parts.items(), key=str)}


def step(job: Step) -> int:
    """Judge the new days of the athletes of one file, and write that file anew; how many verdicts. Runs in a worker."""
    side, file = job.side, job.file
    judged = go_on(side.read_carry(file), job.days, job.profile)
    if judged.verdicts.height:
        bucket, _, piece = file.stem.rpartition("-")
        side.replace(side.out / bucket / f"step-{job.number:05d}-{piece}.parquet", judged.verdicts)
        side.replace(file, judged.carry)  # the last step: now these athletes are judged up to their new day
    return judged.verdicts.height


def _begin(days: pl.DataFrame, side: Side, profile: tables.Profile) -> None:
    """Athletes nobody has met before, in buckets of their own."""
    taken = [Bucket.named(folder.name).number for folder in side.out.iterdir()]
    for number, own in enumerate(_lots(days.sort("athlete", "date")), start=max(taken, default=-1) + 1):
        with side.placing(Bucket(number)) as place:
            for piece, judged in enumerate(judge_in_pieces(own, profile, with_carry=True)):
                place.put(piece, judged.verdicts, judged.carry)
            place.refuse(tables.REFUSED_ROWS.frame())


def _lots(days: pl.DataFrame) -> Iterator[pl.DataFrame]:
    rows = days.group_by("athlete", maintain_order=True).len()
    lot = rows.select("athlete", ((pl.col("len").cum_sum() - pl.col("len")) // BUCKET_ROWS).alias("_lot"))
    yield from days.join(lot, on="athlete").partition_by("_lot", include_key=False, maintain_order=True)
