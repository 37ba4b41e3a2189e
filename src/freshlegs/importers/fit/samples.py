"""The samples of a file (message record) as columns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from freshlegs import tables
from freshlegs.importers.fit import columns as c
from freshlegs.importers.fit.profile import (
    BASES,
    BYTE,
    COMPRESSED_SPEED_DISTANCE,
    FIELD_DESCRIPTION,
    MIN_DATE_TIME,
    NO_TIMESTAMP,
    RECORD,
    RECORD_MEASURES,
)
from freshlegs.importers.fit.walk import Block, DeveloperField, Field, Layout, Part
from freshlegs.units import FIT_EPOCH_S

SAMPLES_AT_MOST: Final = 8_000_000
CELLS_PER_BYTE: Final = 8
CELLS_ALWAYS: Final = 4_000_000
"""Columns of apps are left out when they would make the table larger than this many cells a byte of file."""

_PACKED: Final = "_packed_distance"
_STANDARD: Final = frozenset(tables.RECORDS.names)
_ORDER: Final = tables.RECORDS.names


@dataclass(slots=True)
class Samples:
    """Samples in the order of the file: time in seconds of FIT's clock (`NO_TIMESTAMP` if none), columns of numbers.

    ``gaps`` names the columns with NaN in them; ``others`` are columns of text and of arrays, by name.
    """

    seconds: c.Integers
    columns: dict[str, c.Floats] = field(default_factory=dict)
    gaps: set[str] = field(default_factory=set)
    others: dict[str, pl.Series] = field(default_factory=dict)
    left_out: int = 0

    def __len__(self) -> int:
        return len(self.seconds)

    def put(self, name: str, values: c.Floats, gaps: bool) -> None:
        """A column; one without a single value is left out."""
        if gaps and bool(np.isnan(values).all()):
            return
        self.columns[name] = values
        if gaps:
            self.gaps.add(name)
        else:
            self.gaps.discard(name)

    def fill(self, name: str, values: c.Floats, gaps: bool) -> None:
        """A column, or what an earlier one of that name lacks."""
        first = self.columns.get(name)
        if first is None:
            self.put(name, values, gaps)
        elif name in self.gaps:
            merged = np.where(np.isnan(first), values, first)
            self.put(name, merged, bool(np.isnan(merged).any()))


def decode(data: bytes, part: Part) -> Samples:
    """All samples of a part."""
    blocks = [block for block in part.messages.get(RECORD, ()) if len(block)]
    if not blocks:
        return Samples(np.empty(0, np.int64))
    out = _one_layout(data, part, blocks[0]) if len(blocks) == 1 else _many_layouts(data, part, blocks)
    _finish(out)
    return out


def _one_layout(data: bytes, part: Part, block: Block) -> Samples:
    layout = block.layout
    here = c.cut(data, block)
    times = c.seconds(here, layout)
    if times is None:
        _, times = c.stamps(data, part, [block])
    out = Samples(times)
    _measures(here, layout, out)
    if layout.developer_fields:
        _developer(here, layout, _Names(data, part), out)
    return out


def _measures(here: c.Cut, layout: Layout, out: Samples) -> None:
    for name, found, scale, shift, factor in _plan(layout):
        earlier = name in out.columns
        if earlier and name not in out.gaps:
            continue
        values, gaps = c.numbers(here, layout, found)
        if scale != 1:
            values /= scale
        if shift:
            values -= shift
        if factor != 1:
            values *= factor
        if earlier:
            out.fill(name, values, gaps)
        else:
            out.put(name, values, gaps)
    packed = layout.fields.get(COMPRESSED_SPEED_DISTANCE)
    if packed is not None and packed.size >= 3:
        _unpack_speed_distance(here, packed, out)


def _plan(layout: Layout) -> tuple[tuple[str, Field, float, float, float], ...]:
    known = layout.plan.get("samples")
    if known is None:
        fields = layout.fields
        known = layout.plan["samples"] = tuple(
            (measure.column, fields[measure.field], measure.scale, measure.shift, measure.factor)
            for measure in RECORD_MEASURES
            if measure.field in fields and not fields[measure.field].is_text
        )
    return known  # type: ignore[return-value]


def _unpack_speed_distance(here: c.Cut, packed: Field, out: Samples) -> None:
    raw = here.raws("u1", packed.offset, 3, 1).astype(np.int64)
    bad = (raw == 0xFF).all(axis=1)
    speed = (raw[:, 0] | (raw[:, 1] & 0x0F) << 8) / 100.0
    distance = (raw[:, 1] >> 4 | raw[:, 2] << 4).astype(np.float64)
    speed[bad] = np.nan
    distance[bad] = np.nan
    gaps = bool(bad.any())
    out.fill("speed_mps", speed, gaps)
    out.put(_PACKED, distance, gaps)


def _finish(out: Samples) -> None:
    """What needs all samples: distances that run over, cadence with its fraction."""
    packed = out.columns.pop(_PACKED, None)
    if packed is not None:
        there = ~np.isnan(packed)
        raw = packed[there].astype(np.int64)
        walked = np.full(len(packed), np.nan)
        walked[there] = c.unroll(raw, np.arange(len(raw)) == 0, 12) / 16.0
        out.fill("distance_m", walked, _PACKED in out.gaps)
        out.gaps.discard(_PACKED)
    fraction = out.columns.pop("_cadence_fraction", None)
    whole = out.columns.get("cadence_spm")
    if fraction is not None:
        if whole is not None:
            if "_cadence_fraction" in out.gaps:
                fraction = np.nan_to_num(fraction)
            out.columns["cadence_spm"] = whole + fraction
        out.gaps.discard("_cadence_fraction")


def _many_layouts(data: bytes, part: Part, blocks: list[Block]) -> Samples:
    """Samples whose message was laid out in several ways, put back into the order of the file."""
    pieces, places, stamped = [], [], True
    names = _Names(data, part)
    for block in blocks:
        offsets = block.offsets()
        here, layout = c.cut(data, block, offsets), block.layout
        times = c.seconds(here, layout)
        stamped = stamped and times is not None
        piece = Samples(np.full(len(offsets), NO_TIMESTAMP, np.int64) if times is None else times)
        _measures(here, layout, piece)
        if layout.developer_fields:
            _developer(here, layout, names, piece)
        pieces.append(piece)
        places.append(offsets)
    out = join(pieces, len(data))
    order = np.argsort(np.concatenate(places))
    for name, values in out.columns.items():
        out.columns[name] = values[order]
    for name, series in out.others.items():
        out.others[name] = series.gather(order)
    out.seconds = out.seconds[order] if stamped else c.stamps(data, part, blocks)[1]
    return out


def join(pieces: list[Samples], size_b: int) -> Samples:
    """Samples one after the other; a column that a piece lacks is missing there.

    ``size_b`` is the size of the file: a table far larger than it is never built.
    """
    total = sum(map(len, pieces))
    out = Samples(np.concatenate([piece.seconds for piece in pieces]))
    columns, others = _budgeted(pieces, max(CELLS_ALWAYS, CELLS_PER_BYTE * size_b) // max(total, 1))
    out.left_out = sum(piece.left_out for piece in pieces)
    out.left_out += len({name for piece in pieces for name in (*piece.columns, *piece.others)})
    out.left_out -= len(columns) + len(others)
    for name in columns:
        values = np.full(total, np.nan)
        begin = 0
        gaps = False
        for piece in pieces:
            found = piece.columns.get(name)
            if found is not None:
                values[begin : begin + len(piece)] = found
            gaps = gaps or found is None or name in piece.gaps
            begin += len(piece)
        out.put(name, values, gaps)
    for name in others:
        out.others[name] = _joined_others(name, pieces)
    return out


def _budgeted(pieces: list[Samples], most: int) -> tuple[list[str], list[str]]:
    columns = list(dict.fromkeys(name for piece in pieces for name in piece.columns))
    others = [name for name in dict.fromkeys(name for piece in pieces for name in piece.others) if name not in columns]
    if len(columns) + len(others) > max(most, len(_STANDARD)):
        columns = [name for name in columns if name in _STANDARD or name.startswith("_")]
        others = []
    return columns, others


def _joined_others(name: str, pieces: list[Samples]) -> pl.Series:
    dtype = next(piece.others[name].dtype for piece in pieces if name in piece.others)
    series = []
    for piece in pieces:
        found = piece.others.get(name)
        if found is None or found.dtype != dtype:
            found = pl.Series(name, [None], dtype=dtype).new_from_index(0, len(piece))
        series.append(found)
    return pl.concat(series, how="vertical")


@dataclass(frozen=True, slots=True)
class Description:
    """What a field description message says of an app's field."""

    name: str
    code: int
    scale: float
    shift: float


