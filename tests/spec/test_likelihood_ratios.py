"""Likelihood ratios (science K.9): what one measured number may say, and how little of it the model lets through."""

import math
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

import freshlegs as fl
from freshlegs import fatigue
from freshlegs import vocabulary as v
from freshlegs.fatigue import chain
from freshlegs.fatigue.causes import Causes, Indicator
from freshlegs.fatigue.normal import cdf
from freshlegs.fatigue.parameters import PARAMETERS
from freshlegs.fatigue.signs import body

# Nocturnal heart rate, change in percent: N(3.2, 3.1) overreached against N(-2.8, 3.7) responders (Nuuttila 2024).
RAW = [(-4.0, 0.0848), (-2.0, 0.2992), (0.0, 0.9329), (1.0, 1.5722), (2.0, 2.5690), (4.0, 6.2492), (6.0, 13.43)]


def night_ratio(change: float) -> float:
    return float(body._night_ratio(np.array([change]))[0])


@pytest.mark.parametrize(("change", "raw"), RAW)
def test_the_raw_ratio_of_nocturnal_heart_rate(change: float, raw: float) -> None:
    """The published table, from the four numbers the model holds."""
    names = ("hr_or_mean", "hr_or_sd", "hr_resp_mean", "hr_resp_sd")
    m1, s1, m2, s2 = (PARAMETERS.number(f"signs.{name}") for name in names)
    density = [math.exp(-0.5 * ((change - m) / s) ** 2) / s for m, s in ((m1, s1), (m2, s2))]
    assert density[0] / density[1] == pytest.approx(raw, rel=5e-4)


@pytest.mark.parametrize(("change", "raw"), RAW)
def test_it_counts_by_its_square_root(change: float, raw: float) -> None:
    """Eight against twelve people: half of the logarithm."""
    assert night_ratio(change) == pytest.approx(math.sqrt(raw), rel=5e-4)


def test_it_never_says_more_than_eight_to_one() -> None:
    ratios = body._night_ratio(np.linspace(-30.0, 60.0, 901))
    assert ratios.max() == pytest.approx(8.0)
    assert night_ratio(12.0) < 8.0 < night_ratio(12.0) ** 2


def test_it_never_falls_as_heart_rate_rises() -> None:
    """The Gaussian ratio turns down near +17 %; a fever must not look normal."""
    ratios = body._night_ratio(np.linspace(-30.0, 60.0, 901))
    assert (np.diff(ratios) >= -1e-12).all()
    assert night_ratio(40.0) == night_ratio(20.0) == pytest.approx(8.0)
    assert np.isnan(night_ratio(float("nan")))


def nights(rise: float, days: int = 60) -> pl.DataFrame:
    """Calm nights around 50, the last seven higher by a share."""
    start = date(2026, 1, 1)
    calm = [50.0 + (-0.8, 0.0, 0.8, 0.4, -0.4)[t % 5] for t in range(days)]
    rates = [rate * (1.0 + rise) if t >= days - 7 else rate for t, rate in enumerate(calm)]
    return pl.DataFrame(
        {"athlete": "me", "date": [start + timedelta(days=t) for t in range(days)], "hr_night_bpm": rates}
    )


def strength_of(rise: float) -> float:
    return float(fl.assess(nights(rise))["strength_raised_heart_rate"][-1])


def test_the_sign_of_a_raised_night_heart_rate_is_that_ratio() -> None:
    """Strength r / (1 + r) of the tempered ratio; at most 8 / 9, and still there in a fever."""
    assert strength_of(0.0) < 0.5
    week = nights(0.04)["hr_night_bpm"]
    change = 100.0 * (week[-7:].mean() / 50.0 - 1.0)  # type: ignore[operator]
    ratio = math.sqrt(
        math.exp(math.log(3.7 / 3.1) - 0.5 * ((change - 3.2) / 3.1) ** 2 + 0.5 * ((change + 2.8) / 3.7) ** 2)
    )
    assert strength_of(0.04) == pytest.approx(ratio / (1.0 + ratio), abs=1e-9)
    rising = [strength_of(rise) for rise in (0.03, 0.05, 0.08, 0.12, 0.17, 0.25, 0.40)]
    assert rising == sorted(rising)
    assert rising[-1] == pytest.approx(8.0 / 9.0)


def ratios(sensitivity: float, specificity: float) -> tuple[float, float]:
    """LR+ and LR− of a sign."""
    return sensitivity / (1.0 - specificity), (1.0 - sensitivity) / specificity


