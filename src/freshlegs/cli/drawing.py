"""``chart``: a chart as a picture file, as its sentence, or as its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from freshlegs import vocabulary as v
from freshlegs.cli.frames import run_id
from freshlegs.cli.options import NEW_FILE, json_option, span_options
from freshlegs.cli.output import Page, console, emit
from freshlegs.cli.session import Session
from freshlegs.cli.telling import span
from freshlegs.look import QUIET

if TYPE_CHECKING:
    from freshlegs.charts import Chart
    from freshlegs.diary import Diary

NARROWEST: Final = 240
WIDEST: Final = 4000


@click.command()
@click.argument("name", type=click.Choice(v.CHARTS), metavar="NAME")
@click.option("--output", type=NEW_FILE, metavar="FILE", help="A .png or .svg file.")
@span_options
@click.option("--date", "day", metavar="D", help="Of the chart evidence: the morning.")
@click.option("--run", "run", metavar="ID", help="Of the charts run and track: the run.")
@click.option(
    "--width", type=click.IntRange(NARROWEST, WIDEST), default=760, show_default=True, help="How wide it is laid out."
)
@json_option
@click.pass_obj
def chart(
    session: Session,
    name: str,
    output: Path | None,
    start: str | None,
    end: str | None,
    day: str | None,
    run: str | None,
    width: int,
    as_json: bool,
) -> None:
    r"""Draw a chart: story, nights, signs, balance, evidence, run or track.

    \b
    freshlegs chart story --output story.png
    freshlegs chart signs --from 2025-01-01 --output signs.svg
    freshlegs chart run --run 3f9a --output run.png
    """
    diary = session.diary()
    first, last = span(session, start, end)
    drawn = diary.chart(name, first, last, on=_day(session, day), run=_run(diary, name, run))
    if output is not None:
        drawn.save(output, width)
    if as_json:
        emit(document(drawn, output))
        return
    page = Page(console())
    page.line(drawn.title, style="bold")
    page.line(drawn.says)
    page.line(f"Written to {output}." if output else "With --output FILE it is drawn.", QUIET)


def document(drawn: Chart, output: Path | None = None) -> Mapping[str, Any]:
    """What ``chart --json`` prints: title, sentence, and the numbers a row at a time."""
    written = {} if output is None else {"file": str(output)}
    return (
        {"schema_version": 1, "name": drawn.name, "title": drawn.title, "says": drawn.says}
        | written
        | {
            "columns": drawn.table.columns,
            "rows": [list(row) for row in drawn.table.iter_rows()],
        }
    )


def _day(session: Session, text: str | None) -> Any:
    from freshlegs import values

    return None if text is None else values.day(text, session.today)


def _run(diary: Diary, name: str, run: str | None) -> str | None:
    return run_id(diary.runs(), run) if run is not None and name in v.CHARTS_OF_A_RUN else run
