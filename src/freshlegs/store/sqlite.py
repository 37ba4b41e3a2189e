"""The diary of one runner in one SQLite file, the original files beside it."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import polars as pl

from freshlegs import tables
from freshlegs.problems import NothingDone, Problem
from freshlegs.store import schema
from freshlegs.store.contract import (
    ANSWERS,
    HAPPENINGS,
    NIGHTS,
    SESSIONS,
    Edit,
    FileEntry,
    KeptVerdict,
    Label,
    NewFile,
    NewSession,
)
from freshlegs.store.faults import in_words, told
from freshlegs.store.frames import frame, from_json, from_us, to_json, to_sql, to_us
from freshlegs.store.labels import BEARING, HAPPENED, Labels
from freshlegs.store.originals import Originals
from freshlegs.store.plans import Plans

# 14 hours west of UTC is as early as the local day of an instant can be.
_RUN_ON: Final = "date(start_utc / 1000000 + coalesce(utc_offset_s, -50400), 'unixepoch')"

FILE_NAME: Final = "diary.sqlite"
BUSY_S: Final = 20.0
"""How long a write waits for another program's; every transaction of ours is far shorter."""

_MEASURED: Final = ("sessions", "nights", "answers")
_OLD: Final = "known_us < :before AND (withdrawn_us IS NULL OR withdrawn_us >= :before)"


def run_id(sha256: str, session: int) -> str:
    """The short, stable name of a session of a file: 48 bits of a hash.

    >>> run_id("00", 0)
    '258cbe6430c3'
    """
    return hashlib.sha256(f"{sha256}/{session}".encode()).hexdigest()[:12]


