"""What a batch keeps beside its verdicts: what was set aside, what is done, and for which data.

OUT holds verdicts alone. ``OUT.side`` holds ``record.json``, ``refused/``, ``carry/`` and, while it works, ``work/``
and ``spill/``.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import polars as pl

from freshlegs import tables
from freshlegs import vocabulary as v
from freshlegs.batch.dataset import Bucket
from freshlegs.fatigue.parameters import PARAMETERS
from freshlegs.problems import NothingDone, WrongRequest

RECORD: Final = "record.json"


@dataclass(frozen=True, slots=True)
class Record:
    """Of which data, by which model, how much: the document of ``batch --json``."""

    schema_version: int
    parameters: str
    data: str
    profile: str
    step: int = 0
    since: str = ""
    finished: bool = False
    athletes: int = 0
    verdicts: int = 0
    refused: int = 0

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Side:
    """The places of one batch, by its OUT."""

    out: Path

    @property
    def root(self) -> Path:
        """The folder beside OUT."""
        return self.out.with_name(f"{self.out.name}.side")

    @property
    def refused(self) -> Path:
        """Table REFUSED_ROWS, a file a bucket."""
        return self.root / "refused"

    @property
    def carry(self) -> Path:
        """Table CARRY, a file for some whole athletes."""
        return self.root / "carry"

    @property
    def work(self) -> Path:
        """What is on its way into place."""
        return self.root / "work"

    @property
    def spill(self) -> Path:
        """Rows laid together, while the batch works."""
        return self.root / "spill"

    @property
    def laid(self) -> Path:
        """There once all rows are laid together."""
        return self.root / "spill.done"

    @property
    def _record(self) -> Path:
        return self.root / RECORD

    @contextmanager
    def held(self) -> Iterator[None]:
        """A full disk or a folder that cannot be written is one sentence."""
        try:
            yield
        except OSError as error:
            why = error.strerror or str(error)
            raise NothingDone(f"{self.out} cannot be written: {why}; what is done is kept") from error

    def begin(self, data: str, profile: tables.Profile) -> Record:
        """The record of a new batch, or of the same one that was stopped. `WrongRequest` when OUT holds another's."""
        wanted = Record(v.SCHEMA_VERSION, PARAMETERS.hash, data, profile_hash(profile))
        found = self._found()
        if found is None:
            if self.out.exists() and (not self.out.is_dir() or any(self.out.iterdir())):
                raise WrongRequest(f"{self.out} holds something else already; name a place that is free")
            self.root.mkdir(parents=True, exist_ok=True)
            self.out.mkdir(exist_ok=True)
            self._write(wanted)
        elif replace(found, finished=False, athletes=0, verdicts=0, refused=0) != wanted:
            raise self._of_another(found, wanted, "other data")
        shutil.rmtree(self.work, ignore_errors=True)
        return wanted

    def go_on(self, data: str, profile: tables.Profile, since: date) -> Record:
        """The record of the step that judges days from ``since`` on. `WrongRequest` without a whole batch before it."""
        found = self._found()
        if found is None or not (found.finished or found.step):
            raise WrongRequest(f"{self.out} holds no finished batch to go on from; run it without --since first")
        wanted = replace(found, data=data, profile=profile_hash(profile), parameters=PARAMETERS.hash)
        if replace(found, data=data) != wanted:
            raise self._of_another(found, wanted, "other profiles")
        if (found.data, found.since) == (data, since.isoformat()):
            return found
        wanted = replace(wanted, step=found.step + 1, since=since.isoformat(), finished=False)
        self._write(wanted)
        return wanted

    def _of_another(self, found: Record, wanted: Record, other: str) -> WrongRequest:
        what = "another model" if found.parameters != wanted.parameters else other
        return WrongRequest(f"{self.out} holds verdicts of {what}; remove it and {self.root}, or name another place")

    def _found(self) -> Record | None:
        try:
            return Record(**json.loads(self._record.read_text("utf-8")))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError):
            raise WrongRequest(f"{self._record} is damaged; remove it with {self.out} to begin anew") from None

    def _write(self, record: Record) -> None:
        aside = self._record.with_suffix(".new")
        aside.write_text(json.dumps(record.as_dict(), indent=2) + "\n", "utf-8")
        aside.replace(self._record)

    def has(self, bucket: Bucket) -> bool:
        """Whether this bucket is done."""
        return (self.out / bucket.name).is_dir()

    @contextmanager
    def placing(self, bucket: Bucket) -> Iterator[Placing]:
        """What one bucket becomes, written aside and moved into place at the end."""
        place = Placing(self, bucket, self.work / f"{bucket.name}.{os.getpid()}")
        shutil.rmtree(place.folder, ignore_errors=True)
        (place.folder / "verdicts").mkdir(parents=True)
        yield place
        place.move()

    def known(self) -> pl.DataFrame | None:
        """Which file of the carry (``_file``) knows which ``athlete``; None while there is none."""
        files = sorted(self.carry.glob("*.arrow"))
        if not files:
            return None
        return pl.scan_ipc(files, include_file_paths="_file").select("athlete", "_file").collect()

    def read_carry(self, file: Path) -> pl.DataFrame:
        """One of these files (table CARRY): some whole athletes."""
        return pl.read_ipc(file)

    def replace(self, target: Path, frame: pl.DataFrame) -> None:
        """Write a file of a bucket that is there already, whole or not at all."""
        self.work.mkdir(exist_ok=True)
        aside = self.work / f"{target.name}.{os.getpid()}"
        if target.parent == self.carry:
            _write_carry(frame, aside)
        else:
            frame.write_parquet(aside, compression="zstd")
        target.parent.mkdir(parents=True, exist_ok=True)
        aside.replace(target)

    def finish(self, record: Record) -> Record:
        """The record with its counts, written; what was needed while working is removed."""
        counts = {
            "verdicts": _height(self.out, "*/*.parquet"),
            "refused": _height(self.refused, "*.parquet"),
            "athletes": _height(self.carry, "*.arrow"),
        }
        done = replace(record, finished=True, **counts)  # type: ignore[arg-type]
        self._write(done)
        for folder in (self.spill, self.work):
            shutil.rmtree(folder, ignore_errors=True)
        self.laid.unlink(missing_ok=True)
        return done