class _Names:
    """The fields that apps added to a part: what they are, and what their columns are called."""

    def __init__(self, data: bytes, part: Part) -> None:
        self._found = descriptions(data, part)
        self._taken: dict[tuple[int, int], str] = {}

    def __getitem__(self, key: tuple[int, int]) -> tuple[str, Description] | None:
        found = self._found.get(key)
        if found is None:
            return None
        name = self._taken.get(key)
        if name is None:
            name = self._taken[key] = free_name(found.name, {*_STANDARD, *self._taken.values()})
        return name, found


def descriptions(data: bytes, part: Part) -> dict[tuple[int, int], Description]:
    """Field descriptions by developer index and field number; the first of each counts."""
    found: dict[tuple[int, int], Description] = {}
    for _, values, _ in c.rows(data, part, FIELD_DESCRIPTION):
        if 0 not in values or 1 not in values or 2 not in values:
            continue
        key = (values[0], values[1])
        if key not in found:
            name = values.get(3, "")
            found[key] = Description(
                name if isinstance(name, str) else "",
                int(values[2]) & 0x1F if isinstance(values[2], int) else 13,
                _number(values.get(6)) or 1.0,
                _number(values.get(7)) or 0.0,
            )
    return found


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None


def free_name(given: str, taken: Iterable[str]) -> str:
    """A column name made of an app's name for its field, unlike those taken.

    >>> free_name("Form Power", ()), free_name("distance_m", {"distance_m"}), free_name("RunningEconomy", ())
    ('form_power', 'dev_distance_m', 'running_economy')
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", given[:64])
    name = re.sub(r"\W+", "_", words).strip("_").lower() or "field"
    taken = set(taken)
    if name not in taken:
        return name
    name = f"dev_{name}"
    number, free = 2, name
    while free in taken:
        number, free = number + 1, f"{name}_{number}"
    return free


def _developer(here: c.Cut, layout: Layout, names: _Names, out: Samples) -> None:
    for each in layout.developer_fields:
        known = names[each.index, each.number]
        if known is None:
            out.left_out += 1
            continue
        name, description = known
        found = as_field(each, description)
        if found is None:
            out.left_out += 1
        elif found.is_text:
            out.others[name] = _texts(here, name, found)
        elif found.count > 1:
            out.others[name] = _arrays(here, layout, name, found)
        else:
            values, gaps = c.numbers(here, layout, found)
            if description.scale != 1:
                values /= description.scale
            if description.shift:
                values -= description.shift
            out.put(name, values, gaps)


def as_field(each: DeveloperField, description: Description) -> Field | None:
    """An app's field as one that can be read; None when its size does not fit its type."""
    base = BASES.get(description.code, BYTE)
    if each.size % base.size:
        return None
    return Field(each.offset, each.size, base, description.code)


