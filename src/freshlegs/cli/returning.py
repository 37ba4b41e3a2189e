"""``return``: the way back to running, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from freshlegs import values
from freshlegs.cli.options import date_option, json_option
from freshlegs.cli.output import Page, Paragraph, console, day_words, emit
from freshlegs.cli.session import Session
from freshlegs.problems import WrongRequest

AFTER = {"excessive": "excessive fatigue", "overtraining": "possible overtraining", "illness": "an illness"}


@click.command("return")
@click.argument("what", required=False, metavar="[start|stop]")
@click.argument("after", required=False, metavar="[excessive|overtraining]")
@date_option
@json_option
@click.pass_obj
def return_(session: Session, what: str | None, after: str | None, day: str | None, as_json: bool) -> None:
    r"""Show the way back to running after excessive fatigue, overtraining or an illness: the step, and what moves it.

    It begins by itself when the verdict has lifted, and moves with your mornings: forward when they are good, a step
    back after a bad one.

    \b
    freshlegs return
    freshlegs return start excessive       (begins it anew, at its first step)
    freshlegs return stop                  (back to the plan)
    """
    diary = session.diary()
    on = session.today if day is None else values.day(day, session.today)
    if what == "start":
        if after is None:
            raise WrongRequest("after what? write: freshlegs return start excessive, or overtraining")
        diary.begin_way_back(after, on)
    elif what == "stop":
        diary.stop_way_back()
    elif what is not None:
        raise values.unknown("word", what, ("start", "stop"))
    found = diary.way_back(on)
    if as_json:
        emit({"date": on, "way_back": found})
        return
    print_way_back(found)


def print_way_back(found: Mapping[str, Any] | None) -> None:
    """The step, since when, what moves it, and how it came there."""
    page = Page(console())
    if found is None:
        page.line("No way back is under way: run by the verdict and the plan. freshlegs today")
        return
    began = f"after {AFTER[found['kind']]}, since {day_words(found['began'])}"
    page.line(f"Step {found['step']} of {found['of']} on the way back {began}", style="bold")
    page.line(found["what"])
    page.blank()
    page.section("Moves on", [found["moves_on"]])
    page.section("Moves back", [found["moves_back"]])
    moved: list[Paragraph] = [f"{day_words(one['date'])}: step {one['step']}, {one['why']}" for one in found["moved"]]
    page.section("So far", moved[-8:])
