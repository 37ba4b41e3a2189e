"""What is worked out only where a held reference touches it must be what working everything out gives."""

import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import freshlegs as fl
from freshlegs import beside
from freshlegs.fatigue import assessing, assessment
from freshlegs.fatigue.baseline import Quantity, reference
from freshlegs.fatigue.excerpt import Window
from freshlegs.fatigue.past import Past
from freshlegs.fatigue.windows import counted
from freshlegs.synthetic import made_days


def _everything(panel: Any, moved: Any, frozen: Any, changed: Any) -> Iterator[Window]:
    """All days of the athletes whose mask changed."""
    yield Window(moved, np.zeros_like(moved), panel.shape[1])


@pytest.mark.parametrize("kept", [1.0, 0.45])
def test_days_judged_anew_are_all_that_change(monkeypatch: pytest.MonkeyPatch, kept: float) -> None:
    """Dense diaries, and sparse ones in which a reference reaches back for many weeks."""
    days = made_days(30, 600, seed=8).sample(fraction=kept, seed=2)
    some = fl.assess(days)
    assert some.get_column("p_excessive").max() > 0.5  # type: ignore[operator]
    monkeypatch.setattr(assessment, "_touched", _everything)
    assert_frame_equal(some, fl.assess(days), abs_tol=1e-9)


@pytest.fixture
def blocks_of(monkeypatch: pytest.MonkeyPatch) -> pl.DataFrame:
    """Days that are worked on in seven blocks."""
    monkeypatch.setattr("freshlegs.fatigue.panel.CELLS_AT_ONCE", 300)
    return made_days(12, 120, seed=3)


def test_threads_change_nothing(monkeypatch: pytest.MonkeyPatch, blocks_of: pl.DataFrame) -> None:
    monkeypatch.setattr(assessing, "WORTH_A_PROCESS", 1_000)
    assert_frame_equal(fl.assess(blocks_of, workers=4), fl.assess(blocks_of, workers=1))


def test_processes_change_nothing_and_end_with_the_call(
    monkeypatch: pytest.MonkeyPatch, blocks_of: pl.DataFrame
) -> None:
    begun: list[beside.Process] = []
    begin = beside.Process.__init__

    def noted(self: beside.Process, *told: Any) -> None:
        begin(self, *told)
        begun.append(self)

    monkeypatch.setattr(beside.Process, "__init__", noted)
    # Slow here, so that the others have begun before all is done.
    monkeypatch.setattr(assessing, "_verdicts", _slowly(assessing._verdicts))
    assert_frame_equal(fl.assess(blocks_of, workers=3), fl.assess(blocks_of, workers=1))
    assert len(begun) == 2
    assert all(process._popen.returncode is not None for process in begun)


@pytest.mark.parametrize("serve", ["raise SystemExit(1)", "import sys; sys.stdin.buffer.read(9_000)"])
def test_a_process_that_ends_early_costs_nothing(
    monkeypatch: pytest.MonkeyPatch, blocks_of: pl.DataFrame, serve: str
) -> None:
    monkeypatch.setattr(beside, "_SERVE", serve)
    assert_frame_equal(fl.assess(blocks_of, workers=2), fl.assess(blocks_of, workers=1))


def test_where_no_process_may_be_begun_all_is_done_here(
    monkeypatch: pytest.MonkeyPatch, blocks_of: pl.DataFrame
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert_frame_equal(fl.assess(blocks_of, workers=2), fl.assess(blocks_of, workers=1))


def _slowly(call: Any) -> Any:
    def slow(*given: Any) -> Any:
        time.sleep(0.5)
        return call(*given)

    return slow


@pytest.mark.parametrize("grid", [1.0, 0.5, 0.1])
def test_a_reference_is_the_median_and_its_deviation(grid: float) -> None:
    """Against a plain loop; values on the grid of answers take the way of whole numbers, others do not."""
    rng = np.random.default_rng(6)
    values = np.round(rng.normal(5.0, 2.0, (4, 150)) / grid) * grid
    values[rng.random(values.shape) < 0.3] = np.nan
    quantity = Quantity(values, size=42, lag=7, at_least=14)
    own = reference(quantity, np.zeros(values.shape, dtype=bool), Past(np.full(4, 150)), "energy")
    for a, t in np.ndindex(values.shape):
        known = values[a, : t + 1][~np.isnan(values[a, : t + 1])]
        old = np.sum(~np.isnan(values[a, : max(t - 6, 0)]))
        today = 0 if np.isnan(values[a, t]) else 1
        used = known[max(0, max(old, min(len(known) - today, 14)) - 42) : max(old, min(len(known) - today, 14))]
        if len(used) < 14:
            assert np.isnan(own.middle[a, t])
        else:
            assert own.middle[a, t] == pytest.approx(np.median(used), abs=1e-12)
            deviation = 1.4826 * np.median(np.abs(used - np.median(used)))
            assert own.scale[a, t] == pytest.approx(deviation, abs=1e-12)


def test_days_are_counted_over_any_window() -> None:
    flag = np.random.default_rng(1).random((3, 40)) < 0.4
    for days in (1, 2, 3, 7, 28, 60):
        expected = [[flag[a, max(0, t - days + 1) : t + 1].sum() for t in range(40)] for a in range(3)]
        assert counted(flag, days).tolist() == expected


def test_rows_in_any_order_are_sorted_once() -> None:
    days = made_days(4, 30, seed=9)
    backwards = days.reverse()
    assert fl.assess(backwards).equals(fl.assess(days))
    assert isinstance(fl.assess(backwards), pl.DataFrame)


def test_a_frame_without_gaps_is_judged_and_stays_as_it_was() -> None:
    """Its columns are the caller's memory; those with gaps are copied on the way."""
    made = made_days(20, 300, seed=8)
    athletes, dates = made.select(pl.col("athlete").unique()), made.select(pl.col("date").unique())
    every = athletes.join(dates, how="cross").join(made, on=["athlete", "date"], how="left").sort("athlete", "date")
    whole = every.with_columns(pl.col(pl.Float64).fill_null(strategy="forward").fill_null(strategy="backward"))
    before = whole.clone().rechunk().hash_rows(seed=1)
    verdicts = fl.assess(whole)
    assert verdicts.get_column("p_excessive").max() > 0.5  # type: ignore[operator]
    assert whole.hash_rows(seed=1).equals(before)
    shuffled = whole.sample(fraction=1.0, shuffle=True, seed=3)
    assert_frame_equal(fl.assess(shuffled), verdicts)
