"""Suunto: recordings in JSON (``samples.json``, ``summary.json``, ``DeviceLog``) of the app and the data request.

Values are SI as the watch keeps them: heart rate and cadence in hertz, angles in radians, temperature in kelvin. FIT
files of Suunto are read as FIT. A recording in two files (samples, summary) becomes two sessions that the diary joins.
Nights are read where a document has the names of Suunto's daily data (``BedtimeStart`` …).

No real file was at hand. The layouts are those that are published by programs that read them; the sport's number is
that of Suunto's list of activities.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from freshlegs import tables
from freshlegs.importers import entries, instants, payload, series
from freshlegs.importers.contract import Reading, Source
from freshlegs.importers.delimited import Faults
from freshlegs.importers.entries import Row
from freshlegs.importers.nights import morning_of
from freshlegs.importers.payload import listed
from freshlegs.importers.series import Series
from freshlegs.problems import UnreadableFile

KIND: Final = "Suunto"
YIELDS: Final = frozenset({"runs", "nights"})
SERVICE: Final = "suunto"

_SML: Final = "suunto/sml"
_KELVIN: Final = 273.15
_DEGREES: Final = 180.0 / math.pi
_HERTZ: Final = 60.0
_SAMPLES: Final[Mapping[str, tuple[str, float, float]]] = {
    "HR": ("hr_bpm", _HERTZ, 0.0),
    "Cadence": ("cadence_spm", _HERTZ, 0.0),
    "Speed": ("speed_mps", 1.0, 0.0),
    "Distance": ("distance_m", 1.0, 0.0),
    "Power": ("power_w", 1.0, 0.0),
    "Altitude": ("altitude_m", 1.0, 0.0),
    "Temperature": ("temperature_c", 1.0, -_KELVIN),
}
_SPORTS: Final[Mapping[int, str]] = {
    0: "walking",
    1: "running",
    2: "cycling",
    3: "cross_country_skiing",
    10: "mountain_biking",
    11: "hiking",
    15: "rowing",
    21: "swimming",
    22: "trail_running",
    23: "strength",
    24: "walking",
    33: "soccer",
    51: "yoga",
    52: "indoor_cycling",
    53: "treadmill_running",
    54: "strength",
    55: "elliptical",
    57: "rowing",
    59: "running",
    63: "strength",
    68: "multisport",
    70: "hiking",
    73: "strength",
    74: "multisport",
    83: "hiking",
    85: "swimming",
    95: "running",
    98: "transition",
    99: "gravel_cycling",
    103: "track_running",
    115: "trail_running",
    117: "cross_country_skiing",
    118: "cross_country_skiing",
    121: "yoga",
}
_STAGES: Final = ("DeepSleepDuration", "LightSleepDuration", "REMSleepDuration")


def recognise(head: bytes, name: str) -> bool:
    """Whether it is JSON with the names of Suunto's recordings or nights."""
    if not entries.is_json(head):
        return False
    names = payload.names_in(head)
    return (
        b"suunto/sml" in head
        or b"suunto\\/sml" in head
        or ("DeviceLog" in names and not names.isdisjoint({"Header", "Samples", "Device"}))
        or "BedtimeStart" in names
    )


def read(source: Source) -> Reading:
    """Sessions with their samples, or nights; UnreadableFile when there is neither."""
    faults = Faults(source.name)
    reading = Reading(KIND)
    for number, document in payload.entries(source.data, faults):
        if not isinstance(document, dict):
            continue
        held = document["entryData"] if isinstance(document.get("entryData"), dict) else document
        if "BedtimeEnd" in held:
            reading.nights += _night(held, f"entry {number}", source, faults)
        else:
            _recording(document, f"recording {number}", source, reading, faults)
    notes = entries.Notes(source)
    notes.faults = faults
    reading.nights = entries.measured(entries.main_sleeps(reading.nights, notes))
    reading.problems = faults.listed()
    if not (reading.activities or reading.runs or reading.nights):
        raise UnreadableFile("this is from Suunto, but holds no session with a time and no night")
    return reading


# --- recordings -------------------------------------------------------------------------------------------


def _recording(document: Mapping[str, Any], where: str, source: Source, reading: Reading, faults: Faults) -> None:
    found, told = Series(), _Told(source.context.home_time_zone)
    for moment, held in _messages(document):
        _take(moment, held, found, told)
    if "altitude_m" not in found.columns:
        for at_us, altitude in told.by_satellite:
            found.add("altitude_m", at_us, altitude)
    row = told.row()
    if row.get("start_utc") is None and not found.columns:
        faults.add(where, "it has no time and was left out")
        return
    made = series.activity(KIND, found, row, where, faults)
    if made is not None and made.summary.get("start_utc") is not None:
        reading.activities.append(made)
    elif row.get("start_utc") is not None and len(row) > len(("start_utc", "utc_offset_s", "sport")):
        kept = payload.possible(row, tables.RUNS, where, faults)
        reading.runs.append({**kept, "sport": kept.get("sport") or "other"})


def _messages(document: Mapping[str, Any]) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    """Everything in a document with its time, one kind of content an object: Sample, Header, R-R."""
    for inner in (document, *(document[name] for name in ("Summary", "Data") if isinstance(document.get(name), dict))):
        for one in listed(inner.get("Samples")):
            if isinstance(one, dict):
                held = _unfolded(one.get("Attributes")).get(_SML)
                if isinstance(held, dict):
                    yield one.get("TimeISO8601"), held
    log = document.get("DeviceLog")
    if isinstance(log, dict):
        yield None, {name: log[name] for name in ("Header", "R-R") if name in log}
        for one in listed(log.get("Samples")):
            if isinstance(one, dict):
                yield one.get("TimeISO8601"), {"Sample": one}


