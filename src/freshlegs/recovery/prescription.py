"""What each state, a race ahead and an illness ask of a plan (science J.6), in terms of the operators of J.7.

Shares such as “a quarter less” are of what the runner is used to (`Habit`), not of the plan that is handed in:
on a plan that follows the habit the two are the same, a plan already lighter is left alone, and a plan that has
been eased once is not eased again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from freshlegs.recovery import operators as op
from freshlegs.recovery.habit import FORTY_DAYS, HALF_DAYS, REST_DAYS, Habit, rest_owed
from freshlegs.recovery.operators import Target, cap, reduce, rest_days, soften, within
from freshlegs.recovery.parameters import PARAMETERS as P
from freshlegs.recovery.sessions import EASY_SHARE, RUNNING, Session, total
from freshlegs.recovery.stepping import Back, steps_back

HORIZON_D: Final = P.whole("prescription.horizon_d")
"""Days looked at; sessions later than that wait for a later look."""
WATCH_D: Final = P.whole("prescription.watch_d")
WATCH: Final[Sequence[float]] = P["prescription.watch"]
"""Watch: 20 to 30 % less than usual; trigger and aim, as shares of the usual week."""
HALF: Final[Sequence[float]] = P["prescription.half"]
FORTY: Final[Sequence[float]] = P["prescription.forty"]
TAPER: Final[Sequence[float]] = P["prescription.taper"]
RACE_D: Final = P.whole("prescription.race_d")
"""A race this near makes it a taper."""
HARD_SHORTER: Final = P.number("prescription.hard_shorter")
HARD_APART_D: Final = P.whole("prescription.hard_apart_d")
EASY_DAYS: Final = P.whole("prescription.easy_days")
"""The rest test of watch: today and tomorrow are easy."""
EASY_TIME: Final = P.number("prescription.easy_time")
SHARE_D: Final = P.whole("prescription.share_d")
OVER: Final = P.number("prescription.over")
ILL_REST_D: Final = P.whole("prescription.ill_rest_d")
"""The day of the illness and two days free of symptoms."""
ILL_STEPS: Final = (
    (*P["prescription.ill_half"], "illness_half"),
    (*P["prescription.ill_three_quarters"], "illness_three_quarters"),
)
"""Until which day, share of the usual run, its length where nothing is known, rule."""
TIRED: Final = ("watch", "excessive", "possible_overtraining")
LIGHT_STRENGTH_S: Final = P.number("prescription.light_strength_s")


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that decides besides the plan itself."""

    state: str
    ill: str
    flag: str
    habit: Habit
    span_d: int
    planned_hard_before: tuple[int, ...] = ()
    """Days ago of hard days that were planned and, as far as is known, run."""
    sick_ago_d: int = 0
    """Days since the last day of the illness; the steps back count from there."""
    pain: bool = False
    """Sharp or strong pain today."""
    running_today: str = "as_planned"
    """What the morning's advice allows today, whatever it rests on."""
    back: Back | None = None
    """The way back to running, where one is under way."""

    @property
    def tired(self) -> bool:
        """From watch on."""
        return self.state in TIRED

    @property
    def hard_before(self) -> tuple[int, ...]:
        """Days ago of hard days, as run or as planned."""
        return self.habit.hard_before + self.planned_hard_before


# ---------------------------------------------------------------- before all: sickness and flags


def illness(sessions: Sequence[Session], case: Case) -> None:
    """Fever or below the neck: three days off, then half, three quarters, the plan; a head cold: easy today.

    Sharp pain: no run today (A3).
    """
    if case.ill == "above_neck":
        for session in within(sessions, 0, 0):
            if session.hard:
                soften(session, "illness_cold")
    if case.pain:
        for session in within(sessions, 0, 0):
            if session.kind in RUNNING or session.kind == "race":
                session.to_rest("replace_easy", "pain_today")
    if case.ill not in ("below_neck", "fever"):
        return
    gone = case.sick_ago_d
    for session in within(sessions, 0, ILL_REST_D - 1 - gone):
        if session.busy:
            session.to_rest("replace_easy", "illness_rest")
    first = ILL_REST_D
    for end, share, default_s, rule in ILL_STEPS:
        most_s = share * case.habit.run_s if case.habit.run_s is not None else default_s
        for session in within(sessions, first - gone, end - 1 - gone):
            if session.hard:
                soften(session, rule)
            cap(session, most_s, rule)
        first = end


def this_morning(sessions: Sequence[Session], case: Case) -> None:
    """Today's session is never more than the morning's advice allows; a race stays the runner's choice."""
    for session in within(sessions, 0, 0):
        if case.running_today == "none" and session.kind in RUNNING:
            session.to_rest("replace_easy", "none_today")
        elif case.running_today == "easy" and session.hard and session.kind != "race":
            soften(session, "easy_today")


