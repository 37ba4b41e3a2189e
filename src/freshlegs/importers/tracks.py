"""From the texts of track points to an `Activity`; what TCX and GPX share after reading.

A file is a list of sessions, a session a list of parts (laps or segments), a part its points, each field of them a
column of texts. Checking, distance, steps and summaries are done here, once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain, pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from freshlegs import tables
from freshlegs.importers import instants, sports, summary
from freshlegs.importers.activity import Activity
from freshlegs.importers.contract import Source
from freshlegs.problems import Problem, UnreadableFile
from freshlegs.tables import Row

Floats = npt.NDArray[np.float64]

MISSING: Final = b""

ONE_FOOT_MAX: Final = 120.0
"""A typical cadence up to this counts one foot: no one runs at 240 steps a minute."""

SESSIONS_AT_MOST: Final = 2_000
LAPS_AT_MOST: Final = 10_000
"""More tracks or laps than any real file has: a file made to take hours."""

_FALLING_AT_MOST: Final = 0.1
"""The share of falling steps up to which a distance is taken as one since the start; else it is one a point."""

_NUMBERS: Final = tuple(name for name in tables.RECORDS.names if name not in ("time_utc", "elapsed_s"))


@dataclass(slots=True)
class Part:
    """A stretch of points recorded without a stop (a lap, a track segment): for each field one text a point.

    Fields are the columns of `tables.RECORDS`; `MISSING` stands for a field the point lacks.
    """

    count: int = 0
    fields: dict[str, Sequence[bytes]] = field(default_factory=dict)


@dataclass(slots=True)
class Session:
    """One sport of a file. ``told``: what the file itself says of each part (keys of `tables.LAPS`), if anything."""

    sport: str | None
    parts: list[Part]
    told: list[dict[str, Any]] = field(default_factory=list)


def numbers(texts: Sequence[bytes]) -> tuple[Floats, int]:
    """Texts as floats, missing and unreadable ones as NaN, and how many were unreadable.

    >>> numbers([b"1.5", b"", b" 2 ", b"high"])
    (array([1.5, nan, 2. , nan]), 1)
    """
    unread = 0
    raw = pl.Series(texts, dtype=pl.Binary)
    try:
        out: Floats = raw.cast(pl.String).cast(pl.Float64, strict=False).to_numpy(writable=True)
    except pl.exceptions.PolarsError:  # damaged text, which Polars refuses whole
        out = np.full(len(texts), np.nan)
    odd = np.flatnonzero(~np.isfinite(out))
    if odd.size > texts.count(MISSING):
        for row in odd.tolist():
            if text := texts[row].strip():
                out[row] = number(text)
                unread += bool(np.isnan(out[row]))
    return out, unread


def number(text: bytes) -> float:
    """One text as a float; NaN when it is none."""
    try:
        value = float(text)
    except ValueError:
        return np.nan
    return value if np.isfinite(value) else np.nan


def refuse_endless(sessions: int, laps: int) -> None:
    """UnreadableFile for a file with more tracks or laps than anybody ran; each of them costs a millisecond."""
    if sessions > SESSIONS_AT_MOST or laps > LAPS_AT_MOST:
        raise UnreadableFile(f"the file holds more than {SESSIONS_AT_MOST:,} tracks or {LAPS_AT_MOST:,} laps")


@dataclass(slots=True)
class Points:
    """All points of a file as columns: what `tables.RECORDS` wants, and which part each point belongs to."""

    columns: dict[str, Floats]
    micros: instants.Micros | None
    part: npt.NDArray[np.int64]
    offset_s: float | None
    problems: list[Problem]

    def frame(self) -> pl.DataFrame:
        """All points as records; a column nobody filled is absent."""
        series: dict[str, pl.Series] = {}
        if self.micros is not None:
            series["time_utc"] = pl.Series(self.micros.view("datetime64[us]")).cast(tables.INSTANT)
            known = self.micros != instants.MISSING
            since = np.where(known, (self.micros - self.micros[known][0]) / 1e6, np.nan)
            series["elapsed_s"] = pl.Series(since)
        series |= {name: pl.Series(self.columns[name]) for name in _NUMBERS if name in self.columns}
        return pl.DataFrame(series).with_columns(pl.selectors.float().fill_nan(None))


def points_of(parts: Sequence[Part], source: Source) -> Points:
    """The texts of all parts as checked columns, with the problems met on the way."""
    found = Points({}, None, np.repeat(np.arange(len(parts)), [part.count for part in parts]), None, [])
    names = {name for part in parts for name in part.fields}
    for name in _NUMBERS:
        if name not in names:
            continue
        values, unread = numbers(_joined(parts, name))
        bad = unread + _drop_impossible(values, name)
        if bad:
            message = f"{_count(bad, 'value')} of {name} that cannot be, left out"
            found.problems.append(Problem(source.name, name, message, lost=True))
        found.columns[name] = values
    _pair_positions(found.columns)
    found.columns = {name: values for name, values in found.columns.items() if not np.isnan(values).all()}
    times = _joined(parts, "time_utc") if "time_utc" in names else []
    if any(times):
        _set_times(found, times, source)
    elif found.part.size:
        message = "the track has no times, so it cannot become a run"
        found.problems.append(Problem(source.name, "time_utc", message, lost=True))
    return found


def _pair_positions(columns: dict[str, Floats]) -> None:
    """A latitude without a longitude is no position (watches write 180°, 180° for none), in place."""
    lat, lon = columns.get("lat_deg"), columns.get("lon_deg")
    if lat is not None and lon is not None:
        half = np.isnan(lat) | np.isnan(lon)
        lat[half] = lon[half] = np.nan


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number:,} {what}s"


def _drop_impossible(values: Floats, name: str) -> int:
    """Set what cannot be (`tables.RECORDS`) to NaN, in place; how many there were."""
    column = tables.RECORDS.column(name)
    odd = np.zeros(values.size, dtype=bool)
    with np.errstate(invalid="ignore"):
        if column.low is not None:
            odd |= values < column.low
        if column.high is not None:
            odd |= values > column.high
    values[odd] = np.nan
    return int(odd.sum())


def _joined(parts: Sequence[Part], name: str) -> Sequence[bytes]:
    if len(parts) == 1:
        return parts[0].fields[name]
    return list(chain.from_iterable(part.fields.get(name, (MISSING,) * part.count) for part in parts))


def _set_times(points: Points, texts: Sequence[bytes], source: Source) -> None:
    zone = source.context.home_time_zone
    found = instants.parse(texts, zone)
    if found.unread:
        message = f"{_count(found.unread, 'time')} could not be read and left out"
        points.problems.append(Problem(source.name, "time_utc", message, lost=True))
    if found.assumed:
        points.problems.append(Problem(source.name, "time_utc", instants.assumed(zone)))
    known = found.micros[found.micros != instants.MISSING]
    if lacking := found.micros.size - known.size - found.unread:
        points.problems.append(
            Problem(source.name, "time_utc", f"{_count(lacking, 'point')} without a time", lost=True)
        )
    if known.size:
        points.micros, points.offset_s = found.micros, found.offset_s
        if known.min() < instants.micros_of(summary.CLOCK_SET):
            points.problems.append(
                Problem(source.name, "time_utc", "the clock was not set; when the run was is unknown")
            )


def build(kind: str, sessions: Sequence[Session], source: Source, problems: list[Problem]) -> Activity:
    """The whole activity: records, laps where the file has some, a summary for each session."""
    parts = [part for session in sessions for part in session.parts]
    refuse_endless(len(sessions), sum(len(session.told) for session in sessions))
    points = points_of(parts, source)
    problems.extend(points.problems)
    ends = np.cumsum([0, *(part.count for part in parts)]).tolist()
    first = 0
    places: list[list[slice]] = []
    for session in sessions:
        last = first + len(session.parts)
        places.append([slice(a, b) for a, b in zip(ends[first:last], ends[first + 1 : last + 1], strict=True)])
        first = last
        rows = slice(places[-1][0].start, places[-1][-1].stop) if places[-1] else slice(0, 0)
        _step_cadence(points.columns, session.sport, rows)
        _fill_distance(points, rows)
    records = points.frame()
    summaries: list[Row] = []
    laps: list[dict[str, Any]] = []
    for session, spans in zip(sessions, places, strict=True):
        own = _laps(session, spans, records)
        laps.extend(own)
        rows = slice(spans[0].start, spans[-1].stop) if spans else slice(0, 0)
        row = _summary(session, records[rows], own)
        row["utc_offset_s"] = points.offset_s
        summaries.append(row)
    _guess_sport([row for row in summaries if row["sport"] is None], source, problems)
    return Activity(
        kind=kind,
        records=records,
        summaries=tuple(summaries),
        laps=summary.span_frame(tables.LAPS, laps),
        sessions=summary.span_frame(tables.SESSIONS, list(summaries)),
        problems=tuple(problems),
    )


def _step_cadence(columns: Mapping[str, Floats], sport: str | None, rows: slice) -> None:
    """Make steps of both feet out of a cadence that counts one foot, in place, in sports with steps."""
    cadence = columns.get("cadence_spm")
    if cadence is None or not sports.is_stepped(sport):
        return
    part = cadence[rows]
    usual = part[part > 0]
    if usual.size and np.median(usual) <= ONE_FOOT_MAX:
        cadence[rows] = part * 2.0


def _fill_distance(points: Points, rows: slice) -> None:
    """Distance by haversine for a session that has positions but no distance since its start, in place."""
    columns = points.columns
    if "lat_deg" not in columns or "lon_deg" not in columns:
        return
    if "distance_m" in columns:
        told = columns["distance_m"][rows]
        steps = np.diff(told[~np.isnan(told)])
        if told.size and not np.isnan(told).all() and not (steps.size and (steps < 0).mean() > _FALLING_AT_MOST):
            return
    along = summary.distance_along_m(columns["lat_deg"][rows], columns["lon_deg"][rows], points.part[rows])
    if not np.isnan(along).all():
        columns.setdefault("distance_m", np.full(points.part.size, np.nan))[rows] = along


def _laps(session: Session, spans: Sequence[slice], records: pl.DataFrame) -> list[dict[str, Any]]:
    """One row of `tables.LAPS` for each part the file says something of."""
    if not session.told:
        return []
    out: list[dict[str, Any]] = []
    for told, rows in zip(session.told, spans, strict=True):
        samples = records[rows]
        row = summary.summarise(samples, sport=session.sport, given=told)
        if told.get("distance_m") is None and "distance_m" in samples.columns:
            low, high = samples["distance_m"].min(), samples["distance_m"].max()
            row["distance_m"] = None if low is None else float(high) - float(low)  # type: ignore[arg-type]
        if row["elapsed_s"] is None:
            row["elapsed_s"] = row["moving_s"]
        out.append(row)
    for before, following in pairwise(out):
        if before["start_utc"] is not None and following["start_utc"] is not None:
            between = (following["start_utc"] - before["start_utc"]).total_seconds()
            before["elapsed_s"] = between if between >= 0 else before["elapsed_s"]
    return out


def _summary(session: Session, records: pl.DataFrame, laps: Sequence[Mapping[str, Any]]) -> Row:
    """A session's summary: the totals of its laps where they make sense, else from its samples."""
    row = summary.summarise(records, sport=session.sport)
    if not laps:
        return row
    start, lap_start = row["start_utc"], laps[0]["start_utc"]
    if lap_start is not None and (start is None or timedelta() < start - lap_start < timedelta(minutes=10)):
        row["start_utc"] = lap_start
        if start is not None and row["elapsed_s"] is not None:
            row["elapsed_s"] += (start - lap_start).total_seconds()
    for name in ("moving_s", "distance_m"):
        told = [lap.get(name) for lap in session.told]
        total = sum(value for value in told if value is not None)
        if None in told or not total > 0:
            continue
        if name == "moving_s" and row["elapsed_s"] is not None and total > row["elapsed_s"] + 60.0:
            continue  # more timed than passed: the file's own total is wrong
        row[name] = total
    if row["elapsed_s"] is None:
        row["elapsed_s"] = row["moving_s"]
    if row["hr_mean_bpm"] is None:
        beating = [lap for lap in laps if lap["hr_mean_bpm"] is not None and lap["moving_s"] is not None]
        seconds = sum(lap["moving_s"] for lap in beating)
        if seconds > 0:
            row["hr_mean_bpm"] = sum(lap["hr_mean_bpm"] * lap["moving_s"] for lap in beating) / seconds
        row["hr_max_bpm"] = max((lap["hr_max_bpm"] for lap in laps if lap["hr_max_bpm"] is not None), default=None)
    return row


def _guess_sport(rows: Sequence[Row], source: Source, problems: list[Problem]) -> None:
    """Name the sport of sessions that do not, by their speed together; said as a problem, for it is a guess."""
    timed = [row for row in rows if row["distance_m"] is not None and row["moving_s"] is not None]
    together = {name: sum(row[name] for row in timed) for name in ("distance_m", "moving_s")}
    running = summary.is_running_speed(together)
    for row in rows:
        row["sport"] = "running" if running else "unknown"
    if rows:
        guess = "it was taken for a run by its speed" if running else "by its speed it was no run"
        message = f"the file does not say which sport this was; {guess}"
        problems.append(Problem(source.name, "sport", message))
