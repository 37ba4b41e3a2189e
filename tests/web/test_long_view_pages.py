"""Story, signs, balance and runs in a real browser: the made runner, nothing known, one morning; small and dark too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.web.conftest import LAPTOP, PHONE, Look, Serve, Site, assert_accessible, morning

from freshlegs import Diary

PAGES = ("/story", "/signs", "/balance", "/runs")


@pytest.fixture(scope="module")
def site(serve: Serve, filled: Path) -> Site:
    return serve(filled)


@pytest.fixture(scope="module")
def newest(filled: Path) -> str:
    with Diary.open(filled, now=morning()) as diary:
        return str(diary.runs().sort("start_utc")["id"][-1])


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
@pytest.mark.parametrize("path", PAGES)
def test_pages_of_the_made_runner(site: Site, look: Look, path: str, size: dict[str, int]) -> None:
    page = look(site, size, dark=size is PHONE, path=path).page
    assert page.locator("h1").inner_text()
    if path != "/runs":
        shown = page.locator("[data-plot] svg:visible")
        assert shown.count() == 1
        assert shown.bounding_box()["width"] <= size["width"]
        assert page.locator("figure tbody tr").count() > 100
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert_accessible(page)


@pytest.mark.parametrize("path", PAGES)
def test_pages_of_an_empty_diary_say_so(serve: Serve, empty: Path, look: Look, path: str) -> None:
    page = look(serve(empty), path=path).page
    text = page.locator("main").inner_text()
    assert re.search(r"nothing is known|No sign is known|There is no run yet|Nothing is known", text)
    assert_accessible(page)


@pytest.mark.parametrize("path", PAGES)
def test_pages_after_one_morning(serve: Serve, one_day: Path, look: Look, path: str) -> None:
    page = look(serve(one_day), LAPTOP, path=f"{path}?span=all" if path != "/runs" else path).page
    assert page.locator("h1").inner_text()
    assert_accessible(page)


def test_arrow_keys_read_the_chart_out(site: Site, look: Look) -> None:
    page = look(site, LAPTOP, path="/story").page
    plot = page.locator("[data-plot]:visible")
    plot.focus()
    plot.press("ArrowLeft")
    readout = page.locator(".readout")
    assert "4 May" in readout.inner_text()
    assert "excessive" in readout.inner_text()
    plot.press("ArrowLeft")
    assert "3 May" in readout.inner_text()
    plot.press("Escape")
    assert not readout.is_visible()


def test_hovering_shows_what_the_table_says(site: Site, look: Look) -> None:
    page = look(site, LAPTOP, path="/story").page
    box = page.locator("[data-plot]:visible svg").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 100)
    parts = page.locator(".readout span").all_inner_texts()
    row = page.evaluate(
        "day => [...document.querySelectorAll('figure tbody tr')]"
        ".map(row => [...row.children].map(one => one.textContent)).find(cells => cells[0] === day)",
        parts[0],
    )
    told = [text for text in row if text != "–"]
    assert len(parts) == len(told)
    assert all(part.endswith(text) for part, text in zip(parts, told, strict=True))
    assert page.locator(".cross[visibility=visible]").count() == 1


def test_dragging_zooms_in_and_the_links_zoom_out(site: Site, look: Look) -> None:
    page = look(site, LAPTOP, path="/story").page
    box = page.locator("[data-plot]:visible svg").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 100, steps=4)
    with page.expect_navigation():
        page.mouse.up()
    assert 20 < page.locator("figure tbody tr").count() < 80
    with page.expect_navigation():
        page.get_by_role("link", name="1 year").click()
    assert page.locator("[aria-current=true]").inner_text() == "1 year"


def test_the_newest_run_with_its_way_and_zones(site: Site, look: Look, newest: str) -> None:
    for size, dark in ((PHONE, True), (LAPTOP, False)):
        page = look(site, size, dark=dark, path=f"/runs/{newest}").page
        assert page.locator("figure.chart").count() == 2
        assert "min/km" in page.locator("main").inner_text()
        assert "grey zone" in page.locator(".zones").inner_text()
        page.locator("details.fold summary").last.click()
        assert_accessible(page)


def test_runs_are_filtered(site: Site, look: Look) -> None:
    page = look(site, LAPTOP, path="/runs").page
    total = page.locator("main .small").first.inner_text()
    page.get_by_label("Kind").select_option("long")
    with page.expect_navigation():
        page.get_by_role("button", name="Show").click()
    assert page.locator("main .small").first.inner_text() != total
    assert page.locator(".runs li").count() >= 10


def test_a_run_is_corrected_taken_out_and_brought_back(serve: Serve, own: Path, look: Look, newest: str) -> None:
    site = serve(own)
    page = look(site, path=f"/runs/{newest}").page
    page.get_by_text("Correct this run").click()
    page.get_by_label("Effort, 0 to 10").fill("8")
    page.get_by_label("Distance, km").fill("12.5")
    with page.expect_navigation():
        page.get_by_role("button", name="Keep").click()
    assert "12.5 km" in page.locator(".facts-grid").inner_text()
    assert "Changed by hand: effort 8, distance 12.5 km." in page.locator("main").inner_text()
    with page.expect_navigation():
        page.get_by_role("button", name="Take this run out").click()
    assert "counts nowhere" in page.locator(".notice").first.inner_text()
    with Diary.open(own, now=morning()) as diary:
        assert newest not in diary.runs()["id"].to_list()
    page.goto(site.url + "/runs?gone=true")
    assert page.locator(".runs li").count() == 1
    page.goto(f"{site.url}/runs/{newest}")
    with page.expect_navigation():
        page.get_by_role("button", name="Bring it back").click()
    with Diary.open(own, now=morning()) as diary:
        assert diary.runs().filter(id=newest)["distance_m"].to_list() == [12_500.0]
