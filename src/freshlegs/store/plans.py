"""The training plan as it was at each change, and what was proposed: whole versions, so that any step can be undone."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Any, Final

import polars as pl

from freshlegs import tables
from freshlegs.problems import WrongRequest
from freshlegs.store.contract import KeptProposal, PlanAct, PlanVersion
from freshlegs.store.faults import told
from freshlegs.store.frames import frame, from_us, to_sql, to_us

_COLUMNS: Final = ", ".join(f'"{name}"' for name in tables.PLAN.names)
_HOLDS: Final = "SELECT max(number) FROM plan_versions WHERE undone_us IS NULL"


class Plans:
    """The part of the SQLite store that keeps plans and proposals."""

    _db: sqlite3.Connection

    def _writing(self) -> AbstractContextManager[None]:
        raise NotImplementedError

    def _insert(self, table: str, row: Mapping[str, Any]) -> int:
        raise NotImplementedError

    @told
    def plan_versions(self) -> list[PlanVersion]:
        """Every state the plan has had, earlier ones first."""
        rows = self._db.execute("SELECT number, what, about, made_us, undone_us FROM plan_versions ORDER BY number")
        return [
            PlanVersion(number, what, about, from_us(made), None if undone is None else from_us(undone))
            for number, what, about, made, undone in rows
        ]

    @told
    def plan(self, version: int | None = None) -> pl.DataFrame:
        """The sessions of a version, by date; without ``version`` of the one that holds."""
        wanted = self._holding() if version is None else version
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM planned WHERE version = ? ORDER BY date, start_min, uid", (wanted,)
        )
        return frame(rows.fetchall(), tables.PLAN.schema)

    def _holding(self) -> int | None:
        found = self._db.execute(_HOLDS).fetchone()[0]
        return None if found is None else int(found)

    @told
    def add_plan(self, sessions: pl.DataFrame, what: PlanAct, about: str, known_utc: datetime, onto: int | None) -> int:
        """Keep a whole plan as the newest version, if ``onto`` still holds; its number."""
        rows = tables.PLAN.conform(sessions, fill=True).select(tables.PLAN.names).rows()
        with self._writing():
            if self._holding() != onto:
                raise WrongRequest("the plan was changed by another program meanwhile; look at it again")
            number = self._insert("plan_versions", {"what": what, "about": about, "made_us": to_us(known_utc)})
            marks = ", ".join("?" * (len(tables.PLAN.names) + 1))
            self._db.executemany(
                f"INSERT INTO planned (version, {_COLUMNS}) VALUES ({marks})",
                [(number, *map(to_sql, row)) for row in rows],
            )
        return number

    @told
    def undo_plan(self, known_utc: datetime, onto: int | None = None) -> PlanVersion | None:
        """Take back the version that holds, if given only while that is ``onto``; which that was, None for none."""
        with self._writing():
            number = self._holding()
            if onto is not None and number != onto:
                raise WrongRequest("the plan was changed meanwhile; look at it again")
            if number is None:
                return None
            self._db.execute("UPDATE plan_versions SET undone_us = ? WHERE number = ?", (to_us(known_utc), number))
        return next(version for version in self.plan_versions() if version.number == number)

    @told
    def proposals(self) -> list[KeptProposal]:
        """Every proposal made, earlier ones first."""
        rows = self._db.execute(
            "SELECT number, date, version, document, made_us, answer, answered_us FROM proposals ORDER BY number"
        )
        return [
            KeptProposal(
                number,
                date.fromisoformat(on),
                version,
                document,
                from_us(made),
                answer,
                None if answered is None else from_us(answered),
            )
            for number, on, version, document, made, answer, answered in rows
        ]

    @told
    def keep_proposal(self, on: date, version: int, document: str, known_utc: datetime) -> int:
        """Keep a proposal; its number."""
        row = {"date": to_sql(on), "version": version, "document": document, "made_us": to_us(known_utc)}
        with self._writing():
            return self._insert("proposals", row)

    @told
    def answer_proposal(self, number: int, answer: str, known_utc: datetime) -> None:
        """Note what was said to a proposal; a later answer takes the place of an earlier one."""
        with self._writing():
            self._db.execute(
                "UPDATE proposals SET answer = ?, answered_us = ? WHERE number = ?", (answer, to_us(known_utc), number)
            )
