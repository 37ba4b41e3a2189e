"""Long low stretches and alarms: how many there are, which met which, how soon, and how many days are flagged.

A *long low stretch* is a week or more in which every answered morning was low, with at most two unanswered mornings
between two answers. Low is either 2 of 5 or less (energy 2.5 or less) or a full own spread below the person's own
median of the whole diary. That is a yardstick for long tiredness as felt, no diagnosis: who always answers 2 of 5 has
many of the first kind and none of the second.

An *alarm* is a spell of days at watch or worse; spells at most a week apart are one alarm. It meets a stretch when it
stands on any day from the stretch's first to a week after its last. Beside the model stand plain rules with the same
bookkeeping, silent like the model on days without enough data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from freshlegs.vocabulary import STATES
from validation.rules import LOW, SPREAD_MIN
from validation.scores import Bools, Floats, most_people

STRETCH_D = 7
GAP_D = 3
AFTER_D = 7
JOIN_D = 7
YEAR_D = 365.25
FLAGGED = ("watch", "excessive", "possible_overtraining")
KINDS = ("low", "own")
TITLES = {
    "model": "model: watch or worse",
    "answers_5_of_7": "5 of 7 mornings a spread below own median so far",
    "low_5_of_7": "5 of 7 mornings 2 of 5 or less",
    "load_ratio": "load ratio above 1.5",
    "load_balance": "acute load a third above chronic",
}


@dataclass(frozen=True, slots=True)
class Spell:
    """Days from ``first`` to ``last`` of one person, counted from that person's first."""

    first: int
    last: int


def stretches(low: Bools, answered: Bools) -> Iterator[Spell]:
    """Long low stretches of one person."""
    at = np.flatnonzero(answered)
    start = last = -1
    for day in [*at.tolist(), -1]:
        goes_on = day >= 0 and low[day] and start >= 0 and day - last <= GAP_D
        if goes_on:
            last = day
            continue
        if start >= 0 and last - start + 1 >= STRETCH_D:
            yield Spell(start, last)
        start = last = day if day >= 0 and low[day] else -1


def spells(flag: Bools) -> list[Spell]:
    """Flagged days as spells, those at most a week apart joined."""
    out: list[Spell] = []
    for day in np.flatnonzero(flag).tolist():
        if out and day - out[-1].last <= JOIN_D:
            out[-1] = Spell(out[-1].first, day)
        else:
            out.append(Spell(day, day))
    return out


def _meets(stretch: Spell, flag: Bools) -> int | None:
    """Days from the first day of the stretch to the first flagged one in reach."""
    reach = flag[stretch.first : stretch.last + AFTER_D + 1]
    return int(reach.argmax()) if reach.any() else None


def _low_days(energy: Floats) -> dict[str, Bools]:
    known = energy[~np.isnan(energy)]
    level = np.median(known) - max(SPREAD_MIN, float(known.std(ddof=1)))
    with np.errstate(invalid="ignore"):
        return {"low": energy <= LOW, "own": energy <= level + 1e-9}


def _of_seven(bad: Bools, known: Bools) -> Bools:
    """Five bad mornings of the last seven."""
    count = np.convolve((bad & known).astype(float), np.ones(7))[: len(bad)]
    return np.asarray(count >= 4.5)


def flags(one: Mapping[str, Floats], state: list[str | None]) -> dict[str, Bools]:
    """The model's flagged days and those of the plain rules."""
    energy = one["energy"]
    known = ~np.isnan(energy)
    with np.errstate(invalid="ignore"):
        return {
            "model": np.array([each in FLAGGED for each in state]),
            "answers_5_of_7": _of_seven(energy <= one["tired_below"] + 1e-9, known),
            "low_5_of_7": _of_seven(energy <= LOW, known),
            "load_ratio": one["load_ratio"] > 1.5,
            "load_balance": one["load_balance"] > one["chronic"] / 3.0,
        }


