"""From files to rows in the store: skip what is known, read the rest on all cores, keep it in batches.

Each file stands alone: what goes wrong with it is a `Problem`, the rest is done. Files are read in any order and
kept in the order in which they were met, by this process alone. A batch is kept in one step, so an import that is
stopped, however, goes on where it was when it is started again.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from freshlegs import __version__
from freshlegs.diary.known import Known
from freshlegs.diary.runs import EARLIEST
from freshlegs.diary.workers import Readers, WorkerLostError, lost
from freshlegs.importers.contract import Context, Source
from freshlegs.importers.csv_map import KIND as CSV
from freshlegs.importers.instants import NO_ZONE
from freshlegs.problems import Problem, UnreadableFile
from freshlegs.store import FileEntry, NewFile, Store

if TYPE_CHECKING:
    from concurrent.futures import Future

    from freshlegs.importers.sources import Found

Progress = Callable[[int, int | None, str], None]
"""Called before each file with: files done, files in all (None while unknown), the name of the next one."""

BATCH_FILES: Final = 50
BATCH_S: Final = 2.0
BATCH_B: Final = 64 * 2**20
LINE_FILES: Final = 128
LINE_B: Final = 64 * 2**20
"""So many files, or bytes of them, are being read at once at most."""

MUCH_B: Final = 64 * 2**20
PACKED: Final = 4
"""Workers pay from so many bytes on; a zip or a gzip counts that many times its size."""


REFUSED: Final = "refused"
BECOMES: Final = ("runs", "nights", "checkins")


@dataclass(frozen=True, slots=True)
class SameRun:
    """A session recognised as a run that another file has too: its id, kind and file, and those of the one kept."""

    run: str
    kind: str
    source: str
    kept: str
    kept_kind: str
    kept_source: str


@dataclass(slots=True)
class ImportReport:
    """What an import did.

    ``files`` met; ``imported``: new rows a table; ``already_known``: files met before, by the hash of their bytes (a
    file refused before is told again and counts here too); ``read_again``: files known before whose times were read in
    UTC for want of a time zone, and now in the runner's, or that another column map read; ``same_run``: files'
    sessions that turned out to be runs known from another file; ``problems``; ``seconds``. ``kinds``: what the files
    of each kind became; ``same_runs``: each of those sessions, with the one that is kept for it.
    """

    files: int = 0
    imported: dict[str, int] = field(default_factory=lambda: {"runs": 0, "nights": 0, "checkins": 0})
    already_known: int = 0
    read_again: int = 0
    same_run: int = 0
    problems: list[Problem] = field(default_factory=list)
    seconds: float = 0.0
    kinds: dict[str, dict[str, int]] = field(default_factory=dict)
    same_runs: list[SameRun] = field(default_factory=list)

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
            "read_again": self.read_again,
            "same_run": self.same_run,
            "problems": [problem.as_dict() for problem in self.problems],
            "seconds": round(self.seconds, 3),
            "kinds": [{"kind": kind, **became} for kind, became in self.kinds.items()],
            "same_runs": [asdict(one) for one in self.same_runs],
        }

    def add(self, file: NewFile) -> None:
        """Count what a file became, under its kind; a refused one under `REFUSED`."""
        became = self.kinds.setdefault(file.kind or REFUSED, dict.fromkeys(("files", *BECOMES), 0))
        became["files"] += 1
        for name, rows in zip(BECOMES, (file.sessions, file.nights, file.answers), strict=True):
            became[name] += len(rows)


@dataclass(frozen=True, slots=True)
class _Coming:
    """A file that is being read; or, with ``told`` alone, what there is to say of one that is not."""

    told: Sequence[Problem] = ()
    source: Source | None = None
    sha256: str = ""
    done: Future[NewFile] | None = None


class Import:
    """One import into one store.

    ``workers``: see `Readers`; ``much``: whether a long import is expected; ``mapped``: whether a column map was given
    with it, by which tables that were read by another are read again.
    """

    def __init__(
        self,
        store: Store,
        context: Context,
        now: Callable[[], datetime],
        progress: Progress | None = None,
        *,
        workers: int | None = None,
        much: bool = False,
        mapped: bool = False,
    ) -> None:
        self._store = store
        self._context = context
        self._readers = Readers(context, workers, much=much)
        self._line: deque[_Coming] = deque()
        self._line_b = 0
        self._now = now
        self._progress = progress
        self._mapped = mapped
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
        before = Known(self._store)
        counted = row_counts(before)
        twins = dict(before.kept_by)
        with self._readers:
            for one in found:
                if self._progress is not None:
                    self._progress(self.report.files, None, one.name)
                self._take(one)
                self._receive()
            self._receive(everything=True)
        self._keep()
        self._count(counted, twins)
        if self._progress is not None:
            self._progress(self.report.files, self.report.files, "")
        self.report.seconds = time.monotonic() - started_s
        return self.report

    def _count(self, before: Mapping[str, int], twins: Mapping[str, str]) -> None:
        if not self.report.files - self.report.already_known:
            return
        known = Known(self._store)
        new = {table: number - before[table] for table, number in row_counts(known).items()}
        sessions = new.pop("sessions")
        # A file may show that two runs known apart are one; then there is one run less.
        self.report.imported = {table: max(0, number) for table, number in new.items()}
        self.report.same_run = max(0, sessions - new["runs"])
        self.report.same_runs = list(_same_runs(known, twins))

    def _take(self, one: Found) -> None:
        """Have a file read, unless it is known or cannot be; what there is to say comes in the order of the files."""
        report = self.report
        if one.problem is not None:
            report.files += int(one.problem.refused)
            self._line.append(_Coming((one.problem,)))
            return
        report.files += 1
        try:
            data = one.read()
        except UnreadableFile as error:
            self._line.append(_Coming((Problem(one.name, "", str(error), refused=True),)))
            return
        sha256 = hashlib.sha256(data).hexdigest()
        source = Source(one.name, data, self._context)
        if self._is_known(sha256):
            report.already_known += 1
            self._line.append(_Coming(source=replace(source, data=b""), sha256=sha256))
            return
        self._met.add(sha256)
        self._line.append(_Coming((), source, sha256, self._readers.read(source, sha256, self._reader)))
        self._line_b += len(data)

    def _receive(self, *, everything: bool = False) -> None:
        """Take what has been read, in order; wait for it when there is too much of it."""
        while self._line:
            done = self._line[0].done
            too_much = len(self._line) > LINE_FILES or self._line_b > LINE_B
            if done is not None and not (everything or too_much or done.done()):
                return
            self._finish(self._line.popleft())
            if self._batch_is_full():
                self._keep()

    def _finish(self, one: _Coming) -> None:
        report, source = self.report, one.source
        report.problems.extend(one.told)
        if source is None:
            return
        if one.done is None:
            # What was refused before is told again, under the name it goes by now.
            refused = self._refused.get(one.sha256, ())
            report.problems.extend(replace(problem, source=source.name) for problem in refused)
            return
        self._line_b -= len(source.data)
        try:
            file = self._readers.result(one.done)
        except WorkerLostError:
            report.problems.append(lost(source.name))
            return
        report.problems.extend(file.problems)
        report.problems.extend(self._not_yet(file))
        file, left_out = self._in_time(file)
        report.problems.extend(left_out)
        if file.status == "refused":
            self._refused[one.sha256] = file.problems
        else:
            file = replace(file, data=source.data, again=self._is_to_correct(one.sha256))
            report.read_again += file.again
        report.add(file)
        self._batch.append(file)
        self._batch_b += len(source.data)

    def _not_yet(self, file: NewFile) -> Iterator[Problem]:
        """A note on each session that has not come yet: a clock was wrong, and it would count on no day."""
        latest = self._now() + timedelta(days=1)
        for session in file.sessions:
            start = session.run["start_utc"]
            if start > latest:
                why = f"it starts on {start.date()}, which has not come yet: the clock was wrong; it counts on no day"
                yield Problem(file.name, f"session {session.number + 1}", why)

    def _in_time(self, file: NewFile) -> tuple[NewFile, list[Problem]]:
        """The file without mornings and nights that have not come yet and runs before `EARLIEST`; what was left out."""
        latest = (self._now() + timedelta(days=1)).date()
        told = []
        for kind, rows in (("check-in", file.answers), ("night", file.nights)):
            for row in rows:
                if row["date"] > latest:
                    why = f"a {kind} of {row['date']}, which has not come yet, was left out"
                    told.append(Problem(file.name, kind, why, lost=True))
        for session in file.sessions:
            if session.run["start_utc"] < EARLIEST:
                why = f"it starts in {session.run['start_utc'].year} and was left out; please check the year"
                told.append(Problem(file.name, f"session {session.number + 1}", why, lost=True))
        if not told:
            return file, told
        kept = replace(
            file,
            answers=[row for row in file.answers if row["date"] <= latest],
            nights=[row for row in file.nights if row["date"] <= latest],
            sessions=[one for one in file.sessions if one.run["start_utc"] >= EARLIEST],
            problems=(*file.problems, *told),
        )
        return kept, told

    def _is_known(self, sha256: str) -> bool:
        """Whether this file was met before, by these readers if it was refused."""
        entry = self._known.get(sha256)
        if sha256 in self._met or entry is None:
            return sha256 in self._met
        if self._is_to_correct(sha256):
            return False
        return entry.status == "read" or entry.reader == self._reader

    def _is_to_correct(self, sha256: str) -> bool:
        """Whether it was read in UTC for want of a time zone that is there now, or by another column map than now."""
        entry = self._known.get(sha256)
        if entry is None or entry.status != "read":
            return False
        if self._mapped and entry.kind == CSV and entry.reader != self._reader:
            return True
        if self._context.home_time_zone is None:
            return False
        return any(problem.message == NO_ZONE for problem in entry.problems)

    def _batch_is_full(self) -> bool:
        since_s = time.monotonic() - self._batch_since_s
        return len(self._batch) >= BATCH_FILES or self._batch_b >= BATCH_B or since_s >= BATCH_S

    def _keep(self) -> None:
        if self._batch:
            new = self._store.add_files(self._batch, self._now())
            for file, is_new in zip(self._batch, new, strict=True):
                self.report.already_known += int(not is_new and file.status == "read" and not file.again)
        self._batch = []
        self._batch_b = 0
        self._batch_since_s = time.monotonic()


def without_home(found: Iterable[Found], given: Sequence[str | os.PathLike[str]], home: Path) -> Iterable[Found]:
    """The files but those of the diary itself, when its home lies in a folder that was given."""
    inside = os.path.realpath(home)
    if not any(Path(inside).is_relative_to(os.path.realpath(path)) for path in given):
        return found
    return (one for one in found if not Path(os.path.realpath(one.name)).is_relative_to(inside))


def is_much(paths: Iterable[str | os.PathLike[str]]) -> bool:
    """Whether so much lies there that workers pay from the start; looks no further than that."""
    total_b = 0
    for path in paths:
        for size_b in _sizes(Path(path)):
            total_b += size_b
            if total_b > MUCH_B:
                return True
    return False


def _sizes(path: Path) -> Iterator[int]:
    """The bytes of a file or of every file in a folder, as if unpacked; 0 for what cannot be looked at."""
    try:
        if path.is_dir():
            for inner in path.iterdir():
                yield from _sizes(inner) if not inner.is_symlink() else ()
        else:
            yield path.stat().st_size * (PACKED if path.suffix.lower() in (".zip", ".gz") else 1)
    except OSError:
        yield 0


def _reader_version(context: Context) -> str:
    """Changes when a file that was refused may be readable now: another Freshlegs, zone or column map."""
    told = json.dumps([context.home_time_zone, dict(context.column_maps)], sort_keys=True, default=str)
    return f"{__version__}/{hashlib.sha256(told.encode()).hexdigest()[:8]}"


def _same_runs(known: Known, before: Mapping[str, str]) -> Iterator[SameRun]:
    """The pairs of sessions that are one run now and were not before, earliest first."""
    pairs = {twin: kept for twin, kept in known.kept_by.items() if before.get(twin) != kept}
    if not pairs:
        return
    files = {sha256: entry.name for sha256, entry in known.store.files().items()}
    wanted = known.sessions.filter(pl.col("id").is_in(list({*pairs, *pairs.values()}))).select("id", "kind", "file")
    about = {run: (kind, files[file]) for run, kind, file in wanted.iter_rows()}
    for run, (kind, source) in about.items():
        if run in pairs:
            yield SameRun(run, kind, source, pairs[run], *about[pairs[run]])


def row_counts(known: Known) -> dict[str, int]:
    """How much there is: sessions as imported, and rows a table as the runner sees them."""
    return {
        "sessions": known.sessions.height,
        "runs": known.sessions.height - len(known.kept_by),
        "nights": known.nights.height,
        "checkins": known.checkins.height,
    }
