"""Panels into ink: axes, bands, lines, bars, spans; one above the other, or small and side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from freshlegs.charts.paint import LETTER, Paper, pieces, rectangles, steps, wrapped
from freshlegs.charts.scales import Scale, Tick, bounds, day_ticks, number_ticks
from freshlegs.charts.spec import Band, Bars, Floats, Grid, Level, Line, Mark, Marks, Panel, Spans, Stacked

LEFT: Final = 40.0
RIGHT_WIDE: Final = 96.0
RIGHT_NARROW: Final = 62.0
NARROW_BELOW: Final = 520
GAP: Final = 18.0
BAND: Final = 0.14
LABEL_EVERY: Final = 13.0
NEAR: Final = 10.0
"""Pixels between two shapes of a row."""
CELL: Final = 168.0
CELL_HEIGHT: Final = 46.0


@dataclass(slots=True)
class _Frame:
    """A panel's place on the paper."""

    x: Scale
    y: Scale
    top: float
    bottom: float


def stacked(paper: Paper, figure: Stacked) -> float:
    """Draw the panels one above the other; the height used."""
    narrow = paper.width < NARROW_BELOW
    x = Scale(figure.low, figure.high, LEFT, paper.width - (RIGHT_NARROW if narrow else RIGHT_WIDE))
    ticks = _ticks(figure.axis, figure.low, figure.high, x.end - x.start)
    y, first = 0.0, None
    for panel in figure.panels:
        top = _heading(paper, panel, 0.0, y + 13, paper.width)
        frame = _Frame(x, _vertical(panel, top, top + panel.height), top, top + panel.height)
        _grid(paper, frame, ticks)
        _draw(paper, panel, frame, paper.width)
        first = top if first is None else first
        y = frame.bottom + GAP
    _axis(paper, x, ticks, y - GAP)
    if figure.label:
        paper.text(x.end + 6, y - GAP + 15, figure.label, "quiet")
    paper.data = {
        "left": f"{x.start:g}",
        "right": f"{x.end:g}",
        "low": f"{x.low:g}",
        "high": f"{x.high:g}",
        "top": f"{first or 0:g}",
        "bottom": f"{y - GAP:g}",
    }
    return y - GAP + 24


