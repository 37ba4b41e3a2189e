"""The flags that are open on a day: spells of days on which a rule holds, until somebody has looked at them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from freshlegs.recovery.past import Past, mean
from freshlegs.recovery.red_flags.rules import (
    CRISIS_LINE,
    EMERGENCY_NUMBER,
    RULES,
    SYMPTOM_NAMES,
    TIRED_DESPITE_REST,
    TIRED_FOUR_WEEKS,
    URGENCIES,
    Rule,
)
from freshlegs.recovery.words import day_month


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
    if rule.urgency == "emergency" and spell[1] == today:
        return spell  # no entry of the same day puts out what has to be acted on at once
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
