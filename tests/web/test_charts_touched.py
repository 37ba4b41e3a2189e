"""A chart under a finger: a tap shows a day's numbers and leaves them, until another tap."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from web.conftest import PHONE, Serve


@pytest.fixture
def page(chromium: Any, serve: Serve, filled: Path) -> Iterator[Any]:
    site = serve(filled)
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    context.set_default_timeout(20000)
    page = context.new_page()
    page.goto(site.url + "/story")
    yield page
    context.close()


def test_a_tap_shows_a_day_and_leaves_it_shown(page: Any) -> None:
    plot = page.locator("figure.chart [data-plot][tabindex]").locator("visible=true").first
    readout = page.locator("figure.chart .readout").first
    box = plot.locator("svg").bounding_box()
    plot.locator("svg").tap(position={"x": box["width"] * 0.4, "y": box["height"] * 0.3})
    readout.wait_for(state="visible")
    first = readout.inner_text()
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert readout.inner_text() == first, "it stays when the finger is gone"
    plot.locator("svg").tap(position={"x": box["width"] * 0.7, "y": box["height"] * 0.3})
    page.wait_for_selector("figure.chart .readout:visible")
    second = readout.inner_text()
    assert second
    assert second != first
    page.locator("h1").tap()
    readout.wait_for(state="hidden")
