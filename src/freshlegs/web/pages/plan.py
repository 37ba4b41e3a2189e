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
from freshlegs.diary import Diary
from freshlegs.problems import NothingDone, WrongRequest
from freshlegs.web.desk import Desk
from freshlegs.web.frame import DeskOf, Form, FormOf, desk_of, page
from freshlegs.web.pages.contract import Page
from freshlegs.web.pages.import_ import safe_name

PAGE = Page("plan", "/plan")
router = APIRouter()

RACES: Final = {"5k": 5000.0, "10k": 10_000.0, "half": 21_097.5, "marathon": 42_195.0}
EACH_WEEK: Final = ("3", "4", "5", "6")


SAID: Final = ("accepted", "answered", "undone", "changed", "none_ahead")
"""Why a button of the page did nothing; the page says it above the plan."""


@router.get("/plan")
def plan(request: Request, desk: DeskOf, said: str = "") -> Response:
    """The two weeks from this Monday, and what this morning's verdict would change."""
    document = desk.remember("plan", lambda diary: diary.plan())
    history = desk.remember("plan history", lambda diary: diary.plan_history())
    shown = {session["uid"] for session in document["sessions"]}
    proposal = document["proposal"] or None
    changes = {change["uid"]: change for change in (proposal or {}).get("changes", ())}
    return page(
        request,
        "plan",
        plan=document,
        proposal=proposal,
        changes=changes,
        later=[change for uid, change in changes.items() if uid not in shown],
        last=next((one for one in history["versions"] if one["holds"]), None),
        said=said if said in SAID else "",
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
def change(desk: DeskOf, act: str, form: FormOf) -> Response:
    """Look for a proposal, accept or leave it, or take the change back that the page showed as the last."""
    acts = {"adapt": adapt, "accept": answer, "refuse": answer, "undo": undo}
    if act not in acts:
        raise WrongRequest(f"a plan is adapted, accepted, refused or undone, not {act!r}")
    with desk.diary() as diary:
        said = acts[act](diary, act, _number(form, "proposal" if acts[act] is answer else "version"))
    return RedirectResponse(f"/plan?said={said}" if said else "/plan", 303)


def _number(form: Form, name: str) -> int | None:
    """Which proposal or version the page showed; None from a form that does not tell."""
    text = str(form.get(name, ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def adapt(diary: Diary, act: str, version: int | None) -> str:
    """Look what this morning would change; why not, when there is nothing ahead."""
    planned = diary.planned()
    if planned.is_empty() or max(planned["date"]) < diary.local_today:
        return "none_ahead"
    diary.adapt_plan()
    return ""


def answer(diary: Diary, act: str, proposal: int | None) -> str:
    """Accept or leave the proposal that was shown; why not, when it was answered or counts no more."""
    try:
        if act == "accept":
            diary.accept_plan(proposal=proposal)
        else:
            diary.refuse_plan(proposal=proposal)
    except WrongRequest:
        held = next((one for one in diary.plan_history()["versions"] if one["holds"]), None)
        taken = proposal is not None and held is not None and held["about"].startswith(f"proposal {proposal}:")
        return "accepted" if taken and act == "accept" else "answered"
    return ""


def undo(diary: Diary, act: str, version: int | None) -> str:
    """Take back the change that was shown as the last; why not, when it no longer is."""
    versions = {one["version"]: one for one in diary.plan_history()["versions"]}
    if version in versions and versions[version]["undone_at"] is not None:
        return "undone"
    if not any(one["holds"] for one in versions.values()):
        return "changed"
    try:
        diary.undo_plan(version=version)
    except WrongRequest:
        return "changed"
    return ""


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
    except NothingDone as error:  # of the file it speaks by the name it came with
        raise WrongRequest(str(error).replace(f"{folder}/", "")) from error
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
