"""The way back to running after excessive fatigue, possible overtraining or an illness, step by step (science J.6).

A pure function of the days and the day on which the way back began. A step is held for a week at least (two after
possible overtraining), with enough good mornings in it; then comes the next. Any bad morning leads one step back and
begins that step anew. A morning without an answer moves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal

from freshlegs.recovery import words
from freshlegs.recovery.body import STEP_D, body
from freshlegs.recovery.parameters import PARAMETERS as P
from freshlegs.recovery.past import Past, median
from freshlegs.tables import Row

Kind = Literal["excessive", "overtraining", "illness"]
KINDS: Final = ("excessive", "overtraining", "illness")
BEYOND: Final = ("excessive", "possible_overtraining")
"""States after which there is a way back."""

STEPS: Final = (
    "walk and run in turns for 20 to 30 minutes, every other day",
    "run easily for 30 to 40 minutes, three or four times a week",
    "run easily as in the step before, and once a week end with four relaxed strides of 20 seconds",
    "run about four fifths of your usual amount, with one short tempo of 10 to 15 minutes in the week",
    "run your usual amount, with one faster session in the week",
    "run as planned, with no week and no run more than a tenth above the last",
)
EASY_STEPS: Final = 3
"""Steps in which all running is easy, strides apart."""

ILLNESS_STEPS: Final = (
    "run about half your usual length, easily",
    "run about three quarters of your usual length, easily",
)
ANSWERS: Final = ("energy", "leg_freshness", "mood")
"""Not worse than usual in these: a good morning."""

WORDS: Final = {"energy": "energy", "leg_freshness": "legs", "mood": "mood"}


@dataclass(frozen=True, slots=True)
class Start:
    """The day on which a way back began, and after what."""

    kind: Kind
    on: date


@dataclass(frozen=True, slots=True)
class WayBack:
    """Where the way back stands on a morning.

    ``step`` counts from 1 to ``of``; ``since``: the day it began; ``next_on``: the first day on which the next step
    can come, if the mornings until then are good; ``good_needed``: good mornings still wanted in this step.
    ``moved``: each change so far, as (day, step from then on, why).
    """

    kind: Kind
    began: date
    step: int
    of: int
    since: date
    next_on: date
    good_needed: int
    what: str
    moved: tuple[tuple[date, int, str], ...] = ()

    @property
    def easy(self) -> bool:
        """Whether all running is easy in this step."""
        return self.kind == "illness" or self.step <= EASY_STEPS

    def as_dict(self) -> Row:
        """As it stands in the verdict."""
        return Row(
            kind=self.kind,
            began=self.began.isoformat(),
            step=self.step,
            of=self.of,
            since=self.since.isoformat(),
            what=f"{self.what[:1].upper()}{self.what[1:]}.",
            moves_on=self.moves_on,
            moves_back=self.moves_back,
            next_on=self.next_on.isoformat(),
            good_mornings_needed=self.good_needed,
            moved=[Row(date=on.isoformat(), step=step, why=why) for on, step, why in self.moved],
        )

    @property
    def moves_on(self) -> str:
        """What leads to the next step, in words."""
        goal = "The way back is done" if self.step == self.of else f"Step {self.step + 1} comes"
        if self.kind == "illness":
            return f"{goal} on {words.full_day(self.next_on)}, if you stay free of symptoms."
        if self.good_needed:
            several = "one more good morning" if self.good_needed == 1 else f"{self.good_needed} more good mornings"
            return (
                f"{goal} on {words.full_day(self.next_on)} at the earliest, with {several} until then: energy, legs "
                "and mood about as usual, nothing hurting, not ill."
            )
        return f"{goal} on {words.full_day(self.next_on)}, if the mornings until then are no worse than usual."

    @property
    def moves_back(self) -> str:
        """What leads a step back, in words."""
        if self.kind == "illness":
            return "With symptoms again it is rest, and the steps begin anew."
        where = "this step begins anew" if self.step == 1 else f"it is back to step {self.step - 1}"
        return f"After a bad morning {where}. That is no setback; it is how the steps are meant."


def began(states: Mapping[date, str], day: date) -> Start | None:
    """When the way back to a morning's plan began: on the morning after the last one beyond normal; None without any.

    ``states``: the state of each morning up to ``day``.
    """
    if states.get(day) in BEYOND:
        return None
    earliest = day - timedelta(days=P.whole("way_back.forget_d"))
    bad = [on for on, state in states.items() if earliest <= on < day and state in BEYOND]
    if not bad:
        return None
    last = max(bad)
    spell = [on for on in bad if (last - on).days <= P.whole("way_back.forget_d")]
    kind: Kind = "overtraining" if any(states[on] == "possible_overtraining" for on in spell) else "excessive"
    return Start(kind, last + timedelta(days=1))


def way_back(past: Past, start: Start | None, day: date) -> WayBack | None:
    """The step of a morning; None when no way back is under way, or it is done. Looks at nothing later than ``day``."""
    ill = _after_illness(past, day)
    if start is None or start.on > day:
        return ill
    found = _walk(past, start, day)
    # An illness is over in days, and stricter while it lasts.
    return ill if ill is not None and (found is None or not found.easy) else found


def _after_illness(past: Past, day: date) -> WayBack | None:
    """Half, then three quarters, each for two days, after the first two days free of symptoms (`body`)."""
    phases = {"half": 1, "three_quarters": 2}
    step = phases.get(body(past, day).illness)
    if step is None:
        return None
    since = day
    while phases.get(body(past, since - timedelta(days=1)).illness) == step:
        since -= timedelta(days=1)
    first = since if step == 1 else since - timedelta(days=STEP_D)
    return WayBack("illness", first, step, 2, since, since + timedelta(days=STEP_D), 0, ILLNESS_STEPS[step - 1])


@dataclass(slots=True)
class _Place:
    step: int
    since: date
    good: int


def _walk(past: Past, start: Start, day: date) -> WayBack | None:
    least = P.whole("way_back.overtraining_step_d" if start.kind == "overtraining" else "way_back.excessive_step_d")
    enough = P.whole("way_back.good_min")
    usual = {item: _usual(past, item, start.on) for item in ANSWERS}
    heart = _heart(past, start.on)
    place, moved = _Place(1, start.on, 0), []
    for n in range((day - start.on).days + 1):
        on = start.on + timedelta(days=n)
        wrong = _wrong(past, on, usual, heart)
        if wrong is not None:
            place = _Place(max(1, place.step - 1), on, 0)
            moved.append((on, place.step, wrong))
            continue
        if (on - place.since).days >= least and place.good >= enough:
            place = _Place(place.step + 1, on, 0)
            if place.step > len(STEPS):
                return None
            moved.append((on, place.step, "the mornings of the step before were good"))
        place.good += _answered(past, on)
    return WayBack(
        kind=start.kind,
        began=start.on,
        step=place.step,
        of=len(STEPS),
        since=place.since,
        next_on=max(place.since + timedelta(days=least), day + timedelta(days=1)),
        good_needed=max(0, enough - place.good),
        what=STEPS[place.step - 1],
        moved=tuple(moved),
    )


def _usual(past: Past, item: str, on: date) -> float:
    """The usual before the way back began: half a year, so that the tired weeks do not make it."""
    known = past.known(item, on, P.whole("way_back.usual_d"))
    middle = median(known) if len(known) >= P.whole("way_back.usual_min") else None
    return P.number("way_back.usual_unknown") if middle is None else middle


def _heart(past: Past, on: date) -> tuple[str, float] | None:
    """Night heart rate, else resting: the column and its usual."""
    for name in ("hr_night_bpm", "hr_rest_bpm"):
        known = past.known(name, on, P.whole("way_back.usual_d"))
        middle = median(known)
        if middle is not None and len(known) >= P.whole("way_back.heart_min"):
            return name, middle
    return None


def _answered(past: Past, on: date) -> bool:
    """Whether enough was said of a morning to call it good."""
    return any(past.at(item, on) is not None for item in ("energy", "leg_freshness"))


def _wrong(past: Past, on: date, usual: Mapping[str, float], heart: tuple[str, float] | None) -> str | None:
    """What made a morning a bad one, in words; None when nothing did."""
    if past.at("symptoms", on):
        return "something worrying was entered"
    ill: Any = past.at("ill", on)
    if ill not in (None, "none"):
        return "you were ill"
    pain = past.at("pain", on)
    if (past.at("pain_sharp", on) and pain != 0) or (pain is not None and pain >= P.number("way_back.pain")):
        return "something hurt"
    below = P.number("way_back.below")
    for item in ANSWERS:
        told = past.at(item, on)
        if told is not None and told <= usual[item] - below:
            return f"{WORDS[item]} well below your usual"
    if heart is not None:
        beats = past.at(heart[0], on)
        if beats is not None and beats > (1.0 + P.number("way_back.heart_share")) * heart[1]:
            return "heart rate at rest above your usual"
    return None
