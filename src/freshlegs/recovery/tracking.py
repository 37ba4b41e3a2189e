"""Did it help? What the runner marked, held against the mornings after (an honest trial with one person).

The method. For each morning y (an answer of 0 to 10, turned so that more is better) four things are weighed at once
by least squares: a constant, the answer of the morning before, the mean answer of the week before, and whether the
action was done the day before. The last coefficient is the difference: how much better the morning after is, for a
day with it against a day without it *that felt the same beforehand*. Weighing the morning before and the week before
does two things: neighbouring mornings are alike, and an action is offered, and taken up, when things are bad and
would mostly get better by themselves.

What it assumes: that of days that felt the same it was chance, or habit, on which of them the action was done; that
its effect shows the next morning; that the effect is the same throughout. It is no experiment: something else that
came together with the action (a free day, a shorter run) cannot be told apart from it.

How often chance alone looks like help is measured by simulation in ``tests/spec/test_tracking_chance.py`` and stands
in ``docs/explanation/tracking.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import sqrt
from statistics import NormalDist
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from freshlegs import vocabulary as v
from freshlegs.recovery.actions import Action, table
from freshlegs.recovery.parameters import PARAMETERS as P
from freshlegs.recovery.past import Past, mean

Answer = Literal["done", "skipped", "not_for_me", "accepted"]
ANSWERS: Final = ("done", "skipped", "not_for_me", "accepted")
"""*Accepted* is said of what the runner takes up for some days: the rest test."""
Finding = Literal["too_early", "better", "worse", "no_difference", "unclear"]
HELPS_LITTLE: Final = ("no_difference", "worse")
"""Findings after which an action is suggested less."""

ITEM: Final[dict[str, str]] = {
    "soreness": "soreness",
    "heavy_legs": "leg_freshness",
    "slow_recovery": "leg_freshness",
    "mood_swings": "mood",
    "cannot_relax": "relax",
    "poor_sleep": "sleep_quality",
    "low_energy": "energy",
    "manageable_level": "energy",
    "low_motivation": "wish_to_run",
    "weight_appetite_loss": "appetite",
}
"""The morning's answer in which a sign shows; signs that are not here do not show from one morning to the next."""

