"""One file a format, all with the same three-part contract (`freshlegs.importers.contract`).

This registry knows their names and loads a module when a file first asks for it, so that reading a FIT
file loads no XML parser. Order matters: the first importer that recognises a file reads it, so the ones with
a signature stand before the ones that look at words.
"""

from __future__ import annotations

import os
import stat
from importlib import import_module
from types import ModuleType
from typing import Any, Final

from freshlegs.importers.activity import Activity
from freshlegs.importers.bounds import held
from freshlegs.importers.contract import HEAD_BYTES, Context, Importer, Reading, Source
from freshlegs.problems import UnreadableFile

__all__ = [
    "IMPORTERS",
    "Activity",
    "Context",
    "Importer",
    "Reading",
    "Source",
    "identify",
    "read",
    "read_activity",
    "refusal",
]

GZIP_MAGIC: Final = b"\x1f\x8b"
ZIP_MAGIC: Final = b"PK\x03\x04"

LARGEST_B: Final = 512 * 2**20
"""The largest file that is read as one activity."""


class _Lazy:
    """An importer module that is loaded when it is first asked something."""

    def __init__(self, name: str) -> None:
        self._name = f"{__name__}.{name}"
        self._module: ModuleType | None = None

    def __getattr__(self, attribute: str) -> Any:
        module = self._module
        if module is None:
            module = self._module = import_module(self._name)
        value = getattr(module, attribute)
        if attribute in ("KIND", "YIELDS", "recognise", "read"):
            setattr(self, attribute, value)  # the next call finds it without coming here
        return value

    def __repr__(self) -> str:
        return f"<importer {self._name}>"


_SIGNED: Final = ("fit", "tcx", "apple", "gpx")  # a workout of Apple Health has its route, a GPX, inside
_SERVICES: Final = (
    *("strava", "garmin", "polar", "polar_accesslink", "suunto", "pmsys", "fitbit"),
    *("oura", "whoop", "hrv4training", "elite_hrv", "intervals_icu"),
)

IMPORTERS: Final[list[Importer]] = [_Lazy(name) for name in (*_SIGNED, *_SERVICES, "csv_map")]
"""All importers, in the order in which they are asked."""


def identify(head: bytes, name: str) -> Importer | None:
    """The importer for a file that begins with ``head`` (its first 4096 bytes, after unzipping), or None."""
    for importer in IMPORTERS:
        if importer.recognise(head, name):
            return importer
    return None


def read(source: Source) -> Reading:
    """Read one whole file.

    Raises UnreadableFile, with one clear sentence, when it is of no known kind or nothing of it can be had; a
    fault inside an importer becomes an UnreadableFile too, so that one odd file never stops a batch. The
    sentence does not name the file: who catches it knows the name.
    """
    importer = identify(source.data[:HEAD_BYTES], source.name)
    if importer is None:
        raise UnreadableFile(refusal(source.data[:HEAD_BYTES]))
    try:
        return held(importer.read(source), source.name)
    except UnreadableFile:
        raise
    except MemoryError as error:
        raise UnreadableFile("the file needs more memory than there is") from error
    except Exception as error:
        raise UnreadableFile(
            f"the file could not be read as {importer.KIND}: it holds something Freshlegs does not expect"
            f" ({type(error).__name__}: {error})"
        ) from error


def refusal(head: bytes) -> str:
    """One sentence on what a file of no known kind is; ``head`` are its first bytes."""
    from freshlegs.importers.sources import describe

    return f"this is {describe(head)}, nothing Freshlegs can read"


def read_activity(path_or_bytes: str | os.PathLike[str] | bytes | bytearray | memoryview) -> Activity:
    """Read one activity file (FIT, TCX or GPX, plain or gzipped), recognised by its content.

    A file that is no activity, or of which nothing can be read, or that is not there, raises UnreadableFile
    with one clear sentence; nothing else is raised. What was wrong in a file that could be read stands in
    ``activity.problems``. A zip with one file in it, as Garmin Connect gives, is read as that file.
    """
    if isinstance(path_or_bytes, (bytes, bytearray, memoryview)):
        name, data = "the given file", bytes(path_or_bytes)
    else:
        name, data = _load(path_or_bytes)
    try:
        if data[:2] == GZIP_MAGIC:
            from freshlegs.importers.sources import gunzip

            data = gunzip(data)
        elif data[:4] == ZIP_MAGIC:
            from freshlegs.importers.sources import only_file

            data = only_file(data)
        reading = read(Source(name, data))
    except UnreadableFile as error:
        raise UnreadableFile(f"{name}: {error}") from error
    if not reading.activities:
        raise UnreadableFile(f"{name}: this {reading.kind} file holds no activity")
    return reading.activities[0]


def _load(path: str | os.PathLike[str]) -> tuple[str, bytes]:
    """A regular file's name and bytes; UnreadableFile for everything else (a pipe is never opened)."""
    name = os.fspath(path)
    try:
        status = os.stat(name)
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
            raise UnreadableFile(f"{name}: this is {kind}, no activity file")
        if status.st_size > LARGEST_B:
            raise UnreadableFile(f"{name}: the file is larger than any recording of a person")
        with open(name, "rb") as file:
            return name, file.read()
    except FileNotFoundError:
        raise UnreadableFile(f"{name or 'no name'}: there is no such file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableFile(f"{name}: it cannot be opened: {reason}") from error
