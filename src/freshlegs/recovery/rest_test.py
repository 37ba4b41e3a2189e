"""The rest test: two easy days, and a question. If the legs are back, it was good tired (science J.6, I.6).

Offered on *watch*, taken up by the runner, followed up on its day. The answer (`vocabulary.REST_TEST`) is one of the
check-in's; it enters the fatigue model as a branch of *slow recovery*, and this file knows nothing of that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from freshlegs.recovery import words
from freshlegs.recovery.parameters import PARAMETERS as P
from freshlegs.recovery.past import Past
from freshlegs.recovery.tracking import Mark
from freshlegs.tables import Row

ACTION: Final = "watch_rest_test"
"""The action that offers it."""

QUESTION: Final = "The two easy days are over: are your legs back? back, partly or not_back"

Status = Literal["offered", "under_way", "due", "answered"]


@dataclass(frozen=True, slots=True)
class RestTest:
    """Where a rest test stands: taken up on ``began``, asked about on ``check_on``, ``outcome`` once answered."""

    status: Status
    began: date | None
    check_on: date
    outcome: str | None = None

    def as_dict(self) -> Row:
        """As it stands in the verdict."""
        asks = f"If your legs are back by {words.full_day(self.check_on)}, it was good tired."
        return Row(
            status=self.status,
            began=None if self.began is None else self.began.isoformat(),
            check_on=self.check_on.isoformat(),
            outcome=self.outcome,
            text=QUESTION if self.status == "due" else asks,
        )


def rest_test(past: Past, marks: Sequence[Mark], day: date) -> RestTest | None:
    """The rest test that was taken up last, while it matters; looks at nothing later than ``day``."""
    taken = [one.on for one in marks if one.action == ACTION and one.answer == "accepted" and one.on <= day]
    if not taken:
        return None
    began = max(taken)
    check_on = began + timedelta(days=P.whole("rest_test.days"))
    if day < check_on:
        return RestTest("under_way", began, check_on)
    asked_d, valid_d = P.whole("rest_test.asked_d"), P.whole("rest_test.valid_d")
    for n in range(asked_d + 1):
        on = check_on + timedelta(days=n)
        told = past.at("rest_test", on) if on <= day else None
        if told is not None:
            return RestTest("answered", began, check_on, str(told)) if (day - on).days < valid_d else None
    return RestTest("due", began, check_on) if (day - check_on).days <= asked_d else None
