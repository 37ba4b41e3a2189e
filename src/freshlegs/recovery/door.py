"""The one door to advice: findings, or a refusal with its reasons. Pure; changes nothing by itself.

Order: a red flag that stops everything, then missing input, then the limits, then what is advised. Whatever cannot be
judged is refused in words or named among the unknown; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final

import polars as pl

from freshlegs import vocabulary as v
from freshlegs.problems import WrongRequest
from freshlegs.recovery import prescription as rx
from freshlegs.recovery import words
from freshlegs.recovery.adapting import RULES, Proposal, adapt
from freshlegs.recovery.advice import complete
from freshlegs.recovery.circumstances import Circumstances, circumstances
from freshlegs.recovery.habit import Habit, habit
from freshlegs.recovery.morning import as_date
from freshlegs.recovery.past import Past
from freshlegs.recovery.sessions import RUNNING, Session, read_plan, total
from freshlegs.recovery.tracking import Mark
from freshlegs.recovery.way_back import Start
from freshlegs.tables import Profile, Row

SPAN_D: Final = 14
"""Days of a plan whose limits are looked at: the two weeks ahead."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit held against the plan as it is.

    ``value``: the worst of the two weeks, ``allowed``: the limit itself, both in ``unit``; ``on``: where it is worst.
    ``over``: the plan goes beyond it. ``binds``: it is then held (from *watch* on), else it informs.
    """

    name: str
    value: float
    allowed: float
    unit: str
    on: date | None
    over: bool
    binds: bool
    text: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What can be said: flags first, then what is advised, and what the plan meets.

    ``limits`` are those that could be judged, ``not_judged`` says which could not and why. ``proposal`` is None
    without a plan. ``binding``: the rules that changed the plan, most changes first.
    """

    flags: tuple[Row, ...]
    running_today: str
    actions: tuple[Row, ...]
    limits: tuple[Limit, ...] = ()
    not_judged: tuple[str, ...] = ()
    proposal: Proposal | None = None

    @property
    def binding(self) -> tuple[tuple[str, str, int], ...]:
        """Rule, its reason in words, and how many sessions it changed."""
        if self.proposal is None or self.proposal.changes.is_empty():
            return ()
        counted = self.proposal.changes["rule"].value_counts().sort("count", "rule", descending=[True, False])
        return tuple((rule, RULES[rule], int(count)) for rule, count in counted.iter_rows())


@dataclass(frozen=True, slots=True)
class Refusal:
    """No advice on training, and why: each reason a sentence. ``flags`` and ``actions`` stand whatever happens."""

    reasons: tuple[str, ...]
    flags: tuple[Row, ...] = ()
    actions: tuple[Row, ...] = ()


def evaluate(
    verdict: Mapping[str, Any],
    plan: pl.DataFrame | None = None,
    profile: Profile = None,
    *,
    days: pl.DataFrame | Past | None = None,
    runs: pl.DataFrame | None = None,
    marks: Sequence[Mark] = (),
    start: Start | None = None,
    ill: str | None = None,
) -> Findings | Refusal:
    """What a verdict, a plan and a profile come to: findings, or a refusal with its reasons.

    ``verdict``: the document of ``today --json``; one that holds no actions yet is completed from ``days``. ``runs``
    are what every limit is measured by; without them those limits are named in ``not_judged``. ``marks`` and ``start``
    as in `complete`. ``ill``: the illness entered this morning; without it, as ``days`` say. Refused are: a verdict
    without date or state, one with an emergency or a flag of the same day, one with not enough data, and a plan that
    cannot be read. Nothing is raised for what a runner's data may hold.
    """
    day, state = as_date(verdict.get("date")), verdict.get("state")
    if day is None or state not in v.STATES:
        return Refusal(("There is no verdict to go by: it needs a date and a state.",))
    whole = verdict
    if "actions" not in verdict or days is not None:
        whole = complete(verdict, Past(pl.DataFrame()) if days is None else days, profile, plan, marks, start)
    flags, actions = tuple(whole.get("red_flags") or ()), tuple(whole.get("actions") or ())
    stops = [f for f in flags if f["urgency"] in ("emergency", "same_day")]
    if stops:
        return Refusal(tuple(str(flag["what"]) for flag in stops), flags, actions)
    if state == "insufficient_data":
        return Refusal(_lacking(whole), flags, actions)
    found = Findings(flags, str(whole.get("running_today", "as_planned")), actions)
    if plan is None:
        return replace(found, not_judged=("No plan was given, so no limit on it was judged.",))
    past = None if days is None else days if isinstance(days, Past) else Past(days)
    met = circumstances(whole, past, day)
    return _planned(found, plan, day, str(state), runs, met if ill is None else replace(met, ill=ill, sick_ago_d=0))


def _lacking(verdict: Mapping[str, Any]) -> tuple[str, ...]:
    """Why there is not enough data, as the verdict says it."""
    whys = [str(u["why"]) for u in verdict.get("unknown") or () if isinstance(u, Mapping) and u.get("why")]
    told = list(dict.fromkeys(f"{why[:1].upper()}{why[1:]}".rstrip(".") + "." for why in whys))
    return tuple(told[:3]) or ("There is not enough data for a verdict.",)


