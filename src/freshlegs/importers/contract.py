"""What every importer has in common: recognise by content, read, report.

An importer is a module with

* ``KIND``: its name, as shown to the runner (``"FIT"``),
* ``YIELDS``: what can come out, a frozenset of ``"runs"``, ``"nights"``, ``"checkins"``,
* ``recognise(head, name)``: true if a file that begins with these bytes is of this kind,
* ``read(source)``: the whole file into a `Reading`.

It gets bytes and gives values; it never touches the store, the disk or the clock. A fault that costs part of
a file is a `Problem` in the reading; a fault that costs all of it raises `UnreadableFile`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

from freshlegs.importers.activity import Activity
from freshlegs.problems import Problem

HEAD_BYTES = 4096
"""How much of a file `recognise` gets to see."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the runner told us that a file may lack."""

    home_time_zone: str | None = None
    column_maps: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """Column maps for CSV files, by name; see `freshlegs.importers.csv_map`."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file as it is after unzipping: its name as the runner knows it, and its bytes."""

    name: str
    data: bytes
    context: Context = field(default_factory=Context)


@dataclass(slots=True)
class Reading:
    """What one file became.

    ``activities`` come with samples; ``runs`` are sessions known only by their summary (rows of `tables.RUNS`);
    ``nights`` and ``checkins`` are rows of their tables; ``profile`` holds values found on the way (a weight, a
    birth date). Rows leave out what is not known, and ``athlete``.
    """

    kind: str
    activities: list[Activity] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    nights: list[dict[str, Any]] = field(default_factory=list)
    checkins: list[dict[str, Any]] = field(default_factory=list)
    profile: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


class Importer(Protocol):
    """The shape of an importer module."""

    KIND: str
    YIELDS: frozenset[str]

    def recognise(self, head: bytes, name: str) -> bool:
        """Whether a file that begins with ``head`` is of this kind; ``name`` may help, never decide alone."""
        ...

    def read(self, source: Source) -> Reading:
        """The whole file; UnreadableFile when nothing of it can be had."""
        ...
