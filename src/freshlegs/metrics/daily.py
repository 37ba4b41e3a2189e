"""Runs, nights and check-ins into days: the wide table where everything meets (contract, section 3)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from freshlegs import tables
from freshlegs import vocabulary as v
from freshlegs.metrics import _frames as f
from freshlegs.metrics import _nights
from freshlegs.metrics.loads import complete
from freshlegs.tables import Profile

Keys = npt.NDArray[np.int64]
_Given = tuple[pl.DataFrame | None, pl.DataFrame | None, pl.DataFrame | None]
"""Runs, nights, check-ins."""

REST_GAP_D: Final = 14
"""Days without a run between two runs no further apart than this were rested."""

WORTH_TWO: Final = 50_000
"""Rows of all three tables; fewer are done before a second thread gains anything."""

_SIDES: Final = (pl.col("athlete").lt, pl.col("athlete").ge)

_ANSWERS: Final = tuple(name for name in tables.CHECKINS.names if name in tables.DAYS.names[2:])
_OF_NIGHT: Final = ("sleep_s", "in_bed_s", "hr_night_bpm", "hr_rest_bpm", "rmssd_ms", "hrv_source", "hr_source")
_DERIVED: Final = ("performance_ln", "performance_sd", "hr_residual_sd", "rpe_residual_sd")


def daily(
    runs: pl.DataFrame | None = None,
    nights: pl.DataFrame | None = None,
    checkins: pl.DataFrame | None = None,
    profile: Profile = None,
    *,
    until: date | None = None,
) -> pl.DataFrame:
    """The wide daily table (`tables.DAYS`) of one athlete or many, sorted by athlete and date.

    ``runs``, ``nights``, ``checkins``: tables RUNS, NIGHTS, CHECKINS; any may be None or lack columns; without an
    ``athlete`` column they are of "me". ``profile``: a mapping, or a frame with ``athlete``. The row of a day holds
    that morning's check-in and night, and the sessions of the day before (by the local day on which they started).
    With ``until`` nothing later is looked at, each athlete has a row on that day, and none after it.

    A row stands for each date of which something is known: an answer, a night, a session the day before, or that the
    day before was rested. Other dates are left out; they are unknown days. ``load_lu`` is 0 if the day before has a
    check-in or a night and no session, or lies between two sessions at most 14 days apart; else null.
    Of a recording with flags (`freshlegs.metrics.quality`) the time and distance that can be so are counted.

    Several sessions of a day: load, time and zones are summed, metres of runs only; ``rpe`` is the hardest's, ``legs``
    the last answer, ``hit_pace`` the worst; ``performance_ln`` the surest; residuals and temperature are means by time.
    ``stress`` is the larger of its parts where these were answered. Where several sources saw the same nights,
    one of them speaks (`freshlegs.metrics._nights`); RMSSD carries its ``hrv_source``. Two check-ins of one day: the
    later answer of each item. Values outside their declared range are missing. Order of rows does not matter.
    """
    given = runs, nights, checkins
    halves = _halves(given)
    if halves is None:
        return _days(given, profile, until)
    with ThreadPoolExecutor(len(halves)) as pool:
        return pl.concat(pool.map(lambda half: _days(half, profile, until), halves))


def _halves(given: _Given) -> list[_Given] | None:
    """The rows of the first and of the last half of the athletes, to work on side by side; None where it won't pay.

    Nothing of one athlete depends on another. Where names are missing or of several kinds they are left together.
    """
    frames = [frame for frame in given if frame is not None and frame.height]
    if sum(frame.height for frame in frames) < WORTH_TWO or any("athlete" not in frame.columns for frame in frames):
        return None
    named = [frame.get_column("athlete") for frame in frames]
    kinds = {series.dtype for series in named}
    if len(kinds) > 1 or not kinds <= {pl.String, pl.Int64} or any(series.null_count() for series in named):
        return None
    names = pl.concat([series.unique() for series in named]).unique().sort()
    if names.len() < len(_SIDES):
        return None
    middle = names[names.len() // len(_SIDES)]
    runs, nights, checkins = given
    return [(_of(runs, here), _of(nights, here), _of(checkins, here)) for here in (side(middle) for side in _SIDES)]


def _of(frame: pl.DataFrame | None, athletes: pl.Expr) -> pl.DataFrame | None:
    return frame if frame is None or frame.is_empty() else frame.filter(athletes)


def _days(given: _Given, profile: Profile, until: date | None) -> pl.DataFrame:
    """`daily`, of all athletes together."""
    runs, nights, checkins = given
    sessions, ran = _sessions(runs, nights, profile, until)
    sleep = _until(f.tidy(nights, tables.NIGHTS, ("date",)), until)
    asked = _of_their_day(_until(f.tidy(checkins, tables.CHECKINS, ("date",)), until))
    names = f.Names.of(sessions, sleep, asked)
    if not names.series.len():
        return tables.DAYS.frame()
    run_keys, by_day = _of_yesterday(sessions, names.keys(sessions.get_column("athlete"), ran))
    night_keys, by_night = _nights.chosen(sleep, names)
    by_night = _sleep_times(by_night, night_keys, names, profile)
    answer_keys, answers = _answered(asked, names)
    keys, rested = _calendar(run_keys, _union(night_keys, answer_keys), names, until)
    parts = [
        names.named(keys),
        f.placed(answers, answer_keys, keys),
        f.placed(by_night, night_keys, keys),
        f.placed(by_day, run_keys, keys),
    ]
    days = pl.concat([part for part in parts if part.width], how="horizontal")
    if "load_lu" not in days.columns:
        days = days.with_columns(pl.lit(None, dtype=pl.Float64).alias("load_lu"))
    no_run = pl.Series(rested & ~_among(keys, run_keys))
    days = days.with_columns(pl.when(no_run).then(0.0).otherwise("load_lu").alias("load_lu"))
    schema = {**tables.DAYS.schema, "athlete": days.schema["athlete"]}
    missing = [pl.lit(None, dtype=dtype).alias(name) for name, dtype in schema.items() if name not in days.columns]
    return days.with_columns(missing).select(tables.DAYS.names)


def _until(frame: pl.DataFrame, until: date | None) -> pl.DataFrame:
    frame = frame.drop_nulls("date")
    return frame if until is None else frame.filter(pl.col("date") <= until)


def _of_their_day(checkins: pl.DataFrame) -> pl.DataFrame:
    """Without rows that hold a look back at a verdict and nothing else: they tell nothing of their day."""
    if "looking_back" not in checkins.columns:
        return checkins
    others = [name for name in checkins.columns if name not in ("athlete", "date", "looking_back")]
    told = pl.any_horizontal([pl.col(name).is_not_null() for name in others]) if others else pl.lit(value=False)
    return checkins.filter(pl.col("looking_back").is_null() | told)


def _union(*keys: Keys) -> Keys:
    """All keys, ascending, once each. A stable sort finds the runs that are sorted already."""
    filled = [each for each in keys if each.size]
    if len(filled) < 2:
        return filled[0] if filled else np.zeros(0, dtype=np.int64)
    merged = np.sort(np.concatenate(filled), kind="stable")
    fresh = np.concatenate([[True], np.diff(merged) > 0])
    return np.asarray(merged[fresh], dtype=np.int64)


# --- sessions -----------------------------------------------------------------------------------------------------


def _sessions(
    runs: pl.DataFrame | None, nights: pl.DataFrame | None, profile: Profile, until: date | None
) -> tuple[pl.DataFrame, pl.Series]:
    """Sessions with loads, and the morning after each."""
    frame = f.tidy(runs, tables.RUNS, ("start_utc",)).drop_nulls("start_utc")
    if frame.height and not _completed(frame):
        frame = complete(frame, None, profile, nights)
    morning = f.local_days(frame, "start_utc", profile).dt.offset_by("1d").alias("_morning")
    frame = frame.with_columns(morning)
    if until is not None:
        frame = frame.filter(pl.col("_morning") <= until)
    return frame, frame.get_column("_morning")


def _completed(frame: pl.DataFrame) -> bool:
    """Whether `loads.complete` has been here already."""
    derived = all(name in frame.columns for name in _DERIVED)
    return derived and "load_lu" in frame.columns and frame.get_column("load_lu").null_count() == 0


def _of_yesterday(sessions: pl.DataFrame, keys: Keys) -> tuple[Keys, pl.DataFrame]:
    """One row a morning with the day before's sessions joined."""
    if not sessions.height:
        return keys, pl.DataFrame()
    on_foot = f.running(sessions)
    sessions = sessions.with_columns(
        pl.Series("_key", keys),
        pl.when(on_foot).then(_or_null(sessions, _told(sessions, "believed_m", "distance_m"))).alias("distance_m"),
        pl.coalesce(
            _or_null(sessions, name) for name in (_told(sessions, "believed_s", "moving_s"), "moving_s", "elapsed_s")
        ).alias("moving_s"),
    )
    sessions = sessions.with_columns(pl.col("distance_m").alias("longest_run_m"))
    wanted = [name for name in _JOINED if name in sessions.columns]
    if not bool(np.all(np.diff(keys) > 0)):
        ties = [name for name in ("moving_s", "distance_m", "load_lu", "rpe") if name in sessions.columns]
        sessions = sessions.sort("_key", "start_utc", *ties)
    ordered = sessions.select("_key", *wanted)
    found = ordered.get_column("_key").to_numpy()
    if bool(np.all(np.diff(found) > 0)):
        return found, ordered.drop("_key")
    joined = ordered.group_by("_key", maintain_order=True).agg([_JOINED[name] for name in wanted])
    return joined.get_column("_key").to_numpy(), joined.drop("_key")


