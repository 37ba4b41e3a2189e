"""From bytes to where each message lies: parts, definitions, offsets. No field is decoded here.

A FIT file is one or more parts, each a header, messages and a checksum. A definition message lays out the data
messages that follow under its local number. Walking them one by one costs about 60 ns a message, so runs of
messages are stepped over at once. That is exact, not a guess: a message at p with header h and size s ends at
p + s, so if the byte there is h again, another of the same size begins, and so on by induction.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from fastcrc.crc16 import arc

from freshlegs.importers.fit.profile import BASES, BYTE, STRING_CODE, Base
from freshlegs.problems import UnreadableFile

LAYOUTS_KEPT: Final = 4096
"""Distinct definitions remembered across files, and the most that one part may use."""

_ONE: Final = tuple(bytes([value]) for value in range(256))
_FIRST_WINDOW: Final = 64


@dataclass(frozen=True, slots=True)
class Field:
    """Where a field lies in its message (the header byte is offset 0) and how to read one element."""

    offset: int
    size: int
    base: Base
    code: int
    dtype: np.dtype[Any]

    @property
    def count(self) -> int:
        """Elements; a field whose size does not fit its type is an array of bytes."""
        return self.size // self.base.size

    @property
    def is_text(self) -> bool:
        """Whether it is a string."""
        return self.code == STRING_CODE

    @property
    def is_whole_number(self) -> bool:
        """Whether its elements are integers."""
        return self.base.numpy[0] in "ui"


@cache
def _dtype(letters: str) -> np.dtype[Any]:
    return np.dtype(letters)


@dataclass(frozen=True, slots=True)
class DeveloperField:
    """A field that an app added; what it means stands in a field description of the same part."""

    index: int
    number: int
    offset: int
    size: int


class Layout:
    """One definition message: the number of its message, its size with header byte, its fields."""

    def __init__(self, raw: bytes, developer: bool) -> None:
        self.order = ">" if raw[1] == 1 else "<"
        self.number = int.from_bytes(raw[2:4], "big" if raw[1] == 1 else "little")
        self._raw = raw
        self._developer = developer
        own = raw[4]
        self.size = 1 + sum(raw[6 : 5 + 3 * own : 3])
        self.own_size = self.size
        if developer:
            self.size += sum(raw[7 + 3 * own :: 3])

    @cached_property
    def fields(self) -> dict[int, Field]:
        """Fields by number; of a number given twice the first counts, empty ones do not."""
        raw, offset = self._raw, 1
        found: dict[int, Field] = {}
        for at in range(5, 5 + 3 * raw[4], 3):
            number, size, code = raw[at], raw[at + 1], raw[at + 2] & 0x1F
            base = BASES.get(code, BYTE)
            if size % base.size:
                base = BYTE
            if size and number not in found:
                found[number] = self.field(offset, size, base, code)
            offset += size
        return found

    def field(self, offset: int, size: int, base: Base, code: int) -> Field:
        """A field of this layout's byte order."""
        return Field(offset, size, base, code, _dtype(self.order + base.numpy))

    @cached_property
    def developer_fields(self) -> tuple[DeveloperField, ...]:
        """Fields that apps added, in order; empty ones left out."""
        if not self._developer:
            return ()
        raw, offset = self._raw, self.own_size
        found: list[DeveloperField] = []
        for at in range(6 + 3 * raw[4], len(raw) - 2, 3):
            if raw[at + 1]:
                found.append(DeveloperField(raw[at + 2], raw[at], offset, raw[at + 1]))
            offset += raw[at + 1]
        return tuple(found)

    @cached_property
    def plan(self) -> dict[object, object]:
        """A place where decoders keep what they worked out for this layout."""
        return {}


class Block:
    """All messages of one layout in one part: equally spaced runs (start, count, stride) and single offsets."""

    __slots__ = ("counts", "layout", "singles", "starts", "strides")

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.starts: list[int] = []
        self.counts: list[int] = []
        self.strides: list[int] = []
        self.singles = array("I")

    def run(self, start: int, count: int, stride: int) -> None:
        """Note messages that begin at ``start`` and every ``stride`` bytes after it."""
        self.starts.append(start)
        self.counts.append(count)
        self.strides.append(stride)

    def __len__(self) -> int:
        return sum(self.counts) + len(self.singles)

    def offsets(self) -> npt.NDArray[np.int64]:
        """Where each message begins, ascending."""
        singles = np.frombuffer(self.singles, np.uint32).astype(np.int64) if self.singles else None
        if not self.starts:
            return singles if singles is not None else np.empty(0, np.int64)
        counts = np.array(self.counts, np.int64)
        strides = np.array(self.strides, np.int64)
        ends = np.cumsum(counts)
        runs = np.arange(ends[-1], dtype=np.int64)
        runs *= np.repeat(strides, counts)
        runs += np.repeat(np.array(self.starts, np.int64) - (ends - counts) * strides, counts)
        if singles is None:
            return runs
        found = np.concatenate((runs, singles))
        found.sort(kind="stable")
        return found


