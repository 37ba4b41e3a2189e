"""The runner's anchors: highest, resting and threshold heart rate, threshold and critical speed (science C.3).

Each is, in this order, what the runner says (*measured*), what the data show (*estimated*), or a formula or default
(*assumed*). Anchors of a run come from that run and earlier ones only, so a load never changes when later runs come.

Rules for young and dubious data [E]:

* HRmax is the highest robust peak of the last 365 days. It lies below the age formula only if runs at least 28 days
  old bear that out: a race or an effort of 8 and more whose peak comes within 25 beats of the formula, or 30 runs over
  60 days whose highest peak reaches 93 % of it. Easy runs alone can therefore raise HRmax above the formula, never
  lower it, and neither can anything seen in the last 28 days, for HRmax falls in overreaching.
* Peaks more than 25 beats above the formula (220 without an age) are artefacts.
* Races always count as near-maximal efforts. Ten minutes and more at an effort of nine, with a heart rate of 90 % of
  HRmax, are a test; other hard training counts within 3 % of the best of 90 days with five runs or more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from freshlegs import tables
from freshlegs.metrics import _frames as f
from freshlegs.metrics import _nights
from freshlegs.metrics._numbers import Array, Flags
from freshlegs.metrics._sessions import Sessions, gather
from freshlegs.metrics.facts import BEST_DURATIONS_S, RunFacts
from freshlegs.metrics.residuals import Model, heart_model, threshold_rate
from freshlegs.metrics.speed import (
    CS_LARGEST_RELATIVE_SE,
    CS_RANGE_MPS,
    D_PRIME_RANGE_M,
    hour_speed,
    oxygen_cost,
    sustainable_fraction,
)
from freshlegs.tables import Profile

MEASURED: Final = 0
ESTIMATED: Final = 1
ASSUMED: Final = 2
BASES: Final = ("measured", "estimated", "assumed")

Basis = npt.NDArray[np.int8]

YEAR_D: Final = 365
HR_MAX_WITHOUT_AGE: Final = 185.0
HR_REST_DEFAULT: Final = 60.0
THRESHOLD_DEFAULT_MPS: Final = 2.8
NEAR_FORMULA_BPM: Final = 25.0
SETTLED_D: Final = 28
MANY_RUNS: Final = 30
MANY_RUNS_SPAN_D: Final = 60
MANY_RUNS_SHARE: Final = 0.93
NEAR_MAXIMAL_HR: Final = 0.90
ENVELOPE_D: Final = 90
ENVELOPE_SHARE: Final = 0.97
ENVELOPE_LEAST_RUNS: Final = 5
CS_HABIT_D: Final = 42
LTHR_OF_HR_MAX: Final = 0.88
LTHR_RANGE: Final = (0.80, 0.97)
"""Shares of HRmax outside which a threshold heart rate is not believed."""
LT1_OF_LTHR: Final = 0.89
ZONES_OF_HR_MAX: Final = (0.80, 0.90)
THRESHOLD_OF_CS: Final = 0.96
TRAINING_OF_THRESHOLD: Final = 0.80
LT1_OF_THRESHOLD_SPEED: Final = 0.80
"""67 % against 84 % of the highest treadmill speed [condello2014]."""
SD_RACE: Final = 0.010
SD_TEST: Final = 0.015
SD_TRAINING: Final = 0.025
ALL_OUT_RPE: Final = 9.0
ALL_OUT_S: Final = 600
ALL_OUT_SHARE: Final = 0.85
"""A stretch of ten minutes and more at nine and more of ten and at 90 % of HRmax is a test, good day or bad: the
envelope would hide just the decline that is looked for. Below this share of it, it was something else."""
_CS_WINDOWS: Final = 7  # 150 to 1200 s of BEST_DURATIONS_S


@dataclass(slots=True)
class Known:
    """The anchors of each session as known after it; one row a session of `Sessions`."""

    hr_max: Array
    hr_max_basis: Basis
    hr_rest: Array
    hr_rest_basis: Basis
    hr_threshold: Array
    hr_threshold_basis: Basis
    hr_threshold_way: Basis
    hr_easy: Array
    hr_hard: Array
    threshold_mps: Array
    threshold_basis: Basis
    critical_mps: Array
    performance: Array
    """Race-equivalent VO2 of a near-maximal effort, NaN for any other session."""
    performance_sd: Array


def known(sessions: Sessions, profile: Profile, nights: pl.DataFrame | None, heart: Model) -> Known:
    """The anchors as known at each session: from it and earlier ones, the runner's own words always first.

    ``heart``: the sessions' `residuals.heart_model`.
    """
    hr_max, hr_max_basis = _hr_max(sessions, profile)
    hr_rest, hr_rest_basis = _hr_rest(sessions, profile, nights, hr_max)
    effort, sd = _near_maximal(sessions, hr_max)
    critical = _critical_speed(sessions, hr_max)
    threshold, threshold_basis = _threshold_speed(sessions, profile, critical, effort)
    fast = np.where(threshold_basis == ASSUMED, np.nan, threshold)
    lthr, lthr_basis, lthr_way = _hr_threshold(sessions, profile, (hr_rest, hr_max, fast), hr_max_basis, heart)
    # Without any threshold of one's own the usual shares of an assumed HRmax draw the zones.
    loose = lthr_basis == ASSUMED
    return Known(
        hr_max=hr_max,
        hr_max_basis=hr_max_basis,
        hr_rest=hr_rest,
        hr_rest_basis=hr_rest_basis,
        hr_threshold=lthr,
        hr_threshold_basis=lthr_basis,
        hr_threshold_way=lthr_way,
        hr_easy=np.where(loose, ZONES_OF_HR_MAX[0] * hr_max, LT1_OF_LTHR * lthr),
        hr_hard=np.where(loose, ZONES_OF_HR_MAX[1] * hr_max, lthr),
        threshold_mps=threshold,
        threshold_basis=threshold_basis,
        critical_mps=critical,
        performance=effort,
        performance_sd=sd,
    )


def _own(value: Array, found: Array, basis: Basis) -> tuple[Array, Basis]:
    """The runner's own value where there is one."""
    told = ~np.isnan(value)
    return np.where(told, value, found), np.where(told, MEASURED, basis).astype(np.int8)


