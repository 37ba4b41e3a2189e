"""The table of red flags: what holds, how urgent it is, and what is said (science I.7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from freshlegs import vocabulary as v
from freshlegs.recovery.red_flags import held
from freshlegs.recovery.red_flags.held import Held

URGENCIES: Final = ("emergency", "same_day", "same_week", "inform")
"""Most urgent first."""

EMERGENCY_NUMBER: Final = "the emergency number (112 in Europe, 911 in North America)"
CRISIS_LINE: Final = "findahelpline.com lists free crisis lines, country by country"

LONG: Final = 400  # days after which a flag nobody answered is no longer shown


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table. ``held`` gives the places on the grid on which the rule holds."""

    name: str
    urgency: str
    what: str
    held: Held
    quiet_d: int = 28
    """Days without it after which it is a new spell."""
    fades_d: int = LONG
    """Days after which it closes by itself."""
    answered_d: int = 90
    """Days for which a doctor's check answers the same spell."""
    source: str = "I.7"


_NOW: Final = f"Stop, and call {EMERGENCY_NUMBER} now."

SYMPTOM_NAMES: Final[dict[str, str]] = {
    "chest_pain": "chest pain or pressure",
    "fainting": "fainting or nearly fainting",
    "palpitations": "a racing or irregular heartbeat",
    "breathless": "breathlessness out of proportion",
    "one_sided_weakness": "weakness on one side",
    "heat_collapse": "a collapse in the heat",
    "dark_urine": "cola-coloured urine",
    "self_harm_thoughts": "thoughts of harming yourself",
    "bone_pain": "pain in one spot of a bone",
    "blood_in_stool_or_urine": "blood in stool or urine",
    "calf_swelling": "a swollen calf",
    "low_mood_two_weeks": "two weeks of low mood",
}

_ADVICE: Final[dict[str, str]] = {
    "bone_pain": "Have it looked at this week and do not run on it: an early look keeps a small thing small.",
    "blood_in_stool_or_urine": "See a doctor this week.",
    "calf_swelling": "See a doctor this week, better today; with breathlessness or chest pain "
    f"call {EMERGENCY_NUMBER} at once.",
    "low_mood_two_weeks": "Talk to a doctor or someone you trust this week; this is common and there is help.",
}


def _emergency_words(symptom: str) -> str:
    if symptom == "self_harm_thoughts":
        return (
            f"You entered {SYMPTOM_NAMES[symptom]}. Please talk to somebody now: {CRISIS_LINE}; "
            f"in danger, call {EMERGENCY_NUMBER}."
        )
    return f"You entered {SYMPTOM_NAMES[symptom]}. {_NOW}"


_SYMPTOM_RULES: Final = (
    *(
        Rule(name, "emergency", _emergency_words(name), held.entered(name), quiet_d=7, answered_d=28)
        for name in v.EMERGENCY_SYMPTOMS
    ),
    *(
        Rule(
            name,
            "same_week",
            f"You entered {SYMPTOM_NAMES[name]}. {_ADVICE[name]}",
            held.entered(name),
            quiet_d=7,
            answered_d=28,
        )
        for name in v.SAME_WEEK_SYMPTOMS
    ),
)

