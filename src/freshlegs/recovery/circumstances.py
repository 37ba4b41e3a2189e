"""What a plan has to know of a morning besides the state: illness, pain, flags, causes, what today allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from freshlegs.recovery.body import body
from freshlegs.recovery.morning import LEADING, STOPS
from freshlegs.recovery.past import Past
from freshlegs.recovery.red_flags import URGENCIES

_STEPS_BACK: Final = ("sick", "wait", "half", "three_quarters")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Arguments of `adapt`, under its own names, as a verdict and the days behind it tell them."""

    causes: tuple[str, ...] = ()
    ill: str = "none"
    flag: str = "none"
    sick_ago_d: int = 0
    pain: bool = False
    running_today: str = "as_planned"
    way_back: Mapping[str, Any] | None = None


def circumstances(verdict: Mapping[str, Any], past: Past | None, day: date) -> Circumstances:
    """From a whole verdict (`complete`) and the days; without days nothing is known of illness and pain."""
    ill, ago, pain = ("none", 0, False) if past is None else _body(past, day)
    return Circumstances(
        causes=tuple(str(one["cause"]) for one in verdict.get("causes") or () if float(one["share"] or 0.0) >= LEADING),
        ill=ill,
        flag=_flag(verdict),
        sick_ago_d=ago,
        pain=pain,
        running_today=str(verdict.get("running_today") or "as_planned"),
        way_back=verdict.get("way_back"),
    )


def _body(past: Past, day: date) -> tuple[str, int, bool]:
    """The illness that asks for steps back, how long ago it ended, and pain that stops today's run."""
    now = body(past, day)
    if now.illness in _STEPS_BACK:
        return ("fever" if now.fever else "below_neck"), now.sick_ago_d or 0, now.pain_stops
    return ("above_neck" if now.illness == "above_neck" else "none"), 0, now.pain_stops


def _flag(verdict: Mapping[str, Any]) -> str:
    """The most urgent open flag; a same-week one with which running waits stops the plan as a same-day one does."""
    flags = verdict.get("red_flags") or ()
    found = [str(flag["urgency"]) for flag in flags]
    if any(flag["urgency"] == "same_week" and flag.get("rule") in STOPS for flag in flags):
        found.append("same_day")
    return min(found, key=URGENCIES.index, default="none")
