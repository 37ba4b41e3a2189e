"""Sessions of many athletes as arrays, in the order of athlete and start: what anchors and loads are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from freshlegs import tables
from freshlegs.metrics import _frames as f
from freshlegs.metrics import facts as run_facts
from freshlegs.metrics._numbers import Array, Flags
from freshlegs.metrics._windows import Axis
from freshlegs.metrics.facts import RunFacts
from freshlegs.metrics.load import grade_factor
from freshlegs.metrics.quality import LIMITS, Doubts, doubts, told_flags
from freshlegs.tables import Profile

WALK_MPS: Final = LIMITS.walk_mps
FASTEST_MEAN_MPS: Final = LIMITS.fastest_mean_mps
STEEPEST_MEAN_GRADE: Final = 0.30


@dataclass(slots=True)
class Sessions:
    """One row a session, sorted; NaN is missing. ``frame`` holds the tidy rows with ``_row``, their place as given."""

    frame: pl.DataFrame
    axis: Axis
    day: Array
    running: Flags
    race: Flags
    rpe: Array
    seconds: Array
    metres: Array
    climb: Array
    hr_mean: Array
    hr_peak: Array
    graded_mps: Array
    doubts: Doubts
    even_mps: Array
    even_hr: Array
    """Plain means of graded speed and heart rate, after ten minutes of warm-up where the samples tell."""
    facts: npt.NDArray[Any] | None

    @property
    def size(self) -> int:
        """How many sessions."""
        return self.frame.height

    @property
    def athletes(self) -> pl.Series:
        """Whose each one is."""
        return self.frame.get_column("athlete")

    @property
    def near_maximal(self) -> Flags:
        """An effort close to all-out by the runner's own word: a race, or 8 and more of 10."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.race | (self.rpe >= 8), dtype=np.bool_)


