"""The state chain of the specification (I.3, I.4), slow and readable: one athlete, one day, one sign at a time.

It shares nothing with the package, its constants included, so that the two can disagree.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

# P(sign present | fresh, cumulative, excessive, overtraining)
EMISSIONS = {
    "soreness": (0.03, 0.25, 0.55, 0.60),
    "manageable_level": (0.03, 0.15, 0.65, 0.80),
    "heavy_legs": (0.05, 0.30, 0.70, 0.75),
    "performance_decline": (0.02, 0.12, 0.70, 0.95),
    "slow_recovery": (0.03, 0.20, 0.65, 0.75),
    "mood_swings": (0.04, 0.12, 0.45, 0.60),
    "cannot_relax": (0.05, 0.10, 0.35, 0.45),
    "poor_sleep": (0.08, 0.15, 0.45, 0.55),
    "low_energy": (0.05, 0.25, 0.70, 0.85),
    "low_motivation": (0.04, 0.10, 0.45, 0.60),
    "frequent_illness": (0.10, 0.22, 0.50, 0.55),
    "raised_heart_rate": (0.04, 0.12, 0.33, 0.30),
    "weight_appetite_loss": (0.03, 0.05, 0.20, 0.30),
    "irregular_cycles": (0.05, 0.07, 0.25, 0.35),
    "gut_trouble": (0.05, 0.08, 0.20, 0.25),
}
GROUPS = {
    "muscle": ("soreness", "heavy_legs"),
    "performance": ("manageable_level", "performance_decline", "slow_recovery"),
    "mood": ("mood_swings", "cannot_relax", "low_motivation"),
    "sleep_energy": ("poor_sleep", "low_energy"),
    "immune": ("frequent_illness",),
    "autonomic": ("raised_heart_rate",),
    "energy_deficit": ("weight_appetite_loss", "irregular_cycles"),
    "gut": ("gut_trouble",),
}
FRESH, CUMULATIVE, EXCESSIVE, OVERTRAINING = range(4)
START = (0.30, 0.68, 0.02, 0.0)


@dataclass
class Day:
    """What the chain is told of one day; a sign that is absent from ``signs`` was not measured."""

    signs: Mapping[str, float] = field(default_factory=dict)
    risk: float = 1.0
    deload: bool = False
    failed_rest: bool = False
    quality: Mapping[str, float] = field(default_factory=dict)


def sign_log_ratio(sign: str, strength: float, quality: float, state: int) -> float:
    """Soft evidence of one sign for a state against cumulative; absence counts 0.4."""

    def log_likelihood(e: float) -> float:
        return math.log(strength * e + (1 - strength) * (1 - e))

    cells = EMISSIONS[sign]
    value = log_likelihood(cells[state]) - log_likelihood(cells[CUMULATIVE])
    return value * quality * (0.4 if strength < 0.5 else 1.0)


def discounted(values: Sequence[float]) -> float:
    """The largest whole, the second a quarter, the third a sixteenth."""
    return sum(value * 0.25**place for place, value in enumerate(sorted(values, reverse=True)))


def group_log_ratio(group: str, day: Day, state: int) -> float:
    """A group's evidence for a state against cumulative, after the cap, before the division by W."""
    values = [
        sign_log_ratio(sign, day.signs[sign], day.quality.get(sign, 1.0), state)
        for sign in GROUPS[group]
        if sign in day.signs
    ]
    supporting = discounted([value for value in values if value > 0])
    contradicting = discounted([-value for value in values if value < 0])
    return max(-math.log(8), min(math.log(8), supporting - contradicting))


def log_likelihood(day: Day) -> list[float]:
    """The day's log-likelihood of each state against cumulative."""
    return [sum(group_log_ratio(group, day, state) for group in GROUPS) / 9 for state in range(4)]


def transition(day: Day, gate: int) -> list[list[float]]:
    """Chance of each state tomorrow (column) from each state today (row)."""
    risk = min(8.0, max(0.25, day.risk))
    to_cumulative = 0.03 if day.deload else 0.10
    to_fresh = 0.12 if day.deload else 0.05
    to_excessive = 0.001 * risk
    recover = 0.045 if day.deload else 0.015
    overtrain = 0.0 if gate < 28 else 0.02 if day.failed_rest else 0.003
    improve = 0.004 if day.deload else 0.001
    return [
        [1 - to_cumulative, to_cumulative, 0.0, 0.0],
        [to_fresh, 1 - to_fresh - to_excessive, to_excessive, 0.0],
        [0.0, recover, 1 - recover - overtrain, overtrain],
        [0.0, 0.0, improve, 1 - improve],
    ]


def step(belief: Sequence[float], gate: int, day: Day) -> tuple[list[float], int]:
    """One day: predict, weigh by the evidence, count the gate."""
    table = transition(day, gate)
    predicted = [sum(belief[old] * table[old][new] for old in range(4)) for new in range(4)]
    weighed = [p * math.exp(ll) for p, ll in zip(predicted, log_likelihood(day), strict=True)]
    total = sum(weighed)
    after = [w / total for w in weighed]
    bad = after[EXCESSIVE] + after[OVERTRAINING] >= 0.5
    return after, (gate + 1 if bad else max(0, gate - 2))


def run(days: Sequence[Day]) -> list[list[float]]:
    """The belief after each of these days on end."""
    belief, gate, out = list(START), 0, []
    for day in days:
        belief, gate = step(belief, gate, day)
        out.append(belief)
    return out


def run_dated(days: Mapping[date, Day]) -> dict[date, list[float]]:
    """The belief after each given date; dates between them are days of which nothing is known."""
    first, last = min(days), max(days)
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    beliefs = run([days.get(day, Day()) for day in every])
    return {day: belief for day, belief in zip(every, beliefs, strict=True) if day in days}
