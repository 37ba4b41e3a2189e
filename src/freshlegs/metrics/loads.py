"""One load for every session, by the best way its data allow, with its quality and the way's name (science A.11).

Ways, best first (method, quality): ``given`` the row came with a load; internal load ``hr_samples`` 0.95, ``hr_mean``
0.75, ``rpe`` 0.75; then external load ``speed_samples`` 0.90, ``pace`` 0.70; then ``zones`` 0.65, ``duration`` 0.40,
``session`` 0.20. Internal load goes before external, because load for the trends is what the session cost the runner.
Qualities are multiplied by 0.7 where the anchors behind them are only assumed [E].

Effort and pace are brought to the runner's own scale: where at least 8 sessions of the last year have both, their ratio
to heart-rate load is the median of the ratios, shrunk to the default with the weight of 8 sessions.

Zones come from the samples' heart rates, else, once the threshold speed is more than assumed, from the samples' graded
speeds (easy below 0.80 of it). A mean heart rate says nothing of zones, and they stay missing. Sports other than
running count in full for load: it is the cardiovascular channel; the mechanical one would take 0.7 of cycling.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from freshlegs import tables
from freshlegs.metrics import _frames as f
from freshlegs.metrics import anchors
from freshlegs.metrics import facts as run_facts
from freshlegs.metrics._numbers import Array, Flags
from freshlegs.metrics._sessions import WALK_MPS, Sessions, gather
from freshlegs.metrics.anchors import ASSUMED, Known
from freshlegs.metrics.facts import RunFacts
from freshlegs.metrics.load import TRIMP_WEIGHTS, trimp_rate
from freshlegs.metrics.residuals import effort_model, heart_model
from freshlegs.metrics.speed import five_km_speed
from freshlegs.tables import Profile

METHODS: Final = ("given", "hr_samples", "hr_mean", "rpe", "speed_samples", "pace", "zones", "duration", "session")
QUALITY: Final = (0.75, 0.95, 0.75, 0.75, 0.90, 0.70, 0.65, 0.40, 0.20)
ASSUMED_FACTOR: Final = 0.7
LOAD_PER_RPE_MINUTE: Final = 100.0 / 420.0
LOAD_PER_LUCIA_MINUTE: Final = 100.0 / 150.0
CALIBRATION_SESSIONS: Final = 8
CALIBRATION_D: Final = 365
C_VAR_HARD: Final = 1.05
RUNS_AT_ONCE: Final = 8192
HR_LEAST_COVERAGE: Final = 0.70
LARGEST_LOAD_LU: Final = 5000.0
DEFAULT_DURATION_S: Final = 2700.0
LOAD_PER_HOUR: Final[dict[str, float]] = {
    "strength": 30.0,
    "strength_training": 30.0,
    "walking": 25.0,
    "hiking": 35.0,
    "yoga": 10.0,
    "cycling": 45.0,
    "swimming": 45.0,
}
"""LU an hour of sports of which only the duration is known [E]."""
EASY_PER_HOUR: Final = 50.0
LONG_PER_HOUR: Final = 55.0
RACE_PER_HOUR: Final = 90.0
LONG_S: Final = 5400.0
QUALITY_Z3_S: Final = 480.0
QUALITY_TEMPO_S: Final = 1200.0
TEMPO_Z3_S: Final = 240.0
TEMPO_RPE: Final = 5.5
EASY_RPE: Final = 4.0
QUALITY_TEMPO_SHARE: Final = 1.0 / 3.0

_BPM: Final = np.arange(run_facts.HR_BINS, dtype=np.float64) + run_facts.HR_LOW_BPM
_SPEED_EDGES: Final[Array] = np.arange(run_facts.SPEED_BINS, dtype=np.float64) * run_facts.SPEED_BIN_MPS

Zones = tuple[Array, Array, Array]


def complete(
    runs: pl.DataFrame,
    facts: Mapping[Any, RunFacts | bytes] | None = None,
    profile: Profile = None,
    nights: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """The runs with load, quality, method, zones, graded speed and ``quality_session`` filled in where they can be.

    ``runs`` is a frame of `tables.RUNS` of one athlete or many, ``facts`` (or their bytes) by the runs' ``id``. Rows
    keep their order and whatever they already have: a load that came with the row stays. Anchors are as known at
    each run. Added besides: ``internal_lu`` and ``external_lu`` (science A.11 keeps both: their divergence is a sign),
    ``performance_ln`` and ``performance_sd`` (`anchors`), ``hr_residual_sd`` and ``rpe_residual_sd`` (`residuals`),
    ``flags`` and the distance and time that count, ``believed_m`` and ``believed_s`` (`quality`).
    ``quality_session`` [E]: a race; effort 7 and more; or,
    unless the effort was 4 or less, 8 minutes above the second threshold, or 20 minutes and a third of the time above
    the first with 4 minutes above the second or an effort of 5.5; null where none of this is known.
    """
    s = gather(runs, facts, profile)
    heart = heart_model(s)
    now = anchors.known(s, profile, nights, heart)
    internal, external, rest = _internal(s, now, profile), _external(s, now), _fallbacks(s)
    zones = _zones(s, now)
    load, method, quality = _chosen(s, now, internal, external, rest)
    own_external = external[0]
    speed_index = five_km_speed(now.performance)
    with np.errstate(invalid="ignore"):
        columns = {
            "load_lu": load,
            "load_quality": quality,
            "z1_s": zones[0],
            "z2_s": zones[1],
            "z3_s": zones[2],
            "graded_speed_mps": s.graded_mps,
            "internal_lu": internal[0],
            "external_lu": own_external,
            "performance_ln": np.log(speed_index),
            "performance_sd": now.performance_sd,
            "hr_residual_sd": heart.standardised(),
            "rpe_residual_sd": effort_model(s).standardised(),
            "believed_m": np.where(s.doubts.flags["walk_logged_as_run"], np.nan, s.doubts.metres),
            "believed_s": s.doubts.seconds,
        }
    frame = s.frame.with_columns(pl.Series(name, value).fill_nan(None) for name, value in columns.items())
    frame = frame.with_columns(_method(s, method), _quality_session(s, zones), s.doubts.column(s.size))
    missing = runs.height - frame.height
    if missing:  # rows without a start cannot be placed in time; they go through as they are
        frame = pl.concat([frame, _unplaced(runs, frame)], how="diagonal_relaxed")
    as_given = frame if frame.get_column("_row").is_sorted() else frame.sort("_row")
    return as_given.drop("_row")


def _unplaced(runs: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame:
    return f.tidy(runs, tables.RUNS).with_row_index("_row").join(frame.select("_row"), on="_row", how="anti")


# --- internal load: heart rate, effort ----------------------------------------------------------------------------


def _sexes(s: Sessions, profile: Profile) -> tuple[Flags, Flags]:
    words = f.profile_words(profile, s.athletes, "formula_sex")
    return np.asarray(words == "male", dtype=np.bool_), np.asarray(words == "female", dtype=np.bool_)


def _hourly(x: Array, sexes: tuple[Flags, Flags]) -> Array:
    """TRIMP a minute by each athlete's formula; the mean of both where the sex is not known."""
    male, female = sexes
    if male.all() or female.all():
        return trimp_rate(x, "male" if male.all() else "female")
    shape = (-1,) + (1,) * (x.ndim - 1)
    rates = {sex: trimp_rate(x, sex) for sex in TRIMP_WEIGHTS}
    unknown = (rates["male"] + rates["female"]) / 2.0
    return np.where(male.reshape(shape), rates["male"], np.where(female.reshape(shape), rates["female"], unknown))


