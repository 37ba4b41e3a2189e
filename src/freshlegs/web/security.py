"""What keeps a site on one's own machine one's own: who may ask, from where, how much at once.

* **Host.** A name that another site made point here (DNS rebinding) is refused: the Host of a request must be an
  address, ``localhost``, or a name that was allowed when the server was started.
* **Origin.** What changes something must come from our own pages: the browser says so in Origin and Sec-Fetch-Site.
  A program that is no browser says neither and is let in.
* **Content-Security-Policy.** Scripts, styles and pictures come from here alone; nothing inline runs; nobody frames us.
* **Size.** A request holds a megabyte at most; an upload as much as was set.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

HEADERS: Final[dict[str, str]] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # no-referrer would turn the Origin of our own forms into null
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
SMALL_B: Final = 2**20

PLAN_B: Final = 16 * SMALL_B
"""A calendar of years with all it says of each day is no larger."""
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class Guard:
    """The outermost layer of the site."""

    def __init__(self, app: ASGIApp, *, names: Collection[str], any_address: bool, upload_b: int) -> None:
        self.app = app
        self.names = frozenset(name.lower() for name in names)
        self.any_address = any_address
        self.upload_b = upload_b

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on with the headers added and the body counted."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        most = self.upload_b if scope["path"] in UPLOADS else PLAN_B if scope["path"] == "/plan-files" else SMALL_B
        if refusal is None and _length(headers) > most:
            refusal = PlainTextResponse(f"This is more than {most // 2**20} MB at once.", 413)
        answer = _with_headers(send)
        if refusal is not None:
            await refusal(scope, receive, answer)
            return
        await self.app(scope, _counted(receive, most), answer)

    def _refusal(self, scope: Scope, headers: Headers) -> PlainTextResponse | None:
        host = headers.get("host", "")
        if not self._knows(host):
            return PlainTextResponse("This name is not served here. Open the address that Freshlegs printed.", 421)
        if scope["method"] in SAFE:
            return None
        site = headers.get("sec-fetch-site", "none")
        origin = headers.get("origin")
        own = origin is None or urlsplit(origin).netloc.lower() == host.lower()
        if site not in ("same-origin", "none") or not own:
            return PlainTextResponse("Another site may not change anything here.", 403)
        return None

    def _knows(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name in self.names or (self.any_address and _is_address(name))


UPLOADS: Final = frozenset({"/api/v1/imports", "/import"})
"""The two doors for files."""


class TooLargeError(Exception):
    """A body went on beyond what was allowed."""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _length(headers: Headers) -> int:
    text = headers.get("content-length", "0")
    return int(text) if text.isdigit() else 0


def _counted(receive: Receive, most: int) -> Receive:
    """A body sent in pieces without a length is counted as it comes."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise TooLargeError(f"This is more than {most // 2**20} MB at once.")
        return message

    return counted


def _with_headers(send: Send) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return with_headers
