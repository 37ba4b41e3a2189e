"""The part of the diary in which a runner and a verdict answer each other: why, right or wrong, what next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from freshlegs import vocabulary as v
from freshlegs.diary import answers
from freshlegs.diary.known import Known
from freshlegs.diary.marks import marks_of
from freshlegs.problems import WrongRequest
from freshlegs.store import Label, Store
from freshlegs.tables import Row

if TYPE_CHECKING:
    from freshlegs.diary.verdicts import Verdicts
    from freshlegs.recovery.tracking import Mark
    from freshlegs.store.contract import LabelKind

GATES: Final = ("birth_date", "cycle", "hr_medication", "chronic_condition")
"""What has to be known so that advice fits: science L. Asked once."""

CAUSE_ANSWERS: Final = ("confirmed", "rejected", "forgotten")


class Reflections:
    """Methods of `Diary`: explain, label, causes, interview, forecast."""

    _store: Store
    _now: Callable[[], datetime]

    if TYPE_CHECKING:

        @property
        def local_today(self) -> date:
            """The day it is where the runner is."""

        def check_in(self, on: date | str, /, **items: Any) -> None:
            """Note answers."""

        def _verdicts(self) -> Verdicts: ...

        def _past(self, on: date | str) -> date: ...

    # --- why -----------------------------------------------------------------------------------------------

    def explain(self, date: date | str | None = None) -> Row:
        """The whole chain of a morning, from raw numbers to the state: the document of ``explain --json``.

        Made from what was known that morning. ``late`` says what later data would change; the verdict stays.
        WrongRequest for a day that has not come.
        """
        from freshlegs.diary.explaining import explained

        return explained(self._verdicts(), self.local_today if date is None else self._past(date))

    # --- right or wrong ------------------------------------------------------------------------------------

    def label(self, on: date | str, answer: str, /) -> None:
        """Say whether the verdict of an earlier day was ``right`` or ``wrong``; the same as ``looking_back``."""
        self.check_in(on, looking_back=answer)

    def labels(self) -> Row:
        """Everything the runner said about verdicts, and the own record; the document of ``labels --json``."""
        from freshlegs.diary.labels import listed

        return listed(self._store.labels())

    def _labels_of(self, day: date, items: Mapping[str, Any]) -> list[Label]:
        """The labels in a check-in: each with the verdict's day, and its state at this moment."""
        found = []
        if "feels" in items:
            found.append(self._label("feels", day - timedelta(days=1), items["feels"]))
        if "looking_back" in items:
            found.append(self._label("looking_back", self._looked_at(day), items["looking_back"]))
        return found

    def _label(self, kind: LabelKind, day: date, answer: str | None) -> Label:
        state = None if answer is None else self._verdicts().between(day, day)[0]["state"]
        return Label(kind, day, answer, state)

    def _looked_at(self, day: date) -> date:
        """The day a look back is about: today's answer is about the day that was asked about, if one was."""
        if day != self.local_today:
            return day
        from freshlegs.diary.questions import look_back

        asked = look_back(self._verdicts())
        return day if asked is None else date.fromisoformat(asked["date"])

    # --- beside a verdict ----------------------------------------------------------------------------------

    def _beside(self, verdicts: Verdicts, documents: Sequence[Row]) -> list[Row]:
        """The documents with the runner's own record and marks; today's with what is asked today."""
        from freshlegs.diary.labels import record

        labels = self._store.labels()
        own, marks = record(labels), marks_of(labels)
        nothing: dict[str, Any] = {"look_back_question": None, "ask_once": None}
        today = verdicts.today.isoformat()
        return [
            Row(
                document,
                record=own,
                marks=_marked(marks, document["date"]),
                **(self._questions(verdicts) if document["date"] == today else nothing),
            )
            for document in documents
        ]

    def _questions(self, verdicts: Verdicts) -> dict[str, Any]:
        from freshlegs.diary.questions import ask_once, look_back

        return {"look_back_question": look_back(verdicts), "ask_once": ask_once(verdicts, GATES)}

    # --- causes --------------------------------------------------------------------------------------------

    def causes(self) -> list[Row]:
        """The likely causes this morning, largest first: ``cause``, ``share``, ``score``, ``why``, ``answer``."""
        verdicts = self._verdicts()
        return [Row(cause) for cause in verdicts.between(verdicts.today, verdicts.today)[0]["causes"]]

    def confirm_cause(self, cause: str, on: date | str | None = None) -> None:
        """Say that a cause is one. It counts from that day on, less and less, for some weeks."""
        self._answer_cause(cause, "confirmed", on)

    def reject_cause(self, cause: str, on: date | str | None = None) -> None:
        """Say that a cause is none. It counts from that day on, less and less, for some weeks."""
        self._answer_cause(cause, "rejected", on)

    def forget_cause(self, cause: str, on: date | str | None = None) -> None:
        """Take an answer about a cause back."""
        self._answer_cause(cause, "forgotten", on)

    def _answer_cause(self, cause: str, answer: str, on: date | str | None) -> None:
        if cause not in v.CAUSES:
            raise WrongRequest(f"there is no cause {cause!r}; there are {', '.join(v.CAUSES)}")
        day = self.local_today if on is None else self._past(on)
        self._store.add_labels([Label("cause", day, answer, cause)], self._now())

    # --- from memory ---------------------------------------------------------------------------------------

    def interview(self, since: Mapping[str, date | str], /) -> Row:
        """Tell from memory which of the 15 signs were noticed, each with its first day; today's verdict then.

        Signs that are not named were not noticed. It stands in for missing data for two weeks at most, is marked
        ``from_memory``, and what is answered or measured takes its place. WrongRequest names what cannot be.
        """
        from freshlegs.diary.interview import label_of, noticed

        today = self.local_today
        self._store.add_labels([label_of(noticed(since, today), today)], self._now())
        verdicts = self._verdicts()
        return verdicts.between(today, today)[0]

    def forget_interview(self) -> None:
        """Take the last interview back."""
        from freshlegs.diary.interview import label_of

        self._store.add_labels([label_of(None, self.local_today)], self._now())

    def stretches(self) -> list[Row]:
        """The two past stretches that look worst: ``date``, ``until``, ``mean``, ``answer``, ``text``."""
        from freshlegs.diary.interview import stretches

        verdicts = self._verdicts()
        _, found = verdicts.evaluated(Known(self._store), verdicts.today)
        return stretches(verdicts, self._store.labels(), found)

    def answer_stretch(self, first: date | str, /, *, bad: bool) -> None:
        """Say whether the stretch of `stretches` that begins on this day felt bad; kept as a label."""
        from freshlegs.diary.interview import answer_of

        label = answer_of(self.stretches(), answers.day(first), bad)
        self._store.add_labels([label], self._now())

    # --- asked once ----------------------------------------------------------------------------------------

    def gates(self) -> list[str]:
        """The profile keys that decide which advice fits and that nobody answered yet."""
        from freshlegs.diary.questions import open_gates

        return open_gates(self._store.profile(), GATES)

    def gates_asked(self) -> None:
        """Note that they were asked: what was skipped is not asked again."""
        self._store.add_labels([Label("asked", self.local_today, "asked")], self._now())

    # --- ahead ---------------------------------------------------------------------------------------------

    def forecast(self, days: int = 7, *, load: Sequence[float] | str | None = None) -> Row:
        """How tired tomorrow and the next days, as felt: the document of ``forecast --json``.

        ``days``: ``energy_mean``, ``energy_sd``, ``p_tired`` of each; ``why`` when there is no forecast. With ``load``
        (LU of each day from today on, or ``rest``) ``fresh_again``: by when no sign may be left, and how likely.
        """
        from freshlegs.diary.ahead import looked_ahead

        return looked_ahead(self._verdicts(), days, load)


def _marked(marks: Sequence[Mark], day: str) -> dict[str, str]:
    """What was said of that day's actions: id to ``done``, ``skipped`` or ``not_for_me``."""
    return {one.action: one.answer for one in marks if one.on.isoformat() == day}
