"""Apple Health: ``export.xml`` of any size, and the routes beside it.

An export is one file with everything in it. When a folder or a zip is walked it is taken apart (`unbundle`): each
workout with its heart rates and route becomes a small file of its own, and so do the nights and mornings of each
month. They are kept and known like files of other services, so the next export brings what is new and no more. What
is not read (steps, calories) is not kept.

Apple writes all times with the offset of the phone; where something really happened is said in its metadata, if at
all. So the local day goes by that, then by the home time zone, and by the phone's offset when neither is known.
"""

from __future__ import annotations

import re
from typing import Final

from freshlegs.importers import xml_text
from freshlegs.importers.apple import days, parse, runs, scan
from freshlegs.importers.apple import elements as e
from freshlegs.importers.apple.elements import Export
from freshlegs.importers.contract import Reading, Source
from freshlegs.importers.delimited import Faults
from freshlegs.problems import Problem, UnreadableFile

KIND: Final = runs.KIND
YIELDS: Final = frozenset({"runs", "nights", "checkins"})

PART: Final = b'<HealthData part="'
"""How a part of an export begins that was taken out of it."""

_ROOT: Final = re.compile(rb"<!DOCTYPE\s+HealthData|<HealthData[\s/>]")
_ROUTE: Final = re.compile(rb"<gpx[\s>].*?</gpx>", re.DOTALL)
_DOCTORS: Final = re.compile(rb"<ClinicalDocument[\s/>]")


def recognise(head: bytes, name: str) -> bool:
    """Whether the root element is ``HealthData``, or that of the copy for doctors' systems, which is refused."""
    text = xml_text.head_text(head)
    return is_export(text) or text.startswith(PART) or _DOCTORS.search(text) is not None


def is_export(head: bytes) -> bool:
    """Whether it is a whole export, not a part that was taken out of one."""
    text = xml_text.head_text(head)
    return text[:1] == b"<" and _ROOT.search(text) is not None and not text.startswith(PART)


def read(source: Source) -> Reading:
    """A whole export, or a part of one, that lies in memory; routes that are not inside are unknown to it."""
    if _DOCTORS.search(source.data[:4096]) is not None:
        raise UnreadableFile("this is the copy of an export for doctors' systems (CDA); the other XML file holds more")
    routes = _ROUTE.findall(source.data) if source.data.startswith(PART) else []
    data = _ROUTE.sub(b"", source.data) if routes else source.data
    is_part = data.startswith(PART)
    export = parse.careful(iter((data,)), Export()) if is_part else scan.gather(lambda: iter((data,)))
    faults = Faults(source.name)
    reading = Reading(KIND)
    problems = [Problem(source.name, where, why, lost=True) for where, why in export.faults]
    efforts = list(export.of_type(e.EFFORT))
    for number, workout in enumerate(export.workouts, start=1):
        span = e.span(workout)
        if span is None:
            faults.add(f"workout {number}", "it has no time that can be; it was left out")
            continue
        beats = runs.beats_of(workout, export.heart_rate, export.sources)
        rpe = runs.effort(span, efforts)
        activity = runs.run(workout, beats, routes, source, rpe)
        if activity is None:
            reading.runs.append(runs.bare(workout, span, source, rpe, problems))
        else:
            reading.activities.append(activity)
            problems.extend(activity.problems)
    reading.nights = days.nights_of(export, source, faults)
    reading.checkins = days.checkins_of(export, source, faults)
    reading.profile = days.profile_of(export)
    reading.problems = problems + faults.listed()
    if not (reading.activities or reading.runs or reading.nights or reading.checkins or reading.profile):
        first = f"; the first fault: {reading.problems[0].message}" if reading.problems else ""
        raise UnreadableFile(f"there is no workout, night or weight in this export{first}")
    return reading
