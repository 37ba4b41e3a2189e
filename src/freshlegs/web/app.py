"""The site as a whole: its pages, its API, what becomes of errors."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from freshlegs import __version__
from freshlegs.diary.book import local_now
from freshlegs.problems import FreshlegsError, NothingDone, WrongRequest
from freshlegs.web import api, api_views, assets, frame, pages, texts
from freshlegs.web.desk import Desk
from freshlegs.web.jobs import Jobs
from freshlegs.web.login import Login
from freshlegs.web.security import LOOPBACK, Guard, TooLargeError

UPLOAD_B: Final = 8 * 2**30
"""The largest file that is taken unless another limit is set."""


def create_app(
    home: Path,
    *,
    now: Callable[[], datetime] = local_now,
    names: Collection[str] = LOOPBACK,
    any_address: bool = False,
    upload_b: int = UPLOAD_B,
    password_hash: str | None = None,
) -> FastAPI:
    """The site of the diary in ``home``.

    ``names``: what it may be called; ``any_address``: and any IP address. With ``password_hash`` (`login.hashed`)
    nobody sees anything of the runner's without the password.
    """
    desk = Desk(home, now)
    jobs = Jobs(desk)

    @asynccontextmanager
    async def living(app: FastAPI) -> AsyncIterator[None]:
        jobs.sweep()
        # The first verdict of a long diary takes a while: it is worked out before anybody asks.
        threading.Thread(target=desk.warm, name="freshlegs-warm", daemon=True).start()
        yield
        jobs.stop()
        desk.close()

    app = FastAPI(
        title="Freshlegs",
        version=__version__,
        description="The diary of one runner: the verdict of each morning, and everything behind it.",
        lifespan=living,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.desk = desk
    app.state.jobs = jobs
    app.include_router(api.router)
    app.include_router(api_views.router)
    app.include_router(assets.router)
    for router in pages.ROUTERS:
        app.include_router(router, include_in_schema=False)
    _add_errors(app)
    app.add_middleware(GZipMiddleware, minimum_size=600)
    if password_hash is not None:
        app.add_middleware(Login, password_hash=password_hash)
    app.add_middleware(Guard, names=names, any_address=any_address, upload_b=upload_b)
    return app


def _add_errors(app: FastAPI) -> None:
    """Every fault is one sentence: a page for people, ``{"error": …}`` for the API."""

    @app.exception_handler(FreshlegsError)
    def told(request: Request, error: FreshlegsError) -> Response:
        status = 422 if isinstance(error, WrongRequest) else 503 if isinstance(error, NothingDone) else 400
        return _fault(request, status, str(error))

    @app.exception_handler(RequestValidationError)
    def misunderstood(request: Request, error: RequestValidationError) -> Response:
        return _fault(request, 422, "; ".join(_place(one) for one in error.errors()))

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        return _fault(request, error.status_code, str(error.detail))

    @app.exception_handler(Exception)
    def unforeseen(request: Request, error: Exception) -> Response:
        return _fault(request, 500, f"something unforeseen went wrong ({type(error).__name__}); nothing is lost")

    @app.exception_handler(TooLargeError)
    def too_large(request: Request, error: TooLargeError) -> Response:
        return _fault(request, 413, str(error))


PLAIN: Final = ("Not Found", "Method Not Allowed")
"""What the framework says by itself of an address that is none, and of a form's address that is opened."""


def _place(error: object) -> str:
    """One fault of a request in words: where, and what."""
    found = error if isinstance(error, dict) else {}
    where = ".".join(str(part) for part in found.get("loc", ())[1:])
    return f"{where}: {found.get('msg', 'not understood')}".lstrip(": ")


def _fault(request: Request, status: int, sentence: str) -> Response:
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": sentence}, status)
    sentence = texts.text({404: "fault.nowhere", 405: "fault.closed"}[status]) if sentence in PLAIN else sentence
    try:
        return frame.page(request, "fault", status=status, sentence=sentence, code=status)
    except FreshlegsError:  # the diary itself cannot be opened
        return Response(sentence, status, media_type="text/plain")
