"""What is wrong on the command line is said in one sentence, with exit code 2 and the nearest valid name."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from .conftest import Run, command

TOMORROW = (date.today() + timedelta(days=1)).isoformat()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["todya"], ["todya", "today"]),
        (["today", "--jsn"], ["--json"]),
        (["import"], ["PATH"]),
        (["import", "--map", "none.toml", "x.csv"], ["none.toml"]),
        (["checkin", "enrgy=4"], ["enrgy", "energy"]),
        (["checkin", "energy=11"], ["energy", "between 0 and 10", "11"]),
        (["checkin", "energy=nan"], ["energy", "finite"]),
        (["checkin", "energy=four"], ["energy", "number"]),
        (["checkin", "energy"], ["energy=…"]),
        (["checkin", "energy=4", "energy=5"], ["twice"]),
        (["checkin", "ill=above_nek"], ["above_neck"]),
        (["checkin", "sleep_habits=same_times,dark_rom"], ["dark_room"]),
        (["checkin", "pain_sharp=perhaps"], ["true or false"]),
        (["checkin", "--date", "2026-02-30", "energy=4"], ["2026-02-30", "no such day"]),
        (["checkin", "--date", "4.5.2026", "energy=4"], ["4.5.2026", "no date"]),
        (["checkin", "--date", TOMORROW, "energy=4"], ["future"]),
        (["checkin"], ["energy="]),
        (["checkin", "--undo", "energy=4"], ["--undo"]),
        (["profile", "--set", "hr_max=190"], ["hr_max_bpm"]),
        (["profile", "--set", "hr_max_bpm=19"], ["between 120 and 240"]),
        (["profile", "--set", "home_time_zone=Oslo"], ["Europe/Oslo"]),
        (["profile", "--set", f"birth_date={TOMORROW}"], ["birth_date", "future"]),
        (["today", "--date", TOMORROW], ["future"]),
        (["history", "--from", "2025-02-01", "--to", "2025-01-01"], ["2025-02-01", "after"]),
        (["runs", "--format", "xlsx"], ["csv"]),
        (["runs", "--json", "--format", "csv"], ["--json"]),
        (["runs", "edit", "abc", "race=true"], ["abc"]),
        (["runs", "delete", "abc"], ["abc"]),
        (["restore", "none.backup"], ["none.backup"]),
    ],
)
def test_a_wrong_command_line_is_one_sentence_and_exit_code_2(run: Run, arguments: list[str], words: list[str]) -> None:
    said = run(*arguments)
    assert said.code == 2
    assert said.out == ""
    assert said.err.startswith("freshlegs: ")
    assert said.err.count("\n") == 1
    for word in words:
        assert word in said.err


def test_without_a_command_the_help_is_shown(run: Run) -> None:
    said = run()
    assert said.code == 2
    assert "Commands:" in said.err


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    loud = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "freshlegs.cli", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {line.rsplit("|", 1)[-1].strip() for line in loud.stderr.splitlines()}
    assert "freshlegs.cli.app" in loaded
    assert loaded.isdisjoint({"polars", "numpy", "rich", "sqlite3", "lxml", "platformdirs"})


def test_an_unforeseen_error_is_one_sentence_with_a_place(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from freshlegs.cli.session import Session

    def broken(self: object) -> None:
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr(Session, "diary", broken)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    said = run("today")
    assert said.code == 3
    assert said.err.count("\n") == 1
    (log,) = tmp_path.glob("freshlegs-error-*.txt")
    assert str(log) in said.err
    assert "nobody thought of this" in log.read_text()


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (OSError(28, "No space left on device"), 3, "disk is full"),
        (PermissionError(13, "Permission denied", "/somewhere"), 3, "/somewhere"),
        (MemoryError(), 3, "memory"),
        (KeyboardInterrupt(), 130, "stopped"),
        (BrokenPipeError(32, "Broken pipe"), 0, ""),
    ],
)
def test_faults_of_the_machine_are_sentences(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, words: str
) -> None:
    from freshlegs.cli.session import Session

    def broken(self: object) -> None:
        raise error

    monkeypatch.setattr(Session, "diary", broken)
    said = run("today")
    assert said.code == code
    assert words in said.err
    assert said.err.count("\n") <= 1


def test_an_import_that_is_stopped_says_what_is_kept(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from freshlegs.cli.session import Session

    def stopped(self: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Session, "diary", stopped)
    said = run("import", tmp_path)
    assert (said.code, said.err) == (130, "stopped; what was imported is kept\n")


def test_a_home_that_cannot_be_one_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    said = command("today", home=tmp_path / "file" / "home")
    assert said.code == 3
    assert said.out == ""
    assert said.err.count("\n") == 1


def test_a_reader_that_leaves_early_is_no_error(filled: Path) -> None:
    line = f"{sys.executable} -m freshlegs.cli --home {filled} history --json | head -c 100"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {line}"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout.startswith("{")


@pytest.mark.parametrize("command", ["today", "history", "runs", "days", "profile"])
def test_a_reader_that_is_gone_already_is_no_error_either(filled: Path, command: str) -> None:
    line = f"{sys.executable} -m freshlegs.cli --home {filled} {command} | true"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {line}"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("today <&-", 0),
        ("today >&-", 0),
        ("today 2>&-", 0),
        ("checkin <&-", 2),
        ("erase <&-", 2),
        ("today --json > /dev/full", 3),
        ("runs --format csv --output /dev/null", 0),
        ("backup /dev/null", 2),
        ("export /nowhere/at/all.zip", 2),
    ],
)
def test_closed_streams_full_disks_and_devices(filled: Path, line: str, code: int) -> None:
    if not Path("/dev/full").is_char_device():
        pytest.skip("needs /dev/full")
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m freshlegs.cli --home {filled} {line}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert done.stderr.count("\n") <= 1
    assert "unforeseen" not in done.stderr
    assert Path("/dev/null").is_char_device()
    assert Path("/dev/full").is_char_device()


@pytest.mark.parametrize("locale", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}])
def test_terminals_without_unicode_get_stand_ins(filled: Path, locale: dict[str, str]) -> None:
    for arguments in (["today", "--date", "2025-05-04"], ["history"], ["today", "--date", "2025-05-04", "--json"]):
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONUTF8"}
        done = subprocess.run(
            [sys.executable, "-m", "freshlegs.cli", "--home", str(filled), *arguments],
            env=environment | locale,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout
        if locale.get("PYTHONIOENCODING") == "ascii":
            done.stdout.decode("ascii")
