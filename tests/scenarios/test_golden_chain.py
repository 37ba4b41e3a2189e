"""The state chain's behaviour, told as courses of signs over days (science K.8).

Unless a test says "from the start", thirty days without any sign come first and days count from the onset.
"""

import math
from datetime import date, timedelta
from itertools import accumulate

import numpy as np
import polars as pl
import pytest

from freshlegs import vocabulary as v
from freshlegs.fatigue.chain import log_evidence, posterior

NEAR = 0.03  # the tolerances that K.8 gives
DAYS_NEAR = 2

MEASURED = [sign for sign in v.SIGNS if sign != "irregular_cycles"]
QUIET = dict.fromkeys(MEASURED, 0.04)
NF = QUIET | {
    "soreness": 0.8,
    "manageable_level": 0.8,
    "heavy_legs": 0.9,
    "performance_decline": 0.8,
    "slow_recovery": 0.8,
    "mood_swings": 0.6,
    "cannot_relax": 0.5,
    "poor_sleep": 0.6,
    "low_energy": 0.9,
    "low_motivation": 0.6,
    "frequent_illness": 0.3,
    "raised_heart_rate": 0.4,
}
SEVERE = NF | {
    "performance_decline": 1.0,
    "manageable_level": 0.9,
    "mood_swings": 0.8,
    "poor_sleep": 0.7,
    "low_motivation": 0.8,
    "weight_appetite_loss": 0.4,
}
MILD = QUIET | {
    "soreness": 0.6,
    "heavy_legs": 0.8,
    "low_energy": 0.5,
    "slow_recovery": 0.3,
    "manageable_level": 0.3,
    "performance_decline": 0.3,
}
STRONG = QUIET | {
    "soreness": 0.9,
    "heavy_legs": 0.9,
    "low_energy": 0.8,
    "slow_recovery": 0.6,
    "manageable_level": 0.7,
    "performance_decline": 0.6,
    "poor_sleep": 0.6,
    "mood_swings": 0.5,
}


class Course:
    """The belief over a course of days: ``course.excessive[0]`` is that of the onset."""

    def __init__(self, *days: dict[str, float], onset: int = 30) -> None:
        start = date(2026, 1, 1)
        rows = [
            {"athlete": "me", "date": start + timedelta(days=n)} | day
            for n, day in enumerate([*[QUIET] * onset, *days])
        ]
        belief = posterior(pl.DataFrame(rows, infer_schema_length=None))[onset:]
        self.fresh, self.cumulative, self.excessive, self.overtraining = (
            belief[f"p_{state}"].to_numpy() for state in v.CHAIN_STATES
        )
        self.bad = self.excessive + self.overtraining

    @property
    def end(self) -> tuple[float, ...]:
        return tuple(float(p[-1]) for p in (self.fresh, self.cumulative, self.excessive, self.overtraining))


def first_day(p: np.ndarray, at_least: float) -> int:
    """The first day on which ``p`` reaches that much; fails if it never does."""
    reached = np.flatnonzero(p >= at_least)
    assert reached.size, f"never reaches {at_least}, at most {p.max():.3f}"
    return int(reached[0])


def as_array(signs: dict[str, float]) -> np.ndarray:
    return np.array([signs.get(sign, math.nan) for sign in v.SIGNS])


def test_one_update() -> None:
    log_lik = log_evidence(as_array(NF)).log_lik
    assert log_lik == pytest.approx([-0.247904, 0, 0.287596, 0.342638], abs=1e-5)
    course = Course(NF, onset=0)
    assert course.end == pytest.approx((0.252384, 0.718712, 0.028904, 0), abs=1e-5)


def test_a_day_without_signs() -> None:
    log_lik = log_evidence(as_array(QUIET)).log_lik
    assert log_lik == pytest.approx([0.0528, 0, -0.2060, -0.3332], abs=1e-4)


def test_full_picture_from_the_start() -> None:
    course = Course(*[NF] * 21, onset=0)
    assert course.excessive[[6, 13, 20]] == pytest.approx([0.181049, 0.646792, 0.907462], abs=1e-5)


def test_a_sixty_days_without_signs() -> None:
    course = Course(*[QUIET] * 60, onset=0)
    assert course.end == pytest.approx((0.419, 0.579, 0.002, 0), abs=1e-3)
    assert course.overtraining.max() == 0.0


