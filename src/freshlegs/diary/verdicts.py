"""One verdict a morning: made from what was known, final at midnight.

Three kinds of days. *Today* is worked out at each call and kept. A *lived* day (on or after the day the diary began)
is final: the kept verdict, unless something became known after it was made and before that midnight, or none was
made; then it is made from what was known before that midnight, and kept. A day *before the diary began* is worked out
from everything known now, said to be retrospective, and not kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
import numpy.typing as npt
import polars as pl

from freshlegs import vocabulary as v
from freshlegs.diary import labels as told_labels
from freshlegs.diary.known import Known
from freshlegs.diary.marks import marks_of, start_of
from freshlegs.diary.runs import local_dates
from freshlegs.store import KeptVerdict, Store
from freshlegs.store.frames import to_us
from freshlegs.tables import Row

if TYPE_CHECKING:
    from freshlegs.fatigue import Assessment
    from freshlegs.recovery import Mark, Start

_DAY: Final = timedelta(days=1)
STRAY_DAYS: Final = 7
LONG_BEFORE: Final = timedelta(days=730)
"""So few days of data, so long before the next, say nothing of when a diary begins."""

REST_GAP_D: Final = 14
"""As in `freshlegs.metrics.daily`, which is loaded only when a verdict is made."""


@dataclass(slots=True)
class Verdicts:
    """The verdicts of one store; ``now`` is the instant of asking, ``zone`` where the runner's midnights are."""

    store: Store
    now: datetime
    zone: tzinfo
    _last: tuple[tuple[datetime | None, date], tuple[pl.DataFrame, list[Assessment]]] | None = None

    @property
    def today(self) -> date:
        """The local day."""
        return self.now.astimezone(self.zone).date()

    def of_today(self) -> Row:
        """Today's verdict from everything known now; kept."""
        found = self._made([self.today], Known(self.store))
        self.store.keep_verdicts([_kept(found[self.today], self.today, self.now)])
        return found[self.today]

    def between(self, first: date, last: date) -> list[Row]:
        """One verdict a day from ``first`` to ``last``, today at the latest."""
        days = [first + n * _DAY for n in range((min(last, self.today) - first).days + 1)]
        began = self.began
        found = self._lived([day for day in days if began <= day < self.today])
        retrospective = [day for day in days if day < began]
        if retrospective:
            found |= self._made(retrospective, Known(self.store), retrospective=True)
        if days and days[-1] == self.today:
            found[self.today] = self.of_today()
        return [found[day] for day in days]

    @property
    def began(self) -> date:
        """The local day on which the first run, night or answer became known; today while there is none."""
        instant = self.store.began()
        return self.today if instant is None else min(self.today, instant.astimezone(self.zone).date())

    def midnight_after(self, day: date) -> datetime:
        """The end of a day where the runner is."""
        return datetime.combine(day + _DAY, datetime.min.time(), self.zone).astimezone(UTC)

    # --- lived days ----------------------------------------------------------------------------------------

    def _lived(self, days: Sequence[date]) -> dict[date, Row]:
        if not days:
            return {}
        told = self.store.happenings()
        kept = self.store.verdicts(days[0], days[-1])
        known_us = told["known_utc"].dt.timestamp("us").to_numpy()
        ends_us = np.array([to_us(self.midnight_after(day)) for day in days])
        unseen = {
            # Nothing may have become known between the making of a verdict and that day's end.
            day: day not in kept or bool(((known_us >= to_us(kept[day].made_utc)) & (known_us < end_us)).any())
            for day, end_us in zip(days, ends_us, strict=True)
        }
        found = {day: Row(json.loads(kept[day].document)) for day in days if not unseen[day]}
        for group, known in self._alike([day for day in days if unseen[day]], told):
            made = self._made(group, known)
            self.store.keep_verdicts([_kept(made[day], day, self.now) for day in group])
            found |= made
        return found

    def _alike(self, days: Sequence[date], told: pl.DataFrame) -> Iterator[tuple[list[date], Known]]:
        """Spans of days whose verdicts can be made at one go, and what was known at the midnight after each span.

        The row of a day depends on its own and earlier days only. So a day belongs to a span if nothing that became
        known after its own midnight, and before the span's, bears on it, and if no later run of the span
        makes a day of rest of a day that was unknown that morning.
        """
        known_us = told["known_utc"].dt.timestamp("us").to_numpy()
        first = first_borne(told)
        group: list[date] = []
        group_end_us, known, restful = 0, Known(self.store), _Restful()
        for day in reversed(days):
            end_us = to_us(self.midnight_after(day))
            late = (first <= day.toordinal()) & (known_us >= end_us) & (known_us < group_end_us)
            if not group or late.any() or restful.would_change(day, group[0]):
                if group:
                    yield group[::-1], known
                group, group_end_us = [], end_us
                known = Known(self.store, self.midnight_after(day))
                restful = _Restful.of(known)
            group.append(day)
        if group:
            yield group[::-1], known

    # --- making --------------------------------------------------------------------------------------------

    def _made(self, days: Sequence[date], known: Known, *, retrospective: bool = False) -> dict[date, Row]:
        """The documents of these days, from what is known."""
        from freshlegs.fatigue import documents
        from freshlegs.recovery import Past, complete

        athlete = self.store.athlete
        frame, found = self.evaluated(known, days[-1])
        said = told_labels.said_of_causes(known.labels)
        made: dict[date, Row] = {}
        for document in documents(found, athlete, days[0], days[-1], answers=said):
            made[date.fromisoformat(str(document["date"])[:10])] = document
        past = Past(frame)
        states = states_of(found, athlete)
        whole = {}
        newest = self.store.newest() if known.before is None else None
        for day in days:
            as_of = newest if known.before is None else self.store.newest(self.midnight_after(day))
            document = _recalled(made.get(day) or blank(athlete, day), known, found)
            document = complete(
                document, past, known.profile, marks=self._marks(known, day), start=self._start(known, states, day)
            )
            whole[day] = _finished(document, as_of, retrospective)
        return whole

    def _marks(self, known: Known, day: date) -> list[Mark]:
        """What had been said of actions at the end of that day; of a made-up past nothing."""
        if not any(one.kind == "mark" for one in known.labels):
            return []
        return marks_of(known.labels, self.midnight_after(day))

    def _start(self, known: Known, states: Mapping[date, str], day: date) -> Start | None:
        """When a way back to running began, by the verdicts so far or by the runner's word; the later one counts."""
        from freshlegs.recovery import began

        return start_of(known.labels, began(states, day), day, self.midnight_after(day))

    def evaluated(self, known: Known, until: date) -> tuple[pl.DataFrame, list[Assessment]]:
        """The days up to ``until`` from what is known, and their assessment (empty without days); the last is kept."""
        from freshlegs.fatigue import evaluate
        from freshlegs.metrics.daily import daily

        key = known.before, until
        if self._last is None or self._last[0] != key:
            frame = daily(known.runs, known.nights, known.checkins, known.profile, until=until)
            self._last = key, (frame, evaluate(frame, known.profile) if frame.height else [])
        return self._last[1]


