"""Which questions a morning asks: three fixed ones and one in turn (science F.2)."""

from __future__ import annotations

from datetime import date

import polars as pl

from freshlegs import words
from freshlegs.words import Question


def questions_of(checkins: pl.DataFrame, on: date) -> list[Question]:
    """The questions of a morning: three fixed ones, and of the others the one that is most overdue.

    A group of signs counts from three answers in a week on (appetite and bowel from three in four weeks). One
    question a day cannot do that for nine items in equal turn: then none of them would ever count. So each has a
    rhythm of its own (`words.EVERY_D`), and mood, which counts for a group by itself, comes every other morning.
    """
    return [
        *words.EVERY_MORNING,
        max(words.IN_TURN, key=lambda question: _overdue(checkins, question.item, on)),
    ]


def _overdue(checkins: pl.DataFrame, item: str, on: date) -> float:
    """Days since the last answer, in units of the item's rhythm."""
    since = min((on - _last_asked(checkins, item, on)).days, words.NEVER_D)
    return since / words.EVERY_D.get(item, words.SELDOM_D)


def _last_asked(checkins: pl.DataFrame, item: str, on: date) -> date:
    if item not in checkins.columns:
        return date.min
    answered = checkins.filter(pl.col(item).is_not_null() & (pl.col("date") <= on))["date"]
    days: list[date] = answered.to_list()
    return max(days, default=date.min)
