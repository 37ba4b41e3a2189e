"""Today: the state in one sentence, how sure, and what to do; everything else one tap deeper."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

import polars as pl
from fastapi import APIRouter, Request
from fastapi.responses import Response

from freshlegs import telling, units, vocabulary, words
from freshlegs.diary import Diary
from freshlegs.recovery.words import joined
from freshlegs.web.frame import DeskOf, capital, page, wanted_day
from freshlegs.web.pages.contract import Page
from freshlegs.web.show import Show
from freshlegs.web.texts import text
from freshlegs.words import Question

PAGE = Page("today", "/", in_bar=True)
router = APIRouter()

Document = Mapping[str, Any]


@router.get("/")
def today(request: Request, desk: DeskOf, date: str | None = None) -> Response:
    """The verdict of this morning, or of an earlier one."""
    day = wanted_day(date, desk.today)
    verdict = desk.verdict(day)
    flags = verdict.get("red_flags") or []
    urgent = [flag for flag in flags if flag["urgency"] != "inform"]
    emergency = [flag for flag in urgent if flag["urgency"] == "emergency"]
    signs = telling.present_signs(verdict["signs"])
    once = verdict.get("ask_once") or {}
    question = None if day is not None else asked(verdict.get("next_question"))
    return page(
        request,
        "today",
        verdict=verdict,
        flags=emergency or urgent,
        emergency=bool(emergency),
        informing=[flag for flag in flags if flag["urgency"] == "inform"],
        facts=facts(verdict, Show(desk.units(), desk.today)),
        actions=[] if emergency else [spoken(action, verdict) for action in verdict.get("actions") or ()][:3],
        question=question,
        about=desk.remember("about", lambda diary: about(diary, question, desk.today), question),
        signs=signs,
        strongest=joined([words.name(words.SIGNS, sign["sign"]) for sign in signs[:3]]),
        day=day,
        needs=needs(verdict["unknown"] or ()),
        gaps=gaps(verdict["unknown"] or ()),
        also=joined([words.name(words.SIGNS, sign["sign"]) for sign in signs[5:]]),
        chances=sorted((verdict["probabilities"] or {}).items(), key=lambda item: -float(item[1])),
        stretches=once.get("stretches") or [],
        gates=joined([words.name(words.PROFILE, key) for key in once.get("items") or ()]),
    )


COUNTED: Final = re.compile(r"(\d+) of (\d+) (.+)")
"""How the verdict says what it lacks before it can be made."""


def needs(unknown: Sequence[Document]) -> list[dict[str, Any]]:
    """What a verdict still needs, each as a count and a share.

    >>> needs([{"group": "history", "why": "not enough data: 7 of 14 days of history"}, {"group": "gut", "why": "…"}])
    [{'words': 'days of history', 'value': '7 of 14', 'share': 0.5}]
    """
    found = [COUNTED.search(str(gap["why"])) for gap in unknown if gap["group"] not in vocabulary.GROUPS]
    return [
        {"words": one[3], "value": f"{one[1]} of {one[2]}", "share": int(one[1]) / int(one[2])} for one in found if one
    ]


def gaps(unknown: Sequence[Document]) -> list[Document]:
    """The groups of which nothing is known and why; none where the same reason holds for all of them."""
    found = [gap for gap in unknown if gap["group"] in vocabulary.GROUPS]
    alike = len(found) == len(vocabulary.GROUPS) and len({gap["why"] for gap in found}) == 1
    return [] if alike else found


def facts(verdict: Document, show: Show) -> str:
    """How sure, since when, when to look again, in one line."""
    parts = []
    if verdict["probabilities"]:
        parts.append(telling.how_sure(verdict["probabilities"]))
    if verdict["since"] and verdict["state"] not in ("fresh", "insufficient_data"):
        parts.append(text("today.since", day=show.day(verdict["since"])))
    if verdict["recheck_on"]:
        parts.append(text("today.recheck", day=show.soon(verdict["recheck_on"])))
    return capital(". ".join(capital(part) for part in parts)) + "." if parts else ""


def spoken(action: Document, verdict: Document) -> dict[str, Any]:
    """An action in two parts: its first sentence, and the rest for who wants it."""
    first, rest = first_sentence(str(action["what"]))
    building = verdict["state"] == "cumulative" and "building" in str(action.get("why"))
    return {**action, "first": first, "rest": rest, "building": building}


def first_sentence(words_: str) -> tuple[str, str]:
    """The first sentence and what comes after it.

    >>> first_sentence("Rest today. Then a week at half.")
    ('Rest today.', 'Then a week at half.')
    """
    end = words_.find(". ")
    return (words_, "") if end < 0 else (words_[: end + 1], words_[end + 2 :])


def asked(question: Document | None) -> Question | None:
    """The next question as something that can be tapped."""
    if question is None:
        return None
    item, sentence = str(question["item"]), str(question["text"])
    known = {one.item: one for one in (*words.EVERY_MORNING, *words.IN_TURN, *words.ALONE)}
    if item not in known:
        return None
    plain = known[item]
    end = sentence.find("?")
    return replace(plain, text=sentence[: end + 1] if end >= 0 else plain.text)


def about(diary: Diary, question: Question | None, today: date) -> date:
    """The day that an answer is about: of a question about the last run the day of that run, else today."""
    if question is None or question.item not in words.RUN_ITEMS:
        return today
    open_ = diary.runs().filter(pl.col(question.item).is_null())
    if open_.is_empty():
        return today
    known = diary.profile().get("home_time_zone")
    return units.local_date(
        open_["start_utc"][-1], open_["utc_offset_s"][-1], None if known is None else known["value"]
    )
