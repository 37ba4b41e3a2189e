"""Nights and mornings out of the records of Apple Health.

Each source keeps its own nights: the watch, the phone's bedtime, an app. What they saw of one night is never added up.

* Sleep: all generations of Apple's words. Asleep is any kind of sleep, overlapping stretches once.
* Resting heart rate: Apple works it out over the waking day, so it belongs to the next morning (`nights.morning_of`).
* SDNN is the mean of the night's own measurements; by day they come at any moment and say nothing of recovery. It
  never becomes RMSSD, and neither do the single beats beside it: they are whole beats a minute, with gaps, of one
  minute each. RMSSD is read where Apple gives it itself (from iOS 27 on), in the same way.
* The mean heart rate asleep is that of the same source's samples.
* Of several weights or blood pressures of a day the first counts, the morning's. A period starts where the app says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from freshlegs import tables, units
from freshlegs.importers import entries, instants, nights, payload
from freshlegs.importers.apple import elements as e
from freshlegs.importers.apple.elements import Element, Export
from freshlegs.importers.apple.runs import measured, offset_s
from freshlegs.importers.contract import Source
from freshlegs.importers.delimited import Faults, brief
from freshlegs.importers.entries import Notes, Row
from freshlegs.importers.nights import Sleep, Stage

SERVICE: Final = "apple_health"

Series = tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]

_WORD: Final = "HKCategoryValueSleepAnalysis"
_STAGES: Final[Mapping[str, nights.Kind]] = {
    **dict.fromkeys(("InBed", "0"), "in_bed"),
    **dict.fromkeys(
        ("Asleep", "AsleepUnspecified", "AsleepCore", "AsleepDeep", "AsleepREM", "1", "3", "4", "5"), "asleep"
    ),
    **dict.fromkeys(("Awake", "2"), "awake"),
}
_KILOGRAMS: Final = {"kg": 1.0, "g": 0.001, "lb": units.KG_PER_POUND, "st": 14 * units.KG_PER_POUND}
_CENTIMETRES: Final = {
    "cm": 1.0,
    "m": 100.0,
    "ft": 100.0 * units.METRES_PER_FOOT,
    "in": 100.0 * units.METRES_PER_FOOT / 12,
}
_MMHG: Final = {"mmHg": 1.0, "kPa": 7.50062}
_SEXES: Final = {"HKBiologicalSexFemale": "female", "HKBiologicalSexMale": "male"}


def named(source: str) -> str:
    """The source of a night: Apple Health, and who in it saw the night."""
    return f"{SERVICE}: {source}" if source else SERVICE


def nights_of(export: Export, source: Source, faults: Faults) -> list[Row]:
    """Rows of `tables.NIGHTS`, one a source and date."""
    home = source.context.home_time_zone
    kept: dict[tuple[str, date], Row] = {}
    hrv = {"sdnn_ms": _variability(export, e.SDNN), "rmssd_ms": _variability(export, e.RMSSD)}
    for who, (slept, zoned) in _slept(export, faults).items():
        notes = Notes(source)
        notes.faults = faults
        rows = []
        for sleep in slept:
            row = sleep.night(offset_s(zoned[sleep.stages[-1]], sleep.end, home))
            rows.append(row | _measured_asleep(sleep, export, who, hrv))
        for row in entries.main_sleeps(rows, notes):
            kept[who, row["date"]] = row
    for record, who, day in _days(export.of_type(e.RESTING), home, faults):
        morning = nights.morning_of(day, "day")
        kept.setdefault((who, morning), {"date": morning})["hr_rest_bpm"] = payload.number(record.get("value"))
    found = []
    for (who, day), row in sorted(kept.items(), key=lambda one: (one[0][1], one[0][0])):
        whose = {"source": named(who)} | ({"hrv_source": named(who)} if "rmssd_ms" in row else {})
        possible = payload.possible({**row, **whose}, tables.NIGHTS, f"night of {day}", faults)
        found.append(possible)
    return entries.measured(found)


def stage_of(record: Element) -> Stage | None:
    """A record of sleep as a stage; None when it is of no known kind or has no time."""
    span = e.span(record)
    kind = _STAGES.get((record.get("value") or "").removeprefix(_WORD))
    return None if span is None or kind is None else Stage(*span, kind)


def _slept(export: Export, faults: Faults) -> dict[str, tuple[list[Sleep], dict[Stage, Element]]]:
    """For each source its sleeps, and the record behind each stage, which knows the time zone."""
    stages: dict[str, dict[Stage, Element]] = defaultdict(dict)
    unknown = 0
    for record in export.of_type(e.SLEEP):
        stage = stage_of(record)
        if stage is None:
            unknown += 1
        else:
            stages[e.source_of(record)][stage] = record
    if unknown:
        faults.once(f"{unknown} stages of sleep are of no kind or time that is known; they were left out", lost=True)
    return {who: (nights.sleeps(found), found) for who, found in stages.items()}


def _measured_asleep(sleep: Sleep, export: Export, who: str, hrv: Mapping[str, Mapping[str, Series]]) -> Row:
    """Mean heart rate and SDNN of one sleep, as its own source measured them."""
    row: Row = {}
    if not sleep.asleep:
        return row
    spans = [(instants.micros_of(start), instants.micros_of(end)) for start, end in sleep.asleep]
    if who in export.sources:
        number = export.sources.index(who)
        beats = np.concatenate([export.heart_rate.between(*span).of(number).bpm for span in spans])
        if len(beats) >= nights.BEATS_AT_LEAST:
            row["hr_night_bpm"] = float(beats.mean(dtype=np.float64))
    for column, series in hrv.items():
        if who not in series:
            continue
        at_us, values = series[who]
        first, last = np.searchsorted(at_us, [spans[0][0], spans[-1][1] + 1])
        if last > first:
            row[column] = float(values[first:last].mean())
    return row


def _variability(export: Export, kind: str) -> dict[str, Series]:
    """For each source the instants of its SDNN or RMSSD in order, and the values in milliseconds."""
    found: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for record in export.of_type(kind):
        at = e.instant(record.get("startDate"))
        value = measured(record.get("value"), record.get("unit"), {"ms": 1.0, "s": 1000.0})
        if at is not None and value is not None:
            found[e.source_of(record)].append((instants.micros_of(at), value))
    series = {}
    for who, pairs in found.items():
        pairs.sort()
        series[who] = np.array([at for at, _ in pairs]), np.array([value for _, value in pairs])
    return series


def _days(records: Iterable[Element], home: str | None, faults: Faults) -> Iterator[tuple[Element, str, date]]:
    """Each record with its source and its local day, by the middle of its time; the zone matters least there."""
    for record in records:
        span = e.span(record)
        if span is None:
            faults.add(brief(record.attributes["type"]), "it has no time that can be; it was left out")
            continue
        middle = span[0] + (span[1] - span[0]) / 2
        local = middle.astimezone(UTC) + timedelta(seconds=offset_s(record, middle, home))
        yield record, e.source_of(record), local.date()


def checkins_of(export: Export, source: Source, faults: Faults) -> list[Row]:
    """Weight, blood pressure and the first day of a period, by date."""
    home = source.context.home_time_zone
    found: dict[date, Row] = defaultdict(dict)
    for kind, column, unit in (
        (e.WEIGHT, "weight_kg", _KILOGRAMS),
        (e.SYSTOLIC, "systolic_mmhg", _MMHG),
        (e.DIASTOLIC, "diastolic_mmhg", _MMHG),
    ):
        ordered = sorted(_days(export.of_type(kind), home, faults), key=lambda one: one[0].attributes["startDate"])
        for record, _, day in ordered:
            value = measured(record.get("value"), record.get("unit"), unit)
            if value is not None:
                found[day].setdefault(column, value)
    for record, _, day in _days(export.of_type(e.FLOW), home, faults):
        starts = record.metadata().get("HKMenstrualCycleStart") in ("1", "true")
        if starts and not (record.get("value") or "").endswith("None"):
            found[day]["period_started"] = True
    rows = []
    for day, answers in sorted(found.items()):
        row = payload.possible({"date": day, **answers}, tables.CHECKINS, f"morning of {day}", faults)
        if len(row) > 1:
            rows.append(row)
    return rows


def profile_of(export: Export) -> dict[str, Any]:
    """Date of birth, sex for formulas, and the last height."""
    me = export.about.get("Me", Element("Me"))
    known: dict[str, Any] = {
        "birth_date": payload.day(me.get("HKCharacteristicTypeIdentifierDateOfBirth")),
        "formula_sex": _SEXES.get(me.get("HKCharacteristicTypeIdentifierBiologicalSex") or ""),
    }
    for record in export.of_type(e.HEIGHT):
        known["height_cm"] = measured(record.get("value"), record.get("unit"), _CENTIMETRES) or known.get("height_cm")
    return {name: value for name, value in known.items() if value is not None}
