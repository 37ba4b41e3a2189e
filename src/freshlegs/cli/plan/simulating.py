"""``plan simulate``: the coming weeks as the plan stands, and as a proposal would make it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import click

from freshlegs.cli.options import json_option
from freshlegs.cli.output import Head, Page, console, day_words, emit, print_table, weekday
from freshlegs.cli.session import Session
from freshlegs.look import QUIET


@click.command()
@click.option("--days", type=int, default=14, show_default=True, metavar="N", help="How many days ahead, up to 42.")
@json_option
@click.pass_obj
def simulate(session: Session, days: int, as_json: bool) -> None:
    """Simulate the coming weeks: load, trends, and the chance of each state, with and without the proposal."""
    document = session.diary().simulate_plan(days)
    if as_json:
        emit(document)
    else:
        print_simulation(Page(console()), document)


def print_simulation(page: Page, document: Mapping[str, Any]) -> None:
    """The sentence, a line a day for the plan and for the proposal, the assumptions."""
    page.line(str(document["text"]))
    for name, side in (("If the plan stays", document["plan"]), ("With the proposal", document["proposal"])):
        if side is not None:
            page.blank()
            page.line(name, "bold")
            _table(page, side["days"])
    page.blank()
    page.line(
        "Fitness and fatigue: load trends of six weeks and of one, LU a day. Balance: the one less the other.", QUIET
    )
    for said in document["assumptions"]:
        page.line(said, QUIET)


def _table(page: Page, days: Sequence[Mapping[str, Any]]) -> None:
    heads = (
        Head("day"),
        Head("LU", right=True),
        Head("fitness", right=True, keep=3),
        Head("fatigue", right=True, keep=3),
        Head("balance", right=True, keep=2),
        Head("fresh", right=True, keep=4),
        Head("normal", right=True, keep=4),
        Head("beyond normal", right=True),
    )
    print_table(page.console, heads, [_row(day) for day in days])


def _row(day: Mapping[str, Any]) -> tuple[str, ...]:
    on = date.fromisoformat(day["date"])
    states = day["states"]
    shares = ("", "", "")
    if states is not None:
        beyond = states["excessive"] + states["possible_overtraining"]
        shares = tuple(f"{100 * share:.0f} %" for share in (states["fresh"], states["cumulative"], beyond))  # type: ignore[assignment]
    trends = ("" if day[name] is None else f"{day[name]:.0f}" for name in ("fitness_lu", "fatigue_lu", "balance_lu"))
    return (f"{weekday(on)[:3]} {day_words(on, year=on.year)}", f"{day['load_lu']:.0f}", *trends, *shares)
