"""Polar Flow: the account's export (JSON): sessions of the older and the newer layout, sleep, nightly recovery.

Times are the wearer's local clock, the offset from UTC stands beside them. A sleep and a recovery have the date that
Polar gives them, that of waking. The RMSSD and the heart rate of a night are Nightly Recharge's: means of four hours of
the early night. The older layout gives lists of samples with a time each, speeds in km/h, the sport by name; the newer
one samples at equal steps, and the sport by a number of Polar's catalogue, which is not in the export: the common ones
are known here, others stay ``other``.

No real file was at hand. Both layouts are written from what is published of them; fields may have been missed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from freshlegs import tables
from freshlegs.importers import entries, instants, payload, series, sports
from freshlegs.importers.contract import Reading, Source
from freshlegs.importers.entries import Entry, Notes, Row
from freshlegs.importers.nights import morning_of
from freshlegs.importers.payload import listed, within
from freshlegs.importers.series import Series
from freshlegs.problems import UnreadableFile

KIND: Final = "Polar"
YIELDS: Final = frozenset({"runs", "nights"})
SERVICE: Final = "polar"

_SPORT_IDS: Final[Mapping[str, str]] = {
    "1": "running",
    "2": "cycling",
    "3": "walking",
    "4": "running",
    "5": "mountain_biking",
    "9": "walking",
    "11": "hiking",
    "15": "strength",
    "17": "treadmill_running",
    "18": "indoor_cycling",
    "19": "running",
    "23": "swimming",
    "27": "trail_running",
    "38": "cycling",
}
_KMH: Final = 1 / 3.6
_OLD_SAMPLES: Final[Mapping[str, tuple[str, float]]] = {
    "heartRate": ("hr_bpm", 1.0),
    "speed": ("speed_mps", _KMH),
    "altitude": ("altitude_m", 1.0),
    "cadence": ("cadence_spm", 1.0),
    "distance": ("distance_m", 1.0),
    "temperature": ("temperature_c", 1.0),
}
_NEW_SAMPLES: Final[Mapping[str, tuple[str, float]]] = {
    "HEART_RATE": ("hr_bpm", 1.0),
    "SPEED": ("speed_mps", _KMH),
    "ALTITUDE": ("altitude_m", 1.0),
    "CADENCE": ("cadence_spm", 1.0),
    "DISTANCE": ("distance_m", 1.0),
    "TEMPERATURE": ("temperature_c", 1.0),
}
_LONGEST_STEP_MS: Final = 3_600_000.0
_LONGEST_MS: Final = 30 * 86_400_000.0
"""Beyond these no session of a person goes, and no time in it."""
_PLACES: Final = {"lat_deg": "latitude", "lon_deg": "longitude", "altitude_m": "altitude"}

_RECOVERY: Final = re.compile(rb'"meanNightlyRecovery(?:RMSSD|Rmssd|RRI|Rri)"')
_SESSIONS: Final = (frozenset({"exportVersion", "startTime", "stopTime"}), frozenset({"durationMillis", "startTime"}))
_NOT_NEEDED: Final[Mapping[str, str]] = {
    "sleepScoreResult": "scores of sleep",
    "deviceDays": "the heart rate through the day",
    "devicePpiSamplesList": "single beats through the day; the nightly recovery has their RMSSD",
    "ppiSamples": "single beats through the day; the nightly recovery has their RMSSD",
    "nonUserEditable": "a training target",
    "fitnessTestResult": "a fitness test",
    "orthostaticTestResult": "an orthostatic test",
    "productRegistrationEvents": "devices",
    "physicalInformations": "entries of the calendar",
    "favouriteSports": "a profile",
    "linkedApplications": "an account",
    "hrvSamples": "samples of a night without its date; the nightly recovery has their mean",
}
_STEPS: Final = (frozenset({"exportVersion", "samples", "date"}), frozenset({"physicalInformation", "samples", "date"}))


def recognise(head: bytes, name: str) -> bool:
    """Whether the names are those of Polar's export."""
    return _what(head) is not None


def _what(head: bytes) -> str | None:
    """What of Polar's a file is that begins so: session, sleep, recovery, or what it is that is not needed."""
    names = payload.names_in(head)
    if not names:
        return None
    if "night" in names and _RECOVERY.search(head):
        return "recovery"
    if "night" in names and not names.isdisjoint({"sleepResult", "hypnogram"}):
        return "sleep"
    needless = next((what for key, what in _NOT_NEEDED.items() if key in names), None)
    if needless is not None and (
        "exportVersion" in names or needless == _NOT_NEEDED["sleepScoreResult"] or len(names) > 1
    ):
        return needless
    if any(pair <= names for pair in _SESSIONS) and "activityId" not in names:
        return "session"
    return "steps" if any(wanted <= names for wanted in _STEPS) else None


