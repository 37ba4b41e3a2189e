"""What to print where the terminal cannot show a character."""

from __future__ import annotations

from typing import Final

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