def test_b_overload_with_mild_signs_then_deload() -> None:
    course = Course(*[MILD | {"risk": 3.0}] * 14, *[QUIET | {"deload": True}] * 14)
    assert course.excessive.max() == pytest.approx(0.020, abs=0.005)
    assert course.fresh[-1] == pytest.approx(0.81, abs=NEAR)


@pytest.mark.parametrize(("overload_d", "most"), [(14, 0.14), (21, 0.35)])
def test_j_strong_signs_of_planned_overload_rebound(overload_d: int, most: float) -> None:
    course = Course(*[STRONG | {"risk": 3.0}] * overload_d, *[QUIET | {"deload": True}] * 14)
    assert course.excessive.max() == pytest.approx(most, abs=NEAR)
    assert course.fresh[-1] >= 0.78 - NEAR


@pytest.mark.parametrize(("risk", "half_on", "sure_on"), [(3.0, 14, 19), (1.0, 16, 21)])
def test_c_five_weeks_of_the_full_picture(risk: float, half_on: int, sure_on: int) -> None:
    course = Course(*[NF | {"risk": risk}] * 35)
    assert abs(first_day(course.bad, 0.5) - half_on) <= DAYS_NEAR
    assert abs(first_day(course.bad, 0.8) - sure_on) <= DAYS_NEAR


def test_d_three_bad_days_are_nothing() -> None:
    assert Course(*[NF] * 3).bad.max() <= 0.05


@pytest.mark.parametrize("sign", MEASURED)
def test_e_one_sign_alone_never_decides(sign: str) -> None:
    most = Course(*[QUIET | {sign: 1.0}] * 60).bad.max()
    stated = {"performance_decline": 0.075, "manageable_level": 0.023}
    assert most <= 0.10
    if sign in stated:
        assert most == pytest.approx(stated[sign], abs=0.005)
    else:
        assert most < 0.02


def test_f_four_signs_for_four_weeks() -> None:
    names = ("performance_decline", "manageable_level", "low_energy", "heavy_legs")
    course = Course(*[QUIET | dict.fromkeys(names, 0.9)] * 28)
    assert abs(first_day(course.bad, 0.5) - 24) <= DAYS_NEAR
    assert course.bad[-1] == pytest.approx(0.64, abs=NEAR)


def test_g_severe_for_three_months_and_rest_fails() -> None:
    course = Course(*[SEVERE | {"deload": day >= 28, "failed_rest": day >= 42} for day in range(90)])
    assert abs(first_day(course.bad, 0.8) - 13) <= DAYS_NEAR
    overtraining_on = first_day(course.overtraining, 0.5)
    assert overtraining_on >= 50
    assert abs(overtraining_on - 58) <= DAYS_NEAR
    assert course.overtraining[-1] == pytest.approx(0.94, abs=NEAR)


@pytest.mark.parametrize(("deload_before_d", "peak", "clear_on"), [(2, 0.93, 7), (0, 0.94, 12)])
def test_h_all_clear_after_a_month(deload_before_d: int, peak: float, clear_on: int) -> None:
    deload = bool(deload_before_d)
    sick = [NF | {"deload": deload and day >= 30 - deload_before_d} for day in range(30)]
    course = Course(*sick, *[QUIET | {"deload": deload}] * 30)
    assert course.bad.max() == pytest.approx(peak, abs=NEAR)
    after = course.bad[30:]
    assert abs(int(np.flatnonzero(after < 0.3)[0]) - clear_on) <= DAYS_NEAR


@pytest.mark.parametrize(("days", "bad"), [(60, 0.034), (400, 0.0425)])
def test_i_nothing_known(days: int, bad: float) -> None:
    course = Course(*[dict.fromkeys(MEASURED)] * days, onset=0)
    assert course.bad[-1] == pytest.approx(bad, abs=1e-3)


def test_overtraining_waits_for_the_gate() -> None:
    course = Course(*[SEVERE | {"failed_rest": True}] * 60)
    counts = accumulate(course.bad >= 0.5, lambda n, bad: n + 1 if bad else max(0, n - 2), initial=0)
    opened = next(day for day, count in enumerate(counts) if count >= 28)
    assert course.overtraining[:opened].max() == 0.0
    assert course.overtraining[opened] > 0.0
