"""The verdict for every athlete and day of a panel, from the command line."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from freshlegs.synthetic import made_days

from .conftest import Run


def test_a_panel_becomes_verdicts(run: Run, tmp_path: Path) -> None:
    days = made_days(3, 40, seed=1)
    days.write_parquet(tmp_path / "days.parquet")
    said = run("batch", tmp_path / "days.parquet", tmp_path / "out")
    assert said.code == 0
    assert said.out.startswith("3 athletes, 120 verdicts")
    assert pl.read_parquet(tmp_path / "out").height == days.height


def test_refused_rows_are_listed_and_tell_by_the_exit_code(run: Run, tmp_path: Path) -> None:
    days = made_days(3, 40, seed=1)
    pl.concat([days, days.head(1)]).write_parquet(tmp_path / "days.parquet")
    said = run("batch", tmp_path / "days.parquet", tmp_path / "out", "--json")
    assert said.code == 1
    assert said.document["refused"] == 1
    assert pl.read_parquet(said.document["refused_rows"])["reason"].to_list() == [
        "the same row once more; one of them is used"
    ]
    assert run("batch", tmp_path / "days.parquet", tmp_path / "again").out.count("1 fault in rows") == 1


def test_what_is_no_panel_is_one_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("slept well")
    for place in ("nowhere", "notes.txt"):
        said = run("batch", tmp_path / place, tmp_path / "out")
        assert (said.code, said.err.count("\n")) == (2, 1)
