"""A yes given in the browser: the service sends it to an address of this machine, which is open for that one answer."""

from __future__ import annotations

import secrets
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from freshlegs.sync.contract import NotConnected, Talk

HOST: Final = "127.0.0.1"
PORT: Final = 8766
"""Services want the address told beforehand, so it is always the same."""

PATIENCE_S: Final = 300.0

_PAGE: Final = (
    "<!doctype html><meta charset=utf-8><title>Freshlegs</title><p style='font:1.2em sans-serif;margin:3em'>%s</p>"
)


def address(port: int = PORT) -> str:
    """Where the service is asked to send the answer."""
    return f"http://{HOST}:{port}/"


def allowed(
    talk: Talk, title: str, page: str, *, port: int = PORT, patience_s: float = PATIENCE_S, **asked: str
) -> tuple[str, str]:
    """Ask for the runner's yes on a page of the service: the code it gives, and the address it was sent to.

    NotConnected when the runner says no, or nothing for five minutes. An answer to another question is ignored.
    """
    state = secrets.token_urlsafe(24)
    got: dict[str, str] = {}

    class Answer(BaseHTTPRequestHandler):
        timeout = 10  # whoever connects and says nothing is not waited for

        def do_GET(self) -> None:
            said = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            is_ours = secrets.compare_digest(said.get("state", ""), state)
            if is_ours:
                got.update(said)
            page = "Thank you. You may close this page." if is_ours and "code" in said else "Nothing was allowed."
            body = (_PAGE % page).encode()
            self.send_response(200 if is_ours else 400)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: the code stands in the address."""

    try:
        server = HTTPServer((HOST, port), Answer)
    except OSError:
        raise NotConnected(f"port {port} of this machine is in use, and {title} needs it for its answer") from None
    with server:
        back = address(port)
        talk.allow(f"{page}?{urlencode({**asked, 'response_type': 'code', 'redirect_uri': back, 'state': state})}")
        until = time.monotonic() + patience_s
        while not got and time.monotonic() < until:
            server.timeout = max(0.1, min(1.0, until - time.monotonic()))
            server.handle_request()
    if "code" not in got:
        raise NotConnected(f"{title} was not allowed to give your data; nothing was changed")
    return got["code"], back