class SQLiteStore(Labels, Plans):
    """The panel of `freshlegs.store.contract.Store` on SQLite.

    Write-ahead logging lets readers read while an import writes. ``synchronous`` is FULL: what was acknowledged
    survives a power cut (NORMAL would save one flush a commit and lose the last commits). Writers take the lock
    when they begin (BEGIN IMMEDIATE), so two of them wait for each other and never deadlock.
    """

    def __init__(self, home: Path, athlete: str = "me", *, busy_s: float = BUSY_S) -> None:
        self.home = home
        self.athlete = athlete
        self._revision: tuple[tuple[int, int], str] | None = None
        self.originals = Originals(home)
        with in_words(home):
            _make_home(home)
            self._db = _connect(home / FILE_NAME, busy_s)
        try:
            with in_words(home):
                schema.bring_up(self._db)
                self.originals.sweep()
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """Let go of the database; harmless to repeat."""
        self._db.close()

    @told
    def revision(self) -> str:
        """What every table but those worked out from others holds, told by its counts and latest instants.

        Asked for often: while no connection has written anything, the answer is remembered.
        """
        written = (self._db.execute("PRAGMA data_version").fetchone()[0], self._db.total_changes)
        if self._revision is None or self._revision[0] != written:
            self._revision = written, schema.stamp(self._db)
        return self._revision[1]

    # --- files -------------------------------------------------------------------------------------------

    @told
    def files(self) -> dict[str, FileEntry]:
        """Every file met, by the SHA-256 of its bytes."""
        rows = self._db.execute(
            "SELECT sha256, name, kind, size_b, status, reader, problems, known_us FROM files ORDER BY id"
        )
        return {
            row[0]: FileEntry(*row[:6], problems=_problems(row[6]), known_utc=from_us(row[7]))  # type: ignore[misc]
            for row in rows
        }

    @told
    def add_files(self, batch: Sequence[NewFile], known_utc: datetime) -> list[bool]:
        """Keep a batch in one step, the originals first; for each file whether it was new."""
        self.originals.keep((file.sha256, file.data) for file in batch if file.data is not None)
        known_us = to_us(known_utc)
        with self._writing():
            return [self._add_file(file, known_us) for file in batch]

    def _add_file(self, file: NewFile, known_us: int) -> bool:
        there = self._db.execute("SELECT id, status, known_us FROM files WHERE sha256 = ?", (file.sha256,)).fetchone()
        if there is not None and file.again and there[1] == file.status == "read":
            self._forget_rows(int(there[0]))
            self._describe(int(there[0]), file)
            self._add_rows(int(there[0]), file, int(there[2]))
            return False
        if there is not None and (there[1] == "read" or file.status == "refused"):
            if there[1] == "refused":
                self._describe(int(there[0]), file)
            return False
        if there is None:
            made = self._db.execute(
                "INSERT INTO files (sha256, name, kind, size_b, status, reader, problems, known_us)"
                " VALUES (?, ?, ?, ?, ?, ?, '[]', ?)",
                (file.sha256, file.name, file.kind, file.size_b, file.status, file.reader, known_us),
            )
            file_id = int(made.lastrowid or 0)
        else:
            file_id = int(there[0])
            self._db.execute("UPDATE files SET known_us = ? WHERE id = ?", (known_us, file_id))
        self._describe(file_id, file)
        self._add_rows(file_id, file, known_us)
        return True

    def _describe(self, file_id: int, file: NewFile) -> None:
        self._db.execute(
            "UPDATE files SET name = ?, kind = ?, size_b = ?, status = ?, reader = ?, problems = ? WHERE id = ?",
            (
                file.name,
                file.kind,
                file.size_b,
                file.status,
                file.reader,
                _problems_text(file.problems),
                file_id,
            ),
        )

    def _forget_rows(self, file_id: int) -> None:
        """Take out what was read of a file; what was said of its runs by hand hangs on their ids, and stays."""
        self._db.execute("DELETE FROM facts WHERE run IN (SELECT id FROM sessions WHERE file_id = ?)", (file_id,))
        for table in ("sessions", "nights", "answers", "profile"):
            self._db.execute(f"DELETE FROM {table} WHERE file_id = ?", (file_id,))

    def _add_rows(self, file_id: int, file: NewFile, known_us: int) -> None:
        for session in file.sessions:
            run = run_id(file.sha256, session.number)
            self._insert("sessions", _session_row(run, file_id, known_us, session))
            if session.facts is not None:
                self._insert("facts", {"run": run, "facts": session.facts})
        for night in file.nights:
            self._insert("nights", {"file_id": file_id, "known_us": known_us, **_declared("nights", night)})
        for answer in file.answers:
            came = {"file_id": file_id, "date": to_sql(answer["date"]), "said_by": "imported", "known_us": known_us}
            self._insert("answers", came | _declared("answers", answer))
        self._say("imported", file.profile, file_id, known_us)

    @told
    def original(self, sha256: str) -> bytes:
        """The bytes of a file as they came; KeyError when it was never kept."""
        return self.originals.read(sha256)

    # --- what was imported -------------------------------------------------------------------------------

    @told
    def sessions(self, before: datetime | None = None) -> pl.DataFrame:
        """Sessions as imported, earliest start first."""
        aliases = {"id": "sessions.id", "file": "files.sha256", "kind": "files.kind"}
        names = [f"{aliases.get(name, 'sessions.' + name)} AS {name}" for name in SESSIONS]
        where, bound = ("", {}) if before is None else ("WHERE sessions.known_us < :before", _bound(before))
        rows = self._db.execute(
            f"SELECT {', '.join(names)} FROM sessions JOIN files ON files.id = sessions.file_id {where}"
            " ORDER BY sessions.start_utc, sessions.id",
            bound,
        ).fetchall()
        return frame(rows, SESSIONS)

    @told
    def facts(self, runs: Sequence[str] | None = None) -> dict[str, bytes]:
        """The stored facts of these sessions (all without ``runs``)."""
        if runs is None:
            return dict(self._db.execute("SELECT run, facts FROM facts"))
        found: dict[str, bytes] = {}
        for run in runs:
            row = self._db.execute("SELECT facts FROM facts WHERE run = ?", (run,)).fetchone()
            if row is not None:
                found[run] = row[0]
        return found

    @told
    def keep_facts(self, facts: Mapping[str, bytes]) -> None:
        """Replace derived facts."""
        with self._writing():
            self._db.executemany("INSERT OR REPLACE INTO facts (run, facts) VALUES (?, ?)", list(facts.items()))

    @told
    def nights(self, before: datetime | None = None) -> pl.DataFrame:
        """Reports of nights as imported, earlier files first."""
        where, bound = ("", {}) if before is None else ("WHERE known_us < :before", _bound(before))
        rows = self._db.execute(f"SELECT {', '.join(NIGHTS)} FROM nights {where} ORDER BY file_id, id", bound)
        return frame(rows.fetchall(), NIGHTS)

    # --- what was said -----------------------------------------------------------------------------------

    @told
    def answers(self, before: datetime | None = None) -> pl.DataFrame:
        """Acts of answering, not taken back, earlier ones first."""
        where, bound = ("withdrawn_us IS NULL", {}) if before is None else (_OLD, _bound(before))
        rows = self._db.execute(f"SELECT {', '.join(ANSWERS)} FROM answers WHERE {where} ORDER BY id", bound)
        return frame(rows.fetchall(), ANSWERS)

    @told
    def add_answer(self, on: date, items: Mapping[str, Any], known_utc: datetime, labels: Sequence[Label] = ()) -> None:
        """Keep one typed check-in; an item that is None is thereby taken out. ``labels`` come and go with it."""
        cleared = sorted(item for item, value in items.items() if value is None)
        row = {
            "date": to_sql(on),
            "said_by": "typed",
            "known_us": to_us(known_utc),
            "cleared": to_sql(cleared) if cleared else None,
        }
        with self._writing():
            answer = self._insert("answers", row | _declared("answers", items))
            self._insert_labels(labels, to_us(known_utc), answer)

    @told
    def withdraw_answer(self, on: date | None, known_utc: datetime) -> dict[str, Any] | None:
        """Take back the last typed check-in (of that date); what it held, or None when there is none."""
        where = "said_by = 'typed' AND withdrawn_us IS NULL" + (" AND date = :date" if on is not None else "")
        with self._writing():
            rows = self._db.execute(
                f"SELECT id, {', '.join(ANSWERS)} FROM answers WHERE {where} ORDER BY id DESC LIMIT 1",
                {"date": to_sql(on)},
            ).fetchall()
            if not rows:
                return None
            self._db.execute("UPDATE answers SET withdrawn_us = ? WHERE id = ?", (to_us(known_utc), rows[0][0]))
            self._withdraw_labels(rows[0][0], to_us(known_utc))
        held = frame([rows[0][1:]], ANSWERS).to_dicts()[0]
        return {key: value for key, value in held.items() if value is not None and key not in ("said_by", "cleared")}

    @told
    def edits(self, before: datetime | None = None) -> list[Edit]:
        """Changes made by hand, earlier ones first."""
        where, bound = ("", {}) if before is None else ("WHERE known_us < :before", _bound(before))
        rows = self._db.execute(f"SELECT run, field, value, known_us FROM edits {where} ORDER BY id", bound)
        types = tables.RUNS.schema
        return [Edit(run, name, from_json(value, types.get(name)), known_us) for run, name, value, known_us in rows]

    @told
    def add_edits(self, edits: Sequence[Edit], known_utc: datetime) -> None:
        """Keep changes made by hand."""
        rows = [(edit.run, edit.field, to_json(edit.value), to_us(known_utc)) for edit in edits]
        with self._writing():
            self._db.executemany("INSERT INTO edits (run, field, value, known_us) VALUES (?, ?, ?, ?)", rows)

    @told
    def profile(self, before: datetime | None = None) -> dict[str, Any]:
        """Values of the profile; typed by hand beats found in a file, later beats earlier."""
        where, bound = ("", {}) if before is None else ("WHERE known_us < :before", _bound(before))
        # False sorts before true: typed values come last and win.
        rows = self._db.execute(f"SELECT key, value FROM profile {where} ORDER BY said_by = 'typed', id", bound)
        types = tables.PROFILE.schema
        found = {key: from_json(value, types.get(key)) for key, value in rows}
        return {key: value for key, value in found.items() if value is not None}

    @told
    def set_profile(self, values: Mapping[str, Any], known_utc: datetime) -> None:
        """Keep typed values; None takes one out."""
        with self._writing():
            self._say("typed", values, None, to_us(known_utc))

    def _say(self, said_by: str, values: Mapping[str, Any], file_id: int | None, known_us: int) -> None:
        self._db.executemany(
            "INSERT INTO profile (file_id, key, value, said_by, known_us) VALUES (?, ?, ?, ?, ?)",
            [(file_id, key, to_json(value), said_by, known_us) for key, value in values.items()],
        )

    # --- verdicts and the rest ---------------------------------------------------------------------------

    @told
    def verdicts(self, first: date, last: date) -> dict[date, KeptVerdict]:
        """The kept verdicts of these days."""
        rows = self._db.execute(
            "SELECT date, document, made_us FROM verdicts WHERE date BETWEEN ? AND ? ORDER BY date",
            (to_sql(first), to_sql(last)),
        )
        kept = (KeptVerdict(date.fromisoformat(on), document, from_us(made)) for on, document, made in rows)
        return {verdict.date: verdict for verdict in kept}

    @told
    def keep_verdicts(self, verdicts: Sequence[KeptVerdict]) -> None:
        """Keep verdicts; one made later replaces an earlier one of the same date."""
        rows = [(to_sql(one.date), one.document, to_us(one.made_utc)) for one in verdicts]
        with self._writing():
            self._db.executemany(
                "INSERT INTO verdicts (date, document, made_us) VALUES (?, ?, ?) ON CONFLICT (date) DO UPDATE"
                " SET document = excluded.document, made_us = excluded.made_us WHERE excluded.made_us >= made_us",
                rows,
            )

    @told
    def began(self) -> datetime | None:
        """When the first run, night, answer or interview became known."""
        places = (*_MEASURED, "labels WHERE kind = 'interview'")
        known = [self._db.execute(f"SELECT min(known_us) FROM {place}").fetchone()[0] for place in places]
        return from_us(min(us for us in known if us is not None)) if any(us is not None for us in known) else None

    @told
    def newest(self, before: datetime | None = None) -> datetime | None:
        """When the last thing became known or was taken back."""
        stamps = [(name, "known_us") for name in (*_MEASURED, "edits", "profile")] + [("answers", "withdrawn_us")]
        stamps.append((f"(SELECT * FROM labels WHERE kind IN {BEARING})", "known_us"))
        bound = {"before": 2**63 - 1} if before is None else _bound(before)
        found = [
            self._db.execute(f"SELECT max({column}) FROM {name} WHERE {column} < :before", bound).fetchone()[0]
            for name, column in stamps
        ]
        return from_us(max(us for us in found if us is not None)) if any(us is not None for us in found) else None

    @told
    def happenings(self) -> pl.DataFrame:
        """Everything that became known or was taken back, in the order of that."""
        rows = self._db.execute(
            f"SELECT 'run', {_RUN_ON}, known_us FROM sessions"
            f" UNION SELECT 'edit', CASE WHEN field NOT IN ('start_utc', 'utc_offset_s') THEN {_RUN_ON} END,"
            " edits.known_us FROM edits LEFT JOIN sessions ON sessions.id = edits.run"
            " UNION SELECT 'night', date, known_us FROM nights"
            " UNION SELECT 'answer', date, known_us FROM answers"
            " UNION SELECT 'answer', date, withdrawn_us FROM answers WHERE withdrawn_us IS NOT NULL"
            f" UNION {HAPPENED}"
            " UNION SELECT 'profile', NULL, known_us FROM profile ORDER BY 3, 2, 1"
        )
        return frame(rows.fetchall(), HAPPENINGS)

    @told
    def column_maps(self) -> dict[str, Any]:
        """Column maps for CSV files, by name, the newest first."""
        rows = self._db.execute("SELECT name, column_map FROM column_maps ORDER BY known_us DESC, rowid DESC")
        return {name: json.loads(text) for name, text in rows}

    @told
    def keep_column_map(self, name: str, column_map: Mapping[str, Any], known_utc: datetime) -> None:
        """Keep or replace a column map."""
        row = (name, json.dumps(dict(column_map), ensure_ascii=False), to_us(known_utc))
        with self._writing():
            self._db.execute("INSERT OR REPLACE INTO column_maps (name, column_map, known_us) VALUES (?, ?, ?)", row)

    @told
    def check(self) -> list[str]:
        """What is wrong inside, one sentence each: damage, dangling references, originals that are not themselves."""
        wrong = [
            f"The database says: {text}." for (text,) in self._db.execute("PRAGMA integrity_check(10)") if text != "ok"
        ]
        if self._db.execute("PRAGMA foreign_key_check").fetchone() is not None:
            wrong.append("The database has rows that point to rows that are not there.")
        for (sha256,) in self._db.execute("SELECT sha256 FROM files WHERE status = 'read' ORDER BY id"):
            try:
                if hashlib.sha256(self.originals.read(sha256)).hexdigest() != sha256:
                    wrong.append(f"The original file {sha256[:12]} has changed since it was kept.")
            except KeyError:
                wrong.append(f"The original file {sha256[:12]} is missing.")
        return wrong

    @told
    def copy_to(self, target: Path) -> None:
        """A consistent copy of the database as one file, even while others write."""
        with _closing(sqlite3.connect(target)) as copy:
            self._db.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")

    @told
    def become(self, other: Path) -> None:
        """Hold what the store in that folder holds: its originals join ours, then the database changes at once."""
        theirs = Originals(other)
        self.originals.take(theirs)
        with _closing(sqlite3.connect(other / FILE_NAME)) as source:
            source.backup(self._db)
        schema.bring_up(self._db)
        mentioned = {sha256 for (sha256,) in self._db.execute("SELECT sha256 FROM files")}
        for path in list(self.originals):
            if path.name not in mentioned:
                path.unlink()

    # --- inside ------------------------------------------------------------------------------------------

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:  # a full disk may have rolled it back already
                self._db.execute("ROLLBACK")
            raise

    def _insert(self, table: str, row: Mapping[str, Any]) -> int:
        """Keep a row; its id."""
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" * len(row))
        made = self._db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))
        return int(made.lastrowid or 0)


