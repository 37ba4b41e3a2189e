"""Profile: what is known of the runner and how it is known; what is hidden; all of it out, all of it gone."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from starlette.background import BackgroundTask

from freshlegs import tables, words
from freshlegs.problems import WrongRequest
from freshlegs.web import typed
from freshlegs.web.desk import Desk
from freshlegs.web.frame import DeskOf, Form, FormOf, JobsOf, back, capital, page, show_of
from freshlegs.web.pages.contract import Page
from freshlegs.web.show import Show

PAGE = Page("profile", "/profile")
router = APIRouter()

SECTIONS: Final[dict[str, tuple[str, ...]]] = {
    "you": ("birth_date", "formula_sex", "height_cm", "weight_kg", "sleep_need_h", "home_time_zone", "units"),
    "anchors": ("hr_max_bpm", "hr_rest_bpm", "hr_threshold_bpm", "threshold_mps"),
    "health": ("cycle", "hr_medication", "chronic_condition", "overtrained_before"),
    "times": ("overload_until", "new_normal_since"),
    "shown": ("show_weight", "show_energy"),
}

ERASE: Final = "erase"
"""The word that has to be typed before everything is erased."""


COLUMNS: Final = {column.name: column for column in tables.PROFILE.columns}
NAMES: Final = {key: capital(words.name(words.PROFILE, key)) for key in COLUMNS}
"""Each key in plain words."""


@dataclass(frozen=True, slots=True)
class Field:
    """One key of the profile as the form shows it.

    ``entered`` is what stands in it, ``was`` what stood in it before anything was typed, ``refused`` why what was
    typed cannot be.
    """

    key: str
    kind: str
    entered: str
    was: str
    stands_in: str
    basis: str
    how: str
    unit: str = ""
    choices: tuple[str, ...] = ()
    refused: str = ""


@router.get("/profile")
def profile(request: Request, desk: DeskOf) -> Response:
    """Every key with its value, and how it is known."""
    return shown(request, desk)


def shown(request: Request, desk: Desk, form: Form | None = None, refused: Mapping[str, str] | None = None) -> Response:
    """The page; with a ``form``, as it was filled in, what was ``refused`` of it said at its field."""
    known = desk.profile()
    form, refused = form or Form(), refused or {}
    show = typed.form_show(form, show_of(desk))
    hidden = set() if known.get("show_weight", {}).get("value") or "weight_kg" in form else {"weight_kg"}
    sections = {
        name: [filled(field_of(key, known.get(key), show), form, refused) for key in keys if key not in hidden]
        for name, keys in SECTIONS.items()
    }
    derived = [field_of(key, known[key], show) for key in ("hr_easy_bpm", "critical_mps") if key in known]
    return page(
        request,
        "profile",
        422 if refused else 200,
        sections=sections,
        derived=derived,
        home=str(desk.home),
        erase=ERASE,
        units_shown=show.units,
        refused={key: NAMES[key] for key in refused},
    )


def field_of(key: str, told: Mapping[str, Any] | None, show: Show) -> Field:
    """A key with what is entered for it, or what stands in while nothing is."""
    column = COLUMNS.get(key)
    basis = "" if told is None else str(told["basis"])
    value = "" if told is None else typed.written(key, told["value"], show)
    entered = basis in ("entered", "measured")
    kind = "text"
    choices: tuple[str, ...] = ()
    if column is not None and column.dtype == tables.YES_NO:
        kind, choices = "choice", ("true", "false")
    elif column is not None and column.choices:
        kind, choices = "choice", tuple(column.choices)
    elif column is not None and column.dtype == tables.DAY:
        kind = "date"
    elif key != "home_time_zone":
        kind = "number"
    how = "" if told is None or entered else str(told["how"])
    own, stands_in = (value, "") if entered else ("", value)
    return Field(key, kind, own, own, stands_in, basis, how, typed.unit_of(key, show), choices)


def filled(field: Field, form: Form, refused: Mapping[str, str]) -> Field:
    """A field as it was filled in."""
    if field.key not in form:
        return field
    was = typed.shown_in(form, field.key, {field.key: field.was})
    return replace(field, entered=str(form[field.key]), was=was, refused=refused.get(field.key, ""))


@router.post("/profile")
def change(request: Request, desk: DeskOf, form: FormOf) -> Response:
    """Enter what was changed in the form; what was emptied is taken out. Of a form with a fault nothing is entered."""
    show = typed.form_show(form, show_of(desk))
    now = {key: field_of(key, told, show).entered for key, told in desk.profile().items()}
    found = typed.read(form, tuple(COLUMNS.values()), now, NAMES, show)
    if not found.refused:
        try:
            enter(desk, found.given)
        except WrongRequest as error:  # what only the whole profile shows, such as heart rates in the wrong order
            named = [key for key in found.given if key in str(error)]
            found.refused[(named or list(found.given))[0]] = typed.in_words(str(error), NAMES)
    return shown(request, desk, form, found.refused) if found.refused else back(form, "/profile", saved=True)


def enter(desk: Desk, given: Mapping[str, Any]) -> None:
    """Keep these keys, and that what decides which advice fits was asked for."""
    with desk.diary() as diary:
        if given:
            diary.set_profile(**given)
        if diary.gates():
            diary.gates_asked()


@router.get("/profile/export.zip")
def export(desk: DeskOf) -> Response:
    """All data in one zip."""
    target = desk.home / f"export-{secrets.token_hex(4)}.zip"
    with desk.diary() as diary:
        diary.export(target)
    name = f"freshlegs-{desk.today}.zip"
    return FileResponse(
        target, media_type="application/zip", filename=name, background=BackgroundTask(target.unlink, missing_ok=True)
    )


@router.post("/profile/erase")
def erase(desk: DeskOf, jobs: JobsOf, form: FormOf) -> Response:
    """Erase everything, once the word was typed."""
    if str(form.get("word", "")).strip().lower() != ERASE:
        raise WrongRequest(f"nothing was erased: type {ERASE} to erase everything")
    with jobs.ended():
        desk.erase()
    return RedirectResponse("/", 303, headers={"Clear-Site-Data": '"cache", "storage"'})
