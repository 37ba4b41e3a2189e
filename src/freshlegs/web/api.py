"""The JSON API: the same documents as the commands' ``--json``, under ``/api/v1``.

Every answer is an object that begins with ``schema_version``; every fault is ``{"error": "one sentence"}``.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from typing import Annotated, Any, Final, Literal, TypeAlias

import polars as pl
from fastapi import APIRouter, Body, Path, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from freshlegs import tables
from freshlegs.diary import Diary
from freshlegs.diary.answers import ITEMS, PROFILE_KEYS
from freshlegs.plain import plain
from freshlegs.problems import WrongRequest
from freshlegs.tables import Column
from freshlegs.vocabulary import SCHEMA_VERSION
from freshlegs.web import answering
from freshlegs.web.desk import Desk
from freshlegs.web.frame import DeskOf, JobsOf
from freshlegs.web.jobs import OVER, Job
from freshlegs.web.pages.import_ import safe_name, told_of
from freshlegs.web.texts import text


class Fault(BaseModel):
    """What could not be done, in one sentence."""

    error: str


FAULTS: Final[dict[int | str, dict[str, Any]]] = {
    422: {"model": Fault, "description": "The request has no meaning; the sentence says why."},
    503: {"model": Fault, "description": "The diary cannot be read or written now; the sentence says why."},
}

router = APIRouter(prefix="/api/v1", tags=["diary"], responses=FAULTS)

Day: TypeAlias = date
First = Annotated[Day | None, Query(alias="from")]
Last = Annotated[Day | None, Query(alias="to")]

Answers = Annotated[dict[str, Any], Body(description="Items and what is answered; null takes one out.")]
AskedBy = Annotated[
    Literal["morning", "run", "question"] | None,
    Query(
        description="What asked. With `morning`, the whole form of a morning, nobody was ill unless the answers, or "
        "earlier ones of that day, say otherwise."
    ),
]
BYTES: Final = {"type": "string", "format": "binary"}
STREAM: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"text/event-stream": {}}}}
PIECE_B: Final = 2**20
TICK_S: Final = 0.2


def told(document: Any, status: int = 200) -> JSONResponse:
    """A document as JSON, its version first."""
    return JSONResponse({"schema_version": SCHEMA_VERSION, **plain(document)}, status)


def _schema(columns: dict[str, Column]) -> dict[str, Any]:
    """The JSON schema of an object with these columns as optional keys, for the API's description."""
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "additionalProperties": False,
                        "minProperties": 1,
                        "properties": {name: _property(column) for name, column in columns.items()},
                    }
                }
            },
        }
    }


def _property(column: Column) -> dict[str, Any]:
    found: dict[str, Any] = {"description": column.meaning}
    if column.dtype == tables.NUMBER:
        found["type"] = ["number", "null"]
        if column.low is not None:
            found["minimum"] = column.low
        if column.high is not None:
            found["maximum"] = column.high
    elif column.dtype == tables.YES_NO:
        found["type"] = ["boolean", "null"]
    elif column.dtype == tables.WORDS:
        found |= {"type": ["array", "null"], "items": {"type": "string", "enum": list(column.choices)}}
    elif column.choices:
        found["enum"] = [*column.choices, None]
    else:
        found["type"] = ["string", "null"]
        if column.dtype == tables.DAY:
            found["format"] = "date"
    return found


# --- verdicts -----------------------------------------------------------------------------------------------


@router.get("/today")
def today(desk: DeskOf, date: Day | None = None) -> JSONResponse:
    """The verdict of this morning, or of an earlier day: the document of ``freshlegs today --json``."""
    return told(desk.verdict(None if date == desk.today else date))


@router.get("/history")
def history(
    desk: DeskOf,
    first: First = None,
    last: Last = None,
) -> JSONResponse:
    """One verdict a day, each made from what was known that morning."""
    start, end = _span(desk, first, last)
    return told({"days": desk.remember("history", lambda diary: diary.history(start, end), start, end)})


