"""The fifteen signs as small multiples: how strong each is, since when, how long it lasts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import numpy as np
import polars as pl

from freshlegs import vocabulary as v
from freshlegs.charts.bins import Binned, binned
from freshlegs.charts.chart import Chart
from freshlegs.charts.scales import day_number
from freshlegs.charts.spec import Bars, Grid, Level, Mark, Panel, Spans
from freshlegs.charts.words import on
from freshlegs.words import SIGNS as SIGN_NAMES

NEUTRAL: Final = 0.5
"""Half says nothing either way: more speaks for tiredness beyond the normal, less against it."""


NOTE: Final = (
    "Above the line a sign speaks for tiredness beyond the normal, below it against; hatched: not measured. "
    "The words say since when it is there."
)


def signs(days: pl.DataFrame, first: date, last: date) -> Chart:
    """Each sign's strength from ``first`` to ``last``, from table `tables.STORY`; what was not measured is hatched."""
    bins = binned(days, first, last)
    now = days.filter(pl.col("date") <= last).tail(1)
    panels = [_panel(bins, sign, now, last) for sign in v.SIGNS]
    names = [f"strength_{sign}" for sign in v.SIGNS]
    return Chart(
        name="signs",
        title="The fifteen signs",
        says=_says(now, last),
        table=bins.frame.select("date", *names).rename({name: name.removeprefix("strength_") for name in names}),
        figure=Grid(panels, day_number(first), day_number(last) + 1.0, note=NOTE),
    )


def _panel(bins: Binned, sign: str, now: pl.DataFrame, last: date) -> Panel:
    strength = bins.values(f"strength_{sign}")
    unknown = ~np.isfinite(strength)
    above = np.where(strength > NEUTRAL, strength, np.nan)
    below = np.where(strength <= NEUTRAL, strength, np.nan)
    half = np.full(len(strength), NEUTRAL)
    marks: list[Mark] = [
        Spans(bins.x[unknown], (bins.x + bins.width)[unknown], "insufficient_data", hatched=True),
        Bars(bins.x, half, above, bins.width, "excessive"),
        Bars(bins.x, below, half, bins.width, "cumulative"),
        Level(NEUTRAL),
    ]
    name = SIGN_NAMES[sign]
    return Panel(name[0].upper() + name[1:], marks, lasting(sign, now, last), low=0.0, high=1.0, ticks=())


def lasting(sign: str, now: pl.DataFrame, last: date) -> str:
    """Since when a sign is there and for how many days, as of the last row of `tables.STORY`."""
    if now.is_empty() or now[f"strength_{sign}"][0] is None:
        return "not measured"
    since = now[f"since_{sign}"][0]
    if since is None:
        return "not there now"
    days = (last - since + timedelta(days=1)).days
    return f"since {on(since, year=since.year != last.year)}, {days} day{'' if days == 1 else 's'}"


def _says(now: pl.DataFrame, last: date) -> str:
    if now.is_empty():
        return "No sign is known yet."
    there = [sign for sign in v.SIGNS if now[f"since_{sign}"][0] is not None]
    unmeasured = [sign for sign in v.SIGNS if now[f"strength_{sign}"][0] is None]
    there.sort(key=lambda sign: now[f"since_{sign}"][0])
    told = "; ".join(f"{SIGN_NAMES[sign]}, {lasting(sign, now, last)}" for sign in there)
    text = f"{len(there)} of 15 signs are there on {on(last)}" + (f": {told}." if there else ".")
    return text + (f" Not measured: {', '.join(SIGN_NAMES[sign] for sign in unmeasured)}." if unmeasured else "")
