"""``runs`` and ``days``: the tables, for people and for other programs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from freshlegs import values
from freshlegs.cli.options import NEW_FILE, json_option, span_options
from freshlegs.cli.output import Head, console, emit, hint, print_table
from freshlegs.cli.output import as_json as json_text
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
    function = click.option("--output", type=NEW_FILE, metavar="FILE", help="Write there, not here.")(function)
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
    from freshlegs.diary.runs import local_dates

    every = session.diary().runs()
    frame = _between(every, local_dates(every, session.diary().home_zone), first, last)
    how = _form(form, output, as_json)
    _say_if_none(every, frame, "runs")
    _write(session, frame, "runs", how, output, as_json)


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
    every = session.diary().days()
    frame = _between(every, every["date"], first, last)
    how = _form(form, output, as_json)
    _say_if_none(every, frame, "days")
    _write(session, frame, "days", how, output, as_json)


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
    if ending not in (*FORMATS, "", "txt"):
        raise WrongRequest(f"nothing is written as .{ending}; there are .csv, .json, .parquet, and .txt for the table")
    return ending if ending in FORMATS else "table"


def _say_if_none(every: pl.DataFrame, frame: pl.DataFrame, name: str) -> None:
    """Say it where there is nothing, or nothing of the days asked for."""
    if every.is_empty():
        hint(f"There are no {name} yet. freshlegs import PATH reads files and folders.")
    elif frame.is_empty():
        hint(f"There are {every.height:,} {name}, but none in this span.")


def _between(frame: pl.DataFrame, days: pl.Series, first: date | None, last: date | None) -> pl.DataFrame:
    """The rows of those of the ``days``, one a row."""
    if first is not None:
        frame, days = frame.filter(days >= first), days.filter(days >= first)
    return frame if last is None else frame.filter(days <= last)


def _write(
    session: Session, frame: pl.DataFrame, name: str, form: str, output: Path | None, as_json: bool = False
) -> None:
    if form == "table":
        table = partial(_runs_table, home_zone=session.diary().home_zone) if name == "runs" else _days_table
        units = session.diary().profile().get("units")
        imperial = units is not None and units["value"] == "imperial"
        if output is None:
            table(console(), frame, False, imperial)
            return
        _whole(output, lambda path: _as_text(path, lambda page: table(page, frame, True, imperial)))
    elif output is None:
        _to_stdout(frame, name, form)
    else:
        _whole(output, lambda path: _to_file(frame, name, form, path))
    if output is not None and as_json:
        emit({"file": str(output), "rows": len(frame)})
    elif output is not None:
        hint(f"{len(frame):,} rows are in {output}.")


def _as_text(path: Path, print_on: Callable[[Console], None]) -> None:
    from rich.console import Console

    with path.open("w", encoding="utf-8") as file:
        print_on(Console(file=file, width=160, highlight=False, markup=False))


def _whole(output: Path, write: Callable[[Path], None]) -> None:
    """Write beside the file and rename at the end, so that nothing half-written is left."""
    if output.exists() and not output.is_file():  # a pipe or a device is written to, never replaced
        write(output)
        return
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
    """The frame as CSV; lists are written with semicolons (as import reads them), instants in UTC with a Z."""
    import polars as pl

    casts = [
        pl.col(column).list.join(";")
        if isinstance(dtype, pl.List)
        else pl.col(column).dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        for column, dtype in frame.schema.items()
        if isinstance(dtype, (pl.List, pl.Datetime))
    ]
    return frame.with_columns(casts).write_csv()


def _runs_table(console: Console, frame: pl.DataFrame, whole: bool, imperial: bool, home_zone: str | None) -> None:
    """A line a run, the newest last."""
    from freshlegs.diary.runs import local_start
    from freshlegs.units import KM_PER_MILE, METRES_PER_FOOT, pace_min_per_km

    rows = frame.sort("start_utc").to_dicts()
    shown = rows if whole or not console.is_terminal else rows[-SHOWN_RUNS:]
    length, height = (KM_PER_MILE, METRES_PER_FOOT) if imperial else (1.0, 1.0)
    lines: list[tuple[str, ...]] = []
    for row in shown:
        start = local_start(row, home_zone) if row.get("start_utc") else None
        seconds, metres = row.get("moving_s"), row.get("distance_m")
        speed = metres / seconds if metres is not None and seconds else None
        cells = (
            start.date().isoformat() if start else "",
            start.strftime("%H:%M") if start else "",
            str(row.get("sport") or "").replace("_", " ") + (" (race)" if row.get("race") else ""),
            _figure(metres, 1 / 1000 / length, 1),
            _clock(seconds),
            "" if speed is None else pace_min_per_km(speed / length),
            _figure(row.get("hr_mean_bpm")),
            _figure(row.get("climb_m"), 1 / height),
            _figure(row.get("rpe")),
            _figure(row.get("load_lu")),
            str(row.get("id") or "")[:8],
            ", ".join(row.get("flags") or ()).replace("_", " "),
        )
        lines.append(cells)
    heads = (*_run_heads(imperial), Head("may be wrong", keep=9))
    if not any(line[-1] for line in lines):
        heads, lines = heads[:-1], [line[:-1] for line in lines]
    _print(console, heads, lines, len(rows))
    _say_flags(shown)


def _say_flags(rows: Sequence[Mapping[str, Any]]) -> None:
    """What each flag that was shown means, and what is done about it."""
    from freshlegs.metrics.quality import SAID

    met = {flag for row in rows for flag in row.get("flags") or ()}
    for flag, said in SAID.items():
        if flag in met:
            hint(f"{flag.replace('_', ' ')}: {said}.")


def _run_heads(imperial: bool) -> tuple[Head, ...]:
    return (
        Head("day"),
        Head("start", keep=3),
        Head("sport", keep=2),
        Head("mi" if imperial else "km", right=True),
        Head("time", right=True),
        Head("min/mi" if imperial else "min/km", right=True, keep=6),
        Head("bpm", right=True, keep=7),
        Head("climb", right=True, keep=1),
        Head("effort", right=True, keep=4),
        Head("load", right=True, keep=8),
        Head("id"),
    )


def _days_table(console: Console, frame: pl.DataFrame, whole: bool, imperial: bool) -> None:
    """A line a day with what is asked for most."""
    from freshlegs.units import KM_PER_MILE

    rows = frame.sort("date").to_dicts()
    shown = rows if whole or not console.is_terminal else rows[-SHOWN_DAYS:]
    lines = []
    for row in shown:
        rest = row.get("hr_rest_bpm")
        cells = (
            row["date"].isoformat(),
            *(_figure(row.get(item)) for item in ("energy", "leg_freshness", "soreness", "sleep_quality", "stress")),
            _figure(row.get("sleep_s"), 1 / 3600, 1),
            _figure(row.get("hr_night_bpm") if rest is None else rest),
            _figure(row.get("distance_m"), 1 / 1000 / (KM_PER_MILE if imperial else 1.0), 1),
            _figure(row.get("load_lu")),
        )
        lines.append(cells)
    heads = (
        Head("day"),
        Head("energy", right=True),
        Head("legs", right=True, keep=8),
        Head("soreness", right=True, keep=5),
        Head("sleep", right=True, keep=7),
        Head("stress", right=True, keep=1),
        Head("h slept", right=True, keep=6),
        Head("bpm rest", right=True, keep=2),
        Head("mi before" if imperial else "km before", right=True, keep=3),
        Head("load before", right=True, keep=4),
    )
    _print(console, heads, lines, len(rows))


def _print(console: Console, heads: Sequence[Head], lines: Sequence[Sequence[str]], there: int) -> None:
    if not there:
        return
    print_table(console, heads, lines)
    if len(lines) < there:
        hint(f"The last {len(lines)} of {there:,}; --from shows earlier ones, --format csv all of them.")


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
