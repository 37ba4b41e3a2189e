"""``plan make``: a simple plan up to a race."""

from __future__ import annotations

import click

from freshlegs.cli.options import json_option
from freshlegs.cli.output import Page, console, emit
from freshlegs.cli.plan.words import coming_day, weekdays
from freshlegs.cli.session import Session


@click.command()
@click.option("--race", required=True, metavar="DATE", help="The day of the race.")
@click.option("--distance", required=True, metavar="D", help="How far: 42.2km, 10mi, half, marathon.")
@click.option("--days", type=int, default=4, show_default=True, metavar="N", help="Runs a week, two to six.")
@click.option("--on", "on", metavar="DAYS", help="Their weekdays instead: mon,wed,sun.")
@click.option("--week", metavar="D", help="Distance you run a week now; else from your runs.")
@click.option("--longest", metavar="D", help="Your longest run of the last 30 days; else from your runs.")
@click.option("--title", metavar="TEXT", help="What the race is called.")
@json_option
@click.pass_obj
def make(
    session: Session,
    race: str,
    distance: str,
    days: int,
    on: str | None,
    week: str | None,
    longest: str | None,
    title: str | None,
    as_json: bool,
) -> None:
    r"""Make a simple plan up to a race, from what you run now.

    Mostly easy, a little more each week, lighter every fourth, less before the race. It takes the place of what is
    planned until then; plan undo takes it back.

    \b
    freshlegs plan make --race 2027-10-10 --distance 42.2km --days 4
    freshlegs plan make --race 2027-06-19 --distance 10km --on tue,thu,sun --week 25km --longest 9km
    """
    from freshlegs.diary.plans.typed import typed

    document = session.diary().make_plan(
        coming_day(race, session.today),
        typed("distance_m", distance),
        days=days,
        on=None if on is None else weekdays(on),
        week_m=None if week is None else typed("distance_m", week),
        longest_m=None if longest is None else typed("distance_m", longest),
        title=title,
    )
    if as_json:
        emit(document)
        return
    page = Page(console())
    page.line(str(document["text"]))
    page.blank()
    page.section("Assumed", [("· ", text) for text in document["assumed"]])
    page.section("Beside it", [("· ", text) for text in document["notes"]])
    page.blank()
    replaced = f" {document['replaced']} planned sessions were replaced." if document["replaced"] else ""
    page.line(f"freshlegs plan shows it, freshlegs plan undo takes it back.{replaced}")
