"""Imports off the request path: one worker, a list of jobs, and what each has done so far.

A job lives on while its page is reloaded or closed. What it read is in the diary even if the server is stopped in the
middle: an import goes on where it was when the same file is dropped again.
"""

from __future__ import annotations

import queue
import secrets
import shutil
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from freshlegs.problems import FreshlegsError, NothingDone
from freshlegs.web.desk import Desk

State = Literal["waiting", "reading", "done", "failed"]

OVER: Final[tuple[State, ...]] = ("done", "failed")
"""After these nothing more comes."""

KEPT: Final = 20
"""So many finished jobs are remembered."""

PATIENCE_S: Final = 60.0
"""So long an import may take to end between two files when everything is erased."""

ENDED: Final = "it was ended before all was read, to erase everything"

INCOMING: Final = "incoming-"
"""Folders of files that are being taken in; they lie in the home, on the disk with room for them."""


@dataclass(slots=True)
class Job:
    """One file that was dropped: what became of it so far. ``changes`` counts up with every news."""

    id: str
    name: str
    size_b: int
    state: State = "waiting"
    files: int = 0
    now: str = ""
    report: dict[str, Any] | None = None
    error: str | None = None
    changes: int = 0

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in OVER

    def as_dict(self) -> dict[str, Any]:
        """As the API tells it."""
        return {
            "id": self.id,
            "name": self.name,
            "size_b": self.size_b,
            "state": self.state,
            "files": self.files,
            "now": self.now,
            "report": self.report,
            "error": self.error,
        }


@dataclass(slots=True)
class Jobs:
    """All jobs of a site; they are done one after another."""

    desk: Desk
    _all: OrderedDict[str, Job] = field(default_factory=OrderedDict)
    _waiting: queue.SimpleQueue[tuple[Job, Path] | None] = field(default_factory=queue.SimpleQueue)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _idle: threading.Lock = field(default_factory=threading.Lock)
    """Held while a file is read."""
    _ending: bool = False
    _worker: threading.Thread | None = None

    @contextmanager
    def coming_in(self, name: str) -> Iterator[Path]:
        """Where to write a file that comes in, alone in a folder of its own; `add` it when it is whole."""
        self.desk.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=INCOMING, dir=self.desk.home))
        try:
            yield folder / name
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def sweep(self) -> None:
        """Remove what a stopped server left behind."""
        if self.desk.home.is_dir():
            for leftover in self.desk.home.glob(f"{INCOMING}*"):
                shutil.rmtree(leftover, ignore_errors=True)

    def add(self, path: Path) -> Job:
        """Take in a file that has come in; its folder goes when it is done."""
        job = Job(secrets.token_hex(6), path.name, path.stat().st_size)
        with self._lock:
            if self._ending:
                shutil.rmtree(path.parent, ignore_errors=True)
                raise NothingDone("everything is being erased; nothing was taken in")
            self._all[job.id] = job
            over = [id_ for id_, one in self._all.items() if one.over]
            for id_ in over[: max(0, len(self._all) - KEPT)]:
                del self._all[id_]
            self._waiting.put((job, path))
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="freshlegs-import", daemon=True)
                self._worker.start()
        return job

    def get(self, id_: str) -> Job | None:
        """A job by its id."""
        return self._all.get(id_)

    def __iter__(self) -> Iterator[Job]:
        """The jobs, the newest first."""
        with self._lock:
            return iter(list(reversed(self._all.values())))

    def stop(self) -> None:
        """Begin no other job, until one is added: a site may be started again."""
        with self._lock:
            if self._worker is not None:
                self._waiting.put(None)
                self._worker = None

    @contextmanager
    def ended(self) -> Iterator[None]:
        """Have all imports end and be forgotten, and take in none meanwhile. Raises `NothingDone` if one does not."""
        with self._lock:
            self._ending = True
        try:
            if not self._idle.acquire(timeout=PATIENCE_S):
                raise NothingDone("a file is still being read; try again when it is done")
            try:
                for waiting in self:
                    if not waiting.over:
                        waiting.error, waiting.state = ENDED, "failed"
                        waiting.changes += 1
                yield
                with self._lock:
                    self._all.clear()
            finally:
                self._idle.release()
        finally:
            with self._lock:
                self._ending = False

    def _work(self) -> None:
        while (next_ := self._waiting.get()) is not None:
            job, path = next_
            try:
                with self._idle:
                    self._import(job, path)
            finally:
                shutil.rmtree(path.parent, ignore_errors=True)

    def _import(self, job: Job, path: Path) -> None:
        def progress(done: int, _: int | None, name: str) -> None:
            if self._ending:
                raise NothingDone(ENDED)
            job.files, job.now = done, _named(name, path)
            job.changes += 1

        if job.over:
            return
        job.state = "reading"
        job.changes += 1
        try:
            with self.desk.diary() as diary:
                report = diary.import_files([path], progress=progress).as_dict()
            for problem in report["problems"]:
                problem["source"] = _named(problem["source"], path)
            job.report, job.state = report, "done"
        except FreshlegsError as error:
            job.error, job.state = str(error), "failed"
        except Exception as error:  # a fault of ours must end the job, not the worker
            job.error, job.state = f"something unforeseen went wrong ({type(error).__name__})", "failed"
        job.now = ""
        job.changes += 1


def _named(source: str, path: Path) -> str:
    """A file as the runner knows it: without the folder it was put into here."""
    return source.removeprefix(f"{path.parent}/")
