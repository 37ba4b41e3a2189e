"""Going on from where a verdict stands: an athlete's next day without the days before it.

A carry is one table (`tables.CARRY`), a row an athlete, of plain Arrow types: the last day judged, and what the days
before leave behind (`past`): the last values of each window, and a number here and there, all of one kind side by
side. Its size does not depend on the length of the history, and so neither does the cost of a day. Going on gives
the same numbers, to the bit, as judging the whole history again.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import numpy as np
import polars as pl

from freshlegs import tables
from freshlegs.fatigue.assessing import frame_of, in_order
from freshlegs.fatigue.assessment import settle
from freshlegs.fatigue.panel import EPOCH, Owners, Panel, checked, grouped, panel_of
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.past import Past, State
from freshlegs.problems import WrongRequest

LAYOUT: Final = 1
"""Of the state columns; a carry of another layout, or of other parameters, is refused."""

_STATE_COSTS_D: Final = 45
"""Reading, moving and writing the state of an athlete costs about as much as so many days."""

_FIXED: Final = tuple(tables.CARRY.names)


def assess_from(
    carry: pl.DataFrame | None, new_days: pl.DataFrame, profile: tables.Profile = None, *, workers: int = 2
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The verdicts of new days (table `tables.VERDICTS`), and the carry after them.

    ``carry``: what an earlier call gave (None: nobody has been judged yet); ``new_days``: rows as `assess` takes
    them, each later than its athlete's last day in the carry. Verdicts are of every date from the day after that one
    to the athlete's last new one; athletes the carry does not know begin, those without a new day stay in it as they
    are. The result is what `assess` gives for all days together, to the bit, under one condition: the ``profile`` is
    the same. After late data for a day already judged, or a changed profile, leave the athlete out of the carry and
    give the whole history again.

    Raises `WrongRequest` as `assess` does, for a day that is not new, and for a carry of another version.
    """
    frame = checked(new_days)
    kind = new_days.schema.get("athlete", pl.String())
    if carry is not None and carry.height:
        _check_version(carry)
    else:
        carry = None
    if frame.is_empty():
        return tables.VERDICTS.frame(), tables.CARRY.frame() if carry is None else carry
    owners = Owners.of(frame)
    place = _places(owners, carry)
    jobs: list[tuple[Any, State | None]] = []
    fresh = np.flatnonzero(place < 0)
    jobs += [(fresh[some], None) for some in grouped(owners.span[fresh])]
    measured: frozenset[str] = frozenset()
    waiting: list[Kept] = []
    if carry is not None:
        owners = _after(owners, place, carry)
        state, measured = _states(carry)
        known = np.flatnonzero(place >= 0)
        for some in grouped(owners.span[known], _STATE_COSTS_D):
            jobs.append((known[some], _chosen(state, place[known[some]])))
        others = np.setdiff1d(np.arange(carry.height), place)
        if len(others):
            rest = carry[others]
            waiting = [Kept(rest.get_column("athlete"), rest.get_column("date"), _chosen(state, others))]

    def work(job: tuple[Any, State | None]) -> tuple[pl.DataFrame, Kept]:
        return _go_on(panel_of(owners, job[0], profile), job[1], measured, kind)

    if len(jobs) < 2 or workers < 2:
        done = [work(job) for job in jobs]
    else:
        with ThreadPoolExecutor(workers) as pool:
            done = list(pool.map(work, jobs))
    verdicts = in_order([one for one, _ in done])
    here = frozenset(name for name in frame.columns if frame.get_column(name).null_count() < frame.height)
    return verdicts, _table([one for _, one in done] + waiting, measured | here)


def _check_version(carry: pl.DataFrame) -> None:
    lacking = [name for name in _FIXED if name not in carry.columns]
    if lacking:
        raise WrongRequest(f"this is no carry: the column {lacking[0]} is missing")
    if set(carry.get_column("version").unique()) != {_version()}:
        raise WrongRequest("the carry was made by another version or with other numbers; judge the whole history again")


def _version() -> str:
    return f"{LAYOUT}-{P.hash}"


def _places(owners: Owners, carry: pl.DataFrame | None) -> Any:
    """Each athlete's row in the carry, -1 without one."""
    if carry is None:
        return np.full(len(owners.names), -1)
    names = owners.frame.get_column("athlete").gather(owners.offset)
    kinds = names.dtype, carry.schema["athlete"]
    if kinds[0] != kinds[1]:
        raise WrongRequest(f"athletes are named by different types in the carry and the days: {kinds[1]}, {kinds[0]}")
    known = carry.select("athlete", pl.int_range(pl.len()).alias("_place"))
    joined = names.to_frame("athlete").join(known, on="athlete", how="left", maintain_order="left")
    return joined.get_column("_place").fill_null(-1).to_numpy()


