"""What became of advice, and whether it helped: marked, looked back at, suggested less, never rewriting a verdict."""

import json
import zipfile
from datetime import UTC, date, datetime, time, timedelta

import polars as pl
import pytest
from tests.clocks import Clock

import freshlegs as fl
from freshlegs import tables
from freshlegs import vocabulary as v
from freshlegs.problems import NothingDone, WrongRequest
from freshlegs.recovery import Mark, Past, complete
from freshlegs.recovery.actions import table
from freshlegs.recovery.tracking import effects, habit_effects

DAY = timedelta(days=1)
TODAY = date(2026, 5, 5)


def days(count, **columns):
    """Days that end today; a list gives the last days of a column, oldest first."""
    rows = [{"athlete": "me", "date": TODAY - (count - 1 - i) * DAY, "load_lu": 40.0} for i in range(count)]
    for name, values in columns.items():
        for row, value in zip(rows[-len(values) :], values, strict=True):
            row[name] = value
    return tables.DAYS.frame(rows)


def verdict(state="watch", **shares):
    return {
        "athlete": "me",
        "date": TODAY.isoformat(),
        "state": state,
        "probabilities": {},
        "since": "2026-04-30",
        "signs": [{"sign": s, "strength": 0.9 if s == "poor_sleep" else 0.4} for s in v.SIGNS],
        "causes": [{"cause": c, "share": shares.get(c, 0.0)} for c in v.CAUSES],
        "rules": [],
        "unknown": [],
    }


def ids(document):
    return [action["id"] for action in document["actions"]]


def marked(action, answer, *ago):
    return [Mark(action, TODAY - n * DAY, answer) for n in ago]


EVERY_OTHER = range(1, 43, 2)
"""Days ago on which it was done: yesterday, three days ago …; the mornings after are today, two days ago …"""


def slept(with_it, without, count=70):
    """Sleep quality by whether the day before was one of `EVERY_OTHER`, with a little wobble of its own."""
    wobble = [0.3, -0.4, 0.1, 0.5, -0.2, -0.3, 0.0]
    return [(with_it if n + 1 in EVERY_OTHER else without) + wobble[n % 7] for n in range(count - 1, -1, -1)]


# ------------------------------------------------------------------ did it help


def test_an_action_after_whose_days_sleep_was_better_is_said_to_help():
    past = Past(days(70, sleep_quality=slept(7.0, 5.0)))
    (one,) = effects(past, marked("sleep_extension", "done", *EVERY_OTHER), TODAY)
    assert (one.finding, one.sign, one.item) == ("better", "poor_sleep", "sleep_quality")
    assert one.low > 0
    assert one.low < 2.0 < one.high + 0.3
    assert "better by about" in one.text
    assert "95 % interval" in one.text


def test_no_difference_is_said_and_such_an_action_comes_last():
    nights = days(70, sleep_quality=slept(6.0, 6.0), sleep_s=[6.2 * 3600] * 70, fell_asleep_min=[-30.0] * 70)
    marks = marked("sleep_extension", "done", *EVERY_OTHER)
    (one,) = effects(Past(nights), marks, TODAY)
    assert one.finding == "no_difference"
    before = complete(verdict(sleep=1.0), nights)
    after = complete(verdict(sleep=1.0), nights, marks=marks)
    assert "sleep_extension" in ids(before)
    assert "sleep_extension" not in ids(after)
    assert any(action["cause"] == "sleep" for action in after["actions"])


def test_worse_after_it_is_said_too():
    (one,) = effects(Past(days(70, sleep_quality=slept(4.0, 6.5))), marked("nap", "done", *EVERY_OTHER), TODAY)
    assert one.finding == "worse"
    assert one.high < 0


def test_more_soreness_is_worse():
    """Of an answer where ten is the worst, less is better."""
    past = Past(days(70, soreness=slept(2.0, 5.0)))
    (one,) = effects(past, marked("foam_rolling", "done", *EVERY_OTHER), TODAY)
    assert (one.item, one.finding) == ("soreness", "better")


@pytest.mark.parametrize(
    ("done", "says"),
    [
        ([1, 3, 5], "ask again in 9 days"),
        ([1, 3, 20], "3 mornings after a day with it so far, 6 of each are needed"),
    ],
)
def test_too_early_says_what_is_missing(done, says):
    past = Past(days(70, sleep_quality=slept(8.0, 2.0)))
    (one,) = effects(past, marked("sleep_extension", "done", *done), TODAY)
    assert one.finding == "too_early"
    assert one.difference is None
    assert says in one.text


def test_what_gets_better_by_itself_is_not_put_down_to_the_action():
    """A bad spell lifts over three weeks, and the action was done on every day of it: no day to compare with."""
    rising = [6.0] * 40 + [2.0 + 4.0 * n / 20 for n in range(21)] + [6.0] * 9
    past = Past(days(70, sleep_quality=rising))
    (one,) = effects(past, marked("sleep_extension", "done", *range(8, 30)), TODAY)
    assert one.finding != "better"


