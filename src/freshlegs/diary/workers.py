"""Files read by other processes, so that every core is used; one file at a time here when that is quicker.

A worker (`freshlegs.beside`) gets a file's bytes and gives back what the store takes. When the importing process ends,
however, no worker is left. A worker that dies (killed, out of memory) costs at most the one file it was at, and that
one is tried once more.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Self

from freshlegs import beside
from freshlegs.diary.reading import read_file
from freshlegs.importers.contract import Context, Source
from freshlegs.problems import Problem
from freshlegs.store import NewFile

AHEAD: Final = 3
"""Files sent to a worker before it has answered the first, so that it never waits for us."""

AT_MOST: Final = 8
"""Workers; each holds about 100 MB, and more of them would wait for the one that writes."""

LARGE_B: Final = 64 * 2**20
"""A larger file is read here, one at a time, so that memory stays bounded."""

PATIENCE_S: Final = 1.0
"""So long reading goes on here before workers are started for what was not known to be much."""


class WorkerLostError(Exception):
    """Two workers ended while they were at this file."""


@dataclass(slots=True)
class _Job:
    """One file on its way to a worker."""

    source: Source
    sha256: str
    reader: str
    done: Future[NewFile] = field(default_factory=Future)
    tries: int = 0


class Readers:
    """Reads files here until it pays to have workers, then by them; ``read`` gives futures in any case.

    ``workers``: how many (None: one a core, none on a single core). ``much``: the caller expects enough work for them
    to pay from the start.
    """

    def __init__(self, context: Context, workers: int | None = None, *, much: bool = False) -> None:
        self._context = Context(context.home_time_zone, dict(context.column_maps))
        self._wanted = _others() if workers is None else workers
        self._at_once = much or workers is not None
        self._spent_s = 0.0
        self._waiting: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.stop()
        for worker in self._workers:
            worker.close()

    def read(self, source: Source, sha256: str, reader: str) -> Future[NewFile]:
        """The file as the store takes it, now or soon; `WorkerLostError` when it brought two workers down."""
        job = _Job(Source(source.name, source.data, self._context), sha256, reader)
        self._start_if_it_pays()
        if len(source.data) <= LARGE_B and any(worker.ready for worker in self._workers):
            self._waiting.put(job)
        else:
            started_s = time.perf_counter()
            job.done.set_result(read_file(job.source, sha256, reader))
            self._spent_s += time.perf_counter() - started_s
        return job.done

    def result(self, done: Future[NewFile]) -> NewFile:
        """Wait for a file; read it here when no worker is left to do it."""
        while not done.done():
            with suppress(TimeoutError):
                done.exception(timeout=0.2)
            if not any(worker.alive for worker in self._workers):
                self._read_waiting()
        return done.result()

    def _read_waiting(self) -> None:
        with suppress(queue.Empty):
            while True:
                job = self._waiting.get_nowait()
                if job is None:
                    continue
                if job.tries:  # it has brought a worker down and might bring us down too
                    job.done.set_exception(WorkerLostError())
                else:
                    job.done.set_result(read_file(job.source, job.sha256, job.reader))

    def _start_if_it_pays(self) -> None:
        if self._workers or self._wanted < 1 or not beside.possible():
            return
        if self._at_once or self._spent_s > PATIENCE_S:
            self._workers = [_Worker(self._waiting) for _ in range(min(self._wanted, AT_MOST))]


class _Worker:
    """One worker process and the thread that feeds it; a process that dies is followed by another."""

    def __init__(self, waiting: queue.SimpleQueue[_Job | None]) -> None:
        self._waiting = waiting
        self._out: list[_Job] = []
        self._closed = threading.Event()
        self.ready = False
        self._process = beside.Process(__name__)
        self._thread = threading.Thread(target=self._feed, name="freshlegs-worker", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it will still answer; one that could never be started will not."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Have the process end; nobody waits for what it was at."""
        self._closed.set()
        self._process.kill()
        self._waiting.put(None)  # wakes the thread if it waits for a file

    def close(self) -> None:
        """Wait until it has ended."""
        self._process.end()
        self._thread.join(timeout=2.0)
        self._process.end()  # the thread may have started another in between

    def _feed(self) -> None:
        while not self._closed.is_set():
            try:
                self._talk(self._process)
            except beside.BROKEN:
                if self._closed.is_set() or not self._after_a_death():
                    break
        self.ready = False
        for job in self._out:
            self._waiting.put(job)

    def _talk(self, process: beside.Process) -> None:
        """Send and receive until the process or this import ends."""
        process.ready()
        self.ready = True
        while not self._closed.is_set():
            while len(self._out) < AHEAD:
                try:
                    job = self._waiting.get_nowait() if self._out else self._next()
                except queue.Empty:
                    break
                if job is None:
                    raise EOFError
                self._out.append(job)
                process.send((job.source, job.sha256, job.reader))
            answer = process.receive()
            self._out.pop(0).done.set_result(answer)

    def _next(self) -> _Job | None:
        """The next file, waited for; EOFError once this import has ended."""
        while not self._closed.is_set():
            with suppress(queue.Empty):
                return self._waiting.get(timeout=0.2)
        raise EOFError

    def _after_a_death(self) -> bool:
        """Another process for what was not answered; false when it died before it did anything."""
        self._process.end()
        if not self.ready:
            return False
        self.ready = False
        first, rest = self._out[:1], self._out[1:]
        self._out = []
        for job in first:  # it was at this one
            job.tries += 1
            if job.tries > 1:
                job.done.set_exception(WorkerLostError())
            else:
                rest.insert(0, job)
        for job in rest:
            self._waiting.put(job)
        self._process = beside.Process(__name__)
        return True


def lost(name: str) -> Problem:
    """What to say of a file that brought two workers down."""
    why = "reading it needed more memory than there is, or ended the program that read it; the next import tries again"
    return Problem(name, "", why, refused=True)


def _others() -> int:
    """Workers for the cores there are; on a single one none, for we are on it."""
    cores = beside.cores()
    return cores if cores > 1 else 0


# --- inside the worker ----------------------------------------------------------------------------------------


def serve() -> None:
    """Read the files that come in."""
    sys.setswitchinterval(0.0005)
    beside.answer(lambda job: _without_data(read_file(*job)), _warm_up, ahead=AHEAD + 1)


def _warm_up() -> None:
    """Load what reading nearly always needs before the first file comes."""
    import freshlegs.importers.fit
    import freshlegs.metrics.facts  # noqa: F401


def _without_data(file: NewFile) -> NewFile:
    from dataclasses import replace

    return replace(file, data=None)
