"""A made life as files, the way a runner has them: FIT files of the runs, tables of nights and answers."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from freshlegs import tables
from freshlegs.exporters.fit import Message, fit_file
from freshlegs.synthetic.runner import WEEKS, Run, Truth, live

PLANNED_A_WEEK = 5.38
AFTER_A_RUN = ("legs", "hit_pace", "harder_than_it_should")
"""Answers after a run that no FIT field holds; they stand in the check-in of the same day."""


def write_demo(folder: Path, end: date, seed: int = 7) -> Truth:
    """The made half year up to the morning of ``end``: ``runs/*.fit``, ``nights.csv``, ``checkins.csv``.

    The same seed and end give the same bytes. Gives the truth that was planted; its ``profile`` is what the
    runner would have entered.
    """
    return write_life(folder, end, seed=seed)


def made_history(folder: Path, end: date, years: int = 10, runs: int = 2500, seed: int = 11, every_s: int = 6) -> Truth:
    """Years of history as files, for measuring: about so many runs, one sample every ``every_s`` seconds."""
    weeks = round(years * 365.25 / 7)
    return write_life(
        folder, end, seed=seed, weeks=weeks, skipped=max(0.0, 1 - runs / (PLANNED_A_WEEK * weeks)), every_s=every_s
    )


def write_life(
    folder: Path, end: date, *, seed: int, weeks: int = WEEKS, skipped: float = 0.03, every_s: int = 1
) -> Truth:
    """Live, and write each run as it is made; the folder is made."""
    (folder / "runs").mkdir(parents=True, exist_ok=True)

    def keep(made: Run) -> None:
        name = f"{made.day:%Y-%m-%d}-{made.kind}.fit"
        (folder / "runs" / name).write_bytes(run_file(made, every_s))

    life = live(end, seed, weeks, keep=keep, skipped=skipped)
    write_table(folder / "nights.csv", tables.NIGHTS.names[1:], life.nights)
    write_table(folder / "checkins.csv", (*tables.CHECKINS.names[1:], *AFTER_A_RUN), life.checkins)
    return life.truth


def write_table(path: Path, names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Rows as CSV under their own column names; columns nobody filled are left out."""
    rows = list(rows)
    used = [name for name in names if any(row.get(name) is not None for row in rows)]
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(used)
        writer.writerows([_cell(row.get(name)) for name in used] for row in rows)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, float):
        return f"{value:g}" if abs(value) < 1e5 else f"{value:.0f}"
    if isinstance(value, (list, tuple)):
        return ";".join(str(item) for item in value)
    return str(value)


def run_file(made: Run, every_s: int = 1) -> bytes:
    """One made run as a FIT file, with a sample every so many seconds."""
    s = made.samples
    start = made.start_utc.timestamp()
    times = start + np.arange(s.seconds)
    total = {"total_elapsed_time": s.seconds - 1.0, "total_timer_time": s.seconds - 1.0}
    session = {
        "message_index": 0,
        "timestamp": times[-1],
        "start_time": start,
        "start_position_lat": s.lat_deg[0],
        "start_position_long": s.lon_deg[0],
        **total,
        "total_distance": s.distance_m[-1],
        "enhanced_avg_speed": s.distance_m[-1] / (s.seconds - 1.0),
        "total_ascent": s.climb_m,
        "first_lap_index": 0,
        "num_laps": len(s.lap_starts),
        "event": 8,
        "event_type": 1,
        "trigger": 0,
        "sport": 1,
        "sub_sport": 0,
        "avg_heart_rate": s.hr_bpm.mean(),
        "max_heart_rate": s.hr_bpm.max(),
        "avg_cadence": s.cadence_spm.mean() / 2.0,
        "avg_temperature": s.temperature_c.mean(),
        "workout_rpe": made.rpe,
    }
    stop = {"timestamp": times[-1], "event_type": 1}
    return fit_file(
        [
            Message(
                "file_id",
                {"type": 4, "manufacturer": 255, "product": 1, "serial_number": 2026, "time_created": start},
            ),
            Message("event", {"timestamp": start, "event": 0, "event_type": 0}),
            _records(made, times, every_s),
            Message("event", stop | {"event": 0, "event_type": 4}),
            _laps(made, times),
            Message("session", session),
            Message(
                "activity",
                stop
                | {
                    "local_timestamp": times[-1] + made.utc_offset_s,
                    "total_timer_time": s.seconds - 1.0,
                    "num_sessions": 1,
                    "type": 0,
                    "event": 26,
                },
            ),
        ]
    )


def _records(made: Run, times: Any, every_s: int) -> Message:
    s = made.samples
    columns = {
        "timestamp": times,
        "position_lat": s.lat_deg,
        "position_long": s.lon_deg,
        "distance": s.distance_m,
        "enhanced_speed": s.speed_mps,
        "enhanced_altitude": s.altitude_m,
        "heart_rate": s.hr_bpm,
        "cadence": s.cadence_spm / 2.0,
        "temperature": s.temperature_c,
    }
    return Message("record", {name: column[::every_s] for name, column in columns.items()})


def _laps(made: Run, times: Any) -> Message:
    """One row a lap; a lap ends where the next begins."""
    s = made.samples
    starts = s.lap_starts
    ends = np.append(starts[1:], s.seconds - 1)
    climbed = np.concatenate([[0.0], np.cumsum(np.clip(np.diff(s.altitude_m), 0, None))])
    spans = list(zip(starts, np.maximum(ends, starts + 1), strict=True))
    hard = any(segment.hard for segment in made.segments)
    return Message(
        "lap",
        {
            "message_index": np.arange(len(starts)),
            "timestamp": times[ends],
            "start_time": times[starts],
            "total_elapsed_time": ends - starts,
            "total_timer_time": ends - starts,
            "total_distance": s.distance_m[ends] - s.distance_m[starts],
            "enhanced_avg_speed": (s.distance_m[ends] - s.distance_m[starts]) / np.maximum(ends - starts, 1),
            "avg_heart_rate": [s.hr_bpm[a:b].mean() for a, b in spans],
            "max_heart_rate": [s.hr_bpm[a:b].max() for a, b in spans],
            "total_ascent": climbed[ends] - climbed[starts],
            "event": np.full(len(starts), 9),
            "event_type": np.full(len(starts), 1),
            "intensity": [5 if segment.hard else 4 if hard else 0 for segment in made.segments],
            "lap_trigger": np.full(len(starts), 0 if hard else 2),
            "sport": np.full(len(starts), 1),
        },
    )
