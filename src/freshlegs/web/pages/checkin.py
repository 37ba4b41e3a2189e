"""Check-in: the morning's answers in under twenty seconds."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from freshlegs.web.frame import DeskOf, page
from freshlegs.web.pages.contract import Page

PAGE = Page("checkin", "/checkin", in_bar=True)
router = APIRouter()


@router.get("/checkin")
def checkin(request: Request, desk: DeskOf) -> Response:
    """The questions of this morning."""
    day = desk.today
    questions = desk.remember("questions", lambda diary: diary.questions(day), day)
    return page(request, "checkin", questions=questions)
