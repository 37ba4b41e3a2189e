"""``plan adapt``, ``accept``, ``refuse``: a proposal beside the plan, and the runner's answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from freshlegs.cli.options import json_option
from freshlegs.cli.output import Page, console, day_words, emit
from freshlegs.cli.plan.showing import changes_table
from freshlegs.cli.session import Session
from freshlegs.look import QUIET


@click.command()
@json_option
@click.pass_obj
def adapt(session: Session, as_json: bool) -> None:
    """Show what this morning's verdict would change of the plan; nothing changes unless accepted."""
    document = session.diary().adapt_plan()
    if as_json:
        emit(document)
        return
    print_proposal(Page(console()), document, str(document["units"]))


def print_proposal(page: Page, document: Mapping[str, Any], units: str) -> None:
    """The verdict in a line, the changes, their reasons, the weeks, what to do next."""
    page.line(str(document["headline"]))
    page.blank()
    page.line(str(document["text"]), "bold")
    if document["changes"]:
        page.blank()
        changes_table(page, document["changes"], units)
        page.blank()
        page.section("Why", _reasons(document))
    if document["weeks"] and document["changes"]:
        page.section(
            "Load",
            [f"From {day_words(w['first'])}: {w['before_lu']:.0f} → {w['after_lu']:.0f} LU" for w in document["weeks"]],
        )
    page.section("Beside it", list(document["notes"]))
    if document["changes"]:
        page.blank()
        page.line(
            "freshlegs plan accept takes it, --only SESSION a part of it, freshlegs plan refuse leaves the plan.", QUIET
        )


def _reasons(document: Mapping[str, Any]) -> list[str]:
    """Each reason once, with its days; what became of a day stands in the table, each day's whole reason in --json."""
    from freshlegs.recovery.adapting import CAUSE_WORDS, RULES, TIRED_RULES
    from freshlegs.recovery.words import joined

    days: dict[str, list[str]] = {}
    for one in document["changes"]:
        days.setdefault(str(one["rule"]), []).append(day_words(one["date"])[:-5])
    said = [f"{joined(list(dict.fromkeys(on)))}: {RULES[rule]}" for rule, on in days.items()]
    if document["causes"] and days.keys() & TIRED_RULES:
        said.append(f"Likely behind it: {joined([CAUSE_WORDS[cause] for cause in document['causes']])}.")
    return said


@click.command()
@click.option("--only", multiple=True, metavar="SESSION", help="This session's change and no other; may be repeated.")
@json_option
@click.pass_obj
def accept(session: Session, only: tuple[str, ...], as_json: bool) -> None:
    """Take today's proposal into the plan, all of it or the sessions named."""
    _told(session.diary().accept_plan(list(only) if only else None), as_json)


@click.command()
@json_option
@click.pass_obj
def refuse(session: Session, as_json: bool) -> None:
    """Leave the plan as it is."""
    _told(session.diary().refuse_plan(), as_json)


def _told(document: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        emit(document)
    else:
        Page(console()).line(str(document["text"]))
