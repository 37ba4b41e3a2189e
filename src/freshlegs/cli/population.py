"""``batch``: the verdict for every athlete and day of a panel."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from freshlegs import values
from freshlegs.batch.workers import Workers
from freshlegs.cli.options import json_option
from freshlegs.cli.output import console, count, emit
from freshlegs.cli.session import DONE, SOME_REFUSED
from freshlegs.problems import NothingDone, WrongRequest

if TYPE_CHECKING:
    import polars as pl

WORTH_SHARING_BYTES: Final = 16_000_000
"""Of Parquet; about two buckets of rows."""


@click.command()
@click.argument("days", metavar="DAYS")
@click.argument("out", metavar="OUT")
@click.option("--engine", type=click.Choice(("local", "spark")), default="local", show_default=True, help="Where.")
@click.option("--since", metavar="D", help="Judge the days from this one on, going on from the run before.")
@click.option("--profiles", metavar="FILE", help="Parquet file of profiles, a row an athlete.")
@click.option("--workers", type=click.IntRange(1), metavar="N", help="Processes at once (local); all cores without it.")
@json_option
@click.pass_context
def batch(
    ctx: click.Context,
    days: str,
    out: str,
    engine: str,
    since: str | None,
    profiles: str | None,
    workers: int | None,
    as_json: bool,
) -> None:
    r"""Judge every athlete and day of a panel: DAYS and OUT are Parquet data sets.

    DAYS is a Parquet file, a folder of them, or a hive-partitioned folder with columns of the table of days. OUT gets
    one verdict an athlete and day; OUT.side what could not be used, and why. Stopped, the same command goes on.

    \b
    freshlegs batch days.parquet verdicts
    freshlegs batch days.parquet verdicts --since 2026-05-04
    freshlegs batch s3://club/days s3://club/verdicts --engine spark
    """
    began_s = time.perf_counter()
    start = None if since is None else values.day(since, date.today())
    if engine == "local":
        with Workers(workers) as hands:
            if _is_much(Path(days)):
                hands.begin("freshlegs.batch.local")  # first of all: they take a while to start
            counts = _here(days, out, _profiles(profiles), start, hands, quiet=as_json)
    else:
        counts = _on_spark(days, out, _profiles(profiles), start)
    document = {
        "engine": engine,
        "out": out,
        **counts,
        "refused_rows": f"{out.rstrip('/')}.side/refused",
        "seconds": round(time.perf_counter() - began_s, 3),
    }
    if as_json:
        emit(document)
    else:
        _print(document)
    ctx.exit(SOME_REFUSED if document["refused"] else DONE)


def _profiles(place: str | None) -> pl.DataFrame | None:
    if place is None:
        return None
    import polars as pl

    try:
        frame = pl.read_parquet(place)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise WrongRequest(f"{place} is no Parquet file that can be read: {str(error).splitlines()[0]}") from None
    if "athlete" not in frame.columns:
        raise WrongRequest(f"{place} has no column 'athlete'")
    return frame


def _is_much(days: Path) -> bool:
    """Whether there is surely work for several processes."""
    size = 0
    for file in [days] if days.is_file() else days.rglob("*.parquet"):
        size += file.stat().st_size
        if size > WORTH_SHARING_BYTES:
            return True
    return False


def _here(
    days: str, out: str, people: pl.DataFrame | None, since: date | None, hands: Workers, *, quiet: bool
) -> Mapping[str, Any]:
    from freshlegs.batch import local

    with ExitStack() as shown:
        progress = None if quiet or not sys.stderr.isatty() else shown.enter_context(_bar())
        record = local.run(days, out, profile=people, since=since, workers=hands, progress=progress)
    return {
        name: value for name, value in record.as_dict().items() if name not in ("data", "profile", "finished", "step")
    }


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    """A bar on the error stream, which goes again."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(error=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def _on_spark(days: str, out: str, people: pl.DataFrame | None, since: date | None) -> Mapping[str, Any]:
    try:
        from freshlegs.batch import spark

        return spark.run(days, out, profile=people, since=since)
    except ImportError as error:
        what = "PySpark is not there: pip install 'freshlegs[spark]', and Java 17 or newer"
        raise NothingDone(f"{what} ({error})") from None


def _print(document: Mapping[str, Any]) -> None:
    page = console()
    athletes, verdicts = count(document["athletes"], "athlete"), count(document["verdicts"], "verdict")
    page.print(f"{athletes}, {verdicts}: {document['out']}")
    if document["refused"]:
        page.print(f"{count(document['refused'], 'fault')} in rows, each with its reason: {document['refused_rows']}")
