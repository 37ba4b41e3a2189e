"""Plans and what becomes of them: worked cases as a coach would read them, each naming the limit that binds."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import polars as pl
import pytest

import freshlegs as fl
from freshlegs import tables
from freshlegs.problems import WrongRequest
from freshlegs.recovery import adapt

MONDAY = date(2026, 5, 4)

# kind, minutes, metres, load: a week of a 45 km runner, Monday to Sunday
WEEK = [
    ("rest", 0, 0, 0),
    ("intervals", 60, 12_000, 80),
    ("easy", 45, 8_000, 37),
    ("tempo", 50, 10_000, 62),
    ("rest", 0, 0, 0),
    ("easy", 45, 8_000, 38),
    ("long", 105, 19_000, 96),
]
USUAL = 313.0


def plan(weeks=2, **instead):
    """The week again and again; ``d3=("race", 90, 21_100, 150)`` puts something else on day 3 (Monday is 0)."""
    rows = []
    for offset in range(7 * weeks):
        kind, minutes, metres, load = instead.get(f"d{offset}", WEEK[offset % 7])
        row = {"uid": f"s{offset}", "date": MONDAY + timedelta(days=offset), "kind": kind, "optional": False}
        rows.append({**row, "duration_s": 60.0 * minutes, "distance_m": float(metres), "load_lu": float(load)})
    return tables.PLAN.frame(rows)


def runs(weeks=6, week=WEEK, rested=0):
    """The same week as it was run, up to ``rested`` days ago."""
    rows = []
    for ago in range(1 + rested, 7 * weeks + 1):
        day = MONDAY - timedelta(days=ago)
        kind, minutes, metres, load = week[day.weekday()]
        if minutes:
            row = {"athlete": "me", "start_utc": datetime.combine(day, time(7), UTC), "utc_offset_s": 7200.0}
            row |= {"sport": "running", "moving_s": 60.0 * minutes, "distance_m": float(metres), "load_lu": float(load)}
            rows.append({**row, "quality_session": kind in ("tempo", "intervals")})
    return tables.RUNS.frame(rows)


KINDS = ("excessive", "overtraining")
RACE = ("race", 90, 21_100, 150)


def kinds(frame, first=0, last=6):
    rows = frame.filter(pl.col("date").is_between(MONDAY + timedelta(days=first), MONDAY + timedelta(days=last)))
    return rows["kind"].to_list()


def load(frame, first=0, last=6):
    rows = frame.filter(pl.col("date").is_between(MONDAY + timedelta(days=first), MONDAY + timedelta(days=last)))
    return rows["load_lu"].sum()


def minutes(frame, offset):
    return frame.filter(pl.col("date") == MONDAY + timedelta(days=offset))["duration_s"][0] / 60


def why(proposal, offset):
    return proposal.changes.filter(pl.col("uid") == f"s{offset}").to_dicts()[0]


# ------------------------------------------------------------------ worked cases


def test_case_1_fresh_the_plan_stands():
    proposal = fl.adapt(plan(), today=MONDAY, state="fresh", runs=runs(), causes=["sleep"], ill="none")
    assert proposal.plan.equals(plan())
    assert proposal.changes.is_empty()
    assert proposal.changes.schema == tables.CHANGES.schema
    assert proposal.notes == ()


def test_case_2_cumulative_the_plan_stands_and_a_lighter_week_is_due():
    proposal = adapt(plan(), MONDAY, "cumulative", runs())
    assert proposal.plan.equals(plan())
    assert "Four weeks have gone by without a lighter one" in proposal.notes[0]


def test_case_3_watch_a_quarter_less_two_easy_days_one_shortened_hard_session():
    proposal = adapt(plan(), MONDAY, "watch", runs(), ["sleep", "stress"])
    after = proposal.plan
    assert kinds(after) == ["rest", "easy", "easy", "tempo", "rest", "easy", "long"]
    assert 0.60 * 50 <= minutes(after, 3) <= 0.70 * 50
    assert 0.70 * USUAL <= load(after) <= 0.80 * USUAL
    assert kinds(after, 7, 13) == kinds(plan(), 7, 13)
    first = why(proposal, 1)
    assert (first["operator"], first["rule"]) == ("convert_hard", "watch_hard")
    assert first["load_before_lu"] == 80
    assert first["load_after_lu"] == 35
    assert "An easy run of 42 min instead of the intervals" in first["why"]
    assert "Likely behind it: sleep and stress" in first["why"]


def test_case_4_watch_in_a_week_without_hard_sessions_the_long_run_gives_first():
    easy = {f"d{d}": ("easy", 50, 9_000, 42) for d in (1, 3, 8, 10)}
    week = [("easy", 50, 9_000, 42) if kind in ("tempo", "intervals") else (kind, *rest) for kind, *rest in WEEK]
    proposal = adapt(plan(**easy), MONDAY, "watch", runs(week=week))
    assert why(proposal, 6)["operator"] == "shorten_long"
    assert 0.60 <= minutes(proposal.plan, 6) / 105 <= 0.80
    usual = load(plan(**easy))
    assert 0.70 * usual <= load(proposal.plan) <= 0.80 * usual
    assert kinds(proposal.plan) == kinds(plan(**easy)), "the number of runs is kept"


def test_case_5_watch_optional_extras_go_before_the_long_run():
    extra = {"d1": ("easy", 50, 9_000, 42), "d3": ("easy", 70, 12_000, 60)}
    given = plan(**extra).with_columns(optional=pl.col("uid") == "s3")
    proposal = adapt(given, MONDAY, "watch", runs())
    assert why(proposal, 3)["operator"] == "delete_extra"
    assert proposal.changes.height == 1
    assert proposal.plan["optional"].equals(given["optional"])


def test_case_6_watch_with_a_race_in_nine_days_the_taper_wins():
    given = plan(d9=RACE)
    proposal = adapt(given, MONDAY, "watch", runs())
    after = proposal.plan
    assert kinds(after, 9, 9) == ["race"]
    assert after.row(9) == given.row(9)
    assert load(after, 0, 8) <= 0.60 * USUAL * 9 / 7
    assert kinds(after, 8, 8) == kinds(after, 10, 10) == ["easy"]
    assert why(proposal, 6)["rule"] == "taper"
    assert any("taper" in note for note in proposal.notes)


def test_case_7_watch_a_long_run_that_leaps_is_held_to_a_tenth():
    proposal = adapt(plan(d13=("long", 150, 27_000, 137)), MONDAY, "watch", runs())
    assert why(proposal, 13)["rule"] == "longest_run"
    assert minutes(proposal.plan, 13) <= 1.10 * 105
    assert proposal.plan["distance_m"][13] <= 1.10 * 19_000


def test_case_8_below_watch_the_same_leap_is_a_note():
    given = plan(d13=("long", 150, 27_000, 137))
    proposal = adapt(given, MONDAY, "fresh", runs())
    assert proposal.plan.equals(given)
    assert any("Sunday 17 May is more than a tenth longer" in note for note in proposal.notes)


def test_case_9_excessive_rest_then_half_then_forty_per_cent_less_all_easy():
    proposal = adapt(plan(weeks=4), MONDAY, "excessive", runs(), ["training"])
    after = proposal.plan
    assert kinds(after, 0, 2) == ["rest", "rest", "rest"]
    assert 0.30 * USUAL <= load(after, 3, 9) <= 0.50 * USUAL
    assert load(after, 10, 16) <= 0.60 * USUAL + 1
    assert load(after, 17, 23) <= 0.60 * USUAL + 1
    assert not set(kinds(after, 0, 27)) & {"tempo", "intervals"}
    assert why(proposal, 1)["rule"] == "excessive_rest"
    for start in range(21):
        assert kinds(after, start, start + 6).count("rest") >= 2


def test_case_10_excessive_after_the_rest_the_half_week_goes_on():
    proposal = adapt(plan(), MONDAY, "excessive", runs(rested=4))
    assert set(kinds(proposal.plan, 0, 2)) == {"rest", "easy"}, "four days of rest lie behind: no more are asked for"
    assert load(proposal.plan, 0, 6) <= 0.50 * USUAL


def test_case_11_possible_overtraining_walks_until_it_has_been_checked():
    proposal = adapt(plan(d6=RACE), MONDAY, "possible_overtraining", runs())
    assert set(kinds(proposal.plan, 0, 13)) == {"rest", "walk"}
    assert proposal.plan["duration_s"].max() <= 1800
    assert "check-up comes first" in proposal.notes[0]


def test_case_12_fever_three_days_off_then_half_then_three_quarters_and_no_race():
    proposal = adapt(plan(d6=RACE), MONDAY, "fresh", runs(), ill="fever")
    after = proposal.plan
    assert kinds(after, 0, 2) == ["rest", "rest", "rest"]
    assert minutes(after, 3) <= 0.50 * 50
    assert minutes(after, 5) <= 0.75 * 50
    assert kinds(after, 6, 6) == ["easy"]
    assert kinds(after, 7, 13) == kinds(plan(), 7, 13)
    assert why(proposal, 6)["rule"] == "illness_three_quarters"


# ------------------------------------------------------------------ single limits


@pytest.mark.parametrize("state", ["fresh", "cumulative", "watch", "excessive"])
def test_two_hard_days_never_stand_side_by_side(state):
    proposal = adapt(plan(d2=("tempo", 45, 9_000, 56), d9=("tempo", 45, 9_000, 56)), MONDAY, state, runs())
    hard = [kind in ("tempo", "intervals", "race") for kind in kinds(proposal.plan, 0, 13)]
    assert not any(a and b for a, b in pairwise(hard))


def test_a_hard_run_of_yesterday_counts_too():
    tired = runs().with_columns(quality_session=pl.lit(True))
    given = plan(d0=("tempo", 45, 9_000, 56), d1=("easy", 45, 8_000, 37))
    assert kinds(adapt(given, MONDAY, "fresh", tired).plan, 0, 0) == ["easy"]
    assert kinds(adapt(given, MONDAY, "fresh", runs()).plan, 0, 0) == ["tempo"]


def test_a_week_without_a_rest_day_gets_one_after_its_heaviest():
    given = plan(d4=("easy", 40, 7_000, 33), d7=("easy", 40, 7_000, 33))
    proposal = adapt(given, MONDAY, "fresh", runs())
    assert why(proposal, 7)["operator"] == "insert_rest"
    assert kinds(proposal.plan, 7, 7) == ["rest"], "Monday follows the long run of Sunday"
    assert proposal.changes.height == 1


def test_too_little_easy_running_softens_the_grey_session_first():
    hard = {f"d{d}": ("tempo", 60, 12_000, 75) for d in (3, 5, 10, 12)}
    proposal = adapt(plan(**hard), MONDAY, "fresh", runs())
    assert set(proposal.changes["rule"]) == {"easy_share"}
    assert set(proposal.changes["operator"]) == {"convert_tempo"}
    assert kinds(proposal.plan, 1, 1) == ["intervals"]


def test_a_race_is_kept_when_excessive_and_the_runner_is_told():
    proposal = adapt(plan(d6=RACE), MONDAY, "excessive", runs())
    assert kinds(proposal.plan, 6, 6) == ["race"]
    assert any("The race of Sunday 10 May stays" in note for note in proposal.notes)


def test_a_head_cold_makes_today_easy_and_leaves_tomorrow():
    given = plan(d0=("tempo", 45, 9_000, 56), d1=("easy", 45, 8_000, 37), d2=("intervals", 45, 9_000, 60))
    proposal = adapt(given, MONDAY, "cumulative", runs(), ill="above_neck")
    assert kinds(proposal.plan, 0, 2) == ["easy", "easy", "intervals"]


@pytest.mark.parametrize(("flag", "expected"), [("emergency", {"rest"}), ("same_week", {"rest", "easy", "long"})])
def test_a_red_flag_silences_training_and_races(flag, expected):
    proposal = adapt(plan(d6=RACE), MONDAY, "fresh", runs(), flag=flag)
    assert set(kinds(proposal.plan)) <= expected


def test_insufficient_data_changes_nothing_and_says_so():
    proposal = adapt(plan(), MONDAY, "insufficient_data", runs())
    assert proposal.plan.equals(plan())
    assert proposal.notes == ("There is not enough data for a verdict, so the plan stays as it is.",)


def test_without_runs_the_second_planned_week_stands_for_the_usual_one():
    proposal = adapt(plan(), MONDAY, "watch")
    assert 0.70 * USUAL <= load(proposal.plan) <= 0.80 * USUAL
    assert any(note.startswith("No runs were given") for note in proposal.notes)
    assert adapt(plan(), MONDAY, "excessive").plan.filter(pl.col("kind") == "long")["duration_s"].max() <= 2400


def test_loads_that_are_missing_are_estimated_and_said_to_be():
    given = plan().with_columns(load_lu=pl.lit(None, pl.Float64))
    proposal = adapt(given, MONDAY, "watch", runs())
    assert why(proposal, 1)["load_before_lu"] == 80  # an hour of intervals
    assert why(proposal, 1)["load_after_lu"] == 35  # 42 easy minutes
    assert proposal.plan.filter(pl.col("kind") != "rest")["load_lu"].null_count() == 10
    assert any("10 of 14 planned sessions have no load" in note for note in proposal.notes)


def test_a_plan_of_dates_and_kinds_is_enough_and_keeps_its_columns():
    bare = plan().select("date", "kind")
    for state in ("watch", "excessive", "possible_overtraining"):
        proposal = adapt(bare, MONDAY, state, runs())
        assert proposal.plan.columns == ["date", "kind"]
        assert adapt(proposal.plan, MONDAY, state, runs()).plan.equals(proposal.plan)


def test_whole_numbers_stay_whole():
    whole = plan().with_columns(pl.col("duration_s", "load_lu").cast(pl.Int64))
    proposal = adapt(whole, MONDAY, "watch", runs())
    assert proposal.plan.schema == whole.schema
    assert adapt(proposal.plan, MONDAY, "watch", runs()).changes.is_empty()


def test_what_lies_behind_and_what_lies_far_ahead_is_left_alone():
    given = plan(weeks=6).with_columns(pl.col("date") - timedelta(days=7))
    proposal = adapt(given, MONDAY, "excessive", runs())
    same = given["date"].is_between(MONDAY, MONDAY + timedelta(days=27), closed="both").not_()
    assert proposal.plan.filter(same).equals(given.filter(same))
    assert any("later sessions wait" in note for note in proposal.notes)


def test_missed_work_is_not_made_up():
    """A runner who did nothing last week gets no more than the plan held, and less when on watch."""
    proposal = adapt(plan(), MONDAY, "fresh", runs(rested=7))
    assert proposal.plan.equals(plan())


def test_runs_of_today_and_later_are_not_looked_at():
    later = runs().with_columns(pl.col("start_utc") + timedelta(days=21))
    both = pl.concat([runs(), later.filter(pl.col("start_utc") >= datetime.combine(MONDAY, time(0), UTC))])
    assert adapt(plan(), MONDAY, "watch", both).plan.equals(adapt(plan(), MONDAY, "watch", runs()).plan)


# ------------------------------------------------------------------ the way back


def on_the_way(step, kind="excessive", days=7):
    """As the verdict tells it: the next step can come in so many days."""
    return {"kind": kind, "step": step, "began": "2026-04-27", "next_on": str(MONDAY + timedelta(days=days))}


def test_the_first_step_back_is_half_an_hour_every_other_day_and_the_second_follows():
    every_day = {f"d{offset}": ("easy", 45, 8_000, 38) for offset in range(14) if WEEK[offset % 7][0] == "rest"}
    proposal = adapt(plan(**every_day), MONDAY, "cumulative", runs(), way_back=on_the_way(1))
    running = [kind in ("easy", "long") for kind in kinds(proposal.plan)]
    assert running == [False, True, False, True, False, True, False]  # a run yesterday, so it begins on Tuesday
    assert all(minutes(proposal.plan, offset) <= 30 for offset in range(7))
    second = [offset for offset in range(7, 14) if kinds(proposal.plan, offset, offset) != ["rest"]]
    assert len(second) == 4
    assert all(30 < minutes(proposal.plan, offset) <= 40 for offset in second)
    assert not {"tempo", "intervals"} & set(kinds(proposal.plan, 0, 13))
    assert "a day without running between" in why(proposal, 2)["why"]
    assert "each as early as it can come" in proposal.notes[0]


def test_the_fourth_step_has_one_short_tempo_and_four_fifths_of_the_usual_week():
    proposal = adapt(plan(), MONDAY, "cumulative", runs(), way_back=on_the_way(4))
    assert kinds(proposal.plan).count("tempo") == 1
    assert minutes(proposal.plan, 3) == 40
    assert "intervals" not in kinds(proposal.plan)
    assert load(proposal.plan) <= 0.8 * USUAL + 1
    # the week after may be the fifth step's: all of it, with one hard session
    assert kinds(proposal.plan, 7, 13).count("intervals") + kinds(proposal.plan, 7, 13).count("tempo") == 1


def test_after_overtraining_each_step_lasts_two_weeks():
    third, second = (adapt(plan(4), MONDAY, "fresh", runs(), way_back=on_the_way(3, kind)) for kind in KINDS)
    assert "tempo" in kinds(third.plan, 7, 27)
    assert "tempo" not in kinds(adapt(plan(3), MONDAY, "fresh", runs(), way_back=on_the_way(2, KINDS[1])).plan, 0, 20)
    assert load(second.plan, 14, 20) <= load(third.plan, 14, 20)


def test_a_race_on_the_way_back_stays_and_the_runner_is_told():
    proposal = adapt(plan(d5=RACE), MONDAY, "cumulative", runs(), way_back=on_the_way(2))
    assert kinds(proposal.plan, 5, 5) == ["race"]
    assert any("before the way back is that far" in note for note in proposal.notes)


def test_the_last_step_is_the_plan_within_a_tenth():
    proposal = adapt(plan(), MONDAY, "cumulative", runs(), way_back=on_the_way(6))
    assert proposal.changes.is_empty()


def test_after_an_illness_the_days_come_from_the_illness():
    ill = {"kind": "illness", "step": 1, "began": str(MONDAY), "next_on": str(MONDAY + timedelta(days=2))}
    assert adapt(plan(), MONDAY, "cumulative", runs(), way_back=ill).changes.is_empty()


@pytest.mark.parametrize(("allowed", "becomes"), [("none", "rest"), ("easy", "easy"), ("as_planned", "intervals")])
def test_today_is_never_more_than_the_mornings_advice(allowed, becomes):
    tuesday = MONDAY + timedelta(days=1)
    proposal = adapt(plan(), tuesday, "fresh", runs(), running_today=allowed)
    assert kinds(proposal.plan, 1, 1) == [becomes]
    assert kinds(proposal.plan, 2, 6) == kinds(plan(), 2, 6)


@pytest.mark.parametrize("told", [{"kind": "flu", "step": 1}, {"kind": "excessive", "step": 7}, {"kind": "excessive"}])
def test_a_way_back_that_is_none_is_refused(told):
    with pytest.raises(WrongRequest, match="way_back is none of a verdict"):
        adapt(plan(), MONDAY, "fresh", runs(), way_back=told)


@pytest.mark.parametrize(
    "wrong", [{"state": "tired"}, {"state": "watch", "ill": "cold"}, {"state": "watch", "causes": ["weather"]}]
)
def test_words_outside_the_vocabulary_are_refused(wrong):
    with pytest.raises(WrongRequest, match="it is one of"):
        adapt(plan(), today=MONDAY, **wrong)


def test_an_unknown_kind_and_a_plan_without_dates_are_refused():
    with pytest.raises(WrongRequest, match="kind cannot be 'fartlek'"):
        adapt(plan().with_columns(kind=pl.lit("fartlek")), MONDAY, "watch")
    with pytest.raises(WrongRequest, match="date and kind"):
        adapt(plan().drop("date"), MONDAY, "watch")


def test_an_empty_plan_gives_an_empty_proposal():
    proposal = adapt(tables.PLAN.frame(), MONDAY, "watch", runs())
    assert proposal.plan.is_empty()
    assert proposal.changes.is_empty()
