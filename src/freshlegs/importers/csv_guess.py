"""A column map guessed for a table nobody has seen before, from its names and its values, to be shown and corrected."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from freshlegs.importers.column_maps import TARGETS, Bad, Style, number_of
from freshlegs.importers.delimited import Sheet, brief, sheet
from freshlegs.importers.instants import moment_of

SHARED: Final = frozenset({"date", "utc_offset_s", "athlete", "note"})
"""Columns that do not tell which table it is."""

LOOKED_AT: Final = 200
"""So many lines tell what the values look like."""

_ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "date": ("date", "day", "calendardate", "datum", "timestamp"),
    "start_local": ("start", "starttime", "begin", "activitydate", "datetime", "startdate", "beginn"),
    "moving_s": ("movingtime", "duration", "time", "elapsedtime", "durationmin", "dauer", "timemin", "minutes"),
    "distance_m": ("distance", "distancekm", "km", "distanz", "miles", "distancemi"),
    "hr_mean_bpm": ("averageheartrate", "avghr", "averagehr", "avgheartrate", "meanhr"),
    "hr_max_bpm": ("maxheartrate", "maxhr"),
    "climb_m": ("elevationgain", "ascent", "climb", "totalascent"),
    "sport": ("sport", "activitytype", "type"),
    "rpe": ("rpe", "effort", "perceivedexertion"),
    "energy": ("energy", "fatigue", "tiredness", "freshness", "müdigkeit"),
    "soreness": ("soreness", "musclesoreness", "doms"),
    "sleep_quality": ("sleepquality", "qualityofsleep", "schlafqualität"),
    "stress": ("stress", "stresslevel"),
    "mood": ("mood", "stimmung"),
    "wish_to_run": ("motivation", "wishtorun", "desiretotrain"),
    "readiness": ("readiness",),
    "appetite": ("appetite", "appetit"),
    "weight_kg": ("weight", "weightkg", "bodyweight", "gewicht", "weightlb", "weightlbs"),
    "note": ("note", "notes", "comment", "comments", "notiz"),
    "sleep_s": (
        *("sleep", "sleepduration", "hoursslept", "sleephours", "sleeptime", "timeasleep", "sleepdurationh"),
        *("hoursofsleep", "schlaf"),
    ),
    "in_bed_s": ("inbed", "timeinbed"),
    "hr_rest_bpm": ("restinghr", "restingheartrate", "rhr", "restinghrbpm", "ruhepuls"),
    "rmssd_ms": ("rmssd", "hrv", "hrvrmssd"),
    "sdnn_ms": ("sdnn",),
}
"""What others call our columns; letters and digits, small."""

_UNITS: Final = "h|hrs?|hours?|mins?|minutes?|s|secs?|seconds?|bpm|ms|kg|lbs?|km|mi|m"
"""What may stand at the end of a name; the values tell the unit."""

_TURNED: Final = frozenset({"fatigue", "tiredness", "müdigkeit"})
_FORMATS: Final = (
    *("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%Y%m%d", "%d.%m.%y", "%m/%d/%y", "%d/%m/%y"),
    *("%d %b %Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y"),
)
_CLOCKS: Final = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")


@dataclass(slots=True)
class Guess:
    """A map as far as it could be guessed: ``columns`` ours to (theirs, what more is said), and what is unsure."""

    table: str
    columns: dict[str, tuple[str, dict[str, Any]]]
    date_format: str | None = None
    unsure: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    def as_map(self) -> dict[str, Any]:
        """The map as `column_maps` takes it."""
        told = {ours: {"from": theirs, **more} if more else theirs for ours, (theirs, more) in self.columns.items()}
        head = {"table": self.table} | ({"date_format": self.date_format} if self.date_format else {})
        return {**head, "columns": told}

    def as_toml(self) -> str:
        """The map as a file to correct, with what is unsure and what was passed over beside it."""
        lines = [f"# {remark}" for remark in self.unsure]
        lines.append(f"table = {json.dumps(self.table)}")
        if self.date_format:
            lines.append(f"date_format = {json.dumps(self.date_format)}")
        lines += ["", "[columns]                # our name = theirs"]
        for ours, (theirs, more) in self.columns.items():
            told = json.dumps(theirs, ensure_ascii=False)
            rest = "".join(f", {key} = {json.dumps(value)}" for key, value in more.items())
            lines.append(f"{ours} = {{ from = {told}{rest} }}" if more else f"{ours} = {told}")
        if self.others:
            lines.append(f"# passed over: {', '.join(map(brief, self.others))}")
            free = [name for name in TARGETS[self.table] if name not in self.columns and name != "athlete"]
            lines.append(f"# our other names: {', '.join(free)}")
        return "\n".join(lines) + "\n"


def guess(data: bytes) -> Guess | None:
    """The map of a table of these bytes; None when it tells too little, UnreadableFile if it is no table."""
    return guessed(sheet(data))


def guessed(table: Sheet) -> Guess | None:
    """As `guess`, of a table that was split already."""
    found: dict[str, str] = {}
    for theirs in table.header:
        ours = _ours(theirs)
        if ours is not None and ours not in found:
            found[ours] = theirs
    scores = {name: len(found.keys() & columns.keys() - SHARED) for name, columns in TARGETS.items()}
    best = max(scores, key=lambda name: scores[name])
    key = "start_local" if best == "runs" else "date"
    if best == "runs" and key not in found and "date" in found:
        found[key] = found["date"]
    if best != "runs" and key not in found and "start_local" in found:
        found[key] = found["start_local"]
    if not scores[best] or key not in found:
        return None
    out = Guess(best, {})
    names = (key, *(ours for ours in found if ours in TARGETS[best] and ours != key))
    for ours in names:
        out.columns[ours] = (found[ours], {})
    _looked_at(table, out, key)
    out.others = [name for name in table.header if name and name not in {theirs for theirs, _ in out.columns.values()}]
    return out


def _ours(theirs: str) -> str | None:
    plain = re.sub(r"[\W_]", "", theirs.lower())
    bare = re.sub(r"[\W_]", "", re.sub(r"\(.*?\)|\[.*?\]|[\W_](?:" + _UNITS + r")$", "", theirs.lower().strip()))
    return next((ours for ours, aliases in _ALIASES.items() if plain in aliases or bare in aliases), None)


def _looked_at(table: Sheet, out: Guess, key: str) -> None:
    """Add scale, unit and form of the date, as the values show them."""
    for ours, (theirs, more) in out.columns.items():
        place = table.header.index(theirs)
        texts = [row[place].strip() for _, row in table.rows[:LOOKED_AT] if len(row) > place and row[place].strip()]
        if ours == key:
            out.date_format, other = _form(texts)
            if other:
                out.unsure.append(f"the dates fit {out.date_format} and {other}; please check")
            continue
        more |= _told_by(ours, theirs, texts)
        if "scale" in more:
            out.unsure.append(f"{ours}: taken for a scale from {more['scale'][0]} to {more['scale'][1]}; please check")
    if out.table == "checkins":
        out.unsure.append(
            "in Freshlegs 10 is the most: full energy, worst soreness, worst stress; turned = true reverses"
        )


def _form(texts: Sequence[str]) -> tuple[str | None, str | None]:
    """The form of most of these dates (None for our own), and another one that fits as well."""
    forms = [form + clock for form in _FORMATS for clock in _CLOCKS]
    of = {form: sum(_is(text, form) for text in texts) for form in forms}
    most = max(of.values())
    if 2 * most <= len(texts) or sum(moment_of(text) is not None for text in texts) >= most:
        return None, None
    fits = [form for form in forms if of[form] == most]
    return fits[0], (fits[1] if len(fits) > 1 else None)


def _is(text: str, form: str) -> bool:
    with suppress(ValueError):
        datetime.strptime(text, form)
        return True
    return False


def _told_by(ours: str, theirs: str, texts: Sequence[str]) -> dict[str, Any]:
    """What the values, and a unit in the name, say of a column of numbers."""
    column = next(columns[ours] for columns in TARGETS.values() if ours in columns)
    if column.unit == "s" and any(":" in text for text in texts):
        long = max((text.count(":") for text in texts), default=0) > 1
        first = max((int(text.split(":")[0]) for text in texts if text.split(":")[0].isdigit()), default=0)
        return {} if long else {"unit": "mm:ss" if ours == "moving_s" and first > 12 else "h:mm"}
    numbers = []
    for text in texts:
        with suppress(Bad):
            numbers.append(number_of(text, Style()))
    if not numbers:
        return {}
    low, high, name = min(numbers), max(numbers), theirs.lower()
    if column.unit == "s":
        return {"unit": "h" if high <= 24 else "min"} if high < 1500 else {}
    if column.unit == "m" and ours == "distance_m" and high < 500:
        return {"unit": "mi" if re.search(r"\bmi(les?)?\b|_mi", name) else "km"}
    if column.unit == "kg":
        return {"unit": "lb"} if re.search(r"lbs?\b", name) or low > 130 else {}
    if column.high != 10:
        return {}
    told: dict[str, Any] = {}
    if low >= 1 and high <= 7 and all(value == round(value) for value in numbers):
        told["scale"] = [1, 5 if high <= 5 else 7]
    elif high > 10:
        told["scale"] = [0, 100]
    if ours == "energy" and re.sub(r"[\W_]", "", name) in _TURNED:
        told["turned"] = True
    return told
