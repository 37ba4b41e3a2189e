"""A plan's sessions as values that can only get smaller, and how a plan is read and written back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import polars as pl

from freshlegs import vocabulary as v
from freshlegs.problems import WrongRequest
from freshlegs.recovery.parameters import PARAMETERS as P
from freshlegs.tables import PLAN

LU_PER_HOUR: Final[Mapping[str, float]] = P["sessions.lu_per_hour"]
"""Load an hour of each kind, where a plan gives none."""

USUAL_S: Final[Mapping[str, float]] = P["sessions.usual_s"]
"""Length of each kind, where a plan gives neither time nor distance nor load."""

EASY_SHARE: Final[Mapping[str, float]] = P["sessions.easy_share"]
"""Assumed share of each kind's time below the first threshold; strength, rest and races are not counted."""

RUNNING: Final = frozenset({"easy", "long", "tempo", "intervals"})
"""Kinds whose length is limited; a race is run as long as it is."""

WALK_S: Final = P.number("sessions.walk_s")
EASY_SPEED: Final = P.number("sessions.easy_speed")
"""An easy run's speed over the mean speed of the hard session it replaces."""
DEFAULT_MPS: Final = P.number("sessions.default_mps")


@dataclass(slots=True)
class Session:
    """One planned session while it is being eased. Nothing here makes it longer, harder or heavier."""

    row: int
    uid: str
    day: date
    offset: int
    kind: str
    duration_s: float | None
    distance_m: float | None
    load_lu: float | None
    optional: bool
    speed_mps: float = DEFAULT_MPS
    load_step: float = 0.1
    sizable: bool = True
    """Whether the plan has a place for a length; without one a session can be replaced, but not shortened."""
    first_kind: str = ""
    first_lu: float = 0.0
    steps: list[tuple[str, str]] = field(default_factory=list)
    """Operator and rule of each change, in order."""

    def __post_init__(self) -> None:
        self.first_kind = self.kind
        self.first_lu = self.lu

    @property
    def seconds(self) -> float:
        """Its length: as planned, else from the load, else from the distance, else the usual of its kind."""
        if self.kind == "rest":
            return 0.0
        if self.duration_s is not None:
            return self.duration_s
        if self.load_lu is not None:
            return 3600.0 * self.load_lu / LU_PER_HOUR[self.kind]
        if self.distance_m is not None:
            return self.distance_m / self.speed_mps
        return USUAL_S[self.kind]

    @property
    def lu(self) -> float:
        """Its load: as planned, else by kind and length."""
        if self.kind == "rest":
            return 0.0
        if self.load_lu is not None:
            return self.load_lu
        return LU_PER_HOUR[self.kind] * self.seconds / 3600.0

    @property
    def hard(self) -> bool:
        """Tempo, intervals or race."""
        return self.kind in v.HARD_KINDS

    @property
    def busy(self) -> bool:
        """Whether it is training at all."""
        return self.kind != "rest"

    def shorten(self, factor: float, operator: str, rule: str) -> None:
        """Keep the kind and this share of time, distance and load (rounded down to whole minutes)."""
        if not self.sizable:
            return
        self._scale(factor, factor, factor)
        if self.seconds <= 0:
            self.to_rest(operator, rule)
        else:
            self.steps.append((operator, rule))

    def to_easy(self, factor: float, operator: str, rule: str) -> None:
        """An easy run of this share of the time."""
        easier = LU_PER_HOUR["easy"] / max(LU_PER_HOUR[self.kind], LU_PER_HOUR["easy"])
        self._scale(factor, factor * EASY_SPEED, factor * easier)
        self.kind = "easy"
        self.steps.append((operator, rule))

    def to_walk(self, operator: str, rule: str) -> None:
        """A walk of half an hour at the most."""
        seconds, lu = min(self.seconds, WALK_S), self.lu
        self.duration_s = _down(seconds, 60.0)
        if self.distance_m is not None:
            self.distance_m = _down(min(self.distance_m, 1.4 * seconds), 100.0)
        if self.load_lu is not None:
            self.load_lu = _down(min(lu, LU_PER_HOUR["walk"] * seconds / 3600.0), self.load_step)
        self.kind = "walk"
        self.steps.append((operator, rule))

    def to_rest(self, operator: str, rule: str) -> None:
        """Nothing."""
        self.kind, self.duration_s, self.load_lu = "rest", 0.0, 0.0
        if self.distance_m is not None:
            self.distance_m = 0.0
        self.steps.append((operator, rule))

    def _scale(self, time: float, distance: float, load: float) -> None:
        if self.sizable and self.duration_s is None and self.distance_m is None and self.load_lu is None:
            self.duration_s = self.seconds
        if self.duration_s is not None:
            self.duration_s = _down(self.duration_s * time, 60.0)
        if self.distance_m is not None:
            self.distance_m = _down(self.distance_m * distance, 100.0)
        if self.load_lu is not None:
            self.load_lu = _down(self.load_lu * load, self.load_step)


def _down(value: float, step: float) -> float:
    """Rounded down to a multiple of the step."""
    return round(math.floor(value / step + 1e-9) * step, 6)


def total(sessions: Iterable[Session]) -> float:
    """Load of them all."""
    return sum(session.lu for session in sessions)


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)


def read_plan(plan: pl.DataFrame, today: date, horizon_d: int, speed_mps: float | None) -> list[Session]:
    """The sessions from today to the horizon, in the order of their days. A kind unknown is refused.

    Columns that are missing count as null; a row without a date is left alone.
    """
    if "date" not in plan.columns or "kind" not in plan.columns:
        raise WrongRequest("a plan needs the columns date and kind")
    step = 1.0 if "load_lu" in plan.columns and plan.schema["load_lu"].is_integer() else 0.1
    sessions: list[Session] = []
    for row, entry in enumerate(plan.iter_rows(named=True)):
        refusal = PLAN.column("kind").refuse(entry["kind"])
        if refusal is not None:
            raise WrongRequest(refusal)
        day = entry["date"]
        if day is None or not 0 <= (day - today).days < horizon_d:
            continue
        session = _session(row, entry, today, speed_mps or DEFAULT_MPS, step)
        session.sizable = "duration_s" in plan.columns or session.distance_m is not None or session.load_lu is not None
        sessions.append(session)
    return sorted(sessions, key=lambda s: (s.offset, s.row))


def _session(row: int, entry: Mapping[str, Any], today: date, speed_mps: float, step: float) -> Session:
    return Session(
        row=row,
        uid=str(entry.get("uid", row)),
        day=entry["date"],
        offset=(entry["date"] - today).days,
        kind=entry["kind"] or "easy",
        duration_s=_number(entry.get("duration_s")),
        distance_m=_number(entry.get("distance_m")),
        load_lu=_number(entry.get("load_lu")),
        optional=bool(entry.get("optional")),
        speed_mps=speed_mps,
        load_step=step,
    )


def write_plan(plan: pl.DataFrame, sessions: Iterable[Session]) -> pl.DataFrame:
    """The plan with the changed sessions in place; every other cell as it was."""
    changed = {session.row: session for session in sessions if session.steps}
    if not changed:
        return plan
    out = plan
    for name in ("kind", "duration_s", "distance_m", "load_lu"):
        if name in plan.columns:
            values = plan[name].to_list()
            for row, session in changed.items():
                value = getattr(session, name)
                whole = plan.schema[name].is_integer() and value is not None
                values[row] = math.floor(value) if whole else value
            out = out.with_columns(pl.Series(name, values, dtype=plan.schema[name]))
    return out
