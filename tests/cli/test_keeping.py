"""``export``, ``backup``, ``restore``, ``erase``."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from .conftest import Run


def test_an_export_holds_everything_and_can_be_read_again(
    run: Run, own: Path, tmp_path: Path, made: tuple[Path, Any]
) -> None:
    file = tmp_path / "mine.zip"
    assert run("export", file, home=own).code == 0
    names = zipfile.ZipFile(file).namelist()
    assert any(name.endswith("runs.csv") for name in names)
    assert any(name.endswith("checkins.csv") for name in names)
    assert sum(name.startswith("originals/") for name in names) == made[1].runs + 2
    assert run("import", file, home=tmp_path / "elsewhere").code in (0, 1)
    assert len(run("runs", "--json", home=tmp_path / "elsewhere").document["runs"]) == made[1].runs


def test_a_backup_comes_back_as_it_was(run: Run, own: Path, tmp_path: Path) -> None:
    file = tmp_path / "diary.backup"
    before = run("days", "--format", "csv", home=own).out
    document = run("backup", file, "--json", home=own).document
    assert document["file"] == str(file)
    assert run("restore", file, home=tmp_path / "new").code == 0
    assert run("days", "--format", "csv", home=tmp_path / "new").out == before


def test_restoring_over_a_diary_needs_a_yes(run: Run, own: Path, tmp_path: Path) -> None:
    file = tmp_path / "diary.backup"
    run("backup", file, home=own)
    assert run("restore", file, home=own).code == 2
    assert run("restore", file, "--yes", home=own).code == 0


def test_erasing_needs_a_yes_and_leaves_nothing(run: Run, own: Path) -> None:
    said = run("erase", home=own)
    assert said.code == 2
    assert "--yes" in said.err
    assert run("runs", "--json", home=own).document["runs"]
    assert run("erase", "--yes", home=own).code == 0
    assert not [path for path in own.rglob("*") if path.is_file()] or not own.exists()
    assert run("runs", "--json", home=own).document["runs"] == []


def test_erasing_what_is_not_there_is_exit_code_3(run: Run, tmp_path: Path) -> None:
    assert run("erase", "--yes", home=tmp_path / "never").code == 3


def test_a_file_that_is_no_backup_changes_nothing(run: Run, own: Path, tmp_path: Path) -> None:
    (tmp_path / "text.backup").write_text("no backup")
    before = run("runs", "--json", home=own).document
    said = run("restore", tmp_path / "text.backup", "--yes", home=own)
    assert said.code in (2, 3)
    assert said.err.count("\n") == 1
    assert run("runs", "--json", home=own).document == before


@pytest.mark.parametrize("command", ["backup {}", "export {}", "runs --output {}", "report --html {}"])
def test_nothing_is_written_in_place_of_a_diary(run: Run, own: Path, command: str) -> None:
    before = (own / "diary.sqlite").read_bytes()
    said = run(*command.format(own / "diary.sqlite").split(), home=own)
    assert said.code == 2
    assert "is a diary itself" in said.err
    assert (own / "diary.sqlite").read_bytes() == before


def test_a_file_that_is_no_backup_is_refused_without_a_question(run: Run, tmp_path: Path) -> None:
    (tmp_path / "no.backup").write_bytes(b"nothing of the kind")
    said = run("restore", str(tmp_path / "no.backup"), home=tmp_path / "new")
    assert said.code == 3
    assert "is no backup" in said.err


def test_an_empty_home_is_none(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = run("--home", "", "today")
    assert said.code == 2
    assert "--home is empty" in said.err
    assert list(tmp_path.iterdir()) == []
