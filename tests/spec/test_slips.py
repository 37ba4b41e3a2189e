"""Slips of people and of tables: a wrong map, a wrong year, a minus, a doctor's word on the wrong day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

import freshlegs as fl
from freshlegs.diary.plans.typed import typed
from freshlegs.importers.csv_guess import guess
from freshlegs.problems import WrongRequest

TODAY = date(2025, 5, 4)


@pytest.fixture
def diary(tmp_path: Path) -> Iterator[fl.Diary]:
    with fl.Diary.open(tmp_path / "home", now=lambda: datetime(2025, 5, 4, 8, tzinfo=UTC)) as diary:
        yield diary


def energy_on(low: int, high: int) -> dict[str, Any]:
    return {"table": "checkins", "columns": {"date": "Day", "energy": {"from": "Vigor", "scale": [low, high]}}}


def test_a_corrected_map_reads_the_table_again_and_is_the_one_remembered(diary: fl.Diary, tmp_path: Path) -> None:
    for name, day in (("first", 1), ("second", 2), ("third", 3)):
        (tmp_path / f"{name}.csv").write_text(f"Day,Vigor\n2025-05-0{day},2\n")
    diary.import_files(tmp_path / "first.csv", column_maps={"one to five": energy_on(1, 5)})
    assert diary.checkins()["energy"].to_list() == [2.5]
    report = diary.import_files(tmp_path / "first.csv", column_maps={"nought to ten": energy_on(0, 10)})
    assert (report.read_again, report.already_known) == (1, 0)
    assert diary.checkins()["energy"].to_list() == [2.0]
    diary.import_files(tmp_path / "second.csv", column_maps={"nought to ten": energy_on(0, 10)})
    diary.import_files(tmp_path / "third.csv")
    assert diary.checkins()["energy"].to_list() == [2.0, 2.0, 2.0]
    assert diary.import_files(tmp_path / "first.csv").already_known == 1


def test_what_has_not_come_yet_or_is_of_another_century_is_left_out_and_said(diary: fl.Diary, tmp_path: Path) -> None:
    (tmp_path / "mornings.csv").write_text("date,energy\n2031-01-01,3\n2025-05-01,4\n")
    (tmp_path / "nights.csv").write_text("date,sleep_s\n2031-01-01,20000\n2025-05-01,25000\n")
    rows = "1850-01-01T08:00:00Z,running,5000\n2025-05-02T08:00:00Z,running,5000\n"
    (tmp_path / "runs.csv").write_text(f"start_utc,sport,distance_m\n{rows}")
    report = diary.import_files([tmp_path / name for name in ("mornings.csv", "nights.csv", "runs.csv")])
    told = [problem.message for problem in report.problems]
    assert [message for message in told if "2031-01-01" in message or "1850" in message] == told
    assert len(told) == 3
    assert diary.checkins()["date"].to_list() == diary.nights()["date"].to_list() == [date(2025, 5, 1)]
    assert [start.year for start in diary.runs()["start_utc"]] == [2025]


@pytest.mark.parametrize("start", [datetime(1850, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)])
def test_no_run_is_moved_to_where_none_can_be(diary: fl.Diary, tmp_path: Path, start: datetime) -> None:
    (tmp_path / "runs.csv").write_text("start_utc,sport,distance_m\n2025-05-02T08:00:00Z,running,5000\n")
    diary.import_files(tmp_path / "runs.csv")
    with pytest.raises(WrongRequest, match="a run starts between 1900 and now"):
        diary.edit_run(diary.runs()["id"][0], start_utc=start)


def test_what_was_put_together_comes_apart_though_another_copy_was_imported(diary: fl.Diary, tmp_path: Path) -> None:
    rows = ("2025-05-01T08:00:00Z,running,5000,1500", "2025-05-01T08:30:00Z,running,3000,900")
    table = "start_utc,sport,distance_m,elapsed_s\n" + "\n".join(rows) + "\n"
    (tmp_path / "one.csv").write_text(table)
    (tmp_path / "other.csv").write_text(table + "\n")
    diary.import_files(tmp_path / "one.csv")
    diary.merge_runs(*diary.runs()["id"])
    diary.import_files(tmp_path / "other.csv")
    (whole,) = diary.runs()["id"]
    diary.split_run(whole)
    assert sorted(diary.runs()["distance_m"].to_list()) == [3000.0, 5000.0]


def test_stress_is_the_larger_of_its_parts(diary: fl.Diary) -> None:
    diary.check_in(TODAY, stress=2)
    diary.check_in(TODAY, stress_work=3, stress_home=9)
    assert diary.days()["stress"].to_list() == [9.0]


@pytest.mark.parametrize(("column", "text"), [("distance_m", "-5km"), ("duration_s", "-30min"), ("distance_m", "− 5")])
def test_nothing_planned_is_less_than_nothing(column: str, text: str) -> None:
    with pytest.raises(WrongRequest, match="less than nothing"):
        typed(column, text)


def test_a_doctors_word_of_the_same_day_puts_out_no_emergency(diary: fl.Diary) -> None:
    diary.check_in(TODAY, symptoms=["chest_pain"])
    diary.check_in(TODAY, checked_by_doctor=True)
    assert [flag["urgency"] for flag in diary.today()["red_flags"]] == ["emergency"]


def test_nobody_agrees_with_a_verdict_that_never_was(diary: fl.Diary) -> None:
    diary.check_in(TODAY, energy=6)
    diary.label(date(1990, 1, 1), "right")
    assert len(diary.labels()["labels"]) == 1
    assert (diary.labels()["record"]["agreed"], diary.labels()["record"]["of"]) == (0, 0)


def test_one_wrong_date_does_not_hide_the_form_of_the_others() -> None:
    found = guess(b"date;energy\n13.05.2026;4\n14.05.2026;5\n32.05.2026;6\n15.05.2026;7\n")
    assert found is not None
    assert found.date_format == "%d.%m.%Y"
