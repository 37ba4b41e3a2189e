"""Days into baselines, signs, evidence, state, causes and verdict: pure, no clock, no files."""

from __future__ import annotations

from freshlegs.fatigue.assessing import assess
from freshlegs.fatigue.assessment import Assessment, evaluate
from freshlegs.fatigue.carry import assess_from
from freshlegs.fatigue.chain import posterior
from freshlegs.fatigue.explaining import explain
from freshlegs.fatigue.forecasting import forecast
from freshlegs.fatigue.longview import long_view
from freshlegs.fatigue.verdict import document, documents

__all__ = [
    "Assessment",
    "assess",
    "assess_from",
    "document",
    "documents",
    "evaluate",
    "explain",
    "forecast",
    "long_view",
    "posterior",
]
