"""From where messages lie to columns of numbers, and to rows of the few messages that come a few times."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from freshlegs.importers.fit.profile import NO_TIMESTAMP, TEXTS, TIMESTAMP, WANTED, Base
from freshlegs.importers.fit.walk import Block, Field, Layout, Part

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

ROWS_AT_MOST: Final = 10_000
"""Laps, sessions, events: no device writes more, and each becomes a Python object."""

_LONG: Final = 2**16


@dataclass(frozen=True, slots=True)
class Cut:
    """Messages of one layout as equally spaced bytes: message i begins at ``first + i * stride``."""

    buffer: Any
    first: int
    stride: int
    count: int

    def raw(self, dtype: np.dtype[Any], offset: int) -> npt.NDArray[Any]:
        """One element of each message, as a view."""
        return np.ndarray((self.count,), dtype, self.buffer, self.first + offset, (self.stride,))

    def raws(self, dtype: np.dtype[Any], offset: int, elements: int, size: int) -> npt.NDArray[Any]:
        """Several elements of each message, one row a message, as a view."""
        return np.ndarray((self.count, elements), dtype, self.buffer, self.first + offset, (self.stride, size))


def cut(data: bytes, block: Block, offsets: Integers | None = None) -> Cut:
    """The messages of a block in file order: in place when they form one run, else gathered."""
    size = block.layout.size
    if len(block.starts) == 1 and not block.singles:
        return Cut(data, block.starts[0], block.strides[0], block.counts[0])
    return gather(data, size, block.offsets() if offsets is None else offsets)


def gather(data: bytes, size: int, offsets: Integers) -> Cut:
    """Messages of one size that lie anywhere, copied one behind the other."""
    windows = np.ndarray((len(data) - size + 1,), f"V{size}", data, 0, (1,))
    return Cut(windows[offsets], 0, size, len(offsets))


def number(data: bytes, at: int, layout: Layout, found: Field) -> float | None:
    """The first element of a field of the message at ``at``; None where not measured."""
    value = struct.unpack_from(layout.order + found.base.struct, data, at + found.offset)[0]
    if isinstance(value, bytes) or value == found.base.invalid or not math.isfinite(value):
        return None
    return float(value)


def numbers(here: Cut, found: Field) -> tuple[Floats, int]:
    """The first element of a field of each message, NaN where not measured, and how many are NaN."""
    values = here.raw(found.dtype, found.offset).astype(np.float64)
    return values, _blank(values, found.base)


def _blank(values: Floats, base: Base) -> int:
    """Put NaN where a value says "not measured"; returns how many there are."""
    if base.invalid is not None:
        bad = values == base.invalid
    elif base.numpy[0] == "f":
        bad = ~np.isfinite(values)
    else:
        return 0
    count = int(np.count_nonzero(bad))
    if count:
        np.putmask(values, bad, np.nan)
    return count


def seconds(here: Cut, layout: Layout) -> Integers | None:
    """The timestamp field as it stands, in whole seconds; `NO_TIMESTAMP` where missing; None without the field."""
    found = layout.fields.get(TIMESTAMP)
    if found is None or found.base.numpy != "u4":
        return None
    return here.raw(found.dtype, found.offset).astype(np.int64)


def matrix(here: Cut, found: Field) -> npt.NDArray[Any]:
    """All elements of an array field, one row a message."""
    return here.raws(found.dtype, found.offset, found.count, found.base.size)


class Table:
    """All messages of one number in one part, in the order of the file, however they are laid out.

    ``views``: for each layout where its messages lie, the layout, and which rows of the table they are (None
    when they are all).
    """

    def __init__(self, data: bytes, blocks: list[Block]) -> None:
        self.views: list[tuple[Cut, Layout, Integers | None]] = []
        self._free: list[Floats] = []
        if len(blocks) == 1:
            here = cut(data, blocks[0])
            self.views.append((here, blocks[0].layout, None))
            self.count = here.count
            return
        places = [block.offsets() for block in blocks]
        order = np.argsort(np.concatenate(places), kind="stable")  # runs that are merged: ten times as fast
        self.count = len(order)
        ranks = np.empty(self.count, np.int64)
        ranks[order] = np.arange(self.count)
        begin = 0
        for block, offsets in zip(blocks, places, strict=True):
            rows_here = ranks[begin : begin + len(offsets)]
            self.views.append((cut(data, block, offsets), block.layout, rows_here))
            begin += len(offsets)

    def _empty(self) -> Floats:
        """Room for a column. Long ones share one piece of memory, which the system then gives in large pages."""
        if self.count < _LONG:
            return np.empty(self.count)
        if not self._free:
            self._free = list(np.empty((8, self.count)))
        return self._free.pop()

    def seconds(self) -> Integers | None:
        """The timestamps as they stand; None when a layout has none."""
        out = None
        for here, layout, place in self.views:
            found = seconds(here, layout)
            if found is None or place is None:
                return found
            if out is None:
                out = np.empty(self.count, np.int64)
            out[place] = found
        return out

    def numbers(self, number: int) -> tuple[Floats, int] | None:
        """The first element of a field as a column, NaN where not measured, and how many are NaN."""
        here, layout, place = self.views[0]
        if place is None:
            found = layout.fields.get(number)
            return None if found is None or found.is_text else self._whole(here, found)
        readers = [
            (here, layout.fields[number], place)
            for here, layout, place in self.views
            if number in layout.fields and not layout.fields[number].is_text
        ]
        return self.column(readers)

    def _whole(self, here: Cut, found: Field) -> tuple[Floats, int]:
        values = self._empty()
        np.copyto(values, here.raw(found.dtype, found.offset))
        return values, _blank(values, found.base)

    def column(self, readers: list[tuple[Cut, Field, Integers | None]]) -> tuple[Floats, int] | None:
        """The same for a field that lies elsewhere in each layout; NaN in rows of layouts that lack it."""
        if not readers:
            return None
        here, first, place = readers[0]
        if place is None:
            return self._whole(here, first)
        values = self._empty()
        covered = sum(here.count for here, _, _ in readers)
        if covered < self.count:
            values.fill(np.nan)
        alike = all(found.base is first.base for _, found, _ in readers)
        missing = self.count - covered
        for here, found, place in readers:
            raw = here.raw(found.dtype, found.offset)
            if not alike:
                raw = raw.astype(np.float64)
                missing += _blank(raw, found.base)
            values[place] = raw
        if alike:
            missing += _blank(values, first.base)
        return values, missing


def text(raw: bytes) -> str:
    """A string field: up to its first zero byte or its end, odd bytes replaced."""
    return raw.split(b"\0", 1)[0].decode("utf-8", "replace").strip()


@dataclass(frozen=True, slots=True)
class _Plan:
    """How to take the wanted fields of one layout out of a message in one step."""

    unpack: struct.Struct
    fields: tuple[tuple[int, int | None, bool], ...]
    """Number, invalid value and whether it is a string, of each unpacked value."""


def _is_plain(found: Field) -> bool:
    """Whether a field is an integer of at most 32 bits, as all wanted fields of the profile are."""
    return found.is_whole_number and found.base.size <= 4


def _plan(layout: Layout) -> _Plan:
    known = layout.plan.get("row")
    if isinstance(known, _Plan):
        return known
    wanted = WANTED.get(layout.number, frozenset())
    texts = TEXTS.get(layout.number, frozenset())
    letters, at, kept = [layout.order], 1, []
    for number, found in layout.fields.items():
        is_text = found.is_text
        if number not in wanted or not (is_text == (number in texts) and (is_text or _is_plain(found))):
            continue
        letter = f"{found.size}s" if is_text else found.base.struct
        letters.append(f"{found.offset - at}x{letter}")
        at = found.offset + (found.size if is_text else found.base.size)
        kept.append((number, found.base.invalid, is_text))
    plan = _Plan(struct.Struct("".join(letters)), tuple(kept))
    layout.plan["row"] = plan
    return plan


def rows(data: bytes, part: Part, number: int) -> Iterator[tuple[int, dict[int, Any], Layout]]:
    """The wanted fields of each message of one number, in file order: (offset, values by number, layout).

    What was not measured is left out. At most `ROWS_AT_MOST`.
    """
    blocks = part.messages.get(number)
    if blocks is None:
        return
    places = [(int(at), block.layout) for block in blocks for at in block.offsets()[:ROWS_AT_MOST]]
    if len(blocks) > 1:
        places.sort(key=_first)
    for at, layout in places[:ROWS_AT_MOST]:
        plan = _plan(layout)
        values = plan.unpack.unpack_from(data, at + 1)
        yield (
            at,
            {
                number: text(value) if is_text else value
                for (number, invalid, is_text), value in zip(plan.fields, values, strict=True)
                if value != invalid
            },
            layout,
        )


def _first(place: tuple[int, Layout]) -> int:
    return place[0]


def stamps(data: bytes, part: Part, blocks: list[Block]) -> Integers:
    """The time of each message of these blocks in seconds, in file order.

    A compressed timestamp is the last five bits of the time; the rest is that of the latest message before it,
    run over where the five bits got smaller. `NO_TIMESTAMP` where there is nothing to go by.
    """
    _, times, short = _plain_stamps(data, blocks)
    if short.any():
        everything = [block for found in part.messages.values() for block in found if len(block)]
        places, times, short = _plain_stamps(data, everything)
        wanted = np.isin(places, np.concatenate([block.offsets() for block in blocks]), assume_unique=True)
        times = _expanded(data, places, times, short)[wanted]
    return times


def _plain_stamps(data: bytes, blocks: list[Block]) -> tuple[Integers, Integers, npt.NDArray[np.bool_]]:
    """Offsets, times and which of them are compressed, in file order."""
    offsets, times = [], []
    for block in blocks:
        places = block.offsets()
        offsets.append(places)
        found = seconds(cut(data, block, places), block.layout)
        times.append(np.full(len(places), NO_TIMESTAMP, np.int64) if found is None else found)
    places, stamped = np.concatenate(offsets), np.concatenate(times)
    if len(blocks) > 1:
        order = np.argsort(places, kind="stable")
        places, stamped = places[order], stamped[order]
    missing = stamped == NO_TIMESTAMP
    if not missing.any():
        return places, stamped, missing
    return places, stamped, missing & ((np.frombuffer(data, np.uint8)[places] & 0x80) != 0)


def _expanded(data: bytes, places: Integers, times: Integers, short: npt.NDArray[np.bool_]) -> Integers:
    telling = short | (times != NO_TIMESTAMP)
    values = np.where(short, np.frombuffer(data, np.uint8)[places] & 0x1F, times)[telling]
    result = times.copy()
    result[telling] = unroll(values, ~short[telling], 5)
    result[result < 0] = NO_TIMESTAMP
    return result


def unroll(values: Integers, full: npt.NDArray[np.bool_], bits: int) -> Integers:
    """Values of which most give their lowest bits alone, made whole: each is the next one after its forerunner.

    ``full`` marks those that are whole already; before the first of them the result is -1.
    """
    mask = (1 << bits) - 1
    out = np.full(len(values), -1, np.int64)
    anchors = np.flatnonzero(full)
    if not len(anchors):
        return out
    steps = np.diff(values & mask, prepend=0) & mask
    steps[anchors] = 0
    since = np.cumsum(steps)
    first = anchors[0]
    out[first:] = since[first:] + np.repeat(values[anchors] - since[anchors], np.diff(anchors, append=len(values)))
    return out