def flagged(sessions: Sequence[Session], case: Case) -> None:
    """A red flag: an emergency (or same-day) flag stops a week, a same-week flag makes it easy, races too."""
    for session in within(sessions, 0, 6):
        if case.flag in ("emergency", "same_day") and session.busy:
            session.to_rest("replace_easy", "flag_stop")
        elif case.flag == "same_week" and session.hard:
            soften(session, "flag_easy")


# ---------------------------------------------------------------- watch


def _race_soon(sessions: Sequence[Session]) -> int | None:
    return min((s.offset for s in sessions if s.kind == "race" and s.offset <= RACE_D), default=None)


def _kept_hard(sessions: Sequence[Session], case: Case, last: int) -> Session | None:
    """The one hard session that may stay: not in the first two days, three days from any other, its usual known.

    A tempo run rather than intervals, which J.7 eases first.
    """
    if case.habit.hard_s is None:
        return None
    fixed = [s.offset for s in sessions if s.kind == "race" or (s.hard and s.offset > last)]
    fixed += [-ago for ago in case.hard_before]
    week = [s for s in within(sessions, EASY_DAYS, last) if s.hard and s.kind != "race" and not s.optional]
    free = [s for s in week if all(abs(s.offset - other) >= HARD_APART_D for other in fixed)]
    return min(free, key=lambda s: (s.kind != "tempo", s.offset, s.row), default=None)


def _watch_hard(sessions: Sequence[Session], case: Case, last: int) -> None:
    kept = _kept_hard(sessions, case, last)
    for session in within(sessions, 0, last):
        if session is kept and case.habit.hard_s is not None:
            cap(session, HARD_SHORTER * case.habit.hard_s, "watch_hard")
        elif session.hard and session.kind != "race":
            if session.optional:
                session.to_rest("delete_extra", "watch_hard")
            else:
                soften(session, "watch_hard")


def _planned_week(sessions: Sequence[Session], span_d: int) -> float | None:
    """Without runs: the second planned week stands for the usual one."""
    second = within(sessions, 7, 13)
    return total(second) if span_d >= 14 and sum(s.busy for s in second) >= 3 else None


def watch(sessions: Sequence[Session], case: Case) -> None:
    """A week of 20 to 30 % less than usual with at most one shortened hard session; before a race a taper."""
    race = _race_soon(sessions)
    _watch_hard(sessions, case, WATCH_D - 1 if race is None else max(WATCH_D - 1, race - 1))
    usual = case.habit.usual_week_lu
    if usual is None:
        usual = _planned_week(sessions, case.span_d) if race is None else None
    if usual is None:
        return
    first = 0
    if race is not None:
        share = usual * race / 7
        reduce(within(sessions, 0, race - 1), Target(TAPER[0] * share, TAPER[1] * share, "taper"), op.TAPER)
        first = race + 1
    share = usual * max(0, WATCH_D - first) / 7
    week = within(sessions, first, WATCH_D - 1)
    reduce(week, Target(WATCH[0] * share, WATCH[1] * share, "watch_load"), op.KEEP_FREQUENCY)


# ---------------------------------------------------------------- excessive, possible overtraining


@dataclass(frozen=True, slots=True)
class _Phases:
    """Days from today: full rest before ``rest``, half before ``half``, 40 % less before ``forty``."""

    rest: int
    half: int
    forty: int

    def share(self, offset: int, of: int) -> float:
        """The share of the usual load of that day; ``of`` 0 is the trigger, 1 the aim."""
        if offset < self.rest:
            return 0.0
        if offset < self.half:
            return HALF[of]
        return FORTY[of] if offset < self.forty else 1.0


def _phases(case: Case) -> _Phases:
    rest, gone = rest_owed(case.habit.loads) if case.habit.loads else (REST_DAYS, 0)
    half = rest + max(0, HALF_DAYS - gone)
    left = FORTY_DAYS if gone < HALF_DAYS else max(WATCH_D, FORTY_DAYS + HALF_DAYS - gone)
    return _Phases(rest, half, half + left)


def excessive_easy(sessions: Sequence[Session], case: Case) -> None:
    """Full rest days first; everything after them easy and no run long; races are left in place."""
    phases = _phases(case)
    for session in sessions:
        if session.kind == "race" or not session.busy:
            continue
        if session.offset < phases.rest:
            session.to_rest("replace_easy", "excessive_rest")
        elif session.hard:
            soften(session, "excessive_easy")
        if session.busy and session.kind != "strength" and session.offset < phases.forty:
            half = session.offset < phases.half
            rule = "excessive_half" if half else "excessive_forty"
            usual, unknown_s = P["prescription.half_run" if half else "prescription.forty_run"]
            run_s = case.habit.run_s
            cap(session, unknown_s if run_s is None else usual * run_s, rule)
    _light_strength(sessions)


