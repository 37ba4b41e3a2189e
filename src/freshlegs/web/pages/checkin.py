"""Check-in: the morning's answers in under twenty seconds; and those after a run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from freshlegs import values, vocabulary, words
from freshlegs.diary import Diary
from freshlegs.diary.answers import ITEMS
from freshlegs.problems import WrongRequest
from freshlegs.web import answering, typed
from freshlegs.web.desk import Desk
from freshlegs.web.frame import DeskOf, Form, FormOf, back, page, wanted_day
from freshlegs.web.pages.contract import Page
from freshlegs.web.show import Show

PAGE = Page("checkin", "/checkin", in_bar=True)
router = APIRouter()


@router.get("/checkin")
def checkin(request: Request, desk: DeskOf, date: str | None = None, after: str | None = None) -> Response:
    """The questions of a morning, or those after a run."""
    today = desk.today
    day = wanted_day(date, today) or today
    if day > today:
        raise WrongRequest(f"{day} lies in the future; today is {today}")
    said = desk.remember("said", lambda diary: said_on(diary, day), day)
    return _form(request, desk, day, said, after_run=after == "run")


@router.get("/checkin/kept")
def kept(request: Request, desk: DeskOf, after: str | None = None) -> Response:
    """The empty form that a browser keeps for when there is no connection; its script says which day it is."""
    return _form(request, desk, desk.today, {}, after_run=after == "run", kept=True)


@router.get("/away")
def away(request: Request) -> Response:
    """What a browser shows in place of any other page while there is no connection."""
    return page(request, "away")


def _form(
    request: Request, desk: Desk, day: date, said: Mapping[str, Any], *, after_run: bool, kept: bool = False
) -> Response:
    questions = desk.remember("questions", lambda diary: diary.questions(day), day)
    if kept:  # it may be opened days later, when a question of today alone has no meaning
        questions = [question for question in questions if question != words.REST_TEST]
    asked = [question.item for question in questions]
    every = (*words.IN_TURN, words.READINESS, words.FEELS)
    profile = desk.profile()
    weight = bool(profile.get("show_weight", {}).get("value"))
    cycle = asks_for_periods(profile)
    return page(
        request,
        "checkin",
        day=day,
        today=desk.today,
        is_today=day == desk.today,
        query="" if day == desk.today else f"?date={day}",
        after_run=after_run,
        kept=kept,
        questions=questions,
        asked=asked,
        others=[question for question in every if question.item not in asked],
        run_questions=words.AFTER_RUN,
        ill=words.ILL,
        pain=words.PAIN,
        bowel=next(question for question in words.IN_TURN if question.item == "bowel"),
        said=said,
        said_any=bool(said),
        habits=vocabulary.SLEEP_HABITS,
        weight=weight,
        cycle=cycle,
        shown=shown_of(said, after_run=after_run, weight=weight and desk.units() == "metric", cycle=cycle),
    )


def asks_for_periods(profile: Mapping[str, Any]) -> bool:
    """Whether a period is asked for: not of men, nor where it was switched off or does not apply."""
    sex = profile.get("formula_sex", {}).get("value")
    cycle = profile.get("cycle", {}).get("value")
    return cycle not in ("off", "none", "pregnant") and not (sex == "male" and cycle is None)


def said_on(diary: Diary, day: date) -> dict[str, Any]:
    """What was answered on a day, as the form's fields have it."""
    found = {key: field(value) for key, value in diary.answered(day).items()}
    return {key: value for key, value in found.items() if value != []}


