"""JSON of any size, one entry at a time; and numbers, times and possible values out of it."""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from freshlegs.importers import instants
from freshlegs.importers.delimited import Faults
from freshlegs.problems import UnreadableFile
from freshlegs.tables import Table

ENTRY_AT_MOST: Final = 64 * 2**20
"""Characters of one entry of a document; a year of one person's days is a hundredth of it."""

ENTRIES_AT_MOST: Final = 1_000_000
"""Of one document; thirty years of days are eleven thousand."""

_STEP_B: Final = 2**20
_NEAR_THE_END: Final = 64
_CUT: Final = ("Unterminated string", "Invalid \\uXXXX", "Invalid control character")
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_NAME: Final = re.compile(r'"([A-Za-z_][\w.-]{0,60})"\s*:')
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS_BELOW: Final = 1e11
"""A larger number since 1970 counts milliseconds: as seconds it would be past the year 5000."""


def names_in(head: bytes) -> frozenset[str]:
    """The names that stand in the first bytes of a JSON document, at any depth; none when it is no JSON.

    >>> sorted(names_in(b'[{"id": 7, "map": {"summary": null'))
    ['id', 'map', 'summary']
    """
    text = head.decode("utf-8-sig", "replace").lstrip()
    return frozenset(_NAME.findall(text)) if text[:1] in ("[", "{") else frozenset()


