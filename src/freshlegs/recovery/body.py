"""Sickness and pain: what stops running today whatever the state is (I.6 A3, A9; illness steps of J.6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from freshlegs.recovery.parameters import PARAMETERS as P
from freshlegs.recovery.past import Past

SICK: Final = ("below_neck", "fever")
ANY_PLACE: Final = "the same place"
UNKNOWN_D: Final = P.whole("body.unknown_d")
"""Unanswered days after a sick answer that still count as sick: unknown is not well."""
FREE_D: Final = P.whole("body.free_d")
"""Days free of symptoms before the first run (24 to 48 hours)."""
STEP_D: Final = P.whole("body.step_d")
"""Days of each step back: half, three quarters, then the plan."""
PAIN: Final = P.number("body.pain")
PAIN_STOPS: Final = P.number("body.pain_stops")
"""Pain so strong stops a run even when nobody said whether it is sharp."""
NAGGING_D: Final = P.whole("body.nagging_d")
SPELLS: Final = P.whole("body.spells")
SPELLS_D: Final = P.whole("body.spells_d")


@dataclass(frozen=True, slots=True)
class Body:
    """What sickness and pain allow today.

    ``illness`` is ``none``, ``above_neck``, ``sick`` (below the neck, or fever), ``wait`` (symptoms gone for
    less than two days), ``half`` or ``three_quarters``. ``pain_stops``: sharp or strong pain today.
    ``sick_ago_d``: days since the last day that counts as sick, while steps back are still to be taken; 0 while sick.
    ``nagging``: the place of a pain of three of the last seven days. ``spells``: such spells in 120 days.
    """

    illness: str
    fever: bool
    run_from: date | None
    pain_stops: bool
    pain_where: str
    nagging: str
    spells: int
    sick_ago_d: int | None = None

    @property
    def no_running(self) -> bool:
        """Rule A3 as it stands today: symptoms or pain of today."""
        return self.illness == "sick" or self.pain_stops


def _illness(past: Past, day: date) -> tuple[str, bool, date | None, int | None]:
    """Illness phase, whether it is a fever, the first day on which an easy run may be tried, days since it."""
    today = past.place(day)
    answers = past.last("ill", day, 21)
    sick = [today - 20 + i for i, told in enumerate(answers) if told in SICK]
    now = answers[-1]
    if now in SICK:
        return "sick", now == "fever", None, 0
    if sick:
        since = _free_since(answers, sick[-1], today)
        if since is None:
            return "sick", answers[sick[-1] - today - 1] == "fever", None, 0
        free = today - since
        if free < FREE_D:
            return "wait", False, past.day(since + FREE_D), free + 1
        if now != "above_neck" and free < FREE_D + 2 * STEP_D:
            return ("half" if free < FREE_D + STEP_D else "three_quarters"), False, None, free + 1
    return ("above_neck" if now == "above_neck" else "none"), False, None, None


def _free_since(answers: list[Any], last_sick: int, today: int) -> int | None:
    """The first day after the sickness that is known, or must be taken, to be free of it."""
    for place in range(last_sick + 1, today + 1):
        told = answers[place - today - 1]
        if told is not None or place > last_sick + UNKNOWN_D:
            return place
    return None


def _place(where: Any) -> str:
    return " ".join(str(where).lower().split()) if where else ""


def _nagging_days(past: Past) -> list[tuple[int, str]]:
    """Days on which a place has hurt on three of the last seven, today among them."""

    def find() -> list[tuple[int, str]]:
        pains = [
            (i, _place(where))
            for i, (pain, where) in enumerate(zip(past.column("pain"), past.column("pain_where"), strict=True))
            if pain is not None and pain >= PAIN
        ]
        return [
            (i, where)
            for n, (i, where) in enumerate(pains)
            if sum(j > i - 7 and other == where for j, other in pains[: n + 1]) >= NAGGING_D
        ]

    found: list[tuple[int, str]] = past.keep("nagging", find)
    return found


def _spells(days: list[tuple[int, str]], today: int) -> int:
    """Spells of nagging pain in 120 days; a week without it parts two of the same place."""
    last: dict[str, int] = {}
    count = 0
    for i, where in days:
        if i > today:
            break
        new = where not in last or i - last[where] > 7
        last[where] = i
        count += new and i > today - SPELLS_D
    return count


def body(past: Past, day: date) -> Body:
    """Sickness and pain as known on the morning of ``day``."""
    today = past.place(day)
    illness, fever, run_from, sick_ago_d = _illness(past, day)
    pain, sharp = past.at("pain", day), past.at("pain_sharp", day)
    strong = pain is not None and pain >= PAIN_STOPS and sharp is None
    days = _nagging_days(past)
    recent = [where for i, where in days if today - 2 <= i <= today]
    return Body(
        illness=illness,
        fever=fever,
        run_from=run_from,
        pain_stops=bool(sharp and pain != 0) or strong,
        pain_where=_place(past.at("pain_where", day)),
        nagging=(recent[-1] or ANY_PLACE) if recent else "",
        spells=_spells(days, today),
        sick_ago_d=sick_ago_d,
    )


def easier_until(day: date) -> date:
    """The last of a few days off for a nagging pain."""
    return day + timedelta(days=2)
