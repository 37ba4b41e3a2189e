"""A folder looked at again and again: what is new and whole in it is imported.

It looks, and waits for no word of the operating system: such words do not come from network folders, and a look at
some thousand files takes milliseconds. A file is taken once two looks found the same size and time of change, so one
that is still being written is waited for; one that changes later is taken again, as the file it then is.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from freshlegs.importers.sources import is_litter
from freshlegs.problems import NothingDone, WrongRequest

if TYPE_CHECKING:
    from freshlegs.diary.book import Diary
    from freshlegs.diary.importing import ImportReport

EVERY_S: Final = 5.0
OLD_S: Final = 60.0
"""A file that was there at the first look and has not changed for so long is whole."""

TOGETHER: Final = 20
"""More files than this at one look are imported in one go, which is faster, and told together."""

UNFINISHED: Final = frozenset(
    {
        ".part",
        ".partial",
        ".crdownload",
        ".download",
        ".opdownload",
        ".tmp",
        ".temp",
        ".filepart",
        ".!ut",
        ".unfinished",
    }
)
"""Endings of names under which browsers and programs write what is to become a file."""

_Stamp = tuple[int, int]


@dataclass(slots=True)
class Look:
    """What one look at a folder led to: the files imported and their report, or a word on the folder itself."""

    paths: list[Path] = field(default_factory=list)
    report: ImportReport | None = None
    word: str = ""


class Watch:
    """One folder, and what of it is known."""

    def __init__(self, diary: Diary, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        """WrongRequest when there is no such folder."""
        if not folder.is_dir():
            raise WrongRequest(f"there is no folder {folder}")
        self._diary = diary
        self._folder = folder
        self._clock = clock
        self._home = os.path.realpath(diary.home)
        self._seen: dict[Path, _Stamp] = {}
        self._taken: dict[Path, _Stamp] = {}
        self._is_first = True
        self._is_gone = False

    def look(self) -> Iterator[Look]:
        """Look once; what became of each new file. The file of a report is done when it comes out."""
        try:
            there = dict(self._files())
        except OSError as error:
            if not self._is_gone:
                self._is_gone = True
                yield Look(word=f"the folder cannot be reached ({error.strerror}); waiting for it")
            return
        if self._is_gone:
            self._is_gone = False
            yield Look(word="the folder is back")
        whole = sorted(path for path, stamp in there.items() if self._is_whole(path, stamp))
        self._seen = there
        self._is_first = False
        groups = [whole] if len(whole) > TOGETHER else [[path] for path in whole]
        for paths in groups:
            yield from self._imported(paths, there)

    def _imported(self, paths: list[Path], there: dict[Path, _Stamp]) -> Iterator[Look]:
        if not paths:
            return
        try:
            report = self._diary.import_files(paths)
        except NothingDone as error:  # a full disk, another program: the files stay, and are tried at the next look
            yield Look(word=f"{error}; trying again")
            return
        self._taken.update({path: there[path] for path in paths})
        yield Look(paths, report)

    @property
    def is_waiting(self) -> bool:
        """Whether the last look saw a file that may not be whole yet."""
        return any(self._taken.get(path) != stamp for path, stamp in self._seen.items())

    def _is_whole(self, path: Path, stamp: _Stamp) -> bool:
        if self._taken.get(path) == stamp:
            return False
        unchanged_s = self._clock() - stamp[1] / 1e9
        return self._seen.get(path) == stamp or (self._is_first and unchanged_s > OLD_S)

    def _files(self) -> Iterator[tuple[Path, _Stamp]]:
        """Every file that may be one of a runner's, with its size and time of change. Links are not followed."""
        waiting = [self._folder]
        while waiting:
            folder = waiting.pop()
            try:
                entries = list(os.scandir(folder))
            except OSError:
                if folder == self._folder:
                    raise
                continue  # taken away meanwhile
            for entry in entries:
                if is_litter(entry.name) or Path(entry.name).suffix.lower() in UNFINISHED:
                    continue
                with suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        if os.path.realpath(entry.path) != self._home:
                            waiting.append(Path(entry.path))
                    elif entry.is_file(follow_symlinks=False):
                        status = entry.stat(follow_symlinks=False)
                        yield Path(entry.path), (status.st_size, status.st_mtime_ns)


def add(whole: ImportReport, part: ImportReport) -> None:
    """Add what one import did to what several did."""
    for name, number in part.imported.items():
        whole.imported[name] = whole.imported.get(name, 0) + number
    whole.files += part.files
    whole.already_known += part.already_known
    whole.read_again += part.read_again
    whole.same_run += part.same_run
    whole.problems.extend(part.problems)
    whole.same_runs.extend(part.same_runs)
    for kind, became in part.kinds.items():
        known = whole.kinds.setdefault(kind, {})
        for name, number in became.items():
            known[name] = known.get(name, 0) + number
    whole.seconds += part.seconds


def watch(diary: Diary, folder: Path, *, every_s: float = EVERY_S, once: bool = False) -> Iterator[Look]:
    """Look at the folder every so often, for ever; with ``once`` until what is there now is imported."""
    watched = Watch(diary, folder)
    while True:
        yield from watched.look()
        if once and not watched.is_waiting:
            return
        time.sleep(every_s)
