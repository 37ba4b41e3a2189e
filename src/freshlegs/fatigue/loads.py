"""The chronic and acute load of every athlete and day, going on from a carry where there is one (science B.1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from freshlegs.fatigue.panel import Panel
from freshlegs.fatigue.past import Bools, Floats, Past
from freshlegs.metrics import trends


@dataclass(slots=True)
class Loads:
    """The exponential trends of load, LU a day; NaN until the first known load."""

    chronic: Floats
    acute: Floats


def of(panel: Panel) -> Loads:
    """The trends of a panel, worked out once."""
    return panel.once("loads", lambda: _loads(panel["load_lu"], panel.past))


def _loads(load: Floats, past: Past) -> Loads:
    known = ~np.isnan(load)
    expected = past.look_back("load", 7 * trends.EXPECTED_WEEKS, trends.expected_load, load)
    age = past.carried("age", 0, np.int64)
    past.keep("age", age + past.length)
    days = age[:, None] + np.arange(load.shape[1])
    eve = _eve(load, known & (days < trends.START_D), known, past)
    ever = past.ever("load ever", known)
    both = []
    for name, tau_d in (("chronic", trends.CHRONIC_D), ("acute", trends.ACUTE_D)):
        sums = trends.decayed_sums(expected, tau_d, past.carried(name, 0.0))
        past.keep_last(name, sums)
        both.append(np.where(ever, sums + eve * np.exp(-(days + 1.0) / tau_d), np.nan))
    return Loads(*both)


def _eve(load: Floats, early: Bools, known: Bools, past: Past) -> Floats:
    """The mean of the known loads of the first days, of the part known by each day; else the first known load."""
    count = past.count("early loads", early)
    before = past.carried("early load", 0.0)[:, None]
    # One after the other from the very first on, so that going on from a sum gives the same number.
    total = np.cumsum(np.concatenate([before, np.where(early, load, 0.0)], axis=1), axis=1)[:, 1:]
    past.keep_last("early load", total)
    place = known.argmax(axis=1)[:, None]
    first = np.where(np.any(known, axis=1, keepdims=True), np.take_along_axis(load, place, axis=1), np.nan)
    carried = past.carried("first load", np.nan)[:, None]
    first = np.where(np.isnan(carried), first, carried)
    past.keep("first load", first[:, 0])
    return np.where(count > 0, total / np.maximum(count, 1), np.nan_to_num(first))
