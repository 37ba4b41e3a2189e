"""``watch``: new files of a folder are imported as they appear."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from freshlegs.cli.options import json_option
from freshlegs.cli.output import console, count, emit, hint, is_utf8
from freshlegs.cli.reading import TABLES, exit_code, print_report
from freshlegs.cli.session import DONE, Session
from freshlegs.plain import plain
from freshlegs.problems import WrongRequest
from freshlegs.vocabulary import SCHEMA_VERSION

if TYPE_CHECKING:
    from freshlegs.diary import Diary
    from freshlegs.diary.importing import ImportReport


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--every", "every_s", type=click.FloatRange(min=0.1), default=5.0, show_default=True, help="Seconds.")
@click.option("--once", is_flag=True, help="Import what is there now, half-written files too once they are whole; end.")
@json_option
@click.pass_obj
def watch(session: Session, folder: Path, every_s: float, once: bool, as_json: bool) -> int:
    """Import new files of a folder as they appear, until Ctrl-C.

    With --json one JSON document a line, a line for each file; with --once one document at the end.
    """
    from freshlegs.diary import watching

    signal.signal(signal.SIGTERM, _stop)
    diary = session.diary()
    if once:
        return _once(diary, folder, every_s, as_json)
    if not folder.is_dir():
        raise WrongRequest(f"there is no folder {folder}")
    looks = watching.watch(diary, folder, every_s=every_s)
    files = 0
    try:
        hint(f"Watching {folder}. Ctrl-C ends it.")
        for look in looks:
            if look.word:
                hint(f"freshlegs: {look.word}")
            if look.report is not None:
                files += look.report.files
                _tell(look.paths, look.report, as_json)
    except KeyboardInterrupt:
        hint(f"Stopped; {count(files, 'file')} met, everything imported is kept.")
    return DONE


def _stop(*_: object) -> NoReturn:
    """Asked by the system to end: as by Ctrl-C."""
    raise KeyboardInterrupt


def _once(diary: Diary, folder: Path, every_s: float, as_json: bool) -> int:
    from freshlegs.diary import watching
    from freshlegs.diary.importing import ImportReport

    whole = ImportReport()
    for look in watching.watch(diary, folder, every_s=min(every_s, 1.0), once=True):
        if look.word:
            hint(f"freshlegs: {look.word}")
        if look.report is not None:
            watching.add(whole, look.report)
    if as_json:
        emit(whole.as_dict())
    else:
        print_report(console(), whole)
    return exit_code(whole)


def _tell(paths: list[Path], report: ImportReport, as_json: bool) -> None:
    """One line a file; of many at once one line, and one for each that was refused."""
    if as_json:
        _line({"file": str(paths[0]) if len(paths) == 1 else None, **report.as_dict()})
        return
    name = str(paths[0]) if len(paths) == 1 else count(len(paths), "file")
    refused = report.refused
    if len(paths) == 1 and refused and report.files == len(refused):
        sys.stdout.write(f"{name}: not read: {refused[0].message}\n")
    else:
        sys.stdout.write(f"{name}: {said(report)}\n")
        sys.stdout.writelines(f"{problem.source}: not read: {problem.message}\n" for problem in refused)
    sys.stdout.flush()


def brought(imported: Mapping[str, int]) -> str:
    """New rows by table: ``3 runs, 1 night``; empty when there are none."""
    return ", ".join(count(number, TABLES.get(name, name).rstrip("s")) for name, number in imported.items() if number)


def said(report: ImportReport) -> str:
    """What an import brought, in half a line."""
    parts = [new] if (new := brought(report.imported)) else []
    if report.same_run:
        parts.append(f"{count(report.same_run, 'recording')} of runs known from another file")
    if report.already_known and not parts:
        return "known already"
    return ", ".join(parts) or "nothing new"


def _line(document: Mapping[str, Any]) -> None:
    whole = {"schema_version": SCHEMA_VERSION, **document}
    sys.stdout.write(json.dumps(plain(whole), ensure_ascii=not is_utf8(), allow_nan=False) + "\n")
    sys.stdout.flush()
