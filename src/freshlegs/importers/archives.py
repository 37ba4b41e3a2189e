"""Zip and gzip, read with mistrust: bounded in memory and time, and saved as far as they are whole.

Everything here gives the content in chunks, so that a file larger than memory can be streamed. Names inside
an archive are only ever shown, never used as paths.
"""

from __future__ import annotations

import stat
import struct
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Final, cast

from isal import isal_zlib

from freshlegs.problems import UnreadableFile

ENTRY_LIMIT_B: Final = 8 * 2**30
"""The largest single file inside an archive: twice the largest Apple Health export seen."""

TOTAL_LIMIT_B: Final = 64 * 2**30
"""The most that one archive, with those inside it, may unzip to."""

RATIO_LIMIT: Final = 250
"""How many times its packed size a file may become. Health exports in XML reach 30, a bomb needs 1,000."""

RATIO_FLOOR_B: Final = 16 * 2**20
"""Below this size the ratio is not looked at: a small file may repeat itself."""

DIRECTORY_LIMIT_B: Final = 32 * 2**20
"""The largest table of contents of a zip, about 300,000 files; it has to be held in memory."""

GZIP_MAGIC: Final = b"\x1f\x8b"
ZIP_MAGIC: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"PK00PK\x03\x04")

UNKNOWN_SIZE: Final = -1
"""The length of an entry whose end was not found."""

