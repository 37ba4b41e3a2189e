"""Easy and hard, alike and different, one run against the longest: how the training is balanced."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import numpy as np
import polars as pl

from freshlegs.charts.bins import Binned, binned
from freshlegs.charts.chart import Chart
from freshlegs.charts.scales import day_number
from freshlegs.charts.spec import Bars, Level, Line, Panel, Stacked, in_sight
from freshlegs.charts.words import on, percent
from freshlegs.fatigue.parameters import PARAMETERS

EASY_ENOUGH: Final = 0.80
"""The article's 80/20, by time."""
SPIKE_PLAN: Final = 1.10
"""What a plan keeps to from *watch* on [frandsen2025]."""
SPIKE_RISK: Final = PARAMETERS.number("risk.spike_ratio")
MONOTONY_HIGH: Final = PARAMETERS.number("risk.monotony_high")


def balance(days: pl.DataFrame, first: date, last: date) -> Chart:
    """Zone time 80/20, monotony and strain, and the single-run spike, from table `tables.STORY`."""
    bins = binned(days, first, last)
    panels, absent = in_sight([_zones(bins), _share(bins), _monotony(bins), _strain(bins), _spike(bins)])
    names = ["date", "z1_s", "z2_s", "z3_s", "easy_share", "hard_share", "monotony", "strain_lu", "session_spike"]
    return Chart(
        name="balance",
        title="Balance",
        says=_says(days.filter(pl.col("date").is_between(first, last))) + absent,
        table=bins.frame.select(names),
        figure=Stacked(panels, day_number(first), day_number(last) + 1.0),
    )


def _zones(bins: Binned) -> Panel:
    hours = [np.nan_to_num(bins.values(name) / 3600.0) for name in ("z1_s", "z2_s", "z3_s")]
    known = np.isfinite(bins.values("z1_s"))
    below, marks = np.zeros(len(bins.x)), []
    for values, role in zip(hours, ("shade0", "shade2", "shade4"), strict=True):
        marks.append(Bars(bins.x, np.where(known, below, np.nan), below + values, bins.width, role))
        below = below + values
    note = f"hours {bins.per}; from the ground up easy, grey zone, hard"
    return Panel("Time in zones", marks, note, 84.0, 0.0, empty="no zones known in these days")


def _share(bins: Binned) -> Panel:
    return Panel(
        "Easy share of four weeks",
        [
            Level(EASY_ENOUGH, "80 %"),
            Line(bins.middle, bins.values("easy_share"), "own", "easy", 1.8),
            Line(bins.middle, bins.values("hard_share"), "second", "hard days", 1.2, dashed=True),
        ],
        "by time in zone 1; dashed: days that held a hard session",
        72.0,
        0.0,
        1.0,
        ((0.0, "0 %"), (0.5, "50 %"), (1.0, "100 %")),
        empty="fewer than six runs with zones in four weeks",
    )


def _monotony(bins: Binned) -> Panel:
    return Panel(
        "Monotony",
        [Level(MONOTONY_HIGH, "high"), Line(bins.middle, bins.values("monotony"), "own", "seven days", 1.5)],
        "how alike the days of a week are; matters with normal or high load",
        56.0,
        0.0,
        empty="no whole week of load known",
    )


def _strain(bins: Binned) -> Panel:
    return Panel(
        "Strain",
        [Line(bins.middle, bins.values("strain_lu"), "own", "seven days", 1.5)],
        "load of a week times its monotony, LU",
        56.0,
        0.0,
        empty="no whole week of load known",
    )


def _spike(bins: Binned) -> Panel:
    spike = bins.values("session_spike")
    within = np.where(spike <= SPIKE_RISK, spike, np.nan)
    above = np.where(spike > SPIKE_RISK, spike, np.nan)
    ground = np.zeros(len(spike))
    note = "each day’s longest run" if bins.every == "day" else f"the largest of {bins.per.removeprefix('a ')}"
    return Panel(
        "One run against the longest of 30 days",
        [
            Bars(bins.x, ground, within, bins.width, "bar"),
            Bars(bins.x, ground, above, bins.width, "watch"),
            Level(SPIKE_PLAN, "1.1 limit"),
            Level(SPIKE_RISK, "1.3 risk"),
        ],
        note,
        64.0,
        0.0,
        empty="no run to compare in these days",
    )


def _says(days: pl.DataFrame) -> str:
    zones = [float(days.get_column(name).sum() or 0.0) for name in ("z1_s", "z2_s", "z3_s")]
    total = sum(zones)
    parts = []
    if total > 0:
        shares = [percent(zone / total) for zone in zones]
        parts.append(
            f"Of the running time with known zones {shares[0]} was easy, {shares[1]} grey and {shares[2]} hard."
        )
    easy = days.get_column("easy_share").drop_nulls()
    if easy.len():
        parts.append(f"In the last four weeks {percent(float(easy[-1]))} was easy; 80 % is the article’s measure.")
    monotony = days.get_column("monotony").drop_nulls()
    if monotony.len():
        parts.append(f"Monotony of the last week is {monotony[-1]:.1f}; above 2 is high.")
    spikes = days.filter(pl.col("session_spike") > SPIKE_RISK)
    if spikes.height:
        largest = spikes.sort("session_spike").row(-1, named=True)
        when = on(largest["date"] - timedelta(days=1))
        many = f"{spikes.height} run{'s were' if spikes.height > 1 else ' was'} more than {SPIKE_RISK:g} times"
        parts.append(
            f"{many} the longest of the 30 days before, the largest {largest['session_spike']:.1f} times, on {when}."
        )
    return " ".join(parts) or "Nothing is known of the balance in these days."