def grid(paper: Paper, figure: Grid) -> float:
    """Draw small panels side by side; the height used."""
    columns = max(2, int(paper.width // CELL))
    cell = paper.width / columns
    room = cell - 14
    y = paper.paragraph(0, 11, figure.note, paper.width - 4, size=11) - 4 if figure.note else 0.0
    for start in range(0, len(figure.panels), columns):
        row = figure.panels[start : start + columns]
        heads = max(len(wrapped(panel.title, room)) * 15 + len(wrapped(panel.note, room, 11)) * 14 for panel in row)
        top = y + 4 + heads
        for place, panel in enumerate(row):
            left = place * cell
            after = paper.paragraph(left, y + 13, panel.title, room, "ink", bold=True)
            paper.paragraph(left, after, panel.note, room, size=11)
            x = Scale(figure.low, figure.high, left, left + room)
            frame = _Frame(x, _vertical(panel, top, top + CELL_HEIGHT), top, top + CELL_HEIGHT)
            ends = _ends(_ticks(figure.axis, figure.low, figure.high, room, 74.0))
            _grid(paper, frame, ends)
            _draw(paper, panel, frame, paper.width, bare=True)
            _axis(paper, x, ends, frame.bottom)
        y = top + CELL_HEIGHT + 34
    return y


def _ends(ticks: list[Tick]) -> list[Tick]:
    return ticks if len(ticks) < 3 else [ticks[0], ticks[-1]]


def _ticks(axis: str, low: float, high: float, width: float, label: float = 58.0) -> list[Tick]:
    if axis == "day":
        return day_ticks(low, high, width, label)
    return number_ticks(low, high, max(2, int(width / label)))


def _heading(paper: Paper, panel: Panel, x: float, y: float, room: float) -> float:
    """Title and note on one line if there is room; where the panel begins."""
    together = (len(panel.title) + len(panel.note) + 4) * LETTER <= room
    paper.text(x, y, panel.title, bold=True, after=panel.note if together else "")
    return y + 11 if together or not panel.note else paper.paragraph(x, y + 15, panel.note, room) - 4


def _vertical(panel: Panel, top: float, bottom: float) -> Scale:
    series: list[Floats] = []
    for mark in panel.marks:
        if isinstance(mark, Line):
            series.append(mark.y)
        elif isinstance(mark, (Band, Bars)):
            series += [mark.low, mark.high]
        elif isinstance(mark, Marks):
            series.append(mark.y)
        elif isinstance(mark, Level):
            series.append(np.array([mark.y]))
    low, high = bounds(series, panel.low, panel.high)
    return Scale(low, high, top, bottom) if panel.turned else Scale(low, high, bottom, top)


def _grid(paper: Paper, frame: _Frame, ticks: list[Tick]) -> None:
    path = "".join(f"M{frame.x.at(place):.1f},{frame.top:.1f}V{frame.bottom:.1f}" for place, _ in ticks)
    paper.stroke(path, "grid")


def _axis(paper: Paper, x: Scale, ticks: list[Tick], y: float) -> None:
    paper.stroke(f"M{x.start:.1f},{y:.1f}H{x.end:.1f}", "quiet", 0.8)
    for place, words in ticks:
        at = x.at(place)
        half = len(words) * LETTER / 2
        anchor = "start" if at - half < x.start - 20 else "end" if at + half > x.end + 24 else "middle"
        paper.text(at, y + 15, words, "quiet", anchor=anchor, size=11)


def _draw(paper: Paper, panel: Panel, frame: _Frame, width: float, *, bare: bool = False) -> None:
    ticks = panel.ticks if panel.ticks is not None else number_ticks(frame.y.low, frame.y.high)
    for mark in panel.marks:
        if isinstance(mark, (Spans, Band)):
            _mark(paper, mark, frame)
    if not bare:
        path = "".join(f"M{frame.x.start:.1f},{frame.y.at(place):.1f}H{frame.x.end:.1f}" for place, _ in ticks)
        paper.stroke(path, "grid", 0.7)
        for place, words in ticks:
            paper.text(frame.x.start - 5, frame.y.at(place) + 4, words, "quiet", anchor="end", size=11)
    for mark in panel.marks:
        if not isinstance(mark, (Spans, Band)):
            _mark(paper, mark, frame)
    if panel.empty and not panel.is_known:
        middle = (frame.x.start + frame.x.end) / 2
        rows = wrapped(panel.empty, frame.x.end - frame.x.start, 11)
        y = (frame.top + frame.bottom) / 2 + 4 - 7 * (len(rows) - 1)
        for row in rows:
            paper.text(middle, y, row, "quiet", anchor="middle", size=11)
            y += 14
    if not bare:
        _labels(paper, panel, frame, width)


def _mark(paper: Paper, mark: Mark, frame: _Frame) -> None:
    x, y = frame.x, frame.y
    if isinstance(mark, Line):
        if mark.weight > 0:
            paper.line(x(mark.x), y(mark.y), mark.role, mark.weight, dashed=mark.dashed)
        if mark.dots:
            known = np.isfinite(mark.y)
            dots = "".join(f"M{a:.1f},{b:.1f}h0" for a, b in zip(x(mark.x[known]), y(mark.y[known]), strict=True))
            paper.stroke(dots, mark.role, 3.0)
    elif isinstance(mark, Band):
        paper.between(x(mark.x), y(mark.low), y(mark.high), mark.role, BAND)
    elif isinstance(mark, Bars):
        _bars(paper, mark, frame)
    elif isinstance(mark, Spans):
        left, right = x(mark.start), x(mark.end)
        tall = np.full(left.shape, frame.bottom - frame.top)
        path = rectangles(left, np.full(left.shape, frame.top), np.maximum(right - left, 1.0), tall)
        if mark.hatched:
            paper.hatch(path)
        else:
            paper.fill(path, mark.role, 0.2 if mark.faint else 1.0)
    elif isinstance(mark, Level):
        at = y.at(mark.y)
        paper.stroke(f"M{x.start:.1f},{at:.1f}H{x.end:.1f}", mark.role, 1.0, dashed=True)
    else:
        _shapes(paper, mark, frame)


def _bars(paper: Paper, mark: Bars, frame: _Frame) -> None:
    x, y = frame.x, frame.y
    if mark.joined:
        path = ""
        for piece in pieces(mark.low, mark.high):
            corners = x(np.stack([mark.x[piece], (mark.x + mark.width)[piece]], 1).ravel())
            tops, grounds = (y(np.repeat(values[piece], 2)) for values in (mark.high, mark.low))
            path += f"M{steps(corners, tops)} {steps(corners[::-1], grounds[::-1])}Z"
    else:
        wide = x(mark.x + mark.width) - x(mark.x)
        wide = np.maximum(np.where(wide > 4, wide - 1, wide), 0.6)
        a, b = y(mark.low), y(mark.high)
        path = rectangles(x(mark.x), np.minimum(a, b), wide, np.abs(a - b))
    if mark.hatched:
        paper.hatch(path)
    else:
        paper.fill(path, mark.role)


def _shapes(paper: Paper, mark: Marks, frame: _Frame) -> None:
    """Points with their words; a label only where there is room for it."""
    places, heights = frame.x(mark.x).tolist(), frame.y(mark.y).tolist()
    words = mark.words or [""] * len(places)
    ends = [*places[1:], paper.width]
    for n, (a, b) in enumerate(zip(places, heights, strict=True)):
        if mark.labels and ends[n] - a < NEAR:
            continue  # shapes with labels stand in one row, and none upon another
        paper.shape(a, b, mark.shapes[n], mark.roles[n], words[n])
        if mark.labels and len(mark.labels[n]) * LETTER * 0.92 < ends[n] - a - 12:
            paper.text(a + 8, b + 4, mark.labels[n], "quiet", size=11)


def _labels(paper: Paper, panel: Panel, frame: _Frame, width: float) -> None:
    """Words at the ends of lines, pushed apart where they would overlap."""
    wanted: list[tuple[float, str, str]] = []
    for mark in panel.marks:
        if isinstance(mark, Line) and mark.label:
            known = np.flatnonzero(np.isfinite(mark.y))
            if known.size:
                wanted.append((frame.y.at(float(mark.y[known[-1]])), mark.label, mark.role))
        elif isinstance(mark, Level) and mark.label:
            wanted.append((frame.y.at(mark.y), mark.label, mark.role))
    room = width - frame.x.end - 6
    rows = [(y, row, role) for y, words, role in sorted(wanted) for row in wrapped(words, room, 11)]
    placed: list[float] = []
    for y, _, _ in rows:
        placed.append(max(y + 4, placed[-1] + LABEL_EVERY) if placed else y + 4)
    lowest = frame.bottom + 6
    for n in range(len(placed) - 1, -1, -1):  # and up again from the lower edge
        placed[n] = min(placed[n], lowest)
        lowest = placed[n] - LABEL_EVERY
    for y, (_, words, role) in zip(placed, rows, strict=True):
        paper.text(frame.x.end + 5, y, words, role, size=11)
