"""Causes confirmed and rejected, the gates asked once, and a look ahead: through the diary."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.clocks import ASKED, Clock

import freshlegs as fl
from freshlegs.fatigue import evaluate
from freshlegs.fatigue.decision import INSUFFICIENT
from freshlegs.fatigue.returning import chances, returning
from freshlegs.synthetic.stories import Phase, tell

DAY = timedelta(days=1)
START = date(2026, 1, 5)
WORN = {"energy": -3.0, "leg_freshness": -3.0, "soreness": 3.0, "stress": 3.0}
LAST = START + 59 * DAY


@pytest.fixture
def clock() -> Clock:
    return Clock(LAST)


@pytest.fixture
def diary(tmp_path: Path, clock: Clock) -> Iterator[fl.Diary]:
    """Two months told on the last morning, the last ten days worn."""
    with fl.Diary.open(tmp_path / "home", now=clock) as opened:
        for row in tell(Phase(50, answered=1.0), Phase(10, answered=1.0, feels=WORN), start=START, seed=5).iter_rows(
            named=True
        ):
            opened.check_in(row["date"], **{name: row[name] for name in ASKED})
        yield opened


# --- causes -----------------------------------------------------------------------------------------------


def cause(document: dict, name: str) -> dict:
    return next(one for one in document["causes"] if one["cause"] == name)


def test_a_cause_is_confirmed_remembered_and_final_with_its_morning(diary: fl.Diary, clock: Clock) -> None:
    before = diary.today()
    clock.at(LAST, 9)
    diary.confirm_cause("diet")
    told = diary.today()
    assert cause(told, "diet")["score"] > cause(before, "diet")["score"]
    assert "you confirmed this" in cause(told, "diet")["why"]
    assert sum(one["share"] for one in told["causes"]) == pytest.approx(1)
    assert told["probabilities"] == before["probabilities"]
    clock.at(LAST + DAY, 9)
    diary.reject_cause("diet")
    assert cause(diary.today(LAST), "diet") == cause(told, "diet")
    assert cause(diary.today(), "diet")["answer"] == "rejected"
    diary.forget_cause("diet")
    assert cause(diary.today(), "diet")["answer"] is None
    assert [one["cause"] for one in diary.causes()] == [one["cause"] for one in diary.today()["causes"]]
    with pytest.raises(fl.FreshlegsError, match="no cause"):
        diary.confirm_cause("weather")


def test_a_confirmed_cause_leads_to_its_advice(diary: fl.Diary) -> None:
    diary.confirm_cause("diet")
    diary.reject_cause("stress")
    document = diary.today()
    assert document["causes"][0]["cause"] == "diet"
    assert "diet" in {action["cause"] for action in document["actions"]}


# --- gates ------------------------------------------------------------------------------------------------


def test_open_gates_are_mentioned_on_one_day_and_never_again(diary: fl.Diary, clock: Clock) -> None:
    asked = diary.today()["ask_once"]
    assert asked["items"] == ["birth_date", "cycle", "hr_medication", "chronic_condition"]
    assert "freshlegs profile --ask" in asked["text"]
    assert diary.today()["ask_once"] == asked  # both screens of that day say the same
    diary.set_profile(hr_medication=False, formula_sex="male")
    assert diary.today()["ask_once"]["items"] == ["birth_date", "chronic_condition"]
    clock.at(LAST + DAY)
    assert diary.today()["ask_once"] is None


def test_what_was_skipped_is_not_asked_again(diary: fl.Diary) -> None:
    assert diary.today()["ask_once"] is not None
    diary.gates_asked()
    assert diary.today()["ask_once"] is None
    assert diary.gates() == ["birth_date", "cycle", "hr_medication", "chronic_condition"]


@pytest.mark.parametrize("cycle", ["pregnant", "postpartum"])
def test_pregnancy_and_a_birth_leave_cycles_out_and_refer(diary: fl.Diary, cycle: str) -> None:
    for n in range(60):
        diary.check_in(LAST - n * DAY, period_started=n == 55)
    diary.set_profile(cycle="natural")
    assert next(s for s in diary.today()["signs"] if s["sign"] == "irregular_cycles")["strength"] > 0.5
    diary.set_profile(cycle=cycle)
    document = diary.today()
    sign = next(s for s in document["signs"] if s["sign"] == "irregular_cycles")
    assert (sign["strength"], sign["why"]) == (None, "does not apply")
    assert any("midwife or doctor" in action["what"] for action in document["actions"])


def test_heart_medication_leaves_heart_rate_out(diary: fl.Diary) -> None:
    diary.set_profile(hr_medication=True)
    sign = next(s for s in diary.today()["signs"] if s["sign"] == "raised_heart_rate")
    assert sign["strength"] is None
    assert "medication" in sign["why"]


# --- ahead ------------------------------------------------------------------------------------------------


def test_the_forecast_is_that_of_the_days_and_says_its_range(diary: fl.Diary) -> None:
    document = diary.forecast(5)
    rows = fl.forecast(diary.days(), 5).filter(pl.col("date") == LAST)
    assert [day["energy_mean"] for day in document["days"]] == rows["energy_mean"].to_list()
    assert [day["date"] for day in document["days"]] == [(LAST + n * DAY).isoformat() for n in range(1, 6)]
    assert "not a prediction" in document["range"]
    assert document["usual"]["tired_at"] < document["usual"]["energy"]
    assert document["fresh_again"] is None
    assert document["why"] is None


def test_without_enough_answers_it_says_why_not(tmp_path: Path) -> None:
    with fl.Diary.open(tmp_path / "new") as diary:
        assert "0 of the 14" in diary.forecast()["why"]
        assert diary.forecast()["days"] == []
        assert diary.forecast(load="rest")["fresh_again"]["p"] is None


def test_fresh_again_is_likelier_later_and_says_it_is_a_simulation(diary: fl.Diary) -> None:
    again = diary.forecast(load=[60, 0, 80, 0, 60, 90, 0])["fresh_again"]
    chance = [day["p_no_sign"] for day in again["days"]]
    assert chance == sorted(chance)
    assert 0 < chance[0] < chance[-1] < 1
    assert again["simulation"] is True
    assert "simulation" in again["text"]
    for day in again["days"]:
        assert day["beyond_normal_if_signs_go"] <= day["beyond_normal_if_signs_stay"]


@pytest.mark.parametrize("days", [0, 29, 2.5])
def test_days_ahead_that_cannot_be_are_refused(diary: fl.Diary, days: float) -> None:
    with pytest.raises(fl.FreshlegsError, match="1 to 28"):
        diary.forecast(days)  # type: ignore[arg-type]


@pytest.mark.parametrize("load", ["easy", [], [-1.0], [float("nan")]])
def test_loads_that_cannot_be_are_refused(diary: fl.Diary, load: object) -> None:
    with pytest.raises(fl.FreshlegsError, match="load"):
        diary.forecast(load=load)  # type: ignore[arg-type]


def test_rest_ends_a_bad_state_no_slower_than_hard_weeks() -> None:
    days = tell(Phase(90), Phase(30, feels=WORN, form=-4.0, harder=0.8), seed=4)
    day = days["date"][-1]
    rest, hard = (returning(days, "me", day, [load] * 7) for load in (0.0, 160.0))
    assert rest is not None
    assert hard is not None
    assert rest.p_gone == hard.p_gone
    assert rest.beyond_if_gone[-1] < hard.beyond_if_gone[-1]


def test_chances_look_at_nothing_after_the_morning_and_fall_with_strength() -> None:
    (found,) = evaluate(tell(Phase(60), Phase(20, feels=WORN), Phase(30), seed=9))
    strength, spoken = found.signs.strength[0], found.decision.state[0] != INSUFFICIENT
    t = 75
    now, _ = chances(strength, spoken, t, 5)
    changed = strength.copy()
    changed[t + 1 :] = 0.0
    assert np.array_equal(chances(changed, spoken, t, 5)[0], now)
    stronger = strength.copy()
    stronger[t] = 1.0
    assert (chances(stronger, spoken, t, 5)[0] < now).all()
    quiet = strength.copy()
    quiet[t] = 0.1
    assert chances(quiet, spoken, t, 5)[0].tolist() == [1.0] * 5
