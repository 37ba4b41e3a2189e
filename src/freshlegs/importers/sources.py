"""Where files come from: files, folders, zips and gzip; one `Found` for each inner file.

``walk`` never raises for what it meets: what cannot be read comes out as a `Found` with a ``problem``, and the
walk goes on. Nothing is decompressed further than its first bytes until it is asked for.
"""

from __future__ import annotations

import io
import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Final

from freshlegs.importers.archives import (
    GZIP_MAGIC,
    ZIP_MAGIC,
    Entry,
    Zip,
    gunzipped,
    in_words,
)
from freshlegs.importers.contract import HEAD_BYTES
from freshlegs.problems import Problem, UnreadableFile

FILE_LIMIT_B: Final = 512 * 2**20
"""The largest single file read into memory, after unzipping; larger ones need an importer that streams."""

ROUTES: Final = "workout-routes"
"""The folder beside an Apple Health export whose GPX files belong to its workouts."""

ROUTE_LIMIT_B: Final = 64 * 2**20
"""The largest route that is read with its workout; a day's is a third of it."""

_SPOOL_B: Final = 32 * 2**20
_LITTER: Final = frozenset({"__macosx", "thumbs.db", "desktop.ini", "ehthumbs.db", "$recycle.bin"})
_STEP_B: Final = 1024 * 1024

Chunks = Callable[[int], Iterator[bytes]]


@dataclass(slots=True)
class Found:
    """One file after unzipping, or the reason why there is none.

    ``name``: the file as the runner knows it (``export.zip/activities/7.fit.gz``). ``size``: its bytes as
    they lie on the disk or in the zip's list. ``problem``: set when the file was refused; then nothing can be read.
    """

    name: str
    size: int = 0
    problem: Problem | None = None
    _chunks: Chunks | None = field(default=None, repr=False)
    _head: bytes | None = field(default=None, repr=False)

    def head(self) -> bytes:
        """The first 4096 bytes, cheaply; UnreadableFile when even those cannot be had."""
        if self._head is None:
            found = b""
            for chunk in self.chunks(HEAD_BYTES):
                found += chunk
                if len(found) >= HEAD_BYTES:
                    break
            self._head = found[:HEAD_BYTES]
        return self._head

    def read(self, limit_b: int = FILE_LIMIT_B) -> bytes:
        """All bytes; UnreadableFile, with one clear sentence, when damaged or larger than ``limit_b``."""
        parts: list[bytes] = []
        size_b = 0
        for chunk in self.chunks():
            size_b += len(chunk)
            if size_b > limit_b:
                raise UnreadableFile(f"the file is larger than {in_words(limit_b)}, the most Freshlegs reads at once")
            parts.append(chunk)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def chunks(self, step_b: int = _STEP_B) -> Iterator[bytes]:
        """The bytes piece by piece, for what is larger than memory; UnreadableFile where it is damaged."""
        if self._chunks is None:
            raise UnreadableFile("the file was refused" if self.problem is None else self.problem.message)
        try:
            yield from gunzipped(self._chunks(step_b))
        except OSError as error:
            raise UnreadableFile(_os_reason(error)) from error


def walk(paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]]) -> Iterator[Found]:
    """Every file under these paths: files, folders (sorted, with their folders), zips (nested once), gzip.

    Hidden files and what operating systems leave behind are passed over. Everything else comes out, in
    order, as a `Found`; what was refused has a ``problem``.
    """
    for given in [paths] if isinstance(paths, (str, os.PathLike)) else paths:
        path = Path(given)
        try:
            mode = path.stat().st_mode
        except (OSError, ValueError) as error:
            yield _refused(str(path), _os_reason(error))
            continue
        if stat.S_ISDIR(mode):
            yield from _walk_folder(path)
        else:
            yield from _walk_file(path, str(path))


def _walk_folder(top: Path) -> Iterator[Found]:
    inside = top.resolve()
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        if folder.name == ROUTES and folder != top and _has_export(folder.parent):
            continue  # read with the export beside it
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            yield _refused(str(folder), _os_reason(error))
            continue
        folders: list[Path] = []
        for entry in entries:
            if is_litter(entry.name):
                continue
            if entry.is_symlink():
                yield from _walk_link(Path(entry.path), inside)
            elif entry.is_dir(follow_symlinks=False):
                folders.append(Path(entry.path))
            else:
                yield from _walk_file(Path(entry.path), entry.path)
        waiting.extend(reversed(folders))


def _walk_link(link: Path, inside: Path) -> Iterator[Found]:
    """A link within the folder: to a file, read; to a folder, passed over (it is walked anyway)."""
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError):
        yield _refused(str(link), "the link points to nothing")
        return
    if not target.is_relative_to(inside):
        yield _refused(str(link), "the link points outside the folder; give its target by name to import it")
    elif not target.is_dir():
        yield from _walk_file(target, str(link))