def states_of(found: Iterable[Assessment], athlete: str) -> dict[date, str]:
    """The state of each morning of an assessment."""
    states = {}
    for assessment in found:
        a = assessment.panel.athletes.index(athlete)
        first = assessment.panel.day(a, 0)
        for t, state in enumerate(assessment.decision.state[a]):
            states[first + t * _DAY] = v.STATES[int(state)]
    return states


def _recalled(document: Row, known: Known, found: list[Assessment]) -> Row:
    """Where data are missing, what the runner told from memory stands in, if that is not long ago."""
    if document["state"] != "insufficient_data":
        return document
    day = date.fromisoformat(str(document["date"])[:10])
    told = told_labels.told_from_memory(known.labels, day)
    if told is None or not told.counts_on(day):
        return document
    from freshlegs.fatigue.memory import recall

    return recall(document, told, found, known.profile)


@dataclass(frozen=True, slots=True)
class _Restful:
    """Days with a run, and days of which an answer or a night tells that they were not lost."""

    ran: frozenset[date] = frozenset()
    told: frozenset[date] = frozenset()

    @classmethod
    def of(cls, known: Known) -> Self:
        """The days as they were known."""
        ran = frozenset(local_dates(known.bare_runs, known.home_zone))
        return cls(ran, frozenset(known.mornings["date"]) | frozenset(known.nights["date"]))

    def would_change(self, day: date, last: date) -> bool:
        """Whether a row up to ``day`` differs if runs up to the day before ``last`` are looked at.

        A day without a word between two runs is taken for rest (`metrics.daily`), once the second run is known.
        """
        if not any(day + n * _DAY in self.ran for n in range(min((last - day).days, REST_GAP_D))):
            return False
        for n in range(1, REST_GAP_D):
            before = day - n * _DAY
            if before in self.ran:
                return False
            if before not in self.told:
                return True
        return False


