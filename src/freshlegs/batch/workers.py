"""Processes that work side by side, begun before they are needed.

A process takes about as long to import Polars as to judge a hundred athletes, so they are begun while the work is still
being shared out. Nothing heavy is imported here, so that whoever begins them can do so first of all.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from freshlegs import beside
from freshlegs.problems import NothingDone

TRIES: Final = 3
"""How often work is given out anew after a worker has died, before it is given up."""

Job = TypeVar("Job")
Done = TypeVar("Done")


class Workers:
    """So many processes (``count``; all cores without it) for as long as the context lasts; none until they are needed.

    They have one Polars thread each: there is one a core already.
    """

    def __init__(self, count: int | None = None) -> None:
        self.count = count or beside.cores()
        self._hands: list[_Hand] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop()

    def begin(self, module: str) -> None:
        """Start them, and let them import a module; doesn't wait."""
        if self.count > 1 and not self._hands and beside.possible():
            with suppress(OSError):  # where no process may be begun the work is done here
                self._hands.extend(_Hand(module) for _ in range(self.count))

    def done(self, work: Callable[[Job], Done], jobs: Sequence[Job]) -> Iterator[tuple[Job, Done]]:
        """Each job with what came of it, as they are ready; where a worker died its job is given out again, alone.

        ``work`` is a function of a module. In this process where there is no one to share with. Raises what it raises,
        and `NothingDone` when workers die again and again.
        """
        if self.count > 1 and len(jobs) > 1:
            self.begin(work.__module__)
        if len(jobs) < 2 or not self._hands:
            yield from ((job, work(job)) for job in jobs)
            return
        left = dict(enumerate(jobs))
        for tried in range(TRIES):
            if tried:
                self._hands = [_Hand(work.__module__)]
            for number, what in self._round(work, left):
                yield left.pop(number), what
            if not left:
                return
            self._stop()
        raise NothingDone(
            f"a worker died {TRIES} times: is there enough memory? What is done is kept; the same command goes on"
        )

    def _round(self, work: Callable[[Job], Done], jobs: dict[int, Job]) -> Iterator[tuple[int, Done]]:
        """What comes of the jobs until all are done, or everybody who was at them has died."""
        waiting: queue.SimpleQueue[tuple[int, Job]] = queue.SimpleQueue()
        for number, job in jobs.items():
            waiting.put((number, job))
        told: queue.SimpleQueue[tuple[int, bool, Any] | None] = queue.SimpleQueue()
        for hand in self._hands:
            threading.Thread(target=hand.work, args=(work, waiting, told), daemon=True).start()
        working = len(self._hands)
        while working:
            one = told.get()
            if one is None:
                working -= 1
                continue
            number, well, what = one
            if not well:
                raise what
            yield number, what

    def _stop(self) -> None:
        for hand in self._hands:
            hand.process.end()
        self._hands = []


class _Hand:
    """One process, and what it says."""

    def __init__(self, module: str) -> None:
        self.process = beside.Process(__name__)
        self._begun = False
        with suppress(*beside.BROKEN):  # if it has ended already, that is told when there is work
            self.process.send((module, None, None))

    def work(
        self,
        work: Callable[[Any], Any],
        waiting: queue.SimpleQueue[tuple[int, Any]],
        told: queue.SimpleQueue[tuple[int, bool, Any] | None],
    ) -> None:
        """Do what is waiting, tell what came of it, and None at the end: of the work, or of the process."""
        with suppress(queue.Empty, *beside.BROKEN):
            if not self._begun:
                self.process.ready()
                self.process.receive()  # the module is there
                self._begun = True
            while True:
                number, job = waiting.get_nowait()
                self.process.send((work.__module__, work.__qualname__, job))
                well, what = self.process.receive()
                told.put((number, well, what))
        told.put(None)


# --- inside the process -------------------------------------------------------------------------------------------


def serve() -> None:
    """Do the jobs that come in."""
    beside.answer(_outcome)


def _outcome(job: tuple[str, str | None, Any]) -> tuple[bool, Any]:
    """Whether it went well, with what came of it or what was raised; without a name the module is only imported."""
    module, name, given = job
    try:
        found = import_module(module)
        return True, None if name is None else getattr(found, name)(given)
    except Exception as error:
        return False, error
