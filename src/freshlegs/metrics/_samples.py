"""Samples of one activity on an even clock: time, heart rate, speed, slope (science A.6, A.7, A.11).

Everything is put on a grid of whole seconds from the first sample on; a second inside a pause of the recording is
marked, not removed, so that the best stretch of five minutes is five minutes of the clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from freshlegs.metrics._numbers import Array, Flags
from freshlegs.metrics.load import FASTEST_MPS, grade_factor
from freshlegs.units import since_1970_us

HR_LOW_BPM: Final = 30
HR_HIGH_BPM: Final = 230
HR_LARGEST_JUMP_BPM_PER_S: Final = 25.0
LOCK_WITHIN_BPM: Final = 3.0
LOCK_SHARE: Final = 0.60
LONGEST_RECORDING_S: Final = 7 * 86_400.0
STOP_S: Final = 10
STILL_MPS: Final = 0.5
GAP_S: Final = 10.0
GAP_FASTEST: Final = 1.3
FASTEST_30S_MPS: Final = 8.5
"""Nobody runs thirty seconds at more; a stretch above it is the satellite's."""
NOISY_RISE_MPS: Final = 0.6
EARTH_M: Final = 6_371_008.8


@dataclass(slots=True)
class Clock:
    """When the samples are: the rows kept, their seconds since the first, how long each lasts, what is a gap."""

    rows: npt.NDArray[np.intp]
    all_rows: bool
    twins: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]
    """Rows left out because their stamp was there already, and which kept row has it."""
    time: Array
    lasts: Array
    gaps: npt.NDArray[np.intp]
    seconds: int
    recorded_s: float
    disordered: bool
    even: bool

    def column(self, records: pl.DataFrame, name: str) -> Array | None:
        """The kept rows of a column, NaN where null or infinite; None if the column is absent or says nothing."""
        if name not in records.columns:
            return None
        values = records.get_column(name).to_numpy().astype(np.float64, copy=False)
        if not self.all_rows:
            # Some watches write one instant as two rows, each with half of the columns.
            whole, (left_out, kept) = values, self.twins
            values = whole[self.rows]
            empty = np.isnan(values[kept])
            values[kept[empty]] = whole[left_out[empty]]
        known = np.isfinite(values)
        if known.all():
            return values
        return np.where(known, values, np.nan) if known.any() else None

    def inside_gaps(self) -> Flags:
        """Which seconds of the grid lie in a gap of the recording."""
        mask = np.zeros(self.seconds + 1, dtype=np.int32)
        start = np.ceil(self.time[self.gaps]).astype(np.intp)
        end = np.floor(self.time[self.gaps + 1]).astype(np.intp)
        np.add.at(mask, start, 1)
        np.add.at(mask, np.maximum(end, start), -1)
        return np.asarray(np.cumsum(mask)[:-1] > 0)

    def spread(self, values: Array) -> Array:
        """Sample values on the grid of seconds, straight lines between known ones, NaN inside gaps."""
        known = ~np.isnan(values)
        if self.even and known.all():
            return values[:-1] if values.size > self.seconds else values
        grid = np.arange(self.seconds, dtype=np.float64)
        out = np.interp(grid, self.time[known], values[known], left=np.nan, right=np.nan)
        if self.gaps.size:
            out[self.inside_gaps()] = np.nan
        return out


def read_clock(records: pl.DataFrame) -> Clock | None:
    """The samples' times; None with fewer than two usable ones.

    Doubled and backward stamps are left out, and stamps a week and more from the median. A gap is a step longer
    than 10 s and five usual steps: smart recording writes every few seconds.
    """
    if "time_utc" in records.columns and records.get_column("time_utc").null_count() < records.height:
        stamps = since_1970_us(records.get_column("time_utc")) / 1e6
    elif "elapsed_s" in records.columns:
        stamps = records.get_column("elapsed_s").to_numpy().astype(np.float64)
    else:
        return None
    rows = np.arange(stamps.size)
    steps = np.diff(stamps)
    clean = bool(np.all(steps > 0)) and stamps.size > 1 and bool(stamps[-1] - stamps[0] < LONGEST_RECORDING_S)
    if not clean:
        rows = np.flatnonzero(~np.isnan(stamps))
        if rows.size:
            rows = rows[np.abs(stamps[rows] - np.median(stamps[rows])) < LONGEST_RECORDING_S]
        if rows.size:
            highest = np.maximum.accumulate(stamps[rows])
            rows = rows[np.concatenate([[True], stamps[rows][1:] > highest[:-1]])]
    if rows.size < 2:
        return None
    time = stamps[rows] - stamps[rows[0]]
    steps = np.diff(time)
    usual = float(np.median(steps))
    limit = max(GAP_S, 5.0 * usual)
    gaps = np.flatnonzero(steps > limit)
    lasts = np.append(steps, min(usual, limit))
    lasts[gaps] = min(usual, limit)
    return Clock(
        rows=rows,
        all_rows=rows.size == stamps.size,
        twins=_twins(stamps, rows),
        time=time,
        lasts=lasts,
        gaps=gaps,
        seconds=int(np.ceil(time[-1])),
        recorded_s=float(lasts[:-1].sum()),
        disordered=rows.size < stamps.size,
        even=bool(np.all(steps == 1.0)),
    )


