"""The public front door: days in, a row of verdicts for each out, blocks of athletes side by side.

Threads hold each other up, for every short step of NumPy is followed by a little of Python, of which one can run at a
time. So many days are shared with processes; a few are not worth starting one.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import polars as pl

from freshlegs import beside, tables
from freshlegs import vocabulary as v
from freshlegs.fatigue.assessment import Assessment, settle
from freshlegs.fatigue.decision import INSUFFICIENT
from freshlegs.fatigue.panel import Panel, lots
from freshlegs.fatigue.past import Floats

Maker = Callable[[], Panel]

WORTH_A_PROCESS: Final = 4
"""Blocks of athletes; fewer are done before another process has begun."""


def assess(days: pl.DataFrame, profile: tables.Profile = None, *, workers: int = 2) -> pl.DataFrame:
    """One verdict for every athlete and every date from that athlete's first to last (table `tables.VERDICTS`).

    ``days``: what `freshlegs.daily` gives, or any frame with ``date``, ``athlete`` (without it everything is one
    athlete's) and some of its columns, rows in any order; a missing column is a signal nobody measured, a gap
    between dates is unknown days, a value outside its range counts as missing. ``profile``: one mapping for all, or
    a frame with a row an athlete. ``workers``: how many blocks of athletes are worked on side by side, in threads; of
    some hundred thousand days on in so many processes, this one among them, which end with the call.
    The probabilities are null with ``insufficient_data``. A row depends only
    on its own and earlier rows. Raises `WrongRequest` (a `ValueError`) for two rows of one day, and for columns of
    another type.
    """
    makers = lots(days, profile)
    if not makers:
        return tables.VERDICTS.frame()
    if len(makers) == 1 or workers < 2:
        frames = [_verdicts(make) for make in makers]
    elif len(makers) < WORTH_A_PROCESS or not beside.possible():
        with ThreadPoolExecutor(workers) as pool:
            frames = list(pool.map(_verdicts, makers))
    else:
        frames = _Shared(makers).done(workers - 1)
    return in_order(frames).with_columns(pl.col("athlete").cast(days.schema.get("athlete", pl.String())))


def in_order(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Verdicts of whole athletes, those of each frame in order, as one frame in order."""
    ends = [frame["athlete"][at] for frame in frames for at in (0, -1)]
    together = pl.concat(frames)
    return together if ends == sorted(ends) else together.sort("athlete", "date")


def _verdicts(make: Maker) -> pl.DataFrame:
    return frame_of(settle(make()))


AHEAD: Final = 2
"""Blocks that a process holds: the one it works on, and the next."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What a row of verdicts holds; ``p``, ``strength`` and ``log_ratio`` with what is told apart first: [state, …]."""

    state: Any
    p: Floats
    strength: Floats
    log_ratio: Floats

    @classmethod
    def of(cls, found: Assessment) -> Self:
        told = (found.p, found.signs.strength, found.group_log_ratio)
        return cls(found.decision.state, *(np.moveaxis(values, -1, 0) for values in told))

    def packed(self) -> _Told:
        """The same, each array in one piece."""
        parts = (np.ascontiguousarray(values) for values in (self.p, self.strength, self.log_ratio))
        return _Told(self.state, *parts)


def frame_of(found: Assessment) -> pl.DataFrame:
    """The verdicts of a block as a frame, athlete after athlete."""
    return _frame(found.panel, _Told.of(found))


def _frame(panel: Panel, found: _Told) -> pl.DataFrame:
    alive = panel.alive
    whole = bool(alive.all())

    def told(values: Any) -> pl.Series:
        return pl.Series(values.ravel() if whole else values[alive], nan_to_null=True)

    length = alive.sum(axis=1)
    days = panel.first[:, None] + np.arange(panel.shape[1])
    spoken = found.state != INSUFFICIENT
    names = pl.Series(panel.athletes).gather(np.repeat(np.arange(len(length)), length))
    words = pl.Series(v.STATES).gather(told(found.state).cast(pl.UInt32))
    data: dict[str, Any] = {"athlete": names, "date": told(days).cast(pl.Int32).cast(pl.Date), "state": words}
    for name, p in zip(v.CHAIN_STATES, found.p, strict=True):
        data[f"p_{name}"] = told(np.where(spoken, p, np.nan))
    for name, strength in zip(v.SIGNS, found.strength, strict=True):
        data[f"strength_{name}"] = told(strength)
    for name, ratio in zip(v.GROUPS, found.log_ratio, strict=True):
        data[f"log_ratio_{name}"] = told(ratio)
    return pl.DataFrame(data)


# --- shared with other processes ----------------------------------------------------------------------------------


class _Shared:
    """Blocks of athletes that whoever is free takes: this process from the front, others from the back.

    The others are given panels and give back plain arrays. What one that ends early was at is done here.
    """

    def __init__(self, makers: Sequence[Maker]) -> None:
        self._makers = makers
        self._left = list(range(len(makers)))
        self._lock = threading.Lock()
        self._done: dict[int, pl.DataFrame] = {}
        self._busy: set[beside.Process] = set()

    def done(self, helpers: int) -> list[pl.DataFrame]:
        """The verdicts of each block, in order."""
        processes: list[beside.Process] = []
        with suppress(OSError):  # where no process may be begun all is done here
            processes.extend(beside.Process(__name__) for _ in range(min(helpers, len(self._makers) - 1)))
        feeders = [threading.Thread(target=self._feed, args=(process,), daemon=True) for process in processes]
        try:
            for feeder in feeders:
                feeder.start()
            while (number := self._next(0)) is not None:
                self._done[number] = _verdicts(self._makers[number])
            for process in processes:
                if process not in self._busy:  # it has not even begun
                    process.kill()
            for feeder in feeders:
                feeder.join()
        finally:
            for process in processes:
                process.end()
        return [
            self._done[number] if number in self._done else _verdicts(make) for number, make in enumerate(self._makers)
        ]

    def _next(self, end: int) -> int | None:
        with self._lock:
            return self._left.pop(end) if self._left else None

    def _feed(self, process: beside.Process) -> None:
        """Keep a process busy until nothing is left, or it has ended: while it is at a block the next lies ready."""
        sent: deque[tuple[int, Panel]] = deque()
        try:
            process.ready()
            self._busy.add(process)
            while True:
                while len(sent) < AHEAD and (number := self._next(-1)) is not None:
                    panel = self._makers[number]()
                    process.send(panel)
                    sent.append((number, panel))
                if not sent:
                    return
                number, panel = sent.popleft()
                self._done[number] = _frame(panel, process.receive())
        except beside.BROKEN:  # done here, as what cannot be done at all is told here
            return


def serve() -> None:
    """Settle panels as they come in."""
    beside.answer(lambda panel: _Told.of(settle(panel)).packed())