@router.get("/explain")
def explain(desk: DeskOf, date: Day | None = None) -> JSONResponse:
    """The whole chain of a morning, from raw numbers to the state: the document of ``freshlegs explain --json``."""
    day = date or desk.today
    return told(desk.remember("explain", lambda diary: diary.explain(day), day))


@router.get("/forecast")
def forecast(desk: DeskOf, days: Annotated[int, Query(ge=1, le=14)] = 7) -> JSONResponse:
    """How tired tomorrow and the next days, as felt."""
    return told(desk.remember("forecast", lambda diary: diary.forecast(days), days))


def _span(desk: Desk, first: Day | None, last: Day | None) -> tuple[Day | None, Day | None]:
    """The days asked for; the last year without any, for a diary may be long."""
    if first is not None and last is not None and first > last:
        raise WrongRequest(f"from {first} lies after to {last}")
    if first is None:
        first = max((last or desk.today) - timedelta(days=364), date(1900, 1, 1))
    known = desk.remember("first day", _first_day)
    if known is not None and first < known:
        first = known
    return first, last


def _first_day(diary: Diary) -> Day | None:
    days = diary.days()["date"].to_list()
    return days[0] if days else None


# --- answers ------------------------------------------------------------------------------------------------


@router.get("/questions")
def questions(desk: DeskOf, date: Day | None = None) -> JSONResponse:
    """What a morning is asked: three fixed questions and one in turn."""
    day = date or desk.today
    found = desk.remember("questions", lambda diary: diary.questions(day), day)
    rows = [
        {"item": one.item, "text": one.text, "low": one.low, "high": one.high, "choices": [v for _, v in one.choices]}
        for one in found
    ]
    return told({"date": day, "questions": rows})


@router.post("/checkins/{date}", status_code=201, openapi_extra=_schema(ITEMS))
def check_in(desk: DeskOf, date: Annotated[Day, Path()], answers: Answers, form: AskedBy = None) -> JSONResponse:
    """Note the answers of a morning, or those about a run of that day; what the verdict is then."""
    with desk.diary() as diary:
        noted = answering.note(diary, date, answers, morning=form == "morning")
    now = desk.verdict(None if date == desk.today else date)
    return told({"date": date, "noted": noted, "state": now["state"], "headline": now["headline"]}, 201)


@router.delete("/checkins/{date}")
def undo(desk: DeskOf, date: Annotated[Day, Path()]) -> JSONResponse:
    """Take back the last check-in of that day; ``undone`` is null when there is none."""
    with desk.diary() as diary:
        undone = diary.undo_check_in(date)
    return told({"undone": undone or None})


class CauseAnswer(BaseModel):
    """What the runner says about a likely cause."""

    model_config = ConfigDict(extra="forbid")
    cause: Literal["training", "diet", "stress", "sleep", "other"]
    answer: Literal["confirmed", "rejected", "forgotten"]


@router.post("/causes")
def cause(desk: DeskOf, said: CauseAnswer) -> JSONResponse:
    """Confirm or reject a likely cause, or take that back; the causes as they are then."""
    with desk.diary() as diary:
        acts = {"confirmed": diary.confirm_cause, "rejected": diary.reject_cause, "forgotten": diary.forget_cause}
        acts[said.answer](said.cause)
    return told({"causes": desk.verdict()["causes"]})


class LookingBack(BaseModel):
    """What the runner says about an earlier verdict."""

    model_config = ConfigDict(extra="forbid")
    date: Day
    answer: Literal["right", "wrong"]


@router.post("/labels")
def label(desk: DeskOf, said: LookingBack) -> JSONResponse:
    """Say whether the verdict of an earlier day was right."""
    with desk.diary() as diary:
        diary.label(said.date, said.answer)
        return told(diary.labels())


@router.get("/labels")
def labels(desk: DeskOf) -> JSONResponse:
    """Everything that was said about verdicts, and the own record."""
    return told(desk.remember("labels", lambda diary: diary.labels()))


# --- tables -------------------------------------------------------------------------------------------------


