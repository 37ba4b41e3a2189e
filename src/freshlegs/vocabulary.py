"""The field's words, once: states, signs, groups, causes, tips, habits, check-in items.

Names are part of the public contract; they appear in code, JSON, pages and documentation alike.
"""

from __future__ import annotations

from typing import Final

SCHEMA_VERSION: Final = 1

STATES: Final = ("insufficient_data", "fresh", "cumulative", "watch", "excessive", "possible_overtraining")
"""What a runner can be told, mildest first."""

CHAIN_STATES: Final = ("fresh", "cumulative", "excessive", "possible_overtraining")
"""The states of the Markov chain; *watch* is a sub-level of normal, decided afterwards."""

GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "muscle": ("soreness", "heavy_legs"),
    "performance": ("manageable_level", "performance_decline", "slow_recovery"),
    "mood": ("mood_swings", "cannot_relax", "low_motivation"),
    "sleep_energy": ("poor_sleep", "low_energy"),
    "immune": ("frequent_illness",),
    "autonomic": ("raised_heart_rate",),
    "energy_deficit": ("weight_appetite_loss", "irregular_cycles"),
    "gut": ("gut_trouble",),
}

SIGNS: Final = (
    "soreness",
    "manageable_level",
    "heavy_legs",
    "performance_decline",
    "slow_recovery",
    "mood_swings",
    "cannot_relax",
    "poor_sleep",
    "low_energy",
    "low_motivation",
    "frequent_illness",
    "raised_heart_rate",
    "weight_appetite_loss",
    "irregular_cycles",
    "gut_trouble",
)
"""The fifteen signs, in the order of the article that Freshlegs starts from."""

SIGN_GROUP: Final[dict[str, str]] = {sign: group for group, signs in GROUPS.items() for sign in signs}

CAUSES: Final = ("training", "diet", "stress", "sleep", "other")

TIPS: Final[dict[int, str]] = {
    1: "limit_stressors",
    2: "fuel",
    3: "sleep_hygiene",
    4: "stretch_strength",
    5: "listen_to_body",
}

SLEEP_HABITS: Final = (
    "same_times",
    "no_screens",
    "no_late_caffeine",
    "no_alcohol",
    "quiet_room",
    "cool_room",
    "dark_room",
    "calming_routine",
)

MORNING_ITEMS: Final = (
    "energy",
    "leg_freshness",
    "soreness",
    "sleep_quality",
    "stress",
    "stress_work",
    "stress_home",
    "mood",
    "relax",
    "wish_to_run",
    "readiness",
    "appetite",
)
"""Answers from 0 to 10."""

HIGH_IS_WORSE: Final = frozenset({"soreness", "stress", "stress_work", "stress_home"})
"""The items of which 10 is the worst; of all others 0 is."""

ILLNESS: Final = ("none", "above_neck", "below_neck", "fever")
BOWEL: Final = ("normal", "constipated", "loose")
ATE_ENOUGH: Final = ("yes", "no", "unsure")
RUNNING_TODAY: Final = ("none", "easy", "as_planned")
REST_TEST: Final = ("back", "partly", "not_back")
"""After two easy days: are the legs back? Mildest first."""

HIT_PACE: Final = ("yes", "partly", "no")

RUN_FLAGS: Final = (
    "watch_left_running",
    "walk_logged_as_run",
    "impossible_speed",
    "gps_jump",
    "cadence_locked_heart_rate",
    "clock_not_set",
    "too_long",
    "times_disagree",
    "time_disorder",
    "laps_twice",
)
"""What may be wrong with a recording; in words in `metrics.quality.SAID`."""

EMERGENCY_SYMPTOMS: Final = (
    "chest_pain",
    "fainting",
    "palpitations",
    "breathless",
    "one_sided_weakness",
    "heat_collapse",
    "dark_urine",
    "self_harm_thoughts",
)
SAME_WEEK_SYMPTOMS: Final = ("bone_pain", "blood_in_stool_or_urine", "calf_swelling", "low_mood_two_weeks")
SYMPTOMS: Final = EMERGENCY_SYMPTOMS + SAME_WEEK_SYMPTOMS

RUNNING_SPORTS: Final = frozenset(
    {"running", "trail_running", "treadmill_running", "track_running", "indoor_running", "virtual_running"}
)
"""Sports whose metres count as running metres."""

PLAN_KINDS: Final = ("easy", "long", "tempo", "intervals", "race", "strength", "walk", "cross", "rest")
HARD_KINDS: Final = frozenset({"tempo", "intervals", "race"})

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
"""The words of a date, for sentences."""

CHARTS_OF_MONTHS: Final = ("story", "nights", "signs", "balance")
CHARTS_OF_A_DAY: Final = ("evidence",)
CHARTS_OF_A_RUN: Final = ("run", "track")
CHARTS: Final = (*CHARTS_OF_MONTHS, *CHARTS_OF_A_DAY, *CHARTS_OF_A_RUN)
"""The names of the charts: over a span, of one morning, of one run."""
