"""Processes that work side by side, begun before they are needed.

A process takes about as long to import Polars as to judge a hundred athletes, so they are begun while the work is still
being shared out. Nothing heavy is imported here, so that whoever begins them can do so first of all.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import get_context
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from freshlegs.problems import NothingDone

TRIES: Final = 3
"""How often work is given out anew after a worker has died, before it is given up."""

Job = TypeVar("Job")
Done = TypeVar("Done")


class Workers:
    """So many processes (``count``; all cores without it) for as long as the context lasts; none until they are needed.

    They are spawned, not forked, for Polars' sake, and have one Polars thread each: there is one a core already.
    """

    def __init__(self, count: int | None = None) -> None:
        self.count = count or os.cpu_count() or 1
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop()

    def begin(self, module: str) -> None:
        """Start them, and let them import a module; doesn't wait."""
        if self.count > 1 and self._pool is None:
            self._start(self.count, module)

    def done(self, work: Callable[[Job], Done], jobs: Sequence[Job]) -> Iterator[tuple[Job, Done]]:
        """Each job with what came of it, as they are ready; where a worker died its jobs are given out again, alone.

        In this process where there is no one to share with. Raises `NothingDone` when workers die again and again.
        """
        if self.count < 2 or len(jobs) < 2:
            yield from ((job, work(job)) for job in jobs)
            return
        left, broken = list(jobs), 0
        while left:
            pool = self._pool or self._start(self.count if not broken else 1, work.__module__)
            try:
                for job, what in _side_by_side(pool, work, left, 2 * self.count):
                    left.remove(job)
                    yield job, what
            except BrokenProcessPool:
                self._stop()
                broken += 1
                if broken == TRIES:
                    raise NothingDone(
                        f"a worker died {TRIES} times: is there enough memory? "
                        "What is done is kept; the same command goes on"
                    ) from None

    def _start(self, count: int, module: str) -> ProcessPoolExecutor:
        with _one_thread_each():
            self._pool = pool = ProcessPoolExecutor(count, mp_context=get_context("spawn"))
            for _ in range(count):
                pool.submit(_ready, module)
        return pool

    def _stop(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


def _ready(module: str) -> None:
    import_module(module)


def _side_by_side(
    pool: ProcessPoolExecutor, work: Callable[[Job], Done], jobs: Sequence[Job], ahead: int
) -> Iterator[tuple[Job, Done]]:
    """The jobs given out, ``ahead`` at a time."""
    waiting = iter(jobs)
    running: dict[Future[Done], Job] = {}
    try:
        while True:
            while len(running) < ahead and (job := next(waiting, None)) is not None:
                running[pool.submit(work, job)] = job
            if not running:
                return
            ready, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in ready:
                yield running.pop(future), future.result()
    finally:
        for future in running:
            future.cancel()


@contextmanager
def _one_thread_each() -> Iterator[None]:
    before: Any = os.environ.get("POLARS_MAX_THREADS")
    os.environ["POLARS_MAX_THREADS"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["POLARS_MAX_THREADS"]
        else:
            os.environ["POLARS_MAX_THREADS"] = before
