"""``import``: files, folders and zips into the diary, with what was refused and why."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from freshlegs.cli.options import json_option
from freshlegs.cli.output import Page, Paragraph, console, count, emit, hint
from freshlegs.cli.session import DONE, NOTHING, SOME_REFUSED, Session
from freshlegs.look import CALM, QUIET
from freshlegs.problems import WrongRequest

if TYPE_CHECKING:
    from rich.console import Console

    from freshlegs.diary.importing import ImportReport
    from freshlegs.problems import Problem

SHOWN_A_REASON: Final = 3
"""Refused files listed to people for each kind of reason; --verbose and --json list all."""

Progress = Callable[[int, int | None, str], None]


@click.command("import")
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option(
    "--map", "map_file", type=click.Path(dir_okay=False, path_type=Path), help="A column map for CSV files (TOML)."
)
@click.option(
    "--guess",
    "guess_for",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="CSV",
    help="Import nothing: print a column map guessed for this table, to correct and give with --map.",
)
@click.option("--verbose", is_flag=True, help="List every refused file.")
@json_option
@click.pass_obj
def import_(
    session: Session,
    paths: tuple[str, ...],
    map_file: Path | None,
    guess_for: Path | None,
    verbose: bool,
    as_json: bool,
) -> int:
    """Read files, folders and zips, recognised by content; safe to repeat.

    A refused file is listed with its reason, and the rest is read.
    """
    if guess_for is not None:
        return print_guess(guess_for, as_json)
    if not paths:
        raise click.UsageError("Missing argument 'PATH...'.")
    maps = None if map_file is None else {map_file.stem: read_map(map_file)}
    diary = session.diary()
    with bar(paths, shown=not as_json) as progress:
        report = diary.import_files([Path(path) for path in paths], progress=progress, column_maps=maps)
    if as_json:
        emit(report.as_dict())
    else:
        print_report(console(), report, verbose=verbose)
    code = exit_code(report)
    if code == NOTHING:
        hint(f"freshlegs: nothing could be read: {_first_reason(report.refused)}")
    return code


def _first_reason(refused: Sequence[Problem]) -> str:
    """Why, in one sentence, for standard error; the whole list stands elsewhere."""
    first = refused[0]
    more = f"; {len(refused) - 1} more {'is' if len(refused) == 2 else 'are'} listed" if len(refused) > 1 else ""
    return f"{first.source}: {first.message}{more}"


def exit_code(report: ImportReport) -> int:
    """0 done; 1 done, with some input refused; 3 nothing could be done.

    Part of a file that was left out is refused input too; a note (a time zone that was assumed) is not.
    """
    if not any(problem.costs for problem in report.problems):
        return DONE
    return SOME_REFUSED if report.files > len(report.refused) else NOTHING


def print_guess(path: Path, as_json: bool) -> int:
    """A guessed column map of a table nobody has seen before, on standard output."""
    from freshlegs.importers.csv_guess import guess
    from freshlegs.problems import NothingDone, UnreadableFile

    try:
        found = guess(path.read_bytes())
    except OSError as error:
        raise NothingDone(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from None
    except UnreadableFile as error:
        raise NothingDone(f"{path}: {error}") from None
    if found is None:
        raise NothingDone(f"{path}: its columns tell too little; docs/how-to/csv.md says how to write a map")
    if as_json:
        emit({"map": found.as_map(), "unsure": found.unsure, "passed_over": found.others})
    else:
        sys.stdout.write(found.as_toml())
        hint(f"Keep it in a file (… > map.toml), correct it, then: freshlegs import --map map.toml {path}")
    return DONE


def read_map(path: Path) -> dict[str, Any]:
    """A column map from its TOML file; see docs/how-to/csv.md."""
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongRequest(f"the column map {path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongRequest(f"the column map {path} is no valid TOML: {error}") from None


class Bar:
    """Files, rate and time left on a terminal's standard error; nothing elsewhere."""

    def __init__(self, paths: Sequence[str | Path], shown: bool = True) -> None:
        self._paths = paths
        self._shown = shown
        self._total: int | None = None
        self._progress: Any = None
        self._task: Any = None

    def __enter__(self) -> Progress:
        if self._shown and sys.stderr.isatty():
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            self._progress = Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=24, complete_style=CALM, finished_style=CALM, pulse_style=CALM),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(compact=True, elapsed_when_finished=True),
                console=console(error=True),
                transient=True,
            )
            self._progress.start()
            self._total = count_files(self._paths)
            self._task = self._progress.add_task("Reading", total=None, rate="")
        return self.update

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def update(self, done: int, total: int | None = None, name: str = "") -> None:
        """``done`` of ``total`` files are read (``total`` is None while it is not known)."""
        if self._progress is None:
            return
        speed = self._progress.tasks[0].finished_speed or self._progress.tasks[0].speed
        rate = "" if not speed else f"{speed:.0f} files/s"
        self._progress.update(self._task, completed=done, total=self._total if total is None else total, rate=rate)


def bar(paths: Sequence[str | Path], *, shown: bool = True) -> Bar:
    """The progress bar of an import."""
    return Bar(paths, shown)


