"""Made runners whose truth is known, seeded and without a clock: for the demo, the tests and the documentation."""

from __future__ import annotations

from freshlegs.synthetic.runner import Life, Truth, live
from freshlegs.synthetic.write import write_demo

__all__ = ["Life", "Truth", "live", "write_demo"]
