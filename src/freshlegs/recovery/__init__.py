"""From a verdict to red flags, a few dated actions, and a plan that listens. Pure: no clock, no files, no network."""

from __future__ import annotations

from freshlegs.recovery.adapting import Proposal, adapt
from freshlegs.recovery.advice import complete
from freshlegs.recovery.door import Findings, Refusal, evaluate
from freshlegs.recovery.past import Past
from freshlegs.recovery.tracking import Mark
from freshlegs.recovery.way_back import Start, WayBack, began, way_back

__all__ = [
    "Findings",
    "Mark",
    "Past",
    "Proposal",
    "Refusal",
    "Start",
    "WayBack",
    "adapt",
    "began",
    "complete",
    "evaluate",
    "way_back",
]
