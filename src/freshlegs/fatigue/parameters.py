"""The fatigue model's numbers, read from the one table that holds them (``parameters.toml``)."""

from __future__ import annotations

import hashlib
import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from freshlegs import vocabulary as v

LABELS: Final = ("V", "R", "E", "C")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number of the model: its dotted name, value, evidence label and source."""

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
    """A table of numbers, each with its label and source, by dotted name."""

    def __init__(self, text: str) -> None:
        self.table: Mapping[str, Parameter] = MappingProxyType({p.name: p for p in _leaves(tomllib.loads(text))})
        self.hash = hashlib.sha256(text.encode()).hexdigest()[:16]

    def __getitem__(self, name: str) -> Any:
        return self.table[name].value

    def number(self, name: str) -> float:
        """The value as a float."""
        return float(self.table[name].value)

    def whole(self, name: str) -> int:
        """The value as an integer."""
        return int(self.table[name].value)


class Parameters(Numbers):
    """The model's table; the chain's numbers as attributes too.

    >>> PARAMETERS.number("chain.neg")
    0.4
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.emissions: npt.NDArray[np.float64] = np.array([self[f"emissions.{s}"] for s in v.SIGNS], dtype=np.float64)
        self.emissions.setflags(write=False)
        self.neg = self.number("chain.neg")
        self.omega = self.number("chain.omega")
        self.cap = math.log(self.number("chain.cap_ratio"))
        self.window = self.number("chain.window")
        self.start: tuple[float, ...] = tuple(float(x) for x in self["chain.start"])
        self.gate_d = self.whole("chain.gate_d")
        self.gate_threshold = self.number("chain.gate_threshold")
        self.gate_fall = self.whole("chain.gate_fall")
        self.risk_low = self.number("chain.risk_low")
        self.risk_high = self.number("chain.risk_high")
        stem = "chain.transitions."
        self.transitions: Mapping[str, float] = MappingProxyType(
            {name.removeprefix(stem): float(p.value) for name, p in self.table.items() if name.startswith(stem)}
        )


PARAMETERS: Final = Parameters(files("freshlegs.fatigue").joinpath("parameters.toml").read_text("utf-8"))
