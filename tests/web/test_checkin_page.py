"""The check-in page: what two tabs say, what a slip takes back, what is answered before its run is here."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from freshlegs import Diary
from freshlegs.web import create_app
from freshlegs.web.login import hashed
from web.conftest import END, Look, Serve, Site, morning
from web.test_login import PASSWORD
from web.test_offline import done, filled, queue, said
from web.test_pages import tap

HERE = {"host": "127.0.0.1:8765"}


@pytest.fixture
def site(serve: Serve, tmp_path: Path) -> Site:
    """A diary in which nothing is known."""
    return serve(made(tmp_path))


def made(folder: Path) -> Path:
    Diary.open(folder / "home", now=morning()).close()
    return folder / "home"


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    return TestClient(create_app(tmp_path / "home", now=morning()), headers=HERE)


def answered(site: Site) -> dict[str, Any]:
    return {item: value for item, value in said(site, END, now=0).items() if item != "date"}


def test_a_tab_opened_earlier_takes_no_illness_back(site: Site, look: Look) -> None:
    earlier = look(site, path="/checkin").page
    later_ = earlier.context.new_page()
    later_.goto(site.url + "/checkin")
    later_.locator("summary", has_text="Ill").click()
    tap(later_, "ill", "fever")
    with later_.expect_navigation():
        done(later_)
    tap(earlier, "energy", 4)
    with earlier.expect_navigation():
        done(earlier)
    assert answered(site) == {"ill": "fever", "energy": 4.0}


def test_who_says_nothing_of_illness_in_the_morning_is_not_ill(site: Site, look: Look) -> None:
    page = look(site, path="/checkin").page
    tap(page, "energy", 4)
    with page.expect_navigation():
        done(page)
    assert answered(site) == {"energy": 4.0, "ill": "none"}


@pytest.mark.parametrize(
    ("before", "given", "ill"),
    [
        ({}, {"energy": 5}, "none"),
        ({"ill": "fever"}, {"energy": 5}, "fever"),
        ({"energy": 4}, {}, "none"),
        ({"pain": 3}, {"energy": 5}, None),
        ({}, {"energy": 5, "ill": "below_neck"}, "below_neck"),
        ({"rpe": 5}, {}, None),
    ],
)
@pytest.mark.parametrize("way", ["form", "JSON"])
def test_form_and_json_have_one_rule_for_illness_that_is_not_spoken_of(
    client: TestClient, before: dict[str, Any], given: dict[str, Any], ill: str | None, way: str
) -> None:
    if before:
        assert client.post(f"/api/v1/checkins/{END}", json=before).status_code == 201
    if way == "form":
        client.post("/checkin", data={"date": str(END), "form": "morning", **given})
    else:
        assert client.post(f"/api/v1/checkins/{END}?form=morning", json=given).status_code == 201
    rows = client.get("/api/v1/checkins").json()["checkins"]
    assert [row["ill"] for row in rows] == ([] if before == {"rpe": 5} else [ill])


def test_answers_of_a_program_imply_nothing(client: TestClient) -> None:
    assert client.post(f"/api/v1/checkins/{END}", json={"energy": 5}).json()["noted"] == {"energy": 5}
    assert client.post(f"/api/v1/checkins/{END}", json={}).status_code == 422


def test_a_slip_takes_the_symptom_back_and_nothing_else(site: Site, look: Look) -> None:
    with Diary.open(site.home, now=morning()) as diary:
        diary.check_in(END, energy=6, symptoms=["chest_pain", "bone_pain"])
        diary.check_in(END, soreness=3)
    page = look(site).page
    with page.expect_navigation():
        page.get_by_role("button", name="It was a slip").click()
    assert page.get_by_text("It was a slip").count() == 0
    assert answered(site) == {"energy": 6.0, "symptoms": ["bone_pain"], "soreness": 3.0}
    assert "pain in one spot of a bone" in page.get_by_role("alert").inner_text()


def test_answers_about_a_run_that_is_not_here_yet_are_seen_changed_and_taken_back(
    serve: Serve, tmp_path: Path, look: Look
) -> None:
    seconds = count()
    site = serve(made(tmp_path), now=lambda: morning()() + timedelta(seconds=next(seconds)))
    page = look(site, path="/checkin?after=run").page
    tap(page, "rpe", 6)
    tap(page, "hit_pace", "partly")
    with page.expect_navigation():
        done(page)
    page.goto(site.url + "/checkin?after=run")
    assert page.locator("input[name=rpe][value='6']").is_checked()
    assert page.locator("input[name=hit_pace][value=partly]").is_checked()
    tap(page, "rpe", 8)
    with page.expect_navigation():
        done(page)
    page.goto(site.url + "/checkin?after=run")
    assert page.locator("input[name=rpe][value='8']").is_checked()
    for left in ("6", None):
        page.get_by_text("or take it back").click()
        with page.expect_navigation():
            page.get_by_role("button", name="Take the last check-in of this day back").click()
        page.goto(site.url + "/checkin?after=run")
        checked = page.locator("input[name=rpe]:checked")
        assert (checked.get_attribute("value") if checked.count() else None) == left
    assert page.get_by_role("button", name="Take the last check-in").count() == 0


def test_a_draft_keeps_what_was_taken_out_and_each_day_its_own(site: Site, look: Look) -> None:
    with Diary.open(site.home, now=morning()) as diary:
        diary.check_in(END, energy=6, note="written", sleep_habits=["dark_room"])
    page = look(site, path="/checkin").page
    tap(page, "energy", 6)  # taken out again
    tap(page, "sleep_quality", 2)
    page.get_by_text("Answer more").click()
    page.locator("textarea[name=note]").fill("")
    page.get_by_label("Dark room").uncheck()
    earlier = END - timedelta(days=2)
    page.goto(f"{site.url}/checkin?date={earlier}")
    tap(page, "energy", 1)
    page.goto(site.url + "/checkin")
    assert filled(page) == {"date": str(END), "shown": "sleep_habits note", "sleep_quality": "2"}
    with page.expect_navigation():
        done(page)
    assert answered(site) == {"sleep_quality": 2.0, "ill": "none"}
    page.goto(f"{site.url}/checkin?date={earlier}")
    assert page.locator("input[name=energy][value='1']").is_checked()
    page.goto(site.url + "/checkin")
    assert filled(page)["sleep_quality"] == "2"
    assert "energy" not in filled(page)


def test_nothing_changed_is_nothing_lost(site: Site, look: Look) -> None:
    with Diary.open(site.home, now=morning()) as diary:
        diary.check_in(END, energy=6)
    page = look(site, path="/checkin").page
    with Diary.open(site.home, now=morning()) as diary:
        diary.check_in(END, energy=3, note="from another device")
    with page.expect_navigation():
        done(page)
    assert answered(site) == {"energy": 3.0, "note": "from another device", "ill": "none"}


def test_what_cannot_be_is_said_corrected_and_sent(site: Site, look: Look) -> None:
    looking = look(site, path="/checkin")
    page = looking.page
    page.get_by_text("Answer more").click()
    page.locator("input[name=systolic_mmhg]").fill("1200")
    done(page)
    page.locator("#waiting", has_text="systolic_mmhg must").wait_for()
    page.reload()
    assert page.locator("input[name=systolic_mmhg]").input_value() == "1200"
    page.locator("input[name=systolic_mmhg]").fill("120")
    with page.expect_navigation():
        done(page)
    assert answered(site) == {"systolic_mmhg": 120.0, "ill": "none"}
    assert queue(page) == []
    looking.expect("422")


def test_a_login_that_has_ended_is_said_and_loses_nothing(serve: Serve, tmp_path: Path, look: Look) -> None:
    site = serve(made(tmp_path), password_hash=hashed(PASSWORD))
    looking = look(site)
    page = looking.page
    enter(page)
    page.goto(site.url + "/checkin")
    page.context.clear_cookies()
    tap(page, "energy", 4)
    done(page)
    page.get_by_text("Your login has ended").wait_for()
    assert page.get_by_text("No connection").count() == 0
    with page.expect_navigation():
        page.get_by_role("link", name="Log in").click()
    enter(page)
    page.get_by_text("Your waiting check-in has arrived.").wait_for()
    assert answered(site) == {"energy": 4.0, "ill": "none"}
    looking.expect("401")


def enter(page: Any) -> None:
    page.get_by_label("Password").fill(PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name="Enter").click()


COVERED = """() => {
  const at = document.activeElement;
  const seen = at.matches("input[type=radio], input[type=checkbox]") ? at.closest("label") : at;
  const box = seen.getBoundingClientRect();
  const points = [[0.5, 0.5], [0.5, 0.1], [0.5, 0.9]];
  const free = points.some(([x, y]) => {
    const top = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
    return top && (seen.contains(top) || top.contains(seen));
  });
  return free ? null : at.name || at.textContent;
}"""


@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
@pytest.mark.parametrize("path", ["/checkin", "/checkin?after=run"])
def test_what_has_the_focus_is_not_covered(site: Site, look: Look, path: str, key: str) -> None:
    page = look(site, path=path).page
    page.evaluate("document.querySelectorAll('#checkin details').forEach(one => { one.open = true })")
    page.evaluate("document.querySelector('.top a').focus()")
    covered = []
    for _ in range(70):
        page.keyboard.press(key)
        if page.evaluate("document.activeElement !== document.body && !document.activeElement.matches('.skip')"):
            covered.append(page.evaluate(COVERED))
    assert [name for name in covered if name] == []
