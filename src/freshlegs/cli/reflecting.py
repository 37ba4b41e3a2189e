"""``causes``, ``label``, ``labels``, ``interview``: what the runner says about verdicts, causes and earlier times."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import click

from freshlegs import values, words
from freshlegs.cli import prompting
from freshlegs.cli.options import json_option
from freshlegs.cli.output import Head, Page, console, emit, hint, print_table
from freshlegs.cli.session import Session
from freshlegs.look import QUIET, SHORT
from freshlegs.problems import WrongRequest

if TYPE_CHECKING:
    from freshlegs.diary import Diary

ANSWERS: Final = ("confirm", "reject", "forget")
NOTHING: Final = "nothing"
UNITS: Final = {"d": 1, "w": 7, "m": 30}
KINDS: Final = {
    "feels": "felt, against the verdict",
    "looking_back": "looking back",
    "stretch": "a past stretch felt bad",
    "cause": "cause",
    "interview": "told from memory",
}


# --- causes -----------------------------------------------------------------------------------------------


@click.command()
@click.argument("answer", required=False, metavar="[confirm|reject|forget]")
@click.argument("cause", required=False, metavar="[CAUSE]")
@json_option
@click.pass_obj
def causes(session: Session, answer: str | None, cause: str | None, as_json: bool) -> None:
    r"""Show the likely causes; confirm or reject one. Your answer counts, less and less, for six weeks.

    \b
    freshlegs causes
    freshlegs causes confirm sleep
    freshlegs causes forget sleep                  (takes the answer back)
    """
    diary = session.diary()
    if answer is not None:
        _answer_cause(diary, answer, cause)
    found = diary.causes()
    if as_json:
        emit({"date": session.today, "causes": found})
        return
    _print_causes(found)


def _answer_cause(diary: Diary, answer: str, cause: str | None) -> None:
    from freshlegs.vocabulary import CAUSES

    if answer not in ANSWERS:
        raise values.unknown("answer", answer, ANSWERS)
    if cause is None:
        raise WrongRequest(f"which cause? write for example: freshlegs causes {answer} sleep")
    if cause not in CAUSES:
        raise values.unknown("cause", cause, CAUSES)
    {"confirm": diary.confirm_cause, "reject": diary.reject_cause, "forget": diary.forget_cause}[answer](cause)


def _print_causes(found: Sequence[Mapping[str, Any]]) -> None:
    from freshlegs.cli.verdict import cause_lines
    from freshlegs.telling import stands_out

    page = Page(console())
    if not found:
        page.line("Nothing is known yet that could be a cause.")
        return
    if not stands_out(found):
        page.line("No cause stands out.")
    page.section("Likely causes", cause_lines(found, least=0.0))
    hint("Right or wrong? freshlegs causes confirm CAUSE, or reject CAUSE")


# --- labels -----------------------------------------------------------------------------------------------


@click.command()
@click.argument("day", metavar="DATE")
@click.argument("answer", metavar="right|wrong")
@json_option
@click.pass_obj
def label(session: Session, day: str, answer: str, as_json: bool) -> None:
    """Say whether the verdict of an earlier day was right or wrong."""
    if answer not in ("right", "wrong"):
        raise values.unknown("answer", answer, ("right", "wrong"))
    diary = session.diary()
    diary.label(values.day(day, session.today), answer)
    document = diary.labels()
    if as_json:
        emit(document)
        return
    console().print(f"Noted. {_sentence(document['record']['text'])}")


@click.command()
@json_option
@click.pass_obj
def labels(session: Session, as_json: bool) -> None:
    """List what you said about verdicts, and your own record. It stays here and tunes nothing."""
    document = session.diary().labels()
    if as_json:
        emit(document)
        return
    _print_labels(document)


def _print_labels(document: Mapping[str, Any]) -> None:
    page = Page(console())
    record = document["record"]
    lines = [_sentence(record["text"])]
    for state, entry in record["by_state"].items():
        lines.append(f"{SHORT.get(state, state).capitalize()}: agreed with {entry['agreed']} of {entry['of']}.")
    felt = record["felt"]
    if felt["better"] or felt["worse"]:
        lines.append(f"Felt better than the verdict {_times(felt['better'])}, worse {_times(felt['worse'])}.")
    page.section("Your record", lines)
    if document["labels"]:
        page.blank()
        rows = [_label_row(one) for one in document["labels"]]
        print_table(page.console, (Head("about"), Head("what"), Head("verdict then", keep=1), Head("you said")), rows)
        page.blank()
    page.line(document["note"], QUIET)


def _label_row(one: Mapping[str, Any]) -> tuple[str, ...]:
    day = one["date"] if one["until"] is None else f"{one['date']} to {one['until']}"
    kind, about, answer = one["kind"], one["about"], one["answer"]
    state = SHORT.get(about, about) if kind in ("feels", "looking_back") and about is not None else ""
    if kind == "cause":
        answer = f"{words.name(words.CAUSES, about)} {answer}"
    if kind == "interview":
        answer = f"{len(answer)} signs noticed"
    return day, KINDS.get(kind, kind), state, str(answer)


def _times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


# --- interview --------------------------------------------------------------------------------------------


@click.command()
@click.argument("told", nargs=-1, metavar="[SIGN=SINCE]...")
@click.option("--stretches", is_flag=True, help="Ask about the two past stretches that look worst.")
@click.option("--forget", is_flag=True, help="Take the last interview back.")
@json_option
@click.pass_obj
def interview(session: Session, told: tuple[str, ...], stretches: bool, forget: bool, as_json: bool) -> None:
    r"""Tell from memory which signs you noticed and since when: a provisional verdict on the first day.

    It stands in for missing data for two weeks at most; your mornings take its place. SINCE is a date, or how long
    ago: 10d, 3w, 2m. Asks on a terminal when nothing is given.

    \b
    freshlegs interview heavy_legs=2026-04-01 low_energy=3w
    freshlegs interview nothing                    (you noticed none of them)
    freshlegs interview --stretches 2026-01-05=yes
    """
    diary = session.diary()
    if stretches:
        _stretches(session, diary, told, as_json)
        return
    if forget:
        diary.forget_interview()
        _told(diary.today(), as_json, taken_back=True)
        return
    since = since_when(told, session.today)
    if since is None:
        if as_json or not prompting.can_ask():
            raise WrongRequest("nothing was told; write for example: freshlegs interview heavy_legs=3w low_energy=10d")
        since = _ask_signs(diary, session.today)
    diary.interview(since)
    _told(diary.today(), as_json)


def since_when(told: Sequence[str], today: date) -> dict[str, date] | None:
    """``SIGN=SINCE`` pairs as first days; None when nothing was told at all.

    >>> since_when(["heavy_legs=3w", "low_energy=no"], date(2026, 5, 4))
    {'heavy_legs': datetime.date(2026, 4, 13)}
    """
    from freshlegs.vocabulary import SIGNS

    if not told:
        return None
    if [word.lower() for word in told] in ([NOTHING], ["none"]):
        return {}
    found = {}
    for pair in told:
        sign, equals, when = pair.partition("=")
        if sign not in SIGNS:
            raise values.unknown("sign", sign, SIGNS)
        if not equals or not when:
            raise WrongRequest(f"{sign} since when? write for example {sign}=3w or {sign}={today - timedelta(days=21)}")
        first = _since(when, today)
        if first is not None:
            found[sign] = first
    return found


def _since(text: str, today: date) -> date | None:
    """A first day as typed; None for no."""
    word = text.strip().lower()
    if word in ("no", "n"):
        return None
    ago = re.fullmatch(r"(\d{1,4})\s*([dwm])\w*", word)
    if ago is not None:
        return today - timedelta(days=int(ago[1]) * UNITS[ago[2]])
    try:
        return values.day(word, today)
    except WrongRequest:
        raise WrongRequest(f"{text!r} is no time; write a date, or how long ago: 10d, 3w, 2m") from None


def _ask_signs(diary: Diary, today: date) -> dict[str, date]:
    from freshlegs.vocabulary import SIGNS

    hint("What have you noticed lately, more than is usual for you?")
    for number, sign in enumerate(SIGNS, 1):
        hint(f"  {number:2d} {words.name(words.SIGNS, sign)}")
    while True:
        text = prompting.prompt("Which? (numbers with commas; Enter for none): ")
        parts = [part.strip() for part in text.split(",") if part.strip()]
        if all(part.isdigit() and 1 <= int(part) <= len(SIGNS) for part in parts):
            break
        hint(f"  please numbers from 1 to {len(SIGNS)}")
    found = {}
    for sign in dict.fromkeys(SIGNS[int(part) - 1] for part in parts):
        first = _ask_since(sign, today)
        if first is not None:
            found[sign] = first
    return found


def _ask_since(sign: str, today: date) -> date | None:
    while True:
        text = prompting.prompt(f"{words.name(words.SIGNS, sign).capitalize()}: since when? (10d, 3w, 2m, a date): ")
        try:
            return _since(text, today) if text else None
        except WrongRequest as error:
            hint(f"  {error}")


def _told(document: Mapping[str, Any], as_json: bool, *, taken_back: bool = False) -> None:
    from freshlegs.cli.verdict import one_line

    if as_json:
        emit(document)
        return
    out = console()
    out.print(one_line(document), soft_wrap=True)
    if taken_back:
        out.print("What was told from memory is taken back.", soft_wrap=True)
    elif document.get("from_memory"):
        page = Page(out)
        page.line(str(document["headline"]))
        page.line("Your mornings take its place: freshlegs checkin. The whole page: freshlegs today", QUIET)
    else:
        out.print("It is kept. Your days say enough by themselves, so the verdict rests on them.", soft_wrap=True)


def _stretches(session: Session, diary: Diary, told: tuple[str, ...], as_json: bool) -> None:
    """Ask about, or answer, the two past stretches that look worst."""
    for pair in told:
        day, _, answer = pair.partition("=")
        if answer not in ("yes", "no"):
            raise WrongRequest(f"{pair!r} is no answer; write for example {day or '2026-01-05'}=yes or =no")
        diary.answer_stretch(values.day(day, session.today), bad=answer == "yes")
    found = diary.stretches()
    if not told and not as_json and prompting.can_ask():
        for one in found:
            if one["answer"] is None:
                said = prompting.choose(str(one["text"]), (("yes", "yes"), ("no", "no")))
                if said is not None:
                    diary.answer_stretch(str(one["date"]), bad=said == "yes")
        found = diary.stretches()
    if as_json:
        emit({"stretches": found})
        return
    if not found:
        console().print("No stretch of your past looks bad enough to ask about.", soft_wrap=True)
    for one in found:
        answer = one["answer"] or f"freshlegs interview --stretches {one['date']}=yes (or =no)"
        console().print(f"{one['text']} {answer}", soft_wrap=True)
