"""``checkin``: the morning's answers, given on the line or asked one by one in under twenty seconds."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import click

from freshlegs import values, words
from freshlegs.cli.options import date_option, json_option
from freshlegs.cli.output import console, day_words, emit, hint
from freshlegs.cli.session import Session
from freshlegs.problems import NothingDone, WrongRequest
from freshlegs.words import Question

if TYPE_CHECKING:
    import polars as pl

    from freshlegs.diary import Diary
    from freshlegs.tables import Column

ANYTHING: Final = ("ill", "pain", "stomach", "period", "something worrying")


@click.command()
@click.argument("answers", nargs=-1, metavar="[ITEM=VALUE]...")
@date_option
@click.option("--undo", is_flag=True, help="Take the last check-in back (of that day).")
@json_option
@click.pass_obj
def checkin(session: Session, answers: tuple[str, ...], day: str | None, undo: bool, as_json: bool) -> None:
    r"""Note the morning's answers, 0 to 10 each; asks on a terminal when no item is given.

    \b
    freshlegs checkin energy=4 leg_freshness=3 sleep_quality=6
    freshlegs checkin ill=above_neck sleep_habits=same_times,dark_room
    freshlegs checkin rpe=7 hit_pace=partly          (after a run)
    """
    on = session.today if day is None else values.day(day, session.today)
    if on > session.today:
        raise WrongRequest(f"{on} lies in the future; a check-in is for today or an earlier day")
    if undo:
        _undo(session, None if day is None else on, answers, as_json)
        return
    given = values.assignments(answers, item_columns(), "check-in item", session.today)
    if not given and (as_json or not _can_ask()):
        raise WrongRequest("no answer was given; write for example: freshlegs checkin energy=6 soreness=3")
    diary = session.diary()
    if not given:
        given = ask(diary.questions(on), on)
        if given.get("ill") == "none" and _said_ill(diary.checkins(), on):
            del given["ill"]  # Enter takes no illness back that was entered this morning
        if not given:
            hint("Nothing was noted.")
            return
    diary.check_in(on, **given)
    _tell(diary, on, given, as_json)


def _said_ill(known: pl.DataFrame, on: date) -> bool:
    import polars as pl

    return known.filter((pl.col("date") == on) & (pl.col("ill") != "none")).height > 0


def item_columns() -> dict[str, Column]:
    """Every item that can be answered: the morning's, and those after a run."""
    from freshlegs import tables

    columns = {column.name: column for column in tables.CHECKINS.columns if not column.key}
    return columns | {name: tables.RUNS.column(name) for name in words.RUN_ITEMS}


def _can_ask() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def _undo(session: Session, on: date | None, answers: tuple[str, ...], as_json: bool) -> None:
    if answers:
        raise WrongRequest("--undo takes no answers; undo first, then check in again")
    undone = session.diary().undo_check_in(on)
    if isinstance(undone, bool):
        raise NothingDone(f"there is no check-in {f'of {on} ' if on is not None else ''}to take back")
    if as_json:
        emit({"undone": undone})
        return
    items = ", ".join(words.name(words.ITEMS, item) for item in undone if item != "date")
    console().print(f"Taken back for {day_words(undone['date'])}: {items or 'a correction'}.")


def _tell(diary: Diary, on: date, given: Mapping[str, Any], as_json: bool) -> None:
    """What was noted, and how the verdict moved."""
    from freshlegs.cli.verdict import one_line, print_flags

    now = diary.today(on)
    before = next(iter(diary.history(on - timedelta(days=1), on - timedelta(days=1))), None)
    urgent = any(flag.get("urgency") != "inform" for flag in now.get("red_flags") or ())
    if as_json:
        emit({"date": on, "noted": dict(given), "state": now["state"], "before": before and before["state"]})
        return
    out = console()
    if urgent:
        print_flags(out, now)  # above everything
        out.print()
    noted = ", ".join(f"{words.name(words.ITEMS, item)}{said(value)}" for item, value in given.items())
    out.print(f"Noted for {day_words(on)}: {noted}.")
    same = before is not None and before["state"] == now["state"]
    earlier = f"{one_line(before)} → " if before is not None and not same else ""
    out.print(f"{earlier}{one_line(now)}{', as the day before' if same else ''}")


