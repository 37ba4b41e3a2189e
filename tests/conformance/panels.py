"""Panels that every engine has to judge as `freshlegs.assess` does."""

from __future__ import annotations

from datetime import date

import polars as pl

from freshlegs.synthetic import made_days


def panels() -> dict[str, pl.DataFrame]:
    """By name; each holds whole athletes, and its rows are in no order."""
    made = made_days(6, 120, seed=7)
    one = made.filter(pl.col("athlete") == made["athlete"][0])
    first = one["date"].min()
    assert isinstance(first, date)
    forty_years = pl.concat([one, one.head(3).with_columns(pl.col("date").dt.offset_by("40y"))])
    panel = {
        "several athletes": made,
        "one day": made.filter(pl.col("date") == first),
        "forty years": forty_years,
        "gaps": made.filter(pl.col("date").dt.day().is_between(5, 24)),
        "columns nobody measured": made.with_columns(
            pl.lit(None).cast(made.schema[name]).alias(name) for name in LEFT_OUT
        ),
        "few columns": made.select("date", "athlete", "energy", "soreness", "mood", pl.lit("x").alias("another")),
        "names in any script": made.with_columns(
            pl.col("athlete").replace_strict(_names(made), return_dtype=pl.String)
        ),
    }
    return {name: frame.sample(fraction=1.0, shuffle=True, seed=3) for name, frame in panel.items()}


LEFT_OUT = ("energy", "rmssd_ms", "hrv_source", "load_lu", "quality_session", "ill")


def _names(frame: pl.DataFrame) -> dict[str, str]:
    scripts = ("Ångström", "李娜", "नीरज", "عداء", "O'Brien; DROP", "日本/…\u200f")
    return dict(zip(frame["athlete"].unique(maintain_order=True), scripts, strict=True))
