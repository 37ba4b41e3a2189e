"""What a verdict's document says, put so that command and pages say it alike: how sure, which signs, which causes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

Document = Mapping[str, Any]

PRESENT: Final = 0.5
"""From this strength on a sign speaks for fatigue; at it, it says nothing."""

MOST_ACTIONS: Final = 3
"""What a morning asks for, at most."""

SMALL_SHARE: Final = 0.05
"""Causes below it are left to the JSON."""

STANDS_OUT: Final = 0.25
"""With no cause's score above it, shares say nothing; the model's ``causes.stands_out``."""


def beyond_normal(document: Document) -> float | None:
    """The probability of excessive fatigue and worse; None without probabilities."""
    chances = document.get("probabilities")
    if not chances:
        return None
    return float(chances["excessive"]) + float(chances["possible_overtraining"])


def percent(share: float) -> str:
    """A share in whole percent, never a false nought or hundred.

    >>> percent(0.756), percent(0.001), percent(0.9999), percent(0.0)
    ('76 %', 'under 1 %', 'over 99 %', '0 %')
    """
    if 0 < share < 0.005:
        return "under 1 %"
    if 0.995 < share < 1:
        return "over 99 %"
    return f"{share * 100:.0f} %"


def how_sure(chances: Mapping[str, float]) -> str:
    """What matters most, good tired or bad tired, and how sure that is.

    >>> how_sure({"fresh": 0.41, "cumulative": 0.58, "excessive": 0.01, "possible_overtraining": 0.0})
    'Quite sure that it is normal'
    >>> how_sure({"fresh": 0.0, "cumulative": 0.2, "excessive": 0.8, "possible_overtraining": 0.0})
    'Fairly sure that it is beyond normal'
    """
    beyond = float(chances["excessive"]) + float(chances["possible_overtraining"])
    certainty = max(beyond, 1 - beyond)
    sure = "Quite sure" if certainty >= 0.9 else "Fairly sure" if certainty >= 0.7 else "Not sure"
    return f"{sure} that it is {'beyond normal' if beyond >= 0.5 else 'normal'}"


def stands_out(causes: Sequence[Document]) -> bool:
    """Whether any cause has enough behind it for shares to mean something."""
    scores = [float(cause["score"]) for cause in causes if cause.get("score") is not None]
    return not scores or max(scores) >= STANDS_OUT


def present_signs(signs: Sequence[Document]) -> list[Document]:
    """The signs that speak for fatigue, strongest first.

    >>> present_signs([{"strength": 0.6}, {"strength": None}, {"strength": 0.9}, {"strength": 0.5}])
    [{'strength': 0.9}, {'strength': 0.6}]
    """
    present = [sign for sign in signs if sign.get("strength") is not None and float(sign["strength"]) > PRESENT]
    return sorted(present, key=lambda sign: -float(sign["strength"]))


def odds(log_ratio: float) -> str:
    """Evidence in words.

    >>> odds(0.7), odds(-0.7), odds(0.01)
    ('2.0 to 1 for excessive', '2.0 to 1 for normal', 'neither way')
    """
    if abs(log_ratio) < 0.05:
        return "neither way"
    return f"{math.exp(abs(log_ratio)):.1f} to 1 for {'excessive' if log_ratio > 0 else 'normal'}"


def figure(value: float | None) -> str:
    """A number short enough for a table; a dot where it is not known.

    >>> figure(6.0), figure(51.26), figure(7.25), figure(None)
    ('6', '51', '7.2', '·')
    """
    if value is None:
        return "·"
    return f"{value:.0f}" if abs(value) >= 20 or value == round(value) else f"{value:.1f}"
