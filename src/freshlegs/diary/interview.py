"""The first day without a diary, told from memory; and the past stretches that look worst, asked about."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

import numpy as np

from freshlegs import vocabulary as v
from freshlegs.diary import answers
from freshlegs.diary.labels import current
from freshlegs.diary.verdicts import Verdicts
from freshlegs.fatigue import Assessment
from freshlegs.fatigue.decision import INSUFFICIENT
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.past import Floats
from freshlegs.problems import WrongRequest
from freshlegs.recovery.words import day_month
from freshlegs.store import Label
from freshlegs.tables import Row

LEAST_D: Final = 7
APART_D: Final = 14
"""Days between two stretches: one bad spell is not asked about twice."""

STRETCHES: Final = 2
LONGEST_AGO: Final = timedelta(days=365 * 20)


def noticed(since: Mapping[str, Any], today: date) -> dict[str, date]:
    """Signs with their first days, checked; WrongRequest names what cannot be."""
    found = {}
    for sign, on in since.items():
        if sign not in v.SIGNS:
            raise WrongRequest(f"there is no sign {sign!r}; there are {', '.join(v.SIGNS)}")
        day = answers.day(on, f"the first day of {sign}")
        if not today - LONGEST_AGO <= day <= today:
            raise WrongRequest(f"{sign} since {day}: that is not a day of the last 20 years")
        found[sign] = day
    return found


def label_of(since: Mapping[str, date] | None, today: date) -> Label:
    """The interview as it is kept; None takes the last one back."""
    told = None if since is None else json.dumps({sign: on.isoformat() for sign, on in since.items()})
    return Label("interview", today, told)


def stretches(verdicts: Verdicts, labels: Sequence[Label], found: Sequence[Assessment]) -> list[Row]:
    """The past stretches that look worst: ``date``, ``until``, ``mean`` (of being beyond normal), ``answer``, ``text``.

    Of at least a week, the two with the highest mean, a fortnight apart, none of the last two weeks, and only those
    in which excessive fatigue reached the level below which a morning may be called fresh. One that was answered stays.
    """
    answered = [one for one in current(labels, "stretch") if one.until is not None]
    out = [_row(one.on, one.until or one.on, float(one.about or 0.0), one.answer) for one in answered]
    for assessment in found:
        a = assessment.panel.athletes.index(verdicts.store.athlete)
        length = assessment.panel.index(a, verdicts.today - timedelta(days=APART_D)) + 1
        bad = assessment.p[a, :, 2] + assessment.p[a, :, 3]
        spoken = (assessment.decision.state[a] != INSUFFICIENT) & assessment.panel.alive[a]
        bad = np.where(spoken, bad, np.nan)[: max(0, length)]
        for one in answered:
            low, high = (assessment.panel.index(a, day) for day in (one.on, one.until or one.on))
            bad[max(0, low - APART_D) : max(0, high + APART_D + 1)] = np.nan
        for start, end, mean in worst(bad, STRETCHES - len(out)):
            out.append(_row(assessment.panel.day(a, start), assessment.panel.day(a, end), mean, None))
    return sorted(out, key=lambda row: str(row["date"]))


def worst(bad: Floats, count: int) -> list[tuple[int, int, float]]:
    """First day, last day and mean of up to ``count`` stretches with the highest mean, the worst first."""
    left = bad.copy()
    found: list[tuple[int, int, float]] = []
    while len(found) < count:
        best = _worst(left)
        if best is None or best[2] < P.number("decision.fresh_p"):
            break
        found.append(best)
        left[max(0, best[0] - APART_D) : best[1] + APART_D + 1] = np.nan
    return found


def _worst(bad: Floats) -> tuple[int, int, float] | None:
    """The highest mean over a week or more. A best stretch of two weeks or more holds one as good that is shorter."""
    known = np.cumsum(np.concatenate([[0], ~np.isnan(bad)]))
    total = np.cumsum(np.concatenate([[0.0], np.nan_to_num(bad)]))
    best: tuple[int, int, float] | None = None
    for length in range(LEAST_D, 2 * LEAST_D):
        if length > len(bad):
            break
        whole = known[length:] - known[:-length] == length
        means = np.where(whole, (total[length:] - total[:-length]) / length, -1.0)
        start = int(means.argmax())
        if means[start] >= 0.0 and (best is None or means[start] > best[2] + 1e-12):
            best = start, start + length - 1, float(means[start])
    return best


def _row(first: date, last: date, mean: float, answer: str | None) -> Row:
    return Row(
        date=first.isoformat(),
        until=last.isoformat(),
        mean=mean,
        answer=answer,
        text=f"Did {day_month(first)} to {day_month(last)} {last.year} feel bad?",
    )


def answer_of(stretches: Sequence[Row], first: date, bad: bool) -> Label:
    """The answer about the stretch that begins on this day; WrongRequest when none does."""
    for one in stretches:
        if one["date"] == first.isoformat():
            until = date.fromisoformat(one["until"])
            return Label("stretch", first, "yes" if bad else "no", f"{one['mean']:.3f}", until)
    begins = ", ".join(str(one["date"]) for one in stretches) or "none yet"
    raise WrongRequest(f"no stretch that is asked about begins on {first}; there are: {begins}")
