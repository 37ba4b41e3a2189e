"""What may be wrong with a recording, as words beside it; and what is believed in its place.

Nothing is dropped and nothing in the run's own row is changed. A flagged figure counts for no more than can be so:

* ``watch_left_running``, ``times_disagree``: time counts up to a stroll over the distance, and up to the time from
  start to end; load comes from mean heart rate or effort over that time, and there are no times in zones;
* ``walk_logged_as_run``: counts for load, not for the longest run, for pace, nor for any anchor;
* ``impossible_speed``, ``gps_jump``: the distance that counts is that of the samples without their jumps, or none;
* ``cadence_locked_heart_rate``: the heart rate is set aside, and load comes from the next best way;
* ``too_long``, ``clock_not_set``, ``time_disorder``, ``laps_twice``: load and distance do not rest on what is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from freshlegs import tables
from freshlegs import vocabulary as v
from freshlegs.metrics._numbers import Array, Flags
from freshlegs.numbers import Numbers
from freshlegs.units import since_1970_us

EARTH_M: Final = 6_371_008.8
CLOCK_SET_US: Final = 631_152_000_000_000.0
"""1990-01-01 in microseconds since 1970 UTC: no watch recorded before."""


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on something is flagged: section ``quality`` of ``recordings.toml``, which says what each is."""

    walk_mps: float
    left_running_least_s: float
    shortest_believed_s: float
    walk_logged_mps: float
    walk_logged_spm: float
    walk_unknown_mps: float
    walk_largest_climb: float
    walk_longest_s: float
    fastest_mean_mps: float
    fastest_mean_least_m: float
    fastest_30s_mps: float
    too_fast_least_s: float
    jump_m: float
    jump_mps: float
    farther: float
    longest_s: float
    disagree: float
    disagree_s: float


NUMBERS: Final = Numbers.beside("freshlegs.metrics", "recordings.toml")
LIMITS: Final = Limits(**NUMBERS.section("quality"))

SAID: Final[dict[str, str]] = {
    "watch_left_running": "the watch was left running; the time that counts is that of a stroll over the distance",
    "walk_logged_as_run": "this was a walk by its pace and steps; it counts for load, not as a run",
    "impossible_speed": "nobody runs that fast; the distance that counts is that without the impossible stretch",
    "gps_jump": "the position jumps; the distance that counts is that without the jumps",
    "cadence_locked_heart_rate": "the heart rate follows the steps; it is set aside",
    "clock_not_set": "the clock was not set; the day may be wrong (runs edit ID start_utc=…)",
    "too_long": "it lasts for days; the time that counts is the moving time",
    "times_disagree": "it says it moved longer than it lasted; the shorter time counts",
    "time_disorder": "some samples go back in time; they are passed over",
    "laps_twice": "some laps stand there twice; nothing is counted by laps",
}
"""Each flag in words, with what is done instead."""


def quality_flags(records: pl.DataFrame, laps: pl.DataFrame | None = None, *, on_foot: bool = True) -> list[str]:
    """What the samples and laps of one activity (`tables.RECORDS`, `tables.LAPS`) show; in the order of the vocabulary.

    Any column may be absent. What a summary alone shows is added by `loads.complete`.

    >>> quality_flags(pl.DataFrame({"elapsed_s": [0.0, 1.0, 2.0], "distance_m": [0.0, 3.0, 6.0]}))
    []
    """
    stamps, seconds = _times(records)
    found = set()
    if stamps is not None and not (stamps.size and bool(np.nanmin(stamps, initial=np.inf) >= CLOCK_SET_US)):
        found.add("clock_not_set")
    if seconds is not None:
        known = seconds[~np.isnan(seconds)]
        if bool((np.diff(known) < 0).any()):
            found.add("time_disorder")
        if on_foot and _jumps(records, seconds):
            found.add("gps_jump")
        if on_foot and _too_fast_s(records, seconds) >= LIMITS.too_fast_least_s:
            found.add("impossible_speed")
    if laps is not None and _twice(laps):
        found.add("laps_twice")
    return [flag for flag in v.RUN_FLAGS if flag in found]


def _times(records: pl.DataFrame) -> tuple[Array | None, Array | None]:
    """The stamps in microseconds since 1970, None without the column; and seconds, by them or since the start."""
    stamps = since_1970_us(records.get_column("time_utc")) if "time_utc" in records.columns else None
    if stamps is not None and not np.isnan(stamps).all():
        return stamps, stamps / 1e6
    return stamps, _column(records, "elapsed_s")


def _column(records: pl.DataFrame, name: str) -> Array | None:
    if name not in records.columns or records.get_column(name).null_count() == records.height:
        return None
    values: Array = records.get_column(name).to_numpy().astype(np.float64, copy=False)
    return values


def _jumps(records: pl.DataFrame, seconds: Array) -> bool:
    """Whether two positions one after the other lie where nobody runs in that time."""
    lat, lon = _column(records, "lat_deg"), _column(records, "lon_deg")
    if lat is None or lon is None:
        return False
    known = ~(np.isnan(lat) | np.isnan(lon) | np.isnan(seconds))
    phi, lam, at = np.radians(lat[known]), np.radians(lon[known]), seconds[known]
    north, east = np.diff(phi), np.diff(lam)
    if max(np.abs(north).max(initial=0.0), np.abs(east).max(initial=0.0)) * EARTH_M < LIMITS.jump_m / 2:
        return False  # as nearly always; no need of the rest
    # On a step of metres to kilometres the flat formula is exact enough, and has no arcsin.
    metres = EARTH_M * np.hypot(north, ((east + np.pi) % (2 * np.pi) - np.pi) * np.cos(phi[:-1]))
    return bool(((metres > LIMITS.jump_m) & (metres > LIMITS.jump_mps * np.maximum(np.diff(at), 1.0))).any())


