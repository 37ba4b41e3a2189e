"""The twelve worked cases: the page is what the code says, and each is what a coach would expect."""

from datetime import timedelta

import polars as pl
import pytest

from freshlegs import vocabulary as v
from freshlegs.recovery import Findings, Refusal, evaluate
from freshlegs.recovery.sessions import read_plan

from .written import CASES, MONDAY, PAGE, WEEK, Case, page

USUAL = sum(load for _, _, _, load in WEEK)
BY_TITLE = {case.title: case for case in CASES}


def found(title):
    return BY_TITLE[title].found()


def proposed(title):
    return found(title).proposal.plan


def week(frame, number=0):
    first = MONDAY + timedelta(days=7 * number)
    return frame.filter(pl.col("date").is_between(first, first + timedelta(days=6)))


def day(frame, offset):
    return frame.filter(pl.col("date") == MONDAY + timedelta(days=offset)).to_dicts()[0]


def hard(frame):
    return frame.filter(pl.col("kind").is_in(sorted(v.HARD_KINDS)))


def rules(title):
    return [rule for rule, _, _ in found(title).binding]


def ids(title):
    return [action["id"] for action in found(title).actions]


def test_the_page_is_what_the_code_says():
    assert PAGE.read_text("utf-8") == page(), "run: python tests/cases/written.py"


def test_there_are_twelve_and_every_state_but_not_enough_data_is_among_them():
    assert len(CASES) == 12
    assert {case.state for case in CASES} == set(v.STATES) - {"insufficient_data"}


# ------------------------------------------------------------------ case by case


def test_1_fresh_nothing_changes():
    case = BY_TITLE["Fresh"]
    assert proposed("Fresh").equals(case.planned())
    assert not [limit for limit in found("Fresh").limits if limit.over]
    assert found("Fresh").running_today == "as_planned"


def test_2_good_tired_the_plan_stands_and_a_lighter_week_is_named():
    title = "Good tired, four weeks without a lighter one"
    assert proposed(title).equals(BY_TITLE[title].planned())
    assert any("a week with a quarter less" in note for note in found(title).proposal.notes)
    assert ids(title)[0] == "cumulative_lighter_week"


def test_3_watch_short_nights():
    title = "Watch, short nights"
    assert ids(title)[:2] == ["watch_rest_test", "sleep_extension"]
    assert hard(week(proposed(title)))["kind"].to_list() == ["tempo"]
    assert day(proposed(title), 1)["kind"] == "easy"
    assert 0.70 * USUAL <= week(proposed(title))["load_lu"].sum() <= 0.81 * USUAL


def test_4_watch_the_long_run_is_kept_at_a_tenth_over_the_longest():
    title = "Watch, and the long run planned too long"
    assert rules(title)[0] == "longest_run"
    for offset in (6, 13):
        assert day(proposed(title), offset)["kind"] == "long"
        assert 19_000 <= day(proposed(title), offset)["distance_m"] <= 1.1 * 19_000
    over = {limit.name: limit for limit in found(title).limits if limit.over}
    assert (over["longest_run"].value, over["longest_run"].allowed, over["longest_run"].binds) == (27_000, 20_900, True)


def test_5_watch_the_race_is_kept():
    title = "Watch, a half marathon on Sunday"
    assert day(proposed(title), 6) == day(BY_TITLE[title].planned(), 6)
    assert len(hard(week(proposed(title)))) <= 2
    assert hard(proposed(title)).filter(pl.col("date") == MONDAY + timedelta(days=8)).is_empty()


def test_6_watch_under_stress_the_next_hard_session_is_easy_and_something_is_dropped():
    title = "Watch, a hard time at work"
    assert "stress_hard_session" in ids(title)
    assert day(proposed(title), 1)["kind"] == "easy"
    told = next(action for action in found(title).actions if action["id"] == "stress_hard_session")
    assert "intervals of Tuesday 5 May" in told["what"]
    assert "keep Tuesday evening for yourself" in told["what"]


def test_7_excessive_rest_first_then_half_and_nothing_hard():
    title = "Excessive, the first morning"
    assert [day(proposed(title), n)["kind"] for n in range(3)] == ["rest"] * 3
    assert hard(proposed(title)).is_empty()
    assert week(proposed(title))["load_lu"].sum() <= 0.5 * USUAL
    assert found(title).running_today == "none"


def test_8_excessive_after_the_rest_half_of_the_usual_and_two_days_off():
    title = "Excessive, three days of rest behind"
    assert hard(proposed(title)).is_empty()
    assert week(proposed(title))["load_lu"].sum() <= 0.5 * USUAL
    assert (week(proposed(title))["kind"] == "rest").sum() >= 2
    assert ids(title)[0] == "excessive_half"
    assert found(title).running_today == "easy"


def test_9_possible_overtraining_walks_and_a_check_up():
    title = "Possible overtraining"
    assert set(proposed(title)["kind"]) == {"rest", "walk"}
    assert ids(title)[0] == "doctor_checkup"


