"""``profile``: what is known of the runner; each anchor measured, estimated or assumed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import click

from freshlegs import values, words
from freshlegs.cli.asking import shown
from freshlegs.cli.options import json_option
from freshlegs.cli.output import Page, console, day_words, emit, hint
from freshlegs.cli.session import Session
from freshlegs.look import QUIET

UNITS: Final = {"_cm": "cm", "_kg": "kg", "_h": "hours"}
LABELS: Final = {
    "hr_max_bpm": "Highest HR",
    "hr_rest_bpm": "Resting HR",
    "hr_threshold_bpm": "Threshold HR",
    "threshold_mps": "Threshold",
    "formula_sex": "Formulas for",
    "sleep_need_h": "Sleep need",
    "home_time_zone": "Time zone",
    "hr_medication": "HR medication",
    "chronic_condition": "Condition",
    "overtrained_before": "Overtrained",
    "overload_until": "Overload to",
    "new_normal_since": "New normal",
    "show_energy": "Show calories",
}
ANCHORS: Final = ("hr_max_bpm", "hr_rest_bpm", "hr_threshold_bpm", "threshold_mps")


@click.command()
@click.option("--set", "pairs", multiple=True, metavar="KEY=VALUE", help="Enter a value; KEY= takes it out.")
@click.option("--ask", is_flag=True, help="Ask what decides which advice fits; each may be skipped.")
@json_option
@click.pass_obj
def profile(session: Session, pairs: tuple[str, ...], ask: bool, as_json: bool) -> None:
    r"""Show or enter what is known of you; says what is measured, estimated or assumed.

    \b
    freshlegs profile --set birth_date=1985-03-12 --set formula_sex=female
    freshlegs profile --set threshold_mps=4:30/km
    freshlegs profile --set hr_max_bpm=            (takes it out)
    """
    from freshlegs import tables

    columns = {column.name: column for column in tables.PROFILE.columns}
    given = values.assignments(pairs, columns, "profile key", session.today)
    diary = session.diary()
    if given:
        diary.set_profile(**given)
    if ask:
        from freshlegs.cli.gates import ask_gates

        ask_gates(diary, session.today)
    found = diary.profile()
    known = {key: dict(found.get(key) or {"value": None, "basis": None, "how": ""}) for key in columns}
    if as_json:
        emit({"profile": known})
        return
    _print(known)


def _print(known: Mapping[str, Mapping[str, Any]]) -> None:
    """The anchors first, then what was entered, then what is open."""
    from rich.text import Text

    page = Page(console())
    imperial = known["units"]["value"] == "imperial"
    for key in ANCHORS:
        entry = known[key]
        text = Text(worded(key, entry["value"], imperial=imperial))
        if entry["basis"] is not None:
            text.append(f", {entry['basis']}", style="bold")
            text.append(f": {entry['how']}", style=QUIET)
        page.section(_label(key), [text])
    page.blank()
    rest = [key for key in known if key not in ANCHORS]
    for key in rest:
        if known[key]["value"] is not None:
            page.section(_label(key), [Text(worded(key, known[key]["value"]))])
    empty = [key for key in rest if known[key]["value"] is None]
    if empty:
        page.section("Not entered", [Text(", ".join(empty), style=QUIET)])
    hint("Enter one with --set KEY=VALUE; everything may stay empty.")


def _label(key: str) -> str:
    return LABELS.get(key, words.name(words.PROFILE, key).capitalize())


def worded(key: str, value: Any, *, imperial: bool = False) -> str:
    """A value with its unit.

    >>> worded("threshold_mps", 1000 / 270), worded("hr_max_bpm", 178.81), worded("height_cm", None)
    ('4:30 min/km (3.70 m/s)', '179 bpm', 'not known')
    >>> worded("threshold_mps", 1000 / 270, imperial=True)
    '7:15 min/mi (3.70 m/s)'
    """
    from freshlegs.units import KM_PER_MILE, pace_min_per_km

    if value is None:
        return "not known"
    if key.endswith("_bpm"):
        return f"{value:.0f} bpm"
    if key == "threshold_mps" and imperial:
        return f"{pace_min_per_km(value / KM_PER_MILE)} min/mi ({value:.2f} m/s)"
    if key == "threshold_mps":
        return f"{pace_min_per_km(value)} min/km ({value:.2f} m/s)"
    unit = next((unit for ending, unit in UNITS.items() if key.endswith(ending)), "")
    if isinstance(value, date):
        return day_words(value)
    return f"{shown(round(value, 2) if isinstance(value, float) else value)} {unit}".strip()
