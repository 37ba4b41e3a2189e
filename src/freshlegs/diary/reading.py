"""One file as the store takes it: its sessions with their facts, its nights and answers, what was wrong with it.

A value that cannot be is a `Problem` and left out; the rest of its row stays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from freshlegs import tables
from freshlegs.diary.answers import ITEMS, PROFILE_KEYS, fitting
from freshlegs.importers.contract import Context, Reading, Source
from freshlegs.problems import Problem, UnreadableFile, WrongRequest
from freshlegs.store import NewFile, NewSession, Store
from freshlegs.tables import Column
from freshlegs.units import since_1970_us
from freshlegs.vocabulary import RUNNING_SPORTS

if TYPE_CHECKING:
    from freshlegs.importers.activity import Activity

KEY_SAMPLES: Final = 60
KEY_VALUES: Final = 6
KEY_LOOK: Final = 1200
"""So many samples, and more different values than that among the first, tell one recording from all others."""

_RUN: Final = {column.name: column for column in tables.RUNS.columns if column.name != "athlete"}
_NIGHT: Final = {column.name: column for column in tables.NIGHTS.columns if column.name != "athlete"}
_ANSWER: Final = {"date": tables.CHECKINS.column("date"), **ITEMS}


def read_file(source: Source, sha256: str, reader: str) -> NewFile:
    """One file as the store takes it; never raises for what is in the file."""
    from freshlegs import importers

    try:
        return _as_file(importers.read(source), source, sha256, reader)
    except UnreadableFile as error:
        return _refused(source, sha256, reader, str(error))
    except Exception as error:  # a fault of ours must not cost the rest of the batch
        why = f"the file could not be read: unexpected {type(error).__name__}: {error}"
        return _refused(source, sha256, reader, " ".join(why.split()))


def _as_file(reading: Reading, source: Source, sha256: str, reader: str) -> NewFile:
    problems = list(reading.problems)
    sessions = _sessions(reading, source.name, problems)
    nights = _rows(reading.nights, _NIGHT, ("date", "source"), source.name, problems)
    answers = _rows(reading.checkins, _ANSWER, ("date",), source.name, problems)
    profile = _possible(reading.profile, PROFILE_KEYS, source.name, "profile", problems)
    met = sum(len(activity.summaries) for activity in reading.activities) + len(reading.runs)
    timeless = met - len(sessions)
    if timeless and not (sessions or nights or answers or profile):
        raise UnreadableFile("nothing in it says when it was, so no run can be made of it")
    if timeless:
        what = (
            "1 session has no start time and was"
            if timeless == 1
            else f"{timeless} sessions have no start time and were"
        )
        problems.append(Problem(source.name, "", f"{what} left out", lost=True))
    return NewFile(
        sha256=sha256,
        name=source.name,
        kind=reading.kind,
        size_b=len(source.data),
        status="read",
        reader=reader,
        data=source.data,
        problems=tuple(dict.fromkeys(problems)),
        sessions=sessions,
        nights=nights,
        answers=answers,
        profile=profile,
    )


def _refused(source: Source, sha256: str, reader: str, why: str) -> NewFile:
    problem = Problem(source.name, "", why, refused=True)
    return NewFile(sha256, source.name, "", len(source.data), "refused", reader, problems=(problem,))


# --- sessions ---------------------------------------------------------------------------------------------


def _sessions(reading: Reading, source: str, problems: list[Problem]) -> list[NewSession]:
    """The sessions of a file that have a start, each with its place: first those with samples, then bare summaries."""
    kept = []
    number = 0
    for activity in reading.activities:
        problems.extend(problem for problem in activity.problems if problem not in problems)
        for place, summary in enumerate(activity.summaries):
            run = _possible(summary, _RUN, source, f"session {number + 1}", problems)
            if run.get("start_utc") is not None:
                kept.append(_with_samples(number, run, samples_of(activity, place), activity.laps, source, problems))
            number += 1
    for row in reading.runs:
        run = _possible(row, _RUN, source, f"session {number + 1}", problems)
        if run.get("start_utc") is not None:
            kept.append(NewSession(number, run))
        number += 1
    return kept


def samples_of(activity: Activity, place: int) -> pl.DataFrame:
    """The samples of one session of an activity: all, or those from its start to the next one's."""
    records = activity.records
    if len(activity.summaries) < 2 or "time_utc" not in records.columns:
        return records
    start = activity.summaries[place].get("start_utc")
    if start is None:
        return records.clear()
    starts = [row["start_utc"] for row in activity.summaries if row.get("start_utc") is not None]
    until = min((one for one in starts if one > start), default=None)
    mine = pl.lit(value=True) if start == min(starts) else pl.col("time_utc") >= start
    return records.filter(mine if until is None else mine & (pl.col("time_utc") < until))


def _with_samples(
    number: int, run: dict[str, Any], records: pl.DataFrame, laps: pl.DataFrame, source: str, problems: list[Problem]
) -> NewSession:
    if records.is_empty():
        return NewSession(number, run)
    _flag(run, records, laps)
    return NewSession(
        number,
        run,
        facts=_facts(records, run, source, f"session {number + 1}", problems),
        samples=records.height,
        has_hr=_measured(records, "hr_bpm"),
        has_gps=_measured(records, "lat_deg"),
        samples_key=samples_key(records),
    )


