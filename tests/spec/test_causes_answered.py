"""What the runner says of a cause counts, fades, and leaves the shares whole."""

from datetime import timedelta

import pytest

from freshlegs import fatigue
from freshlegs import vocabulary as v
from freshlegs.fatigue.causes import Said
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.synthetic.stories import Phase, tell


@pytest.fixture(scope="module")
def story() -> tuple:
    days = tell(Phase(60), Phase(21, sleep_h=-1.5, feels={"stress": 3.0}), seed=4)
    return fatigue.evaluate(days), days["date"].max()


def causes(story: tuple, *said: Said, later: int = 0) -> dict:
    found, last = story
    written = fatigue.document(found, "me", last - timedelta(days=later), answers=said)["causes"]
    assert sum(cause["share"] for cause in written) == pytest.approx(1)
    assert {cause["cause"] for cause in written} == set(v.CAUSES)
    return {cause["cause"]: cause for cause in written}


def test_confirmed_goes_up_rejected_goes_down_and_it_is_said(story: tuple) -> None:
    last = story[1]
    plain = causes(story)
    told = causes(story, Said("diet", "confirmed", last), Said("sleep", "rejected", last))
    assert told["diet"]["score"] == pytest.approx(1 - (1 - plain["diet"]["score"]) * (1 - P.number("causes.confirmed")))
    assert told["sleep"]["score"] == pytest.approx(plain["sleep"]["score"] * (1 - P.number("causes.rejected")))
    assert told["stress"]["score"] == plain["stress"]["score"]
    assert "you confirmed this" in told["diet"]["why"]
    assert (told["sleep"]["answer"], told["sleep"]["answered_on"]) == ("rejected", last.isoformat())
    assert plain["sleep"]["answer"] is None


def test_an_answer_fades_ends_and_does_not_look_back(story: tuple) -> None:
    last = story[1]
    plain, now, old, over, not_yet = (
        causes(story, *said)["diet"]["score"]
        for said in (
            (),
            (Said("diet", "confirmed", last),),
            (Said("diet", "confirmed", last - timedelta(days=20)),),
            (Said("diet", "confirmed", last - timedelta(days=P.whole("causes.answered_d") + 1)),),
            (Said("diet", "confirmed", last + timedelta(days=1)),),
        )
    )
    assert now > old > plain == over == not_yet


def test_the_last_answer_counts(story: tuple) -> None:
    last = story[1]
    both = causes(story, Said("diet", "confirmed", last - timedelta(days=3)), Said("diet", "rejected", last))
    assert both["diet"]["answer"] == "rejected"
    said = Said("diet", "confirmed", last - timedelta(days=3)), Said("diet", "forgotten", last)
    assert causes(story, *said) == causes(story)


def test_the_state_does_not_move(story: tuple) -> None:
    found, last = story
    plain = fatigue.document(found, "me", last)
    told = fatigue.document(found, "me", last, answers=[Said("sleep", "rejected", last)])
    assert told["probabilities"] == plain["probabilities"]
    assert told["state"] == plain["state"]
