"""The model card's figures are those of the kept run, its judged numbers those of the model, and nobody is in them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from freshlegs.fatigue.parameters import PARAMETERS

ROOT = Path(__file__).resolve().parents[2]
CARD = (ROOT / "docs" / "model-card.md").read_text(encoding="utf-8")
WRITTEN = re.compile(r"<!-- ([\w ]+): written by .*?-->(.*?)<!-- end of \1 -->", re.S)


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "validation" / "results.json").read_text(encoding="utf-8"))
    return found


def part(name: str) -> str:
    return dict(WRITTEN.findall(CARD))[name]


def test_the_card_is_written_from_the_kept_figures(kept: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    from validation.card import filled

    assert filled(CARD, kept) == CARD, "run: python -m validation --card"


def test_the_headline_figures_stand_on_the_card(kept: dict[str, Any]) -> None:
    """Read off the page without the program that wrote it."""
    figures = part("figures")
    for question in ("low", "own"):
        rules = kept["next_day"][question]["rules"]
        for rule in ("p_tired", "p_bad", "today", "ewma", "load_ratio", "load_balance", "constant"):
            found, low, high = rules[rule]["auc"]
            assert f"| {found:.3f} ({low:.3f} to {high:.3f}) |" in figures, rule
    row = re.search(r"^\| watch \| (\d+) \| ([\d.]+) \|$", figures, re.M)
    assert row is not None
    days = kept["alarms"]["states"]["watch"]
    assert int(row[1]) == days
    assert float(row[2]) == pytest.approx(100 * days / kept["alarms"]["days"]["judged"], abs=0.051)


def test_the_hope_for_the_forecast_is_answered_by_the_figures(kept: dict[str, Any]) -> None:
    """0.04 of AUC on the EWMA was hoped for; the card says whether that came."""
    gains = {question: kept["next_day"][question]["rules"]["p_tired"]["gain"][0] for question in ("low", "own")}
    assert part("figures").count("below the 0.04 hoped for") == sum(gain < 0.04 for gain in gains.values())
    assert ("0.04 was hoped for and not reached" in part("headline")) == (gains["own"] < 0.04)


def test_figures_stand_nowhere_but_in_the_written_parts() -> None:
    prose = WRITTEN.sub("", CARD).replace("CC BY 4.0", "")
    assert re.findall(r"\d\.\d", prose) == []
    assert re.findall(r"\d+ ?%", prose) == []


def test_every_judged_number_is_named_with_its_value() -> None:
    table = part("judged numbers")
    for name, entry in PARAMETERS.table.items():
        section, _, key = name.rpartition(".")
        row = next(line for line in table.splitlines() if line.startswith(f"| {section} |"))
        judged = dict(one.rsplit(" ", 1) for one in row.split("|")[6].strip().replace(" / ", "/").split("; ") if one)
        assert (key in judged) == (entry.label == "E"), name
        if entry.label == "E":
            values = entry.value if isinstance(entry.value, list) else [entry.value]
            assert [float(x) for x in judged[key].split("/")] == pytest.approx(values, rel=1e-4), name
    labels = [entry.label for entry in PARAMETERS.table.values()]
    assert table.lstrip().startswith(f"{len(labels)} numbers: {labels.count('V')} checked (V)")


def test_what_is_kept_is_about_people_and_not_of_them(kept: dict[str, Any]) -> None:
    """No person, no day, no long row of anything."""

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            assert len(value) <= 15, value
            for inner in value:
                walk(inner)

    walk(kept)
    text = json.dumps(kept)
    assert not re.search(r"\d{4}-\d\d-\d\d", text)
    assert not re.search(r'"p\d\d"', text)
