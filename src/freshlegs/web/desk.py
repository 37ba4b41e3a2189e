"""The diary as the pages use it: lent to one thread at a time, and what was worked out remembered.

SQLite connections are cheap and not for two threads at once, so the desk keeps a few open diaries and lends them. What
takes long (a verdict over ten years) is worked out once and kept until anything in the diary changes, by whoever, or
the day does. Command and pages therefore tell the same verdict: both get it from `Diary`, which keeps it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from freshlegs.diary import Diary
from freshlegs.diary.book import local_now
from freshlegs.problems import FreshlegsError

T = TypeVar("T")

REMEMBERED: Final = 200
"""So many answers are remembered at most."""

SPARE: Final = 8
"""So many open diaries wait to be lent again."""


@dataclass(slots=True)
class _Slot:
    """One remembered answer; its lock lets one thread work it out while the others wait."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    stamp: Any = None
    value: Any = None


class Desk:
    """One runner's diary for many threads. ``now`` is the clock, as in `Diary.open`."""

    def __init__(self, home: Path, now: Callable[[], datetime] = local_now) -> None:
        self.home = home
        self._now = now
        self._spare: list[Diary] = []
        self._watch: Diary | None = None
        self._slots: OrderedDict[tuple[Any, ...], _Slot] = OrderedDict()
        self._lock = threading.Lock()
        self._watching = threading.Lock()

    @contextmanager
    def diary(self) -> Iterator[Diary]:
        """A diary of one's own for a while."""
        with self._lock:
            spare = self._spare.pop() if self._spare else None
        diary = spare or Diary.open(self.home, now=self._now)
        try:
            yield diary
        except BaseException:
            diary.close()
            raise
        with self._lock:
            if len(self._spare) < SPARE:
                self._spare.append(diary)
                return
        diary.close()

    def remember(self, name: str, make: Callable[[Diary], T], *about: Any) -> T:
        """What ``make`` finds, worked out again only after a change. Callers share it and must not change it."""
        key = (name, *about)
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
            self._slots.move_to_end(key)
            while len(self._slots) > REMEMBERED:
                self._slots.popitem(last=False)
        stamp = self.stamp()
        with slot.lock:
            if slot.stamp != stamp:
                stamp = self.stamp()  # it may have changed while we waited
            if slot.stamp != stamp:
                with self.diary() as diary:
                    slot.value = make(diary)
                slot.stamp = stamp
            value: T = slot.value
            return value

    def stamp(self) -> tuple[str, date]:
        """Another one after any change of the diary, and each day."""
        with self._watching:
            if self._watch is None:
                self._watch = Diary.open(self.home, now=self._now)
            return self._watch.revision, self._watch.local_today

    @property
    def today(self) -> date:
        """The local day where the runner is."""
        return self.stamp()[1]

    def close(self) -> None:
        """Let go of everything; the next use opens anew."""
        with self._lock, self._watching:
            for diary in self._spare:
                diary.close()
            self._spare.clear()
            self._slots.clear()
            if self._watch is not None:
                self._watch.close()
            self._watch = None

    def erase(self) -> None:
        """Remove everything of the diary from the disk."""
        self.close()
        Diary.erase_home(self.home)

    # --- what several pages show ---------------------------------------------------------------------------

    def verdict(self, on: date | None = None) -> dict[str, Any]:
        """The document of ``today --json``."""
        return self.remember("verdict", lambda diary: diary.today(on), on)

    def warm(self) -> None:
        """Work out what the first page needs; a fault is told to whoever opens that page."""
        with suppress(FreshlegsError):
            self.verdict()
            self.profile()

    def profile(self) -> dict[str, Any]:
        """`Diary.profile`."""
        return self.remember("profile", lambda diary: diary.profile())

    def home_zone(self) -> str | None:
        """`Diary.home_zone`."""
        return self.remember("home zone", lambda diary: diary.home_zone)

    def units(self) -> str:
        """``metric`` or ``imperial``."""
        entered = self.profile().get("units")
        return "metric" if entered is None else str(entered["value"])
