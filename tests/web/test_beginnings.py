"""Who begins: no diary, one morning, a race ahead; and who reads miles."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from freshlegs import Diary
from freshlegs.web.pages import NAVIGATION
from web.conftest import END, LAPTOP, PHONE, Look, Serve, assert_accessible, morning


@pytest.fixture
def copy(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(filled, tmp_path / "home"))


@pytest.mark.parametrize("path", ["/", "/why", "/story", "/signs", "/balance"])
def test_an_empty_diary_shows_its_doors_and_no_empty_picture(serve: Serve, empty: Path, look: Look, path: str) -> None:
    page = look(serve(empty), PHONE, path=path).page
    assert page.locator("main a.button[href='/checkin']").is_visible()
    assert page.locator("main a.button[href='/import']").is_visible()
    assert page.locator("figure.chart, .fall, .causes").count() == 0


def test_one_morning_says_what_a_verdict_still_needs(serve: Serve, one_day: Path, look: Look) -> None:
    site = serve(one_day)
    page = look(site, PHONE).page
    assert page.locator("#needs + ul > li").all_inner_texts()[0].split("\n") == ["Days of history", "1 of 14"]
    page.goto(site.url + "/story")
    assert page.locator("[aria-current=true]").inner_text() == "6 weeks"
    assert "1 morning: " in page.locator("main").inner_text()
    assert "Load" not in page.locator("figure svg:visible").text_content()


def test_what_was_noticed_is_told_on_the_first_day_and_taken_back(serve: Serve, tmp_path: Path, look: Look) -> None:
    site = serve(tmp_path / "home")
    page = look(site, PHONE).page
    page.get_by_text("Tell what you have noticed").click()
    assert_accessible(page)
    page.get_by_label("Heavy legs").select_option("two weeks")
    page.get_by_label("Low energy").select_option("a week")
    with page.expect_navigation():
        page.get_by_role("button", name="Done").click()
    assert page.get_by_text("As you told it").count() == 1
    with Diary.open(site.home, now=morning()) as diary:
        since = {sign["sign"]: sign["since"] for sign in diary.today()["signs"] if sign["since"]}
    assert since == {"heavy_legs": str(END - timedelta(days=14)), "low_energy": str(END - timedelta(days=7))}
    page.goto(site.url + "/first-day")
    with page.expect_navigation():
        page.get_by_role("button", name="Take back").click()
    with Diary.open(site.home, now=morning()) as diary:
        assert not diary.today().get("from_memory")


def test_the_strongest_signs_stand_on_the_first_screen(serve: Serve, filled: Path, look: Look) -> None:
    page = look(serve(filled), PHONE).page
    box = page.locator(".brief").bounding_box()
    assert box["y"] + box["height"] < page.locator(".actions").bounding_box()["y"]
    first = page.locator(".signs strong").first.inner_text()
    assert first.lower() in page.locator(".brief").inner_text()


def test_a_plan_to_a_race_is_made_on_its_page(serve: Serve, copy: Path, look: Look) -> None:
    site = serve(copy)
    page = look(site, LAPTOP, path="/plan").page
    page.get_by_label("Race day").fill(str(END + timedelta(days=70)))
    page.get_by_label("Distance").select_option("10 km")
    with page.expect_navigation():
        page.get_by_role("button", name="Make it").click()
    with Diary.open(site.home, now=morning()) as diary:
        assert diary.planned()["date"].max() == END + timedelta(days=70)
        assert page.locator(".plan .day").count() == len({one["date"] for one in diary.plan()["sessions"]})


METRIC = re.compile(r"\d (?:km|m|kg|cm|°C)\b|/km\b|min a km|min/km")


def test_who_reads_miles_reads_miles_on_every_page(serve: Serve, copy: Path, look: Look) -> None:
    with Diary.open(copy, now=morning()) as diary:
        diary.set_profile(units="imperial", show_weight=True, weight_kg=64.0)
        newest = diary.runs().sort("start_utc")["id"][-1]
        diary.edit_run(newest, race=True)
        diary.make_plan(END + timedelta(days=70), 10_000.0)
    site = serve(copy)
    looking = look(site, LAPTOP)
    paths = [one.path for one in NAVIGATION if one.name not in ("help", "import")]
    for path in [*paths, "/checkin?after=run", f"/runs/{newest}", "/story?span=all", f"/why?date={END}"]:
        page = looking.open(path)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        for option in ("5 km", "10 km"):  # races are named by their metres everywhere
            page.evaluate(
                "text => document.querySelectorAll('option').forEach(o => { if (o.textContent === text) o.remove() })",
                option,
            )
        said = page.locator("main").inner_text()
        assert METRIC.findall(said) == [], path
    page = looking.open("/profile")
    assert page.locator("#height_cm").input_value() == "5 ft 7 in"
    page.locator("#height_cm").fill("5'9\"")
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    with Diary.open(site.home, now=morning()) as diary:
        assert diary.profile()["height_cm"]["value"] == pytest.approx(175.3)
        assert diary.profile()["weight_kg"]["value"] == 64.0


def test_a_single_morning_stands_at_the_right_end_beside_what_is_usual_for_others(
    serve: Serve, one_day: Path, look: Look
) -> None:
    page = look(serve(one_day), PHONE, path="/why").page
    bands = page.locator(".bands > li")
    assert bands.count() >= 1
    assert set(page.eval_on_selector_all(".band circle", "all => all.map(one => one.getAttribute('cx'))")) == {"130"}
    assert page.locator(".band .own").count() == 0
    assert page.locator(".band .others").count() == bands.count()
    assert all("usual for others" in text for text in page.locator(".bands .now").all_inner_texts())
    section = page.locator("section:has(> .bands)")
    assert "your own usual range" not in section.inner_text()
    assert "not yet your own" in section.inner_text()
