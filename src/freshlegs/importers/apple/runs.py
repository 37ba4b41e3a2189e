"""One workout of Apple Health, with its heart rates and routes, into a run."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfoNotFoundError

import numpy as np
import polars as pl

from freshlegs import tables, units
from freshlegs.importers import gpx, instants, payload, sports, summary, tracks
from freshlegs.importers.activity import Activity
from freshlegs.importers.apple import elements as e
from freshlegs.importers.apple.elements import Element, HeartRate
from freshlegs.importers.contract import Source
from freshlegs.importers.delimited import Faults, brief
from freshlegs.importers.nights import Span
from freshlegs.importers.tracks import Part, Session
from freshlegs.problems import Problem, UnreadableFile

KIND: Final = "Apple Health"

NEAR_US: Final = 10_000_000
"""A point of a route takes the heart rate nearest in time, if it is within ten seconds; watches measure every five."""

_TYPE: Final = "HKWorkoutActivityType"
_SPORTS: Final[Mapping[str, str]] = {
    "TraditionalStrengthTraining": "strength",
    "FunctionalStrengthTraining": "strength",
    "CoreTraining": "strength",
    "HighIntensityIntervalTraining": "hiit",
    "SwimBikeRun": "multisport",
    "StairClimbing": "stair_climbing",
    "StairStepper": "stair_climbing",
    "MixedCardio": "cardio",
    "MindAndBody": "yoga",
}
_INDOORS: Final[Mapping[str, str]] = {"running": "treadmill_running", "cycling": "indoor_cycling"}

_SECONDS: Final[Mapping[str, float]] = {"s": 1.0, "sec": 1.0, "min": 60.0, "hr": 3600.0, "h": 3600.0, "ms": 0.001}
_METRES: Final[Mapping[str, float]] = {
    "m": 1.0,
    "km": 1000.0,
    "mi": units.KM_PER_MILE * 1000.0,
    "ft": units.METRES_PER_FOOT,
    "yd": 3 * units.METRES_PER_FOOT,
    "cm": 0.01,
    "in": units.METRES_PER_FOOT / 12,
}
_QUANTITY: Final = re.compile(r"\s*([-+\d.eE]+)\s*(\S+)\s*")


def offset_s(element: Element, moment: datetime, home: str | None) -> float:
    """What local time added to UTC there and then: by its own time zone, else home's, else that of the phone."""
    for name in (element.metadata().get(e.ZONE), home):
        if name:
            try:
                return instants.offset_of(moment.astimezone(units.zone(name)))
            except (ZoneInfoNotFoundError, ValueError, OSError):
                continue
    return instants.offset_of(moment)


def measured(value: str | None, unit: str | None, table: Mapping[str, float]) -> float | None:
    """A number with its unit in ours; None when either is not known."""
    number, factor = payload.number(value), table.get(unit or "")
    return None if number is None or factor is None else number * factor


def sport_of(workout: Element) -> str:
    """Our name of its sport; indoors it is another one."""
    name = (workout.get("workoutActivityType") or "").removeprefix(_TYPE)
    sport = _SPORTS.get(name) or sports.sport_of(name) or "other"
    if workout.metadata().get("HKIndoorWorkout") in ("1", "true"):
        return _INDOORS.get(sport, sport)
    return sport


def told(workout: Element, start: datetime, end: datetime) -> dict[str, Any]:
    """What the workout says of itself, as columns of `tables.RUNS`; what it does not say is None."""
    elapsed_s = (end - start).total_seconds()
    moving_s = measured(workout.get("duration"), workout.get("durationUnit") or "min", _SECONDS)
    if moving_s is None or moving_s > elapsed_s + 60.0:
        moving_s = elapsed_s - _paused_s(workout, end)
    moving_s = min(moving_s, elapsed_s)
    statistics = {one.get("type") or "": one for one in workout.every("WorkoutStatistics")}
    beats = statistics.get(e.HEART_RATE, Element(""))
    distance_m = measured(workout.get("totalDistance"), workout.get("totalDistanceUnit"), _METRES)
    for kind, one in statistics.items():
        if distance_m is None and kind != e.HEART_RATE:
            distance_m = measured(one.get("sum"), one.get("unit"), _METRES)
    metadata = workout.metadata()
    return {
        "start_utc": start.astimezone(UTC),
        "sport": sport_of(workout),
        "elapsed_s": elapsed_s,
        "moving_s": moving_s,
        "distance_m": distance_m if distance_m else None,
        "hr_mean_bpm": payload.number(beats.get("average")),
        "hr_max_bpm": payload.number(beats.get("maximum")),
        "climb_m": _of_text(metadata.get("HKElevationAscended"), _METRES),
        "temperature_c": _celsius(metadata.get("HKWeatherTemperature")),
    }


def _paused_s(workout: Element, end: datetime) -> float:
    """How long it stood still by its own account: from each pause to the next going on, or to the end."""
    paused, since = 0.0, None
    for event in workout.every("WorkoutEvent"):
        kind, at = (event.get("type") or "").removeprefix("HKWorkoutEventType"), e.instant(event.get("date"))
        if at is None:
            continue
        if kind in ("Pause", "MotionPaused") and since is None:
            since = at
        elif kind in ("Resume", "MotionResumed") and since is not None:
            paused, since = paused + max(0.0, (at - since).total_seconds()), None
    return paused + (max(0.0, (end - since).total_seconds()) if since is not None else 0.0)


