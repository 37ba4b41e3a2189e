"""The golden numbers of single metrics: each is printed by the specification or by a published source."""

from __future__ import annotations

import math

import numpy as np
import pytest

from freshlegs import metrics as m
from freshlegs.metrics import load, speed
from freshlegs.metrics.intensity import hr_max_formula

MALE_INTERVAL = ([120.0, 175.0], [600.0, 600.0], 50, 190, "male")


def near(value: float, rel: float = 1e-6) -> object:
    return pytest.approx(value, rel=rel)


# --- load of a session --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((150, 2700, 60, 190, "male"), 75.3302),
        ((150, 2700, 60, 190, "female"), 85.1376),
        ((140, 3600, 50, 190, "male"), 84.8182),
        ((140, 3600, 50, 190, "female"), 97.0533),
        (MALE_INTERVAL, 40.0872),
        (([147.5], [1200], 50, 190, "male"), 33.9469),
    ],
)
def test_banister_trimp(arguments: tuple[object, ...], expected: float) -> None:
    assert m.banister_trimp(*arguments) == near(expected)  # type: ignore[arg-type]


def test_banister_trimp_by_the_common_female_variant() -> None:
    assert m.banister_trimp(150, 2700, 60, 190, weights=(0.64, 1.67)) == near(63.3582)


@pytest.mark.parametrize(
    ("sex", "expected"),
    [("male", (0.835743, 1.717789, 3.242525)), ("female", (0.991070, 1.937701, 3.479249))],
)
def test_trimp_a_minute(sex: str, expected: tuple[float, ...]) -> None:
    for x, value in zip((0.5, 0.7, 0.9), expected, strict=True):
        assert m.banister_trimp(60 + x * 130, 60, 60, 190, sex) == near(value)


def test_trimp_without_a_sex_is_the_mean_of_both() -> None:
    both = [m.banister_trimp(150, 2700, 60, 190, sex) for sex in ("male", "female")]
    assert m.banister_trimp(150, 2700, 60, 190) == near(sum(both) / 2)


def test_trimp_against_an_hour_at_threshold() -> None:
    easy, threshold = (m.banister_trimp(hr, 3600, 50, 190, "male") for hr in (150, 170))
    assert 100 * easy / threshold == near(63.3429)


def test_pace_load() -> None:
    assert m.pace_load(1000 / 300, 1000 / 270, 1800) == near(40.5)
    assert m.pace_load(1.05 * 3.5, 3.5, 5400) == near(165.375)


def test_paces_given_for_speeds_are_refused() -> None:
    with pytest.raises(ValueError, match="minutes a kilometre"):
        m.pace_load(6.0, 4.0, 3600)
    with pytest.raises(ValueError, match="threshold_mps"):
        m.pace_load(3.0, 7.5, 3600)


def test_session_rpe_is_points_times_minutes() -> None:
    assert m.session_rpe(7, 3600) == 420
    assert m.session_rpe(0, 3600) == 0


def test_squared_heart_rate_reserve() -> None:
    assert load.hr_squared_load(155, 7200, 45, 185, 0.83) == near(179.2269)


def test_zone_sums() -> None:
    assert m.edwards([10, 20, 20, 10, 0]) == 150
    assert m.lucia(40, 10, 5) == 75


def test_running_power() -> None:
    assert m.running_power([3.0, 4.0, 3.0], [0.0, 0.0, 0.05], 70, 1.75) == pytest.approx(
        [262.5532, 373.9404, 339.5372], rel=1e-6
    )


MINETTI = {
    -0.45: (4.032305, 1.120085),
    -0.30: (2.462238, 0.683955),
    -0.20: (1.800032, 0.500009),
    -0.10: (2.151706, 0.597696),
    -0.05: (2.745924, 0.762757),
    0.0: (3.6, 1.0),
    0.01: (3.799586, 1.055441),
    0.05: (4.685196, 1.301443),
    0.10: (5.968214, 1.657837),
    0.20: (9.006688, 2.501858),
    0.30: (12.579282, 3.494245),
    0.45: (19.426015, 5.396115),
}


@pytest.mark.parametrize("grade", MINETTI)
def test_cost_of_a_slope(grade: float) -> None:
    cost, factor = MINETTI[grade]
    assert m.running_cost(grade) == near(cost)
    assert m.running_cost(grade) / m.running_cost(0.0) == near(factor)


def test_cost_of_a_slope_is_within_what_was_measured() -> None:
    measured = {0.0: (3.40, 0.24), 0.45: (18.93, 1.74), -0.20: (1.73, 0.36), -0.45: (3.92, 0.81)}
    for grade, (mean, sd) in measured.items():
        assert abs(m.running_cost(grade) - mean) < sd


def test_uphill_costs_more_than_downhill() -> None:
    up, level, down = m.running_cost(np.array([0.1, 0.0, -0.1]))
    assert up > level > down


