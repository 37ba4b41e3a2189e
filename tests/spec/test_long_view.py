"""The long view: the same numbers as the verdicts, told as they were told, and nothing looked up ahead."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.clocks import Clock

import freshlegs as fl
from freshlegs import tables
from freshlegs import vocabulary as v
from freshlegs.fatigue import evaluate, explain, long_view
from freshlegs.metrics.body import regularity_of_nights, sleep_regularity, sleep_states
from freshlegs.problems import WrongRequest
from freshlegs.synthetic import made_days

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def days() -> pl.DataFrame:
    return made_days(1, 200, seed=5)


def test_it_says_what_assess_and_explain_say(days: pl.DataFrame) -> None:
    found = evaluate(days)
    athlete = days["athlete"][0]
    view = long_view(found, athlete)
    verdicts = fl.assess(days)
    shared = ["date", "state", *(f"p_{s}" for s in v.CHAIN_STATES), *(f"strength_{s}" for s in v.SIGNS)]
    assert view.select(shared).equals(verdicts.select(shared))
    day = view["date"][-1]
    risk = explain(found, athlete, day)["risk"]
    last = view.row(-1, named=True)
    for name, key in (
        ("fitness_lu", "chronic_load_lu"),
        ("fatigue_lu", "acute_load_lu"),
        ("monotony", "monotony"),
        ("easy_share", "easy_share"),
        ("sleep_debt_h", "sleep_debt_h"),
        ("session_spike", "session_spike"),
    ):
        assert last[name] == risk[key], name
    usual = {one["item"]: one for one in explain(found, athlete, day)["usual"]}
    if "hr_rest_bpm" in usual:
        middle = (last["hr_rest_low_bpm"] + last["hr_rest_high_bpm"]) / 2
        assert middle == pytest.approx(usual["hr_rest_bpm"]["usual"])


def test_signs_since_are_those_of_the_verdict(days: pl.DataFrame) -> None:
    found = evaluate(days)
    athlete = days["athlete"][0]
    view = long_view(found, athlete)
    for row in view.tail(5).iter_rows(named=True):
        for sign in fl.fatigue.document(found, athlete, row["date"])["signs"]:
            since = row[f"since_{sign['sign']}"]
            assert (None if since is None else since.isoformat()) == sign["since"], sign["sign"]


def test_a_row_depends_on_its_own_and_earlier_days(days: pl.DataFrame) -> None:
    athlete = days["athlete"][0]
    whole = long_view(evaluate(days), athlete)
    part = long_view(evaluate(days.head(120)), athlete)
    for name in part.columns:
        one, other = part[name], whole.head(part.height)[name]
        if one.dtype == pl.Float64:
            assert np.allclose(one.fill_null(-1), other.fill_null(-1)), name
        else:
            assert one.equals(other), name


def test_nobody_and_nothing_is_an_empty_table() -> None:
    assert long_view([], "me").schema == tables.STORY.schema


def test_regularity_from_times_is_that_from_minutes() -> None:
    rng = np.random.default_rng(4)
    asleep, woke = rng.integers(-120, 60, 15).astype(float), rng.integers(330, 520, 15).astype(float)
    whole = sleep_regularity(sleep_states(asleep, woke), 1440)
    assert regularity_of_nights(asleep, woke, 15, 7)[-1] == pytest.approx(whole, abs=1e-9)
    asleep[3] = np.nan
    woke[3] = np.nan
    whole = sleep_regularity(sleep_states(asleep, woke), 1440)
    assert regularity_of_nights(asleep, woke, 15, 7)[-1] == pytest.approx(whole, abs=1e-9)
    assert np.isnan(regularity_of_nights(asleep[:5], woke[:5], 15, 7)).all()


# --- in a diary ---------------------------------------------------------------------------------------------------


@pytest.fixture
def clock() -> Clock:
    return Clock(date(2026, 5, 4))


@pytest.fixture
def diary(tmp_path: Path, clock: Clock) -> Iterator[fl.Diary]:
    with fl.Diary.open(tmp_path / "home", now=clock) as opened:
        yield opened


def mornings(diary: fl.Diary, first: date, days: int, **items: float) -> None:
    usual = {"energy": 7.0, "leg_freshness": 7.0, "sleep_quality": 7.0, "mood": 7.0, "soreness": 2.0} | items
    for n in range(days):
        wobble = (n % 3) - 1.0
        diary.check_in(first + n * DAY, **{name: value + 0.4 * wobble for name, value in usual.items()})


def test_a_verdict_that_was_told_stays_in_the_story(diary: fl.Diary, clock: Clock) -> None:
    """On 6 May the bad answers of early April come to light; what was told on 4 and 5 May stays."""
    mornings(diary, date(2026, 4, 1), 34)
    told = {}
    for day in (date(2026, 5, 4), date(2026, 5, 5)):
        clock.at(day)
        told[day] = diary.today()
    clock.at(date(2026, 5, 6))
    mornings(diary, date(2026, 4, 1), 33, energy=1.0, soreness=9.0, leg_freshness=1.0)
    story = {row["date"]: row for row in diary.story().iter_rows(named=True)}
    for day, document in told.items():
        assert story[day]["state"] == document["state"]
        assert story[day]["p_excessive"] == pytest.approx(document["probabilities"]["excessive"])
        assert story[day]["retrospective"] is False
    assert story[date(2026, 4, 20)]["retrospective"] is True


def test_the_story_follows_every_change(diary: fl.Diary, clock: Clock) -> None:
    assert diary.story().is_empty()
    diary.check_in(date(2026, 5, 4), energy=6, note="one")
    assert diary.events()["text"].to_list() == ["one"]
    diary.check_in(date(2026, 5, 4), energy=7, note="two")
    assert diary.events()["text"].to_list() == ["two"]
    assert diary.undo_check_in()
    assert diary.events()["text"].to_list() == ["one"]
    diary.set_profile(sleep_need_h=8.5)
    assert diary.story()["sleep_need_h"].to_list() == [8.5]
    diary.set_profile(sleep_need_h=7.0)
    assert diary.story()["sleep_need_h"].to_list() == [7.0]
    with fl.Diary.open(diary.home, now=clock) as other:  # another program
        other.set_profile(sleep_need_h=9.0)
    assert diary.story()["sleep_need_h"].to_list() == [9.0]
    clock.at(date(2026, 5, 5))
    assert diary.story()["date"][-1] == date(2026, 5, 5)


def test_what_marks_the_days(diary: fl.Diary) -> None:
    diary.check_in(date(2026, 5, 2), ill="fever", note="stayed in bed")
    diary.check_in(date(2026, 5, 3), ill="none")
    diary.set_profile(new_normal_since=date(2026, 5, 1))
    assert diary.events().rows() == [
        (date(2026, 5, 1), "change", "a new normal begins"),
        (date(2026, 5, 2), "ill", "fever"),
        (date(2026, 5, 2), "note", "stayed in bed"),
    ]


def test_what_was_done_and_what_was_eased_marks_its_day(diary: fl.Diary) -> None:
    day = date(2026, 5, 4)
    diary.check_in(day, ill="fever")
    diary.today()
    diary.mark_action("keep_sleep", "done", day)
    diary.add_session(day, "intervals", duration_s=3600.0)
    diary.adapt_plan()
    diary.accept_plan()
    texts = {text for on, kind, text in diary.events().rows() if on == day and kind in ("action", "change")}
    assert any(text.startswith("done: ") for text in texts)
    assert any(text.startswith("plan eased: proposal 1: 1 of 1") for text in texts)
    diary.undo_plan()
    diary.mark_action("keep_sleep", "skipped", day)
    assert not [text for _, _, text in diary.events().rows() if text.startswith(("done", "plan eased"))]


def test_an_empty_diary_has_charts_that_say_so(diary: fl.Diary) -> None:
    assert diary.story().is_empty()
    assert diary.chart("story").says == "From 4 November 2025 to 4 May 2026 nothing is known."
    for name in ("story", "nights", "signs", "balance", "evidence"):
        assert diary.chart(name).svg().startswith("<svg ")


def test_charts_refuse_what_cannot_be(diary: fl.Diary) -> None:
    for call, words in (
        (lambda: diary.chart("pie"), "there is no chart 'pie'; there are story, nights"),
        (lambda: diary.chart("story", "2026-05-03", "2026-05-01"), "cannot begin on 2026-05-03 and end on 2026-05-01"),
        (lambda: diary.chart("story", last="2026-06-01"), "lies in the future"),
        (lambda: diary.chart("run"), "the chart run needs a run"),
        (lambda: diary.chart("track", run="abc"), "there is no run 'abc'"),
    ):
        with pytest.raises(WrongRequest, match=words):
            call()
