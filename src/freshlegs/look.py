"""How each state looks: a word, a colour and a shape, told apart by colour-blind eyes and in grey.

The one table of the house's colours, for the terminal, the pages, the charts and the report. Plain data: nothing is
imported here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Look:
    """One state: ``word`` for people, ``colour`` as a hexadecimal RGB value, ``shape`` one character.

    ``on_light`` and ``on_dark`` are the same hue, dark or light enough for text on a light and a dark page.
    """

    word: str
    colour: str
    shape: str
    on_light: str
    on_dark: str


STATES: Final[dict[str, Look]] = {
    "insufficient_data": Look("Not enough data", "#8A8A8A", "▒", "#696969", "#9D9D9D"),
    "fresh": Look("Fresh", "#1B9E8F", "○", "#14756A", "#1EB2A1"),
    "cumulative": Look("Normal training fatigue", "#6C86B5", "◐", "#4E699B", "#899EC4"),
    "watch": Look("Watch: normal, but look closer", "#E6A100", "△", "#8A6100", "#E6A100"),
    "excessive": Look("Excessive fatigue", "#E34A24", "▲", "#C03A19", "#EB8066"),
    "possible_overtraining": Look("Possible overtraining: get checked", "#A0529C", "◆", "#984E94", "#C38BC0"),
}

SHORT: Final[dict[str, str]] = {
    "insufficient_data": "not enough data",
    "fresh": "fresh",
    "cumulative": "normal",
    "watch": "watch",
    "excessive": "excessive",
    "possible_overtraining": "overtraining?",
}
"""One or two words a state, for tables."""

PAPER: Final = ("#FBFAF8", "#1E2024")
"""The ground that text of a state stands on: on a light and on a dark screen."""

CALM: Final = "#1B9E8F"
QUIET: Final = "#8A8A8A"
ALARM: Final = "#E34A24"

INKS: Final[dict[str, tuple[str, str]]] = {
    "ground": ("#FFFFFF", "#14191D"),
    "ink": ("#1F2A30", "#E6EBEE"),
    "quiet": ("#5B676E", "#9DABB3"),
    "grid": ("#E3E8EA", "#2B353B"),
    "own": ("#1F4E6B", "#9CCBE6"),
    "second": ("#5B676E", "#9DABB3"),
    "bar": ("#AFBFC9", "#4C616E"),
    "shade0": ("#B9CEDB", "#2F4453"),
    "shade1": ("#94B4C7", "#4F6F84"),
    "shade2": ("#6F97B0", "#7A9DB4"),
    "shade3": ("#3F7192", "#A9C7DA"),
    "shade4": ("#1F4E6B", "#E3F1F8"),
    "ill": ("#8A5A12", "#E0B46A"),
}
"""What is drawn beside the states, on light ground and on dark: of growing weight where they stand in a row."""


def look(state: str) -> Look:
    """The look of a state; an unknown one shows its own name without colour.

    >>> look("fresh").shape
    '○'
    """
    return STATES.get(state, Look(state.replace("_", " "), QUIET, "?", QUIET, QUIET))
