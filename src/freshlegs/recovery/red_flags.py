"""When to see somebody: a fixed, readable table of rules, not learned and not weighed (science I.7).

Each rule says on which days it holds. It stays open until ``checked_by_doctor`` is entered on that day or
later, and a check answers the same spell for ``answered_d`` days. Findings that everyday life meets inform
and change nothing. A rule looks back from a day, never ahead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from freshlegs import vocabulary as v
from freshlegs.recovery.past import Past, mean, median
from freshlegs.recovery.words import day_month

URGENCIES: Final = ("emergency", "same_day", "same_week", "inform")
"""Most urgent first."""

EMERGENCY_NUMBER: Final = "the emergency number (112 in Europe, 911 in North America)"
CRISIS_LINE: Final = "findahelpline.com lists free crisis lines, country by country"

YEAR: Final = 365
LONG: Final = 400  # days after which a flag nobody answered is no longer shown

Held = Callable[[Past, Mapping[str, Any]], list[int]]


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


@dataclass(frozen=True, slots=True)
class Flag:
    """An open flag of one day."""

    rule: str
    urgency: str
    what: str
    since: date
    source: str

    def as_dict(self) -> dict[str, str]:
        """As it stands in the document."""
        return {
            "urgency": self.urgency,
            "what": self.what,
            "rule": self.rule,
            "since": self.since.isoformat(),
            "source": self.source,
        }


# ---------------------------------------------------------------- on which days a rule holds


def _entered(symptom: str) -> Held:
    def held(past: Past, profile: Mapping[str, Any]) -> list[int]:
        return [i for i, told in enumerate(past.column("symptoms")) if told and symptom in told]

    return held


def _on_days(test: Callable[[Past, int], bool], *columns: str) -> Held:
    """Places where one of the columns is known and the test is true."""

    def held(past: Past, profile: Mapping[str, Any]) -> list[int]:
        grids = [past.column(name) for name in columns]
        known = (i for i in range(past.length) if any(grid[i] is not None for grid in grids))
        return [i for i in known if test(past, i)]

    return held


def _window(past: Past, name: str, place: int, count: int) -> list[Any]:
    return [x for x in past.column(name)[max(0, place - count + 1) : place + 1] if x is not None]


def _pressure(past: Past, place: int, systolic: float, diastolic: float) -> bool:
    upper, lower = past.column("systolic_mmhg")[place], past.column("diastolic_mmhg")[place]
    return (upper is not None and upper >= systolic) or (lower is not None and lower >= diastolic)


def _pressure_often(past: Past, place: int) -> bool:
    days = range(max(0, place - 13), place + 1)
    return _pressure(past, place, 135, 85) and sum(_pressure(past, i, 135, 85) for i in days) >= 3


def _pulse(past: Past, place: int) -> float | None:
    resting: float | None = past.column("hr_rest_bpm")[place]
    night: float | None = past.column("hr_night_bpm")[place]
    return night if resting is None else resting


def _pulse_high(past: Past, place: int) -> bool:
    week = [_pulse(past, i) for i in range(max(0, place - 6), place + 1)]
    return sum(bpm is not None and bpm > 100 for bpm in week) >= 2


def _pulse_high_once(past: Past, place: int) -> bool:
    bpm = _pulse(past, place)
    return bpm is not None and bpm > 100


def _pulse_low(past: Past, place: int) -> bool:
    bpm, energy = _pulse(past, place), past.column("energy")[place]
    unwell = bool(past.column("symptoms")[place]) or (energy is not None and energy <= 2)
    return bpm is not None and bpm < 40 and unwell


def _lasting(name: str, value: str, longer_than_d: int, gap_d: int = 2) -> Held:
    """The same answer for more than so many days; ``gap_d`` unanswered days in between do not end it."""

    def held(past: Past, profile: Mapping[str, Any]) -> list[int]:
        found: list[int] = []
        start = last = None
        for i, answer in enumerate(past.column(name)):
            if answer == value:
                if start is None or last is None or i - last > gap_d + 1:
                    start = i
                last = i
                if i - start + 1 > longer_than_d:
                    found.append(i)
            elif answer is not None:
                start = None
        return found

    return held


def _sleep_under_five(past: Past, place: int) -> bool:
    nights = _window(past, "sleep_s", place, 15)
    return len(nights) >= 10 and sum(s < 5 * 3600 for s in nights) >= 0.8 * len(nights)


def infections(past: Past) -> list[int]:
    """The first days of illnesses; five days without a sick answer part two of them."""

    def find() -> list[int]:
        starts: list[int] = []
        last = None
        for i, answer in enumerate(past.column("ill")):
            if answer is not None and answer != "none":
                if last is None or i - last > 5:
                    starts.append(i)
                last = i
        return starts

    found: list[int] = past.keep("infections", find)
    return found


def _four_infections(past: Past, profile: Mapping[str, Any]) -> list[int]:
    starts = infections(past)
    return [i for n, i in enumerate(starts) if n >= 3 and i - starts[n - 3] < YEAR]


def _weight_fall(past: Past, share: float, back_d: int) -> list[int]:
    """Days on which the median of two weeks' weighings lies that share or more below the highest such median."""

    def find() -> list[int]:
        usual: list[tuple[int, float]] = []
        for i, weight in enumerate(past.column("weight_kg")):
            if weight is None:
                continue
            fortnight = _window(past, "weight_kg", i, 14)
            middle = median(fortnight)
            if len(fortnight) >= 2 and middle is not None:
                usual.append((i, middle))
        found, oldest = [], 0
        for n, (i, now) in enumerate(usual):
            while usual[oldest][0] < i - back_d:
                oldest += 1
            if now <= (1 - share) * max(middle for _, middle in usual[oldest : n + 1]):
                found.append(i)
        return found

    found: list[int] = past.keep(("weight", share, back_d), find)
    return found


