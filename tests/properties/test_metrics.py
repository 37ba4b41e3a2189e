"""What must hold for any numbers: single metrics, trends and days."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import freshlegs as fl
from freshlegs import metrics as m
from freshlegs import tables
from freshlegs.metrics import trends
from freshlegs.metrics.facts import RunFacts, run_facts

positive = st.floats(0, 500)
loads = hnp.arrays(np.float64, st.integers(1, 60), elements=positive)
panels = hnp.arrays(
    np.float64, st.tuples(st.integers(1, 4), st.integers(1, 70)), elements=st.one_of(positive, st.just(math.nan))
)


# --- single metrics -----------------------------------------------------------------------------------------------


@given(st.floats(60, 180), st.floats(1, 20), st.sampled_from(["male", "female", None]))
def test_a_faster_heart_costs_more(hr: float, more: float, sex: str | None) -> None:
    assert m.banister_trimp(hr + more, 600, 50, 200, sex) > m.banister_trimp(hr, 600, 50, 200, sex)


@given(hnp.arrays(np.float64, st.integers(1, 50), elements=st.floats(60, 190)), st.randoms())
def test_trimp_is_a_sum_whatever_the_order(hr: np.ndarray, random: Any) -> None:
    shuffled = list(hr)
    random.shuffle(shuffled)
    seconds = np.full(hr.size, 5.0)
    whole = m.banister_trimp(hr, seconds, 50, 190, "male")
    assert math.isclose(m.banister_trimp(shuffled, seconds, 50, 190, "male"), whole, rel_tol=1e-9, abs_tol=1e-9)
    assert whole >= m.banister_trimp(float(hr.mean()), float(seconds.sum()), 50, 190, "male") - 1e-9  # convex


@given(st.floats(-0.45, 0.45))
def test_a_slope_never_costs_less_than_the_minimum(grade: float) -> None:
    assert m.running_cost(grade) >= 1.78


@given(st.floats(2.0, 6.0), st.floats(50, 400), st.lists(st.floats(120, 1200), min_size=2, max_size=6, unique=True))
def test_critical_speed_comes_back(cs: float, d_prime: float, durations: list[float]) -> None:
    time = np.array(durations)
    if time.max() - time.min() < 30:
        return
    found = m.critical_speed(d_prime + cs * time, time)
    assert np.allclose(found, (cs, d_prime), rtol=1e-5)


@given(st.floats(15, 85), st.sampled_from([1500.0, 5000.0, 10_000.0, 21_097.5, 42_195.0]))
def test_race_time_is_the_inverse_of_the_race_equivalent_vo2(index: float, metres: float) -> None:
    assert math.isclose(m.race_equivalent_vo2(metres, m.race_time(index, metres)), index, rel_tol=1e-7)


@given(loads, st.floats(1, 60), st.floats(0, 3))
def test_trends_are_linear_and_never_leave_the_loads(load: np.ndarray, tau: float, times: float) -> None:
    trend = m.ewma(load, tau)
    assert np.all(trend >= 0)
    assert np.all(trend <= load.max() + 1e-9)
    assert np.allclose(m.ewma(times * load, tau), times * trend, rtol=1e-9, atol=1e-9)


@given(hnp.arrays(np.float64, 7, elements=positive), st.randoms(), st.floats(0.1, 10))
def test_monotony_knows_neither_order_nor_unit(week: np.ndarray, random: Any, unit: float) -> None:
    value = m.monotony(week)
    shuffled = list(week)
    random.shuffle(shuffled)
    if week.sum() < 1e-6 or math.isnan(value):
        return
    assert 0 < value <= 10
    assert math.isclose(m.monotony(shuffled), value, rel_tol=1e-6)
    assert math.isclose(m.monotony(week * unit), value, rel_tol=1e-6)


@given(st.integers(3, 60), st.data())
def test_persistence_rises_with_bad_days_and_is_symmetric(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n))
    value = m.persistence(k, n)
    assert 0 < value < 1 or n > 50
    assert math.isclose(value + m.persistence(n - k, n), 1, abs_tol=1e-12)
    more = value if k == n else m.persistence(k + 1, n)
    assert more > value or k == n or value > 1 - 1e-12  # so near to certain there is no number in between


@given(hnp.arrays(np.float64, st.integers(2, 60), elements=st.floats(300, 2000)), st.floats(-100, 100))
def test_rmssd_knows_only_differences(rr: np.ndarray, shift: float) -> None:
    value = m.rmssd(rr)
    assert value >= 0
    assert math.isclose(m.rmssd(rr[::-1]), value, rel_tol=1e-9, abs_tol=1e-9)
    moved = rr + shift
    if moved.min() >= 300 and moved.max() <= 2000:
        assert math.isclose(m.rmssd(moved), value, rel_tol=1e-6, abs_tol=1e-6)


@given(hnp.arrays(np.bool_, st.integers(20, 200)))
def test_sleep_regularity_lies_between_its_ends_and_turning_round_changes_nothing(asleep: np.ndarray) -> None:
    value = m.sleep_regularity(asleep, 10)
    assert -100 <= value <= 100
    assert m.sleep_regularity(~asleep, 10) == value


@given(
    st.floats(0.5, 5),
    st.floats(100, 190),
    st.floats(0.5, 2),
    hnp.arrays(np.float64, 20, elements=st.floats(-0.2, 0.2)),
)
def test_decoupling_knows_no_unit(speed: float, hr: float, unit: float, wobble: np.ndarray) -> None:
    speeds, rates = speed * (1 + wobble), np.full(20, hr)
    value = m.decoupling(speeds, rates)
    assert math.isclose(m.decoupling(speeds * unit, rates), value, rel_tol=1e-6, abs_tol=1e-9)
    assert m.decoupling(speeds, np.where(np.arange(20) < 10, rates, rates + 5)) > value


# --- trends over athletes and days --------------------------------------------------------------------------------

FUNCTIONS = (
    lambda load: trends.exponential(load, 42.0),
    lambda load: trends.ramp(trends.exponential(load, 42.0)),
    trends.monotony7,
    trends.strain7,
    lambda load: trends.session_spike(load * 100),
    lambda load: trends.easy_share28(load, load * 0.2, load * 0.1),
    lambda load: trends.hard_share28((load > 100).astype(float), load),
    lambda load: trends.normal_or_high_load(load).astype(float),
    lambda load: trends.warming_up(load).astype(float),
)


@given(panels, st.data())
@settings(max_examples=60, deadline=None)
def test_trends_look_back_only_and_at_one_athlete_only(load: np.ndarray, data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, load.shape[1]))
    for function in FUNCTIONS:
        whole = function(load)
        assert whole.shape == load.shape
        np.testing.assert_allclose(function(load[:, :cut]), whole[:, :cut], rtol=1e-7, atol=1e-7)
        np.testing.assert_allclose(function(load[:1]), whole[:1], rtol=1e-7, atol=1e-7)
        np.testing.assert_allclose(function(load[0]), whole[0], rtol=1e-7, atol=1e-7)


@given(panels)
def test_an_unknown_day_is_not_a_rested_one(load: np.ndarray) -> None:
    usual = np.full((1, 60), 50.0)
    gap, rested = usual.copy(), usual.copy()
    gap[:, 40:47], rested[:, 40:47] = np.nan, 0.0
    known, unknown, rest = (trends.exponential(each, 7.0)[0, 46] for each in (usual, gap, rested))
    assert rest < 0.5 * known
    assert 0.8 * known < unknown <= known
    trend = trends.exponential(load, 7.0)
    some = np.logical_or.accumulate(~np.isnan(load), axis=1)
    assert np.array_equal(np.isnan(trend), ~some)


@given(hnp.arrays(np.float64, st.integers(1, 70), elements=st.one_of(positive, st.just(math.nan))))
def test_exponential_is_its_recursion(load: np.ndarray) -> None:
    decay = math.exp(-1 / 7)
    filled = trends.expected_load(load[None, :])[0]
    for day in range(load.size):
        early = load[: min(day + 1, 14)]
        early = early[~np.isnan(early)]
        if not early.size:
            continue
        y = early.mean()
        for value in filled[: day + 1]:
            y = value * (1 - decay) + y * decay
        assert math.isclose(trends.exponential(load, 7.0)[day], y, rel_tol=1e-9, abs_tol=1e-9)


# --- facts --------------------------------------------------------------------------------------------------------


SAMPLED = ("hr_bpm", "speed_mps", "distance_m", "altitude_m", "cadence_spm", "power_w", "lat_deg", "lon_deg")


@given(
    st.lists(st.integers(-5, 40), min_size=2, max_size=120),
    st.data(),
)
@settings(max_examples=60)
def test_any_samples_give_facts_that_come_back(steps: list[int], data: st.DataObject) -> None:
    size = len(steps)
    maybe = st.one_of(st.none(), st.floats(-10, 400), st.just(math.nan), st.just(math.inf))
    columns = {
        name: pl.Series(data.draw(st.lists(maybe, min_size=size, max_size=size)), dtype=pl.Float64)
        for name in data.draw(
            st.sets(st.sampled_from(["hr_bpm", "speed_mps", "distance_m", "altitude_m", "cadence_spm"]))
        )
    }
    start = datetime(2026, 1, 1, tzinfo=UTC)
    stamps = [start + timedelta(seconds=int(s)) for s in np.cumsum(steps)]
    records = pl.DataFrame({"time_utc": stamps, **columns}).cast({"time_utc": tables.INSTANT})
    found = run_facts(records)
    assert RunFacts.from_bytes(found.to_bytes()) == found
    assert not found.moving_s > found.recorded_s + 400
    assert int(found.hr_seconds.sum()) <= found.recorded_s + 60 or not found.recorded_s > 0


# --- days ---------------------------------------------------------------------------------------------------------


@st.composite
def diaries(draw: st.DrawFn) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Runs, nights and check-ins of two athletes over two months, some columns missing here and there."""
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    first = date(2026, 1, 1)
    rows: dict[str, list[dict[str, Any]]] = {"runs": [], "nights": [], "checkins": []}
    for athlete in ("ann", "bob"):
        for day in range(60):
            today = first + timedelta(days=day)
            noon = datetime(today.year, today.month, today.day, tzinfo=UTC)
            for _ in range(int(rng.choice([0, 1, 1, 2]))):
                rows["runs"].append(
                    {
                        "athlete": athlete,
                        "start_utc": noon + timedelta(minutes=int(rng.integers(300, 1300))),
                        "utc_offset_s": 3600.0,
                        "sport": str(rng.choice(["running", "cycling"])),
                        "distance_m": float(rng.uniform(3000, 20_000)),
                        "moving_s": float(rng.uniform(1200, 7000)),
                        "hr_mean_bpm": float(rng.uniform(120, 170)) if rng.random() < 0.6 else None,
                        "rpe": float(rng.integers(1, 10)) if rng.random() < 0.6 else None,
                        "race": bool(rng.random() < 0.05),
                    }
                )
            if rng.random() < 0.7:
                asleep = noon - timedelta(minutes=int(rng.integers(0, 120)))
                rows["nights"].append(
                    {
                        "athlete": athlete,
                        "date": today,
                        "fell_asleep_utc": asleep,
                        "utc_offset_s": 3600.0,
                        "sleep_s": float(rng.uniform(15_000, 32_000)),
                        "hr_night_bpm": float(rng.uniform(42, 60)),
                        "source": "watch",
                    }
                )
            if rng.random() < 0.7:
                rows["checkins"].append({"athlete": athlete, "date": today, "energy": float(rng.integers(0, 11))})
    kinds = (tables.RUNS, tables.NIGHTS, tables.CHECKINS)
    frames = [
        pl.DataFrame(
            rows[table.name], schema_overrides={k: t for k, t in table.schema.items() if k in rows[table.name][0]}
        )
        for table in kinds
    ]
    return frames[0], frames[1], frames[2]


