"""``today`` and ``history``: the documents of the contract, and the page for people."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from freshlegs import look, words
from freshlegs import vocabulary as v
from freshlegs.cli.ascii import ASCII

from .conftest import END, Run

KEYS = {
    "athlete",
    "date",
    "state",
    "headline",
    "probabilities",
    "since",
    "recheck_on",
    "what_would_change_it",
    "signs",
    "groups",
    "causes",
    "rules",
    "red_flags",
    "actions",
    "unknown",
    "next_question",
    "data_as_of",
}


@pytest.fixture(scope="module")
def document(filled: Path) -> dict[str, Any]:
    from click.testing import CliRunner

    from freshlegs.cli.app import freshlegs

    from .conftest import Said

    said = CliRunner().invoke(freshlegs, ["--home", str(filled), "today", "--date", END.isoformat(), "--json"])
    return Said(said.exit_code, said.stdout, said.stderr).document


def test_today_is_the_document_of_the_contract(document: dict[str, Any]) -> None:
    assert set(document) >= KEYS
    assert document["date"] == END.isoformat()
    assert document["state"] in v.STATES
    assert set(document["probabilities"]) == set(v.CHAIN_STATES)
    assert sum(document["probabilities"].values()) == pytest.approx(1)
    assert [sign["sign"] for sign in document["signs"]] == list(v.SIGNS)
    for sign in document["signs"]:
        assert sign["group"] == v.SIGN_GROUP[sign["sign"]]
        assert sign["strength"] is None or 0 <= sign["strength"] <= 1
        assert sign["why"]
    assert [group["group"] for group in document["groups"]] == list(v.GROUPS)
    assert sum(cause["share"] for cause in document["causes"]) == pytest.approx(1)
    for action in document["actions"]:
        assert action["tip"] in v.TIPS
        assert action["what"]
        assert action["when"]
        assert action["evidence"]


def test_the_planted_truth_is_found(document: dict[str, Any], made: tuple[Path, Any]) -> None:
    truth = made[1]
    assert document["state"] == truth.state[END] == "excessive"
    ranked = [cause["cause"] for cause in sorted(document["causes"], key=lambda cause: -cause["share"])]
    assert set(ranked[:2]) == {"sleep", "training"}


def test_the_page_says_what_the_document_says(run: Run, filled: Path, document: dict[str, Any]) -> None:
    page = run("today", "--date", END, home=filled)
    assert page.code == 0
    text = " ".join(page.out.split())
    assert look.look(document["state"]).word in text
    assert look.look(document["state"]).shape in text
    assert document["headline"].split(".")[0][:40] in text
    assert words.CAUSES[max(document["causes"], key=lambda cause: cause["share"])["cause"]] in text
    assert f"freshlegs checkin {document['next_question']['item']}=" in text
    assert "\x1b" not in page.out


@pytest.mark.parametrize("columns", ["30", "40", "63", "64", "300"])
def test_the_page_fits_its_terminal(run: Run, filled: Path, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    for arguments in (["today", "--date", END], ["history"]):
        page = run(*arguments, home=filled)
        assert page.code == 0
        assert max(len(line) for line in page.out.splitlines()) <= min(int(columns), 96)


def test_colour_comes_with_a_word_and_a_shape(run: Run, filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b[" in run("today", "--date", END, home=filled).out
    monkeypatch.setenv("NO_COLOR", "1")
    plain = run("today", "--date", END, home=filled).out
    assert "\x1b[38" not in plain
    shapes = [seen.shape for seen in look.STATES.values()]
    assert len(set(shapes)) == len(shapes) == len(v.STATES)
    stand_ins = [ASCII[shape] for shape in shapes]
    assert len(set(stand_ins)) == len(stand_ins)


def test_history_is_the_same_documents_one_a_day(run: Run, filled: Path, document: dict[str, Any]) -> None:
    first = END - timedelta(days=9)
    days = run("history", "--from", first, "--to", END, "--json", home=filled).document["days"]
    assert [day["date"] for day in days] == [(first + timedelta(days=n)).isoformat() for n in range(10)]
    last = dict(days[-1])
    today = {key: value for key, value in document.items() if key != "schema_version"}
    assert {key: value for key, value in last.items() if key != "schema_version"} == today


def test_history_for_people_is_a_line_a_day(run: Run, filled: Path) -> None:
    page = run("history", "--from", END - timedelta(days=4), "--to", END, home=filled)
    lines = page.out.splitlines()
    assert len(lines) == 6
    assert all((END - timedelta(days=n)).isoformat() in page.out for n in range(5))


def test_empty_years_before_the_first_data_are_not_told(run: Run, filled: Path) -> None:
    days = run("history", "--from", "1950-01-01", "--to", END, "--json", home=filled).document["days"]
    assert date(2024, 1, 1) < date.fromisoformat(days[0]["date"]) < END
    assert days[-1]["date"] == END.isoformat()


def test_a_new_diary_says_what_is_missing(run: Run) -> None:
    said = run("today", "--json")
    assert said.code == 0
    assert said.document["state"] == "insufficient_data"
    assert said.document["probabilities"] is None
    assert said.document["unknown"]
    page = run("today")
    assert page.code == 0
    assert "Not enough data" in page.out


PLAIN = {
    "date": "2026-05-04",
    "state": "watch",
    "headline": "One plain sentence.",
    "probabilities": {"fresh": 0.05, "cumulative": 0.6, "excessive": 0.35, "possible_overtraining": 0.0},
    "since": "2026-05-01",
    "actions": [{"tip": 3, "what": "Go to bed early.", "when": "tonight", "evidence": "moderate"}],
    "causes": [{"cause": "sleep", "share": 1.0, "why": "short nights"}],
}


def rendered(document: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> str:
    from freshlegs.cli.output import console
    from freshlegs.cli.verdict import print_verdict

    print_verdict(console(), document)
    return " ".join(capsys.readouterr().out.split())


def test_an_emergency_stands_alone(capsys: pytest.CaptureFixture[str]) -> None:
    flags = [
        {"urgency": "same_week", "what": "Ask for an appointment."},
        {"urgency": "emergency", "what": "Call for help."},
    ]
    text = rendered(PLAIN | {"red_flags": flags}, capsys)
    assert "Call for help." in text
    assert "Go to bed early" not in text
    assert "Ask for an appointment" not in text


def test_another_flag_stands_first_and_leaves_the_advice(capsys: pytest.CaptureFixture[str]) -> None:
    text = rendered(PLAIN | {"red_flags": [{"urgency": "same_week", "what": "Ask for an appointment."}]}, capsys)
    assert text.startswith("THIS WEEK Ask for an appointment.")
    assert text.index("One plain sentence") < text.index("Go to bed early")


def test_words_in_brackets_are_printed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert "a [red]note[/red]" in rendered(PLAIN | {"headline": "a [red]note[/red]"}, capsys)


def test_every_word_of_the_vocabulary_has_words_for_people() -> None:
    assert set(words.SIGNS) == set(v.SIGNS)
    assert set(words.GROUPS) == set(v.GROUPS)
    assert set(words.CAUSES) == set(v.CAUSES)
    assert set(words.WORRYING) == set(v.SYMPTOMS)
    assert set(look.STATES) == set(look.SHORT) == set(v.STATES)


def test_the_days_are_named_right() -> None:
    from freshlegs.cli.output import day_words, weekday

    assert weekday(date(2026, 5, 4)) == "Monday"
    assert day_words(date(2026, 12, 31), year=2026) == "31 December"