def age(profile: Mapping[str, Any], day: date) -> int | None:
    """Full years on that day."""
    born = profile.get("birth_date")
    if born is None:
        return None
    return int(day.year - born.year - ((day.month, day.day) < (born.month, born.day)))


def _is_minor(past: Past, profile: Mapping[str, Any], place: int) -> bool:
    years = age(profile, past.day(place))
    return years is not None and years < 18


def _thin(past: Past, profile: Mapping[str, Any]) -> list[int]:
    height = profile.get("height_cm")
    if height is None:
        return []
    least = 18.5 * (height / 100) ** 2
    grid = past.column("weight_kg")
    told, found = profile.get("weight_kg"), []
    for i, weight in enumerate(grid):
        if weight is not None:
            told = None  # from the first weighing on, weighings count
        now = told if told is not None else (median(_window(past, "weight_kg", i, 28)) if weight else None)
        if now is not None and now < least and not _is_minor(past, profile, i):
            found.append(i)
    return found


def _answered(past: Past) -> list[bool]:
    def find() -> list[bool]:
        grids = [past.column(item) for item in v.MORNING_ITEMS]
        return [any(grid[i] is not None for grid in grids) for i in range(past.length)]

    found: list[bool] = past.keep("answered", find)
    return found


def without_period(past: Past, longest_d: int) -> list[int]:
    """Answered days at least so long after the last first day; ten answers since, so that silence is no finding."""
    found, last, answers = [], None, 0
    for i, (began, answered) in enumerate(zip(past.column("period_started"), _answered(past), strict=True)):
        if began:
            last, answers = i, 0
        answers += answered
        if last is not None and answered and i - last >= longest_d and answers >= 10:
            found.append(i)
    return found


def _no_period(*cycles: str | None) -> Held:
    def held(past: Past, profile: Mapping[str, Any]) -> list[int]:
        return without_period(past, 90) if profile.get("cycle") in cycles else []

    return held


def _young(past: Past, profile: Mapping[str, Any]) -> list[int]:
    cycles = () if profile.get("cycle") in ("hormonal", "none", "off") else without_period(past, 45)
    places = {*_weight_fall(past, 0.03, 56), *cycles}
    return [i for i in sorted(places) if _is_minor(past, profile, i)]


def _performance_fall(past: Past, profile: Mapping[str, Any]) -> list[int]:
    """The mean of 28 days a tenth below the best such mean of 120 days, two efforts in each."""
    levels: list[tuple[int, float]] = []
    for i, effort in enumerate(past.column("performance_ln")):
        if effort is None:
            continue
        month = _window(past, "performance_ln", i, 28)
        level = mean(month)
        if len(month) >= 2 and level is not None:
            levels.append((i, level))
    return [
        i
        for n, (i, level) in enumerate(levels)
        if level <= max(best for j, best in levels[: n + 1] if j >= i - 120) - 0.10
    ]


def _pregnant(past: Past, profile: Mapping[str, Any]) -> list[int]:
    return list(range(past.length)) if profile.get("cycle") == "pregnant" else []