def _after(owners: Owners, place: Any, carry: pl.DataFrame) -> Owners:
    """The same owners, their days counted from the one after the last that was judged."""
    last = carry.get_column("date").to_physical().to_numpy().astype(np.int64)[np.maximum(place, 0)]
    late = np.flatnonzero((place >= 0) & (owners.first <= last))
    if len(late):
        a = int(late[0])
        day = EPOCH + timedelta(days=int(owners.first[a]))
        raise WrongRequest(
            f"{owners.names[a]} has a day that was judged already, {day}: judge that athlete's whole history again"
        )
    first = np.where(place >= 0, last + 1, owners.first)
    span = owners.first + owners.span - first
    return Owners(owners.frame, owners.names, owners.offset, owners.rows, first, span)


def _go_on(panel: Panel, before: State | None, measured: frozenset[str], kind: Any) -> tuple[pl.DataFrame, Kept]:
    kept: State = {}
    panel.past = Past(panel.past.length, before, kept)
    panel.measured |= measured
    verdicts = frame_of(settle(panel)).with_columns(pl.col("athlete").cast(kind))
    last = (panel.first + panel.past.length - 1).astype(np.int32)
    return verdicts, Kept(pl.Series("athlete", panel.athletes, dtype=kind), pl.Series(last).cast(pl.Date), kept)


# --- the table ----------------------------------------------------------------------------------------------------

_KINDS: Final = {"numbers": np.float64, "counts": np.int64, "flags": np.uint8}
Layout = dict[str, tuple[str, int, int]]
"""Of each name: the column that holds it, its first place there, how many places (0: one number)."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The state of some athletes after their last day."""

    athletes: pl.Series
    last: pl.Series
    state: State


def _kind(values: Any) -> str:
    return {"f": "numbers", "i": "counts"}.get(values.dtype.kind, "flags")


def _table(parts: list[Kept], measured: frozenset[str]) -> pl.DataFrame:
    """The states as one table: what is of one kind side by side, in places that ``layout`` names."""
    shapes = {name: values for part in parts for name, values in part.state.items()}
    layout: Layout = {}
    widths = dict.fromkeys(_KINDS, 0)
    for name in sorted(shapes):
        kind, width = _kind(shapes[name]), 0 if shapes[name].ndim == 1 else shapes[name].shape[1]
        layout[name] = kind, widths[kind], width
        widths[kind] += max(width, 1)
    total = sum(len(part.athletes) for part in parts)
    store = {kind: np.empty((total, widths[kind]), dtype=dtype) for kind, dtype in _KINDS.items()}
    if any(part.state.keys() != shapes.keys() for part in parts):
        for kind, values in store.items():
            values.fill(np.nan if kind == "numbers" else 0)
    start = 0
    for part in parts:
        rows = slice(start, start := start + len(part.athletes))
        for name, values in part.state.items():
            kind, at, width = layout[name]
            store[kind][rows, at : at + max(width, 1)] = values if width else values[:, None]
    told = json.dumps({"measured": sorted(measured), "places": layout}, separators=(",", ":"))
    fixed = {
        "athlete": pl.concat([part.athletes for part in parts]),
        "date": pl.concat([part.last for part in parts]),
        "version": pl.repeat(_version(), total, eager=True),
        "layout": pl.repeat(told, total, eager=True),
    }
    lists = {kind: pl.Series(values, dtype=pl.Array(_PLAIN[kind], widths[kind])) for kind, values in store.items()}
    frame = pl.DataFrame(fixed | lists).with_columns(pl.col(*_KINDS).arr.to_list())
    return frame if frame.get_column("athlete").is_sorted() else frame.sort("athlete")


_PLAIN: Final = {"numbers": pl.Float64, "counts": pl.Int64, "flags": pl.UInt8}


def _states(carry: pl.DataFrame) -> tuple[State, frozenset[str]]:
    """The states of all athletes of a carry as arrays by name, and the columns that were ever measured."""
    told = json.loads(carry.get_column("layout")[0])
    store = {kind: carry.get_column(kind).explode().to_numpy().reshape(carry.height, -1) for kind in _KINDS}
    state: State = {}
    for name, (kind, at, width) in told["places"].items():
        values = store[kind][:, at : at + width] if width else store[kind][:, at]
        state[name] = values.view(np.bool_) if kind == "flags" else values
    return state, frozenset(told["measured"])


def _chosen(state: State, rows: Any) -> State:
    """The same of some athletes; without a copy where they stand side by side."""
    if len(rows) and int(rows[-1]) - int(rows[0]) == len(rows) - 1 and bool(np.all(np.diff(rows) == 1)):
        part = slice(int(rows[0]), int(rows[-1]) + 1)
        return {name: values[part] for name, values in state.items()}
    return {name: values[rows] for name, values in state.items()}
