"""What reading a plan gives: sessions as rows of `freshlegs.tables.PLAN`, and what was not understood, as problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from freshlegs.importers.plans import words
from freshlegs.problems import Problem
from freshlegs.tables import PLAN

SESSIONS_AT_MOST: Final = 5_000
"""Years of two sessions a day; more is no plan of a person."""

TEXT_AT_MOST: Final = 2_000
"""Letters kept of a note; a title keeps a tenth of that."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What a reader needs besides the bytes: name, the days looked at, the home zone, a day given by hand."""

    name: str
    first: date
    last: date
    home_time_zone: str | None = None
    on: date | None = None


@dataclass(slots=True)
class PlanReading:
    """The sessions of one file, and what was wrong with it."""

    kind: str
    sessions: list[dict[str, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def say(self, reader: Reader, where: str, message: str, *, refused: bool = False) -> None:
        """Note something that was not understood."""
        self.problems.append(Problem(reader.name, where, message, refused))

    def add(self, reader: Reader, where: str, row: Mapping[str, Any]) -> None:
        """Take a session in; a value that cannot be is said and left out, a row without day or kind too."""
        kept: dict[str, Any] = {}
        for column in PLAN.columns:
            value = row.get(column.name)
            refusal = column.refuse(value)
            if refusal is not None:
                self.say(reader, where, f"{refusal}; it was left out")
                value = None
            kept[column.name] = value
        if kept["date"] is None or kept["kind"] is None:
            self.say(reader, where, "a session needs a day and a kind; it was left out")
        elif len(self.sessions) < SESSIONS_AT_MOST:
            kept["title"], kept["note"] = short(kept["title"], TEXT_AT_MOST // 10), short(kept["note"], TEXT_AT_MOST)
            self.sessions.append(kept)
        elif len(self.sessions) == SESSIONS_AT_MOST:
            self.say(reader, where, f"more than {SESSIONS_AT_MOST:,} sessions; the rest was left out")


def short(text: Any, most: int) -> str | None:
    """A text as it is kept: printable, with its lines, not endless; None for an empty one."""
    if text is None:
        return None
    lines = ("".join(c if c.isprintable() else " " for c in line).rstrip() for line in str(text).splitlines())
    whole = "\n".join(lines).strip()
    return whole[:most] or None


def from_words(title: str, note: str = "") -> tuple[dict[str, Any], list[str]] | None:
    """Kind and size of a session told in words, and what was assumed; None when it tells of no training.

    The title counts first, then totals that the note names, then the note's first line.

    >>> values, assumed = from_words("Run", "10 km")
    >>> values["kind"], values["distance_m"], assumed
    ('easy', 10000.0, ['it names no kind of run; taken as easy'])
    """
    first_line = next((line for line in note.splitlines() if line.strip()), "")
    assumed: list[str] = []
    kind = words.kind_of(title)
    if kind is None and (words.is_run(title) or words.is_run(first_line)):
        kind = words.kind_of(first_line)
        if kind is None:
            kind = "easy"
            assumed.append("it names no kind of run; taken as easy")
    if kind is None:
        return None
    of_title, labelled, line = words.read_size(title), words.read_labelled(note), words.read_size(first_line)
    if of_title.several and not labelled.distance_m and not labelled.duration_s:
        assumed.append("it names several lengths; the largest was taken")
    values: dict[str, Any] = {"kind": kind}
    for name in ("duration_s", "distance_m", "load_lu"):
        found = (getattr(size, name) for size in (of_title, labelled, line))
        values[name] = next((value for value in found if value is not None), None)
    if kind == "rest":
        values |= {"duration_s": None, "distance_m": None, "load_lu": None}
    return values, assumed
