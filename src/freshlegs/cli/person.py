"""``profile``: what is known of the runner; each anchor measured, estimated or assumed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import click

from freshlegs.cli import values
from freshlegs.cli.options import json_option
from freshlegs.cli.output import emit, hint
from freshlegs.cli.session import Session

ANCHORS: Final = ("hr_max_bpm", "hr_rest_bpm", "hr_threshold_bpm", "threshold_mps")


@click.command()
@click.option("--set", "pairs", multiple=True, metavar="KEY=VALUE", help="Enter a value; KEY= takes it out.")
@json_option
@click.pass_obj
def profile(session: Session, pairs: tuple[str, ...], as_json: bool) -> None:
    r"""Show or enter what is known of you; says what is measured, estimated or assumed.

    \b
    freshlegs profile --set birth_date=1985-03-12 --set formula_sex=female
    freshlegs profile --set threshold_mps=4:30/km
    freshlegs profile --set hr_max_bpm=            (takes it out)
    """
    from freshlegs import tables

    columns = {column.name: column for column in tables.PROFILE.columns}
    given = values.assignments(pairs, columns, "profile key", session.today)
    _check_dates(given, session.today)
    diary = session.diary()
    if given:
        diary.set_profile(**given)
    known = diary.profile()
    if as_json:
        emit({"profile": known})
        return
    _print(known)


def _check_dates(given: Mapping[str, Any], today: date) -> None:
    """A birth that lies ahead, or an overload that ended long before, is a slip of the fingers."""
    from freshlegs.problems import WrongRequest

    for key in ("birth_date", "overtrained_before", "new_normal_since"):
        value = given.get(key)
        if value is not None and value > today:
            raise WrongRequest(f"{key} lies in the future: {value}")


def _print(known: Mapping[str, Any]) -> None:
    hint("")
