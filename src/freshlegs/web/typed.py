"""What is typed into a form, read in the units the form showed; what cannot be is refused in plain words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from freshlegs import tables, units, values
from freshlegs.problems import WrongRequest
from freshlegs.tables import Column
from freshlegs.web.show import Show
from freshlegs.web.texts import text as words_of

CM_PER_INCH: Final = units.METRES_PER_FOOT * 100 / 12

_N: Final = r"(\d+(?:[.,]\d+)?)"
_INCH: Final = r"(?:in|inch|inches|\"|”|″|''|’’)"
CENTIMETRES: Final = re.compile(rf"{_N} *cm")
METRES: Final = re.compile(rf"{_N} *m")
INCHES: Final = re.compile(rf"{_N} *{_INCH}\.?")
FEET: Final = re.compile(rf"(\d+) *(?:ft|feet|foot|'|’|′)\.? *(?:{_N} *{_INCH}?\.?)?")
FEET_BARE: Final = re.compile(rf"(\d+)[ -]+{_N}")
"""A height as people write it: 170 cm, 1.70 m, 67 in, 5 ft 7 in, 5'7"; and 5 7 where heights are read in feet."""

DISTANCE: Final = re.compile(rf"{_N} *(km|mi|miles)?")
CLOCK: Final = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2})")
SPOKEN: Final = re.compile(
    r"(?:(\d{1,3}) *(?:h|hour|hours))? *(?:(\d{1,4}) *(?:m|min|minute|minutes))? *(?:(\d{1,5}) *(?:s|sec|seconds))?"
)
WEIGHT: Final = re.compile(rf"{_N} *(kg|lb|lbs|pounds)?")


@dataclass(frozen=True, slots=True)
class Reading:
    """What was made of a form: the values it changes, and of each field that cannot be, the sentence why."""

    given: dict[str, Any] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def form_show(form: Mapping[str, Any], show: Show) -> Show:
    """How a form showed its values: its tab may have been opened before the units were changed in another."""
    units_shown = form.get("shown_units")
    return Show(units_shown, show.today) if units_shown in ("metric", "imperial") else show


def read(
    form: Mapping[str, Any],
    columns: Sequence[Column],
    now: Mapping[str, str],
    names: Mapping[str, str],
    show: Show,
) -> Reading:
    """The fields that somebody changed in a form, and nothing else of it.

    A field is changed when it holds something other than the form showed (its ``was.`` field), whatever has become of
    it in another tab meanwhile; without such a field, other than it holds ``now``.
    """
    found = Reading()
    for column in columns:
        key = column.name
        if key not in form or str(form[key]).strip() == shown_in(form, key, now):
            continue
        try:
            found.given[key] = value(column, str(form[key]), show, names[key], show.today)
        except WrongRequest as error:
            found.refused[key] = in_words(str(error), names)
    return found


def shown_in(form: Mapping[str, Any], key: str, now: Mapping[str, str]) -> str:
    """What a form showed in a field before anything was typed into it."""
    return str(form.get(f"was.{key}", now.get(key, ""))).strip()


def in_words(sentence: str, names: Mapping[str, str]) -> str:
    """A sentence of the diary with the names of its keys in plain words.

    >>> in_words("hr_rest_bpm (190) must be lower than hr_max_bpm (185)",
    ...          {"hr_rest_bpm": "Resting heart rate", "hr_max_bpm": "Highest heart rate"})
    'Resting heart rate (190) must be lower than highest heart rate (185)'
    """
    for key, name in names.items():
        place = sentence.find(key)
        if place >= 0:
            sentence = sentence.replace(key, name if place == 0 else f"{name[:1].lower()}{name[1:]}")
    return sentence


def value(column: Column, typed: str, show: Show, what: str, today: date) -> Any:
    """One field of a form as the diary keeps it, None for an empty one; ``what`` is its name in plain words."""
    typed = typed.strip()
    if not typed:
        return None
    if column.dtype != tables.NUMBER:
        return values.value(column, typed, today)
    found = _number(column, typed, show)
    if found is None and column.name.endswith("_mps"):
        raise WrongRequest(words_of("typed.pace", unit="km" if show.is_metric else "mi"))
    if found is None:
        raise WrongRequest(words_of("typed.number", what=what, typed=typed))
    if column.refuse(found) is not None:
        raise WrongRequest(_beyond(column, typed, show, what))
    return found


def _number(column: Column, typed: str, show: Show) -> float | None:
    """A number in the diary's unit; None for what is none."""
    if column.name == "height_cm":
        return height_cm(typed, show)
    if column.name == "weight_kg":
        return weight_kg(typed, show)
    if column.name == "moving_s":
        return seconds(typed)
    if column.name == "distance_m":
        return metres(typed, show)
    if column.name.endswith("_mps") and not show.is_metric and typed[-1].isdigit():
        typed = f"{typed} /mi"
    plain = Column(column.name, tables.NUMBER, column.meaning)  # without its range, which is told in the form's units
    try:
        return float(values.value(plain, typed, date.min))
    except WrongRequest:
        return None


