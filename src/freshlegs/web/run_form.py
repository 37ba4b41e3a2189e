"""The form that puts a run right by hand: what stands in it, and what was changed by it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from freshlegs.web import texts, typed
from freshlegs.web.show import Show

FIELDS: Final = ("sport", "race", "rpe", "legs", "hit_pace", "harder_than_it_should", "distance_m", "moving_s")
"""What the form of a run offers; the command `runs edit` knows more."""


def values_of(row: Mapping[str, Any], show: Show) -> dict[str, str]:
    """What stands in the form: the run as it is now, lengths and times as the runner writes them."""
    return {name: "" if row[name] is None else typed.written(name, row[name], show) for name in FIELDS}


def names() -> dict[str, str]:
    """Each field in plain words."""
    return {name: texts.text(LABELS[name]) for name in FIELDS}


LABELS: Final = {
    "distance_m": "run.distance",
    "moving_s": "run.time",
    "rpe": "run.rpe",
    "legs": "run.legs",
    "hit_pace": "run.hit_pace",
    "sport": "runs.sport",
    "race": "run.field_race",
    "harder_than_it_should": "run.field_harder",
}


def told_changes(changed: Mapping[str, Any], show: Show) -> str:
    """What was changed by hand, as it is read.

    >>> told_changes({"rpe": 8.0, "distance_m": 12500.0}, Show())
    'effort 8, distance 12.5 km'
    """
    said = []
    for name, value in changed.items():
        words = texts.text(LABELS[name]) if name in LABELS else name.rpartition("_")[0].replace("_", " ")
        if name == "distance_m":
            shown = show.distance(value)
        elif name == "moving_s":
            shown = show.duration(value)
        elif isinstance(value, bool):
            shown = texts.text("chart.yes" if value else "chart.no")
        else:
            shown = f"{value:g}" if isinstance(value, float) else str(value)
        said.append(f"{words[:1].lower()}{words[1:]} {shown}")
    return ", ".join(said)
