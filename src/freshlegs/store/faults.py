"""Faults of the machine (a full disk, a locked or damaged database) told in one sentence."""

from __future__ import annotations

import errno
import functools
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from freshlegs.problems import NothingDone

P = ParamSpec("P")
R = TypeVar("R")

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextmanager
def in_words(home: Path) -> Iterator[None]:
    """Faults of SQLite and of the operating system inside the block become `NothingDone`."""
    try:
        yield
    except sqlite3.Error as error:
        raise NothingDone(_of_sqlite(error, home)) from error
    except OSError as error:
        raise NothingDone(_of_system(error, home)) from error


def told(method: Callable[Concatenate[Any, P], R]) -> Callable[Concatenate[Any, P], R]:
    """The method of a store, with its faults in words."""

    @functools.wraps(method)
    def inner(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with in_words(self.home):
            return method(self, *args, **kwargs)

    return inner


def _of_sqlite(error: sqlite3.Error, home: Path) -> str:
    # The low byte is the plain code; the rest tells variants of it apart (SQLITE_IOERR_WRITE and the like).
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return _full(home)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"The diary in {home} is in use by another program; try again when that is done."
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return _forbidden(home)
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return f"The diary in {home} is damaged ({error}); restore a backup, or erase it and import your files again."
    if code == sqlite3.SQLITE_IOERR:
        return f"The disk under {home} failed or is full ({error}); nothing half-written is left."
    return f"The diary in {home} could not be used ({error})."


def _of_system(error: OSError, home: Path) -> str:
    if error.errno in _FULL:
        return _full(home)
    if error.errno in _FORBIDDEN:
        return _forbidden(home)
    place = error.filename or home
    return f"The diary in {home} could not be used: {place}: {(error.strerror or str(error)).lower()}."


def _full(home: Path) -> str:
    return f"The disk under {home} is full; nothing half-written is left. Make room and try again."


def _forbidden(home: Path) -> str:
    return f"The folder {home} cannot be written; check its permissions or choose another with --home."
