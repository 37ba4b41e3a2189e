"""What all pages share: the template environment, and how a page is made from its template and its values."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.datastructures import FormData

from freshlegs import look, telling, words
from freshlegs.charts import stylesheet
from freshlegs.web import texts
from freshlegs.web.desk import Desk
from freshlegs.web.jobs import Jobs
from freshlegs.web.show import Show


@cache
def environment() -> Environment:
    """The templates; what stands in every page is here under its name."""
    made = Environment(
        loader=PackageLoader("freshlegs.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "t": texts.text,
        "words": words,
        "name": words.name,
        "look": look.look,
        "paper": look.PAPER,
        "percent": telling.percent,
        "static": static_url,
    }
    made.filters["sentence"] = sentence
    made.filters["capital"] = capital
    return made


@cache
def static_url(name: str) -> str:
    """Where a static file lies, with a mark of its content, so that it may be kept for ever."""
    return f"/static/{name}?{content_mark(name)}"


@cache
def content_mark(name: str) -> str:
    """A few letters that change with a static file's content."""
    return sha256(static_bytes(name)).hexdigest()[:10]


@cache
def static_bytes(name: str) -> bytes:
    """A static file; the colours are written from their one table. FileNotFoundError when there is none."""
    if name == "look.css":
        return look_css().encode()
    if name == "charts.css":
        return _own("charts.css") + stylesheet().encode()
    if "/" in name or name.startswith("."):
        raise FileNotFoundError(name)
    return _with_marks(_own(name)) if name.endswith(".js") else _own(name)


IMPORTED: Final = re.compile(rb"""(?<=from "\./)(\w+\.js)(?=";)""")


def _with_marks(script: bytes) -> bytes:
    """A script that asks for what it imports by its mark too: else a browser joins a new script to an old one."""
    return IMPORTED.sub(lambda found: found[1] + b"?" + content_mark(found[1].decode()).encode(), script)


def _own(name: str) -> bytes:
    return resources.files("freshlegs.web").joinpath("static", name).read_bytes()


def look_css() -> str:
    """The states' colours as custom properties: ``--tone`` to fill, ``--tone-ink`` for text."""
    light = [f"[data-state={s}]{{--tone:{x.colour};--tone-ink:{x.on_light}}}" for s, x in look.STATES.items()]
    dark = [f"[data-state={s}]{{--tone:{x.colour};--tone-ink:{x.on_dark}}}" for s, x in look.STATES.items()]
    root = f":root{{--calm:{look.CALM};--alarm:{look.ALARM};--paper:{look.PAPER[0]}}}"
    night = f":root{{--paper:{look.PAPER[1]}}}"
    return "\n".join([root, *light, "@media (prefers-color-scheme: dark){", night, *dark, "}", ""])


def desk_of(request: Request) -> Desk:
    """The desk of this site."""
    desk: Desk = request.app.state.desk
    return desk


DeskOf = Annotated[Desk, Depends(desk_of)]


def jobs_of(request: Request) -> Jobs:
    """The imports of this site."""
    jobs: Jobs = request.app.state.jobs
    return jobs


JobsOf = Annotated[Jobs, Depends(jobs_of)]
"""A parameter of this type is the desk."""


async def form_of(request: Request) -> FormData:
    """The fields of a posted form."""
    return await request.form(max_files=0, max_fields=200)


Form = FormData
FormOf = Annotated[FormData, Depends(form_of)]
"""A parameter of this type is the posted form."""


def back(form: FormData, otherwise: str, **told: bool) -> Response:
    """To the page that the form names, else to that one; ``told`` says what a note on it tells."""
    wanted = str(form.get("next") or otherwise)
    place = wanted if wanted.startswith("/") and not wanted.startswith(("//", "/\\")) else otherwise
    notes = "&".join(f"{name}=1" for name, true in told.items() if true)
    if notes:
        place += ("&" if "?" in place else "?") + notes
    return RedirectResponse(place, 303)


def show_of(desk: Desk) -> Show:
    """How values are shown on the pages of this site."""
    return Show(desk.units(), desk.today)


def page(request: Request, name: str, /, status: int = 200, **values: Any) -> Response:
    """The page of ``templates/NAME.html`` in the frame of all pages."""
    show = show_of(desk_of(request))
    body = render(f"{name}.html", request=request, page=name, show=show, **values)
    return HTMLResponse(body, status)


def render(template: str, /, **values: Any) -> str:
    """A template with its values."""
    from freshlegs.web.pages import NAVIGATION

    return environment().get_template(template).render(navigation=NAVIGATION, **values)


def sentence(text: str) -> str:
    """With a capital and a full stop.

    >>> sentence("short nights; stress")
    'Short nights; stress.'
    """
    text = text.strip()
    return capital(text if text.endswith((".", "!", "?")) or not text else text + ".")


def capital(text: str) -> str:
    """With a capital letter."""
    return text[:1].upper() + text[1:]


def wanted_day(value: str | None, today: date) -> date | None:
    """The day of a query such as ``?date=2026-05-04``; None for none, and for today. WrongRequest for no day."""
    from freshlegs.values import day

    if not value:
        return None
    found = day(value, today)
    return None if found == today else found
