"""Any CSV: by our own column names without a map, else by a column map.

A table whose header already has our names needs no map: ``date`` with check-in items is read as check-ins, ``date``
with columns of `tables.NIGHTS` as nights (a table may be both), ``start_utc`` or ``start_local`` as runs. Lists
stand in one cell (``same_times;dark_room``), yes and no are ``true`` and ``false``, dates and times are ISO 8601.

For any other header a map in TOML says what the columns mean (``freshlegs import --map map.toml FILE``; it is
remembered)::

    table = "checkins"            # checkins, nights or runs
    file = "wellness*.csv"        # only files of this name; may be left out
    delimiter = ";"               # found out when left out, like decimal
    decimal = ","
    date_format = "%d.%m.%Y"      # ISO 8601 when left out
    time_zone = "Europe/Oslo"     # of times that name none; the home time zone when left out
    source = "my ring"            # of nights: a baseline never mixes two sources

    [columns]                     # our name = theirs
    date = "Datum"
    energy = { from = "Müdigkeit", scale = [1, 5], turned = true }
    weight_kg = { from = "Gewicht", unit = "lb" }
    ill = { from = "Krank", words = { "nein" = "none", "ja" = "below_neck" } }

``scale`` stretches an answer to 0–10, ``turned`` reverses it, ``unit`` converts (s: ms, min, h, ``h:mm``,
``mm:ss``; m: km, mi, ft; kg: g, lb; ms: s; °C: F), ``words`` gives the value of a word ("" for none). A file may
hold several maps, each under its name (``[spring]``, ``[spring.columns]``). Of several maps that fit a file, the one
that knows most columns counts, one for each table, so that a wide sheet can give check-ins and nights.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from freshlegs.importers import column_maps, sports
from freshlegs.importers.column_maps import TARGETS, ColumnMap, Rule, Style, row_of
from freshlegs.importers.contract import Reading, Source
from freshlegs.importers.csv_guess import SHARED, guessed
from freshlegs.importers.delimited import Faults, Sheet, brief, cells, header_of, looks_like_table, sheet
from freshlegs.problems import UnreadableFile, WrongRequest
from freshlegs.vocabulary import MORNING_ITEMS

KIND: Final = "CSV"
YIELDS: Final = frozenset({"checkins", "nights", "runs"})

_ENOUGH_ANSWERS: Final = 30
_FIVE: Final = frozenset({1.0, 2.0, 3.0, 4.0, 5.0})


def recognise(head: bytes, name: str) -> bool:
    """Whether it is a table of delimited text; whether its columns are known turns out on reading."""
    return bool(_own_tables(header_of(head))) or looks_like_table(head)


def read(source: Source) -> Reading:
    """Rows by the best fitting column map, else by our own names.

    UnreadableFile, with a proposed map, when neither fits, or when no line could be read.
    """
    table = sheet(source.data)
    table, fills = _mapped(table, source) or (table, _own(table.header, source))
    if not fills:
        raise UnreadableFile(_proposal(table))
    _one_athlete(table)
    faults = Faults(source.name)
    reading = Reading(KIND)
    for fill in fills:
        rows = [
            (line, row_of(fill.rules, dict(cells(row, table.header)), fill.style, line, faults))
            for line, row in table.rows
        ]
        setattr(reading, fill.table, _FINISH[fill.table](rows, fill.label, faults))
    _say_unknown(table.header, fills, faults)
    if not fills[0].is_mapped:
        _say_scale(reading.checkins, faults)
    reading.problems = faults.listed()
    if not (reading.checkins or reading.nights or reading.runs):
        first = next((f"; the first fault: {p.where}: {p.message}" for p in reading.problems if p.where), "")
        raise UnreadableFile(f"no line of the table could be read{first}")
    return reading


# --- which columns ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Fill:
    """One table of ours that a file fills: by which rules, and what nights without a source are called."""

    table: str
    rules: tuple[Rule, ...]
    style: Style
    label: str = "csv"
    is_mapped: bool = False


def _mapped(table: Sheet, source: Source) -> tuple[Sheet, list[_Fill]] | None:
    """The file split as its best map says, and for each table the map that knows most columns; None if none fits."""
    try:
        maps = column_maps.parse(source.context.column_maps)
    except WrongRequest as error:
        raise UnreadableFile(str(error)) from error
    best: dict[str, tuple[int, Sheet, ColumnMap]] = {}
    for one in maps:
        split = table if one.delimiter in (None, table.delimiter) else sheet(source.data, one.delimiter)
        known = one.fits(split.header, source.name)
        if known > best.get(one.table, (0,))[0]:
            best[one.table] = known, split, one
    if not best:
        return None
    split = max(best.values(), key=lambda found: found[0])[1]
    home = source.context.home_time_zone
    return split, [
        _Fill(
            one.table,
            one.rules,
            Style(one.decimal, one.date_format, one.time_zone, home),
            one.source or one.name,
            is_mapped=True,
        )
        for _, other, one in best.values()
        if other.delimiter == split.delimiter
    ]


def _plain(name: str) -> str:
    return re.sub(r"[\s-]+", "_", name.strip().lower())


def _own_tables(header: Iterable[str]) -> list[str]:
    """The tables that a header in our own names fills."""
    names = {_plain(name) for name in header}
    if names & {"start_utc", "start_local"}:
        return ["runs"]
    if "date" not in names:
        return []
    if {"fell_asleep_min", "performance_ln"} <= names:
        return [
            "checkins"
        ]  # our own table of days: whose nights they were it does not say, and the nights have a table
    return [name for name in ("checkins", "nights") if names & TARGETS[name].keys() - SHARED - {"source"}]


def _own(header: tuple[str, ...], source: Source) -> list[_Fill]:
    names = {_plain(name): name for name in header}
    style = Style(home_time_zone=source.context.home_time_zone)
    return [
        _Fill(
            table,
            tuple(Rule(ours, TARGETS[table][ours], name) for ours, name in names.items() if ours in TARGETS[table]),
            style,
        )
        for table in _own_tables(header)
    ]


def _proposal(table: Sheet) -> str:
    """A refusal that shows the map that would fit, as far as it can be guessed."""
    shown = ", ".join(map(brief, table.header[:8])) + (" …" if len(table.header) > 8 else "")
    guess = guessed(table)
    if guess is None:
        return f"its columns ({shown}) are not known; a column map says what they mean, see docs/how-to/csv.md"
    pairs = ", ".join(f'{ours} = "{brief(theirs)}"' for ours, (theirs, _) in guess.columns.items())
    return (
        f'its columns ({shown}) are not known; give a column map, perhaps with table = "{guess.table}" and {pairs}'
        " (freshlegs import --guess FILE writes it down for you to correct; see docs/how-to/csv.md)"
    )


def _one_athlete(table: Sheet) -> None:
    column = next((at for at, name in enumerate(table.header) if _plain(name) == "athlete"), None)
    if column is not None and len({row[column].strip() for _, row in table.rows if len(row) > column}) > 1:
        raise UnreadableFile("the table holds several athletes; a diary is one runner's, so split it by athlete first")


# --- rows -------------------------------------------------------------------------------------------------


def _checkins(rows: _Rows, label: str, faults: Faults) -> list[dict[str, Any]]:
    """One row a day; of several answers of a day the last counts."""
    days: dict[Any, dict[str, Any]] = {}
    for line, row in rows:
        if row is None:
            continue  # said already
        if row.get("date") is None:
            faults.add(f"line {line}", "it has no date, so the line was left out")
        elif len(row) > 1:
            days.setdefault(row["date"], {}).update(row)
    return list(days.values())


def _nights(rows: _Rows, label: str, faults: Faults) -> list[dict[str, Any]]:
    """One row a day and source; a night without one belongs to the map's, or to ``csv``."""
    nights: dict[Any, dict[str, Any]] = {}
    for line, row in rows:
        if row is None:
            continue  # said already
        if row.get("date") is None:
            faults.add(f"line {line}", "it has no date, so the line was left out")
        elif row.keys() - {"date", "source"}:
            row.setdefault("source", label)
            if "rmssd_ms" in row:
                row.setdefault("hrv_source", row["source"])
            nights.setdefault((row["date"], row["source"]), {}).update(row)
    return list(nights.values())


