"""The check-in without a connection: an empty form for the day it now is, kept answers, nothing of another day."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from freshlegs import Diary
from web.conftest import END, Look, Looking, Serve, Site, assert_accessible, later
from web.test_pages import tap, until

NEXT = END + timedelta(days=1)
LOST = ("ERR_INTERNET_DISCONNECTED", "ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "ERR_FAILED")
"""What the browser says of a lost connection is no fault of the page."""


@pytest.fixture
def site(serve: Serve, tmp_path: Path) -> Site:
    """A diary of one morning, answered at length."""
    home = tmp_path / "home"
    with Diary.open(home, now=later(0)) as diary:
        diary.set_profile(show_weight=True)
        diary.check_in(END, energy=2, leg_freshness=3, sleep_quality=4, ill="fever", pain=5, pain_where="left knee")
        diary.check_in(END, note="a flu jab", systolic_mmhg=151, diastolic_mmhg=95, weight_kg=64.5, strength_done=True)
    return serve(home, now=later(0))


def done(page: Any) -> None:
    page.get_by_role("button", name="Done").click()


def said(site: Site, on: date, now: int = 1) -> dict[str, Any]:
    """What the diary has of a day."""
    with Diary.open(site.home, now=later(now)) as diary:
        rows = diary.checkins().filter(date=on).to_dicts()
    return {key: value for row in rows for key, value in row.items() if value is not None and key != "athlete"}


def filled(page: Any) -> dict[str, str]:
    """Everything the form holds."""
    script = "Object.fromEntries([...new FormData(document.getElementById('checkin'))].filter(([, value]) => value))"
    held = dict(page.evaluate(script))
    del held["form"]
    return held


def queue(page: Any) -> list[dict[str, Any]]:
    return list(json.loads(page.evaluate("localStorage.getItem('freshlegs.queue') || '[]'")))


def ready(looking: Looking, now: int = 0) -> Any:
    """The worker has kept what it keeps; the clock of the browser stands at that morning."""
    looking.page.clock.set_fixed_time(later(now)())
    looking.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return looking.page


@pytest.mark.parametrize("lost", ["the server is off", "the browser is offline"])
def test_a_new_morning_begins_with_an_empty_form_of_its_own_day(
    site: Site, serve: Serve, look: Look, lost: str
) -> None:
    looking = look(site, path="/checkin")
    page = ready(looking, now=1)
    if lost == "the server is off":
        site.stop()
    else:
        page.context.set_offline(True)
    page.goto(site.url + "/checkin")
    assert filled(page) == {"date": str(NEXT)}
    assert page.locator("h1").inner_text() == "Good morning"
    tap(page, "energy", 8)
    done(page)
    page.get_by_text("No connection", exact=False).wait_for()
    site.stop()
    serve(site.home, now=later(1), port=site.port)
    page.context.set_offline(False)
    page.goto(site.url + "/")
    until(lambda: not queue(page))
    assert said(site, NEXT) == {"date": NEXT, "energy": 8.0, "ill": "none"}
    before = said(site, END)
    assert (before["energy"], before["note"], before["ill"], before["weight_kg"]) == (2.0, "a flu jab", "fever", 64.5)
    looking.expect(*LOST)


def test_a_page_left_open_over_night_asks_about_the_new_morning(serve: Serve, tmp_path: Path, look: Look) -> None:
    now = [later(0)()]
    Diary.open(tmp_path / "home", now=later(0)).close()
    site = serve(tmp_path / "home", now=lambda: now[0])
    looking = look(site, path=None)
    page = looking.page
    page.clock.set_fixed_time(now[0])
    looking.open("/checkin")
    tap(page, "energy", 2)
    now[0] = later(1)()
    page.clock.set_fixed_time(now[0])
    with page.expect_navigation():
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert filled(page) == {"date": str(NEXT)}


def test_without_a_connection_each_address_has_its_own_day_and_form(site: Site, look: Look) -> None:
    looking = look(site, path="/")
    page = ready(looking)
    page.context.set_offline(True)
    earlier = END - timedelta(days=8)
    page.goto(f"{site.url}/checkin?date={earlier}")
    assert filled(page) == {"date": str(earlier)}
    assert page.locator("h1").inner_text() == "Saturday 26 April"
    assert page.locator("#day").input_value() == str(earlier)
    with page.expect_navigation():
        page.get_by_role("link", name="After a run").click()
    assert filled(page) == {"date": str(earlier)}
    assert page.locator("h1").inner_text() == "After the run"
    tap(page, "rpe", 9)
    done(page)
    page.get_by_text("No connection", exact=False).wait_for()
    assert [(one["date"], one["answers"]) for one in queue(page)] == [(str(earlier), {"rpe": 9})]
    page.get_by_text("Another day").click()
    page.locator("#day").fill(str(END - timedelta(days=2)))
    with page.expect_navigation():
        page.get_by_role("button", name="Show").click()
    assert filled(page) == {"date": str(END - timedelta(days=2))}
    assert page.locator("input[name=rpe]").count() > 0
    looking.expect(*LOST)


@pytest.mark.parametrize("path", ["/", "/why", "/runs?sport=running"])
def test_without_a_connection_another_page_says_so_and_leads_to_the_check_in(site: Site, look: Look, path: str) -> None:
    looking = look(site, path="/why")  # the check-in itself was never opened
    page = ready(looking)
    page.context.set_offline(True)
    page.goto(site.url + path)
    assert page.locator("h1").inner_text() == "Not reachable now"
    assert page.url == site.url + path
    with page.expect_navigation():
        page.locator("main").get_by_role("link", name="Check in").click()
    tap(page, "energy", 7)
    done(page)
    page.get_by_text("No connection", exact=False).wait_for()
    assert queue(page)[0]["answers"]["energy"] == 7
    looking.expect(*LOST)


def test_what_is_kept_in_the_browser_holds_no_answer_of_anybody(site: Site, look: Look) -> None:
    page = look(site).page
    for path in ("/checkin/kept", "/checkin/kept?after=run", "/away"):
        text = page.request.get(site.url + path).text()
        assert "flu jab" not in text
        assert "checked" not in text.replace("checked_by_doctor", "")


def test_what_waits_is_shown_and_what_was_changed_alone_is_sent(site: Site, look: Look) -> None:
    looking = look(site, path="/checkin")
    page = ready(looking)
    page.context.set_offline(True)
    page.goto(site.url + "/checkin")
    tap(page, "energy", 9)
    page.get_by_text("Answer more").click()
    page.locator("textarea[name=note]").fill("better")
    done(page)
    page.get_by_text("No connection", exact=False).wait_for()
    page.reload()
    assert filled(page) == {"date": str(END), "energy": "9", "note": "better"}
    assert "Waits to be sent" in page.locator("#queue").inner_text()
    tap(page, "soreness", 6)
    done(page)
    page.get_by_text("No connection", exact=False).wait_for()
    assert [one["answers"] for one in queue(page)] == [{"energy": 9, "note": "better"}, {"soreness": 6}]
    with Diary.open(site.home, now=later(0)) as diary:
        diary.check_in(END, energy=1, mood=5)  # on another device, and before what waits arrives
    page.context.set_offline(False)
    page.goto(site.url + "/checkin")
    until(lambda: not queue(page))
    page.locator("#queue").wait_for(state="hidden")
    now = said(site, END)
    assert (now["energy"], now["soreness"], now["note"], now["mood"], now["ill"]) == (9.0, 6.0, "better", 5.0, "fever")
    assert (now["pain_where"], now["systolic_mmhg"]) == ("left knee", 151.0)
    looking.expect(*LOST)


def test_what_the_server_refuses_stays_with_its_reason_until_it_can_be_sent_or_is_discarded(
    site: Site, serve: Serve, look: Look
) -> None:
    looking = look(site, path="/checkin")
    page = ready(looking, now=1)  # the clock of the browser is a day ahead of the server
    page.context.set_offline(True)
    page.goto(site.url + "/checkin")
    tap(page, "energy", 8)
    done(page)
    page.get_by_text("No connection", exact=False).wait_for()
    page.goto(f"{site.url}/checkin?date={END - timedelta(days=1)}")
    tap(page, "energy", 5)
    done(page)
    page.get_by_text("No connection", exact=False).wait_for()
    page.context.set_offline(False)
    page.goto(site.url + "/checkin")
    page.get_by_text("lies in the future", exact=False).wait_for()
    until(lambda: len(queue(page)) == 1)
    assert said(site, END - timedelta(days=1))["energy"] == 5.0, "it does not stand in the way of others"
    assert "Monday 5 May" in page.locator("#queue").inner_text()
    assert_accessible(page)
    looking.expect(*LOST, "422")
    site.stop()
    serve(site.home, now=later(1), port=site.port)
    page.goto(site.url + "/")
    until(lambda: not queue(page))
    assert said(site, NEXT)["energy"] == 8.0
    looking.expect(*LOST, "422")


def test_what_was_refused_can_be_discarded(site: Site, look: Look) -> None:
    looking = look(site, path="/checkin")
    page = ready(looking, now=1)
    page.context.set_offline(True)
    page.goto(site.url + "/checkin")
    tap(page, "energy", 8)
    done(page)
    page.get_by_text("No connection", exact=False).wait_for()
    page.context.set_offline(False)
    page.goto(site.url + "/checkin")
    page.get_by_text("lies in the future", exact=False).wait_for()
    with page.expect_navigation():
        page.get_by_role("button", name="Discard it").click()
    page.locator("#queue").wait_for(state="hidden")
    assert queue(page) == []
    looking.expect(*LOST, "422")


def test_today_s_question_is_kept_when_the_connection_is_lost(site: Site, look: Look) -> None:
    looking = look(site)
    page = ready(looking)
    button = page.locator(".question button.tap").last
    item, value = button.get_attribute("name"), button.get_attribute("value")
    page.context.set_offline(True)
    button.click()
    page.get_by_text("No connection", exact=False).wait_for()
    assert page.locator(".question button.tap").first.is_hidden()
    page.context.set_offline(False)
    page.goto(site.url + "/")
    until(lambda: not queue(page))
    assert str(said(site, END)[item]).removesuffix(".0") == value
    looking.expect(*LOST)
