"""Going on from where a verdict stands: an athlete's next day without the days before it.

A carry is one table, a row an athlete, of plain Arrow types: the last day judged, and what the days before leave
behind (`past`): the last values of each window, and a number here and there. Its size does not depend on the length
of the history, and so neither does the cost of a day. Going on gives the same numbers, to the bit, as judging the
whole history again.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Final

import numpy as np
import polars as pl

from freshlegs import tables
from freshlegs.fatigue.assessment import frame_of, settle
from freshlegs.fatigue.panel import EPOCH, Owners, Panel, checked, grouped, panel_of
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.past import Past, State
from freshlegs.problems import WrongRequest

LAYOUT: Final = 1
"""Of the state columns; a carry of another layout, or of other parameters, is refused."""

_STATE_COSTS_D: Final = 60
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
    jobs: list[tuple[Any, State | None, frozenset[str]]] = []
    fresh = np.flatnonzero(place < 0)
    jobs += [(fresh[some], None, frozenset()) for some in grouped(owners.span[fresh])]
    if carry is not None:
        owners = _after(owners, place, carry)
        known = np.flatnonzero(place >= 0)
        measured = frozenset(carry.get_column("measured").explode().unique().drop_nulls().to_list())
        for some in grouped(owners.span[known], _STATE_COSTS_D):
            jobs.append((known[some], _state(carry, place[known[some]]), measured))

    def work(job: tuple[Any, State | None, frozenset[str]]) -> tuple[pl.DataFrame, pl.DataFrame]:
        return _go_on(panel_of(owners, job[0], profile), job[1], job[2], kind)

    if len(jobs) < 2 or workers < 2:
        done = [work(job) for job in jobs]
    else:
        with ThreadPoolExecutor(workers) as pool:
            done = list(pool.map(work, jobs))
    verdicts = pl.concat([one for one, _ in done]).sort("athlete", "date")
    parts = [one for _, one in done]
    if carry is not None:
        parts.append(carry.filter(~pl.col("athlete").is_in(pl.Series(owners.names, dtype=kind).implode())))
    return verdicts, _together(parts).sort("athlete")


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


def _go_on(
    panel: Panel, before: State | None, measured: frozenset[str], kind: Any
) -> tuple[pl.DataFrame, pl.DataFrame]:
    kept: State = {}
    panel.past = Past(panel.past.length, before, kept)
    panel.measured |= measured
    verdicts = frame_of(settle(panel)).with_columns(pl.col("athlete").cast(kind))
    last = (panel.first + panel.past.length - 1).astype(np.int32)
    fixed = {
        "athlete": pl.Series(panel.athletes, dtype=kind),
        "date": pl.Series(last).cast(pl.Date),
        "version": pl.repeat(_version(), len(last), eager=True),
        "measured": pl.Series([sorted(panel.measured)], dtype=pl.List(pl.String)).new_from_index(0, len(last)),
    }
    return verdicts, pl.DataFrame(fixed | {name.replace(" ", "-"): _column(values) for name, values in kept.items()})


def _column(values: Any) -> pl.Series:
    plain = values.view(np.uint8) if values.dtype == np.bool_ else values
    return pl.Series(np.ascontiguousarray(plain))


def _state(carry: pl.DataFrame, rows: Any) -> State:
    """The state columns of some athletes as arrays."""
    some = carry[rows] if len(rows) < carry.height or not np.array_equal(rows, np.arange(len(rows))) else carry
    return {name.replace("-", " "): _array(some.get_column(name)) for name in some.columns if name not in _FIXED}


def _array(column: pl.Series) -> Any:
    dtype = column.dtype
    if not isinstance(dtype, pl.Array):
        return _filled(column).to_numpy()
    width = dtype.shape[0]
    if column.null_count():
        # Of an athlete of whom this was never measured.
        nothing = pl.Series([[None] * width], dtype=dtype)
        column = column.to_frame().select(pl.first().fill_null(pl.lit(nothing))).to_series()
    flat = _filled(column.explode())
    return flat.to_numpy().reshape(column.len(), width)


def _filled(column: pl.Series) -> pl.Series:
    if not column.null_count():
        return column
    return column.fill_null(float("nan") if column.dtype.is_float() else 0)


def _together(parts: list[pl.DataFrame]) -> pl.DataFrame:
    filled = [part for part in parts if part.height]
    return pl.concat(filled, how="diagonal") if len({tuple(part.columns) for part in filled}) > 1 else pl.concat(filled)
