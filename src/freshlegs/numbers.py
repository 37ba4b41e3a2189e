"""A table of numbers, each with how well it is founded and where it comes from, as a ``.toml`` beside its code."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, Self

LABELS: Final = ("V", "R", "E", "C")
"""Checked against the paper, recalled, expert judgement or engineering choice, computed."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number: its dotted name, value, evidence label and source."""

    name: str
    value: Any
    label: str
    source: str


def _leaves(tree: Mapping[str, Any], prefix: str = "") -> Iterator[Parameter]:
    for key, entry in tree.items():
        name = f"{prefix}{key}"
        if "value" in entry:
            yield Parameter(name, entry["value"], entry["label"], entry["source"])
        else:
            yield from _leaves(entry, f"{name}.")


class Numbers:
    """A table of numbers, by dotted name."""

    def __init__(self, text: str) -> None:
        self.table: Mapping[str, Parameter] = MappingProxyType({p.name: p for p in _leaves(tomllib.loads(text))})
        self.hash = hashlib.sha256(text.encode()).hexdigest()[:16]

    @classmethod
    def beside(cls, package: str, file: str = "parameters.toml") -> Self:
        """The table of that file in a package."""
        return cls(files(package).joinpath(file).read_text("utf-8"))

    def __getitem__(self, name: str) -> Any:
        return self.table[name].value

    def number(self, name: str) -> float:
        """The value as a float."""
        return float(self.table[name].value)

    def whole(self, name: str) -> int:
        """The value as an integer."""
        return int(self.table[name].value)

    def section(self, name: str) -> dict[str, float]:
        """The numbers of one section, by their own names."""
        stem = f"{name}."
        return {key.removeprefix(stem): self.number(key) for key in self.table if key.startswith(stem)}
