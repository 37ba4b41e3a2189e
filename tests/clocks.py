"""What tests of diaries share: a clock that stands still until it is set, and what a whole morning answers."""

from datetime import UTC, date, datetime, time

ASKED = ("energy", "leg_freshness", "soreness", "sleep_quality", "mood", "relax", "wish_to_run", "stress", "ill")


class Clock:
    """Seven in the morning of a day, or any instant; what a diary takes for now."""

    def __init__(self, now: date) -> None:
        if isinstance(now, datetime):
            self.now = now
        else:
            self.at(now)

    def __call__(self) -> datetime:
        return self.now

    def at(self, day: date, hour: int = 7, minute: int = 0) -> None:
        self.now = datetime.combine(day, time(hour, minute), UTC)
