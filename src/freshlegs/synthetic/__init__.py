"""Made runners whose truth is known, seeded and without a clock: for the demo, the tests and the documentation."""

from __future__ import annotations

from freshlegs.synthetic.population import made_days, made_panel
from freshlegs.synthetic.runner import Life, Truth, live
from freshlegs.synthetic.write import made_history, write_demo

__all__ = ["Life", "Truth", "live", "made_days", "made_history", "made_panel", "write_demo"]
