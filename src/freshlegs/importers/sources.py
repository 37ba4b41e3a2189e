"""Where files come from: folders, zips, gzip; one `Found` for each inner file."""

from __future__ import annotations

from typing import Final, cast

from isal import isal_zlib

from freshlegs.problems import UnreadableFile

FILE_LIMIT_B: Final = 512 * 2**20
"""The largest single file read into memory, after unzipping."""


_DAMAGED: Final = cast("type[Exception]", isal_zlib.IsalError)  # its stub says it is an instance


def describe(head: bytes) -> str:
    """What a file of no known kind looks like, in words."""
    return "empty" if not head else "of an unknown kind"


def gunzip(data: bytes, name: str, limit_b: int = FILE_LIMIT_B) -> bytes:
    """The bytes of a gzip file; UnreadableFile when it is damaged or larger than ``limit_b``."""
    parts: list[bytes] = []
    left = limit_b
    while data[:2] == b"\x1f\x8b":
        member = isal_zlib.decompressobj(wbits=31)
        try:
            part = member.decompress(data, left + 1)
        except _DAMAGED as error:
            raise UnreadableFile(f"{name} is a damaged gzip file") from error
        left -= len(part)
        if left < 0:
            raise UnreadableFile(f"{name} unzips to more than {limit_b / 2**20:.0f} MB")
        if not member.eof:
            raise UnreadableFile(f"{name} is a gzip file that breaks off")
        parts.append(part)
        data = member.unused_data
    return parts[0] if len(parts) == 1 else b"".join(parts)
