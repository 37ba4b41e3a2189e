"""What comes in as a frame, made the same shape: declared types, one name an athlete, impossible values missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from freshlegs import steps, tables
from freshlegs import vocabulary as v
from freshlegs.metrics._numbers import Array
from freshlegs.problems import WrongRequest
from freshlegs.tables import Column, Profile, Table

DAY_S: Final = 86_400
APART_S: Final = 3_660 * DAY_S
"""Between two athletes on one time axis, so that no window of days reaches from one into the next."""


def tidy(frame: pl.DataFrame | None, table: Table, required: Sequence[str] = ()) -> pl.DataFrame:
    """The frame with declared types, an ``athlete`` ("me" where none is named) and impossible values missing.

    Columns that are not declared stay. None, or a frame without columns, is an empty one. A missing required column,
    or one whose type cannot be read, raises WrongRequest.
    """
    if frame is None or not frame.columns:
        frame = pl.DataFrame(schema={name: table.schema[name] for name in required})
    absent = [name for name in required if name not in frame.columns]
    if absent:
        raise WrongRequest(f"{table.name} need a column {absent[0]!r}")
    changes = [
        expression
        for column in table.columns
        if column.name in frame.columns and column.name != "athlete"
        for expression in _change(column, frame.schema[column.name])
    ]
    try:
        out = frame.with_columns(changes) if changes else frame
    except pl.exceptions.PolarsError as error:
        raise WrongRequest(f"{table.name} cannot be read: {str(error).splitlines()[0]}") from None
    if "athlete" not in out.columns or out.schema["athlete"] == pl.Null:
        return out.with_columns(pl.lit("me").alias("athlete"))
    plain = pl.Int64 if out.schema["athlete"].is_integer() else pl.String
    if out.schema["athlete"] != plain:
        out = out.with_columns(pl.col("athlete").cast(plain))
    if out.get_column("athlete").null_count():
        out = out.with_columns(pl.col("athlete").cast(pl.String).fill_null("me"))
    return out


def _change(column: Column, found: pl.DataType) -> list[pl.Expr]:
    """What makes a column of the declared type, and a number that cannot be, missing."""
    here = pl.col(column.name)
    if column.dtype == tables.INSTANT:
        return [] if found == tables.INSTANT else [_instant(here, found).alias(column.name)]
    if column.dtype == tables.DAY and found == pl.String:
        return [here.str.to_date(strict=True)]
    changed = here if found == column.dtype else here.cast(column.dtype)
    if column.dtype == tables.NUMBER:
        low = -1e300 if column.low is None else column.low
        high = 1e300 if column.high is None else column.high
        return [pl.when(changed.is_between(low, high)).then(changed).alias(column.name)]
    return [] if found == column.dtype else [changed]


def _instant(here: pl.Expr, found: pl.DataType) -> pl.Expr:
    if found == pl.String:
        return here.str.to_datetime(time_unit="us", time_zone="UTC", strict=True)
    if isinstance(found, pl.Datetime) and found.time_zone is None:
        return here.dt.cast_time_unit("us").dt.replace_time_zone("UTC")
    if isinstance(found, pl.Datetime):
        return here.dt.cast_time_unit("us").dt.convert_time_zone("UTC")
    return here.cast(tables.INSTANT)


def column(frame: pl.DataFrame, name: str) -> Array:
    """A numeric column as an array, NaN where null or absent."""
    if name not in frame.columns:
        return np.full(frame.height, np.nan)
    return frame.get_column(name).cast(pl.Float64).to_numpy()


def flags(frame: pl.DataFrame, name: str) -> npt.NDArray[np.bool_]:
    """A yes/no column as an array, false where null or absent."""
    if name not in frame.columns:
        return np.zeros(frame.height, dtype=bool)
    return frame.get_column(name).fill_null(False).to_numpy()


def running(frame: pl.DataFrame) -> pl.Expr:
    """Whether a session is a run; one without a sport is taken for one."""
    if "sport" not in frame.columns:
        return pl.lit(True)
    return pl.col("sport").is_null() | pl.col("sport").is_in(sorted(v.RUNNING_SPORTS))


def local_days(frame: pl.DataFrame, instant: str, profile: Profile) -> pl.Series:
    """The local calendar day of an instant: by its own offset, else the athlete's home time zone, else UTC."""
    own = pl.col("utc_offset_s") if "utc_offset_s" in frame.columns else pl.lit(None, dtype=pl.Float64)
    when = pl.col(instant).dt.replace_time_zone(None)
    by_offset = (when + pl.duration(seconds=own.round().cast(pl.Int64))).dt.date()
    lacking = frame.height and frame.select(own.is_null().any()).item()
    if not lacking:
        return frame.select(by_offset).to_series()
    by_zone = pl.col(instant).dt.date()
    for zone, athletes in home_zones(profile, frame).items():
        there = pl.col(instant).dt.convert_time_zone(zone).dt.date()
        mine = pl.lit(True) if athletes is None else pl.col("athlete").is_in(athletes)
        by_zone = pl.when(mine).then(there).otherwise(by_zone)
    return frame.select(pl.coalesce(by_offset, by_zone)).to_series()


def home_zones(profile: Profile, frame: pl.DataFrame) -> dict[str, list[Any] | None]:
    """Home time zones and whose they are (None: everybody's); names no machine knows are left out."""
    if profile is None:
        return {}
    if not isinstance(profile, pl.DataFrame):
        zone = profile.get("home_time_zone")
        return {zone: None} if zone and _known(zone) else {}
    if "home_time_zone" not in profile.columns:
        return {}
    rows = profile.drop_nulls("home_time_zone").group_by("home_time_zone").agg("athlete").iter_rows()
    return {zone: athletes for zone, athletes in rows if _known(zone)}


