"""What one run's samples say, whoever ran it: computed once at import, enough for every later question.

Nothing here depends on HRmax, HRrest or thresholds; they come and change later, and load and zones for any of them
follow from the seconds at each heart rate and speed.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from freshlegs import vocabulary as v
from freshlegs.metrics import _samples as samples
from freshlegs.metrics._numbers import Array
from freshlegs.metrics._samples import Course, Pulse

Counts = npt.NDArray[np.uint16]

VERSION: Final = 1
HR_LOW_BPM: Final = samples.HR_LOW_BPM
HR_BINS: Final = samples.HR_HIGH_BPM - samples.HR_LOW_BPM + 1
SPEED_BIN_MPS: Final = 0.1
SPEED_BINS: Final = 80
BEST_DURATIONS_S: Final = (150, 180, 300, 420, 600, 720, 1200, 1800, 3600)
WARM_UP_S: Final = 600
STEADY_LEAST_S: Final = 1200
STEADY_LARGEST_CV: Final = 0.08
DECOUPLING_LEAST_S: Final = 2700
HR_LARGEST_DROPPED: Final = 0.15

NO_HR: Final = 1
CADENCE_LOCK: Final = 2
NO_SPEED: Final = 4
NO_ALTITUDE: Final = 8
TIME_DISORDER: Final = 16
STEADY: Final = 32

_NUMBERS: Final = (
    "recorded_s",
    "moving_s",
    "distance_m",
    "graded_speed_mps",
    "graded_mean_mps",
    "hr_s",
    "hr_mean_bpm",
    "hr_peak_bpm",
    "hr_dropped",
    "steady_mps",
    "steady_hr_bpm",
    "decoupling_pct",
    "power_norm_w",
    "cadence_spm",
)

ROW: Final = np.dtype(
    [
        ("version", "<u2"),
        ("flags", "<u2"),
        *((name, "<f8") for name in _NUMBERS),
        ("best_m", "<f8", len(BEST_DURATIONS_S)),
        ("best_hr_bpm", "<f8", len(BEST_DURATIONS_S)),
        ("hr_seconds", "<u2", HR_BINS),
        ("speed_seconds", "<u2", SPEED_BINS),
    ]
)
"""One run's facts as bytes, of one length, so that thousands are read at once."""


def _nothing() -> Array:
    return np.full(len(BEST_DURATIONS_S), np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class RunFacts:
    """The facts of one run; what is not known is NaN.

    ``recorded_s`` time without pauses of the recording, ``moving_s`` without stops of more than 10 s, ``distance_m``;
    ``graded_speed_mps`` the normalised graded speed (fourth-power mean of 30 s means), ``graded_mean_mps`` its plain
    mean; ``hr_s`` seconds with a believable heart rate, ``hr_mean_bpm``, ``hr_peak_bpm`` (99.5th percentile of 10 s
    means), ``hr_dropped`` the share of samples set aside; ``steady_mps``, ``steady_hr_bpm`` means after ten minutes of
    warm-up, ``decoupling_pct`` of steady runs; ``power_norm_w`` (of the device that measured it), ``cadence_spm``;
    ``best_m`` graded metres of the best stretch of each of `BEST_DURATIONS_S`, ``best_hr_bpm`` the mean heart rate of
    that stretch's second half; ``hr_seconds`` whole seconds at 30, 31 … 230 beats/min, ``speed_seconds`` in bins of
    0.1 m/s of graded speed; ``flags`` the sum of the module's flags.
    """

    flags: int = NO_HR | NO_SPEED | NO_ALTITUDE
    recorded_s: float = np.nan
    moving_s: float = np.nan
    distance_m: float = np.nan
    graded_speed_mps: float = np.nan
    graded_mean_mps: float = np.nan
    hr_s: float = 0.0
    hr_mean_bpm: float = np.nan
    hr_peak_bpm: float = np.nan
    hr_dropped: float = np.nan
    steady_mps: float = np.nan
    steady_hr_bpm: float = np.nan
    decoupling_pct: float = np.nan
    power_norm_w: float = np.nan
    cadence_spm: float = np.nan
    best_m: Array = field(default_factory=_nothing)
    best_hr_bpm: Array = field(default_factory=_nothing)
    hr_seconds: Counts = field(default_factory=lambda: np.zeros(HR_BINS, dtype=np.uint16))
    speed_seconds: Counts = field(default_factory=lambda: np.zeros(SPEED_BINS, dtype=np.uint16))

    def to_bytes(self) -> bytes:
        """About 0.8 kB that `from_bytes` turns back exactly."""
        row = np.zeros((), dtype=ROW)
        row["version"] = VERSION
        for name in ROW.names or ():
            if name != "version":
                row[name] = getattr(self, name)
        return row.tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> RunFacts:
        """Facts from `to_bytes`; ValueError if another version wrote them, then derive them again."""
        if not readable(data):
            raise ValueError(f"facts of {len(data)} bytes are not of version {VERSION}; derive them again")
        row = np.frombuffer(data, dtype=ROW)[0]
        numbers: dict[str, Any] = {name: float(row[name]) for name in _NUMBERS}
        arrays = {name: row[name].copy() for name in ("best_m", "best_hr_bpm", "hr_seconds", "speed_seconds")}
        return cls(flags=int(row["flags"]), **numbers, **arrays)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RunFacts) and self.to_bytes() == other.to_bytes()

    def __hash__(self) -> int:
        return hash(self.to_bytes())