def read(source: Source) -> Reading:
    """Sessions with their samples, nights, by what the file is; UnreadableFile for what is not needed."""
    what = _what(source.data[:4096])
    if what not in ("session", "sleep", "recovery"):
        raise UnreadableFile(f"this is from Polar: {what}; it is not needed and was not read")
    notes = Notes(source)
    reading = Reading(KIND)
    met = entries.of_json(notes)
    if what == "session":
        for entry in met:
            _session(entry, notes, reading)
        if met and not (reading.activities or reading.runs):
            raise UnreadableFile("nothing of the session could be read: it has no start that can be")
        reading.problems = notes.faults.listed()
        return reading
    make = _slept if what == "sleep" else _recovered
    reading.nights = entries.measured(entries.main_sleeps(_nights(met, notes, make), notes))
    return notes.finished(reading, met)


# --- nights -----------------------------------------------------------------------------------------------


def _nights(met: list[Entry], notes: Notes, make: Any) -> Iterator[Row]:
    for entry in met:
        day = notes.day(entry, "night")
        if day is not None:
            night = {"date": morning_of(day, "night"), **make(entry)}
            kept = payload.possible(night, tables.NIGHTS, f"{entry.where}, {day}", notes.faults)
            yield entries.named(kept, SERVICE)


def _slept(entry: Entry) -> Row:
    evaluation = within(entry.fields, "evaluation")
    hypnogram = within(entry.fields, "sleepResult", "hypnogram")
    began, ended = (_zoned(hypnogram.get(name)) for name in ("sleepStart", "sleepEnd"))
    if began is not None and ended is not None and ended < began:
        began = ended = None
    return {
        "fell_asleep_utc": None if began is None else began.astimezone(UTC),
        "woke_utc": None if ended is None else ended.astimezone(UTC),
        "utc_offset_s": None if ended is None else instants.offset_of(ended),
        "sleep_s": payload.duration_s(evaluation.get("asleepDuration")),
        "in_bed_s": payload.duration_s(evaluation.get("sleepSpan")),
    }


def _zoned(text: Any) -> datetime | None:
    moment = instants.moment_of(text) if isinstance(text, str) else None
    return moment if moment is not None and moment.tzinfo is not None and 1970 < moment.year < 2200 else None


def _recovered(entry: Entry) -> Row:
    named = {name.lower(): value for name, value in entry.fields.items()}
    interval_ms = payload.number(named.get("meannightlyrecoveryrri"))
    rmssd_ms = payload.number(named.get("meannightlyrecoveryrmssd"))
    return {
        "hr_night_bpm": 60_000.0 / interval_ms if interval_ms is not None and interval_ms > 0 else None,
        "rmssd_ms": rmssd_ms if rmssd_ms else None,
    }


# --- sessions ---------------------------------------------------------------------------------------------


def _session(entry: Entry, notes: Notes, reading: Reading) -> None:
    """A session becomes a run for each of its exercises, or one by its summary when it lists none."""
    exercises = [one for one in listed(entry["exercises"]) if isinstance(one, Mapping)]
    alone = len(exercises) == 1
    for number, exercise in enumerate(exercises or [{}], start=1):
        where = entry.where if len(exercises) < 2 else f"{entry.where}, exercise {number}"
        whole = Entry(where, {**(entry.fields if alone or not exercises else _zone_of(entry.fields)), **exercise})
        told = _told(whole, notes)
        if told is None:
            continue
        found = Series()
        _old_samples(exercise, whole, notes, found)
        _new_samples(exercise, whole, notes, found)
        made = series.activity(KIND, found, told, where, notes.faults)
        if made is not None:
            reading.activities.append(made)
        else:
            kept = payload.possible(told, tables.RUNS, where, notes.faults)
            reading.runs.append({**kept, "sport": kept.get("sport") or "other"})


def _zone_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: fields[name] for name in ("timeZoneOffset", "timezoneOffsetMinutes") if name in fields}


def _offset(entry: Entry) -> timezone | None:
    """The offset of an exercise, in minutes under one of three names."""
    for name in ("timezoneOffsetMinutes", "timezoneOffset", "timeZoneOffset"):
        minutes = payload.number(entry[name])
        if minutes is not None and abs(minutes) <= 14 * 60:
            return timezone(timedelta(minutes=minutes))
    return None


def _moment(text: Any, entry: Entry, notes: Notes) -> datetime | None:
    """A local time of this exercise as an instant; None, without a word, when it is none."""
    moment = instants.moment_of(text) if isinstance(text, str) else None
    if moment is None or not 1970 < moment.year < 2200:
        return None
    if moment.tzinfo is not None:
        return moment
    zone = _offset(entry)
    return (
        moment.replace(tzinfo=zone)
        if zone is not None
        else instants.localised(moment, notes.source.context.home_time_zone)
    )


