"""Polar AccessLink: nights as its API gives them (``users/sleep`` and ``users/nightly-recharge``).

A night has the date of waking, which is Polar's ``date``. Asleep is light, deep and REM sleep and what could not be
told apart; in bed is from falling asleep to waking, because Polar knows no more. ``heart_rate_variability_avg`` of the
nightly recharge is the RMSSD of four hours of sleep, ``heart_rate_avg`` the heart rate of the same hours. Scores and
charges are Polar's verdicts and are not read.
"""

from __future__ import annotations

from typing import Any, Final

from freshlegs import tables
from freshlegs.importers import entries, payload
from freshlegs.importers.contract import Reading, Source
from freshlegs.importers.entries import Entry, Field, Notes, Row
from freshlegs.problems import UnreadableFile

KIND: Final = "Polar AccessLink"
YIELDS: Final = frozenset({"nights"})
SERVICE: Final = "polar"

_SLEEP: Final = frozenset({"nights", "polar_user", "sleep_start_time"})
_RECHARGE: Final = frozenset({"recharges", "polar_user", "heart_rate_variability_avg"})
_STAGES: Final = ("light_sleep", "deep_sleep", "rem_sleep", "unrecognized_sleep_stage")
_OF_RECHARGE: Final = {
    "heart_rate_variability_avg": Field("rmssd_ms", nothing=(0.0,)),
    "heart_rate_avg": Field("hr_night_bpm", nothing=(0.0,)),
}


def recognise(head: bytes, name: str) -> bool:
    """Whether it is JSON with the names of AccessLink's nights or recharges."""
    names = payload.names_in(head)
    return names >= _SLEEP or names >= _RECHARGE


def read(source: Source) -> Reading:
    """A night for each date; UnreadableFile when there is none."""
    notes = Notes(source)
    nights: list[Row] = []
    met: list[Entry] = []
    for entry in _entries(notes):
        met.append(entry)
        day = notes.day(entry, "date")
        if day is None:
            continue
        night = notes.fill(entry, _OF_RECHARGE, tables.NIGHTS, {"date": day})
        if entry["sleep_start_time"] is not None:
            night = _slept(notes, entry, night)
        nights.append(entries.named(night, SERVICE))
    reading = Reading(KIND)
    reading.nights = entries.main_sleeps(entries.measured(nights), notes)
    return notes.finished(reading, met)


def _entries(notes: Notes) -> list[Entry]:
    """The nights of a document of either kind."""
    found: list[Entry] = []
    for _, document in payload.entries(notes.source.data, notes.faults):
        listed = [document.get(name) for name in ("nights", "recharges")] if isinstance(document, dict) else []
        for one in (one for several in listed if isinstance(several, list) for one in several):
            if isinstance(one, dict):
                filled = {name: value for name, value in one.items() if value is not None and value != ""}
                found.append(Entry(f"night {len(found) + 1}", filled))
    if not found:
        raise UnreadableFile("this is from Polar, but holds no night")
    return found


def _slept(notes: Notes, entry: Entry, night: Row) -> Row:
    notes.span(entry, ("sleep_start_time", "sleep_end_time", ""), night)
    stages: list[Any] = [payload.number(entry[name]) for name in _STAGES]
    known = [one for one in stages if one is not None]
    values: Row = {"sleep_s": sum(known) if known and sum(known) > 0 else None}
    if "fell_asleep_utc" in night and "woke_utc" in night:
        values["in_bed_s"] = (night["woke_utc"] - night["fell_asleep_utc"]).total_seconds()
    return {**night, **payload.possible(values, tables.NIGHTS, entry.where, notes.faults)}
