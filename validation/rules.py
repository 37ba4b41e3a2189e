"""Every day of everybody beside one another: what was answered, what the model said, what simple rules say.

Scores are turned so that high means tired. A row holds what was known that morning; only the columns that begin with
``came`` or ``next`` look ahead, and they are what is to be told.
"""

from __future__ import annotations

import numpy as np
import polars as pl

import freshlegs as fl
from freshlegs.fatigue import evaluate
from freshlegs.fatigue.forecasting import forecast, training_rows
from freshlegs.metrics import trends
from freshlegs.vocabulary import GROUPS
from validation.people import every_date
from validation.scores import Floats, Person

RIDGE = 20.0
LOW = 2.5
SPREAD_MIN = 0.7
WEEK_MIN = 4
RULES = {
    "p_tired": "forecast: chance of being tired",
    "expected": "forecast: expected energy",
    "p_bad": "model: excessive or possible overtraining",
    "today": "the day before's answer",
    "ewma": "EWMA of 3 days",
    "above": "the day before's answer against own mean so far",
    "load_ratio": "load ratio, acute to chronic",
    "load_balance": "load balance, chronic minus acute",
    "constant": "constant",
}


def fitted(days: pl.DataFrame) -> Floats:
    """The pooled weights of the forecast's inputs, drawn a little to zero."""
    x, z = training_rows(days)
    return np.asarray(np.linalg.solve(x.T @ x + RIDGE * np.eye(x.shape[1]), x.T @ z), dtype=np.float64)


def ahead_without_self(days: pl.DataFrame, horizon_d: int) -> pl.DataFrame:
    """Everybody's forecasts, each with weights fitted on the others."""
    parts = []
    for (person,), own in days.group_by("athlete", maintain_order=True):
        parts.append(forecast(own, horizon_d, weights=fitted(days.filter(pl.col("athlete") != person))))
    return pl.concat(parts)


def verdicts(days: pl.DataFrame) -> pl.DataFrame:
    """The state of every day, the evidence of its signs, and the belief, also where too little is known to speak."""
    beliefs = []
    for found in evaluate(days):
        who, when = np.nonzero(found.panel.alive)
        beliefs.append(
            pl.DataFrame(
                {
                    "athlete": np.array(found.panel.athletes)[who],
                    "date": pl.Series((found.panel.first[who] + when).astype(np.int32)).cast(pl.Date),
                    "p_bad": (found.p[..., 2] + found.p[..., 3])[who, when],
                }
            )
        )
    told = fl.assess(days)
    evidence = pl.sum_horizontal([f"log_ratio_{group}" for group in GROUPS]).alias("evidence")
    return told.select("athlete", "date", "state", evidence).join(pl.concat(beliefs), on=["athlete", "date"])


def usual_low(energy: Floats) -> tuple[Floats, Floats]:
    """The level that counts as tired, as `forecast` defines it, and how often it was met so far; written plainly."""
    below, rate = np.full(len(energy), np.nan), np.full(len(energy), np.nan)
    for day in range(len(energy)):
        past = energy[max(0, day - 179) : day + 1]
        past = past[~np.isnan(past)]
        if len(past) > 1:
            below[day] = np.median(past) - max(SPREAD_MIN, past.std(ddof=1))
        rate[day] = ((past <= below[day]).sum() + 0.5) / (len(past) + 2.0)
    return below, rate


def _means(energy: Floats) -> tuple[Floats, Floats]:
    """The mean of the last seven days, today's among them, and of the next seven; NaN with fewer than four answers."""
    padded = np.concatenate([np.full(6, np.nan), energy, np.full(7, np.nan)])
    weeks = np.lib.stride_tricks.sliding_window_view(padded, 7)
    count = (~np.isnan(weeks)).sum(axis=1)
    mean = np.where(count >= WEEK_MIN, np.nansum(weeks, axis=1) / np.maximum(count, 1), np.nan)
    return mean[: len(energy)], mean[7 : 7 + len(energy)]


def _loads(load: Floats) -> tuple[Floats, Floats, Floats]:
    """Load ratio (EWMA of 7 over 28 days), what the acute trend (7) lies above the chronic one (42), and the latter.

    Load is summed up to the day before; the morning's row already holds only that.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.asarray(trends.acwr(trends.expected_load(load)))
        chronic = trends.exponential(load, trends.CHRONIC_D)
        above = trends.exponential(load, trends.ACUTE_D) - chronic
    return ratio, above, chronic


def _one(own: pl.DataFrame) -> pl.DataFrame:
    energy = own["energy"].cast(pl.Float64).to_numpy().copy()
    ewma = own.select(-pl.col("energy").ewm_mean(span=3, ignore_nulls=False)).to_series().to_numpy()
    known = ~np.isnan(energy)
    so_far = np.cumsum(np.nan_to_num(energy)) / np.maximum(np.cumsum(known), 1)
    below, rate = usual_low(energy)
    last, coming = _means(energy)
    ratio, above, chronic = _loads(own["load_lu"].cast(pl.Float64).to_numpy().copy())
    columns = {
        "today": -energy,
        "ewma": np.where(known, ewma, np.nan),
        "above": so_far - energy,
        "load_ratio": ratio,
        "load_balance": above,
        "chronic": chronic,
        "constant": np.zeros(len(energy)),
        "came": np.append(energy[1:], np.nan),
        "tired_below": below,
        "rate": rate,
        "week": last,
        "next_week": coming,
    }
    return own.with_columns(pl.Series(name, values, nan_to_null=True) for name, values in columns.items())


def table(days: pl.DataFrame, ahead: pl.DataFrame) -> pl.DataFrame:
    """One row for every date of everybody, by person and date."""
    full = every_date(days.select("athlete", "date", "energy", "load_lu"))
    parts = [_one(own) for _, own in full.group_by("athlete", maintain_order=True)]
    next_day = ahead.filter(pl.col("horizon_d") == 1).select(
        "athlete", "date", "p_tired", "energy_mean", "energy_sd", expected=-pl.col("energy_mean")
    )
    return (
        pl.concat(parts)
        .join(verdicts(days), on=["athlete", "date"], how="left")
        .join(next_day, on=["athlete", "date"], how="left")
        .sort("athlete", "date")
    )


def by_person(rows: pl.DataFrame) -> list[Person]:
    """Each person's columns of numbers as arrays, unknown as NaN."""
    numbers = [name for name, dtype in rows.schema.items() if dtype.is_numeric()]
    return [
        {name: own[name].cast(pl.Float64).to_numpy() for name in numbers}
        for _, own in rows.group_by("athlete", maintain_order=True)
    ]
