"""What the load leads one to expect is no decline; what goes beyond it is (science B.4)."""

from datetime import date, timedelta

import polars as pl
import pytest

import freshlegs as fl
from freshlegs.fatigue import evaluate
from freshlegs.fatigue.loads import of

START = date(2025, 1, 6)
SIGN = "strength_performance_decline"
USUAL, CAMP, EASY = [50.0] * 120, [100.0] * 14, [25.0] * 14


def diary(loads: list[float], slower: float, since: int) -> pl.DataFrame:
    """A run a day; a hard one each week, slower by a share from one day on."""
    rows = []
    for t, load in enumerate(loads):
        tested = t % 7 == 5
        rows.append(
            {
                "date": START + timedelta(days=t),
                "load_lu": load,
                "performance_ln": 3.8 - (slower if t >= since else 0.0) if tested else None,
                "performance_sd": 0.01 if tested else None,
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None)


def expected(loads: list[float]) -> list[float]:
    return of(evaluate(diary(loads, 0.0, 0))[0].panel).expected[0].tolist()


def strength(days: pl.DataFrame) -> list[float | None]:
    return fl.assess(days).get_column(SIGN).to_list()


def test_a_camp_costs_speed_first_and_gives_some_after() -> None:
    """Twice the load for two weeks, then half: by the prior means less than half a percent, and then a gain."""
    found = expected(USUAL + CAMP + EASY)
    assert found[119] == pytest.approx(0.0, abs=1e-6)
    assert found[133] == pytest.approx(-0.0039, abs=0.0005)
    assert max(found[134:]) == pytest.approx(0.0069, abs=0.001)


def test_twice_the_load_for_good_gives_more_than_it_takes() -> None:
    """Towards the three percent of the steady state, which the habit follows meanwhile."""
    assert max(expected(USUAL + [100.0] * 60)[120:]) > 0.005


def test_forty_days_off_cost_fitness() -> None:
    assert expected(USUAL + [0.0] * 40)[-1] < -0.005


def test_what_the_load_explains_counts_less() -> None:
    days = diary(USUAL + CAMP, slower=0.015, since=118)
    known, unknown = strength(days), strength(days.drop("load_lu"))
    assert known[117] == pytest.approx(unknown[117], abs=0.02)
    assert known[133] < unknown[133] - 0.03  # type: ignore[operator]


def test_an_expected_gain_that_did_not_come_accuses_nobody() -> None:
    days = diary(USUAL + CAMP + EASY, slower=0.0, since=0)
    known, unknown = strength(days), strength(days.drop("load_lu"))
    assert known[-1] == pytest.approx(unknown[-1], abs=1e-9)


def test_of_an_unknown_load_nothing_is_expected() -> None:
    found = evaluate(diary(USUAL, 0.0, 0).drop("load_lu"))[0]
    assert of(found.panel).expected[0].tolist() == pytest.approx([float("nan")] * 120, nan_ok=True)


def test_explain_tells_the_expected_and_the_unexplained() -> None:
    found = evaluate(diary(USUAL + CAMP, slower=0.03, since=118))[0]
    branch = found.signs.by_name["performance_decline"].branches[0]
    assert branch.facts["unexplained"][0, -1] == pytest.approx(
        branch.facts["delta"][0, -1] - branch.facts["expected"][0, -1]
    )
