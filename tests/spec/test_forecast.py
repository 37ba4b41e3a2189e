"""`forecast`: how tired tomorrow and the next days, as felt (contract, section 3)."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freshlegs import fatigue, tables
from freshlegs.fatigue import forecast
from freshlegs.problems import WrongRequest

START = date(2026, 1, 1)
VALUES = ("energy_mean", "energy_sd", "p_tired")


def diary(energy: object, athlete: str = "me", start: date = START, **columns: object) -> pl.DataFrame:
    """One answer a day from the start on; NaN is a day without."""
    values = np.asarray(energy, dtype=float)
    dates = [start + timedelta(days=n) for n in range(len(values))]
    frame = pl.DataFrame({"athlete": [athlete] * len(values), "date": dates, "energy": values} | columns)
    return frame.with_columns(pl.col(pl.Float64).fill_nan(None))


def five_steps(days: int, chances: list[float], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).choice([0, 2.5, 5, 7.5, 10], size=days, p=chances)


def from_day(ahead: pl.DataFrame, day: int, horizon: int = 1) -> dict[str, float]:
    row = ahead.filter(pl.col("date") == START + timedelta(days=day), pl.col("horizon_d") == horizon)
    return row.row(0, named=True)


def test_a_row_for_every_day_and_horizon() -> None:
    days = diary([5.0] * 3).with_columns(note=pl.lit("x"))[[2, 0]]  # unordered, the middle day missing
    ahead = forecast(days, horizon_d=2)
    assert ahead.schema == tables.FORECAST.schema
    assert ahead.select("date", "horizon_d").rows() == [
        (START + timedelta(days=day), h) for day in range(3) for h in (1, 2)
    ]
    assert forecast(days)["horizon_d"].max() == 7
    assert fatigue.forecast is forecast


def test_nothing_is_said_before_fourteen_answers() -> None:
    ahead = forecast(diary([5.0, 2.5] * 15), horizon_d=3)
    assert ahead.filter(pl.col("date") < START + timedelta(days=13)).select(VALUES).null_count().row(0) == (39,) * 3
    known = ahead.filter(pl.col("date") >= START + timedelta(days=13))
    assert known.select(VALUES).null_count().row(0) == (0, 0, 0)


def test_nothing_is_said_after_a_week_of_silence() -> None:
    ahead = forecast(diary([5.0, 2.5] * 10 + [np.nan] * 9 + [5.0]), horizon_d=1)
    assert ahead["p_tired"].is_null().to_list()[19:] == [False] * 7 + [True] * 3 + [False]


def test_nothing_is_said_without_answers_of_energy() -> None:
    no_energy = diary([5.0] * 30).rename({"energy": "mood"})
    assert forecast(no_energy, 1).select(VALUES).null_count().row(0) == (30, 30, 30)
    assert forecast(diary([5.0] * 3)[:0], 1).height == 0


@pytest.mark.parametrize("horizon", [0, 29, True])
def test_a_horizon_without_meaning_is_refused(horizon: int) -> None:
    with pytest.raises(WrongRequest, match="horizon_d must be a whole number from 1 to 28"):
        forecast(diary([5.0]), horizon_d=horizon)


def test_athletes_do_not_touch() -> None:
    mine, hers = diary(five_steps(80, [0.1, 0.2, 0.4, 0.2, 0.1])), diary([7.5, 5.0] * 30, athlete="her")
    together = forecast(pl.concat([mine, hers]).sample(fraction=1.0, shuffle=True, seed=3))
    assert together.filter(athlete="me").equals(forecast(mine))
    assert together.filter(athlete="her").equals(forecast(hers))
    numbered = forecast(mine.with_columns(athlete=pl.lit(7)))
    assert numbered.schema["athlete"] == pl.Int32
    assert numbered.drop("athlete").equals(forecast(mine).drop("athlete"))


def test_other_names_and_dates_change_nothing() -> None:
    energy = five_steps(120, [0.1, 0.2, 0.4, 0.2, 0.1])
    here, there = forecast(diary(energy)), forecast(diary(energy, "you", START + timedelta(days=1003)))
    assert here.select(VALUES).equals(there.select(VALUES))


answers = st.none() | st.integers(0, 10)
loads = st.none() | st.floats(0, 300)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(answers, answers, answers, st.none() | st.floats(0, 300)), min_size=16, max_size=60), st.data()
)
def test_a_row_knows_nothing_of_later_days(rows: list[tuple[float | None, ...]], data: st.DataObject) -> None:
    names = ("energy", "soreness", "readiness", "load_lu")
    days = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.Float64), orient="row").with_columns(
        athlete=pl.lit("me"), date=pl.lit(START) + pl.duration(days=pl.int_range(len(rows)))
    )
    until = data.draw(st.integers(1, len(rows)))
    whole, part = forecast(days, 3), forecast(days[:until], 3)
    assert part.equals(whole[: part.height])
    known = whole.drop_nulls()
    assert known["energy_mean"].is_between(0, 10).all()
    assert known["p_tired"].is_between(0, 1).all()
    assert known["energy_sd"].is_finite().all()


def test_it_fades_to_the_usual_and_its_own_spread() -> None:
    energy = five_steps(1000, [0.05, 0.2, 0.5, 0.2, 0.05])
    ahead = forecast(diary(energy)).with_columns(today=pl.Series(np.repeat(energy, 7)))
    low = ahead.filter(pl.col("today") == 0, pl.col("date") > START + timedelta(days=100))
    mean, sd, tired = (
        low.group_by("horizon_d").agg(pl.col(name).mean()).sort("horizon_d")[name].to_numpy() for name in VALUES
    )
    assert mean[0] < energy.mean() - 0.2
    assert np.all(np.diff(mean[:3]) > 0)
    assert np.all(np.diff(tired[:3]) < 0)
    assert mean[4:] == pytest.approx(energy.mean(), abs=0.25)
    assert sd == pytest.approx(energy.std(), abs=0.15)


def test_tired_means_a_full_own_spread_below_the_usual() -> None:
    # of these answers the median is 5 and the spread about 2, so 2.5 and less is tired: three days of ten
    energy = five_steps(1500, [0.05, 0.25, 0.45, 0.25, 0.0], seed=4)
    ahead = forecast(diary(energy), horizon_d=1)
    told = ahead["p_tired"].to_numpy()[200:-1]
    assert told.mean() == pytest.approx((energy[201:] <= 2.5).mean(), abs=0.02)
    assert ahead["energy_sd"].to_numpy()[200:].mean() == pytest.approx(energy.std(), abs=0.1)


def test_the_scale_of_the_runner_is_respected() -> None:
    # answers 5 and 7.5 only: nothing lies a spread below the median, whatever a bell curve would say
    energy = np.tile([7.5, 7.5, 5.0, 7.5, 7.5, 7.5], 40)
    assert forecast(diary(energy), 1).drop_nulls()["p_tired"].to_numpy()[100:].mean() == pytest.approx(1 / 6, abs=0.06)
    always_two = forecast(diary([2.0] * 60), 1)
    assert from_day(always_two, 59)["energy_mean"] == pytest.approx(2.0, abs=0.1)
    assert from_day(always_two, 59)["p_tired"] < 0.05


@pytest.mark.parametrize("item", ["soreness", "energy", "readiness", "load_lu"])
def test_each_input_moves_it_the_right_way(item: str) -> None:
    dice = np.random.default_rng(8)
    columns = {
        "soreness": dice.integers(1, 7, 60).astype(float),
        "readiness": dice.integers(3, 9, 60).astype(float),
        "load_lu": dice.choice([0.0, 40.0, 80.0], 60),
    }
    days = diary(dice.integers(3, 8, 60), **columns)
    last = pl.int_range(pl.len()) == 59
    bad, good = {"soreness": (10.0, 0.0), "load_lu": (300.0, 0.0)}.get(item, (0.0, 10.0))
    worse, better = (
        from_day(forecast(days.with_columns(pl.when(last).then(value).otherwise(item).alias(item)), 1), 59)
        for value in (bad, good)
    )
    assert worse["energy_mean"] < better["energy_mean"] - 0.05


def test_a_runner_who_rebounds_is_learned() -> None:
    # after a bad day a good one: the fitted weights say the opposite, and a long diary overrules them
    energy = 5 + np.tile([2.0, -2.0], 700) * (np.arange(1400) % 5 > 0) + np.random.default_rng(2).normal(0, 0.5, 1400)
    ahead = forecast(diary(energy.clip(0, 10)), horizon_d=1)
    mean, today = ahead["energy_mean"].to_numpy()[:-1], energy[:-1]
    early, late = slice(14, 40), slice(1300, 1399)
    assert np.corrcoef(mean[early], today[early])[0, 1] > 0.5
    assert np.corrcoef(mean[late], today[late])[0, 1] < -0.5


def test_a_weekday_of_one_s_own_is_learned() -> None:
    every_week = np.random.default_rng(3).normal(6, 1, 364) - 3.0 * (np.arange(364) % 7 == 4)
    ahead = forecast(diary(every_week.clip(0, 10)), horizon_d=7)
    eve = from_day(ahead, 360 - 360 % 7 + 3 - 7)
    other = from_day(ahead, 360 - 360 % 7 + 1 - 7)
    assert eve["p_tired"] > other["p_tired"] + 0.1
    assert eve["energy_mean"] < other["energy_mean"] - 0.5
