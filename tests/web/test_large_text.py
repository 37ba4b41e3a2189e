"""Text at twice its size, long names and narrow phones: everything wraps, and no page scrolls sideways."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from freshlegs import Diary
from freshlegs.web.pages import NAVIGATION
from web.conftest import END, OPTIONS, PHONE, Serve, Site, browser_path, morning

PATHS = [*(page.path for page in NAVIGATION), "/first-day", "/checkin?after=run"]

TOO_FAR_RIGHT = """() => {
  const width = document.documentElement.clientWidth;
  const far = [...document.querySelectorAll("main *")].filter((one) =>
    one.getBoundingClientRect().right > width + 1 && !one.closest(".scroll, svg, .visually-hidden"));
  return far.slice(0, 4).map((one) => `${one.tagName}.${one.className}: ${one.textContent.trim().slice(0, 30)}`);
}"""


@pytest.fixture(scope="module")
def site(serve: Serve, filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    home = Path(shutil.copytree(filled, tmp_path_factory.mktemp("large") / "home"))
    with Diary.open(home, now=morning()) as diary:
        for run in diary.runs().sort("start_utc")["id"].to_list()[-3:]:
            diary.edit_run(run, sport="stand_up_paddleboarding")
        diary.make_plan(END + timedelta(days=70), 10_000.0)
    return serve(home)


@pytest.fixture(scope="module")
def large(chromium: Any) -> Iterator[Any]:
    """A browser whose reader has set text to twice its size."""
    options = [*OPTIONS, "--blink-settings=defaultFontSize=32"]
    browser = chromium.browser_type.launch(executable_path=browser_path(), args=options)
    yield browser
    browser.close()


def assert_fits(browser: Any, site: Site, path: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844})
    context.set_default_timeout(20000)
    try:
        page = context.new_page()
        page.goto(site.url + path)
        assert page.evaluate(TOO_FAR_RIGHT) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    finally:
        context.close()


@pytest.mark.parametrize("path", PATHS)
def test_no_page_scrolls_sideways_at_twice_the_text(large: Any, site: Site, path: str) -> None:
    assert_fits(large, site, path, PHONE["width"])


def test_a_run_does_not_scroll_sideways_at_twice_the_text(large: Any, site: Site) -> None:
    with Diary.open(site.home, now=morning()) as diary:
        newest = diary.runs().sort("start_utc")["id"][-1]
    assert_fits(large, site, f"/runs/{newest}", PHONE["width"])


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("path", ["/", "/why", "/runs", "/plan", "/profile"])
def test_no_page_scrolls_sideways_on_a_narrow_phone(chromium: Any, site: Site, path: str, width: int) -> None:
    assert_fits(chromium, site, path, width)


def test_the_date_of_why_is_whole_on_a_narrow_phone(chromium: Any, site: Site) -> None:
    context = chromium.new_context(viewport={"width": 320, "height": 640})
    try:
        page = context.new_page()
        page.goto(site.url + "/why")
        # What a date field needs by itself, measured on one that may be as wide as it likes.
        needs, has = page.evaluate(
            """() => {
              const own = document.querySelector("#day");
              const free = own.cloneNode();
              free.className = "date";
              document.body.append(free);
              const widths = [free.getBoundingClientRect().width, own.getBoundingClientRect().width];
              free.remove();
              return widths;
            }"""
        )
        assert has >= needs - 12  # its own sides are a little narrower
    finally:
        context.close()
