"""The database's shape: numbered migrations for its bones, `freshlegs.tables` for its flesh.

A migration is a list of statements; it runs in one transaction and raises ``user_version`` by one. A migration
that was released is never changed. The measured columns (of a run, a night, an answer, a planned session) are
those of `freshlegs.tables`: a column declared there that the database lacks is added, empty, when the home is
opened, and needs no migration, because an older Freshlegs does not mind a column it does not know. Renaming a
column or changing its meaning needs a migration.

Instants are integers, microseconds since 1970 UTC: exact, and what Polars holds inside. Dates are ISO text: they
have no zone, sort rightly, and anybody who opens the file with another tool can read them.
"""

from __future__ import annotations

import sqlite3
from typing import Final

import polars as pl

from freshlegs import tables
from freshlegs.problems import NothingDone
from freshlegs.tables import Column

APPLICATION_ID: Final = 0x46524C47
"""``FRLG``: marks the file as a Freshlegs diary."""

FIRST: Final = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE files (
        id INTEGER PRIMARY KEY,
        sha256 TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        size_b INTEGER NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('read', 'refused')),
        reader TEXT NOT NULL,
        problems TEXT NOT NULL,
        known_us INTEGER NOT NULL)""",
    """CREATE TABLE sessions (
        id TEXT NOT NULL PRIMARY KEY,
        file_id INTEGER NOT NULL REFERENCES files (id),
        session INTEGER NOT NULL,
        known_us INTEGER NOT NULL,
        samples INTEGER NOT NULL,
        has_hr INTEGER NOT NULL,
        has_gps INTEGER NOT NULL,
        samples_key TEXT,
        UNIQUE (file_id, session))""",
    # The facts have a table of their own, so that a read of the runs does not wade through them.
    "CREATE TABLE facts (run TEXT NOT NULL PRIMARY KEY REFERENCES sessions (id), facts BLOB NOT NULL)",
    """CREATE TABLE nights (
        id INTEGER PRIMARY KEY,
        file_id INTEGER NOT NULL REFERENCES files (id),
        known_us INTEGER NOT NULL)""",
    """CREATE TABLE answers (
        id INTEGER PRIMARY KEY,
        file_id INTEGER REFERENCES files (id),
        date TEXT NOT NULL,
        said_by TEXT NOT NULL CHECK (said_by IN ('typed', 'imported')),
        known_us INTEGER NOT NULL,
        withdrawn_us INTEGER,
        cleared TEXT)""",
    """CREATE TABLE edits (
        id INTEGER PRIMARY KEY,
        run TEXT NOT NULL,
        field TEXT NOT NULL,
        value TEXT NOT NULL,
        known_us INTEGER NOT NULL)""",
    """CREATE TABLE profile (
        id INTEGER PRIMARY KEY,
        file_id INTEGER REFERENCES files (id),
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        said_by TEXT NOT NULL CHECK (said_by IN ('typed', 'imported')),
        known_us INTEGER NOT NULL)""",
    """CREATE TABLE verdicts (
        date TEXT NOT NULL PRIMARY KEY,
        document TEXT NOT NULL,
        made_us INTEGER NOT NULL)""",
    """CREATE TABLE column_maps (
        name TEXT NOT NULL PRIMARY KEY,
        column_map TEXT NOT NULL,
        known_us INTEGER NOT NULL)""",
    "CREATE TABLE plan (uid TEXT NOT NULL PRIMARY KEY, known_us INTEGER NOT NULL)",
)

SECOND: Final = (
    # What the runner says about verdicts, causes and earlier times; an act a row, the last of its kind and date counts.
    """CREATE TABLE labels (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        date TEXT NOT NULL,
        until TEXT,
        about TEXT,
        answer TEXT,
        answer_id INTEGER REFERENCES answers (id),
        known_us INTEGER NOT NULL,
        withdrawn_us INTEGER)""",
)

THIRD: Final = (
    # A plan is kept whole at each change, so that any number of steps can be taken back; the first table held nothing.
    "DROP TABLE plan",
    """CREATE TABLE plan_versions (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        what TEXT NOT NULL,
        about TEXT NOT NULL,
        made_us INTEGER NOT NULL,
        undone_us INTEGER)""",
    """CREATE TABLE planned (
        version INTEGER NOT NULL REFERENCES plan_versions (number),
        uid TEXT NOT NULL,
        PRIMARY KEY (version, uid))""",
    """CREATE TABLE proposals (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        date TEXT NOT NULL,
        version INTEGER NOT NULL REFERENCES plan_versions (number),
        document TEXT NOT NULL,
        made_us INTEGER NOT NULL,
        answer TEXT,
        answered_us INTEGER)""",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (FIRST, SECOND, THIRD)
"""Migration n, counted from 1, takes a database from version n − 1 to n."""


def _measured(table: tables.Table, *without: str) -> tuple[Column, ...]:
    return tuple(column for column in table.columns if column.name not in without)


DECLARED: Final[dict[str, tuple[Column, ...]]] = {
    "sessions": _measured(tables.RUNS, "athlete"),
    "nights": _measured(tables.NIGHTS, "athlete"),
    "answers": tables.ANSWER_COLUMNS,
    "planned": _measured(tables.PLAN, "uid"),
}
"""Tables of the database whose measured columns follow `freshlegs.tables`."""


def sql_type(column: Column) -> str:
    """The SQLite type that holds a declared column."""
    if column.dtype == tables.NUMBER:
        return "REAL"
    if column.dtype in (tables.INSTANT, tables.YES_NO, pl.Int64()):
        return "INTEGER"
    return "TEXT"


def bring_up(connection: sqlite3.Connection) -> None:
    """Migrate an open database to the newest version; one transaction a version, safe against a second process.

    Raises NothingDone for a database of a newer Freshlegs, or of another program.
    """
    while _step(connection):
        pass
    _add_declared(connection)


def _step(connection: sqlite3.Connection) -> bool:
    """One migration; false when there was none left to do."""
    if _version(connection) == len(MIGRATIONS):
        return False
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection)  # again: another process may have been quicker
        if version < len(MIGRATIONS):
            for statement in MIGRATIONS[version]:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {version + 1}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return True


def _version(connection: sqlite3.Connection) -> int:
    # The tables first: another process may make the database just now, and its mark comes together with them.
    filled = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    marked = int(connection.execute("PRAGMA application_id").fetchone()[0])
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if filled and marked != APPLICATION_ID:
        raise NothingDone("The database in this home is not a Freshlegs diary; choose another folder.")
    if version > len(MIGRATIONS):
        raise NothingDone(
            f"This diary was written by a newer Freshlegs (its version is {version}, this program knows up to"
            f" {len(MIGRATIONS)}); update Freshlegs to open it."
        )
    return version


def _add_declared(connection: sqlite3.Connection) -> None:
    if not _lacking(connection):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for table, column in _lacking(connection):
            connection.execute(f'ALTER TABLE {table} ADD COLUMN "{column.name}" {sql_type(column)}')
        connection.execute("CREATE INDEX IF NOT EXISTS sessions_by_start ON sessions (start_utc)")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _lacking(connection: sqlite3.Connection) -> list[tuple[str, Column]]:
    lacking = []
    for table, columns in DECLARED.items():
        there = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
        if there:
            lacking += [(table, column) for column in columns if column.name not in there]
    return lacking


DERIVED: Final = ("facts", "verdicts")
"""Tables that are worked out from the others."""


def stamp(connection: sqlite3.Connection) -> str:
    """Count and latest instants of every table that is not worked out: another text after any change of theirs."""
    found = []
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall():
        if table in DERIVED or table.startswith("sqlite_"):
            continue
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        latest = "".join(f", max({column})" for column in columns if column.endswith("_us"))
        found.append(connection.execute(f"SELECT count(*){latest} FROM {table}").fetchone())
    return repr(found)
