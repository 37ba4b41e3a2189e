"""The yardsticks of validation/, on small cases worked by hand."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from freshlegs.fatigue.parameters import PARAMETERS
from validation import alarms, scores, sensitivity, watch_files


def test_auc_counts_pairs_and_ties_half() -> None:
    low = np.array([True, True, False, False])
    assert scores.auc(np.array([4.0, 3.0, 2.0, 1.0]), low) == 1.0
    assert scores.auc(np.array([1.0, 2.0, 3.0, 4.0]), low) == 0.0
    assert scores.auc(np.array([3.0, 1.0, 1.0, 0.0]), low) == 3.5 / 4
    assert np.isnan(scores.auc(np.ones(4), np.zeros(4, dtype=bool)))
    assert scores.auc(np.array([1.0, np.nan, 0.0]), np.array([True, True, False])) == 1.0


def test_auc_within_people_never_compares_two_people() -> None:
    """Pooled, the score would look perfect the wrong way; within each person it is right."""
    tired = {"score": np.array([2.0, 1.0]), "low": np.array([1.0, 0.0])}
    fresh = {"score": np.array([12.0, 11.0, 10.0]), "low": np.array([1.0, 0.0, 0.0])}
    assert scores.auc_within([tired, fresh], "score", lambda one: one["low"] > 0.5) == 1.0


def test_rank_correlation_is_that_of_spearman() -> None:
    x = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0])
    y = np.array([2.0, 1.0, 4.0, 3.0, 6.0, 5.0, 8.0, 7.0, 10.0, 9.0])
    assert scores.rank_correlation(x, y) == pytest.approx(1 - 6 * 10 / (10 * 99))
    assert np.isnan(scores.rank_correlation(x[:9], y[:9]))
    assert np.isnan(scores.rank_correlation(x, np.ones(10)))


def test_intervals_are_the_same_on_every_run_and_hold_what_was_found() -> None:
    dice = np.random.default_rng(0)
    people = [{"x": dice.normal(1.0, 1.0, 60)} for _ in range(6)]

    def mean(some: list[dict[str, np.ndarray]]) -> dict[str, float]:
        return {"mean": float(np.mean([one["x"].mean() for one in some]))}

    first, second = (scores.with_intervals(people, mean, draws=200)["mean"] for _ in range(2))  # type: ignore[arg-type]
    assert first == second
    assert first.low < first.found < first.high
    assert 0.1 < first.high - first.low < 0.6


@pytest.mark.parametrize(("met", "of", "share"), [(0, 8, 0.3123), (1, 8, 0.4707), (8, 8, 1.0)])
def test_the_largest_share_that_goes_with_what_was_seen(met: int, of: int, share: float) -> None:
    assert scores.most_people(met, of) == pytest.approx(share, abs=5e-4)


def low_days(text: str) -> tuple[np.ndarray, np.ndarray]:
    """A diary: L low, o another answer, . none."""
    return np.array([c == "L" for c in text]), np.array([c != "." for c in text])


@pytest.mark.parametrize(
    ("diary", "expected"),
    [
        ("oLLLLLLLo", [(1, 7)]),
        ("oLLLLLLo", []),
        ("oLLLoLLLLo", []),
        ("oLL..LLLo", [(1, 7)]),
        ("oLLL...LLLo", []),
        ("LLLLLLLLLL", [(0, 9)]),
        ("LLLLLLL...LLLLLLL", [(0, 6), (10, 16)]),
    ],
)
def test_a_long_low_stretch_is_a_week_of_nothing_but_low_answers(diary: str, expected: list[tuple[int, int]]) -> None:
    low, answered = low_days(diary)
    assert [(one.first, one.last) for one in alarms.stretches(low, answered)] == expected


def test_alarms_at_most_a_week_apart_are_one() -> None:
    flag = np.zeros(40, dtype=bool)
    flag[[3, 4, 11, 19]] = True
    assert [(one.first, one.last) for one in alarms.spells(flag)] == [(3, 11), (19, 19)]


def test_a_number_of_the_model_is_changed_for_a_while_only() -> None:
    from freshlegs.fatigue import posterior  # noqa: F401  (the model that reads the table)

    shipped = PARAMETERS.window, PARAMETERS.hash, PARAMETERS.emissions.copy()
    row = [0.1, 0.2, 0.3, 0.4]
    with sensitivity.changed({"chain.window": 7.0, "emissions.low_energy": row, "decision.watch_d": 2}):
        assert PARAMETERS.window == 7.0
        assert PARAMETERS.whole("decision.watch_d") == 2
        assert row in PARAMETERS.emissions.tolist()
    assert (PARAMETERS.window, PARAMETERS.hash) == shipped[:2]
    assert np.array_equal(PARAMETERS.emissions, shipped[2])
    with pytest.raises(KeyError), sensitivity.changed({"chain.no_such_number": 1.0}):
        pass


def test_every_change_can_be_made() -> None:
    seen = set()
    for name, values in sensitivity.variants({"low_energy"}):
        with sensitivity.changed(values):
            assert {key: PARAMETERS[key] for key in values} == values, name
        seen.add(name)
    assert "emissions.low_energy, excessive +0.10" in seen
    assert "decision.watch_p -20%" in seen
    assert not any("soreness," in name for name in seen)


def test_a_session_in_diary_and_watch_is_one() -> None:
    start = datetime(2026, 5, 4, 17, tzinfo=UTC)
    watched = [{"start_utc": start, "moving_s": 3000.0, "elapsed_s": 3600.0}]
    told = [
        {"start_utc": start + timedelta(minutes=10), "moving_s": 2700.0, "elapsed_s": 2700.0, "rpe": 6.0},
        {"start_utc": start + timedelta(hours=5), "moving_s": 1800.0, "elapsed_s": 1800.0, "rpe": 3.0},
    ]
    found = watch_files.merged(told, watched)
    assert [row["rpe"] for row in found] == [6.0, 3.0]
    assert found[0]["moving_s"] == 3000.0
