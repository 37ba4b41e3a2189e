"""Whether the state goes with how people felt: energy by state, and the belief against a week's mean of energy.

The model is built on the same answers, so agreement with the last seven days says that it does what it should, not
that it is right. The next seven days are not in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from freshlegs.fatigue import forecast
from freshlegs.vocabulary import STATES
from validation.people import shuffled
from validation.rules import by_person, table
from validation.scores import Floats, Person, mean_over, rank_correlation, with_intervals

RULES = {
    "p_bad": "model: belief in excessive fatigue",
    "evidence": "model: evidence of the day's signs",
    "today": "the day's answer",
    "ewma": "EWMA of 3 days",
    "load_ratio": "load ratio",
    "load_balance": "load balance",
}
WEEKS = {"last": "week", "next": "next_week"}


def agreement(people: Sequence[Person]) -> dict[str, float]:
    """For each rule the mean of the people's rank correlations with tiredness (energy turned round), both weeks."""
    return {
        f"{rule} {name}": mean_over(people, lambda one, r=rule, w=week: rank_correlation(one[r], -one[w]))  # type: ignore[misc]
        for rule in RULES
        for name, week in WEEKS.items()
    }


def _deviation(one: Person) -> Floats:
    """Energy from the person's own mean, in own spreads."""
    energy = one["energy"]
    return np.asarray((energy - np.nanmean(energy)) / np.nanstd(energy, ddof=1))


def _by_state(people: Sequence[Person]) -> dict[str, float]:
    """Mean deviation of the answered mornings of each state, each person's days against that person's own mean."""
    found = {}
    for number, state in enumerate(STATES):
        values = [_deviation(one)[one["state_number"] == number] for one in people]
        all_days = np.concatenate(values)
        known = all_days[~np.isnan(all_days)]
        found[state] = float(known.mean()) if known.size else float("nan")
    return found


def judged(rows: pl.DataFrame) -> pl.DataFrame:
    """Days with a verdict, their state as a number beside."""
    number = pl.col("state").replace_strict(list(STATES), list(range(len(STATES))), return_dtype=pl.Float64)
    return rows.filter(pl.col("state") != "insufficient_data").with_columns(state_number=number)


def measured(rows: pl.DataFrame, days: pl.DataFrame, draws: int, shuffles: int) -> dict[str, Any]:
    """Energy by state and rank correlations, with intervals, and the correlations in shuffled diaries."""
    people = by_person(judged(rows))
    found = with_intervals(people, agreement, draws)
    states = with_intervals(people, _by_state, draws)
    answered = judged(rows).drop_nulls("energy").group_by("state").agg(pl.len(), pl.col("athlete").n_unique())
    count = {state: (mornings, who) for state, mornings, who in answered.iter_rows()}
    chance = _by_chance(days, shuffles)
    return {
        "energy_by_state": {
            state: {"mornings": count[state][0], "people": count[state][1], "spreads": list(states[state])}
            for state in STATES
            if state in count
        },
        "correlation": {
            rule: {
                name: {"found": list(found[f"{rule} {name}"]), "shuffled": chance[f"{rule} {name}"]} for name in WEEKS
            }
            for rule in RULES
        },
    }


def _by_chance(days: pl.DataFrame, times: int, seed: int = 3) -> dict[str, float]:
    dice = np.random.default_rng(seed)
    nothing = forecast(days.head(0), 1)
    drawn = [agreement(by_person(judged(table(shuffled(days, dice), nothing)))) for _ in range(times)]
    return {name: float(np.mean([one[name] for one in drawn])) if drawn else float("nan") for name in agreement([])}
