"""Elite HRV's CSV export of readings: the morning readiness, as nights.

Both layouts are read, the one with ``Datetime`` and the newer one with ``Date Time Start``. Of several readiness
readings of a day the last counts; open readings, exercise and others are counted and left out, as they were not taken
at rest in the morning. RMSSD and SDNN each keep their own column. Columns as in files that users published.
"""

from __future__ import annotations

from typing import Final

from freshlegs import tables
from freshlegs.importers import entries
from freshlegs.importers.contract import HEAD_BYTES, Reading, Source
from freshlegs.importers.delimited import header_of
from freshlegs.importers.entries import Field, Notes, Row
from freshlegs.problems import UnreadableFile

KIND: Final = "Elite HRV"
YIELDS: Final = frozenset({"nights"})
SERVICE: Final = "elite-hrv"

_HEADER: Final = frozenset({"Type", "HR", "lnRmssd", "Rmssd"})
_WHEN: Final = ("Date Time Start", "Datetime")
_MORNING: Final = {
    "HR": Field("hr_rest_bpm", nothing=(0.0,)),
    "Rmssd": Field("rmssd_ms", nothing=(0.0,)),
    "Sdnn": Field("sdnn_ms", nothing=(0.0,)),
}


def recognise(head: bytes, name: str) -> bool:
    """Whether the header is Elite HRV's."""
    header = set(header_of(head))
    return header >= _HEADER and any(when in header for when in _WHEN)


def read(source: Source) -> Reading:
    """One night for each day with a readiness reading; UnreadableFile when they are several people's."""
    notes = Notes(source)
    met = entries.of_table(source.data)
    if len({entry["Member"] for entry in met}) > 1:
        raise UnreadableFile("the export holds several members; a diary is one runner's, so export one member")
    header = header_of(source.data[:HEAD_BYTES])
    when = next((name for name in _WHEN if name in header), _WHEN[0])
    nights: dict[tuple[str, str], Row] = {}
    others = 0
    for entry in met:
        if "readiness" not in str(entry["Type"]).lower():
            others += 1
            continue
        day = notes.day(entry, when)
        if day is not None:
            night = notes.fill(entry, _MORNING, tables.NIGHTS, {"date": day})
            nights[str(day), str(entry[when])] = entries.named(night, SERVICE)
    last = {night["date"]: night for _, night in sorted(nights.items(), key=lambda one: one[0])}
    if others:
        were = "1 reading was" if others == 1 else f"{others} readings were"
        notes.faults.once(f"{were} left out, because not of the morning readiness")
    reading = Reading(KIND)
    reading.nights = entries.measured(last.values())
    return notes.finished(reading, met)
