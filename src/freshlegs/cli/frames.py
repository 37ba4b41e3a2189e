"""``runs`` and ``days``: the tables, for people and for other programs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from freshlegs.cli import values
from freshlegs.cli.options import json_option, span_options
from freshlegs.cli.output import as_json as json_text
from freshlegs.cli.output import console, emit, hint
from freshlegs.cli.session import Session
from freshlegs.cli.telling import span
from freshlegs.problems import WrongRequest

if TYPE_CHECKING:
    import polars as pl
    from rich.console import Console

FORMATS: Final = ("table", "csv", "parquet", "json")
SHOWN_RUNS: Final = 20
SHOWN_DAYS: Final = 28


def _format_options(function: Any) -> Any:
    function = click.option(
        "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write there, not here."
    )(function)
    return click.option("--format", "form", type=click.Choice(FORMATS), help="How; else by the ending of FILE.")(
        function
    )


@click.group(invoke_without_command=True)
@_format_options
@span_options
@json_option
@click.pass_context
def runs(
    ctx: click.Context, form: str | None, output: Path | None, start: str | None, end: str | None, as_json: bool
) -> None:
    """List the runs; `runs edit` and `runs delete` change them by hand."""
    if ctx.invoked_subcommand is not None:
        return
    session: Session = ctx.obj
    first, last = span(session, start, end)
    frame = _between(session.diary().runs(), first, last, local_day=True)
    _write(frame, "runs", _form(form, output, as_json), output, _runs_table)


@runs.command("edit")
@click.argument("run", metavar="ID")
@click.argument("pairs", nargs=-1, required=True, metavar="KEY=VALUE...")
@json_option
@click.pass_obj
def edit_run(session: Session, run: str, pairs: tuple[str, ...], as_json: bool) -> None:
    r"""Correct a run by hand; the correction is kept when its file is imported again.

    \b
    freshlegs runs edit 3f9a race=true rpe=9
    """
    from freshlegs.diary.runs import EDITABLE

    columns = {name: column for name, column in EDITABLE.items() if name != "id"}
    given = values.assignments(pairs, columns, "run key", session.today)
    diary = session.diary()
    full = run_id(diary.runs(), run)
    diary.edit_run(full, **given)
    if as_json:
        emit({"id": full, "changed": given})
    else:
        console().print(f"Changed run {full}: {', '.join(given)}.")


@runs.command("delete")
@click.argument("run", metavar="ID")
@json_option
@click.pass_obj
def delete_run(session: Session, run: str, as_json: bool) -> None:
    """Take a run out; it stays out when its file is imported again."""
    diary = session.diary()
    full = run_id(diary.runs(), run)
    diary.delete_run(full)
    if as_json:
        emit({"id": full, "deleted": True})
    else:
        console().print(f"Run {full} is taken out.")


@click.command()
@_format_options
@span_options
@json_option
@click.pass_obj
def days(
    session: Session, form: str | None, output: Path | None, start: str | None, end: str | None, as_json: bool
) -> None:
    """List the days: each morning's answers and night, and the runs of the day before."""
    first, last = span(session, start, end)
    frame = _between(session.diary().days(), first, last, local_day=False)
    _write(frame, "days", _form(form, output, as_json), output, _days_table)


def run_id(runs: pl.DataFrame, start: str) -> str:
    """The one run whose id begins like this."""
    found = [name for name in runs["id"].to_list() if str(name).startswith(start)]
    if start in found:
        return start
    if len(found) == 1:
        return str(found[0])
    if not found:
        raise WrongRequest(f"there is no run {start!r}; freshlegs runs lists them")
    raise WrongRequest(f"{len(found)} runs begin with {start!r}; write more of the id")


def _form(form: str | None, output: Path | None, as_json: bool) -> str:
    """The format asked for: by ``--format``, ``--json``, or the ending of the file."""
    if as_json:
        if form not in (None, "json"):
            raise WrongRequest(f"--json and --format {form} cannot both be")
        return "json"
    if form is not None:
        return form
    ending = output.suffix.lower().lstrip(".") if output is not None else ""
    return ending if ending in FORMATS else "table"


def _between(frame: pl.DataFrame, first: date | None, last: date | None, *, local_day: bool) -> pl.DataFrame:
    import polars as pl

    if first is None and last is None:
        return frame
    day = pl.col("date")
    if local_day:
        offset = pl.duration(microseconds=(pl.col("utc_offset_s").fill_null(0) * 1e6).cast(pl.Int64))
        day = (pl.col("start_utc") + offset).dt.date()
    if first is not None:
        frame = frame.filter(day >= first)
    return frame if last is None else frame.filter(day <= last)


def _write(
    frame: pl.DataFrame,
    name: str,
    form: str,
    output: Path | None,
    table: Callable[[Console, pl.DataFrame, bool], None],
) -> None:
    if form == "table":
        if output is None:
            table(console(), frame, False)
            return
        from rich.console import Console

        def write_text(path: Path) -> None:
            with path.open("w", encoding="utf-8") as file:
                table(Console(file=file, width=160, highlight=False, markup=False), frame, True)

        _whole(output, write_text)
    elif output is None:
        _to_stdout(frame, name, form)
    else:
        _whole(output, lambda path: _to_file(frame, name, form, path))
    if output is not None:
        hint(f"{len(frame):,} rows are in {output}.")


