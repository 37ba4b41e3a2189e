"""Runs: the list, one run with its way, pace and heart rate, and what may be put right by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import polars as pl
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from freshlegs import charts, values
from freshlegs.diary.merging import FARTHEST_APART, OVERLAP, end_of
from freshlegs.diary.runs import EDITABLE, local_dates, local_start
from freshlegs.metrics.quality import SAID
from freshlegs.problems import WrongRequest
from freshlegs.web import drawing, run_form, typed
from freshlegs.web.desk import Desk
from freshlegs.web.frame import DeskOf, Form, FormOf, page, show_of
from freshlegs.web.pages.contract import Page
from freshlegs.web.show import Show

PAGE = Page("runs", "/runs")
router = APIRouter()

ON_A_PAGE: Final = 50
KINDS: Final = ("race", "hard", "long")
LONG_S: Final = 5400.0
SLOWEST_PACE_MPS: Final = 0.7

DONE: Final = ("prefer", "same", "merge", "split")
"""What may have been done to its recordings just before the page of a run is shown."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which runs are listed. Empty fields let everything through."""

    sport: str = ""
    kind: str = ""
    first: date | None = None
    last: date | None = None

    def query(self, **more: Any) -> str:
        """The address of the same list, with something else."""
        from urllib.parse import urlencode

        own = {"sport": self.sport, "kind": self.kind, "first": self.first, "last": self.last} | more
        return urlencode({key: value for key, value in own.items() if value not in ("", None)})


def speed_of(row: Mapping[str, Any]) -> float | None:
    """Mean speed of a run on foot that tells its distance and its time."""
    seconds = row["moving_s"] or row["elapsed_s"]
    metres = row["distance_m"]
    return metres / seconds if metres and seconds and metres / seconds >= SLOWEST_PACE_MPS else None


@router.get("/runs")
def runs(
    request: Request,
    desk: DeskOf,
    sport: str = "",
    kind: str = "",
    first: str = "",
    last: str = "",
    start: int = 0,
    gone: bool = False,
) -> Response:
    """The runs, newest first; with ``gone`` those that were taken out."""
    if kind and kind not in KINDS:
        raise WrongRequest(f"there is no kind {kind!r}; there are {', '.join(KINDS)}")
    chosen = Filter(sport, kind, _day(first, desk), _day(last, desk))
    every = desk.remember("deleted runs", lambda d: d.deleted_runs()) if gone else every_run(desk)
    zone = desk.home_zone()
    frame = chosen_runs(every, chosen, zone)
    start = min(max(start, 0), max(frame.height - 1, 0)) // ON_A_PAGE * ON_A_PAGE
    shown = frame.slice(start, ON_A_PAGE)
    return page(
        request,
        "runs",
        rows=[
            row | {"local": local_start(row, zone), "speed_mps": speed_of(row)} for row in shown.iter_rows(named=True)
        ],
        total=frame.height,
        every=every.height,
        start=start,
        each=ON_A_PAGE,
        chosen=chosen,
        gone=gone,
        any_gone=desk.remember("any gone", lambda d: not d.deleted_runs().is_empty()),
        sports=sorted(every["sport"].drop_nulls().unique().to_list()),
        kinds=KINDS,
    )


def every_run(desk: Desk) -> pl.DataFrame:
    """All runs with loads and zones, worked out once for each state of the diary."""
    return desk.remember("runs", lambda diary: diary.runs())


def _day(text: str, desk: Desk) -> date | None:
    return values.day(text, desk.today) if text else None


def chosen_runs(frame: pl.DataFrame, chosen: Filter, home_zone: str | None) -> pl.DataFrame:
    """Those runs, newest first."""
    day = pl.lit(local_dates(frame, home_zone))
    rules = []
    if chosen.sport:
        rules.append(pl.col("sport") == chosen.sport)
    if chosen.kind == "race":
        rules.append(pl.col("race"))
    elif chosen.kind == "hard":
        rules.append(pl.col("quality_session"))
    elif chosen.kind == "long":
        rules.append(pl.coalesce("moving_s", "elapsed_s") >= LONG_S)
    if chosen.first is not None:
        rules.append(day >= chosen.first)
    if chosen.last is not None:
        rules.append(day <= chosen.last)
    return frame.filter(*rules).sort("start_utc", descending=True)


