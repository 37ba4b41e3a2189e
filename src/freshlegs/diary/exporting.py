"""All of one's data out, saved, back, gone."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from freshlegs import __version__, tables
from freshlegs.diary.marks import marks_of
from freshlegs.problems import NothingDone, WrongRequest
from freshlegs.store import FILE_NAME, Store, in_words, is_of_a_diary, open_store
from freshlegs.store.originals import Originals

if TYPE_CHECKING:
    from freshlegs.diary.book import Diary

MANIFEST: Final = "manifest.json"
BACKUP_KIND: Final = "freshlegs backup"
EXPORT_KIND: Final = "freshlegs export"
_STEP_B: Final = 1024 * 1024

README: Final = """Everything Freshlegs keeps about you, exported on {on}.

tables/runs.csv       one row a training session, with load and zones as Freshlegs works them out
tables/nights.csv     one row a night and source
tables/checkins.csv   one row a morning's answers
tables/days.csv       one row a day: that morning's answers and night, the runs of the day before
tables/profile.csv    what you entered or files held about you
tables/plan.csv       the training plan as it is now
tables/labels.csv     what you said about verdicts, causes and earlier times
tables/actions.csv    what you said of pieces of advice: done, skipped, not for me
tables/verdicts.csv   the verdicts you were given; the whole documents are in verdicts.json
originals/            the files you imported, as they came (unzipped); manifest.json says what each was called
diary.sqlite          the diary as Freshlegs keeps it: `freshlegs restore` takes this zip like a backup
manifest.json         what is in this zip, with the SHA-256 of every file

