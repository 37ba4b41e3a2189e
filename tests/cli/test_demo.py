"""``demo``: a made runner whose truth is known, in a home that is thrown away."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from .conftest import Run


def test_the_demo_prints_a_verdict_beside_the_truth_and_leaves_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    said = run("demo", "--no-serve")
    assert said.code == 0, said.err
    assert "Excessive fatigue" in said.out
    assert "Planted" in said.out
    assert "Tonight" in said.out or "Today" in said.out
    assert str(tmp_path) in said.err
    assert not list(tmp_path.glob("freshlegs-*"))


def test_the_demo_as_a_document(run: Run, tmp_path: Path) -> None:
    document = run("demo", "--no-serve", "--json", home=tmp_path / "kept").document
    assert document["today"]["state"] == document["planted"]["state"] == "excessive"
    assert document["import"]["problems"] == []
    assert run("history", "--json", home=tmp_path / "kept").document["days"]


def test_the_demo_never_mixes_with_real_data(run: Run, own: Path) -> None:
    said = run("demo", "--no-serve", home=own)
    assert said.code == 2
    assert "not empty" in said.err
