"""Figures within people, and how sure they are: AUC, rank correlation, redrawing people and weeks.

Whatever pools days of several people mostly measures who is who. So every figure here is worked out for each person
alone, and then averaged over the people.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Person = Mapping[str, Floats]
"""One person's days: name of a quantity to its values, all of one length, in order of date."""

DRAWS = 1000
BLOCK_D = 7


class Interval(NamedTuple):
    """What was found, and the middle 95 of 100 of the redrawn samples."""

    found: float
    low: float
    high: float


def ranks(values: Floats) -> Floats:
    """Ranks from 1, ties share their mean."""
    _, place, many = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(many) - (many - 1) / 2.0)[place])


def pairs(score: Floats, low: Bools) -> tuple[float, float]:
    """Of all pairs of a low and another morning: in how many the low one scores higher (ties half), and how many."""
    known = ~np.isnan(score)
    score, low = score[known], low[known]
    n, m = int(low.sum()), int((~low).sum())
    if not n or not m:
        return 0.0, 0.0
    return float(ranks(score)[low].sum() - n * (n + 1) / 2.0), float(n * m)


def auc(score: Floats, low: Bools) -> float:
    """Chance that a low morning scores higher than another, ties half; NaN without both kinds.

    >>> auc(np.array([3.0, 1.0, 1.0]), np.array([True, True, False]))
    0.75
    """
    won, of = pairs(score, low)
    return won / of if of else float("nan")


def auc_within(people: Sequence[Person], score: str, low: Callable[[Person], Bools]) -> float:
    """The same over all pairs of two mornings of one person: who has few low mornings counts little."""
    won, of = np.array([pairs(one[score], low(one)) for one in people]).sum(axis=0)
    return float(won / of) if of else float("nan")


def rank_correlation(x: Floats, y: Floats) -> float:
    """Spearman's, over the days on which both are known; NaN with fewer than ten or without any difference.

    >>> rank_correlation(np.arange(10.0), np.arange(10.0) ** 2)
    1.0
    """
    known = ~(np.isnan(x) | np.isnan(y))
    if known.sum() < 10:
        return float("nan")
    a, b = ranks(x[known]), ranks(y[known])
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return round(float(a @ b) / size, 12) if size > 0 else float("nan")


def mean_over(people: Sequence[Person], figure: Callable[[Person], float]) -> float:
    """The figure of each person, averaged; people for whom it cannot be told are left out."""
    each = np.array([figure(one) for one in people])
    return float(np.nanmean(each)) if (~np.isnan(each)).any() else float("nan")


def redrawn(people: Sequence[Person], dice: np.random.Generator, block: int = BLOCK_D) -> list[Person]:
    """People drawn with return, and of each as many weeks of days as there were."""
    out: list[Person] = []
    for who in dice.integers(len(people), size=len(people)):
        one = people[who]
        n = len(next(iter(one.values())))
        starts = dice.integers(max(1, n - block + 1), size=-(-n // block))
        rows = (starts[:, None] + np.arange(min(block, n))).ravel()[:n]
        out.append({name: values[rows] for name, values in one.items()})
    return out


def with_intervals(
    people: Sequence[Person],
    figures: Callable[[Sequence[Person]], Mapping[str, float]],
    draws: int = DRAWS,
    seed: int = 1,
) -> dict[str, Interval]:
    """Each figure of ``figures``, with the interval from people and weeks drawn anew."""
    dice = np.random.default_rng(seed)
    found = figures(people)
    drawn = [figures(redrawn(people, dice)) for _ in range(draws)]
    out = {}
    for name, value in found.items():
        values = np.array([each[name] for each in drawn])
        low, high = np.nanquantile(values, [0.025, 0.975]) if (~np.isnan(values)).any() else (np.nan, np.nan)
        out[name] = Interval(value, float(low), float(high))
    return out


def most_people(met: int, of: int) -> float:
    """The largest share of all people that still goes with ``met`` of ``of`` (one-sided 95 %, exact, by bisection).

    >>> round(most_people(0, 8), 3)
    0.312
    """
    if met >= of:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(60):
        share = (low + high) / 2.0
        chance, term = 0.0, (1.0 - share) ** of
        for k in range(met + 1):
            chance += term
            term *= (of - k) / (k + 1) * share / (1.0 - share) if share < 1.0 else 0.0
        low, high = (share, high) if chance > 0.05 else (low, share)
    return low