def count_files(paths: Sequence[str | Path]) -> int:
    """About how many files lie there, zips looked into once: for the time left, nothing else."""
    import zipfile

    number = 0
    for path in map(Path, paths):
        for file in (inner for inner in path.rglob("*") if inner.is_file()) if path.is_dir() else [path]:
            try:
                if file.suffix.lower() == ".zip":
                    with zipfile.ZipFile(file) as archive:
                        number += sum(not entry.is_dir() for entry in archive.infolist())
                    continue
            except (OSError, zipfile.BadZipFile, ValueError):
                pass
            number += 1
    return number


def print_report(console: Console, report: ImportReport, *, verbose: bool = False) -> None:
    """The import in a few lines: what is new by table, what was known, what was refused and why, what is to note."""
    page = Page(console)
    page.line(f"Read {count(report.files, 'file')} in {report.seconds:.1f} s.")
    new = [count(number, TABLES.get(name, name).rstrip("s")) for name, number in report.imported.items() if number]
    page.section("New", [", ".join(new) if new else "nothing"])
    page.section("Became", _became(report))
    if report.same_run:
        page.section("Same run", _same_runs(report, verbose))
    if report.read_again:
        page.section("Read again", [f"{count(report.read_again, 'file')}, now in your time zone"])
    if report.already_known:
        page.section("Known already", [count(report.already_known, "file")])
    page.section("Refused", reasons(report.refused, verbose))
    rest = [problem for problem in report.problems if not problem.refused]
    page.section("Left out", reasons([problem for problem in rest if problem.lost], verbose))
    page.section("Worth knowing", reasons([problem for problem in rest if not problem.lost], verbose))
    if not verbose and any(len(group) > SHOWN_A_REASON for group in by_reason(report.problems).values()):
        hint("--verbose lists every file.")


TABLES: Final[dict[str, str]] = {"checkins": "check-ins"}


def _became(report: ImportReport) -> list[Paragraph]:
    """What the files of each kind became, most files first; nothing to add where there is one kind of one thing."""
    from freshlegs.diary.importing import BECOMES, REFUSED

    lines: list[Paragraph] = []
    read = {kind: became for kind, became in report.kinds.items() if kind != REFUSED}
    for kind, became in sorted(read.items(), key=lambda item: -item[1]["files"]):
        rows = [count(became[name], TABLES.get(name, name).rstrip("s")) for name in BECOMES if became[name]]
        lines.append(f"{count(became['files'], f'{kind} file')}: {', '.join(rows) or 'nothing for the diary'}")
    return lines


def _same_runs(report: ImportReport, verbose: bool) -> list[Paragraph]:
    """How many recordings are of runs known from another file, by kind, and how to turn the choice round."""
    from collections import Counter

    from rich.text import Text

    lines: list[Paragraph] = [f"{count(report.same_run, 'recording')} of runs known from another file"]
    for (kind, kept), number in Counter((one.kind, one.kept_kind) for one in report.same_runs).most_common():
        lines.append(("  ", Text(f"{kind} and {kept}, {kept} kept: {number}", style=QUIET)))
    if verbose:
        for one in report.same_runs:
            shown = f"{one.source} is {one.kept[:8]} of {one.kept_source}"
            lines.append(("  ", Text(shown, style=QUIET)))
    lines.append("freshlegs runs twins shows them; runs prefer and runs split turn the choice round.")
    return lines


def by_reason(problems: Sequence[Problem]) -> dict[str, list[Problem]]:
    """The problems grouped by kind of reason: messages that differ only in names and numbers are one kind.

    >>> from freshlegs.problems import Problem
    >>> len(by_reason([Problem("a", "", "a is empty"), Problem("b", "", "b is empty")]))
    1
    """
    groups: dict[str, list[Problem]] = {}
    for problem in problems:
        name = problem.source.rsplit("/", 1)[-1]
        message = problem.message.replace(problem.source, "").replace(name, "")
        groups.setdefault(re.sub(r"'[^']*'|\([^)]*\)|\d+(\.\d+)?", "#", message).strip(), []).append(problem)
    return dict(sorted(groups.items(), key=lambda item: -len(item[1])))


def reasons(problems: Sequence[Problem], verbose: bool = False) -> list[Paragraph]:
    """Each kind of reason in the words of its first file, and the files."""
    from rich.text import Text

    lines: list[Paragraph] = []
    for group in by_reason(problems).values():
        files = len({problem.source for problem in group})
        often = "" if len(group) == 1 else f"{count(files, 'file')}: " if files > 1 else f"{len(group)} times: "
        lines.append(often + group[0].message)
        for problem in group if verbose else group[:SHOWN_A_REASON]:
            place = f", {problem.where}" if problem.where else ""
            other = "" if problem.message == group[0].message else f": {problem.message}"
            lines.append(("  ", Text(f"{problem.source}{place}{other}", style=QUIET)))
        if not verbose and len(group) > SHOWN_A_REASON:
            lines.append(("  ", Text(f"… and {len(group) - SHOWN_A_REASON} more", style=QUIET)))
    return lines