def test_the_pace_factor_is_clamped() -> None:
    assert load.grade_factor(np.array([-0.45, -0.1, 0.0, 0.30, 0.45])) == pytest.approx(
        [0.8, 0.8, 1.0, 3.494245, 3.494245], rel=1e-6
    )


# --- speed --------------------------------------------------------------------------------------------------------


def test_critical_speed() -> None:
    assert m.critical_speed([1500, 3000, 5000], [300, 640, 1120]) == (near(4.261587), near(240.377, 1e-5))
    assert m.critical_speed([1200, 3600], [240, 800]) == (near(4.285714), near(171.4286))


def test_critical_speed_is_judged() -> None:
    assert m.critical_speed_fit([1500, 3000, 5000], [300, 640, 1120]).plausible
    assert not m.critical_speed_fit([900, 1800, 2400], [180, 360, 720]).plausible


def test_d_prime_balance() -> None:
    left = m.d_prime_balance([5.0] * 120 + [2.5] * 120 + [5.0] * 120, 4.2, 200)
    assert [left[119], left[239], left[359]] == pytest.approx([104.0, 165.533478, 69.533478], rel=1e-6)


def test_race_equivalent_vo2() -> None:
    assert m.race_equivalent_vo2(5000, 24 * 60 + 34) == near(39.11039839652726, 1e-12)
    assert m.race_equivalent_vo2(10_000, 2400) == near(51.9440826680247, 1e-12)
    assert speed.sustainable_fraction(np.array(2400.0)) == near(0.9137614442697204, 1e-12)
    assert speed.oxygen_cost(np.array(10_000 / 2400)) == near(47.4645)


DISTANCES = (5000.0, 10_000.0, 21_097.5, 42_195.0)


@pytest.mark.parametrize(
    ("index", "times"),
    [
        (30, (1840.9, 3828.9, 8477.2, 17388.9)),
        (40, (1446.2, 3000.8, 6653.9, 13777.4)),
        (50, (1196.0, 2479.6, 5491.2, 11439.7)),
        (60, (1022.8, 2121.9, 4688.6, 9802.5)),
        (70, (895.5, 1861.0, 4102.7, 8592.7)),
    ],
)
def test_race_times(index: float, times: tuple[float, ...]) -> None:
    assert m.race_time(index, DISTANCES) == pytest.approx(times, abs=0.051)


def test_race_times_against_the_published_table() -> None:
    published = {30: (1840, 3826, 8464, 17357), 40: (1448, 3003, 6659, 13785)}
    for index, times in published.items():
        assert m.race_time(index, DISTANCES) == pytest.approx(times, rel=0.0019)
    assert m.race_time(39.11039839652726, DISTANCES[1:]) == pytest.approx(
        [3058, 6782, 14034], abs=1
    )  # cut, not rounded


def test_threshold_pace() -> None:
    assert 1000 / m.speed_at_share(50, 0.88) == pytest.approx(255.20, abs=0.005)


def test_speed_index_is_the_speed_over_five_kilometres() -> None:
    index = np.array([20.0, 39.11039839652726, 90.0])
    assert 5000 / speed.five_km_speed(index) == pytest.approx(m.race_time(index, 5000), rel=1e-9)


# --- days ---------------------------------------------------------------------------------------------------------


def test_trends() -> None:
    days = np.array([1, 7, 14, 28, 42, 100]) - 1
    expected = [2.352831, 15.351828, 28.346869, 48.658288, 63.212056, 90.753752]
    assert m.ewma([100.0] * 100, 42)[days] == pytest.approx(expected, rel=1e-6)
    days = np.array([1, 2, 7, 14, 28]) - 1
    expected = [13.312210, 24.852270, 63.212056, 86.466472, 98.168436]
    assert m.ewma([100.0] * 28, 7)[days] == pytest.approx(expected, rel=1e-6)


def test_the_trend_is_not_the_linear_one() -> None:
    assert abs(m.ewma([100.0] * 7, 7)[-1] - 66.008332) > 1


def test_acute_chronic_ratio_for_display() -> None:
    assert m.acwr([30.0] * 21 + [50.0] * 7)[-1] == near(1.249746)


def test_monotony_and_strain() -> None:
    week = [0, 180, 300, 120, 360, 90, 600]
    assert m.monotony(week) == near(1.165125)
    assert m.strain(week) == near(1922.457)
    assert m.monotony([240, 250, 230, 240, 260, 230, 200]) == 10
    assert m.monotony([40] * 7) == 10
    assert math.isnan(m.monotony([0] * 7))


def test_fitness_fatigue_model() -> None:
    model = m.FitnessFatigue(400, 1, 3, 60, 15)
    expected = [190.1055, 205.4062, 241.7168, 251.4656, 284.6432]
    assert model.predict([11.97, 0, 13.07, 0, 19.35], (500, 250)) == pytest.approx(expected, rel=1e-6)


