"""Going on from a carry must be what judging the whole history is, to the bit, wherever it is cut."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import freshlegs as fl
from freshlegs.fatigue import assess_from
from freshlegs.problems import WrongRequest
from freshlegs.synthetic import made_days

FIRST = date(2023, 1, 2)
PROFILE = pl.DataFrame(
    {
        "athlete": [f"a{number}" for number in range(8)],
        "new_normal_since": [None, FIRST + timedelta(days=90), *[None] * 6],
        "overload_until": [None, None, FIRST + timedelta(days=120), *[None] * 5],
        "hr_medication": [None, None, None, True, *[None] * 4],
    }
)


def history() -> pl.DataFrame:
    """Eight athletes over 230 days: gaps, a beginner, somebody excessive for weeks, cycles, weight, a second device."""
    days = made_days(8, 230, seed=21)
    rng = np.random.default_rng(4)
    kept = pl.Series(rng.random(days.height) < 0.85)
    number = (pl.col("date") - FIRST).dt.total_days()
    who = pl.col("athlete")
    bad = (who == "a4") & number.is_between(60, 170)
    days = days.with_columns(
        [pl.when(bad).then(item).otherwise(name).alias(name) for name, item in (("energy", 1.5), ("mood", 1.0))]
    ).with_columns(
        pl.when(bad).then(9.0).otherwise("soreness").alias("soreness"),
        pl.when(bad).then(True).otherwise("harder_than_it_should").alias("harder_than_it_should"),
        pl.when(bad).then(2.0).otherwise("wish_to_run").alias("wish_to_run"),
        ((who == "a5") & (number % 29 == 3) & (number < 140)).alias("period_started"),
        pl.when((who == "a6") & (number % 3 == 0)).then(70.0 - 0.02 * number).alias("weight_kg"),
        pl.when((who == "a6") & (number % 2 == 0)).then(120.0 + number / 20.0).alias("systolic_mmhg"),
        pl.when((who == "a2") & (number > 100)).then(pl.lit("ring")).otherwise("hrv_source").alias("hrv_source"),
        pl.when((who == "a1") & number.is_between(80, 150)).then(pl.lit("ring")).alias("hr_source"),
    )
    silent = (who == "a3") & number.is_between(70, 118)
    late = (who == "a7") & (number < 100)
    return days.filter(kept & ~silent & ~late)


DAYS = history()
WHOLE = fl.assess(DAYS, PROFILE)


def test_the_history_holds_what_is_hard_to_carry() -> None:
    tired = WHOLE.filter(pl.col("athlete") == "a4")
    assert tired.get_column("p_excessive").max() > 0.6  # type: ignore[operator]
    assert {"excessive", "watch", "insufficient_data"} <= set(WHOLE.get_column("state"))
    for sign in ("irregular_cycles", "weight_appetite_loss", "raised_heart_rate", "performance_decline"):
        assert WHOLE.get_column(f"strength_{sign}").drop_nulls().len() > 50


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sets(st.integers(0, 228), min_size=1, max_size=8))
def test_cut_anywhere_the_verdicts_are_the_same_to_the_bit(cuts: set[int]) -> None:
    carry, found, begin = None, [], FIRST
    for cut in [*sorted(cuts), 229]:
        end = FIRST + timedelta(days=cut + 1)
        part, carry = assess_from(carry, DAYS.filter(pl.col("date").is_between(begin, end, closed="left")), PROFILE)
        found.append(part)
        begin = end
    assert_frame_equal(pl.concat(found).sort("athlete", "date"), WHOLE, check_exact=True)


def test_day_after_day_through_a_file(tmp_path: Path) -> None:
    """A month of single mornings, the carry written and read between them."""
    start = FIRST + timedelta(days=150)
    _, carry = assess_from(None, DAYS.filter(pl.col("date") < start), PROFILE)
    found = []
    for number in range(30):
        carry.write_parquet(tmp_path / "carry.parquet")
        today = DAYS.filter(pl.col("date") == start + timedelta(days=number))
        part, carry = assess_from(pl.read_parquet(tmp_path / "carry.parquet"), today, PROFILE)
        found.append(part)
    last = pl.col("date").max().over("athlete")
    told = pl.concat(found).sort("athlete", "date")
    wanted = WHOLE.filter(pl.col("date") >= start).join(told, on=["athlete", "date"], how="semi")
    assert_frame_equal(told, wanted, check_exact=True)
    assert told.filter(pl.col("date") == last).height == carry.height


def test_the_size_of_a_carry_does_not_grow_with_the_history() -> None:
    days = made_days(2, 900, seed=3)
    sizes = [assess_from(None, days.filter(pl.col("date") < FIRST + timedelta(days=n)))[1] for n in (300, 900)]
    assert sizes[0].estimated_size() == sizes[1].estimated_size()


def test_who_has_no_new_day_stays_as_he_is() -> None:
    _, carry = assess_from(None, DAYS.filter(pl.col("date") < FIRST + timedelta(days=200)), PROFILE)
    one = DAYS.filter((pl.col("athlete") == "a1") & (pl.col("date") == FIRST + timedelta(days=205)))
    verdicts, after = assess_from(carry, one.with_columns(pl.lit("a1").alias("athlete")), PROFILE)
    assert verdicts.get_column("athlete").unique().to_list() == ["a1"]
    others = pl.col("athlete") != "a1"
    assert_frame_equal(after.filter(others), carry.filter(others), check_exact=True)


def test_nothing_new_changes_nothing() -> None:
    _, carry = assess_from(None, DAYS, PROFILE)
    verdicts, after = assess_from(carry, DAYS.clear(), PROFILE)
    assert verdicts.height == 0
    assert after is carry


def test_a_day_that_was_judged_already_is_refused() -> None:
    _, carry = assess_from(None, DAYS, PROFILE)
    with pytest.raises(WrongRequest, match="judged already"):
        assess_from(carry, DAYS.tail(1), PROFILE)


def test_a_carry_of_another_version_is_refused() -> None:
    _, carry = assess_from(None, DAYS, PROFILE)
    later = DAYS.tail(1).with_columns(pl.col("date") + pl.duration(days=40))
    with pytest.raises(WrongRequest, match="another version"):
        assess_from(carry.with_columns(pl.lit("0-x").alias("version")), later, PROFILE)
    with pytest.raises(WrongRequest, match="no carry"):
        assess_from(DAYS, later, PROFILE)
