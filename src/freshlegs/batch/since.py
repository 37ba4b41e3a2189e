"""New days of athletes who were judged before, without the days before them: from the carry that a batch leaves.

Each file of the carry says up to which day each of its athletes is judged. So a run that is stopped, whenever, is gone
on with by the same command, and days that were judged already are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl

from freshlegs import tables
from freshlegs.batch.dataset import BUCKET_ROWS, Bucket, Dataset
from freshlegs.batch.kernel import go_on, judge_in_pieces
from freshlegs.batch.record import Record, Side
from freshlegs.batch.rows import sorted_out


def catch_up(data: Dataset, side: Side, since: date, profile: tables.Profile, workers: int) -> Record:
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
    for file, days in mine.items():
        if file is not None:
            _go_on(file, days, side, record, profile, workers)
    if None in mine:
        _begin(mine[None], side, profile)
    if refused.height:
        side.replace(side.refused / f"step={record.step:05d}.parquet", refused)
    return side.finish(record)


def _by_carry(days: pl.DataFrame, side: Side) -> dict[Path | None, pl.DataFrame]:
    """The rows by the file of the carry that knows their athlete; None: nobody knows them."""
    files = side.carries()
    if not files:
        return {None: days}
    known = pl.scan_parquet(files, include_file_paths="_file").select("athlete", "_file").collect()
    parts = days.join(known, on="athlete", how="left").partition_by("_file", as_dict=True, include_key=False)
    return {None if name is None else Path(name): own for (name,), own in sorted(parts.items(), key=str)}


def _go_on(file: Path, days: pl.DataFrame, side: Side, record: Record, profile: tables.Profile, workers: int) -> None:
    judged = go_on(pl.read_parquet(file), days, profile, workers)
    if judged.verdicts.is_empty():
        return
    bucket, _, piece = file.stem.rpartition("-")
    side.replace(side.out / bucket / f"step-{record.step:05d}-{piece}.parquet", judged.verdicts)
    side.replace(file, judged.carry)  # the last step: now these athletes are judged up to their new day


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
