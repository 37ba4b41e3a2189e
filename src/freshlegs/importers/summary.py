"""From samples to the summary of one run, the same way for every format that does not bring its own.

All functions take a frame of `tables.RECORDS` and leave it as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from freshlegs import tables
from freshlegs.tables import Row
from freshlegs.units import since_1970_us

Floats = npt.NDArray[np.float64]

EARTH_RADIUS_M: Final = 6_371_008.8
"""Mean radius of the Earth (IUGG)."""

STOP_S: Final = 10.0
"""A stop longer than this is not moving time."""

STILL_MPS: Final = 0.5
"""Slower than this is standing: half the speed of a slow walk, above the jitter of a resting receiver."""

CLIMB_BIN_S: Final = 10.0
CLIMB_STEP_M: Final = 2.0
"""Altitude is averaged over bins of ten seconds, and a rise counts once it is more than two metres; so the climb of
real recordings has a median ratio of 1.00 to what their watches say."""

CLOCK_SET: Final = datetime(1990, 1, 1, tzinfo=UTC)
"""No watch recorded before; an earlier time means that its clock was not set."""

_HR_POSSIBLE: Final = (20.0, 250.0)
_RUNNING_MPS: Final = (1.9, 6.0)

MEASURED: Final = (
    "start_utc",
    "utc_offset_s",
    "sport",
    "distance_m",
    "moving_s",
    "elapsed_s",
    "hr_mean_bpm",
    "hr_max_bpm",
    "climb_m",
    "temperature_c",
)
"""What a summary always has; None where the file does not tell."""


def summarise(records: pl.DataFrame, *, sport: str | None, given: Mapping[str, Any] | None = None) -> Row:
    """One run from its samples, as a row of `tables.RUNS`; what the file itself says (``given``) goes first.

    Times in seconds, distance and climb in metres, heart rate in beats a minute, temperature in °C.
    """
    told = {name: value for name, value in (given or {}).items() if value is not None}
    seconds, start = _clock(records)
    distance_m = _column(records, "distance_m")
    row = Row(dict.fromkeys(MEASURED))
    row["start_utc"] = start
    row["sport"] = sport
    if distance_m is not None and (known := distance_m[~np.isnan(distance_m)]).size:
        row["distance_m"] = float(known.max() - min(known[0], 0.0))
    if seconds is not None:
        row["elapsed_s"] = float(np.nanmax(seconds) - np.nanmin(seconds))
        row["moving_s"] = told.get("moving_s", moving_s(seconds, distance_m))
    row["hr_mean_bpm"], row["hr_max_bpm"] = heart_rate(_column(records, "hr_bpm"), seconds)
    row["climb_m"] = climb_m(_column(records, "altitude_m"), seconds)
    temperature_c = _column(records, "temperature_c")
    if temperature_c is not None:
        row["temperature_c"] = float(np.nanmean(temperature_c))
    row.update(told)
    return row


def _column(records: pl.DataFrame, name: str) -> Floats | None:
    """A column as floats with NaN for missing; None when it is absent or holds nothing."""
    if name not in records.columns or records[name].null_count() == records.height:
        return None
    values: Floats = records[name].to_numpy()
    return values


def _clock(records: pl.DataFrame) -> tuple[Floats | None, datetime | None]:
    """Seconds since the earliest sample, and its instant; None each without times, or with a clock not set."""
    if "time_utc" not in records.columns:
        return None, None
    micros = since_1970_us(records["time_utc"])
    if micros.size == 0 or np.isnan(micros).all():
        return None, None
    earliest = np.nanmin(micros)
    first = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=float(earliest))
    return (micros - earliest) / 1e6, first if first >= CLOCK_SET else None


def haversine_m(lat_deg: Floats, lon_deg: Floats) -> Floats:
    """Great-circle metres from each point to the next, one value fewer than points; NaN beside a missing point.

    >>> haversine_m(np.array([0.0, 0.0]), np.array([0.0, 1.0])).round()
    array([111195.])
    """
    lat, lon = np.radians(lat_deg), np.radians(lon_deg)
    half = np.sin(np.diff(lat) / 2) ** 2 + np.cos(lat[:-1]) * np.cos(lat[1:]) * np.sin(np.diff(lon) / 2) ** 2
    metres: Floats = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    return metres


def distance_along_m(lat_deg: Floats, lon_deg: Floats, part: npt.NDArray[np.int64] | None = None) -> Floats:
    """Metres covered at each point since the first, by haversine between points that have a position.

    ``part`` numbers the segments of a track; the way from one segment to the next is not counted, because the
    recording stood still there. Points without a position get NaN.
    """
    out = np.full(lat_deg.size, np.nan)
    there = np.flatnonzero(~(np.isnan(lat_deg) | np.isnan(lon_deg)))
    if there.size == 0:
        return out
    steps = haversine_m(lat_deg[there], lon_deg[there])
    if part is not None:
        steps = np.where(np.diff(part[there]) == 0, steps, 0.0)
    out[there] = np.concatenate(([0.0], np.cumsum(steps)))
    return out


def moving_s(seconds: Floats, distance_m: Floats | None) -> float:
    """Time without stops of more than ten seconds.

    With a distance, a stop is any stretch slower than `STILL_MPS`; without one it is a gap in the recording of
    more than ten seconds, and more than five times the usual interval.
    """
    known = ~np.isnan(seconds)
    if distance_m is not None:
        known &= ~np.isnan(distance_m)
    at = seconds[known]
    if at.size < 2:
        return 0.0
    dt = np.maximum(np.diff(at), 0.0)
    if distance_m is None:
        usual = float(np.median(dt))
        stopped = dt > max(STOP_S, 5.0 * usual)
    else:
        covered = np.diff(distance_m[known])
        still = covered < STILL_MPS * dt
        stretch = np.cumsum(np.concatenate(([0], still[1:] != still[:-1])))
        length = np.bincount(stretch, weights=dt)
        stopped = still & (length[stretch] > STOP_S)
    return float(dt[~stopped].sum())


def heart_rate(hr_bpm: Floats | None, seconds: Floats | None) -> tuple[float | None, float | None]:
    """Mean over time, and highest, of the heart rates a living runner can have; None each without any."""
    if hr_bpm is None:
        return None, None
    alive = (hr_bpm >= _HR_POSSIBLE[0]) & (hr_bpm <= _HR_POSSIBLE[1])
    if not alive.any():
        return None, None
    weights = np.ones(hr_bpm.size)
    if seconds is not None and seconds.size > 1:
        dt = np.nan_to_num(np.diff(seconds, append=seconds[-1] + 1.0), nan=0.0)
        weights = np.clip(dt, 0.0, STOP_S)
    if weights[alive].sum() <= 0:
        weights = np.ones(hr_bpm.size)
    mean = np.average(hr_bpm[alive], weights=weights[alive])
    return float(mean), float(hr_bpm[alive].max())


def climb_m(altitude_m: Floats | None, seconds: Floats | None) -> float | None:
    """Metres climbed: altitude averaged over ten-second bins, rises counted beyond two metres."""
    if altitude_m is None:
        return None
    known = ~np.isnan(altitude_m)
    at = np.arange(altitude_m.size, dtype=np.float64) if seconds is None else seconds
    known &= ~np.isnan(at)
    if not known.any():
        return None
    slot = np.unique((at[known] - at[known].min()) // CLIMB_BIN_S, return_inverse=True)[1]
    levels = np.bincount(slot, weights=altitude_m[known]) / np.bincount(slot)
    total, low, high = 0.0, float(levels[0]), float(levels[0])
    for level in levels.tolist():
        if level > high:
            high = level
        elif level < high - CLIMB_STEP_M:
            total += high - low if high - low > CLIMB_STEP_M else 0.0
            low = high = level
        elif high - low <= CLIMB_STEP_M and level < low:
            low = high = level
    return total + (high - low if high - low > CLIMB_STEP_M else 0.0)


def is_running_speed(row: Mapping[str, Any]) -> bool:
    """Whether the mean moving speed of a run without a named sport is a runner's."""
    distance, moving = row.get("distance_m"), row.get("moving_s")
    if distance is None or moving is None or moving <= 0:
        return False
    return bool(_RUNNING_MPS[0] <= distance / moving <= _RUNNING_MPS[1])


def span_frame(table: tables.Table, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Laps or sessions as a frame, without the columns nobody filled (the start stays)."""
    frame = table.frame(rows)
    empty = [name for name in frame.columns if name != "start_utc" and frame[name].null_count() == frame.height]
    return frame.drop(empty) if rows else frame
