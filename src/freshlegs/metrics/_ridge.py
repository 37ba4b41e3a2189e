"""Ridge regressions over a moving window of sessions, one for each session at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from freshlegs import steps
from freshlegs.metrics._frames import DAY_S, places
from freshlegs.metrics._numbers import Array
from freshlegs.metrics._windows import Axis

RIDGE: Final = 1.0
"""Penalty on every coefficient but the first; features are of the size of one."""

Rows = npt.NDArray[np.intp]


@dataclass(slots=True)
class Fits:
    """One fit for each of ``rows``: of the usable sessions of the window before it, itself and later ones left out."""

    rows: Rows
    root: list[list[Array]]
    half: list[Array]
    sd: Array

    def predicted(self, features: list[Array]) -> tuple[Array, Array]:
        """What each fit expects at these features (one array a feature, one value a fit), and the leverage there."""
        new = _forward(self.root, [np.ones(self.rows.size), *features])
        nothing = np.zeros(self.rows.size)
        mean = sum((a * b for a, b in zip(self.half, new, strict=True)), nothing)
        return mean, sum((a * a for a in new), nothing)


def fit(
    axis: Axis, outcome: Array, features: list[Array], targets: Rows, *, days: float, least: int, least_sd: float
) -> Fits:
    """Fits for those of the target rows that have at least so many usable sessions in the days before them.

    A session is usable where its outcome and all features are known. ``sd`` is the residual spread of each fit, no
    less than ``least_sd``.
    """
    usable = ~np.isnan(outcome)
    for feature in features:
        usable &= ~np.isnan(feature)
    at, y = axis.at[usable], outcome[usable]
    x = [np.ones(at.size), *(feature[usable] for feature in features)]
    first = places(at, axis.at[targets] - int(days * DAY_S))
    last = places(at, axis.at[targets])  # strictly before: the same instant stays out
    enough = last - first >= least
    low, high = first[enough], last[enough]
    squares, right, rest = steps.grams(np.stack(x), y, low, high, RIDGE) if steps.READY else _grams(x, y, low, high)
    size = len(x)
    root = _cholesky(squares)
    half = _forward(root, right)
    nothing = np.zeros(low.size)
    # y'y − |L⁻¹X'y|² still holds the penalty of the coefficients.
    penalty = sum((RIDGE * b * b for b in _backward(root, half)[1:]), nothing)
    explained = sum((a * a for a in half), nothing)
    left = np.maximum(rest - explained - penalty, 0.0)
    sd = np.sqrt(np.maximum(left / np.maximum(high - low - size, 1), least_sd**2))
    return Fits(targets[enough], root, half, sd)


def _grams(x: list[Array], y: Array, low: Rows, high: Rows) -> tuple[list[list[Array]], list[Array], Array]:
    """The lower half of X'X with its penalty, X'y and y'y of each window of rows from ``low`` to before ``high``."""

    def summed(values: Array) -> Array:
        run = np.concatenate([[0.0], np.cumsum(values)])
        window: Array = run[high] - run[low]
        return window

    size = len(x)
    squares = [[summed(x[i] * x[j]) + (RIDGE if i == j > 0 else 0.0) for j in range(i + 1)] for i in range(size)]
    return squares, [summed(one * y) for one in x], summed(y * y)


def _cholesky(squares: list[list[Array]]) -> list[list[Array]]:
    """The lower root of many small symmetric matrices at once, entry by entry."""
    root: list[list[Array]] = []
    for i, row in enumerate(squares):
        built: list[Array] = []
        for j in range(i + 1):
            rest = row[j].copy()
            for k in range(j):
                rest -= built[k] * (root[j][k] if j < i else built[k])
            built.append(np.sqrt(np.maximum(rest, 1e-9)) if i == j else rest / root[j][j])
        root.append(built)
    return root


def _forward(root: list[list[Array]], right: list[Array]) -> list[Array]:
    """L⁻¹ of many right-hand sides at once."""
    solved: list[Array] = []
    for i, row in enumerate(root):
        rest = right[i].copy()
        for k in range(i):
            rest -= row[k] * solved[k]
        solved.append(rest / row[i])
    return solved


def _backward(root: list[list[Array]], right: list[Array]) -> list[Array]:
    """L⁻ᵀ of many right-hand sides at once."""
    size = len(root)
    solved: list[Array] = [np.zeros(0)] * size
    for i in reversed(range(size)):
        rest = right[i].copy()
        for k in range(i + 1, size):
            rest -= root[k][i] * solved[k]
        solved[i] = rest / root[i][i]
    return solved
