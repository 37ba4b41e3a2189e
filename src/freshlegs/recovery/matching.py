"""Planned beside done: which run was which session. Missed work stays missed; nothing here moves it to a later day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from freshlegs import vocabulary as v
from freshlegs.recovery.parameters import PARAMETERS as P

Status = Literal["planned", "done", "changed", "missed", "unknown"]

NEAR: Final[Sequence[float]] = P["morning.near"]
"""Done as planned: this share of the planned time (or distance, or load) or more, and no more than that."""

SPORT_OF: Final[Mapping[str, str]] = {"strength": "strength", "walking": "walk", "hiking": "walk"}


@dataclass(frozen=True, slots=True)
class Match:
    """What became of one planned session: its status and the places of the runs that count for it."""

    status: Status
    runs: tuple[int, ...] = ()


def family(kind: str) -> str:
    """What can stand for what: every kind of run for every other."""
    return kind if kind in ("strength", "walk", "cross", "rest") else "run"


def family_of_sport(sport: str | None) -> str:
    """The same for a recorded session.

    >>> family_of_sport("trail_running"), family_of_sport("hiking"), family_of_sport("cycling"), family_of_sport(None)
    ('run', 'walk', 'cross', 'run')
    """
    if sport is None or sport in v.RUNNING_SPORTS:
        return "run"
    return SPORT_OF.get(sport, "cross")


def match(
    plan: Sequence[Mapping[str, Any]],
    runs: Sequence[Mapping[str, Any]],
    today: date,
    known_until: date | None,
) -> list[Match]:
    """One `Match` a planned session, in the order of ``plan`` (rows of `tables.PLAN`).

    ``runs``: rows of `tables.RUNS` with their local ``date``. A run belongs to one session of its day, of its own
    family; a session with several left (a run recorded in two parts) takes them all. ``known_until``: the last day
    anything is known of; a session after it without a run is ``unknown``, not missed. Of today nothing is missed yet.
    """
    found: list[Match] = []
    free = set(range(len(runs)))
    order = sorted(range(len(plan)), key=lambda n: (plan[n]["date"], -(plan[n].get("duration_s") or 0.0), n))
    taken: dict[int, tuple[int, ...]] = {}
    for number in order:
        session = plan[number]
        same = [n for n in sorted(free) if runs[n]["date"] == session["date"]]
        fitting = [n for n in same if family_of_sport(runs[n].get("sport")) == family(session["kind"])]
        others = sum(
            plan[n]["date"] == session["date"] and family(plan[n]["kind"]) == family(session["kind"])
            for n in order
            if n not in taken
        )
        chosen = tuple(fitting) if others <= 1 else tuple(_nearest(session, fitting, runs))
        taken[number] = chosen
        free -= set(chosen)
    for number, session in enumerate(plan):
        left = [n for n in sorted(free) if runs[n]["date"] == session["date"]]
        found.append(_status(session, taken[number], left, runs, today, known_until))
    return found


def _nearest(session: Mapping[str, Any], fitting: Sequence[int], runs: Sequence[Mapping[str, Any]]) -> list[int]:
    """The run whose length is nearest to the planned one."""
    wanted = session.get("duration_s") or 0.0
    return sorted(fitting, key=lambda n: abs((runs[n].get("moving_s") or 0.0) - wanted))[:1]


def _status(
    session: Mapping[str, Any],
    chosen: tuple[int, ...],
    left: Sequence[int],
    runs: Sequence[Mapping[str, Any]],
    today: date,
    known_until: date | None,
) -> Match:
    day: date = session["date"]
    if session["kind"] == "rest":
        ran = [n for n in left if family_of_sport(runs[n].get("sport")) == "run"]
        if ran:
            return Match("changed", tuple(ran))
        if day >= today:
            return Match("planned")
        return Match("done" if known_until is not None and day <= known_until else "unknown")
    if chosen:
        return Match("done" if _as_planned(session, [runs[n] for n in chosen]) else "changed", chosen)
    if day >= today:
        return Match("planned")
    if left:
        return Match("changed", tuple(left))
    return Match("missed" if known_until is not None and day <= known_until else "unknown")


def _as_planned(session: Mapping[str, Any], done: Sequence[Mapping[str, Any]]) -> bool:
    """Whether what was run is about as long (or as far, or as heavy) as planned; without any size it is."""
    for planned, actual in (("duration_s", "moving_s"), ("distance_m", "distance_m"), ("load_lu", "load_lu")):
        wanted, values = session.get(planned), [run.get(actual) for run in done]
        if wanted and all(value is not None for value in values):
            share = sum(float(value) for value in values if value is not None) / float(wanted)
            return NEAR[0] <= share <= NEAR[1]
    return True
