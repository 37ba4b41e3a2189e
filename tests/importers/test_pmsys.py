"""PMSys: which way each answer points, whose day it is, and when a session began."""

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from freshlegs import importers
from freshlegs.importers import Context, Reading, Source
from freshlegs.problems import UnreadableFile

WELLNESS = "effective_time_frame,fatigue,mood,readiness,sleep_duration_h,sleep_quality,soreness,soreness_area,stress\n"
SESSIONS = "end_date_time,activity_names,perceived_exertion,duration_min\n"


def read(text: str, zone: str | None = "Europe/Oslo") -> Reading:
    return importers.read(Source("diary.csv", text.encode(), Context(zone)))


def test_higher_is_better_in_all_of_theirs() -> None:
    """Fatigue 5 is fresh, soreness 5 is none, stress 5 is calm; ours has 10 for the worst soreness and stress."""
    (row,) = read(WELLNESS + "2019-11-01T08:31:40.751Z,5,4,7,6.5,3,1,[12921003],2\n").checkins
    assert row == {
        "date": date(2019, 11, 1),
        "energy": 10.0,
        "mood": 7.5,
        "readiness": 7.0,
        "sleep_quality": 5.0,
        "soreness": 10.0,
        "stress": 7.5,
    }


def test_hours_of_sleep_become_a_night() -> None:
    (night,) = read(WELLNESS + "2019-11-01T08:31:40.751Z,5,4,7,6.5,3,1,[],2\n").nights
    assert night == {"date": date(2019, 11, 1), "source": "pmsys", "sleep_s": 23400.0}


def test_the_last_answer_of_a_local_day_wins_in_any_order() -> None:
    """23:30 UTC is half past midnight in Oslo: the next day."""
    found = read(
        WELLNESS
        + "2019-11-02T18:00:00.000Z,4,3,5,7,3,3,[],3\n"
        + "2019-11-01T23:30:00.000Z,1,3,5,5,3,3,[],3\n"
        + "2019-11-02T06:00:00.000Z,2,3,5,6,3,3,[],3\n"
    )
    assert [(row["date"], row["energy"]) for row in found.checkins] == [(date(2019, 11, 2), 7.5)]
    assert [night["sleep_s"] for night in found.nights] == [25200.0]


def test_an_answer_off_its_scale_costs_only_itself() -> None:
    found = read(WELLNESS + "2019-11-01T08:00:00Z,3,0,5,x,3,3,[],3\n2019-11-02T08:00:00Z,3,3,5,7,3,3,[],3\n")
    assert [row.get("mood") for row in found.checkins] == [None, 5.0]
    assert len(found.nights) == 1
    assert [(problem.where, problem.message) for problem in found.problems] == [
        ("line 2", "mood must lie between 1 and 5, not 0; that answer was left out"),
        ("line 2", "sleep_duration_h must lie between 0 and 24, not x; that answer was left out"),
    ]


def test_the_stamp_of_a_session_is_its_end() -> None:
    found = read(
        SESSIONS
        + "2019-11-05T22:51:54.710Z,\"['individual', 'running']\",7,30\n"
        + "2019-11-14T21:00:53.000Z,\"['team', 'soccer']\",7,60\n"
        + "2019-11-15T21:00:00.000Z,\"['individual', 'strength', 'running']\",0,45\n"
        + "2019-11-16T21:00:00.000Z,\"['individual', 'endurance']\",5,\n"
    )
    assert found.runs[0] == {
        "start_utc": datetime(2019, 11, 5, 22, 21, 54, 710_000, tzinfo=UTC),
        "sport": "running",
        "moving_s": 1800.0,
        "elapsed_s": 1800.0,
        "rpe": 7.0,
    }
    assert [(run["sport"], run["rpe"]) for run in found.runs] == [("running", 7.0), ("soccer", 7.0), ("running", 0.0)]
    assert [problem.where for problem in found.problems] == ["line 5"]


def test_the_list_of_injuries_is_refused_with_the_reason() -> None:
    with pytest.raises(UnreadableFile, match="no place on the 0 to 10 scale"):
        read("effective_time_frame,injuries\n2019-11-07T06:39:48.428Z,{'left_knee': 'minor'}\n")


def test_every_real_diary_is_read_whole(shared: Path) -> None:
    files = sorted((shared / "validation" / "pmdata").glob("p*/pmsys/*.csv"))
    assert len(files) == 24
    oslo = ZoneInfo("Europe/Oslo")
    for path in files:
        if path.name == "injury.csv":
            continue
        rows = list(csv.DictReader(io.StringIO(path.read_text())))
        found = read(path.read_text())
        assert found.kind == "PMSys"
        if path.name == "srpe.csv":
            assert len(found.runs) == len(rows)
            continue
        days = {datetime.fromisoformat(row["effective_time_frame"]).astimezone(oslo).date() for row in rows}
        assert {row["date"] for row in found.checkins} == days
        assert all(0 <= value <= 10 for row in found.checkins for name, value in row.items() if name != "date")
        assert sum(row[name] == "0" for row in rows for name in ("mood", "stress")) == len(found.problems)
