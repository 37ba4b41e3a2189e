"""The JSON API: the same documents as the commands' ``--json``, under ``/api/v1``."""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from freshlegs.plain import plain
from freshlegs.vocabulary import SCHEMA_VERSION
from freshlegs.web.frame import DeskOf

router = APIRouter(prefix="/api/v1", tags=["diary"])


def told(document: Any) -> JSONResponse:
    """A document as JSON, its version first."""
    return JSONResponse({"schema_version": SCHEMA_VERSION, **plain(document)})


@router.get("/today")
def today(desk: DeskOf, date: date | None = None) -> JSONResponse:
    """The verdict of this morning, or of an earlier day."""
    return told(desk.verdict(None if date == desk.today else date))


@router.get("/history")
def history(desk: DeskOf, first: date | None = None, last: date | None = None) -> JSONResponse:
    """One verdict a day, each made from what was known that morning."""
    return told({"days": desk.remember("history", lambda diary: diary.history(first, last), first, last)})