def measured(rows: pl.DataFrame) -> dict[str, Any]:
    """Days by state, long low stretches, and what the model and the plain rules made of them."""
    people = [own for _, own in rows.group_by("athlete", maintain_order=True)]
    count = dict(rows.group_by("state").len().iter_rows())
    judged = rows.height - count.get("insufficient_data", 0)
    flagged = [own.filter(pl.col("state").is_in(FLAGGED)).height > 0 for own in people]
    excessive = [own.filter(pl.col("state").is_in(FLAGGED[1:])).height > 0 for own in people]
    found = list(_stretches(people))
    return {
        "days": {"all": rows.height, "judged": judged, "answered": rows.drop_nulls("energy").height},
        "states": {state: count.get(state, 0) for state in STATES},
        "people_flagged": {"watch_or_worse": sum(flagged), "excessive_or_worse": sum(excessive), "of": len(people)},
        "people_flagged_at_most": {
            "watch_or_worse": most_people(sum(flagged), len(people)),
            "excessive_or_worse": most_people(sum(excessive), len(people)),
        },
        "stretches": {kind: len([s for _, k, s in found if k == kind]) for kind in KINDS},
        "stretch_days": {kind: _range([s.last - s.first + 1 for _, k, s in found if k == kind]) for kind in KINDS},
        "stretches_without_verdict": {kind: len(_unspoken(people, found, kind)) for kind in KINDS},
        "highest_belief_in_stretches": {kind: _belief(people, found, kind) for kind in KINDS},
        "rules": {rule: _bookkeeping(people, found, rule, judged) for rule in TITLES},
    }


Found = list[tuple[int, str, Spell]]


def _stretches(people: list[pl.DataFrame]) -> Iterator[tuple[int, str, Spell]]:
    for number, own in enumerate(people):
        energy = own["energy"].cast(pl.Float64).to_numpy()
        for kind, low in _low_days(energy).items():
            for stretch in stretches(low, ~np.isnan(energy)):
                yield number, kind, stretch


def _unspoken(people: list[pl.DataFrame], found: Found, kind: str) -> list[Spell]:
    """Stretches in which no day has a verdict at all: too few answers yet."""
    return [
        stretch
        for number, k, stretch in found
        if k == kind
        and (people[number]["state"][stretch.first : stretch.last + AFTER_D + 1] == "insufficient_data").all()
    ]


def _range(values: list[int]) -> list[int]:
    """The least and the most of them, nothing of none: a list of each would be somebody's."""
    return [min(values), max(values)] if values else []


def _belief(people: list[pl.DataFrame], found: Found, kind: str) -> float:
    """The highest belief in excessive fatigue in any stretch."""
    highest = [
        float(people[number]["p_bad"][stretch.first : stretch.last + AFTER_D + 1].max() or 0.0)  # type: ignore[arg-type]
        for number, k, stretch in found
        if k == kind
    ]
    return max(highest, default=0.0)


def _bookkeeping(people: list[pl.DataFrame], found: Found, rule: str, judged: int) -> dict[str, Any]:
    """Days flagged, alarms, stretches met and how soon, alarms near no stretch."""
    numbers = [name for name, dtype in people[0].schema.items() if dtype.is_numeric()]
    flag = []
    for own in people:
        columns = {name: own[name].cast(pl.Float64).to_numpy() for name in numbers}
        spoken = (own["state"] != "insufficient_data").to_numpy()
        flag.append(flags(columns, own["state"].to_list())[rule] & spoken)
    met: dict[str, list[int]] = {kind: [] for kind in KINDS}
    for number, kind, stretch in found:
        delay = _meets(stretch, flag[number])
        if delay is not None:
            met[kind].append(delay)
    alarms = [(number, spell) for number, own in enumerate(flag) for spell in spells(own)]
    near = [(number, spell) for number, spell in alarms if any(_near(spell, s) for n, _, s in found if n == number)]
    days = int(sum(own.sum() for own in flag))
    return {
        "days": days,
        "share_of_judged": days / judged if judged else float("nan"),
        "alarms": len(alarms),
        "met": {kind: len(delays) for kind, delays in met.items()},
        "days_until_met": {kind: _range(delays) for kind, delays in met.items()},
        "far_from_any": len(alarms) - len(near),
        "far_from_any_a_year": (len(alarms) - len(near)) / (judged / YEAR_D) if judged else float("nan"),
    }


def _near(spell: Spell, stretch: Spell) -> bool:
    return spell.first <= stretch.last + AFTER_D and spell.last >= stretch.first - AFTER_D
