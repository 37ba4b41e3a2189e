"""From sessions as imported to a runner's runs: twins joined, answers and hand changes laid over them.

The same run from two files is one run: another file, and start within 60 s and elapsed time within 5 %, or the same
samples, no further apart than a mistaken time zone can put them. A start off by whole hours is such a mistake when
length and distance agree to seconds and metres, and the two are of different kinds: one watch tells its hours one way,
so two equal recordings of one kind are the same loop run twice. A session that is nothing but an effort and a
length (from a team's diary) is the same as a recorded one that starts within 15 minutes and lasts as long to 20 %:
our own judgement, because such sessions are typed from memory. The richest is kept and takes from its twins what it
lacks. Nothing of this is stored: it follows from the sessions and from what was said by hand (`hand`), so it does not
depend on the order of imports. What was said goes before what is found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl

from freshlegs import tables
from freshlegs.diary.hand import Said
from freshlegs.metrics.quality import NUMBERS
from freshlegs.tables import AFTER_RUN_ITEMS
from freshlegs.vocabulary import RUNNING_SPORTS

_SECOND_US: Final = 1_000_000
MINUTE_US: Final = 60 * _SECOND_US
HOUR_US: Final = 3600 * _SECOND_US

_ALIKE: Final = NUMBERS.section("same_run")
START_WITHIN_US: Final = _ALIKE["start_within_s"] * _SECOND_US
ELAPSED_WITHIN: Final = _ALIKE["elapsed_within"]
SAMPLES_START_WITHIN_US: Final = _ALIKE["samples_start_within_s"] * _SECOND_US
WORD_START_WITHIN_US: Final = _ALIKE["word_start_within_s"] * _SECOND_US
WORD_LASTS_WITHIN: Final = _ALIKE["word_lasts_within"]
SHIFT_OFF_US: Final = _ALIKE["shift_off_s"] * _SECOND_US
SHIFT_ELAPSED_WITHIN_S: Final = _ALIKE["shift_elapsed_within_s"]
SHIFT_DISTANCE_WITHIN: Final = _ALIKE["shift_distance_within"]
"""How alike two recordings of one run are; ``metrics/recordings.toml`` says what each is."""

DERIVED: Final = ("load_quality", "load_method", "z1_s", "z2_s", "z3_s", "graded_speed_mps", "flags")
"""Columns that are worked out, never typed; a load may be."""

EDITABLE: Final = {column.name: column for column in tables.RUNS.columns if column.name not in ("athlete", *DERIVED)}

_MEASURED: Final = tuple(name for name in tables.RUNS.names if name not in ("athlete", "flags"))


@dataclass(frozen=True, slots=True)
class _Session:
    """What is needed to compare two sessions."""

    id: str
    kind: str
    file: str
    session: int
    start_us: int
    elapsed_s: float | None
    distance_m: float | None
    samples: int
    signals: int
    filled: int
    key: str | None
    only_words: bool

    @property
    def poverty(self) -> tuple[int, int, int, int, str]:
        """Smallest for the richest: samples with heart rate and position, then more of everything; a fixed order."""
        return (-min(self.samples, 1), -self.signals, -self.samples, -self.filled, self.id)


def twins(sessions: pl.DataFrame, said: Said | None = None) -> dict[str, str]:
    """For each session that is another's twin, the id of the one that is kept; in any order of rows the same."""
    said = said or Said()
    near: dict[str, set[str]] = defaultdict(set)
    compared = {}
    shifted = []
    for one, other in chain(_pairs(sessions), _said_pairs(sessions, said)):
        compared[one.id], compared[other.id] = one, other
        told = said.same(one.id, other.id)
        if _same(one, other) if told is None else told:
            near[one.id].add(other.id)
            near[other.id].add(one.id)
        elif told is None and _is_shifted(one, other):
            shifted.append((one, other))
    kinds = {name: {compared[other].kind for other in near[name]} for name in list(near)}
    for one, other in shifted:
        # What has a recording of the other's kind at its own hour has no need of one at another.
        if other.kind not in kinds.get(one.id, ()) and one.kind not in kinds.get(other.id, ()):
            near[one.id].add(other.id)
            near[other.id].add(one.id)
    kept_by: dict[str, str] = {}
    kept: set[str] = set()
    for session in sorted((compared[name] for name in near), key=lambda s: (-said.preferred.get(s.id, 0), s.poverty)):
        if session.id not in kept_by:
            kept.add(session.id)
            kept_by |= {name: session.id for name in near[session.id] if name not in kept_by and name not in kept}
    return kept_by


