"""A tiny writer of FIT bytes, for tests: independent of the reader, and able to write what is wrong."""

from __future__ import annotations

import struct
from typing import Any

LETTERS = {0x00: "B", 0x01: "b", 0x02: "B", 0x83: "h", 0x84: "H", 0x85: "i", 0x86: "I", 0x88: "f", 0x89: "d", 0x0D: "B"}
ENUM, SINT8, UINT8, SINT16, UINT16, SINT32, UINT32, STRING, BYTE = 0, 1, 2, 0x83, 0x84, 0x85, 0x86, 7, 0x0D

START = 1_000_000_000
"""FIT's clock at 2021-09-08 01:46:40 UTC."""


def crc16(data: bytes) -> int:
    """CRC-16/ARC, bit by bit."""
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return value


class Fit:
    """One part of a FIT file, message by message."""

    def __init__(self, order: str = "<") -> None:
        self.order = order
        self.body = bytearray()
        self._formats: dict[int, list[str]] = {}

    def define(
        self,
        local: int,
        number: int,
        fields: list[tuple[int, int, int]],
        developer: list[tuple[int, int, int]] = (),  # type: ignore[assignment]
    ) -> Fit:
        """A definition message: fields (number, size, type), developer fields (number, size, index)."""
        head = 0x40 | local | (0x20 if developer else 0)
        self.body += struct.pack("BBB", head, 0, int(self.order == ">"))
        self.body += struct.pack(self.order + "HB", number, len(fields))
        for each in fields:
            self.body += bytes(each)
        if developer:
            self.body += bytes([len(developer)])
            for each in developer:
                self.body += bytes(each)
        letters = []
        for _, size, code in fields:
            letter = LETTERS.get(code)
            width = struct.calcsize("<" + letter) if letter else size
            letters.append(f"{size}s" if not letter or size != width else letter)
        letters += [{1: "B", 2: "H", 4: "I"}.get(size, f"{size}s") for _, size, _ in developer]
        self._formats[local] = letters
        return self

    def data(self, local: int, *values: Any, head: int | None = None) -> Fit:
        """A data message of that local number."""
        self.body += bytes([local if head is None else head])
        letters = [
            f"{len(value)}s" if isinstance(value, bytes) else letter
            for letter, value in zip(self._formats[local], values, strict=True)
        ]
        self.body += struct.pack(self.order + "".join(letters), *values)
        return self

    def compressed(self, local: int, low: int, *values: Any) -> Fit:
        """A data message with a compressed timestamp in its header."""
        return self.data(local, *values, head=0x80 | local << 5 | low & 0x1F)

    def raw(self, data: bytes) -> Fit:
        self.body += data
        return self

    def bytes(self, *, size: int | None = None, crc: int | None = None, header: int = 14) -> bytes:
        """The whole part; ``size`` and ``crc`` may lie."""
        told = len(self.body) if size is None else size
        head = struct.pack("<BBHI4s", header, 0x20, 2132, told, b".FIT") + bytes(header - 12)
        whole = head + bytes(self.body)
        return whole + struct.pack("<H", crc16(whole) if crc is None else crc)


RECORD = [(253, 4, UINT32), (3, 1, UINT8), (5, 4, UINT32), (0, 4, SINT32), (1, 4, SINT32), (2, 2, UINT16)]


def file_id(fit: Fit, kind: int = 4) -> Fit:
    return fit.define(0, 0, [(0, 1, ENUM), (1, 2, UINT16), (4, 4, UINT32)]).data(0, kind, 1, START)


def samples(fit: Fit, count: int, start: int = START) -> Fit:
    """``count`` samples: 100 beats and 3 metres more each second."""
    fit.define(1, 20, RECORD)
    for i in range(count):
        fit.data(1, start + i, 100 + i % 100, 300 * i, 2**30, -(2**29), 2500 + 5 * i)
    return fit


def session(fit: Fit, sport: int = 1, sub_sport: int = 0, begin: int = START, seconds: int = 60) -> Fit:
    fields = [(253, 4, UINT32), (2, 4, UINT32), (7, 4, UINT32), (8, 4, UINT32), (9, 4, UINT32)]
    fields += [(5, 1, ENUM), (6, 1, ENUM), (16, 1, UINT8), (22, 2, UINT16)]
    fit.define(2, 18, fields)
    moving = 1000 * (seconds - 5)
    return fit.data(2, begin + seconds, begin, 1000 * seconds, moving, 20000, sport, sub_sport, 140, 35)


def run(count: int = 60, order: str = "<") -> bytes:
    """A small whole run."""
    return session(samples(file_id(Fit(order)), count), seconds=count).bytes()


def everything() -> bytes:
    """One file with everything in it."""
    part = samples(file_id(Fit()), 20)
    part.define(5, 206, [(0, 1, UINT8), (1, 1, UINT8), (2, 1, UINT8), (3, 6, STRING)])
    part.data(5, 0, 0, UINT16, b"Power\0").data(5, 0, 1, STRING, b"Mood\0\0")
    part.define(1, 20, [(253, 4, UINT32), (8, 3, BYTE)], [(0, 2, 0), (1, 4, 0)])
    for i in range(20):
        part.data(1, START + 20 + i, bytes([i, 16 * i % 256, i]), 200 + i, b"ok\0\0")
    part.define(3, 20, [(3, 1, UINT8)])
    for i in range(20):
        part.compressed(3, i, 90 + i)
    part.define(4, 78, [(0, 10, UINT16)]).data(4, b"\x20\x03" * 5)
    part.define(6, 132, [(253, 4, UINT32), (9, 4, UINT32), (6, 1, UINT8)]).data(6, START, 5000, 60)
    part.define(7, 132, [(10, 12, BYTE), (6, 8, BYTE)]).data(7, bytes(range(12)), bytes(range(60, 68)))
    part.define(8, 19, [(253, 4, UINT32), (2, 4, UINT32), (9, 4, UINT32)], [(0, 2, 0)]).data(
        8, START + 9, START, 900, 7
    )
    part.define(9, 34, [(253, 4, UINT32), (5, 4, UINT32)]).data(9, START + 60, START + 7260)
    return session(part).bytes() + session(samples(file_id(Fit(">")), 10), 2).bytes()
