"""The plan's page: two weeks, a proposal beside them, accepted and taken back; a plan brought as a file."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from freshlegs import Diary
from web.conftest import END, LAPTOP, Look, Serve, Site, assert_accessible, later


@pytest.fixture(scope="module")
def site(serve: Serve, own: Path) -> Site:
    with Diary.open(own, now=later(1)) as diary:
        for number, kind in enumerate(("tempo", "easy", "long", "intervals")):
            diary.add_session(END + timedelta(days=1 + number), kind, duration_s=3600.0)
    return serve(own, now=later(1))


def test_a_proposal_is_asked_for_accepted_and_taken_back(site: Site, look: Look) -> None:
    page = look(site, LAPTOP, path="/plan").page
    assert page.get_by_text("Tempo run, 60 min").count() == 1
    assert page.locator("s").count() == 0
    page.get_by_role("button", name="Hold it against this morning").click()
    page.get_by_role("button", name="Accept").wait_for()
    assert page.locator("s", has_text="Tempo run").count() == 1
    assert_accessible(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Accept").click()
    with Diary.open(site.home, now=later(1)) as diary:
        kinds = [session["kind"] for session in diary.plan()["sessions"]]
    assert "tempo" not in kinds
    with page.expect_navigation():
        page.get_by_role("button", name="Take the last change back").click()
    with Diary.open(site.home, now=later(1)) as diary:
        assert "tempo" in [session["kind"] for session in diary.plan()["sessions"]]


def test_a_plan_is_brought_as_a_file_and_a_wrong_one_is_a_sentence(site: Site, look: Look, tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_text(f"date,kind,duration_s\n{END + timedelta(days=6)},easy,2700\n")
    looking = look(site, LAPTOP, path="/plan")
    page = looking.page
    page.set_input_files("#files", tmp_path / "plan.csv")
    page.get_by_role("button", name="Import").click()
    page.get_by_text("Easy run, 45 min").first.wait_for()
    (tmp_path / "no.ics").write_text("nothing")
    page.set_input_files("#files", tmp_path / "no.ics")
    page.get_by_role("button", name="Import").click()
    page.get_by_text("That did not work").first.wait_for()
    looking.expect("422", "503", "400")
