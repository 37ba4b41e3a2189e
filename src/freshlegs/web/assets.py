"""Files that never change while the server runs: styles, scripts, icons, the web app's manifest and worker."""

from __future__ import annotations

import json
import mimetypes
from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from freshlegs.web.frame import content_mark, static_bytes, static_url

router = APIRouter(include_in_schema=False)

FOR_EVER: Final = "public, max-age=31536000, immutable"
TYPES: Final = {".webmanifest": "application/manifest+json", ".js": "text/javascript", ".svg": "image/svg+xml"}


@router.get("/static/{name}")
def static(name: str) -> Response:
    """A static file; its address carries a mark of its content, so it may be kept."""
    try:
        data = static_bytes(name)
    except FileNotFoundError:
        raise HTTPException(404, "There is no such file.") from None
    return Response(data, media_type=_type(name), headers={"Cache-Control": FOR_EVER})


@router.get("/manifest.webmanifest")
def manifest() -> Response:
    """What makes the site installable."""
    return Response(static_bytes("manifest.webmanifest"), media_type=TYPES[".webmanifest"])


OFFLINE: Final = ("style.css", "look.css", "app.js", "checkin.js", "answers.js", "queue.js", "icon.svg")
"""What the check-in needs; the service worker keeps it together with the page."""


@router.get("/sw.js")
def worker() -> Response:
    """The service worker, with a mark of what it keeps: a new one replaces the old."""
    mark = "-".join(content_mark(name) for name in (*OFFLINE, "sw.js"))
    script = static_bytes("sw.js").replace(b"__MARK__", mark.encode())
    files = json.dumps([static_url(name) for name in OFFLINE])
    return Response(script.replace(b"__FILES__", files.encode()), media_type=TYPES[".js"])


@router.get("/favicon.ico")
def favicon() -> Response:
    """The icon where browsers look for it."""
    return Response(static_bytes("icon.svg"), media_type=TYPES[".svg"], headers={"Cache-Control": FOR_EVER})


def _type(name: str) -> str:
    ending = "." + name.rpartition(".")[2]
    return TYPES.get(ending) or mimetypes.guess_type(name)[0] or "application/octet-stream"
