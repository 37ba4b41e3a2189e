"""What a chart is made of: marks on panels that share one axis; plain values, no drawing.

One specification serves the page, a notebook and a PNG. ``x`` is days since 1970 on an axis of days, else what the axis
says. NaN is a gap and is drawn as one. A ``role`` names a colour of `freshlegs.look`: a state, or one of its inks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
AxisKind = Literal["day", "km", "mi", "number"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line through known values; ``label`` stands at its end. ``weight`` 0: only its ``dots`` and its label."""

    x: Floats
    y: Floats
    role: str = "own"
    label: str = ""
    weight: float = 1.6
    dashed: bool = False
    dots: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """The stretch between two lines: the runner's own usual, behind the own line."""

    x: Floats
    low: Floats
    high: Floats
    role: str = "own"


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars from ``low`` to ``high``, each ``width`` wide on the axis and beginning at ``x``.

    ``joined``: neighbours make one area with steps; ``hatched``: nothing is known there.
    """

    x: Floats
    low: Floats
    high: Floats
    width: Floats
    role: str = "bar"
    joined: bool = False
    hatched: bool = False


@dataclass(frozen=True, slots=True)
class Spans:
    """Stretches of the whole height of the panel; ``hatched`` where nothing is known."""

    start: Floats
    end: Floats
    role: str
    hatched: bool = False
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """A horizontal line with its words: a bound, not a verdict."""

    y: float
    label: str = ""
    role: str = "quiet"


@dataclass(frozen=True, slots=True)
class Marks:
    """Single points, each a character (so that shape and colour say the same), with words for who points at them.

    ``labels`` stand beside them where there is room before the next.
    """

    x: Floats
    y: Floats
    shapes: Sequence[str]
    roles: Sequence[str]
    words: Sequence[str] = ()
    labels: Sequence[str] = ()


Mark = Line | Band | Bars | Spans | Level | Marks


@dataclass(frozen=True, slots=True)
class Panel:
    """Marks over one vertical axis. ``low`` and ``high`` bound it; without them it fits what is drawn.

    ``ticks``: places and words of the vertical axis; without them round numbers. ``turned``: high values stand below
    (a pace in minutes: faster is above).
    """

    title: str
    marks: Sequence[Mark]
    note: str = ""
    height: float = 90.0
    low: float | None = None
    high: float | None = None
    ticks: Sequence[tuple[float, str]] | None = None
    turned: bool = False
    empty: str = ""
    """What stands in a panel of which nothing is known."""

    @property
    def is_known(self) -> bool:
        """Whether anything known is in it."""
        return any(_known(mark) for mark in self.marks)


def _known(mark: Mark) -> bool:
    if isinstance(mark, Line):
        return bool(np.isfinite(mark.y).any())
    if isinstance(mark, Bars):
        return bool(np.isfinite(mark.high - mark.low).any())
    if isinstance(mark, Marks):
        return len(mark.shapes) > 0
    return isinstance(mark, Spans) and bool(mark.start.size) and not mark.hatched


def in_sight(panels: Sequence[Panel]) -> tuple[list[Panel], str]:
    """The panels of which something is known, and a sentence that names the others; all of them if nothing is."""
    known = [panel for panel in panels if panel.is_known]
    titles = [panel.title for panel in panels if panel.empty and not panel.is_known]
    if not known:
        return list(panels), ""
    named = ", ".join(title if title.isupper() else title.lower() for title in titles)
    return known, f" Nothing recorded in these days: {named}." if named else ""


@dataclass(frozen=True, slots=True)
class Stacked:
    """Panels one above the other over one axis."""

    panels: Sequence[Panel]
    low: float
    high: float
    axis: AxisKind = "day"
    label: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """Small panels side by side, all of one axis and one size."""

    panels: Sequence[Panel]
    low: float
    high: float
    axis: AxisKind = "day"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of a waterfall: from the sum before it to the sum after it; ``parts`` stand below it, thinner.

    ``value`` None: not known. ``words`` says what is behind it.
    """

    name: str
    value: float | None
    words: str = ""
    parts: Sequence[Step] = ()


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Steps from nothing to a sum; left speaks for ``left``, right for ``right``."""

    steps: Sequence[Step]
    left: str
    right: str
    total: str = "together"


@dataclass(frozen=True, slots=True)
class Track:
    """A way on the ground in metres east and north, in pieces of one shade (0 the palest to ``shades`` − 1)."""

    east_m: Floats
    north_m: Floats
    shade: npt.NDArray[np.int64]
    shade_words: Sequence[str]
    bar_m: float
    bar_words: str
    kilometres: Sequence[tuple[float, float, str]] = field(default_factory=tuple)


Figure = Stacked | Grid | Waterfall | Track
