"""What a check-in says, whichever way it came: as a form, as JSON, or late from a browser's queue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from freshlegs import words
from freshlegs.diary import Diary

ASKED_AFTERWARDS: Final = ("ill", "pain", "bowel", "period_started", "symptoms")
"""What "anything else?" leads to; with none of it, and an answer, nobody was ill."""


def note(diary: Diary, day: date, given: Mapping[str, Any], *, morning: bool) -> dict[str, Any]:
    """Note the answers; ``morning``: they are those of the whole morning form. What was noted."""
    noted = dict(given)
    if morning and nobody_ill(diary.answered(day), given):
        noted["ill"] = "none"
    if noted or not morning:
        diary.check_in(day, **noted)
    return noted


def nobody_ill(said: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """Whether a morning form that says nothing of illness says that there is none.

    Never over what was said of that day before, in another tab or on another device.

    >>> nobody_ill({}, {"energy": 6}), nobody_ill({"ill": "fever"}, {"energy": 6}), nobody_ill({}, {"pain": 3})
    (True, False, False)
    """
    if any(item in said or item in given for item in ASKED_AFTERWARDS):
        return False
    whole = {**said, **given}
    return any(value is not None for item, value in whole.items() if item not in words.RUN_ITEMS)
