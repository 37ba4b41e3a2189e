"""The frame of all pages: every page opens for every kind of diary, on phone and laptop, by day and night."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from freshlegs.web import texts
from freshlegs.web.pages import NAVIGATION
from web.conftest import LAPTOP, PHONE, Look, Serve, Site, assert_accessible

WEB = Path(texts.__file__).parents[1]
PATHS = [page.path for page in NAVIGATION]


@pytest.fixture(scope="module")
def sites(serve: Serve, filled: Path, empty: Path, one_day: Path) -> dict[str, Site]:
    return {"made": serve(filled), "empty": serve(empty), "one day": serve(one_day)}


@pytest.mark.parametrize("diary", ["made", "empty", "one day"])
@pytest.mark.parametrize("path", PATHS)
def test_every_page_opens_on_a_phone(path: str, diary: str, sites: dict[str, Site], look: Look) -> None:
    page = look(sites[diary], PHONE, path=path).page
    assert page.locator("h1").count() == 1
    assert page.locator(f"nav [aria-current][href='{path}']").count() >= 1
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], "the page is wider than the phone"
    assert_accessible(page)


@pytest.mark.parametrize("path", PATHS)
def test_every_page_opens_on_a_laptop_in_the_dark(path: str, sites: dict[str, Site], look: Look) -> None:
    page = look(sites["made"], LAPTOP, dark=True, path=path).page
    assert page.evaluate("document.documentElement.scrollWidth") <= LAPTOP["width"]
    assert_accessible(page)


def test_every_text_of_the_templates_is_in_the_catalogue_and_every_text_of_it_is_used() -> None:
    sources = [
        *WEB.glob("templates/*.html"),
        *(path for path in WEB.rglob("*.py") if path.parent.name != "texts"),
    ]
    said = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    asked = set(re.findall(r"""\b(?:t|text)\(\s*["']([a-z0-9_.]+)["']\s*[,)]""", said))
    known = set(texts.catalogue())
    assert asked - known == set()
    stems = set(re.findall(r"""["']([a-z0-9_]+\.[a-z0-9_.]*)["']\s*~""", said))  # put together: "checkin.low_" ~ item
    framed = {f"{page.name}.{part}" for page in NAVIGATION for part in ("nav", "title")}
    named = {key for key in known if f'"{key}"' in said}
    unused = {key for key in known - named - framed if not any(key.startswith(stem) for stem in stems)}
    assert unused == set()