def _known(zone: str) -> bool:
    try:
        pl.select(pl.lit(datetime(2026, 1, 1)).dt.replace_time_zone("UTC").dt.convert_time_zone(zone))
    except pl.exceptions.PolarsError:
        return False
    return True


def profile_numbers(profile: Profile, athletes: pl.Series, name: str) -> Array:
    """A number of the profile for each row's athlete, NaN where unknown."""
    if profile is None:
        return np.full(athletes.len(), np.nan)
    if not isinstance(profile, pl.DataFrame):
        value = profile.get(name)
        return np.full(athletes.len(), np.nan if value is None else float(value))
    return column(_joined(profile, athletes, name), name)


def profile_words(profile: Profile, athletes: pl.Series, name: str) -> npt.NDArray[np.object_]:
    """A word of the profile for each row's athlete, None where unknown."""
    if profile is None or not isinstance(profile, pl.DataFrame):
        value = None if profile is None else profile.get(name)
        return np.full(athletes.len(), value, dtype=object)
    return np.asarray(_joined(profile, athletes, name).get_column(name).to_list(), dtype=object)


def birth_days(profile: Profile, athletes: pl.Series) -> Array:
    """Each row's athlete's date of birth as days since 1970, NaN where unknown."""
    if profile is None:
        return np.full(athletes.len(), np.nan)
    if not isinstance(profile, pl.DataFrame):
        born = profile.get("birth_date")
        days = np.nan if born is None else float((born - date(1970, 1, 1)).days)
        return np.full(athletes.len(), days)
    found = _joined(profile, athletes, "birth_date").select(pl.col("birth_date").cast(pl.Date).cast(pl.Int32))
    return column(found, "birth_date")


def _joined(profile: pl.DataFrame, athletes: pl.Series, name: str) -> pl.DataFrame:
    if name not in profile.columns or "athlete" not in profile.columns:
        return pl.DataFrame({name: pl.Series([None] * athletes.len(), dtype=pl.Null)})
    known = profile.select(pl.col("athlete").cast(athletes.dtype), name)
    known = known.unique("athlete", keep="first", maintain_order=True)
    return athletes.to_frame("athlete").join(known, on="athlete", how="left", maintain_order="left")


KEY_DAYS: Final = 1 << 22
"""Room for days in a key of athlete and day; day 0 of 1970 is in the middle."""


@dataclass(frozen=True, slots=True)
class Names:
    """Every athlete of some frames, in order, so that athlete and day become one whole number."""

    series: pl.Series

    @classmethod
    def of(cls, *frames: pl.DataFrame) -> Names:
        """The athletes of these frames; WrongRequest if they name them by different types."""
        columns = [frame.get_column("athlete").unique() for frame in frames if frame.height]
        if not columns:
            return cls(pl.Series("athlete", [], dtype=pl.String))
        kinds = {series.dtype for series in columns}
        if len(kinds) > 1:
            raise WrongRequest(f"athletes are named by different types: {', '.join(sorted(map(str, kinds)))}")
        return cls(pl.concat(columns).unique().sort())

    def codes(self, athletes: pl.Series) -> npt.NDArray[np.int64]:
        """The number of each row's athlete."""
        if self.series.len() == 1 or not athletes.len():
            return np.zeros(athletes.len(), dtype=np.int64)
        if athletes.dtype == pl.String:
            return athletes.cast(pl.Enum(self.series)).to_physical().to_numpy().astype(np.int64)
        return np.searchsorted(self.series.to_numpy(), athletes.to_numpy()).astype(np.int64)

    def keys(self, athletes: pl.Series, days: pl.Series) -> npt.NDArray[np.int64]:
        """Athlete and date as one number that sorts as they do."""
        return self.codes(athletes) * KEY_DAYS + (days.cast(pl.Int32).to_numpy().astype(np.int64) + KEY_DAYS // 2)

    def named(self, keys: npt.NDArray[np.int64]) -> pl.DataFrame:
        """Athlete and date of each key."""
        days = (keys % KEY_DAYS - KEY_DAYS // 2).astype(np.int32)
        athletes = self.series.gather(pl.Series(keys // KEY_DAYS, dtype=pl.UInt32))
        return pl.DataFrame([athletes, pl.Series("date", days).cast(pl.Date)])


def places(keys: npt.NDArray[np.int64], wanted: npt.NDArray[np.int64], *, after: bool = False) -> npt.NDArray[np.int64]:
    """Where each wanted number would stand among rising keys: before its equals, or behind them."""
    if steps.READY:
        return steps.places(keys, wanted, after=after)
    return np.searchsorted(keys, wanted, side="right" if after else "left").astype(np.int64, copy=False)


def placed(frame: pl.DataFrame, keys: npt.NDArray[np.int64], where: npt.NDArray[np.int64]) -> pl.DataFrame:
    """Rows with ascending unique ``keys`` put where ``where`` has them; nulls elsewhere."""
    if keys.size == where.size and bool(np.array_equal(keys, where)):
        return frame
    if keys.size == 0:
        return frame.clear(where.size)
    row = places(keys, where)
    found = keys[np.minimum(row, keys.size - 1)] == where
    index = pl.Series(np.where(found, row, 0), dtype=pl.UInt32).zip_with(
        pl.Series(found), pl.Series([None], dtype=pl.UInt32).new_from_index(0, where.size)
    )
    return frame.select(pl.all().gather(index))
