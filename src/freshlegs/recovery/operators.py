"""The seven operators of science J.7 (and one for a hard session that stays), each until a target is reached.

Every operator makes a plan lighter or leaves it. They work on the sessions of some days, skip races, and stop
as soon as the load is down to what is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from freshlegs.recovery.parameters import PARAMETERS as P
from freshlegs.recovery.sessions import LU_PER_HOUR, WALK_S, Session, total

OPERATORS: Final[dict[str, str]] = {
    "delete_extra": "leave out optional extras and second sessions of a day",
    "convert_hard": "intervals (or a race that cannot be run) become an easy run of 70 % of the time",
    "convert_tempo": "a tempo run becomes an easy run of 80 % of the time",
    "shorten_long": "the long run is 20 to 40 % shorter, or as much as a limit asks",
    "shorten_easy": "easy runs are 20 to 30 % shorter, not below 20 minutes",
    "replace_easy": "an easy run becomes a walk of half an hour, or rest",
    "insert_rest": "the day after the heaviest becomes a rest day",
    "shorten_hard": "the one hard session that stays is a third shorter",
}
"""In the order of J.7; the last belongs to J.6."""

_HARD: Final = ("convert_hard", P.number("operators.convert_hard"))
CONVERT: Final = {"intervals": _HARD, "race": _HARD, "tempo": ("convert_tempo", P.number("operators.convert_tempo"))}
EASY_FLOOR_S: Final = P.number("operators.easy_floor_s")
LEAST_CUT: Final = P.number("operators.least_cut")
LEAST_SESSIONS: Final = P.whole("operators.least_sessions")
"""Frequency is cut down to this many a week before sessions are shortened (excessive)."""


@dataclass(frozen=True, slots=True)
class Target:
    """Load over some days: above ``trigger`` the operators work towards ``aim``, and rest at ``trigger``."""

    trigger_lu: float
    aim_lu: float
    rule: str


Step = Callable[[Sequence[Session], Target], None]


def within(sessions: Sequence[Session], first: int, last: int) -> list[Session]:
    """Those of some days, counted from today (0), both ends included."""
    return [s for s in sessions if first <= s.offset <= last]


def cap(session: Session, cap_s: float, rule: str) -> None:
    """Shorten what is longer than this; races stay."""
    if session.busy and session.kind != "race" and session.seconds > cap_s + 30:
        operator = {"long": "shorten_long", "tempo": "shorten_hard", "intervals": "shorten_hard"}.get(session.kind)
        session.shorten(cap_s / session.seconds, operator or "shorten_easy", rule)


def soften(session: Session, rule: str) -> None:
    """A hard session becomes an easy one (operators 2 and 3)."""
    operator, factor = CONVERT[session.kind]
    session.to_easy(factor, operator, rule)


def _open(sessions: Sequence[Session], *kinds: str) -> list[Session]:
    """Sessions of these kinds, heaviest first, earlier first among equals."""
    found = [s for s in sessions if s.kind in kinds]
    return sorted(found, key=lambda s: (-s.lu, s.offset, s.row))


def _until(
    sessions: Sequence[Session], target: Target, chosen: Sequence[Session], act: Callable[[Session], None]
) -> None:
    for session in chosen:
        if total(sessions) <= target.trigger_lu:
            return
        act(session)


def delete_extras(sessions: Sequence[Session], target: Target) -> None:
    """Operator 1: optional sessions, then the lighter session of a day that has two."""
    optional = [s for s in sessions if s.optional and s.busy and s.kind != "race"]
    _until(sessions, target, optional, lambda s: s.to_rest("delete_extra", target.rule))
    seconds = []
    for offset in sorted({s.offset for s in sessions}):
        day = [s for s in sessions if s.offset == offset and s.busy]
        ranked = sorted(day, key=lambda s: (s.kind == "race", s.lu, -s.row), reverse=True)
        seconds += [s for s in ranked[1:] if s.kind not in ("race", "strength")]
    _until(sessions, target, seconds, lambda s: s.to_rest("delete_extra", target.rule))


def convert_intervals(sessions: Sequence[Session], target: Target) -> None:
    """Operator 2."""
    _until(sessions, target, _open(sessions, "intervals"), lambda s: soften(s, target.rule))


def convert_tempo(sessions: Sequence[Session], target: Target) -> None:
    """Operator 3."""
    _until(sessions, target, _open(sessions, "tempo"), lambda s: soften(s, target.rule))


def _shorten(
    sessions: Sequence[Session], target: Target, chosen: Sequence[Session], operator: str, most: float
) -> None:
    """A fifth shorter at least, and ``most`` at the most, each as much as the target still asks for."""
    for session in chosen:
        over = total(sessions) - target.aim_lu
        if total(sessions) <= target.trigger_lu:
            return
        if session.seconds > EASY_FLOOR_S and session.lu > 0:
            factor = 1.0 - min(most, max(LEAST_CUT, over / session.lu))
            session.shorten(max(factor, EASY_FLOOR_S / session.seconds), operator, target.rule)


def shorten_long(sessions: Sequence[Session], target: Target) -> None:
    """Operator 4."""
    _shorten(sessions, target, _open(sessions, "long"), "shorten_long", P.number("operators.shorten_long"))


def shorten_easy(sessions: Sequence[Session], target: Target) -> None:
    """Operator 5; cross-training counts as easy."""
    _shorten(sessions, target, _open(sessions, "easy", "cross"), "shorten_easy", P.number("operators.shorten_easy"))


def replace_easy(sessions: Sequence[Session], target: Target) -> None:
    """Operator 6, as often as needed: the smallest run that is enough, else the largest; then all other kinds."""
    for kinds in (("easy", "cross"), ("strength",), ("long",), ("walk",), ("tempo",), ("intervals",)):
        while total(sessions) > target.trigger_lu:
            left = _open(sessions, *kinds)
            if not left:
                break
            _replace(sessions, target, left)


def _replace(sessions: Sequence[Session], target: Target, left: Sequence[Session]) -> None:
    over = total(sessions) - target.trigger_lu
    walk = LU_PER_HOUR["walk"] * WALK_S / 3600.0
    enough = [s for s in left if s.lu - walk >= over and s.lu > 2 * walk]
    if enough and left[0].kind in ("easy", "long", "cross"):
        enough[-1].to_walk("replace_easy", target.rule)
        return
    sufficing = [s for s in left if s.lu >= over]
    (sufficing[-1] if sufficing else left[0]).to_rest("replace_easy", target.rule)


def fewer_runs(sessions: Sequence[Session], target: Target) -> None:
    """Frequency first (excessive): easy runs become rest, lightest first, while more than three sessions are left."""
    busy = [s for s in sessions if s.busy]
    days = len({s.offset for s in sessions}) or 1
    least = max(1, round(LEAST_SESSIONS * days / 7))
    lightest = _open(sessions, "easy", "cross", "strength")[::-1]
    spare = lightest[: max(0, len(busy) - least)]
    _until(sessions, target, spare, lambda s: s.to_rest("replace_easy", target.rule))


KEEP_FREQUENCY: Final[tuple[Step, ...]] = (
    delete_extras,
    convert_intervals,
    convert_tempo,
    shorten_long,
    shorten_easy,
    replace_easy,
)
"""The order of J.7: the athlete's frequency is kept as long as possible."""

