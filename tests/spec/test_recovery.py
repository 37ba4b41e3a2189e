"""What a runner is told to do, from the verdict and the days: red flags first, then at most three dated actions."""

from datetime import date, timedelta

import polars as pl
import pytest

from freshlegs import tables
from freshlegs import vocabulary as v
from freshlegs.recovery import complete

TODAY = date(2026, 5, 5)  # a Tuesday
TUESDAY, THURSDAY = "2026-05-05", "2026-05-07"


def days(history: int = 60, **columns):
    """A frame of days that ends today; a list gives the last days of a column, oldest first."""
    dates = [TODAY - timedelta(days=history - 1 - i) for i in range(history)]
    rows = [
        {"athlete": "me", "date": day, "energy": 6.0, "load_lu": 40.0 if i % 7 else 0.0} for i, day in enumerate(dates)
    ]
    for name, values in columns.items():
        for row, value in zip(rows[-len(values) :], values, strict=True):
            row[name] = value
    return tables.DAYS.frame(rows)


def verdict(state: str = "cumulative", since: str = "2026-04-30", signs=None, **shares):
    shares = shares or {"training": 0.2, "diet": 0.2, "stress": 0.2, "sleep": 0.2, "other": 0.2}
    return {
        "schema_version": 1,
        "athlete": "me",
        "date": TUESDAY,
        "state": state,
        "probabilities": None if state == "insufficient_data" else {"fresh": 0.2, "cumulative": 0.8},
        "since": since,
        "recheck_on": "2026-05-12",
        "signs": [{"sign": s, "strength": (signs or {}).get(s), "why": ""} for s in v.SIGNS],
        "groups": [],
        "causes": [{"cause": c, "share": shares.get(c, 0.0), "why": f"because of {c}"} for c in v.CAUSES],
        "rules": [],
        "unknown": [{"group": "mood", "why": "mood was not answered in the last 7 days"}],
    }


def ids(document):
    return [action["id"] for action in document["actions"]]


def told(document):
    return " ".join(action["what"] for action in document["actions"])


# ------------------------------------------------------------------ what is always so


@pytest.mark.parametrize("cause", v.CAUSES)
@pytest.mark.parametrize("state", v.STATES)
def test_every_state_and_cause_has_a_dated_action_with_its_evidence(state, cause):
    document = complete(verdict(state, **{cause: 1.0}), days())
    assert 1 <= len(document["actions"]) <= 3
    assert any(action["cause"] == cause for action in document["actions"])
    assert any(action["cause"] is None for action in document["actions"])
    for action in document["actions"]:
        assert action["tip"] in v.TIPS
        assert action["when"] in ("today", "tonight", "tomorrow", "this week") or date.fromisoformat(action["when"])
        assert date.fromisoformat(action["date"]) >= TODAY
        assert action["evidence"] in ("strong", "moderate", "weak", "expert judgement")
        assert action["basis"]
        assert action["why"]
        assert "{" not in action["what"] + action["why"]
    assert document["state"] == state
    assert {"red_flags", "actions"} <= set(document)


def test_the_verdict_given_is_left_as_it_is_and_the_same_input_gives_the_same_output():
    given = verdict("watch", sleep=1.0)
    before = repr(given)
    assert complete(given, days()) == complete(given, days())
    assert repr(given) == before


def test_later_days_are_ignored():
    known = days(symptoms=[None] * 7)
    later = known.with_columns(pl.when(pl.col("date") > date(2026, 4, 25)).then(pl.lit("fever")).alias("ill"))
    early = {**verdict(), "date": "2026-04-25", "since": "2026-04-20"}
    assert complete(early, later) == complete(early, known.filter(pl.col("date") <= date(2026, 4, 25)))


def test_few_columns_and_no_days_at_all_are_enough():
    assert complete(verdict("watch"), days().select("athlete", "date"))["actions"]
    assert complete(verdict("insufficient_data"), days().head(0))["actions"]


# ------------------------------------------------------------------ the prescription of each state


def test_watch_offers_the_rest_test_with_its_day():
    first = complete(verdict("watch", sleep=1.0), days())["actions"][0]
    assert "if your legs are back by Thursday 7 May, it was good tired" in first["what"]
    assert (first["when"], first["until"], first["check_on"]) == ("today", THURSDAY, THURSDAY)


