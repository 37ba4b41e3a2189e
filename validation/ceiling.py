"""How much of the next morning there is to be told at all: a rule that may use everything known.

Fifty-one numbers of a morning (each answer, sleep, heart rate at rest and load: the day's, those of the two days
before, their means of a week and of four, all against the person's own past; the weekday) are weighed by ridge
regression. Once with weights fitted on the other people, at the strength that turns out best afterwards, which
flatters it; once on the very mornings it is then judged by, which shows what such a rule can learn by heart. The
latter stands beside the same on mornings in random order, where there is nothing to learn: the difference is what
there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from validation.people import every_date, shuffled
from validation.rules import by_person
from validation.scores import Floats, auc_within, mean_over
from validation.tomorrow import QUESTIONS, mornings, tired

INPUTS = (
    *("energy", "soreness", "mood", "stress", "sleep_quality", "readiness"),
    *("sleep_s", "hr_rest_bpm", "load_lu"),
)
STRENGTHS = (3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0)
BY_HEART = 100.0


def inputs(days: pl.DataFrame) -> pl.DataFrame:
    """The numbers of each morning of everybody, unknown ones at the person's own usual."""
    return pl.concat([_own(own) for _, own in every_date(days).group_by("athlete", maintain_order=True)])


def _own(own: pl.DataFrame) -> pl.DataFrame:
    out: dict[str, pl.Series] = {}
    for name in INPUTS:
        value = own[name].cast(pl.Float64)
        spread = value.std() or 1.0
        usual = value.forward_fill().rolling_mean(180, min_samples=5)
        off = (value - usual) / spread  # type: ignore[operator]
        for ago in range(3):
            out[f"in_{name}_{ago}"] = off.shift(ago)
        for span, least in ((7, 3), (28, 7)):
            out[f"in_{name}_mean_{span}"] = off.rolling_mean(span, min_samples=least)
    weekday = own["date"].dt.weekday()
    out |= {f"in_weekday_{day}": (weekday == day).cast(pl.Float64) for day in range(1, 7)}
    known = {name: values.fill_nan(None).fill_null(0.0) for name, values in out.items()}
    return own.select("athlete", "date").with_columns(**known)


def measured(rows: pl.DataFrame, days: pl.DataFrame, times: int, seed: int = 5) -> dict[str, Any]:
    """What the rule reaches for each question, how like tomorrow is to today, and the share of variance it explains."""
    table = mornings(rows).join(inputs(days), on=["athlete", "date"])
    found: dict[str, Any] = {"mornings": table.height, "today_and_tomorrow": _alike(table)}
    x, y, who = _parts(table)
    others = {strength: _others(x, y, who, strength) for strength in STRENGTHS}
    dice = np.random.default_rng(seed)
    nothing = [_again(rows, shuffled(days, dice)) for _ in range(times)]
    found["inputs"] = x.shape[1]
    found["explained_of_others"] = max(1.0 - float(((y - told) ** 2).sum() / (y @ y)) for told in others.values())
    for question in QUESTIONS:
        found[question] = {
            "forecast": _auc(table, table["p_tired"].to_numpy(), question),
            "of_others": max(_auc(table, told, question) for told in others.values()),
            "by_heart": _auc(table, _by_heart(table), question),
            "nothing_by_heart": float(np.mean([_auc(one, _by_heart(one), question) for one in nothing])),
        }
    return found


def _again(rows: pl.DataFrame, mixed: pl.DataFrame) -> pl.DataFrame:
    """The same mornings with what diaries in random order would have had in them."""
    after = pl.col("energy").shift(-1).over("athlete").alias("came")
    came = every_date(mixed).with_columns(after).select("athlete", "date", "came")
    kept = mornings(rows).drop("came").join(came, on=["athlete", "date"]).drop_nulls("came")
    return kept.join(inputs(mixed), on=["athlete", "date"])


def _parts(table: pl.DataFrame) -> tuple[Floats, Floats, Any]:
    """Inputs, next morning's tiredness from the person's own mean, and whose it is."""
    x = table.select(pl.col("^in_.*$")).to_numpy()
    off = table.select(pl.col("came").mean().over("athlete") - pl.col("came")).to_series().to_numpy()
    return x, off, table["athlete"].to_numpy()


def _fit(x: Floats, y: Floats, strength: float) -> Floats:
    return np.asarray(np.linalg.solve(x.T @ x + strength * np.eye(x.shape[1]), x.T @ y))


def _others(x: Floats, y: Floats, who: Any, strength: float) -> Floats:
    """Everybody told by weights of the others."""
    told = np.zeros(len(y))
    for one in np.unique(who):
        own = who == one
        told[own] = x[own] @ _fit(x[~own], y[~own], strength)
    return told


def _by_heart(table: pl.DataFrame) -> Floats:
    x, y, _ = _parts(table)
    return np.asarray(x @ _fit(x, y, BY_HEART))


def _auc(table: pl.DataFrame, told: Sequence[float] | Floats, question: str) -> float:
    people = by_person(table.with_columns(told=pl.Series(told)))
    return auc_within(people, "told", lambda one: tired(one, question))


def _alike(table: pl.DataFrame) -> float:
    """Correlation of one morning's energy with the next one's, within person."""
    return mean_over(by_person(table), lambda one: float(np.corrcoef(one["energy"], one["came"])[0, 1]))
