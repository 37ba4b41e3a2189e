"""What devices' nights share: from stages to one sleep, a heart rate asleep, and the morning a day's value belongs to.

**The house rule.** A night has the date of waking. A resting heart rate, or any other value of a day, is given to the
first morning that could know it:

* what was measured asleep, or on waking, belongs to that morning (Oura, WHOOP, Polar, COROS, and Garmin, whose lowest
  half-hour of a day nearly always lies in the night that ended on it);
* what rests on the waking day belongs to the next morning, because it is complete only when that day is over (Fitbit,
  Apple, Suunto's daily summary). No verdict may know the evening after it.

`morning_of` says which of the two an importer means.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Literal

Row = dict[str, Any]
Span = tuple[datetime, datetime]
Kind = Literal["asleep", "awake", "in_bed"]

APART_S: Final = 2 * 3600.0
"""Stages further apart than this belong to two sleeps (own judgement): an hour awake at night does not end it."""

BEATS_AT_LEAST: Final = 12
"""Fewer samples of heart rate than this do not speak for a night: an hour of them, one each five minutes."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of a night, as its device saw it."""

    start: datetime
    end: datetime
    kind: Kind


@dataclass(frozen=True, slots=True)
class Sleep:
    """One sleep: its stages in order, and when its sleeper slept, overlapping stretches counted once."""

    stages: Sequence[Stage]
    asleep: Sequence[Span] = field(default_factory=tuple)

    @property
    def start(self) -> datetime:
        """When its first stage began."""
        return self.stages[0].start

    @property
    def end(self) -> datetime:
        """When its last stage ended."""
        return max(stage.end for stage in self.stages)

    def night(self, utc_offset_s: float) -> Row:
        """A row of `tables.NIGHTS` but for its source, by the local clock on waking."""
        woke = self.asleep[-1][1] if self.asleep else self.end
        row: Row = {"date": (woke + timedelta(seconds=utc_offset_s)).astimezone(UTC).date()}
        row["in_bed_s"] = _length_s(_together((stage.start, stage.end) for stage in self.stages))
        if self.asleep:
            row["fell_asleep_utc"] = self.asleep[0][0].astimezone(UTC)
            row["sleep_s"] = _length_s(self.asleep)
        row["woke_utc"] = woke.astimezone(UTC)
        row["utc_offset_s"] = utc_offset_s
        return row


def sleeps(stages: Iterable[Stage]) -> list[Sleep]:
    """The sleeps of ONE device, in order; what several devices saw of one night is never added up.

    >>> at = lambda hour: datetime(2026, 5, 4, hour, tzinfo=UTC)
    >>> (one,) = sleeps([Stage(at(1), at(5), "asleep"), Stage(at(0), at(7), "in_bed"), Stage(at(4), at(6), "asleep")])
    >>> night = one.night(0.0)
    >>> night["sleep_s"] / 3600, night["in_bed_s"] / 3600
    (5.0, 7.0)
    """
    found: list[Sleep] = []
    together: list[Stage] = []
    until: datetime | None = None
    for stage in sorted(stages, key=lambda stage: (stage.start, stage.end)):
        if until is not None and (stage.start - until).total_seconds() > APART_S:
            found.append(_sleep(together))
            together, until = [], None
        together.append(stage)
        until = stage.end if until is None else max(until, stage.end)
    if together:
        found.append(_sleep(together))
    return found


def _sleep(stages: list[Stage]) -> Sleep:
    return Sleep(stages, _together((stage.start, stage.end) for stage in stages if stage.kind == "asleep"))


def _together(spans: Iterable[Span]) -> list[Span]:
    """Stretches in order of their start, those that touch or overlap made one."""
    found: list[Span] = []
    for start, end in spans:
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _length_s(spans: Iterable[Span]) -> float:
    return sum((end - start).total_seconds() for start, end in spans)


def morning_of(day: date, rests_on: Literal["night", "day"]) -> date:
    """The date of the night that a value of this day belongs to, by the house rule.

    >>> morning_of(date(2026, 5, 4), "night").day, morning_of(date(2026, 5, 4), "day").day
    (4, 5)
    """
    return day if rests_on == "night" else day + timedelta(days=1)


FAR_BPM: Final = 15.0
"""A day's resting heart rate further than this from the smoothed one is an artefact (own judgement)."""


def resting(of_day: float | None, smooth: float | None) -> float | None:
    """Of Garmin's two resting heart rates that of the day, unless it lies far from the smoothed one.

    >>> resting(47.0, 48.0), resting(90.0, 48.0), resting(None, 48.0)
    (47.0, 48.0, 48.0)
    """
    is_artefact = of_day is not None and smooth is not None and abs(of_day - smooth) > FAR_BPM
    return smooth if of_day is None or is_artefact else of_day
