"""The whole chain behind one morning's verdict, from raw numbers to the rule that bound, as plain values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from freshlegs import vocabulary as v
from freshlegs.fatigue import words
from freshlegs.fatigue.assessment import Assessment
from freshlegs.fatigue.filtering import filter_states
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.signs.answers import ITEM_OF_SIGN, anchor_of
from freshlegs.fatigue.windows import run_length
from freshlegs.vocabulary import HIGH_IS_WORSE

Chain = dict[str, Any]


def explain(found: Sequence[Assessment], athlete: Any, day: date) -> Chain:
    """Every step from the last week's numbers to the state of one morning.

    Keys, in the order of the steps: ``usual`` (each item or measured quantity: last seven days, own usual, spread,
    slow anchor, bad days), ``signs`` (each branch with strength, weight and its numbers), ``groups``, ``risk`` (each
    factor), ``belief`` (yesterday's, carried to today, weighed by the evidence), ``decision`` (each condition with
    value and threshold), ``rules``, ``parameters`` (hash of the table). Raises KeyError as `document` does.
    """
    for assessment in found:
        if athlete in assessment.panel.athletes:
            a, t = assessment.place(athlete, day)
            return {
                "schema_version": v.SCHEMA_VERSION,
                "athlete": athlete,
                "date": day.isoformat(),
                "state": v.STATES[int(assessment.decision.state[a, t])],
                "usual": _usual(assessment, a, t),
                "signs": _signs(assessment, a, t),
                "groups": _groups(assessment, a, t),
                "risk": _risk(assessment, a, t),
                "belief": _belief(assessment, a, t),
                "decision": _decision(assessment, a, t),
                "rules": [
                    {"rule": name, "holds": bool(holds[a, t]), "what": words.RULES[name]}
                    for name, holds in sorted(assessment.decision.rules.items())
                ],
                "parameters": P.hash,
            }
    raise KeyError(athlete)


def _number(value: Any) -> float | None:
    """A float, None if missing."""
    number = float(value)
    return None if math.isnan(number) or math.isinf(number) else number


def _usual(found: Assessment, a: int, t: int) -> list[Chain]:
    out = []
    for item, usual in found.signs.usual.items():
        answered = item in v.MORNING_ITEMS or item == "legs"
        turned = answered and item not in HIGH_IS_WORSE

        def told(value: Any, turned: bool = turned) -> float | None:
            number = _number(value)
            return 10.0 - number if turned and number is not None else number

        anchor = anchor_of(found.panel, item, usual, a)[t] if answered else np.nan
        low = max(0, t - P.whole("baseline.window_d") + 1)
        out.append(
            {
                "item": item,
                "last_7_days": [told(x) for x in usual.worse[a, low : t + 1]],
                "bad": [bool(x) for x in (usual.bad & usual.answered)[a, low : t + 1]],
                "usual": told(usual.middle[a, t]),
                "spread": _number(usual.scale[a, t]),
                "slow_anchor": told(anchor),
                "mean_28_days": told(usual.slow_mean[a, t]),
                "learning": bool(usual.learning[a, t]),
            }
        )
    return out


def _signs(found: Assessment, a: int, t: int) -> list[Chain]:
    out = []
    for place, name in enumerate(v.SIGNS):
        sign = found.signs.by_name[name]
        branches = []
        for number, branch in enumerate(sign.branches):
            weight = np.broadcast_to(branch.weight, found.panel.shape)[a, t]
            branches.append(
                {
                    "branch": branch.key,
                    "strength": _number(branch.strength[a, t]),
                    "weight": _number(weight),
                    "speaks": int(sign.spoke[a, t]) == number,
                    "numbers": {key: _number(values[a, t]) for key, values in branch.facts.items()},
                }
            )
        out.append(
            {
                "sign": name,
                "item": ITEM_OF_SIGN.get(name),
                "strength": _number(found.signs.strength[a, t, place]),
                "quality": _number(found.signs.quality[a, t, place]),
                "branches": branches,
            }
        )
    return out


def _groups(found: Assessment, a: int, t: int) -> list[Chain]:
    cap = P.cap
    ratios = found.group_log_ratio[a, t]
    return [
        {"group": group, "log_ratio": float(ratios[n]), "capped": bool(abs(ratios[n]) >= cap - 1e-12)}
        for n, group in enumerate(v.GROUPS)
    ]


def _risk(found: Assessment, a: int, t: int) -> Chain:
    hazards = found.hazards
    factors = [
        {"factor": name, "holds": bool(holds[a, t]), "multiplier": P.number(f"risk.{name}")}
        for name, holds in hazards.flags.items()
    ]
    factors.append({"factor": "deload", "holds": bool(hazards.deload[a, t]), "multiplier": P.number("risk.deload")})
    return {
        "multiplier": float(found.risk[a, t]),
        "factors": factors,
        "chronic_load_lu": _number(hazards.chronic[a, t]),
        "acute_load_lu": _number(hazards.acute[a, t]),
        "monotony": _number(hazards.monotony[a, t]),
        "easy_share": _number(hazards.easy_share[a, t]),
        "sleep_debt_h": _number(hazards.sleep_debt_h[a, t]),
        "session_spike": _number(hazards.spike[a, t]),
    }


def _belief(found: Assessment, a: int, t: int) -> Chain:
    before = found.p[a, t - 1] if t > 0 else np.array(P.start)
    gate = found.gate[a, t : t + 1]
    carried = filter_states(
        np.zeros((1, 1, 4)),
        found.risk[a : a + 1, t : t + 1],
        found.hazards.deload[a : a + 1, t : t + 1],
        found.failed_rest[a : a + 1, t : t + 1],
        start=before[None, :],
        gate=gate,
    ).p[0, 0]

    def named(values: Any) -> dict[str, float]:
        return {name: float(x) for name, x in zip(v.CHAIN_STATES, values, strict=True)}

    return {
        "yesterday": named(before),
        "carried_to_today": named(carried),
        "log_likelihood": named(found.log_lik[a, t]),
        "today": named(found.p[a, t]),
        "overtraining_gate_days": int(gate[0]),
        "overtraining_gate_opens_at": P.gate_d,
    }


def _decision(found: Assessment, a: int, t: int) -> list[Chain]:
    decision = found.decision
    bad = np.asarray(found.p[a : a + 1, : t + 1, 2] + found.p[a : a + 1, : t + 1, 3])
    strength = found.signs.strength[a, t]
    firm = [name for n, name in enumerate(v.SIGNS) if strength[n] >= P.number("signs.firm")]
    bar = "excessive_overload_p" if decision.rules["A5"][a, t] else "excessive_p"
    picture = int(decision.picture[a, t])
    slower = [name for name in ("performance_decline", "manageable_level") if name in firm]

    def days_at(name: str) -> int:
        return int(run_length(bad >= P.number(f"decision.{name}"))[0, -1])

    def need(what: str, value: Any, at_least: Any) -> Chain:
        return {"condition": what, "value": value, "at_least": at_least, "met": bool(value >= at_least)}

    return [
        need("days of history", int(decision.history_d[a, t]), P.whole("minimum.history_d")),
        need("days with a signal in the last 7", int(decision.recent_d[a, t]), P.whole("minimum.recent_d")),
        need("groups of signs known", int(decision.groups_known[a, t]), P.whole("minimum.groups")),
        need("days in a row at the watch level", days_at("watch_p"), P.whole("decision.watch_d")),
        need("days in a row at the excessive level", days_at(bar), P.whole("decision.excessive_d")),
        need("firm signs", len(firm), P.whole("decision.excessive_signs")),
        need("groups of firm signs", len({v.SIGN_GROUP[s] for s in firm}), P.whole("decision.excessive_groups")),
        need("firm signs of performance", len(slower), 1),
        need("days the picture has lasted", t - picture if picture >= 0 else 0, P.whole("decision.picture_d")),
    ]
