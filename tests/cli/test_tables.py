"""``runs`` and ``days``: for people and for other programs; hand changes stay."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from freshlegs import tables

from .conftest import Run, command


@pytest.mark.parametrize(("name", "table"), [("runs", tables.RUNS), ("days", tables.DAYS)])
def test_every_format_holds_the_same_rows(run: Run, filled: Path, tmp_path: Path, name: str, table: Any) -> None:
    rows = run(name, "--json", home=filled).document[name]
    assert rows
    assert set(table.names) <= set(rows[0])
    text = run(name, "--format", "csv", home=filled).out
    assert len(list(csv.DictReader(io.StringIO(text)))) == len(rows)
    for ending in ("csv", "parquet", "json"):
        path = tmp_path / f"{name}.{ending}"
        said = run(name, "--output", path, home=filled)
        assert (said.code, said.out) == (0, "")
        assert str(path) in said.err.replace("\n", "")
    assert len(pl.read_csv(tmp_path / f"{name}.csv", infer_schema=False)) == len(rows)
    assert pl.read_parquet(tmp_path / f"{name}.parquet").height == len(rows)
    assert json.loads((tmp_path / f"{name}.json").read_text())[name] == rows
    assert not list(tmp_path.glob("*.part"))


def test_the_span_is_of_local_days_and_both_ends_belong(run: Run, filled: Path) -> None:
    days = run("days", "--from", "2025-04-01", "--to", "2025-04-07", "--json", home=filled).document["days"]
    assert [day["date"] for day in days] == [f"2025-04-0{n}" for n in range(1, 8)]
    runs = run("runs", "--from", "2025-04-01", "--to", "2025-04-07", "--json", home=filled).document["runs"]
    assert 0 < len(runs) <= 14


def test_people_see_a_line_a_run(run: Run, filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "110")
    there = len(run("runs", "--json", home=filled).document["runs"])
    page = run("runs", home=filled)
    assert page.code == 0
    assert len(page.out.splitlines()) == there + 1


def test_parquet_goes_through_a_pipe(filled: Path) -> None:
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "freshlegs.cli", "--home", str(filled), "days", "--format", "parquet"],
        capture_output=True,
        check=True,
    )
    assert pl.read_parquet(io.BytesIO(done.stdout)).height > 100


def test_an_empty_diary_is_said_to_be_empty(run: Run) -> None:
    for name in ("runs", "days", "history"):
        page = run(name)
        assert page.code == 0
        assert page.err
        assert run(name, "--json").code == 0
    assert run("runs", "--json").document["runs"] == []


def test_a_missing_folder_is_named_before_anything_is_done(run: Run, filled: Path, tmp_path: Path) -> None:
    said = run("runs", "--output", tmp_path / "nowhere" / "runs.csv", home=filled)
    assert said.code == 2
    assert "nowhere" in said.err


def test_the_start_of_a_run_can_be_put_right(run: Run, own: Path) -> None:
    first = run("runs", "--json", home=own).document["runs"][0]["id"]
    assert run("runs", "edit", first, "start_utc=2025-01-04T07:30:00+01:00", home=own).code == 0
    runs = {row["id"]: row for row in run("runs", "--json", home=own).document["runs"]}
    assert runs[first]["start_utc"] == "2025-01-04T06:30:00Z"
    assert run("runs", "edit", first, "start_utc=2025-01-04T07:30", home=own).code == 2


def test_a_change_by_hand_is_kept_when_the_file_comes_again(run: Run, own: Path, made: tuple[Path, Any]) -> None:
    first = run("runs", "--json", home=own).document["runs"][0]["id"]
    assert run("runs", "edit", first, "race=true", "rpe=9", home=own).code == 0
    second = run("runs", "--json", home=own).document["runs"][1]["id"]
    assert run("runs", "delete", second, home=own).code == 0
    run("import", made[0], home=own)
    rows = {row["id"]: row for row in run("runs", "--json", home=own).document["runs"]}
    assert rows[first]["race"] is True
    assert rows[first]["rpe"] == 9
    assert second not in rows


def test_the_beginning_of_an_id_is_enough(run: Run, own: Path) -> None:
    ids = [row["id"] for row in run("runs", "--json", home=own).document["runs"]]
    short = next(
        (ids[0][:n] for n in range(1, len(ids[0]) + 1) if sum(name.startswith(ids[0][:n]) for name in ids) == 1), ids[0]
    )
    assert run("runs", "edit", short, "race=true", "--json", home=own).document["id"] == ids[0]


def test_what_is_worked_out_cannot_be_typed(run: Run, own: Path) -> None:
    first = run("runs", "--json", home=own).document["runs"][0]["id"]
    for change in ("load_quality=1", "z1_s=60", "id=abc", "speed=3"):
        assert run("runs", "edit", first, change, home=own).code == 2


def test_a_process_of_its_own_prints_one_document(filled: Path) -> None:
    said = command("runs", "--json", home=filled)
    assert said.code == 0
    assert said.err == ""
    assert said.document["runs"]