def _unfolded(value: Any) -> Mapping[str, Any]:
    """Attributes, which some files hold as text."""
    if isinstance(value, str) and len(value) <= 100_000:
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


class _Told:
    """What a recording says of itself."""

    def __init__(self, home: str | None) -> None:
        self._home = home
        self.header: Mapping[str, Any] = {}
        self.sport: int | None = None
        self.first: datetime | None = None
        self.by_satellite: list[tuple[int, Any]] = []
        """Altitudes by satellite, which count where the watch has no barometer."""

    def moment(self, text: Any) -> datetime | None:
        """A time, at home where it has no zone."""
        moment = instants.moment_of(text) if isinstance(text, str) else None
        if moment is None or not 1970 < moment.year < 2200:
            return None
        return moment if moment.tzinfo is not None else instants.localised(moment, self._home)

    def row(self) -> Row:
        """The recording as a row of `tables.RUNS`."""
        start = self.moment(self.header.get("DateTime")) or self.first
        sport = _whole(self.header.get("ActivityType"))
        sport = self.sport if sport is None else sport
        lasted_s = payload.number(self.header.get("Duration"))
        paused_s = payload.number(self.header.get("PauseDuration")) or 0.0
        rates, warmth = _mean(self.header.get("HR")), _mean(self.header.get("Temperature"))
        row: Row = {
            "start_utc": None if start is None else start.astimezone(UTC),
            "utc_offset_s": None if start is None else _true_offset(start),
            "sport": None if sport is None else _SPORTS.get(sport, "other"),
            "moving_s": lasted_s,
            "elapsed_s": None if lasted_s is None else lasted_s + paused_s,
            "distance_m": payload.number(self.header.get("Distance")) or None,
            "climb_m": payload.number(self.header.get("Ascent")),
            "hr_mean_bpm": _times(rates.get("Avg"), _HERTZ),
            "hr_max_bpm": _times(rates.get("Max"), _HERTZ),
            "temperature_c": _times(warmth.get("Avg"), 1.0, -_KELVIN),
        }
        return {name: value for name, value in row.items() if value is not None}


def _true_offset(start: datetime) -> float | None:
    """What local time adds to UTC, where the time says more than ``Z``."""
    offset = instants.offset_of(start)
    return None if start.tzinfo is UTC or str(start.tzinfo) == "UTC" else offset


def _whole(value: Any) -> int | None:
    number = payload.number(value)
    return None if number is None else int(number)


def _times(value: Any, factor: float, shift: float = 0.0) -> float | None:
    number = payload.number(value)
    return None if not number else number * factor + shift


def _mean(value: Any) -> Mapping[str, Any]:
    """Statistics, which stand alone or first in a list."""
    first = value[0] if isinstance(value, list) and value else value
    return first if isinstance(first, dict) else {}


def _take(text: Any, held: Mapping[str, Any], found: Series, told: _Told) -> None:
    if isinstance(held.get("Header"), dict):
        told.header = held["Header"]
    beats = held.get("R-R")
    if isinstance(beats, dict):
        data = beats.get("IBI") if beats.get("IBI") is not None else beats.get("Data")
        found.beats(data.split(",") if isinstance(data, str) else data if isinstance(data, list) else [data])
    sample = held.get("Sample")
    if not isinstance(sample, dict):
        return
    moment = told.moment(sample.get("UTC")) if "Latitude" in sample else None
    moment = moment or told.moment(text)
    for event in listed(sample.get("Events")):
        kind = event.get("Activity") if isinstance(event, dict) else None
        if isinstance(kind, dict) and told.sport is None:
            told.sport = _whole(kind.get("ActivityType"))
    if moment is None:
        return
    told.first = moment if told.first is None else min(told.first, moment)
    at_us = instants.micros_of(moment) // 1_000_000 * 1_000_000  # each value has its own fraction of a second
    for name, (column, factor, shift) in _SAMPLES.items():
        if name in sample and not (name == "HR" and payload.number(sample[name]) == 0):
            found.add(column, at_us, sample[name], factor, shift)
    if all(payload.number(sample.get(name)) is not None for name in ("Latitude", "Longitude")):
        found.add("lat_deg", at_us, sample["Latitude"], _DEGREES)
        found.add("lon_deg", at_us, sample["Longitude"], _DEGREES)
        told.by_satellite.append((at_us, sample.get("GPSAltitude")))


# --- nights -----------------------------------------------------------------------------------------------


def _night(held: Mapping[str, Any], where: str, source: Source, faults: Faults) -> list[Row]:
    """The night of one entry of the daily data; none when it has no end."""
    told = _Told(source.context.home_time_zone)
    began, ended = told.moment(held.get("BedtimeStart")), told.moment(held.get("BedtimeEnd"))
    if ended is None or (began is not None and ended < began):
        faults.add(where, "the night has no end that can be; it was left out")
        return []
    known = [stage for name in _STAGES if (stage := payload.number(held.get(name))) is not None]
    row: Row = {
        "date": morning_of(ended.date(), "night"),
        "woke_utc": ended.astimezone(UTC),
        "utc_offset_s": instants.offset_of(ended),
        "sleep_s": sum(known) if known else None,
        "in_bed_s": None if began is None else (ended - began).total_seconds(),
        "hr_night_bpm": _beats(held.get("HRAvg")),
        "rmssd_ms": payload.number(held.get("AvgHRV")) or None,
    }
    return [entries.named(payload.possible(row, tables.NIGHTS, where, faults), SERVICE)]


def _beats(value: Any) -> float | None:
    """A heart rate, which is in hertz where it is smaller than any in beats a minute."""
    number = payload.number(value)
    return None if not number else number * _HERTZ if number < 5.0 else number
