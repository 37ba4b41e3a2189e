"""The one door to a runner's data: used by the command, the pages and Python alike."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from freshlegs.diary import answers, runs
from freshlegs.diary.editing import Editing
from freshlegs.diary.hand import DELETED
from freshlegs.diary.known import Known
from freshlegs.diary.pictures import Pictures
from freshlegs.diary.planning import Planning
from freshlegs.diary.reflecting import Reflections
from freshlegs.diary.reporting import Reporting
from freshlegs.diary.runbook import RunBook
from freshlegs.diary.tracking import Tracking
from freshlegs.problems import NothingDone, WrongRequest
from freshlegs.store import FILE_NAME, Edit, Store, open_store
from freshlegs.tables import AFTER_RUN_ITEMS, Row

if TYPE_CHECKING:
    from freshlegs.diary.importing import ImportReport, Progress
    from freshlegs.diary.verdicts import Verdicts
    from freshlegs.importers.activity import Activity
    from freshlegs.importers.contract import Context
    from freshlegs.words import Question

Path_ = str | os.PathLike[str]


def local_now() -> datetime:
    """The machine's clock, in the machine's time zone."""
    return datetime.now(UTC).astimezone()


class Diary(Reflections, Tracking, Reporting, Editing, Planning, Pictures, RunBook):
    """One runner's data in one home folder.

    >>> import tempfile
    >>> from datetime import date
    >>> with tempfile.TemporaryDirectory() as home, Diary.open(home) as diary:
    ...     diary.check_in(date(2026, 5, 4), energy=6, soreness=3)
    ...     diary.checkins()["energy"].to_list()
    [6.0]

    Reading and writing raise `NothingDone` with one clear sentence when the disk is full, the folder cannot be
    written, another program holds the diary for long, or it is damaged; nothing is then half-written.
    """

    def __init__(self, store: Store, now: Callable[[], datetime] = local_now) -> None:
        self._store = store
        self._now = now

    @classmethod
    def open(cls, path: Path_, *, now: Callable[[], datetime] = local_now) -> Self:
        """The diary of this folder, made (for its owner's eyes only) if there is none.

        ``now`` is the only clock; it gives aware instants, in the runner's zone unless the profile names one.
        Raises NothingDone for a folder that cannot be used or was written by a newer Freshlegs.
        """
        return cls(open_store(Path(path)), now)

    def close(self) -> None:
        """Let go of the files; harmless to repeat."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def home(self) -> Path:
        """The folder."""
        return self._store.home

    @property
    def athlete(self) -> str:
        """Whose diary it is."""
        return self._store.athlete

    @property
    def revision(self) -> str:
        """Another one whenever anything was kept or taken back, by this or another program; the same while nothing was.

        What is worked out (verdicts) does not count. Comparable within one open diary.
        """
        return self._store.revision()

    # --- in ------------------------------------------------------------------------------------------------

    def import_files(
        self,
        paths: Path_ | Iterable[Path_],
        *,
        progress: Progress | None = None,
        home_time_zone: str | None = None,
        column_maps: Mapping[str, Any] | None = None,
        workers: int | None = None,
    ) -> ImportReport:
        """Read files, folders and zips, of every supported kind, recognised by content; safe to repeat.

        What is wrong with a file is a `Problem` of the report, and the rest is read. A file known already, by the
        hash of its bytes after unzipping, is not read again; one that was refused is, once readers have changed.
        Stopped at any moment, it goes on where it was when called again. ``column_maps`` (for CSV files, by name)
        are remembered, the newest first, and what of these files was read by another is read again; ``home_time_zone``
        holds for times without an offset, instead of the profile's. Of a folder that
        holds this diary's home, the home is passed over. So many ``workers`` (processes) read at once, 0 none but this;
        without a number one a core, once there is enough to read for them to pay.
        """
        from freshlegs.diary.importing import Import, is_much, without_home
        from freshlegs.importers.sources import walk

        for name, column_map in (column_maps or {}).items():
            self._store.keep_column_map(name, column_map, self._now())
        given = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
        found = without_home(walk(given), given, self.home)
        context = self._context(home_time_zone)
        much, mapped = is_much(given), bool(column_maps)
        reading = Import(self._store, context, self._now, progress, workers=workers, much=much, mapped=mapped)
        return reading.run(found)

    def _context(self, home_time_zone: str | None = None) -> Context:
        from freshlegs.importers.contract import Context

        zone = home_time_zone or self._store.profile().get("home_time_zone")
        return Context(zone, self._store.column_maps())

    def check_in(self, on: date | str, /, **items: Any) -> None:
        """Note the answers of a morning, or of a run of that day (``rpe``, ``legs``, ``hit_pace`` …).

        Answers join those already given that day; None takes one out. Raises WrongRequest, naming the item and
        what it may be, for anything impossible, and for a day that has not come.
        """
        day = self._past(on)
        given = answers.valid(items, answers.ITEMS, "check-in item")
        if not given:
            raise WrongRequest(f"a check-in needs an answer, such as {' or '.join(list(answers.ITEMS)[:2])}")
        self._store.add_answer(day, given, self._now(), self._labels_of(day, given))

    def undo_check_in(self, on: date | str | None = None) -> dict[str, Any] | bool:
        """Take back the last check-in (of that day): what it held with its ``date``; False when there is none."""
        day = None if on is None else answers.day(on)
        return self._store.withdraw_answer(day, self._now()) or False

    def answered(self, on: date | str) -> dict[str, Any]:
        """Every answer of a day: the morning's, and those after its run, whether that run is here yet or not."""
        known, day = Known(self._store), answers.day(on)
        found = next(iter(known.said.filter(pl.col("date") == day).to_dicts()), {})
        mine = runs.run_of_dates(known.bare_runs, known.home_zone).filter(pl.col("date") == day)
        for run in known.bare_runs.filter(pl.col("id").is_in(mine["id"].implode())).to_dicts():
            found |= {item: run[item] for item in AFTER_RUN_ITEMS if run[item] is not None}
        return {item: value for item, value in found.items() if item != "date" and value is not None}

    def questions(self, on: date | str) -> list[Question]:
        """What a morning is asked: three fixed questions, and the one of the others that is most overdue.

        On the day of a rest test its question comes first.
        """
        from freshlegs.diary.asking import questions_of
        from freshlegs.words import REST_TEST

        first = [REST_TEST] if self.rest_test_due(on) else []
        return [*first, *questions_of(self.checkins(), answers.day(on))]

    def _past(self, on: date | str) -> date:
        day = answers.day(on)
        if day > self.local_today:
            raise WrongRequest(f"{day} lies in the future; today is {self.local_today}")
        return day

    def edit_run(self, run: str, /, **fields: Any) -> None:
        """Change a run by hand; None makes a field again what was imported. Kept when its file is imported again.

        ``run`` is its ``id`` or the beginning of it. Raises WrongRequest for no or several such runs, an unknown
        field, or an impossible value.
        """
        given = answers.valid(fields, runs.EDITABLE, "run key")
        start = given.get("start_utc")
        if start is not None and not runs.EARLIEST <= start <= self._now() + timedelta(days=1):
            raise WrongRequest(f"a run starts between {runs.EARLIEST.year} and now, not at {start:%Y-%m-%d %H:%M} UTC")
        found = self._run(run)
        self._store.add_edits([Edit(found, name, value) for name, value in given.items()], self._now())

    def delete_run(self, run: str) -> None:
        """Hide a run everywhere; `restore_run` brings it back. Nothing is removed from the disk."""
        self._store.add_edits([Edit(self._run(run), DELETED, True)], self._now())

    def restore_run(self, run: str) -> None:
        """Bring a deleted run back."""
        self._store.add_edits([Edit(self._run(run), DELETED, False)], self._now())

    def _run(self, name: str, known: Iterable[str] | None = None) -> str:
        """The full id of the run (or of a twin of it) whose id begins like this; WrongRequest unless there is one."""
        every = self._store.sessions()["id"] if known is None else known
        ids = [one for one in every if one.startswith(name)] if name else []
        if len(ids) == 1 or name in ids:
            return name if name in ids else ids[0]
        if not ids:
            raise WrongRequest(f"there is no run {name!r}")
        raise WrongRequest(f"{len(ids)} runs begin with {name!r}; write more of the id")

    def set_profile(self, **values: Any) -> None:
        """Enter what is known of the runner (`tables.PROFILE`); None takes a value out.

        Raises WrongRequest naming the key and what it may be, also for heart rates that contradict one another.
        """
        given = answers.valid(values, answers.PROFILE_KEYS, "profile key")
        if given.get("home_time_zone") is not None:
            _zone(given["home_time_zone"])
        answers.passed(given, self.local_today)
        answers.agree({**self._store.profile(), **given}, given)
        self._store.set_profile(given, self._now())

    # --- out -----------------------------------------------------------------------------------------------

    def runs(self) -> pl.DataFrame:
        """Table RUNS, with ``id``: each run once, load and zones worked out."""
        return Known(self._store).runs

    def nights(self) -> pl.DataFrame:
        """Table NIGHTS: each night as each source saw it."""
        return Known(self._store).nights

    def checkins(self) -> pl.DataFrame:
        """Table CHECKINS: each morning's answers."""
        return Known(self._store).checkins

    def days(self) -> pl.DataFrame:
        """Table DAYS up to today: everything meets here."""
        from freshlegs.metrics.daily import daily

        known = Known(self._store)
        return daily(known.runs, known.nights, known.checkins, known.profile, until=self.local_today)

    def files(self) -> list[Row]:
        """Every file met, in the order they came: ``name``, ``kind``, ``status`` (read or refused), ``problems``."""
        return [
            Row(
                name=file.name,
                kind=file.kind,
                status=file.status,
                known_at=file.known_utc,
                problems=[problem.as_dict() for problem in file.problems],
            )
            for file in self._store.files().values()
        ]

    def activity(self, run: str) -> Activity:
        """The file of a run, read again from the original: every sample. WrongRequest when it had none."""
        from freshlegs.diary.reading import activity_of

        sessions = self._store.sessions()
        found = self._run(run, sessions["id"])
        row = sessions.row(by_predicate=pl.col("id") == found, named=True)
        try:
            return activity_of(self._store, row["file"], row["session"], self._context())[0]
        except KeyError:
            raise WrongRequest(f"the run {found} came without samples") from None

    def twins(self) -> dict[str, str]:
        """Sessions that are another's twin (the same run from another file): their id to the id that is kept."""
        return dict(Known(self._store).kept_by)

    def profile(self) -> dict[str, Row]:
        """What is known of the runner: key to ``value``, ``basis`` (measured, estimated, assumed, entered), ``how``."""
        from freshlegs.diary.person import described

        return described(Known(self._store), self.local_today)

    # --- verdicts ------------------------------------------------------------------------------------------

    @property
    def local_today(self) -> date:
        """The day it is, where the runner is at home."""
        return self._now().astimezone(self._zone()).date()

    @property
    def home_zone(self) -> str | None:
        """The home time zone that was entered."""
        return Known(self._store).home_zone

    def _zone(self) -> tzinfo:
        name = self.home_zone
        if name is not None:
            with suppress(WrongRequest):
                return _zone(name)
        return self._now().tzinfo or UTC

    def _verdicts(self) -> Verdicts:
        from freshlegs.diary.verdicts import Verdicts

        return Verdicts(self._store, self._now(), self._zone())

    def today(self, on: date | str | None = None) -> Row:
        """The verdict of this morning, or of an earlier one: the document of ``today --json``.

        This morning's is made from everything known now and kept; an earlier one is final. Beside it, and no part of
        it, stand the runner's own record and, today, what is asked (`labels.BESIDE`). WrongRequest for a day that
        has not come.
        """
        verdicts = self._verdicts()
        day = verdicts.today if on is None else self._past(on)
        return self._beside(verdicts, verdicts.between(day, day))[0]

    def history(self, first: date | str | None = None, last: date | str | None = None) -> list[Row]:
        """One verdict a day, each made from what was known that morning; from the first day with data to today."""
        from freshlegs.diary.verdicts import first_day

        verdicts = self._verdicts()
        end = verdicts.today if last is None else min(answers.day(last), verdicts.today)
        if first is not None:
            return self._beside(verdicts, verdicts.between(answers.day(first), end))
        known = Known(self._store)
        start = first_day((known.nights, known.checkins), known.bare_runs)
        if start is None and self._store.began() is not None:
            start = verdicts.began  # told from memory, and nothing else yet
        return [] if start is None else self._beside(verdicts, verdicts.between(start, end))

    # --- all of it -----------------------------------------------------------------------------------------

    def export(self, target: Path_) -> None:
        """All data into one zip: each table as CSV, the original files, a manifest, a README."""
        from freshlegs.diary.exporting import export

        export(self, self._store, Path(target), self._now())

    def backup(self, target: Path_) -> None:
        """The whole diary in one zip that `restore` brings back; consistent even while others write."""
        from freshlegs.diary.exporting import backup

        backup(self._store, Path(target), self._now())

    def restore(self, source: Path_, *, replace: bool = False) -> None:
        """Bring back what `backup` saved, verified before anything is touched.

        Raises WrongRequest when this diary holds something and ``replace`` is not said, NothingDone when the file
        is no whole backup; the diary is then as it was.
        """
        from freshlegs.diary.exporting import restore

        if not replace and self._holds_something():
            raise WrongRequest(f"{self.home} already holds a diary; say that it shall be replaced")
        restore(Path(source), self._store)

    @classmethod
    def restore_home(cls, path: Path_, source: Path_, *, replace: bool = False) -> None:
        """As `restore`, also for a home whose database cannot be opened any more: with ``replace`` it is set aside."""
        from freshlegs.diary.exporting import set_aside

        try:
            diary = cls.open(path)
        except NothingDone:
            if not (replace and Path(source).is_file() and (Path(path) / FILE_NAME).is_file()):
                raise
            set_aside(Path(path))
            (Path(path) / FILE_NAME).touch(mode=0o600)  # the originals there are ours
            diary = cls.open(path)
        with diary:
            diary.restore(source, replace=replace)

    def _holds_something(self) -> bool:
        return bool(self._store.files() or self._store.profile() or self._store.began())

    def erase(self) -> None:
        """Remove everything of this diary from the disk, and its folder if nothing else is in it."""
        self.close()
        self.erase_home(self.home)

    @staticmethod
    def erase_home(path: Path_) -> None:
        """As `erase`, also for a home whose database cannot be opened any more. NothingDone when there is none."""
        from freshlegs.diary.exporting import erase

        erase(Path(path))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise WrongRequest(f"home_time_zone must be a name such as Europe/Oslo, not {name!r}") from None
