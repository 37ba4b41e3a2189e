"""FIT files that are no activity: weight, blood pressure, resting heart rate, sleep and nightly HRV.

* A night has the date of waking. Garmin's resting heart rate belongs to the night that ended on its day (`nights`).
* Sleep is deep, light and REM; each level lasts until the next one. In bed is all the time that has a level.
* RMSSD is the mean of the night. The average of the week, beside it, is not used.
* Of several weights or blood pressures of a day the first counts, the morning's; of several users the first one's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from freshlegs import tables
from freshlegs.importers import nights, payload
from freshlegs.importers.contract import Reading, Source
from freshlegs.importers.delimited import Faults
from freshlegs.importers.fit import columns, spans
from freshlegs.importers.fit import profile as p
from freshlegs.importers.fit.walk import Part, costs
from freshlegs.importers.nights import Row, Sleep, Stage
from freshlegs.problems import Problem, UnreadableFile
from freshlegs.units import local_date, zone

_LEVELS: Final[dict[int, nights.Kind]] = {1: "awake", 2: "asleep", 3: "asleep", 4: "asleep"}
_START, _STOP = 0, 1
_GRAM_10: Final = 100.0
_MS_128: Final = 128.0
_NO_WEIGHT: Final = 0xFFFE
_WEIGHT, _UPPER, _LOWER = 0, 0, 1
_USER: Final = {p.WEIGHT_SCALE: 12, p.BLOOD_PRESSURE: 10}

_HOLDS: Final = {
    "weight": "weight",
    "blood pressure": "blood pressure",
    "monitoring": "resting heart rate (steps are not needed)",
    "health": "resting heart rate, sleep or HRV",
    "sleep": "stage of sleep",
    "heart-rate variability": "RMSSD of a night",
}


def read(source: Source, found: list[Part], what: str) -> Reading:
    """The nights and check-ins of a file; UnreadableFile when it holds none. ``what`` names its kind."""
    reading = Reading(f"FIT {what}")
    faults = Faults(source.name)
    for part in found:
        for at, why in part.faults:
            faults.add(f"byte {at}", why, lost=costs(why))
    file = _File(source, found, faults)
    for row in file.nights():
        possible = payload.possible(row, tables.NIGHTS, f"night of {row['date']}", faults)
        if possible.keys() - {"date", "source", "utc_offset_s", "hrv_source"}:
            reading.nights.append(possible)
    for row in file.checkins():
        possible = payload.possible(row, tables.CHECKINS, f"morning of {row['date']}", faults)
        if len(possible) > 1:
            reading.checkins.append(possible)
    reading.problems = faults.listed()
    if not (reading.nights or reading.checkins):
        first = next((f"; {problem.message}" for problem in reading.problems if isinstance(problem, Problem)), "")
        raise UnreadableFile(f"this FIT {what} file holds no {_HOLDS[what]}{first}")
    return reading


class _File:
    """One file with its local clock and its maker."""

    def __init__(self, source: Source, found: list[Part], faults: Faults) -> None:
        self._data, self._parts, self._faults = source.data, found, faults
        self._home = source.context.home_time_zone
        maker = next((values.get(1) for _, values in self._rows(p.FILE_ID)), None)
        self._maker = p.MAKERS.get(maker or 0, "fit")
        self._offset_s = next(self._offsets(), None)

    def _rows(self, number: int) -> Iterator[tuple[datetime | None, dict[int, Any]]]:
        """The messages of one number with their time, in the order of the file."""
        for part in self._parts:
            for _, values, _ in columns.rows(self._data, part, number):
                yield spans.instant(values.get(p.TIMESTAMP)), values

    def _offsets(self) -> Iterator[float]:
        """What local time adds to UTC, by each message that says so."""
        for number, field in p.LOCAL_TIMES.items():
            for when, values in self._rows(number):
                offset = payload.offset_s(spans.instant(values.get(field)), when)
                if offset is not None:
                    yield offset

    def _offset(self, when: datetime) -> float:
        if self._offset_s is not None:
            return self._offset_s
        return (when.astimezone(zone(self._home)).utcoffset() or timedelta()).total_seconds()

    def _day(self, when: datetime) -> date:
        return local_date(when, self._offset(when))

    def nights(self) -> list[Row]:
        """One row a date, of whatever the file says of its night."""
        kept: dict[date, Row] = {}
        sleep = self._sleep()
        if sleep is not None:
            row = sleep.night(self._offset(sleep.end))
            kept[row["date"]] = row
        for when, values in self._rows(p.MONITORING_HR):
            rate = nights.resting(_beats(values.get(1)), _beats(values.get(0)))
            if when is not None and rate is not None:
                morning = nights.morning_of(self._day(when), "night")
                kept.setdefault(morning, {"date": morning})["hr_rest_bpm"] = rate
        for when, rmssd in self._rmssd():
            day = self._day(when)
            kept.setdefault(day, {"date": day}).update(rmssd_ms=rmssd, hrv_source=self._maker)
        return [{**row, "source": self._maker} for _, row in sorted(kept.items())]

    def _rmssd(self) -> Iterator[tuple[datetime, float]]:
        """The night's RMSSD as the watch gives it, else the mean of its values of five minutes."""
        told = [(when, values[1]) for when, values in self._rows(p.HRV_SUMMARY) if when is not None and values.get(1)]
        yield from ((when, value / _MS_128) for when, value in told)
        if told:
            return
        pieces = [(when, values[0]) for when, values in self._rows(p.HRV_VALUE) if when is not None and values.get(0)]
        if len(pieces) >= nights.BEATS_AT_LEAST:
            yield pieces[-1][0], sum(value for _, value in pieces) / len(pieces) / _MS_128

    def _sleep(self) -> Sleep | None:
        """The longest sleep of the file."""
        levels = [(when, values.get(0)) for when, values in self._rows(p.SLEEP_LEVEL) if when is not None]
        levels.sort(key=lambda level: level[0])
        if not levels:
            return None
        events = [(when, values) for when, values in self._rows(p.EVENT) if values.get(0) == p.SLEEPING]
        stops = [when for when, values in events if when is not None and values.get(1) == _STOP]
        end = max([levels[-1][0], *stops])
        stages = [
            Stage(began, until, _LEVELS[level])
            for (began, level), (until, _) in pairwise([*levels, (end, None)])
            if level in _LEVELS and began < until
        ]
        found = nights.sleeps(stages)
        if len(found) > 1:
            self._faults.once("a nap or shorter sleep was left out; a night is the main sleep of its day")
        return max(found, key=lambda sleep: sleep.night(0.0).get("sleep_s", 0.0), default=None)

    def checkins(self) -> list[Row]:
        """Weight and blood pressure by date."""
        kept: dict[date, Row] = {}
        for day, values in self._of_first_user(p.WEIGHT_SCALE):
            weight = values.get(_WEIGHT)
            if weight is not None and weight != _NO_WEIGHT:
                kept.setdefault(day, {"date": day}).setdefault("weight_kg", weight / _GRAM_10)
        for day, values in self._of_first_user(p.BLOOD_PRESSURE):
            if values.get(_UPPER) is not None and values.get(_LOWER) is not None:
                row = kept.setdefault(day, {"date": day})
                if "systolic_mmhg" not in row:
                    row.update(systolic_mmhg=float(values[_UPPER]), diastolic_mmhg=float(values[_LOWER]))
        return [row for _, row in sorted(kept.items())]

    def _of_first_user(self, number: int) -> Iterator[tuple[date, dict[int, Any]]]:
        """The messages of the first of several users, in order of time, each with its day."""
        rows = list(self._rows(number))
        users = [values.get(_USER[number]) for _, values in rows]
        timed = [(when, values) for (when, values), user in zip(rows, users, strict=True) if when and user == users[0]]
        if len(set(users)) > 1:
            self._faults.once(
                "the device wrote the measurements of several people; only the first one's were read", lost=True
            )
        for when, values in sorted(timed, key=lambda one: one[0]):
            yield self._day(when), values


def _beats(value: int | None) -> float | None:
    return float(value) if value else None