def gather(runs: pl.DataFrame, facts: Mapping[Any, RunFacts | bytes] | None, profile: Profile) -> Sessions:
    """The sessions of a frame of `tables.RUNS`, with their facts where ``id`` leads to some."""
    frame = f.tidy(runs, tables.RUNS, ("start_utc",)).with_row_index("_row")
    frame = frame.drop_nulls("start_utc")
    rank, start = _ranks(frame), _instants(frame)
    if not _in_order(frame, rank, start):  # to see it takes far less than to sort
        frame = frame.sort("athlete", "start_utc", maintain_order=True)
        rank, start = _ranks(frame), _instants(frame)
    days = f.local_days(frame, "start_utc", profile).cast(pl.Int32).to_numpy().astype(np.float64)
    stacked = None
    if facts and "id" in frame.columns:
        stacked = run_facts.stack(facts, frame.get_column("id").to_list())
    running = frame.select(f.running(frame).alias("r")).to_series().to_numpy()
    running = np.broadcast_to(running, (frame.height,)) if running.size != frame.height else running
    running = running.astype(bool)
    doubted = _doubted(frame, stacked, running)
    sessions = Sessions(
        frame=frame,
        axis=Axis.of(rank, start // 1_000_000),
        day=days,
        running=running & ~doubted.flags["walk_logged_as_run"],
        race=f.flags(frame, "race"),
        rpe=f.column(frame, "rpe"),
        seconds=doubted.seconds,
        metres=doubted.metres,
        climb=f.column(frame, "climb_m"),
        hr_mean=f.column(frame, "hr_mean_bpm"),
        hr_peak=f.column(frame, "hr_max_bpm"),
        graded_mps=f.column(frame, "graded_speed_mps"),
        doubts=doubted,
        even_mps=np.full(frame.height, np.nan),
        even_hr=np.full(frame.height, np.nan),
        facts=stacked,
    )
    _take_facts(sessions)
    return sessions


def _ranks(frame: pl.DataFrame) -> npt.NDArray[np.uint32]:
    """The number of each row's athlete, where athletes stand together."""
    return frame.get_column("athlete").rle_id().to_numpy()


def _instants(frame: pl.DataFrame) -> npt.NDArray[np.int64]:
    return frame.get_column("start_utc").dt.epoch("us").to_numpy()


def _in_order(frame: pl.DataFrame, rank: npt.NDArray[np.uint32], start: npt.NDArray[np.int64]) -> bool:
    """Whether athlete stands after athlete, and of each one start after the other."""
    later = (np.diff(start) >= 0) | (np.diff(rank) > 0)
    return bool(later.all()) and frame.get_column("athlete").is_sorted()


def _first_known(*columns: Array) -> Array:
    out = columns[0].copy()
    for more in columns[1:]:
        out = np.where(np.isnan(out), more, out)
    return out


def _doubted(frame: pl.DataFrame, facts: npt.NDArray[Any] | None, running: Flags) -> Doubts:
    """What may be wrong with each session, and the time and distance that count."""
    unknown = np.full(frame.height, np.nan)
    locked = None if facts is None else (facts["version"] > 0) & (facts["flags"] & run_facts.CADENCE_LOCK > 0)
    trail = (
        frame.get_column("sport").eq("trail_running").fill_null(value=False).to_numpy()
        if "sport" in frame.columns
        else np.zeros(frame.height, dtype=np.bool_)
    )
    return doubts(
        told_flags(frame, locked),
        running=running,
        race=f.flags(frame, "race"),
        trail=trail,
        seconds=_first_known(f.column(frame, "moving_s"), f.column(frame, "elapsed_s")),
        elapsed=f.column(frame, "elapsed_s"),
        metres=f.column(frame, "distance_m"),
        climb=f.column(frame, "climb_m"),
        cadence_spm=unknown if facts is None else facts["cadence_spm"],
        sampled_m=unknown if facts is None else facts["distance_m"],
    )


def _take_facts(s: Sessions) -> None:
    """Samples know better than summaries; what neither says is worked out from means."""
    if s.facts is not None:
        own = s.facts
        silent = (own["flags"] & run_facts.NO_HR) > 0
        known = own["version"] > 0
        jumped = s.doubts.any_of("impossible_speed", "gps_jump")
        s.hr_peak = np.where(known, np.where(silent, np.nan, own["hr_peak_bpm"]), s.hr_peak)
        s.hr_mean = np.where(known & silent, np.nan, _first_known(own["hr_mean_bpm"], s.hr_mean))
        s.graded_mps = _first_known(s.graded_mps, own["graded_speed_mps"])
        s.seconds = _first_known(s.seconds, own["moving_s"])
        s.metres = np.where(jumped, s.metres, _first_known(s.metres, own["distance_m"]))
        s.even_mps, s.even_hr = own["steady_mps"].copy(), own["steady_hr_bpm"].copy()
        s.even_mps = _first_known(s.even_mps, own["graded_mean_mps"])
    mean = mean_graded_speed(s)
    s.even_mps = _believable(s, _first_known(s.even_mps, mean))
    s.even_hr = _first_known(s.even_hr, s.hr_mean)
    s.graded_mps = _believable(s, _first_known(s.graded_mps, mean))


def _believable(s: Sessions, speed: Array) -> Array:
    with np.errstate(invalid="ignore"):
        return np.where(s.running & (speed >= WALK_MPS) & (speed <= FASTEST_MEAN_MPS), speed, np.nan)


def mean_graded_speed(s: Sessions) -> Array:
    """Graded speed from distance, time and climb: half the way up the mean slope, half down it; no climb is level."""
    with np.errstate(invalid="ignore", divide="ignore"):
        speed = s.metres / s.seconds
        grade = np.clip(2.0 * np.nan_to_num(s.climb) / s.metres, 0.0, STEEPEST_MEAN_GRADE)
    flat = np.nan_to_num(grade)
    return np.asarray(speed * (grade_factor(flat) + grade_factor(-flat)) / 2.0)
