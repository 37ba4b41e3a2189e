"""Fitbit's own export or Google Takeout: exercise, sleep and resting heart rate (JSON), nightly RMSSD (CSV).

Times are the wearer's local clock (checked against real diaries whose stamps are UTC). The date of a sleep is that of
waking; of a day the main sleep is kept, naps are counted and left out. The resting heart rate of a date rests on that
whole day, evening included, so it is given to the night of the NEXT morning: no verdict may know the evening after it;
0 is Fitbit's word for none. The date of the RMSSD is that of waking.

Walks that the watch noticed by itself stay, as walking. Climb is in metres, in feet where the file's distances are in
miles; the feet are an assumption, no such file was at hand. Indoors the altimeter follows the air, not a slope (real
treadmill runs of 4 km claim 370 m), so climb is taken only where there is ground to climb. Steps, zones, minutes and
scores are refused as not needed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from typing import Any, Final

from freshlegs import tables, units
from freshlegs.importers import entries, instants, sports
from freshlegs.importers.contract import HEAD_BYTES, Reading, Source
from freshlegs.importers.delimited import brief, header_of
from freshlegs.importers.entries import Entry, Field, Notes, Row
from freshlegs.importers.nights import morning_of
from freshlegs.problems import UnreadableFile

KIND: Final = "Fitbit"
YIELDS: Final = frozenset({"nights", "runs"})
SERVICE: Final = "fitbit"

_RMSSD: Final = frozenset({"timestamp", "rmssd", "nremhr", "entropy"})
_NEEDLESS_TABLES: Final = (
    frozenset({"timestamp", "rmssd", "coverage", "low_frequency"}),
    frozenset({"sleep_log_entry_id", "overall_score"}),
)
_DAILY: Final = frozenset({"dateTime", "value"})

_NIGHT: Final = {"minutesAsleep": Field("sleep_s", 60.0), "timeInBed": Field("in_bed_s", 60.0)}
_SPAN: Final = ("startTime", "endTime", "minutesToFallAsleep")
_RUN: Final = {
    "duration": Field("elapsed_s", 0.001),
    "activeDuration": Field("moving_s", 0.001),
    "averageHeartRate": Field("hr_mean_bpm", nothing=(0.0,)),
}
_METRES: Final[Mapping[str, float]] = {
    "Kilometer": 1000.0,
    "Mile": units.KM_PER_MILE * 1000.0,
    "Meter": 1.0,
    "Yard": 3 * units.METRES_PER_FOOT,
}
_ON_GROUND: Final = ("running", "walking", "hiking", "cycling", "biking", "skiing")
_INDOORS: Final = ("treadmill", "indoor", "virtual")
_SPORTS: Final[Mapping[str, str]] = {
    "Outdoor Bike": "cycling",
    "Weights": "strength",
    "Circuit Training": "strength",
    "Sport": "other",
    "Aerobic Workout": "other",
    "Interval Workout": "other",
}


def recognise(head: bytes, name: str) -> bool:
    """Whether the keys of the first entry, or the header, are Fitbit's."""
    return _what(head) is not None


def _what(head: bytes) -> str | None:
    """What of Fitbit's a file is that begins so: exercise, sleep, resting, rmssd, needless; None if not theirs."""
    header = set(header_of(head))
    if header >= _RMSSD:
        return "rmssd"
    if any(header >= columns for columns in _NEEDLESS_TABLES):
        return "needless"
    if not re.match(rb"(\xef\xbb\xbf)?\s*\[\s*\{", head):
        return None
    for key, what in ((b'"activityName"', "exercise"), (b'"dateOfSleep"', "sleep")):
        if b'"logId"' in head and key in head:
            return what
    first = entries.first_object(head)
    if first is None or first.keys() != _DAILY:
        return None
    value = first["value"]
    if isinstance(value, dict) and {"value", "error"} <= value.keys():
        return "resting"
    return "needless"


