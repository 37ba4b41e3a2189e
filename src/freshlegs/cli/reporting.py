"""``report``: two pages to take to a doctor or coach."""

from __future__ import annotations

from pathlib import Path

import click

from freshlegs import values
from freshlegs.cli.options import NEW_FILE, date_option, json_option
from freshlegs.cli.output import console, day_words, emit
from freshlegs.cli.session import Session
from freshlegs.problems import WrongRequest


@click.command()
@click.option("--html", type=NEW_FILE, metavar="FILE", help="Write a web page that asks for nothing.")
@click.option("--pdf", type=NEW_FILE, metavar="FILE", help="Write a PDF of two pages.")
@date_option
@json_option
@click.pass_obj
def report(session: Session, html: Path | None, pdf: Path | None, day: str | None, as_json: bool) -> None:
    r"""Write two pages to take to a doctor or coach: twelve weeks, the signs, what was tried. No diagnosis.

    Weight and energy are in it as you show them: by default not.

    \b
    freshlegs report --pdf report.pdf
    freshlegs report --html report.html --date 2026-05-04
    """
    wanted = [(kind, path) for kind, path in (("html", html), ("pdf", pdf)) if path is not None]
    if not wanted:
        raise WrongRequest("where to? write for example: freshlegs report --pdf report.pdf, or --html report.html")
    on = None if day is None else values.day(day, session.today)
    found = None
    for kind, path in wanted:
        found = session.diary().report(path, kind, on=on)
    if found is None:
        return
    if as_json:
        emit({"from": found.first, "to": found.last, "written": {kind: str(path) for kind, path in wanted}})
        return
    span = f"{day_words(found.first)} to {day_words(found.last)}"
    for _, path in wanted:
        console().print(f"Written: {path}, {span}. Read it before you pass it on.", soft_wrap=True)