def _runs(rows: _Rows, label: str, faults: Faults) -> list[dict[str, Any]]:
    """One row a session; one duration stands for both, a session without a sport is a run."""
    runs = []
    for line, row in rows:
        if row is None:
            continue  # said already
        if row.get("start_utc") is None:
            faults.add(f"line {line}", "it has no start, so the line was left out")
            continue
        moving, elapsed = row.get("moving_s"), row.get("elapsed_s")
        if moving is not None or elapsed is not None:
            row["moving_s"] = moving if moving is not None else elapsed
            row["elapsed_s"] = elapsed if elapsed is not None else moving
        sport = sports.sport_of(row.get("sport"))
        if sport is None:
            faults.once("some lines name no sport; they were taken for runs")
        row["sport"] = sport or "running"
        runs.append(row)
    return runs


_Rows = list[tuple[int, dict[str, Any] | None]]

_FINISH: Final[Mapping[str, Callable[[_Rows, str, Faults], list[dict[str, Any]]]]] = {
    "checkins": _checkins,
    "nights": _nights,
    "runs": _runs,
}


# --- what to say ------------------------------------------------------------------------------------------


def _say_unknown(header: Iterable[str], fills: Iterable[_Fill], faults: Faults) -> None:
    used = {rule.header for fill in fills for rule in fill.rules}
    unknown = [name for name in header if name and name not in used and _plain(name) != "athlete"]
    if unknown:
        shown = ", ".join(map(brief, unknown[:8])) + (" …" if len(unknown) > 8 else "")
        faults.once(f"columns passed over because they are not known: {shown}")


def _say_scale(checkins: list[dict[str, Any]], faults: Faults) -> None:
    """Warn when all answers are whole numbers from 1 to 5, as on another scale than ours."""
    answers = [row[item] for row in checkins for item in MORNING_ITEMS if row.get(item) is not None]
    if len(answers) >= _ENOUGH_ANSWERS and all(answer in _FIVE for answer in answers):
        faults.once(
            "all answers are whole numbers from 1 to 5; they were read on the scale from 0 to 10; if theirs is"
            " 1 to 5, give a column map with scale = [1, 5]"
        )
