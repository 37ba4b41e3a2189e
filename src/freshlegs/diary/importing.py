"""From files to rows in the store: skip what is known, read the rest, keep it in batches.

Each file stands alone: what goes wrong with it is a `Problem`, the rest is done. A batch is kept in one step,
so an import that is stopped, however, goes on where it was when it is started again.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from freshlegs import __version__
from freshlegs.diary.reading import read_file
from freshlegs.importers.contract import Context, Source
from freshlegs.problems import Problem, UnreadableFile
from freshlegs.store import FileEntry, NewFile, Store

if TYPE_CHECKING:
    from freshlegs.importers.sources import Found

Progress = Callable[[int, int | None, str], None]
"""Called before each file with: files done, files in all (None while unknown), the name of the next one."""

BATCH_FILES: Final = 50
BATCH_S: Final = 2.0
BATCH_B: Final = 64 * 2**20


@dataclass(slots=True)
class ImportReport:
    """What an import did.

    ``files`` met; ``imported``: new rows a table; ``already_known``: files met before, by the hash of their bytes (a
    file refused before is told again and counts here too); ``same_run``: files' sessions that turned out to
    be runs known from another file; ``problems``; ``seconds``.
    """

    files: int = 0
    imported: dict[str, int] = field(default_factory=lambda: {"runs": 0, "nights": 0, "checkins": 0})
    already_known: int = 0
    same_run: int = 0
    problems: list[Problem] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def refused(self) -> list[Problem]:
        """The problems that cost a whole file."""
        return [problem for problem in self.problems if problem.refused]

    def as_dict(self) -> dict[str, Any]:
        """The document of ``import --json``."""
        return {
            "files": self.files,
            "imported": dict(self.imported),
            "already_known": self.already_known,
            "same_run": self.same_run,
            "problems": [problem.as_dict() for problem in self.problems],
            "seconds": round(self.seconds, 3),
        }


class Import:
    """One import into one store."""

    def __init__(
        self, store: Store, context: Context, now: Callable[[], datetime], progress: Progress | None = None
    ) -> None:
        self._store = store
        self._context = context
        self._now = now
        self._progress = progress
        self._known: dict[str, FileEntry] = store.files()
        self._reader = _reader_version(context)
        self._batch: list[NewFile] = []
        self._batch_b = 0
        self._batch_since_s = time.monotonic()
        self._met: set[str] = set()
        self._refused = {sha256: entry.problems for sha256, entry in self._known.items() if entry.status == "refused"}
        self.report = ImportReport()

    def run(self, found: Iterable[Found]) -> ImportReport:
        """Import these files. Raises NothingDone when the store cannot keep them; what it kept before stays."""
        started_s = time.monotonic()
        before = row_counts(self._store)
        for one in found:
            if self._progress is not None:
                self._progress(self.report.files, None, one.name)
            self._take(one)
            if self._batch_is_full():
                self._keep()
        self._keep()
        self._count(before)
        if self._progress is not None:
            self._progress(self.report.files, self.report.files, "")
        self.report.seconds = time.monotonic() - started_s
        return self.report

    def _count(self, before: Mapping[str, int]) -> None:
        if not self.report.files - self.report.already_known:
            return
        new = {table: number - before[table] for table, number in row_counts(self._store).items()}
        sessions = new.pop("sessions")
        # A file may show that two runs known apart are one; then there is one run less.
        self.report.imported = {table: max(0, number) for table, number in new.items()}
        self.report.same_run = max(0, sessions - new["runs"])

    def _take(self, one: Found) -> None:
        report = self.report
        if one.problem is not None:
            report.files += int(one.problem.refused)
            report.problems.append(one.problem)
            return
        report.files += 1
        try:
            data = one.read()
        except UnreadableFile as error:
            report.problems.append(Problem(one.name, "", str(error), refused=True))
            return
        sha256 = hashlib.sha256(data).hexdigest()
        if self._is_known(sha256):
            report.already_known += 1
            # What was refused before is told again, under the name it goes by now.
            report.problems.extend(replace(problem, source=one.name) for problem in self._refused.get(sha256, ()))
            return
        self._met.add(sha256)
        file = read_file(Source(one.name, data, self._context), sha256, self._reader)
        report.problems.extend(file.problems)
        report.problems.extend(self._not_yet(file))
        if file.status == "refused":
            self._refused[sha256] = file.problems
        self._batch.append(file)
        self._batch_b += len(data)

    def _not_yet(self, file: NewFile) -> Iterator[Problem]:
        """A note on each session that has not come yet: a clock was wrong, and it would count on no day."""
        latest = self._now() + timedelta(days=1)
        for session in file.sessions:
            start = session.run["start_utc"]
            if start > latest:
                why = f"it starts on {start.date()}, which has not come yet: the clock was wrong; it counts on no day"
                yield Problem(file.name, f"session {session.number + 1}", why)

    def _is_known(self, sha256: str) -> bool:
        """Whether this file was met before, by these readers if it was refused."""
        entry = self._known.get(sha256)
        if sha256 in self._met or entry is None:
            return sha256 in self._met
        return entry.status == "read" or entry.reader == self._reader

    def _batch_is_full(self) -> bool:
        since_s = time.monotonic() - self._batch_since_s
        return len(self._batch) >= BATCH_FILES or self._batch_b >= BATCH_B or since_s >= BATCH_S

    def _keep(self) -> None:
        if self._batch:
            new = self._store.add_files(self._batch, self._now())
            for file, is_new in zip(self._batch, new, strict=True):
                self.report.already_known += int(not is_new and file.status == "read")
        self._batch = []
        self._batch_b = 0
        self._batch_since_s = time.monotonic()


def without_home(found: Iterable[Found], given: Sequence[str | os.PathLike[str]], home: Path) -> Iterable[Found]:
    """The files but those of the diary itself, when its home lies in a folder that was given."""
    inside = os.path.realpath(home)
    if not any(Path(inside).is_relative_to(os.path.realpath(path)) for path in given):
        return found
    return (one for one in found if not Path(os.path.realpath(one.name)).is_relative_to(inside))


def _reader_version(context: Context) -> str:
    """Changes when a file that was refused may be readable now: another Freshlegs, zone or column map."""
    told = json.dumps([context.home_time_zone, dict(context.column_maps)], sort_keys=True, default=str)
    return f"{__version__}/{hashlib.sha256(told.encode()).hexdigest()[:8]}"


def row_counts(store: Store) -> dict[str, int]:
    """How much there is: sessions as imported, and rows a table as the runner sees them."""
    from freshlegs.diary.known import Known

    known = Known(store)
    return {
        "sessions": known.sessions.height,
        "runs": known.sessions.height - len(known.kept_by),
        "nights": known.nights.height,
        "checkins": known.checkins.height,
    }
