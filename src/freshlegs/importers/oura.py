"""Oura: sleep periods as its API (version 2) gives them, the same in its account export, and the CSV of its web page.

A night is the long sleep of its day; naps and rests are counted and left out. Times carry their offset, durations are
seconds, the day is that of waking, and Oura says that its average HRV is RMSSD. The lowest heart rate is what Oura
calls the resting heart rate. Scores, readiness and activity are not needed and not recognised.

No real file was at hand: fields by Oura's own documentation, headers by what users publish.
"""

from __future__ import annotations

import re
from typing import Final

from freshlegs import tables
from freshlegs.importers import entries
from freshlegs.importers.contract import Reading, Source
from freshlegs.importers.delimited import header_of
from freshlegs.importers.entries import Field, Notes

KIND: Final = "Oura"
YIELDS: Final = frozenset({"nights"})
SERVICE: Final = "oura"

_FIELDS: Final = frozenset({"day", "bedtime_start", "bedtime_end", "total_sleep_duration"})
_PAGE: Final = frozenset({"date", "Average HRV", "Lowest Resting Heart Rate"})
_KEY: Final = re.compile(rb'"bedtime_start"\s*:')
_MORE_KEYS: Final = re.compile(rb'"(average_hrv|awake_time|total_sleep_duration|average_breath)"\s*:')

_NIGHT: Final = {
    "total_sleep_duration": Field("sleep_s"),
    "time_in_bed": Field("in_bed_s"),
    "average_heart_rate": Field("hr_night_bpm", nothing=(0.0,)),
    "lowest_heart_rate": Field("hr_rest_bpm", nothing=(0.0,)),
    "average_hrv": Field("rmssd_ms", nothing=(0.0,)),
    "Total Sleep Time": Field("sleep_s"),
    "Total Sleep Duration": Field("sleep_s"),
    "Total Bedtime": Field("in_bed_s"),
    "Average Resting Heart Rate": Field("hr_night_bpm", nothing=(0.0,)),
    "Lowest Resting Heart Rate": Field("hr_rest_bpm", nothing=(0.0,)),
    "Average HRV": Field("rmssd_ms", nothing=(0.0,)),
}
_SPAN: Final = ("bedtime_start", "bedtime_end", "latency")
_SPAN_OF_PAGE: Final = ("Bedtime Start", "Bedtime End", "Sleep Latency")


def recognise(head: bytes, name: str) -> bool:
    """Whether the header, or the keys of the first sleep, are Oura's."""
    if entries.is_json(head):
        return _KEY.search(head) is not None and _MORE_KEYS.search(head) is not None
    header = set(header_of(head))
    return header >= _FIELDS or header >= _PAGE


def read(source: Source) -> Reading:
    """One night a day."""
    notes = Notes(source)
    met = entries.of_json(notes, "data") if entries.is_json(source.data[:64]) else entries.of_table(source.data)
    nights, naps = [], 0
    for entry in met:
        if entry["type"] not in (None, "long_sleep"):
            naps += 1
            continue
        is_page = entry["date"] is not None
        day = notes.day(entry, "date" if is_page else "day")
        if day is not None:
            night = notes.fill(entry, _NIGHT, tables.NIGHTS, {"date": day})
            notes.span(entry, _SPAN_OF_PAGE if is_page else _SPAN, night)
            nights.append(entries.named(night, SERVICE))
    reading = Reading(KIND)
    reading.nights = entries.measured(entries.main_sleeps(nights, notes, naps))
    return notes.finished(reading, met)
