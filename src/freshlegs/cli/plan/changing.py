"""``plan import``, ``add``, ``set``, ``remove``, ``undo``, ``history``: the plan changed, and changed back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from freshlegs.cli.options import json_option
from freshlegs.cli.output import Page, console, count, day_words, emit
from freshlegs.cli.plan.showing import KINDS
from freshlegs.cli.plan.words import coming_day, fields
from freshlegs.cli.session import DONE, SOME_REFUSED, Session
from freshlegs.look import QUIET
from freshlegs.problems import WrongRequest

SHOWN: Final = 12
"""Problems listed to people; --json lists all."""

LEFT_OUT: Final = ("left out", "cannot be read")


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--add", is_flag=True, help="Keep what is planned on those days beside it.")
@click.option("--date", "day", metavar="D", help="The day of a FIT workout, which names none.")
@json_option
@click.pass_obj
def import_(session: Session, files: tuple[Path, ...], add: bool, day: str | None, as_json: bool) -> int:
    """Read a plan: a calendar (.ics), CSV, YAML, FIT workouts.

    From today on, the days the file spans become what it says; plan undo takes it back.
    """
    on = None if day is None else coming_day(day, session.today)
    document = session.diary().import_plan(list(files), add=add, on=on)
    if as_json:
        emit(document)
    else:
        _print(Page(console()), document)
    lost = document["refused"] or any(any(word in p["message"] for word in LEFT_OUT) for p in document["problems"])
    return SOME_REFUSED if lost else DONE


def _print(page: Page, document: Mapping[str, Any]) -> None:
    kinds = ", ".join(f"{number} {KINDS[kind]}" for kind, number in document["kinds"].items())
    first, last = day_words(document["first"]), day_words(document["last"])
    page.line(f"{count(document['sessions'], 'session')} from {first} to {last}: {kinds}.")
    parts = [f"{document[name]} {name}" for name in ("added", "changed", "removed", "unchanged") if document[name]]
    page.line(f"In the plan: {', '.join(parts)}. freshlegs plan undo takes it back." if parts else "Nothing changed.")
    problems = document["problems"]
    if problems:
        page.blank()
        page.section("Look at", [("· ", _place(problem)) for problem in problems[:SHOWN]])
        if len(problems) > SHOWN:
            page.line(f"and {len(problems) - SHOWN} more; --json lists all.", QUIET)


def _place(problem: Mapping[str, str]) -> str:
    where = f", {problem['where']}" if problem["where"] else ""
    return f"{Path(problem['source']).name}{where}: {problem['message']}"


@click.command()
@click.argument("day", metavar="DATE")
@click.argument("kind")
@click.argument("pairs", nargs=-1, metavar="[KEY=VALUE]...")
@json_option
@click.pass_obj
def add(session: Session, day: str, kind: str, pairs: tuple[str, ...], as_json: bool) -> None:
    r"""Plan one session by hand.

    \b
    freshlegs plan add sunday long distance=18km at=9:00
    freshlegs plan add 2027-10-10 race distance=42.2km title="Autumn marathon"
    """
    from freshlegs import values
    from freshlegs.diary.plans.keeping import EDITABLE

    today = session.today
    on = coming_day(day, today)
    word = values.value(EDITABLE["kind"], kind, today)
    given = fields(pairs, today)
    uid = session.diary().add_session(on, word, **given)
    if as_json:
        emit({"uid": uid, "date": on, "kind": word, **given})
    else:
        console().print(f"Planned: {KINDS[word]} on {day_words(on)} ({uid}).")


@click.command("set")
@click.argument("uid", metavar="SESSION")
@click.argument("pairs", nargs=-1, required=True, metavar="KEY=VALUE...")
@json_option
@click.pass_obj
def set_(session: Session, uid: str, pairs: tuple[str, ...], as_json: bool) -> None:
    r"""Change one session by hand; SESSION is its uid, the beginning of it, or its day.

    \b
    freshlegs plan set 2026-05-10 distance=16km
    freshlegs plan set hand-3 date=saturday kind=easy duration=45min
    """
    given = fields(pairs, session.today)
    full = session.diary().set_session(_name(uid, session), **given)
    if as_json:
        emit({"uid": full, "changed": given})
    else:
        console().print(f"Changed {full}: {', '.join(given)}.")


@click.command()
@click.argument("uids", nargs=-1, required=True, metavar="SESSION...")
@json_option
@click.pass_obj
def remove(session: Session, uids: tuple[str, ...], as_json: bool) -> None:
    """Take sessions out of the plan."""
    found = session.diary().remove_sessions(*(_name(uid, session) for uid in uids))
    if as_json:
        emit({"removed": found})
    else:
        console().print(f"Taken out: {', '.join(found)}. freshlegs plan undo brings it back.")


def _name(text: str, session: Session) -> str:
    """today, tomorrow and weekdays stand for their date."""
    word = text.strip().lower()
    if not word.isalpha():
        return text
    try:
        return coming_day(word, session.today).isoformat()
    except WrongRequest:
        return text


@click.command()
@click.option("--steps", type=int, default=1, show_default=True, metavar="N", help="How many changes to take back.")
@json_option
@click.pass_obj
def undo(session: Session, steps: int, as_json: bool) -> None:
    """Take back the last change of the plan, whatever made it."""
    document = session.diary().undo_plan(steps)
    if as_json:
        emit(document)
        return
    for one in document["undone"]:
        console().print(f"Taken back: {one['text']} ({one['about']}).")
    console().print(f"The plan now holds {count(document['sessions'], 'session')}.")


@click.command()
@json_option
@click.pass_obj
def history(session: Session, as_json: bool) -> None:
    """List every change of the plan, the last first."""
    document = session.diary().plan_history()
    if as_json:
        emit(document)
        return
    page = Page(console())
    if not document["versions"]:
        page.line("The plan has had no change yet.")
    for one in document["versions"]:
        mark = ", taken back" if one["undone_at"] else ", holds now" if one["holds"] else ""
        page.line(f"{one['version']}  {one['made_at'][:16].replace('T', ' ')} UTC  {one['text']}: {one['about']}{mark}")
