"""``export``, ``backup``, ``restore``, ``erase``: all of one's data out, saved, back, gone."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from freshlegs.cli.options import NEW_FILE, json_option
from freshlegs.cli.output import console, emit
from freshlegs.cli.session import Session
from freshlegs.problems import NothingDone, WrongRequest

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=NEW_FILE)
@json_option
@click.pass_obj
def export(session: Session, file: Path, as_json: bool) -> None:
    """Write all data to a zip: tables as CSV, original files as they came."""
    session.diary().export(_new(file))
    _told(file, as_json, f"Everything is in {file}.")


@click.command()
@click.argument("file", type=NEW_FILE)
@json_option
@click.pass_obj
def backup(session: Session, file: Path, as_json: bool) -> None:
    """Save the whole diary in one file that `restore` brings back."""
    session.diary().backup(_new(file))
    _told(file, as_json, f"The diary is saved in {file}. freshlegs restore {file} brings it back.")


@click.command()
@click.argument("file", type=FILE)
@click.option("--yes", is_flag=True, help="Do not ask, even if the diary there is replaced.")
@json_option
@click.pass_obj
def restore(session: Session, file: Path, yes: bool, as_json: bool) -> None:
    """Bring back what `backup` saved."""
    if not file.exists():
        raise WrongRequest(f"there is no file {file}")
    from freshlegs.diary import Diary
    from freshlegs.store import FILE_NAME

    is_new = not (session.home / FILE_NAME).exists()
    try:
        Diary.restore_home(session.home, file, replace=yes)
    except (WrongRequest, NothingDone):
        # A diary is there, or one that cannot be opened any more; a file that is no backup fails again below.
        if yes or is_new:
            raise
        _confirm(f"{session.home} already holds a diary. Replace it by {file}?")
        Diary.restore_home(session.home, file, replace=True)
    _told(file, as_json, f"The diary of {file} is back in {session.home}.")


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_obj
def erase(session: Session, yes: bool, as_json: bool) -> None:
    """Delete the whole diary of this home for good; asks first."""
    if not session.home.exists():
        raise NothingDone(f"there is no diary in {session.home}")
    if not yes:
        _confirm(f"Delete everything in {session.home} for good? There is no undo.")
    from freshlegs.diary import Diary
    from freshlegs.sync import running

    running.forget_all(session.home)
    Diary.erase_home(session.home)
    if as_json:
        emit({"erased": str(session.home)})
    else:
        console().print(f"Everything in {session.home} is gone.")


def _new(file: Path) -> Path:
    """A file that may be written: a device or a pipe is never replaced."""
    if file.exists() and not file.is_file():
        raise WrongRequest(f"{file} is no ordinary file")
    return file


def _confirm(question: str) -> None:
    """Ask on a terminal; elsewhere ``--yes`` has to be said. No means nothing is done."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise WrongRequest("this needs a yes: add --yes, or run it on a terminal")
    if not click.confirm(question, default=False, err=True):
        raise NothingDone("nothing was changed")


def _told(file: Path, as_json: bool, sentence: str) -> None:
    if as_json:
        emit({"file": str(file), "bytes": file.stat().st_size})
    else:
        console().print(sentence, soft_wrap=True)