def _whole(output: Path, write: Callable[[Path], None]) -> None:
    """Write beside the file and rename at the end, so that nothing half-written is left."""
    if not output.parent.is_dir():
        raise WrongRequest(f"there is no folder {output.parent}")
    part = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        write(part)
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)


def _to_file(frame: pl.DataFrame, name: str, form: str, path: Path) -> None:
    if form == "parquet":
        frame.write_parquet(path)
    elif form == "csv":
        path.write_text(_csv(frame), encoding="utf-8")
    else:
        path.write_text(json_text({name: frame.to_dicts()}) + "\n", encoding="utf-8")


def _to_stdout(frame: pl.DataFrame, name: str, form: str) -> None:
    if form == "json":
        emit({name: frame.to_dicts()})
    elif form == "csv":
        sys.stdout.write(_csv(frame))
    else:
        if sys.stdout.isatty():
            raise WrongRequest(f"parquet is not for reading on a terminal; add --output {name}.parquet")
        frame.write_parquet(sys.stdout.buffer)


def _csv(frame: pl.DataFrame) -> str:
    """The frame as CSV; lists are written with blanks, instants in UTC with a Z."""
    import polars as pl

    casts = [
        pl.col(column).list.join(" ")
        if isinstance(dtype, pl.List)
        else pl.col(column).dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        for column, dtype in frame.schema.items()
        if isinstance(dtype, (pl.List, pl.Datetime))
    ]
    return frame.with_columns(casts).write_csv()


def _runs_table(console: Console, frame: pl.DataFrame, whole: bool) -> None:
    """A line a run, the newest last."""
    from freshlegs.units import pace_min_per_km

    rows = frame.sort("start_utc").to_dicts()
    shown = rows if whole or not console.is_terminal else rows[-SHOWN_RUNS:]
    table = _table("day", "start", "sport", ">km", ">time", ">min/km", ">bpm", ">climb", ">effort", ">load", "id")
    for row in shown:
        start = _local(row)
        seconds, metres = row.get("moving_s"), row.get("distance_m")
        speed = metres / seconds if metres is not None and seconds else None
        table.add_row(
            start.date().isoformat() if start else "",
            start.strftime("%H:%M") if start else "",
            str(row.get("sport") or "").replace("_", " ") + (" (race)" if row.get("race") else ""),
            _figure(metres, 1 / 1000, 1),
            _clock(seconds),
            "" if speed is None else pace_min_per_km(speed),
            _figure(row.get("hr_mean_bpm")),
            _figure(row.get("climb_m")),
            _figure(row.get("rpe")),
            _figure(row.get("load_lu")),
            str(row.get("id") or "")[:8],
        )
    _print(console, table, len(shown), len(rows), "runs")


def _days_table(console: Console, frame: pl.DataFrame, whole: bool) -> None:
    """A line a day with what is asked for most."""
    rows = frame.sort("date").to_dicts()
    shown = rows if whole or not console.is_terminal else rows[-SHOWN_DAYS:]
    table = _table(
        "day",
        ">energy",
        ">legs",
        ">soreness",
        ">sleep",
        ">stress",
        ">h slept",
        ">bpm rest",
        ">km before",
        ">load before",
    )
    for row in shown:
        rest = row.get("hr_rest_bpm")
        table.add_row(
            row["date"].isoformat(),
            *(_figure(row.get(item)) for item in ("energy", "leg_freshness", "soreness", "sleep_quality", "stress")),
            _figure(row.get("sleep_s"), 1 / 3600, 1),
            _figure(row.get("hr_night_bpm") if rest is None else rest),
            _figure(row.get("distance_m"), 1 / 1000, 1),
            _figure(row.get("load_lu")),
        )
    _print(console, table, len(shown), len(rows), "days")


def _table(*heads: str) -> Any:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", expand=False)
    for head in heads:
        right = head.startswith(">")
        table.add_column(head.lstrip(">"), justify="right" if right else "left", no_wrap=True, overflow="ellipsis")
    return table


def _print(console: Console, table: Any, shown: int, there: int, name: str) -> None:
    if not there:
        hint(f"There are no {name} yet. freshlegs import PATH reads files and folders.")
        return
    console.print(table)
    if shown < there:
        hint(f"The last {shown} of {there:,}; --from shows earlier ones, --format csv all of them.")


def _local(row: Mapping[str, Any]) -> datetime | None:
    start = row.get("start_utc")
    return None if start is None else start + timedelta(seconds=row.get("utc_offset_s") or 0.0)


def _figure(number: float | None, scale: float = 1.0, decimals: int = 0) -> str:
    """A number for a table; nothing for a missing one.

    >>> _figure(12345.0, 1 / 1000, 1), _figure(None), _figure(0.0)
    ('12.3', '', '0')
    """
    return "" if number is None else f"{number * scale:.{decimals}f}"


def _clock(seconds: float | None) -> str:
    """Seconds as hours, minutes, seconds.

    >>> _clock(3725.0), _clock(59.6)
    ('1:02:05', '1:00')
    """
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
