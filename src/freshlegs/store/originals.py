"""The files as they came, named by the SHA-256 of their bytes."""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

_STALE_S: Final = 3600.0
_SHELF: Final = re.compile("[0-9a-f]{2}")
_KEPT: Final = re.compile("[0-9a-f]{64}")
FLUSHES: Final = 16
"""So many flushes wait for the disk at once."""
_BINARY: Final[int] = getattr(os, "O_BINARY", 0)


class Originals:
    """Files under ``home/originals/ab/<sha256>``; a name that is there holds all its bytes.

    A file is written under a temporary name, flushed to the disk, then renamed, so no crash leaves half of
    one under its own name.
    """

    def __init__(self, home: Path) -> None:
        self.folder = home / "originals"
        self._unborn = self.folder / "unfinished"

    def path(self, sha256: str) -> Path:
        """Where the file of that hash lies."""
        return self.folder / sha256[:2] / sha256

    def read(self, sha256: str) -> bytes:
        """The bytes; KeyError when they were never kept."""
        try:
            return self.path(sha256).read_bytes()
        except FileNotFoundError:
            raise KeyError(sha256) from None

    def keep(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Keep these (hash, bytes); on return they are on the disk to stay. OSError when that fails.

        First all are written, then all flushed, then all renamed: the disk takes them together.
        """
        unborn: list[tuple[Path, Path]] = []
        try:
            for sha256, data in files:
                if not self.path(sha256).exists():
                    unborn.append((self._write(sha256, data), self.path(sha256)))
            _flush_all([path for path, _ in unborn])
            for path, name in unborn:
                _private_folder(name.parent)
                path.replace(name)
        except BaseException:
            for path, _ in unborn:
                path.unlink(missing_ok=True)
            raise
        if unborn:
            _flush_all([self.folder, *{name.parent for _, name in unborn}])

    def _write(self, sha256: str, data: bytes) -> Path:
        _private_folder(self._unborn)
        path = self._unborn / f"{sha256[:16]}-{secrets.token_hex(4)}"
        try:
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600), "wb") as file:
                file.write(data)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    def take(self, others: Originals) -> None:
        """Move the files of another such folder, on the same disk, here."""
        touched = set()
        for path in others:
            _private_folder(self.path(path.name).parent)
            path.replace(self.path(path.name))
            touched.add(self.path(path.name).parent)
        _flush_all(touched)

    def sweep(self) -> None:
        """Remove what a crash left unfinished; young files may be another program's and stay."""
        if not self._unborn.is_dir():
            return
        for leftover in self._unborn.iterdir():
            try:
                if time.time() - leftover.stat().st_mtime > _STALE_S:
                    leftover.unlink()
            except OSError:
                continue

    def ours(self) -> bool:
        """Whether the folder is there and holds nothing but what we put into such a folder."""
        inside = list(self.folder.iterdir()) if self.folder.is_dir() else []
        shelves = (one for one in inside if one != self._unborn)
        return bool(inside) and all(map(_is_shelf, shelves))

    def __iter__(self) -> Iterator[Path]:
        """Every kept file, in order of its hash."""
        if self.folder.is_dir():
            for shelf in sorted(self.folder.iterdir()):
                if len(shelf.name) == 2:
                    yield from sorted(shelf.iterdir())


def _is_shelf(path: Path) -> bool:
    return _SHELF.fullmatch(path.name) is not None and all(_KEPT.fullmatch(file.name) for file in path.iterdir())


def _private_folder(folder: Path) -> None:
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # the mode is for the last one only
    folder.mkdir(mode=0o700, exist_ok=True)


def _flush_all(paths: Collection[Path]) -> None:
    """Wait until these files and folders are on the disk; asked for at once, the disk takes them together."""
    if len(paths) < 2:
        for path in paths:
            _flush(path)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(FLUSHES) as pool:
        list(pool.map(_flush, paths))


def _flush(path: Path) -> None:
    folder = path.is_dir()
    try:
        handle = os.open(path, (os.O_RDONLY if folder else os.O_RDWR) | _BINARY)
    except OSError:
        if folder:  # systems that cannot open folders need no such thing
            return
        raise
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
