"""What every store keeps and gives back: one panel contract, whatever lies beneath.

A store keeps what came in, as it came in, and when it became known; it works nothing out. Every read that
takes ``before`` answers as the store would have answered at that instant (what became known earlier, and was
not yet taken back), so that a past morning's verdict can be made from what was known that morning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import field as dataclass_field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, Literal, Protocol

import polars as pl

from freshlegs import tables
from freshlegs.problems import Problem

Status = Literal["read", "refused"]
SaidBy = Literal["typed", "imported"]

ANSWERS: Final[dict[str, Any]] = {
    "date": tables.DAY,
    "said_by": tables.TEXT,
    "cleared": tables.WORDS,
    **{column.name: column.dtype for column in tables.ANSWER_COLUMNS},
}
"""Schema of `Store.answers`: one row an act of answering, earlier acts first."""

SESSIONS: Final[dict[str, Any]] = {
    "id": tables.TEXT,
    "file": tables.TEXT,
    "session": pl.Int64(),
    "kind": tables.TEXT,
    "samples": pl.Int64(),
    "has_hr": tables.YES_NO,
    "has_gps": tables.YES_NO,
    "samples_key": tables.TEXT,
    **{column.name: column.dtype for column in tables.RUNS.columns if column.name != "athlete"},
}
"""Schema of `Store.sessions`: one row a session of a file, earliest start first."""

NIGHTS: Final[dict[str, Any]] = {
    column.name: column.dtype for column in tables.NIGHTS.columns if column.name != "athlete"
}
"""Schema of `Store.nights`: one row a report of a night, earlier reports first."""


HAPPENINGS: Final[dict[str, Any]] = {"what": tables.TEXT, "on": tables.DAY, "known_utc": tables.INSTANT}
"""Schema of `Store.happenings`."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file the store has met: ``status`` says whether it was read, ``reader`` by which version of the readers."""

    sha256: str
    name: str
    kind: str
    size_b: int
    status: Status
    reader: str
    problems: tuple[Problem, ...]
    known_utc: datetime


@dataclass(frozen=True, slots=True)
class NewSession:
    """One session of a file: its place in it, its row of `tables.RUNS`, its facts, and what tells it from its twins."""

    number: int
    run: Mapping[str, Any]
    facts: bytes | None = None
    samples: int = 0
    has_hr: bool = False
    has_gps: bool = False
    samples_key: str | None = None


@dataclass(frozen=True, slots=True)
class NewFile:
    """One file on its way in, whole: either all of it is kept or nothing.

    ``data`` are the original bytes (None for a refused file, which is remembered but not kept). With ``again`` it
    takes the place of what was read of the same file before, known since then: a time zone was mistaken.
    """

    sha256: str
    name: str
    kind: str
    size_b: int
    status: Status
    reader: str
    data: bytes | None = None
    problems: tuple[Problem, ...] = ()
    sessions: Sequence[NewSession] = ()
    nights: Sequence[Mapping[str, Any]] = ()
    answers: Sequence[Mapping[str, Any]] = ()
    profile: Mapping[str, Any] = field(default_factory=dict)
    again: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """One change made by hand to one run; the field ``deleted`` hides or shows the whole run."""

    run: str
    field: str
    value: Any
    known_us: int = dataclass_field(default=0, compare=False)
    """When it became known; given by the store, never taken from here."""


@dataclass(frozen=True, slots=True)
class KeptVerdict:
    """A verdict as it was told: its document (JSON text) and the instant it was made."""

    date: date
    document: str
    made_utc: datetime


LabelKind = Literal["feels", "looking_back", "stretch", "cause", "interview", "asked", "mark", "return"]


@dataclass(frozen=True, slots=True)
class Label:
    """Something the runner said about a verdict, a cause, an earlier time or a piece of advice.

    ``on``: the day it is about (of a cause or an interview the day it was said); ``until``: the last day of a
    stretch; ``about``: the state that day's verdict had when it was said, the cause, or
    the action; ``answer`` of a way back is after what it began, or ``stopped``; None takes an earlier answer back.
    """

    kind: LabelKind
    on: date
    answer: str | None
    about: str | None = None
    until: date | None = None
    known_utc: datetime | None = None


PlanAct = Literal["import", "add", "set", "remove", "make", "accept"]


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """One state of the plan: its number, the act that made it, about what, when made, when taken back (None: never)."""

    number: int
    what: PlanAct
    about: str
    made_utc: datetime
    undone_utc: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeptProposal:
    """A proposal as it was shown: its day, the version of the plan it changes, its document (JSON text), its answer."""

    number: int
    date: date
    version: int
    document: str
    made_utc: datetime
    answer: str | None = None
    answered_utc: datetime | None = None


