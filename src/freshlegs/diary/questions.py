"""What a verdict asks back: whether an earlier one was right, and once what decides which advice fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from freshlegs import vocabulary as v
from freshlegs.diary.known import Known
from freshlegs.diary.labels import ASKED_FOR, ASKED_FOR_PAST, look_back_question
from freshlegs.store import Label
from freshlegs.tables import Row

if TYPE_CHECKING:
    from freshlegs.diary.verdicts import Verdicts

NAMES: Final[dict[str, str]] = {
    "birth_date": "your birth date",
    "cycle": "your cycle",
    "hr_medication": "medication that changes heart rate",
    "chronic_condition": "a condition a doctor follows",
}

IMPORTED_D: Final = 60
"""Days told before the diary began from which on two past stretches are asked about."""


def look_back(verdicts: Verdicts) -> Row | None:
    """Today's question about an earlier verdict: of those told, and of the days before the diary began."""
    today, began = verdicts.today, verdicts.began
    states = _made_before(verdicts, began, today - ASKED_FOR_PAST)
    states |= verdicts.store.told_states(max(began, today - ASKED_FOR - timedelta(days=7)), today)
    return look_back_question(verdicts.store.labels(), states, today, began, verdicts.zone)


def _made_before(verdicts: Verdicts, began: date, first: date) -> dict[date, str]:
    """The states of the days before the diary began, from everything known now."""
    if began <= first:
        return {}
    states = {}
    _, found = verdicts.evaluated(Known(verdicts.store), verdicts.today)
    for assessment in found:
        a = assessment.panel.athletes.index(verdicts.store.athlete)
        low, high = (max(0, assessment.panel.index(a, day)) for day in (first, began))
        row = assessment.decision.state[a]
        for t in range(low, min(high, len(row))):
            states[assessment.panel.day(a, t)] = v.STATES[int(row[t])]
    return states


def open_gates(profile: Mapping[str, Any], gates: Sequence[str]) -> list[str]:
    """Those of the keys nobody answered; the cycle is not asked of who entered male for formulas."""
    return [
        key
        for key in gates
        if profile.get(key) is None and not (key == "cycle" and profile.get("formula_sex") == "male")
    ]


def ask_once(verdicts: Verdicts, gates: Sequence[str]) -> Row | None:
    """On one day, the first on which a verdict is asked for: what is not known and decides which advice fits.

    After months were imported also the two past stretches that look worst. Never again after that day, nor once it
    was asked.
    """
    store, today = verdicts.store, verdicts.today
    asked = [one for one in store.labels() if one.kind == "asked"]
    if any(one.answer == "asked" or one.on != today for one in asked):
        return None
    missing = open_gates(store.profile(), gates)
    stretches = _stretches(verdicts)
    if not missing and not stretches:
        return None
    if not asked:
        store.add_labels([Label("asked", today, "mentioned")], verdicts.now)
    return Row(items=missing, stretches=stretches, text=_text(missing, stretches))


def _stretches(verdicts: Verdicts) -> list[Row]:
    from freshlegs.diary.interview import stretches

    frame, found = verdicts.evaluated(Known(verdicts.store), verdicts.today)
    if frame.is_empty() or (verdicts.began - frame["date"][0]).days < IMPORTED_D:
        return []
    return [one for one in stretches(verdicts, verdicts.store.labels(), found) if one["answer"] is None]


def _text(missing: Sequence[str], stretches: Sequence[Row]) -> str:
    from freshlegs.recovery.words import joined

    parts = []
    if missing:
        names = joined([NAMES.get(key, key) for key in missing])
        parts.append(f"Which advice fits you depends on {names}. Each may be skipped (freshlegs profile --ask).")
    if stretches:
        parts.append(f"{' '.join(str(one['text']) for one in stretches)} (freshlegs interview --stretches)")
    return " ".join(parts)
