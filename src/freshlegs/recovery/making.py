"""A simple plan up to a race: mostly easy, a little more each week, lighter every fourth, less before the start.

What is held (science B.2, C, J.6, J.7): no run more than a tenth longer than the longest of the 30 days before it; no
week more than a tenth above the larger of last week and the mean of the last four; four fifths of the time easy; hard
days apart; a free day each week. How much and how far (`RACES`, the patterns of a week) is coaching judgement [E].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from freshlegs.problems import WrongRequest
from freshlegs.recovery.habit import Habit
from freshlegs.recovery.parameters import PARAMETERS as P
from freshlegs.recovery.prescription import EASY_TIME, OVER
from freshlegs.recovery.sessions import DEFAULT_MPS, EASY_SHARE, LU_PER_HOUR
from freshlegs.recovery.words import full_day, joined, length
from freshlegs.tables import PLAN


@dataclass(frozen=True, slots=True)
class Goal:
    """What a race of up to ``up_to_m`` asks for [E].

    ``ready``: share of the race that the longest run before it should reach. ``long_m`` and ``week_m``: where the
    longest run and the week stop growing. ``taper_w``: lighter weeks before the week of the race.
    """

    up_to_m: float
    ready: float
    long_m: float
    week_m: float
    taper_w: int


RACES: Final = tuple(Goal(*row) for row in P["making.races"])
LONGEST_RACE_M: Final = RACES[-1].up_to_m
SHORTEST_RACE_M: Final = P.number("making.shortest_race_m")
WEEKS_AT_MOST: Final = P.whole("making.weeks_at_most")

DAYS: Final = {int(days): tuple(on) for days, on in P["making.days"].items()}
"""Weekdays (Monday is 0) for so many days a week; the last is the long run's."""

LIGHTER_EVERY: Final = P.whole("making.lighter_every")
LIGHTER: Final = P.number("making.lighter")
TAPERS: Final[Sequence[float]] = P["making.tapers"]
"""Share of the full week: one week before that of the race, two weeks before it."""
RACE_WEEK: Final = P.number("making.race_week")
LONG_SHARE: Final = {int(days): float(share) for days, share in P["making.long_share"].items()}
"""Of the week's distance the long run takes no more than this."""
LEAST_M: Final = P.number("making.least_m")
"""A run of about twenty minutes."""
HARD_FROM_M: Final = P.number("making.hard_from_m")
"""Hard running begins at this much a week; a second hard session at twice as much and five days."""
HARD_SHARE_M: Final = P.number("making.hard_share_m")
"""Of the week's distance one hard session takes no more than this, warm-up and cool-down included."""
HARD_M: Final = P.number("making.hard_m")
"""And no more than this."""
START_M: Final = P.number("making.start_m")
"""The longest run that is assumed of somebody without any in the diary: run and walked as needed."""


@dataclass(frozen=True, slots=True)
class Made:
    """The sessions (table PLAN), what was assumed, and what stands beside."""

    plan: pl.DataFrame
    assumed: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Past:
    """What was run, by weeks (oldest first) and by days before today, and what is added to it as the plan grows."""

    weeks_m: list[float]
    longest: list[tuple[date, float]] = field(default_factory=list)

    def ceiling_m(self) -> float:
        """What the next week may hold."""
        four = self.weeks_m[-4:]
        return OVER * max(self.weeks_m[-1], sum(four) / len(four))

    def reach_m(self, day: date) -> float:
        """How far the run of a day may go."""
        near = [far for on, far in self.longest if 0 < (day - on).days <= 30]
        return OVER * max(near, default=START_M / OVER)


def make(
    race: date,
    distance_m: float,
    today: date,
    days: int,
    used_to: Habit,
    *,
    week_m: float | None = None,
    longest_m: float | None = None,
    title: str | None = None,
    on: Sequence[int] | None = None,
) -> Made:
    """A plan from tomorrow to the race. ``days``: runs a week; ``on``: their weekdays, Monday 0.

    ``week_m`` and ``longest_m``: what is run now, by ``used_to`` and the last weeks where not given. Pure: same input,
    same plan. Raises `WrongRequest`, in a sentence, for what is no sensible goal from there.
    """
    goal = _goal(distance_m)
    weekdays = _weekdays(days, on)
    assumed: list[str] = []
    now_m, far_m = _now(used_to, week_m, longest_m, assumed)
    weeks = _weeks(today, race)
    _refuse(goal, race, distance_m, today, weeks, far_m)
    speed = used_to.speed_mps or DEFAULT_MPS
    if used_to.speed_mps is None:
        assumed.append("No pace is known, so runs are timed at 6:10 a kilometre.")
    past = _Past([now_m] * 4, [(today - timedelta(days=1), far_m)])
    rows: list[dict[str, Any]] = []
    for number, monday in enumerate(weeks):
        left = len(weeks) - 1 - number
        open_ = _open(weekdays, monday, today, race)
        planned = _week(past, _Turn(goal, number, left, len(weekdays), race), open_, now_m, far_m)
        rows += [_row(day, kind, metres, speed, title=None) for day, kind, metres in planned]
        done = sum(metres for _, _, metres in planned)
        # A first week that is partly over counts as it would have been.
        past.weeks_m.append(max(done, past.weeks_m[-1]) if number == 0 and monday <= today else done)
        past.longest += [(day, metres) for day, _, metres in planned]
    rows.append(_row(race, "race", distance_m, speed, title=title or f"Race, {length(distance_m)}"))
    plan = PLAN.frame([row | {"uid": f"made-{row['date']}"} for row in rows])
    assumed.append(
        f"Runs on {joined([_NAMES[day] for day in weekdays])}; every fourth week is lighter, and the last weeks too."
    )
    return Made(plan, tuple(assumed), tuple(_notes(goal, distance_m, rows, today)))


