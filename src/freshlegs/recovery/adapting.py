"""A plan that listens: the proposal beside the plan, each change with operator, rule, reason and load (J.6, J.7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final

import polars as pl

from freshlegs import vocabulary as v
from freshlegs.problems import WrongRequest
from freshlegs.recovery import prescription as rx
from freshlegs.recovery import words
from freshlegs.recovery.habit import Habit, habit
from freshlegs.recovery.sessions import RUNNING, Session, read_plan, total, write_plan
from freshlegs.recovery.stepping import back_of
from freshlegs.recovery.way_back import EASY_STEPS
from freshlegs.tables import CHANGES

MOST_PASSES: Final = 60
FLAGS: Final = ("none", "inform", "same_week", "same_day", "emergency")

CAUSE_WORDS: Final[dict[str, str]] = {
    "training": "training",
    "diet": "fuel",
    "stress": "stress",
    "sleep": "sleep",
    "other": "something besides training, food, stress and sleep",
}

RULES: Final[dict[str, str]] = {
    "watch_load": "On watch, a week with about a quarter less than usual shows whether the tiredness lifts.",
    "watch_hard": "On watch the first two days are easy, and at most one shortened hard session stays in the week.",
    "taper": "A race is near: less volume before it, and the race stays.",
    "excessive_rest": "Excessive tiredness lifts with rest first: two to four full rest days.",
    "excessive_half": "After the rest days a week at half the usual load or less, all of it easy.",
    "excessive_forty": "Then up to two weeks with about 40 % less than usual, all of it easy.",
    "excessive_easy": "Hard running waits until seven clear days have passed.",
    "excessive_strength": "Strength work draws on the same reserve: one light session a week.",
    "overtraining": "Structured training waits until this has been checked; a walk is fine if you feel no worse.",
    "illness_rest": "Rest on the day of the illness and for two days free of symptoms.",
    "illness_half": "After an illness about half the usual length first, easy.",
    "illness_three_quarters": "After an illness about three quarters of the usual length next, easy.",
    "illness_cold": "With a head cold hard running waits; easy is fine, day by day.",
    "pain_today": "Sharp or strong pain today: no running today, whatever the plan says.",
    "easy_today": "This morning's advice is easy running.",
    "none_today": "This morning's advice is no running today.",
    "flag_stop": "Something you entered should be looked at before you train.",
    "flag_easy": "Something you entered should be looked at this week; until then easy.",
    "way_back_easy": "On the way back all running is easy until the fourth step.",
    "way_back_length": "On the way back runs are short first: half an hour, then 40 minutes.",
    "way_back_turns": "The first step of the way back has a day without running between any two with it.",
    "way_back_runs": "In the easy steps of the way back three or four runs a week are enough.",
    "way_back_hard": "Hard running comes back one session a week, a short tempo run first.",
    "way_back_volume": "The way back leads over four fifths of your usual week to all of it.",
    "hard_apart": "Two hard days next to each other leave no time to recover in between.",
    "rest_day": "Seven days in a row need one without training; the day after the heaviest is the best place.",
    "rest_days_two": "Seven days in a row need two without training until this tiredness has lifted.",
    "longest_run": "From watch on and on the way back no run is more than a tenth longer than your longest of 30 days.",
    "weekly_load": "From watch on and on the way back no week is more than a tenth above what you have been doing.",
    "easy_share": "About four fifths of the running time should be easy.",
}
"""Why, by rule."""

TIRED_RULES: Final = frozenset(
    {"watch_load", "watch_hard", "excessive_rest", "excessive_half", "excessive_forty", "excessive_easy"}
)
"""Rules after which the likely contributors are named."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed. Nothing has been changed: the plan handed in is as it was.

    ``plan``: the same rows and columns, eased. ``changes``: one row a changed session (`tables.CHANGES`).
    ``notes``: what stands beside the plan: limits that inform, what was not known, what was assumed.
    """

    plan: pl.DataFrame
    changes: pl.DataFrame
    notes: tuple[str, ...]


def adapt(
    plan: pl.DataFrame,
    today: date,
    state: str,
    runs: pl.DataFrame | None = None,
    causes: Iterable[str] | None = None,
    ill: str = "none",
    flag: str = "none",
    *,
    sick_ago_d: int = 0,
    pain: bool = False,
    running_today: str = "as_planned",
    way_back: Mapping[str, Any] | None = None,
) -> Proposal:
    """Ease a plan to what state, illness and recent running allow; never make it longer, harder or heavier.

    ``plan`` holds rows of `tables.PLAN` (``date`` and ``kind`` at least), ``runs`` rows of `tables.RUNS` of one
    athlete. ``flag`` is the most urgent open red flag. ``sick_ago_d`` days have passed since the last day of ``ill``,
    from which the steps back count; ``pain`` is sharp or strong pain today, which stops today's run. ``running_today``
    and ``way_back`` are those of the verdict: today is held to the one, and each day to the step of the other that can
    have come by then. Sessions of the 28 days from ``today`` may change; they keep uid, date and row. Shares (“a
    quarter less”) are of what the runner is used to by ``runs``, not of the plan: on a plan that follows the habit
    that is the same, and it makes a second adapting change nothing. Without runs the second planned week stands for
    the usual one, and limits that need runs are left out.

    Raises `WrongRequest` for a state, illness, cause, flag, kind or step that is not in the vocabulary.
    """
    causes = tuple(causes or ())
    _refuse(state, ill, flag, causes, running_today)
    used_to = habit(runs, today)
    sessions = read_plan(plan, today, rx.HORIZON_D, used_to.speed_mps)
    case = rx.Case(
        state=state,
        ill=ill,
        flag=flag,
        habit=used_to,
        span_d=max((s.offset for s in sessions), default=-1) + 1,
        planned_hard_before=_planned_hard(plan, today, used_to),
        sick_ago_d=max(0, sick_ago_d),
        pain=pain,
        running_today=running_today,
        back=back_of(way_back, today, runs, used_to),
    )
    before = [_copy(s) for s in sessions]
    for _ in range(MOST_PASSES):
        count = sum(len(s.steps) for s in sessions)
        rx.once(sessions, case)
        if sum(len(s.steps) for s in sessions) == count:
            break
    changes = CHANGES.frame([_change(s, causes) for s in sessions if s.steps])
    return Proposal(write_plan(plan, sessions), changes, tuple(_notes(plan, runs, sessions, before, case, today)))


def _copy(session: Session) -> Session:
    return Session(
        row=session.row,
        uid=session.uid,
        day=session.day,
        offset=session.offset,
        kind=session.kind,
        duration_s=session.duration_s,
        distance_m=session.distance_m,
        load_lu=session.load_lu,
        optional=session.optional,
        speed_mps=session.speed_mps,
    )


def _refuse(state: str, ill: str, flag: str, causes: Sequence[str], running_today: str) -> None:
    for name, value, known in (
        ("state", state, v.STATES),
        ("ill", ill, v.ILLNESS),
        ("flag", flag, FLAGS),
        ("running_today", running_today, v.RUNNING_TODAY),
        *(("cause", cause, v.CAUSES) for cause in causes),
    ):
        if value not in known:
            raise WrongRequest(f"{name} cannot be {value!r}; it is one of {', '.join(known)}")


def _planned_hard(plan: pl.DataFrame, today: date, used_to: Habit) -> tuple[int, ...]:
    """Days ago of hard sessions planned for the last two days, unless it is known that nothing was run then."""
    found = []
    for ago in (1, 2):
        hard = plan.filter((pl.col("date") == today - timedelta(days=ago)) & pl.col("kind").is_in(sorted(v.HARD_KINDS)))
        if hard.height and (not used_to.loads or used_to.loads[-ago] > 0):
            found.append(ago)
    return tuple(found)


# ---------------------------------------------------------------- the changes in words


KIND_WORDS: Final[dict[str, str]] = {
    "easy": "easy run",
    "long": "long run",
    "tempo": "tempo run",
    "intervals": "intervals",
    "race": "race",
    "strength": "strength work",
    "walk": "walk",
    "cross": "cross-training",
    "rest": "rest",
}


def _done(session: Session) -> str:
    """What became of a session, in words."""
    first, length = KIND_WORDS[session.first_kind], f"{session.seconds / 60:.0f} min"
    if session.kind == "rest":
        return f"Rest instead of the {first}."
    if session.kind == "walk" and session.first_kind != "walk":
        return f"A walk of {length} instead of the {first}."
    if session.kind != session.first_kind:
        return f"An easy run of {length} instead of the {first}."
    return f"{first.capitalize()} shortened to {length}."


def _change(session: Session, causes: Sequence[str]) -> dict[str, Any]:
    """One row of changes: the operator that decided what the session became, and why."""
    operator, rule = session.steps[-1]
    if session.kind not in ("rest", "walk", session.first_kind):
        operator, rule = next((o, r) for o, r in session.steps if o.startswith("convert"))
    why = [_done(session), RULES[rule]]
    also = [RULES[r] for _, r in session.steps if r != rule]
    why += list(dict.fromkeys(also))[:1]
    if rule in TIRED_RULES and causes:
        why.append(f"Likely behind it: {words.joined([CAUSE_WORDS[c] for c in causes])}.")
    return {
        "uid": session.uid,
        "date": session.day,
        "operator": operator,
        "rule": rule,
        "why": " ".join(why),
        "load_before_lu": round(session.first_lu, 1),
        "load_after_lu": round(session.lu, 1),
    }


# ---------------------------------------------------------------- what stands beside the plan


def _notes(
    plan: pl.DataFrame,
    runs: pl.DataFrame | None,
    sessions: Sequence[Session],
    before: Sequence[Session],
    case: rx.Case,
    today: date,
) -> list[str]:
    if case.state == "insufficient_data" and not any(s.steps for s in sessions):
        return ["There is not enough data for a verdict, so the plan stays as it is."]
    notes = [*_state_notes(sessions, case), *_unknown_notes(runs, before, case)]
    if not case.tired and case.state != "insufficient_data" and case.ill == "none":
        notes += _limit_notes(sessions, case)
    dates = plan["date"].drop_nulls()
    last = today + timedelta(days=rx.HORIZON_D - 1)
    if dates.len() and dates.max() > last:  # type: ignore[operator]
        notes.append(f"Looked at until {words.full_day(last)}; later sessions wait for a later look.")
    return notes


def _state_notes(sessions: Sequence[Session], case: rx.Case) -> list[str]:
    notes = []
    races = [s for s in sessions if s.kind == "race"]
    named = words.joined([words.full_day(s.day) for s in races])
    if case.state == "watch":
        notes.append("Two easy days first: if the legs are back after them, it was good tired.")
        if races and races[0].offset <= rx.RACE_D:
            notes.append(f"The race of {words.full_day(races[0].day)} is near, so the days before it follow the taper.")
    if case.back is not None:
        notes.append(
            "The days follow the steps of the way back, each as early as it can come; a bad morning leads a step back, "
            "and another look says so."
        )
        early = [s for s in races if case.back.at(s.offset) <= EASY_STEPS]
        if early:
            on = words.joined([words.full_day(s.day) for s in early])
            notes.append(f"The race of {on} stays in the plan, but it comes before the way back is that far.")
    if case.state == "excessive" and races:
        notes.append(f"The race of {named} stays in the plan. A later one costs little; the start is your choice.")
    if case.state == "possible_overtraining":
        notes.append("A check-up comes first. Afterwards the way back takes weeks, in small steps.")
    if any(b.offset - a.offset == 1 for a, b in pairwise(races)):
        notes.append("Two races stand on neighbouring days; both are left, because races are kept.")
    ceiling = case.habit.ceiling_week_lu
    if case.tired and ceiling is not None and any(s.lu > ceiling for s in races):
        notes.append("A race alone is more than the limit of its week; everything beside it is down to rest.")
    if case.ill in ("below_neck", "fever"):
        notes.append(
            f"The steps back count from {'today' if not case.sick_ago_d else 'the last day of the illness'}; each day "
            "with symptoms moves them on. With chest pain, a racing heart "
            "or breathlessness see a doctor before you run."
        )
    return notes


def _unknown_notes(runs: pl.DataFrame | None, before: Sequence[Session], case: rx.Case) -> list[str]:
    notes = []
    if case.habit.usual_week_lu is None and case.state != "insufficient_data":
        reason = "No runs were given" if runs is None else "There is no run in the last four weeks"
        notes.append(f"{reason}, so the limits that need them are left out: longest run of 30 days, usual weekly load.")
    elif case.habit.longest_m is None and case.habit.longest_s is None:
        notes.append("No run of the last 30 days has a length, so the limit on the longest run is left out.")
    guessed = [s for s in before if s.busy and s.load_lu is None]
    if guessed:
        notes.append(
            f"{len(guessed)} of {len(before)} planned sessions have no load; it is estimated from kind and duration."
        )
    sized = [s for s in guessed if s.duration_s is None and s.distance_m is None]
    if sized:
        notes.append(f"{len(sized)} of them have no length either; the usual one of their kind is assumed.")
    return notes


def _limit_notes(sessions: Sequence[Session], case: rx.Case) -> list[str]:
    """Below watch the limits on the longest run and the week inform."""
    notes = []
    habit_ = case.habit
    for session in sessions:
        if session.kind not in RUNNING:
            continue
        far = session.distance_m and habit_.longest_m and session.distance_m > rx.OVER * habit_.longest_m
        long = session.duration_s and habit_.longest_s and session.duration_s > rx.OVER * habit_.longest_s
        if far or (long and not (session.distance_m and habit_.longest_m)):
            notes.append(
                f"The run of {words.full_day(session.day)} is more than a tenth longer than your longest of the last "
                "30 days; a smaller step is the safer one."
            )
    ceiling = habit_.ceiling_week_lu
    if ceiling is not None:
        for start in range(0, max(1, case.span_d - 6), 7):
            week = [s for s in sessions if start <= s.offset <= start + 6]
            if week and total(week) > ceiling:
                notes.append(
                    f"The seven days from {words.full_day(week[0].day)} hold {total(week):.0f} LU, more than a tenth "
                    "above what you have been doing."
                )
    if case.state == "cumulative" and _lighter_week_due(habit_.loads):
        notes.append("Four weeks have gone by without a lighter one; a week with a quarter less would fit now.")
    return notes


def _lighter_week_due(loads: Sequence[float]) -> bool:
    weeks = [sum(loads[len(loads) - 7 * (w + 1) : len(loads) - 7 * w]) for w in range(4)] if len(loads) >= 28 else []
    return bool(weeks) and min(weeks) > 0.8 * sum(weeks) / 4