def excessive_load(sessions: Sequence[Session], case: Case) -> None:
    """A week at half the usual or less, then two weeks at 40 % less: in any seven days, by the share of each."""
    usual, phases = case.habit.usual_week_lu, _phases(case)
    if usual is None:
        return
    end = min(phases.forty, case.span_d)
    for start in range(phases.rest, max(phases.rest + 1, end - 6)):
        days = range(start, min(start + 7, end))
        planned = [s for s in within(sessions, start, start + 6) if s.offset < end and s.kind != "race"]
        trigger, aim = (usual / 7 * sum(phases.share(o, of) for o in days) for of in (0, 1))
        rule = "excessive_half" if start + 3 < phases.half else "excessive_forty"
        reduce(planned, Target(trigger, aim, rule), op.CUT_FREQUENCY)


def _light_strength(sessions: Sequence[Session]) -> None:
    """One light strength session in seven days; the others rest."""
    last = -7
    for session in sessions:
        if session.kind != "strength":
            continue
        if session.offset - last < 7:
            session.to_rest("replace_easy", "excessive_strength")
        else:
            last = session.offset
            cap(session, LIGHT_STRENGTH_S, "excessive_strength")


def possible_overtraining(sessions: Sequence[Session], case: Case) -> None:
    """No structured training: a walk in place of each run, no strength work, no race, until it has been checked."""
    seen: set[int] = set()
    for session in sessions:
        if not session.busy:
            continue
        if session.kind == "strength" or session.offset in seen:
            session.to_rest("replace_easy", "overtraining")
        elif session.kind != "walk" or session.seconds > 1800.0:
            session.to_walk("replace_easy", "overtraining")
        seen.add(session.offset)


# ---------------------------------------------------------------- what holds for every plan


def _over(offset: int, case: Case) -> float:
    """What a limit may be passed by: a tenth; on the way back a tenth a week, for the steps lie weeks ahead."""
    return OVER if case.tired else OVER ** (1 + offset // 7)


def longest_run(sessions: Sequence[Session], case: Case) -> None:
    """No run over 1.10 times the longest of 30 days, by distance and by time, where they are known."""
    for session in sessions:
        if session.kind not in RUNNING:
            continue
        factor, over = 1.0, _over(session.offset, case)
        if session.distance_m and case.habit.longest_m:
            factor = min(factor, over * case.habit.longest_m / session.distance_m)
        if session.duration_s and case.habit.longest_s:
            factor = min(factor, over * case.habit.longest_s / session.duration_s)
        if factor < 1.0:
            operator = "shorten_hard" if session.hard else "shorten_easy" if session.kind == "easy" else "shorten_long"
            session.shorten(factor, operator, "longest_run")


def weekly_load(sessions: Sequence[Session], case: Case) -> None:
    """No seven days on end with more than 1.10 times the larger of last week and the mean of the last four."""
    ceiling = case.habit.ceiling_week_lu
    if ceiling is None:
        return
    for start in range(max(1, case.span_d - 6)):
        week = within(sessions, start, start + 6)
        most = ceiling / OVER * _over(start, case)
        if total(week) > most:
            races = total(s for s in week if s.kind == "race")
            others = [s for s in week if s.kind != "race"]
            room = max(0.0, most - races)
            reduce(others, Target(room, room, "weekly_load"))


def easy_share(sessions: Sequence[Session]) -> float | None:
    """Share of easy time, by the assumed split of each kind: warm-ups and pauses are easy. Races are left out."""
    timed = [s for s in sessions if s.kind in EASY_SHARE and s.seconds > 0]
    seconds = sum(s.seconds for s in timed)
    if seconds <= 0:
        return None
    return sum(s.seconds * EASY_SHARE[s.kind] for s in timed) / seconds


def easy_time(sessions: Sequence[Session]) -> None:
    """At least 80 % of the time of the next two weeks is easy: the session with most grey time gives way first."""
    near = within(sessions, 0, SHARE_D - 1)
    while True:
        share = easy_share(near)
        hard = [s for s in near if s.hard and s.kind != "race"]
        if share is None or share >= EASY_TIME or not hard:
            return
        soften(min(hard, key=lambda s: (s.kind != "tempo", -s.seconds, s.offset)), "easy_share")


def once(sessions: list[Session], case: Case) -> None:
    """One pass over a plan; passes are repeated until one changes nothing."""
    illness(sessions, case)
    flagged(sessions, case)
    if case.back is not None:
        steps_back(sessions, case.back)
    this_morning(sessions, case)
    if case.state == "insufficient_data":
        return
    if case.state == "possible_overtraining":
        possible_overtraining(sessions, case)
    if case.state == "excessive":
        excessive_easy(sessions, case)
    op.hard_days_apart(sessions, case.hard_before, "hard_apart")
    tired_most = case.state in ("excessive", "possible_overtraining")
    rest_days(sessions, case.span_d, 2 if tired_most else 1, "rest_days_two" if tired_most else "rest_day")
    if case.tired or case.back is not None:
        longest_run(sessions, case)
    if case.state == "watch":
        watch(sessions, case)
    if case.state == "excessive":
        excessive_load(sessions, case)
    if case.tired or case.back is not None:
        weekly_load(sessions, case)
    easy_time(sessions)
