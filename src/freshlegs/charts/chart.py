"""A chart: its drawing, the sentence that says the same, and the table behind it, all made from one frame."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from freshlegs.problems import NothingDone, WrongRequest

if TYPE_CHECKING:
    import polars as pl

    from freshlegs.charts.spec import Figure

WIDE: Final = 760
NARROW: Final = 358
"""Widths a chart is laid out for, in pixels: a laptop's column and a phone."""

ENDINGS: Final = (".svg", ".png")


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart. ``says``: what it shows, in words; ``table``: the same as numbers, units in the column names.

    In a notebook it shows itself. The first column of ``table`` is the horizontal axis.
    """

    name: str
    title: str
    says: str
    table: pl.DataFrame
    figure: Figure

    def svg(self, width: int = WIDE, *, heading: bool = False) -> str:
        """The drawing as SVG, laid out for that width in pixels; with ``heading`` title and sentence above it."""
        from freshlegs.charts.svg import drawn

        return drawn(self, width, heading=heading)

    def png(self, width: int = WIDE, scale: float = 2.0) -> bytes:
        """The drawing as PNG. NothingDone without the extra ``freshlegs[web]``, which brings the painter."""
        try:
            import vl_convert
        except ImportError:
            raise NothingDone("a PNG needs the extra: pip install 'freshlegs[web]'; SVG needs nothing") from None
        painted: bytes = vl_convert.svg_to_png(self.svg(width, heading=True), scale=scale)
        return painted

    def save(self, path: str | os.PathLike[str], width: int = WIDE) -> None:
        """Write it as the ending says, ``.svg`` or ``.png``; WrongRequest for any other."""
        target = Path(path)
        if target.suffix.lower() not in ENDINGS:
            raise WrongRequest(
                f"a chart is saved as {' or '.join(ENDINGS)}, not {target.suffix or 'without an ending'}"
            )
        if target.suffix.lower() == ".png":
            target.write_bytes(self.png(width))
        else:
            target.write_text(self.svg(width, heading=True), encoding="utf-8")

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"image/svg+xml": self.svg(heading=True), "text/plain": f"{self.title}. {self.says}"}

    def __str__(self) -> str:
        return f"{self.title}. {self.says}"
