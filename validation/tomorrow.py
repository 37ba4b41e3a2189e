"""Next-day tiredness: how well it is told the day before, and whether the forecast's probability and spread are true.

Two questions of the next morning's answer. *Low*: 2 of 5 or less (energy 2.5 or less). *Own*: a full own spread or
more below the runner's usual, as `forecast` defines it. The figure is the AUC within person: the chance that of one
such morning and one other *of the same person* the tired one was told the higher risk (0.5 is a coin), over all such
pairs. The plain mean of the people's AUCs stands beside it; two people with two and three low mornings move it much.
Every rule is asked on the same mornings: those after an answered one from which there is a forecast.

The pooled weights of the forecast are fitted anew without the person who is being forecast.

*Shuffled* is what each rule reaches when everybody's mornings are put in random order, so that nothing can be known.
It is not 0.5: a rule that remembers the level of the past ranks the late mornings of a finite diary slightly
wrong, and one that subtracts that level ranks them slightly right, without knowing anything. Judge a rule by its
distance from its own *shuffled*.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from freshlegs.fatigue.forecasting import forecast
from validation.people import shuffled
from validation.rules import LOW, RULES, ahead_without_self, by_person, table
from validation.scores import Bools, Floats, Person, auc, auc_within, mean_over, with_intervals

QUESTIONS = ("low", "own")
HORIZONS = 7
BINS = 5
OFTEN = 10


def mornings(rows: pl.DataFrame) -> pl.DataFrame:
    """The mornings on which every rule speaks and an answer came the day after."""
    return rows.drop_nulls(["energy", "came", *RULES])


def tired(one: Person, question: str) -> Bools:
    """Which of the next mornings were tired ones."""
    level = LOW if question == "low" else one["tired_below"] + 1e-9
    return np.asarray(one["came"] <= level)


def aucs(people: Sequence[Person], question: str) -> dict[str, float]:
    """Each rule's AUC over all pairs within people, its gain on the EWMA, and the plain mean of the people's AUCs."""

    def low(one: Person) -> Bools:
        return tired(one, question)

    found = {rule: auc_within(people, rule, low) for rule in RULES}
    gains = {f"gain {rule}": found[rule] - found["ewma"] for rule in RULES}
    means = {f"mean {rule}": mean_over(people, lambda one, r=rule: auc(one[r], low(one))) for rule in RULES}  # type: ignore[misc]
    return found | gains | means


def by_chance(days: pl.DataFrame, times: int, seed: int = 2) -> dict[str, dict[str, float]]:
    """The same AUCs on diaries in random order, with the shipped weights; mean over ``times`` orders."""
    dice = np.random.default_rng(seed)
    found: dict[str, list[dict[str, float]]] = {question: [] for question in QUESTIONS}
    for _ in range(times):
        mixed = shuffled(days, dice)
        people = by_person(mornings(table(mixed, forecast(mixed, 1))))
        for question in QUESTIONS:
            found[question].append(aucs(people, question))
    return {
        question: {rule: float(np.mean([one[rule] for one in each])) if each else float("nan") for rule in RULES}
        for question, each in found.items()
    }


def scores(rows: pl.DataFrame, chance: dict[str, dict[str, float]], draws: int) -> dict[str, Any]:
    """Both questions: each rule's AUC and gain on the EWMA with intervals, and its *shuffled*."""
    people = by_person(mornings(rows))
    out: dict[str, Any] = {"mornings": sum(len(one["came"]) for one in people)}
    for question in QUESTIONS:
        found = with_intervals(people, lambda some, q=question: aucs(some, q), draws)  # type: ignore[misc]
        each = [auc(one["p_tired"], tired(one, question)) for one in people if _often(tired(one, question))]
        out[question] = {
            "tired": int(sum(tired(one, question).sum() for one in people)),
            "rules": {
                rule: {
                    "auc": list(found[rule]),
                    "gain": list(found[f"gain {rule}"]),
                    "mean_of_people": list(found[f"mean {rule}"]),
                    "shuffled": chance[question][rule],
                }
                for rule in RULES
            },
            "people": {"told": len(each), "lowest": min(each), "highest": max(each)},
            "pooled": _pooled(people, question),
        }
    return out