CUT_FREQUENCY: Final[tuple[Step, ...]] = (
    delete_extras,
    convert_intervals,
    convert_tempo,
    fewer_runs,
    shorten_long,
    shorten_easy,
    replace_easy,
)
"""When excessive, frequency is cut first."""

TAPER: Final[tuple[Step, ...]] = (delete_extras, shorten_long, shorten_easy, replace_easy)
"""Before a race volume goes and intensity stays."""


def reduce(sessions: Sequence[Session], target: Target, steps: Sequence[Step] = KEEP_FREQUENCY) -> None:
    """Operators in order until the load of the sessions is down to the target."""
    for step in steps:
        if total(sessions) <= target.trigger_lu:
            return
        step(sessions, target)


def rest_days(sessions: Sequence[Session], span_d: int, least: int, rule: str) -> None:
    """Operator 7: in any seven days on end at least so many days without any session (races stay).

    The day after the heaviest is taken; where that lies outside of the seven days, after the next heaviest.
    ``span_d``: days from today to the last planned one; shorter spans than a week are left alone.
    """
    for start in range(max(0, span_d - 6)):
        week = range(start, start + 7)
        while True:
            busy = {o: [s for s in sessions if s.offset == o and s.busy] for o in week}
            training = [o for o in week if busy[o]]
            free = [o for o in training if not any(s.kind == "race" for s in busy[o])]
            if 7 - len(training) >= least or not free:
                break
            heaviest = sorted(training, key=lambda o: (-total(busy[o]), o))
            chosen = next((o + 1 for o in heaviest if o + 1 in free), free[0])
            for session in busy[chosen]:
                session.to_rest("insert_rest", rule)


def hard_days_apart(sessions: Sequence[Session], hard_before: Sequence[int], rule: str) -> None:
    """No two hard days next to each other: beside a race the other gives way, else tempo, else the later one."""

    def hard(offset: int) -> list[Session]:
        return [s for s in sessions if s.offset == offset and s.hard]

    def ease(offset: int) -> None:
        for session in hard(offset):
            if session.kind != "race":
                soften(session, rule)

    last = max((s.offset for s in sessions), default=-1)
    races = [s.offset for s in sessions if s.kind == "race"]
    if 1 in hard_before:
        ease(0)
    for offset in races:
        ease(offset - 1)
        ease(offset + 1)
    for offset in range(last):
        if hard(offset) and hard(offset + 1):
            grey = all(s.kind == "tempo" for s in hard(offset)) and any(s.kind != "tempo" for s in hard(offset + 1))
            ease(offset if grey else offset + 1)