def _formula(sessions: Sessions, profile: Profile) -> tuple[Array, Flags]:
    """HRmax by age (Tanaka), or 185 without an age; and where an age is known."""
    age = (sessions.day - f.birth_days(profile, sessions.athletes)) / 365.2425
    with np.errstate(invalid="ignore"):
        aged = (age >= 5) & (age <= 110)
    return np.where(aged, 208.0 - 0.7 * np.where(aged, age, 0.0), HR_MAX_WITHOUT_AGE), aged


def _hr_max(s: Sessions, profile: Profile) -> tuple[Array, Basis]:
    formula, aged = _formula(s, profile)
    ceiling = np.where(aged, formula + NEAR_FORMULA_BPM, 220.0)
    with np.errstate(invalid="ignore"):
        peak = np.where((s.hr_peak >= 100) & (s.hr_peak <= ceiling), s.hr_peak, np.nan)
        hard = np.where(s.near_maximal & (peak >= formula - NEAR_FORMULA_BPM), peak, np.nan)
        highest, hardest = s.axis.highest(peak, YEAR_D), s.axis.highest(hard, YEAR_D)
        spread = _span_days(s, peak, YEAR_D) >= MANY_RUNS_SPAN_D
        many = (s.axis.count(peak, YEAR_D) >= MANY_RUNS) & spread & (highest >= MANY_RUNS_SHARE * formula)
        settled = s.axis.before(np.fmax(hardest, np.where(many, highest, np.nan)), SETTLED_D)
        floor = np.where(np.isnan(settled), formula, settled)
        found = np.fmax(floor, highest)
        seen = ~np.isnan(settled) | (highest > formula)
    basis = np.where(seen, ESTIMATED, ASSUMED).astype(np.int8)
    return _own(f.profile_numbers(profile, s.athletes, "hr_max_bpm"), found, basis)