def _walk_file(path: Path, name: str) -> Iterator[Found]:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            yield _refused(name, "this is a pipe, a socket or a device, not a file")
            return
        if status.st_size == 0:
            yield _refused(name, "the file is empty (0 bytes)")
            return
        found = Found(shown(name), status.st_size, _chunks=partial(_file_chunks, path))
        head = found.head()
    except (OSError, UnreadableFile) as error:
        yield _refused(name, _os_reason(error))
        return
    if (why := _beside_the_point(head, path.parent.name)) is not None:
        yield Found(found.name, problem=Problem(found.name, "", why))
        return
    if _is_export(head):
        beside = path.parent / ROUTES
        names = sorted(entry.name for entry in beside.iterdir()) if beside.is_dir() else []
        routes = {one: Found(str(beside / one), _chunks=partial(_file_chunks, beside / one)) for one in names}
        yield from _unbundled(found, routes)
        return
    if not head.startswith(ZIP_MAGIC):
        yield found
        return
    try:
        file: IO[bytes] = path.open("rb")
        if file.read(2) == GZIP_MAGIC:
            file.close()
            file = _spooled(found)
        archive = Zip(file)
    except (OSError, UnreadableFile) as error:
        yield _refused(name, _os_reason(error))
        return
    yield from _walk_zip(archive, found.name, nested=False)


def _walk_zip(archive: Zip, name: str, *, nested: bool) -> Iterator[Found]:
    if (why := _office(archive.entries)) is not None:
        yield _refused(name, why)
        return
    if archive.damage is not None:
        yield Found(name, problem=Problem(name, "", archive.damage, refused=not archive.entries, lost=True))
    elif not archive.entries:
        yield _refused(name, "the zip is empty")
    entries = [one for one in archive.entries if not any(is_litter(part) for part in _parts(one.name))]
    routes = _routes(archive, entries)
    for entry in entries:
        if entry.name not in routes:
            yield from _walk_entry(archive, entry, f"{name}/{shown(entry.name)}", routes, nested=nested)


def _parts(name: str) -> list[str]:
    return name.replace("\\", "/").split("/")


def _routes(archive: Zip, entries: list[Entry]) -> dict[str, Found]:
    """The routes of an Apple Health export in this zip, by their names in it; none without an export."""
    among = [one for one in entries if ROUTES in _parts(one.name)[:-1] and one.refusal() is None]
    if not among:
        return {}
    for one in entries:
        if one.name.lower().endswith(".xml") and one.refusal() is None:
            try:
                if _is_export(Found(one.name, _chunks=partial(archive.chunks, one)).head()):
                    return {route.name: Found(route.name, _chunks=partial(archive.chunks, route)) for route in among}
            except UnreadableFile:
                continue
    return {}


def _walk_entry(archive: Zip, entry: Entry, name: str, routes: Mapping[str, Found], *, nested: bool) -> Iterator[Found]:
    if (why := entry.refusal()) is not None:
        yield _refused(name, why)
        return
    found = Found(name, entry.size_b, _chunks=partial(archive.chunks, entry))
    try:
        if (why := _beside_the_point(found.head(), _parts(f"/{entry.name}")[-2])) is not None:
            yield Found(name, problem=Problem(name, "", why))
            return
        if _is_export(found.head()):
            yield from _unbundled(found, {_parts(one)[-1]: route for one, route in routes.items()})
            return
        if not found.head().startswith(ZIP_MAGIC):
            yield found
            return
        if nested:
            yield _refused(name, "this zip lies in a zip that lies in a zip; unpack the outer one first")
            return
        inner = Zip(_spooled(found), archive.budget)
    except (OSError, UnreadableFile) as error:
        yield _refused(name, _os_reason(error))
        return
    yield from _walk_zip(inner, name, nested=True)


def _is_export(head: bytes) -> bool:
    """Whether it is a whole Apple Health export; the look is cheap, and loads nothing for other files."""
    if b"HealthData" not in head:
        return False
    from freshlegs.importers import apple

    return apple.is_export(head)


def _beside_the_point(head: bytes, folder: str) -> str | None:
    """What this is, if it stands in every Apple Health export and is not needed; it is not even unpacked."""
    if b"<ClinicalDocument" in head:  # as large as the export itself
        return "this is the copy of a health export for doctors' systems (CDA); the other XML file beside it holds more"
    if folder == "electrocardiograms":
        return "this is an electrocardiogram; it is not needed"
    return None


def _has_export(folder: Path) -> bool:
    """Whether an Apple Health export lies in this folder."""
    for path in sorted(folder.glob("*.[xX][mM][lL]")):
        try:
            if path.is_file() and _is_export(Found(str(path), _chunks=partial(_file_chunks, path)).head()):
                return True
        except (OSError, UnreadableFile):
            continue
    return False


