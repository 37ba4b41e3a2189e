"""``plan export``: the plan to calendar and watch."""

from __future__ import annotations

from pathlib import Path

import click

from freshlegs.cli.options import json_option
from freshlegs.cli.output import console, count, emit
from freshlegs.cli.session import Session
from freshlegs.problems import WrongRequest


@click.command()
@click.argument("target", metavar="FILE.ics", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def export(session: Session, target: Path, as_json: bool) -> None:
    """Write the plan as a calendar; exporting again brings a calendar that read it up to date."""
    if target.suffix.lower() != ".ics":
        raise WrongRequest(f"write it like plan.ics, not {target.name}")
    document = session.diary().export_plan(target)
    if as_json:
        emit(document)
        return
    gone = f", {document['cancelled']} cancelled" if document["cancelled"] else ""
    console().print(f"{count(document['sessions'], 'session')} in {target}{gone}.", soft_wrap=True)