def test_days_to_regain_and_to_peak() -> None:
    for tau, expected in (((45, 15), (15.5958, 40.3146)), ((42, 7), (5.8224, 20.8732))):
        model = m.FitnessFatigue(0, 1, 2, *tau)
        assert (model.days_to_regain(), model.days_to_peak()) == pytest.approx(expected, rel=1e-5)


def test_kalman_filter_of_the_state_space_form() -> None:
    model = m.FitnessFatigue(400, 0.1, 0.3, 50, 15)
    assert model.decay == pytest.approx([0.980199, 0.935507], rel=1e-6)
    seen = m.filter_performance(
        model,
        [10, 11],
        [419.0723, 381.8214, 394.2507],
        noise=np.array([[400.0, 40.0], [40.0, 100.0]]),
        error=225.0,
        state=np.array([250.0, 100.0]),
        spread=np.diag([250_000.0, 62_500.0]),
    )
    assert seen.innovation == pytest.approx([24.072300, -35.027124, -4.578913], rel=1e-6)
    assert seen.variance == pytest.approx([8350.0, 436.339279, 340.344948], rel=1e-6)
    expected = [[322.072754, 45.945434], [212.068616, 71.078642], [199.614147, 75.612076]]
    assert seen.state == pytest.approx(np.array(expected), rel=1e-6)


# --- intensity ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ((0.80, 0.06, 0.14), 2.271067),
        ((0.68, 0.06, 0.26), 2.469331),
        ((0.75, 0.05, 0.20), 2.477121),
        ((0.80, 0.10, 0.10), 1.903090),
        ((0.80, 0.0, 0.20), 3.204120),
    ],
)
def test_polarization_index(shares: tuple[float, float, float], expected: float) -> None:
    assert m.polarization_index(*shares) == near(expected)


def test_polarization_index_where_it_is_not_defined() -> None:
    assert math.isnan(m.polarization_index(0.60, 0.30, 0.10))
    assert math.isnan(m.polarization_index(0.995, 0.0, 0.005))
    with pytest.raises(ValueError, match="add up to 1"):
        m.polarization_index(0.8, 0.4, 0.1)


def test_heart_rates_from_formulas() -> None:
    assert m.karvonen(0.7, 60, 180) == near(144)
    assert [hr_max_formula(40, name) for name in ("fox", "tanaka", "nes")] == pytest.approx([180, 180, 185.4])


# --- body ---------------------------------------------------------------------------------------------------------


def test_rmssd() -> None:
    rr = np.array([800, 810, 790, 805, 795, 820, 780, 800])
    assert m.rmssd(rr) == near(22.200386)
    assert math.log(m.rmssd(rr)) == near(3.100110)
    assert 60_000 / rr.mean() == near(75.0)


def week(*nights: tuple[float, float]) -> np.ndarray:
    return m.sleep_states([night[0] for night in nights], [night[1] for night in nights])


def test_sleep_regularity() -> None:
    assert m.sleep_regularity(week(*[(-60, 420)] * 7), 1440) == near(100)
    assert m.sleep_regularity(week((-60, 360), (-60, 420)), 1440) == near(91.6666667)
    assert m.sleep_regularity(week(*[(-60, 420), (60, 540)] * 4), 1440) == near(66.6666667)
    nights = [(-60, 420)] * 5 + [(60, 540)] * 2
    assert m.sleep_regularity(week(*nights, *nights), 1440) == near(92.3077, 1e-5)
    inverted = np.concatenate([np.ones(10), np.zeros(10)])
    assert m.sleep_regularity(inverted, 10) == -100
    assert m.sleep_regularity([1] * 10 + [1] * 9 + [0], 10) == near(80)


def test_sleep_regularity_leaves_missing_epochs_out() -> None:
    states = np.array([1, 1, 0, 0, 1, np.nan, 0, 0])
    assert m.sleep_regularity(states, 4) == 100
    assert math.isnan(m.sleep_regularity([1, 0, 1], 4))


def test_decoupling() -> None:
    assert m.decoupling([3.0, 178 / 60], [140, 147]) == near(5.820106)
    assert m.decoupling([3.0] * 6, [140.0] * 6) == 0


def test_energy_availability() -> None:
    assert m.energy_availability(2400, 700, 50) == 34
    assert m.energy_availability(2000, 900, 45) == near(24.4444444)


def test_persistence() -> None:
    seven = [0.00390625, 0.03515625, 0.14453125, 0.36328125, 0.63671875, 0.85546875, 0.96484375, 0.99609375]
    assert m.persistence(np.arange(8), 7).tolist() == seven
    assert m.persistence(np.arange(5), 4).tolist() == [0.03125, 0.1875, 0.5, 0.8125, 0.96875]
    assert math.isnan(m.persistence(2, 2))