def _frame(desk: Desk, name: str, make: Callable[[Diary], pl.DataFrame], on: str, *span: Day | None) -> JSONResponse:
    """A table as rows, of a span of days."""
    frame = desk.remember(name, make)
    day = pl.col(on).dt.date() if on == "start_utc" else pl.col(on)
    if span[0] is not None:
        frame = frame.filter(day >= span[0])
    if span[1] is not None:
        frame = frame.filter(day <= span[1])
    return told({name: frame.to_dicts()})


@router.get("/nights")
def nights(desk: DeskOf, first: First = None, last: Last = None) -> JSONResponse:
    """The nights, each as each source saw it."""
    return _frame(desk, "nights", lambda diary: diary.nights(), "date", first, last)


@router.get("/checkins")
def checkins(desk: DeskOf, first: First = None, last: Last = None) -> JSONResponse:
    """The answers of each morning."""
    return _frame(desk, "checkins", lambda diary: diary.checkins(), "date", first, last)


@router.get("/days")
def days(desk: DeskOf, first: First = None, last: Last = None) -> JSONResponse:
    """The daily table, in which everything meets."""
    return _frame(desk, "days", lambda diary: diary.days(), "date", first, last)


# --- the runner ---------------------------------------------------------------------------------------------


@router.get("/profile")
def profile(desk: DeskOf) -> JSONResponse:
    """What is known of the runner, and how it is known."""
    return told({"profile": desk.profile()})


@router.patch("/profile", openapi_extra=_schema(PROFILE_KEYS))
def set_profile(desk: DeskOf, values: Answers) -> JSONResponse:
    """Enter what is known of the runner; null takes a value out."""
    with desk.diary() as diary:
        diary.set_profile(**values)
    return told({"profile": desk.profile()})


# --- files --------------------------------------------------------------------------------------------------


@router.post(
    "/imports",
    status_code=202,
    openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": BYTES}}}},
)
async def take_in(request: Request, jobs: JobsOf, name: Annotated[str, Query(max_length=400)] = "file") -> JSONResponse:
    """Take in one file as it is, as the body of the request; it is read in the background."""
    with jobs.coming_in(safe_name(name)) as path:
        await _spool(request, path)
    return told({"job": jobs.add(path).as_dict()}, 202)


async def _spool(request: Request, path: Any) -> None:
    """The body to the disk, a piece at a time."""
    with path.open("wb") as file:
        piece = bytearray()
        async for part in request.stream():
            piece += part
            if len(piece) >= PIECE_B:
                await run_in_threadpool(file.write, bytes(piece))
                piece.clear()
        await run_in_threadpool(file.write, bytes(piece))


@router.get("/imports")
def imports(jobs: JobsOf) -> JSONResponse:
    """What was dropped since the server began, the newest first."""
    return told({"jobs": [job.as_dict() for job in jobs]})


@router.get("/imports/{job}")
def one_import(jobs: JobsOf, job: str) -> JSONResponse:
    """One import: how far it is, and at the end its report."""
    return told({"job": _job(jobs.get(job)).as_dict()})


@router.get("/imports/{job}/events", response_class=StreamingResponse, responses=STREAM)
async def events(jobs: JobsOf, job: str) -> Response:
    """The same as it happens, as server-sent events; the last one has the report."""
    return StreamingResponse(as_it_happens(_job(jobs.get(job))), media_type="text/event-stream")


async def as_it_happens(job: Job) -> AsyncIterator[str]:
    """One event for each news of an import, the last one when it is over."""
    seen = -1
    while True:
        if job.changes != seen:
            # The worker goes on meanwhile: whether this was the last news is read from what is told, not from the job.
            seen = job.changes
            news = _with_words(job)
            yield f"data: {json.dumps(news)}\n\n"
            if news["state"] in OVER:
                return
        await asyncio.sleep(TICK_S)


def _job(found: Job | None) -> Job:
    if found is None:
        raise HTTPException(404, "There is no such import.")
    return found


def _with_words(job: Job) -> dict[str, Any]:
    """A job with the sentences that the page shows."""
    problems = len(job.report["problems"]) if job.report else 0
    return job.as_dict() | {"told": told_of(job), "problems_title": text("import.problems", n=problems)}
