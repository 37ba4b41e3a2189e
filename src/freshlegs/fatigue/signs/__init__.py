"""The fifteen signs of every athlete and day (science I.2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from freshlegs import steps
from freshlegs import vocabulary as v
from freshlegs.fatigue import branches as b
from freshlegs.fatigue.baseline import Quantity, Reference, Usual, reference
from freshlegs.fatigue.excerpt import Window
from freshlegs.fatigue.panel import Panel
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.past import Bools, Floats, Past
from freshlegs.fatigue.signs import answers, body, efforts, rest
from freshlegs.fatigue.windows import trailing

CLOUDED_BY_ILLNESS = (
    "manageable_level",
    "heavy_legs",
    "slow_recovery",
    "poor_sleep",
    "low_energy",
    "raised_heart_rate",
)
"""Signs that an infection gives as well: while it lasts and some weeks after they count less."""


@dataclass(slots=True)
class Signs:
    """All signs of a panel, with what they rest on.

    ``strength`` and ``quality``: [athlete, day, sign]; ``by_own``: the quality before illness and ticked answers
    lower it, below 1 where the population stands in; ``usual``: each item against the runner's own usual;
    ``illness``: how much of the clouded signs' evidence counts (1 when well).
    """

    by_name: dict[str, b.Sign]
    strength: Floats
    quality: Floats
    by_own: Floats
    usual: dict[str, Usual]
    illness: Floats
    ill_lately: Bools
    performance: efforts.Performance


def quantities(panel: Panel) -> dict[str, Quantity]:
    """Everything a runner is held against the own usual in."""
    return panel.once("quantities", lambda: {**answers.quantities(panel), **body.quantities(panel)})


def references(panel: Panel, frozen: Bools, window: Window | None = None) -> dict[str, Reference]:
    """The usual in each; ``frozen`` marks the days on which it is held because fatigue is excessive."""
    past = panel.past if window is None else panel.past.choose(window.rows)
    return {name: reference(quantity, frozen, past, name, window) for name, quantity in quantities(panel).items()}


def detect(panel: Panel, own: dict[str, Reference], performance: efforts.Performance) -> Signs:
    """All signs; ``own``: the runner's usual in each of `quantities`."""
    measured = quantities(panel)
    usual = answers.judge(panel, measured, own)
    device = body.judge(panel, measured, own)
    found: dict[str, list[b.Branch]] = {
        **answers.branches(panel, usual),
        **efforts.branches(panel, usual, device, performance),
        **body.branches(panel, usual, device),
    }
    found["poor_sleep"] = [*found["poor_sleep"], *body.broken_sleep(panel, measured, own)]
    found = rest.weigh_in(panel, found)
    # Sign by sign in memory: the chain works on one sign of many days at a time.
    all_of_it = np.empty((2, len(v.SIGNS), *panel.shape))
    by_name = {sign: b.join(found[sign], *all_of_it[:, place]) for place, sign in enumerate(v.SIGNS)}
    strength, by_own = np.moveaxis(all_of_it, 1, -1)
    illness, lately = panel.once("illness factor", lambda: illness_factor(panel))
    quality = by_own * panel.once("flat", lambda: flat_factor(panel))[..., None]
    for sign in CLOUDED_BY_ILLNESS:
        quality[..., v.SIGNS.index(sign)] *= illness
    return Signs(by_name, strength, quality, by_own, {**usual, **device}, illness, lately, performance)


def flat_factor(panel: Panel) -> Floats:
    """Answers that never move look ticked, not felt: half the quality (science F.3)."""
    days = P.whole("baseline.flat_d")
    total = np.zeros(panel.shape)
    count = np.zeros(panel.shape)

    def moments(values: Floats) -> tuple[Floats, Floats]:
        if steps.READY:
            return steps.moments(values, days)
        n = trailing(~np.isnan(values), days)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = trailing(values, days) / n
            return n, np.maximum(trailing(values**2, days) / n - mean**2, 0.0)

    for item in v.MORNING_ITEMS:
        if panel.has(item):
            n, variance = panel.past.look_back(f"flat {item}", days - 1, moments, panel[item])
            enough = n >= days * P.number("baseline.flat_share")
            total += np.where(enough, variance, 0.0)
            count += enough
    with np.errstate(invalid="ignore", divide="ignore"):
        flat = (count >= P.whole("baseline.flat_items")) & (total / count < P.number("baseline.flat_variance"))
    return np.where(flat, P.number("baseline.flat_quality"), 1.0)


def illness_factor(panel: Panel) -> tuple[Floats, Bools]:
    """How much the clouded signs count, and whether the runner is ill or was so in the last week."""
    factor = np.ones(panel.shape)
    if not panel.has("ill"):
        return factor, np.zeros(panel.shape, dtype=bool)
    with np.errstate(invalid="ignore"):
        ill = panel["ill"] > 0
    since = panel.past.days_since("ill", ill)
    hold, full = P.whole("illness.hold_d"), P.whole("illness.full_d")
    low = P.number("illness.factor")
    rising = low + (1.0 - low) * (since - hold) / (full - hold)
    factor = np.where(since <= hold, low, np.minimum(rising, 1.0))
    return factor, since <= hold


def frozen_days(excessive: Floats, past: Past) -> Bools:
    """Days on which the reference is held: the belief of the evening before was on excessive fatigue."""
    with np.errstate(invalid="ignore"):
        return np.asarray(past.yesterday("excessive", excessive) > P.number("baseline.freeze_p"))