def _of_text(text: str | None, table: Mapping[str, float]) -> float | None:
    found = _QUANTITY.fullmatch(text or "")
    return None if found is None else measured(found[1], found[2], table)


def _celsius(text: str | None) -> float | None:
    found = _QUANTITY.fullmatch(text or "")
    degrees = payload.number(found[1]) if found is not None else None
    if found is None or degrees is None or found[2] not in ("degF", "degC"):
        return None
    return (degrees - 32.0) / 1.8 if found[2] == "degF" else degrees


def effort(workout_span: Span, efforts: Sequence[Element]) -> float | None:
    """The effort the runner gave this workout, from 0 to 10; the watch's own estimate is another type and not read."""
    start, end = workout_span
    for record in efforts:
        span = e.span(record)
        if span is not None and all(abs((a - b).total_seconds()) <= 60 for a, b in ((span[0], start), (span[1], end))):
            return payload.number(record.get("value"))
    return None


def beats_of(workout: Element, heart_rate: HeartRate, sources: Sequence[str]) -> HeartRate:
    """The heart rates within a workout: of the one that recorded it, else of the source that has most; never of two."""
    span = e.span(workout)
    if span is None:
        return heart_rate.between(0, -1)
    within = heart_rate.between(*(instants.micros_of(end) for end in span))
    if not len(within):
        return within
    counts = np.bincount(within.source, minlength=len(sources))
    own = sources.index(e.source_of(workout)) if e.source_of(workout) in sources else None
    return within.of(own if own is not None and counts[own] else int(counts.argmax()))


def run(
    workout: Element, beats: HeartRate, routes: Sequence[bytes], source: Source, rpe: float | None
) -> Activity | None:
    """The run with its samples; None when there are none. ``routes`` are GPX files."""
    span = e.span(workout)
    if span is None:
        return None
    problems: list[Problem] = []
    parts = _inline(workout) if not routes else [part for data in routes for part in _segments(data, source, problems)]
    said = bare(workout, span, source, rpe, problems)
    if any(part.count for part in parts):
        activity = tracks.build(KIND, [Session(sport_of(workout), parts)], source, problems)
        records = _with_beats(activity.records, beats)
    elif len(beats):
        records = _beats_alone(beats)
    else:
        return None
    row = summary.summarise(records, sport=sport_of(workout), given=said)
    return Activity(KIND, records, (row,), problems=tuple(problems))


def bare(workout: Element, span: Span, source: Source, rpe: float | None, problems: list[Problem]) -> dict[str, Any]:
    """A workout as a row of `tables.RUNS`, by what it says of itself."""
    said = told(workout, *span) | {"rpe": rpe}
    said["utc_offset_s"] = offset_s(workout, span[0], source.context.home_time_zone)
    faults = Faults(source.name)
    row = payload.possible(said, tables.RUNS, f"workout of {span[0].date()}", faults)
    problems.extend(faults.listed())
    return row


def _segments(data: bytes, source: Source, problems: list[Problem]) -> list[Part]:
    try:
        return gpx.segments(data, source, problems)
    except UnreadableFile as error:
        problems.append(Problem(source.name, "route", f"{error}; the route was left out", lost=True))
        return []


_LOCATION: Final = {"lat_deg": "latitude", "lon_deg": "longitude", "altitude_m": "altitude", "speed_mps": "speed"}


def _inline(workout: Element) -> list[Part]:
    """Routes that stand in the export itself, as older versions of iOS wrote them."""
    parts = []
    for route in workout.every("WorkoutRoute"):
        places = list(route.every("Location"))
        fields: dict[str, Sequence[bytes]] = {
            ours: [(place.get(theirs) or "").encode() for place in places] for ours, theirs in _LOCATION.items()
        }
        times = [e.instant(place.get("date")) for place in places]
        fields["time_utc"] = [b"" if at is None else at.astimezone(UTC).isoformat().encode() for at in times]
        parts.append(Part(len(places), fields))
    return parts


def _beats_alone(beats: HeartRate) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "time_utc": pl.Series(beats.at_us.view("datetime64[us]")).cast(tables.INSTANT),
            "elapsed_s": (beats.at_us - beats.at_us[0]) / 1e6,
            "hr_bpm": beats.bpm.astype(np.float64),
        }
    )


def _with_beats(records: pl.DataFrame, beats: HeartRate) -> pl.DataFrame:
    """The points of a route, each with the heart rate nearest in time."""
    if not len(beats) or "time_utc" not in records.columns:
        return records
    at_us = records["time_utc"].to_physical().fill_null(0).to_numpy()
    after = np.clip(np.searchsorted(beats.at_us, at_us), 0, len(beats) - 1)
    before = np.maximum(after - 1, 0)
    nearest = np.where(abs(beats.at_us[before] - at_us) <= abs(beats.at_us[after] - at_us), before, after)
    bpm = np.where(abs(beats.at_us[nearest] - at_us) <= NEAR_US, beats.bpm[nearest].astype(np.float64), np.nan)
    place = records.columns.index("elapsed_s") + 1 if "elapsed_s" in records.columns else records.width
    return records.insert_column(place, pl.Series("hr_bpm", bpm).fill_nan(None))


def brief_name(workout: Element) -> str:
    """Its kind in a word, for a name."""
    return brief((workout.get("workoutActivityType") or "Workout").removeprefix(_TYPE))
