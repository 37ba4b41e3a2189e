"""Balance: easy and hard, alike and different, one run against the longest."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from freshlegs.web import drawing
from freshlegs.web.frame import DeskOf, page, show_of
from freshlegs.web.pages.contract import Page

PAGE = Page("balance", "/balance")
router = APIRouter()


@router.get("/balance")
def balance(
    request: Request, desk: DeskOf, span: str | None = None, first: str | None = None, last: str | None = None
) -> Response:
    """The balance of a span."""
    shown = drawing.span(desk, span, first, last)
    drawn = drawing.of_months(desk, "balance", shown, show_of(desk))
    return page(request, "balance", drawn=drawn, span=shown)
