"""``freshlegs plan``: what a runner types, and what stands there."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.cli.conftest import Run

TODAY = date.today()
MONDAY = TODAY - timedelta(days=TODAY.weekday())

PLAN = f"""
weeks:
  - from: {MONDAY}
    repeat: 3
    mon: rest
    tue: easy 8 km
    wed: intervals 6x800 m, 60 min
    thu: strength 40 min
    sat: easy 45 min
    sun: long 16 km
"""


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    (tmp_path / "plan.yaml").write_text(PLAN)
    return tmp_path / "plan.yaml"


def test_without_a_plan_it_says_how_to_get_one(run: Run) -> None:
    said = run("plan")
    assert said.code == 0
    assert "freshlegs plan import FILE" in " ".join(said.out.split())
    assert run("plan", "adapt").code == 3
    assert run("plan", "accept").code == 2
    assert run("plan", "undo").code == 3
    assert run("plan", "history").code == 0


def test_read_look_undo(run: Run, plan: Path) -> None:
    said = run("plan", "import", plan)
    assert said.code == 0
    assert "18 added" in said.out
    shown = run("plan").out
    assert "intervals" in shown
    assert "8 km" in shown
    document = run("plan", "show", "--from", MONDAY, "--to", MONDAY + timedelta(days=20), "--json").document
    assert len(document["sessions"]) == 18
    assert run("plan", "undo").code == 0
    assert run("plan", "--json").document["sessions"] == []


def test_what_was_not_understood_is_listed_and_the_exit_code_says_so(run: Run, tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_text(f"date,title\n{TODAY},Run 8 km\n{TODAY},Dentist\n")
    said = run("plan", "import", tmp_path / "plan.csv")
    assert said.code == 1
    assert "taken as easy" in " ".join(said.out.split())
    assert "Dentist" in said.out
    assert len(run("plan", "import", tmp_path / "plan.csv", "--json").document["problems"]) == 2
    (tmp_path / "notes.txt").write_text("hello")
    assert run("plan", "import", tmp_path / "notes.txt").code == 3
    assert run("plan", "import", tmp_path / "missing.ics").code == 3


def test_by_hand(run: Run) -> None:
    sunday = MONDAY + timedelta(days=6)
    added = run("plan", "add", sunday, "long", "distance=18km", "at=9:00", "title=With Åse", "--json").document
    assert (added["uid"], added["distance_m"], added["start_min"]) == ("hand-1", 18_000.0, 540.0)
    assert run("plan", "set", sunday, "distance=10mi", "kind=easy").code == 0
    session = run("plan", "--json").document["sessions"][0]
    assert (session["kind"], round(session["distance_m"])) == ("easy", 16_093)
    assert run("plan", "remove", "hand-1").code == 0
    for wrong in (
        ("add", "someday", "easy"),
        ("add", sunday, "sprint"),
        ("add", sunday, "easy", "distance=8"),
        ("add", sunday, "easy", "duration=long"),
        ("set", "hand-9", "kind=easy"),
        ("set", sunday),
        ("undo", "--steps", "0"),
        ("show", "--from", "2026-05-05", "--to", "2026-05-04"),
    ):
        said = run("plan", *wrong)
        assert said.code == 2, (wrong, said.err)
        assert len(said.err.strip().splitlines()) == 1


def test_a_proposal_beside_the_plan(run: Run, plan: Path, tmp_path: Path) -> None:
    run("plan", "import", plan)
    run("checkin", "ill=fever", "energy=3")
    said = run("plan", "adapt")
    assert said.code == 0
    assert "Nothing changes unless you accept it" in " ".join(said.out.split())
    proposal = run("plan", "adapt", "--json").document
    assert {one["rule"] for one in proposal["changes"]} >= {"illness_rest"}
    first = proposal["changes"][0]["uid"]
    assert run("plan", "accept", "--only", first, "--json").document["left"] is not None
    assert run("plan", "undo").code == 0
    assert "stays as it is" in run("plan", "refuse").out  # it waits for an answer again
    assert run("plan", "accept").code == 2
    assert run("plan", "adapt").code == 0
    assert run("plan", "accept").code == 0
    assert run("plan", "export", tmp_path / "plan.ics").code == 0
    assert (tmp_path / "plan.ics").read_bytes().startswith(b"BEGIN:VCALENDAR")
    assert run("plan", "export", tmp_path / "plan.pdf").code == 2
