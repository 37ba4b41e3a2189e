"""Real people's diaries as days. The folder is PMData's (CC BY 4.0), one folder a person, beside the project."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

import freshlegs as fl
from freshlegs import tables
from freshlegs.importers import Context, Source, pmsys
from validation import watch_files

HERE = Path(__file__).resolve().parent
DEFAULT = HERE.parents[1] / "shared" / "validation" / "pmdata"
ZONE = "Europe/Oslo"


def folders(folder: Path) -> list[Path]:
    """The people of a folder: those with a morning diary."""
    return sorted(file.parents[1] for file in folder.glob("*/pmsys/wellness.csv"))


def days_of(person: Path, *, watch: bool = True, zone: str = ZONE) -> pl.DataFrame:
    """One person's days, read by the importer and put together as for any runner who told nothing else.

    ``watch``: with the nights and sessions of the watch; else the answers and told sessions alone.
    """
    runs, nights, checkins = [], [], []
    for name in ("wellness.csv", "srpe.csv"):
        file = person / "pmsys" / name
        if file.is_file():
            reading = pmsys.read(Source(name, file.read_bytes(), Context(home_time_zone=zone)))
            runs += reading.runs
            nights += reading.nights
            checkins += reading.checkins
    if watch:
        watched, slept = watch_files.read(person / "fitbit", zone)
        runs = watch_files.merged(runs, watched)
        nights += slept
    mine = {"athlete": person.name}
    return fl.daily(
        tables.RUNS.frame([row | mine for row in runs]),
        tables.NIGHTS.frame([row | mine for row in nights]),
        tables.CHECKINS.frame([row | mine for row in checkins]),
        {"home_time_zone": zone},
    )


def everybody(folder: Path, *, watch: bool = True) -> pl.DataFrame:
    """The days of all people of a folder."""
    return pl.concat([days_of(person, watch=watch) for person in folders(folder)])


def every_date(days: pl.DataFrame) -> pl.DataFrame:
    """A row for every date from each person's first to last; unknown days are null."""
    span = days.group_by("athlete").agg(pl.date_range(pl.col("date").min(), pl.col("date").max()).alias("date"))
    return span.explode("date").join(days, on=["athlete", "date"], how="left").sort("athlete", "date")


def shuffled(days: pl.DataFrame, dice: np.random.Generator) -> pl.DataFrame:
    """Everybody's answered mornings in random order, whole mornings together, gaps where they were."""
    parts = []
    for _, own in days.group_by("athlete", maintain_order=True):
        order = np.arange(own.height)
        answered = np.flatnonzero(own["energy"].is_not_null().to_numpy())
        order[answered] = dice.permutation(answered)
        parts.append(own.select("athlete", "date").hstack(own.drop("athlete", "date")[order]))
    return pl.concat(parts)
