"""Column maps: how a runner says what the columns of a CSV mean, and how a cell becomes a value.

See `freshlegs.importers.csv_map` for the format.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatch
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from freshlegs import tables, units
from freshlegs.importers import instants
from freshlegs.importers.delimited import Faults, brief
from freshlegs.problems import WrongRequest
from freshlegs.tables import Column

AFTER_A_RUN: Final = ("rpe", "legs", "hit_pace", "harder_than_it_should")
"""What may be said in a check-in about the run of that day."""

_LOCAL: Final = {
    "start_local": "start_utc",
    "fell_asleep_local": "fell_asleep_utc",
    "woke_local": "woke_utc",
}
"""Times by the clock on the wall, and the instants they become."""


def _columns_of(table: tables.Table, *more: Column) -> Mapping[str, Column]:
    own = {column.name: column for column in (*table.columns, *more) if column.name != "athlete"}
    own |= {local: own[utc] for local, utc in _LOCAL.items() if utc in own}
    return MappingProxyType(own)


TARGETS: Final[Mapping[str, Mapping[str, Column]]] = MappingProxyType(
    {
        "checkins": _columns_of(tables.CHECKINS, *(tables.RUNS.column(name) for name in AFTER_A_RUN)),
        "nights": _columns_of(tables.NIGHTS),
        "runs": _columns_of(tables.RUNS),
    }
)
"""The tables a CSV can fill, and the columns of each."""

_FACTORS: Final[Mapping[str, Mapping[str, float]]] = MappingProxyType(
    {
        "s": {"s": 1.0, "ms": 0.001, "min": 60.0, "h": 3600.0},
        "m": {"m": 1.0, "km": 1000.0, "mi": units.KM_PER_MILE * 1000.0, "ft": units.METRES_PER_FOOT},
        "kg": {"kg": 1.0, "g": 0.001, "lb": units.KG_PER_POUND},
        "ms": {"ms": 1.0, "s": 1000.0},
        "m/s": {"m/s": 1.0, "km/h": 1 / 3.6, "mph": units.KM_PER_MILE / 3.6},
        "points": {"points": 1.0, "percent": 0.1},
        "°C": {"C": 1.0, "F": 5.0 / 9.0},
    }
)
"""By the unit of our column: what a value in another unit is multiplied with (°F is moved by 32 first)."""

_CLOCKS: Final = ("h:mm", "mm:ss")
_YES: Final = frozenset({"true", "yes", "y", "1", "x", "✓"})
_NO: Final = frozenset({"false", "no", "n", "0"})


@dataclass(frozen=True, slots=True)
class Style:
    """How a file writes: its decimal mark (None: either), its dates, the zone of times that name none."""

    decimal: str | None = None
    date_format: str | None = None
    time_zone: str | None = None
    home_time_zone: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One column of ours: where it comes from, and what is done to a cell on the way."""

    target: str
    column: Column
    header: str
    scale: tuple[float, float] | None = None
    turned: bool = False
    unit: str | None = None
    words: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """A whole map: for which files, into which table, by which rules."""

    name: str
    table: str
    rules: tuple[Rule, ...]
    file: str | None = None
    delimiter: str | None = None
    source: str | None = None
    decimal: str | None = None
    date_format: str | None = None
    time_zone: str | None = None

    def fits(self, header: tuple[str, ...], name: str) -> int:
        """How many of its columns a file has; 0 when it is not for this file."""
        base = re.split(r"[/\\]", name)[-1].removesuffix(".gz")
        if self.file is not None and not fnmatch(base, self.file):
            return 0
        keys = {rule.header for rule in self.rules if rule.target in ("date", "start_utc", "start_local")}
        if not keys & set(header):
            return 0
        return sum(rule.header in header for rule in self.rules)


def parse(column_maps: Mapping[str, Any]) -> list[ColumnMap]:
    """Maps as TOML gives them, by name; a file may hold one map, or several by name.

    Raises WrongRequest, naming the map and what is wrong with it.
    """
    out = []
    for name, given in column_maps.items():
        if not isinstance(given, Mapping):
            raise WrongRequest(f"the column map {name!r} must be a table with 'table' and 'columns'")
        if "table" in given or "columns" in given:
            out.append(_parse_one(name, given))
        else:
            out.extend(parse(given))
    return out


def _parse_one(name: str, given: Mapping[str, Any]) -> ColumnMap:
    table = given.get("table")
    if not isinstance(table, str) or table not in TARGETS:
        raise WrongRequest(f"the column map {name!r} needs table = one of {', '.join(TARGETS)}, not {table!r}")
    columns = given.get("columns")
    if not isinstance(columns, Mapping) or not columns:
        raise WrongRequest(f"the column map {name!r} needs a table 'columns': our name = theirs")
    known = {"table", "columns", "file", "delimiter", "source", "decimal", "date_format", "time_zone"}
    if strange := sorted(set(given) - known):
        raise WrongRequest(f"the column map {name!r} has {strange[0]!r}; it can have {', '.join(sorted(known))}")
    if given.get("decimal") not in (None, ".", ","):
        raise WrongRequest(f"the column map {name!r} needs decimal = '.' or ',', not {given['decimal']!r}")
    zone = given.get("time_zone")
    if zone is not None:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, TypeError, OSError):
            raise WrongRequest(f"the column map {name!r} names a time zone nobody knows: {zone!r}") from None
    rules = tuple(_rule(name, table, target, rule) for target, rule in columns.items())
    needed = ("start_utc", "start_local") if table == "runs" else ("date",)
    if not any(rule.target in needed for rule in rules):
        raise WrongRequest(f"the column map {name!r} does not say where {needed[-1]} comes from")
    texts = {key: given[key] for key in known - {"table", "columns"} if given.get(key) is not None}
    return ColumnMap(name, table, rules, **{key: str(value) for key, value in texts.items()})


