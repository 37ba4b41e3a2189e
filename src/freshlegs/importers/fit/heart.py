"""Beat-to-beat intervals, and the heart rate that a chest strap recorded under water and sent afterwards."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from freshlegs.importers.fit.columns import Cut, Floats, Integers, cut, gather, matrix, numbers, seconds, unroll
from freshlegs.importers.fit.profile import HR, HRV, MIN_DATE_TIME, NO_TIMESTAMP
from freshlegs.importers.fit.walk import Layout, Part

_GRID_S: Final = 0.25
_EVENT_CLOCK_HZ: Final = 1024.0
_CARRY_STEPS: Final = 20
_BYTE: Final = np.dtype("u1")
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
        time = block.layout.fields[0]
        tables.append(matrix(cut(data, block, offsets), time))
        places.append(offsets)
    if len(blocks) == 1:
        flat, invalid = tables[0].ravel(), blocks[0].layout.fields[0].base.invalid
        return [flat[flat != invalid].astype(np.float64) if invalid is not None else flat.astype(np.float64)]
    intervals = []
    for index in np.argsort(np.concatenate(places), kind="stable"):
        table = 0
        while index >= len(places[table]):
            index -= len(places[table])
            table += 1
        invalid = blocks[table].layout.fields[0].base.invalid
        row = tables[table][index]
        intervals.append(row[row != invalid].astype(np.float64))
    return intervals


def _beats(data: bytes, parts: list[Part]) -> tuple[Floats, Floats]:
    """Heartbeats as a strap remembered them (messages hr): instants in seconds of FIT's clock, and rates.

    Some messages give the instant and the strap's own clock in 1/1024 s, the others of the clock only the lowest
    12 bits. Empty when the strap never told the instant.
    """
    layouts: dict[Layout, list[Integers]] = {}
    for part in parts:
        for block in part.messages.get(HR, ()):
            if len(block) and _tells(block.layout):
                layouts.setdefault(block.layout, []).append(block.offsets())
    places, clocks, whole, bpm = [], [], [], []
    anchors, walls = [], []
    for layout, found in layouts.items():
        offsets = np.concatenate(found)
        here = gather(data, layout.size, offsets)
        rates = matrix(here, layout.fields[6])
        clock, full = _clocks(here, layout)
        count = min(rates.shape[1], clock.shape[1])
        if full and count:
            anchors.append(offsets)
            walls.append(_wall(here, layout))
        places.append(np.repeat(offsets, count))
        clocks.append(clock[:, :count].ravel())
        whole.append(np.full(len(offsets) * count, full))
        bpm.append(rates[:, :count].ravel())
    if not anchors:
        return _NOTHING, _NOTHING
    place = np.concatenate(places)
    order = np.argsort(place, kind="stable")
    at, wall = _in_order(np.concatenate(anchors), np.concatenate(walls))
    first = np.searchsorted(place[order], at)  # the event at which each instant was told
    clock = unroll(np.concatenate(clocks)[order], np.concatenate(whole)[order], 12)
    return _dated(clock, np.concatenate(bpm)[order], first, wall)


def _tells(layout: Layout) -> bool:
    return _is_whole(layout, 6) and (_is_whole(layout, 9) or 10 in layout.fields)


def _in_order(anchors: Integers, walls: Floats) -> tuple[Integers, Floats]:
    told = np.isfinite(walls)
    order = np.argsort(anchors[told], kind="stable")
    return anchors[told][order], walls[told][order]


def _dated(clock: Integers, bpm: npt.NDArray[Any], first: Integers, wall: Floats) -> tuple[Floats, Floats]:
    """The strap's clock as instants: each event counts from the latest one whose instant was told."""
    if not len(first):
        return _NOTHING, _NOTHING
    clock, bpm = clock[first[0] :], bpm[first[0] :].astype(np.float64)
    first = first - first[0]
    lengths = np.diff(first, append=len(clock))
    since = clock - np.repeat(clock[first], lengths)
    since[since < -(2**31)] += 2**32  # the strap's clock ran over
    instants = np.repeat(wall, lengths) + since / _EVENT_CLOCK_HZ
    good = (clock >= 0) & (bpm > 0) & (bpm < 255)
    return (instants, bpm) if good.all() else (instants[good], bpm[good])


def _clocks(here: Cut, layout: Layout) -> tuple[Integers, bool]:
    """The strap's clock, one row a message, and whether it is whole or its lowest 12 bits."""
    whole = layout.fields.get(9)
    if whole is not None and whole.is_whole_number:
        return matrix(here, whole).astype(np.int64), True
    packed = here.raws(_BYTE, layout.fields[10].offset, layout.fields[10].size, 1).astype(np.int64)
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
            fraction, _ = numbers(here, layout.fields[number])
            wall += np.nan_to_num(fraction) / scale
            break
    wall[(times == NO_TIMESTAMP) | (times < MIN_DATE_TIME)] = np.nan
    return wall


def strap_rates(data: bytes, parts: list[Part], times: Integers) -> Floats | None:
    """The heart rate that messages hr give for samples at these times (seconds), NaN where none; None without any.

    A sample gets the mean, rounded half up, of the rates since the sample before it, on a grid of a quarter of
    a second on which each beat's rate holds for at most five seconds. So does the official SDK.
    """
    beats, bpm = _beats(data, parts)
    if not len(beats) or not len(times):
        return None
    ends = times.astype(np.float64)
    ends[times == NO_TIMESTAMP] = np.nan
    return _Held(beats, bpm).means(ends)


class _Held:
    """A rate that holds from beat to beat, sampled at each beat and every quarter of a second after it.

    The samples are not laid out one by one: how many of them lie up to an instant, and what they add up to,
    follow from the last beat before it.
    """

    def __init__(self, beats: Floats, bpm: Floats) -> None:
        order = np.argsort(beats, kind="stable")
        self._beats, self._bpm = beats[order], bpm[order]
        self._held = np.zeros(len(beats))
        self._held[:-1] = np.clip(np.ceil(np.diff(self._beats) / _GRID_S) - 1, 0, _CARRY_STEPS)
        counts = self._held + 1
        self._before = np.cumsum(counts) - counts
        sums = self._bpm * counts
        self._sum_before = np.cumsum(sums) - sums
        self._total = counts.sum()

    def means(self, ends: Floats) -> Floats:
        """The mean rate from each instant to the next; NaN where there is none."""
        points = np.concatenate((ends[:1] - 1, ends))
        beat = np.searchsorted(self._beats, points, side="right") - 1
        early = beat < 0
        beat[early] = 0
        held = np.minimum(np.floor((points - self._beats[beat]) / _GRID_S), self._held[beat])
        count = np.where(early, 0.0, self._before[beat] + held + 1)
        total = np.where(early, 0.0, self._sum_before[beat] + (held + 1) * self._bpm[beat])
        among, mean = np.diff(count), np.diff(total)
        good = np.isfinite(ends) & (count[1:] < self._total)  # after the last beat nothing is known
        again = np.diff(points) == 0  # a second sample of the same second sees the latest rate
        beat, held = beat[1:], held[1:]
        latest = again & good & ~early[1:] & (self._beats[beat] + held * _GRID_S > ends - 1)
        good &= among > 0
        out = np.full(len(ends), np.nan)
        out[good] = np.floor(mean[good] / among[good] + 0.5)
        out[latest] = np.floor(self._bpm[beat[latest]] + 0.5)
        return out