class Store(Protocol):
    """The panel every store has. Bound to one athlete; all instants are aware and UTC.

    Every method raises `freshlegs.problems.NothingDone` with one clear sentence when the disk is full, the
    store is damaged, locked for long, or may not be written; then nothing of that call was kept.
    """

    home: Path
    athlete: str

    def close(self) -> None:
        """Let go of the store; harmless to repeat."""

    def revision(self) -> str:
        """Another one whenever anything was kept or taken back, by this or another program.

        What is worked out (verdicts, facts) does not count. Comparable within one open store.
        """

    def files(self) -> dict[str, FileEntry]:
        """Every file met, by the SHA-256 of its bytes."""

    def add_files(self, batch: Sequence[NewFile], known_utc: datetime) -> list[bool]:
        """Keep a batch, all in one step; for each file whether it was new (a read file is never added twice)."""

    def original(self, sha256: str) -> bytes:
        """The bytes of a file as they came; KeyError when it was never kept."""

    def sessions(self, before: datetime | None = None) -> pl.DataFrame:
        """Sessions as imported (schema `SESSIONS`)."""

    def facts(self, runs: Sequence[str] | None = None) -> dict[str, bytes]:
        """The stored facts of these sessions (all without ``runs``); sessions without facts are left out."""

    def keep_facts(self, facts: Mapping[str, bytes]) -> None:
        """Replace derived facts, after their format or their formulas changed."""

    def nights(self, before: datetime | None = None) -> pl.DataFrame:
        """Reports of nights as imported (schema `NIGHTS`)."""

    def answers(self, before: datetime | None = None) -> pl.DataFrame:
        """Acts of answering, not taken back (schema `ANSWERS`)."""

    def add_answer(self, on: date, items: Mapping[str, Any], known_utc: datetime, labels: Sequence[Label] = ()) -> None:
        """Keep one typed check-in; an item that is None is thereby taken out. ``labels`` come and go with it."""

    def withdraw_answer(self, on: date | None, known_utc: datetime) -> dict[str, Any] | None:
        """Take back the last typed check-in (of that date); what it held, or None when there is none."""

    def edits(self, before: datetime | None = None) -> list[Edit]:
        """Changes made by hand, earlier ones first."""

    def add_edits(self, edits: Sequence[Edit], known_utc: datetime) -> None:
        """Keep changes made by hand."""

    def profile(self, before: datetime | None = None) -> dict[str, Any]:
        """Values of `tables.PROFILE` that somebody gave; typed by hand beats found in a file."""

    def set_profile(self, values: Mapping[str, Any], known_utc: datetime) -> None:
        """Keep typed values; None takes one out."""

    def verdicts(self, first: date, last: date) -> dict[date, KeptVerdict]:
        """The kept verdicts of these days."""

    def keep_verdicts(self, verdicts: Sequence[KeptVerdict]) -> None:
        """Keep verdicts; one made later replaces an earlier one of the same date."""

    def labels(self, before: datetime | None = None) -> list[Label]:
        """Every act of labelling that was not taken back, earlier ones first."""

    def add_labels(self, labels: Sequence[Label], known_utc: datetime) -> None:
        """Keep labels, all or none."""

    def told_states(self, first: date, last: date) -> dict[date, str]:
        """The state of each kept verdict of these days; the rest of the documents is not read."""

    def began(self) -> datetime | None:
        """When the first run, night, answer or interview became known; None while there is none."""

    def newest(self, before: datetime | None = None) -> datetime | None:
        """When the last thing became known or was taken back; None while nothing is."""

    def happenings(self) -> pl.DataFrame:
        """Everything that became known or was taken back (schema `HAPPENINGS`), in the order of that.

        ``what`` is run, edit (of a run), night, answer, profile, cause or interview; ``on`` its local date (of a run
        without an offset the earliest it can have been), null where it may bear on any day.
        """

    def plan_versions(self) -> list[PlanVersion]:
        """Every state the plan has had, earlier ones first; the last that was not taken back holds."""

    def plan(self, version: int | None = None) -> pl.DataFrame:
        """The sessions of a version (table PLAN, by date); without ``version`` of the one that holds."""

    def add_plan(self, sessions: pl.DataFrame, what: PlanAct, about: str, known_utc: datetime, onto: int | None) -> int:
        """Keep a whole plan as the newest version; its number. ``onto``: the version it was made from (None: none).

        Raises WrongRequest when another version holds by now; nothing is kept then.
        """

    def undo_plan(self, known_utc: datetime, onto: int | None = None) -> PlanVersion | None:
        """Take back the version that holds; which that was, or None when there is none.

        With ``onto`` only while that version holds; else WrongRequest, and nothing is taken back.
        """

    def proposals(self) -> list[KeptProposal]:
        """Every proposal made, earlier ones first."""

    def keep_proposal(self, on: date, version: int, document: str, known_utc: datetime) -> int:
        """Keep a proposal; its number."""

    def answer_proposal(self, number: int, answer: str, known_utc: datetime) -> None:
        """Note what was said to a proposal; a later answer takes the place of an earlier one."""

    def column_maps(self) -> dict[str, Any]:
        """Column maps for CSV files, by name."""

    def keep_column_map(self, name: str, column_map: Mapping[str, Any], known_utc: datetime) -> None:
        """Keep or replace a column map."""

    def check(self) -> list[str]:
        """What is wrong inside the store, one sentence each; empty when all is well."""

    def copy_to(self, target: Path) -> None:
        """A consistent copy of the database (not of the originals) as one file, even while others write."""

    def become(self, other: Path) -> None:
        """Hold from now on what the store in that folder holds, and nothing else; its originals are moved here.

        One step for all who look: a crash leaves the old content or the new.
        """
