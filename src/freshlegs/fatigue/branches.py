"""A sign and its branches: several ways to the same sign, joined by the strongest (science I.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from freshlegs import steps
from freshlegs.fatigue.past import Bools, Floats
from freshlegs.metrics import persistence

Facts = Mapping[str, npt.NDArray[Any]]
"""Numbers of every day, by name."""


@dataclass(slots=True)
class Branch:
    """One way to a sign: strength (0..1, 0.5 neutral, NaN unmeasured), weight, quality, and the numbers behind it.

    ``facts`` are arrays of the same shape; ``key`` names the sentence that tells them (see `words`).
    """

    key: str
    strength: Floats
    quality: Floats | float = 1.0
    weight: Floats | float = 1.0
    facts: Facts = field(default_factory=dict)


@dataclass(slots=True)
class Sign:
    """A sign of every athlete and day: strength, quality, and which branch spoke (-1: none)."""

    strength: Floats
    quality: Floats
    spoke: npt.NDArray[np.int8]
    branches: list[Branch]


def join(branches: Sequence[Branch], strength: Floats, quality: Floats) -> Sign:
    """The strongest branch speaks: 0.5 + weight · (strength − 0.5), the largest over the branches.

    The maximum, and not a noisy-or: three half-hearted branches must not make a firm sign. What comes of it is put
    into ``strength`` and ``quality``.
    """
    strength.fill(np.nan)
    quality.fill(1.0)
    spoke = np.full(strength.shape, -1, dtype=np.int8)
    for number, branch in enumerate(branches):
        if steps.READY:
            steps.speak(branch.strength, branch.weight, branch.quality, number, strength, quality, spoke)
            continue
        value = 0.5 + branch.weight * (branch.strength - 0.5)
        wins = ~np.isnan(value)
        if number:
            with np.errstate(invalid="ignore"):
                wins &= ~(strength >= value)
        np.copyto(strength, value, where=wins)
        np.copyto(quality, branch.quality, where=wins)
        np.copyto(spoke, np.int8(number), where=wins)
    return Sign(strength, quality, spoke, list(branches))


@cache
def persistence_table(most: int) -> Floats:
    """``table[n, k]``: the probability that a sign bad on k of n days holds on more than half of all days."""
    table = np.full((most + 1, most + 1), np.nan)
    for n in range(most + 1):
        table[n, : n + 1] = persistence(np.arange(n + 1.0), np.full(n + 1, float(n)))
    table.setflags(write=False)
    return table


def share_strength(k: npt.NDArray[np.int64], n: npt.NDArray[np.int64], at_least: int, most: int) -> Floats:
    """The same for k of n events."""
    return np.where(n >= at_least, persistence_table(most)[np.minimum(n, most), np.minimum(k, most)], np.nan)


def fill(where: Bools, yes: float, no: float) -> Floats:
    """One number where something holds, another elsewhere."""
    return np.where(where, yes, no)