def _rule(name: str, table: str, target: str, given: Any) -> Rule:
    column = TARGETS[table].get(target)
    if column is None:
        raise WrongRequest(f"the column map {name!r} fills {target!r}, which {table} does not have")
    if isinstance(given, str):
        return Rule(target, column, given)
    if not isinstance(given, Mapping) or not isinstance(given.get("from"), str):
        raise WrongRequest(f"the column map {name!r} needs {target} = 'their name', or {{ from = 'their name' }}")
    if strange := sorted(set(given) - {"from", "scale", "turned", "unit", "words"}):
        raise WrongRequest(f"the column map {name!r} does not know {strange[0]!r} for {target}")
    scale = given.get("scale")
    if scale is not None:
        ends = [float(end) for end in scale if isinstance(end, (int, float))] if isinstance(scale, list) else []
        if len(ends) != 2 or ends[0] == ends[1] or column.high != 10:
            raise WrongRequest(f"the column map {name!r}: scale of {target} must be [lowest, highest] of an answer")
    unit = given.get("unit")
    factors = _FACTORS.get(column.unit, {})
    if unit is not None and unit not in factors and not (column.unit == "s" and unit in _CLOCKS):
        can = ", ".join((*factors, *(_CLOCKS if column.unit == "s" else ()))) or "no other unit"
        raise WrongRequest(f"the column map {name!r}: {target} can be given in {can}, not in {unit!r}")
    words = _words(name, column, given.get("words", {}))
    span = None if scale is None else (float(scale[0]), float(scale[1]))
    return Rule(target, column, given["from"], span, bool(given.get("turned", False)), unit, words)


def _words(name: str, column: Column, given: Any) -> dict[str, Any]:
    """What each word means, checked once so that no cell can be surprised by it."""
    if not isinstance(given, Mapping):
        raise WrongRequest(f"the column map {name!r} needs words = {{ theirs = ours, ... }} for {column.name}")
    out: dict[str, Any] = {}
    for word, value in given.items():
        if column.dtype == tables.NUMBER and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        why = None if value == "" else column.refuse(value)
        if why is not None or column.dtype in (tables.DAY, tables.INSTANT):
            raise WrongRequest(f"the column map {name!r}: {why or f'{column.name} takes no words'}")
        out[str(word)] = None if value == "" else value
    return out


# --- cells ------------------------------------------------------------------------------------------------


class Bad(ValueError):
    """A cell that is not what its column needs; the text is why."""


def convert(rule: Rule, text: str, style: Style, note: Callable[[str], None]) -> Any:
    """A cell as the value of its column; None for one that says nothing. Raises `Bad`, with why.

    ``note`` is told what had to be assumed.
    """
    if text in rule.words:
        return rule.words[text]
    value = _plain(rule, text, style, note)
    if (why := rule.column.refuse(value)) is not None:
        raise Bad(why)
    return value


def _plain(rule: Rule, text: str, style: Style, note: Callable[[str], None]) -> Any:
    dtype = rule.column.dtype
    if dtype == tables.NUMBER:
        return _number(rule, text, style)
    if dtype == tables.YES_NO:
        low = text.lower()
        if low not in _YES | _NO:
            raise Bad(f"{brief(text)!r} is neither true nor false")
        return low in _YES
    if dtype == tables.DAY:
        return day_of(text, style)
    if dtype == tables.INSTANT:
        return instant_of(text, style, note, utc=rule.target.endswith("_utc") and _named(rule))
    if dtype == tables.WORDS:
        words = [word for word in re.split(r"[\s;|,]+", text) if word]
        for word in (strange := [word for word in words if word not in rule.column.choices]):
            note(f"{rule.column.name} cannot be {brief(word)!r}; that word was left out")
        return [word for word in words if word not in strange] or None
    if rule.column.choices and text not in rule.column.choices:
        return brief(text).lower().replace(" ", "_")
    return text


def _named(rule: Rule) -> bool:
    """Whether the file itself uses our name, and so says what it means."""
    return rule.header.lower().replace(" ", "_") == rule.target


