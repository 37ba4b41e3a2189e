"""``forecast``: how tired tomorrow and the next days, as felt."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import click

from freshlegs.cli.options import json_option
from freshlegs.cli.output import Head, Page, console, day_words, emit, print_table, weekday
from freshlegs.cli.session import Session
from freshlegs.look import QUIET

WEEK: Final = 7


@click.command()
@click.option("--days", type=int, default=WEEK, show_default=True, metavar="N", help="How many days ahead, up to 28.")
@click.option("--load", metavar="LU,LU,…", help="The coming load, today's first, or: rest. Says how soon signs may go.")
@json_option
@click.pass_obj
def forecast(session: Session, days: int, load: str | None, as_json: bool) -> None:
    r"""Say how tired tomorrow and the next days may feel, and how sure that is.

    \b
    freshlegs forecast --days 3
    freshlegs forecast --load 60,0,80,0,60
    freshlegs forecast --load rest
    """
    from freshlegs.diary.ahead import parse_load

    document = session.diary().forecast(days, load=None if load is None else parse_load(load))
    if as_json:
        emit(document)
        return
    _print(document)


def _print(document: Mapping[str, Any]) -> None:
    page = Page(console())
    if document["days"]:
        page.line(str(document["text"]))
        page.blank()
        heads = (Head("day"), Head("energy", right=True), Head("a tired day", right=True))
        print_table(page.console, heads, [_row(day) for day in document["days"]])
        page.line(str(document["range"]), QUIET)
    else:
        page.line(f"No forecast: {document['why']}.")
    again = document["fresh_again"]
    if again is not None:
        page.blank()
        page.line(str(again["text"]))


def _row(day: Mapping[str, Any]) -> tuple[str, ...]:
    on = date.fromisoformat(day["date"])
    name = f"{weekday(on)} {day_words(on, year=on.year)}"
    return name, f"{day['energy_mean']:.1f} ± {day['energy_sd']:.1f}", f"{100 * day['p_tired']:.0f} %"
