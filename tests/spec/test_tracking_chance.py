"""How often chance alone looks like help: runners whom no action does anything for, marking it in six ways.

The figures stand in docs/explanation/tracking.md. The generator's seed is fixed, so the bounds are exact, not luck.
"""

from datetime import date, timedelta
from itertools import product

import numpy as np
import pytest

from freshlegs import tables
from freshlegs.recovery import Mark, Past
from freshlegs.recovery.tracking import effects

FIRST = date(2026, 1, 5)
BEFORE, SINCE = 14, 56
LOOKS = range(BEFORE + 14, BEFORE + SINCE + 1, 7)


def alike(rng, count, from_day_to_day):
    y = rng.normal(size=count)
    for t in range(1, count):
        y[t] = from_day_to_day * y[t - 1] + y[t] * np.sqrt(1 - from_day_to_day**2)
    return y


def slow(rng, count):
    return alike(rng, count, 0.9) + rng.normal(0, 0.8, count)


def spell(rng, count):
    """A bad spell that lifts by itself over three weeks, from the day on that the action is offered."""
    y = alike(rng, count, 0.5)
    y[BEFORE : BEFORE + 21] -= np.linspace(2.5, 0, 21)
    return y


FEELS = {
    "each day by itself": lambda rng, n: alike(rng, n, 0.0),
    "days alike": lambda rng, n: alike(rng, n, 0.5),
    "days very alike": lambda rng, n: alike(rng, n, 0.8),
    "slow waves and noise": slow,
    "a bad spell that lifts": spell,
}
DOES = {
    "by chance": lambda t, y: 0.5,
    "on bad days": lambda t, y: 0.8 if y < 5 else 0.3,
    "on good days": lambda t, y: 0.8 if y >= 6 else 0.3,
    "every other week": lambda t, y: 0.9 if t // 7 % 2 == 0 else 0.1,
    "on weekdays": lambda t, y: 0.9 if t % 7 < 4 else 0.1,
    "two weeks, then seldom": lambda t, y: 0.9 if t < BEFORE + 14 else 0.25,
}


def trial(rng, feels, does, helps=0.0):
    """Whether it was said to help at the last look, and at any; ``helps``: points better the morning after."""
    count = BEFORE + SINCE
    own = 5.5 + 1.5 * FEELS[feels](rng, count)
    felt, marks = [], []
    for t in range(count):
        after = bool(marks) and marks[-1].on == FIRST + timedelta(days=t - 1)
        felt.append(float(np.clip(np.round(own[t] + helps * after), 0, 10)))
        if t >= BEFORE and rng.random() < DOES[does](t, felt[-1]):
            marks.append(Mark("sleep_habits", FIRST + timedelta(days=t), "done"))
    rows = [{"athlete": "me", "date": FIRST + timedelta(days=t), "sleep_quality": y} for t, y in enumerate(felt)]
    past = Past(tables.DAYS.frame(rows))
    found = [effects(past, marks, FIRST + timedelta(days=t - 1)) for t in LOOKS]
    said = [bool(one) and one[0].finding == "better" for one in found]
    return said[-1], any(said)


def shares(feels, does, helps=0.0, trials=60, seed=11):
    rng = np.random.default_rng(seed)
    found = np.array([trial(rng, feels, does, helps) for _ in range(trials)])
    return found.mean(axis=0)


@pytest.mark.slow
def test_chance_seldom_looks_like_help():
    """Over all ways of feeling and of marking: at one look, and at any of the weekly looks of eight weeks."""
    found = np.array([shares(*case) for case in product(FEELS, DOES)])
    at_one, at_any = found.mean(axis=0)
    assert at_one <= 0.04
    assert at_any <= 0.10
    assert found[:, 0].max() <= 0.10
    assert found[:, 1].max() <= 0.20


@pytest.mark.parametrize(("helps", "at_least"), [(1.5, 0.5), (2.5, 0.85)])
def test_help_that_is_there_is_found_in_eight_weeks(helps, at_least):
    assert shares("days alike", "by chance", helps)[0] >= at_least
