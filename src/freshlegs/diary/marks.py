"""What was said of advice and of the way back, read out of the labels."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING

from freshlegs.store import Label

if TYPE_CHECKING:
    from freshlegs.recovery import Start
    from freshlegs.recovery.tracking import Mark


def marks_of(labels: Iterable[Label], before: datetime | None = None) -> list[Mark]:
    """What was said of actions, by day: of each day and action the last word, unless it was taken back."""
    from freshlegs.recovery.tracking import Mark

    held: dict[tuple[str, date], str | None] = {}
    for one in labels:
        known = before is None or one.known_utc is None or one.known_utc < before
        if one.kind == "mark" and one.about is not None and known:
            held[one.about, one.on] = one.answer
    found = [Mark(action, on, answer) for (action, on), answer in held.items() if answer is not None]  # type: ignore[arg-type]
    return sorted(found, key=lambda mark: (mark.on, mark.action))


def start_of(labels: Iterable[Label], by_verdicts: Start | None, day: date, before: datetime) -> Start | None:
    """When a way back began: by the verdicts, or by the runner's last word on it if that is later."""
    from freshlegs.recovery import Start

    told = [
        one
        for one in labels
        if one.kind == "return" and one.on <= day and (one.known_utc is None or one.known_utc < before)
    ]
    if not told or (by_verdicts is not None and told[-1].on < by_verdicts.on):
        return by_verdicts
    last = told[-1]
    return by_verdicts if last.answer is None else None if last.answer == "stopped" else Start(last.answer, last.on)  # type: ignore[arg-type]