class _Text:
    """A document decoded as far as it is needed."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._read_b = 0
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self.text = ""
        self.at = 0
        self.more()

    @property
    def is_all(self) -> bool:
        return self._read_b >= len(self._data)

    def more(self) -> None:
        """Drop what was used, and decode at least as much again."""
        left = self.text[self.at :]
        until_b = self._read_b + max(_STEP_B, len(left))
        self.text = left + self._decoder.decode(self._data[self._read_b : until_b], until_b >= len(self._data))
        self._read_b, self.at = until_b, 0

    def skip(self, pattern: re.Pattern[str] = _SPACE) -> bool:
        """Step over white space, or over this pattern if it stands here."""
        if not self.is_all and len(self.text) - self.at < 4 * _NEAR_THE_END:
            self.more()
        found = pattern.match(self.text, self.at)
        if found is not None:
            self.at = found.end()
        return found is not None

    def here(self) -> str:
        """The next letter that is no white space; empty at the end."""
        self.skip()
        while self.at == len(self.text) and not self.is_all:
            self.more()
            self.skip()
        return self.text[self.at : self.at + 1]


def entries(data: bytes, faults: Faults, inside: str | None = None) -> Iterator[tuple[int, Any]]:
    """The entries of a JSON document with their number (from 1), one at a time in memory.

    A document that is a list gives its entries, one that is an object gives itself; a list of objects whose first
    name is ``inside`` gives the entries of the lists under that name. Where the document breaks off or is damaged
    that is a fault, and what stood before it is given. UnreadableFile when there is no entry at all before the
    damage, or when an entry is larger than any record of a person.
    """
    document = _Text(data)
    wrapped = re.compile(r'\s*[\[,]?\s*\{\s*"' + re.escape(inside) + r'"\s*:\s*\[') if inside is not None else None
    within = wrapped is not None and document.skip(wrapped)
    if not within and document.here() != "[":
        yield 1, _next(document)
        return
    document.at += int(not within)
    number = 0
    while True:
        letter = document.here()
        if letter == "]":
            document.at += 1
            if within and document.here() == "}" and wrapped is not None:
                document.at += 1
                if document.here() == "," and document.skip(wrapped):
                    continue
            return
        if number == ENTRIES_AT_MOST:
            faults.once(f"the file has more than {ENTRIES_AT_MOST:,} entries; the rest was left out", lost=True)
            return
        if letter == "," and number:
            document.at += 1
            letter = document.here()
        try:
            value = _next(document)
        except UnreadableFile as error:
            if not number:
                raise
            faults.once(f"{error}; what stood before was read", f"entry {number + 1}", lost=True)
            return
        number += 1
        yield number, value


def _next(document: _Text) -> Any:
    decode = json.JSONDecoder().raw_decode
    while True:
        document.here()
        try:
            value, end = decode(document.text, document.at)
        except json.JSONDecodeError as error:
            near = error.pos > len(document.text) - _NEAR_THE_END or error.msg.startswith(_CUT)
            if document.is_all or not near:
                what = "breaks off" if document.is_all and near else "is damaged"
                raise UnreadableFile(f"the JSON {what} ({error.msg.lower()})") from None
        except (ValueError, RecursionError):
            raise UnreadableFile("the JSON is nested too deep, or a number in it is too long") from None
        else:
            if end < len(document.text) or document.is_all:
                document.at = end
                return value
        if len(document.text) - document.at > ENTRY_AT_MOST:
            raise UnreadableFile("an entry of the file is larger than any record of a person")
        document.more()


def within(value: Any, *names: str) -> Mapping[str, Any]:
    """An object, or the object under these names within objects; empty when there is none.

    >>> within({"a": {"b": {"c": 1}}}, "a", "b"), within([1])
    ({'c': 1}, {})
    """
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def listed(value: Any) -> list[Any]:
    """A list as it is; empty when it is none."""
    return value if isinstance(value, list) else []


def number(value: Any) -> float | None:
    """A finite number, also one written as text; None for everything else, yes and no included.

    >>> number("7.5"), number(0), number(True), number("NaN")
    (7.5, 0.0, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def instant(value: Any) -> datetime | None:
    """A UTC instant from seconds or milliseconds since 1970, or from ISO 8601 text (UTC when it names no zone).

    >>> instant(1751863648000) == instant("2025-07-07T04:47:28.0")
    True
    """
    since = number(value) if not isinstance(value, str) else None
    if since is not None:
        try:
            return _EPOCH + timedelta(seconds=since / (1000.0 if abs(since) >= _SECONDS_BELOW else 1.0))
        except OverflowError:
            return None
    moment = instants.moment_of(value.strip()) if isinstance(value, str) else None
    if moment is None:
        return None
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return None


_DURATION: Final = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")


def duration_s(value: Any) -> float | None:
    """A length of time in seconds from ISO 8601 text; None if it is none.

    >>> duration_s("PT1H2M3.5S"), duration_s("P1DT1S"), duration_s("an hour")
    (3723.5, 86401.0, None)
    """
    found = _DURATION.fullmatch(value) if isinstance(value, str) and len(value) <= 40 else None
    if found is None or not any(found.groups()):
        return None
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def offset_s(local: datetime | None, gmt: datetime | None) -> float | None:
    """What local time adds to UTC, from the same moment by both clocks (the local one given as if it were UTC).

    To the quarter of an hour; None when the two are further apart than time zones are, or not by quarters.
    """
    if local is None or gmt is None:
        return None
    apart_s = (local - gmt).total_seconds()
    quarters = round(apart_s / 900.0)
    is_zone = abs(apart_s - quarters * 900.0) <= 60.0 and -12 * 4 <= quarters <= 14 * 4
    return quarters * 900.0 if is_zone else None


def day(value: Any) -> date | None:
    """A calendar date from text that begins with one, or from a UTC midnight in milliseconds; None if it is none."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value.strip()[:10])
        except ValueError:
            return None
    moment = instant(value)
    return moment.date() if moment is not None else None


def possible(row: Mapping[str, Any], table: Table, where: str, faults: Faults) -> dict[str, Any]:
    """The known values of a row that its table allows; each other one is a fault in that place and left out."""
    kept: dict[str, Any] = {}
    for name, value in row.items():
        if value is None:
            continue
        why = table.column(name).refuse(value)
        if why is None:
            kept[name] = value
        else:
            faults.add(where, f"{why}; it was left out")
    return kept
