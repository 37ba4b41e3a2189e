"""A track into ink: a way on the ground in its true shape, without a map behind it."""

from __future__ import annotations

from typing import Final

import numpy as np

from freshlegs.charts.paint import Paper
from freshlegs.charts.spec import Floats, Track

MARGIN: Final = 12.0
TALLEST: Final = 460.0
FLATTEST: Final = 140.0
FOOT: Final = 46.0
APART: Final = 16.0
"""Pixels between two places with words."""


def draw(paper: Paper, figure: Track) -> float:
    """Draw the way, its start and end, a bar of known length and what the shades mean; the height used."""
    east, north = figure.east_m, figure.north_m
    wide, tall = float(np.ptp(east)) or 1.0, float(np.ptp(north)) or 1.0
    room = paper.width - 2 * MARGIN
    scale = min(room / wide, TALLEST / tall)
    height = max(tall * scale, FLATTEST)
    x = MARGIN + (room - wide * scale) / 2 + (east - east.min()) * scale
    y = MARGIN + (height - tall * scale) / 2 + (north.max() - north) * scale
    for shade in range(len(figure.shade_words)):
        paper.stroke(_shaded(x, y, figure.shade == shade), f"shade{shade}", 3.4)
    named = [(float(x[0]), float(y[0])), (float(x[-1]), float(y[-1]))]
    for a, b, words in figure.kilometres:
        at = MARGIN + (room - wide * scale) / 2 + (a - float(east.min())) * scale
        down = MARGIN + (height - tall * scale) / 2 + (float(north.max()) - b) * scale
        paper.shape(at, down, "·", "ink")
        if all(abs(at - left) > APART or abs(down - up) > APART for left, up in named):  # laps end where laps end
            paper.text(at + 5, down - 4, words, "quiet", size=11)
            named.append((at, down))
    paper.shape(float(x[0]), float(y[0]), "○", "ink", "start", 1.5)
    paper.shape(float(x[-1]), float(y[-1]), "■", "ink", "end", 1.2)
    return _foot(paper, figure, scale, MARGIN + height + 14)


def _shaded(x: Floats, y: Floats, chosen: np.ndarray) -> str:
    """The steps of one shade as one path; each goes from the point before to its own."""
    step = np.flatnonzero(chosen[1:]) + 1
    known = np.isfinite(x) & np.isfinite(y)
    step = step[known[step] & known[step - 1]]
    parts, last = [], -1
    for n in step.tolist():
        if last != n - 1:
            parts.append(f"M{x[n - 1]:.1f},{y[n - 1]:.1f}")
        parts.append(f"L{x[n]:.1f},{y[n]:.1f}")
        last = n
    return "".join(parts)


def _foot(paper: Paper, figure: Track, scale: float, y: float) -> float:
    """The bar of known length to the left, the shades to the right."""
    long = figure.bar_m * scale
    paper.stroke(f"M{MARGIN},{y - 3:.1f}v6M{MARGIN},{y:.1f}h{long:.1f}m0,-3v6", "quiet", 1.2)
    paper.text(MARGIN, y + 18, figure.bar_words, "quiet", size=11)
    each = 26.0
    start = paper.width - MARGIN - each * len(figure.shade_words)
    for n in range(len(figure.shade_words)):
        paper.fill(f"M{start + n * each:.1f},{y - 4:.1f}h{each}v7h{-each}Z", f"shade{n}")
    if figure.shade_words:
        paper.text(start, y + 18, figure.shade_words[0], "quiet", size=11, anchor="start")
        paper.text(paper.width - MARGIN, y + 18, figure.shade_words[-1], "quiet", size=11, anchor="end")
    return y + FOOT - 18
