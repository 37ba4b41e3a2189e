"""Help: every word and every figure explained, offline, from the same texts as the documentation."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from starlette.exceptions import HTTPException

from freshlegs.web.frame import page
from freshlegs.web.pages.contract import Page

PAGE = Page("help", "/help")
router = APIRouter()

TOPICS: Final[dict[str, str]] = {
    "glossary": "GLOSSARY.md",
    "verdict": "docs/explanation/verdict.md",
    "evidence": "docs/explanation/evidence.md",
    "numbers": "docs/reference/numbers.md",
    "first-week": "docs/tutorial/first-week.md",
    "check-in": "docs/how-to/check-in.md",
    "import": "docs/how-to/import.md",
    "why": "docs/how-to/why.md",
    "keep": "docs/how-to/keep.md",
    "privacy": "docs/explanation/privacy.md",
}
"""A topic of the help, and the document of the project that tells it; `pyproject.toml` puts them into the package."""


@router.get("/help")
def overview(request: Request) -> Response:
    """All topics, and the glossary."""
    return page(request, "help", topic="glossary", topics=list(TOPICS), body=rendered("glossary"))


@router.get("/help/{topic}")
def topic(request: Request, topic: str) -> Response:
    """One topic."""
    if topic not in TOPICS:
        raise HTTPException(404, "There is no such help.")
    return page(request, "help", topic=topic, topics=list(TOPICS), body=rendered(topic))


@cache
def rendered(topic: str) -> Markup:
    """A document as HTML: headings below the page's own, links between topics kept, others left as words."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(source(topic))
    seen: dict[str, int] = {}
    for number, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", anchor(tokens[number + 1].content, seen))
            token.tag = f"h{min(6, int(token.tag[1]) + 1)}"
        elif token.type == "heading_close":
            token.tag = f"h{min(6, int(token.tag[1]) + 1)}"
        elif token.children:
            token.children = _linked(token.children, topic)
    text = str(reader.renderer.render(tokens, reader.options, {}))
    text = re.sub(r"<h2[^>]*>.*?</h2>", "", text, count=1, flags=re.S)  # the page has its own heading
    text = text.replace("<table>", '<div class="scroll" tabindex="0"><table>').replace("</table>", "</table></div>")
    text = text.replace("<pre>", '<pre tabindex="0">')
    return Markup(text)  # noqa: S704 - from our own documents, without raw HTML


def _linked(children: list[Token], topic: str) -> list[Token]:
    """Links lead to other topics; where a document is not in the help, its words stay without the link."""
    out: list[Token] = []
    open_: list[bool] = []
    for child in children:
        if child.type == "link_open":
            place = _place(str(child.attrGet("href") or ""), topic)
            open_.append(place is not None)
            if place is None:
                continue
            child.attrSet("href", place)
            if place.startswith("http"):
                child.attrSet("rel", "noreferrer")
        elif child.type == "link_close" and not open_.pop():
            continue
        out.append(child)
    return out


def _place(href: str, topic: str) -> str | None:
    if href.startswith(("https://", "http://")):
        return href
    path, _, fragment = href.partition("#")
    names = {Path(document).name: name for name, document in TOPICS.items()}
    found = topic if not path else names.get(Path(path).name)
    if found is None:
        return None
    return f"/help/{found}" + (f"#{fragment}" if fragment else "")


def anchor(heading: str, seen: dict[str, int]) -> str:
    """The name of a heading, as on the pages of the project.

    >>> anchor("Comparing you with you", {})
    'comparing-you-with-you'
    """
    plain = re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
    seen[plain] = seen.get(plain, 0) + 1
    return plain if seen[plain] == 1 else f"{plain}-{seen[plain] - 1}"


def source(topic: str) -> str:
    """The document: from the package, or from the project's folder while it is worked on."""
    packed = resources.files("freshlegs.web").joinpath("help", Path(TOPICS[topic]).name)
    if packed.is_file():
        return packed.read_text(encoding="utf-8")
    return (Path(__file__).parents[4] / TOPICS[topic]).read_text(encoding="utf-8")