def readable(data: bytes) -> bool:
    """Whether these are facts of this version."""
    return len(data) == ROW.itemsize and int.from_bytes(data[:2], "little") == VERSION


def stack(facts: Mapping[Any, RunFacts | bytes] | None, ids: Iterable[Hashable]) -> npt.NDArray[Any]:
    """The facts of these runs as one array of `ROW`, in their order; a run without readable facts has version 0.

    Values may be `RunFacts` or their bytes; bytes of thousands of runs are read at once.
    """
    empty = _EMPTY
    parts = []
    for key in ids:
        found = facts.get(key) if facts is not None else None
        data = found if isinstance(found, bytes) else found.to_bytes() if found is not None else empty
        parts.append(data if readable(data) else empty)
    return np.frombuffer(b"".join(parts), dtype=ROW)


def _empty_row() -> bytes:
    row = np.zeros((), dtype=ROW)
    row["flags"] = NO_HR | NO_SPEED | NO_ALTITUDE
    for name in (*_NUMBERS, "best_m", "best_hr_bpm"):
        row[name] = np.nan
    return row.tobytes()


_EMPTY: Final = _empty_row()


def together(parts: Sequence[RunFacts]) -> RunFacts:
    """The facts of several recordings of one run, one after the other.

    Times added, means by time, best stretches those of the best part. What needs the whole course (a steady run's
    drift) is not known.
    """
    moving = np.array([part.moving_s for part in parts])
    beats = np.array([part.hr_s for part in parts])

    def mean(name: str, weights: Array, power: float = 1.0) -> float:
        values = np.array([getattr(part, name) for part in parts])
        there = ~np.isnan(values) & (weights > 0)
        if not there.any():
            return float("nan")
        return float(np.average(values[there] ** power, weights=weights[there]) ** (1.0 / power))

    def total(name: str) -> float:
        values = np.array([getattr(part, name) for part in parts])
        return float(np.nansum(values)) if (~np.isnan(values)).any() else float("nan")

    best = np.stack([part.best_m for part in parts])
    chosen = np.argmax(np.nan_to_num(best, nan=-1.0), axis=0)[None]
    absent = NO_HR | NO_SPEED | NO_ALTITUDE
    flags = [part.flags for part in parts]
    return RunFacts(
        flags=(np.bitwise_or.reduce(flags) & ~(absent | STEADY)) | (np.bitwise_and.reduce(flags) & absent),
        recorded_s=total("recorded_s"),
        moving_s=total("moving_s"),
        distance_m=total("distance_m"),
        graded_speed_mps=mean("graded_speed_mps", moving, 4.0),
        graded_mean_mps=mean("graded_mean_mps", moving),
        hr_s=float(beats.sum()),
        hr_mean_bpm=mean("hr_mean_bpm", beats),
        hr_peak_bpm=float(np.fmax.reduce([part.hr_peak_bpm for part in parts])),
        hr_dropped=mean("hr_dropped", beats),
        steady_mps=mean("steady_mps", moving),
        steady_hr_bpm=mean("steady_hr_bpm", moving),
        power_norm_w=mean("power_norm_w", moving, 4.0),
        cadence_spm=mean("cadence_spm", moving),
        best_m=np.take_along_axis(best, chosen, axis=0)[0],
        best_hr_bpm=np.take_along_axis(np.stack([part.best_hr_bpm for part in parts]), chosen, axis=0)[0],
        hr_seconds=_added([part.hr_seconds for part in parts]),
        speed_seconds=_added([part.speed_seconds for part in parts]),
    )


def _added(counts: Sequence[Counts]) -> Counts:
    total: Counts = np.minimum(np.sum(counts, axis=0, dtype=np.int64), 65_535).astype(np.uint16)
    return total


def run_facts(records: pl.DataFrame, summary: Mapping[str, Any] | None = None) -> RunFacts:
    """The facts of one run from its samples.

    ``records`` is a frame of `tables.RECORDS` (any columns may be absent; ``time_utc`` or ``elapsed_s`` is needed),
    ``summary`` the run's row (its sport says whether speed means running). Samples may be unevenly spaced, have gaps,
    pauses, doubled or backward stamps: each counts for the time until the next, gaps without travel are pauses.
    About 1 ms for an hour at 1 Hz.
    """
    sport = (summary or {}).get("sport")
    running = sport is None or str(sport) in v.RUNNING_SPORTS
    clock = samples.read_clock(records)
    if clock is None:
        return RunFacts()
    pulse = samples.read_pulse(records, clock)
    course = samples.read_course(records, clock, running=running)
    numbers: dict[str, Any] = {"recorded_s": clock.recorded_s}
    flags = TIME_DISORDER if clock.disordered else 0
    flags |= _pulse_facts(pulse, numbers)
    flags |= _course_facts(course, pulse, numbers, running=running)
    power = samples.read_power(records, clock)
    if power is not None:
        numbers["power_norm_w"] = samples.fourth_power_mean(power)
    numbers["cadence_spm"] = samples.mean_cadence(records, clock)
    return RunFacts(flags=flags, **numbers)