def _unbundled(found: Found, routes: Mapping[str, Found]) -> Iterator[Found]:
    """The parts of an Apple Health export, each as a file of its own; then the routes that no workout names."""
    from freshlegs.importers.apple import scan, unbundle

    try:
        export = scan.gather(found.chunks)
    except UnreadableFile as error:
        yield _refused(found.name, str(error))
        return
    beside = unbundle.Routes({name: partial(route.read, ROUTE_LIMIT_B) for name, route in routes.items()})
    for name, data in unbundle.parts(export, beside):
        yield Found(f"{found.name}/{name}", len(data), _chunks=partial(_held, data))
    for where, why in (*export.faults, *beside.faults):
        yield Found(found.name, problem=Problem(found.name, where, why, lost=True))
    folder = found.name.replace("\\", "/").rpartition("/")[0]
    for name, route in routes.items():
        if name not in beside.used:
            route.name = f"{folder}/{ROUTES}/{shown(name)}"
            yield route


def _held(data: bytes, _step_b: int) -> Iterator[bytes]:
    yield data


def _spooled(found: Found) -> IO[bytes]:
    """A zip within a zip, unpacked: in memory while small, else in a nameless temporary file."""
    spool: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_SPOOL_B)  # noqa: SIM115  closed by Zip
    try:
        for chunk in found.chunks():
            spool.write(chunk)
    except BaseException:
        spool.close()
        raise
    return spool


def _file_chunks(path: Path, step_b: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(step_b):
            yield chunk


def _office(entries: list[Entry]) -> str | None:
    """Office documents, books and apps are zips too; nobody wants their inside."""
    names = {entry.name for entry in entries}
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        return "this is an Excel workbook; save its sheet as CSV and import that"
    if "[Content_Types].xml" in names or "mimetype" in names:
        return "this is an office document, not a zip of activities"
    if "META-INF/MANIFEST.MF" in names or "AndroidManifest.xml" in names:
        return "this is a program, not a zip of activities"
    return None


def _refused(name: str, why: str) -> Found:
    name = shown(name)
    return Found(name, problem=Problem(name, "", why, refused=True))


def _os_reason(error: Exception) -> str:
    """An operating system's complaint as a sentence; other errors speak for themselves."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder"
    if isinstance(error, PermissionError):
        return "you are not allowed to read it; change its permissions and import it again"
    if isinstance(error, OSError):
        return f"it cannot be read: {error.strerror or error}"
    return str(error)


def is_litter(name: str) -> bool:
    """Whether a file or folder of this name is hidden or left behind by an operating system."""
    return (name.startswith(".") and name != "..") or name.lower() in _LITTER


def shown(name: str) -> str:
    """A name safe to print: control characters, which could steer a terminal, become ``?``."""
    if name.isprintable():
        return name
    return "".join(letter if letter.isprintable() else "?" for letter in name)


def gunzip(data: bytes, limit_b: int = FILE_LIMIT_B) -> bytes:
    """The bytes of a gzip file held in memory; UnreadableFile when damaged or larger than ``limit_b``."""
    return Found("", len(data), _chunks=lambda _step_b: iter((data,))).read(limit_b)


def only_file(data: bytes) -> bytes:
    """The bytes of the single file in a zip held in memory; UnreadableFile when it holds another number of files."""
    found = list(_walk_zip(Zip(io.BytesIO(data)), "", nested=True))
    if len(found) != 1:
        raise UnreadableFile(f"this is a zip archive of {len(found)} files, no single activity")
    return found[0].read()


_SIGNATURES: Final = (
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "a gzip file within a gzip file; unpack it once and import it again"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"SQLite format 3", "a database"),
    (b"PAR1", "a Parquet table"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive; unpack it first"),
    (b"Rar!", "a RAR archive; unpack it first"),
    (b"BZh", "a bzip2 archive; unpack it first"),
    (b"\xfd7zXZ", "an xz archive; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive; unpack it first"),
    (b"\xd0\xcf\x11\xe0", "an old office document; save its sheet as CSV and import that"),
)


def describe(head: bytes) -> str:
    """What a file that no importer knows looks like, in words, from its first bytes."""
    if not head:
        return "an empty file"
    for magic, what in _SIGNATURES:
        if head.startswith(magic):
            return what
    if head[257:262] == b"ustar":
        return "a tar archive; unpack it first"
    if head[4:8] == b"ftyp":
        return "a film or a picture"
    text = head.decode("utf-8", "replace").lstrip("\ufeff \t\r\n").lower()
    if text.startswith(("<!doctype html", "<html")):
        return "a web page"
    if text.startswith("<"):
        return "an XML file of an unknown kind"
    if text.startswith(("{", "[")):
        return "a JSON file of an unknown kind"
    if b"\0" not in head and text.count("\ufffd") <= len(text) // 50:
        return "a text file"
    return "a file of an unknown kind"