@pytest.mark.parametrize(
    ("sensitivity", "specificity", "expected"),
    [(0.79, 0.77, (3.4348, 0.2727)), (0.78, 0.90, (7.8, 0.2444)), (0.67, 0.78, (3.0455, 0.4231))],
    ids=["ten Haaf: fatigue and readiness", "LEAF-Q", "illness, overreached against acute fatigue"],
)
def test_ratios_from_what_the_studies_report(
    sensitivity: float, specificity: float, expected: tuple[float, float]
) -> None:
    assert ratios(sensitivity, specificity) == pytest.approx(expected, abs=5e-5)


def of_sign(sign: str) -> tuple[float, float]:
    """LR+ and LR− of excessive against cumulative, as the model holds them."""
    _, cumulative, excessive, _ = PARAMETERS[f"emissions.{sign}"]
    return ratios(excessive, 1.0 - cumulative)


TABLE = {
    "soreness": (2.2, 0.60),
    "manageable_level": (4.3, 0.41),
    "heavy_legs": (2.3, 0.43),
    "performance_decline": (5.8, 0.34),
    "slow_recovery": (3.2, 0.44),
    "mood_swings": (3.8, 0.62),
    "cannot_relax": (3.5, 0.72),
    "poor_sleep": (3.0, 0.65),
    "low_energy": (2.8, 0.40),
    "low_motivation": (4.5, 0.61),
    "frequent_illness": (2.3, 0.64),
    "raised_heart_rate": (2.8, 0.76),
    "weight_appetite_loss": (4.0, 0.84),
    "irregular_cycles": (3.6, 0.81),
    "gut_trouble": (2.5, 0.87),
}


def test_the_ratios_of_the_fifteen_signs() -> None:
    assert tuple(TABLE) == v.SIGNS
    for sign, (plus, minus) in TABLE.items():
        assert of_sign(sign) == pytest.approx((plus, minus), abs=0.051), sign
        assert of_sign(sign)[0] < 6.0


def test_a_sign_says_no_more_than_the_study_it_rests_on() -> None:
    assert of_sign("low_energy")[0] < ratios(0.79, 0.77)[0]
    assert of_sign("frequent_illness")[0] < ratios(0.67, 0.78)[0]
    assert of_sign("low_energy")[1] > ratios(0.79, 0.77)[1]
    assert of_sign("frequent_illness")[1] > ratios(0.67, 0.78)[1]


def test_an_effect_size_as_evidence() -> None:
    """Resting heart rate, d 0.55, cut at one spread: sensitivity .326, false alarms .159, LR+ 2.06 (Bosquet 2008)."""
    sensitivity, false = float(cdf(np.array(0.55 - 1.0))), 1.0 - float(cdf(np.array(1.0)))
    assert (sensitivity, false) == pytest.approx((0.326, 0.159), abs=5e-4)
    assert sensitivity / false == pytest.approx(2.06, abs=0.005)
    assert PARAMETERS["emissions.raised_heart_rate"][2] == pytest.approx(sensitivity, abs=0.01)


def test_two_positive_signs_taken_as_independent_are_over_confident() -> None:
    """0.10 becomes 0.54 on one day by multiplying; the model, on the same day and prior, hardly moves."""
    odds = 0.10 / 0.90 * ratios(0.79, 0.77)[0] * ratios(0.67, 0.78)[0]
    assert odds / (1.0 + odds) == pytest.approx(0.5375, abs=5e-5)
    strength = np.full((1, 1, len(v.SIGNS)), np.nan)
    for sign in ("low_energy", "frequent_illness"):
        strength[..., v.SIGNS.index(sign)] = 1.0
    found = chain.filter_states(chain.log_evidence(strength).log_lik, start=np.array([0.0, 0.90, 0.10, 0.0]))
    assert 0.10 < found.p[0, 0, 2] < 0.15


class Hint(Indicator):
    """An indicator with a weight of its own, active on every day."""

    @property
    def weight(self) -> float:
        return {"half": 0.5, "third": 0.3}[self.name]


def test_noisy_or_of_causes() -> None:
    """Leak .02 and two full indicators of .5 and .3 give .657: 1 − .98 · .5 · .7."""
    found = fatigue.evaluate(nights(0.0))[0]
    always = np.ones(found.panel.shape[1], dtype=bool)
    causes = Causes(found, 0)
    causes.__dict__["indicators"] = [Hint("sleep", name, always, always) for name in ("half", "third")]
    scores = {one.cause: one.score for one in causes.at(59)}
    assert scores.pop("sleep") == pytest.approx(0.657)
    assert list(scores.values()) == pytest.approx([0.02] * 4)