def _span_days(s: Sessions, values: Array, days: float) -> Array:
    """Days from the first row with a value, of the last so many days, to each row."""
    at = s.axis.at.astype(np.float64) / f.DAY_S
    first = -s.axis.highest(np.where(np.isnan(values), np.nan, -at), days)
    return np.nan_to_num(at - first)


def _hr_rest(s: Sessions, profile: Profile, nights: pl.DataFrame | None, hr_max: Array) -> tuple[Array, Basis]:
    found = _nights.resting_rate(nights, s.athletes, s.day)
    seen = ~np.isnan(found)
    value = np.minimum(np.where(seen, found, HR_REST_DEFAULT), hr_max - 60.0)
    basis = np.where(seen, ESTIMATED, ASSUMED).astype(np.int8)
    value, basis = _own(f.profile_numbers(profile, s.athletes, "hr_rest_bpm"), value, basis)
    return np.minimum(value, hr_max - 45.0), basis


def _hr_threshold(
    s: Sessions, profile: Profile, others: tuple[Array, Array, Array], top_basis: Basis, heart: Model
) -> tuple[Array, Basis, Basis]:
    """Told; or the median of a year's races of 25 to 75 minutes; or the rate at threshold speed; or 0.88 of HRmax.

    ``others``: resting and highest rate, and the threshold speed where it is more than assumed. Last comes the way of
    each value (an index of `_LTHR_WAYS`).
    """
    rest, top, fast = others
    rate = s.hr_mean
    if s.facts is not None:
        steady = s.facts["best_hr_bpm"][:, BEST_DURATIONS_S.index(1800)]
        rate = np.where(np.isnan(steady), rate, steady)
    with np.errstate(invalid="ignore"):
        fits = s.race & s.running & (s.seconds >= 1500) & (s.seconds <= 4500)
        fits &= (rate >= LTHR_RANGE[0] * top) & (rate <= LTHR_RANGE[1] * top)
    raced = s.axis.median(np.where(fits, rate, np.nan), YEAR_D)
    told = f.profile_numbers(profile, s.athletes, "hr_threshold_bpm")
    paced = threshold_rate(heart, fast, np.isnan(raced) & np.isnan(told) & ~np.isnan(fast))
    paced = s.axis.median(paced, YEAR_D)  # a heart that beats faster for weeks is fatigue, not another threshold
    seen = np.where(np.isnan(raced), paced, raced)
    with np.errstate(invalid="ignore"):
        seen = np.where((seen >= LTHR_RANGE[0] * top) & (seen <= LTHR_RANGE[1] * top), seen, np.nan)
    value = np.where(np.isnan(seen), LTHR_OF_HR_MAX * top, seen)
    basis = np.where(np.isnan(seen), np.maximum(top_basis, ESTIMATED), ESTIMATED).astype(np.int8)
    way = np.where(np.isnan(seen), 0, np.where(np.isnan(raced), 1, 2)).astype(np.int8)
    value, basis = _own(told, value, basis)
    return np.clip(value, rest + 0.5 * (top - rest), top - 2.0), basis, way


def _vo2(speed: Array, seconds: Array) -> Array:
    """Race-equivalent VO2 where speed, time and result are those of an effort; NaN elsewhere."""
    with np.errstate(invalid="ignore"):
        fits = (seconds >= 210) & (seconds <= 15_000) & (speed >= 1.2) & (speed <= 7.5)
        index = oxygen_cost(speed) / sustainable_fraction(np.where(fits, seconds, 600.0))
        return np.where(fits & (index >= 12) & (index <= 90), index, np.nan)


