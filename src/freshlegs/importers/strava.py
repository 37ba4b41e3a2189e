"""Strava: ``activities.csv`` of the bulk export, and activities as its API gives them.

The list of the export names some columns twice: first as shown to the runner (kilometres or miles), then in SI; the
last one counts. Dates are UTC. The recordings in the export are read by their own formats; a row and its
recording become one run in the diary, which takes from the row what the recording lacks: the perceived exertion,
whether it was a race. An entry typed by hand has no recording and is a run by itself.

The export speaks the language of the account. Only English is read, because numbers, dates and sports are
translated too; another language is recognised and refused with the way out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from freshlegs import tables
from freshlegs.importers import instants, payload, sports, strava_streams
from freshlegs.importers.contract import Reading, Source
from freshlegs.importers.delimited import Faults, Sheet, brief, header_of, sheet
from freshlegs.problems import UnreadableFile
from freshlegs.vocabulary import RUNNING_SPORTS

KIND: Final = "Strava"
YIELDS: Final = frozenset({"runs"})

_STREAMS: Final = "streams"
"""Under this name `freshlegs sync` puts the samples that the API gives by themselves."""

_LIST: Final = frozenset({"activity id", "activity date", "activity type", "elapsed time"})
_OLD_LIST: Final = frozenset({"id", "date", "type", "elapsed_time", "filename"})
_OLD_NAMES: Final = {"date": "activity date", "type": "activity type"}

_ID_IN_OTHER_WORDS: Final = re.compile(
    r"(?i)^(aktivit[aä]ts-?id|identifiant de l.activit|id\W+(de|da|dell|d)\W*\w*\W*(activit|actividad|atividad|attivit)"
    r"|aktivitets-?id|activiteits-?id|id aktywno|aktiviteetin)"
)
_RECORDING: Final = re.compile(rb"activities/\d+\.(fit|tcx|gpx)")
_TOO_MANY_TO_BE_ANYTHING_ELSE: Final = 60
_TWICE_AT_LEAST: Final = 3

_PAYLOAD: Final = frozenset({"start_date", "elapsed_time", "moving_time"})

_NUMBERS: Final[Mapping[str, str]] = {
    "moving time": "moving_s",
    "elapsed time": "elapsed_s",
    "average heart rate": "hr_mean_bpm",
    "max heart rate": "hr_max_bpm",
    "elevation gain": "climb_m",
    "average temperature": "temperature_c",
}
_PAYLOAD_NUMBERS: Final[Mapping[str, str]] = {
    "distance": "distance_m",
    "moving_time": "moving_s",
    "elapsed_time": "elapsed_s",
    "average_heartrate": "hr_mean_bpm",
    "max_heartrate": "hr_max_bpm",
    "total_elevation_gain": "climb_m",
    "average_temp": "temperature_c",
}
_EFFORT: Final = (1.0, 10.0)
"""Strava asks for the effort from 1 to 10, the scale of `rpe`; nothing else is an answer."""

_RACES: Final = frozenset({1, 11})
"""Strava's type of workout: 1 is a race on foot, 11 one on a bicycle."""

_RUNNING_MPS: Final = (0.5, 8.0)

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE: Final = re.compile(
    r"(?:([a-z]{3,9})\.? (\d{1,2})|(\d{1,2}) ([a-z]{3,9})\.?),? (\d{4}),?(?: at)?"
    r" (\d{1,2}):(\d\d):(\d\d)(?: ?([ap])m)?",
    re.IGNORECASE,
)


def recognise(head: bytes, name: str) -> bool:
    """Whether it is the list of activities, in any language, or what the API says of activities."""
    header = header_of(head)
    if header:
        names = {column.lower() for column in header}
        return names >= _LIST or names >= _OLD_LIST or _is_translated(header, head)
    names = set(payload.names_in(head))
    return "resource_state" in names or names >= _PAYLOAD | {"start_date_local"}


