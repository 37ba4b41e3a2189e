"""PMSys, the athletes' diary of the University of Tromsø, Simula and others: ``wellness.csv`` and ``srpe.csv``.

All its answers from 1 to 5 are better the higher they are: soreness 5 is none, stress 5 is calm, fatigue 5 is
fresh. So soreness and stress are turned round, and fatigue is our energy. Stamps are UTC instants; a check-in belongs
to the local day of its stamp. The stamp of a session is its end.

``injury.csv`` is recognised and set aside: its words (``minor``, ``major``) have no place on a scale of pain from 0
to 10, and a number made up for them would count as an answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from freshlegs import units
from freshlegs.importers import instants
from freshlegs.importers.contract import Reading, Source
from freshlegs.importers.delimited import Faults, Sheet, brief, cells, header_of, sheet
from freshlegs.problems import UnreadableFile

KIND: Final = "PMSys"
YIELDS: Final = frozenset({"checkins", "nights", "runs"})

_WELLNESS: Final = frozenset({"effective_time_frame", "fatigue", "mood", "soreness", "stress"})
_SESSIONS: Final = frozenset({"end_date_time", "perceived_exertion", "duration_min"})
_INJURIES: Final = frozenset({"effective_time_frame", "injuries"})

_FIVE_POINTS: Final[Mapping[str, tuple[str, bool]]] = {
    "fatigue": ("energy", False),
    "mood": ("mood", False),
    "sleep_quality": ("sleep_quality", False),
    "soreness": ("soreness", True),
    "stress": ("stress", True),
}
"""Their name: our name, and whether the direction turns."""

_SPORTS: Final = ("running", "soccer", "strength", "cycling", "swimming")
"""The first of these words names the session; the others (``individual``, ``team``) say nothing of the sport."""


def recognise(head: bytes, name: str) -> bool:
    """Whether the header is one of PMSys's three."""
    header = set(header_of(head))
    return any(columns <= header for columns in (_WELLNESS, _SESSIONS, _INJURIES))


def read(source: Source) -> Reading:
    """Check-ins and nights from a wellness file, sessions from an srpe file."""
    table = sheet(source.data)
    faults = Faults(source.name)
    reading = Reading(KIND)
    header = set(table.header)
    if header >= _SESSIONS:
        reading.runs = _runs(table, source, faults)
    elif header >= _WELLNESS:
        _wellness(table, source, faults, reading)
    else:
        raise UnreadableFile(
            "this is PMSys's list of injuries; it is not read, because its words (minor, major) have no place"
            " on the 0 to 10 scale of pain"
        )
    reading.problems = faults.listed()
    if table.rows and not (reading.runs or reading.checkins or reading.nights):
        fault = f"; the first fault: {reading.problems[0]}" if reading.problems else ": none holds an answer"
        raise UnreadableFile(f"no line of the file could be read{fault}")
    return reading


def _stamp(text: str | None, source: Source, line: int, faults: Faults) -> datetime | None:
    """The instant of a line."""
    moment = instants.moment_of(text or "")
    if moment is None:
        faults.add(f"line {line}", f"{brief(text or 'nothing')!r} is no time; the line was left out")
        return None
    if moment.tzinfo is None:
        zone = source.context.home_time_zone
        faults.once(instants.assumed(zone))
        moment = instants.localised(moment, zone)
    return moment


def _wellness(table: Sheet, source: Source, faults: Faults, reading: Reading) -> None:
    answered: list[tuple[datetime, int, dict[str, str]]] = []
    for line, row in table.rows:
        filled = dict(cells(row, table.header))
        stamp = _stamp(filled.get("effective_time_frame"), source, line, faults)
        if stamp is not None:
            answered.append((stamp, line, filled))
    checkins: dict[date, dict[str, Any]] = {}
    nights: dict[date, dict[str, Any]] = {}
    for stamp, line, filled in sorted(answered, key=lambda one: one[:2]):
        day = units.local_date(stamp, None, source.context.home_time_zone)
        said = _answers(filled, line, faults)
        if said:
            checkins.setdefault(day, {"date": day}).update(said)
        hours = _number(filled, "sleep_duration_h", 0, 24, line, faults)
        if hours is not None:
            nights[day] = {"date": day, "source": "pmsys", "sleep_s": hours * 3600.0}
    reading.checkins, reading.nights = list(checkins.values()), list(nights.values())


def _answers(filled: Mapping[str, str], line: int, faults: Faults) -> dict[str, float]:
    said: dict[str, float] = {}
    for theirs, (ours, turned) in _FIVE_POINTS.items():
        answer = _number(filled, theirs, 1, 5, line, faults)
        if answer is not None:
            said[ours] = units.five_point_to_ten(answer, turned=turned)
    readiness = _number(filled, "readiness", 0, 10, line, faults)
    if readiness is not None:
        said["readiness"] = readiness
    return said


def _number(filled: Mapping[str, str], name: str, low: float, high: float, line: int, faults: Faults) -> float | None:
    """One cell as a number in its range; None, with the fault noted, if it is something else."""
    text = filled.get(name)
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if low <= value <= high:
        return value
    faults.add(
        f"line {line}", f"{name} must lie between {low:g} and {high:g}, not {brief(text)}; that answer was left out"
    )
    return None


def _runs(table: Sheet, source: Source, faults: Faults) -> list[dict[str, Any]]:
    runs = []
    for line, row in table.rows:
        filled = dict(cells(row, table.header))
        end = _stamp(filled.get("end_date_time"), source, line, faults)
        if end is None:
            continue
        run: dict[str, Any] = {"sport": _sport(filled.get("activity_names", ""))}
        minutes = _number(filled, "duration_min", 1, 24 * 60, line, faults)
        if minutes is None:
            faults.add(f"line {line}", "the session has no duration, so its start is unknown; it was left out")
            continue
        run["start_utc"] = (end - timedelta(minutes=minutes)).astimezone(UTC)
        run["moving_s"] = run["elapsed_s"] = minutes * 60.0
        effort = _number(filled, "perceived_exertion", 0, 10, line, faults)
        if effort is not None:
            run["rpe"] = effort
        runs.append(run)
    return runs


def _sport(names: str) -> str:
    """The sport among the words of a session such as ``['individual', 'running']``."""
    words = re.findall(r"\w+", names.lower())
    found = next((sport for sport in _SPORTS if sport in words), None)
    return found or "other"
