"""Changes that keep a file's shape: one value of a JSON, a table or an XML becomes an odd one.

Random bytes hardly ever get past a parser of text; these do, so that what stands behind it is reached.
"""

from __future__ import annotations

import json
import random
import re
from typing import Any

NUMBERS: tuple[Any, ...] = (
    *(0, -1, 1, 255, 65_535, 2**31, 2**53 + 1, -(2**63), 10**25, 10**400),
    *(0.5, -0.0, 1e-320, 1e300, -1e300, float("nan"), float("inf"), float("-inf")),
)
TEXTS = (
    *("", " ", "0", "-1", "NaN", "inf", "1e999", "1,5", "1_000", "٣", "0x10", "true", "null", "--"),
    *("2026-05-04", "0000-00-00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "2026-02-30", "24:00", "-1:60"),
    *(
        "2026-05-04T06:00:00.0",
        "12/31/99 11:59:59 PM",
        "Running",
        "run\nning",
        "\x1b[2J",
        "\u202e",
        "a" * 5_000,
        "\ud800",
    ),
)
WHOLES: tuple[Any, ...] = (None, True, False, [], {}, [[]], [{}], {"": None}, [1, "a", None], {"a": {"a": {"a": []}}})

_VALUE = re.compile(r'(?<=>)[^<>]+(?=<)|(?<=")[^"<>]*(?=")')


def mutate(data: bytes, dice: random.Random) -> bytes | None:
    """The same file with one to three values changed; None when its shape is not known."""
    head = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    for _ in range(dice.randint(1, 3)):
        if head[:1] in (b"[", b"{"):
            changed = _json(text, dice)
        elif head[:1] == b"<":
            changed = _xml(text, dice)
        else:
            changed = _table(text, dice) if "\0" not in text else None
        if changed is None:
            return None
        text = changed
    return text.encode("utf-8", "surrogatepass")


def _odd(dice: random.Random) -> Any:
    return dice.choice(dice.choice((NUMBERS, TEXTS, WHOLES)))


def _written(dice: random.Random) -> str:
    return str(dice.choice(dice.choice((NUMBERS[:9] + NUMBERS[10:], TEXTS))))


def _json(text: str, dice: random.Random) -> str | None:
    """One value replaced, taken out, doubled, or put under another's name."""
    try:
        document = json.loads(text)
        places = [place for place in _places(document) if isinstance(place, (dict, list)) and place]
        if not places:
            return None
        within = dice.choice(places)
        key = dice.choice(list(within) if isinstance(within, dict) else range(len(within)))
        change = dice.randrange(5)
        if change == 0:
            del within[key]
        elif change == 1 and isinstance(within, list):
            within.append(within[key])
        elif change == 2 and isinstance(within, dict):
            within[dice.choice(list(within))] = within[key]
        else:
            within[key] = _odd(dice)
        return json.dumps(document)
    except (ValueError, RecursionError):
        return None


def _places(value: Any, depth: int = 0) -> list[Any]:
    """Every container, the outer ones first."""
    if depth > 30 or not isinstance(value, (dict, list)):
        return []
    inner = value.values() if isinstance(value, dict) else value
    return [value, *(found for one in inner for found in _places(one, depth + 1))]


def _xml(text: str, dice: random.Random) -> str | None:
    """One text or attribute replaced, or a piece between two tags doubled or taken out."""
    values = [found.span() for found in _VALUE.finditer(text)]
    tags = [found.start() for found in re.finditer("<", text)]
    if not values or len(tags) < 2:
        return None
    if dice.random() < 0.7:
        start, end = dice.choice(values)
        return text[:start] + _written(dice) + text[end:]
    start, end = sorted(dice.sample(tags, 2))
    return text[:start] + (text[start:end] * 2 if dice.random() < 0.5 else "") + text[end:]


def _table(text: str, dice: random.Random) -> str | None:
    """One cell replaced, or a line doubled, cut or taken out."""
    lines = text.split("\n")
    at = dice.randrange(len(lines))
    change = dice.randrange(6)
    if change == 0:
        del lines[at]
    elif change == 1:
        lines.insert(at, lines[at])
    elif change == 2:
        lines[at] = lines[at][: dice.randrange(len(lines[at]) + 1)]
    else:
        delimiter = next((one for one in (";", "\t", ",") if one in lines[at]), ",")
        cells = lines[at].split(delimiter)
        cells[dice.randrange(len(cells))] = _written(dice)
        lines[at] = delimiter.join(cells)
    return "\n".join(lines)


def scatter(data: bytes, dice: random.Random) -> bytes:
    """The same file with a few bytes changed, put in or taken out, or cut off."""
    changed = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(changed) + 1)
        what = dice.randrange(8)
        if what == 0:
            del changed[at:]
        elif what < 4:
            changed[at : at + 1] = bytes([dice.choice((0, 1, 127, 128, 255))])
        else:
            changed[at : at + dice.randint(0, 8)] = dice.randbytes(dice.randint(0, 8))
    return bytes(changed)