def _twins(stamps: Array, rows: npt.NDArray[np.intp]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    if rows.size == stamps.size:
        return rows[:0], rows[:0]
    left_out = np.setdiff1d(np.flatnonzero(~np.isnan(stamps)), rows)
    place = np.minimum(np.searchsorted(stamps[rows], stamps[left_out]), rows.size - 1)
    same = stamps[rows][place] == stamps[left_out]
    return left_out[same], place[same]


@dataclass(slots=True)
class Pulse:
    """Heart rate: seconds at each whole beat, believable or not, and its course on the grid."""

    histogram: Array
    seconds: float
    mean: float
    dropped: float
    locked: bool
    grid: Array

    def peak(self) -> float:
        """The 99.5th percentile of 10 s means, beats/min: robust against short spikes; NaN under a minute."""
        means = rolling_mean(self.grid, 10)[9:]
        means = means[~np.isnan(means)]
        if means.size < 50:
            return float("nan")
        return float(np.partition(means, int(0.995 * (means.size - 1)))[int(0.995 * (means.size - 1))])


def read_pulse(records: pl.DataFrame, clock: Clock) -> Pulse | None:
    """Heart rate without what cannot be (under 30, over 230, jumps of over 25 beats in a second); None without any."""
    rate = clock.column(records, "hr_bpm")
    if rate is None:
        return None
    heard = ~np.isnan(rate) & (rate > 0)  # 0 is how a watch writes "no contact"
    if not heard.any():
        return None
    good = heard & (rate >= HR_LOW_BPM) & (rate <= HR_HIGH_BPM)
    with np.errstate(invalid="ignore"):
        good[1:] &= ~(np.abs(np.diff(rate)) > HR_LARGEST_JUMP_BPM_PER_S * np.maximum(np.diff(clock.time), 1.0))
    count = int(heard.sum())
    dropped = 1.0 - int(good.sum()) / count
    kept = rate if good.all() else np.where(good, rate, np.nan)
    lasts = clock.lasts[good]
    beats = np.rint(rate[good]).astype(np.intp) - HR_LOW_BPM
    histogram = np.bincount(beats, weights=lasts, minlength=HR_HIGH_BPM - HR_LOW_BPM + 1).astype(np.float64)
    seconds = float(lasts.sum())
    return Pulse(
        histogram=histogram,
        seconds=seconds,
        mean=float(rate[good] @ lasts / seconds) if seconds > 0 else float("nan"),
        dropped=dropped,
        locked=_locked(records, clock, rate, good),
        grid=clock.spread(kept) if good.any() else np.full(clock.seconds, np.nan),
    )


def _locked(records: pl.DataFrame, clock: Clock, rate: Array, good: Flags) -> bool:
    """Whether an optical sensor counted steps: within 3 of the cadence for more than 60 % of the run."""
    cadence = clock.column(records, "cadence_spm")
    if cadence is None:
        return False
    both = good & (cadence > 60)
    if int(both.sum()) < 60:
        return False
    return bool(np.mean(np.abs(rate[both] - cadence[both]) <= LOCK_WITHIN_BPM) > LOCK_SHARE)


@dataclass(slots=True)
class Course:
    """Speed on the grid, m/s (0 in pauses), graded speed, and which seconds count as moving."""

    speed: Array
    graded: Array
    moving: Flags
    graded_by_altitude: bool


def read_course(records: pl.DataFrame, clock: Clock, *, running: bool) -> Course | None:
    """Speed second by second from distance, else speed, else positions; None if there is none of them."""
    speed = _speed(records, clock)
    if speed is None or speed.size == 0:
        return None
    limit = FASTEST_MPS if running else 40.0
    np.clip(speed, 0.0, limit, out=speed)
    if running and speed.size >= 30:
        too_fast = rolling_mean(speed, 30) > FASTEST_30S_MPS
        if too_fast.any():
            speed[too_fast] = float(np.median(speed[~too_fast])) if not too_fast.all() else 0.0
    moving = ~_long_stops(speed)
    if not running:
        return Course(speed, speed, moving, False)
    factor = _slope_factor(records, clock, speed)
    return Course(speed, speed if factor is None else speed * factor, moving, factor is not None)


def _speed(records: pl.DataFrame, clock: Clock) -> Array | None:
    metres = clock.column(records, "distance_m")
    if metres is None:
        metres = _from_positions(records, clock)
        given = clock.column(records, "speed_mps")
        if given is not None:
            return np.nan_to_num(clock.spread(given))
    if metres is None:
        return None
    known = ~np.isnan(metres)
    if int(known.sum()) < 2:
        return None
    total = np.maximum.accumulate(metres[known])
    speed: Array = np.diff(np.interp(np.arange(clock.seconds + 1.0), clock.time[known], total))
    if clock.gaps.size:
        inside = clock.inside_gaps()
        # A gap crossed at the runner's own speed is a lost signal; one stood or ridden through is a pause.
        usual = float(np.median(speed[~inside])) if not inside.all() else 0.0
        speed[inside & ((speed < STILL_MPS) | (speed > GAP_FASTEST * usual))] = 0.0
    return speed


def _from_positions(records: pl.DataFrame, clock: Clock) -> Array | None:
    """Distance along the positions, m, by the haversine on a sphere."""
    lat, lon = clock.column(records, "lat_deg"), clock.column(records, "lon_deg")
    if lat is None or lon is None:
        return None
    known = np.flatnonzero(~np.isnan(lat) & ~np.isnan(lon))
    if known.size < 2:
        return None
    phi, lam = np.radians(lat[known]), np.radians(lon[known])
    a = np.sin(np.diff(phi) / 2) ** 2 + np.cos(phi[:-1]) * np.cos(phi[1:]) * np.sin(np.diff(lam) / 2) ** 2
    out = np.full(lat.size, np.nan)
    out[known] = np.concatenate([[0.0], np.cumsum(2 * EARTH_M * np.arcsin(np.sqrt(np.minimum(a, 1.0))))])
    return out


def _long_stops(speed: Array) -> Flags:
    """Seconds inside a stop of more than 10 s."""
    still = np.concatenate([[False], rolling_mean(speed, 3) < STILL_MPS, [False]])
    edges = np.flatnonzero(np.diff(still.astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    long = ends - starts > STOP_S
    mask = np.zeros(speed.size + 1, dtype=np.int32)
    np.add.at(mask, starts[long], 1)
    np.add.at(mask, ends[long], -1)
    return np.asarray(np.cumsum(mask)[:-1] > 0)


def _slope_factor(records: pl.DataFrame, clock: Clock, speed: Array) -> Array | None:
    """How many flat metres each metre counts for; None without altitude.

    Altitude is smoothed over 15 s, over 60 s if it jumps about as a satellite's does, and the slope taken over
    16 s and at least 30 m, because the cost of slopes is convex and noise would count as load.
    """
    altitude = clock.column(records, "altitude_m")
    if altitude is None:
        return None
    known = ~np.isnan(altitude)
    if int(known.sum()) < max(2, altitude.size // 2):
        return None
    heights = np.interp(np.arange(clock.seconds, dtype=np.float64), clock.time[known], altitude[known])
    noisy = float(np.mean(np.abs(np.diff(heights)) > NOISY_RISE_MPS)) > 0.02 if heights.size > 1 else False
    heights = centred_mean(heights, 61 if noisy else 15)
    reach = 8
    if heights.size <= 2 * reach:
        return np.ones(heights.size)
    run = np.concatenate([[0.0], np.cumsum(speed)])[:-1]
    grade = np.zeros(heights.size)
    rise = heights[2 * reach :] - heights[: -2 * reach]
    grade[reach:-reach] = rise / np.maximum(run[2 * reach :] - run[: -2 * reach], 30.0)
    grade[:reach], grade[-reach:] = grade[reach], grade[-reach - 1]
    return grade_factor(grade)


def read_power(records: pl.DataFrame, clock: Clock) -> Array | None:
    """Power on the grid, W, pauses left out; None without any."""
    power = clock.column(records, "power_w")
    if power is None or int((power > 0).sum()) < 30:
        return None
    grid = clock.spread(power)
    return grid[~np.isnan(grid)]


def mean_cadence(records: pl.DataFrame, clock: Clock) -> float:
    """Mean steps a minute while stepping; NaN without any."""
    cadence = clock.column(records, "cadence_spm")
    if cadence is None:
        return float("nan")
    stepping = cadence > 60
    return float(cadence[stepping].mean()) if stepping.any() else float("nan")


def rolling_mean(values: Array, width: int) -> Array:
    """Mean of each value and the ``width`` − 1 before it; of what there is at the start. NaN where one is NaN."""
    missing = np.isnan(values)
    if missing.any():
        total = np.cumsum(np.where(missing, 0.0, values))
        holes = np.cumsum(missing)
        out = _trailing(total, width)
        out[_trailing(holes.astype(np.float64), width) > 0] = np.nan
        return out
    return _trailing(np.cumsum(values), width)


def _trailing(total: Array, width: int) -> Array:
    out = total.copy()
    out[width:] -= total[:-width]
    out[:width] /= np.arange(1.0, min(width, total.size) + 1.0)
    out[width:] /= width
    return out


def centred_mean(values: Array, width: int) -> Array:
    """Mean over ``width`` (odd) values around each; the ends are carried on."""
    half = min(width // 2, values.size - 1)
    padded = np.concatenate([np.full(half + 1, values[0]), values, np.full(half, values[-1])])
    total = np.cumsum(padded)
    mean: Array = (total[2 * half + 1 :] - total[: -(2 * half + 1)]) / (2 * half + 1)
    return mean


def fourth_power_mean(values: Array) -> float:
    """Fourth-power mean of the 30 s means: hard stretches weigh more."""
    if values.size == 0:
        return float("nan")
    return float(np.mean(rolling_mean(values, 30) ** 4) ** 0.25)
