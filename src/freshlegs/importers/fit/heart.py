"""Beat-to-beat intervals, and the heart rate that a chest strap recorded under water and sent afterwards."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from freshlegs.importers.fit.columns import Cut, Floats, Integers, cut, matrix, numbers, seconds, unroll
from freshlegs.importers.fit.profile import HR, HRV, MIN_DATE_TIME, NO_TIMESTAMP
from freshlegs.importers.fit.walk import Block, Layout, Part

_GRID_S: Final = 0.25
_EVENT_CLOCK_HZ: Final = 1024.0
_CARRY_STEPS: Final = 20
_NOTHING: Final = np.empty(0, np.float64)


def rr_ms(data: bytes, parts: list[Part]) -> Floats:
    """All beat-to-beat intervals of a file in order, in milliseconds (message hrv)."""
    found = [values for part in parts for values in _part_rr(data, part)]
    if not found:
        return _NOTHING
    return found[0] if len(found) == 1 else np.concatenate(found)


def _is_whole(layout: Layout, number: int) -> bool:
    found = layout.fields.get(number)
    return found is not None and found.is_whole_number


def _part_rr(data: bytes, part: Part) -> list[Floats]:
    blocks = [block for block in part.messages.get(HRV, ()) if len(block) and _is_whole(block.layout, 0)]
    if not blocks:
        return []
    tables: list[npt.NDArray[Any]] = []
    places: list[Integers] = []
    for block in blocks:
        offsets = block.offsets()
        layout, time = block.layout, block.layout.fields[0]
        tables.append(matrix(cut(data, block, offsets), layout, time))
        places.append(offsets)
    if len(blocks) == 1:
        flat, invalid = tables[0].ravel(), blocks[0].layout.fields[0].base.invalid
        return [flat[flat != invalid].astype(np.float64) if invalid is not None else flat.astype(np.float64)]
    intervals = []
    for index in np.argsort(np.concatenate(places)):
        table = 0
        while index >= len(places[table]):
            index -= len(places[table])
            table += 1
        invalid = blocks[table].layout.fields[0].base.invalid
        row = tables[table][index]
        intervals.append(row[row != invalid].astype(np.float64))
    return intervals


class _Events:
    """Heartbeats as a strap counted them, in the order of the file, as parallel columns.

    ``clock``: the strap's own clock in 1/1024 s, whole where ``full``, else its lowest 12 bits; ``wall``: the
    instant (seconds) of messages that give it, else NaN; ``bpm``: the rate.
    """

    def __init__(self) -> None:
        self.place: list[Integers] = []
        self.clock: list[Integers] = []
        self.full: list[npt.NDArray[np.bool_]] = []
        self.wall: list[Floats] = []
        self.bpm: list[Floats] = []

    def add(self, data: bytes, block: Block) -> None:
        """All events of one block."""
        layout = block.layout
        if not _is_whole(layout, 6) or not (_is_whole(layout, 9) or 10 in layout.fields):
            return
        offsets = block.offsets()
        here = cut(data, block, offsets)
        rates = matrix(here, layout, layout.fields[6])
        clocks, full = _clocks(here, layout)
        count = min(rates.shape[1], clocks.shape[1])
        wall = np.full((len(offsets), count), np.nan)
        if full and count:
            wall[:, 0] = _wall(here, layout)
        self.place.append(np.repeat(offsets, count))
        self.clock.append(clocks[:, :count].ravel())
        self.full.append(np.full(len(offsets) * count, full))
        self.wall.append(wall.ravel())
        self.bpm.append(rates[:, :count].ravel().astype(np.float64))

    def beats(self) -> tuple[Floats, Floats]:
        """Instants (seconds of FIT's clock) and rates; empty when the strap never told the time."""
        if not self.place:
            return _NOTHING, _NOTHING
        order = np.argsort(np.concatenate(self.place), kind="stable")
        wall, bpm = np.concatenate(self.wall)[order], np.concatenate(self.bpm)[order]
        clock = unroll(np.concatenate(self.clock)[order], np.concatenate(self.full)[order], 12)
        anchors = np.flatnonzero(np.isfinite(wall) & (clock >= 0))
        latest = np.searchsorted(anchors, np.arange(len(wall)), side="right") - 1
        good = (latest >= 0) & (clock >= 0) & (bpm > 0) & (bpm < 255)
        anchor = anchors[latest[good]]
        since = clock[good] - clock[anchor]
        since[since < -(2**31)] += 2**32  # the strap's clock ran over
        return wall[anchor] + since / _EVENT_CLOCK_HZ, bpm[good]


def _clocks(here: Cut, layout: Layout) -> tuple[Integers, bool]:
    """The strap's clock, one row a message, and whether it is whole or its lowest 12 bits."""
    whole = layout.fields.get(9)
    if whole is not None and whole.is_whole_number:
        return matrix(here, layout, whole).astype(np.int64), True
    packed = here.raws("u1", layout.fields[10].offset, layout.fields[10].size, 1).astype(np.int64)
    thirds = packed.shape[1] // 3
    first, middle, last = (packed[:, start : 3 * thirds : 3] for start in range(3))
    out = np.empty((len(packed), 2 * thirds), np.int64)
    out[:, 0::2] = first | (middle & 0x0F) << 8
    out[:, 1::2] = middle >> 4 | last << 4
    return out, False


def _wall(here: Cut, layout: Layout) -> Floats:
    times = seconds(here, layout)
    if times is None:
        return np.full(here.count, np.nan)
    wall = times.astype(np.float64)
    for number, scale in ((0, 32768.0), (1, 256.0)):
        if _is_whole(layout, number):
            fraction, _ = numbers(here, layout, layout.fields[number])
            wall += np.nan_to_num(fraction) / scale
            break
    wall[(times == NO_TIMESTAMP) | (times < MIN_DATE_TIME)] = np.nan
    return wall


def strap_rates(data: bytes, parts: list[Part], times: Integers) -> Floats | None:
    """The heart rate that messages hr give for samples at these times (seconds), NaN where none; None without any.

    A sample gets the mean, rounded half up, of the rates since the sample before it, on a grid of a quarter of
    a second on which each beat's rate holds for at most five seconds. So does the official SDK.
    """
    events = _Events()
    for part in parts:
        for block in part.messages.get(HR, ()):
            if len(block):
                events.add(data, block)
    beats, bpm = events.beats()
    if not len(beats) or not len(times):
        return None
    grid, rates = _on_grid(beats, bpm)
    ends = times.astype(np.float64)
    ends[times == NO_TIMESTAMP] = np.nan
    return _means(grid, rates, ends)


def _on_grid(beats: Floats, bpm: Floats) -> tuple[Floats, Floats]:
    order = np.argsort(beats, kind="stable")
    beats, bpm = beats[order], bpm[order]
    gaps = np.diff(beats)
    fill = np.clip(np.ceil(gaps / _GRID_S) - 1, 0, _CARRY_STEPS).astype(np.int64)
    repeats = np.append(fill + 1, 1)
    starts = np.cumsum(repeats) - repeats
    steps = np.arange(repeats.sum()) - np.repeat(starts, repeats)
    return np.repeat(beats, repeats) + _GRID_S * steps, np.repeat(bpm, repeats)


def _means(grid: Floats, rates: Floats, ends: Floats) -> Floats:
    begins = np.empty_like(ends)
    begins[0] = ends[0] - 1
    begins[1:] = ends[:-1]
    low, high = np.searchsorted(grid, begins, side="right"), np.searchsorted(grid, ends, side="right")
    again = np.flatnonzero(begins == ends)  # a second sample of the same second sees the latest rate
    latest = high[again] - 1
    low[again] = np.where((latest >= 0) & (grid[latest] > ends[again] - 1), latest, high[again])
    sums = np.concatenate(([0.0], np.cumsum(rates)))
    count = high - low
    good = (count > 0) & (high < len(grid)) & np.isfinite(ends)
    out = np.full(len(ends), np.nan)
    out[good] = np.floor((sums[high[good]] - sums[low[good]]) / count[good] + 0.5)
    return out
