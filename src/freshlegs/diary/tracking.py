"""The part of the diary in which a runner says what became of a piece of advice, and learns whether it helped."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from freshlegs.diary import answers
from freshlegs.diary.known import Known
from freshlegs.diary.marks import marks_of
from freshlegs.problems import NothingDone, WrongRequest
from freshlegs.store import Label, Store
from freshlegs.tables import Row

if TYPE_CHECKING:
    from freshlegs.diary.verdicts import Verdicts
    from freshlegs.recovery.tracking import Effect, Mark

BEGUN_AFTER: Final = ("excessive", "overtraining")
EARLIER_D: Final = 14
"""Days of earlier advice that are listed."""


class Tracking:
    """Methods of `Diary`: advice that was marked, and what it did."""

    _store: Store
    _now: Callable[[], datetime]

    if TYPE_CHECKING:

        @property
        def local_today(self) -> date:
            """The day it is where the runner is."""

        def today(self, on: date | str | None = None) -> Row:
            """The verdict of a morning."""

        def _verdicts(self) -> Verdicts: ...

        def _past(self, on: date | str) -> date: ...

    def mark_action(self, action: str, answer: str, on: date | str | None = None) -> None:
        """Say that an action was ``done``, ``skipped``, or is ``not_for_me`` (not suggested again until taken back).

        ``accepted`` takes up the rest test: its two easy days begin on that day.

        ``action`` is its ``id`` in the verdict; ``on`` the day it was for. A told verdict is never rewritten.
        Raises WrongRequest for an unknown action or answer, a day that has not come, and *not for me* of a safety
        rule or of the prescription of a state.
        """
        from freshlegs.recovery.rest_test import ACTION as REST_TEST
        from freshlegs.recovery.tracking import ANSWERS, known_actions, may_be_refused

        if answer not in ANSWERS:
            raise WrongRequest(f"there is no answer {answer!r}; there are {', '.join(ANSWERS)}")
        known = known_actions()
        if action not in known:
            raise WrongRequest(f"there is no action {action!r}; freshlegs actions lists those of today")
        if answer == "not_for_me" and not may_be_refused(known[action]):
            raise WrongRequest(f"{action} belongs to the verdict itself; it may be skipped, and stays")
        if answer == "accepted" and action != REST_TEST:
            raise WrongRequest(f"{action} is not taken up for some days; say that it was done or skipped")
        day = self.local_today if on is None else self._past(on)
        self._store.add_labels([Label("mark", day, answer, action)], self._now())

    def unmark_action(self, action: str, on: date | str | None = None) -> Row:
        """Take the last word on an action back (of that day); what it was. NothingDone when there is none."""
        day = None if on is None else answers.day(on)
        marks = [one for one in marks_of(self._store.labels()) if one.action == action and day in (None, one.on)]
        if not marks:
            raise NothingDone(f"nothing was said of {action!r}{'' if day is None else f' on {day}'}")
        # A refusal is what somebody most likely means to take back.
        last = max(marks, key=lambda one: (one.answer == "not_for_me", one.on))
        self._store.add_labels([Label("mark", last.on, None, action)], self._now())
        return Row(id=action, date=last.on.isoformat(), answer=last.answer)

    def rest_test_due(self, on: date | str | None = None) -> bool:
        """Whether the question of a rest test is open on a morning."""
        from freshlegs.recovery import Past
        from freshlegs.recovery.rest_test import rest_test

        day = self.local_today if on is None else answers.day(on)
        marks = marks_of(self._store.labels())
        if not any(one.answer == "accepted" for one in marks):
            return False
        found = rest_test(Past(Known(self._store).checkins), marks, day)
        return found is not None and found.status == "due"

    # --- the way back --------------------------------------------------------------------------------------

    def way_back(self, on: date | str | None = None) -> Row | None:
        """The step of the way back to running on a morning: ``way_back`` of its verdict; None without one."""
        found: Row | None = self.today(on)["way_back"]
        return found

    def begin_way_back(self, kind: str, on: date | str | None = None) -> None:
        """Say that a way back begins, after ``excessive`` fatigue or ``overtraining``: at its first step, on that day.

        It begins by itself on the morning after the last verdict beyond normal; this begins it anew. After an illness
        the days free of symptoms lead back by themselves. Raises WrongRequest while the verdict is beyond normal.
        """
        from freshlegs.recovery.way_back import BEYOND

        if kind not in BEGUN_AFTER:
            raise WrongRequest(f"a way back begins after {' or '.join(BEGUN_AFTER)}, not {kind!r}")
        day = self.local_today if on is None else self._past(on)
        if self.today(day)["state"] in BEYOND:
            raise WrongRequest(f"on {day} the verdict is beyond normal; the way back begins when that has lifted")
        self._store.add_labels([Label("return", day, kind)], self._now())

    def stop_way_back(self) -> None:
        """Say that the way back is over; a new spell begins a new one."""
        self._store.add_labels([Label("return", self.local_today, "stopped")], self._now())

    def actions(self, on: date | str | None = None) -> Row:
        """The advice of a morning with what became of it; the document of ``actions --json``.

        ``actions``: as in the verdict, each with ``mark``. ``earlier``: the advice of the two weeks before, as it was
        told. ``tried``: for each action that was done and each sleep habit that was logged, whether it helped so far.
        ``not_for_me``: what is not suggested any more.
        """
        document = self.today(on)
        day = date.fromisoformat(document["date"])
        marks = marks_of(self._store.labels())
        said = {(one.action, one.on): one.answer for one in marks}
        return Row(
            date=document["date"],
            actions=[Row(action, mark=said.get((action["id"], day))) for action in document["actions"]],
            earlier=self._earlier(day, said),
            tried=self._tried(marks, day),
            not_for_me=[
                Row(id=one.action, since=one.on.isoformat())
                for one in marks
                if one.answer == "not_for_me" and one.on <= day
            ],
        )

    def _earlier(self, day: date, said: Mapping[tuple[str, date], str]) -> list[Row]:
        """Advice as it was told, and what was marked without having been told; later days first."""
        first, last = day - timedelta(days=EARLIER_D), day - timedelta(days=1)
        found: dict[tuple[str, date], str | None] = {}
        for on, kept in self._store.verdicts(first, last).items():
            for action in json.loads(kept.document).get("actions") or ():
                found[action["id"], on] = action["what"]
        for action, on in said:
            if first <= on <= last:
                found.setdefault((action, on), None)
        return [
            Row(date=on.isoformat(), id=action, what=what, mark=said.get((action, on)))
            for (action, on), what in sorted(found.items(), key=lambda item: item[0][1], reverse=True)
        ]

    def _tried(self, marks: Sequence[Mark], day: date) -> list[Row]:
        from freshlegs.recovery import Past
        from freshlegs.recovery.tracking import effects, habit_effects

        frame, _ = self._verdicts().evaluated(Known(self._store), self.local_today)
        past = Past(frame)
        found = [(one, "action") for one in effects(past, marks, day)]
        found += [(one, "sleep_habit") for one in habit_effects(past, day)]
        return [_told(one, kind) for one, kind in found]


def _told(effect: Effect, kind: str) -> Row:
    plain: dict[str, Any] = asdict(effect)
    first = plain.pop("first_done")
    rounded = {key: round(value, 2) if isinstance(value, float) else value for key, value in plain.items()}
    return Row(id=rounded.pop("action"), kind=kind, first_done=None if first is None else first.isoformat(), **rounded)