def test_a_leading_cause_sleep_gives_something_for_tonight_with_a_clock_time():
    document = complete(
        verdict("excessive", sleep=0.7, training=0.3),
        days(sleep_s=[6.0 * 3600] * 14, fell_asleep_min=[-10.0] * 14, in_bed_s=[6.7 * 3600] * 14),
    )
    tonight = [a for a in document["actions"] if a["when"] == "tonight"]
    assert tonight[0]["tip"] == 3
    assert tonight[0]["what"].startswith("Lights out by 22:50, 60 minutes earlier")
    assert "14 hours of sleep are missing" in tonight[0]["why"]


def test_long_in_bed_and_little_asleep_is_not_sent_to_bed_earlier():
    document = complete(verdict("watch", sleep=1.0), days(sleep_s=[6.0 * 3600] * 14, in_bed_s=[9.0 * 3600] * 14))
    assert "sleep_doctor" in ids(document)
    assert "Lights out" not in told(document)


def test_habits_are_chosen_from_the_runners_own_nights():
    kept = [["cool_room"], ["no_screens"]] * 14
    slept = [8.0, 4.0] * 14
    document = complete(verdict("cumulative", sleep=1.0), days(sleep_habits=kept, sleep_quality=slept))
    action = next(a for a in document["actions"] if a["cause"] == "sleep")
    assert "cool bedroom" in action["what"]
    assert "screens" not in action["what"]
    assert "your own nights" in action["basis"]


def test_excessive_starts_with_rest_days_then_half_then_forty_per_cent_less():
    start = complete(verdict("excessive", since="2026-04-21"), days())
    assert ids(start)[0] == "excessive_rest"
    assert start["actions"][0]["until"] == THURSDAY
    assert start["running_today"] == "none"
    after = complete(verdict("excessive", since="2026-04-20"), days(load_lu=[40.0] * 5 + [0.0] * 3 + [20.0]))
    assert ids(after)[0] == "excessive_half"
    assert after["actions"][0]["until"] == "2026-05-10"  # the sixth day of the week that began yesterday
    assert after["running_today"] == "easy"
    later = complete(verdict("excessive", since="2026-04-18"), days(load_lu=[0.0] * 3 + [22.0] * 10))
    assert ids(later)[0] == "excessive_forty"


@pytest.mark.parametrize(("told", "first"), [(0, "rest"), (2, "rest"), (3, "half"), (9, "half"), (10, "forty")])
def test_without_loads_the_days_since_it_was_told_say_where_the_rest_stands(told, first):
    since = TODAY - timedelta(days=14 + told)
    document = complete(verdict("excessive", since=since.isoformat()), days(load_lu=[None] * 60))
    assert ids(document)[0] == f"excessive_{first}"


def test_possible_overtraining_has_no_structured_training_and_a_check_up():
    document = complete(verdict("possible_overtraining", since="2026-04-01"), days())
    assert [f["rule"] for f in document["red_flags"]] == ["fatigue_four_weeks"]
    assert ids(document)[:2] == ["doctor_checkup", "overtraining_pause"]
    assert "A4" in document["rules"]


def test_without_enough_data_the_actions_say_how_to_get_an_answer():
    first = complete(verdict("insufficient_data"), days())["actions"][0]
    assert first["when"] == "today"
    assert first["date"] == "2026-05-05"
    assert "answer mood" in first["what"]
    assert "mood was not answered" in first["why"]


def test_cumulative_says_what_the_tiredness_is_building():
    first = complete(verdict("cumulative"), days(quality_session=[True] + [False] * 6))["actions"][0]
    assert "building speed and endurance" in first["why"]


def test_todays_planned_session_and_the_hard_one_ahead_are_named():
    plan = tables.PLAN.frame(
        [
            {"uid": "a", "date": TODAY, "kind": "easy", "duration_s": 3000.0},
            {"uid": "b", "date": TODAY + timedelta(days=2), "kind": "tempo", "duration_s": 3000.0},
        ]
    )
    assert "(easy run)" in complete(verdict("fresh"), days(), plan=plan)["actions"][0]["what"]
    document = complete(verdict("watch", signs={"cannot_relax": 0.8}, stress=1.0), days(), plan=plan)
    assert "the tempo run of Thursday 7 May easily" in told(document)


