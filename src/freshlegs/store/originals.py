"""The files as they came, named by the SHA-256 of their bytes."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

_STALE_S: Final = 3600.0


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
        """Keep these (hash, bytes); on return they are on the disk to stay. OSError when that fails."""
        touched = set()
        for sha256, data in files:
            path = self.path(sha256)
            if path.exists():
                continue
            if path.parent not in touched:
                _private_folder(path.parent)
                touched.add(path.parent)
            self._write(path, data)
        for folder in touched:
            _flush_folder(folder)
        if touched:
            _flush_folder(self.folder)

    def _write(self, path: Path, data: bytes) -> None:
        _private_folder(self._unborn)
        unborn = self._unborn / f"{path.name[:16]}-{secrets.token_hex(4)}"
        try:
            handle = os.open(unborn, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            unborn.replace(path)
        except BaseException:
            unborn.unlink(missing_ok=True)
            raise

    def take(self, others: Originals) -> None:
        """Move the files of another such folder, on the same disk, here."""
        touched = set()
        for path in others:
            _private_folder(self.path(path.name).parent)
            path.replace(self.path(path.name))
            touched.add(self.path(path.name).parent)
        for folder in touched:
            _flush_folder(folder)

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

    def __iter__(self) -> Iterator[Path]:
        """Every kept file, in order of its hash."""
        if self.folder.is_dir():
            for shelf in sorted(self.folder.iterdir()):
                if len(shelf.name) == 2:
                    yield from sorted(shelf.iterdir())


def _private_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _flush_folder(folder: Path) -> None:
    """Make renames in a folder last; systems that cannot open folders need no such thing."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
