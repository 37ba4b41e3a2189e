"""Today: the state in one sentence, how sure, and what to do."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from freshlegs.web.frame import DeskOf, page, wanted_day
from freshlegs.web.pages.contract import Page

PAGE = Page("today", "/", in_bar=True)
router = APIRouter()


@router.get("/")
def today(request: Request, desk: DeskOf, date: str | None = None) -> Response:
    """The verdict of this morning, or of an earlier one."""
    verdict = desk.verdict(wanted_day(date, desk.today))
    return page(request, "today", verdict=verdict)