def _flag(run: dict[str, Any], records: pl.DataFrame, laps: pl.DataFrame) -> None:
    """Note beside the run what its samples show to be wrong with the recording."""
    from freshlegs.metrics.quality import quality_flags

    on_foot = run.get("sport") is None or str(run["sport"]) in RUNNING_SPORTS
    if flags := quality_flags(records, laps, on_foot=on_foot):
        run["flags"] = flags


def _facts(
    records: pl.DataFrame, run: Mapping[str, Any], source: str, where: str, problems: list[Problem]
) -> bytes | None:
    from freshlegs.metrics.facts import run_facts

    try:
        return run_facts(records, run).to_bytes()
    except Exception as error:  # the run counts by its summary then
        why = f"its samples could not be used: unexpected {type(error).__name__}: {error}"
        problems.append(Problem(source, where, " ".join(why.split()), lost=True))
        return None


def _measured(records: pl.DataFrame, name: str) -> bool:
    return name in records.columns and records[name].null_count() < records.height


def samples_key(records: pl.DataFrame) -> str | None:
    """A key that two recordings of the same samples share, whatever the format; None if they say too little.

    With heart rate: seconds since the first sample and whole beats a minute, which every format keeps
    exactly. Else with positions, of which exact copies agree. A recording of neither has no key: two mornings
    on a treadmill can well look alike.
    """
    if "time_utc" not in records.columns or records.height < KEY_SAMPLES:
        return None
    for names in (("hr_bpm",), ("lat_deg", "lon_deg")):
        columns = [_numbers(records, name) for name in names]
        if len(np.unique(columns[0][:KEY_LOOK])) > KEY_VALUES:
            break
    else:
        return None
    since_us = np.nan_to_num(since_1970_us(records["time_utc"]), nan=0.0).astype(np.int64)
    digest = hashlib.sha256(((since_us - since_us[0]) // 1_000_000).astype("<i8").tobytes())
    for name, values in zip(names, columns, strict=True):
        digest.update(name.encode() + values.tobytes())
    return digest.hexdigest()[:32]


def _numbers(records: pl.DataFrame, name: str) -> npt.NDArray[np.float64]:
    """A column as numbers, −1 where it is not known."""
    if name not in records.columns:
        return np.full(1, -1.0)
    values: npt.NDArray[np.float64] = records[name].to_numpy().astype("<f8")
    return np.where(np.isnan(values), -1.0, values)


# --- rows -------------------------------------------------------------------------------------------------


def _rows(
    rows: Iterable[Mapping[str, Any]],
    columns: Mapping[str, Column],
    keys: Sequence[str],
    source: str,
    problems: list[Problem],
) -> list[dict[str, Any]]:
    """Rows with what is possible in them; those without a key or without anything else are left out."""
    kept = []
    for number, given in enumerate(rows, start=1):
        row = _possible(given, columns, source, f"row {number}", problems)
        if any(row.get(key) is None for key in keys):
            problems.append(
                Problem(source, f"row {number}", f"it has no {' or '.join(keys)} and was left out", lost=True)
            )
        elif len(row) > len(keys):
            kept.append(row)
    return kept


def _possible(
    given: Mapping[str, Any], columns: Mapping[str, Column], source: str, where: str, problems: list[Problem]
) -> dict[str, Any]:
    """The known values that can be; each that cannot is a problem and left out, the rest of the row stays."""
    row: dict[str, Any] = {}
    for name, column in columns.items():
        value = given.get(name)
        if value is None:
            continue
        if column.dtype == tables.INSTANT and isinstance(value, datetime) and value.tzinfo is None:
            value = value.replace(tzinfo=UTC)
        try:
            row[name] = fitting(column, value)
        except WrongRequest as error:
            problems.append(Problem(source, where, f"{error}; it was left out", lost=True))
    return row


# --- originals, again -------------------------------------------------------------------------------------


def activity_of(store: Store, file: str, session: int, context: Context) -> tuple[Activity, int]:
    """The activity that holds a session of a kept file, and the session's place in it; KeyError if none does."""
    from freshlegs import importers

    entry = store.files()[file]
    reading = importers.read(Source(entry.name, store.original(file), context))
    place = session
    for activity in reading.activities:
        if place < len(activity.summaries):
            return activity, place
        place -= len(activity.summaries)
    raise KeyError(session)


def facts_again(store: Store, runs: Iterable[str]) -> dict[str, bytes]:
    """The facts of these sessions, derived from the kept originals."""
    from freshlegs.metrics.facts import run_facts

    wanted = set(runs)
    sessions = store.sessions().filter(pl.col("id").is_in(list(wanted)))
    context = Context(store.profile().get("home_time_zone"), store.column_maps())
    again = {}
    for row in sessions.iter_rows(named=True):
        try:
            activity, place = activity_of(store, row["file"], row["session"], context)
        except (KeyError, UnreadableFile):
            continue
        again[row["id"]] = run_facts(samples_of(activity, place), row).to_bytes()
    return again
