"""The numbers of the advice that judge what happened, read from the one table that holds them (``parameters.toml``)."""

from __future__ import annotations

from typing import Final

from freshlegs.numbers import Numbers

PARAMETERS: Final = Numbers.beside("freshlegs.recovery")