def _planned(
    found: Findings, plan: pl.DataFrame, day: date, state: str, runs: pl.DataFrame | None, met: Circumstances
) -> Findings | Refusal:
    try:
        proposal = adapt(plan, day, state, runs, **asdict(met))
        used_to = habit(runs, day)
        sessions = read_plan(plan, day, SPAN_D, used_to.speed_mps)
    except WrongRequest as error:
        return Refusal((f"The plan cannot be read: {error}.",), found.flags, found.actions)
    limits, unknown = _limits(sessions, used_to, day, state)
    return replace(found, limits=limits, not_judged=unknown, proposal=proposal)


# ---------------------------------------------------------------- the limits of J.7


def _limits(
    sessions: Sequence[Session], used_to: Habit, day: date, state: str
) -> tuple[tuple[Limit, ...], tuple[str, ...]]:
    """Each limit against the plan as it is; and those that could not be judged."""
    tired, unknown = state in rx.TIRED, []
    found = [_hard_apart(sessions), _rest_days(sessions, day, 2 if state in rx.TIRED[1:] else 1), _easy(sessions)]
    if used_to.longest_m is None and used_to.longest_s is None:
        unknown.append("The longest run: no run of the last 30 days with a length is known.")
    else:
        found.append(_longest(sessions, used_to, tired))
    if used_to.ceiling_week_lu is None:
        unknown.append("The weekly load: no load of the last four weeks is known.")
    else:
        found.append(_week(sessions, used_to.ceiling_week_lu, day, tired))
    return tuple(one for one in found if one is not None), tuple(unknown)


def _hard_apart(sessions: Sequence[Session]) -> Limit:
    """No two hard days next to each other; races are kept, whatever stands beside them."""
    hard = sorted({s.offset: s.day for s in sessions if s.hard}.items())
    beside = [b for (a, _), (o, b) in pairwise(hard) if o - a == 1]
    told = "Once two hard days stand" if len(beside) == 1 else f"{len(beside)} times two hard days stand"
    text = f"{told} next to each other." if beside else "No two hard days stand next to each other."
    return Limit("hard_apart", len(beside), 0, "pairs", beside[0] if beside else None, bool(beside), True, text)


def _rest_days(sessions: Sequence[Session], day: date, least: int) -> Limit | None:
    """A day without training in any seven (two when excessive)."""
    span = max((s.offset for s in sessions), default=-1) + 1
    if span < 7:
        return None
    busy = {s.offset for s in sessions if s.busy}
    free = {start: sum(o not in busy for o in range(start, start + 7)) for start in range(span - 6)}
    worst = min(free, key=lambda start: (free[start], start))
    held = {0: "no day", 1: "one day"}.get(free[worst], f"{free[worst]} days")
    wanted = "one is" if least == 1 else "two are"
    text = f"The seven days with least rest hold {held} without training; {wanted} wanted."
    on = day + timedelta(days=worst)
    return Limit("rest_days", free[worst], least, "days", on, free[worst] < least, True, text)


def _easy(sessions: Sequence[Session]) -> Limit | None:
    """Four fifths of the running time easy."""
    share = rx.easy_share(sessions)
    if share is None:
        return None
    text = f"{100 * share:.0f} % of the planned time is easy; about 80 % serves most runners."
    return Limit("easy_share", round(share, 3), rx.EASY_TIME, "share", None, share < rx.EASY_TIME, True, text)


def _longest(sessions: Sequence[Session], used_to: Habit, tired: bool) -> Limit | None:
    """No run more than a tenth longer than the longest of 30 days: by distance where known, else by time."""
    by_m = [(s.distance_m, s.day) for s in sessions if s.kind in RUNNING and s.distance_m]
    by_s = [(s.seconds, s.day) for s in sessions if s.kind in RUNNING]
    if by_m and used_to.longest_m:
        (most, on), allowed, unit, per = max(by_m), rx.OVER * used_to.longest_m, "m", 1000.0
        told = f"{most / per:.1f} km against {allowed / per:.1f} km"
    elif by_s and used_to.longest_s:
        (most, on), allowed, unit, per = max(by_s), rx.OVER * used_to.longest_s, "s", 60.0
        told = f"{most / per:.0f} min against {allowed / per:.0f} min"
    else:
        return None
    text = f"The longest planned run is {told}, a tenth over your longest of 30 days."
    return Limit("longest_run", most, round(allowed, 1), unit, on, most > allowed, tired, text)


def _week(sessions: Sequence[Session], ceiling: float, day: date, tired: bool) -> Limit:
    """No seven days on end with more than a tenth over what was run lately."""
    span = max((s.offset for s in sessions), default=-1) + 1
    weeks = {start: total(s for s in sessions if start <= s.offset <= start + 6) for start in range(max(1, span - 6))}
    worst = max(weeks, key=lambda start: (weeks[start], -start))
    on = day + timedelta(days=worst)
    text = (
        f"The seven days from {words.full_day(on)} hold {weeks[worst]:.0f} LU; {ceiling:.0f} are a tenth over lately."
    )
    return Limit(
        "weekly_load", round(weeks[worst], 1), round(ceiling, 1), "LU", on, weeks[worst] > ceiling, tired, text
    )