def _near_maximal(s: Sessions, hr_max: Array) -> tuple[Array, Array]:
    """Race-equivalent VO2 and its SD of races, of all-out tests, and of training near the runner's best."""
    speed = s.graded_mps
    if s.facts is not None:
        speed = np.where(np.isnan(s.facts["graded_mean_mps"]), speed, s.facts["graded_mean_mps"])
    with np.errstate(invalid="ignore", divide="ignore"):
        comparable = s.running & ~_rough(s)
        whole = np.where(comparable, _vo2(speed, s.seconds), np.nan)
        own_word = s.near_maximal
        guarded = np.where(own_word | (s.hr_mean >= NEAR_MAXIMAL_HR * hr_max), whole, np.nan)
        best_all, best_guarded, tested = whole, guarded, np.full(s.size, np.nan)
        if s.facts is not None:
            for index, duration in enumerate(BEST_DURATIONS_S[2:], start=2):
                part = _vo2(s.facts["best_m"][:, index] / duration, np.full(s.size, float(duration)))
                part = np.where(comparable, part, np.nan)
                loud = own_word | (s.facts["best_hr_bpm"][:, index] >= NEAR_MAXIMAL_HR * hr_max)
                best_all = np.fmax(best_all, part)
                best_guarded = np.fmax(best_guarded, np.where(loud, part, np.nan))
                if duration >= ALL_OUT_S:
                    hot = s.facts["best_hr_bpm"][:, index] >= NEAR_MAXIMAL_HR * hr_max
                    tested = np.fmax(tested, np.where((s.rpe >= ALL_OUT_RPE) & hot, part, np.nan))
        envelope = s.axis.highest(best_all, ENVELOPE_D)
        enough = s.axis.count(best_all, ENVELOPE_D) >= ENVELOPE_LEAST_RUNS
        trained = np.where(enough & (best_guarded >= ENVELOPE_SHARE * envelope), best_guarded, np.nan)
        tested = np.where(s.race | (tested < ALL_OUT_SHARE * envelope), np.nan, tested)
    raced = np.where(s.race, whole, np.nan)
    effort = np.where(s.race, raced, np.where(np.isnan(tested), trained, tested))
    sd = np.where(s.race, SD_RACE, np.where(np.isnan(tested), SD_TRAINING, SD_TEST))
    return effort, np.where(np.isnan(effort), np.nan, sd)


def _rough(s: Sessions) -> Flags:
    """Hilly trails, where a time tells of the ground more than of the runner."""
    if "sport" not in s.frame.columns:
        return np.zeros(s.size, dtype=np.bool_)
    trail = (s.frame.get_column("sport") == "trail_running").fill_null(False).to_numpy()
    return np.asarray(trail & (s.climb / s.metres > 0.015), dtype=np.bool_)


