"""``runs twins``, ``prefer``, ``same``, ``split``, ``merge``, ``undelete``, ``undo``: recordings put right by hand."""

from __future__ import annotations

import click

from freshlegs.cli.frames import run_id
from freshlegs.cli.options import json_option
from freshlegs.cli.output import console, count, emit, hint
from freshlegs.cli.session import Session
from freshlegs.look import QUIET
from freshlegs.problems import NothingDone

ONE = click.argument("run", metavar="ID")
TWO = click.argument("other", metavar="OTHER")


@click.command("twins")
@json_option
@click.pass_obj
def twins(session: Session, as_json: bool) -> None:
    """Show the runs that several files have, and which recording of each is kept."""
    from rich.text import Text

    told = session.diary().twin_runs()
    if as_json:
        emit({"twins": told})
        return
    for run in told:
        console().print(f"{run.start_utc:%Y-%m-%d %H:%M} UTC", highlight=False)
        for one in sorted(run.recordings, key=lambda one: not one.kept):
            how = "kept, preferred by hand" if one.kept and one.preferred else "kept" if one.kept else ""
            samples = count(one.samples, "sample") if one.samples else "no samples"
            line = Text(f"  {one.id[:8]}  {one.kind:10} {samples:14} {how or 'fills gaps':10}  ")
            console().print(line.append(one.source, style=QUIET), soft_wrap=True)
    hint(f"{count(len(told), 'run')} known from several files." if told else "No run is known from several files.")


@click.command("prefer")
@ONE
@json_option
@click.pass_obj
def prefer(session: Session, run: str, as_json: bool) -> None:
    """Keep this recording of a run that several files have."""
    found = session.diary().prefer_run(run)
    _told({"id": found, "preferred": True}, f"{found} is the recording that is kept.", as_json)


@click.command("same")
@ONE
@TWO
@json_option
@click.pass_obj
def same(session: Session, run: str, other: str, as_json: bool) -> None:
    """Say that two recordings are of the same run; the richer one is kept."""
    kept = session.diary().same_run(run, other)
    _told({"id": kept}, f"They are one run: {kept}.", as_json)


@click.command("merge")
@ONE
@TWO
@json_option
@click.pass_obj
def merge(session: Session, run: str, other: str, as_json: bool) -> None:
    """Put two recordings together that followed one another, such as of a watch that was restarted."""
    found = session.diary().merge_runs(run, other)
    _told({"id": found}, f"They are one run: {found}. runs split takes it apart again.", as_json)


@click.command("split")
@ONE
@json_option
@click.pass_obj
def split(session: Session, run: str, as_json: bool) -> None:
    """Take apart what was merged, or what was taken for the same run and is not."""
    found = session.diary().split_run(run)
    _told({"ids": found}, f"They are {len(found)} runs: {', '.join(found)}.", as_json)


@click.command("undelete")
@ONE
@json_option
@click.pass_obj
def undelete(session: Session, run: str, as_json: bool) -> None:
    """Bring a deleted run back."""
    diary = session.diary()
    diary.restore_run(run)
    found = run_id(diary.runs(), run)
    _told({"id": found, "deleted": False}, f"Run {found} is back.", as_json)


@click.command("undo")
@json_option
@click.pass_obj
def undo(session: Session, as_json: bool) -> None:
    """Take back the last change made to a run by hand; again for the one before it."""
    taken = session.diary().undo_run_change()
    if not taken:
        raise NothingDone("there is no change of a run to take back")
    fields = ", ".join(dict.fromkeys(one["field"].replace("_", " ") for one in taken))
    _told({"undone": taken}, f"Taken back for run {taken[0]['run']}: {fields}.", as_json)


def join(runs: click.Group) -> None:
    """Make them commands of ``runs``."""
    for command in (twins, prefer, same, merge, split, undelete, undo):
        runs.add_command(command)


def _told(document: dict[str, object], sentence: str, as_json: bool) -> None:
    if as_json:
        emit(document)
    else:
        console().print(sentence, soft_wrap=True, highlight=False)