# --- what all of them keep to -------------------------------------------------------------------------------------

NAN = float("nan")
MISSING = {
    "trimp": lambda: m.banister_trimp([NAN, 150], [60, 60], 50, 190),
    "session_rpe": lambda: m.session_rpe(NAN, 3600),
    "running_cost": lambda: m.running_cost(NAN),
    "pace_load": lambda: m.pace_load(3.0, NAN, 3600),
    "critical_speed": lambda: m.critical_speed([1500, NAN], [300, 640])[0],
    "race_equivalent_vo2": lambda: m.race_equivalent_vo2(5000, NAN),
    "race_time": lambda: m.race_time(NAN, 5000),
    "ewma": lambda: m.ewma([10, NAN, 10], 7)[1],
    "monotony": lambda: m.monotony([1, 2, 3, NAN, 4, 5, 6]),
    "polarization_index": lambda: m.polarization_index(NAN, 0.1, 0.1),
    "rmssd": lambda: m.rmssd([800, NAN, 810]),
    "rmssd of nothing": lambda: m.rmssd([]),
    "rmssd of one": lambda: m.rmssd(800),
    "sleep_regularity": lambda: m.sleep_regularity([NAN] * 20, 10),
    "decoupling": lambda: m.decoupling([3.0, NAN], [140, 141]),
    "decoupling of nothing": lambda: m.decoupling([], []),
    "energy_availability": lambda: m.energy_availability(2400, NAN, 50),
    "persistence": lambda: m.persistence(NAN, 7),
}


@pytest.mark.parametrize("name", MISSING)
def test_missing_in_missing_out(name: str) -> None:
    assert math.isnan(MISSING[name]())


IMPOSSIBLE = {
    "hr_bpm": lambda: m.banister_trimp(-5, 60, 50, 190),
    "dt_s": lambda: m.banister_trimp(150, -60, 50, 190),
    "hr_max_bpm": lambda: m.banister_trimp(150, 60, 60, 100),
    "sex": lambda: m.banister_trimp(150, 60, 50, 190, "m"),
    "rpe": lambda: m.session_rpe(11, 60),
    "duration_s": lambda: m.session_rpe(5, -1),
    "grade": lambda: m.running_cost(5.0),
    "speed_mps": lambda: m.pace_load(-1.0, 4.0, 60),
    "threshold_mps": lambda: m.pace_load(3.0, 0.0, 60),
    "distance_m": lambda: m.critical_speed([-1, 100], [10, 20]),
    "duration_s ": lambda: m.critical_speed([900, 1000], [300, 300]),
    "distance_m ": lambda: m.critical_speed([900], [300]),
    "distance_m  ": lambda: m.race_equivalent_vo2(0, 300),
    "speed_mps ": lambda: m.race_equivalent_vo2(5000, 60),
    "load_lu": lambda: m.ewma([-1.0], 7),
    "tau_d": lambda: m.ewma([1.0], 0),
    "load_lu ": lambda: m.monotony([1, 2, 3]),
    "load_lu  ": lambda: m.monotony([1, 2, 3, float("inf"), 4, 5, 6]),
    "z2": lambda: m.polarization_index(0.8, -0.1, 0.3),
    "rr_ms": lambda: m.rmssd([800, 0, 810]),
    "asleep": lambda: m.sleep_regularity([0, 2, 0, 1], 2),
    "epochs_per_day": lambda: m.sleep_regularity([0, 1], 0),
    "hr_bpm ": lambda: m.decoupling([3.0, 3.0], [0, 140]),
    "speed_mps  ": lambda: m.decoupling([3.0], [140, 141]),
    "fat_free_mass_kg": lambda: m.energy_availability(2400, 700, 0),
    "intake_kcal": lambda: m.energy_availability(-1, 700, 50),
    "bad_days": lambda: m.persistence(8, 7),
    "bad_days ": lambda: m.persistence(1.5, 7),
    "answered_days": lambda: m.persistence(0, -1),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_impossible_values_are_named(name: str) -> None:
    with pytest.raises(ValueError, match=name.strip()):
        IMPOSSIBLE[name]()


def test_scalars_give_python_floats() -> None:
    for value in (
        m.banister_trimp(150, 60, 50, 190),
        m.session_rpe(np.float64(5), 60),
        m.running_cost(np.float64(0.1)),
        m.pace_load(3, 4, 60),
        m.race_equivalent_vo2(5000, 1500),
        m.ewma(100, 42),
        m.monotony([1, 2, 3, 4, 5, 6, 7]),
        m.polarization_index(0.8, 0.1, 0.1),
        m.energy_availability(2400, 700, 50),
        m.persistence(5, 7),
    ):
        assert type(value) is float
