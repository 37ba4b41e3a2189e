"""What the runner said about verdicts, causes and earlier times: kept as it was said, one row an act."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Final

from freshlegs.store.contract import Label
from freshlegs.store.faults import told
from freshlegs.store.frames import from_us, to_sql, to_us

BEARING: Final = "('cause', 'interview')"
"""The kinds that bear on a verdict; the others are words about verdicts and tune nothing."""

HAPPENED: Final = (
    f"SELECT kind, date, known_us FROM labels WHERE kind IN {BEARING}"
    f" UNION SELECT kind, date, withdrawn_us FROM labels WHERE kind IN {BEARING} AND withdrawn_us IS NOT NULL"
)


class Labels:
    """The part of the SQLite store that keeps labels."""

    _db: sqlite3.Connection

    def _writing(self) -> AbstractContextManager[None]:
        raise NotImplementedError

    @told
    def labels(self, before: datetime | None = None) -> list[Label]:
        """Every act of labelling that was not taken back, earlier ones first."""
        where, bound = "withdrawn_us IS NULL", {}
        if before is not None:
            where = "known_us < :before AND (withdrawn_us IS NULL OR withdrawn_us >= :before)"
            bound = {"before": to_us(before)}
        rows = self._db.execute(
            f"SELECT kind, date, until, about, answer, known_us FROM labels WHERE {where} ORDER BY id", bound
        )
        return [
            Label(kind, date.fromisoformat(on), answer, about, _day(until), from_us(known))
            for kind, on, until, about, answer, known in rows
        ]

    @told
    def add_labels(self, labels: Sequence[Label], known_utc: datetime) -> None:
        """Keep labels, all or none."""
        with self._writing():
            self._insert_labels(labels, to_us(known_utc))

    def _insert_labels(self, labels: Sequence[Label], known_us: int, answer_id: int | None = None) -> None:
        self._db.executemany(
            "INSERT INTO labels (kind, date, until, about, answer, answer_id, known_us) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (one.kind, to_sql(one.on), to_sql(one.until), one.about, one.answer, answer_id, known_us)
                for one in labels
            ],
        )

    def _withdraw_labels(self, answer_id: int, known_us: int) -> None:
        """Take back what came with an answer that is taken back."""
        self._db.execute("UPDATE labels SET withdrawn_us = ? WHERE answer_id = ?", (known_us, answer_id))

    @told
    def told_states(self, first: date, last: date) -> dict[date, str]:
        """The state of each kept verdict of these days; the rest of the documents is not read."""
        rows = self._db.execute(
            "SELECT date, json_extract(document, '$.state') FROM verdicts WHERE date BETWEEN ? AND ? ORDER BY date",
            (to_sql(first), to_sql(last)),
        )
        return {date.fromisoformat(on): state for on, state in rows}


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