def _internal(s: Sessions, now: Known, profile: Profile) -> tuple[Array, npt.NDArray[np.int8], Array]:
    """Load by heart rate or effort, its method (index of METHODS, −1 none) and the heart-rate load alone."""
    sexes = _sexes(s, profile)
    reserve = now.hr_max - now.hr_rest
    hour = _hourly((now.hr_threshold - now.hr_rest) / reserve, sexes) * 60.0
    by_samples = np.full(s.size, np.nan)
    if s.facts is not None:
        by_samples = _by_histogram(s, s.facts, now, sexes) / hour * 100.0
        by_samples[_time_in_doubt(s)] = np.nan
    with np.errstate(invalid="ignore"):
        hard = np.where(~s.race & (s.rpe >= 7), C_VAR_HARD, 1.0)
        by_mean = _hourly((s.hr_mean - now.hr_rest) / reserve, sexes) * s.seconds / 60.0 / hour * 100.0 * hard
        by_rate = np.where(np.isnan(by_samples), by_mean, by_samples)
        points = s.rpe * _believable_seconds(s) / 60.0
    needed = np.isnan(by_rate) & ~np.isnan(points)
    by_effort = points * _scale(s, by_rate, points, LOAD_PER_RPE_MINUTE, needed)
    load = np.where(np.isnan(by_rate), by_effort, by_rate)
    method = np.where(~np.isnan(by_samples), 1, np.where(~np.isnan(by_mean), 2, np.where(~np.isnan(by_effort), 3, -1)))
    return load, method.astype(np.int8), by_rate


