"""intervals.icu wellness, CSV or JSON: nights and check-ins.

``hrv`` is RMSSD, ``hrvSDNN`` is SDNN; each has its own column here. Answers go from 1 to 4, and 1 is always the good
end: fatigue, soreness and stress 1 is low and 4 extreme; mood and sleep quality 1 is great and 4 grumpy or poor;
motivation 1 is extreme and 4 low. They become 0, 3.3, 6.7 and 10 in our direction; fatigue is our energy. The labels
are those of the page; no real file was at hand.

``readiness`` and ``sleepScore`` are figures of devices, no answers; injury, hydration and the phase of the cycle have
no scale of ours. They are not read, nor is anything of training load.
"""

from __future__ import annotations

import re
from typing import Final

from freshlegs import tables
from freshlegs.importers import entries
from freshlegs.importers.contract import Reading, Source
from freshlegs.importers.delimited import header_of
from freshlegs.importers.entries import Field, Notes, Row

KIND: Final = "intervals.icu"
YIELDS: Final = frozenset({"checkins", "nights"})
SERVICE: Final = "intervals.icu"

_NAMES: Final = frozenset(
    {"restingHR", "hrvSDNN", "sleepSecs", "avgSleepingHR", "sleepQuality", "sleepScore", "ctl", "atl", "rampRate"}
    | {"ctlLoad", "atlLoad", "baevskySI", "kcalConsumed", "spO2", "menstrualPhase"}
)
_ENOUGH: Final = 2
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_BETTER_LOW: Final = (4.0, 1.0)
_WORSE_HIGH: Final = (1.0, 4.0)

_NIGHT: Final = {
    "sleepSecs": Field("sleep_s", nothing=(0.0,)),
    "avgSleepingHR": Field("hr_night_bpm", nothing=(0.0,)),
    "restingHR": Field("hr_rest_bpm", nothing=(0.0,)),
    "hrv": Field("rmssd_ms", nothing=(0.0,)),
    "hrvSDNN": Field("sdnn_ms", nothing=(0.0,)),
}
_ANSWERS: Final = {
    "fatigue": Field("energy", nothing=(0.0,), scale=_BETTER_LOW),
    "soreness": Field("soreness", nothing=(0.0,), scale=_WORSE_HIGH),
    "stress": Field("stress", nothing=(0.0,), scale=_WORSE_HIGH),
    "mood": Field("mood", nothing=(0.0,), scale=_BETTER_LOW),
    "motivation": Field("wish_to_run", nothing=(0.0,), scale=_BETTER_LOW),
    "sleepQuality": Field("sleep_quality", nothing=(0.0,), scale=_BETTER_LOW),
    "weight": Field("weight_kg", nothing=(0.0,)),
    "systolic": Field("systolic_mmhg", nothing=(0.0,)),
    "diastolic": Field("diastolic_mmhg", nothing=(0.0,)),
}


def recognise(head: bytes, name: str) -> bool:
    """Whether the header, or the keys of the first day, are those of wellness."""
    if entries.is_json(head):
        first = entries.first_object(head)
        return (
            first is not None
            and len(first.keys() & _NAMES) >= _ENOUGH
            and _DATE.fullmatch(str(first.get("id", ""))) is not None
        )
    header = set(header_of(head))
    return "date" in header and len(header & _NAMES) >= _ENOUGH


def read(source: Source) -> Reading:
    """A night and a check-in for each day that says something of them."""
    notes = Notes(source)
    is_json = entries.is_json(source.data[:64])
    met = entries.of_json(notes) if is_json else entries.of_table(source.data)
    nights: list[Row] = []
    checkins: list[Row] = []
    for entry in met:
        day = notes.day(entry, "id" if is_json else "date")
        if day is None:
            continue
        nights.append(entries.named(notes.fill(entry, _NIGHT, tables.NIGHTS, {"date": day}), SERVICE))
        answers = notes.fill(entry, _ANSWERS, tables.CHECKINS, {"date": day})
        if isinstance(entry["comments"], str):
            answers["note"] = entry["comments"]
        if len(answers) > 1:
            checkins.append(answers)
    reading = Reading(KIND)
    reading.nights, reading.checkins = entries.measured(nights), checkins
    return notes.finished(reading, met)