def _pulse_facts(pulse: Pulse | None, numbers: dict[str, Any]) -> int:
    if pulse is None:
        return NO_HR
    numbers["hr_dropped"] = pulse.dropped
    bad = pulse.dropped > HR_LARGEST_DROPPED or pulse.locked or pulse.seconds <= 0
    if bad:
        return NO_HR | (CADENCE_LOCK if pulse.locked else 0)
    numbers["hr_s"] = pulse.seconds
    numbers["hr_mean_bpm"] = pulse.mean
    numbers["hr_peak_bpm"] = pulse.peak()
    numbers["hr_seconds"] = whole_seconds(pulse.histogram)
    return 0


def whole_seconds(histogram: Array) -> Counts:
    """Seconds a bin in whole numbers whose running total is never off by more than half a second."""
    edges = np.rint(np.concatenate([[0.0], np.cumsum(histogram)]))
    counts: Counts = np.minimum(np.diff(edges), 65_535).astype(np.uint16)
    return counts


def _course_facts(course: Course | None, pulse: Pulse | None, numbers: dict[str, Any], *, running: bool) -> int:
    if course is None:
        return NO_SPEED | NO_ALTITUDE
    moving = course.moving
    numbers["moving_s"] = float(moving.sum())
    numbers["distance_m"] = float(course.speed.sum())
    flags = 0 if course.graded_by_altitude else NO_ALTITUDE
    if not running or numbers["moving_s"] < 30:
        return flags | NO_SPEED
    graded = course.graded[moving]
    smooth = samples.rolling_mean(graded, 30)
    numbers["graded_speed_mps"] = samples.fourth_power_mean(graded)
    numbers["graded_mean_mps"] = float(graded.mean())
    bins = np.minimum((smooth / SPEED_BIN_MPS).astype(np.intp), SPEED_BINS - 1)
    numbers["speed_seconds"] = whole_seconds(np.bincount(bins, minlength=SPEED_BINS).astype(np.float64))
    usable = pulse if pulse is not None and "hr_seconds" in numbers else None
    numbers["best_m"], numbers["best_hr_bpm"] = _bests(course, usable)
    return flags | _steady_facts(course, usable, numbers)


def _bests(course: Course, pulse: Pulse | None) -> tuple[Array, Array]:
    """Graded metres of the fastest stretch of each duration, and the heart rate of its second half."""
    metres, rates = _nothing(), _nothing()
    run = np.concatenate([[0.0], np.cumsum(course.graded)])
    beats = seconds = None
    if pulse is not None:
        known = ~np.isnan(pulse.grid)
        beats = np.concatenate([[0.0], np.cumsum(np.where(known, pulse.grid, 0.0))])
        seconds = np.concatenate([[0], np.cumsum(known)])
    for index, duration in enumerate(BEST_DURATIONS_S):
        if duration >= run.size:
            break
        stretch = run[duration:] - run[:-duration]
        start = int(np.argmax(stretch))
        metres[index] = stretch[start]
        if beats is not None and seconds is not None:
            middle, end = start + duration // 2, start + duration
            counted = seconds[end] - seconds[middle]
            if counted >= duration // 4:
                rates[index] = (beats[end] - beats[middle]) / counted
    return metres, rates


def _steady_facts(course: Course, pulse: Pulse | None, numbers: dict[str, Any]) -> int:
    """Speed and heart rate after the warm-up; drift between halves where the run was steady."""
    if pulse is None:
        return 0
    chosen = np.flatnonzero(course.moving & ~np.isnan(pulse.grid))
    chosen = chosen[np.searchsorted(chosen, WARM_UP_S) :]
    if chosen.size < STEADY_LEAST_S:
        return 0
    speed, rate = course.graded[chosen], pulse.grid[chosen]
    numbers["steady_mps"], numbers["steady_hr_bpm"] = float(speed.mean()), float(rate.mean())
    minutes = speed[: speed.size // 60 * 60].reshape(-1, 60).mean(axis=1)
    if minutes.std() > STEADY_LARGEST_CV * minutes.mean():
        return 0
    if chosen.size >= DECOUPLING_LEAST_S - WARM_UP_S:
        half = chosen.size // 2
        first, second = speed[:half].mean() / rate[:half].mean(), speed[half:].mean() / rate[half:].mean()
        numbers["decoupling_pct"] = float(100.0 * (first - second) / first)
    return STEADY
