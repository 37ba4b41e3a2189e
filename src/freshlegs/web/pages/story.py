"""Story: the months as a ribbon of states over load, nights and hearts."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from freshlegs.web import drawing
from freshlegs.web.frame import DeskOf, page, show_of
from freshlegs.web.pages.contract import Page

PAGE = Page("story", "/story", in_bar=True)
router = APIRouter()


@router.get("/story")
def story(
    request: Request, desk: DeskOf, span: str | None = None, first: str | None = None, last: str | None = None
) -> Response:
    """The months of a span."""
    shown = drawing.span(desk, span, first, last)
    drawn = drawing.of_months(desk, "story", shown, show_of(desk))
    return page(request, "story", drawn=drawn, span=shown)
