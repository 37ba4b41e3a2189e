"""The fatigue model's numbers, read from the one table that holds them (``parameters.toml``)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from freshlegs import vocabulary as v
from freshlegs.numbers import Numbers


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


PARAMETERS: Final = Parameters.beside("freshlegs.fatigue")
