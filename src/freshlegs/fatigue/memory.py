"""A provisional verdict from memory: the signs a runner ticked on the first day, and since when (science F.2).

The state model runs over a made span of days: none of the signs before the first onset, then each ticked sign from
its day on, all at low quality. Whatever has been measured since the day of telling takes the place of what was told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from freshlegs import vocabulary as v
from freshlegs.fatigue import words
from freshlegs.fatigue.assessment import Assessment
from freshlegs.fatigue.chain import log_evidence
from freshlegs.fatigue.decision import CUMULATIVE, Conditions, walked
from freshlegs.fatigue.filtering import filter_states
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.past import Bools, Floats, Past
from freshlegs.fatigue.windows import run_length, spell_start
from freshlegs.tables import Row

_GROUP_OF = np.array([list(v.GROUPS).index(v.SIGN_GROUP[sign]) for sign in v.SIGNS])
_OF_PERFORMANCE = [v.SIGNS.index(sign) for sign in ("performance_decline", "manageable_level")]


@dataclass(frozen=True, slots=True)
class Told:
    """What was told on one day: each noticed sign with its first day. Signs that are not in it were not noticed."""

    on: date
    since: Mapping[str, date]

    def counts_on(self, day: date) -> bool:
        """Whether it may still stand in for missing data."""
        return 0 <= (day - self.on).days <= P.whole("memory.valid_d")


def not_applicable(profile: Mapping[str, Any]) -> frozenset[str]:
    """Signs that say nothing of this runner, ticked or not."""
    found = set()
    if profile.get("hr_medication") is True:
        found.add("raised_heart_rate")
    if profile.get("cycle", "natural") != "natural" or profile.get("formula_sex") == "male":
        found.add("irregular_cycles")
    return frozenset(found)


def recall(
    document: Mapping[str, Any], told: Told, found: Sequence[Assessment] = (), profile: Mapping[str, Any] | None = None
) -> Row:
    """The verdict of a morning without enough data, completed by what was told from memory.

    ``document`` is that morning's as `verdict.document` gives it, ``found`` the assessment it was made from (empty
    when nothing is known). The result says ``from_memory``; its state is *excessive* at most, because whether
    speed was lost is not asked in figures. What is missing stays in ``unknown``.
    """
    span = _Span(told, date.fromisoformat(str(document["date"])[:10]), not_applicable(profile or {}))
    span.lay_over(found, document["athlete"])
    return _written(document, span)


class _Span:
    """The made days, oldest first: strength and quality of each sign; the last row is the morning asked about."""

    def __init__(self, told: Told, day: date, without: frozenset[str]) -> None:
        self.told, self.day = told, day
        self.since = {sign: min(on, told.on) for sign, on in told.since.items() if sign not in without}
        self.first = min([told.on, *self.since.values()]) - timedelta(days=P.whole("memory.lead_d"))
        shape = ((day - self.first).days + 1, len(v.SIGNS))
        self.strength = np.full(shape, P.number("memory.absent"))
        self.quality = np.full(shape, P.number("memory.quality"))
        self.measured: Bools = np.zeros(len(v.SIGNS), dtype=bool)
        for sign, on in self.since.items():
            self.strength[(on - self.first).days :, v.SIGNS.index(sign)] = P.number("memory.ticked")
        for sign in without:
            self.strength[:, v.SIGNS.index(sign)] = np.nan

    def lay_over(self, found: Sequence[Assessment], athlete: Any) -> None:
        """Put what was measured since the telling in the place of what was told."""
        for assessment in found:
            if athlete not in assessment.panel.athletes:
                continue
            a = assessment.panel.athletes.index(athlete)
            for number in range((self.told.on - self.first).days, len(self.strength)):
                t = assessment.panel.index(a, self.first + timedelta(days=number))
                if 0 <= t < assessment.panel.shape[1]:
                    strength = assessment.signs.strength[a, t]
                    known = ~np.isnan(strength)
                    self.strength[number, known] = strength[known]
                    self.quality[number, known] = assessment.signs.quality[a, t, known]
                    self.measured = known

    def decided(self, bad: Floats) -> tuple[int, date]:
        """State of the last day and since when, by the durations of I.6 as far as they can be told."""
        with np.errstate(invalid="ignore"):
            firm = self.strength >= P.number("signs.firm")
            present = self.strength >= P.number("signs.present")
        groups = np.sum([firm[:, group == _GROUP_OF].any(axis=1) for group in range(len(v.GROUPS))], axis=0)
        signs = (firm.sum(axis=1) >= P.whole("decision.excessive_signs")) & (
            groups >= P.whole("decision.excessive_groups")
        )
        picture = spell_start(signs[None, :], P.whole("decision.picture_gap_d"))
        age = np.where(picture >= 0, np.arange(len(bad)) - picture, -1)
        slower = firm[:, _OF_PERFORMANCE].any(axis=1)
        row = bad[None, :]

        def lasting(level: str, days: str) -> Bools:
            return run_length(row >= P.number(f"decision.{level}")) >= P.whole(f"decision.{days}")

        none = np.zeros(row.shape, dtype=bool)
        calm = run_length(row < P.number("decision.excessive_leave_p")) >= P.whole("decision.excessive_leave_d")
        any_present = np.asarray(present.any(axis=1))
        quiet = run_length(~any_present[None, :]) >= P.whole("decision.quiet_d")
        conditions = Conditions(
            watch=lasting("watch_p", "watch_d"),
            watch_over=row < P.number("decision.watch_leave_p"),
            excessive=lasting("excessive_p", "excessive_d")
            & (signs & slower)[None, :]
            & (age >= P.whole("decision.picture_d")),
            excessive_over=calm & ~present[None, :, v.SIGNS.index("performance_decline")],
            overtraining=none,
            overtraining_over=~none,
            fresh=quiet & (row < P.number("decision.fresh_p")),
            held=none,
        )
        state, since = walked(conditions, ~none, Past(np.array([row.shape[1]])))
        number, start = int(state[0, -1]), int(since[0, -1])
        if number <= CUMULATIVE:
            return number, self.told.on
        began = min(start, int(picture[0, -1])) if picture[0, -1] >= 0 else start
        return number, self.first + timedelta(days=began)


def _written(document: Mapping[str, Any], span: _Span) -> Row:
    evidence = log_evidence(span.strength, span.quality)
    p = filter_states(evidence.log_lik[None]).p[0]
    number, since = span.decided(p[:, 2] + p[:, 3])
    state, now = v.STATES[number], p[-1]
    bad = float(now[2] + now[3])
    headline = words.HEADLINES[state]
    told = [sign for n, sign in enumerate(v.SIGNS) if not span.measured[n] and not np.isnan(span.strength[-1, n])]
    return Row(
        {
            **document,
            "state": state,
            "headline": f"From memory: {headline[0].lower()}{headline[1:]}",
            "probabilities": {name: float(now[k]) for k, name in enumerate(v.CHAIN_STATES)},
            "likelihood": f"excessive fatigue is {words.likelihood(bad)} ({100 * bad:.0f} %)",
            "since": since.isoformat(),
            "what_would_change_it": "Your mornings: each answer takes the place of what you told from memory.",
            "signs": [_sign(sign, span) if sign["sign"] in told else sign for sign in document["signs"]],
            "groups": _groups(evidence.group_log_ratio[-1], span),
            "unknown": [_unknown(entry, told) for entry in document["unknown"]],
            "from_memory": True,
            "told_on": span.told.on.isoformat(),
            "recheck_on": (span.day + timedelta(days=1)).isoformat(),
        }
    )


def _sign(sign: Mapping[str, Any], span: _Span) -> dict[str, Any]:
    since = span.since.get(sign["sign"])
    return {
        **sign,
        "strength": float(span.strength[-1, v.SIGNS.index(sign["sign"])]),
        "quality": P.number("memory.quality"),
        "since": None if since is None else since.isoformat(),
        "basis": "memory",
        "why": "you had not noticed it, from memory" if since is None else "you noticed it, from memory",
    }


def _unknown(entry: Mapping[str, Any], told: Sequence[str]) -> dict[str, Any]:
    """What is missing; of a group that memory alone tells of, so it is said."""
    if any(sign in told for sign in v.GROUPS.get(entry["group"], ())):
        return {**entry, "why": "told from memory, not yet answered or measured"}
    return dict(entry)


def _groups(ratios: Floats, span: _Span) -> list[dict[str, Any]]:
    known = ~np.isnan(span.strength[-1])
    return [
        {"group": group, "log_ratio": float(ratios[n]) if known[n == _GROUP_OF].any() else None}
        for n, group in enumerate(v.GROUPS)
    ]
