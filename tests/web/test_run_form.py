"""The form that puts a run right: times and distances as people write them, two tabs, a refusal that loses nothing."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from freshlegs import Diary
from freshlegs.web import create_app
from web.conftest import later
from web.forms import Tab

HERE = {"host": "127.0.0.1:8765"}


@pytest.fixture(scope="module")
def home(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(filled, tmp_path_factory.mktemp("run") / "home"))


@pytest.fixture(scope="module")
def client(home: Path) -> TestClient:
    app = create_app(home, now=later(1))
    return TestClient(app, base_url="http://127.0.0.1:8765", headers=HERE, follow_redirects=False)


@pytest.fixture(scope="module")
def run(home: Path) -> str:
    with Diary.open(home, now=later(1)) as diary:
        return str(diary.runs().sort("start_utc")["id"][-1])


def known(home: Path, run: str) -> dict[str, Any]:
    with Diary.open(home, now=later(1)) as diary:
        return diary.runs().filter(id=run).row(0, named=True)


def tab(client: TestClient, run: str) -> Tab:
    return Tab(client, f"/runs/{run}", f"/runs/{run}")


def test_a_time_is_read_as_it_is_written_and_a_bare_number_asked_about(
    client: TestClient, home: Path, run: str
) -> None:
    one = tab(client, run)
    before = known(home, run)["moving_s"]
    for bare in ("45", "45:99", "soon"):
        assert one.send(moving_s=bare).status_code == 422
        assert one.said_of("moving_s").startswith("Write a time as 45:00, 1:05:00 or 45 min")
        assert one.fields["moving_s"] == bare
    assert known(home, run)["moving_s"] == before
    for typed, seconds in (("45:00", 2700.0), ("1:05:00", 3900.0), ("45 min", 2700.0), ("1 h 5 min", 3900.0)):
        assert tab(client, run).send(moving_s=typed).status_code == 303
        assert known(home, run)["moving_s"] == seconds


def test_a_refused_field_says_why_and_the_form_keeps_what_was_typed(client: TestClient, home: Path, run: str) -> None:
    one = tab(client, run)
    assert one.send(distance_m="far", rpe="7", legs="11").status_code == 422
    assert one.said_of("distance_m") == "Distance is a number, such as 42.5; “far” is none."
    assert one.said_of("legs") == "Legs must be between 0 and 10, so “11” cannot be."
    assert (one.fields["rpe"], one.field("distance_m").get("aria-invalid")) == ("7", "true")
    assert one.send(distance_m="12.5", legs="6").status_code == 303
    found = known(home, run)
    assert (found["distance_m"], found["rpe"], found["legs"]) == (12500.0, 7.0, 6.0)


def test_a_tab_keeps_what_was_changed_in_it_in_the_units_it_showed(client: TestClient, home: Path, run: str) -> None:
    one, other = tab(client, run), tab(client, run)
    other.send(rpe="9")
    with Diary.open(home, now=later(1)) as diary:
        diary.set_profile(units="imperial")
    assert one.send(distance_m="10").status_code == 303
    found = known(home, run)
    assert (found["rpe"], found["distance_m"]) == (9.0, 10000.0)
    with Diary.open(home, now=later(1)) as diary:
        diary.set_profile(units="metric")
