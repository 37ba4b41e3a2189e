"""Plan: two weeks, the proposal beside the plan, accepted or left; every change can be taken back."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from freshlegs import values
from freshlegs.problems import WrongRequest
from freshlegs.web.desk import Desk
from freshlegs.web.frame import DeskOf, FormOf, desk_of, page
from freshlegs.web.pages.contract import Page
from freshlegs.web.pages.import_ import safe_name

PAGE = Page("plan", "/plan")
router = APIRouter()

RACES: Final = {"5k": 5000.0, "10k": 10_000.0, "half": 21_097.5, "marathon": 42_195.0}
EACH_WEEK: Final = ("3", "4", "5", "6")


@router.get("/plan")
def plan(request: Request, desk: DeskOf) -> Response:
    """The two weeks from this Monday, and what this morning's verdict would change."""
    document = desk.remember("plan", lambda diary: diary.plan())
    proposal = document["proposal"] or None
    changes = {change["uid"]: change for change in (proposal or {}).get("changes", ())}
    return page(
        request,
        "plan",
        plan=document,
        proposal=proposal,
        changes=changes,
        days=by_day(document["sessions"]),
        races=list(RACES),
        each_week=EACH_WEEK,
    )


def by_day(sessions: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """The sessions under their dates."""
    days: dict[str, list[Mapping[str, Any]]] = {}
    for session in sessions:
        days.setdefault(str(session["date"]), []).append(session)
    return days


@router.post("/plan/{act}")
def change(desk: DeskOf, act: str) -> Response:
    """Look for a proposal, accept or leave it, or take the last change back."""
    with desk.diary() as diary:
        acts = {
            "adapt": diary.adapt_plan,
            "accept": diary.accept_plan,
            "refuse": diary.refuse_plan,
            "undo": diary.undo_plan,
        }
        if act not in acts:
            raise WrongRequest(f"a plan is adapted, accepted, refused or undone, not {act!r}")
        acts[act]()
    return RedirectResponse("/plan", 303)


@router.post("/plan-make")
def make(desk: DeskOf, form: FormOf) -> Response:
    """Make a simple plan up to a race."""
    race = values.day(str(form.get("race", "")), desk.today)
    distance, days = str(form.get("distance", "")), str(form.get("days", ""))
    if distance not in RACES or days not in EACH_WEEK:
        raise WrongRequest("a plan needs a distance and how many runs a week")
    with desk.diary() as diary:
        diary.make_plan(race, RACES[distance], days=int(days))
    return RedirectResponse("/plan", 303)


@router.post("/plan-files")
async def bring(request: Request) -> Response:
    """Read a plan: a calendar, CSV or YAML."""
    form = await request.form(max_files=10, max_fields=5)
    folder = Path(tempfile.mkdtemp(prefix="freshlegs-plan-"))
    try:
        paths = []
        for part in form.getlist("files"):
            if isinstance(part, UploadFile) and part.filename:
                path = folder / safe_name(part.filename)
                path.write_bytes(await part.read())
                paths.append(path)
        if not paths:
            raise WrongRequest("choose a file with a plan: a calendar (.ics), CSV or YAML")
        await run_in_threadpool(_read, desk_of(request), paths)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return RedirectResponse("/plan", 303)


def _read(desk: Desk, paths: list[Path]) -> None:
    with desk.diary() as diary:
        diary.import_plan(paths)


@router.get("/plan.ics")
def calendar(desk: DeskOf) -> Response:
    """The plan as a calendar."""
    folder = Path(tempfile.mkdtemp(prefix="freshlegs-plan-"))
    with desk.diary() as diary:
        diary.export_plan(folder / "plan.ics")
    gone = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
    return FileResponse(folder / "plan.ics", media_type="text/calendar", filename="freshlegs.ics", background=gone)
