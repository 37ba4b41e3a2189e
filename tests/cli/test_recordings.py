"""``runs twins|prefer|same|merge|split|undelete|undo``: recordings put right by hand."""

from pathlib import Path

import pytest

from .conftest import Run

HEAD = "start_utc,sport,distance_m,moving_s,elapsed_s\n"


@pytest.fixture
def ids(run: Run, tmp_path: Path) -> list[str]:
    """One run known from two files, and what was left of it after a restart of the watch."""
    (tmp_path / "a.csv").write_text(HEAD + "2025-05-01T06:00:00Z,running,10000,3600,3600\n")
    (tmp_path / "b.csv").write_text(HEAD + "2025-05-01T06:00:05Z,running,10100,3600,3600\n")
    (tmp_path / "c.csv").write_text(HEAD + "2025-05-01T07:02:00Z,running,2000,700,700\n")
    run("import", tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "c.csv")
    (told,) = run("runs", "twins", "--json").document["twins"]
    return [one["id"] for one in told["recordings"]]


def metres(run: Run) -> list[float]:
    return [one["distance_m"] for one in run("runs", "--json").document["runs"]]


def test_the_choice_is_turned_round_and_taken_back(run: Run, ids: list[str]) -> None:
    before = metres(run)
    assert run("runs", "prefer", ids[1]).code == 0
    assert metres(run) != before
    shown = run("runs", "twins").out
    assert "kept, preferred by hand" in shown
    assert "b.csv" in shown
    assert "preferred" in run("runs", "undo").out
    assert metres(run) == before


def test_not_the_same_run_after_all(run: Run, ids: list[str]) -> None:
    assert len(run("runs", "split", ids[0], "--json").document["ids"]) == 2
    assert len(metres(run)) == 3
    assert run("runs", "twins", "--json").document["twins"] == []
    assert run("runs", "same", ids[0], ids[1]).code == 0
    assert len(metres(run)) == 2


def test_two_parts_become_one_run_and_two_again(run: Run, ids: list[str]) -> None:
    last = run("runs", "--json").document["runs"][-1]["id"]
    merged = run("runs", "merge", ids[0], last, "--json").document["id"]
    assert merged in ids
    assert len(metres(run)) == 1
    assert run("runs", "split", merged).code == 0
    assert len(metres(run)) == 2


def test_a_deleted_run_comes_back(run: Run, ids: list[str]) -> None:
    run("runs", "delete", ids[0])
    assert metres(run) == [2000.0]
    assert run("runs", "undelete", ids[0]).code == 0
    assert len(metres(run)) == 2


def test_what_makes_no_sense_is_one_sentence(run: Run, ids: list[str]) -> None:
    assert run("runs", "merge", ids[0], ids[1]).code == 2
    assert run("runs", "prefer", "nothing").code == 2
    assert run("runs", "same", ids[0], ids[0]).code == 2
    nothing = run("runs", "undo")
    assert (nothing.code, nothing.out) == (3, "")
