"""What is known of a runner: entered by hand, found in a file, or worked out from runs and nights."""

from __future__ import annotations

import math
from datetime import date

from freshlegs import tables
from freshlegs.diary.known import Known
from freshlegs.tables import Row


def described(known: Known, on: date) -> dict[str, Row]:
    """Each profile key that has a value on that day: ``value``, ``basis``, ``how``.

    ``basis`` is measured, estimated or assumed for what loads and zones hang on (`metrics.anchors`; two of them,
    ``hr_easy_bpm`` and ``critical_mps``, cannot be entered), else entered.
    """
    from freshlegs.metrics.anchors import estimate

    entered = {
        key: Row(value=value, basis="entered", how="You entered it, or a file held it.")
        for key, value in known.profile.items()
    }
    anchors = {
        key: Row(value=anchor.value, basis=anchor.basis, how=anchor.how)
        for key, anchor in estimate(known.bare_runs, known.facts, known.profile, known.nights, on=on).items()
        if math.isfinite(anchor.value)
    }
    found = entered | anchors
    order = (*tables.PROFILE.names, *found)
    return {key: found[key] for key in dict.fromkeys(order) if key in found}
