"""Right or wrong: the look back after two weeks, the runner's own record, and that none of it tunes anything."""

import shutil
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.clocks import Clock

import freshlegs as fl
from freshlegs import tables
from freshlegs.diary.labels import BESIDE
from freshlegs.synthetic.stories import Phase, tell

DAY = timedelta(days=1)
START = date(2026, 1, 5)
WORN = dict.fromkeys(("energy", "leg_freshness", "sleep_quality", "mood", "relax", "wish_to_run"), -3.0)
WELL_D, WORN_D = 50, 45
ASKED = [name for name in tables.CHECKINS.names if name in tables.DAYS.names and name not in ("athlete", "date")]
BAD = ("watch", "excessive", "possible_overtraining")


def story() -> pl.DataFrame:
    return tell(Phase(WELL_D), Phase(WORN_D, feels={**WORN, "soreness": 3.0, "stress": 2.0}), start=START, seed=2)


def say(diary: fl.Diary, days: pl.DataFrame) -> None:
    for row in days.iter_rows(named=True):
        if told := {name: row[name] for name in ASKED if row[name] is not None}:
            diary.check_in(row["date"], **told)


@pytest.fixture(scope="module")
def lived_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every morning answered on that morning, every verdict looked at from the hard weeks on."""
    home, clock = tmp_path_factory.mktemp("lived") / "home", Clock(START)
    with fl.Diary.open(home, now=clock) as diary:
        for row in story().iter_slices(1):
            clock.at(row["date"][0])
            say(diary, row)
            if row["date"][0] >= START + (WELL_D - 2) * DAY:
                diary.today()
    return home


@pytest.fixture(scope="module")
def imported_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same weeks, all told on the last of them."""
    home, clock = tmp_path_factory.mktemp("imported") / "home", Clock(START)
    clock.at(START + (WELL_D + WORN_D - 1) * DAY)
    with fl.Diary.open(home, now=clock) as diary:
        say(diary, story())
    return home


Opened = tuple[fl.Diary, Clock]


@pytest.fixture
def open_copy(tmp_path: Path) -> Iterator[Callable[[Path], Opened]]:
    opened: list[fl.Diary] = []

    def copy(home: Path) -> Opened:
        clock = Clock(START)
        clock.at(START + (WELL_D + WORN_D - 1) * DAY)
        opened.append(fl.Diary.open(shutil.copytree(home, tmp_path / "copy"), now=clock))
        return opened[-1], clock

    yield copy
    for diary in opened:
        diary.close()


def told(document: Any) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in BESIDE}


def first_bad(diary: fl.Diary) -> date:
    return date.fromisoformat(next(d["date"] for d in diary.history() if d["state"] in BAD))


def test_two_weeks_after_a_told_watch_one_question_until_it_is_answered(
    lived_home: Path, open_copy: Callable[[Path], Opened]
) -> None:
    diary, clock = open_copy(lived_home)
    said = first_bad(diary)
    clock.at(said + 13 * DAY)
    assert diary.today()["look_back_question"] is None
    clock.at(said + 14 * DAY)
    asked = diary.today()["look_back_question"]
    assert (asked["date"], asked["state"]) == (said.isoformat(), "watch")
    assert asked["text"] == f"On {said.day} {said:%B} the verdict was watch: right?"
    clock.at(said + 20 * DAY)
    assert diary.today()["look_back_question"] == asked
    assert diary.history()[-1]["look_back_question"] == asked
    assert diary.today(said + 16 * DAY)["look_back_question"] is None  # asked today, of no earlier day

    before = told(diary.today())
    diary.check_in(said, looking_back="right")
    after = diary.today()
    assert after["look_back_question"] is None
    assert after["record"] == {"agreed": 1, "of": 1, "text": "you agreed with 1 of 1"}
    assert told(after) | {"data_as_of": None} == before | {"data_as_of": None}
    clock.at(said + 21 * DAY)
    assert diary.today()["look_back_question"] is None


def test_days_before_the_diary_began_are_asked_about_as_well(
    imported_home: Path, open_copy: Callable[[Path], Opened]
) -> None:
    diary, _ = open_copy(imported_home)
    document = diary.today()
    asked = document["look_back_question"]
    assert asked["date"] == first_bad(diary).isoformat()
    assert "would have been watch" in asked["text"]
    assert document["record"]["of"] == 0
    diary.check_in(diary.local_today, looking_back="wrong")  # today's answer is about what was asked today
    assert diary.labels()["labels"][0]["date"] == asked["date"]
    assert diary.today()["record"]["text"] == "you agreed with 0 of 1"


def test_an_old_spell_is_no_longer_asked_about(lived_home: Path, open_copy: Callable[[Path], Opened]) -> None:
    diary, clock = open_copy(lived_home)
    clock.at(first_bad(diary) + 121 * DAY)
    assert diary.today()["look_back_question"] is None


def test_a_label_holds_date_state_answer_and_when_and_goes_with_its_check_in(
    lived_home: Path, open_copy: Callable[[Path], Opened]
) -> None:
    diary, clock = open_copy(lived_home)
    said = first_bad(diary)
    diary.label(said, "wrong")
    diary.label(said, "right")
    clock.at(diary.local_today, 9)
    diary.check_in(said + DAY, feels="worse")  # about the verdict of the day before
    found = diary.labels()
    rows = [(row["kind"], row["date"], row["about"], row["answer"]) for row in found["labels"]]
    assert rows == [("feels", said.isoformat(), "watch", "worse"), ("looking_back", said.isoformat(), "watch", "right")]
    assert found["labels"][0]["said_at"] == f"{diary.local_today}T09:00:00Z"
    assert found["record"]["by_state"] == {"watch": {"agreed": 1, "of": 1}}
    assert found["record"]["felt"] == {"better": 0, "worse": 1}
    diary.undo_check_in()
    assert diary.labels()["record"]["felt"] == {"better": 0, "worse": 0}
    diary.undo_check_in(said)
    assert diary.labels()["labels"][0]["answer"] == "wrong"
    diary.check_in(said, looking_back=None)
    assert diary.labels()["labels"] == []


def test_a_look_back_at_a_silent_day_makes_no_day_of_rest_of_it(tmp_path: Path) -> None:
    clock = Clock(START)
    with fl.Diary.open(tmp_path / "home", now=clock) as diary:
        clock.at(START + 10 * DAY)
        diary.check_in(START, energy=5)
        diary.check_in(START + 9 * DAY, energy=5)
        days = diary.days()
        diary.label(START + 4 * DAY, "right")
        assert diary.days().equals(days)
        assert diary.checkins()["looking_back"].to_list() == [None, "right", None]
        assert fl.daily(None, None, diary.checkins(), until=diary.local_today).equals(days)
    with fl.Diary.open(tmp_path / "home", now=clock) as diary, pytest.raises(fl.FreshlegsError, match="looking_back"):
        diary.label(START, "perhaps")


def test_the_export_and_the_backup_hold_the_labels(
    lived_home: Path, open_copy: Callable[[Path], Opened], tmp_path: Path
) -> None:
    import zipfile

    diary, _ = open_copy(lived_home)
    diary.label(first_bad(diary), "right")
    diary.export(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        rows = pl.read_csv(archive.read("tables/labels.csv"))
    assert rows.select("kind", "about", "answer").rows() == [("looking_back", "watch", "right")]
    diary.backup(tmp_path / "saved.zip")
    with fl.Diary.open(tmp_path / "elsewhere") as other:
        other.restore(tmp_path / "saved.zip")
        assert other.labels() == diary.labels()