def _number(rule: Rule, text: str, style: Style) -> float:
    unit = rule.column.unit
    if unit == "s" and ":" in text:
        return _seconds(text, rule.unit)
    value = number_of(text, style)
    if rule.unit is not None:
        value = (value - 32.0 if rule.unit == "F" else value) * _FACTORS[unit].get(rule.unit, 1.0)
    if rule.scale is not None:
        low, high = rule.scale
        if not min(low, high) <= value <= max(low, high):
            raise Bad(f"{value:g} is not on its scale from {low:g} to {high:g}")
        value = (value - low) / (high - low) * 10.0
    if rule.turned:
        value = 10.0 - value
    return value


def number_of(text: str, style: Style) -> float:
    """A number, with a decimal point or comma.

    >>> number_of("7,5", Style()), number_of("1.234,5", Style(decimal=","))
    (7.5, 1234.5)
    """
    plain = text.replace("\u00a0", "").replace(" ", "").replace("−", "-")
    if style.decimal == ",":
        plain = plain.replace(".", "").replace(",", ".")
    elif style.decimal is None and plain.count(",") == 1 and "." not in plain:
        thousands = re.fullmatch(r"-?[1-9]\d{0,2},\d{3}", plain) is not None
        plain = plain.replace(",", "" if thousands else ".")
    else:
        plain = plain.replace(",", "")
    try:
        value = float(plain)
    except ValueError:
        raise Bad(f"{brief(text)!r} is no number") from None
    if not math.isfinite(value):
        raise Bad(f"{brief(text)!r} is no number")
    return value


def _seconds(text: str, unit: str | None) -> float:
    """A duration such as ``1:02:03``, ``7:30`` (hours and minutes unless the unit says ``mm:ss``)."""
    parts = text.split(":")
    try:
        numbers = [float(part.replace(",", ".")) for part in parts]
    except ValueError:
        raise Bad(f"{brief(text)!r} is no duration") from None
    if len(numbers) == 2 and unit not in _CLOCKS:
        raise Bad(
            f"{brief(text)!r} may be hours and minutes or minutes and seconds; say unit = 'h:mm' or 'mm:ss' in a map"
        )
    if len(numbers) == 2:
        numbers = [0.0, *numbers] if unit == "mm:ss" else [*numbers, 0.0]
    if len(numbers) != 3 or not all(0 <= part < 60 for part in numbers[1:]) or numbers[0] < 0:
        raise Bad(f"{brief(text)!r} is no duration")
    return numbers[0] * 3600 + numbers[1] * 60 + numbers[2]


def day_of(text: str, style: Style) -> date:
    """A local date: written as one, or the day of an instant in its own offset (with ``Z``: in the home zone)."""
    if style.date_format is not None:
        try:
            return datetime.strptime(text, style.date_format).date()
        except ValueError:
            raise Bad(f"{brief(text)!r} is no date of the form {style.date_format}") from None
    moment = instants.moment_of(text)
    if moment is None:
        raise Bad(f"{brief(text)!r} is no date of the form 2026-05-04; a column map can name another (date_format)")
    if moment.tzinfo is None:
        return moment.date()
    if moment.utcoffset() == timedelta():
        return units.local_date(moment, None, style.time_zone or style.home_time_zone)
    return moment.date()


def instant_of(text: str, style: Style, note: Callable[[str], None], *, utc: bool) -> datetime:
    """A time with its zone: its own; UTC where the column's name says so; else that of the map or of home."""
    moment: datetime | None
    if style.date_format is not None:
        try:
            moment = datetime.strptime(text, style.date_format)
        except ValueError:
            raise Bad(f"{brief(text)!r} is no time of the form {style.date_format}") from None
    else:
        moment = instants.moment_of(text)
    if moment is None:
        raise Bad(
            f"{brief(text)!r} is no time of the form 2026-05-04T06:30:00; a column map can name another (date_format)"
        )
    if moment.tzinfo is not None:
        return moment
    if utc:
        return moment.replace(tzinfo=UTC)
    if style.time_zone is None:
        note(instants.assumed(style.home_time_zone))
    local = instants.localised(moment, style.time_zone or style.home_time_zone)
    if instants.happens_twice(local):
        note(f"the clock showed {brief(text)} twice that night; the first was taken")
    return local


def row_of(
    rules: tuple[Rule, ...], filled: Mapping[str, str], style: Style, line: int, faults: Faults
) -> dict[str, Any] | None:
    """One line as a row of our table; what cannot be is a fault with line and column, the rest is kept.

    None when it was the key that could not be read; that is noted too.
    """
    row: dict[str, Any] = {}
    for rule in rules:
        text = filled.get(rule.header)
        if text is None:
            continue
        try:
            value = convert(rule, text, style, faults.once)
        except Bad as why:
            lost = "line" if rule.column.key else "value"
            faults.add(f"line {line}, {brief(rule.header)}", f"{why}; that {lost} was left out")
            if rule.column.key:
                return None
            continue
        if value is None:
            continue
        if isinstance(value, datetime):
            if rule.target in ("start_utc", "start_local", "woke_local", "woke_utc") and value.tzinfo is not UTC:
                row.setdefault("utc_offset_s", instants.offset_of(value))
            value = value.astimezone(UTC)
        row[_LOCAL.get(rule.target, rule.target)] = value
    return row