# --- one run ------------------------------------------------------------------------------------------------------


@router.get("/runs/{run}")
def one_run(request: Request, desk: DeskOf, run: str, done: str = "") -> Response:
    """One run, whole; ``done`` is what was just done to its recordings, and can be taken back."""
    return shown(request, desk, run, done if done in DONE else "")


def shown(
    request: Request,
    desk: Desk,
    run: str,
    done: str = "",
    *,
    form: Form | None = None,
    refused: Mapping[str, str] | None = None,
) -> Response:
    """The page of a run; with a ``form``, as it was filled in, what was ``refused`` of it said at its field."""
    details = details_of(desk, run)
    row = row_of(desk, details)
    drawn = desk.remember("run drawn", lambda _: _drawn(desk, details, show_of(desk)), details["id"])
    form, refused = form or Form(), refused or {}
    form_show = typed.form_show(form, show_of(desk))
    now = run_form.values_of(row, form_show)
    return page(
        request,
        "run",
        422 if refused else 200,
        row=row,
        details=details,
        local=local_start(row, desk.home_zone()),
        speed_mps=speed_of(row),
        zones=_zones(row),
        flags=[SAID[flag] for flag in row.get("flags") or ()],
        shown={name: str(form.get(name, value)) for name, value in now.items()},
        was={name: typed.shown_in(form, name, now) for name in now},
        refused=refused,
        refused_names={name: run_form.names()[name] for name in refused},
        form_show=form_show,
        changed=run_form.told_changes(details["changed"] or {}, show_of(desk)),
        near=[] if details["deleted"] else neighbours(every_run(desk), row, desk.home_zone()),
        done=done,
        **drawn,
    )


def details_of(desk: Desk, run: str) -> dict[str, Any]:
    """`Diary.run_details`, from what is read once for all runs."""
    behind = desk.remember("behind runs", lambda diary: diary.behind_runs())
    return desk.remember("run", lambda diary: diary.run_details(run, behind), run)


def row_of(desk: Desk, details: Mapping[str, Any]) -> dict[str, Any]:
    """The row of a run, also of one that was taken out."""
    for frame in (every_run(desk), desk.remember("deleted runs", lambda diary: diary.deleted_runs())):
        found = frame.filter(pl.col("id") == details["id"])
        if found.height:
            return found.row(0, named=True)
    raise WrongRequest(f"there is no run {details['id']!r}")


def _drawn(desk: Desk, details: Mapping[str, Any], show: Show) -> dict[str, Any]:
    """Charts and laps of a run; nothing of them for a run without samples."""
    if not details["samples"]:
        return {"way": None, "course": None, "laps": []}
    with desk.diary() as diary:
        activity = diary.activity(details["id"])
    system: Any = "metric" if show.is_metric else "imperial"
    way = charts.track(activity.records, system=system)
    course = charts.run(activity.records, activity.laps, hr_bounds=_bounds(desk), system=system)
    return {
        "way": drawing.drawing(way, show) if way.table.height else None,
        "course": drawing.drawing(course, show),
        "laps": _laps(activity.laps) if activity.laps.height > 1 else [],
    }


def _bounds(desk: Desk) -> tuple[float, float] | None:
    """Heart rates between easy, grey and hard; None where a formula for people in general would give them."""
    profile = desk.profile()
    easy, hard = profile.get("hr_easy_bpm"), profile.get("hr_threshold_bpm")
    if easy is None or hard is None or hard["basis"] == "assumed":
        return None
    return float(easy["value"]), float(hard["value"])


def _laps(laps: pl.DataFrame) -> list[dict[str, Any]]:
    names = ("distance_m", "moving_s", "elapsed_s", "hr_mean_bpm", "hr_max_bpm", "climb_m")
    rows = [{name: row.get(name) for name in names} for row in laps.iter_rows(named=True)]
    return [row | {"speed_mps": speed_of(row)} for row in rows]


