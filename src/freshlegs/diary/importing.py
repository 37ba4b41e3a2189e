"""From paths to rows in the store: walk, identify, read, work out facts, keep in batches.

Each file stands alone: what goes wrong with it is a `Problem`, the rest is done. A batch is kept in one step,
so an import that is stopped, however, goes on where it was when it is started again.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from freshlegs import __version__, tables
from freshlegs.diary.answers import ITEMS, PROFILE_KEYS
from freshlegs.importers.contract import Context, Reading, Source
from freshlegs.problems import Problem, UnreadableFile
from freshlegs.store import FileEntry, NewFile, NewSession, Store
from freshlegs.tables import Column

if TYPE_CHECKING:
    from freshlegs.importers.activity import Activity
    from freshlegs.importers.sources import Found

Progress = Callable[[int, int | None, str], None]
"""Called before each file with: files done, files in all (None while unknown), the name of the next one."""

BATCH_FILES: Final = 50
BATCH_S: Final = 2.0
BATCH_B: Final = 64 * 2**20

KEY_SAMPLES: Final = 60
KEY_VALUES: Final = 6
KEY_LOOK: Final = 1200
"""So many samples, and more different values than that among the first, tell one recording from all others."""

_RUN: Final = {column.name: column for column in tables.RUNS.columns if column.name != "athlete"}
_NIGHT: Final = {column.name: column for column in tables.NIGHTS.columns if column.name != "athlete"}
_ANSWER: Final = {"date": tables.CHECKINS.column("date"), **ITEMS}


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
        if file.status == "refused":
            self._refused[sha256] = file.problems
        self._batch.append(file)
        self._batch_b += len(data)

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


def read_file(source: Source, sha256: str, reader: str) -> NewFile:
    """One file as the store takes it; never raises for what is in the file."""
    from freshlegs import importers

    try:
        return _as_file(importers.read(source), source, sha256, reader)
    except UnreadableFile as error:
        return _refused(source, sha256, reader, str(error))
    except Exception as error:  # a fault of ours must not cost the rest of the batch
        why = f"the file could not be read: unexpected {type(error).__name__}: {error}"
        return _refused(source, sha256, reader, " ".join(why.split()))


def _as_file(reading: Reading, source: Source, sha256: str, reader: str) -> NewFile:
    problems = list(reading.problems)
    sessions = _sessions(reading, source.name, problems)
    nights = _rows(reading.nights, _NIGHT, ("date", "source"), source.name, problems)
    answers = _rows(reading.checkins, _ANSWER, ("date",), source.name, problems)
    profile = _possible(reading.profile, PROFILE_KEYS, source.name, "profile", problems)
    met = sum(len(activity.summaries) for activity in reading.activities) + len(reading.runs)
    timeless = met - len(sessions)
    if timeless and not (sessions or nights or answers or profile):
        raise UnreadableFile("nothing in it says when it was, so no run can be made of it")
    if timeless:
        what = (
            "1 session has no start time and was"
            if timeless == 1
            else f"{timeless} sessions have no start time and were"
        )
        problems.append(Problem(source.name, "", f"{what} left out"))
    return NewFile(
        sha256=sha256,
        name=source.name,
        kind=reading.kind,
        size_b=len(source.data),
        status="read",
        reader=reader,
        data=source.data,
        problems=tuple(dict.fromkeys(problems)),
        sessions=sessions,
        nights=nights,
        answers=answers,
        profile=profile,
    )


def _refused(source: Source, sha256: str, reader: str, why: str) -> NewFile:
    problem = Problem(source.name, "", why, refused=True)
    return NewFile(sha256, source.name, "", len(source.data), "refused", reader, problems=(problem,))


def _reader_version(context: Context) -> str:
    """Changes when a file that was refused may be readable now: another Freshlegs, zone or column map."""
    told = json.dumps([context.home_time_zone, dict(context.column_maps)], sort_keys=True, default=str)
    return f"{__version__}/{hashlib.sha256(told.encode()).hexdigest()[:8]}"


# --- sessions ---------------------------------------------------------------------------------------------


def _sessions(reading: Reading, source: str, problems: list[Problem]) -> list[NewSession]:
    """The sessions of a file that have a start, each with its place: first those with samples, then bare summaries."""
    kept = []
    number = 0
    for activity in reading.activities:
        problems.extend(problem for problem in activity.problems if problem not in problems)
        for place, summary in enumerate(activity.summaries):
            run = _possible(summary, _RUN, source, f"session {number + 1}", problems)
            if run.get("start_utc") is not None:
                kept.append(_with_samples(number, run, samples_of(activity, place), source, problems))
            number += 1
    for row in reading.runs:
        run = _possible(row, _RUN, source, f"session {number + 1}", problems)
        if run.get("start_utc") is not None:
            kept.append(NewSession(number, run))
        number += 1
    return kept


def samples_of(activity: Activity, place: int) -> pl.DataFrame:
    """The samples of one session of an activity: all, or those from its start to the next one's."""
    records = activity.records
    if len(activity.summaries) < 2 or "time_utc" not in records.columns:
        return records
    start = activity.summaries[place].get("start_utc")
    if start is None:
        return records.clear()
    starts = [row["start_utc"] for row in activity.summaries if row.get("start_utc") is not None]
    until = min((one for one in starts if one > start), default=None)
    mine = pl.lit(value=True) if start == min(starts) else pl.col("time_utc") >= start
    return records.filter(mine if until is None else mine & (pl.col("time_utc") < until))


