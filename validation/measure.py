"""One run over everything, as plain numbers: what `results.json` and the model card hold."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from freshlegs.fatigue import forecast
from freshlegs.fatigue.parameters import PARAMETERS
from validation import alarms, ceiling, felt, people, sensitivity, tomorrow
from validation.rules import RULES, ahead_without_self, by_person, table
from validation.scores import DRAWS

SHUFFLES = 20
DIGITS = 4


def everything(folder: Path, *, quick: bool = False) -> dict[str, Any]:
    """All figures on the diaries of a folder; ``quick``: few draws and shuffles, no sensitivity."""
    draws, shuffles = (100, 3) if quick else (DRAWS, SHUFFLES)
    days = people.everybody(folder)
    rows, scores, calibration = tomorrow.measured(days, draws, shuffles)
    found = {
        "schema_version": 1,
        "parameters": PARAMETERS.hash,
        "draws": draws,
        "people": days["athlete"].n_unique(),
        "next_day": scores,
        "calibration": calibration,
        "ceiling": ceiling.measured(rows, days, shuffles),
        "felt": felt.measured(rows, days, draws, shuffles),
        "alarms": alarms.measured(rows),
        "shuffled_alarms": _shuffled_alarms(days, shuffles),
        "answers_alone": _answers_alone(folder),
        "left_out": _left_out(rows),
        "sensitivity": None if quick else sensitivity.measured(days, rows),
    }
    return dict(rounded(found))


def _shuffled_alarms(days: pl.DataFrame, times: int) -> dict[str, float]:
    """How many days are flagged when everybody's mornings are in random order: alarms out of nothing."""
    dice = np.random.default_rng(4)
    nothing = forecast(days.head(0), 1)
    found = [alarms.measured(table(people.shuffled(days, dice), nothing)) for _ in range(times)]
    model = [one["rules"]["model"] for one in found]
    return {
        "share_of_judged": sum(one["share_of_judged"] for one in model) / times,
        "alarms": sum(one["alarms"] for one in model) / times,
    }


def _answers_alone(folder: Path) -> dict[str, Any]:
    """The headline figures for the same people without their watches."""
    days = people.everybody(folder, watch=False)
    rows = table(days, ahead_without_self(days, 1))
    return headline(rows)


def headline(rows: pl.DataFrame) -> dict[str, Any]:
    """What is said first, without intervals: AUCs, agreement, days by state, stretches met."""
    several = by_person(tomorrow.mornings(rows))
    aucs = {question: tomorrow.aucs(several, question) for question in tomorrow.QUESTIONS}
    agreement = felt.agreement(by_person(felt.judged(rows)))
    state = alarms.measured(rows)
    return {
        "auc": {question: {rule: aucs[question][rule] for rule in RULES} for question in aucs},
        "agreement": {rule: agreement[f"{rule} last"] for rule in felt.RULES},
        "states": state["states"],
        "judged": state["days"]["judged"],
        "met": state["rules"]["model"]["met"],
        "stretches": state["stretches"],
    }


def _left_out(rows: pl.DataFrame) -> dict[str, list[float]]:
    """The smallest and largest headline figure when any one person is left out."""
    found = []
    for person in rows["athlete"].unique(maintain_order=True):
        one = headline(rows.filter(pl.col("athlete") != person))
        auc = one["auc"]
        found.append(
            {f"p_tired {question}": auc[question]["p_tired"] for question in auc}
            | {f"gain {question}": auc[question]["p_tired"] - auc[question]["ewma"] for question in auc}
            | {"agreement": one["agreement"]["p_bad"]}
        )
    return {key: [min(one[key] for one in found), max(one[key] for one in found)] for key in found[0]}


def rounded(value: Any) -> Any:
    """Numbers to four digits after the point; what is not a number is null, as JSON wants it."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(inner) for inner in value]
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, DIGITS)
    return value