def _texts(here: c.Cut, name: str, found: Field) -> pl.Series:
    raw = here.raw(f"V{found.size}", found.offset).tolist()
    return pl.Series(name, [c.text(value) or None for value in raw], dtype=pl.String())


def _arrays(here: c.Cut, layout: Layout, name: str, found: Field) -> pl.Series:
    values = c.matrix(here, layout, found).astype(np.float64)
    if found.base.invalid is not None:
        values[values == float(found.base.invalid)] = np.nan
    flat = pl.Series(name, values.ravel(), nan_to_null=True)
    return flat.reshape((here.count, found.count)).arr.to_list()


def frame(samples: Samples) -> pl.DataFrame:
    """The table `RECORDS`: standard columns first, then those of apps."""
    times = samples.seconds
    series = clock(times)
    columns, gaps = samples.columns, samples.gaps
    for name in _ORDER:
        values = columns.get(name)
        if values is not None:
            series.append(pl.Series(name, values, nan_to_null=name in gaps))
    for name, values in columns.items():
        if name not in _STANDARD:
            series.append(pl.Series(name, values, nan_to_null=name in gaps))
    series.extend(samples.others.values())
    return pl.DataFrame(series)


def clock(times: c.Integers) -> list[pl.Series]:
    """The columns ``time_utc`` and ``elapsed_s``; the first is missing where the device did not know the date."""
    dated = (times >= MIN_DATE_TIME) & (times != NO_TIMESTAMP)
    all_dated = bool(dated.all())
    instants = pl.Series("time_utc", (times + FIT_EPOCH_S) * 1_000_000).cast(tables.INSTANT)
    if all_dated:
        start = times[0] if len(times) else 0
        return [instants, pl.Series("elapsed_s", (times - start).astype(np.float64))]
    instants = instants.set(pl.Series(~dated), None)
    counted = dated if dated.any() else times != NO_TIMESTAMP
    first = int(np.argmax(counted))
    elapsed = np.where(counted, times - times[first], np.nan)
    return [instants, pl.Series("elapsed_s", elapsed, nan_to_null=True)]


def known(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The measured values of a column."""
    return values[~np.isnan(values)]
