"""``plan export``: the plan to calendar and watch."""

from __future__ import annotations

from pathlib import Path

import click

from freshlegs.cli.options import allowed, json_option
from freshlegs.cli.output import console, count, emit
from freshlegs.cli.session import Session
from freshlegs.problems import WrongRequest


@click.command()
@click.argument("target", metavar="FILE.ics|FOLDER", type=click.Path(path_type=Path))
@click.option("--fit", is_flag=True, help="FIT workout files into FOLDER, one for each coming session.")
@click.option("--days", type=int, default=14, show_default=True, metavar="N", help="With --fit: how many days ahead.")
@json_option
@click.pass_obj
def export(session: Session, target: Path, fit: bool, days: int, as_json: bool) -> None:
    r"""Write the plan as a calendar, or as workouts for a watch.

    Exporting a calendar again brings one that read it before up to date.

    \b
    freshlegs plan export plan.ics
    freshlegs plan export workouts --fit
    """
    if fit:
        if target.exists() and not target.is_dir():
            raise WrongRequest(f"{target} is a file; FIT workouts need a folder")
        document = session.diary().export_workouts(target, days)
    elif target.suffix.lower() != ".ics":
        raise WrongRequest(f"write it like plan.ics, or add --fit for a folder of workouts, not {target.name}")
    else:
        allowed(target)
        document = session.diary().export_plan(target)
    if as_json:
        emit(document)
        return
    gone = f", {document['cancelled']} cancelled" if document["cancelled"] else ""
    console().print(f"{count(document['sessions'], 'session')} in {target}{gone}.", soft_wrap=True)