def said(value: Any) -> str:
    """A value behind its name: ``energy 4``, ``illness: fever``, ``note taken out``."""
    return f" {shown(value)}" if value is None or isinstance(value, float) else f": {shown(value)}"


def shown(value: Any) -> str:
    """A value as a person reads it.

    >>> shown(4.0), shown(True), shown(["same_times", "dark_room"]), shown(None)
    ('4', 'yes', 'same times and dark room', 'taken out')
    """
    if value is None:
        return "taken out"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, (list, tuple)):
        return " and ".join(str(item).replace("_", " ") for item in value) or "none"
    return str(value).replace("_", " ")


def ask(questions: list[Question], on: date) -> dict[str, Any]:
    """Ask on the terminal; Enter skips a question, Ctrl-D ends early and keeps what was answered."""
    hint(f"{day_words(on)}. 0 to 10 each; Enter skips.")
    given: dict[str, Any] = {}
    try:
        for question in questions:
            answer = _ask_one(question)
            if answer is not None:
                given[question.item] = answer
        _anything_else(given)
    except EOFError:
        hint("")
    return given


def _ask_one(question: Question) -> Any:
    """One answer; None when it is skipped."""
    if question.choices:
        return _choose(question.text, question.choices)
    column = item_columns()[question.item]
    while True:
        text = _prompt(f"{question.text}  (0 {question.low} … 10 {question.high}): ")
        if not text:
            return None
        try:
            return values.value(column, text, date.min)
        except WrongRequest as error:
            hint(f"  {error}")


def _choose(text: str, choices: tuple[tuple[str, str], ...], skip: str = "") -> str | None:
    """One of a few, by number or by its first letters; None when skipped (``skip`` says what that means)."""
    listed = skip + " · ".join(f"{index} {word}" for index, (word, _) in enumerate(choices, 1))
    while True:
        answer = _prompt(f"{text}  ({listed}): ").lower()
        if not answer:
            return None
        if answer.isdigit() and 1 <= int(answer) <= len(choices):
            return choices[int(answer) - 1][1]
        fitting = [value for word, value in choices if word.startswith(answer) or value.startswith(answer)]
        if len(fitting) == 1:
            return fitting[0]
        hint(f"  please a number from 1 to {len(choices)}, or Enter to skip")


def _anything_else(given: dict[str, Any]) -> None:
    other = _choose("Anything else?", tuple((word, word.split()[-1]) for word in ANYTHING), skip="Enter nothing · ")
    if other is None and given:
        given["ill"] = "none"  # "nothing" is an answer: without it illness would stay unknown for ever
    elif other == "ill":
        given["ill"] = _ask_one(words.ILL) or "above_neck"
    elif other == "pain":
        _pain(given)
    elif other == "stomach":
        answer = _choose("Bowel", (("loose", "loose"), ("constipated", "constipated"), ("normal", "normal")))
        if answer is not None:
            given["bowel"] = answer
    elif other == "period":
        given["period_started"] = True
    elif other == "worrying":
        _worrying(given)


def _pain(given: dict[str, Any]) -> None:
    strength = _ask_one(Question("pain", "How strong?", "none", "worst"))
    if strength is None:
        return
    given["pain"] = strength
    place = _prompt("Where?: ")
    if place:
        given["pain_where"] = place
    sharp = _choose("Sharp, in one spot, or limping?", (("yes", "yes"), ("no", "no")))
    if sharp is not None:
        given["pain_sharp"] = sharp == "yes"


def _worrying(given: dict[str, Any]) -> None:
    """The list of I.7, one a line, any of them."""
    names = list(words.WORRYING)
    for index, symptom in enumerate(names, 1):
        hint(f"  {index:2d} {words.WORRYING[symptom]}")
    while True:
        text = _prompt("Which? (numbers with commas; Enter for none): ")
        parts = [part.strip() for part in text.split(",") if part.strip()]
        if all(part.isdigit() and 1 <= int(part) <= len(names) for part in parts):
            break
        hint(f"  please numbers from 1 to {len(names)}")
    if parts:
        given["symptoms"] = list(dict.fromkeys(names[int(part) - 1] for part in parts))


def _prompt(text: str) -> str:
    """A line from the terminal, without blanks at its ends."""
    return input(text).strip()