def first_borne(told: pl.DataFrame) -> npt.NDArray[np.int64]:
    """For each of `Store.happenings` the first morning it bears on, as a day number (0: any).

    A night or an answer bears on its own morning, a run on the morning after. A run that was changed or deleted may
    change the days of rest before it too.
    """
    shifts = {"run": 1, "edit": 1 - REST_GAP_D}
    shift = pl.col("what").replace_strict(shifts, default=0, return_dtype=pl.Int64)
    number = pl.col("on").cast(pl.Int64) + date(1970, 1, 1).toordinal() + shift
    return told.select(number.fill_null(0))["on"].to_numpy()


def _finished(document: Row, as_of: datetime | None, retrospective: bool) -> Row:
    """As it is kept and printed: plain JSON values, the version first."""
    whole = {
        "schema_version": v.SCHEMA_VERSION,
        "from_memory": False,
        **document,
        "data_as_of": None if as_of is None else as_of.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "retrospective": retrospective,
    }
    return Row(json.loads(json.dumps(whole, default=_plain, ensure_ascii=False)))


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value.item()  # a NumPy number


def _kept(document: Row, day: date, made_utc: datetime) -> KeptVerdict:
    return KeptVerdict(day, json.dumps(document, ensure_ascii=False), made_utc)


def blank(athlete: str, day: date) -> Row:
    """The verdict of a day on and before which nothing is known."""
    why = "nothing is known on or before this day"
    return Row(
        schema_version=v.SCHEMA_VERSION,
        athlete=athlete,
        date=day.isoformat(),
        state="insufficient_data",
        headline="Nothing is known yet: import your files, or check in for a few mornings.",
        probabilities=None,
        since=day.isoformat(),
        recheck_on=(day + _DAY).isoformat(),
        what_would_change_it="Two weeks of mornings are enough to begin with: energy, legs, sleep and, mostly, mood.",
        signs=[_unmeasured(sign, why) for sign in v.SIGNS],
        groups=[{"group": group, "log_ratio": None} for group in v.GROUPS],
        causes=[],
        rules=[],
        unknown=[{"group": group, "why": why} for group in v.GROUPS],
        next_question={"item": "energy", "text": "How much energy do you have this morning, from 0 to 10?"},
    )


def _unmeasured(sign: str, why: str) -> dict[str, Any]:
    group = v.SIGN_GROUP[sign]
    return {"sign": sign, "group": group, "strength": None, "quality": None, "since": None, "why": why}


def first_day(frames: Iterable[pl.DataFrame], runs: pl.DataFrame) -> date | None:
    """The first local date that these frames tell of, without the few of a watch that had lost the date.

    A handful of days years before all others are those: nobody wants a verdict on each day since 1990.
    """
    told = [frame["date"] for frame in frames if frame.height]
    if runs.height:
        told.append(runs["start_utc"].dt.date().alias("date"))
    days: list[date] = pl.concat(told).drop_nulls().unique().sort().to_list() if told else []
    first = 0
    for place in range(1, len(days)):
        if place - first > STRAY_DAYS:
            break
        if days[place] - days[place - 1] > LONG_BEFORE:
            first = place
    return days[first] if days else None
