"""The first day, told from memory: a provisional verdict that says so and gives way to the mornings."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.clocks import Clock

import freshlegs as fl
from freshlegs import vocabulary as v
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.synthetic.stories import Phase, tell

DAY = timedelta(days=1)
MONDAY = date(2026, 5, 4)
PICTURE = ("soreness", "heavy_legs", "low_energy", "performance_decline", "manageable_level", "mood_swings")


@pytest.fixture
def clock() -> Clock:
    return Clock(MONDAY)


@pytest.fixture
def diary(tmp_path: Path, clock: Clock) -> Iterator[fl.Diary]:
    with fl.Diary.open(tmp_path / "home", now=clock) as opened:
        yield opened


def told(days: int, signs: tuple[str, ...] = PICTURE) -> dict[str, date]:
    return dict.fromkeys(signs, MONDAY - days * DAY)


def test_the_longer_the_picture_has_lasted_the_worse_it_is(diary: fl.Diary) -> None:
    states, beyond = [], []
    for days in (3, 28, 56):
        document = diary.interview(told(days))
        assert document["from_memory"] is True
        states.append(document["state"])
        beyond.append(document["probabilities"]["excessive"] + document["probabilities"]["possible_overtraining"])
    assert states == ["cumulative", "watch", "excessive"]
    assert beyond == sorted(beyond)


def test_the_document_says_from_memory_and_keeps_what_is_missing(diary: fl.Diary) -> None:
    assert diary.today()["from_memory"] is False
    diary.interview(told(56))
    document = diary.today()
    assert document["headline"].startswith("From memory: ")
    assert document["told_on"] == MONDAY.isoformat()
    assert sum(document["probabilities"].values()) == pytest.approx(1)
    assert document["since"] == (MONDAY - 56 * DAY).isoformat()
    assert document["unknown"]
    assert document["actions"]
    signs = {sign["sign"]: sign for sign in document["signs"]}
    assert list(signs) == list(v.SIGNS)
    heavy, gut = signs["heavy_legs"], signs["gut_trouble"]
    assert (heavy["strength"], heavy["quality"], heavy["basis"]) == (0.9, 0.4, "memory")
    assert heavy["since"] == (MONDAY - 56 * DAY).isoformat()
    assert (gut["strength"], gut["since"]) == (0.1, None)
    assert {group["group"]: group["log_ratio"] for group in document["groups"]}["muscle"] > 0


def test_nothing_noticed_is_not_bad_and_never_more_than_excessive(diary: fl.Diary) -> None:
    assert diary.interview({})["state"] in ("fresh", "cumulative")
    assert diary.interview(told(400, v.SIGNS))["state"] == "excessive"


def test_signs_that_do_not_apply_stay_out(diary: fl.Diary) -> None:
    diary.set_profile(cycle="pregnant", hr_medication=True)
    document = diary.interview(told(30, v.SIGNS))
    signs = {sign["sign"]: sign["strength"] for sign in document["signs"]}
    assert signs["irregular_cycles"] is None
    assert signs["raised_heart_rate"] is None
    assert signs["heavy_legs"] == 0.9


def test_it_ends_after_two_weeks_and_can_be_taken_back(diary: fl.Diary, clock: Clock) -> None:
    diary.interview(told(56))
    clock.at(MONDAY + P.whole("memory.valid_d") * DAY)
    assert diary.today()["from_memory"] is True
    clock.at(MONDAY + (P.whole("memory.valid_d") + 1) * DAY)
    assert diary.today()["state"] == "insufficient_data"
    clock.at(MONDAY)
    diary.forget_interview()
    assert diary.today()["state"] == "insufficient_data"


def test_mornings_take_its_place(diary: fl.Diary, clock: Clock) -> None:
    diary.interview(told(56))
    beyond = []
    for row in tell(Phase(16, answered=1.0), start=MONDAY, seed=3).iter_rows(named=True):
        clock.at(row["date"])
        diary.check_in(row["date"], **{item: row[item] for item in ("energy", "leg_freshness", "soreness", "mood")})
        document = diary.today()
        if document["from_memory"]:
            beyond.append(document["probabilities"]["excessive"])
            energy = next(sign for sign in document["signs"] if sign["sign"] == "low_energy")
    assert len(beyond) >= 10
    assert beyond[-1] < beyond[0] - 0.1  # good mornings speak against what was told
    assert energy["basis"] == "asked"
    assert document["from_memory"] is False
    assert document["state"] != "insufficient_data"


def test_the_verdict_of_that_day_is_final_like_any_other(diary: fl.Diary, clock: Clock) -> None:
    diary.today()
    clock.at(MONDAY, 8)
    diary.interview(told(56))
    clock.at(MONDAY + 3 * DAY)
    assert diary.today(MONDAY)["state"] == "excessive"
    diary.interview({})
    assert diary.today(MONDAY)["state"] == "excessive"
    assert diary.today()["state"] != "excessive"
    assert diary.today(MONDAY - DAY)["state"] == "insufficient_data"  # nobody had told anything then


@pytest.mark.parametrize(
    ("since", "why"),
    [
        ({"tired": MONDAY}, "no sign 'tired'"),
        ({"heavy_legs": MONDAY + DAY}, "not a day"),
        ({"heavy_legs": "some time ago"}, "first day of heavy_legs"),
    ],
)
def test_what_cannot_be_told_is_refused(diary: fl.Diary, since: dict, why: str) -> None:
    with pytest.raises(fl.FreshlegsError, match=why):
        diary.interview(since)
    assert diary.today()["from_memory"] is False


def test_the_two_worst_stretches_of_the_past_are_asked_about(tmp_path: Path) -> None:
    worn = {"energy": -3.0, "leg_freshness": -3.0, "soreness": 3.0, "mood": -3.0, "sleep_quality": -3.0}
    days = tell(
        Phase(60), Phase(21, feels=worn), Phase(60), Phase(28, feels=worn), Phase(60), start=date(2025, 6, 2), seed=6
    )
    last = days["date"][-1]
    clock = Clock(MONDAY)
    clock.at(last)
    with fl.Diary.open(tmp_path / "long", now=clock) as diary:
        for row in days.iter_rows(named=True):
            answers = {item: row[item] for item in (*worn, "relax", "wish_to_run") if row[item] is not None}
            if answers:
                diary.check_in(row["date"], **answers)
        found = diary.stretches()
        assert len(found) == 2
        for one, low in zip(found, (60, 141), strict=True):
            first, until = (date.fromisoformat(one[key]) for key in ("date", "until"))
            assert (until - first).days >= 6
            # the sign needs its week, and fades over a week
            assert date(2025, 6, 2) + low * DAY <= first <= until <= date(2025, 6, 2) + (low + 28 + 10) * DAY
        asked = diary.today()["ask_once"]
        assert [one["date"] for one in asked["stretches"]] == [one["date"] for one in found]
        diary.answer_stretch(found[0]["date"], bad=True)
        diary.answer_stretch(found[1]["date"], bad=False)
        assert [one["answer"] for one in diary.stretches()] == ["yes", "no"]
        assert diary.labels()["record"]["stretches"] == {"yes": 1, "no": 1}
        with pytest.raises(fl.FreshlegsError, match="begins on"):
            diary.answer_stretch(last, bad=True)
