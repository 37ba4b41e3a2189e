"""One night an athlete and date: which source speaks for sleep, heart rate and HRV (science D.1).

Sources are never mixed on one day, nor silently from day to day:

* sleep, the two heart rates together, and RMSSD each come from the source with most nights (ties by name);
* where that source has no nights any more, or not yet, the next one takes over, if it has at least 14 nights there;
* RMSSD says whose it is in ``hrv_source``, the heart rates in ``hr_source``, so that a baseline starts anew.

A source is a pair of ``source`` and, for RMSSD and heart rate, ``hrv_source`` and ``hr_source``; where ``hr_source`` is
not given it is the ``source``. Of two rows of one source and date the longer sleep wins.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from freshlegs import tables
from freshlegs.metrics import _frames as f
from freshlegs.metrics._numbers import Array
from freshlegs.metrics._windows import Axis

ERA_LEAST_NIGHTS: Final = 14
REST_WINDOW_D: Final = 7
REST_LEAST_NIGHTS: Final = 3
REST_OLDEST_D: Final = 180

_SLEEP: Final = ("sleep_s", "in_bed_s", "fell_asleep_utc", "woke_utc", "utc_offset_s")
_GROUPS: Final[tuple[tuple[str, ...], ...]] = (
    _SLEEP,
    ("hr_night_bpm", "hr_rest_bpm", "hr_source"),
    ("rmssd_ms", "hrv_source"),
)
"""Columns that come from one source together."""
_NO_VALUES: Final = ("utc_offset_s", "hrv_source", "hr_source")

Keys = npt.NDArray[np.int64]


def chosen(nights: pl.DataFrame, names: f.Names) -> tuple[Keys, pl.DataFrame]:
    """Ascending keys of athlete and date, and one row for each, from tidy nights."""
    nights = _named(nights.drop_nulls("date"))
    wanted = [name for columns in _GROUPS for name in columns if name in nights.columns]
    keys = names.keys(nights.get_column("athlete"), nights.get_column("date"))
    if keys.size and not bool(np.all(np.diff(keys) > 0)):
        order = np.argsort(keys, kind="stable")
        keys, nights = keys[order], nights[pl.Series(order)]
    if _one_source(nights, keys):
        return keys, nights.select(wanted)
    where = np.unique(keys)
    keyed = nights.with_columns(pl.Series("_key", keys))
    parts = [f.placed(*_of_group(keyed, columns), where) for columns in _GROUPS]
    return where, pl.concat([part for part in parts if part.width], how="horizontal")


def _named(nights: pl.DataFrame) -> pl.DataFrame:
    """The nights with ``hr_source`` where there is a heart rate and somebody is named."""
    rates = [pl.col(name).is_not_null() for name in ("hr_night_bpm", "hr_rest_bpm") if name in nights.columns]
    names = [pl.col(name) for name in ("hr_source", "source") if name in nights.columns]
    if not rates or not names:
        return nights
    return nights.with_columns(pl.when(pl.any_horizontal(rates)).then(pl.coalesce(names)).alias("hr_source"))


def _one_source(nights: pl.DataFrame, keys: Keys) -> bool:
    """Whether each night stands once and each athlete has one source, as nearly always."""
    if keys.size == 0:
        return True
    if not bool(np.all(np.diff(keys) > 0)):
        return False
    named = [name for name in ("source", "hrv_source", "hr_source") if name in nights.columns]
    if not named:
        return True
    codes = pl.Series("code", keys // f.KEY_DAYS)
    sources = nights.select(pl.concat_str([pl.col(name).fill_null("") for name in named], separator="\0").alias("s"))
    if nights.select(pl.any_horizontal([pl.col(name).is_null().any() for name in named])).item():
        sources = nights.select(pl.col(named[0]).alias("s"))
    changes = sources.with_columns(codes).select(
        ((pl.col("s") != pl.col("s").shift()) & (pl.col("code") == pl.col("code").shift())).any()
    )
    return not changes.item()


def _of_group(keyed: pl.DataFrame, columns: tuple[str, ...]) -> tuple[pl.DataFrame, Keys]:
    """The rows of the sources that speak for these columns, one a night, by ascending key."""
    present = [name for name in columns if name in keyed.columns]
    values = [name for name in present if name not in _NO_VALUES]
    if not values:
        return pl.DataFrame(), np.zeros(0, dtype=np.int64)
    names = [name for name in ("source", *(n for n in columns if n.endswith("_source"))) if name in keyed.columns]
    label = pl.concat_str([pl.col(name).fill_null("") for name in names], separator="\0") if names else pl.lit("")
    rows = keyed.filter(pl.any_horizontal([pl.col(name).is_not_null() for name in values])).with_columns(
        label.alias("_source"), (pl.col("_key") // f.KEY_DAYS).alias("_code")
    )
    rows = _eras(rows)
    longest = [name for name in ("sleep_s", *values) if name in rows.columns]
    rows = rows.sort("_key", *longest, descending=[False, *[True] * len(longest)], nulls_last=True)
    rows = rows.unique("_key", keep="first", maintain_order=True)
    return rows.select(present), rows.get_column("_key").to_numpy()


def _eras(rows: pl.DataFrame) -> pl.DataFrame:
    """The main source of each athlete, and others before its first or after its last night."""
    ranked = (
        rows.group_by("_code", "_source")
        .agg(pl.len().alias("_n"))
        .sort("_code", "_n", "_source", descending=[False, True, False])
        .with_columns(pl.int_range(pl.len()).over("_code").alias("_rank"))
    )
    rows = rows.join(ranked.select("_code", "_source", "_rank"), on=["_code", "_source"], how="left")
    kept = rows.filter(pl.col("_rank") == 0)
    for rank in range(1, 1 + int(ranked.get_column("_rank").max() or 0)):  # type: ignore[arg-type]
        span = kept.group_by("_code").agg(pl.col("_key").min().alias("_lo"), pl.col("_key").max().alias("_hi"))
        more = rows.filter(pl.col("_rank") == rank).join(span, on="_code", how="left")
        side = pl.when(pl.col("_key") < pl.col("_lo")).then(-1).when(pl.col("_key") > pl.col("_hi")).then(1)
        more = more.with_columns(side.alias("_side")).drop_nulls("_side")
        more = more.filter(pl.len().over("_code", "_side") >= ERA_LEAST_NIGHTS)
        kept = pl.concat([kept, more.select(kept.columns)])
    return kept


def resting_rate(nights: pl.DataFrame | None, athletes: pl.Series, days: Array) -> Array:
    """Resting heart rate as known on each of these (sorted) athletes' days: a 7-day median of at least 3 nights.

    From ``hr_rest_bpm`` where an athlete has any, else from ``hr_night_bpm``; the last one of 180 days; NaN without.
    """
    out = np.full(athletes.len(), np.nan)
    tidy = f.tidy(nights, tables.NIGHTS, ("date",))
    if not athletes.len() or not tidy.height or not {"hr_rest_bpm", "hr_night_bpm"} & set(tidy.columns):
        return out
    names = f.Names.of(tidy, athletes.to_frame("athlete"))
    keys, rows = chosen(tidy, names)
    rate = _rate_of_athlete(keys, f.column(rows, "hr_rest_bpm"), f.column(rows, "hr_night_bpm"))
    known = ~np.isnan(rate)
    keys, rate = keys[known], rate[known]
    if not keys.size:
        return out
    axis = Axis.of(keys // f.KEY_DAYS, (keys % f.KEY_DAYS) * f.DAY_S)
    median = axis.median(rate, REST_WINDOW_D - 1, least=REST_LEAST_NIGHTS)
    keys, median = keys[~np.isnan(median)], median[~np.isnan(median)]
    wanted = names.codes(athletes) * f.KEY_DAYS + (np.nan_to_num(days).astype(np.int64) + f.KEY_DAYS // 2)
    row = f.places(keys, wanted, after=True) - 1
    if not keys.size:
        return out
    near = (row >= 0) & (wanted - keys[np.maximum(row, 0)] <= REST_OLDEST_D)
    return np.where(near, median[np.maximum(row, 0)], np.nan)


def _rate_of_athlete(keys: Keys, rest: Array, night: Array) -> Array:
    codes = keys // f.KEY_DAYS
    has_rest = np.bincount(codes, weights=~np.isnan(rest), minlength=int(codes[-1]) + 1 if codes.size else 0) > 0
    return np.where(has_rest[codes], rest, night) if codes.size else rest
