"""What a runner is used to, from the runs before today: the measure of every limit on a plan."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import polars as pl

from freshlegs import vocabulary as v
from freshlegs.problems import WrongRequest
from freshlegs.recovery.parameters import PARAMETERS as P
from freshlegs.recovery.past import mean, median
from freshlegs.recovery.sessions import LU_PER_HOUR

LOOK_BACK_D: Final = 60
REST_DAYS: Final = P.whole("habit.rest_days")
"""Full rest days at the start of excessive fatigue (two to four)."""
HALF_DAYS: Final = P.whole("habit.half_days")
FORTY_DAYS: Final = P.whole("habit.forty_days")
LIGHT: Final = P.number("habit.light")
"""Load since a rest, as a share of the usual, up to which the rest still counts."""
BEFORE_D: Final = P.whole("habit.before_d")
"""Days of history before a stretch of rest that tell whether it is unusual."""
POINTS_TO_LU: Final = 100.0 / 420.0
"""Session points (effort times minutes) to LU; science A.11 row 5."""


@dataclass(frozen=True, slots=True)
class Habit:
    """The last weeks in a few numbers; None where there is nothing to go by.

    ``usual_week_lu``: mean week of the last four (of those there are). ``ceiling_week_lu``: 1.10 times the
    larger of the four weeks' mean and last week. ``week_m``: distance run a week, as the mean of the last four.
    ``longest_m``, ``longest_s``: the longest run of 30 days.
    ``run_s``, ``hard_s``: median length of a run, of a hard run. ``loads``: daily, oldest first, the last is
    yesterday. ``hard_before``: days ago of recent hard runs.
    """

    usual_week_lu: float | None = None
    ceiling_week_lu: float | None = None
    week_m: float | None = None
    longest_m: float | None = None
    longest_s: float | None = None
    run_s: float | None = None
    hard_s: float | None = None
    speed_mps: float | None = None
    loads: tuple[float, ...] = ()
    hard_before: tuple[int, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class _Run:
    ago: int
    running: bool
    distance_m: float | None
    seconds: float | None
    lu: float
    hard: bool


def _value(row: dict[str, Any], name: str) -> float | None:
    value = row.get(name)
    return None if value is None or value != value else float(value)


def _load(row: dict[str, Any], seconds: float | None, hard: bool) -> float:
    """The load of a run: as recorded, else from effort and time, else from time."""
    known = _value(row, "load_lu")
    if known is not None:
        return known
    effort = _value(row, "rpe")
    if seconds is None:
        return 0.0
    if effort is not None:
        return effort * seconds / 60.0 * POINTS_TO_LU
    sport = row.get("sport") or "running"
    kind = "race" if row.get("race") else "tempo" if hard else "easy"
    if sport not in v.RUNNING_SPORTS:
        kind = {"strength": "strength", "walking": "walk", "hiking": "walk"}.get(sport, "cross")
    return LU_PER_HOUR[kind] * seconds / 3600.0


def _runs(runs: pl.DataFrame, today: date) -> list[_Run]:
    offset = pl.col("utc_offset_s").fill_null(0.0) if "utc_offset_s" in runs.columns else pl.lit(0.0)
    local = (pl.col("start_utc").dt.replace_time_zone(None) + pl.duration(seconds=offset)).dt.date()
    found: list[_Run] = []
    for row in runs.with_columns(_day=local).iter_rows(named=True):
        if row["_day"] is None or row["_day"] >= today:
            continue
        moving = _value(row, "moving_s")
        seconds = _value(row, "elapsed_s") if moving is None else moving
        effort = _value(row, "rpe")
        hard = bool(row.get("race") or row.get("quality_session") or (effort is not None and effort >= 7))
        found.append(
            _Run(
                ago=(today - row["_day"]).days,
                running=(row.get("sport") or "running") in v.RUNNING_SPORTS,
                distance_m=_value(row, "distance_m"),
                seconds=seconds,
                lu=_load(row, seconds, hard),
                hard=hard,
            )
        )
    return found


def habit(runs: pl.DataFrame | None, today: date) -> Habit:
    """What the runs before ``today`` say; runs of today and later are left out.

    ``runs`` has at least ``start_utc``; whichever of the other columns of `tables.RUNS` it has are used.
    """
    if runs is None or runs.is_empty():
        return Habit()
    if "start_utc" not in runs.columns:
        raise WrongRequest("runs need the column start_utc")
    known = _runs(runs, today)
    loads = [0.0] * LOOK_BACK_D
    for run in known:
        if run.ago <= LOOK_BACK_D:
            loads[-run.ago] += run.lu
    month = sum(loads[-28:])
    weeks = min(28, max((run.ago for run in known), default=7)) / 7.0
    recent = [run for run in known if run.running and run.ago <= 30]
    lengths = [run.seconds for run in recent if run.seconds]
    far = sum(run.distance_m or 0.0 for run in known if run.running and run.ago <= 28)
    hard = [run.seconds for run in known if run.running and run.hard and run.ago <= 42 and run.seconds]
    speeds = [run.distance_m / run.seconds for run in recent if run.distance_m and run.seconds]
    return Habit(
        usual_week_lu=month / max(weeks, 1.0) if month > 0 else None,
        ceiling_week_lu=1.10 * max(month / 4.0, sum(loads[-7:])) if month > 0 else None,
        week_m=far / max(weeks, 1.0) if far > 0 else None,
        longest_m=max((run.distance_m for run in recent if run.distance_m), default=None),
        longest_s=max(lengths, default=None),
        run_s=median(lengths),
        hard_s=median(hard) if len(hard) >= 2 else None,
        speed_mps=median(speeds),
        loads=tuple(loads),
        hard_before=tuple(sorted({run.ago for run in known if run.hard and run.ago <= 3})),
    )


def usual_week(runs: pl.DataFrame | None, before: date, days: int) -> float | None:
    """The mean week [LU] of so many days before a day, from the week of its first run on; None without two of them."""
    known = [] if runs is None or runs.is_empty() else [run for run in _runs(runs, before) if run.ago <= days]
    weeks = math.ceil(max((run.ago for run in known), default=0) / 7.0)
    return sum(run.lu for run in known) / weeks if weeks >= 2 else None


def _blocks(loads: Sequence[float]) -> list[tuple[int, int]]:
    """First and last place of each stretch of days without load."""
    found: list[tuple[int, int]] = []
    for i, load in enumerate(loads):
        if load == 0:
            if found and found[-1][1] == i - 1:
                found[-1] = (found[-1][0], i)
            else:
                found.append((i, i))
    return found


def rest_owed(loads: Sequence[float]) -> tuple[int, int]:
    """Full rest days still to come, and days gone of the easy weeks after them.

    A stretch of rest counts as the rest that *excessive* asks for when it has three days or more, is longer
    than any in the four weeks before it, of which two must be known (so that a runner of two days a week is not
    taken to have rested), and was followed by light days. Otherwise three days are owed, less those rested up to
    yesterday, but two at least.
    """
    began = next((i for i, load in enumerate(loads) if load > 0), len(loads))
    known = list(loads[began:])
    blocks = _blocks(known)
    for first, last in reversed(blocks):
        before = [b - a + 1 for a, b in blocks if b < first and b >= first - 28]
        usual = mean(known[max(0, first - 28) : first])
        since = known[last + 1 :]
        light = mean(since)
        days = last - first + 1
        rested = first >= BEFORE_D and days >= REST_DAYS and days > max(before, default=0)
        if rested and usual and (light is None or light <= LIGHT * usual):
            return 0, len(since)
    trailing = len(known) - blocks[-1][0] if blocks and blocks[-1][1] == len(known) - 1 else 0
    return max(2, REST_DAYS - trailing), 0