ITEM_WORDS: Final[dict[str, str]] = {
    "soreness": "soreness",
    "leg_freshness": "legs",
    "mood": "mood",
    "relax": "switching off",
    "sleep_quality": "sleep",
    "energy": "energy",
    "wish_to_run": "wish to run",
    "appetite": "appetite",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """What the runner said of an action on a day."""

    action: str
    on: date
    answer: Answer


@dataclass(frozen=True, slots=True)
class Effect:
    """What is known so far of one action for one runner.

    ``difference``, ``low``, ``high``: points of 0 to 10, more is better, and its interval; None while too early.
    ``before``, ``since``: plain means of the two weeks before the first marked day and of the last two weeks.
    """

    action: str
    sign: str | None
    item: str | None
    finding: Finding
    text: str
    first_done: date | None = None
    days_with: int = 0
    days_without: int = 0
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    before: float | None = None
    since: float | None = None


# ---------------------------------------------------------------- what was marked


def unwanted(marks: Iterable[Mark], day: date) -> frozenset[str]:
    """Actions that are not for this runner, as said up to a day."""
    return frozenset(one.action for one in marks if one.answer == "not_for_me" and one.on <= day)


def known_actions() -> dict[str, Action]:
    """Every action there is, by its id."""
    return {action.id: action for action in table()}


def may_be_refused(action: Action) -> bool:
    """Whether *not for me* is heard: safety rules can be skipped, and stay."""
    return action.role in ("cause", "extra")


# ---------------------------------------------------------------- did it help


def effects(past: Past, marks: Sequence[Mark], day: date) -> list[Effect]:
    """One finding for each action that was done at least once up to a day, in the order of the table."""
    done = {one.action for one in marks if one.answer == "done" and one.on <= day}
    return [effect(past, marks, action, day) for action in table() if action.id in done]


def little_help(past: Past, marks: Sequence[Mark], day: date) -> frozenset[str]:
    """Actions that have not helped this runner so far: they are suggested less."""
    return frozenset(one.action for one in effects(past, marks, day) if one.finding in HELPS_LITTLE)


def effect(past: Past, marks: Sequence[Mark], action: Action, day: date) -> Effect:
    """Whether the sign an action is for was better on the mornings after it; looks at nothing later than ``day``."""
    days = {one.on for one in marks if one.action == action.id and one.answer == "done" and one.on <= day}
    first = min(days)
    sign, item = _measure(past, action, first, day)
    if item is None:
        text = "It does not show from one morning to the next, so it is not judged by this."
        return Effect(action.id, sign, None, "too_early", text, first, len(days))
    after = {on + timedelta(days=1) for on in days}
    so_far = _rows(past, item, after, first, day)
    with_it = sum(row[-1] for row in so_far)
    told = Effect(
        action.id,
        sign,
        item,
        "too_early",
        "",
        first,
        int(with_it),
        int(len(so_far) - with_it),
        before=mean(_values(past, item, first, 14)),
        since=mean(_values(past, item, day, 14)),
    )
    return _judged(told, _rows(past, item, after, first, _seen(first, day)), day)


def habit_effects(past: Past, day: date) -> list[Effect]:
    """The same for each of the eight sleep habits that was logged: sleep on mornings after a night with it."""
    span = P.whole("tracking.longest_d")
    logged = {
        day - timedelta(days=span - 1 - n): kept
        for n, kept in enumerate(past.last("sleep_habits", day, span))
        if kept is not None
    }
    found = []
    for habit in v.SLEEP_HABITS:
        after = {on for on, kept in logged.items() if habit in kept}
        if not after:
            continue
        first = min(logged)
        rows = _rows(past, "sleep_quality", after, first, _seen(first, day), set(logged))
        with_it = int(sum(row[-1] for row in rows))
        told = Effect(habit, "poor_sleep", "sleep_quality", "too_early", "", first, with_it, len(rows) - with_it)
        found.append(_judged(told, rows, day))
    return found


def _judged(told: Effect, rows: Sequence[Row], day: date) -> Effect:
    waited = told.first_done is not None and (day - told.first_done).days >= P.whole("tracking.after_d")
    return _worded(told, _fit(rows) if waited else None, day)


def _measure(past: Past, action: Action, first: date, day: date) -> tuple[str | None, str | None]:
    """The sign to judge by, and its answer: of those the action is for the one that was answered most."""
    span = min((day - first).days + P.whole("tracking.before_d"), P.whole("tracking.longest_d"))
    counted = [
        (len(past.known(ITEM[sign], day, span)), -n, sign) for n, sign in enumerate(action.signs) if sign in ITEM
    ]
    if not counted:
        return (action.signs[0] if action.signs else None), None
    sign = max(counted)[2]
    return sign, ITEM[sign]


def _seen(first: date, day: date) -> date:
    """The last day looked at: whole weeks since the first marked day, so that chance has few tries."""
    step = P.whole("tracking.look_every_d")
    return first + timedelta(days=(day - first).days // step * step)


def _values(past: Past, item: str, day: date, count: int) -> list[float]:
    """Known answers of the days up to ``day``, turned so that more is better."""
    known = past.known(item, day, count)
    return [10.0 - x for x in known] if item in v.HIGH_IS_WORSE else known


Row = tuple[float, float, float, float]


def _rows(
    past: Past, item: str, after: set[date], first: date, seen: date, among: set[date] | None = None
) -> list[Row]:
    """A row a morning: its answer, the one before, the mean of the week before, and whether it comes after the act."""
    start = max(
        first - timedelta(days=P.whole("tracking.before_d")), seen - timedelta(days=P.whole("tracking.longest_d"))
    )
    rows: list[Row] = []
    for n in range((seen - start).days + 1):
        morning = start + timedelta(days=n)
        now = _values(past, item, morning, 1)
        eve = morning - timedelta(days=1)
        before = _values(past, item, eve, P.whole("tracking.gap_d"))
        week = _values(past, item, eve, P.whole("tracking.week_mean_d"))
        if among is not None and morning not in among:
            continue
        if now and before and len(week) >= P.whole("tracking.week_mean_min"):
            rows.append((now[0], before[-1], sum(week) / len(week), float(morning in after)))
    return rows


def _fit(rows: Sequence[Row]) -> tuple[float, float] | None:
    """The difference and the half-width of its interval; None where the days do not say."""
    with_it = sum(row[-1] for row in rows)
    if min(with_it, len(rows) - with_it) < P.whole("tracking.each_min"):
        return None
    table_ = np.array(rows, dtype=np.float64)
    y = table_[:, 0]
    x = np.column_stack([np.ones(len(rows)), _centred(table_[:, 1]), _centred(table_[:, 2]), table_[:, 3]])
    x = x[:, [0, *(n for n in (1, 2) if np.ptp(x[:, n]) > 0), 3]]  # answers that never move weigh nothing
    solved, _, rank, _ = np.linalg.lstsq(x, y, rcond=None)
    if rank < x.shape[1]:
        return None
    left = y - x @ solved
    free = len(rows) - x.shape[1]
    variance = float(left @ left) / free * float(np.linalg.inv(x.T @ x)[-1, -1])
    return float(solved[-1]), student(0.5 + P.number("tracking.level") / 2, free) * sqrt(max(variance, 0.0))


def _centred(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    middle: np.float64 = values.mean()
    return values - middle


def student(p: float, free: int) -> float:
    """Quantile of Student's t, by the expansion of Cornish and Fisher; good to 0.01 from ten degrees of freedom on.

    >>> round(student(0.975, 10), 2), round(student(0.975, 30), 3)
    (2.23, 2.042)
    """
    z = NormalDist().inv_cdf(p)
    terms = (
        (z**3 + z) / 4 / free,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96 / free**2,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384 / free**3,
    )
    return z + sum(terms)


# ---------------------------------------------------------------- in words


def _worded(told: Effect, fitted: tuple[float, float] | None, day: date) -> Effect:
    word = ITEM_WORDS[str(told.item)]
    if fitted is None:
        return replace(told, text=_too_early(told, day))
    middle, half = fitted
    low, high = middle - half, middle + half
    worth = P.number("tracking.worthwhile")
    size = f"{abs(middle):.1f} points (95 % interval {_signed(low)} to {_signed(high)})"
    finding: Finding = "unclear"
    text = f"Still unclear: {word} was {'better' if middle >= 0 else 'worse'} by {size}, and that could be chance."
    if low > 0:
        finding, text = "better", f"Mornings after it, {word} was better by about {size}. It seems to help you."
    elif high < 0:
        finding = "worse"
        text = f"Mornings after it, {word} was worse by about {size}. It is suggested less from now on."
    elif -worth < low and high < worth:
        finding = "no_difference"
        text = f"Mornings with and without it were alike: {word} differed by {size}. It is suggested less from now on."
    return replace(told, finding=finding, text=text, difference=middle, low=low, high=high)


def _too_early(told: Effect, day: date) -> str:
    need = P.whole("tracking.each_min")
    wait = 0 if told.first_done is None else P.whole("tracking.after_d") - (day - told.first_done).days
    if wait > 0:
        return f"Too early to say: ask again in {wait} day{'' if wait == 1 else 's'}."
    lacking = []
    if told.days_with < need:
        lacking.append(f"{told.days_with} mornings after a day with it")
    if told.days_without < need:
        lacking.append(f"{told.days_without} after a day without it")
    if lacking:
        return f"Too early to say: {' and '.join(lacking)} so far, {need} of each are needed."
    return "Too early to say: the days with and without it cannot be told apart yet."


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")