def read(source: Source) -> Reading:
    """Sessions, nights, resting heart rates, or nightly RMSSD, by what the file is."""
    what = _what(source.data[:HEAD_BYTES])
    if what == "needless":
        raise UnreadableFile(
            "this file of Fitbit's (steps, distance, minutes, zones, heart rates or scores) is not needed; exercise,"
            " sleep, resting_heart_rate and the daily heart rate variability are"
        )
    notes = Notes(source)
    reading = Reading(KIND)
    met = entries.of_table(source.data) if what == "rmssd" else _once(entries.of_json(notes))
    if what == "exercise":
        reading.runs = _runs(met, notes)
    elif what == "sleep":
        reading.nights = _sleeps(met, notes)
    elif what == "resting":
        reading.nights = _resting(met, notes)
        if met and not reading.nights and not notes.faults.listed():
            raise UnreadableFile("no day of the file has a resting heart rate")
    else:
        reading.nights = _rmssd(met, notes)
    return notes.finished(reading, met)


def _once(met: list[Entry]) -> list[Entry]:
    """Each log once: the files of neighbouring months repeat those of the days between them."""
    return list({str(entry["logId"] or entry.where): entry for entry in met}.values())


def _sleeps(met: list[Entry], notes: Notes) -> list[Row]:
    nights, naps = [], 0
    for entry in met:
        if entry["mainSleep"] is False:
            naps += 1
            continue
        day = notes.day(entry, "dateOfSleep")
        if day is None:
            continue
        night = notes.fill(entry, _NIGHT, tables.NIGHTS, {"date": day})
        nights.append(entries.named(notes.span(entry, _SPAN, night), SERVICE))
    return entries.measured(entries.main_sleeps(nights, notes, naps))


def _resting(met: list[Entry], notes: Notes) -> list[Row]:
    nights = []
    for entry in met:
        held = entry["value"]
        found = held.get("value") if isinstance(held, dict) else None
        one = Entry(entry.where, {"dateTime": entry["dateTime"], "resting heart rate": found})
        rate = notes.fill(one, {"resting heart rate": Field("hr_rest_bpm", nothing=(0.0,))}, tables.NIGHTS, {})
        day = notes.day(one, "dateTime") if rate else None
        if day is not None:
            nights.append(entries.named({"date": morning_of(day, "day"), **rate}, SERVICE))
    return nights


def _rmssd(met: list[Entry], notes: Notes) -> list[Row]:
    nights = []
    for entry in met:
        day = notes.day(entry, "timestamp")
        if day is not None:
            night = notes.fill(entry, {"rmssd": Field("rmssd_ms", nothing=(0.0,))}, tables.NIGHTS, {"date": day})
            nights.append(entries.named(night, SERVICE))
    return entries.measured(nights)


def _runs(met: list[Entry], notes: Notes) -> list[Row]:
    in_miles = any(entry["distanceUnit"] == "Mile" for entry in met)
    climb = {"elevationGain": Field("climb_m", units.METRES_PER_FOOT if in_miles else 1.0)}
    runs, flattened = [], 0
    for entry in met:
        start = notes.moment(entry, "startTime", "the session was left out")
        if start is None:
            continue
        run: Row = {"start_utc": start.astimezone(UTC), "sport": _sport(entry["activityName"])}
        if notes.source.context.home_time_zone is not None:
            run["utc_offset_s"] = instants.offset_of(start)
        notes.fill(entry, _RUN, tables.RUNS, run)
        if run["sport"].endswith(_ON_GROUND) and not run["sport"].startswith(_INDOORS):
            notes.fill(entry, climb, tables.RUNS, run)
        else:
            flattened += entry["elevationGain"] not in (None, 0)
        if "elapsed_s" in run:
            run.setdefault("moving_s", run["elapsed_s"])
        _distance(entry, run, notes)
        runs.append(run)
    if flattened:
        sessions = "1 session" if flattened == 1 else f"{flattened} sessions"
        notes.faults.once(
            f"the climb of {sessions} indoors was left out: there the watch measures the air, not a slope"
        )
    return runs


def _distance(entry: Entry, run: Row, notes: Notes) -> None:
    if entry["distance"] is None:
        return
    unit = entry["distanceUnit"]
    factor = _METRES.get(unit) if isinstance(unit, str) else None
    if factor is None:
        what = "no unit" if unit is None else f"the unit {brief(str(unit))!r}, which is not known"
        notes.faults.add(f"{entry.where}, distance", f"it has {what}; that value was left out")
        return
    notes.fill(entry, {"distance": Field("distance_m", factor)}, tables.RUNS, run)


def _sport(name: Any) -> str:
    known = _SPORTS.get(name) if isinstance(name, str) else None
    return known or sports.sport_of(name if isinstance(name, str) else None) or "other"
