"""What the runner says about verdicts: labels, the own record beside every verdict, the look back after two weeks.

Labels stay on the runner's machine and tune nothing. Only what was said of causes and told from memory bears on a
verdict; both are acts of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from freshlegs.store import Label
from freshlegs.tables import Row

if TYPE_CHECKING:
    from freshlegs.fatigue.causes import Said
    from freshlegs.fatigue.memory import Told

AFTER: Final = timedelta(days=14)
"""From the beginning of a spell to the question about it."""

ASKED_FOR: Final = timedelta(days=120)
"""An unanswered question about a verdict that was told is not asked any more after this; memory fades."""

ASKED_FOR_PAST: Final = timedelta(days=365)
"""The same for days before the diary began."""

SAME_SPELL_D: Final = 7
"""Bad days no further apart belong to one spell."""

BAD: Final = ("watch", "excessive", "possible_overtraining")

STATE_WORDS: Final[dict[str, str]] = {
    "insufficient_data": "not enough data",
    "fresh": "fresh",
    "cumulative": "normal training fatigue",
    "watch": "watch",
    "excessive": "excessive fatigue",
    "possible_overtraining": "possible overtraining",
}

BESIDE: Final = ("record", "look_back_question", "ask_once", "marks")
"""What stands beside a verdict when it is read, and is no part of it: it may be another tomorrow."""


class Spell(NamedTuple):
    """Days on end of *watch* or worse: the first, the last, the state of the first."""

    first: date
    last: date
    state: str


def current(labels: Iterable[Label], kind: str) -> list[Label]:
    """The labels of a kind that hold: of each day the last, unless it was taken back; by date."""
    held = {one.on: one for one in labels if one.kind == kind}
    return [held[on] for on in sorted(held) if held[on].answer is not None]


def said_of_causes(labels: Iterable[Label]) -> list[Said]:
    """What was said of causes, by the day it is about."""
    from freshlegs.fatigue.causes import Said

    found = [
        Said(one.about or "", one.answer, one.on)  # type: ignore[arg-type]
        for one in labels
        if one.kind == "cause" and one.answer is not None
    ]
    return sorted(found, key=lambda said: said.on)


def told_from_memory(labels: Iterable[Label], day: date) -> Told | None:
    """The last interview up to a day; None when there is none, or it was taken back."""
    told = [one for one in labels if one.kind == "interview" and one.on <= day]
    if not told or told[-1].answer is None:
        return None
    from freshlegs.fatigue.memory import Told

    since = json.loads(told[-1].answer)
    return Told(told[-1].on, {sign: date.fromisoformat(on) for sign, on in since.items()})


def record(labels: Sequence[Label]) -> Row:
    """How often the runner agreed, looking back: ``agreed``, ``of``, and the two in words.

    A morning of which too little was known had no verdict to agree with.
    """
    looked = [one for one in current(labels, "looking_back") if one.about != "insufficient_data"]
    agreed = sum(one.answer == "right" for one in looked)
    text = f"you agreed with {agreed} of {len(looked)}" if looked else "you have not looked back at a verdict yet"
    return Row(agreed=agreed, of=len(looked), text=text)


def listed(labels: Sequence[Label]) -> Row:
    """All labels that hold, and what they come to; the document of ``labels --json``."""
    looked, felt = current(labels, "looking_back"), current(labels, "feels")
    by_state: dict[str, dict[str, int]] = {}
    for one in looked:
        entry = by_state.setdefault(one.about or "unknown", {"agreed": 0, "of": 0})
        entry["agreed"] += one.answer == "right"
        entry["of"] += 1
    stretches = current(labels, "stretch")
    causes = {(one.on, one.about): one for one in labels if one.kind == "cause" and one.answer is not None}
    held = [*looked, *felt, *stretches, *current(labels, "interview"), *causes.values()]
    return Row(
        record=Row(
            **record(labels),
            by_state=by_state,
            felt={word: sum(one.answer == word for one in felt) for word in ("better", "worse")},
            stretches={word: sum(one.answer == word for one in stretches) for word in ("yes", "no")},
        ),
        labels=[_row(one) for one in sorted(held, key=lambda one: (one.on, one.kind))],
        note="Labels stay on this machine. They tune nothing by themselves.",
    )


def _row(label: Label) -> Row:
    answer: Any = json.loads(label.answer) if label.kind == "interview" and label.answer else label.answer
    return Row(
        kind=label.kind,
        date=label.on.isoformat(),
        until=None if label.until is None else label.until.isoformat(),
        about=label.about,
        answer=answer,
        said_at=None if label.known_utc is None else label.known_utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


def spells(states: Mapping[date, str]) -> list[Spell]:
    """The spells of *watch* or worse, earliest first; bad days at most a week apart are one spell."""
    found: list[Spell] = []
    for day in sorted(day for day, state in states.items() if state in BAD):
        if found and (day - found[-1].last).days <= SAME_SPELL_D:
            found[-1] = found[-1]._replace(last=day)
        else:
            found.append(Spell(day, day, states[day]))
    return found


def look_back_question(
    labels: Sequence[Label], states: Mapping[date, str], today: date, began: date, zone: tzinfo
) -> Row | None:
    """The one question about a verdict of two weeks ago or more; the latest that was not answered.

    ``states``: the state of each morning, as told from ``began`` on, as made from everything known before it. After
    an answer there is no other question until the next day.
    """
    from freshlegs.recovery.words import day_month

    looked = current(labels, "looking_back")
    if any(one.known_utc is not None and one.known_utc.astimezone(zone).date() == today for one in looked):
        return None
    for spell in reversed(spells(states)):
        told = spell.first >= began
        oldest = today - (ASKED_FOR if told else ASKED_FOR_PAST)
        answered = any(spell.first <= one.on <= spell.last for one in looked)
        if answered or not oldest <= spell.first <= today - AFTER:
            continue
        year = "" if spell.first.year == today.year else f" {spell.first.year}"
        when = f"On {day_month(spell.first)}{year} the verdict {'was' if told else 'would have been'}"
        text = f"{when} {STATE_WORDS[spell.state]}: right?"
        return Row(date=spell.first.isoformat(), state=spell.state, text=text)
    return None
