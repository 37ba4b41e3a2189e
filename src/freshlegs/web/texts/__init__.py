"""The words of the pages, one catalogue a language: ``en.toml``, a section a page.

A translation would be another file with the same keys; there is none yet.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any


@cache
def catalogue(language: str = "en") -> Mapping[str, str]:
    """Every text by its dotted key, such as ``today.next_question``."""
    text = resources.files(__package__).joinpath(f"{language}.toml").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    _gather(tomllib.loads(text), "", found)
    return found


def _gather(table: Mapping[str, Any], prefix: str, found: dict[str, str]) -> None:
    for key, value in table.items():
        if isinstance(value, Mapping):
            _gather(value, f"{prefix}{key}.", found)
        else:
            found[f"{prefix}{key}"] = str(value)


def text(key: str, **values: Any) -> str:
    """A text of the catalogue with its values put in; KeyError for a key that is not there.

    >>> text("frame.brand")
    'Freshlegs'
    """
    found = catalogue()[key]
    return found.format(**values) if values else found
