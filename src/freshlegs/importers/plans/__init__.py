"""Plans as others write them: calendars, tables, YAML by hand, FIT workouts. Each file by its content.

A reader has the shape of an importer, with two differences: it reads sessions that are still to come, and it is told
which days are looked at.
"""

from __future__ import annotations

from types import ModuleType
from typing import Final

from freshlegs.importers.contract import HEAD_BYTES
from freshlegs.importers.plans import calendar, sheet, workout, written
from freshlegs.importers.plans.contract import PlanReading, Reader
from freshlegs.problems import UnreadableFile

READERS: Final[tuple[ModuleType, ...]] = (calendar, workout, written, sheet)
"""Who is asked first."""


def read_plan(data: bytes, reader: Reader) -> PlanReading:
    """The sessions of one file; UnreadableFile, with one clear sentence, when it is no plan."""
    head = data[:HEAD_BYTES]
    for one in READERS:
        if one.recognise(head, reader.name):
            found: PlanReading = one.read(data, reader)
            return found
    raise UnreadableFile(
        "this is no plan: a calendar (.ics), a CSV table with a day and a kind or title, YAML with sessions: or "
        "weeks:, or a FIT workout"
    )


__all__ = ["PlanReading", "Reader", "read_plan"]