def _pairs(sessions: pl.DataFrame) -> Iterator[tuple[_Session, _Session]]:
    """Sessions worth comparing: of different files, and starting close together or sharing a key of samples."""
    ordered = sessions.sort("start_utc", "id")
    start_us = ordered["start_utc"].dt.timestamp("us").to_numpy()
    close = np.flatnonzero(np.diff(start_us) <= WORD_START_WITHIN_US)
    shared = ordered.with_row_index("row").filter(
        pl.col("samples_key").is_not_null() & pl.col("samples_key").is_duplicated()
    )
    for here, there in _shifted(start_us):
        one, other = (_session(ordered.row(place, named=True)) for place in (here, there))
        if one.file != other.file:
            yield one, other
    wanted = sorted({int(i) for i in close} | {int(i) + 1 for i in close} | set(shared["row"].to_list()))
    if not wanted:
        return
    rows = [_session(row) for row in ordered[wanted].iter_rows(named=True)]
    by_key: dict[str, list[_Session]] = defaultdict(list)
    for place, one in enumerate(rows):
        for other in rows[place + 1 :]:
            if other.start_us - one.start_us > WORD_START_WITHIN_US:
                break
            if other.file != one.file:
                yield one, other
        if one.key is not None:
            yield from ((other, one) for other in by_key[one.key] if other.file != one.file)
            by_key[one.key].append(one)


