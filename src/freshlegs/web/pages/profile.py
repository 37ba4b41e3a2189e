"""Profile: what is known of the runner and how it is known; what is hidden; all of it out, all of it gone."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from starlette.background import BackgroundTask

from freshlegs import tables, units, values
from freshlegs.problems import WrongRequest
from freshlegs.web.frame import DeskOf, Form, FormOf, JobsOf, back, page
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

CM_PER_INCH: Final = units.METRES_PER_FOOT * 100 / 12
FEET: Final = re.compile(r"""(\d) *(?:ft|'|’)? *(?:(\d{1,2}(?:\.\d)?) *(?:in|"|”|'')?)?""")
"""A height in feet and inches, as people write it: 5 ft 7 in, 5'7", 5 7."""

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
    shown = "" if told is None else written(key, told["value"], show)
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
    unit = unit_of(key, show)
    return Field(key, kind, shown if entered else "", "" if entered else shown, basis, how, unit, choices)


def unit_of(key: str, show: Show) -> str:
    """The unit a key is typed in; nothing where the value says it itself.

    >>> unit_of("hr_max_bpm", Show()), unit_of("height_cm", Show("imperial")), unit_of("threshold_mps", Show())
    ('bpm', '', '')
    """
    if key == "weight_kg":
        return "kg" if show.is_metric else "lb"
    if key == "height_cm":
        return "cm" if show.is_metric else ""
    return "bpm" if key.endswith("_bpm") else "h" if key.endswith("_h") else ""


def written(key: str, value: Any, show: Show) -> str:
    """A value as it is typed: speeds as a pace in the runner's units."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if key.endswith("_mps"):
        return show.pace(value)
    if key == "height_cm" and not show.is_metric:
        feet, inches = divmod(round(value / CM_PER_INCH), 12)
        return f"{feet} ft {inches} in"
    if isinstance(value, float):
        shown = value / units.KG_PER_POUND if key == "weight_kg" and not show.is_metric else value
        return f"{shown:.0f}" if key.endswith("_bpm") else f"{shown:.4g}"
    return str(value)


@router.post("/profile")
def change(desk: DeskOf, form: FormOf) -> Response:
    """Enter what the form says; what was emptied is taken out."""
    given = typed(form, desk.profile(), Show(desk.units(), desk.today), desk.today)
    with desk.diary() as diary:
        if given:
            diary.set_profile(**given)
        if diary.gates():
            diary.gates_asked()
    return back(form, "/profile", saved=True)


def typed(form: Form, known: Mapping[str, Any], show: Show, today: date) -> dict[str, Any]:
    """The keys that the form changes."""
    given: dict[str, Any] = {}
    for column in tables.PROFILE.columns:
        if column.name not in form:
            continue
        text = str(form[column.name]).strip()
        told = known.get(column.name)
        entered = told is not None and told["basis"] in ("entered", "measured")
        if text == (written(column.name, told["value"], show) if told is not None and entered else ""):
            continue
        value = values.value(column, metric(column.name, text, show), today) if text else None
        given[column.name] = value
    return given


def metric(key: str, text: str, show: Show) -> str:
    """What was typed, in the diary's units: a bare pace is one of the runner's units, pounds are kilograms."""
    if show.is_metric or not text:
        return text
    if key.endswith("_mps") and text[-1].isdigit():
        return f"{text} /mi"
    if key == "weight_kg":
        try:
            return f"{float(text.replace(',', '.')) * units.KG_PER_POUND:.3f}"
        except ValueError:
            return text
    feet = FEET.fullmatch(text) if key == "height_cm" else None
    if feet is not None:
        return f"{(int(feet[1]) * 12 + float(feet[2] or 0)) * CM_PER_INCH:.1f}"
    return text


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
