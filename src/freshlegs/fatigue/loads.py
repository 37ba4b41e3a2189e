"""The load trends of every athlete and day, and the performance they lead one to expect (science B.1, B.4).

The fitness–fatigue model is weakly identified: it is used with the prior means of its constants, scaled so that twice
the habitual load moves the steady state by a fixed share, and it is fitted to nobody.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from freshlegs.fatigue.panel import Panel
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.past import Bools, Floats, Past
from freshlegs.fatigue.windows import counted, mean_of_last
from freshlegs.metrics import trends


@dataclass(slots=True)
class Loads:
    """The exponential trends of load, LU a day; NaN until the first known load.

    ``expected``: log-speed that the load of the last weeks leads one to expect, against that of the habitual load;
    NaN while the habitual load is not known.
    """

    chronic: Floats
    acute: Floats
    expected: Floats


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
    fitness_d, fatigue_d = P.number("performance.fitness_d"), P.number("performance.fatigue_d")
    constants = {"chronic": trends.CHRONIC_D, "acute": trends.ACUTE_D, "fitness": fitness_d, "fatigue": fatigue_d}
    found = {}
    for name, tau_d in constants.items():
        sums = trends.decayed_sums(expected, tau_d, past.carried(name, 0.0))
        past.keep_last(name, sums)
        found[name] = np.where(ever, sums + eve * np.exp(-(days + 1.0) / tau_d), np.nan)
    return Loads(found["chronic"], found["acute"], _form(found["fitness"], found["fatigue"], known, past))


def _form(fitness: Floats, fatigue: Floats, known: Bools, past: Past) -> Floats:
    """Expected log-speed against that of the habitual load: what fitness gives less what fatigue takes."""
    span, least = P.whole("performance.reference_d"), P.whole("performance.habit_min_d")

    def habits(trend: Floats, known: Bools) -> Floats:
        days = counted(known, span)
        return np.where(days >= least, mean_of_last(trend, span, least), np.nan)

    habit = past.look_back("habit", span - 1, habits, fitness, known)
    gains = []
    for tau_d in (P.number("performance.fitness_d"), P.number("performance.fatigue_d")):
        decay = np.exp(-1.0 / tau_d)
        gains.append(decay / (1.0 - decay))  # the steady state of one unit of load a day
    takes = P.number("performance.fatigue_gain") * gains[1]
    with np.errstate(invalid="ignore", divide="ignore"):
        form = (gains[0] * fitness - takes * fatigue) / ((gains[0] - takes) * habit) - 1.0
    return np.where(habit > P.number("performance.habit_min_lu"), P.number("performance.doubling") * form, np.nan)


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
