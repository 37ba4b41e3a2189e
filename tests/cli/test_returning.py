"""``return`` and the rest test from the command line."""

from datetime import date, timedelta
from pathlib import Path

import pytest

import freshlegs as fl

from .conftest import Run

TODAY = date.today()


def test_without_a_way_back_it_says_so(run: Run) -> None:
    said = run("return")
    assert (said.code, "No way back is under way" in said.out) == (0, True)
    assert run("return", "--json").document["way_back"] is None


def test_a_way_back_is_begun_shown_and_stopped(run: Run) -> None:
    run("checkin", "energy=6", "leg_freshness=6")
    said = run("return", "start", "overtraining")
    assert "Step 1 of 6 on the way back after possible overtraining" in said.out
    assert "Moves back" in said.out
    assert run("today", "--json").document["way_back"]["step"] == 1
    assert "No way back" in run("return", "stop").out


@pytest.mark.parametrize(
    ("words", "says"),
    [(("strt",), "did you mean start?"), (("start",), "after what?"), (("start", "flu"), "not 'flu'")],
)
def test_slips_are_answered_in_a_sentence(run: Run, words: tuple[str, ...], says: str) -> None:
    said = run("return", *words)
    assert said.code == 2
    assert says in said.err


def test_a_rest_test_is_taken_up_and_asked_about(run: Run, tmp_path: Path) -> None:
    before = TODAY - timedelta(days=2)
    run("checkin", "--date", str(before), "energy=4")
    assert "taken up" in run("action", "accept", "watch_rest_test", "--date", str(before)).out
    question = run("today", "--json").document["next_question"]
    assert question["item"] == "rest_test"
    assert run("action", "accept", "nap").code == 2
    with fl.Diary.open(tmp_path / "home") as diary:
        assert diary.rest_test_due()
    assert run("checkin", "rest_test=not_back").code == 0
    assert run("today", "--json").document["rest_test"]["outcome"] == "not_back"
    with fl.Diary.open(tmp_path / "home") as diary:
        assert not diary.rest_test_due()
