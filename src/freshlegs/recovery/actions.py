"""The table of advice (``actions.toml``), read once and held to its own rules."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from freshlegs import vocabulary as v

ROLES: Final = ("demand", "state", "cause", "extra")
EVIDENCE: Final = ("strong", "moderate", "weak", "expert judgement")


@dataclass(frozen=True, slots=True)
class Action:
    """One piece of advice; the fields are described at the head of ``actions.toml``."""

    id: str
    role: str
    tip: int
    what: str
    when: str
    evidence: str
    basis: str
    why: str
    source: str
    states: tuple[str, ...] = v.STATES
    cause: str = ""
    signs: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    until: str = ""
    check_on: str = ""
    not_if: str = ""
    guarded: bool = False

    def fits(self, state: str, facts: frozenset[str]) -> bool:
        """Whether it may be given in this state with these facts."""
        if "guarded" in facts and not self.guarded:
            return False
        return state in self.states and facts.issuperset(self.needs) and facts.isdisjoint(self.unless)


def _action(entry: Mapping[str, Any]) -> Action:
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    action = Action(**fields)
    wrong = [
        *(state for state in action.states if state not in v.STATES),
        *(sign for sign in action.signs if sign not in v.SIGNS),
        *([] if action.role in ROLES else [action.role]),
        *([] if action.tip in v.TIPS else [str(action.tip)]),
        *([] if action.cause in ("", *v.CAUSES) and (action.role == "cause") == bool(action.cause) else ["cause"]),
        *([] if action.evidence in EVIDENCE or action.evidence.startswith("{") else [action.evidence]),
    ]
    if wrong:
        raise ValueError(f"the action {action.id!r} holds words that are not in the vocabulary: {', '.join(wrong)}")
    return action


@cache
def table() -> tuple[Action, ...]:
    """Every action, in order of preference within its role."""
    text = files("freshlegs.recovery").joinpath("actions.toml").read_text("utf-8")
    return tuple(_action(entry) for entry in tomllib.loads(text)["action"])
