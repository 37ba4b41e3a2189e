"""The plan's page in two tabs, and a proposal that reaches further than two weeks."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from freshlegs import Diary
from freshlegs.web import create_app
from web.conftest import END, later
from web.forms import Tab

HERE = {"host": "127.0.0.1:8765"}


@pytest.fixture
def home(filled: Path, tmp_path: Path) -> Path:
    home = Path(shutil.copytree(filled, tmp_path / "home"))
    with Diary.open(home, now=later(1)) as diary:
        for number in range(1, 40, 3):
            diary.add_session(END + timedelta(days=number), "tempo", duration_s=3600.0)
    return home


@pytest.fixture
def client(home: Path) -> TestClient:
    app = create_app(home, now=later(1))
    return TestClient(app, base_url="http://127.0.0.1:8765", headers=HERE, follow_redirects=False)


def tab(client: TestClient, act: str) -> Tab:
    return Tab(client, "/plan", f"/plan/{act}")


def versions(home: Path) -> list[str]:
    """The changes that hold, the last first."""
    with Diary.open(home, now=later(1)) as diary:
        return [one["what"] for one in diary.plan_history()["versions"] if one["undone_at"] is None]


def test_every_change_of_a_proposal_is_shown_before_and_after(client: TestClient, home: Path) -> None:
    one = tab(client, "adapt")
    one.send()
    with Diary.open(home, now=later(1)) as diary:
        document = diary.plan()
        changes = document["proposal"]["changes"]
    last = max(session["date"] for session in document["sessions"])
    assert any(change["date"] > last for change in changes), "the proposal should reach beyond the two weeks"
    assert len(one.page.xpath("//s")) == len(changes)
    assert all("Tempo run, 60 min" in struck.text_content() for struck in one.page.xpath("//s"))


def test_a_tab_takes_back_the_change_it_showed_and_no_other(client: TestClient, home: Path) -> None:
    tab(client, "adapt").send()
    tab(client, "accept").send()
    one, other = tab(client, "undo"), tab(client, "undo")
    assert "The last change: a proposal accepted" in one.text()
    before = versions(home)
    one.send()
    other.send()
    assert versions(home) == before[1:]
    assert "That change was taken back already. Nothing else was." in other.text()


def test_a_tab_that_showed_an_older_plan_takes_nothing_back(client: TestClient, home: Path) -> None:
    one = tab(client, "undo")
    with Diary.open(home, now=later(1)) as diary:
        diary.add_session(END + timedelta(days=2), "easy", duration_s=1800.0)
    before = versions(home)
    one.send()
    assert versions(home) == before
    assert "The plan has changed since that page was opened" in one.text()


def test_accepting_twice_says_that_it_is_in_the_plan(client: TestClient, home: Path) -> None:
    tab(client, "adapt").send()
    one, other, third = tab(client, "accept"), tab(client, "accept"), tab(client, "refuse")
    one.send()
    before = versions(home)
    assert other.send().status_code == 303
    assert "This proposal is in the plan already." in other.text()
    assert third.send().status_code == 303
    assert "“Hold it against this morning” makes a new one." in third.text()
    assert "freshlegs plan" not in other.text() + third.text()
    assert versions(home) == before


def test_without_anything_ahead_a_sentence_says_so(client: TestClient, home: Path) -> None:
    one = tab(client, "adapt")
    with Diary.open(home, now=later(1)) as diary:
        diary.remove_sessions(*diary.planned()["uid"].to_list())
    one.send()
    assert "Nothing is planned from today on" in one.text()
