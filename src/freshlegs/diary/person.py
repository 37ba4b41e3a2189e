"""What is known of a runner: entered by hand, found in a file, or worked out from runs and nights."""

from __future__ import annotations

from typing import Any

from freshlegs import tables
from freshlegs.diary.known import Known
from freshlegs.tables import Row


def described(known: Known) -> dict[str, Row]:
    """Each profile key that has a value: ``value``, ``basis``, ``how``.

    ``basis`` is measured, estimated or assumed for what loads and zones hang on (`metrics.anchors`), else entered.
    """
    from freshlegs.metrics.anchors import estimate

    anchors = estimate(known.bare_runs, known.facts, known.profile, known.nights)
    found: dict[str, Row] = {}
    for key in tables.PROFILE.names:
        anchor: Any = getattr(anchors, key, None)
        if anchor is not None and anchor.value is not None:
            found[key] = Row(value=anchor.value, basis=anchor.basis, how=anchor.how)
        elif key in known.profile:
            found[key] = Row(value=known.profile[key], basis="entered", how="entered by hand or found in a file")
    return found