def _told(entry: Entry, notes: Notes) -> Row | None:
    start = notes.moment(entry, "startTime", "the session was left out", _offset(entry))
    if start is None:
        return None
    stop = _moment(entry["stopTime"], entry, notes)
    lasted_ms = payload.number(entry["durationMillis"])
    moving_s = payload.duration_s(entry["duration"]) if lasted_ms is None else lasted_ms / 1000.0
    elapsed_s = (stop - start).total_seconds() if stop is not None and stop >= start else moving_s
    if elapsed_s is not None and moving_s is not None:
        elapsed_s = max(elapsed_s, moving_s)
    rates = within(entry.fields, "heartRate")
    known = _offset(entry) is not None or notes.source.context.home_time_zone is not None
    return {
        "start_utc": start.astimezone(UTC),
        "utc_offset_s": instants.offset_of(start) if known else None,
        "sport": _sport(entry["sport"]),
        "elapsed_s": elapsed_s,
        "moving_s": moving_s if moving_s is not None else elapsed_s,
        "distance_m": _first(entry.fields, "distanceMeters", "distance"),
        "hr_mean_bpm": _first(entry.fields, "hrAvg", "averageHeartRate") or _first(rates, "avg"),
        "hr_max_bpm": _first(entry.fields, "hrMax", "maximumHeartRate") or _first(rates, "max"),
        "climb_m": _first(entry.fields, "ascentMeters", "ascent", nothing=False),
    }


def _first(fields: Mapping[str, Any], *names: str, nothing: bool = True) -> float | None:
    """The first of these that is a number; where nought means nothing measured, one that is not nought."""
    numbers = (payload.number(fields.get(name)) for name in names)
    return next((value for value in numbers if value is not None and not (nothing and value == 0)), None)


def _sport(value: Any) -> str | None:
    if isinstance(value, Mapping):
        number = str(value.get("id") or "")
        return _SPORT_IDS.get(number) or (sports.sport_of(number) if not number.isdigit() else "other")
    return sports.sport_of(value.lower() if value.isupper() else value) if isinstance(value, str) else None


def _old_samples(exercise: Mapping[str, Any], entry: Entry, notes: Notes, found: Series) -> None:
    """Lists of samples, each with its time."""
    samples = within(exercise, "samples")
    for name, (column, factor) in _OLD_SAMPLES.items():
        for one in listed(samples.get(name)):
            at_us = series.micros(_moment(within(one).get("dateTime"), entry, notes))
            value = payload.number(within(one).get("value"))
            if at_us is not None and not (column == "hr_bpm" and value == 0):
                found.add(column, at_us, value, factor)
    for one in listed(samples.get("recordedRoute")):
        _place(within(one), series.micros(_moment(within(one).get("dateTime"), entry, notes)), found)
    lengths = (payload.duration_s(within(one).get("duration")) for one in listed(samples.get("rr")))
    found.beats(length * 1000.0 for length in lengths if length is not None)


def _place(point: Mapping[str, Any], at_us: int | None, found: Series) -> None:
    if at_us is None or not all(payload.number(point.get(name)) is not None for name in ("latitude", "longitude")):
        return
    for column, name in _PLACES.items():
        if column != "altitude_m" or column not in found.columns:
            found.add(column, at_us, point.get(name))


def _new_samples(exercise: Mapping[str, Any], entry: Entry, notes: Notes, found: Series) -> None:
    """Samples at equal steps from the start, and a route whose points count from its own start."""
    start_us = series.micros(_moment(entry["startTime"], entry, notes))
    if start_us is None:
        return
    for one in listed(within(exercise, "samples").get("samples")):
        held = within(one)
        kind = re.sub(r"^.*_TYPE_", "", str(held.get("type") or "").upper())
        step_ms = payload.number(held.get("intervalMillis"))
        if kind not in _NEW_SAMPLES or step_ms is None or not 0 < step_ms <= _LONGEST_STEP_MS:
            continue
        column, factor = _NEW_SAMPLES[kind]
        for number, value in enumerate(listed(held.get("values"))[: series.SAMPLES_AT_MOST]):
            if not (column == "hr_bpm" and value == 0):
                found.add(column, start_us + round(number * step_ms * 1000), value, factor)
    route = within(exercise, "routes", "route")
    began_us = series.micros(_moment(route.get("startTime"), entry, notes)) or start_us
    for one in listed(route.get("wayPoints")):
        after_ms = payload.number(within(one).get("elapsedMillis"))
        if after_ms is not None and 0 <= after_ms <= _LONGEST_MS:
            _place(within(one), began_us + round(after_ms / 1000) * 1_000_000, found)  # on the grid of the samples
