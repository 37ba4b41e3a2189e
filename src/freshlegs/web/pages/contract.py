"""What a page says of itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """A page: ``name`` (of its template, its texts and its icon), ``path``, and whether a phone's bar shows it."""

    name: str
    path: str
    in_bar: bool = False