_LOCAL: Final = b"PK\x03\x04"
_DESCRIPTOR: Final = b"PK\x07\x08"
_END: Final = b"PK\x05\x06"
_STORED, _DEFLATED = 0, 8
_METHODS: Final = {9: "Deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "XZ", 98: "PPMd", 99: "AES"}
_IN_B: Final = 256 * 1024
_OUT_B: Final = 1024 * 1024

_DAMAGED: Final = cast("type[Exception]", isal_zlib.IsalError)  # its stub says it is an instance


@dataclass(slots=True)
class Budget:
    """What one archive may still unzip to, shared with the archives inside it."""

    left_b: int = TOTAL_LIMIT_B

    def take(self, size_b: int) -> None:
        """Count bytes that came out; UnreadableFile when it has been too many."""
        self.left_b -= size_b
        if self.left_b < 0:
            raise UnreadableFile(
                f"the archive unzips to more than {TOTAL_LIMIT_B / 2**30:.0f} GB; the rest of it was left out"
            )


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a zip: where it lies and how it is packed. ``crc`` is None when the zip does not say."""

    name: str
    offset: int
    packed_b: int
    size_b: int
    method: int = _DEFLATED
    crc: int | None = None
    flags: int = 0
    mode: int = 0

    def refusal(self) -> str | None:
        """Why this entry is not read, in one sentence; None if it is."""
        if not self.name.strip("/\\"):
            return "it has no name in the zip; the file was left out"
        parts = self.name.replace("\\", "/").split("/")
        if ".." in parts or parts[0] == "" or parts[0].endswith(":"):
            return "the name points outside the zip; the file was left out"
        if self.flags & 0x2041:
            return "the file is locked with a password; unlock the zip and import it again"
        if stat.S_IFMT(self.mode) not in (0, stat.S_IFREG):
            return "this is a link or a device inside a zip, not a file"
        if self.method not in (_STORED, _DEFLATED):
            packed = _METHODS.get(self.method, f"method {self.method}")
            return f"the file is packed with {packed}, which Freshlegs does not unpack; zip it the usual way"
        if self.size_b == 0:
            return "the file is empty (0 bytes)"
        return _too_big(self.size_b, self.packed_b, ENTRY_LIMIT_B)


def _too_big(size_b: int, packed_b: int, limit_b: int) -> str | None:
    if size_b > limit_b:
        return f"the file is larger than {in_words(limit_b)}, the most Freshlegs reads"
    if size_b > RATIO_FLOOR_B and size_b > RATIO_LIMIT * packed_b:
        return f"the file unzips to more than {RATIO_LIMIT} times its packed size, as a zip bomb does"
    return None


def in_words(size_b: float) -> str:
    """A size for people: ``512 MB``, ``1.5 GB``."""
    return f"{size_b / 2**30:.3g} GB" if size_b >= 2**30 else f"{size_b / 2**20:.3g} MB"


class Zip:
    """A zip file that is open for reading; entries may be read in any order, and from several threads.

    The file is closed when nothing refers to this object any more, so an entry can be read after the walk that
    found it has gone on.
    """

    def __init__(self, file: IO[bytes], budget: Budget | None = None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self.size_b = file.seek(0, 2)
        self.budget = budget or Budget()
        self.damage: str | None = None
        self.entries = self._directory()

    def __del__(self) -> None:
        self._file.close()

    def at(self, offset: int, size_b: int) -> bytes:
        """Bytes of the zip file itself; fewer at its end, none before its beginning."""
        if offset < 0:
            return b""
        with self._lock:
            self._file.seek(offset)
            return self._file.read(size_b)

    def _directory(self) -> list[Entry]:
        """All entries; by a scan of the whole file when its table of contents is damaged or missing."""
        end = self._directory_size_b()
        if end is not None and end > DIRECTORY_LIMIT_B:
            raise UnreadableFile("the zip has more files than Freshlegs can list; split it and import the parts")
        try:
            with zipfile.ZipFile(self._file) as listing:
                infos = listing.infolist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error, EOFError):
            self.damage = "the zip is damaged or breaks off; the files that could be found in it were read"
            return list(_scan(self))
        entries = [
            Entry(
                name=info.filename,
                offset=info.header_offset,
                packed_b=info.compress_size,
                size_b=info.file_size,
                method=info.compress_type,
                crc=info.CRC,
                flags=info.flag_bits,
                mode=info.external_attr >> 16,
            )
            for info in infos
            if not info.filename.endswith("/")
        ]
        if sum(entry.packed_b for entry in entries) > self.size_b:
            raise UnreadableFile("the files in the zip overlap, as in a zip bomb")
        return entries

    def _directory_size_b(self) -> int | None:
        """How large the table of contents says it is."""
        tail = self.at(max(0, self.size_b - 66_000), 66_000)
        at = tail.rfind(_END)
        if at < 0 or at + 22 > len(tail):
            return None
        size_b: int = struct.unpack_from("<I", tail, at + 12)[0]
        if size_b != 0xFFFF_FFFF:
            return size_b
        wide = tail.rfind(b"PK\x06\x06", 0, at)
        return None if wide < 0 or wide + 48 > len(tail) else int(struct.unpack_from("<Q", tail, wide + 40)[0])

    def chunks(self, entry: Entry, step_b: int = _IN_B) -> Iterator[bytes]:
        """An entry's content, piece by piece, checked against its length and checksum at the end."""
        start = self._data_start(entry)
        crc = made = 0
        for chunk in _inflated(self, entry, start, step_b):
            self.budget.take(len(chunk))
            made += len(chunk)
            if (why := _too_big(made, entry.packed_b, ENTRY_LIMIT_B)) is not None:
                raise UnreadableFile(why)
            crc = isal_zlib.crc32(chunk, crc)
            yield chunk
        if entry.size_b == UNKNOWN_SIZE:
            raise UnreadableFile("the zip breaks off in the middle of this file")
        if made != entry.size_b or (entry.crc is not None and crc != entry.crc):
            raise UnreadableFile("the file is damaged inside the zip: its checksum is wrong")

    def _data_start(self, entry: Entry) -> int:
        head = self.at(entry.offset, 30)
        if len(head) < 30 or head[:4] != _LOCAL:
            raise UnreadableFile("the zip is damaged where this file should begin")
        name_b, extra_b = struct.unpack_from("<HH", head, 26)
        return entry.offset + 30 + int(name_b) + int(extra_b)


def _inflated(archive: Zip, entry: Entry, start: int, step_b: int) -> Iterator[bytes]:
    """Unpacked pieces of at most a megabyte; UnreadableFile when the packed bytes are damaged or missing."""
    inflate = isal_zlib.decompressobj(wbits=-15) if entry.method == _DEFLATED else None
    at, end = start, start + entry.packed_b
    while at < end:
        block = archive.at(at, min(step_b, end - at))
        if not block:
            raise UnreadableFile("the zip breaks off in the middle of this file")
        at += len(block)
        if inflate is None:
            yield block
            continue
        try:
            while block:
                if chunk := inflate.decompress(block, _OUT_B):
                    yield chunk
                block = inflate.unconsumed_tail
        except _DAMAGED:
            raise UnreadableFile("the file is damaged inside the zip") from None
    while inflate is not None and not inflate.eof:
        try:
            chunk = inflate.decompress(b"", _OUT_B)
        except _DAMAGED:
            chunk = b""
        if not chunk:
            break
        yield chunk


def _scan(archive: Zip) -> Iterator[Entry]:
    """The entries of a zip without a table of contents, by the header that stands before each file.

    One pass: after a file that cannot be followed the search goes on where reading it stopped.
    """
    at = _find_header(archive, 0)
    while at is not None:
        head = archive.at(at, 30)
        if len(head) < 30:
            return
        flags, method = struct.unpack_from("<HH", head, 6)
        crc, packed_b, size_b, name_b, extra_b = struct.unpack_from("<IIIHH", head, 14)
        named = archive.at(at + 30, name_b + extra_b)
        start = at + 30 + name_b + extra_b
        name = named[:name_b].decode("utf-8" if flags & 0x800 else "cp437", "replace")
        if packed_b == 0xFFFF_FFFF or size_b == 0xFFFF_FFFF:
            packed_b, size_b = _wide_sizes(named[name_b:], packed_b, size_b)
        if flags & 8 and packed_b == 0 and method == _DEFLATED:
            packed_b, size_b, crc = _measure(archive, start)
        if not name.endswith("/"):
            yield Entry(name, at, packed_b, size_b, method, crc, flags)
        at = _find_header(archive, start + packed_b)


def _find_header(archive: Zip, at: int) -> int | None:
    """Where the next file of the zip begins, at or after this place."""
    while at < archive.size_b:
        block = archive.at(at, _OUT_B)
        found = block.find(_LOCAL)
        if found >= 0:
            return at + found
        if len(block) < _OUT_B:
            return None
        at += len(block) - 3
    return None


def _wide_sizes(extra: bytes, packed_b: int, size_b: int) -> tuple[int, int]:
    """The 64-bit lengths of a large entry, from its extra field; what is there already if it has none."""
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, at)
        if tag == 1 and length >= 16 and at + 20 <= len(extra):
            size_b, packed_b = struct.unpack_from("<QQ", extra, at + 4)
            break
        at += 4 + length
    return packed_b, size_b


