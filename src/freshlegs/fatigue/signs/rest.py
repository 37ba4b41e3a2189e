"""The rest test as evidence: two easy days, and whether the legs came back (science J.6; all numbers judgement).

The answer is a branch of *slow recovery* for a week; *partly* says nothing either way. When the legs came back, what
supports soreness and heavy legs counts half for as long: those signs look back over days before the rest. Two days
that are known to have been no rest say nothing. The evidence is bounded as that of any sign, and a worse answer never
lowers the belief.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from freshlegs.fatigue import branches as b
from freshlegs.fatigue.panel import Panel
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.past import Bools, Floats
from freshlegs.fatigue.windows import lagged, mean_of_last

RELIEVED = ("soreness", "heavy_legs")
"""Signs whose support counts less once the legs came back."""

BACK, NOT_BACK = 0.0, 1.0
EASY_D = 2
"""The days of the test: the two before its answer."""


def outcome(panel: Panel) -> tuple[Floats, Floats]:
    """The last answer that counts (0 back, ½ partly, 1 not back; NaN without one), and the days since it."""
    reach = P.whole("rest_test.valid_d") + P.whole("rest_test.usual_d") + EASY_D
    return panel.past.look_back("rest test", reach, _lately, panel["rest_test"], panel["load_lu"])


def _lately(answered: Floats, load: Floats) -> tuple[Floats, Floats]:
    told = np.where(_rested(load), answered, np.nan)
    days = np.arange(told.shape[1])
    last = np.maximum.accumulate(np.where(np.isnan(told), -1, days), axis=1)
    since = np.where(last >= 0, days - last, np.inf)
    found = np.take_along_axis(told, np.maximum(last, 0), axis=1)
    valid = since < P.whole("rest_test.valid_d")
    return np.where(valid, found, np.nan), np.where(valid, since, np.nan)


def _rested(load: Floats) -> Bools:
    """Whether the two days before were light, or may have been: the row of a day holds the load of the day before."""
    usual = lagged(mean_of_last(load, P.whole("rest_test.usual_d"), P.whole("rest_test.usual_min")), EASY_D)
    with np.errstate(invalid="ignore"):
        heavy = (load + lagged(load, 1)) / EASY_D > P.number("rest_test.light_share") * usual
    return ~heavy


def weigh_in(panel: Panel, found: dict[str, list[b.Branch]]) -> dict[str, list[b.Branch]]:
    """The branches of all signs, with what the rest test says."""
    if not panel.has("rest_test"):
        return found
    told, since = panel.once("rest test", lambda: outcome(panel))
    # Legs that came back must not take the edge off runs that were recovered from even better.
    others = b.join(found["slow_recovery"], *np.empty((2, *panel.shape))).strength
    good = np.fmin(P.number("rest_test.back"), others)
    strength = np.where(told == NOT_BACK, P.number("rest_test.not_back"), np.where(told == BACK, good, np.nan))
    branch = b.Branch("rest_test", strength, facts={"told": told, "since": since})
    heard = {sign: [_relieved(one, told == BACK) for one in found[sign]] for sign in RELIEVED}
    return {**found, **heard, "slow_recovery": [*found["slow_recovery"], branch]}


def _relieved(branch: b.Branch, back: Bools) -> b.Branch:
    """What supports the sign counts less where the legs came back; what speaks against it stays."""
    with np.errstate(invalid="ignore"):
        less = back & (branch.strength > P.number("signs.present"))
    return replace(branch, weight=np.where(less, P.number("rest_test.relief"), 1.0) * branch.weight)
