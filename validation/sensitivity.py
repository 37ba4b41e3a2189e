"""How much the headline figures move when one judged number of the model moves.

Each cell of the emission table goes 0.10 up and down, each judged threshold of the state model a fifth up and down
(whole numbers by one at least), one at a time, everything else as shipped. Nothing is chosen by this; it says how
much rests on judgement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.resources import files
from typing import Any

import numpy as np
import polars as pl

import freshlegs as fl
from freshlegs.fatigue.parameters import PARAMETERS, Parameters
from freshlegs.vocabulary import CHAIN_STATES, SIGNS
from validation.alarms import FLAGGED
from validation.felt import judged
from validation.rules import by_person, verdicts
from validation.scores import mean_over, rank_correlation

CELL = 0.10
SHARE = 0.20
SECTIONS = ("chain", "risk", "baseline", "minimum", "signs", "performance", "illness", "decision", "sleep")
SHOWN = 12
TEXT = files("freshlegs.fatigue").joinpath("parameters.toml").read_text("utf-8")


@contextmanager
def changed(values: Mapping[str, Any]) -> Iterator[None]:
    """The model with other numbers, for as long as the block lasts; dotted names as in the table."""
    text = TEXT
    for name, value in values.items():
        text = _replaced(text, name, value)
    shipped = dict(vars(PARAMETERS))
    vars(PARAMETERS).update(vars(Parameters(text)))
    try:
        yield
    finally:
        vars(PARAMETERS).update(shipped)


def _replaced(text: str, name: str, value: Any) -> str:
    section, _, key = name.rpartition(".")
    start = text.index(f"[{section}]\n")
    end = text.find("\n[", start + 1)
    body = text[start : end if end >= 0 else len(text)]
    entry = re.compile(rf"^({re.escape(key)} = \{{ value = )(\[[^\]]*\]|[^,]+)", re.M)
    new, many = entry.subn(lambda found: found.group(1) + repr(value), body)
    if many != 1:
        raise KeyError(name)
    return text.replace(body, new, 1)


def figures(days: pl.DataFrame, rows: pl.DataFrame) -> dict[str, float]:
    """The headline figures of the state: shares of judged days, agreement with the last week, highest belief."""
    now = rows.drop("state", "p_bad", "evidence").join(verdicts(days), on=["athlete", "date"], how="left")
    spoken = judged(now)
    state = spoken["state"]
    return {
        "judged": float(spoken.height),
        "flagged": _share(state.is_in(FLAGGED)),
        "excessive": _share(state.is_in(FLAGGED[1:])),
        "fresh": _share(state == "fresh"),
        "agreement": mean_over(by_person(spoken), lambda one: rank_correlation(one["p_bad"], -one["week"])),
        "highest": float(now["p_bad"].max() or 0.0),  # type: ignore[arg-type]
    }


def _share(true: pl.Series) -> float:
    return float(true.to_numpy().mean()) if len(true) else float("nan")


def variants(measured: set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every single change, with its name; signs that nobody measured are left out."""
    for sign in SIGNS:
        shipped = [float(x) for x in PARAMETERS[f"emissions.{sign}"]]
        for place, state in enumerate(CHAIN_STATES):
            for step in (-CELL, CELL) if sign in measured else ():
                row = list(shipped)
                row[place] = round(float(np.clip(row[place] + step, 0.005, 0.995)), 4)
                yield f"emissions.{sign}, {state} {step:+.2f}", {f"emissions.{sign}": row}
    for name, entry in PARAMETERS.table.items():
        if name.split(".")[0] not in SECTIONS or entry.label != "E" or isinstance(entry.value, list):
            continue
        for step in (-SHARE, SHARE):
            yield f"{name} {step:+.0%}", {name: _moved(entry.value, step)}


def _moved(value: float, step: float) -> float:
    if isinstance(value, int):
        return max(0, value + (1 if step > 0 else -1) * max(1, round(abs(value * step))))
    return round(value * (1.0 + step), 6)


def measured(days: pl.DataFrame, rows: pl.DataFrame) -> dict[str, Any]:
    """The shipped figures, their range over all single changes, and the changes that move them most."""
    strengths = signs_measured(days)
    shipped = figures(days, rows)
    found = []
    for name, values in variants(strengths):
        with changed(values), suppress(ValueError):  # a window of no days cannot be
            found.append((name, figures(days, rows)))
    return {
        "signs_measured": sorted(strengths),
        "changes": len(found),
        "shipped": shipped,
        "range": {key: [min(one[key] for _, one in found), max(one[key] for _, one in found)] for key in shipped},
        "without_effect": sum(all(abs(one[key] - shipped[key]) < 1e-9 for key in shipped) for _, one in found),
        "largest": _largest(found, shipped),
    }


def signs_measured(days: pl.DataFrame) -> set[str]:
    """The signs of which anything was measured."""
    found = fl.assess(days)
    return {sign for sign in SIGNS if found[f"strength_{sign}"].null_count() < found.height}


def _largest(found: list[tuple[str, dict[str, float]]], shipped: dict[str, float]) -> list[dict[str, Any]]:
    """The changes that move the flagged days, the agreement or the highest belief most."""
    scale = {"flagged": 0.01, "fresh": 0.10, "agreement": 0.05, "highest": 0.05}

    def size(one: dict[str, float]) -> float:
        return max(abs(one[key] - shipped[key]) / unit for key, unit in scale.items())

    ranked = sorted(found, key=lambda each: -size(each[1]))[:SHOWN]
    return [{"change": name} | {key: one[key] for key in ("judged", *scale)} for name, one in ranked]
