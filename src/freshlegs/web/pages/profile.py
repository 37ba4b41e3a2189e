"""Profile: what is known of the runner and how it is known; what is hidden; all of it out, all of it gone."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from starlette.background import BackgroundTask

from freshlegs import tables, words
from freshlegs.problems import WrongRequest
from freshlegs.web import typed
from freshlegs.web.frame import DeskOf, Form, FormOf, back, capital, page
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


@dataclass(frozen=True, slots=True)
class Field:
    """One key of the profile as the form shows it."""

    key: str
    kind: str
    entered: str
    stands_in: str
    basis: str
    how: str
    unit: str = ""
    choices: tuple[str, ...] = ()


@router.get("/profile")
def profile(request: Request, desk: DeskOf) -> Response:
    """Every key with its value, and how it is known."""
    known = desk.profile()
    show = Show(desk.units(), desk.today)
    hidden = {"weight_kg"} if not known.get("show_weight", {}).get("value") else set()
    sections = {
        name: [field_of(key, known.get(key), show) for key in keys if key not in hidden]
        for name, keys in SECTIONS.items()
    }
    derived = [field_of(key, known[key], show) for key in ("hr_easy_bpm", "critical_mps") if key in known]
    return page(request, "profile", sections=sections, derived=derived, home=str(desk.home), erase=ERASE)


def field_of(key: str, told: Mapping[str, Any] | None, show: Show) -> Field:
    """A key with what is entered for it, or what stands in while nothing is."""
    column = next((one for one in tables.PROFILE.columns if one.name == key), None)
    basis = "" if told is None else str(told["basis"])
    shown = "" if told is None else typed.written(key, told["value"], show)
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
    unit = typed.unit_of(key, show)
    return Field(key, kind, shown if entered else "", "" if entered else shown, basis, how, unit, choices)


@router.post("/profile")
def change(desk: DeskOf, form: FormOf) -> Response:
    """Enter what the form says; what was emptied is taken out."""
    given = changes(form, desk.profile(), Show(desk.units(), desk.today), desk.today)
    with desk.diary() as diary:
        if given:
            diary.set_profile(**given)
        if diary.gates():
            diary.gates_asked()
    return back(form, "/profile", saved=True)


def changes(form: Form, known: Mapping[str, Any], show: Show, today: date) -> dict[str, Any]:
    """The keys that the form changes."""
    given: dict[str, Any] = {}
    for column in tables.PROFILE.columns:
        if column.name not in form:
            continue
        text = str(form[column.name]).strip()
        told = known.get(column.name)
        entered = told is not None and told["basis"] in ("entered", "measured")
        if text == (typed.written(column.name, told["value"], show) if told is not None and entered else ""):
            continue
        value = typed.value(column, text, show, label(column.name), today)
        given[column.name] = value
    return given


def label(key: str) -> str:
    """A key in plain words."""
    return capital(words.name(words.PROFILE, key))


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
def erase(desk: DeskOf, form: FormOf) -> Response:
    """Erase everything, once the word was typed."""
    if str(form.get("word", "")).strip().lower() != ERASE:
        raise WrongRequest(f"nothing was erased: type {ERASE} to erase everything")
    desk.erase()
    return RedirectResponse("/", 303, headers={"Clear-Site-Data": '"cache", "storage"'})
