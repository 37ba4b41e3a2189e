"""From where messages lie to columns of numbers, and to rows of the few messages that come a few times."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from freshlegs.importers.fit.profile import NO_TIMESTAMP, TIMESTAMP, WANTED, Base
from freshlegs.importers.fit.walk import Block, Field, Layout, Part

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

ROWS_AT_MOST: Final = 10_000
"""Laps, sessions, events: no device writes more, and each becomes a Python object."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Messages of one layout as equally spaced bytes: message i begins at ``first + i * stride``."""

    buffer: Any
    first: int
    stride: int
    count: int

    def raw(self, dtype: str, offset: int) -> npt.NDArray[Any]:
        """One element of each message, as a view."""
        return np.ndarray((self.count,), dtype, self.buffer, self.first + offset, (self.stride,))

    def raws(self, dtype: str, offset: int, elements: int, size: int) -> npt.NDArray[Any]:
        """Several elements of each message, one row a message, as a view."""
        return np.ndarray((self.count, elements), dtype, self.buffer, self.first + offset, (self.stride, size))


def cut(data: bytes, block: Block, offsets: Integers | None = None) -> Cut:
    """The messages of a block in file order: in place when they form one run, else gathered."""
    size = block.layout.size
    if len(block.starts) == 1 and not block.singles:
        return Cut(data, block.starts[0], size, block.counts[0])
    if offsets is None:
        offsets = block.offsets()
    windows = np.ndarray((len(data) - size + 1,), f"V{size}", data, 0, (1,))
    return Cut(windows[offsets], 0, size, len(offsets))


def _dtype(layout: Layout, base: Base) -> str:
    return base.numpy if base.size == 1 else layout.order + base.numpy


def numbers(here: Cut, layout: Layout, found: Field) -> tuple[Floats, bool]:
    """The first element of a field of each message, NaN where not measured, and whether there is any NaN."""
    raw = here.raw(_dtype(layout, found.base), found.offset)
    values = raw.astype(np.float64)
    if found.base.invalid is not None:
        bad = values == float(found.base.invalid)
    elif found.base.numpy[0] == "f":
        bad = ~np.isfinite(values)
    else:
        return values, False
    gaps = bool(bad.any())
    if gaps:
        values[bad] = np.nan
    return values, gaps


def seconds(here: Cut, layout: Layout) -> Integers | None:
    """The timestamp field as it stands, in whole seconds; `NO_TIMESTAMP` where missing; None without the field."""
    found = layout.fields.get(TIMESTAMP)
    if found is None or found.base.numpy not in ("u4", "i4"):
        return None
    return here.raw(layout.order + "u4", found.offset).astype(np.int64)


def matrix(here: Cut, layout: Layout, found: Field) -> npt.NDArray[Any]:
    """All elements of an array field, one row a message."""
    return here.raws(_dtype(layout, found.base), found.offset, found.count, found.base.size)


def text(raw: bytes) -> str:
    """A string field: up to its first zero byte or its end, odd bytes replaced."""
    return raw.split(b"\0", 1)[0].decode("utf-8", "replace").strip()


@dataclass(frozen=True, slots=True)
class _Plan:
    """How to take the wanted fields of one layout out of a message in one step."""

    unpack: struct.Struct
    fields: tuple[tuple[int, int | None, bool], ...]
    """Number, invalid value and whether it is a string, of each unpacked value."""


def _plan(layout: Layout) -> _Plan:
    known = layout.plan.get("row")
    if isinstance(known, _Plan):
        return known
    wanted = WANTED.get(layout.number, frozenset())
    letters, at, kept = [layout.order], 1, []
    for number, found in layout.fields.items():
        if number not in wanted:
            continue
        is_text = found.is_text
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
                if value != invalid and value == value
            },
            layout,
        )


def _first(place: tuple[int, Layout]) -> int:
    return place[0]


def stamps(data: bytes, part: Part, blocks: list[Block]) -> tuple[Integers, Integers]:
    """Where each message of these blocks lies and its time in seconds, in file order.

    A compressed timestamp is the last five bits of the time; the rest is that of the latest message before it,
    run over where the five bits got smaller. `NO_TIMESTAMP` where there is nothing to go by.
    """
    places, times, short = _plain_stamps(data, blocks)
    if short.any():
        everything = [block for found in part.messages.values() for block in found]
        places, times, short, wanted = _with_others(data, blocks, everything)
        times = _expanded(data, places, times, short)
        places, times = places[wanted], times[wanted]
    return places, times


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
        order = np.argsort(places)
        places, stamped = places[order], stamped[order]
    missing = stamped == NO_TIMESTAMP
    if not missing.any():
        return places, stamped, missing
    return places, stamped, missing & ((np.frombuffer(data, np.uint8)[places] & 0x80) != 0)


def _with_others(
    data: bytes, blocks: list[Block], everything: list[Block]
) -> tuple[Integers, Integers, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """The same for all messages of a part, and which of them are of ``blocks``."""
    places, times, short = _plain_stamps(data, everything)
    wanted = np.isin(places, np.concatenate([block.offsets() for block in blocks]), assume_unique=True)
    return places, times, short, wanted


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
    low = values & mask
    steps = np.zeros(len(low), np.int64)
    steps[1:] = np.where(full[1:], 0, (low[1:] - low[:-1]) & mask)
    since = np.cumsum(steps)
    anchors = np.flatnonzero(full)
    latest = np.searchsorted(anchors, np.arange(len(low)), side="right") - 1
    out = np.full(len(low), -1, np.int64)
    known = latest >= 0
    anchor = anchors[latest[known]]
    out[known] = values[anchor] + since[known] - since[anchor]
    return out
