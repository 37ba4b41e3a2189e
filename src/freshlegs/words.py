"""The vocabulary in a runner's words: names of signs, groups, causes, items; the check-in's questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SIGNS: Final[dict[str, str]] = {
    "soreness": "soreness that stays",
    "manageable_level": "hard at a level that used to be manageable",
    "heavy_legs": "heavy legs",
    "performance_decline": "slower or no longer getting faster",
    "slow_recovery": "slow recovery from runs",
    "mood_swings": "mood swings",
    "cannot_relax": "hard to switch off",
    "poor_sleep": "poor sleep",
    "low_energy": "low energy",
    "low_motivation": "little wish to run",
    "frequent_illness": "frequent illness",
    "raised_heart_rate": "raised resting heart rate or blood pressure",
    "weight_appetite_loss": "weight or appetite loss",
    "irregular_cycles": "irregular cycles",
    "gut_trouble": "gut trouble",
}

GROUPS: Final[dict[str, str]] = {
    "muscle": "muscles",
    "performance": "performance",
    "mood": "mood",
    "sleep_energy": "sleep and energy",
    "immune": "illness",
    "autonomic": "resting heart rate",
    "energy_deficit": "weight, appetite, cycle",
    "gut": "gut",
}

CAUSES: Final[dict[str, str]] = {
    "training": "training",
    "diet": "food",
    "stress": "stress",
    "sleep": "sleep",
    "other": "other",
}

PROBABILITIES: Final[dict[str, str]] = {
    "fresh": "fresh",
    "cumulative": "normal training fatigue",
    "excessive": "excessive fatigue",
    "possible_overtraining": "possible overtraining",
}

RULES: Final[dict[str, str]] = {
    "A1": "the paces are never held and the legs are always heavy: time to take a break",
    "A2": "energy at the bottom or soreness at the top for more than a week",
    "A3": "sickness or sharp pain: no running today, whatever the rest says",
    "A4": "something that has to be looked at by a doctor comes before training",
    "A5": "a planned overload or a marathon just behind: the bar for excessive is higher for two weeks",
    "A6": "in a light week, missing performance data improve nothing by themselves",
    "A7": "clearly slower for four weeks, with no illness or heat to explain it",
    "A8": "weight loss together with missed periods: fuel comes first",
    "A9": "the same place hurts again and again",
}

ITEMS: Final[dict[str, str]] = {
    "energy": "energy",
    "leg_freshness": "legs",
    "soreness": "soreness",
    "sleep_quality": "sleep",
    "stress": "stress",
    "stress_work": "stress at work",
    "stress_home": "stress at home",
    "mood": "mood",
    "relax": "switching off",
    "wish_to_run": "wish to run",
    "readiness": "readiness",
    "appetite": "appetite",
    "bowel": "bowel",
    "ate_enough": "ate enough",
    "ill": "illness",
    "pain": "pain",
    "pain_where": "place of the pain",
    "pain_sharp": "sharp pain",
    "weight_kg": "weight",
    "systolic_mmhg": "upper blood pressure",
    "diastolic_mmhg": "lower blood pressure",
    "period_started": "period started",
    "sleep_habits": "sleep habits kept",
    "strength_done": "strength done",
    "stretching_done": "stretching done",
    "rest_test": "rest test",
    "symptoms": "something worrying",
    "checked_by_doctor": "checked by a doctor",
    "note": "note",
    "feels": "feels against the verdict",
    "looking_back": "looking back",
    "rpe": "effort of the run",
    "legs": "legs after the run",
    "hit_pace": "planned pace held",
    "harder_than_it_should": "harder than it should",
}

RUN_ITEMS: Final = ("rpe", "legs", "hit_pace", "harder_than_it_should")
"""Answers after a run: they belong to the run of that day."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the morning; ``low`` and ``high`` are the two ends of 0 to 10 in words.

    ``choices`` (word typed → value kept) take the place of the scale.
    """

    item: str
    text: str
    low: str = ""
    high: str = ""
    choices: tuple[tuple[str, str], ...] = ()


EVERY_MORNING: Final = (
    Question("energy", "Energy", "empty", "full"),
    Question("leg_freshness", "Legs", "dead heavy", "springy"),
    Question("sleep_quality", "How did you sleep?", "badly", "very well"),
)

IN_TURN: Final = (
    Question("soreness", "Soreness", "none", "worst"),
    Question("stress_work", "Stress from work or studies", "none", "worst"),
    Question("stress_home", "Stress from home", "none", "worst"),
    Question("mood", "Mood", "low", "bright"),
    Question("relax", "Could you switch off yesterday evening?", "not at all", "easily"),
    Question("wish_to_run", "Wish to run today", "none", "keen"),
    Question("appetite", "Appetite", "none", "as usual"),
    Question(
        "bowel",
        "Bowel",
        choices=(("normal", "normal"), ("constipated", "constipated"), ("loose", "loose")),
    ),
    Question(
        "ate_enough", "Did you eat enough yesterday?", choices=(("yes", "yes"), ("no", "no"), ("unsure", "unsure"))
    ),
)
"""One of these each morning: the one that is most overdue."""

EVERY_D: Final[dict[str, float]] = {"mood": 1.5, "appetite": 9.0, "bowel": 9.0}
"""How soon an item is wanted again, in days: these count from a number of answers on. With the next two figures mood
is asked on three days of any seven, appetite and bowel on three of any twenty-eight."""

SELDOM_D: Final = 35.0
"""The same for any other item."""

NEVER_D: Final = 40
"""An item that was never answered counts as answered so many days ago."""

REST_TEST: Final = Question(
    "rest_test",
    "The two easy days are over: are your legs back?",
    choices=(("back", "back"), ("partly", "partly"), ("not back", "not_back")),
)

ILL: Final = Question(
    "ill",
    "Where?",
    choices=(("nose or throat", "above_neck"), ("chest or stomach", "below_neck"), ("fever", "fever")),
)

AFTER_RUN: Final = (
    Question("rpe", "How hard was it?", "nothing", "all out"),
    Question("legs", "Legs", "dead heavy", "springy"),
    Question("harder_than_it_should", "Did it feel harder than it should?", choices=(("no", "false"), ("yes", "true"))),
    Question("hit_pace", "Was the planned pace held?", choices=(("yes", "yes"), ("partly", "partly"), ("no", "no"))),
)
"""What is asked after a run."""

PAIN: Final = Question("pain", "How strong is the pain?", "none", "worst")
READINESS: Final = Question("readiness", "Ready to train", "not at all", "ready")
FEELS: Final = Question(
    "feels",
    "Against what yesterday's verdict said, it feels",
    choices=(("better", "better"), ("worse", "worse")),
)

ALONE: Final = (
    *AFTER_RUN,
    Question("ill", "Are you ill?", choices=(("no", "none"), *ILL.choices)),
    Question("stress", "Stress", "none", "worst"),
)
"""Questions that a verdict may ask by themselves."""

WORRYING: Final[dict[str, str]] = {
    "chest_pain": "chest pain or pressure on effort",
    "fainting": "fainting, or nearly, during exercise",
    "palpitations": "new palpitations with dizziness",
    "breathless": "breathless out of proportion",
    "one_sided_weakness": "weakness of one side, or confusion",
    "heat_collapse": "collapse in the heat, with confusion",
    "dark_urine": "cola-coloured urine with severe muscle pain",
    "self_harm_thoughts": "thoughts of harming yourself",
    "bone_pain": "pain in one spot of a bone",
    "blood_in_stool_or_urine": "blood in stool or urine",
    "calf_swelling": "swelling of one calf",
    "low_mood_two_weeks": "low mood for two weeks or more",
}

PROFILE: Final[dict[str, str]] = {
    "hr_max_bpm": "highest heart rate",
    "hr_rest_bpm": "resting heart rate",
    "hr_threshold_bpm": "threshold heart rate",
    "threshold_mps": "threshold pace",
    "birth_date": "birth date",
    "formula_sex": "sex, for formulas only",
    "height_cm": "height",
    "weight_kg": "weight",
    "sleep_need_h": "sleep needed",
    "home_time_zone": "home time zone",
    "units": "units shown",
    "cycle": "cycle",
    "hr_medication": "medication that changes heart rate",
    "chronic_condition": "a condition a doctor follows",
    "overtrained_before": "overtrained before",
    "overload_until": "planned overload until",
    "new_normal_since": "new normal since",
    "show_weight": "show weight",
    "show_energy": "show calories",
}

BRANCHES: Final[dict[str, str]] = {
    "soreness.after_hard": "three days after hard sessions",
    "legs": "legs on run days",
    "mood.range": "swings within a week",
    "heart.night": "heart rate at night",
    "heart.rest": "resting heart rate",
    "heart.hrv": "HRV of the week",
    "heart.pressure": "blood pressure",
    "illness": "infections",
    "weight": "weight",
    "cycle": "cycle",
    "gut": "gut",
    "sleep.broken": "share of the night asleep",
    "effort.residual": "effort beyond pace and length",
    "effort.harder": "felt harder than it should",
    "pace.missed": "planned pace missed",
    "performance.decline": "slower than the best month",
    "performance.plateau": "no progress",
    "recovery": "after hard and long runs",
    "rest_test": "the rest test",
}

RISKS: Final[dict[str, str]] = {
    "ramp": "load rising fast",
    "monotony": "days too much alike",
    "grey": "too little easy running",
    "spike": "one run much longer than usual",
    "sleep_debt": "sleep debt",
    "stress": "stress above your usual",
    "fuel": "not eating enough",
    "overtrained_before": "overtrained in the last two years",
    "deload": "a lighter week",
}

MEASURED: Final[dict[str, str]] = {"hr_night_bpm": "night heart rate", "hr_rest_bpm": "resting heart rate"}

CAPPED: Final = "the cap"
UNMEASURED: Final = "not measured"


def name(table: dict[str, str], key: str) -> str:
    """The words for a key; without any, the key itself with spaces.

    >>> name(SIGNS, "heavy_legs"), name(SIGNS, "new_sign")
    ('heavy legs', 'new sign')
    """
    return table.get(key, key.replace("_", " "))


def branch(key: str) -> str:
    """What a branch looks at.

    >>> branch("item.energy"), branch("heart.night")
    ('energy as answered', 'heart rate at night')
    """
    if key.startswith("item."):
        return f"{name(ITEMS, key.removeprefix('item.'))} as answered"
    return BRANCHES.get(key, key)
