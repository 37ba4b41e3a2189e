"""A runner's terminal: the real command in a home of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from freshlegs.cli.app import freshlegs

END = date(2025, 5, 4)
"""The made runner's last morning: any day that has passed."""


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """Standard output as the one JSON document it must be, with its version first."""
        found = json.loads(self.out)
        assert next(iter(found.items())) == ("schema_version", 1)
        return found


Run = Callable[..., Said]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in a fresh home (or in ``home``); what it says and its exit code."""
    monkeypatch.setenv("FRESHLEGS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments: object, home: Path | None = None, **extra: Any) -> Said:
        place = [] if home is None else ["--home", str(home)]
        said = CliRunner().invoke(freshlegs, [*place, *map(str, arguments)], **extra)
        assert "Traceback" not in said.stderr, said.stderr
        return Said(said.exit_code, said.stdout, said.stderr)

    return run


def command(*arguments: object, home: Path, stdin: Any = subprocess.DEVNULL, **environment: str) -> Said:
    """The installed command in a process of its own."""
    kept = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    done = subprocess.run(
        [sys.executable, "-m", "freshlegs.cli", *map(str, arguments)],
        env=kept | {"FRESHLEGS_HOME": str(home)} | environment,
        stdin=stdin,
        capture_output=True,
        check=False,
        timeout=120,
    )
    return Said(done.returncode, done.stdout.decode("utf-8", "strict"), done.stderr.decode("utf-8", "strict"))


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """The made runner's files, and the truth planted in them."""
    from freshlegs.synthetic import write_demo

    folder = tmp_path_factory.mktemp("made")
    return folder, write_demo(folder, END)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, made: tuple[Path, Any]) -> Path:
    """A home with the made runner in it; for reading only."""
    home = tmp_path_factory.mktemp("filled") / "home"
    said = CliRunner().invoke(freshlegs, ["--home", str(home), "import", str(made[0])])
    assert said.exit_code == 0, said.stderr
    return home


@pytest.fixture
def own(filled: Path, tmp_path: Path) -> Path:
    """A copy of that home to change."""
    return Path(shutil.copytree(filled, tmp_path / "own"))