def _often(low: Bools) -> bool:
    """Whether both kinds of morning are frequent enough to speak of one person's AUC."""
    return min(int(low.sum()), int((~low).sum())) >= OFTEN


def _pooled(people: Sequence[Person], question: str) -> dict[str, float]:
    """What the same rules would seem to reach if everybody's mornings were thrown together: mostly who is who."""
    low = np.concatenate([tired(one, question) for one in people])
    together = {rule: np.concatenate([one[rule] for one in people]) for rule in ("p_tired", "ewma")}
    rate = np.concatenate([np.full(len(one["came"]), tired(one, question).mean()) for one in people])
    return {rule: auc(score, low) for rule, score in together.items()} | {"who": auc(rate, low)}


def calibration(rows: pl.DataFrame, ahead: pl.DataFrame, horizons: int = HORIZONS) -> dict[str, Any]:
    """Told and come, Brier score beside the rate so far, for each day ahead; reliability and spread for the first."""
    answers = rows.select("athlete", pl.col("date").alias("due"), pl.col("energy").alias("came")).drop_nulls()
    usual = rows.filter(pl.col("energy").is_not_null()).select("athlete", "date", "tired_below", "rate")
    told = (
        ahead.drop_nulls("p_tired")
        .with_columns(due=pl.col("date") + pl.duration(days=1) * pl.col("horizon_d"))
        .join(usual, on=["athlete", "date"])
        .join(answers, on=["athlete", "due"])
        .with_columns(event=(pl.col("came") <= pl.col("tired_below") + 1e-9).cast(pl.Float64))
        .sort("athlete", "date", "horizon_d")
    )
    first = told.filter(pl.col("horizon_d") == 1)
    off = ((first["came"] - first["energy_mean"]).abs() / first["energy_sd"]).to_numpy()
    return {
        "days_ahead": [_honest(told.filter(pl.col("horizon_d") == h), h) for h in range(1, horizons + 1)],
        "reliability": _reliability(first["p_tired"].to_numpy(), first["event"].to_numpy()),
        "within_one_sd": float((off <= 1.0).mean()),
        "within_two_sd": float((off <= 2.0).mean()),
    }


def _honest(told: pl.DataFrame, horizon_d: int) -> dict[str, Any]:
    event = told["event"]
    brier, plain = (float(((told[name] - event) ** 2).mean()) for name in ("p_tired", "rate"))  # type: ignore[arg-type]
    return {
        "days": horizon_d,
        "mornings": told.height,
        "told": float(told["p_tired"].mean()),  # type: ignore[arg-type]
        "came": float(event.mean()),  # type: ignore[arg-type]
        "brier": brier,
        "brier_rate_so_far": plain,
        "auc": auc_within(by_person(told), "p_tired", lambda one: np.asarray(one["event"] > 0.5)),
    }


def _reliability(told: Floats, event: Floats) -> list[dict[str, Any]]:
    """Mornings in five equal lots by the probability told."""
    lots = np.array_split(np.argsort(told, kind="stable"), BINS)
    return [{"mornings": len(lot), "told": float(told[lot].mean()), "came": float(event[lot].mean())} for lot in lots]


def measured(days: pl.DataFrame, draws: int, shuffles: int) -> tuple[pl.DataFrame, dict[str, Any], dict[str, Any]]:
    """The table of all days, the scores of both questions, and the calibration."""
    ahead = ahead_without_self(days, HORIZONS)
    rows = table(days, ahead)
    return rows, scores(rows, by_chance(days, shuffles), draws), calibration(rows, ahead)
