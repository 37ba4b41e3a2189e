"""A run without a time zone of its own is of the day it was at home."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from freshlegs import Diary
from freshlegs.cli.app import freshlegs
from freshlegs.web import create_app

TRACK = """<gpx version="1.1" creator="us"><trk><trkseg>
<trkpt lat="-33.86" lon="151.2"><time>2025-05-{day:02}T19:00:00Z</time></trkpt>
<trkpt lat="-33.83" lon="151.2"><time>2025-05-{day:02}T19:30:00Z</time></trkpt>
</trkseg></trk></gpx>"""


def now() -> datetime:
    return datetime(2025, 5, 4, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def sydney(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("sydney") / "home"
    files = tmp_path_factory.mktemp("files")
    for day in (1, 2):
        (files / f"{day}.gpx").write_text(TRACK.format(day=day))
    with Diary.open(home, now=now) as diary:
        diary.set_profile(home_time_zone="Australia/Sydney")
        diary.import_files([files])
    return home


def test_the_pages_show_and_find_it_on_that_day(sydney: Path) -> None:
    client = TestClient(create_app(sydney, now=now), headers={"host": "127.0.0.1:8765"})
    asked = client.get("/api/v1/runs?first=2025-05-03&last=2025-05-03").json()
    assert [run["start_utc"][:10] for run in asked["runs"]] == ["2025-05-02"]
    shown = client.get(f"/runs/{asked['runs'][0]['id']}").text
    assert "Saturday 3 May" in shown
    assert " 5:00<" in shown
    assert client.get("/runs?first=2025-05-03").text.count('href="/runs/') == 1


def test_the_command_lists_it_on_that_day(sydney: Path) -> None:
    said = CliRunner().invoke(freshlegs, ["--home", str(sydney), "runs", "--from", "2025-05-02"])
    assert said.exit_code == 0
    days = [line.split()[:2] for line in said.output.splitlines() if line.strip().startswith("2025")]
    assert days == [["2025-05-02", "05:00"], ["2025-05-03", "05:00"]]


def test_what_was_said_after_it_is_found_on_that_day(sydney: Path) -> None:
    with Diary.open(sydney, now=now) as diary:
        diary.check_in(date(2025, 5, 3), rpe=9, legs=2)
    client = TestClient(create_app(sydney, now=now), headers={"host": "127.0.0.1:8765"})
    said = client.get("/checkin?after=run&date=2025-05-03").text
    other = client.get("/checkin?after=run&date=2025-05-02").text
    assert said.count("checked") == 2
    assert other.count("checked") == 0
