"""``today`` and ``history``: the verdict of a morning, and of many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import click

from freshlegs import values, words
from freshlegs.cli.options import date_option, json_option, span_options
from freshlegs.cli.output import Head, console, emit, hint, print_table
from freshlegs.cli.session import Session
from freshlegs.look import SHORT, look
from freshlegs.problems import WrongRequest
from freshlegs.telling import beyond_normal, percent, present_signs

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

SHOWN_DAYS: Final = 28
"""Days shown to people who ask for no span."""

LONG_AGO: Final = timedelta(days=366)

MOST_NARROW: Final = 56
"""Columns from which on there is room for signs."""


@click.command()
@date_option
@json_option
@click.pass_obj
def today(session: Session, day: str | None, as_json: bool) -> None:
    """Say how tired, why, and what to do: the verdict of this morning."""
    wanted = None if day is None else values.day(day, session.today)
    if wanted is not None and wanted > session.today:
        raise WrongRequest(f"{wanted} lies in the future; a verdict is made from what was known that morning")
    document = session.diary().today(wanted)
    if as_json:
        emit(document)
        return
    from freshlegs.cli.verdict import print_verdict

    print_verdict(console(), document)


@click.command()
@span_options
@json_option
@click.pass_obj
def history(session: Session, start: str | None, end: str | None, as_json: bool) -> None:
    """List one verdict a day, each made from what was known that morning."""
    first, last = span(session, start, end)
    documents = session.diary().history(_from_the_first_data(session, first), last)
    if as_json:
        emit({"days": list(documents)})
        return
    shown = list(documents) if first is not None or last is not None else list(documents)[-SHOWN_DAYS:]
    if not shown:
        hint("No day of the diary lies there yet.")
        return
    print_history(console(), shown)
    if len(shown) < len(documents):
        hint(f"The last {len(shown)} of {len(documents)} days; --from shows earlier ones.")


def _from_the_first_data(session: Session, first: date | None) -> date | None:
    """The day asked for, or the first with data if that is more than a year later: nothing is told of empty years."""
    if first is None or session.today - first < LONG_AGO:
        return first
    known = session.diary().days()["date"]
    earliest = known[0] if len(known) else session.today
    return earliest if earliest - first > LONG_AGO else first


def span(session: Session, start: str | None, end: str | None) -> tuple[date | None, date | None]:
    """The two days asked for, in order."""
    first = None if start is None else values.day(start, session.today)
    last = None if end is None else values.day(end, session.today)
    if first is not None and last is not None and first > last:
        raise WrongRequest(f"--from {first} lies after --to {last}")
    return first, last


def print_history(console: Console, documents: Sequence[Mapping[str, Any]]) -> None:
    """A line a day: date, state, how likely it is beyond normal, strongest signs; gaps stay gaps."""
    from rich.text import Text

    heads = (Head("day"), Head("state"), Head("beyond normal", right=True, keep=2), Head("strongest signs", keep=1))
    rows: list[tuple[Text | str, ...]] = []
    before: date | None = None
    for document in documents:
        day = date.fromisoformat(str(document["date"])[:10])
        if before is not None and day - before > timedelta(days=1):
            rows.append(("…", "", "", ""))
        before = day
        seen = look(str(document["state"]))
        beyond = beyond_normal(document)
        memory = ", from memory" if document.get("from_memory") else ""
        state = Text(f"{seen.shape} {SHORT.get(str(document['state']), seen.word)}{memory}", style=seen.colour)
        rows.append((day.isoformat(), state, "" if beyond is None else percent(beyond), strongest(document)))
    if console.width >= MOST_NARROW:
        heads = (*heads[:3], Head("strongest signs"))
    print_table(console, heads, rows)


def strongest(document: Mapping[str, Any], most: int = 3) -> str:
    """The strongest present signs of a day, in words."""
    present = present_signs(document.get("signs") or ())
    return ", ".join(words.name(words.SIGNS, str(sign["sign"])) for sign in present[:most])