def _or_null(frame: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name) if name in frame.columns else pl.lit(None, dtype=pl.Float64)


def _told(frame: pl.DataFrame, better: str, name: str) -> str:
    return better if better in frame.columns else name


def _sum(name: str) -> pl.Expr:
    return pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name)


def _mean_by_time(name: str) -> pl.Expr:
    weight = pl.when(pl.col(name).is_not_null()).then(pl.col("moving_s").fill_null(0.0).clip(1.0))
    return ((pl.col(name) * weight).sum() / weight.sum()).fill_nan(None).alias(name)


def _quality() -> pl.Expr:
    weight = pl.when(pl.col("load_quality").is_not_null()).then(pl.col("load_lu").clip(1e-6))
    return ((pl.col("load_quality") * weight).sum() / weight.sum()).fill_nan(None).alias("load_quality")


def _worst(name: str, words: tuple[str, ...]) -> pl.Expr:
    order = pl.col(name).replace_strict(list(words), list(range(len(words))), default=None, return_dtype=pl.Int8)
    return order.max().replace_strict(list(range(len(words))), list(words), default=None).alias(name)


def _any(name: str) -> pl.Expr:
    return pl.when(pl.col(name).count() > 0).then(pl.col(name).any()).alias(name)


def _surest() -> pl.Expr:
    here = pl.col("performance_sd") == pl.col("performance_sd").min()
    return pl.col("performance_ln").filter(here).max()


