"""The paper charts are drawn on: lines, areas, words and shapes as SVG, each with its colour and its role."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

import numpy as np

from freshlegs.charts.spec import Floats
from freshlegs.look import INKS, STATES

FONT: Final = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
LETTER: Final = 6.4
"""About the width of a letter of 12 pixels; words are fitted by it."""

_CIRCLE: Final = "M-3.6,0a3.6,3.6 0 1,0 7.2,0a3.6,3.6 0 1,0 -7.2,0Z"

SHAPES: Final[dict[str, tuple[str, bool]]] = {
    "○": (_CIRCLE, False),
    "●": (_CIRCLE, True),
    "·": ("M-1.6,0a1.6,1.6 0 1,0 3.2,0a1.6,1.6 0 1,0 -3.2,0Z", True),
    "◐": ("M0,-3.6a3.6,3.6 0 1,0 0,7.2ZM0,-3.6a3.6,3.6 0 0,1 0,7.2A4.3,4.3 0 0,0 0,-3.6", True),
    "△": ("M0,-4.2L4.4,3.6L-4.4,3.6Z", False),
    "▲": ("M0,-4.2L4.4,3.6L-4.4,3.6Z", True),
    "◆": ("M0,-4.8L4.4,0L0,4.8L-4.4,0Z", True),
    "▒": ("M-3.6,-3.6h7.2v7.2h-7.2Z", False),
    "■": ("M-3.4,-3.4h6.8v6.8h-6.8Z", True),
    "✚": ("M-1.4,-4.2h2.8v2.8h2.8v2.8h-2.8v2.8h-2.8v-2.8h-2.8v-2.8h2.8Z", True),
    "★": ("M0,-4.8L1.4,-1.6L4.7,-1.4L2.2,0.8L3,4.1L0,2.3L-3,4.1L-2.2,0.8L-4.7,-1.4L-1.4,-1.6Z", True),
    "✎": ("M-3.4,-3.8h6.8v7.6h-6.8ZM-1.8,-1.2h3.6M-1.8,1.2h3.6", False),
}
"""Shapes as paths around their middle, and whether they are filled: fonts differ, paths do not."""


def colour(role: str) -> str:
    """The colour of a role on light ground."""
    return STATES[role].colour if role in STATES else INKS[role][0]


def _ink(role: str) -> tuple[str, str]:
    """Class and colour of words: those of a state in its hue, dark enough to be read."""
    return (f"t-{role}", STATES[role].on_light) if role in STATES else (f"f-{role}", INKS[role][0])


def _number(value: float) -> str:
    return f"{round(value, 1):g}"


def steps(x: Floats, y: Floats) -> str:
    """Points as SVG writes them, to a tenth of a pixel."""
    return " ".join(f"{a:g},{b:g}" for a, b in zip(np.round(x, 1).tolist(), np.round(y, 1).tolist(), strict=True))


def pieces(*values: Floats) -> list[slice]:
    """Stretches in which every one of the series is known."""
    known = np.all([np.isfinite(one) for one in values], axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(np.int8)))
    return [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


class Paper:
    """An SVG on its way; ``data`` becomes data attributes of its root, for who hovers."""

    def __init__(self, name: str, width: int) -> None:
        self.name, self.width = name, width
        self.data: dict[str, str] = {}
        self._body: list[str] = []
        self._hatched = False

    def body(self) -> str:
        """Everything drawn so far."""
        return (self._hatch() if self._hatched else "") + "".join(self._body)

    def _hatch(self) -> str:
        quiet = colour("insufficient_data")
        return (
            f'<defs><pattern id="{self.name}-hatch" width="6" height="6" patternUnits="userSpaceOnUse"'
            f' patternTransform="rotate(45)"><path class="s-quiet" d="M0,0V6" stroke="{quiet}" stroke-width="1.6"'
            f' stroke-opacity="0.55"/></pattern></defs>'
        )

    def stroke(self, path: str, role: str, width: float = 1.0, *, dashed: bool = False, extra: str = "") -> None:
        """A line along a path."""
        if path:
            dash = ' stroke-dasharray="4 3"' if dashed else ""
            self._body.append(
                f'<path class="s-{role}" d="{path}" fill="none" stroke="{colour(role)}" stroke-width="{width:g}"'
                f' stroke-linejoin="round" stroke-linecap="round"{dash}{extra}/>'
            )

    def fill(self, path: str, role: str, opacity: float = 1.0) -> None:
        """An area within a path."""
        if path:
            faint = "" if opacity == 1.0 else f' fill-opacity="{opacity:g}"'
            self._body.append(f'<path class="f-{role}" d="{path}" fill="{colour(role)}"{faint}/>')

    def hatch(self, path: str) -> None:
        """An area of which nothing is known."""
        if path:
            self._hatched = True
            self._body.append(f'<path d="{path}" fill="url(#{self.name}-hatch)"/>')

    def line(self, x: Floats, y: Floats, role: str, width: float, *, dashed: bool = False) -> None:
        """A line through known points; a point between two gaps is a dot."""
        parts = []
        for piece in pieces(x, y):
            alone = piece.stop - piece.start == 1
            parts.append(f"M{steps(x[piece], y[piece])}" + ("h0" if alone else ""))
        self.stroke("".join(parts), role, width, dashed=dashed)

    def between(self, x: Floats, low: Floats, high: Floats, role: str, opacity: float) -> None:
        """The area between two lines."""
        parts = [
            f"M{steps(x[p], high[p])} {steps(x[p][::-1], low[p][::-1])}Z"
            for p in pieces(x, low, high)
            if p.stop - p.start > 1
        ]
        self.fill("".join(parts), role, opacity)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        role: str = "ink",
        *,
        anchor: str = "start",
        bold: bool = False,
        size: float = 12,
        after: str = "",
    ) -> None:
        """Words; ``anchor`` start, middle or end; ``after`` follows in a quiet voice."""
        if not words:
            return
        more = "" if anchor == "start" else f' text-anchor="{anchor}"'
        more += ' font-weight="600"' if bold else ""
        more += "" if size == 12 else f' font-size="{size:g}"'
        name, ink = _ink(role)
        self._body.append(
            f'<text class="{name}" x="{_number(x)}" y="{_number(y)}" fill="{ink}"{more}>'
            f"{escape(words, quote=False)}{_quietly(after)}</text>"
        )

    def paragraph(
        self, x: float, y: float, words: str, room: float, role: str = "quiet", *, bold: bool = False, size: float = 12
    ) -> float:
        """Words broken into lines that fit; the place of the line after them."""
        for row in wrapped(words, room, size):
            self.text(x, y, row, role, bold=bold, size=size)
            y += size + 3
        return y

    def shape(self, x: float, y: float, shape: str, role: str, words: str = "", size: float = 1.0) -> None:
        """One of `SHAPES`, with words for who points at it."""
        path, filled = SHAPES[shape]
        ink = colour(role)
        inside = f'fill="{ink}" class="f-{role} s-{role}"' if filled else f'fill="none" class="s-{role}"'
        title = f"<title>{escape(words, quote=False)}</title>" if words else ""
        scaled = "" if size == 1.0 else f" scale({size:g})"
        self._body.append(
            f'<path transform="translate({_number(x)},{_number(y)}){scaled}" d="{path}" {inside} stroke="{ink}"'
            f' stroke-width="1.3">{title}</path>'
        )


def _quietly(words: str) -> str:
    if not words:
        return ""
    ink = colour("quiet")
    return f'<tspan class="f-quiet" dx="8" font-weight="400" fill="{ink}">{escape(words, quote=False)}</tspan>'


def rectangles(x: Floats, y: Floats, width: Floats, height: Floats) -> str:
    """Many upright rectangles as one path; those with anything missing are left out."""
    known = np.isfinite(x) & np.isfinite(y) & np.isfinite(width) & np.isfinite(height)
    rows: Iterable[Sequence[float]] = np.round(np.stack([x, y, width, height])[:, known].T, 1).tolist()
    return "".join(f"M{a:g},{b:g}h{w:g}v{h:g}h{-w:g}Z" for a, b, w, h in rows)


def wrapped(words: str, room: float, size: float = 12) -> list[str]:
    """Words in lines of at most that many pixels.

    >>> wrapped("one two three", 60)
    ['one two', 'three']
    """
    most = max(4, int(room / (LETTER * size / 12)))
    rows: list[str] = []
    for word in words.split():
        if rows and len(rows[-1]) + 1 + len(word) <= most:
            rows[-1] += " " + word
        else:
            rows.append(word)
    return rows