def _too_fast_s(records: pl.DataFrame, seconds: Array) -> float:
    """Seconds of thirty-second stretches that nobody runs, by the distance the file gives."""
    metres = _column(records, "distance_m")
    if metres is None:
        return 0.0
    known = ~(np.isnan(metres) | np.isnan(seconds))
    total, at = np.maximum.accumulate(metres[known]), seconds[known]
    steps = np.diff(at)
    if at.size < 2 or bool((steps < 0).any()):
        return 0.0
    if not bool((np.diff(total) > LIMITS.fastest_30s_mps * steps).any()):
        return 0.0  # no step is that fast, so no thirty seconds are
    then = np.searchsorted(at, at - 30.0, side="right") - 1
    there = then >= 0
    with np.errstate(invalid="ignore", divide="ignore"):
        speed = (total[there] - total[then[there]]) / (at[there] - at[then[there]])
    lasts = np.clip(np.diff(at, append=at[-1:]), 0.0, 10.0)[there]
    return float(lasts[speed > LIMITS.fastest_30s_mps].sum())


def _twice(laps: pl.DataFrame) -> bool:
    names = [name for name in ("start_utc", "elapsed_s", "distance_m") if name in laps.columns]
    if len(names) < 2 or laps.height < 2:
        return False
    told = [row for row in zip(*(laps.get_column(name).to_list() for name in names), strict=True) if None not in row]
    return len(set(told)) < len(told)


# --- by the summaries of many runs --------------------------------------------------------------------------------


@dataclass(slots=True)
class Doubts:
    """Of many sessions: which flags each has, and the time and distance that count."""

    flags: dict[str, Flags]
    seconds: Array
    metres: Array

    def any_of(self, *names: str) -> Flags:
        """Sessions with any of these flags."""
        return np.asarray(np.logical_or.reduce([self.flags[name] for name in names]), dtype=np.bool_)

    def column(self, size: int) -> pl.Series:
        """The flags as a column of lists, null where there is none."""
        if not any(flag.any() for flag in self.flags.values()):
            return pl.Series("flags", [None] * size, dtype=tables.WORDS)
        names = np.array(list(self.flags))
        rows = np.stack(list(self.flags.values()), axis=1)
        out: list[list[str] | None] = [None] * size
        for place in np.flatnonzero(rows.any(axis=1)):
            out[place] = names[rows[place]].tolist()
        return pl.Series("flags", out, dtype=tables.WORDS)


def doubts(
    told: Mapping[str, Flags],
    *,
    running: Flags,
    race: Flags,
    trail: Flags,
    seconds: Array,
    elapsed: Array,
    metres: Array,
    climb: Array,
    cadence_spm: Array,
    sampled_m: Array,
) -> Doubts:
    """What the summaries show, added to what the samples showed (``told``), and what counts instead.

    Seconds and metres, NaN where unknown; ``sampled_m`` is the distance of the samples without their jumps.
    """
    x = LIMITS
    none = np.zeros(seconds.size, dtype=np.bool_)
    flags = {name: told.get(name, none).copy() for name in v.RUN_FLAGS}
    with np.errstate(invalid="ignore", divide="ignore"):
        flags["times_disagree"] |= seconds > np.maximum(x.disagree * elapsed, elapsed + x.disagree_s)
        seconds = np.where(flags["times_disagree"], elapsed, seconds)
        mean = np.where(metres > 0, metres, np.nan) / seconds  # nought means that nothing was measured
        flags["too_long"] |= elapsed > x.longest_s
        left = running & (seconds >= x.left_running_least_s) & (mean < x.walk_mps)
        flags["watch_left_running"] |= left
        stroll_s = np.maximum(metres / x.walk_mps, x.shortest_believed_s)
        seconds = np.where(flags["watch_left_running"], np.fmin(seconds, stroll_s), seconds)
        slow = np.where(np.isnan(cadence_spm), mean < x.walk_unknown_mps, mean < x.walk_logged_mps)
        slow &= np.isnan(cadence_spm) | (cadence_spm < x.walk_logged_spm)
        level = ~(np.nan_to_num(climb) / metres > x.walk_largest_climb)
        brief = np.fmax(seconds, elapsed) < x.walk_longest_s
        flags["walk_logged_as_run"] |= running & ~race & ~trail & slow & level & brief & ~left
        fast = running & (metres >= x.fastest_mean_least_m) & (mean > x.fastest_mean_mps)
        flags["impossible_speed"] |= fast
        doubted = flags["impossible_speed"] | flags["gps_jump"]
        believed = np.where(metres > x.farther * sampled_m, sampled_m, metres)
        believed = np.where(believed / seconds > x.fastest_mean_mps, np.nan, believed)
    return Doubts(flags, seconds, np.where(doubted & running, believed, metres))


def told_flags(frame: pl.DataFrame, cadence_locked: Flags | None) -> dict[str, Flags]:
    """The flags that came with the rows (column ``flags``) and with their samples, each as an array."""
    out: dict[str, Any] = {}
    if "flags" in frame.columns and frame.get_column("flags").null_count() < frame.height:
        for name in v.RUN_FLAGS:
            held = frame.select(pl.col("flags").list.contains(name).fill_null(value=False)).to_series()
            out[name] = held.to_numpy().astype(np.bool_)
    if cadence_locked is not None and cadence_locked.any():
        out["cadence_locked_heart_rate"] = out.get("cadence_locked_heart_rate", False) | cadence_locked
    return out