Instants are UTC, dates are local, every column says its unit in its name. Lists are separated by spaces.
"""


# --- export -----------------------------------------------------------------------------------------------


def export(diary: Diary, store: Store, target: Path, now: datetime) -> None:
    """All data into one zip for people and other programs; see `README`. NothingDone when it cannot be written."""
    with _zip(target) as archive:
        written = {"README.txt": _write(archive, "README.txt", README.format(on=now.date()).encode())}
        for name, frame in _tables(diary, store).items():
            path = f"tables/{name}.csv"
            written[path] = _write(archive, path, _flat(frame).write_csv().encode())
        verdicts = _verdicts(store)
        written["verdicts.json"] = _write(archive, "verdicts.json", _json({"days": verdicts}))
        rows = [{name: verdict.get(name) for name in ("date", "state", "headline")} for verdict in verdicts]
        frame = pl.DataFrame(rows, schema={"date": pl.String, "state": pl.String, "headline": pl.String})
        written["tables/verdicts.csv"] = _write(archive, "tables/verdicts.csv", frame.write_csv().encode())
        written[FILE_NAME] = _database(archive, store, target)
        files = _originals(archive, store)
        _write(archive, MANIFEST, _json(_manifest(EXPORT_KIND, now) | {"files": written, "originals": files}))


def _tables(diary: Diary, store: Store) -> dict[str, pl.DataFrame]:
    profile = pl.DataFrame(
        [
            {"key": key, "value": None if row["value"] is None else str(row["value"]), "basis": row["basis"]}
            for key, row in diary.profile().items()
        ],
        schema={"key": pl.String, "value": pl.String, "basis": pl.String},
    )
    return {
        "runs": diary.runs(),
        "nights": diary.nights(),
        "checkins": diary.checkins(),
        "days": diary.days(),
        "profile": profile,
        "labels": _labels(diary),
        "actions": _marks(store),
        "plan": diary.planned(),
    }


def _marks(store: Store) -> pl.DataFrame:
    """What the runner said of actions."""
    rows = [
        {"date": one.on.isoformat(), "action": one.action, "answer": one.answer} for one in marks_of(store.labels())
    ]
    return pl.DataFrame(rows, schema={"date": pl.String, "action": pl.String, "answer": pl.String})


def _labels(diary: Diary) -> pl.DataFrame:
    """What the runner said about verdicts; an interview's signs as ``sign=first day``, separated by spaces."""
    rows = [
        {**row, "answer": " ".join(f"{sign}={on}" for sign, on in row["answer"].items())}
        if isinstance(row["answer"], dict)
        else row
        for row in diary.labels()["labels"]
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(("kind", "date", "until", "about", "answer", "said_at"), pl.String))


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame without lists, which CSV does not know."""
    return frame.with_columns(pl.col(name).list.join(";") for name, dtype in frame.schema.items() if dtype == pl.List)


def _verdicts(store: Store) -> list[Any]:
    from datetime import date

    return [json.loads(kept.document) for kept in store.verdicts(date.min, date.max).values()]


# --- backup -----------------------------------------------------------------------------------------------


def backup(store: Store, target: Path, now: datetime) -> None:
    """Database and originals in one zip. NothingDone when it cannot be written."""
    with _zip(target) as archive:
        # The copy first: every file its rows mention was kept before, and nothing is ever removed.
        written = {FILE_NAME: _database(archive, store, target)}
        files = _originals(archive, store)
        _write(archive, MANIFEST, _json(_manifest(BACKUP_KIND, now) | {"files": written, "originals": files}))


def _database(archive: zipfile.ZipFile, store: Store, target: Path) -> str:
    """A consistent copy of the database into the zip; its hash."""
    with tempfile.TemporaryDirectory(dir=target.absolute().parent, prefix=".freshlegs-") as at:
        copy = Path(at) / FILE_NAME
        store.copy_to(copy)
        return _copy(archive, FILE_NAME, copy)


def _originals(archive: zipfile.ZipFile, store: Store) -> dict[str, str]:
    """Every kept original into the zip under its hash; hash to the name it came with."""
    kept = {}
    for entry in store.files().values():
        if entry.status == "read":
            try:
                data = store.original(entry.sha256)
            except KeyError:
                raise NothingDone(f"the original of {entry.name} is missing; import it again, then try again") from None
            _write(archive, f"originals/{entry.sha256}", data)
            kept[entry.sha256] = entry.name
    return kept


# --- restore ----------------------------------------------------------------------------------------------


def restore(source: Path, store: Store) -> None:
    """Put a backup, or an export, in the place of what a store holds; unpacked and verified beside it first.

    Raises WrongRequest when there is no such file, NothingDone when it is no whole backup or there is no room.
    """
    if not source.is_file():
        raise WrongRequest(f"there is no file {source}")
    with in_words(store.home):
        fresh = Path(tempfile.mkdtemp(prefix="restoring-", dir=store.home))
    try:
        with in_words(store.home):
            _unpack(source, fresh)
        _verify(source, fresh)
        store.become(fresh)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def set_aside(home: Path) -> None:
    """Give a database that cannot be opened another name, so that a new one can be made; nothing is lost."""
    with in_words(home):
        for name in _DATABASE:
            path = home / name
            if path.exists():
                path.rename(path.with_name(f"damaged-{secrets.token_hex(4)}-{name}"))


def _unpack(source: Path, fresh: Path) -> None:
    """Only what the manifest names, each with its hash; names in the zip lead nowhere else."""
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            if manifest.get("kind") not in (BACKUP_KIND, EXPORT_KIND):
                raise NothingDone(f"{source} is no backup of a diary; make one with: freshlegs backup FILE.zip")
            _unpack_one(archive, FILE_NAME, fresh / FILE_NAME, manifest["files"][FILE_NAME])
            for sha256 in manifest["originals"]:
                if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
                    raise ValueError(sha256)
                _unpack_one(archive, f"originals/{sha256}", fresh / "originals" / sha256[:2] / sha256, sha256)
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, AttributeError, EOFError) as error:
        raise NothingDone(f"{source} is no backup of a diary, or is damaged; nothing was changed") from error


def _unpack_one(archive: zipfile.ZipFile, name: str, target: Path, sha256: str) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with archive.open(name) as packed, open(os.open(target, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
        while piece := packed.read(_STEP_B):
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    if digest.hexdigest() != sha256:
        raise ValueError(name)


def _verify(source: Path, fresh: Path) -> None:
    store = open_store(fresh)
    try:
        wrong = store.check()
    finally:
        store.close()
    if wrong:
        raise NothingDone(f"the backup {source} is damaged; nothing was changed. {wrong[0]}")


_DATABASE: Final = (FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm")


PASSWORD_FILE: Final = "pages-password"  # noqa: S105 - a name
"""The hash of the password of the pages, beside the diary."""


def erase(home: Path) -> None:
    """Remove a diary's files, and its folder when nothing else lies in it; NothingDone when there is none.

    Also what another program, in the middle of an import, may have written after the diary was erased.
    """
    with in_words(home):
        if not (home / FILE_NAME).is_file() and not Originals(home).ours():
            raise NothingDone(f"there is no diary in {home}")
        if (home / "originals").exists():
            shutil.rmtree(home / "originals")
        for name in reversed(_DATABASE):
            (home / name).unlink(missing_ok=True)
        for damaged in home.glob(f"damaged-*-{FILE_NAME}*"):
            damaged.unlink()
        for unfinished in (*home.glob("restoring-*"), *home.glob("incoming-*")):
            shutil.rmtree(unfinished)
        for beside in (home / PASSWORD_FILE, *home.glob("export-*.zip")):
            beside.unlink(missing_ok=True)
        if (home / "sync").is_dir():  # what a sync keeps: no data of the diary, but made for it
            shutil.rmtree(home / "sync")
        if not any(home.iterdir()):
            home.rmdir()


# --- zips -------------------------------------------------------------------------------------------------


@contextmanager
def _zip(target: Path) -> Iterator[zipfile.ZipFile]:
    """A zip that appears under its name only when it is whole, for its owner's eyes only."""
    if target.is_dir():
        raise WrongRequest(f"{target} is a folder; name a file")
    if is_of_a_diary(target):
        raise WrongRequest(f"{target} is a diary itself; name another file")
    if not target.absolute().parent.is_dir():
        raise WrongRequest(f"there is no folder {target.absolute().parent}")
    unborn = target.absolute().with_name(f".{target.name}-{secrets.token_hex(4)}")
    try:
        with in_words(target.absolute().parent):
            with open(os.open(unborn, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                    yield archive
                file.flush()
                os.fsync(file.fileno())
            unborn.replace(target)
    finally:
        unborn.unlink(missing_ok=True)


def _write(archive: zipfile.ZipFile, name: str, data: bytes) -> str:
    archive.writestr(name, data)
    return hashlib.sha256(data).hexdigest()


def _copy(archive: zipfile.ZipFile, name: str, path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file, archive.open(name, "w", force_zip64=True) as packed:
        while piece := file.read(_STEP_B):
            digest.update(piece)
            packed.write(piece)
    return digest.hexdigest()


_EXPORTED: Final = (tables.RUNS, tables.NIGHTS, tables.CHECKINS, tables.DAYS)


def _manifest(kind: str, now: datetime) -> dict[str, Any]:
    return {
        "kind": kind,
        "freshlegs": __version__,
        "made_utc": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "tables": {
            table.name: list(table.names) for table in (tables.RUNS, tables.NIGHTS, tables.CHECKINS, tables.DAYS)
        },
    }


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode()
