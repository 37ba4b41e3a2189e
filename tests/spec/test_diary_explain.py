"""The explanation of a morning knows what that morning knew, and says what came too late for it."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.clocks import ASKED, Clock

import freshlegs as fl
from freshlegs import vocabulary as v
from freshlegs.store import KeptVerdict
from freshlegs.synthetic.stories import Phase, tell

DAY = timedelta(days=1)
START = date(2026, 1, 5)
LAST = START + 44 * DAY


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


@pytest.fixture
def diary(tmp_path: Path, clock: Clock) -> Iterator[fl.Diary]:
    """Forty-five mornings, each told on its own."""
    with fl.Diary.open(tmp_path / "home", now=clock) as opened:
        for row in tell(Phase(45, answered=1.0), start=START, seed=5).iter_rows(named=True):
            clock.at(row["date"])
            opened.check_in(row["date"], **{name: row[name] for name in ASKED})
        yield opened


def test_the_steps_lead_to_the_verdict_of_that_morning(diary: fl.Diary) -> None:
    for day in (None, LAST, LAST - 7 * DAY):
        chain, verdict = diary.explain(day), diary.today(day)
        assert chain["state"] == verdict["state"]
        assert chain["belief"]["today"] == pytest.approx(verdict["probabilities"])
        assert chain["agrees"]
        assert {"usual", "signs", "groups", "risk", "belief", "decision", "rules"} <= set(chain)
        assert json.loads(json.dumps(chain, allow_nan=False)) == chain
    energy = next(entry for entry in diary.explain()["usual"] if entry["item"] == "energy")
    assert energy["last_7_days"] == diary.checkins()["energy"].to_list()[-7:]


def test_late_answers_are_said_and_rewrite_nothing(diary: fl.Diary, clock: Clock) -> None:
    day = LAST - 3 * DAY
    before = diary.explain(day)
    assert before["late"] is None
    clock.at(LAST, 20)
    for n in range(14):  # two weeks of other answers come in after all
        diary.check_in(day - n * DAY, energy=0, leg_freshness=0, soreness=10, mood=0, sleep_quality=0)
    after = diary.explain(day)
    assert {key: value for key, value in after.items() if key != "late"} == {
        key: value for key, value in before.items() if key != "late"
    }
    late = after["late"]
    assert late["changes"] is True
    assert late["came"] == {"answer": 14}
    assert late["beyond_normal"] > before["belief"]["today"]["excessive"] + 0.01
    assert "would change this" in late["text"]
    assert "stays" in late["text"]
    assert diary.today(day)["state"] == before["state"]


def test_what_came_late_and_changes_nothing_is_said_to(diary: fl.Diary, clock: Clock) -> None:
    clock.at(LAST, 20)
    diary.check_in(LAST - 3 * DAY, note="forgot to write that it rained")
    late = diary.explain(LAST - 3 * DAY)["late"]
    assert (late["changes"], late["came"]) == (False, {"answer": 1})
    assert diary.explain(LAST - 4 * DAY)["late"] is None


def test_a_verdict_of_an_older_program_is_not_claimed_to_follow(diary: fl.Diary) -> None:
    day = LAST - 2 * DAY
    told = dict(diary.today(day)) | {"state": "excessive"}
    kept = diary._store.verdicts(day, day)[day]
    diary._store.keep_verdicts([KeptVerdict(day, json.dumps(told, default=str), kept.made_utc)])
    chain = diary.explain(day)
    assert chain["agrees"] is False
    assert chain["shown"]["state"] == "excessive"
    assert chain["state"] != "excessive"


def test_days_with_nothing_known_and_days_to_come(diary: fl.Diary, clock: Clock) -> None:
    chain = diary.explain(START - 5 * DAY)
    assert chain["state"] == "insufficient_data"
    assert chain["usual"] == []
    assert chain["retrospective"] is True
    with pytest.raises(fl.FreshlegsError, match="future"):
        diary.explain(LAST + DAY)
    assert {sign["sign"] for sign in diary.explain(START)["signs"]} == set(v.SIGNS)