_UNBOUND: Final = Block(Layout(bytes(5), False))


@dataclass(slots=True)
class Part:
    """One part of a file: its messages by number, and what was wrong in it as (byte, sentence)."""

    start: int
    messages: dict[int, list[Block]] = field(default_factory=dict)
    faults: list[tuple[int, str]] = field(default_factory=list)
    whole: bool = True
    kept: dict[str, Any] = field(default_factory=dict)
    """A place where decoders keep what they worked out for this part."""

    def counts(self) -> dict[int, int]:
        """How many messages of each number it holds."""
        return {number: sum(map(len, blocks)) for number, blocks in self.messages.items()}


_layouts: dict[tuple[bool, bytes], Layout] = {}


def _layout(raw: bytes, developer: bool) -> Layout:
    key = (developer, raw)
    found = _layouts.get(key)
    if found is None:
        if len(_layouts) >= LAYOUTS_KEPT:
            _layouts.clear()
        found = _layouts[key] = Layout(raw, developer)
    return found


class _Bound:
    """What each of the 256 header bytes means right now.

    Of the bytes that mean the same local number (flag bits, compressed timestamps) only the plain one is
    bound with its definition; the others follow when they are met.
    """

    def __init__(self, part: Part) -> None:
        self.sizes = [0] * 256
        self.blocks: list[Block] = [_UNBOUND] * 256
        self.add: list[Callable[[int], None]] = [_UNBOUND.singles.append] * 256
        self._part = part
        self._known: dict[Layout, Block] = {}
        self._aliases: dict[int, list[int]] = {}

    def bind(self, local: int, layout: Layout) -> bool:
        """Let a local number mean this layout; false when the part has more layouts than any device writes."""
        block = self._known.get(layout)
        if block is None:
            if len(self._known) >= LAYOUTS_KEPT:
                return False
            block = self._known[layout] = Block(layout)
            self._part.messages.setdefault(layout.number, []).append(block)
        self._set(local, layout.size, block)
        for header in self._aliases.get(local, ()):
            self._set(header, layout.size, block)
        return True

    def alias(self, header: int) -> bool:
        """Let a header byte met for the first time mean its local number; false when that is undefined."""
        local = header >> 5 & 0x03 if header & 0x80 else header & 0x0F
        if not self.sizes[local]:
            return False
        self._aliases.setdefault(local, []).append(header)
        self._set(header, self.sizes[local], self.blocks[local])
        return True

    def _set(self, header: int, size: int, block: Block) -> None:
        self.sizes[header], self.blocks[header], self.add[header] = size, block, block.singles.append


def _definition(data: bytes, at: int, end: int) -> int:
    """Where the definition message at ``at`` ends; beyond ``end`` if it is cut off."""
    if at + 6 > end:
        return end + 1
    after = at + 6 + 3 * data[at + 5]
    if data[at] & 0x20:
        if after >= end:
            return end + 1
        after += 1 + 3 * data[after]
    return after


def _run(data: bytes, at: int, end: int, stride: int) -> int:
    """How often the byte at ``at`` comes again every ``stride`` bytes, counting only whole strides."""
    header = _ONE[data[at]]
    limit = (end - at) // stride
    count, window = 0, _FIRST_WINDOW
    while count < limit:
        look = min(window, limit - count)
        first = at + count * stride
        heads = data[first : first + look * stride : stride]
        same = look - len(heads.lstrip(header))
        count += same
        if same < look:
            break
        window *= 8
    return count


