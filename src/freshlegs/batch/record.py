"""What a batch keeps beside its verdicts: what was set aside, what is done, and for which data.

OUT holds verdicts alone. ``OUT.side`` holds ``record.json``, ``refused/`` and, while it works, ``work/``, ``spill/``.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
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
        wanted = Record(v.SCHEMA_VERSION, PARAMETERS.hash, data, _profile_hash(profile))
        found = self._found()
        if found is None:
            if self.out.exists() and (not self.out.is_dir() or any(self.out.iterdir())):
                raise WrongRequest(f"{self.out} holds something else already; name a place that is free")
            self.root.mkdir(parents=True, exist_ok=True)
            self.out.mkdir(exist_ok=True)
            self._write(wanted)
        elif replace(found, finished=False, athletes=0, verdicts=0, refused=0) != wanted:
            what = "another model" if found.parameters != wanted.parameters else "other data or profiles"
            raise WrongRequest(f"{self.out} holds verdicts of {what}; remove it and {self.root}, or name another place")
        shutil.rmtree(self.root / "work", ignore_errors=True)
        return wanted

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
    def placing(self, bucket: Bucket) -> Iterator[tuple[Path, Path]]:
        """Where a bucket's verdicts (a folder) and refused rows (a file) are written; moved into place at the end."""
        work = self.root / "work" / f"{bucket.name}.{os.getpid()}"
        shutil.rmtree(work, ignore_errors=True)
        (work / "verdicts").mkdir(parents=True)
        yield work / "verdicts", work / "refused.parquet"
        self.refused.mkdir(exist_ok=True)
        (work / "refused.parquet").replace(self.refused / f"{bucket.name}.parquet")
        (work / "verdicts").replace(self.out / bucket.name)  # the last step: now it is done
        shutil.rmtree(work, ignore_errors=True)

    def finish(self, record: Record) -> Record:
        """The record with its counts, written; what was needed while working is removed."""
        verdicts = pl.scan_parquet(self.out / "*" / "*.parquet", hive_partitioning=False)
        count, athletes = verdicts.select(pl.len(), pl.col("athlete").n_unique()).collect().row(0)
        refused = pl.scan_parquet(self.refused / "*.parquet").select(pl.len()).collect().item()
        done = replace(record, finished=True, athletes=int(athletes), verdicts=int(count), refused=int(refused))
        self._write(done)
        for folder in (self.spill, self.root / "work"):
            shutil.rmtree(folder, ignore_errors=True)
        self.laid.unlink(missing_ok=True)
        return done


def _profile_hash(profile: tables.Profile) -> str:
    """Tells one set of profiles from another."""
    if profile is None:
        return ""
    rows = profile.to_dicts() if isinstance(profile, pl.DataFrame) else dict(profile)
    return hashlib.sha256(json.dumps(rows, default=str, sort_keys=True).encode()).hexdigest()[:16]
