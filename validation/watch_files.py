"""Nights and sessions of a person's Fitbit folder, read by the importer, and joined with the sessions they told.

Walks are left out: the watch notices them by itself, up to two a day. So is the climb, which the kept figures were
measured without; with it no figure of the headline moves by more than 0.011.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from freshlegs.importers import Context, Source, fitbit

Row = dict[str, Any]

FILES = ("exercise.json", "sleep.json", "resting_heart_rate.json")
SAME_SESSION = timedelta(minutes=90)


def read(folder: Path, zone: str) -> tuple[list[Row], list[Row]]:
    """Rows of `tables.RUNS` and of `tables.NIGHTS`, one a night."""
    runs: list[Row] = []
    nights: dict[date, Row] = {}
    for file in (folder / name for name in FILES):
        if file.is_file():
            reading = fitbit.read(Source(file.name, file.read_bytes(), Context(home_time_zone=zone)))
            runs += [row for row in reading.runs if row["sport"] != "walking"]
            for night in reading.nights:
                nights.setdefault(night["date"], {}).update(night)
    for row in runs:
        row.pop("climb_m", None)
    return runs, list(nights.values())


def merged(told: list[Row], watched: list[Row]) -> list[Row]:
    """Sessions of both, each once: one told within an hour and a half of a watched one gives it its effort."""
    out, rest = [dict(row) for row in watched], []
    for row in told:
        near = [other for other in out if _apart(row, other) <= SAME_SESSION]
        if near:
            longest = max(near, key=lambda other: float(other["moving_s"]))
            longest["rpe"] = row.get("rpe", longest.get("rpe"))
        else:
            rest.append(row)
    return out + rest


def _apart(one: Row, other: Row) -> timedelta:
    """How long after the end of one session the other begins; less than nothing where they overlap."""
    first, second = sorted((one, other), key=lambda row: row["start_utc"])
    end: datetime = first["start_utc"] + timedelta(seconds=first["elapsed_s"])
    begin: datetime = second["start_utc"]
    return begin - end
