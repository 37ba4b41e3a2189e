"""``explain``, ``label``, ``labels``, ``causes``, ``interview``, ``forecast``, ``profile --ask``: the real command."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from freshlegs import look, words
from freshlegs import vocabulary as v
from freshlegs.fatigue.parameters import PARAMETERS as P

from .conftest import END, Run
from .test_checkin import on_a_terminal

TODAY = date.today()


# --- explain ----------------------------------------------------------------------------------------------


def test_explain_is_the_documents_chain(run: Run, filled: Path) -> None:
    chain = run("explain", "--date", END, "--json", home=filled).document
    verdict = run("today", "--date", END, "--json", home=filled).document
    assert chain["state"] == verdict["state"]
    assert chain["belief"]["today"] == pytest.approx(verdict["probabilities"])
    assert [group["group"] for group in chain["groups"]] == list(v.GROUPS)
    assert {sign["sign"]: sign["strength"] for sign in chain["signs"]} == {
        sign["sign"]: sign["strength"] for sign in verdict["signs"]
    }


def test_explain_for_people_has_all_six_steps_and_their_numbers(run: Run, filled: Path) -> None:
    page = run("explain", "--date", END, home=filled)
    assert page.code == 0
    text = " ".join(page.out.split())
    for number in range(1, 7):
        assert re.search(rf"^{number}  \w", page.out, re.M), page.out
    chain = run("explain", "--date", END, "--json", home=filled).document
    assert look.look(chain["state"]).word in text
    for condition in chain["decision"]:
        row = f"{condition['condition']} {condition['value']:g} {condition['at_least']:g}"
        assert f"{row} {'met' if condition['met'] else 'not met'}" in text
    for state, p in chain["belief"]["today"].items():
        assert f"{100 * p:.1f} %" in text, state
    held = [factor for factor in chain["risk"]["factors"] if factor["holds"]]
    assert held
    for factor in held:
        assert f"{words.RISKS[factor['factor']]} (× {factor['multiplier']:g})" in text
    assert chain["parameters"] == P.hash


@pytest.mark.parametrize("columns", ["30", "48", "64", "200"])
def test_explain_fits_its_terminal(run: Run, filled: Path, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    page = run("explain", "--date", END, home=filled)
    assert page.code == 0
    assert max(len(line) for line in page.out.splitlines()) <= min(int(columns), 96)


def test_every_factor_branch_and_condition_has_words(run: Run, filled: Path) -> None:
    chain = run("explain", "--date", END, "--json", home=filled).document
    assert {factor["factor"] for factor in chain["risk"]["factors"]} <= set(words.RISKS)
    branches = {branch["branch"] for sign in chain["signs"] for branch in sign["branches"]}
    assert {key for key in branches if not key.startswith("item.")} <= set(words.BRANCHES)


def test_explaining_nothing_and_the_future(run: Run) -> None:
    assert "No answer, night or run is known" in run("explain").out
    assert run("explain", "--json").document["state"] == "insufficient_data"
    said = run("explain", "--date", TODAY + timedelta(days=2))
    assert said.code == 2
    assert "future" in said.err


# --- labels -----------------------------------------------------------------------------------------------


def test_a_label_counts_in_the_record_and_stands_beside_the_verdict(run: Run, own: Path) -> None:
    assert run("labels", "--json", home=own).document["labels"] == []
    said = run("label", END, "right", home=own)
    assert said.code == 0
    assert "You agreed with 1 of 1." in said.out
    run("checkin", "--date", END - timedelta(days=7), "looking_back=wrong", home=own)
    run("checkin", "--date", END, "feels=better", home=own)
    found = run("labels", "--json", home=own).document
    assert found["record"]["of"] == 2
    assert found["record"]["by_state"]["excessive"]["agreed"] == 1
    assert {(row["kind"], row["answer"]) for row in found["labels"]} == {
        ("looking_back", "right"),
        ("looking_back", "wrong"),
        ("feels", "better"),
    }
    page = run("labels", home=own)
    assert "agreed with 1 of 2" in page.out
    assert END.isoformat() in page.out
    assert "Looking back, you agreed with 1 of 2 verdicts." in " ".join(
        run("today", "--date", END, home=own).out.split()
    )
    wrong = run("label", END, "rihgt", home=own)
    assert wrong.code == 2
    assert "did you mean right" in wrong.err


def test_after_an_import_today_asks_back(run: Run, made: tuple[Path, object], tmp_path: Path) -> None:
    from freshlegs.synthetic import write_demo

    write_demo(tmp_path / "files", TODAY)
    home = tmp_path / "now"
    run("import", tmp_path / "files", home=home)
    document = run("today", "--json", home=home).document
    asked = document["look_back_question"]
    assert asked["state"] in ("watch", "excessive")
    assert date.fromisoformat(asked["date"]) <= TODAY - timedelta(days=14)
    assert document["ask_once"]["items"]
    page = " ".join(run("today", home=home).out.split())
    assert f"freshlegs label {asked['date']} right" in page
    assert "freshlegs profile --ask" in page
    assert run("label", asked["date"], "wrong", home=home).code == 0
    assert run("today", "--json", home=home).document["look_back_question"] is None


# --- causes -----------------------------------------------------------------------------------------------


def test_causes_are_shown_confirmed_and_taken_back(run: Run, own: Path) -> None:
    for n in range(3):
        run("checkin", "--date", TODAY - timedelta(days=n), "stress=9", "energy=3", home=own)
    plain = {row["cause"]: row for row in run("causes", "--json", home=own).document["causes"]}
    said = run("causes", "confirm", "diet", "--json", home=own).document["causes"]
    told = {row["cause"]: row for row in said}
    assert set(told) == set(v.CAUSES)
    assert told["diet"]["score"] > plain["diet"]["score"]
    assert "you confirmed this" in told["diet"]["why"]
    assert "you confirmed this" in " ".join(run("causes", home=own).out.split())
    again = {row["cause"]: row for row in run("causes", "forget", "diet", "--json", home=own).document["causes"]}
    assert again == plain


@pytest.mark.parametrize(
    ("words", "why"),
    [(["confirm"], "which cause"), (["confirm", "slep"], "did you mean sleep"), (["agree", "sleep"], "answer 'agree'")],
)
def test_a_wrong_word_about_causes_is_refused(run: Run, words: list[str], why: str) -> None:
    said = run("causes", *words)
    assert said.code == 2
    assert why in said.err


def test_with_no_score_above_a_quarter_no_cause_stands_out(capsys: pytest.CaptureFixture[str]) -> None:
    from freshlegs import telling
    from freshlegs.cli import verdict
    from freshlegs.cli.output import console

    assert P.number("causes.stands_out") == telling.STANDS_OUT
    causes = [
        {"cause": cause, "share": 0.2, "score": 0.02 + 0.03 * n, "why": "nothing"} for n, cause in enumerate(v.CAUSES)
    ]
    document = {"date": "2026-05-04", "state": "watch", "probabilities": None, "causes": causes}
    verdict.print_verdict(console(), document)
    assert "No cause stands out." in capsys.readouterr().out
    causes[0]["score"] = 0.4
    verdict.print_verdict(console(), document)
    assert "training 20 %" in capsys.readouterr().out


# --- interview --------------------------------------------------------------------------------------------


def test_the_first_day_is_told_from_memory(run: Run) -> None:
    since = TODAY - timedelta(days=60)
    said = run("interview", f"heavy_legs={since}", "low_energy=8w", "performance_decline=2m", "soreness=no", "--json")
    document = said.document
    assert document["from_memory"] is True
    assert document["state"] != "insufficient_data"
    signs = {sign["sign"]: sign for sign in document["signs"]}
    assert signs["heavy_legs"]["since"] == since.isoformat()
    assert signs["low_energy"]["since"] == (TODAY - timedelta(days=56)).isoformat()
    assert signs["performance_decline"]["since"] == (TODAY - timedelta(days=60)).isoformat()
    assert signs["soreness"]["since"] is None
    page = run("today")
    assert "From memory" in page.out
    assert "Each morning's answers take the place of it." in " ".join(page.out.split())
    assert "told from memory" in page.out
    assert [day["from_memory"] for day in run("history", "--json").document["days"]] == [True]
    why = " ".join(run("explain").out.split())
    assert "low energy since" in why
    assert f"excessive fatigue {100 * document['probabilities']['excessive']:.1f} %" in why
    assert run("interview", "--forget").code == 0
    assert run("today", "--json").document["state"] == "insufficient_data"


def test_nothing_noticed_can_be_said(run: Run) -> None:
    assert run("interview", "nothing", "--json").document["from_memory"] is True


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ([], "nothing was told"),
        (["heavy_leg=3w"], "did you mean heavy_legs"),
        (["heavy_legs"], "since when"),
        (["heavy_legs=lately"], "10d, 3w, 2m"),
    ],
)
def test_what_cannot_be_told_is_one_sentence(run: Run, told: list[str], why: str) -> None:
    said = run("interview", *told)
    assert said.code == 2
    assert why in said.err
    assert said.err.count("\n") == 1


def test_a_terminal_is_asked_for_signs_and_since_when(run: Run, tmp_path: Path) -> None:
    code, heard = on_a_terminal(tmp_path / "home", "99\n3, 9\n6w\nsome time\n3w\n", "interview")
    assert code == 0, heard
    assert "please numbers from 1 to 15" in heard
    assert "From memory" in heard
    (label,) = run("labels", "--json").document["labels"]
    assert label["answer"] == {
        "heavy_legs": (TODAY - timedelta(days=42)).isoformat(),
        "low_energy": (TODAY - timedelta(days=21)).isoformat(),
    }


def test_past_stretches_are_asked_about_and_answered(run: Run, own: Path) -> None:
    found = run("interview", "--stretches", "--json", home=own).document["stretches"]
    assert found
    first = found[0]["date"]
    assert found[0]["text"] in run("interview", "--stretches", home=own).out
    answered = run("interview", "--stretches", f"{first}=yes", "--json", home=own).document["stretches"]
    assert next(one for one in answered if one["date"] == first)["answer"] == "yes"
    assert run("interview", "--stretches", f"{first}=perhaps", home=own).code == 2
    assert run("interview", "--stretches", f"{END - timedelta(days=1)}=no", home=own).code == 2


# --- forecast ---------------------------------------------------------------------------------------------


def test_the_forecast_of_a_new_diary_says_what_it_needs(run: Run) -> None:
    assert "14 mornings" in run("forecast").out
    assert run("forecast", "--json").document["days"] == []


def test_the_forecast_looks_ahead(run: Run, tmp_path: Path) -> None:
    for n in range(30):
        energy = 4 + (n * 7) % 5
        run("checkin", "--date", TODAY - timedelta(days=n), f"energy={energy}", "soreness=3", "mood=6", "relax=5")
    document = run("forecast", "--days", "3", "--load", "60,0,40", "--json").document
    assert [day["horizon_d"] for day in document["days"]] == [1, 2, 3]
    assert len(document["fresh_again"]["days"]) in (0, 3)
    page = run("forecast", "--days", "3", "--load", "rest")
    assert page.out.startswith("Tomorrow: energy about")
    assert "this is your usual, not a prediction" in " ".join(page.out.split())
    for wrong in (["--days", "0"], ["--load", "much"], ["--load", "60,-5"]):
        assert run("forecast", *wrong).code == 2


# --- gates ------------------------------------------------------------------------------------------------


def test_the_gates_are_asked_on_a_terminal_each_with_its_why(run: Run, tmp_path: Path) -> None:
    code, heard = on_a_terminal(tmp_path / "home", "1985-3-12\n1985-03-12\n\nno\n2\n", "profile", "--ask")
    assert code == 0, heard
    assert "Under 18" in heard
    assert "beta blockers" in heard
    known = run("profile", "--json").document["profile"]
    assert known["birth_date"]["value"] == "1985-03-12"
    assert known["cycle"]["value"] is None
    assert known["hr_medication"]["value"] is False
    assert known["chronic_condition"]["value"] is False
    assert run("today", "--json").document["ask_once"] is None


def test_without_a_terminal_ask_says_how_else(run: Run) -> None:
    said = run("profile", "--ask")
    assert said.code == 2
    assert "profile --set" in said.err


def test_unanswered_gates_are_mentioned_once(run: Run) -> None:
    assert "freshlegs profile --ask" in " ".join(run("today").out.split())
    keys = ["birth_date=1985-03-12", "cycle=none", "hr_medication=no", "chronic_condition=no"]
    run("profile", *(part for key in keys for part in ("--set", key)))
    assert "Asked once" not in run("today").out
    assert json.loads(run("today", "--json").out)["ask_once"] is None
