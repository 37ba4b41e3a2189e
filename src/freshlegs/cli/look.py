"""The house's look as the terminal has it: the shared table, and what to print where a character cannot be shown."""

from __future__ import annotations

from typing import Final

from freshlegs.look import ALARM, CALM, QUIET, SHORT, STATES, Look, look

__all__ = ["ALARM", "ASCII", "CALM", "QUIET", "SHORT", "STATES", "Look", "look"]

ASCII: Final[dict[str, str]] = {
    "▒": "?",
    "○": "o",
    "◐": "-",
    "△": "!",
    "▲": "X",
    "◆": "#",
    "█": "#",
    "░": ".",
    "▪": "*",
    "·": "|",
    "–": "-",
    "—": "-",
    "−": "-",
    "…": "...",
    "→": "->",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "°": " deg ",
    "±": "+/-",
    "×": "x",
    "≥": ">=",
    "≤": "<=",
    "²": "2",
    "ä": "ae",
    "ö": "oe",
    "ü": "ue",
    "ß": "ss",
    "━": "-",
    "─": "-",
    "╸": "-",
    "╺": "-",
    "│": "|",
    "•": "*",
    "›": ">",
    "\u00a0": " ",
    "\u202f": " ",
}
"""What to print where the terminal cannot show a character."""