def _shifted(start_us: npt.NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Places of sessions (ascending starts) that start whole hours apart, up to the shift of a mistaken time zone."""
    for step in range(1, start_us.size):
        apart = start_us[step:] - start_us[:-step]
        if apart.min() > SAMPLES_START_WITHIN_US:
            return
        off = np.abs((apart + HOUR_US // 2) % HOUR_US - HOUR_US // 2)
        near = (off <= SHIFT_OFF_US) & (apart > HOUR_US // 2) & (apart <= SAMPLES_START_WITHIN_US + SHIFT_OFF_US)
        yield from ((int(place), int(place) + step) for place in np.flatnonzero(near))


def _said_pairs(sessions: pl.DataFrame, said: Said) -> Iterator[tuple[_Session, _Session]]:
    """The pairs that were said to be one run."""
    pairs = [pair for pair, same in said.pairs.items() if same and len(pair) == 2]
    rows = {row["id"]: row for row in sessions.filter(_among(set().union(*pairs))).iter_rows(named=True)}
    for one, other in pairs:
        if one in rows and other in rows:
            yield _session(rows[one]), _session(rows[other])


def _session(row: Mapping[str, Any]) -> _Session:
    start = row["start_utc"]
    elapsed = row["elapsed_s"] if row["elapsed_s"] is not None else row["moving_s"]
    return _Session(
        id=row["id"],
        kind=row["kind"],
        file=row["file"],
        session=row["session"],
        start_us=round(start.timestamp() * 1e6),
        elapsed_s=elapsed,
        distance_m=row["distance_m"],
        samples=row["samples"],
        signals=int(row["has_hr"]) + int(row["has_gps"]),
        filled=sum(row[name] is not None for name in _MEASURED),
        key=row["samples_key"],
        only_words=row["samples"] == 0 and row["rpe"] is not None and row["distance_m"] is None,
    )


def _same(one: _Session, other: _Session) -> bool:
    apart_us = abs(one.start_us - other.start_us)
    if one.key is not None and one.key == other.key and apart_us <= SAMPLES_START_WITHIN_US:
        return True
    if one.only_words != other.only_words:
        return apart_us <= WORD_START_WITHIN_US and _alike(one.elapsed_s, other.elapsed_s, WORD_LASTS_WITHIN) is True
    if apart_us > START_WITHIN_US:
        return False
    alike = _alike(one.elapsed_s, other.elapsed_s, ELAPSED_WITHIN)
    if alike is None:  # one of them does not say how long it took
        alike = _alike(one.distance_m, other.distance_m, ELAPSED_WITHIN)
    return alike is not False  # nobody starts two runs within a minute


def _is_shifted(one: _Session, other: _Session) -> bool:
    """Whether they are of two kinds, start whole hours apart and are else the same to seconds and metres.

    Two that start on the minute may have been typed, and round figures agree by chance.
    """
    if one.kind == other.kind or one.only_words or other.only_words:
        return False
    apart_us = abs(one.start_us - other.start_us)
    off_us = abs((apart_us + HOUR_US // 2) % HOUR_US - HOUR_US // 2)
    if off_us > SHIFT_OFF_US or apart_us < HOUR_US // 2 or one.elapsed_s is None or other.elapsed_s is None:
        return False
    if one.start_us % MINUTE_US == 0 and other.start_us % MINUTE_US == 0:
        return False
    if abs(one.elapsed_s - other.elapsed_s) > SHIFT_ELAPSED_WITHIN_S:
        return False
    return _alike(one.distance_m, other.distance_m, SHIFT_DISTANCE_WITHIN) is True


def _alike(one: float | None, other: float | None, within: float) -> bool | None:
    if one is None or other is None:
        return None
    return abs(one - other) <= within * max(one, other)


def joined(sessions: pl.DataFrame, kept_by: Mapping[str, str]) -> pl.DataFrame:
    """The sessions without twins; each kept one filled from its twins, the richest first."""
    if not kept_by:
        return sessions
    concerned = set(kept_by) | set(kept_by.values())
    rows = {row["id"]: row for row in sessions.filter(_among(concerned)).iter_rows(named=True)}
    families: dict[str, list[str]] = defaultdict(list)
    for twin, kept in kept_by.items():
        families[kept].append(twin)
    changes: dict[str, dict[str, Any]] = {}
    for kept, others in families.items():
        others.sort(key=lambda name: _session(rows[name]).poverty)
        changes[kept] = {
            name: value
            for name in _MEASURED
            if rows[kept][name] is None
            and (value := next((rows[o][name] for o in others if rows[o][name] is not None), None)) is not None
        }
    return changed(sessions.filter(~_among(kept_by)), changes)


def changed(frame: pl.DataFrame, changes: Mapping[str, Mapping[str, Any]]) -> pl.DataFrame:
    """The frame with other values in some rows, named by ``id``; ids that are not there do nothing."""
    changes = {name: change for name, change in changes.items() if change}
    if not changes:
        return frame
    rows = [{**row, **changes[row["id"]]} for row in frame.filter(_among(changes)).iter_rows(named=True)]
    others = frame.filter(~_among(changes))
    return pl.concat([others, pl.DataFrame(rows, schema=frame.schema)]).sort("start_utc", "id")


def _among(names: Iterable[str]) -> pl.Expr:
    return pl.col("id").is_in(list(names))


EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)
"""No run began earlier."""


def local_dates(frame: pl.DataFrame, home_zone: str | None) -> pl.Series:
    """The local day on which each run started: by its own offset, else by the home time zone (UTC without one)."""
    own = pl.col("start_utc") + pl.duration(microseconds=(pl.col("utc_offset_s") * 1e6).round())
    at_home = pl.col("start_utc").dt.convert_time_zone(home_zone or "UTC").dt.date()
    return frame.select(pl.when(pl.col("utc_offset_s").is_null()).then(at_home).otherwise(own.dt.date()).alias("on"))[
        "on"
    ]


def local_start(row: Mapping[str, Any], home_zone: str | None) -> datetime:
    """When a run started by the clock where it was run: its own offset, else the home time zone's (UTC without one)."""
    start: datetime = row["start_utc"]
    if row.get("utc_offset_s") is not None:
        return start + timedelta(seconds=row["utc_offset_s"])
    return start.astimezone(ZoneInfo(home_zone or "UTC"))


def answered(frame: pl.DataFrame, said: pl.DataFrame, home_zone: str | None) -> pl.DataFrame:
    """What was said after a run (``date`` and items of `AFTER_RUN_ITEMS`) laid over that date's run."""
    if said.is_empty() or frame.is_empty():
        return frame
    chosen = (
        run_of_dates(frame, home_zone)
        .join(said, on="date")
        .select("id", *(pl.col(name).alias(f"said_{name}") for name in AFTER_RUN_ITEMS))
    )
    laid_over = (pl.coalesce(f"said_{name}", name).alias(name) for name in AFTER_RUN_ITEMS)
    joined = frame.join(chosen, on="id", how="left", maintain_order="left")
    return joined.with_columns(*laid_over).select(frame.columns)


def run_of_dates(frame: pl.DataFrame, home_zone: str | None) -> pl.DataFrame:
    """``date`` and ``id`` of the run that answers of that date are about.

    That is its longest (of two alike the last), running before other sports.
    """
    return (
        frame.select(
            "id",
            "start_utc",
            local_dates(frame, home_zone).alias("date"),
            pl.col("sport").is_in(list(RUNNING_SPORTS)).fill_null(value=False).alias("running"),
            pl.coalesce("elapsed_s", "moving_s", pl.lit(0.0)).alias("lasted_s"),
        )
        .sort("running", "lasted_s", "start_utc", "id")
        .unique("date", keep="last")
        .select("date", "id")
    )
