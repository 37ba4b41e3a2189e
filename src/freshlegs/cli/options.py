"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from freshlegs.problems import NothingDone, WrongRequest

F = TypeVar("F", bound=Callable[..., Any])


class _NewFile(click.Path):
    """A file to write: in a folder that is there and may be written to, and nothing of a diary."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path, if something may be written there."""
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        allowed(path)
        return path


def allowed(path: Path) -> None:
    """Raises `WrongRequest` or `NothingDone`, in one sentence, where no file can be written under that name."""
    from freshlegs.store import is_of_a_diary

    if not path.parent.is_dir():
        raise WrongRequest(f"there is no folder {path.parent}")
    if is_of_a_diary(path):
        raise WrongRequest(f"{path} is a diary itself; name another file")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise NothingDone(f"{path} cannot be written: the folder or the file is not yours to write to")


NEW_FILE: Final = _NewFile(dir_okay=False, path_type=Path)


def json_option(function: F) -> F:
    """``--json``: one JSON document on standard output and nothing else there."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")(function)


def date_option(function: F) -> F:
    """``--date``: another day than today."""
    return click.option("--date", "day", metavar="D", help="Another day: 2026-05-04, today, yesterday.")(function)


def span_options(function: F) -> F:
    """``--from`` and ``--to``, both days included."""
    function = click.option("--to", "end", metavar="D", help="Last day.")(function)
    return click.option("--from", "start", metavar="D", help="First day.")(function)
