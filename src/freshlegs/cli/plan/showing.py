"""``plan`` and ``plan show``: what is planned, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import click

from freshlegs.cli.options import json_option, span_options
from freshlegs.cli.output import Head, Page, console, day_words, emit, print_table, weekday
from freshlegs.cli.plan.words import coming_span
from freshlegs.cli.session import Session
from freshlegs.look import QUIET

STATUS: Final[Mapping[str, str]] = {
    "planned": "",
    "done": "done",
    "changed": "run otherwise",
    "missed": "not run",
    "unknown": "?",
}

KINDS: Final[Mapping[str, str]] = {
    "easy": "easy run",
    "long": "long run",
    "tempo": "tempo run",
    "intervals": "intervals",
    "race": "race",
    "strength": "strength",
    "walk": "walk",
    "cross": "cross-training",
    "rest": "rest",
}


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def plan(ctx: click.Context, as_json: bool) -> None:
    r"""Show the two weeks from this Monday; the commands below read, make, adapt and send a plan.

    \b
    freshlegs plan import FILE
    freshlegs plan adapt
    """
    if ctx.invoked_subcommand is None:
        _show(ctx.obj, None, None, as_json)


@click.command()
@span_options
@json_option
@click.pass_obj
def show(session: Session, start: str | None, end: str | None, as_json: bool) -> None:
    """Show the plan of some days, each session with what became of it."""
    _show(session, start, end, as_json)


def _show(session: Session, start: str | None, end: str | None, as_json: bool) -> None:
    first, last = coming_span(session, start, end)
    document = session.diary().plan(first, last)
    if as_json:
        emit(document)
        return
    print_plan(Page(console()), document, str(document["units"]))


def print_plan(page: Page, document: Mapping[str, Any], units: str) -> None:
    """The sentence of today, a line a session, the weeks, what waits for an answer."""
    page.line(str(document["text"]))
    if document["sessions"]:
        page.blank()
        heads = (
            Head("day"),
            Head("session"),
            Head("length", right=True),
            Head("LU", right=True, keep=3),
            Head("", keep=4),
            Head("called", keep=2),
        )
        today = str(document["date"])
        print_table(page.console, heads, [_row(one, today, units) for one in document["sessions"]])
        if any(one["load_estimated"] for one in document["sessions"]):
            page.line("~ estimated from kind and length.", QUIET)
        page.blank()
        for week in document["weeks"]:
            page.line(_week(week))
    if document["unplanned"]:
        days = ", ".join(day_words(run["date"]) for run in document["unplanned"][:5])
        page.line(f"Run without being planned: {days}.", QUIET)
    if document["proposal"] is not None:
        page.blank()
        page.line(f"A proposal waits: {document['proposal']['text']} freshlegs plan adapt shows it.")


def _row(one: Mapping[str, Any], today: str, units: str) -> tuple[str, ...]:
    on = date.fromisoformat(one["date"])
    mark = "> " if one["date"] == today else "  "
    day = f"{mark}{weekday(on)[:3]} {day_words(on, year=on.year)}"
    kind = KINDS[one["kind"]] + (" (may be left out)" if one["optional"] else "")
    status = STATUS[one["status"]] or ("eased" if one["adapted"] else "")
    load = "" if one["kind"] == "rest" else f"{'~' if one['load_estimated'] else ''}{one['load_lu']:.0f}"
    title = " ".join(str(one["title"] or "").split())
    return day, kind, length(one, units), load, status, title


def length(one: Mapping[str, Any], units: str) -> str:
    """Time and distance of a session, as far as they are planned."""
    from freshlegs.units import KM_PER_MILE  # loads Polars: not for --help

    parts = []
    if one["distance_m"]:
        parts.append(f"{one['distance_m'] / 1000 / (KM_PER_MILE if units == 'imperial' else 1):.3g} {_unit(units)}")
    if one["duration_s"]:
        hours, minutes = divmod(round(one["duration_s"] / 60), 60)
        parts.append(f"{hours}:{minutes:02d} h" if hours else f"{minutes} min")
    return ", ".join(parts)


def _unit(units: str) -> str:
    return "mi" if units == "imperial" else "km"


def _week(week: Mapping[str, Any]) -> str:
    easy = week["easy_share"]
    share = "" if easy is None else f", {100 * easy:.0f} % of it easy"
    done = f"; {week['done_lu']:.0f} LU done" if week["done_lu"] else ""
    more = " More than planned so far." if week["more_than_planned"] else ""
    return f"Week of {day_words(week['first'])}: {week['planned_lu']:.0f} LU planned{share}{done}.{more}"


def changes_table(page: Page, changes: Sequence[Mapping[str, Any]], units: str) -> None:
    """Each change of a proposal: before, after, load, and under it why."""
    heads = (Head("day"), Head("planned"), Head("proposed"), Head("LU", right=True), Head("session", keep=1))
    rows = []
    for change in changes:
        on = date.fromisoformat(change["date"])
        rows.append(
            (
                f"{weekday(on)[:3]} {day_words(on, year=on.year)}",
                _sized(change["before"], units),
                _sized(change["after"], units),
                f"{change['load_before_lu']:.0f} → {change['load_after_lu']:.0f}",
                str(change["uid"]),
            )
        )
    print_table(page.console, heads, rows)


def _sized(side: Mapping[str, Any], units: str) -> str:
    size = length(side, units)
    return f"{KINDS[side['kind']]} {size}".strip()
