"""The chain that `explain` prints adds up to the verdict."""

import json
import math
from datetime import timedelta

import pytest

from freshlegs import fatigue
from freshlegs import vocabulary as v
from freshlegs.synthetic import made_days
from freshlegs.synthetic.stories import Phase, tell

WORN = {"energy": -3.0, "leg_freshness": -3.0, "soreness": 3.0, "sleep_quality": -2.0, "mood": -2.0}


@pytest.fixture(scope="module")
def story() -> tuple[list[fatigue.Assessment], list[dict]]:
    days = tell(Phase(60), Phase(30, feels=WORN, form=-5.0, harder=0.9, effort=1.5, hard_day=1.8), seed=3)
    found = fatigue.evaluate(days)
    first, last = days["date"].min(), days["date"].max()
    mornings = [first + timedelta(days=n) for n in (0, 20, 65, 75, (last - first).days)]
    return found, [fatigue.explain(found, "me", day) for day in mornings]


def test_evidence_times_belief_gives_the_verdict(story: tuple) -> None:
    for chain in story[1]:
        belief = chain["belief"]
        weighed = {s: belief["carried_to_today"][s] * math.exp(belief["log_likelihood"][s]) for s in v.CHAIN_STATES}
        total = sum(weighed.values())
        for state in v.CHAIN_STATES:
            assert belief["today"][state] == pytest.approx(weighed[state] / total, abs=1e-9)


def test_the_branch_that_speaks_gives_the_strength(story: tuple) -> None:
    for chain in story[1]:
        for sign in chain["signs"]:
            spoken = [b for b in sign["branches"] if b["speaks"]]
            if sign["strength"] is None:
                assert not spoken
            else:
                (branch,) = spoken
                assert sign["strength"] == pytest.approx(0.5 + branch["weight"] * (branch["strength"] - 0.5))


def test_all_conditions_met_is_excessive_and_none_is_not(story: tuple) -> None:
    last = story[1][-1]
    assert last["state"] == "excessive"
    assert all(condition["met"] for condition in last["decision"])
    assert not all(condition["met"] for condition in story[1][1]["decision"])


def test_every_step_is_plain_json_and_the_usual_stands_beside_the_week(story: tuple) -> None:
    for chain in story[1]:
        assert json.loads(json.dumps(chain, allow_nan=False)) == chain
    energy = next(entry for entry in story[1][-1]["usual"] if entry["item"] == "energy")
    assert energy["usual"] > max(energy["last_7_days"])
    assert all(energy["bad"])


def test_the_chain_is_the_same_alone_and_among_many() -> None:
    # Where many are judged together the slow anchor is worked out on the days alone on which a verdict may rest on it.
    days = made_days(20, 80, seed=5)
    together = fatigue.evaluate(days)
    for (athlete,), own in days.partition_by("athlete", as_dict=True).items():
        day = own["date"].max() - timedelta(days=3)
        alone = fatigue.explain(fatigue.evaluate(own), athlete, day)
        assert fatigue.explain(together, athlete, day) == alone
        assert all(entry["slow_anchor"] is not None for entry in alone["usual"] if entry["item"] == "energy")


def test_a_day_that_is_not_there_is_a_key_error(story: tuple) -> None:
    found, chains = story
    with pytest.raises(KeyError):
        fatigue.explain(found, "somebody else", found[0].panel.day(0, 0))
    assert chains
