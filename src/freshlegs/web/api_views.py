"""The JSON API of the long view and of runs: what stands behind the charts, and the runs with what may be put right."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query
from fastapi.responses import JSONResponse, Response

from freshlegs import vocabulary as v
from freshlegs.charts import Chart
from freshlegs.diary.pictures import SHOWN_D
from freshlegs.diary.runs import EDITABLE
from freshlegs.problems import WrongRequest
from freshlegs.web import drawing
from freshlegs.web.api import told
from freshlegs.web.desk import Desk
from freshlegs.web.frame import DeskOf
from freshlegs.web.pages.runs import Filter, chosen_runs, details_of, every_run, row_of

router = APIRouter(prefix="/api/v1", tags=["long view"])

Name = Literal["story", "nights", "signs", "balance", "evidence", "run", "track"]
Width = Annotated[int, Query(ge=240, le=4000)]


def _chart(desk: Desk, name: str, first: date | None, last: date | None, on: date | None, run: str | None) -> Chart:
    """A chart; each is made once for each state of the diary."""
    end = last or desk.today
    start = first or end - timedelta(days=SHOWN_D - 1)
    if name not in v.CHARTS_OF_MONTHS:
        return desk.remember(f"chart {name}", lambda diary: diary.chart(name, on=on, run=run), on, run)
    if start > end or end > desk.today:
        with desk.diary() as diary:  # says why
            return diary.chart(name, start, end)
    return desk.remember(f"chart {name}", lambda _: drawing.chart_of(desk, name, start, end), start, end)


@router.get("/charts/{name}")
def chart(
    desk: DeskOf,
    name: Name,
    first: date | None = None,
    last: date | None = None,
    on: date | None = None,
    run: str | None = None,
) -> JSONResponse:
    """A chart as its sentence and its numbers: ``columns`` and ``rows``. ``on`` is for evidence, ``run`` for runs."""
    return told(drawing.document(_chart(desk, name, first, last, on, run)))


@router.get("/charts/{name}/picture.svg", response_class=Response)
def picture(
    desk: DeskOf,
    name: Name,
    first: date | None = None,
    last: date | None = None,
    on: date | None = None,
    run: str | None = None,
    width: Width = 760,
) -> Response:
    """The drawing of a chart, with its title and its sentence."""
    found = _chart(desk, name, first, last, on, run)
    return Response(found.svg(width, heading=True), media_type="image/svg+xml")


@router.get("/runs")
def runs(
    desk: DeskOf,
    sport: str = "",
    kind: Literal["", "race", "hard", "long"] = "",
    first: date | None = None,
    last: date | None = None,
    start: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    most: Annotated[int, Query(ge=1, le=5000)] = 500,
) -> JSONResponse:
    """The runs, newest first: ``total`` of them, and ``most`` rows from ``start`` on."""
    found = chosen_runs(every_run(desk), Filter(sport, kind, first, last), desk.home_zone())
    return told({"total": found.height, "runs": found.slice(start, most).to_dicts()})


@router.get("/runs/{run}")
def one_run(desk: DeskOf, run: str) -> JSONResponse:
    """One run and what is behind it: its files and twins, what was set aside, what was changed by hand."""
    details = details_of(desk, run)
    return told({"run": row_of(desk, details), **details})


@router.patch("/runs/{run}")
def edit(desk: DeskOf, run: str, fields: Annotated[dict[str, Any], Body()]) -> JSONResponse:
    """Change a run by hand; null makes a field again what was imported."""
    unknown = [name for name in fields if name not in EDITABLE]
    if unknown or not fields:
        raise WrongRequest(f"there is no run key {unknown[0]!r}" if unknown else "an edit needs a field")
    with desk.diary() as diary:
        details = diary.run_details(run)
        diary.edit_run(details["id"], **fields)
    return told({"id": details["id"], "changed": fields})


@router.delete("/runs/{run}")
def delete(desk: DeskOf, run: str) -> JSONResponse:
    """Take a run out; nothing is lost."""
    return _put(desk, run, deleted=True)


@router.post("/runs/{run}/restore")
def restore(desk: DeskOf, run: str) -> JSONResponse:
    """Bring a run back."""
    return _put(desk, run, deleted=False)


def _put(desk: Desk, run: str, *, deleted: bool) -> JSONResponse:
    with desk.diary() as diary:
        found = diary.run_details(run)["id"]
        (diary.delete_run if deleted else diary.restore_run)(found)
    return told({"id": found, "deleted": deleted})
