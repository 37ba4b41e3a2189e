"""What the way back to running asks of a plan (science J.6), step by step, in terms of the operators of J.7.

The plan is held to the step of today until the next one can come, and to the steps after it from the days on which
each can come at the earliest. A later look finds what the mornings have made of it; nothing is put back into a plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl

from freshlegs.problems import WrongRequest
from freshlegs.recovery.habit import Habit, usual_week
from freshlegs.recovery.morning import as_date
from freshlegs.recovery.operators import TAPER, Target, cap, reduce, soften, within
from freshlegs.recovery.parameters import PARAMETERS as P
from freshlegs.recovery.sessions import RUNNING, Session
from freshlegs.recovery.way_back import EASY_STEPS, KINDS, STEPS

IN_TURNS: Final = 1
"""The step of walking and running in turns, every other day."""
WITH_TEMPO: Final = 4
WITH_QUALITY: Final = 5


@dataclass(frozen=True, slots=True)
class Back:
    """A way back as a plan has to know it.

    ``step`` holds until the day before ``next_d`` (days from today), each later one ``each_d`` days.
    ``usual_week_lu``: a week before the way back; None when nothing is known of it. ``ran_yesterday``: load yesterday.
    """

    step: int
    next_d: int
    each_d: int
    usual_week_lu: float | None = None
    ran_yesterday: bool = False

    def at(self, offset: int) -> int:
        """The step of a day, if all goes well until then; past the last one the plan holds."""
        return self.step if offset < self.next_d else self.step + 1 + (offset - self.next_d) // self.each_d


def back_of(told: Mapping[str, Any] | None, today: date, runs: pl.DataFrame | None, used_to: Habit) -> Back | None:
    """From ``way_back`` of a verdict; None without one, and after an illness, whose days a plan knows by themselves.

    WrongRequest for what is none.
    """
    if told is None or told.get("kind") == "illness":
        return None
    kind, step = told.get("kind"), told.get("step")
    if kind not in KINDS or type(step) is not int or not 1 <= step <= len(STEPS):
        raise WrongRequest(f"way_back is none of a verdict: its kind is {kind!r}, its step {step!r}")
    next_on, began = as_date(told.get("next_on")) or today, as_date(told.get("began")) or today
    return Back(
        step=step,
        next_d=max(1, (next_on - today).days),
        each_d=P.whole("way_back.overtraining_step_d" if kind == "overtraining" else "way_back.excessive_step_d"),
        usual_week_lu=usual_week(runs, began, P.whole("way_back.usual_d")),
        ran_yesterday=bool(used_to.loads and used_to.loads[-1] > 0),
    )


def steps_back(sessions: Sequence[Session], back: Back) -> None:
    """Ease each day to what its step allows. Races stay, whatever the step."""
    for session in sessions:
        if back.at(session.offset) <= EASY_STEPS:
            _easy(session, turns=back.at(session.offset) == IN_TURNS)
    _every_other_day(sessions, back)
    _runs_a_week(sessions, back)
    _one_hard(sessions, back)
    _volume(sessions, back)


def _easy(session: Session, *, turns: bool) -> None:
    if session.hard and session.kind != "race":
        soften(session, "way_back_easy")
    if session.kind in RUNNING or session.kind == "cross":
        cap(session, P.number("way_back.turns_s" if turns else "way_back.easy_s"), "way_back_length")


def _every_other_day(sessions: Sequence[Session], back: Back) -> None:
    """Walk and run in turns: once a day, and not on neighbouring days."""
    last = -1 if back.ran_yesterday else -2
    for session in sessions:
        if session.kind not in RUNNING:
            continue
        if back.at(session.offset) == IN_TURNS and session.offset - last < 2:
            session.to_rest("replace_easy", "way_back_turns")
        else:
            last = session.offset


def _runs_a_week(sessions: Sequence[Session], back: Back) -> None:
    """In the steps of easy running three or four runs in seven days: the shortest ones go."""
    most = P.whole("way_back.runs_a_week")
    for start in range(max((s.offset for s in sessions), default=-1) + 1):
        week = [s for s in within(sessions, start, start + 6) if s.kind in RUNNING]
        spare = [s for s in week if IN_TURNS < back.at(s.offset) <= EASY_STEPS]
        for session in sorted(spare, key=lambda s: (s.lu, -s.offset, -s.row))[: max(0, len(week) - most)]:
            session.to_rest("replace_easy", "way_back_runs")


def _one_hard(sessions: Sequence[Session], back: Back) -> None:
    """Then one hard session in seven days: a short tempo run in the fourth step, any in the fifth."""
    last = -7
    for session in sessions:
        step = back.at(session.offset)
        if not session.hard or session.kind == "race" or step not in (WITH_TEMPO, WITH_QUALITY):
            continue
        if session.offset - last < 7 or (step == WITH_TEMPO and session.kind != "tempo"):
            soften(session, "way_back_hard")
            continue
        last = session.offset
        if step == WITH_TEMPO:
            cap(session, P.number("way_back.tempo_s"), "way_back_hard")


def _volume(sessions: Sequence[Session], back: Back) -> None:
    """Four fifths of the usual week in the fourth step, the usual one in the fifth; its one hard session stays."""
    if back.usual_week_lu is None:
        return
    for step, share in ((WITH_TEMPO, P.number("way_back.volume")), (WITH_QUALITY, 1.0)):
        held = sorted({s.offset for s in sessions if back.at(s.offset) == step})
        for first in held:
            days = [offset for offset in range(first, first + 7) if back.at(offset) == step]
            most = share * back.usual_week_lu * len(days) / 7
            if len(days) == 7 or first == held[0]:
                planned = [s for s in within(sessions, days[0], days[-1]) if s.kind != "race"]
                reduce(planned, Target(most, most, "way_back_volume"), TAPER)