def test_numbers_about_food_and_weight_stay_hidden_until_asked_for():
    hidden = complete(verdict("cumulative", diet=1.0), days())
    shown = complete(verdict("cumulative", diet=1.0), days(), {"show_energy": True})
    assert " g " not in told(hidden)
    assert "30 to 60 g of carbohydrate an hour" in told(shown)
    assert not any("kcal" in told(d) or "calorie" in told(d) for d in (hidden, shown))


# ------------------------------------------------------------------ sickness and pain


@pytest.mark.parametrize("state", v.STATES)
@pytest.mark.parametrize(
    "answers",
    [{"ill": ["fever"]}, {"ill": ["below_neck"]}, {"pain": [5.0], "pain_sharp": [True], "pain_where": ["left shin"]}],
)
def test_a3_no_running_today_whatever_the_state(state, answers):
    document = complete(verdict(state), days(**answers))
    assert "A3" in document["rules"]
    assert document["actions"][0]["what"].startswith("No running today")
    assert document["running_today"] == "none"
    assert document["state"] == state
    assert not set(ids(document)) & {"fresh_plan", "cumulative_plan", "strength_two"}


def test_a_head_cold_is_easy_day_by_day():
    document = complete(verdict("fresh"), days(ill=["above_neck"]))
    assert "A3" not in document["rules"]
    assert document["running_today"] == "easy"
    assert ids(document)[0] == "ill_above_neck"


@pytest.mark.parametrize(
    ("answers", "limit", "first"),
    [
        (["fever", None], "none", "no_running_fever"),  # nobody said it is over
        (["fever", "none"], "none", "ill_wait"),
        (["fever", "none", "none", "none"], "easy", "ill_half"),
        (["fever", "none", None, "none", "none", "none"], "easy", "ill_three_quarters"),
        (["fever", *["none"] * 7], "as_planned", "cumulative_lighter_week"),
        (["below_neck", None, None, None, None], "none", "ill_wait"),
    ],
)
def test_the_way_back_after_an_illness(answers, limit, first):
    document = complete(verdict("cumulative"), days(ill=answers))
    assert document["running_today"] == limit
    assert ids(document)[0] == first


def test_a9_a_pain_that_keeps_coming_back_gets_a_few_days_off():
    here, gone = ["Left knee", "left  knee", None, "left knee"], [3.0, 2.0, None, 4.0]
    document = complete(verdict("fresh"), days(pain=gone, pain_where=here))
    assert "A9" in document["rules"]
    assert "Take today to Thursday 7 May off running for your left knee" in document["actions"][0]["what"]
    elsewhere = complete(verdict("fresh"), days(pain=[3.0, 3.0, 3.0], pain_where=["knee", "hip", "toe"]))
    assert "A9" not in elsewhere["rules"]


def test_a9_three_spells_ask_for_the_cause():
    spell = [3.0, 3.0, 3.0, *[0.0] * 17]
    document = complete(verdict("fresh"), days(pain=[*spell, *spell, 3.0, 3.0, 3.0], pain_where=["knee"] * 43))
    assert ids(document)[0] == "nagging_pain_often"


# ------------------------------------------------------------------ red flags


@pytest.mark.parametrize("symptom", v.EMERGENCY_SYMPTOMS)
def test_an_emergency_replaces_all_advice_by_one_sentence(symptom):
    document = complete(verdict("excessive", sleep=1.0), days(symptoms=[[symptom]]))
    assert document["red_flags"][0]["urgency"] == "emergency"
    assert len(document["actions"]) == 1
    assert "A4" in document["rules"]
    assert document["state"] == "excessive"
    assert document["running_today"] == "none"
    where = "findahelpline.com" if symptom == "self_harm_thoughts" else "emergency number"
    assert where in document["actions"][0]["what"]


def test_an_emergency_of_yesterday_asks_for_a_doctor_today_until_one_has_looked():
    document = complete(verdict("fresh"), days(symptoms=[["chest_pain"], None]))
    assert document["red_flags"][0]["urgency"] == "same_day"
    assert "on 4 May" in document["red_flags"][0]["what"]
    assert ids(document)[0] == "doctor_today"
    assert document["running_today"] == "none"
    seen = complete(verdict("fresh"), days(symptoms=[["chest_pain"], None], checked_by_doctor=[None, True]))
    assert seen["red_flags"] == []


