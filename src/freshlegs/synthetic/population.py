"""Many made runners at once, for tests and measurements: arrays of athletes by days, no loop over either but one.

These people are plausible in their parts (ranges, spreads, weekly patterns, gaps); no truth is planted in them
beyond a slow hidden tiredness that pulls answers, nights and performances the same way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from freshlegs import tables
from freshlegs import vocabulary as v

Floats = npt.NDArray[np.floating[Any]]

FIRST: Final = date(2023, 1, 2)

PULL: Final[Mapping[str, tuple[float, float, float, float]]] = {
    # item: usual, points a unit of hidden tiredness, points the morning after a hard day, share asked
    "energy": (6.5, -1.3, -0.4, 1.0),
    "leg_freshness": (6.6, -1.2, -0.9, 1.0),
    "soreness": (2.6, 0.8, 0.9, 0.8),
    "sleep_quality": (6.7, -0.6, 0.0, 1.0),
    "stress": (3.6, 0.5, 0.0, 0.5),
    "mood": (6.8, -0.8, 0.0, 0.5),
    "relax": (6.5, -0.6, 0.0, 0.3),
    "wish_to_run": (6.9, -0.9, -0.2, 0.3),
    "readiness": (6.3, -1.1, -0.5, 0.3),
    "appetite": (7.4, -0.3, 0.0, 0.2),
}

WEEK: Final = np.array(
    # load (LU), minutes, effort, easy share, grey share, hard on purpose, chance of a run
    [
        [35, 45, 2.8, 0.95, 0.05, 0, 0.25],
        [40, 50, 3.0, 0.93, 0.07, 0, 0.85],
        [75, 60, 7.0, 0.60, 0.12, 1, 0.85],
        [40, 50, 3.0, 0.93, 0.07, 0, 0.75],
        [35, 40, 2.8, 0.95, 0.05, 0, 0.30],
        [50, 55, 4.0, 0.85, 0.10, 0, 0.75],
        [90, 105, 4.5, 0.90, 0.10, 0, 0.85],
    ]
)
TRIAL_CHANCE: Final = 0.33
TRIAL_M: Final = 5000.0


@dataclass(slots=True)
class World:
    """What happened, by athlete (rows) and day (columns); NaN where nobody recorded it."""

    rng: np.random.Generator
    athletes: list[str]
    days: int
    columns: dict[str, Floats]
    hidden: Floats
    ran: npt.NDArray[np.bool_]
    trial: npt.NDArray[np.bool_]
    speed_mps: Floats
    answered: npt.NDArray[np.bool_]
    worn: npt.NDArray[np.bool_]
    ill: npt.NDArray[np.bool_]


def made_days(n_athletes: int, n_days: int, seed: int = 0) -> pl.DataFrame:
    """The days table of so many made athletes, one row an athlete and day, sorted."""
    world = _world(n_athletes, n_days, seed)
    columns = world.columns
    after = {name: _day_later(columns[name]) for name in _AFTER_RUNS}
    after["performance_ln"] = _day_later(np.where(world.trial, np.log(12.0 * world.speed_mps), np.nan))
    after["performance_sd"] = np.where(np.isnan(after["performance_ln"]), np.nan, 0.015)
    for name in ("hr_residual_sd", "rpe_residual_sd"):
        noise = world.rng.normal(0.0, 0.8, world.hidden.shape) + 0.5 * world.hidden
        after[name] = _day_later(np.where(world.ran, noise, np.nan))
    numbers = {name: columns[name] for name in (*PULL, *_NIGHTLY)} | after
    series = _index(world) + [
        pl.Series(name, values.ravel(), dtype=pl.Float64, nan_to_null=True) for name, values in numbers.items()
    ]
    ran = _day_later(world.ran.astype(np.float64))
    missed = _day_later(columns["missed"])
    series += [
        _words("ill", np.where(world.ill, 1.0, 0.0), world.answered, v.ILLNESS),
        _words("ate_enough", (world.rng.random(ran.shape) < 0.08) * 1.0, world.answered, ("yes", "no")),
        _words("bowel", (world.rng.random(ran.shape) < 0.04) * 2.0, world.answered, v.BOWEL),
        _words("hit_pace", missed, ~np.isnan(missed), v.HIT_PACE),
        _words("hrv_source", np.zeros(ran.shape), world.worn, ("watch",)),
        _yes("harder_than_it_should", _day_later(columns["harder"])),
        _yes("quality_session", _day_later(columns["hard"])),
    ]
    frame = pl.DataFrame(series)
    return frame.select([name for name in tables.DAYS.names if name in frame.columns])


def made_panel(n_athletes: int, n_days: int, seed: int = 0) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Runs, nights and check-ins of so many made athletes, as `freshlegs.daily` takes them."""
    world = _world(n_athletes, n_days, seed)
    return _runs(world), _nights(world), _checkins(world)


