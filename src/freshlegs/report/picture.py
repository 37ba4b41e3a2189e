"""A picture as a list of marks, drawn once and written twice: as SVG for the page, with ReportLab for the PDF.

Places and lengths are points (1/72 inch), the origin is the upper left corner.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final, Literal

Anchor = Literal["start", "middle", "end"]
FONT: Final = "Helvetica, Arial, sans-serif"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; ``hatched`` draws slanted lines instead of filling it."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    opacity: float = 1.0
    hatched: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points; ``dash`` in points on and off."""

    points: Sequence[tuple[float, float]]
    colour: str
    width: float = 1.0
    dash: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """A filled outline."""

    points: Sequence[tuple[float, float]]
    fill: str
    opacity: float = 1.0
    outline: str | None = None


@dataclass(frozen=True, slots=True)
class Dot:
    """A filled circle; with ``half`` its left half is left white, with ``hollow`` all of it."""

    x: float
    y: float
    radius: float
    colour: str
    hollow: bool = False
    half: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text, its foot at ``y``."""

    x: float
    y: float
    text: str
    size: float = 7.5
    colour: str = "#333333"
    anchor: Anchor = "start"
    bold: bool = False


Mark = Box | Line | Area | Dot | Words


@dataclass(slots=True)
class Picture:
    """Marks on a sheet; ``says`` is what the picture shows, for who cannot see it."""

    width: float
    height: float
    says: str
    marks: list[Mark] = field(default_factory=list)

    def add(self, *marks: Mark) -> None:
        """Put marks on top of those that are there."""
        self.marks.extend(marks)


def shape(state: str, x: float, y: float, size: float, colour: str) -> list[Mark]:
    """The shape of a state (`freshlegs.look`), drawn, so that no font is needed for it."""
    h = size / 2
    up = [(x, y - h), (x + h, y + h), (x - h, y + h)]
    match state:
        case "fresh":
            return [Dot(x, y, h, colour, hollow=True)]
        case "cumulative":
            return [Dot(x, y, h, colour, half=True)]
        case "watch":
            return [Area(up, "#FFFFFF", outline=colour)]
        case "excessive":
            return [Area(up, colour)]
        case "possible_overtraining":
            return [Area([(x, y - h), (x + h, y), (x, y + h), (x - h, y)], colour)]
        case _:
            return [Box(x - h, y - h, size, size, colour, hatched=True)]


# ---------------------------------------------------------------- as SVG


def svg(picture: Picture) -> str:
    """The picture as an SVG element that asks for nothing outside itself."""
    body = "".join(_svg(mark) for mark in picture.marks)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {picture.width:g} {picture.height:g}" role="img" '
        f'aria-label="{escape(picture.says)}" font-family="{FONT}">{body}</svg>'
    )


def _points(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.2f},{y:.2f}" for x, y in points)


def _svg(mark: Mark) -> str:
    match mark:
        case Box() if mark.hatched:
            return "".join(_svg(line) for line in _hatch(mark))
        case Box():
            return (
                f'<rect x="{mark.x:.2f}" y="{mark.y:.2f}" width="{mark.width:.2f}" height="{mark.height:.2f}" '
                f'fill="{mark.fill}" fill-opacity="{mark.opacity:g}"/>'
            )
        case Line():
            dash = f' stroke-dasharray="{mark.dash[0]:g} {mark.dash[1]:g}"' if mark.dash else ""
            return (
                f'<polyline points="{_points(mark.points)}" fill="none" stroke="{mark.colour}" '
                f'stroke-width="{mark.width:g}" stroke-linejoin="round"{dash}/>'
            )
        case Area():
            line = f' stroke="{mark.outline}"' if mark.outline else ""
            return (
                f'<polygon points="{_points(mark.points)}" fill="{mark.fill}" fill-opacity="{mark.opacity:g}"{line}/>'
            )
        case Dot():
            fill = "#FFFFFF" if mark.hollow or mark.half else mark.colour
            circle = (
                f'<circle cx="{mark.x:.2f}" cy="{mark.y:.2f}" r="{mark.radius:g}" fill="{fill}" '
                f'stroke="{mark.colour}"/>'
            )
            if not mark.half:
                return circle
            top, foot, r = mark.y - mark.radius, mark.y + mark.radius, mark.radius
            half = f"M{mark.x:.2f},{top:.2f} A{r:g},{r:g} 0 0 1 {mark.x:.2f},{foot:.2f} Z"
            return f'{circle}<path d="{half}" fill="{mark.colour}"/>'
        case Words():
            weight = ' font-weight="bold"' if mark.bold else ""
            return (
                f'<text x="{mark.x:.2f}" y="{mark.y:.2f}" font-size="{mark.size:g}" fill="{mark.colour}" '
                f'text-anchor="{mark.anchor}"{weight}>{escape(mark.text)}</text>'
            )


def _hatch(box: Box, step: float = 3.0) -> list[Line]:
    """Slanted lines inside a rectangle."""
    lines = []
    reach = box.width + box.height
    n = 1
    while n * step < reach:
        at = n * step
        x0, y0 = box.x + max(0.0, at - box.height), box.y + min(at, box.height)
        x1, y1 = box.x + min(at, box.width), box.y + max(0.0, at - box.width)
        lines.append(Line([(x0, y0), (x1, y1)], box.fill, 0.5))
        n += 1
    return lines


# ---------------------------------------------------------------- with ReportLab


def draw(picture: Picture, canvas: Any, printable: Any) -> None:
    """The picture on a ReportLab canvas whose origin is the picture's lower left corner.

    ``printable`` turns text into what the PDF's fonts have.
    """
    for mark in picture.marks:
        _draw(mark, canvas, picture.height, printable)


def _draw(mark: Mark, canvas: Any, height: float, printable: Any) -> None:
    canvas.saveState()
    match mark:
        case Box() if mark.hatched:
            for line in _hatch(mark):
                _draw(line, canvas, height, printable)
        case Box():
            canvas.setFillColor(mark.fill, alpha=mark.opacity)
            canvas.rect(mark.x, height - mark.y - mark.height, mark.width, mark.height, stroke=0, fill=1)
        case Line():
            canvas.setStrokeColor(mark.colour)
            canvas.setLineWidth(mark.width)
            canvas.setLineJoin(1)
            if mark.dash:
                canvas.setDash(*mark.dash)
            _path(canvas, mark.points, height, closed=False, fill=0, stroke=1)
        case Area():
            canvas.setFillColor(mark.fill, alpha=mark.opacity)
            if mark.outline:
                canvas.setStrokeColor(mark.outline)
            _path(canvas, mark.points, height, closed=True, fill=1, stroke=int(mark.outline is not None))
        case Dot():
            _draw_dot(mark, canvas, height)
        case Words():
            canvas.setFillColor(mark.colour)
            canvas.setFont("Helvetica-Bold" if mark.bold else "Helvetica", mark.size)
            put = {"start": canvas.drawString, "middle": canvas.drawCentredString, "end": canvas.drawRightString}
            put[mark.anchor](mark.x, height - mark.y, printable(mark.text))
    canvas.restoreState()


def _draw_dot(mark: Dot, canvas: Any, height: float) -> None:
    canvas.setStrokeColor(mark.colour)
    canvas.setFillColor("#FFFFFF" if mark.hollow or mark.half else mark.colour)
    y, r = height - mark.y, mark.radius
    canvas.circle(mark.x, y, r, stroke=1, fill=1)
    if mark.half:
        canvas.setFillColor(mark.colour)
        canvas.wedge(mark.x - r, y - r, mark.x + r, y + r, -90, 180, stroke=0, fill=1)


def _path(
    canvas: Any, points: Sequence[tuple[float, float]], height: float, *, closed: bool, fill: int, stroke: int
) -> None:
    path = canvas.beginPath()
    path.moveTo(points[0][0], height - points[0][1])
    for x, y in points[1:]:
        path.lineTo(x, height - y)
    if closed:
        path.close()
    canvas.drawPath(path, fill=fill, stroke=stroke)
