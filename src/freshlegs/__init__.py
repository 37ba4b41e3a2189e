"""Freshlegs tells good tired from bad tired.

The Python API is about a dozen names; everything behind them is loaded when it is first used, so that
``import freshlegs`` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "read_activity": "freshlegs.importers",
    "Activity": "freshlegs.importers.activity",
    "UnreadableFile": "freshlegs.problems",
    "FreshlegsError": "freshlegs.problems",
    "Problem": "freshlegs.problems",
    "Diary": "freshlegs.diary",
    "daily": "freshlegs.metrics.daily",
    "assess": "freshlegs.fatigue",
    "posterior": "freshlegs.fatigue",
    "forecast": "freshlegs.fatigue",
    "adapt": "freshlegs.recovery",
}

__all__ = [
    "Activity",
    "Diary",
    "FreshlegsError",
    "Problem",
    "UnreadableFile",
    "__version__",
    "adapt",
    "assess",
    "charts",
    "daily",
    "forecast",
    "metrics",
    "posterior",
    "read_activity",
]

if TYPE_CHECKING:
    from freshlegs import charts, metrics
    from freshlegs.diary import Diary
    from freshlegs.fatigue import assess, forecast, posterior
    from freshlegs.importers import read_activity
    from freshlegs.importers.activity import Activity
    from freshlegs.metrics.daily import daily
    from freshlegs.problems import FreshlegsError, Problem, UnreadableFile
    from freshlegs.recovery import adapt


def __getattr__(name: str) -> Any:
    if name in ("charts", "metrics"):
        return importlib.import_module(f"freshlegs.{name}")
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'freshlegs' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
