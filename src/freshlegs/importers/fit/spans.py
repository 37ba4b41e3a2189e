"""Laps and sessions as tables, and each session as one run of the diary."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import polars as pl

from freshlegs import tables
from freshlegs.importers.fit import columns as c
from freshlegs.importers.fit import profile as p
from freshlegs.importers.fit.samples import Description, Samples, as_field, descriptions, free_name, known
from freshlegs.importers.fit.walk import Layout, Part
from freshlegs.tables import Row
from freshlegs.units import FIT_EPOCH_S, STEPS_PER_REVOLUTION, rpm_to_spm

Values = dict[int, Any]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_QUARTER_S: Final = 900
_CLOCK_SLIP_S: Final = 60
_FARTHEST_ZONE_S: Final = 14 * 3600
_PAUSE_S: Final = 60

_LAP_SCHEMA: Final = {
    "start_utc": tables.INSTANT,
    "end_utc": tables.INSTANT,
    "sport": tables.TEXT,
    "distance_m": tables.NUMBER,
    "moving_s": tables.NUMBER,
    "elapsed_s": tables.NUMBER,
    "hr_mean_bpm": tables.NUMBER,
    "hr_max_bpm": tables.NUMBER,
    "climb_m": tables.NUMBER,
    "descent_m": tables.NUMBER,
    "speed_mean_mps": tables.NUMBER,
    "cadence_mean_spm": tables.NUMBER,
    "power_mean_w": tables.NUMBER,
    "temperature_c": tables.NUMBER,
}
_SESSION_SCHEMA: Final = {**_LAP_SCHEMA, "sub_sport": tables.TEXT, "rpe": tables.NUMBER}

_NO_LAPS: Final = pl.DataFrame(schema=_LAP_SCHEMA)
_NO_SESSIONS: Final = pl.DataFrame(schema=_SESSION_SCHEMA)

_FIGURES: Final = frozenset(
    {"distance_m", "moving_s", "elapsed_s", "hr_mean_bpm", "hr_max_bpm", "climb_m", "temperature_c", "rpe"}
)
_POSSIBLE: Final = {
    column.name: (
        column.low if column.low is not None else float("-inf"),
        column.high if column.high is not None else float("inf"),
    )
    for column in tables.RUNS.columns
    if column.name in _FIGURES
}
"""What a run can be, for the figures that a device writes."""


def instant(seconds: int | None) -> datetime | None:
    """FIT's seconds as an instant; None where the device did not know the date."""
    if seconds is None or not p.MIN_DATE_TIME <= seconds < p.NO_TIMESTAMP:
        return None
    return _EPOCH + timedelta(seconds=seconds + FIT_EPOCH_S)


def sport_name(sport: Any, sub_sport: Any) -> str | None:
    """What was done, in one word of `RUNS.sport`.

    >>> sport_name(1, 3), sport_name(4, 1), sport_name(10, 20), sport_name(2, 8), sport_name(None, None)
    ('trail_running', 'treadmill_running', 'strength', 'cycling', None)
    """
    if sport == p.RUNNING:
        return p.RUNNING_KINDS.get(sub_sport, "running")
    if sport == p.FITNESS_EQUIPMENT and sub_sport == p.TREADMILL:
        return p.RUNNING_KINDS[p.TREADMILL]
    if sport in (0, p.FITNESS_EQUIPMENT, p.TRAINING) and sub_sport in p.NAMED_BY_SUB_SPORT:
        return p.NAMED_BY_SUB_SPORT[sub_sport]
    return p.SPORTS.get(sport)


def _on_foot(sport: Any, sub_sport: Any) -> bool:
    return sport in p.FOOT_SPORTS or (sport == p.FITNESS_EQUIPMENT and sub_sport in (p.TREADMILL, 27))