@given(diaries(), st.integers(0, 2**32 - 1))
@settings(max_examples=8, deadline=None)
def test_order_of_rows_changes_nothing(diary: tuple[pl.DataFrame, ...], seed: int) -> None:
    shuffled = [frame.sample(fraction=1.0, shuffle=True, seed=seed) for frame in diary]
    assert fl.daily(*shuffled).equals(fl.daily(*diary))


@given(diaries())
@settings(max_examples=8, deadline=None)
def test_names_of_athletes_change_nothing(diary: tuple[pl.DataFrame, ...]) -> None:
    swap = pl.col("athlete").replace({"ann": "zoe"})
    renamed = fl.daily(*(frame.with_columns(swap) for frame in diary))
    expected = fl.daily(*diary).with_columns(swap).sort("athlete", "date")
    assert renamed.equals(expected)


@given(diaries(), st.integers(-9000, 9000))
@settings(max_examples=8, deadline=None)
def test_shifting_every_date_changes_nothing(diary: tuple[pl.DataFrame, ...], days: int) -> None:
    moved = [
        frame.with_columns(
            pl.col(name) + pl.duration(days=days) for name, kind in frame.schema.items() if kind.is_temporal()
        )
        for frame in diary
    ]
    expected = fl.daily(*diary).with_columns(pl.col("date") + pl.duration(days=days))
    assert fl.daily(*moved).equals(expected)


@given(diaries(), st.integers(5, 60))
@settings(max_examples=8, deadline=None)
def test_a_morning_knows_nothing_of_what_comes_later(diary: tuple[pl.DataFrame, ...], day: int) -> None:
    """Rest days apart: whether an unknown day between two runs was rested shows only with the second run."""
    until = date(2026, 1, 1) + timedelta(days=day)
    runs, nights, answers = diary
    noon = datetime(until.year, until.month, until.day, tzinfo=UTC) - timedelta(hours=1)
    known = (
        runs.filter(pl.col("start_utc") < noon),
        nights.filter(pl.col("date") <= until),
        answers.filter(pl.col("date") <= until),
    )
    cut = fl.daily(*diary, until=until)
    assert cut.equals(fl.daily(*known, until=until))
    whole = fl.daily(*diary).filter(pl.col("date") <= until)
    both = cut.join(whole, on=["athlete", "date"], suffix="_later")
    same = both.filter(pl.col("load_lu").is_not_null())
    for name in tables.DAYS.names[2:]:
        assert same.get_column(name).equals(same.get_column(f"{name}_later"))
