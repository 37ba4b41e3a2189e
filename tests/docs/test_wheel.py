"""The wheel that is built holds everything the pages need."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "freshlegs"


def test_the_wheel_holds_templates_static_files_texts_and_help(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build = pytest.importorskip("hatchling.build", reason="needs the extra build")
    help_ = pytest.importorskip("freshlegs.web.pages.help", reason="needs the extra web")
    monkeypatch.chdir(ROOT)
    held = set(zipfile.ZipFile(tmp_path / build.build_wheel(str(tmp_path))).namelist())
    data = [one for one in PACKAGE.rglob("*") if one.is_file() and one.suffix != ".pyc"]
    assert {str(one.relative_to(PACKAGE.parent)) for one in data} - held == set()
    assert {f"freshlegs/web/help/{Path(source).name}" for source in help_.TOPICS.values()} - held == set()