_NAMES: Final = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


def _goal(distance_m: float) -> Goal:
    if not SHORTEST_RACE_M <= distance_m <= LONGEST_RACE_M:
        raise WrongRequest(
            f"a plan is made for races from {SHORTEST_RACE_M / 1000:g} to {LONGEST_RACE_M / 1000:g} km, "
            f"not for {length(distance_m)}"
        )
    return next(goal for goal in RACES if distance_m <= goal.up_to_m)


def _weekdays(days: int, on: Sequence[int] | None) -> tuple[int, ...]:
    chosen = DAYS.get(days) if on is None else tuple(sorted(set(on)))
    if chosen is None or not 2 <= len(chosen) <= 6:
        raise WrongRequest("runs on two to six days a week can be planned: one day stays free each week")
    return chosen


def _now(used_to: Habit, week_m: float | None, longest_m: float | None, assumed: list[str]) -> tuple[float, float]:
    """Distance a week and the longest run, as they are now."""
    far = longest_m if longest_m is not None else used_to.longest_m
    if far is None:
        far = START_M
        assumed.append("No run of the last 30 days is known: the plan begins with 3 km, walked where needed.")
    elif longest_m is None:
        assumed.append(f"Your longest run of the last 30 days is {length(far)}.")
    week = week_m if week_m is not None else used_to.week_m
    if week is None:
        week = 2.0 * far
        assumed.append(f"No weekly distance is known; {length(week)} a week is assumed.")
    elif week_m is None:
        assumed.append(f"You have run {length(week)} a week over the last four weeks.")
    return max(week, 2 * LEAST_M), max(far, START_M)