def test_10_fever_three_days_off_then_in_steps():
    title = "A fever this morning"
    assert [day(proposed(title), n)["kind"] for n in range(3)] == ["rest"] * 3
    assert hard(week(proposed(title))).is_empty()
    minutes = [day(proposed(title), n)["duration_s"] / 60 for n in (3, 5, 6)]
    assert minutes == sorted(minutes)
    assert max(minutes) < 45
    assert found(title).running_today == "none"


def test_11_a_sore_spot_on_a_bone_rests_until_it_was_looked_at():
    title = "Pain in one spot of a bone"
    assert set(week(proposed(title))["kind"]) == {"rest"}
    assert ids(title)[0] == "doctor_this_week_rest"
    assert found(title).running_today == "none"


def test_12_an_emergency_silences_training_advice():
    told = found("Chest pain on effort")
    assert isinstance(told, Refusal)
    assert "Stop, and call the emergency number" in told.reasons[0]
    assert [action["id"] for action in told.actions] == ["emergency"]


@pytest.mark.parametrize("case", [c for c in CASES if isinstance(c.found(), Findings)], ids=lambda c: c.title)
def test_no_proposal_is_longer_heavier_or_harder_than_the_plan(case):
    plan, eased = case.planned(), case.found().proposal.plan
    assert (eased["load_lu"] <= plan["load_lu"]).all()
    assert (eased["duration_s"] <= plan["duration_s"]).all()
    assert len(hard(eased)) <= len(hard(plan))


# ------------------------------------------------------------------ the door itself


def asked(state="watch", **case):
    return Case("", "", state, "", **case)


def test_a_verdict_without_date_or_state_is_refused():
    for verdict in ({}, {"date": "2026-05-04"}, {"date": "2026-05-04", "state": "tired"}):
        assert "needs a date and a state" in evaluate(verdict).reasons[0]


def test_not_enough_data_is_refused_with_what_is_missing():
    verdict = asked("insufficient_data").verdict()
    verdict["unknown"] = [{"group": None, "why": "not enough data: 9 of 14 days of history"}]
    told = evaluate(verdict, asked().planned(), runs=asked().runs())
    assert told == Refusal(("Not enough data: 9 of 14 days of history.",), told.flags, told.actions)
    assert told.actions


def test_without_a_plan_or_runs_what_was_not_judged_is_named():
    assert evaluate(asked().verdict()).not_judged == ("No plan was given, so no limit on it was judged.",)
    told = evaluate(asked().verdict(), asked().planned())
    assert [line.split(":")[0] for line in told.not_judged] == ["The longest run", "The weekly load"]
    assert {limit.name for limit in told.limits} == {"hard_apart", "rest_days", "easy_share"}


def test_a_plan_that_cannot_be_read_is_refused_in_words():
    plan = asked().planned().with_columns(pl.lit("sprint").alias("kind"))
    told = evaluate(asked().verdict(), plan, runs=asked().runs())
    assert isinstance(told, Refusal)
    assert "The plan cannot be read: kind cannot be 'sprint'" in told.reasons[0]


@pytest.mark.parametrize(
    ("plan", "limit", "value", "allowed"),
    [
        ({2: ("tempo", 50, 10_000, 62)}, "hard_apart", 2, 0),
        ({0: ("easy", 45, 8_000, 37), 4: ("easy", 45, 8_000, 37)}, "rest_days", 0, 1),
        ({6: ("long", 140, 24_000, 120)}, "longest_run", 24_000, 20_900),
        ({6: ("long", 105, 19_000, 180)}, "weekly_load", 397, 344.3),
    ],
)
def test_the_limit_that_is_passed_is_named_with_its_figures(plan, limit, value, allowed):
    told = {one.name: one for one in asked(plan=plan).found().limits}[limit]
    assert (told.value, told.allowed, told.over, told.binds) == (value, allowed, True, True)


def test_below_watch_the_limits_on_length_and_load_inform():
    plan = {6: ("long", 140, 24_000, 180)}
    told = {one.name: one for one in asked("cumulative", plan=plan).found().limits}
    for name in ("longest_run", "weekly_load"):
        assert (told[name].over, told[name].binds) == (True, False)
    eased = asked("cumulative", plan=plan).found().proposal.plan
    assert day(eased, 6)["distance_m"] == 24_000


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.title)
def test_the_proposal_keeps_every_limit_that_binds(case):
    told = case.found()
    if isinstance(told, Refusal) or case.state not in ("watch", "excessive"):
        return
    again = evaluate(
        {**case.verdict(), "actions": [], "red_flags": []}, told.proposal.plan, case.profile, runs=case.runs()
    )
    assert [limit.name for limit in again.limits if limit.over and limit.binds] == []
    assert again.proposal.changes.is_empty()
    assert len(read_plan(told.proposal.plan, MONDAY, 14, None)) == 14
