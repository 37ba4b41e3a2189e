"""From a verdict to the few things worth doing, each dated and with its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from freshlegs import vocabulary as v
from freshlegs.recovery import red_flags
from freshlegs.recovery.actions import Action, table
from freshlegs.recovery.morning import LEADING, TROUBLED, Morning, as_date, read
from freshlegs.recovery.past import Past
from freshlegs.recovery.rest_test import ACTION as REST_TEST
from freshlegs.recovery.rest_test import QUESTION, RestTest, rest_test
from freshlegs.recovery.tracking import HELPS_LITTLE, Effect, Mark, effects, may_be_refused, unwanted
from freshlegs.recovery.under_way import UnderWay
from freshlegs.recovery.way_back import BEYOND, Start, way_back
from freshlegs.tables import Profile, Row, profile_of

MOST: Final = 3
LOOK_BACK_D: Final = 400
"""The longest look back of any rule is a year (infections of twelve months)."""


def complete(
    document: Mapping[str, Any],
    days: pl.DataFrame | Past,
    profile: Profile = None,
    plan: pl.DataFrame | None = None,
    marks: Sequence[Mark] = (),
    start: Start | None = None,
) -> Row:
    """The verdict with its red flags and at most three dated actions.

    ``document``: the verdict of one morning (contract, ``today --json``), left as it is. ``days``: the rows of
    `tables.DAYS` of that athlete; later rows are ignored. A `Past` of them may be given instead, so that a whole
    history is read once. ``plan``: rows of `tables.PLAN`, to name today's session; nothing in it is changed.
    ``marks``: what the runner said of actions; those of later days are ignored. What is not for this runner is
    left out, what has not helped comes last. ``start``: when a way back to running began, and after what.

    Added: ``red_flags``, ``actions``, ``running_today`` (``none|easy|as_planned``), ``rest_test`` and ``way_back``
    (null where there is none; ``next_question`` is the rest test's on its day) and, in ``rules``, A3
    (sickness or pain stops running today), A4 (a flag stands above the advice) and A9 (nagging pain).
    The state and its probabilities are never touched.
    """
    past = days if isinstance(days, Past) else Past(_lately(days, as_date(document["date"])))
    known = profile_of(profile, str(document.get("athlete", "me")))
    day = as_date(document["date"])
    if day is None:
        raise ValueError("the verdict has no date")
    state = str(document["state"])
    under_way = UnderWay(rest_test(past, marks, day), None if state in BEYOND else way_back(past, start, day))
    morning = read(document, past, known, plan, under_way)
    chosen = actions(morning, _own(past, morning, marks))
    rules = list(document.get("rules") or ())
    rules += [rule for rule in _rules(morning) if rule not in rules]
    limit = next(f.removeprefix("run_") for f in ("run_none", "run_easy", "run_as_planned") if f in morning.facts)
    return Row(
        {
            **document,
            "rules": rules,
            "red_flags": [flag.as_dict() for flag in morning.flags],
            "running_today": limit,
            "actions": chosen,
            "rest_test": _test(under_way, chosen),
            "way_back": None if under_way.back is None else under_way.back.as_dict(),
            **_asked(under_way),
        }
    )


def _test(under_way: UnderWay, chosen: Sequence[Row]) -> Row | None:
    """The rest test that is under way, or the one that is offered."""
    if under_way.test is not None:
        return under_way.test.as_dict()
    offer = next((action for action in chosen if action["id"] == REST_TEST), None)
    return None if offer is None else RestTest("offered", None, date.fromisoformat(offer["check_on"])).as_dict()


def _asked(under_way: UnderWay) -> Mapping[str, Any]:
    """On the day of a rest test its question stands in for the usual one."""
    if under_way.test is None or under_way.test.status != "due":
        return {}
    return {"next_question": Row(item="rest_test", text=QUESTION)}


def _lately(days: pl.DataFrame, day: date | None) -> pl.DataFrame:
    """The days that can still matter: nothing here looks back further, and ten years take longer to read."""
    if day is None or days.is_empty():
        return days
    return days.filter(pl.col("date").is_between(day - timedelta(days=LOOK_BACK_D), day))


def _rules(morning: Morning) -> list[str]:
    spoken = {
        "A3": morning.body.no_running,
        "A4": any(flag.urgency != "inform" for flag in morning.flags),
        "A9": bool(morning.body.nagging),
    }
    return [rule for rule, true in spoken.items() if true]


@dataclass(frozen=True, slots=True)
class Own:
    """What this runner has found out: actions that are not for them, and what each one did."""

    unwanted: frozenset[str] = frozenset()
    effects: Mapping[str, Effect] = field(default_factory=dict)

    def helps_little(self, action: Action) -> bool:
        """Whether it may wait behind others: the prescription of a state never does."""
        found = self.effects.get(action.id)
        return found is not None and found.finding in HELPS_LITTLE and may_be_refused(action)

    def refuses(self, action: Action) -> bool:
        """Whether it is not for this runner."""
        return action.id in self.unwanted and may_be_refused(action)


def _own(past: Past, morning: Morning, marks: Sequence[Mark]) -> Own:
    known = [one for one in marks if one.on <= morning.day]
    if not known:
        return Own()
    return Own(unwanted(known, morning.day), {one.action: one for one in effects(past, known, morning.day)})


_NOTHING: Final = Own()


def actions(morning: Morning, own: Own = _NOTHING) -> list[Row]:
    """At most three actions: what flags, sickness and pain ask for, the state's prescription, the leading causes."""
    if "emergency" in morning.facts:
        return [_emergency(morning)]
    offered = [*_demands(morning), *_state(morning), *_causes(morning, own), *_extras(morning, own)]
    # What has not helped this runner comes where there is room left.
    offered.sort(key=lambda pair: own.helps_little(pair[0]))
    chosen: list[tuple[Action, str]] = []
    for action, cause in offered:
        if len(chosen) < MOST and not any(_clash(action, other) for other, _ in chosen):
            chosen.append((action, cause))
    return [_dated(action, cause, morning, own) for action, cause in chosen]


def _clash(one: Action, other: Action) -> bool:
    """Two that say the same: one of them is enough."""
    if one.id == other.id:
        return True
    sleeps = {"sleep_extension", "sleep_habits", "sleep_doctor", "sleep_early", "keep_sleep"}
    return {one.id, other.id} <= sleeps


def _of(role: str, morning: Morning) -> list[Action]:
    return [a for a in table() if a.role == role and a.fits(morning.state, morning.facts)]


def _demands(morning: Morning) -> list[tuple[Action, str]]:
    return [(action, "") for action in _of("demand", morning)][:2]


def _state(morning: Morning) -> list[tuple[Action, str]]:
    found = _of("state", morning)
    return [(action, "") for action in found[: 2 if morning.state == "insufficient_data" else 1]]


def _causes(morning: Morning, own: Own) -> list[tuple[Action, str]]:
    """One action for each leading cause; in a troubled state the largest counts as leading in any case."""
    most = 2 if morning.state in TROUBLED else 1
    leading = [cause for cause, share in morning.causes if share >= LEADING][:most]
    if not leading and morning.state in TROUBLED:
        leading = [cause for cause, _ in morning.causes[:1]]
    found: list[tuple[Action, str]] = []
    for cause in leading:
        fitting = [a for a in _of("cause", morning) if a.cause == cause and not own.refuses(a)]
        if fitting:
            found.append((min(fitting, key=own.helps_little), cause))
    return found


def _extras(morning: Morning, own: Own) -> list[tuple[Action, str]]:
    """What there is room for: first what has a present sign, then the rest of the table's order."""
    found = [a for a in _of("extra", morning) if not own.refuses(a)]
    found.sort(key=lambda a: _sign(a, morning) is None)
    return [(action, "") for action in found]


def _sign(action: Action, morning: Morning) -> str | None:
    present = [(morning.strengths.get(sign, 0.0), -v.SIGNS.index(sign), sign) for sign in action.signs]
    strongest = max(present, default=None)
    return strongest[2] if strongest is not None and strongest[0] > 0.5 else None


def _dated(action: Action, cause: str, morning: Morning, own: Own) -> Row:
    """The action in words and with its date."""
    tried = own.effects.get(action.id)
    filled = morning.words
    date_names = morning.dates
    when, first = action.when, morning.day
    if when == "tomorrow":
        first = date_names["tomorrow"]
    elif when in date_names:
        first = date_names[when]
        when = first.isoformat()
    row = Row(
        id=action.id,
        tip=action.tip,
        tip_name=v.TIPS[action.tip],
        what=action.what.format_map(filled),
        when=when,
        date=first.isoformat(),
        evidence=action.evidence.format_map(filled),
        basis=action.basis.format_map(filled),
        why=" ".join(action.why.format_map(filled).split()),
        cause=cause or None,
        sign=_sign(action, morning),
        not_if=action.not_if.format_map(filled) or None,
        source=action.source,
    )
    if tried is not None and tried.finding != "too_early":
        row["own"] = Row(finding=tried.finding, text=tried.text)
    if cause in morning.cause_why:
        row["cause_why"] = morning.cause_why[cause]
    if action.until:
        row["until"] = date_names[action.until].isoformat()
    elif action.when == "this week":
        row["until"] = (morning.day + timedelta(days=6)).isoformat()
    if action.check_on:
        row["check_on"] = date_names[action.check_on].isoformat()
    return row


def _emergency(morning: Morning) -> Row:
    """One sentence in place of all advice (A4)."""
    named = {flag.rule for flag in morning.flags if flag.urgency == "emergency"}
    if named == {"self_harm_thoughts"}:
        what = f"Please talk to somebody now: {red_flags.CRISIS_LINE}; in danger, call {red_flags.EMERGENCY_NUMBER}."
    elif "self_harm_thoughts" in named:
        what = f"Call {red_flags.EMERGENCY_NUMBER} now, and talk to somebody: {red_flags.CRISIS_LINE}."
    else:
        what = f"Stop, and call {red_flags.EMERGENCY_NUMBER} now."
    return Row(
        id="emergency",
        tip=5,
        tip_name=v.TIPS[5],
        what=what,
        when="today",
        date=morning.day.isoformat(),
        evidence="expert judgement",
        basis="a safety rule, the same for everybody",
        why="Nothing else matters until this has been looked at.",
        cause=None,
        sign=None,
        not_if=None,
        source="I.7, A4",
    )
