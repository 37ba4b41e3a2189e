"""One sync: what a service has and the diary has not, fetched, kept as it came, imported, noted.

What was fetched is written to a folder of the home first and imported in small batches; what was imported is noted as
done after that. So a sync that is stopped, however, loses nothing and goes on where it was.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from freshlegs.problems import NothingDone, Problem
from freshlegs.sync.contract import Account, Busy, Item, ItemMissing, Service, Unreachable
from freshlegs.sync.tokens import TokenBox, write_private

if TYPE_CHECKING:
    from freshlegs.diary import Diary

FIRST_D: Final = 180
"""A first sync goes back so far: half a year, what the slow anchor looks at."""

AGAIN_D: Final = 7
"""A later one begins so long before the last: watches are emptied late."""

BATCH: Final = 20
PATIENCE_S: Final = 15 * 60.0
"""The longest pause that is waited for; a longer one ends the sync, which goes on next time."""

PAUSE_UNSAID_S: Final = 60.0
TRIES: Final = 3
FAULTS_IN_A_ROW: Final = 5

Tell = Callable[[str], None]
T = TypeVar("T")


class Enough(NothingDone):
    """The service wants a longer pause than is waited for."""


@dataclass(slots=True)
class SyncReport:
    """What a sync did. ``stopped`` is the sentence why it ended early; None when everything there is was fetched."""

    service: str
    fetched: int = 0
    imported: dict[str, int] = field(default_factory=lambda: {"runs": 0, "nights": 0, "checkins": 0})
    already_known: int = 0
    problems: list[Problem] = field(default_factory=list)
    seconds: float = 0.0
    stopped: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The document of ``sync --json``."""
        return {
            "service": self.service,
            "fetched": self.fetched,
            "imported": dict(self.imported),
            "already_known": self.already_known,
            "problems": [problem.as_dict() for problem in self.problems],
            "complete": self.stopped is None,
            "stopped": self.stopped,
            "seconds": round(self.seconds, 3),
        }


class Progress:
    """What was fetched so far, a small file of the home; never tokens, never data."""

    def __init__(self, home: Path, service: str) -> None:
        self._path = home / "sync" / f"{service}-progress.json"
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            found = {}
        self.done: set[str] = set(found.get("done", ()))
        self.begun: str | None = found.get("begun")
        self.until: str | None = found.get("until")

    def begin(self, given: date | None, today: date) -> date:
        """The first day to ask for: what was given, else where the last sync was, else half a year ago."""
        if given is not None:
            since = given
        elif self.until is not None:
            since = date.fromisoformat(self.until) - timedelta(days=AGAIN_D)
        elif self.begun is not None:
            since = date.fromisoformat(self.begun)
        else:
            since = today - timedelta(days=FIRST_D)
        if self.until is None:
            self.begun = since.isoformat()
        return since

    def keep(self) -> None:
        """Write it."""
        write_private(self._path, json.dumps({"begun": self.begun, "until": self.until, "done": sorted(self.done)}))


