"""What a runner does on the pages, in a real browser: answer, look why, import, change the profile, take it all out."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from freshlegs import Diary
from freshlegs.words import RUN_ITEMS
from web.conftest import END, LAPTOP, PHONE, Look, Serve, Site, later


@pytest.fixture(scope="module")
def site(serve: Serve, own: Path) -> Site:
    """The made runner, a day later: a morning that is not answered yet."""
    return serve(own, now=later(1))


def diary(site: Site) -> Diary:
    return Diary.open(site.home, now=later(1))


def tap(page: Any, item: str, value: object) -> None:
    page.locator(f"label.tap:has(input[name='{item}'][value='{value}'])").click()


def until(true: Callable[[], bool], within_s: float = 8.0) -> None:
    """Wait for something; the pages forbid the way in which Playwright would."""
    end_s = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end_s, "it did not come"
        time.sleep(0.05)


def test_today_says_the_essential_without_scrolling(serve: Serve, filled: Path, look: Look) -> None:
    page = look(serve(filled), PHONE).page
    bar = page.locator("nav.bar").bounding_box()["y"]
    for place in ("h1", ".state", ".facts", ".actions > li:nth-child(1)", ".actions > li:nth-child(2)"):
        box = page.locator(place).first.bounding_box()
        assert box["y"] + box["height"] <= bar, f"{place} lies below the first screen"
    assert page.locator(".actions > li:nth-child(3) .what").bounding_box()["y"] < bar
    with Diary.open(filled, now=later(0)) as book:
        assert page.locator("h1").inner_text() == book.today()["headline"]


def test_the_next_question_is_answered_in_place(site: Site, look: Look) -> None:
    page = look(site).page
    item = page.locator(".question button.tap").last.get_attribute("name")
    with page.expect_navigation():
        page.locator(".question button.tap").last.click()
    assert page.locator("#toast").inner_text() == "Noted."
    with diary(site) as book:
        answered = book.runs() if item in RUN_ITEMS else book.checkins()
        assert answered[item].drop_nulls().len() > 0
        assert book.today()["data_as_of"] == "2025-05-05T07:30:00Z"
    if item in RUN_ITEMS:  # it is about a run, and goes to that run's day
        with diary(site) as book:
            assert book.checkins()["date"].max() < END + timedelta(days=1)


def test_a_check_in_survives_a_reload_and_changes_the_verdict(site: Site, look: Look) -> None:
    page = look(site, path="/checkin").page
    before = page.request.get(site.url + "/api/v1/today").json()
    tap(page, "energy", 2)
    tap(page, "leg_freshness", 1)
    page.reload()
    assert page.locator("input[name='energy'][value='2']").is_checked()
    tap(page, "sleep_quality", 3)
    with page.expect_navigation():
        page.get_by_role("button", name="Done").click()
    after = page.request.get(site.url + "/api/v1/today").json()
    assert after["probabilities"] != before["probabilities"]
    with diary(site) as book:
        row = book.checkins().row(-1, named=True)
        assert (row["energy"], row["leg_freshness"], row["sleep_quality"], row["ill"]) == (2.0, 1.0, 3.0, "none")
        assert book.today()["headline"] == page.locator("h1").inner_text()
    page.goto(site.url + "/checkin")
    assert page.locator("input[name='energy'][value='2']").is_checked()


def test_an_answer_can_be_taken_out_again(site: Site, look: Look) -> None:
    page = look(site, path=f"/checkin?date={END - timedelta(days=30)}").page
    was = page.locator("input[name='energy']:checked").get_attribute("value")
    tap(page, "energy", was)
    assert page.locator("input[name='energy']:checked").count() == 0
    with page.expect_navigation():
        page.get_by_role("button", name="Done").click()
    with diary(site) as book:
        days = book.checkins()
        assert days.filter(days["date"] == END - timedelta(days=30))["energy"].to_list() == [None]


def test_something_worrying_stands_above_everything_and_can_be_taken_back(site: Site, look: Look) -> None:
    page = look(site, path="/checkin").page
    page.get_by_text("Something worrying").click()
    page.get_by_text("Chest pain", exact=False).click()
    with page.expect_navigation():
        page.get_by_role("button", name="Done").click()
    assert page.get_by_role("alert").count() == 1
    assert page.locator(".actions").count() == 0
    with page.expect_navigation():
        page.get_by_role("button", name="It was a slip").click()
    assert page.locator(".actions").count() == 1


def test_a_check_in_typed_offline_arrives_later(site: Site, look: Look) -> None:
    looking = look(site, path="/checkin")
    page = looking.page
    page.clock.set_fixed_time(later(1)())
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.context.set_offline(True)
    page.goto(site.url + "/checkin")
    tap(page, "energy", 8)
    page.get_by_role("button", name="Done").click()
    page.get_by_text("No connection", exact=False).wait_for()
    with diary(site) as book:
        assert book.checkins()["energy"][-1] != 8.0
    page.context.set_offline(False)
    page.goto(site.url + "/checkin")
    until(lambda: not page.evaluate("localStorage.getItem('freshlegs.queue')"))
    with diary(site) as book:
        assert book.checkins()["energy"][-1] == 8.0
    looking.expect("ERR_INTERNET_DISCONNECTED")  # what the browser says of a lost connection is no fault of the page


def test_after_a_run(site: Site, look: Look) -> None:
    page = look(site, path=f"/checkin?after=run&date={END}").page
    tap(page, "rpe", 9)
    tap(page, "hit_pace", "no")
    with page.expect_navigation():
        page.get_by_role("button", name="Done").click()
    with diary(site) as book:
        runs = book.runs()
        ran = runs.filter(runs["start_utc"].dt.date() == END)
        assert ran.height == 0 or ran["rpe"][-1] == 9.0


def test_why_goes_back_day_by_day_and_a_cause_is_rejected(site: Site, look: Look) -> None:
    page = look(site, LAPTOP, path="/why").page
    first = page.locator(".causes strong").first.inner_text()
    page.get_by_role("button", name=f"No, {first.lower()} is not a cause").click()
    page.get_by_text("You said: not that.").wait_for()
    with diary(site) as book:
        said = {cause["cause"]: cause["answer"] for cause in book.causes()}
    assert "rejected" in said.values()
    page.get_by_label("The day before", exact=False).click()
    assert f"date={END}" in page.url
    page.locator(".fall summary").first.click()
    assert page.locator(".fall details[open] li").count() >= 1
    page.get_by_role("button", name="Right").click()
    with diary(site) as book:
        assert [one["kind"] for one in book.labels()["labels"]].count("looking_back") == 1


def made_zip(folder: Path) -> Path:
    from freshlegs.synthetic import live
    from freshlegs.synthetic.write import run_file

    path = folder / "export.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for number, run in enumerate(live(END).runs[-3:]):
            packed.writestr(f"activities/{number}.fit", run_file(run))
        packed.writestr("activities/broken.fit", b"\x0e\x10\x00\x00\xff\xff\x00\x00.FIT\x00\x00" + b"nonsense" * 20)
    return path


def test_a_zip_is_dropped_and_every_problem_is_read(serve: Serve, empty: Path, look: Look, tmp_path: Path) -> None:
    site = serve(empty)
    page = look(site, path="/import").page
    page.set_input_files("#files", made_zip(tmp_path))
    page.get_by_text("New: 3 runs", exact=False).wait_for()
    assert "broken.fit" in page.locator(".problems").first.inner_text()
    assert str(site.home) not in page.content()
    page.reload()  # what became of it is still there
    page.get_by_text("New: 3 runs", exact=False).wait_for()
    with Diary.open(site.home) as book:
        assert book.runs().height == 3
    assert not list(site.home.glob("incoming-*"))
    (tmp_path / "no.zip").write_bytes(b"PK\x03\x04 and then nothing")
    page.set_input_files("#files", tmp_path / "no.zip")
    page.locator(".problems", has_text="no.zip").first.wait_for()


def test_the_profile_is_changed_in_the_runners_units(site: Site, look: Look) -> None:
    looking = look(site, LAPTOP, path="/profile")
    page = looking.page
    page.locator("#units").select_option("imperial")
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    page.locator("#threshold_mps").fill("7:00")
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    assert page.locator("#threshold_mps").input_value() == "7:00 /mi"
    with diary(site) as book:
        assert book.profile()["threshold_mps"]["value"] == pytest.approx(1609.344 / 420)
        assert book.profile()["hr_max_bpm"]["value"] == 187.0, "what was not touched stays"
    page.locator("#hr_rest_bpm").fill("300")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Resting heart rate must be between 25 bpm and 110 bpm", exact=False).wait_for()
    looking.expect("422")
    page.goto(site.url + "/profile")
    page.locator("#units").select_option("metric")
    page.locator("#threshold_mps").fill("")
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    with diary(site) as book:
        assert book.profile()["threshold_mps"]["basis"] != "measured"


def test_everything_is_taken_out_and_erased(serve: Serve, one_day: Path, look: Look, tmp_path: Path) -> None:
    site = serve(one_day)
    looking = look(site, LAPTOP, path="/profile")
    page = looking.page
    with page.expect_download() as waiting:
        page.get_by_text("Take everything out").click()
    waiting.value.save_as(tmp_path / "all.zip")
    assert "checkins.csv" in " ".join(zipfile.ZipFile(tmp_path / "all.zip").namelist())
    page.get_by_text("Erase everything").first.click()
    page.locator("#word").fill("everything")
    page.locator("form[action='/profile/erase'] button").click()
    page.get_by_text("Nothing was erased", exact=False).wait_for()
    looking.expect("422")
    page.goto(site.url + "/profile")
    page.get_by_text("Erase everything").first.click()
    page.locator("#word").fill("erase")
    with page.expect_navigation():
        page.locator("form[action='/profile/erase'] button").click()
    assert page.get_by_text("Nothing is known yet", exact=False).count() == 1
    with Diary.open(site.home) as book:
        assert book.checkins().height == 0


def test_the_keyboard_is_enough(site: Site, look: Look) -> None:
    page = look(site, path="/checkin").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "leg_freshness":
            break
    page.keyboard.press("ArrowRight")
    assert page.locator("input[name='leg_freshness']:checked").count() == 1


@pytest.mark.parametrize("topic", ["verdict", "evidence", "numbers", "first-week", "keep", "privacy"])
def test_help_is_there_without_the_internet(site: Site, topic: str, look: Look) -> None:
    page = look(site, path=f"/help/{topic}").page
    assert len(page.locator(".prose").inner_text()) > 400
    links = page.eval_on_selector_all(".prose a[href^='/help']", "all => all.map(a => a.getAttribute('href'))")
    for link in sorted(set(links))[:4]:
        assert page.request.get(site.url + link).ok, link