@pytest.mark.parametrize("symptom", v.SAME_WEEK_SYMPTOMS)
def test_a_same_week_symptom_stands_above_easy_advice_until_checked(symptom):
    open_ = complete(verdict("fresh"), days(symptoms=[[symptom], *[None] * 20]))
    assert [f["urgency"] for f in open_["red_flags"]] == ["same_week"]
    assert open_["running_today"] in ("easy", "none")
    assert "fresh_plan" not in ids(open_)
    assert ids(open_)[0].startswith("doctor_this_week")
    checked = [None] * 10 + [True] + [None] * 10
    shut = complete(verdict("fresh"), days(symptoms=[[symptom], *[None] * 20], checked_by_doctor=checked))
    assert shut["red_flags"] == []
    assert shut["running_today"] == "as_planned"
    again = complete(verdict("fresh"), days(symptoms=[[symptom], *[None] * 19, [symptom]], checked_by_doctor=checked))
    assert [f["urgency"] for f in again["red_flags"]] == ["same_week"]


@pytest.mark.parametrize("state", ["insufficient_data", "fresh", "cumulative", "watch"])
def test_while_a_same_week_flag_is_open_no_advice_asks_for_more_than_easy(state):
    document = complete(verdict(state, training=1.0), days(symptoms=[["low_mood_two_weeks"]]))
    assert ids(document)[:2] == ["doctor_this_week", "same_week_easy"]
    assert "hard session" not in told(document)
    assert "as planned" not in told(document)


def flags(profile=None, history=60, state="cumulative", since="2026-04-30", **columns):
    document = complete(verdict(state, since=since), days(history, **columns), profile)
    return {f["rule"]: f["urgency"] for f in document["red_flags"]}


FALLING_WEIGHT = [70.0] * 60 + [66.4] * 20
COLDS = [*["above_neck"] * 3, *["none"] * 20]


@pytest.mark.parametrize(
    ("expected", "profile", "columns"),
    [
        ({"blood_pressure_once": "inform"}, None, {"systolic_mmhg": [138.0], "diastolic_mmhg": [86.0]}),
        ({"blood_pressure_high": "same_week"}, None, {"systolic_mmhg": [138.0, None, 136.0, 120.0, 141.0]}),
        ({"blood_pressure_high": "same_week"}, None, {"diastolic_mmhg": [85.0, 85.0, 85.0]}),
        ({"blood_pressure_very_high": "same_day"}, None, {"systolic_mmhg": [181.0]}),
        ({"heart_rate_high": "same_week"}, None, {"hr_rest_bpm": [104.0, 102.0]}),
        ({"heart_rate_high_once": "inform"}, None, {"hr_rest_bpm": [60.0, 102.0]}),
        ({}, None, {"hr_rest_bpm": [38.0] * 10}),
        ({"heart_rate_low": "same_week"}, None, {"hr_rest_bpm": [38.0] * 10, "energy": [1.0] * 10}),
        ({}, None, {"ill": ["fever"] * 3}),
        ({"fever": "same_week"}, None, {"ill": ["fever"] * 4}),
        ({}, None, {"ill": ["fever", "fever", "none", "fever", "fever"]}),
        ({"weight": "same_week"}, None, {"history": 80, "weight_kg": FALLING_WEIGHT}),
        ({}, None, {"history": 80, "weight_kg": [70.0] * 60 + [66.8] * 20}),
        ({}, None, {"history": 80, "weight_kg": [66.4] * 60 + [70.0] * 20}),
        ({"low_weight": "same_week"}, {"height_cm": 180.0}, {"weight_kg": [59.0] * 10}),
        ({"low_weight": "same_week"}, {"height_cm": 180.0, "weight_kg": 59.0}, {}),
        ({}, {"height_cm": 180.0, "birth_date": date(2010, 1, 1)}, {"weight_kg": [59.0] * 10}),
        ({}, {"cycle": "natural"}, {"history": 100, "period_started": [True, *[None] * 89]}),
        ({"no_period": "same_week"}, {"cycle": "natural"}, {"history": 100, "period_started": [True, *[None] * 90]}),
        ({"no_period_entered": "inform"}, None, {"history": 100, "period_started": [True, *[None] * 90]}),
        ({}, {"cycle": "hormonal"}, {"history": 100, "period_started": [True, *[None] * 90]}),
        ({}, {"cycle": "natural"}, {"history": 100, "period_started": [True, *[None] * 90], "energy": [None] * 100}),
        ({}, None, {"bowel": ["loose"] * 7}),
        ({"diarrhoea": "same_week"}, None, {"bowel": ["loose"] * 4 + [None] + ["loose"] * 3}),
        ({}, None, {"bowel": ["constipated"] * 14}),
        ({"constipation": "same_week"}, None, {"bowel": ["constipated"] * 15}),
        ({}, None, {"sleep_s": [4.5 * 3600] * 9}),
        ({"sleep": "same_week"}, None, {"sleep_s": [4.5 * 3600] * 15}),
        ({"infections": "inform"}, None, {"history": 100, "ill": [*COLDS, *COLDS, *COLDS, "above_neck"]}),
        ({}, None, {"history": 100, "ill": [*COLDS, *COLDS, "above_neck"]}),
        (
            {"young": "same_week"},
            {"birth_date": date(2010, 1, 1), "cycle": "natural"},
            {"history": 100, "period_started": [True, *[None] * 50]},
        ),
        ({"performance": "same_week"}, None, {"performance_ln": [1.4, 1.4, *[None] * 30, 1.28, 1.29]}),
        ({}, None, {"performance_ln": [1.4, 1.4, *[None] * 30, 1.34, 1.34]}),
        ({"pregnant": "same_week"}, {"cycle": "pregnant"}, {}),
        ({}, {"cycle": "pregnant"}, {"checked_by_doctor": [True, None, None]}),
    ],
)
def test_the_table_of_red_flags(expected, profile, columns):
    columns = dict(columns)
    assert flags(profile, columns.pop("history", 60), **columns) == expected


