"""WHOOP's export: ``physiological_cycles.csv``, ``sleeps.csv``, ``workouts.csv``, in English.

Times are the local clock; the column ``Cycle timezone`` says which (``UTC-07:00``, around the change of the clocks also
``UTCZ``). A night belongs to the local date of waking; naps are counted and left out. WHOOP says that its heart rate
variability is RMSSD. A cycle without sleep is no night. The journal is not read.

No real file was at hand: headers by what users publish. That the times are local and not UTC is an assumption: most who
read these files say so, not all.
"""

from __future__ import annotations

import re
from datetime import UTC, timedelta, timezone
from typing import Final

from freshlegs import tables
from freshlegs.importers import entries, instants, sports
from freshlegs.importers.contract import HEAD_BYTES, Reading, Source
from freshlegs.importers.delimited import brief, header_of
from freshlegs.importers.entries import Entry, Field, Notes, Row
from freshlegs.problems import UnreadableFile

KIND: Final = "WHOOP"
YIELDS: Final = frozenset({"nights", "runs"})
SERVICE: Final = "whoop"

_CYCLE: Final = frozenset({"Cycle start time", "Cycle timezone"})
_ZONE: Final = re.compile(r"(?:UTC|GMT)?(?:Z|([+-])(\d{1,2}):?(\d{2}))?")
_FURTHEST: Final = timedelta(hours=14)
_NO_NUMBER: Final = (0.0,)

_NIGHT: Final = {
    "Asleep duration (min)": Field("sleep_s", 60.0),
    "In bed duration (min)": Field("in_bed_s", 60.0),
    "Resting heart rate (bpm)": Field("hr_rest_bpm", nothing=_NO_NUMBER),
    "Heart rate variability (ms)": Field("rmssd_ms", nothing=_NO_NUMBER),
}
_SPAN: Final = ("Sleep onset", "Wake onset", "")
_WORKOUT: Final = {
    "Average HR (bpm)": Field("hr_mean_bpm", nothing=_NO_NUMBER),
    "Max HR (bpm)": Field("hr_max_bpm", nothing=_NO_NUMBER),
    "Distance (meters)": Field("distance_m", nothing=_NO_NUMBER),
    "Altitude gain (meters)": Field("climb_m"),
}


def recognise(head: bytes, name: str) -> bool:
    """Whether the header has WHOOP's cycles."""
    return set(header_of(head)) >= _CYCLE


def read(source: Source) -> Reading:
    """Nights from cycles and sleeps, sessions from workouts."""
    notes = Notes(source)
    header = set(header_of(source.data[:HEAD_BYTES]))
    met = entries.of_table(source.data)
    reading = Reading(KIND)
    if "Workout start time" in header:
        reading.runs = [run for run in (_workout(entry, notes) for entry in met) if run is not None]
    elif "Wake onset" in header:
        reading.nights = _nights(met, notes)
    else:
        raise UnreadableFile("this file of WHOOP's is not needed; the cycles, sleeps and workouts are")
    return notes.finished(reading, met)


def _zone(entry: Entry, notes: Notes) -> timezone | None:
    """The offset of an entry; None, with the fault noted, when it says none."""
    text = entry["Cycle timezone"]
    found = _ZONE.fullmatch(text) if text else None
    if found is not None:
        sign, hours, minutes = found.groups(default="0")
        offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
        if abs(offset) <= _FURTHEST:
            return timezone(offset)
    what = "there is no time zone" if not text else f"{brief(text)!r} is no offset from UTC"
    notes.faults.add(f"{entry.where}, Cycle timezone", f"{what}; the home time zone was taken", lost=False)
    return None


def _nights(met: list[Entry], notes: Notes) -> list[Row]:
    nights, naps = [], 0
    for entry in met:
        if str(entry["Nap"]).lower() == "true":
            naps += 1
            continue
        if entry["Wake onset"] is None and not any(entry[name] is not None for name in _NIGHT):
            continue
        day = notes.day(entry, "Wake onset")
        if day is not None:
            night = notes.fill(entry, _NIGHT, tables.NIGHTS, {"date": day})
            notes.span(entry, _SPAN, night, _zone(entry, notes))
            nights.append(entries.named(night, SERVICE))
    return entries.measured(entries.main_sleeps(nights, notes, naps))


def _workout(entry: Entry, notes: Notes) -> Row | None:
    zone = _zone(entry, notes)
    start = notes.moment(entry, "Workout start time", "the session was left out", zone)
    if start is None:
        return None
    run: Row = {"start_utc": start.astimezone(UTC), "sport": sports.sport_of(entry["Activity name"]) or "other"}
    if zone is not None or notes.source.context.home_time_zone is not None:
        run["utc_offset_s"] = instants.offset_of(start)
    notes.fill(entry, {"Duration (min)": Field("elapsed_s", 60.0)}, tables.RUNS, run)
    end = notes.moment(entry, "Workout end time", zone=zone) if entry["Workout end time"] is not None else None
    if end is not None and end > start:
        run["elapsed_s"] = (end - start).total_seconds()
    if "elapsed_s" in run:
        run["moving_s"] = run["elapsed_s"]
    return notes.fill(entry, _WORKOUT, tables.RUNS, run)
