"""What runs over several mornings: a rest test, the way back. As facts, words and dates for the morning's advice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from freshlegs.recovery import words
from freshlegs.recovery.rest_test import RestTest
from freshlegs.recovery.way_back import WayBack


@dataclass(frozen=True, slots=True)
class UnderWay:
    """The rest test that was taken up, and the step of the way back; None where there is none."""

    test: RestTest | None = None
    back: WayBack | None = None

    @property
    def facts(self) -> set[str]:
        """Facts that decide which advice fits."""
        found = set()
        if self.test is not None:
            found.add(f"test_{self.test.outcome or self.test.status}")
        if self.back is not None and self.back.kind != "illness":
            found |= {"way_back", *(["way_back_easy"] if self.back.easy else [])}
        return found

    def dates(self, day: date) -> dict[str, date]:
        """Dates that advice names."""
        check = day if self.test is None else self.test.check_on
        return {
            "test_on": check,
            "test_last": check - timedelta(days=1),
            "back_next": day if self.back is None else self.back.next_on,
        }

    def words(self, day: date) -> Mapping[str, str]:
        """Words that advice holds."""
        dates = self.dates(day)
        filled = {"test_check": words.full_day(dates["test_on"])}
        filled["test_last_day"] = "tonight" if dates["test_last"] == day else words.full_day(dates["test_last"])
        back = self.back
        if back is not None:
            filled |= {
                "back_step": str(back.step),
                "back_of": str(back.of),
                "back_what": back.what,
                "back_moves_on": back.moves_on,
                "back_moves_back": back.moves_back,
            }
        return filled