# ---------------------------------------------------------------- the table

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
        Rule(name, "emergency", _emergency_words(name), _entered(name), quiet_d=7, answered_d=28)
        for name in v.EMERGENCY_SYMPTOMS
    ),
    *(
        Rule(
            name,
            "same_week",
            f"You entered {SYMPTOM_NAMES[name]}. {_ADVICE[name]}",
            _entered(name),
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
        _on_days(lambda past, i: _pressure(past, i, 180, 120), "systolic_mmhg", "diastolic_mmhg"),
    ),
    Rule(
        "blood_pressure_high",
        "same_week",
        "Your blood pressure was 135/85 or more on three days or more. Have it checked this week.",
        _on_days(_pressure_often, "systolic_mmhg", "diastolic_mmhg"),
    ),
    Rule(
        "blood_pressure_once",
        "inform",
        "One blood pressure reading was at 135/85 or above. That happens; measure on three calm mornings.",
        _on_days(lambda past, i: _pressure(past, i, 135, 85), "systolic_mmhg", "diastolic_mmhg"),
        fades_d=7,
    ),
    Rule(
        "heart_rate_high",
        "same_week",
        "Your resting heart rate was above 100 on two days or more of a week. Have it checked this week.",
        _on_days(_pulse_high, "hr_rest_bpm", "hr_night_bpm"),
        fades_d=28,
    ),
    Rule(
        "heart_rate_high_once",
        "inform",
        "One resting heart rate above 100 was recorded. Sensors, alcohol and fever do that; look again tomorrow.",
        _on_days(_pulse_high_once, "hr_rest_bpm", "hr_night_bpm"),
        fades_d=3,
    ),
    Rule(
        "heart_rate_low",
        "same_week",
        "Your resting heart rate was below 40 on a day you felt unwell. Many fit runners have such a heart rate; "
        "together with feeling unwell it should be checked this week.",
        _on_days(_pulse_low, "hr_rest_bpm", "hr_night_bpm"),
        fades_d=28,
    ),
    Rule(
        "fever",
        "same_week",
        "You have had a fever for more than three days. See a doctor this week.",
        _lasting("ill", "fever", 3),
        quiet_d=7,
        fades_d=14,
    ),
    Rule(
        "weight",
        "same_week",
        "Your weight has fallen markedly within six months. If you did not mean it to, see a doctor this week; "
        "if you did, talk it over with one too, because running needs fuel.",
        lambda past, profile: _weight_fall(past, 0.05, 182),
        answered_d=182,
        source="H, I.7",
    ),
    Rule(
        "low_weight",
        "same_week",
        "Your weight is low for your height. Have a doctor or a sports dietitian look at it with you.",
        _thin,
        answered_d=YEAR,
        source="H",
    ),
    Rule(
        "no_period",
        "same_week",
        "No period has been entered for 90 days or more. See a doctor this week; there are many reasons, pregnancy "
        "and too little fuel among them.",
        _no_period("natural"),
        answered_d=182,
        source="H, I.7",
    ),
    Rule(
        "no_period_entered",
        "inform",
        "No period has been entered for 90 days or more. If you do not use hormones and none came, see a doctor.",
        _no_period(None),
        fades_d=14,
        source="H, I.7",
    ),
    Rule(
        "young",
        "same_week",
        "At your age falling weight or missed periods should be talked over with a parent and a doctor this week.",
        _young,
        source="I.7, L",
    ),
    Rule(
        "diarrhoea",
        "same_week",
        "Loose stool for more than a week. See a doctor this week, and drink enough.",
        _lasting("bowel", "loose", 7),
        fades_d=14,
    ),
    Rule(
        "constipation",
        "same_week",
        "Constipation for more than two weeks. See a doctor this week.",
        _lasting("bowel", "constipated", 14),
        fades_d=14,
    ),
    Rule(
        "sleep",
        "same_week",
        "You have slept less than five hours a night for more than two weeks. Talk to a doctor this week; "
        "there is good help for sleep.",
        _on_days(_sleep_under_five, "sleep_s"),
        fades_d=14,
    ),
    Rule(
        "infections",
        "inform",
        "Four infections within a year. With children at home that is usual; otherwise mention it to a doctor.",
        _four_infections,
        fades_d=14,
    ),
    Rule(
        "performance",
        "same_week",
        "Your pace in hard efforts is a tenth or more below your best month of the last four. "
        "With no reason that you know of, have a check-up this week.",
        _performance_fall,
        fades_d=28,
    ),
    Rule(
        "pregnant",
        "same_week",
        "You are pregnant. Plan your running with your midwife or doctor, and enter the check when you have.",
        _pregnant,
        answered_d=294,
    ),
)

TIRED_FOUR_WEEKS: Final = (
    "This tiredness has lasted four weeks or more. Have a check-up this week: many treatable things feel like this."
)
TIRED_DESPITE_REST: Final = (
    "Two weeks of rest have not lifted this tiredness. Have a check-up this week: many treatable things feel like this."
)


