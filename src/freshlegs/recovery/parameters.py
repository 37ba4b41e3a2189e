"""The numbers of the advice that judge what happened, read from the one table that holds them (``parameters.toml``)."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from freshlegs.fatigue.parameters import Numbers

PARAMETERS: Final = Numbers(files("freshlegs.recovery").joinpath("parameters.toml").read_text("utf-8"))
