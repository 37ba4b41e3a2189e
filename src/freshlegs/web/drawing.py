"""A chart as a page shows it: drawn for a phone and for a laptop, with its sentence and its numbers in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from freshlegs import charts, values, words
from freshlegs.charts import Chart
from freshlegs.charts.scales import day_number
from freshlegs.charts.spec import Grid, Stacked
from freshlegs.look import STATES
from freshlegs.problems import WrongRequest
from freshlegs.units import KM_PER_MILE
from freshlegs.web import texts
from freshlegs.web.desk import Desk
from freshlegs.web.show import MISSING, Show

WIDE: Final = 900
NARROW: Final = 350
MOST_ROWS: Final = 400
"""A longer table is thinned: it is there to be read. The API has every row."""

SPANS: Final[dict[str, int]] = {"6w": 42, "3m": 92, "6m": 183, "1y": 366, "3y": 1096}
"""Spans to choose from, in days; ``all`` is everything."""
USUAL: Final = "6m"


@dataclass(frozen=True, slots=True)
class Drawing:
    """What the template needs. ``rows``: the place of each on the axis, and its cells as they are read."""

    name: str
    title: str
    says: str
    wide: str
    narrow: str
    heads: Sequence[tuple[str, str]]
    rows: Sequence[tuple[float | None, Sequence[str]]]
    zooms: bool
    is_known: bool = True
    """Whether anything known is in it."""


def drawing(chart: Chart, show: Show) -> Drawing:
    """A chart made ready for the page, in the runner's units."""
    step = -(-chart.table.height // MOST_ROWS) or 1
    table = chart.table.gather_every(step)
    names = table.columns
    rows = [(_place(row[0]), [cell(*pair, show) for pair in zip(names, row, strict=True)]) for row in table.iter_rows()]
    return Drawing(
        name=chart.name,
        title=chart.title,
        says=chart.says,
        wide=chart.svg(WIDE),
        narrow=chart.svg(NARROW),
        heads=[head(name) for name in names],
        rows=rows,
        zooms=bool(names) and names[0] == "date",
        is_known=not isinstance(chart.figure, (Stacked, Grid)) or any(one.is_known for one in chart.figure.panels),
    )


def _place(value: Any) -> float | None:
    if isinstance(value, date):
        return day_number(value)
    return float(value) if isinstance(value, (int, float)) else None


def head(name: str) -> tuple[str, str]:
    """The name of a column, and its words unless the catalogue has them."""
    if f"column.{name}" in texts.catalogue():
        return name, ""
    return name, words.name(words.SIGNS, name)


def cell(name: str, value: Any, show: Show) -> str:
    """A value of that column as it is read."""
    if value is None:
        return MISSING
    if name == "date":
        return show.day(value)
    if name == "state":
        return STATES[value].word if value in STATES else str(value)
    if isinstance(value, bool):
        return texts.text("chart.yes") if value else texts.text("chart.no")
    if isinstance(value, str):
        return value
    if name.startswith("p_") or name.endswith("_share"):
        return f"{100 * value:.0f} %"
    if name.startswith("pace_s_per"):
        return f"{round(value) // 60}:{round(value) % 60:02d}"
    if name.endswith("_s"):
        minutes = round(value / 60)
        return f"{minutes // 60}:{minutes % 60:02d}"
    return f"{value:.5f}" if name.endswith("_deg") else f"{value:.3g}" if abs(value) < 10 else f"{value:.0f}"


def metres_a_unit(show: Show) -> float:
    """Metres of the unit in which the runner writes distances."""
    return 1000.0 if show.is_metric else 1000.0 * KM_PER_MILE


# --- spans --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Span:
    """The days a page shows, how they were chosen, and where one may go from there."""

    first: date
    last: date
    chosen: str
    earlier: tuple[date, date] | None
    later: tuple[date, date] | None
    nothing: bool
    """Whether nothing is known of any day."""


def span(desk: Desk, chosen: str | None, first: str | None, last: str | None) -> Span:
    """The span of a query: a name of `SPANS` or ``all``, or two days. WrongRequest for what cannot be."""
    today = desk.today
    began = long_view(desk)[0]["date"].min()
    began = began if isinstance(began, date) else None
    end = today if not last else min(values.day(last, today), today)
    if first:
        start, name = values.day(first, today), ""
    elif chosen == "all":
        start, name = began or today, "all"
    else:
        name = chosen or usual_span(began, today)
        if name not in SPANS:
            raise WrongRequest(f"there is no span {name!r}; there are {', '.join(SPANS)} and all")
        start = end - timedelta(days=SPANS[name] - 1)
    if start > end:
        raise WrongRequest(f"a span cannot begin on {start} and end on {end}")
    length = end - start + timedelta(days=1)
    earlier = (start - length, end - length) if began is not None and start > began else None
    later = (start + length, min(end + length, today)) if end < today else None
    if later is not None:
        later = (later[1] - length + timedelta(days=1), later[1])
    return Span(start, end, name, earlier, later, nothing=began is None)


def usual_span(began: date | None, today: date) -> str:
    """The half year, or the shortest span that holds a younger diary.

    >>> usual_span(date(2026, 4, 1), date(2026, 5, 4)), usual_span(date(2020, 1, 1), date(2026, 5, 4))
    ('6w', '6m')
    """
    known = 1 if began is None else (today - began).days + 1
    return next((name for name, days in SPANS.items() if known <= days), USUAL) if known < SPANS[USUAL] else USUAL


def of_months(desk: Desk, name: str, shown: Span, show: Show) -> Drawing:
    """A chart of months, drawn once for each state of the diary."""
    first, last = shown.first, shown.last
    return desk.remember(f"drawing {name}", lambda _: drawing(chart_of(desk, name, first, last), show), first, last)


def chart_of(desk: Desk, name: str, first: date, last: date) -> Chart:
    """A chart of months from the one long view that all of them share."""
    days, events = long_view(desk)
    if name == "story":
        return charts.story(days, events, first, last)
    made: Chart = getattr(charts, name)(days, first, last)
    return made


def long_view(desk: Desk) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`Diary.story` and `Diary.events`, worked out once for each state of the diary."""
    return desk.remember("long view", lambda diary: (diary.story(), diary.events()))


def document(chart: Chart) -> Mapping[str, Any]:
    """A chart as JSON: its sentence and its numbers."""
    return {
        "name": chart.name,
        "title": chart.title,
        "says": chart.says,
        "columns": chart.table.columns,
        "rows": [list(row) for row in chart.table.iter_rows()],
    }