def field(value: Any) -> Any:
    """A value as a field of the form holds it.

    >>> field(6.0), field(True), field(["a"]), field(None)
    ('6', 'true', ['a'], None)
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else value


@router.post("/checkin")
def note(desk: DeskOf, form: FormOf) -> Response:
    """Note what was answered, and go on."""
    today = desk.today
    day = values.day(str(form.get("date") or today), today)
    given = answers(form, today)
    morning = form.get("form") == "morning"
    with desk.diary() as diary:
        said = diary.answered(day)
        # What the form showed and no longer has was taken out of it; what it did not show is left alone.
        shown = str(form.get("shown", "")).split()
        given |= {item: None for item in shown if item in TAKEN_OUT and item in said and item not in given}
        noted = answering.note(diary, day, given, morning=morning) if given or morning else {}
    return back(form, "/" if day == today else f"/why?date={day}", noted=bool(noted))


TICKED: Final = ("strength_done", "stretching_done", "pain_sharp", "sleep_habits", "symptoms", "period_started")
TYPED: Final = ("pain_where", "note", "weight_kg", "systolic_mmhg", "diastolic_mmhg")
TAKEN_OUT: Final = (*TICKED, "checked_by_doctor", *TYPED)
"""What can be taken out of a form without a script: a box is left empty, and a field is emptied."""

AFTER_RUN: Final = ("strength_done", "stretching_done", "pain_sharp", "pain_where")


def shown_of(said: Mapping[str, Any], *, after_run: bool, weight: bool, cycle: bool) -> str:
    """Which of the answers that can be taken out a form shows, as its hidden field has them."""
    hidden = {"weight_kg": not weight, "period_started": not cycle}
    asked = AFTER_RUN if after_run else TAKEN_OUT
    return " ".join(item for item in asked if item in said and not hidden.get(item))


def answers(form: Form, today: date) -> dict[str, Any]:
    """The answers of a form; WrongRequest for one that cannot be."""
    given: dict[str, Any] = {}
    for item in form:
        texts = [str(text).strip() for text in form.getlist(item)]
        if item == "weight_lb" and texts[0]:
            kilograms = typed.weight_kg(texts[0], Show("imperial"))
            given["weight_kg"] = values.value(ITEMS["weight_kg"], str(kilograms or texts[0]), today)
        elif item in ITEMS and any(texts):
            given[item] = values.value(ITEMS[item], ",".join(texts) if item in LISTS else texts[0], today)
    return given


LISTS: Final = ("sleep_habits", "symptoms")


@router.post("/checkin/undo")
def undo(desk: DeskOf, form: FormOf) -> Response:
    """Take the last check-in back (of that day, or of all)."""
    day = form.get("date")
    with desk.diary() as diary:
        diary.undo_check_in(str(day) if day else None)
    return back(form, "/")


@router.post("/checkin/slip")
def slip(desk: DeskOf, form: FormOf) -> Response:
    """Take back the symptoms that ended all advice; whatever else was answered, before or after, stays."""
    day = values.day(str(form.get("date") or desk.today), desk.today)
    with desk.diary() as diary:
        said = diary.answered(day).get("symptoms") or []
        rest = [symptom for symptom in said if symptom not in vocabulary.EMERGENCY_SYMPTOMS]
        if rest != said:
            diary.check_in(day, symptoms=rest or None)
    return back(form, "/")


AGO: Final = {"": 0, "d3": 3, "d7": 7, "d14": 14, "d21": 21, "d30": 30, "d60": 60, "d120": 120}
"""How long ago a sign was first noticed, by the words of the form, in days; nothing: it was not noticed."""


@router.get("/first-day")
def first_day(request: Request, desk: DeskOf) -> Response:
    """What was noticed lately, told from memory by who has no diary yet."""
    cycle = asks_for_periods(desk.profile())
    signs = [sign for sign in vocabulary.SIGNS if sign != "irregular_cycles" or cycle]
    return page(request, "firstday", asked=signs, ago=list(AGO), told=bool(desk.verdict().get("from_memory")))


@router.post("/first-day")
def tell(desk: DeskOf, form: FormOf) -> Response:
    """Keep what was told; of a sign that was left alone, that it was not noticed."""
    since = {}
    for sign in vocabulary.SIGNS:
        word = str(form.get(sign, ""))
        if word not in AGO:
            raise WrongRequest(f"a sign was noticed {', '.join(list(AGO)[1:])} ago, not {word!r}")
        if word:
            since[sign] = desk.today - timedelta(days=AGO[word])
    with desk.diary() as diary:
        diary.interview(since)
    return back(form, "/", noted=True)


@router.post("/first-day/forget")
def forget(desk: DeskOf, form: FormOf) -> Response:
    """Take back what was told from memory."""
    with desk.diary() as diary:
        diary.forget_interview()
    return back(form, "/", noted=True)


@router.post("/labels")
def label(desk: DeskOf, form: FormOf) -> Response:
    """Say whether an earlier verdict was right."""
    with desk.diary() as diary:
        diary.label(str(form.get("date", "")), str(form.get("answer", "")))
    return back(form, "/")


@router.post("/labels/stretch")
def stretch(desk: DeskOf, form: FormOf) -> Response:
    """Say whether a past stretch felt bad."""
    with desk.diary() as diary:
        diary.answer_stretch(str(form.get("date", "")), bad=form.get("bad") == "yes")
    return back(form, "/")