def height_cm(typed: str, show: Show) -> float:
    """A height in centimetres; WrongRequest for one that could be read in two ways.

    >>> height_cm("170", Show()), height_cm("5'7", Show("imperial")), height_cm("170 cm", Show("imperial"))
    (170.0, 170.2, 170.0)
    >>> height_cm("67", Show("imperial"))
    Traceback (most recent call last):
    freshlegs.problems.WrongRequest: write a height as 5 ft 7 in, 67 in or 170 cm
    """
    plain = typed.strip().lower()
    if found := CENTIMETRES.fullmatch(plain) or (re.fullmatch(_N, plain) if show.is_metric else None):
        return _float(found[1])
    if found := METRES.fullmatch(plain):
        return round(_float(found[1]) * 100, 1)
    if found := INCHES.fullmatch(plain):
        return round(_float(found[1]) * CM_PER_INCH, 1)
    found = FEET.fullmatch(plain) or (None if show.is_metric else FEET_BARE.fullmatch(plain))
    if found is None:
        raise WrongRequest(words_of("typed.height" if show.is_metric else "typed.height_feet"))
    inches = _float(found[2] or "0")
    if inches >= 12:
        raise WrongRequest(words_of("typed.inches"))
    return round((int(found[1]) * 12 + inches) * CM_PER_INCH, 1)


def weight_kg(typed: str, show: Show) -> float | None:
    """A weight in kilograms, of pounds where the form shows pounds or they are written; None for no number.

    >>> weight_kg("68,3", Show()), weight_kg("260", Show("imperial")), weight_kg("70 kg", Show("imperial"))
    (68.3, 117.934, 70.0)
    """
    found = WEIGHT.fullmatch(typed.strip().lower())
    if found is None:
        return None
    in_kg = show.is_metric if found[2] is None else found[2] == "kg"
    return _float(found[1]) if in_kg else round(_float(found[1]) * units.KG_PER_POUND, 3)


def metres(typed: str, show: Show) -> float | None:
    """A distance in metres, of kilometres or miles as the form shows, or as it is written; None for no number.

    >>> metres("12,5", Show()), metres("10 mi", Show()), metres("10", Show("imperial"))
    (12500.0, 16093.44, 16093.44)
    """
    found = DISTANCE.fullmatch(typed.strip().lower())
    if found is None:
        return None
    in_km = show.is_metric if found[2] is None else found[2] == "km"
    return _float(found[1]) * (1000.0 if in_km else 1000.0 * units.KM_PER_MILE)


def seconds(typed: str) -> float:
    """A time in seconds; WrongRequest for a bare number, which could be minutes or seconds.

    >>> seconds("45:00"), seconds("0:45:00"), seconds("45 min"), seconds("1 h 5 min"), seconds("1h")
    (2700.0, 2700.0, 2700.0, 3900.0, 3600.0)
    """
    plain = typed.strip().lower()
    clock, spoken = CLOCK.fullmatch(plain), SPOKEN.fullmatch(plain)
    if clock is not None:
        hours, minutes, rest = (int(part or 0) for part in clock.groups())
        if rest < 60 and (minutes < 60 or clock[1] is None):
            return 3600.0 * hours + 60.0 * minutes + rest
    elif spoken is not None and any(spoken.groups()):
        hours, minutes, rest = (int(part or 0) for part in spoken.groups())
        return 3600.0 * hours + 60.0 * minutes + rest
    raise WrongRequest(words_of("typed.time"))


def _float(digits: str) -> float:
    return float(digits.replace(",", "."))


def _beyond(column: Column, typed: str, show: Show, what: str) -> str:
    """The sentence for a value out of its range, the range in the units of the form."""
    low, high = (None if end is None else _with_unit(column.name, end, show) for end in (column.low, column.high))
    if low is None or high is None:
        return words_of("typed.least" if high is None else "typed.most", what=what, end=low or high, typed=typed)
    return words_of("typed.between", what=what, low=low, high=high, typed=typed)


def _with_unit(key: str, end: float, show: Show) -> str:
    return f"{written(key, end, show)} {unit_of(key, show)}".strip()


def unit_of(key: str, show: Show) -> str:
    """The unit a key is typed in; nothing where the value says it itself.

    >>> unit_of("hr_max_bpm", Show()), unit_of("height_cm", Show("imperial")), unit_of("threshold_mps", Show())
    ('bpm', '', '')
    """
    if key == "weight_kg":
        return "kg" if show.is_metric else "lb"
    if key == "height_cm":
        return "cm" if show.is_metric else ""
    if key == "distance_m":
        return "km" if show.is_metric else "mi"
    return "bpm" if key.endswith("_bpm") else "h" if key.endswith("_h") else ""


def written(key: str, value: Any, show: Show) -> str:
    """A value as a form shows it, in the runner's units.

    >>> written("weight_kg", 68.2657, Show()), written("weight_kg", 68.2657, Show("imperial"))
    ('68.3', '150.5')
    >>> written("height_cm", 170.0, Show("imperial")), written("threshold_mps", 1000 / 270, Show())
    ('5 ft 7 in', '4:30 /km')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if key.endswith("_mps"):
        return show.pace(value)
    if key == "height_cm" and not show.is_metric:
        feet, inches = divmod(round(value / CM_PER_INCH), 12)
        return f"{feet} ft {inches} in"
    if key == "weight_kg":
        return f"{round(value if show.is_metric else value / units.KG_PER_POUND, 1):g}"
    if key == "distance_m":
        return f"{value / (1000.0 if show.is_metric else 1000.0 * units.KM_PER_MILE):.2f}"
    if key == "moving_s":
        whole = round(value)
        return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    if isinstance(value, (int, float)):
        return f"{value:.0f}" if key.endswith("_bpm") else f"{value:.4g}"
    return str(value)
