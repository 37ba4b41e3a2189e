"""The forecast on real people's diaries, each with weights that have not seen them. Nothing is claimed beyond this."""

import runpy
from pathlib import Path

import polars as pl
import pytest

VALIDATION = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "forecast_validation.py"))


@pytest.fixture(scope="module")
def days(shared: Path) -> pl.DataFrame:
    folder = shared / "validation" / "pmdata"
    if not folder.is_dir():
        pytest.skip("needs ../shared/validation (real people's diaries, not part of the project)")
    return pl.concat([VALIDATION["days_of"](person) for person in sorted(folder.glob("p??"))], how="diagonal")


def test_tomorrow_is_told_better_than_by_chance_and_no_worse_than_by_an_average(days: pl.DataFrame) -> None:
    table = VALIDATION["mornings"](days, VALIDATION["ahead_without_self"](days, 1))
    found = VALIDATION["within"](VALIDATION["by_person"](table))
    assert table.height > 500
    assert found["p_tired"] > 0.58
    assert found["p_tired"] >= found["neg_ewma"]


def test_the_probability_and_the_spread_are_true(days: pl.DataFrame) -> None:
    table = VALIDATION["mornings"](days, VALIDATION["ahead_without_self"](days, 1))
    table = table.join(VALIDATION["usual_low"](days), on=["athlete", "date"])
    tired = (pl.col("came") <= pl.col("tired_below")).cast(pl.Float64)
    told, came, brier, plain = table.select(
        pl.col("p_tired").mean().alias("told"),
        tired.mean().alias("came"),
        ((pl.col("p_tired") - tired) ** 2).mean().alias("brier"),
        ((pl.col("rate") - tired) ** 2).mean().alias("plain"),
    ).row(0)
    assert told == pytest.approx(came, abs=0.03)
    assert brier < plain
    within = table.select(((pl.col("came") - pl.col("energy_mean")).abs() <= pl.col("energy_sd")).mean()).item()
    assert 0.62 < within < 0.82
