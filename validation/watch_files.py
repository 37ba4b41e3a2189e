"""Nights, resting heart rate and sessions from a Fitbit folder. TEMPORARY: goes when the Fitbit importer exists.

Times are the wearer's local clock (checked against the stamps of PMSys, which are UTC: read as UTC, some runs would end
after they were entered). The resting heart rate of a date rests on that whole day, so it is given to the next morning.
Walks are left out: the watch notices them by itself, up to two a day.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]

SPORTS = {
    "Run": "running",
    "Treadmill": "treadmill_running",
    "Outdoor Bike": "cycling",
    "Spinning": "cycling",
    "Weights": "strength",
    "Swim": "swimming",
    "Yoga": "yoga",
    "Hike": "hiking",
}
KILOMETRES = {"Kilometer": 1000.0, "Mile": 1609.344}
SAME_SESSION = timedelta(minutes=90)


def _entries(file: Path) -> list[Row]:
    return list(json.loads(file.read_text("utf-8"))) if file.is_file() else []


def _instant(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def sessions(folder: Path, zone: str) -> list[Row]:
    """Rows of `tables.RUNS` from ``exercise.json``."""
    rows = []
    for entry in _entries(folder / "exercise.json"):
        if entry["activityName"] == "Walk":
            continue
        unit = KILOMETRES.get(entry.get("distanceUnit", ""))
        distance = entry.get("distance")
        row = {
            "start_utc": _instant(entry["startTime"], zone),
            "sport": SPORTS.get(entry["activityName"], "other"),
            "moving_s": entry["activeDuration"] / 1000.0,
            "elapsed_s": entry["duration"] / 1000.0,
            "hr_mean_bpm": entry.get("averageHeartRate"),
            "distance_m": None if distance is None or unit is None else distance * unit,
        }
        rows.append({name: value for name, value in row.items() if value is not None})
    return rows


def nights(folder: Path, zone: str) -> list[Row]:
    """Rows of `tables.NIGHTS` from ``sleep.json`` and ``resting_heart_rate.json``."""
    found: dict[date, Row] = {}
    for entry in _entries(folder / "sleep.json"):
        if entry.get("mainSleep"):
            day = date.fromisoformat(entry["dateOfSleep"])
            found[day] = {
                "date": day,
                "source": "fitbit",
                "sleep_s": entry["minutesAsleep"] * 60.0,
                "in_bed_s": entry["timeInBed"] * 60.0,
                "fell_asleep_utc": _instant(entry["startTime"], zone),
                "woke_utc": _instant(entry["endTime"], zone),
            }
    for entry in _entries(folder / "resting_heart_rate.json"):
        rate = entry["value"]["value"]
        if rate > 0:  # 0 is their word for a day without a value
            day = datetime.fromisoformat(entry["dateTime"]).date() + timedelta(days=1)
            found.setdefault(day, {"date": day, "source": "fitbit"})["hr_rest_bpm"] = rate
    return list(found.values())


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
