"""Specification into SVG: small, without scripts, styles or anything fetched; light by itself, dark by a stylesheet.

Every shape carries its colour as an attribute and its role as a class. So the file stands alone in a notebook, a mail
or a PNG, and a page recolours it for dark ground with `stylesheet`, which attributes give way to.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from freshlegs.charts import marks
from freshlegs.charts.paint import FONT, Paper, colour
from freshlegs.charts.spec import Grid, Stacked, Waterfall
from freshlegs.look import INKS, STATES

if TYPE_CHECKING:
    from freshlegs.charts.chart import Chart

SMALLEST: Final = 240
MARGIN: Final = 14


def drawn(chart: Chart, width: int, *, heading: bool) -> str:
    """The SVG of a chart for that width in pixels; with ``heading`` its title and sentence stand above it."""
    paper = Paper(f"{chart.name}-{width}", max(width - 2 * MARGIN if heading else width, SMALLEST))
    figure = chart.figure
    if isinstance(figure, Stacked):
        height = marks.stacked(paper, figure)
    elif isinstance(figure, Grid):
        height = marks.grid(paper, figure)
    elif isinstance(figure, Waterfall):
        from freshlegs.charts import waterfall

        height = waterfall.draw(paper, figure)
    else:
        from freshlegs.charts import ground

        height = ground.draw(paper, figure)
    if not heading:
        return _page(chart, paper, paper.body(), paper.width, height)
    top = Paper(paper.name, paper.width)
    top.text(0, 16, chart.title, bold=True, size=16)
    below = top.paragraph(0, 38, chart.says, paper.width - 4) + 4
    body = (
        f'<g transform="translate({MARGIN},{MARGIN})">{top.body()}<g transform="translate(0,{below:.0f})">'
        f"{paper.body()}</g></g>"
    )
    return _page(chart, paper, body, paper.width + 2 * MARGIN, height + below + 2 * MARGIN)


def _page(chart: Chart, paper: Paper, body: str, width: int, height: float) -> str:
    data = "".join(f' data-{key}="{value}"' for key, value in paper.data.items())
    size = f'viewBox="0 0 {width} {height:.0f}" width="{width}" height="{height:.0f}"'
    name = escape(f"{chart.title}. {chart.says}", quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="fl-chart" {size} role="img" aria-label="{name}"'
        f' font-family="{FONT}" font-size="12"{data}>'
        f'<rect class="f-ground" width="100%" height="100%" fill="{colour("ground")}"/>{body}</svg>'
    )


def stylesheet() -> str:
    """The colours of charts on light and on dark ground, and their figures of one width, as CSS."""
    rules = [".fl-chart text{font-variant-numeric:tabular-nums}.fl-chart .f-ground{fill:none}"]
    light, dark = (_rules(n) for n in (0, 1))
    return "\n".join([*rules, *light, "@media (prefers-color-scheme: dark){", *dark, "}"]) + "\n"


def _rules(ground: int) -> list[str]:
    """One rule a role: to fill, to stroke, and for the words of a state in its hue."""
    inks = [
        f".fl-chart .f-{name}{{fill:{pair[ground]}}}.fl-chart .s-{name}{{stroke:{pair[ground]}}}"
        for name, pair in INKS.items()
        if name != "ground"
    ]
    words = [f".fl-chart .t-{name}{{fill:{(look.on_light, look.on_dark)[ground]}}}" for name, look in STATES.items()]
    return [*inks, *words]