def _by_histogram(s: Sessions, own: npt.NDArray[Any], now: Known, sexes: tuple[Flags, Flags]) -> Array:
    """TRIMP from the seconds at each heart rate, carried on over short stretches without one."""
    out = np.full(s.size, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        covered = own["hr_s"] / np.maximum(own["recorded_s"], 1.0)
    rows = np.flatnonzero((own["version"] > 0) & (own["flags"] & run_facts.NO_HR == 0) & (covered >= HR_LEAST_COVERAGE))
    for start in range(0, rows.size, RUNS_AT_ONCE):
        some = rows[start : start + RUNS_AT_ONCE]
        x = (_BPM - now.hr_rest[some, None]) / (now.hr_max - now.hr_rest)[some, None]
        rate = _hourly(x, (sexes[0][some], sexes[1][some]))
        impulse = np.einsum("ij,ij->i", rate, own["hr_seconds"][some].astype(np.float64)) / 60.0
        out[some] = impulse / np.minimum(covered[some], 1.0)
    return out


def _time_in_doubt(s: Sessions) -> Flags:
    """Sessions whose samples last longer than what counts of them."""
    return s.doubts.any_of("watch_left_running", "times_disagree")


def _believable_seconds(s: Sessions) -> Array:
    """Duration, but no longer than a stroll over the distance takes: a watch left running is not a run of six hours."""
    with np.errstate(invalid="ignore"):
        longest = np.where(s.running & (s.metres > 0), np.maximum(s.metres / WALK_MPS, 600.0), np.inf)
    return np.minimum(s.seconds, longest)


def _scale(s: Sessions, reference: Array, other: Array, default: float, needed: Flags) -> Array:
    """The runner's own ratio of two loads: median of a year's ratios, shrunk to the default; only where needed."""
    if not needed.any() or not bool((~np.isnan(reference) & ~np.isnan(other)).any()):
        return np.full(s.size, default)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where((reference > 1) & (other > 0), reference / other, np.nan)
    count = s.axis.count(ratio, CALIBRATION_D)
    median = s.axis.median(ratio, CALIBRATION_D, least=CALIBRATION_SESSIONS)
    shrunk = (count * median + CALIBRATION_SESSIONS * default) / (count + CALIBRATION_SESSIONS)
    return np.where(np.isnan(median), default, shrunk)


# --- external load, and what is left ------------------------------------------------------------------------------


def _external(s: Sessions, now: Known) -> tuple[Array, Flags]:
    """Load by graded speed against the threshold, and where it rests on samples."""
    with np.errstate(invalid="ignore"):
        intensity = np.minimum(s.graded_mps / now.threshold_mps, 2.0)
        load = 100.0 * _believable_seconds(s) / 3600.0 * intensity**2
    sampled = np.zeros(s.size, dtype=bool)
    if s.facts is not None:
        sampled = ~np.isnan(s.facts["graded_speed_mps"])
    return np.where(s.running, load, np.nan), sampled


def _fallbacks(s: Sessions) -> tuple[Array, Array, Array]:
    """Load by zone times, by duration and kind, and what an hour of that kind is usually worth."""
    zone_minutes = [f.column(s.frame, name) / 60.0 for name in ("z1_s", "z2_s", "z3_s")]
    by_zones = (zone_minutes[0] + 2.0 * zone_minutes[1] + 3.0 * zone_minutes[2]) * LOAD_PER_LUCIA_MINUTE
    with np.errstate(invalid="ignore"):
        hourly = np.where(s.race, RACE_PER_HOUR, np.where(s.seconds >= LONG_S, LONG_PER_HOUR, EASY_PER_HOUR))
    if "sport" in s.frame.columns and not s.running.all():
        sport = s.frame.get_column("sport")
        others = sport.replace_strict(LOAD_PER_HOUR, default=EASY_PER_HOUR, return_dtype=pl.Float64).to_numpy()
        hourly = np.where(s.running, hourly, others)
    return by_zones, _believable_seconds(s) / 3600.0 * hourly, hourly


def _by_usual_duration(s: Sessions, hourly: Array) -> Array:
    """Load by nothing but that there was a session of some kind."""
    usual = s.axis.median(np.where(s.running, s.seconds, np.nan), CALIBRATION_D, least=3)
    return np.where(np.isnan(usual), DEFAULT_DURATION_S, usual) / 3600.0 * hourly


def _chosen(
    s: Sessions,
    now: Known,
    internal: tuple[Array, npt.NDArray[np.int8], Array],
    external: tuple[Array, Flags],
    rest: tuple[Array, Array, Array],
) -> tuple[Array, npt.NDArray[np.int8], Array]:
    """The first way of METHODS that gives a load, with its quality."""
    given = f.column(s.frame, "load_lu")
    open_ = np.isnan(given) & np.isnan(internal[0])
    by_speed = external[0] * _scale(s, internal[2], external[0], 1.0, open_)
    better = np.where(np.isnan(internal[0]), by_speed, internal[0])
    by_duration = rest[1] * _scale(s, better, rest[1], 1.0, open_ & np.isnan(by_speed))
    steps = (
        (given, np.zeros(s.size, dtype=np.int8)),
        (internal[0], internal[1]),
        (by_speed, np.where(external[1], 4, 5)),
        (rest[0], np.full(s.size, 6)),
        (by_duration, np.full(s.size, 7)),
    )
    load, method = np.full(s.size, np.nan), np.full(s.size, -1, dtype=np.int8)
    for value, way in steps:
        open_ = np.isnan(load) & ~np.isnan(value)
        load, method = np.where(open_, value, load), np.where(open_, way, method).astype(np.int8)
    open_ = np.isnan(load)
    if open_.any():
        load = np.where(open_, _by_usual_duration(s, rest[2]), load)
        method = np.where(open_ & ~np.isnan(load), 8, method).astype(np.int8)
    quality = np.array([*QUALITY, np.nan])[method]
    by_rate = (method == 1) | (method == 2)
    by_pace = (method == 4) | (method == 5)
    shaky = (by_rate & (now.hr_threshold_basis == ASSUMED)) | (by_pace & (now.threshold_basis == ASSUMED))
    quality = np.where(shaky, ASSUMED_FACTOR * quality, quality)
    told = f.column(s.frame, "load_quality")
    quality = np.where((method == 0) & ~np.isnan(told), told, quality)
    return np.clip(load, 0.0, LARGEST_LOAD_LU), method, quality


def _method(s: Sessions, method: npt.NDArray[np.int8]) -> pl.Series:
    words = pl.Series("load_method", [*METHODS, None], dtype=pl.String)
    named = words.gather(pl.Series(np.where(method < 0, len(METHODS), method), dtype=pl.UInt32))
    if "load_method" not in s.frame.columns:
        return named
    return named.zip_with(
        pl.Series(method != 0) | s.frame.get_column("load_method").is_null(), s.frame.get_column("load_method")
    )


# --- zones and hard sessions --------------------------------------------------------------------------------------


def _zones(s: Sessions, now: Known) -> Zones:
    """Seconds easy, between and hard: the row's own, else by heart rate, else by speed, else missing."""
    own = tuple(f.column(s.frame, name) for name in ("z1_s", "z2_s", "z3_s"))
    if s.facts is None:
        return own[0], own[1], own[2]
    silent = s.facts["flags"] & run_facts.NO_HR > 0
    by_rate = _split(s.facts["hr_seconds"], _BPM - 0.5, now.hr_easy, now.hr_hard, silent)
    still = (s.facts["flags"] & run_facts.NO_SPEED > 0) | ~s.running | (now.threshold_basis == ASSUMED)
    easy = anchors.LT1_OF_THRESHOLD_SPEED * now.threshold_mps
    by_speed = _split(s.facts["speed_seconds"], _SPEED_EDGES, easy, now.threshold_mps, still)
    first = [np.where(np.isnan(rate), speed, rate) for rate, speed in zip(by_rate, by_speed, strict=True)]
    doubted = _time_in_doubt(s)
    first = [np.where(doubted, np.nan, found) for found in first]
    known = ~np.isnan(own[0]) | ~np.isnan(own[1]) | ~np.isnan(own[2])
    out = [np.where(known, mine, found) for mine, found in zip(own, first, strict=True)]
    return out[0], out[1], out[2]


def _split(seconds: npt.NDArray[Any], edges: Array, low: Array, high: Array, absent: Flags) -> Zones:
    """Seconds below ``low``, between, and from ``high`` on; a bin across a bound is shared."""
    run = np.concatenate([np.zeros((seconds.shape[0], 1)), np.cumsum(seconds, axis=1, dtype=np.float64)], axis=1)
    width = edges[1] - edges[0]

    def below(bound: Array) -> Array:
        place = np.clip((bound - edges[0]) / width, 0.0, edges.size)
        whole = np.minimum(place.astype(np.intp), edges.size - 1)
        each = np.arange(seconds.shape[0])
        part: Array = run[each, whole] + (place - whole) * (run[each, whole + 1] - run[each, whole])
        return part

    empty = absent | (run[:, -1] <= 0)
    first, second = below(low), below(np.maximum(high, low))
    zones = (first, second - first, run[:, -1] - second)
    return tuple(np.where(empty, np.nan, zone) for zone in zones)  # type: ignore[return-value]


def _quality_session(s: Sessions, zones: Zones) -> pl.Series:
    z1, z2, z3 = zones
    with np.errstate(invalid="ignore", divide="ignore"):
        above = z2 + z3
        tempo = (above >= QUALITY_TEMPO_S) & (above >= QUALITY_TEMPO_SHARE * (z1 + above))
        tempo &= (z3 >= TEMPO_Z3_S) | (s.rpe >= TEMPO_RPE)
        hard = s.race | (s.rpe >= 7) | (((z3 >= QUALITY_Z3_S) | tempo) & ~(s.rpe <= EASY_RPE))
    known = hard | ~np.isnan(s.rpe) | ~np.isnan(above)
    found = pl.Series("quality_session", hard).zip_with(
        pl.Series(known), pl.Series([None], dtype=pl.Boolean).new_from_index(0, s.size)
    )
    if "quality_session" not in s.frame.columns:
        return found
    own = s.frame.get_column("quality_session")
    return own.zip_with(own.is_not_null(), found)
