"""The samples of a file (message record) as columns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

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
from freshlegs.importers.fit.walk import DeveloperField, Field, Layout, Part
from freshlegs.units import FIT_EPOCH_S

SAMPLES_AT_MOST: Final = 4_000_000
CELLS_PER_BYTE: Final = 8
CELLS_ALWAYS: Final = 4_000_000
"""Columns of apps are left out when they would make the table larger than this many cells a byte of file."""

BYTE_DTYPE: Final = np.dtype("u1")
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

    def put(self, name: str, values: c.Floats, missing: int) -> None:
        """A column in which so many values are NaN; one without a single value is left out."""
        if missing == len(values):
            return
        self.columns[name] = values
        if missing:
            self.gaps.add(name)
        else:
            self.gaps.discard(name)

    def lacks(self, name: str) -> bool:
        """Whether there is no such column, or one with gaps."""
        return name not in self.columns or name in self.gaps

    def fill(self, name: str, values: c.Floats, missing: int) -> None:
        """A column, or what an earlier one of that name lacks."""
        first = self.columns.get(name)
        if first is None:
            self.put(name, values, missing)
        elif name in self.gaps:
            merged = np.where(np.isnan(first), values, first)
            self.put(name, merged, int(np.count_nonzero(np.isnan(merged))))


def decode(data: bytes, part: Part) -> Samples:
    """All samples of a part."""
    blocks = [block for block in part.messages.get(RECORD, ()) if len(block)]
    if not blocks:
        return Samples(np.empty(0, np.int64))
    table = c.Table(data, blocks)
    times = table.seconds()
    if times is None:
        times = c.stamps(data, part, blocks)
    out = Samples(times)
    for name, number, scale, shift, factor in RECORD_MEASURES:
        if not out.lacks(name):
            continue
        found = table.numbers(number)
        if found is None:
            continue
        values, missing = found
        if scale != 1:
            values /= scale
        if shift:
            values -= shift
        if factor != 1:
            values *= factor
        out.fill(name, values, missing)
    if any(COMPRESSED_SPEED_DISTANCE in layout.fields for _, layout, _ in table.views):
        _speed_distance(table, out)
    _cadence(out)
    if any(layout.developer_fields for _, layout, _ in table.views):
        _developer(data, part, table, out)
    return out


def _speed_distance(table: c.Table, out: Samples) -> None:
    """Speed and distance packed into three bytes; the distance runs over, and is summed up."""
    packed = np.full(table.count, -1, np.int64)
    for here, layout, place in table.views:
        found = layout.fields.get(COMPRESSED_SPEED_DISTANCE)
        if found is not None and found.size >= 3:
            low, middle, high = (here.raw(BYTE_DTYPE, found.offset + at).astype(np.int64) for at in range(3))
            packed[slice(None) if place is None else place] = low | middle << 8 | high << 16
    there = (packed >= 0) & (packed != 0xFFFFFF)
    raw = packed[there]
    if not len(raw):
        return
    speed, walked = np.full((2, table.count), np.nan)
    speed[there] = (raw & 0xFFF) / 100.0
    walked[there] = c.unroll(raw >> 12, np.arange(len(raw)) == 0, 12) / 16.0
    out.fill("speed_mps", speed, table.count - len(raw))
    out.fill("distance_m", walked, table.count - len(raw))


def _cadence(out: Samples) -> None:
    """Add the fraction to the whole revolutions."""
    fraction = out.columns.pop("_cadence_fraction", None)
    whole = out.columns.get("cadence_spm")
    if fraction is not None and whole is not None:
        if "_cadence_fraction" in out.gaps:
            fraction = np.nan_to_num(fraction, copy=False)
        whole += fraction
    out.gaps.discard("_cadence_fraction")


def join(pieces: list[Samples]) -> Samples:
    """Samples one after the other; a column that a piece lacks is missing there."""
    if len(pieces) == 1:
        return pieces[0]
    out = Samples(np.concatenate([np.empty(0, np.int64), *(piece.seconds for piece in pieces)]))
    out.left_out = sum(piece.left_out for piece in pieces)
    for name in dict.fromkeys(name for piece in pieces for name in piece.columns):
        parts = [piece.columns.get(name, np.full(len(piece), np.nan)) for piece in pieces]
        out.columns[name] = np.concatenate(parts)
        if any(name not in piece.columns or name in piece.gaps for piece in pieces):
            out.gaps.add(name)
    for name in dict.fromkeys(name for piece in pieces for name in piece.others):
        if name not in out.columns:
            out.others[name] = _joined_others(name, pieces)
    return out


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
    found: dict[tuple[int, int], Description] | None = part.kept.get("descriptions")
    if found is not None:
        return found
    found = part.kept["descriptions"] = {}
    for _, values, _ in c.rows(data, part, FIELD_DESCRIPTION):
        if 0 not in values or 1 not in values or 2 not in values:
            continue
        key = (values[0], values[1])
        if key not in found:
            scale, shift = values.get(6) or 1, values.get(7) or 0
            found[key] = Description(values.get(3, ""), values[2] & 0x1F, float(scale), float(shift))
    return found


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


def _developer(data: bytes, part: Part, table: c.Table, out: Samples) -> None:
    """The columns of apps, under their own names."""
    names = _Names(data, part)
    readers: dict[str, tuple[Description, list[tuple[c.Cut, Field, c.Integers | None]]]] = {}
    for here, layout, place in table.views:
        for each in layout.developer_fields:
            known = names[each.index, each.number]
            found = as_field(layout, each, known[1]) if known is not None else None
            if known is None or found is None:
                out.left_out += 1
                continue
            readers.setdefault(known[0], (known[1], []))[1].append((here, found, place))
    if len(readers) * table.count > max(CELLS_ALWAYS, CELLS_PER_BYTE * len(data)):
        out.left_out += len(readers)
        return
    for name, (description, where) in readers.items():
        if where[0][1].is_text:
            out.others[name] = _texts(table, name, where)
        elif any(found.count > 1 for _, found, _ in where):
            out.others[name] = _arrays(table, name, where)
        elif (column := table.column(where)) is not None:
            values, missing = column
            if description.scale != 1:
                values /= description.scale
            if description.shift:
                values -= description.shift
            out.put(name, values, missing)


def as_field(layout: Layout, each: DeveloperField, description: Description) -> Field | None:
    """An app's field as one that can be read; None when its size does not fit its type."""
    base = BASES.get(description.code, BYTE)
    if each.size % base.size:
        return None
    return layout.field(each.offset, each.size, base, description.code)