@dataclass(frozen=True, slots=True)
class Placing:
    """A bucket on its way: files in a folder of its own until all of them are there."""

    side: Side
    bucket: Bucket
    folder: Path

    def put(self, number: int, verdicts: pl.DataFrame, carry: pl.DataFrame) -> None:
        """One piece of the bucket."""
        verdicts.write_parquet(self.folder / "verdicts" / f"verdicts-{number}.parquet", compression="zstd")
        if carry.height:
            _write_carry(carry, self.folder / f"{self.bucket.name}-{number:03d}.arrow")

    def refuse(self, rows: pl.DataFrame) -> None:
        """What was set aside of it."""
        rows.write_parquet(self.folder / "refused", compression="zstd")

    def move(self) -> None:
        """Into place; the verdicts last, for where they are the bucket is done."""
        for folder in (self.side.refused, self.side.carry):
            folder.mkdir(exist_ok=True)
        (self.folder / "refused").replace(self.side.refused / f"{self.bucket.name}.parquet")
        for carry in self.folder.glob("*.arrow"):
            carry.replace(self.side.carry / carry.name)
        (self.folder / "verdicts").replace(self.side.out / self.bucket.name)
        shutil.rmtree(self.folder, ignore_errors=True)


def _write_carry(carry: pl.DataFrame, file: Path) -> None:
    # As it lies in memory: read and written every morning, packing it would cost more than judging the day.
    carry.write_ipc(file, compression="uncompressed")


def _height(folder: Path, pattern: str) -> int:
    files = list(folder.glob(pattern))
    if not files:
        return 0
    rows = pl.scan_ipc(files) if pattern.endswith(".arrow") else pl.scan_parquet(files, hive_partitioning=False)
    return int(rows.select(pl.len()).collect().item())


def profile_hash(profile: tables.Profile) -> str:
    """Tells one set of profiles from another."""
    if profile is None:
        return ""
    rows = profile.to_dicts() if isinstance(profile, pl.DataFrame) else dict(profile)
    return hashlib.sha256(json.dumps(rows, default=str, sort_keys=True).encode()).hexdigest()[:16]