def _measure(archive: Zip, start: int) -> tuple[int, int, int]:
    """Packed length, length and checksum of a deflated entry whose header leaves them out."""
    inflate = isal_zlib.decompressobj(wbits=-15)
    at, made, crc = start, 0, 0
    try:
        while not inflate.eof and made <= ENTRY_LIMIT_B:
            block = archive.at(at, _IN_B)
            if not block:
                return at - start, UNKNOWN_SIZE, 0
            at += len(block)
            while block:
                chunk = inflate.decompress(block, _OUT_B)
                made, crc = made + len(chunk), isal_zlib.crc32(chunk, crc)
                block = inflate.unconsumed_tail
    except _DAMAGED:
        return at - start, UNKNOWN_SIZE, 0
    packed_b = at - start - len(inflate.unused_data)
    after = archive.at(start + packed_b, 8)
    told = after[4:8] if after[:4] == _DESCRIPTOR else after[:4]
    return packed_b, made, int.from_bytes(told, "little") if len(told) == 4 else crc


def gunzipped(chunks: Iterator[bytes], limit_b: int = ENTRY_LIMIT_B) -> Iterator[bytes]:
    """The same pieces, unpacked if they are a gzip file (of one or several members), else as they are."""
    first = next(chunks, b"")
    if first[:2] != GZIP_MAGIC:
        yield first
        yield from chunks
        return
    taken = made = 0
    inflate = isal_zlib.decompressobj(wbits=31)
    block: bytes | None = first
    while block is not None:
        taken += len(block)
        while block:
            if inflate.eof:
                if block[:1] != GZIP_MAGIC[:1]:
                    return  # padding after the last member
                inflate = isal_zlib.decompressobj(wbits=31)
            try:
                chunk = inflate.decompress(block, _OUT_B)
            except _DAMAGED:
                raise UnreadableFile("the gzip file is damaged") from None
            made += len(chunk)
            if (why := _too_big(made, taken, limit_b)) is not None:
                raise UnreadableFile(why)
            if chunk:
                yield chunk
            block = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
        block = next(chunks, None)
    if not inflate.eof:
        raise UnreadableFile("the gzip file breaks off before its end")
