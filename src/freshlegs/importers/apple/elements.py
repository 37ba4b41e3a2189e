"""What is wanted of an Apple Health export, as it lies in memory: elements, and the heart rate as columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from html import unescape
from typing import Final
from xml.sax.saxutils import quoteattr

import numpy as np
import numpy.typing as npt

QUANTITY: Final = "HKQuantityTypeIdentifier"
CATEGORY: Final = "HKCategoryTypeIdentifier"

HEART_RATE: Final = QUANTITY + "HeartRate"
RESTING: Final = QUANTITY + "RestingHeartRate"
SDNN: Final = QUANTITY + "HeartRateVariabilitySDNN"
RMSSD: Final = QUANTITY + "HeartRateVariabilityRMSSD"
WEIGHT: Final = QUANTITY + "BodyMass"
HEIGHT: Final = QUANTITY + "Height"
SYSTOLIC: Final = QUANTITY + "BloodPressureSystolic"
DIASTOLIC: Final = QUANTITY + "BloodPressureDiastolic"
EFFORT: Final = QUANTITY + "WorkoutEffortScore"
SLEEP: Final = CATEGORY + "SleepAnalysis"
FLOW: Final = CATEGORY + "MenstrualFlow"

RECORDS: Final = frozenset({RESTING, SDNN, RMSSD, WEIGHT, HEIGHT, SYSTOLIC, DIASTOLIC, EFFORT, SLEEP, FLOW})
"""The records that are read one by one; the heart rate, a hundred times as many, is read in columns."""

CHILDLESS: Final = frozenset({HEART_RATE, SDNN, RMSSD})
"""Records whose children are never wanted: single beats, by the hundred."""

ZONE: Final = "HKTimeZone"
"""The metadata that says in which time zone something was recorded; the dates themselves do not."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


_FEW: Final = 8


@dataclass(slots=True)
class Element:
    """An XML element: name, attributes, children; what stands between them says nothing in these files."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: Sequence[Element] = ()

    def adopt(self, child: Element) -> None:
        """One more child; most elements have none and hold no list."""
        self.children = (*self.children, child) if len(self.children) < _FEW else self._grown(child)

    def _grown(self, child: Element) -> list[Element]:
        held = self.children if isinstance(self.children, list) else list(self.children)
        held.append(child)
        return held

    def get(self, name: str) -> str | None:
        """An attribute; None when it is missing."""
        return self.attributes.get(name)

    def every(self, name: str) -> Iterator[Element]:
        """Its children of that name."""
        return (child for child in self.children if child.name == name)

    def metadata(self) -> dict[str, str]:
        """Its metadata entries, key to value."""
        return {
            child.attributes.get("key", ""): child.attributes.get("value", "") for child in self.every("MetadataEntry")
        }

    def xml(self) -> str:
        """As text; the same for the same content."""
        told = "".join(f" {name}={quoteattr(value)}" for name, value in self.attributes.items())
        if not self.children:
            return f"<{self.name}{told}/>\n"
        return f"<{self.name}{told}>\n{''.join(child.xml() for child in self.children)}</{self.name}>\n"


Micros = npt.NDArray[np.int64]

TOO_FAST_BPM: Final = 1e6
"""What is more is kept as this, which still cannot be: it must fit into its type."""


@dataclass(slots=True)
class HeartRate:
    """Heart-rate samples in order: instant (µs since 1970 UTC), beats a minute, source by its number."""

    at_us: Micros
    bpm: npt.NDArray[np.float32]
    source: npt.NDArray[np.uint16]

    @classmethod
    def joined(cls, pieces: list[HeartRate]) -> HeartRate:
        """Pieces as one, by time; the pieces are given up on the way, so that both never lie in memory whole."""
        columns = []
        for name, dtype in (("at_us", np.int64), ("bpm", np.float32), ("source", np.uint16)):
            columns.append(np.concatenate([getattr(piece, name) for piece in pieces] or [np.empty(0, dtype)]))
        pieces.clear()
        whole = cls(*columns)
        if (np.diff(whole.at_us) < 0).any():
            order = np.argsort(whole.at_us, kind="stable")
            whole = cls(whole.at_us[order], whole.bpm[order], whole.source[order])
        return whole

    def between(self, start_us: int, end_us: int) -> HeartRate:
        """The samples of a stretch of time, both ends included; views, no copies."""
        first, last = np.searchsorted(self.at_us, [start_us, end_us + 1])
        return HeartRate(self.at_us[first:last], self.bpm[first:last], self.source[first:last])

    def of(self, source: int) -> HeartRate:
        """The samples of one source."""
        mine = self.source == source
        return HeartRate(self.at_us[mine], self.bpm[mine], self.source[mine])

    def __len__(self) -> int:
        return len(self.at_us)


@dataclass(slots=True)
class Export:
    """All that is wanted of one export: ``about`` are its one-off elements (``Me``), ``faults`` (where, sentence)."""

    about: dict[str, Element] = field(default_factory=dict)
    workouts: list[Element] = field(default_factory=list)
    records: list[Element] = field(default_factory=list)
    heart_rate: HeartRate = field(default_factory=lambda: HeartRate.joined([]))
    sources: list[str] = field(default_factory=list)
    """Names of the sources of the heart rate, by their number."""
    faults: list[tuple[str, str]] = field(default_factory=list)

    def of_type(self, kind: str) -> Iterator[Element]:
        """The records of one type, in the order of the file."""
        return (record for record in self.records if record.attributes["type"] == kind)


def instant(text: str | None) -> datetime | None:
    """A time as an export writes it, with its offset: ``2026-05-04 06:40:00 +0200``; None if it is none.

    >>> instant("2026-05-04 06:40:00 +0200").astimezone(UTC).hour, instant("20150616071916-0700").day
    (4, 16)
    """
    if text is None:
        return None
    plain = text.replace(" ", "").replace("-", "", 2) if "-" in text[:8] else text.replace(" ", "")
    plain = plain.replace(":", "")
    if len(plain) != len("20260504064000+0200") or plain[14] not in "+-" or not plain.isascii():
        return None
    digits = plain[:14] + plain[15:]
    if not digits.isdigit():
        return None
    minutes = int(plain[15:17]) * 60 + int(plain[17:19])
    if minutes >= 24 * 60:
        return None
    ahead = timezone(timedelta(minutes=minutes if plain[14] == "+" else -minutes))
    year, month, day, hour, minute, second = (
        int(plain[a:b]) for a, b in ((0, 4), (4, 6), (6, 8), (8, 10), (10, 12), (12, 14))
    )
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=ahead)
    except ValueError:
        return None
    return moment if 1970 < moment.year < 2200 else None


def span(element: Element) -> tuple[datetime, datetime] | None:
    """When something began and ended; None when it does not say, or ends before it begins."""
    start, end = instant(element.get("startDate")), instant(element.get("endDate"))
    if start is None or end is None or end < start:
        return None
    return start, end


def source_of(element: Element | Mapping[str, str]) -> str:
    r"""Who recorded something, told the same way by every version: hard spaces and curly marks made plain.

    >>> source_of({"sourceName": "Kim’s Apple\xa0Watch"})
    "Kim's Apple Watch"
    """
    attributes = element.attributes if isinstance(element, Element) else element
    name = attributes.get("sourceName") or attributes.get("source") or ""
    return " ".join(name.replace("’", "'").replace("‘", "'").split())


def text_of(raw: bytes) -> str:
    """An attribute's text from its bytes."""
    text = raw.decode("utf-8", "replace")
    return unescape(text) if "&" in text else text
