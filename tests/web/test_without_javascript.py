"""Everything that matters is there without a script: read, answered, drawn, imported."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from freshlegs import Diary
from freshlegs.web.pages import NAVIGATION
from web.conftest import PHONE, Serve, Site, later


@pytest.fixture(scope="module")
def site(serve: Serve, own: Path) -> Site:
    return serve(own, now=later(1))


@pytest.fixture
def page(chromium: Any, site: Site) -> Iterator[Any]:
    context = chromium.new_context(viewport=PHONE, java_script_enabled=False)
    context.set_default_timeout(8000)
    yield context.new_page()
    context.close()


def test_a_morning_without_a_script(site: Site, page: Any) -> None:
    page.goto(site.url)
    with Diary.open(site.home, now=later(1)) as diary:
        assert page.locator("h1").inner_text() == diary.today()["headline"]
    page.goto(site.url + "/checkin")
    for item, value in (("energy", 4), ("leg_freshness", 3), ("sleep_quality", 6)):
        page.locator(f"label.tap:has(input[name='{item}'][value='{value}'])").click()
    page.locator(".done button").click()
    with Diary.open(site.home, now=later(1)) as diary:
        told = diary.checkins().to_dicts()[-1]
    assert (told["energy"], told["leg_freshness"], told["sleep_quality"]) == (4.0, 3.0, 6.0)


def test_what_is_emptied_without_a_script_is_taken_out_and_what_came_meanwhile_stays(site: Site, page: Any) -> None:
    day = date(2025, 4, 20)
    with Diary.open(site.home, now=later(1)) as diary:
        diary.check_in(day, note="left at home", strength_done=True, systolic_mmhg=120, diastolic_mmhg=80)
    page.goto(f"{site.url}/checkin?date={day}")
    with Diary.open(site.home, now=later(1)) as diary:
        diary.check_in(day, pain_where="shin", stretching_done=True)  # in another tab
    page.get_by_text("Answer more").click()
    page.locator("textarea[name=note]").fill("")
    page.locator("input[name=strength_done]").uncheck()
    page.locator(".done button").click()
    with Diary.open(site.home, now=later(1)) as diary:
        told = diary.answered(day)
    assert "note" not in told
    assert "strength_done" not in told
    assert (told["systolic_mmhg"], told["pain_where"], told["stretching_done"]) == (120.0, "shin", True)


@pytest.mark.parametrize("path", [one.path for one in NAVIGATION])
def test_every_page_is_there(site: Site, page: Any, path: str) -> None:
    answer = page.goto(site.url + path)
    assert answer.status == 200
    assert page.locator("main").inner_text().strip()
    if path in ("/story", "/signs", "/balance"):
        assert page.locator("figure.chart svg:visible").count() >= 1


def test_a_file_is_sent_without_a_script(site: Site, page: Any, tmp_path: Path) -> None:
    file = tmp_path / "mornings.csv"
    file.write_text("date,energy\n2024-01-02,7\n", "utf-8")
    page.goto(site.url + "/import")
    page.locator("input[type=file]").first.set_input_files(file)
    page.locator("form:has(input[type=file]) button").first.click()
    for _ in range(80):
        with Diary.open(site.home, now=later(1)) as diary:
            if diary.checkins().filter(date=date(2024, 1, 2)).height:
                return
        page.wait_for_timeout(100)
    pytest.fail("the file never arrived")
