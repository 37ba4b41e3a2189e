"""The forecast on real people's diaries, each with weights that have not seen them. Nothing is claimed beyond this."""

from pathlib import Path
from typing import Any

import pytest
from validation.rules import ahead_without_self, table

from validation import ceiling, people, tomorrow


@pytest.fixture(scope="module")
def found(diaries: Path) -> dict[str, Any]:
    days = people.everybody(diaries)
    ahead = ahead_without_self(days, 1)
    rows = table(days, ahead)
    nothing = {question: dict.fromkeys(tomorrow.RULES, float("nan")) for question in tomorrow.QUESTIONS}
    return {
        "ceiling": ceiling.measured(rows, days, 2),
        "scores": tomorrow.scores(rows, nothing, draws=20),
        "honest": tomorrow.calibration(rows, ahead, horizons=1),
    }


def test_tomorrow_is_told_better_than_by_chance_and_no_worse_than_by_an_average(found: dict[str, Any]) -> None:
    assert found["scores"]["mornings"] > 500
    for question in tomorrow.QUESTIONS:
        rules = found["scores"][question]["rules"]
        assert rules["p_tired"]["auc"][0] > 0.58
        assert rules["p_tired"]["auc"][0] >= rules["ewma"]["auc"][0]
        assert rules["constant"]["auc"][0] == 0.5


def test_the_probability_and_the_spread_are_true(found: dict[str, Any]) -> None:
    honest = found["honest"]
    first = honest["days_ahead"][0]
    assert first["told"] == pytest.approx(first["came"], abs=0.03)
    assert first["brier"] < first["brier_rate_so_far"]
    assert 0.62 < honest["within_one_sd"] < 0.82
    for lot in honest["reliability"]:
        assert lot["told"] == pytest.approx(lot["came"], abs=0.10)


def test_everything_known_tells_no_more_of_other_people_than_the_forecast(found: dict[str, Any]) -> None:
    for question in tomorrow.QUESTIONS:
        one = found["ceiling"][question]
        assert one["of_others"] <= one["forecast"] + 0.02
        assert one["nothing_by_heart"] > 0.55  # fifty numbers learn even random mornings by heart
        assert one["by_heart"] > one["nothing_by_heart"]
