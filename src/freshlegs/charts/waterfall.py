"""A waterfall into ink: each step moves the sum to one side or the other."""

from __future__ import annotations

import math
from typing import Final

from freshlegs.charts.paint import Paper, wrapped
from freshlegs.charts.scales import Scale
from freshlegs.charts.spec import Step, Waterfall

NAMES: Final = 214.0
NARROW_BELOW: Final = 520
BAR: Final = 13.0
VALUE: Final = 62.0
LEAST: Final = math.log(2.5)
"""The axis reaches at least so far to both sides, so that little evidence looks little."""


def odds(log_ratio: float) -> str:
    """Evidence as odds, in favour of what is beyond normal.

    >>> odds(math.log(3.1)), odds(-math.log(2.0)), odds(0.01)
    ('3.1 : 1', '1 : 2.0', 'even')
    """
    ratio = math.exp(abs(log_ratio))
    if ratio < 1.05:
        return "even"
    words = f"{ratio:.1f}" if ratio < 10 else f"{ratio:.0f}"
    return f"{words} : 1" if log_ratio > 0 else f"1 : {words}"


def draw(paper: Paper, figure: Waterfall) -> float:
    """Draw the steps one below the other; the height used."""
    narrow = paper.width < NARROW_BELOW
    sums = [0.0]
    for step in figure.steps:
        sums.append(sums[-1] + (step.value or 0.0))
    low, high = min(*sums, -LEAST), max(*sums, LEAST)
    start = (VALUE if narrow else NAMES + VALUE) + 0.0
    x = Scale(low, high, start, paper.width - VALUE)
    middle = x.at(0.0)
    paper.text(middle - 10, 13, f"← {figure.left}", "quiet", anchor="end", size=11)
    paper.text(middle + 10, 13, f"{figure.right} →", "quiet", size=11)
    y, before = 30.0, 0.0
    for step in figure.steps:
        y = _step(paper, step, x, before, y, narrow=narrow)
        before += step.value or 0.0
    paper.stroke(f"M{x.start:.1f},{y - 3:.1f}H{x.end:.1f}", "grid")
    y = _step(paper, Step(figure.total, before), x, 0.0, y + 5, narrow=narrow)
    paper.stroke(f"M{middle:.1f},20V{y - 4:.1f}", "quiet", 0.8)
    return y


def _step(paper: Paper, step: Step, x: Scale, before: float, y: float, *, narrow: bool) -> float:
    """One step with its parts; where the next begins."""
    room = (paper.width if narrow else NAMES) - 6
    after = paper.paragraph(0, y + 11, step.name, room, "ink", bold=True)
    for part in step.parts:
        after = _part(paper, part, after, room)
    at = after - 9 if narrow else y
    if step.value is None:
        paper.text(x.at(before) + 6, at + 11, "not known", "quiet", size=11)
    else:
        left, right = sorted((x.at(before), x.at(before + step.value)))
        role = "excessive" if step.value > 0 else "cumulative"
        paper.fill(f"M{left:.1f},{at:.1f}H{max(right, left + 1):.1f}v{BAR}H{left:.1f}Z", role)
        if step.value >= 0:
            paper.text(right + 5, at + 11, odds(step.value), size=11)
        else:
            paper.text(left - 5, at + 11, odds(step.value), anchor="end", size=11)
    return (at + BAR + 12) if narrow else max(after - 2, y + BAR + 8)


def _part(paper: Paper, part: Step, y: float, room: float) -> float:
    """What is behind a step: its name, and four small squares for its strength."""
    strength = part.value
    rows = wrapped(part.name, room - 40, 11)
    for n in range(4):
        full = strength is not None and strength * 4 >= n + 0.5
        role = "quiet" if full else "grid"
        paper.fill(f"M{n * 7},{y - 7:.1f}h5v5h-5Z", role)
    for row in rows:
        paper.text(34, y, row, "quiet", size=11)
        y += 14
    return y
