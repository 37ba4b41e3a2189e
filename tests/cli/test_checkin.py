"""``checkin``: on one line, asked on a terminal, taken back."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from freshlegs import words
from freshlegs.cli import asking
from freshlegs.diary.asking import questions_of
from freshlegs.words import EVERY_MORNING, IN_TURN

from .conftest import Run

TODAY = date.today()
YESTERDAY = TODAY - timedelta(days=1)


def answers(run: Run, day: date = TODAY) -> dict[str, object]:
    """The check-in of a day as the diary keeps it, without what was not answered."""
    rows = run("days", "--json").document["days"]
    found = [row for row in rows if row["date"] == day.isoformat()]
    return {} if not found else {key: value for key, value in found[0].items() if value is not None}


def test_answers_on_one_line_are_noted(run: Run) -> None:
    said = run("checkin", "energy=4", "soreness=6.5", "ill=none", "sleep_habits=same_times,dark_room", "pain_sharp=no")
    assert said.code == 0
    assert "energy 4" in said.out
    kept = answers(run)
    assert kept["energy"] == 4
    assert kept["soreness"] == 6.5
    assert kept["sleep_habits"] == ["same_times", "dark_room"]
    assert kept["pain_sharp"] is False


def test_zero_is_an_answer(run: Run) -> None:
    run("checkin", "energy=0", "soreness=0")
    assert answers(run)["energy"] == 0
    assert answers(run)["soreness"] == 0


def test_a_later_answer_takes_the_place_of_an_earlier_one_and_undo_brings_it_back(run: Run) -> None:
    run("checkin", "energy=4", "mood=5")
    run("checkin", "energy=7")
    assert (answers(run)["energy"], answers(run)["mood"]) == (7, 5)
    assert run("checkin", "--undo").code == 0
    assert answers(run)["energy"] == 4
    run("checkin", "mood=")
    assert "mood" not in answers(run)


def test_nothing_to_take_back_is_exit_code_3(run: Run) -> None:
    said = run("checkin", "--undo")
    assert said.code == 3
    assert said.err.count("\n") == 1


def test_an_earlier_day_can_be_answered(run: Run) -> None:
    assert run("checkin", "--date", "yesterday", "energy=3").code == 0
    assert answers(run, YESTERDAY)["energy"] == 3


def test_json_says_what_was_noted(run: Run) -> None:
    document = run("checkin", "energy=4", "--json").document
    assert document["date"] == TODAY.isoformat()
    assert document["noted"] == {"energy": 4.0}
    assert document["state"] == "insufficient_data"


def test_every_item_of_the_contract_is_taken(run: Run) -> None:
    items = asking.item_columns()
    assert set(words.ITEMS) == set(items)
    assert {"energy", "leg_freshness", "checked_by_doctor", "rpe", "harder_than_it_should", "looking_back"} <= set(
        items
    )


def test_the_question_in_turn_brings_enough_answers_for_a_verdict() -> None:
    from freshlegs import tables

    rows: list[dict[str, object]] = []
    for back in range(60, 0, -1):
        day = TODAY - timedelta(days=back)
        *fixed, turn = questions_of(tables.CHECKINS.frame(rows), day)
        assert fixed == list(EVERY_MORNING)
        rows.append({"athlete": "me", "date": day, turn.item: turn.choices[0][1] if turn.choices else 5.0})
    asked = [next(item for item in row if item not in ("athlete", "date")) for row in rows]
    assert set(asked) == {question.item for question in IN_TURN}
    for end in range(30, 60):
        assert asked[end - 7 : end].count("mood") >= 3
        assert asked[end - 28 : end].count("appetite") >= 3
        assert asked[end - 28 : end].count("bowel") >= 3


def on_a_terminal(home: Path, typed: str, *arguments: str) -> tuple[int, str]:
    """The command on a real (pseudo) terminal, with these keys typed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "freshlegs.cli", "--home", str(home), *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=os.environ | {"TERM": "dumb", "COLUMNS": "100"},
        close_fds=True,
        start_new_session=True,
    )
    os.close(theirs)
    os.write(ours, typed.encode())
    heard = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:
            break
        if not part:
            break
        heard += part
    os.close(ours)
    return process.wait(timeout=60), heard.decode()


def test_a_terminal_is_asked_item_by_item(run: Run, tmp_path: Path) -> None:
    home = tmp_path / "home"
    code, heard = on_a_terminal(home, "4\n\neleven\n6\n3\npain\n5\nleft shin\nyes\n", "checkin")
    assert code == 0, heard
    assert "0 empty … 10 full" in heard
    assert "must be a number" in heard
    kept = answers(run)
    assert kept["energy"] == 4
    assert "leg_freshness" not in kept
    assert kept["sleep_quality"] == 6
    assert kept["mood"] == 3
    assert (kept["pain"], kept["pain_where"], kept["pain_sharp"]) == (5, "left shin", True)


def test_something_worrying_opens_the_list_and_stands_first(run: Run, tmp_path: Path) -> None:
    code, heard = on_a_terminal(tmp_path / "home", "\n\n\n\n5\n1\n", "checkin")
    assert code == 0, heard
    assert answers(run)["symptoms"] == ["chest_pain"]
    page = run("today")
    assert page.out.startswith("NOW")
    assert "Tomorrow" not in page.out


def test_enter_to_everything_notes_nothing(run: Run, tmp_path: Path) -> None:
    code, heard = on_a_terminal(tmp_path / "home", "\n\n\n\n\n", "checkin")
    assert code == 0
    assert "Nothing was noted" in heard


@pytest.mark.parametrize("item", ["rpe=7", "hit_pace=partly", "legs=3", "harder_than_it_should=yes"])
def test_answers_after_a_run_are_taken(run: Run, item: str) -> None:
    assert run("checkin", item).code == 0