def _texts(table: c.Table, name: str, where: list[tuple[c.Cut, Field, c.Integers | None]]) -> pl.Series:
    out: list[str | None] = [None] * table.count
    for here, found, place in where:
        raw = here.raw(np.dtype(f"V{found.size}"), found.offset).tolist()
        for row, value in zip(range(table.count) if place is None else place.tolist(), raw, strict=True):
            out[row] = c.text(value) or None
    return pl.Series(name, out, dtype=pl.String())


def _arrays(table: c.Table, name: str, where: list[tuple[c.Cut, Field, c.Integers | None]]) -> pl.Series:
    width = max(found.count for _, found, _ in where)
    out = np.full((table.count, width), np.nan)
    for here, found, place in where:
        values = c.matrix(here, found).astype(np.float64)
        if found.base.invalid is not None:
            values[values == found.base.invalid] = np.nan
        out[slice(None) if place is None else place, : found.count] = values
    flat = pl.Series(name, out.ravel(), nan_to_null=True)
    return flat.reshape((table.count, width)).arr.to_list()


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
    instants = pl.Series("time_utc", (times + FIT_EPOCH_S) * 1_000_000).cast(tables.INSTANT)
    if not len(times) or (times.min() >= MIN_DATE_TIME and times.max() < NO_TIMESTAMP):
        return [instants, pl.Series("elapsed_s", (times - times[:1]).astype(np.float64))]
    dated = (times >= MIN_DATE_TIME) & (times != NO_TIMESTAMP)
    counted = dated if dated.any() else times != NO_TIMESTAMP
    first = int(np.argmax(counted))
    elapsed = np.where(counted, times - times[first], np.nan)
    return [instants.set(pl.Series(~dated), None), pl.Series("elapsed_s", elapsed, nan_to_null=True)]


def known(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The measured values of a column."""
    return values[~np.isnan(values)]