def _make_home(home: Path) -> None:
    """The folder, for its owner's eyes only when we make it."""
    if home.exists() and not home.is_dir():
        raise NothingDone(f"{home} is a file; a diary needs a folder.")
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = home / FILE_NAME
    if not database.exists():
        if Originals(home).ours():
            raise NothingDone(f"{home} still holds files of a diary that was erased; erase it once more.")
        if (home / "originals").exists():
            raise NothingDone(f"{home} has a folder called originals that is no diary's; choose another folder.")
        if not any(home.iterdir()):
            home.chmod(0o700)
        # SQLite gives its side files the mode of the database.
        os.close(os.open(database, os.O_WRONLY | os.O_CREAT, 0o600))


def _connect(path: Path, busy_s: float) -> sqlite3.Connection:
    # One thread at a time may use it, whichever that is: the pages lend their diaries from thread to thread.
    connection = sqlite3.connect(path, timeout=busy_s, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        _write_ahead(connection, time.monotonic() + busy_s)
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def _write_ahead(connection: sqlite3.Connection, until_s: float) -> None:
    """Switch to write-ahead logging; SQLite does not wait by itself when two programs switch at once."""
    while True:
        try:
            if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
                raise NothingDone("This disk does not allow a diary on it (no shared memory); choose a local folder.")
            return
        except sqlite3.OperationalError as error:
            if (error.sqlite_errorcode & 0xFF) != sqlite3.SQLITE_BUSY or time.monotonic() > until_s:
                raise
            time.sleep(0.05)


@contextmanager
def _closing(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    try:
        yield connection
    finally:
        connection.close()


def _bound(before: datetime) -> dict[str, int]:
    return {"before": to_us(before)}


def _declared(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a row that are known and declared, as SQLite keeps them."""
    return {
        column.name: to_sql(value) for column in schema.DECLARED[table] if (value := row.get(column.name)) is not None
    }


def _session_row(run: str, file_id: int, known_us: int, session: NewSession) -> dict[str, Any]:
    return {
        "id": run,
        "file_id": file_id,
        "session": session.number,
        "known_us": known_us,
        "samples": session.samples,
        "has_hr": int(session.has_hr),
        "has_gps": int(session.has_gps),
        "samples_key": session.samples_key,
        **_declared("sessions", session.run),
    }


def _problems_text(problems: Sequence[Problem]) -> str:
    return json.dumps(
        [[one.source, one.where, one.message, one.refused, one.lost] for one in problems], ensure_ascii=False
    )


def _problems(text: str) -> tuple[Problem, ...]:
    return () if text == "[]" else tuple(Problem(*fields) for fields in json.loads(text))