def test_an_action_that_shows_after_weeks_is_not_judged_by_mornings():
    (one,) = effects(Past(days(70, energy=[6.0] * 70)), marked("strength_two", "done", *EVERY_OTHER), TODAY)
    assert (one.finding, one.item) == ("too_early", None)


def test_nothing_later_than_the_day_is_looked_at():
    whole = days(70, sleep_quality=slept(7.0, 5.0))
    marks, early = marked("sleep_extension", "done", *EVERY_OTHER), TODAY - 10 * DAY
    cut = whole.filter(pl.col("date") <= early)
    assert effects(Past(whole), marks, early) == effects(Past(cut), [m for m in marks if m.on <= early], early)


def test_a_logged_habit_is_looked_at_on_its_own_morning():
    kept = [["cool_room"] if n % 2 else [] for n in range(60)]
    quality = [(7.0 if n % 2 else 5.0) + 0.2 * (n % 3) for n in range(60)]
    found = habit_effects(Past(days(60, sleep_habits=kept, sleep_quality=quality)), TODAY)
    assert [(one.action, one.finding) for one in found] == [("cool_room", "better")]


# ------------------------------------------------------------------ not for me


@pytest.mark.parametrize("action", [a.id for a in table() if a.role in ("cause", "extra")])
def test_what_is_not_for_this_runner_is_not_suggested_again(action):
    marks = [Mark(action, TODAY - 3 * DAY, "not_for_me")]
    for state in v.STATES:
        for cause in v.CAUSES:
            document = complete(verdict(state, **{cause: 1.0}), days(60, sleep_s=[6.0 * 3600] * 60), marks=marks)
            assert action not in ids(document)
            assert document["actions"]


def test_a_later_refusal_bears_on_no_earlier_day():
    marks = [Mark("sleep_habits", TODAY + DAY, "not_for_me")]
    assert complete(verdict(sleep=1.0), days(60), marks=marks) == complete(verdict(sleep=1.0), days(60))


# ------------------------------------------------------------------ in the diary


@pytest.fixture
def clock():
    return Clock(TODAY)


@pytest.fixture
def diary(tmp_path, clock):
    with fl.Diary.open(tmp_path / "home", now=clock) as opened:
        for n in range(40, 0, -1):
            clock.now = datetime.combine(TODAY - n * DAY, time(7), UTC)
            opened.check_in(TODAY - n * DAY, energy=6, leg_freshness=6, sleep_quality=6, mood=6, stress=4)
        clock.now = datetime.combine(TODAY, time(7), UTC)
        yield opened


def test_a_mark_stands_beside_the_verdict_and_leaves_it_as_it_is(diary):
    before = diary.today()
    first = before["actions"][0]["id"]
    diary.mark_action(first, "done")
    after = diary.today()
    assert {**after, "marks": {}} == {**before, "marks": {}}
    assert (before["marks"], after["marks"]) == ({}, {first: "done"})
    assert diary.actions()["actions"][0]["mark"] == "done"
    diary.unmark_action(first)
    assert diary.today()["marks"] == {}


def test_what_is_refused_today_goes_today_and_yesterdays_verdict_stays(diary, clock):
    yesterday = json.dumps(diary.today(TODAY - DAY)["actions"])
    gone = diary.today()["actions"][-1]["id"]
    diary.mark_action(gone, "not_for_me")
    assert gone not in ids(diary.today())
    assert json.dumps(diary.today(TODAY - DAY)["actions"]) == yesterday
    clock.now += 2 * DAY
    assert gone not in ids(diary.today())
    assert diary.actions()["not_for_me"] == [{"id": gone, "since": TODAY.isoformat()}]
    diary.unmark_action(gone)
    assert gone in ids(diary.today())


def test_marks_go_out_with_everything_else_and_come_back(diary, tmp_path):
    diary.mark_action("nap", "skipped")
    diary.export(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert archive.read("tables/actions.csv").decode().split() == ["date,action,answer", f"{TODAY},nap,skipped"]
    diary.backup(tmp_path / "saved.zip")
    with fl.Diary.open(tmp_path / "other") as other:
        other.restore(tmp_path / "saved.zip")
        assert [row["mark"] for row in other.actions(TODAY + DAY)["earlier"] if row["id"] == "nap"] == ["skipped"]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (("naps", "done"), "there is no action 'naps'"),
        (("nap", "liked"), "there are done, skipped, not_for_me"),
        (("watch_rest_test", "not_for_me"), "may be skipped, and stays"),
        (("nap", "done", TODAY + DAY), "lies in the future"),
    ],
)
def test_what_cannot_be_is_refused_in_words(diary, call, says):
    with pytest.raises(WrongRequest, match=says):
        diary.mark_action(*call)


def test_there_is_nothing_to_take_back(diary):
    with pytest.raises(NothingDone, match="nothing was said of 'nap'"):
        diary.unmark_action("nap")
