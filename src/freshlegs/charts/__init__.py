"""Charts from frames: one specification for the page, a notebook and a PNG, each with its sentence and its table.

`story`, `nights`, `signs` and `balance` take table `tables.STORY` (`freshlegs.fatigue.long_view`, or `Diary.story`),
`evidence` a verdict, `run` and `track` the samples of one run. `Diary.chart` fetches what they need by itself.
"""

from __future__ import annotations

from freshlegs.charts.balance import balance
from freshlegs.charts.chart import NARROW, WIDE, Chart
from freshlegs.charts.evidence import evidence
from freshlegs.charts.one_run import run, track
from freshlegs.charts.signs import signs
from freshlegs.charts.story import nights, story
from freshlegs.charts.svg import stylesheet

__all__ = [
    "NARROW",
    "WIDE",
    "Chart",
    "balance",
    "evidence",
    "nights",
    "run",
    "signs",
    "story",
    "stylesheet",
    "track",
]