class Sync:
    """One sync of one service into one diary."""

    def __init__(
        self,
        diary: Diary,
        service: Service,
        *,
        tell: Tell,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._diary = diary
        self._service = service
        self._tell = tell
        self._sleep = sleep
        self._box = TokenBox(diary.home)
        self._folder = diary.home / "sync" / "arriving" / service.NAME
        self._waiting: list[Item] = []
        self._progress = Progress(diary.home, service.NAME)
        self.report = SyncReport(service.NAME)

    def run(self, given_since: date | None, today: date) -> SyncReport:
        """Fetch and import. NothingDone when nothing could be fetched; what was fetched before stays."""
        began_s = time.monotonic()
        tokens = self._box.find(self._service.NAME)
        if tokens is None:
            raise NothingDone(f"not connected with {self._service.TITLE} yet; run: freshlegs sync {self._service.NAME}")
        self._import()  # what an interrupted sync had left
        since = self._progress.begin(given_since, today)
        self._progress.keep()
        account = self._service.open_account(tokens)
        try:
            self._fetch_all(account, since, today)
            self._progress.until = today.isoformat()
        except NothingDone as fault:
            if not self.report.fetched:
                raise
            self.report.stopped = str(fault)
        finally:
            self._import()
            self._progress.keep()
            renewed = account.tokens()
            if renewed != tokens:
                self._box.keep(self._service.NAME, renewed)
        self.report.seconds = time.monotonic() - began_s
        return self.report

    def _fetch_all(self, account: Account, since: date, today: date) -> None:
        """Everything once; a list that broke off for too many requests is begun again, without what was had."""
        had: set[str] = set()
        self._patiently(lambda: self._walk(account, since, today, had))

    def _walk(self, account: Account, since: date, today: date, had: set[str]) -> None:
        faults: list[Problem] = []
        for item in account.items(since, today, self._progress.done | had):
            if item.key in self._progress.done or item.key in had:
                continue
            had.add(item.key)
            try:
                data = self._patiently(item.fetch)
            except (ItemMissing, Unreachable) as fault:
                faults.append(Problem(f"{self._service.TITLE}, {item.key}", "", str(fault), refused=True))
                if len(faults) >= FAULTS_IN_A_ROW:
                    raise Unreachable(str(fault)) from None
                continue
            self.report.problems.extend(faults)
            faults = []
            self._arrive(item, data)
            self._sleep(self._service.PAUSE_S)
        self.report.problems.extend(faults)

    def _patiently(self, ask: Callable[[], T]) -> T:
        """Ask, and wait when the service wants that, if not for too long."""
        for attempt in range(1, TRIES + 1):
            try:
                return ask()
            except Busy as busy:
                wait_s = PAUSE_UNSAID_S * attempt if busy.wait_s is None else busy.wait_s
                if wait_s > PATIENCE_S or attempt == TRIES:
                    raise Enough(f"{busy}; run it again later, it goes on where it was") from None
                self._import()
                self._tell(f"{busy}; waiting {wait_s:.0f} s")
                self._sleep(wait_s)
        raise AssertionError  # the loop returns or raises

    def _arrive(self, item: Item, data: bytes | None) -> None:
        if data:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            name = f"{re.sub(r'[^A-Za-z0-9-]', '-', item.key)}{item.suffix}"
            unborn = self._folder / f".{name}"
            unborn.write_bytes(data)
            unborn.replace(self._folder / name)
            self.report.fetched += 1
        self._waiting.append(item)
        if len(self._waiting) >= BATCH:
            self._import()

    def _import(self) -> None:
        """Import what has arrived, then note it as done."""
        if self._folder.is_dir():
            paths = sorted(path for path in self._folder.iterdir() if not path.name.startswith("."))
            if paths:
                found = self._diary.import_files(paths)
                for name, number in found.imported.items():
                    self.report.imported[name] = self.report.imported.get(name, 0) + number
                self.report.already_known += found.already_known
                self.report.problems.extend(found.problems)
                self._tell(
                    f"{self._service.TITLE}: {self.report.fetched} fetched, {self.report.imported['runs']} runs new"
                )
            shutil.rmtree(self._folder)
        if self._waiting:
            self._progress.done.update(item.key for item in self._waiting if item.final)
            self._waiting.clear()
            self._progress.keep()


def connected(home: Path) -> dict[str, str | None]:
    """The services with tokens, and until when each was fetched."""
    from freshlegs.sync import SERVICES

    box = TokenBox(home)
    return {name: Progress(home, name).until for name in SERVICES if box.find(name) is not None}


def forget(home: Path, service: str) -> bool:
    """Remove tokens and progress of a service; what was imported stays. Whether there was anything."""
    was = TokenBox(home).forget(service)
    progress = home / "sync" / f"{service}-progress.json"
    was |= progress.exists()
    progress.unlink(missing_ok=True)
    shutil.rmtree(home / "sync" / "arriving" / service, ignore_errors=True)
    return was


def forget_all(home: Path) -> None:
    """Remove every service's tokens and progress."""
    from freshlegs.sync import SERVICES

    for name in SERVICES:
        forget(home, name)
    shutil.rmtree(home / "sync", ignore_errors=True)
