"""The password that a site needs as soon as others can reach it.

Argon2 keeps the password; a session is a random word in a cookie that scripts cannot read and other sites cannot send.
Sessions live in memory: a new start of the server ends them all. Wrong passwords cost waiting time, soon minutes.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Final
from urllib.parse import parse_qs

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from freshlegs.web.frame import render

COOKIE: Final = "freshlegs"
LASTS_S: Final = 30 * 24 * 3600.0
FREE: Final = 3
"""So many wrong passwords cost nothing; each further one doubles the wait."""

LONGEST_S: Final = 900.0
OPEN: Final = ("/static/", "/login", "/favicon.ico", "/manifest.webmanifest", "/sw.js")
"""What is shown to who has not said the password: nothing of the runner's."""


def hashed(password: str) -> str:
    """The password as it is kept."""
    return PasswordHasher().hash(password)


@dataclass(slots=True)
class Patience:
    """How long the next try has to wait, after how many wrong ones."""

    clock: Callable[[], float] = time.monotonic
    wrong: int = 0
    until_s: float = 0.0

    def wait_s(self) -> float:
        """Seconds until a password is looked at again."""
        return max(0.0, self.until_s - self.clock())

    def failed(self) -> None:
        """A wrong password."""
        self.wrong += 1
        if self.wrong > FREE:
            self.until_s = self.clock() + min(LONGEST_S, 2.0 ** (self.wrong - FREE))

    def succeeded(self) -> None:
        """The right one."""
        self.wrong, self.until_s = 0, 0.0


@dataclass(slots=True)
class Sessions:
    """Who has said the password, until when."""

    clock: Callable[[], float] = time.monotonic
    _until_s: dict[str, float] = field(default_factory=dict)

    def begin(self) -> str:
        """A new session: the word for its cookie."""
        word = secrets.token_urlsafe(32)
        now = self.clock()
        self._until_s = {key: until for key, until in self._until_s.items() if until > now}
        self._until_s[_digest(word)] = now + LASTS_S
        return word

    def knows(self, word: str) -> bool:
        """Whether this session lives."""
        return self._until_s.get(_digest(word), 0.0) > self.clock()

    def end(self, word: str) -> None:
        """End a session."""
        self._until_s.pop(_digest(word), None)


def _digest(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()


class Login:
    """The layer that lets nobody in without the password."""

    def __init__(self, app: ASGIApp, password_hash: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.app = app
        self._hash = password_hash
        self._sessions = Sessions(clock)
        self._patience = Patience(clock)
        self._lock = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on who is known; answer everybody else here."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        word = _cookie(Headers(scope=scope))
        if path == "/login" and scope["method"] == "POST":
            answer = await self._asked(Request(scope, receive))
        elif path == "/logout" and scope["method"] == "POST":
            self._sessions.end(word)
            answer = RedirectResponse("/login", 303, headers={"Clear-Site-Data": '"cache", "storage"'})
            answer.delete_cookie(COOKIE)
        elif path == "/login":
            answer = _form()
        elif path.startswith(OPEN) or self._sessions.knows(word):
            await self.app(scope, receive, send)
            return
        elif path.startswith("/api/"):
            answer = JSONResponse({"error": "the password is needed: POST it to /login"}, 401)
        else:
            answer = RedirectResponse("/login", 303)
        await answer(scope, receive, send)

    async def _asked(self, request: Request) -> Response:
        from starlette.concurrency import run_in_threadpool

        told = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
        return await run_in_threadpool(self._answer, told.get("password", [""])[0], request.url.scheme == "https")

    def _answer(self, password: str, is_https: bool) -> Response:
        with self._lock:  # one try at a time, so that nobody tries many at once
            wait_s = self._patience.wait_s()
            if wait_s > 0:
                return _form("login.wait", 429, {"Retry-After": str(int(wait_s) + 1)}, seconds=int(wait_s) + 1)
            if not _right(self._hash, password):
                self._patience.failed()
                return _form("login.wrong", 401)
            self._patience.succeeded()
            word = self._sessions.begin()
        answer = RedirectResponse("/", 303)
        answer.set_cookie(COOKIE, word, max_age=int(LASTS_S), httponly=True, samesite="strict", secure=is_https)
        return answer


def _right(password_hash: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _cookie(headers: Headers) -> str:
    morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    return "" if morsel is None else morsel.value


def _form(told: str = "", status: int = 200, headers: dict[str, str] | None = None, **values: object) -> Response:
    return HTMLResponse(render("login.html", page="login", told=told, values=values), status, headers)