def _zones(row: Mapping[str, Any]) -> list[tuple[str, float, float]]:
    """Name, seconds and share of each zone; empty where none is known."""
    seconds = [row["z1_s"], row["z2_s"], row["z3_s"]]
    if any(one is None for one in seconds) or not sum(seconds):
        return []
    return [(name, one, one / sum(seconds)) for name, one in zip(("easy", "grey", "hard"), seconds, strict=True)]


def neighbours(frame: pl.DataFrame, row: Mapping[str, Any], home_zone: str | None) -> list[dict[str, Any]]:
    """Runs that may be the same as this one (``same``, they overlap) or a part of it (``merge``, within hours)."""
    start, end = row["start_utc"], end_of(row)
    close = frame.filter(
        (pl.col("id") != row["id"])
        & (pl.col("start_utc") <= end + FARTHEST_APART)
        & (pl.col("start_utc") >= start - timedelta(days=3))
    )
    found = []
    for other in close.iter_rows(named=True):
        gap = max(other["start_utc"] - end, start - end_of(other))
        if gap <= FARTHEST_APART:
            how = "same" if gap < -OVERLAP else "merge"
            found.append(other | {"local": local_start(other, home_zone), "how": how})
    return found


# --- put right by hand --------------------------------------------------------------------------------------------


@router.post("/runs/{run}")
def edit(request: Request, desk: DeskOf, run: str, form: FormOf) -> Response:
    """Keep what was changed in the form; an emptied field is again as it was imported. With a fault nothing is kept."""
    details = details_of(desk, run)
    show = typed.form_show(form, show_of(desk))
    now = run_form.values_of(row_of(desk, details), show)
    found = typed.read(form, [EDITABLE[name] for name in run_form.FIELDS], now, run_form.names(), show)
    if found.refused:
        return shown(request, desk, run, form=form, refused=found.refused)
    if found.given:
        with desk.diary() as diary:
            diary.edit_run(details["id"], **found.given)
    return _to(details["id"])


@router.post("/runs/{run}/delete")
def delete(desk: DeskOf, run: str) -> Response:
    """Take a run out; nothing is lost."""
    return _hide(desk, run, hidden=True)


@router.post("/runs/{run}/restore")
def restore(desk: DeskOf, run: str) -> Response:
    """Bring a run back."""
    return _hide(desk, run, hidden=False)


def _hide(desk: Desk, run: str, *, hidden: bool) -> Response:
    with desk.diary() as diary:
        details = diary.run_details(run)
        (diary.delete_run if hidden else diary.restore_run)(details["id"])
    return _to(details["id"])


@router.post("/runs/changes/undo")
def undo(desk: DeskOf) -> Response:
    """Take back the last change made to a run by hand."""
    with desk.diary() as diary:
        taken = diary.undo_run_change()
        if not taken:
            raise WrongRequest("there is no change of a run to take back")
        return _to(diary.run_details(taken[0]["run"])["id"])


@router.post("/runs/{run}/prefer")
def prefer(desk: DeskOf, run: str) -> Response:
    """Keep this recording of a run that several files have."""
    with desk.diary() as diary:
        return _to(diary.prefer_run(run), "prefer")


@router.post("/runs/{run}/split")
def split(desk: DeskOf, run: str) -> Response:
    """Take this recording out of the run it was joined to, or apart what was put together."""
    with desk.diary() as diary:
        return _to(diary.split_run(run)[0], "split")


@router.post("/runs/{run}/same/{other}")
def same(desk: DeskOf, run: str, other: str) -> Response:
    """Say that two recordings are of one run."""
    with desk.diary() as diary:
        return _to(diary.same_run(run, other), "same")


@router.post("/runs/{run}/merge/{other}")
def merge(desk: DeskOf, run: str, other: str) -> Response:
    """Put two recordings together that followed one another."""
    with desk.diary() as diary:
        return _to(diary.merge_runs(run, other), "merge")


def _to(run: str, done: str = "") -> Response:
    return RedirectResponse(f"/runs/{run}" + (f"?done={done}" if done else ""), 303)
