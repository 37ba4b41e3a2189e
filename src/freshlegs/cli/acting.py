"""``actions`` and ``action``: what became of the advice, and whether it helped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import click

from freshlegs import values, words
from freshlegs.cli.options import date_option, json_option
from freshlegs.cli.output import Head, Page, Paragraph, console, day_words, emit, print_table
from freshlegs.cli.session import Session
from freshlegs.look import CALM, QUIET
from freshlegs.problems import WrongRequest

SAID: Final[dict[str, str]] = {"done": "done", "accept": "accepted", "skipped": "skipped", "not-for-me": "not_for_me"}
MARKS: Final[dict[str, str]] = {
    "done": "done",
    "accepted": "taken up",
    "skipped": "skipped",
    "not_for_me": "not for me",
}
MOST_EARLIER: Final = 12


@click.command()
@date_option
@json_option
@click.pass_obj
def actions(session: Session, day: str | None, as_json: bool) -> None:
    """List today's advice with what became of it, and what earlier advice did for you."""
    document = session.diary().actions(None if day is None else values.day(day, session.today))
    if as_json:
        emit(document)
        return
    _print(document)


@click.command()
@click.argument("answer", metavar="done|skipped|not-for-me|accept|undo")
@click.argument("action", metavar="ID")
@date_option
@json_option
@click.pass_obj
def action(session: Session, answer: str, action: str, day: str | None, as_json: bool) -> None:
    r"""Say what became of a piece of advice; freshlegs actions lists the IDs.

    What is not for you is not suggested again until you take that back. Earlier verdicts stay as they were told.

    \b
    freshlegs action done sleep_extension
    freshlegs action skipped strength_two --date yesterday
    freshlegs action not-for-me nap
    freshlegs action accept watch_rest_test        (two easy days, then a question)
    freshlegs action undo nap                      (takes the last word back)
    """
    diary = session.diary()
    on = session.today if day is None else values.day(day, session.today)
    if answer == "undo":
        taken = diary.unmark_action(action, None if day is None else on)
        told = f"Taken back: {action} was {MARKS[taken['answer']]} on {day_words(taken['date'])}."
    elif answer in SAID:
        _known(action)
        diary.mark_action(action, SAID[answer], on)
        told = f"Noted for {day_words(on)}: {action} {MARKS[SAID[answer]]}."
        if answer == "not-for-me":
            told += f" It is not suggested again; freshlegs action undo {action} takes that back."
    else:
        raise values.unknown("answer", answer, (*SAID, "undo"))
    if as_json:
        emit(diary.actions(on))
        return
    console().print(told, soft_wrap=True)


def _known(action: str) -> None:
    """Refuse an unknown name with the nearest one."""
    from freshlegs.recovery.tracking import known_actions

    names = known_actions()
    if action not in names:
        close = values.nearest(action, names)
        raise WrongRequest(
            f"there is no action {action!r}; " + (f"did you mean {close}?" if close else "freshlegs actions lists them")
        )


def _print(document: Mapping[str, Any]) -> None:
    from rich.text import Text

    page = Page(console())
    lines: list[Paragraph] = []
    for one in document["actions"]:
        line = Text(one["id"], style="bold").append(f" ({MARKS[one['mark']]})" if one["mark"] else "", style=CALM)
        lines.append(line.append(f": {one['what']}", style="not bold"))
    page.section(day_words(document["date"], year=int(document["date"][:4])), lines)
    if document["tried"]:
        page.blank()
        page.section("Did it help?", [f"{_named(one)}: {one['text']}" for one in document["tried"]])
    if document["not_for_me"]:
        page.blank()
        refused = [f"{one['id']}, since {day_words(one['since'])}" for one in document["not_for_me"]]
        page.section("Not for you", refused)
    marked = [one for one in document["earlier"] if one["mark"]]
    if marked:
        page.blank()
        heads = (Head("earlier"), Head("what"), Head("you said"))
        rows = [(day_words(one["date"]), one["id"], MARKS[one["mark"]]) for one in marked[:MOST_EARLIER]]
        print_table(page.console, heads, rows)
    page.line("What became of it? freshlegs action done ID, or skipped, or not-for-me", QUIET)


def _named(one: Mapping[str, Any]) -> str:
    if one["kind"] == "sleep_habit":
        return f"{words.name({}, one['id'])} (habit)"
    return str(one["id"])