_JOINED: Final[dict[str, pl.Expr]] = {
    "load_lu": _sum("load_lu"),
    "load_quality": _quality(),
    "distance_m": _sum("distance_m"),
    "longest_run_m": pl.col("longest_run_m").max(),
    "moving_s": _sum("moving_s"),
    "z1_s": _sum("z1_s"),
    "z2_s": _sum("z2_s"),
    "z3_s": _sum("z3_s"),
    "rpe": pl.col("rpe").max(),
    "legs": pl.col("legs").drop_nulls().last(),
    "hit_pace": _worst("hit_pace", v.HIT_PACE),
    "harder_than_it_should": _any("harder_than_it_should"),
    "quality_session": _any("quality_session"),
    "performance_ln": _surest(),
    "performance_sd": pl.col("performance_sd").min(),
    "hr_residual_sd": _mean_by_time("hr_residual_sd"),
    "rpe_residual_sd": _mean_by_time("rpe_residual_sd"),
    "temperature_c": _mean_by_time("temperature_c"),
}
"""How the sessions of one day become one row."""


# --- nights and answers -------------------------------------------------------------------------------------------


def _sleep_times(nights: pl.DataFrame, keys: Keys, names: f.Names, profile: Profile) -> pl.DataFrame:
    """The nights' columns of DAYS; falling asleep and waking as minutes on the clock of the waking date.

    By the night's own offset; in the home time zone, where that is the offset of the waking, by its clock, so that a
    night on which the clocks change begins when the runner's own clock said.
    """
    kept = nights.select([name for name in _OF_NIGHT if name in nights.columns])
    times = {"fell_asleep_utc": "fell_asleep_min", "woke_utc": "woke_min"}
    present = {name: out for name, out in times.items() if name in nights.columns}
    if not present or not nights.height:
        return kept
    frame = pl.concat([nights, names.named(keys)], how="horizontal")
    offset = pl.col("utc_offset_s") if "utc_offset_s" in frame.columns else pl.lit(None, dtype=pl.Float64)
    shift = pl.duration(seconds=offset.fill_null(0.0).round().cast(pl.Int64))
    woke = pl.coalesce([pl.col(name) for name in ("woke_utc", "fell_asleep_utc") if name in present])
    clocks = {name: pl.col(name).dt.replace_time_zone(None) + shift for name in present}
    for zone, athletes in f.home_zones(profile, frame).items():
        there = woke.dt.convert_time_zone(zone)
        own = (there.dt.base_utc_offset() + there.dt.dst_offset()).dt.total_seconds()
        here = offset.is_null() | (offset == own)
        if athletes is not None:
            here &= pl.col("athlete").is_in(athletes)
        for name in present:
            at_home = pl.col(name).dt.convert_time_zone(zone).dt.replace_time_zone(None)
            clocks[name] = pl.when(here).then(at_home).otherwise(clocks[name])
    midnight = pl.col("date").cast(pl.Datetime("us"))
    minutes = frame.select(
        ((clocks[name] - midnight).dt.total_seconds().cast(pl.Float64) / 60.0).alias(out)
        for name, out in present.items()
    )
    return pl.concat([kept, f.tidy(minutes, tables.DAYS).drop("athlete")], how="horizontal")


