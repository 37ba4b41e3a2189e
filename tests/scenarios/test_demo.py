"""The made runner of the demo through the real importers: the planted story is found, and nothing before it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pytest

import freshlegs as fl
from freshlegs.synthetic import Truth, write_demo
from freshlegs.tables import Row

END = date(2026, 5, 4)
ALARM = {"watch", "excessive", "possible_overtraining"}


class Demo:
    """The made half year in a diary, and what was planted."""

    def __init__(self, folder: Path, end: date = END, seed: int = 7) -> None:
        self.folder = folder
        self.truth: Truth = write_demo(folder / "files", end, seed)
        morning = datetime(end.year, end.month, end.day, 8, tzinfo=timezone(timedelta(hours=2)))
        self.diary = fl.Diary.open(folder / "home", now=lambda: morning)
        self.report = self.diary.import_files([folder / "files"])
        self.diary.set_profile(**self.truth.profile)
        self.today: Row = self.diary.today(end)

    def history(self) -> dict[date, Row]:
        return {date.fromisoformat(str(row["date"])): row for row in self.diary.history()}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    made = Demo(tmp_path_factory.mktemp("demo"))
    yield made
    made.diary.close()


def test_every_file_is_read_and_nothing_is_lost(demo: Demo) -> None:
    counted = demo.report.as_dict()
    assert counted["problems"] == []
    assert counted["imported"] == {
        "runs": demo.truth.runs,
        "nights": demo.truth.nights,
        "checkins": demo.truth.checkins,
    }
    runs = demo.diary.runs()
    assert runs["rpe"].null_count() == 0
    written = pl.read_csv(demo.folder / "files" / "checkins.csv")
    for answer in ("legs", "hit_pace", "harder_than_it_should"):
        assert runs[answer].drop_nulls().len() == written[answer].drop_nulls().len() > 10


def test_the_last_morning_is_excessive_through_the_model(demo: Demo) -> None:
    assert demo.truth.state[END] == "excessive"
    assert demo.today["state"] == "excessive"
    assert demo.today["probabilities"]["excessive"] > 0.8
    assert "A1" not in demo.today["rules"]
    strength = {sign["sign"]: sign["strength"] or 0.0 for sign in demo.today["signs"]}
    assert strength["performance_decline"] >= 0.6
    assert min(strength[sign] for sign in ("heavy_legs", "low_energy", "slow_recovery")) >= 0.6


def test_it_is_dated_to_when_it_began(demo: Demo) -> None:
    """Tiredness beyond the normal is a quarter of the way on that day; the signs stand within two weeks of it."""
    felt = min(day for day, excess in demo.truth.excess.items() if excess >= 0.25)
    assert abs((date.fromisoformat(str(demo.today["since"])) - felt).days) <= 14


def test_sleep_and_training_lead_the_causes(demo: Demo) -> None:
    assert [cause["cause"] for cause in demo.today["causes"][:2]] == ["sleep", "training"]
    assert demo.truth.causes["sleep"] > demo.truth.causes["training"]
    assert sum(cause["share"] for cause in demo.today["causes"]) == pytest.approx(1.0)


def test_no_alarm_before_the_slide_and_watch_before_excessive(demo: Demo) -> None:
    states = {day: row["state"] for day, row in demo.history().items()}
    before = [state for day, state in states.items() if day <= demo.truth.onset["short_sleep"]]
    assert len(before) > 90
    assert not ALARM & set(before)
    first = {state: min(day for day, seen in states.items() if seen == state) for state in ("watch", "excessive")}
    assert demo.truth.onset["short_sleep"] < first["watch"] < first["excessive"] <= END
    assert all(state == "excessive" for day, state in states.items() if day >= first["excessive"])


def test_tonight_has_something_to_do(demo: Demo) -> None:
    assert any(action["tip"] == 3 and action["when"] == "tonight" for action in demo.today["actions"])
    assert all(action["date"] >= END.isoformat() for action in demo.today["actions"])


@pytest.mark.parametrize("days", [1, 2, 3, 5, 6])
def test_whatever_day_the_demo_is_run_on(tmp_path: Path, days: int) -> None:
    """The week's pattern moves against the last morning; the story is the same."""
    made = Demo(tmp_path, END + timedelta(days=days))
    assert made.today["state"] == "excessive"
    assert made.today["causes"][0]["cause"] == "sleep"
    made.diary.close()