def walk(data: bytes, start: int, end: int, part: Part) -> int:
    """Note every message between ``start`` and ``end`` in ``part``; returns where the walk had to stop."""
    bound = _Bound(part)
    sizes, blocks, add = bound.sizes, bound.blocks, bound.add
    at, last, before = start, end - 1, -1
    while at < end:
        header = data[at]
        size = sizes[header]
        if size:
            after = at + size
            follower = data[after] if after < last else header
            if follower == header:
                count = _run(data, at, end, size)
                if not count:
                    return at
                blocks[header].run(at, count, size)
                at += count * size
            elif follower == before and blocks[follower] is not blocks[header]:
                pair = size + sizes[follower]  # two kinds of message taking turns: the same induction holds
                count = min(_run(data, at, end, pair), _run(data, after, end, pair))
                if not count:
                    add[header](at)
                    at = after
                else:
                    blocks[header].run(at, count, pair)
                    blocks[follower].run(after, count, pair)
                    at += count * pair
                    header = follower
            else:
                add[header](at)
                at = after
            before = header
        elif header & 0xC0 == 0x40:
            after = _definition(data, at, end)
            if after > end:
                return at
            if not bound.bind(header & 0x0F, _layout(data[at + 1 : after], bool(header & 0x20))):
                part.faults.append((at, "more kinds of message than any device writes; the rest was left out"))
                return at
            at = after
        elif not bound.alias(header):
            part.faults.append((at, "a message that was never defined; what follows it was left out"))
            return at
    return at


def _header(data: bytes, at: int) -> int | None:
    """The size of the part header at ``at``; None if there is none."""
    if data[at + 8 : at + 12] != b".FIT" or data[at] < 12:
        return None
    return data[at]


def file_type(data: bytes) -> int | None:
    """The kind of file by its first message (file_id), from the first bytes alone; None if it does not say."""
    size = _header(data, 0)
    if size is None or len(data) <= size or data[size] & 0xC0 != 0x40:
        return None
    after = _definition(data, size, len(data))
    if after >= len(data):
        return None
    layout = _layout(data[size + 1 : after], bool(data[size] & 0x20))
    found = layout.fields.get(0)
    if layout.number != 0 or found is None or data[after] & 0xCF != data[size] & 0x0F:
        return None
    at = after + found.offset
    return data[at] if not found.is_text and at < len(data) and data[at] != 0xFF else None


def is_one_part(data: bytes) -> bool:
    """Whether no second part follows the first, as far as its header tells."""
    return len(data) <= data[0] + int.from_bytes(data[4:8], "little") + 2 + 12


def parts(data: bytes) -> list[Part]:
    """All parts of a file, walked. Raises UnreadableFile when there is not even one header."""
    found: list[Part] = []
    at = 0
    while at < len(data):
        header = _header(data, at)
        if header is None:
            if not found:
                raise UnreadableFile("this is not a FIT file, or its header is damaged")
            found[-1].faults.append((at, f"{len(data) - at} bytes after the end of the file were left out"))
            break
        part = Part(at)
        at = _part(data, at, header, part)
        found.append(part)
    if not found:
        raise UnreadableFile("the file is empty (0 bytes)")
    return found


def _part(data: bytes, at: int, header: int, part: Part) -> int:
    """Walk the part whose header is at ``at``; returns where the next one would begin."""
    start, size = at + header, int.from_bytes(data[at + 4 : at + 8], "little")
    end, total = start + size, len(data)
    if end + 2 <= total:
        alone = at == 0 and end + 2 == total
        if arc(data if alone else data[at : end + 2]) == 0:
            _stopped(part, walk(data, start, end, part), end)
            return end + 2
        if end + 2 == total or _header(data, end + 2) is not None:
            part.faults.append((end, "the checksum does not fit: some bytes may have changed"))
            part.whole = False
            _stopped(part, walk(data, start, end, part), end)
            return end + 2
    if start + 2 < total and arc(data[at:]) == 0:
        part.faults.append((at + 4, f"the header says {size} bytes of data, and there are {total - 2 - start}"))
        _stopped(part, walk(data, start, total - 2, part), total - 2)
        return total
    part.whole = False
    if end + 2 > total:
        missing = end + 2 - total
        part.faults.append((total, f"the file ends early: {missing} of its {header + size + 2} bytes are missing"))
        walk(data, start, min(end, total), part)
        return total
    return _overrun(data, start, end, part)


def _overrun(data: bytes, start: int, end: int, part: Part) -> int:
    """Walk a part whose checksum does not fit and after which no other begins: its data may go on."""
    trial = Part(part.start)
    if end > start and walk(data, start, end, trial) == end:
        part.messages = trial.messages
        part.faults.append((end, "the checksum does not fit: some bytes may have changed"))
        return end + 2
    walk(data, start, len(data), part)
    part.faults.insert(0, (part.start + 4, f"the header says {end - start} bytes of data, and more follow"))
    return len(data)


def _stopped(part: Part, stop: int, end: int) -> None:
    if stop < end and not part.faults:
        part.faults.append((stop, "a message runs over the end; it was left out"))
    if stop < end:
        part.whole = False


def costs(fault: str) -> bool:
    """Whether data was lost by this fault; a checksum or a length that does not fit costs nothing by itself."""
    return not fault.startswith(("the checksum", "the header says"))