def _answered(checkins: pl.DataFrame, names: f.Names) -> tuple[Keys, pl.DataFrame]:
    """One row of answers a morning, by ascending key."""
    keys = names.keys(checkins.get_column("athlete"), checkins.get_column("date"))
    frame = checkins.select([name for name in _ANSWERS if name in checkins.columns])
    parts = [name for name in ("stress", "stress_work", "stress_home") if name in frame.columns]
    if parts and parts != ["stress"]:
        larger = pl.max_horizontal([name for name in parts if name != "stress"])
        frame = frame.with_columns((pl.coalesce(larger, "stress") if "stress" in parts else larger).alias("stress"))
    if keys.size < 2 or bool(np.all(np.diff(keys) > 0)):
        return keys, frame
    frame = frame.with_columns(pl.Series("_key", keys)).sort("_key", maintain_order=True)
    keys = frame.get_column("_key").to_numpy()
    if bool(np.all(np.diff(keys) > 0)):
        return keys, frame.drop("_key")
    last = frame.group_by("_key", maintain_order=True).agg(pl.all().drop_nulls().last())
    return last.get_column("_key").to_numpy(), last.drop("_key")


# --- the calendar -------------------------------------------------------------------------------------------------


def _calendar(runs: Keys, others: Keys, names: f.Names, until: date | None) -> tuple[Keys, npt.NDArray[np.bool_]]:
    """The mornings that get a row, ascending, and on which of them the day before is known to be without a session.

    ``runs`` are mornings after sessions, ``others`` mornings with an answer or a night, both ascending.
    """
    between = _between(runs)
    known = _union(runs, others)
    last = _last_of_athlete(known, names, until)
    after = others + 1
    after = after[after <= last[after // f.KEY_DAYS]] if after.size else after
    keys = _union(known, between, after, last if until is not None else known[:0])
    return keys, _among(keys, after) | _among(keys, between)


def _among(keys: Keys, some: Keys) -> npt.NDArray[np.bool_]:
    """Which of the ascending keys are in the ascending ``some``."""
    if not some.size:
        return np.zeros(keys.size, dtype=np.bool_)
    return np.asarray(some[np.minimum(f.places(some, keys), some.size - 1)] == keys, dtype=np.bool_)


def _between(runs: Keys) -> Keys:
    """The mornings strictly between two sessions' mornings at most 14 days apart."""
    gap = np.diff(runs)
    start = np.flatnonzero((gap > 1) & (gap <= REST_GAP_D))
    length = gap[start] - 1
    if not length.size:
        return np.zeros(0, dtype=np.int64)
    offset = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    return np.asarray(np.repeat(runs[start], length) + 1 + offset, dtype=np.int64)


def _last_of_athlete(known: Keys, names: f.Names, until: date | None) -> Keys:
    """The last morning of each athlete: ``until``, else the last of which anything is known."""
    count = names.series.len()
    if until is not None:
        day = (until - date(1970, 1, 1)).days + f.KEY_DAYS // 2
        return np.arange(count, dtype=np.int64) * f.KEY_DAYS + day
    last = np.full(count, -1, dtype=np.int64)
    np.maximum.at(last, known // f.KEY_DAYS, known)
    return last
