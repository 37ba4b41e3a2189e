"""Asking on a terminal, for every command that does."""

from __future__ import annotations

from freshlegs.cli.asking import _can_ask as can_ask
from freshlegs.cli.asking import _choose as choose
from freshlegs.cli.asking import _prompt as prompt

__all__ = ["can_ask", "choose", "prompt"]