def _with_samples(
    number: int, run: dict[str, Any], records: pl.DataFrame, source: str, problems: list[Problem]
) -> NewSession:
    if records.is_empty():
        return NewSession(number, run)
    return NewSession(
        number,
        run,
        facts=_facts(records, run, source, f"session {number + 1}", problems),
        samples=records.height,
        has_hr=_measured(records, "hr_bpm"),
        has_gps=_measured(records, "lat_deg"),
        samples_key=samples_key(records),
    )


def _facts(
    records: pl.DataFrame, run: Mapping[str, Any], source: str, where: str, problems: list[Problem]
) -> bytes | None:
    from freshlegs.metrics.facts import run_facts

    try:
        return run_facts(records, run).to_bytes()
    except Exception as error:  # the run counts by its summary then
        why = f"its samples could not be used: unexpected {type(error).__name__}: {error}"
        problems.append(Problem(source, where, " ".join(why.split())))
        return None


def _measured(records: pl.DataFrame, name: str) -> bool:
    return name in records.columns and records[name].null_count() < records.height


def samples_key(records: pl.DataFrame) -> str | None:
    """A key that two recordings of the same samples share, whatever the format; None if they say too little.

    With heart rate: seconds since the first sample and whole beats a minute, which every format keeps
    exactly. Else with positions, of which exact copies agree. A recording of neither has no key: two mornings
    on a treadmill can well look alike.
    """
    if "time_utc" not in records.columns or records.height < KEY_SAMPLES:
        return None
    for names in (("hr_bpm",), ("lat_deg", "lon_deg")):
        columns = [_numbers(records, name) for name in names]
        if len(np.unique(columns[0][:KEY_LOOK])) > KEY_VALUES:
            break
    else:
        return None
    since_us = records["time_utc"].to_physical().fill_null(0).to_numpy()
    digest = hashlib.sha256(((since_us - since_us[0]) // 1_000_000).astype("<i8").tobytes())
    for name, values in zip(names, columns, strict=True):
        digest.update(name.encode() + values.tobytes())
    return digest.hexdigest()[:32]


def _numbers(records: pl.DataFrame, name: str) -> npt.NDArray[np.float64]:
    """A column as numbers, −1 where it is not known."""
    if name not in records.columns:
        return np.full(1, -1.0)
    values: npt.NDArray[np.float64] = records[name].to_numpy().astype("<f8")
    return np.where(np.isnan(values), -1.0, values)


# --- rows -------------------------------------------------------------------------------------------------


def _rows(
    rows: Iterable[Mapping[str, Any]],
    columns: Mapping[str, Column],
    keys: Sequence[str],
    source: str,
    problems: list[Problem],
) -> list[dict[str, Any]]:
    """Rows with what is possible in them; those without a key or without anything else are left out."""
    kept = []
    for number, given in enumerate(rows, start=1):
        row = _possible(given, columns, source, f"row {number}", problems)
        if any(row.get(key) is None for key in keys):
            problems.append(Problem(source, f"row {number}", f"it has no {' or '.join(keys)} and was left out"))
        elif len(row) > len(keys):
            kept.append(row)
    return kept


def _possible(
    given: Mapping[str, Any], columns: Mapping[str, Column], source: str, where: str, problems: list[Problem]
) -> dict[str, Any]:
    """The known values that can be; each that cannot is a problem and left out, the rest of the row stays."""
    row: dict[str, Any] = {}
    for name, column in columns.items():
        value = given.get(name)
        if value is None:
            continue
        if hasattr(value, "item"):
            value = value.item()
        if column.dtype == tables.NUMBER and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if column.dtype == tables.INSTANT and isinstance(value, datetime) and value.tzinfo is None:
            value = value.replace(tzinfo=UTC)
        if (why := column.refuse(value)) is not None:
            problems.append(Problem(source, where, f"{why}; it was left out"))
        else:
            row[name] = value
    return row


# --- originals, again -------------------------------------------------------------------------------------


def activity_of(store: Store, file: str, session: int, context: Context) -> tuple[Activity, int]:
    """The activity that holds a session of a kept file, and the session's place in it; KeyError if none does."""
    from freshlegs import importers

    entry = store.files()[file]
    reading = importers.read(Source(entry.name, store.original(file), context))
    place = session
    for activity in reading.activities:
        if place < len(activity.summaries):
            return activity, place
        place -= len(activity.summaries)
    raise KeyError(session)


def facts_again(store: Store, runs: Iterable[str]) -> dict[str, bytes]:
    """The facts of these sessions, derived from the kept originals."""
    from freshlegs.metrics.facts import run_facts

    wanted = set(runs)
    sessions = store.sessions().filter(pl.col("id").is_in(list(wanted)))
    context = Context(store.profile().get("home_time_zone"), store.column_maps())
    again = {}
    for row in sessions.iter_rows(named=True):
        try:
            activity, place = activity_of(store, row["file"], row["session"], context)
        except (KeyError, UnreadableFile):
            continue
        again[row["id"]] = run_facts(samples_of(activity, place), row).to_bytes()
    return again


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