def _weeks(today: date, race: date) -> list[date]:
    """The Mondays from this week's (next week's on a Sunday) to that of the race."""
    tomorrow = today + timedelta(days=1)
    monday = tomorrow - timedelta(days=tomorrow.weekday())
    return [monday + timedelta(days=7 * n) for n in range(max(0, (race - monday).days // 7 + 1))]


def _refuse(goal: Goal, race: date, distance_m: float, today: date, weeks: Sequence[date], far_m: float) -> None:
    if race <= today:
        raise WrongRequest(f"the race must lie ahead; {race} does not")
    if len(weeks) > WEEKS_AT_MOST:
        raise WrongRequest(f"{race} is more than a year away; make the plan later")
    need = goal.ready * distance_m
    steps = _long_runs(len(weeks) - 1 - goal.taper_w)
    reach = far_m * OVER**steps
    if reach >= need or far_m >= need:
        return
    more = 0
    while far_m * OVER**more < need:
        more += 1
    week = more + more // (LIGHTER_EVERY - 1) + goal.taper_w + 1
    earliest = today + timedelta(days=7 * week)
    raise WrongRequest(
        f"until {full_day(race)} the longest run, now {length(far_m)}, can grow to {length(reach)}; for "
        f"{length(distance_m)} it should reach {length(need)}. A race from about {full_day(earliest)} {earliest.year} "
        "on, or a shorter one, leaves room for it"
    )


def _long_runs(weeks: int) -> int:
    """Long runs that may grow in so many weeks: not in lighter ones."""
    return max(0, weeks - weeks // LIGHTER_EVERY)


def _open(weekdays: Sequence[int], monday: date, today: date, race: date) -> list[date]:
    """The running days of a week that lie between today and the race; the day before the race stays free."""
    days = [monday + timedelta(days=n) for n in weekdays]
    return [day for day in days if today < day < race - timedelta(days=1)]


@dataclass(frozen=True, slots=True)
class _Turn:
    """Which week it is: its number, the weeks still to come after it, the usual number of runs, the race."""

    goal: Goal
    number: int
    left: int
    usual: int
    race: date

    @property
    def share(self) -> float:
        """The part of a full week: all, less in lighter weeks, in the taper, in the week of the race."""
        if self.left == 0:
            return RACE_WEEK
        if self.left <= self.goal.taper_w:
            return TAPERS[self.left - 1]
        return LIGHTER if (self.number + 1) % LIGHTER_EVERY == 0 else 1.0


def _week(
    past: _Past, turn: _Turn, days: Sequence[date], start_m: float, far_m: float
) -> list[tuple[date, str, float]]:
    """The sessions of one week: day, kind, metres. Where there is too little for so many days, fewer are run."""
    if not days:
        return []
    full = min(past.ceiling_m(), max(turn.goal.week_m, start_m))
    target = full if turn.share == 1.0 else min(full, turn.share * max(past.weeks_m[-4:]))
    target *= len(days) / turn.usual
    days = _fewer(days, int(target // LEAST_M))
    kinds = ["easy"] * len(days)
    if turn.left > 0 and len(days) > 1:
        kinds[-1] = "long"
    _place_hard(kinds, days, target, turn)
    sizes = _sizes(kinds, days, target, past, turn, far_m)
    _mostly_easy(kinds, sizes)
    return list(zip(days, kinds, sizes, strict=True))


def _mostly_easy(kinds: list[str], sizes: Sequence[float]) -> None:
    """A hard session gives way where four fifths of the week would not be easy, the grey one first."""
    for grey in ("tempo", "intervals"):
        easy = sum(size * EASY_SHARE[kind] for kind, size in zip(kinds, sizes, strict=True))
        while easy < EASY_TIME * sum(sizes) and grey in kinds:
            kinds[kinds.index(grey)] = "easy"
            easy = sum(size * EASY_SHARE[kind] for kind, size in zip(kinds, sizes, strict=True))


def _fewer(days: Sequence[date], most: int) -> list[date]:
    """At most so many of the days (one at least), spread over the week; the last stays."""
    count = max(1, min(len(days), most))
    step = (len(days) - 1) / max(1, count - 1)
    return [days[-1]] if count == 1 else [days[round(n * step)] for n in range(count)]


def _place_hard(kinds: list[str], days: Sequence[date], target_m: float, turn: _Turn) -> None:
    """One hard session, two from five days and 30 km on.

    Two days from one another and from the long run, three from the race, and never first in the week, so that none
    follows the long run of the week before.
    """
    if target_m < HARD_FROM_M or len(days) < 3:
        return
    wanted = 2 if len(days) >= 5 and target_m >= 2 * HARD_FROM_M and turn.share == 1.0 else 1
    names = ("tempo", "intervals") if turn.number % 2 == 0 else ("intervals", "tempo")
    placed: list[date] = []
    longs = [day for day, kind in zip(days, kinds, strict=True) if kind == "long"]
    for place, day in enumerate(days):
        apart = all(abs((day - other).days) >= 2 for other in (*placed, *longs)) and (turn.race - day).days >= 3
        if place > 0 and len(placed) < wanted and kinds[place] == "easy" and apart:
            kinds[place] = names[len(placed)]
            placed.append(day)


def _sizes(
    kinds: Sequence[str], days: Sequence[date], target_m: float, past: _Past, turn: _Turn, far_m: float
) -> list[float]:
    """Metres of each session: the long run, then the hard ones, the rest shared evenly; whole hundreds, down."""
    sizes = [0.0] * len(kinds)
    hard = [place for place, kind in enumerate(kinds) if kind in ("tempo", "intervals")]
    easy = [place for place, kind in enumerate(kinds) if kind == "easy"]
    left = target_m
    if "long" in kinds:
        grown = min(past.reach_m(days[-1]), turn.share * max(turn.goal.long_m, far_m))
        most = min(LONG_SHARE[min(6, len(kinds))] * target_m, target_m - LEAST_M * (len(kinds) - 1))
        sizes[-1] = max(LEAST_M, min(grown, most))
        left -= sizes[-1]
    for place in hard:
        most = (target_m - sizes[-1] - LEAST_M * len(easy)) / len(hard)
        sizes[place] = max(LEAST_M, min(past.reach_m(days[place]), HARD_SHARE_M * target_m, HARD_M, most))
        left -= sizes[place]
    for place in easy:
        longest = max(sizes[-1] if "long" in kinds else past.reach_m(days[place]), LEAST_M)
        sizes[place] = max(LEAST_M, min(left / len(easy), past.reach_m(days[place]), longest))
    return [100.0 * (size // 100.0) for size in sizes]


def _row(day: date, kind: str, metres: float, speed_mps: float, *, title: str | None) -> dict[str, Any]:
    """A session with distance, time and load at the runner's own pace; a race and hard running are faster."""
    faster = P["making.faster"].get(kind, 1.0)
    seconds = 60.0 * round(metres / (speed_mps * faster) / 60.0)
    return {
        "date": day,
        "kind": kind,
        "duration_s": None if kind == "race" else seconds,
        "distance_m": metres,
        "load_lu": round(LU_PER_HOUR[kind] * seconds / 3600.0, 1),
        "optional": False,
        "title": title,
    }


def _notes(goal: Goal, distance_m: float, rows: Sequence[dict[str, Any]], today: date) -> list[str]:
    runs = [row for row in rows if row["kind"] != "race"]
    if not runs:
        return ["The race is so near that the days before it stay free."]
    far = max(row["distance_m"] for row in runs)
    timed = sum(row["duration_s"] for row in runs)
    easy = sum(row["duration_s"] * EASY_SHARE[row["kind"]] for row in runs) / timed
    notes = [f"Longest run before the race: {length(far)}; {100 * easy:.0f} % of the time easy."]
    if far < goal.ready * distance_m:
        notes.append("That is short for this race; finishing it easily matters more than a time.")
    return notes