# ---------------------------------------------------------------- what is open on a day


def _checks(past: Past) -> list[int]:
    found: list[int] = past.keep(
        "checks", lambda: [i for i, told in enumerate(past.column("checked_by_doctor")) if told]
    )
    return found


def _spell(held: list[int], today: int, quiet_d: int) -> tuple[int, int] | None:
    """First and last place of the latest spell up to today."""
    until = [place for place in held if place <= today]
    if not until:
        return None
    first = last = until[-1]
    for place in reversed(until):
        if first - place > quiet_d:
            break
        first = place
    return first, last


def _open(rule: Rule, past: Past, profile: Mapping[str, Any], today: int) -> tuple[int, int] | None:
    held: list[int] = past.keep(
        (
            rule.name,
            profile.get("birth_date"),
            profile.get("height_cm"),
            profile.get("weight_kg"),
            profile.get("cycle"),
        ),
        lambda: rule.held(past, profile),
    )
    spell = _spell(held, today, rule.quiet_d)
    if spell is None or today - spell[1] > rule.fades_d:
        return None
    checks = [c for c in _checks(past) if spell[0] <= c <= today]
    if checks and spell[1] <= checks[-1] + rule.answered_d:
        return None
    return spell


def _word(rule: Rule, past: Past, spell: tuple[int, int], today: int) -> tuple[str, str]:
    """Urgency and words; an emergency entered on an earlier day asks for a look today."""
    if rule.urgency != "emergency" or spell[1] == today:
        return rule.urgency, rule.what
    entered = f"You entered {SYMPTOM_NAMES[rule.name]} on {day_month(past.day(spell[1]))}."
    if rule.name == "self_harm_thoughts":
        return "same_day", f"{entered} Please talk to somebody today: {CRISIS_LINE}."
    return (
        "same_day",
        f"{entered} If nobody has looked at it, see a doctor today; if it comes again, call {EMERGENCY_NUMBER}.",
    )


def _rested(past: Past, day: date) -> bool:
    """Fourteen days with at most half the mean load of the six weeks before them."""
    recent = past.loads(day, 14)
    before = [load for load in past.loads(day - timedelta(days=14), 42) if load is not None]
    known = [load for load in recent if load is not None]
    usual = mean(before)
    return len(known) == 14 and len(before) >= 21 and usual is not None and sum(known) <= 0.5 * 14 * usual


def _of_the_state(past: Past, state: str, since: date | None, day: date) -> Flag | None:
    """Fatigue for more than four weeks, or for more than two in spite of rest."""
    if state not in ("excessive", "possible_overtraining"):
        return None
    lasting = (day - since).days if since is not None else 0
    if state == "possible_overtraining":
        rule, what, onset = "fatigue_four_weeks", TIRED_FOUR_WEEKS, since or day
    elif lasting >= 28 and since is not None:
        rule, what, onset = "fatigue_four_weeks", TIRED_FOUR_WEEKS, since + timedelta(days=28)
    elif lasting >= 14 and since is not None and _rested(past, day):
        rule, what, onset = "fatigue_despite_rest", TIRED_DESPITE_REST, since + timedelta(days=14)
    else:
        return None
    today = past.place(day)
    if any(past.place(onset) <= c <= today and today <= c + 90 for c in _checks(past)):
        return None
    return Flag(rule, "same_week", what, onset, "I.7")


_QUIETER: Final = {
    "blood_pressure_very_high": ("blood_pressure_high", "blood_pressure_once"),
    "blood_pressure_high": ("blood_pressure_once",),
    "heart_rate_high": ("heart_rate_high_once",),
    "young": ("weight", "no_period", "no_period_entered"),
}
"""A rule that says more silences the ones that say less of the same thing."""


def find(
    past: Past, day: date, profile: Mapping[str, Any], state: str = "fresh", since: date | None = None
) -> list[Flag]:
    """The flags open on a day, most urgent first.

    ``state`` and ``since`` are the verdict's: fatigue that lasts is itself a reason for a check-up.
    """
    today = past.place(day)
    flags: list[Flag] = []
    for rule in RULES:
        spell = _open(rule, past, profile, today)
        if spell is not None:
            urgency, what = _word(rule, past, spell, today)
            flags.append(Flag(rule.name, urgency, what, past.day(spell[0]), rule.source))
    lasting = _of_the_state(past, state, since, day)
    if lasting is not None:
        flags.append(lasting)
    named = {flag.rule for flag in flags}
    quiet = {less for rule, lesser in _QUIETER.items() if rule in named for less in lesser}
    return sorted((f for f in flags if f.rule not in quiet), key=lambda f: URGENCIES.index(f.urgency))