def test_an_informing_flag_changes_nothing():
    document = complete(verdict("fresh"), days(systolic_mmhg=[138.0]))
    assert document["red_flags"][0]["urgency"] == "inform"
    assert document["running_today"] == "as_planned"
    assert "A4" not in document["rules"]
    assert ids(document)[0] == "fresh_plan"


def test_fatigue_that_lasts_is_a_reason_for_a_check_up():
    assert flags(state="excessive", since="2026-04-20") == {}
    assert flags(state="excessive", since="2026-04-07") == {"fatigue_four_weeks": "same_week"}
    resting = [40.0] * 42 + [10.0] * 14
    assert flags(state="excessive", since="2026-04-20", load_lu=resting) == {"fatigue_despite_rest": "same_week"}
    assert flags(state="excessive", since="2026-04-01", checked_by_doctor=[True]) == {}


@pytest.mark.parametrize(
    ("profile", "referral"),
    [
        ({"birth_date": date(2010, 1, 1)}, "referral_minor"),
        ({"cycle": "pregnant"}, "referral_pregnant"),
        ({"cycle": "postpartum"}, "referral_postpartum"),
        ({"chronic_condition": True}, "referral_condition"),
        ({"hr_medication": True}, "referral_condition"),
    ],
)
@pytest.mark.parametrize("state", v.STATES)
def test_education_and_referral_for_those_the_research_is_not_about(state, profile, referral):
    document = complete(verdict(state, training=0.6, diet=0.4), days(), profile)
    assert referral in ids(document)
    assert not set(ids(document)) & {"fresh_plan", "cumulative_plan", "excessive_half", "strength_two", "fuel_numbers"}


def test_days_of_several_athletes_are_refused():
    two = pl.concat([days(), days().with_columns(athlete=pl.lit("you"))])
    with pytest.raises(ValueError, match="one athlete"):
        complete(verdict(), two)


def test_the_larger_of_work_and_home_is_named_where_stress_comes_from():
    def said(work, home):
        return told(complete(verdict("watch", stress=1.0), days(stress_work=[work] * 7, stress_home=[home] * 7)))

    assert "this week's stressors, beginning with work or studies, move or drop one" in said(8.0, 3.0)
    assert "beginning with home" in said(3.0, 8.0)
    assert "beginning with" not in said(6.0, 6.0)


def test_it_is_said_when_to_stop_a_run():
    document = complete(verdict("cumulative"), days())
    assert document["actions"][0]["id"] in ("cumulative_plan", "cumulative_lighter_week")
    plain = complete(verdict("cumulative"), days(load_lu=[10.0] * 7))
    assert "Stop a run when something hurts" in plain["actions"][0]["not_if"]