def read(source: Source) -> Reading:
    """One row of `tables.RUNS` an activity, without samples; UnreadableFile for a list that is not in English."""
    faults = Faults(source.name)
    reading = Reading(KIND)
    if payload.names_in(source.data[:4096]):
        _take_payload(source, reading, faults)
    else:
        table = sheet(source.data)
        names = {column.lower() for column in table.header}
        if not (names >= _LIST or names >= _OLD_LIST):
            raise UnreadableFile(
                "this is Strava's list of activities in another language than English, whose words and numbers are not"
                " known; set the language of your Strava account to English and ask for the export again (the"
                " recordings in it are read in any language)"
            )
        reading.runs = list(_from_list(table, faults))
        if table.rows and not reading.runs:
            raise UnreadableFile(f"no line of the list could be read; the first fault: {faults.listed()[0]}")
    reading.problems = faults.listed()
    return reading


def _is_translated(header: tuple[str, ...], head: bytes) -> bool:
    """The list in another language: by the name of its first column, or by its shape.

    The shape is more columns than any other table has with at least three names twice, or a line that names one of
    the export's recordings beside columns that occur twice.
    """
    if _ID_IN_OTHER_WORDS.match(header[0]):
        return len(header) >= 8
    twice = len(header) - len(set(header))
    if twice < _TWICE_AT_LEAST:
        return False
    return len(header) >= _TOO_MANY_TO_BE_ANYTHING_ELSE or _RECORDING.search(head) is not None


# --- the list ---------------------------------------------------------------------------------------------


def _from_list(table: Sheet, faults: Faults) -> Iterable[dict[str, Any]]:
    places: dict[str, list[int]] = {}
    is_old = "elapsed_time" in {column.lower() for column in table.header}
    for place, column in enumerate(table.header):
        name = column.lower()
        name = _OLD_NAMES.get(name, name.replace("_", " ")) if is_old else name
        places.setdefault(name, []).append(place)
    for line, cells in table.rows:
        where = f"line {line}"
        filled = {name: [cells[at].strip() for at in at_all if at < len(cells)] for name, at_all in places.items()}
        start = when(_last(filled, "activity date"))
        if start is None:
            shown = brief(_last(filled, "activity date") or "nothing")
            faults.add(where, f"{shown!r} is no date of an English list; the line was left out")
            continue
        run: dict[str, Any] = {"start_utc": start, "sport": sports.sport_of(_last(filled, "activity type")) or "other"}
        for theirs, ours in _NUMBERS.items():
            run[ours] = _number(filled, theirs, where, faults)
        run["distance_m"] = _distance_m(filled, run, where, faults)
        run["rpe"] = _effort(_number(filled, "perceived exertion", where, faults), where, faults)
        run["race"] = _is_race(filled) or None
        yield _finished(run, where, faults)


def when(text: str) -> datetime | None:
    """The instant of a date as the list writes it, in UTC; None if it is none.

    >>> when("May 4, 2026, 6:40:12 AM") == when("4 May 2026, 06:40:12") == when("2026-05-04 06:40:12")
    True
    """
    text = " ".join(text.split())
    found = _DATE.fullmatch(text)
    if found is None:
        moment = instants.moment_of(text) if len(text) > len("2026-05-04") else None
        return None if moment is None else (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment)
    month, day, day_first, month_second, year, hour, minute, second, half = found.groups()
    name = (month or month_second).lower()[:3]
    hours = int(hour)
    if name not in _MONTHS or (half is not None and not 1 <= hours <= 12):
        return None
    if half is not None:
        hours = hours % 12 + (12 if half.lower() == "p" else 0)
    try:
        return datetime(
            int(year), _MONTHS.index(name) + 1, int(day or day_first), hours, int(minute), int(second), tzinfo=UTC
        )
    except ValueError:
        return None


def _last(filled: Mapping[str, list[str]], name: str) -> str:
    """The last cell under this name that is filled; empty if none is."""
    return next((cell for cell in reversed(filled.get(name, ())) if cell), "")