_NIGHTLY: Final = (
    "sleep_s", "in_bed_s", "hr_night_bpm", "hr_rest_bpm", "rmssd_ms", "fell_asleep_min", "woke_min",
)  # fmt: skip
_AFTER_RUNS: Final = (
    "load_lu", "load_quality", "distance_m", "longest_run_m", "moving_s", "z1_s", "z2_s", "z3_s", "rpe", "legs",
    "temperature_c",
)  # fmt: skip


def _world(n_athletes: int, n_days: int, seed: int) -> World:
    rng = np.random.default_rng(seed)
    shape = (n_athletes, n_days)
    hidden = _hidden(rng, shape)
    width = len(str(n_athletes - 1))
    each = (n_athletes, 1)
    keen, ability = rng.uniform(0.75, 1.3, each), rng.normal(3.6, 0.4, each).clip(2.4, 5.2)
    ill = _spells(rng, shape)
    week = WEEK[np.arange(n_days) % 7]
    ran = (rng.random(shape) < week[:, 6] * rng.uniform(0.8, 1.15, each)) & ~ill
    trial = ran & (np.arange(n_days) % 7 == 5) & (rng.random(shape) < TRIAL_CHANCE)
    form = ability * np.exp(rng.normal(0.0, 0.01, shape) - 0.02 * np.clip(hidden, -1.0, None))
    minutes = week[:, 1] * keen * rng.lognormal(0.0, 0.15, shape)
    columns = _running(rng, shape, week, keen, minutes, ran, trial, hidden, ability)
    columns |= _answers(rng, shape, columns["load_lu"], hidden, ill)
    columns |= _sleeping(rng, shape, hidden, ill)
    answered = rng.random(shape) < rng.uniform(0.6, 1.0, each)
    worn = rng.random(shape) < rng.uniform(0.5, 1.0, each)
    for name in PULL:
        columns[name] = np.where(answered, columns[name], np.nan)
    for name in _NIGHTLY:
        columns[name] = np.where(worn, columns[name], np.nan)
    names = [f"a{number:0{width}d}" for number in range(n_athletes)]
    return World(rng, names, n_days, columns, hidden, ran, trial, form, answered, worn, ill)


