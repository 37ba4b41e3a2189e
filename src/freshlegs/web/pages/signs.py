"""Signs: all fifteen, small and side by side."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from freshlegs.web import drawing
from freshlegs.web.frame import DeskOf, page, show_of
from freshlegs.web.pages.contract import Page

PAGE = Page("signs", "/signs")
router = APIRouter()


@router.get("/signs")
def signs(
    request: Request, desk: DeskOf, span: str | None = None, first: str | None = None, last: str | None = None
) -> Response:
    """The signs of a span."""
    shown = drawing.span(desk, span, first, last)
    drawn = drawing.of_months(desk, "signs", shown, show_of(desk))
    return page(request, "signs", drawn=drawn, span=shown)