def _number(filled: Mapping[str, list[str]], name: str, where: str, faults: Faults) -> float | None:
    text = _last(filled, name)
    if not text:
        return None
    value = payload.number(text.replace(",", "") if re.fullmatch(r"[\d,]+(\.\d+)?", text) else text)
    if value is None:
        faults.add(where, f"{name} must be a number, not {brief(text)!r}; it was left out")
    return value


def _distance_m(filled: Mapping[str, list[str]], run: Mapping[str, Any], where: str, faults: Faults) -> float | None:
    """Metres: of the second column called Distance; a list with one does not tell its unit, so only if it fits.

    Nought means that nothing was measured.
    """
    cells = filled.get("distance", [])
    if len(cells) > 1:
        metres = _number({"distance": cells[-1:]}, "distance", where, faults)
        return metres if metres is None or metres != 0 else None
    given = _number(filled, "distance", where, faults)
    lasted_s = run["moving_s"] if run["moving_s"] is not None else run["elapsed_s"]
    if given is None or given == 0:
        return None
    fits = lasted_s is not None and lasted_s > 0 and _RUNNING_MPS[0] <= given / lasted_s <= _RUNNING_MPS[1]
    if fits or (given > 1000 and run["sport"] not in RUNNING_SPORTS):
        return given
    faults.once(
        "this older list does not say whether its distances are kilometres or miles, so they were left out; a new"
        " export has metres too",
        lost=True,
    )
    return None


def _effort(value: float | None, where: str, faults: Faults) -> float | None:
    if value is None or _EFFORT[0] <= value <= _EFFORT[1]:
        return value
    faults.add(where, f"perceived exertion must lie between 1 and 10, not {value:g}; it was left out")
    return None


def _is_race(filled: Mapping[str, list[str]]) -> bool:
    said = _last(filled, "competition").lower()
    if said == "true" or payload.number(said) == 1.0:
        return True
    kind = _last(filled, "workout type").lower()
    return kind == "race" or payload.number(kind) in _RACES


def _finished(run: dict[str, Any], where: str, faults: Faults) -> dict[str, Any]:
    if run.get("moving_s") is None:
        run["moving_s"] = run.get("elapsed_s")
    if run.get("elapsed_s") is None:
        run["elapsed_s"] = run.get("moving_s")
    return payload.possible(run, tables.RUNS, where, faults)


# --- the API ----------------------------------------------------------------------------------------------


def _take_payload(source: Source, reading: Reading, faults: Faults) -> None:
    """Activities, detailed or summarised, one or a list of them; with samples when they come with theirs."""
    met = others = 0
    for number, entry in payload.entries(source.data, faults):
        if not isinstance(entry, dict) or not entry.keys() >= _PAYLOAD:
            others += 1
            continue
        met += 1
        where = f"activity {entry.get('id', number)}"
        start = payload.instant(entry["start_date"])
        if start is None:
            faults.add(where, f"{brief(str(entry['start_date']))!r} is no time; the activity was left out")
            continue
        local = payload.instant(str(entry.get("start_date_local") or "").removesuffix("Z"))
        sport = entry.get("sport_type") or entry.get("type")
        run: dict[str, Any] = {
            "start_utc": start,
            "utc_offset_s": payload.offset_s(local, start),
            "sport": sports.sport_of(str(sport or "")) or "other",
        }
        run |= {ours: payload.number(entry.get(theirs)) for theirs, ours in _PAYLOAD_NUMBERS.items()}
        if run["distance_m"] == 0:
            run["distance_m"] = None  # nothing was measured
        run["rpe"] = _effort(payload.number(entry.get("perceived_exertion")), where, faults)
        run["race"] = payload.number(entry.get("workout_type")) in _RACES or None
        run = _finished(run, where, faults)
        streams = entry.get(_STREAMS)
        activity = strava_streams.activity(streams, run, source) if isinstance(streams, dict) else None
        if activity is None:
            reading.runs.append(run)
        else:
            reading.activities.append(activity)
    if others and not met:
        raise UnreadableFile("this is from Strava, but no activity (a route, zones or a profile); it is not needed")
