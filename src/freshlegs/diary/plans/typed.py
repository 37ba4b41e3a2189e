"""What people type about a session (``45 min``, ``8 km``, ``18:30``) as values of the plan's columns."""

from __future__ import annotations

import re
from typing import Final

from freshlegs.importers.plans.sheet import clock
from freshlegs.importers.plans.words import read_size
from freshlegs.problems import WrongRequest

EXAMPLES: Final = {"duration_s": "45min or 1:30", "distance_m": "8km", "load_lu": "40", "start_min": "18:30"}

NAMED_M: Final = {"marathon": 42_195.0, "half": 21_097.5, "half marathon": 21_097.5}


def typed(column: str, text: str) -> float:
    """The value of one of the columns of `EXAMPLES`; WrongRequest, with an example, for a text that says none.

    >>> typed("duration_s", "1:30"), typed("distance_m", "5 mi"), typed("start_min", "18:30")
    (5400.0, 8046.72, 1110.0)
    """
    word = text.strip().lower()
    value: float | None = None
    if re.match(r"[-−]\s*\d", word):
        raise WrongRequest(f"{text!r} is less than nothing; write it like {EXAMPLES[column]}")
    if column == "load_lu":
        value = float(word.replace(",", ".")) if re.fullmatch(r"\d+(?:[.,]\d+)?", word) else None
    elif column == "start_min":
        value = clock(word) if ":" in word else None
    elif column == "distance_m":
        value = NAMED_M.get(word, read_size(word).distance_m)
    else:
        hours = re.fullmatch(r"(\d{1,2}):(\d{2})", word)
        value = 3600.0 * int(hours[1]) + 60.0 * int(hours[2]) if hours else read_size(word).duration_s
    if value is None:
        raise WrongRequest(f"{text!r} says no {column.rsplit('_', 1)[0]}; write it like {EXAMPLES[column]}")
    return value
