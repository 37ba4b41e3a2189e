"""The parts of the model card that are written by a program: the figures, and the table of judged numbers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from freshlegs.fatigue.parameters import PARAMETERS
from freshlegs.numbers import LABELS
from validation.report import headline, markdown

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
CARD = HERE.parent / "docs" / "model-card.md"
BEGIN, END = "<!-- {name}: written by `python -m validation --card` -->", "<!-- end of {name} -->"


def keep(found: Mapping[str, Any]) -> None:
    """The figures, kept for the card."""
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def judged_numbers() -> str:
    """How many numbers of each label there are, and every judged one, section by section."""
    entries = list(PARAMETERS.table.values())
    names = {"V": "checked", "R": "recalled", "E": "judged", "C": "computed"}
    total = Counter(entry.label for entry in entries)
    counts = ", ".join(f"{total[label]} {names[label]} ({label})" for label in LABELS)
    lines = [
        f"{len(entries)} numbers: {counts}. The last column names every judged one.",
        "",
        "| part | V | R | E | C | judged numbers |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for section in dict.fromkeys(entry.name.rpartition(".")[0] for entry in entries):
        own = [entry for entry in entries if entry.name.rpartition(".")[0] == section]
        many = Counter(entry.label for entry in own)
        judged = "; ".join(
            f"{entry.name.rpartition('.')[2]} {_value(entry.value)}" for entry in own if entry.label == "E"
        )
        cells = [section, *(str(many[label]) for label in LABELS), judged]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    return " / ".join(f"{x:g}" for x in value) if isinstance(value, list) else f"{value:g}"


def filled(page: str, found: Mapping[str, Any]) -> str:
    """The card with its written parts anew; KeyError if a marker is missing."""
    written = {"headline": headline(found), "figures": markdown(found), "judged numbers": judged_numbers()}
    for name, body in written.items():
        begin, end = BEGIN.format(name=name), END.format(name=name)
        before, found_begin, rest = page.partition(begin)
        _, found_end, after = rest.partition(end)
        if not (found_begin and found_end):
            raise KeyError(name)
        page = f"{before}{begin}\n\n{body.rstrip()}\n\n{end}{after}"
    return page


def write(found: Mapping[str, Any]) -> None:
    """Bring the card up to date."""
    CARD.write_text(filled(CARD.read_text(encoding="utf-8"), found), encoding="utf-8")