RULES: Final[tuple[Rule, ...]] = (
    *_SYMPTOM_RULES,
    Rule(
        "blood_pressure_very_high",
        "same_day",
        "Your blood pressure was 180/120 or more. Rest for five minutes and measure again; if it stays there, "
        f"see a doctor today, and with any other complaint call {EMERGENCY_NUMBER}.",
        held.on_days(lambda past, i: held.pressure(past, i, 180, 120), "systolic_mmhg", "diastolic_mmhg"),
    ),
    Rule(
        "blood_pressure_high",
        "same_week",
        "Your blood pressure was 135/85 or more on three days or more. Have it checked this week.",
        held.on_days(held.pressure_often, "systolic_mmhg", "diastolic_mmhg"),
    ),
    Rule(
        "blood_pressure_once",
        "inform",
        "One blood pressure reading was at 135/85 or above. That happens; measure on three calm mornings.",
        held.on_days(lambda past, i: held.pressure(past, i, 135, 85), "systolic_mmhg", "diastolic_mmhg"),
        fades_d=7,
    ),
    Rule(
        "heart_rate_high",
        "same_week",
        "Your resting heart rate was above 100 on two days or more of a week. Have it checked this week.",
        held.on_days(held.pulse_high, "hr_rest_bpm", "hr_night_bpm"),
        fades_d=28,
    ),
    Rule(
        "heart_rate_high_once",
        "inform",
        "One resting heart rate above 100 was recorded. Sensors, alcohol and fever do that; look again tomorrow.",
        held.on_days(held.pulse_high_once, "hr_rest_bpm", "hr_night_bpm"),
        fades_d=3,
    ),
    Rule(
        "heart_rate_low",
        "same_week",
        "Your resting heart rate was below 40 on a day you felt unwell. Many fit runners have such a heart rate; "
        "together with feeling unwell it should be checked this week.",
        held.on_days(held.pulse_low, "hr_rest_bpm", "hr_night_bpm"),
        fades_d=28,
    ),
    Rule(
        "fever",
        "same_week",
        "You have had a fever for more than three days. See a doctor this week.",
        held.lasting("ill", "fever", 3),
        quiet_d=7,
        fades_d=14,
    ),
    Rule(
        "weight",
        "same_week",
        "Your weight has fallen markedly within six months. If you did not mean it to, see a doctor this week; "
        "if you did, talk it over with one too, because running needs fuel.",
        lambda past, profile: held.weight_fall(past, 0.05, 182),
        answered_d=182,
        source="H, I.7",
    ),
    Rule(
        "low_weight",
        "same_week",
        "Your weight is low for your height. Have a doctor or a sports dietitian look at it with you.",
        held.thin,
        answered_d=held.YEAR,
        source="H",
    ),
    Rule(
        "no_period",
        "same_week",
        "No period has been entered for 90 days or more. See a doctor this week; there are many reasons, pregnancy "
        "and too little fuel among them.",
        held.no_period("natural"),
        answered_d=182,
        source="H, I.7",
    ),
    Rule(
        "no_period_entered",
        "inform",
        "No period has been entered for 90 days or more. If you do not use hormones and none came, see a doctor.",
        held.no_period(None),
        fades_d=14,
        source="H, I.7",
    ),
    Rule(
        "young",
        "same_week",
        "At your age falling weight or missed periods should be talked over with a parent and a doctor this week.",
        held.young,
        source="I.7, L",
    ),
    Rule(
        "diarrhoea",
        "same_week",
        "Loose stool for more than a week. See a doctor this week, and drink enough.",
        held.lasting("bowel", "loose", 7),
        fades_d=14,
    ),
    Rule(
        "constipation",
        "same_week",
        "Constipation for more than two weeks. See a doctor this week.",
        held.lasting("bowel", "constipated", 14),
        fades_d=14,
    ),
    Rule(
        "sleep",
        "same_week",
        "You have slept less than five hours a night for more than two weeks. Talk to a doctor this week; "
        "there is good help for sleep.",
        held.on_days(held.sleep_under_five, "sleep_s"),
        fades_d=14,
    ),
    Rule(
        "infections",
        "inform",
        "Four infections within a year. With children at home that is usual; otherwise mention it to a doctor.",
        held.four_infections,
        fades_d=14,
    ),
    Rule(
        "performance",
        "same_week",
        "Your pace in hard efforts is a tenth or more below your best month of the last four. "
        "With no reason that you know of, have a check-up this week.",
        held.performance_fall,
        fades_d=28,
    ),
    Rule(
        "pregnant",
        "same_week",
        "You are pregnant. Plan your running with your midwife or doctor, and enter the check when you have.",
        held.pregnant,
        answered_d=294,
    ),
)

TIRED_FOUR_WEEKS: Final = (
    "This tiredness has lasted four weeks or more. Have a check-up this week: many treatable things feel like this."
)
TIRED_DESPITE_REST: Final = (
    "Two weeks of rest have not lifted this tiredness. Have a check-up this week: many treatable things feel like this."
)