@dataclass(slots=True)
class Session:
    """One sport of an activity: its message (or none, when the file ends before it), and its place in time."""

    values: Values
    sport: Any
    sub_sport: Any
    begin: int | None
    """Seconds of FIT's clock; None when unknown."""
    end: int | None
    extra: dict[str, Any] = field(default_factory=dict)
    told: bool = True
    """False when there is no message and it was made of the samples."""

    @property
    def on_foot(self) -> bool:
        """Whether cadence counts steps of one foot."""
        return _on_foot(self.sport, self.sub_sport)


def sessions(data: bytes, part: Part, samples: Samples) -> list[Session]:
    """The sessions of a part; of samples that no session covers, one more is made."""
    found = []
    names = _extra_names(data, part, p.SESSION)
    for at, values, layout in c.rows(data, part, p.SESSION):
        begin, elapsed, end = values.get(p.START_TIME), values.get(7), values.get(p.TIMESTAMP)
        if begin is not None and elapsed is not None:
            end = max(begin + elapsed // 1000, end or 0)
        found.append(
            Session(
                values,
                values.get(p.SESSION_SPORT),
                values.get(p.SESSION_SUB_SPORT),
                begin,
                end,
                _extra(data, at, layout, names),
            )
        )
    times = _timed(samples.seconds)
    if not len(times):
        return found or ([_uncovered(data, part, None, None)] if len(samples) or p.LAP in part.messages else [])
    if not found:
        return [_uncovered(data, part, int(times[0]), int(times[-1]))]
    ends = [each.end for each in found if each.end is not None]
    if not part.whole and len(ends) == len(found):
        after = times[times > max(ends)]
        if len(after) > 1:
            found.append(_uncovered(data, part, int(after[0]), int(after[-1])))
    return found


def _uncovered(data: bytes, part: Part, begin: int | None, end: int | None) -> Session:
    """A session of which there is no message; without samples, laps say how long and how far."""
    sport = sub_sport = None
    for _, values, _ in c.rows(data, part, p.SPORT):
        sport, sub_sport = values.get(0), values.get(1)
    laps = [values for _, values, _ in c.rows(data, part, p.LAP)]
    if sport is None and laps:
        sport, sub_sport = laps[-1].get(p.LAP_SPORT), laps[-1].get(p.LAP_SUB_SPORT)
    if begin is not None or not laps:
        return Session({}, sport, sub_sport, begin, end, told=False)
    sums = {
        number: sum(values.get(number, 0) for values in laps)
        for number in p.SPAN_FIELDS
        if any(number in values for values in laps)
    }
    return Session(sums, sport, sub_sport, laps[0].get(p.START_TIME), laps[-1].get(p.TIMESTAMP), told=False)


def steps(samples: Samples, found: list[Session]) -> None:
    """Turn cadence from revolutions into steps of both feet, where the sport goes on foot."""
    cadence = samples.columns.get("cadence_spm")
    if cadence is None or not any(each.on_foot for each in found):
        return
    if all(each.on_foot for each in found):
        samples.columns["cadence_spm"] = rpm_to_spm(cadence)
        return
    order = sorted((each for each in found if each.begin is not None), key=_begin)
    if not order:
        return
    begins = np.array([_begin(each) for each in order], np.int64)
    factors = np.array([STEPS_PER_REVOLUTION if each.on_foot else 1.0 for each in order])
    which = np.searchsorted(begins, samples.seconds, side="right") - 1
    samples.columns["cadence_spm"] = cadence * factors[np.maximum(which, 0)]


def _begin(each: Session) -> int:
    return each.begin or 0


def _measured(values: Values, measures: tuple[p.Measure, ...], on_foot: bool) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for column, number, scale, shift, _ in measures:
        value = values.get(number)
        if value is not None and column not in out:
            out[column] = value / scale - shift
    fraction = out.pop("_cadence_fraction", 0.0)
    if "cadence_mean_spm" in out:
        cadence = out["cadence_mean_spm"] + fraction
        out["cadence_mean_spm"] = rpm_to_spm(cadence) if on_foot else cadence
    return out


def session_row(each: Session) -> dict[str, Any]:
    """One row of the table of sessions."""
    row = _measured(each.values, p.SESSION_MEASURES, each.on_foot)
    row["start_utc"] = instant(each.begin)
    row["end_utc"] = instant(each.end)
    row["sport"] = sport_name(each.sport, each.sub_sport)
    row["sub_sport"] = p.SUB_SPORTS.get(each.sub_sport)
    row.update(each.extra)
    return row


def lap_rows(data: bytes, part: Part, found: list[Session]) -> list[dict[str, Any]]:
    """The laps of a part, in file order."""
    out = []
    names = _extra_names(data, part, p.LAP)
    only = found[0] if len(found) == 1 else None
    for at, values, layout in c.rows(data, part, p.LAP):
        sport, sub_sport = values.get(p.LAP_SPORT), values.get(p.LAP_SUB_SPORT)
        begin = values.get(p.START_TIME)
        if sport is None:
            of = only or _session_at(found, begin)
            if of is not None:
                sport, sub_sport = of.sport, of.sub_sport
        row = _measured(values, p.LAP_MEASURES, _on_foot(sport, sub_sport))
        row["start_utc"] = instant(begin)
        row["end_utc"] = instant(values.get(p.TIMESTAMP))
        row["sport"] = sport_name(sport, sub_sport)
        if names:
            row.update(_extra(data, at, layout, names))
        out.append(row)
    return out


def _session_at(found: list[Session], begin: int | None) -> Session | None:
    if begin is None:
        return None
    for each in reversed(found):
        if each.begin is not None and each.begin <= begin:
            return each
    return None


def _extra_names(data: bytes, part: Part, number: int) -> dict[tuple[int, int], tuple[str, Description]]:
    """What apps added to laps or sessions: by developer index and field number, the column and its meaning."""
    layouts = [block.layout for block in part.messages.get(number, ()) if block.layout.developer_fields]
    if not layouts:
        return {}
    out: dict[tuple[int, int], tuple[str, Description]] = {}
    described = descriptions(data, part)
    for layout in layouts:
        for each in layout.developer_fields:
            key = (each.index, each.number)
            if key in described and key not in out:
                taken = {*_SESSION_SCHEMA, *(name for name, _ in out.values())}
                out[key] = (free_name(described[key].name, taken), described[key])
    return out


def _extra(
    data: bytes, at: int, layout: Layout, names: dict[tuple[int, int], tuple[str, Description]]
) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for each in layout.developer_fields if names else ():
        known_as = names.get((each.index, each.number))
        found = as_field(layout, each, known_as[1]) if known_as is not None else None
        if known_as is None or found is None:
            continue
        name, description = known_as
        if found.is_text:
            out[name] = c.text(data[at + found.offset : at + found.offset + found.size]) or None
        else:
            value = c.number(data, at, layout, found)
            out[name] = None if value is None else value / description.scale - description.shift
    return out


def lap_table(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows of laps as a frame."""
    return _frame(rows, _LAP_SCHEMA) if rows else _NO_LAPS.clone()


def session_table(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows of sessions as a frame."""
    return _frame(rows, _SESSION_SCHEMA) if rows else _NO_SESSIONS.clone()


def _frame(rows: list[dict[str, Any]], schema: dict[str, Any]) -> pl.DataFrame:
    extra: dict[str, Any] = {}
    for row in rows:
        for name, value in row.items():
            if name not in schema and value is not None:
                extra[name] = tables.TEXT if isinstance(value, str) else tables.NUMBER
    return pl.from_dicts(rows, schema={**schema, **extra} if extra else schema)


def utc_offset_s(data: bytes, parts: list[Part]) -> float | None:
    """Local time minus UTC, from the activity message; None when it does not say, or nothing that can be."""
    for part in parts:
        for _, values, _ in c.rows(data, part, p.ACTIVITY):
            utc, local = values.get(p.TIMESTAMP), values.get(5)
            if utc is None or local is None or utc < p.MIN_DATE_TIME:
                continue
            offset = round((local - utc) / _QUARTER_S) * _QUARTER_S
            if abs(local - utc - offset) <= _CLOCK_SLIP_S and abs(offset) <= _FARTHEST_ZONE_S:
                return float(offset)
    return None


def local_clock(data: bytes, parts: list[Part]) -> datetime | None:
    """What the local clock (without a zone) showed when a device that counts from power-on was switched on."""
    for part in parts:
        for _, values, _ in c.rows(data, part, p.ACTIVITY):
            counted, local = values.get(p.TIMESTAMP), instant(values.get(5))
            if counted is not None and counted < p.MIN_DATE_TIME and local is not None:
                return local.replace(tzinfo=None) - timedelta(seconds=counted)
    return None


def summary(row: dict[str, Any], each: Session, offset: float | None, samples: Samples, alone: bool) -> Row:
    """One session as one run; what its message lacks is taken from its samples."""
    out = Row(
        start_utc=row["start_utc"],
        utc_offset_s=offset,
        sport=row["sport"],
        distance_m=row.get("distance_m"),
        moving_s=row.get("moving_s"),
        elapsed_s=row.get("elapsed_s"),
        hr_mean_bpm=row.get("hr_mean_bpm"),
        hr_max_bpm=row.get("hr_max_bpm"),
        climb_m=row.get("climb_m"),
        temperature_c=row.get("temperature_c"),
        rpe=row.get("rpe"),
    )
    _drop_impossible(out)
    if len(samples):
        _from_samples(out, each, samples, alone)
    if out["moving_s"] is None:
        out["moving_s"] = out["elapsed_s"]
    return out


def _drop_impossible(out: Row) -> None:
    for name, (low, high) in _POSSIBLE.items():
        value = out.get(name)
        if value is not None and not low <= value <= high:
            out[name] = None


def _from_samples(out: Row, each: Session, samples: Samples, alone: bool) -> None:
    lacking = [name for name in _LACKING if out[name] is None]
    if not lacking:
        return
    times, inside = samples.seconds, None
    if not alone and each.begin is not None and each.end is not None:
        inside = (times >= each.begin) & (times <= each.end)
        times = times[inside]
    timed = _timed(times)
    if out["elapsed_s"] is None and len(timed):
        out["elapsed_s"] = float(timed.max() - timed.min())
    if out["moving_s"] is None and len(timed):
        gaps = np.diff(timed)
        out["moving_s"] = float(gaps[(gaps > 0) & (gaps <= _PAUSE_S)].sum())
    for name, column, of in _DERIVED:
        values = samples.columns.get(column)
        if out[name] is None and values is not None:
            there = values if inside is None else values[inside]
            if column in samples.gaps:
                there = known(there)
            if column == "hr_bpm" and len(there) and there.min() <= 0:
                there = there[there > 0]  # a strap without contact writes 0
            if len(there):
                out[name] = float(there.max() if alone and column == "distance_m" else of(there))
    _drop_impossible(out)


def _timed(times: c.Integers) -> c.Integers:
    if len(times) and times.max() < p.NO_TIMESTAMP:
        return times
    kept: c.Integers = times[times != p.NO_TIMESTAMP]
    return kept


def _span(values: c.Floats) -> float:
    return float(max(values.max() - values[0], 0.0))


_DERIVED: Final = (
    ("distance_m", "distance_m", _span),
    ("hr_mean_bpm", "hr_bpm", np.mean),
    ("hr_max_bpm", "hr_bpm", np.max),
    ("temperature_c", "temperature_c", np.mean),
)
_LACKING: Final = ("elapsed_s", "moving_s", *(name for name, _, _ in _DERIVED))