def _hidden(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """Tiredness nobody sees: a small wander with a memory of ten days, and now and then two bad months.

    One athlete in five meets such a spell in a year, so that about three days in a hundred are bad, as real
    prevalences suggest (science I.1).
    """
    keep = np.exp(-1.0 / 10.0)
    hidden = rng.normal(0.0, 0.35 * np.sqrt(1.0 - keep**2), shape)
    for day in range(1, shape[1]):
        hidden[:, day] += keep * hidden[:, day - 1]
    rise_and_fall = np.concatenate([np.linspace(0.1, 1.0, 14), np.ones(28), np.linspace(1.0, 0.1, 14)])
    for athlete, day in zip(*np.nonzero(rng.random(shape) < 0.2 / 365.0), strict=True):
        length = min(len(rise_and_fall), shape[1] - day)
        hidden[athlete, day : day + length] += 2.5 * rise_and_fall[:length]
    return hidden


def _spells(rng: np.random.Generator, shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Colds of five days, about two a year."""
    begins = rng.random(shape) < 2.0 / 365.0
    ill = begins.copy()
    for later in range(1, 5):
        ill[:, later:] |= begins[:, :-later]
    return ill


def _running(
    rng: np.random.Generator,
    shape: tuple[int, int],
    week: Floats,
    keen: Floats,
    minutes: Floats,
    ran: npt.NDArray[np.bool_],
    trial: npt.NDArray[np.bool_],
    hidden: Floats,
    ability: Floats,
) -> dict[str, Floats]:
    """Loads, times and answers of the runs of each day; NaN on days without a run, load 0 when rested."""
    seconds = np.where(trial, 2400.0, 60.0 * minutes)
    known = rng.random((shape[0], 1)) < 0.9  # one athlete in ten logs no run at all on some weeks
    unknown = ~known & (rng.random(shape) < 0.2)
    easy = np.clip(week[:, 3] + rng.normal(0.0, 0.05, shape), 0.0, 1.0)
    grey = np.minimum(np.clip(week[:, 4] + rng.normal(0.0, 0.03, shape), 0.0, 1.0), 1.0 - easy)
    effort = np.where(trial, 9.5, week[:, 2] + 0.5 * hidden + rng.normal(0.0, 0.6, shape))
    hard = (week[:, 5] > 0) | trial
    load = np.where(trial, 70.0, week[:, 0] * keen * rng.lognormal(0.0, 0.2, shape))
    metres = seconds * ability * 0.78

    def only(values: Floats, share: float = 1.0) -> Floats:
        asked = rng.random(shape) < share if share < 1.0 else True
        return np.where(ran & ~unknown & asked, values, np.nan)

    missed = np.where(rng.random(shape) < 0.08 + 0.08 * np.clip(hidden, 0, None), 2.0, 0.0)
    return {
        "load_lu": np.where(unknown, np.nan, np.where(ran, load, 0.0)),
        "load_quality": only(np.full(shape, 0.9)),
        "distance_m": np.where(unknown, np.nan, np.where(ran, metres, 0.0)),
        "longest_run_m": only(metres),
        "moving_s": np.where(unknown, np.nan, np.where(ran, seconds, 0.0)),
        "z1_s": only(seconds * easy),
        "z2_s": only(seconds * grey),
        "z3_s": only(seconds * (1.0 - easy - grey)),
        "rpe": only(_points(effort), 0.8),
        "legs": only(_points(6.5 - 1.0 * hidden + rng.normal(0.0, 1.0, shape)), 0.7),
        "temperature_c": only(np.round(11.0 + rng.normal(0.0, 6.0, shape))),
        "harder": only((rng.random(shape) < 0.07 + 0.1 * np.clip(hidden, 0, None)) * 1.0, 0.7),
        "hard": only(np.broadcast_to(hard, shape) * 1.0),
        "missed": np.where(hard & ~trial, only(missed, 0.7), np.nan),
    }


def _points(values: Floats) -> Floats:
    return np.clip(np.round(values), 0.0, 10.0) + 0.0  # no negative zero


def _answers(
    rng: np.random.Generator, shape: tuple[int, int], load_lu: Floats, hidden: Floats, ill: npt.NDArray[np.bool_]
) -> dict[str, Floats]:
    """A morning's answers in whole points, everybody with a level of their own."""
    hard = np.nan_to_num(_day_later(load_lu)) > 60.0
    answers = {}
    for item, (usual, tired, heavy, asked) in PULL.items():
        own = usual + rng.normal(0.0, 1.0, (shape[0], 1))
        felt = own + tired * hidden + heavy * hard + rng.normal(0.0, 0.8, shape) + 1.5 * np.sign(tired) * ill
        answers[item] = np.where(rng.random(shape) < asked, _points(felt), np.nan) if asked < 1.0 else _points(felt)
    return answers


def _sleeping(
    rng: np.random.Generator, shape: tuple[int, int], hidden: Floats, ill: npt.NDArray[np.bool_]
) -> dict[str, Floats]:
    each = (shape[0], 1)
    asleep_h = np.clip(rng.normal(7.4, 0.4, each) - 0.2 * hidden + rng.normal(0.0, 0.7, shape), 3.0, 11.0)
    in_bed_h = asleep_h / np.clip(rng.normal(0.91, 0.02, shape), 0.7, 0.99)
    woke = 400.0 + rng.normal(0.0, 30.0, each) + rng.normal(0.0, 20.0, shape)
    heart = rng.normal(51.0, 5.0, each) + 0.8 * hidden + 4.0 * ill + rng.normal(0.0, 1.4, shape)
    lnrmssd = rng.normal(4.0, 0.3, each) - 0.03 * hidden + rng.normal(0.0, 0.13, shape)
    return {
        "sleep_s": 3600.0 * asleep_h,
        "in_bed_s": 3600.0 * in_bed_h,
        "hr_night_bpm": np.round(np.clip(heart, 33.0, 100.0), 1),
        "hr_rest_bpm": np.round(np.clip(heart - 4.0, 30.0, 100.0)),
        "rmssd_ms": np.round(np.exp(lnrmssd), 1),
        "fell_asleep_min": woke - 60.0 * in_bed_h,
        "woke_min": woke,
    }


def _day_later(values: Floats) -> Floats:
    """What happened on a day, in the row of the morning after."""
    later = np.full(values.shape, np.nan)
    later[:, 1:] = values[:, :-1]
    return later


def _dates(world: World) -> list[date]:
    return [FIRST + timedelta(days=number) for number in range(world.days)]


def _index(world: World) -> list[pl.Series]:
    names = pl.Series("athlete", world.athletes, dtype=pl.String)
    days = pl.Series("date", _dates(world), dtype=pl.Date)
    whose = np.repeat(np.arange(len(world.athletes)), world.days)
    when = np.tile(np.arange(world.days), len(world.athletes))
    return [names.gather(whose), days.gather(when)]


def _words(name: str, code: Floats, known: npt.NDArray[np.bool_], words: Sequence[str]) -> pl.Series:
    """Words by their number; null where not known."""
    where = np.where(known, np.nan_to_num(code), len(words)).astype(np.int64).ravel()
    return pl.Series(name, [*words, None], dtype=pl.String).gather(where)


def _yes(name: str, flag: Floats) -> pl.Series:
    where = np.where(np.isnan(flag), 2, flag).astype(np.int64).ravel()
    return pl.Series(name, [False, True, None], dtype=pl.Boolean).gather(where)


def _rows(world: World, where: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.int64], pl.DataFrame]:
    """The places of an array that become rows, and their athlete and date."""
    flat = np.flatnonzero(where.ravel())
    return flat, pl.DataFrame(_index(world))[flat]


def _pick(columns: Mapping[str, Any], flat: npt.NDArray[np.int64]) -> list[pl.Series]:
    return [
        pl.Series(name, np.asarray(values).ravel()[flat], dtype=pl.Float64, nan_to_null=True)
        for name, values in columns.items()
    ]


def _runs(world: World) -> pl.DataFrame:
    columns = world.columns
    flat, index = _rows(world, world.ran & ~np.isnan(columns["z1_s"]))
    numbers = {
        name: columns[name]
        for name in ("distance_m", "moving_s", "rpe", "legs", "z1_s", "z2_s", "z3_s", "temperature_c", "load_lu")
    }
    numbers["distance_m"] = np.where(world.trial, TRIAL_M, numbers["distance_m"])
    numbers["moving_s"] = np.where(world.trial, TRIAL_M / world.speed_mps, numbers["moving_s"])
    strain = numbers["distance_m"] / np.where(world.ran, numbers["moving_s"], np.nan)
    tired = np.clip(world.hidden, -1.0, 2.0)
    numbers["hr_mean_bpm"] = np.clip(60.0 + 85.0 * strain / world.speed_mps + 2.0 * tired, 80.0, 200.0)
    missed = columns["missed"]
    minute = pl.Series(world.rng.integers(7 * 60, 19 * 60, len(flat)) * 60_000_000).cast(pl.Duration("us"))
    started = index["date"].cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return index.select("athlete").with_columns(
        (started + minute).alias("start_utc"),
        pl.lit(3600.0).alias("utc_offset_s"),
        pl.lit("running").alias("sport"),
        *_pick(numbers, flat),
        pl.Series("race", world.trial.ravel()[flat]),
        _words("hit_pace", missed, ~np.isnan(missed), v.HIT_PACE).gather(flat),
        _yes("harder_than_it_should", columns["harder"]).gather(flat),
    )


def _nights(world: World) -> pl.DataFrame:
    flat, index = _rows(world, world.worn)
    midnight = index["date"].cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    columns = world.columns
    instants = {}
    for name, minute in (("fell_asleep_utc", "fell_asleep_min"), ("woke_utc", "woke_min")):
        local = pl.Series(60.0 * (columns[minute].ravel()[flat] - 60.0)).round().cast(pl.Int64)
        instants[name] = midnight + pl.Series(local * 1_000_000).cast(pl.Duration("us"))
    numbers = {name: columns[name] for name in ("sleep_s", "in_bed_s", "hr_night_bpm", "hr_rest_bpm", "rmssd_ms")}
    return index.with_columns(
        pl.lit("watch").alias("source"),
        *(series.alias(name) for name, series in instants.items()),
        pl.lit(3600.0).alias("utc_offset_s"),
        *_pick(numbers, flat),
        pl.lit("watch").alias("hrv_source"),
    )


def _checkins(world: World) -> pl.DataFrame:
    flat, index = _rows(world, world.answered)
    return index.with_columns(
        *_pick({name: world.columns[name] for name in PULL}, flat),
        _words("ill", world.ill * 1.0, world.answered, v.ILLNESS).gather(flat),
    )
