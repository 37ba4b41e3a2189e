"""``profile``: entered, shown with where each number comes from, taken out."""

from __future__ import annotations

from pathlib import Path

import pytest

from freshlegs import tables

from .conftest import Run


def test_what_is_entered_is_shown_and_can_be_taken_out(run: Run) -> None:
    said = run(
        "profile", "--set", "hr_max_bpm=190", "--set", "birth_date=1985-03-12", "--set", "show_weight=yes", "--json"
    )
    assert said.code == 0
    entries = said.document["profile"]
    assert entries["hr_max_bpm"]["value"] == 190
    assert entries["hr_max_bpm"]["basis"] == "measured"
    assert entries["birth_date"]["value"] == "1985-03-12"
    run("profile", "--set", "hr_max_bpm=")
    after = run("profile", "--json").document["profile"]
    assert after["hr_max_bpm"]["basis"] != "measured"


def test_a_pace_is_understood_as_a_speed(run: Run) -> None:
    entries = run("profile", "--set", "threshold_mps=4:30/km", "--json").document["profile"]
    assert entries["threshold_mps"]["value"] == pytest.approx(1000 / 270)


def test_every_anchor_says_where_it_comes_from(run: Run, filled: Path) -> None:
    entries = run("profile", "--json", home=filled).document["profile"]
    assert set(entries) == set(tables.PROFILE.names)
    for anchor in ("hr_max_bpm", "hr_rest_bpm", "hr_threshold_bpm", "threshold_mps"):
        assert entries[anchor]["basis"] in ("measured", "estimated", "assumed")
        assert entries[anchor]["how"]
    page = run("profile", home=filled)
    assert "estimated" in page.out
    assert page.out.count("\n") >= len(tables.PROFILE.names) // 2
