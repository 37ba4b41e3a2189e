"""The coming weeks simulated: by the model's own tables, repeatable, and honest about what it is."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

import freshlegs as fl
from freshlegs.fatigue.assessment import evaluate
from freshlegs.fatigue.filtering import moves
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.simulating import simulate

TODAY = date(2026, 5, 4)


def bad_days(weeks: int = 9) -> pl.DataFrame:
    """A diary that ends in a plainly excessive picture, judged against good weeks of its own."""
    rows = []
    for number in range(7 * weeks + 1):
        day = TODAY - timedelta(days=7 * weeks - number)
        bad = number > 7 * weeks - 30
        rows.append(
            {
                "athlete": "me",
                "date": day,
                "energy": 2.0 if bad else 6.5 + number % 2,
                "leg_freshness": 2.0 if bad else 6.5 + number % 2,
                "soreness": 8.0 if bad else 2.5 + number % 2,
                "sleep_quality": 3.0 if bad else 6.5 + number % 2,
                "mood": 3.0 if bad else 6.5 + number % 2,
                "load_lu": 50.0,
                "moving_s": 3600.0,
                "z1_s": 3300.0,
                "z2_s": 300.0,
                "z3_s": 0.0,
                "harder_than_it_should": bad,
                "hit_pace": "no" if bad else "yes",
                "legs": 2.0 if bad else 7.0,
                "quality_session": number % 3 == 0,
            }
        )
    return pl.DataFrame(rows)


DAYS = bad_days()
BUSY, REST = [{"load_lu": 50.0}] * 28, [{"load_lu": 0.0}] * 3 + [{"load_lu": 20.0}] * 25


def test_the_same_seed_gives_the_same_and_another_nearly_the_same() -> None:
    one, again, other = (simulate(DAYS, "me", TODAY, BUSY, seed=seed) for seed in (1, 1, 2))
    assert one is not None
    assert np.array_equal(one.states, again.states)
    assert np.abs(one.states - other.states).max() < 0.08
    assert np.allclose(one.states.sum(axis=1), 1.0)


def test_the_shares_follow_the_transition_table_where_it_is_simple() -> None:
    """Under a steady load nothing but one number of the table ends what began as excessive."""
    found = simulate(DAYS, "me", TODAY, BUSY[:10], paths=20_000)
    belief = evaluate(DAYS)[0].p[0, -1]
    assert belief[2] > 0.6
    left = (1.0 - P.transitions["excessive_to_cumulative"]) ** 10
    assert found.states[-1, 2:].sum() == pytest.approx(belief[2:].sum() * left, abs=0.02)


def test_the_moves_are_those_of_the_table() -> None:
    usual, light = moves(np.array([2.0, 2.0]), np.array([False, True]), np.array([False, False]))
    assert usual.tolist() == [0.10, 0.002, 0.003, 0.05, 0.015, 0.001]
    assert light.tolist() == [0.03, 0.002, 0.003, 0.12, 0.045, 0.004]


def test_a_lighter_load_ends_it_sooner_because_the_table_says_so() -> None:
    busy, rest = simulate(DAYS, "me", TODAY, BUSY), simulate(DAYS, "me", TODAY, REST)
    assert rest.days_beyond.mean() < busy.days_beyond.mean() - 2
    assert rest.chronic[-1] < busy.chronic[-1]
    assert (rest.chronic - rest.acute)[6] > (busy.chronic - busy.acute)[6]
    # With the same luck no course does worse for the lighter load in the first days.
    assert (rest.left_on <= busy.left_on).mean() > 0.95


def test_what_it_does_not_look_at() -> None:
    later = pl.concat([DAYS, DAYS.tail(1).with_columns(pl.lit(TODAY + timedelta(days=1)).alias("date"))])
    assert np.array_equal(simulate(later, "me", TODAY, BUSY).states, simulate(DAYS, "me", TODAY, BUSY).states)
    assert simulate(DAYS.head(5), "me", DAYS["date"][4], BUSY) is None


def test_the_document_of_a_diary(tmp_path) -> None:
    now = datetime(2026, 5, 4, 6, 0, tzinfo=UTC)
    with fl.Diary.open(tmp_path / "home", now=lambda: now) as diary:
        with pytest.raises(fl.FreshlegsError, match="no plan"):
            diary.simulate_plan()
        diary.add_session("2026-05-05", "easy", duration_s=2700.0)
        empty = diary.simulate_plan(7)
        assert empty["plan"]["days"][1]["load_lu"] == 37.5
        assert empty["plan"]["days"][1]["states"] is None
        assert "not enough data" in empty["text"]
        for row in DAYS.iter_rows(named=True):
            items = ("energy", "leg_freshness", "soreness", "sleep_quality", "mood", "legs", "hit_pace")
            diary.check_in(row["date"], **{name: row[name] for name in items})
        found = diary.simulate_plan(7)
        assert found["simulation"] is True
        assert len(found["plan"]["days"]) == 7
        assert sum(found["plan"]["days"][0]["states"].values()) == pytest.approx(1.0, abs=0.01)
        assert found["assumptions"]
        assert found == diary.simulate_plan(7)
        for wrong in (0, 43):
            with pytest.raises(fl.FreshlegsError):
                diary.simulate_plan(wrong)
