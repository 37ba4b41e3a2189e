"""What a runner types, checked and turned into values: KEY=VALUE, dates, paces, yes and no.

Whatever has no meaning raises `WrongRequest` with one sentence that names the nearest valid word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from freshlegs.problems import WrongRequest

if TYPE_CHECKING:
    from freshlegs.tables import Column

EARLIEST_YEAR: Final = 1900
"""An earlier date is a slip of the fingers: nobody who runs was born before."""

_YES: Final = frozenset({"true", "yes", "y", "1", "on"})
_NO: Final = frozenset({"false", "no", "n", "0", "off"})


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that looks most like this one; None if none does.

    >>> nearest("sorenes", ["energy", "soreness"])
    'soreness'
    """
    from difflib import get_close_matches

    names = list(known)
    folded = word.strip().lower().replace("-", "_").replace(" ", "_")
    found = get_close_matches(folded, names, n=1, cutoff=0.6)
    if found:
        return found[0]
    parts = [name for name in names if len(folded) > 2 and (folded in name or name in folded)]
    return min(parts, key=len) if parts else None


def unknown(kind: str, word: str, known: Iterable[str]) -> WrongRequest:
    """The sentence for a name that is none."""
    names = list(known)
    close = nearest(word, names)
    help_ = f"did you mean {close}?" if close else f"known are {', '.join(names)}"
    return WrongRequest(f"there is no {kind} {word!r}; {help_}")


def day(text: str, today: date) -> date:
    """A date as typed: ``2026-05-04``, ``today``, ``yesterday``.

    >>> day("yesterday", date(2026, 5, 4))
    datetime.date(2026, 5, 3)
    """
    word = text.strip().lower()
    if word in ("today", "yesterday"):
        return today - timedelta(days=word == "yesterday")
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", word):
        raise WrongRequest(f"{text!r} is no date; write it as {today.isoformat()}, or say today or yesterday")
    try:
        found = date.fromisoformat(word)
    except ValueError:
        raise WrongRequest(f"{text!r} is no date: there is no such day") from None
    if found.year < EARLIEST_YEAR:
        raise WrongRequest(f"{text.strip()} lies before {EARLIEST_YEAR}; please check the year")
    return found


def assignments(pairs: Iterable[str], columns: Mapping[str, Column], kind: str, today: date) -> dict[str, Any]:
    """``KEY=VALUE`` pairs checked against their columns; an empty value is None, which clears.

    A list is written with commas (``sleep_habits=same_times,dark_room``).
    """
    values: dict[str, Any] = {}
    for pair in pairs:
        key, sign, text = pair.partition("=")
        key = key.strip()
        if not sign:
            close = nearest(key, columns)
            raise WrongRequest(f"{pair!r} lacks its value; write {close or key or 'energy'}=…")
        if key not in columns:
            raise unknown(kind, key, columns)
        if key in values:
            raise WrongRequest(f"{key} is given twice")
        values[key] = value(columns[key], text, today)
    return values


def value(column: Column, text: str, today: date) -> Any:
    """One value of a column, from text; None when the text is empty."""
    from freshlegs import tables

    text = text.strip()
    if not text:
        return None
    if column.name == "home_time_zone":
        return _zone(text)
    if column.dtype == tables.NUMBER:
        parsed: Any = _number(column, text)
    elif column.dtype == tables.YES_NO:
        parsed = _yes_no(column.name, text)
    elif column.dtype == tables.DAY:
        parsed = day(text, today)
    elif column.dtype == tables.INSTANT:
        parsed = _instant(column.name, text)
    elif column.dtype == tables.WORDS:
        parsed = list(dict.fromkeys(_word(column, part) for part in text.split(",") if part.strip()))
    else:
        parsed = _word(column, text) if column.choices else text
    refusal = column.refuse(parsed)
    if refusal is not None:
        raise WrongRequest(refusal)
    return parsed


def _zone(text: str) -> str:
    from zoneinfo import ZoneInfo, available_timezones

    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        names = sorted(available_timezones())
        close = nearest(text, []) or next((n for n in names if n.lower().endswith("/" + text.lower())), None)
        close = close or next((n for n in names if n.lower() == text.lower()), None)
        more = f"did you mean {close}?" if close else "write it like Europe/Oslo"
        raise WrongRequest(f"there is no time zone {text!r}; {more}") from None
    return text


def _number(column: Column, text: str) -> float:
    pace = re.fullmatch(r"(\d{1,2}:\d{2})\s*(?:(?:min)?\s*/\s*(km|mi))?", text)
    if column.name.endswith("_mps") and pace is not None:
        from freshlegs import units

        speed = units.speed_from_pace(pace[1])
        return speed * units.KM_PER_MILE if pace[2] == "mi" else speed
    try:
        if "_" in text:
            raise ValueError
        number = float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
        return number + 0.0  # −0 is 0
    except ValueError:
        raise WrongRequest(f"{column.name} must be a number, not {text!r}") from None


def _instant(name: str, text: str) -> datetime:
    """An instant as ISO text; without its distance from UTC it would be none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise WrongRequest(f"{name} must be a time with its zone such as 2026-05-04T17:30:00+02:00, not {text!r}")
    if found.year < EARLIEST_YEAR:
        raise WrongRequest(f"{text.strip()} lies before {EARLIEST_YEAR}; please check the year")
    return found.astimezone(UTC)


def _yes_no(name: str, text: str) -> bool:
    word = text.lower()
    if word in _YES or word in _NO:
        return word in _YES
    raise WrongRequest(f"{name} must be true or false, not {text!r}")


def _word(column: Column, text: str) -> str:
    word = text.strip().lower().replace("-", "_").replace(" ", "_")
    if word not in column.choices:
        close = nearest(word, column.choices)
        help_ = f"did you mean {close}?" if close else f"it is one of {', '.join(column.choices)}"
        raise WrongRequest(f"{column.name} cannot be {text.strip()!r}; {help_}")
    return word