def _critical_speed(s: Sessions, hr_max: Array) -> Array:
    """Least squares over the best near-maximal stretches of 150 to 1200 s in 90 days; NaN where it is not plausible."""
    if s.facts is None:
        return np.full(s.size, np.nan)
    time = np.array(BEST_DURATIONS_S[:_CS_WINDOWS], dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = s.facts["best_hr_bpm"]
        # The hardest of stretches of an interval session is no all-out effort: where there is a heart rate it decides,
        # and habits speak only after six weeks, in which each duration has had its chance [hunter2023].
        loud = (rate >= NEAR_MAXIMAL_HR * hr_max[:, None]) | (np.isnan(rate) & s.near_maximal[:, None])
        habit = (_span_days(s, s.graded_mps, ENVELOPE_D) >= CS_HABIT_D)[:, None]
        metres = np.where((s.race[:, None] | (loud & habit)) & s.running[:, None], s.facts["best_m"], np.nan)
        metres = metres[:, :_CS_WINDOWS]
        best = np.stack([s.axis.highest(metres[:, k], ENVELOPE_D) for k in range(_CS_WINDOWS)], axis=1)
        used = ~np.isnan(best)
        n = used.sum(axis=1)
        t = np.where(used, time, 0.0) - used * (np.where(used, time, 0.0).sum(axis=1) / n)[:, None]
        d = np.where(used, best, 0.0) - used * (np.where(used, best, 0.0).sum(axis=1) / n)[:, None]
        spread = (t * t).sum(axis=1)
        speed = (t * d).sum(axis=1) / spread
        prime = (np.where(used, best, 0.0).sum(axis=1) - speed * np.where(used, time, 0.0).sum(axis=1)) / n
        error = ((d - speed[:, None] * t) ** 2).sum(axis=1) / np.maximum(n - 2, 1)
        sure = np.sqrt(error / spread) / speed < CS_LARGEST_RELATIVE_SE
        fine = (n >= 3) & sure & (speed >= CS_RANGE_MPS[0]) & (speed <= CS_RANGE_MPS[1])
        fine &= (prime >= D_PRIME_RANGE_M[0]) & (prime <= D_PRIME_RANGE_M[1])
    return np.where(fine, speed, np.nan)


def _threshold_speed(s: Sessions, profile: Profile, critical: Array, effort: Array) -> tuple[Array, Basis]:
    hour = hour_speed(s.axis.highest(effort, 2 * ENVELOPE_D))
    usual = s.axis.mean(s.graded_mps, ENVELOPE_D, least=3) / TRAINING_OF_THRESHOLD
    found = np.where(np.isnan(critical), hour, THRESHOLD_OF_CS * critical)
    seen = ~np.isnan(found)
    value = np.where(seen, found, np.where(np.isnan(usual), THRESHOLD_DEFAULT_MPS, usual))
    basis = np.where(seen, ESTIMATED, ASSUMED).astype(np.int8)
    return _own(f.profile_numbers(profile, s.athletes, "threshold_mps"), np.clip(value, 1.2, 7.0), basis)


# --- the latest picture -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Anchor:
    """One anchor: its value, whether it was measured, estimated or assumed, and how, in one plain sentence."""

    value: float
    basis: str
    how: str


@dataclass(frozen=True, slots=True)
class Anchors:
    """One runner's anchors of today, in beats/min and m/s."""

    hr_max_bpm: Anchor
    hr_rest_bpm: Anchor
    hr_threshold_bpm: Anchor
    hr_easy_bpm: Anchor
    threshold_mps: Anchor
    critical_mps: Anchor

    def items(self) -> list[tuple[str, Anchor]]:
        """Name and anchor, in order."""
        return [(field.name, getattr(self, field.name)) for field in fields(self)]


_HOW: Final[dict[str, tuple[str, str, str]]] = {
    "hr_max_bpm": (
        "You entered it.",
        "The highest 10 seconds that your runs of the last year held, short spikes set aside.",
        "From your age by 208 − 0.7 · age, which is off by more than 7 to 11 beats for one person in three.",
    ),
    "hr_rest_bpm": (
        "You entered it.",
        "The median of your last seven nights with a heart rate.",
        "A usual value; a few nights with a heart rate, or your own figure, would replace it.",
    ),
    "hr_threshold_bpm": (
        "You entered it.",
        "",  # _LTHR_WAYS
        "88 % of a highest heart rate that is itself assumed.",
    ),
    "threshold_mps": (
        "You entered it.",
        "From races and near-maximal efforts of the last half year: what they predict for one hour.",
        "From the speed of your usual runs, taken as 80 % of it; a race would tell better.",
    ),
}
_LTHR_WAYS: Final = (
    "From your highest heart rate (88 % of it).",
    "Your usual heart rate at threshold speed, as your runs show it.",
    "The median heart rate of your races of 25 to 75 minutes in the last year.",
)
_NO_AGE: Final = "A usual value, for neither your age nor hard runs with a heart rate are known."
_FROM_CS: Final = "96 % of the critical speed that your best near-maximal stretches give."
_CS_SEEN: Final = "The best near-maximal stretches of 2.5 to 20 minutes of the last 90 days."
_CS_FROM_THRESHOLD: Final = "Worked out from the threshold speed, which is taken as 96 % of it."
_NO_RUNS: Final = "A usual value; nothing is known of your speed yet."


def estimate(
    runs: pl.DataFrame | None = None,
    facts: Mapping[Any, RunFacts | bytes] | None = None,
    profile: Profile = None,
    nights: pl.DataFrame | None = None,
    *,
    on: date | None = None,
) -> Anchors:
    """One runner's anchors after the last run and night given, each with its basis and how it came about.

    ``runs``, ``nights``: tables RUNS and NIGHTS of one athlete, ``facts`` by the runs' ``id``; any may be left out.
    ``on`` is the day of the picture (for the age); by default the last one anything is known of.
    """
    frame = f.tidy(runs, tables.RUNS, ("start_utc",)).drop_nulls("start_utc")
    rest = f.tidy(nights, tables.NIGHTS, ("date",))
    athlete = next((table.get_column("athlete")[0] for table in (frame, rest) if table.height), "me")
    stamp = pl.DataFrame({"athlete": [athlete], "start_utc": [_latest(frame, nights, on)], "sport": ["none"]})
    # One more session of which nothing is known: its anchors are those of this moment.
    whole = pl.concat([frame, stamp.cast({"start_utc": tables.INSTANT})], how="diagonal_relaxed")
    sessions = gather(whole, facts, profile)
    now = known(sessions, profile, nights, heart_model(sessions))
    last = sessions.size - 1
    aged = bool(_formula(sessions, profile)[1][last])
    return _described(now, last, aged=aged, any_speed=bool((~np.isnan(sessions.graded_mps)).any()))


def _latest(runs: pl.DataFrame, nights: pl.DataFrame | None, on: date | None) -> datetime:
    """The moment of the picture: the day asked for, else the last thing known, else 1970."""
    if on is not None:
        return datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
    noon = pl.col("date").max().cast(tables.INSTANT).dt.offset_by("12h")
    stamps: list[Any] = [f.tidy(nights, tables.NIGHTS, ("date",)).select(noon).item()]
    if runs.height:
        stamps.append(runs.get_column("start_utc").max())
    return max((stamp for stamp in stamps if stamp is not None), default=datetime(1970, 1, 1, tzinfo=UTC))


def _described(now: Known, last: int, *, aged: bool, any_speed: bool) -> Anchors:
    """The last row in words."""

    def anchor(name: str, value: Array, basis: Basis) -> Anchor:
        code = int(basis[last])
        how = _HOW[name][code]
        if name == "hr_max_bpm" and code == ASSUMED and not aged:
            how = _NO_AGE
        if name == "hr_threshold_bpm" and code == ESTIMATED:
            how = _LTHR_WAYS[int(now.hr_threshold_way[last])]
        if name == "threshold_mps" and code == ESTIMATED and not np.isnan(now.critical_mps[last]):
            how = _FROM_CS
        if name == "threshold_mps" and code == ASSUMED and not any_speed:
            how = _NO_RUNS
        return Anchor(float(value[last]), BASES[code], how)

    threshold = anchor("threshold_mps", now.threshold_mps, now.threshold_basis)
    lthr = anchor("hr_threshold_bpm", now.hr_threshold, now.hr_threshold_basis)
    weaker = BASES[max(ESTIMATED, int(now.hr_threshold_basis[last]))]
    share = "80 % of your highest" if now.hr_hard[last] > now.hr_threshold[last] else "89 % of your threshold"
    critical = float(now.critical_mps[last])
    return Anchors(
        hr_max_bpm=anchor("hr_max_bpm", now.hr_max, now.hr_max_basis),
        hr_rest_bpm=anchor("hr_rest_bpm", now.hr_rest, now.hr_rest_basis),
        hr_threshold_bpm=lthr,
        hr_easy_bpm=Anchor(float(now.hr_easy[last]), weaker, f"{share} heart rate: below it is easy."),
        threshold_mps=threshold,
        critical_mps=Anchor(threshold.value / THRESHOLD_OF_CS, weaker_of(threshold.basis), _CS_FROM_THRESHOLD)
        if np.isnan(critical)
        else Anchor(critical, BASES[ESTIMATED], _CS_SEEN),
    )


def weaker_of(basis: str) -> str:
    """What is worked out from an anchor is at best estimated."""
    return BASES[max(ESTIMATED, BASES.index(basis))]
