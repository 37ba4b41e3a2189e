"""The part of the diary that looks back over months: the long view, what marks its days, and charts of both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from freshlegs import vocabulary as v
from freshlegs.diary import answers
from freshlegs.diary.known import Known
from freshlegs.problems import WrongRequest
from freshlegs.store import Store
from freshlegs.tables import Row

if TYPE_CHECKING:
    from freshlegs.charts import Chart
    from freshlegs.diary.story import Told
    from freshlegs.diary.verdicts import Verdicts
    from freshlegs.importers.activity import Activity

SHOWN_D: Final = 182
"""So many days are shown when nobody says how many."""


class Pictures:
    """Methods of `Diary`: story, events, chart."""

    _store: Store
    _now: Callable[[], datetime]
    _seen: tuple[tuple[str, date], Told] | None = None

    if TYPE_CHECKING:

        @property
        def revision(self) -> str:
            """Another one after every change."""

        @property
        def local_today(self) -> date:
            """The day it is where the runner is."""

        def _verdicts(self) -> Verdicts: ...

        def _past(self, on: date | str) -> date: ...

        def today(self, on: date | str | None = None) -> Row:
            """A verdict."""

        def activity(self, run: str) -> Activity:
            """The file of a run."""

    def story(self) -> pl.DataFrame:
        """Table `tables.STORY`: a row a day from the first to today, each with the verdict as it was told.

        Days before the diary began are worked out from everything known now and said to be ``retrospective``.
        """
        return self._told().days

    def events(self) -> pl.DataFrame:
        """Table `tables.EVENTS`: races, notes, days ill, what was advised when the word changed, changes of profile."""
        return self._told().events

    def _told(self) -> Told:
        """Worked out once, and again after a change."""
        from freshlegs.diary.story import told_story

        if self._seen is None or self._seen[0] != (self.revision, self.local_today):
            told = told_story(self._verdicts())
            self._seen = (self.revision, self.local_today), told  # after it: verdicts may have been kept
        return self._seen[1]

    def chart(
        self,
        name: str,
        first: date | str | None = None,
        last: date | str | None = None,
        *,
        on: date | str | None = None,
        run: str | None = None,
    ) -> Chart:
        """A chart by its name (`CHARTS`): it shows itself in a notebook, and `Chart.save` writes SVG or PNG.

        ``story``, ``nights``, ``signs`` and ``balance`` span ``first`` to ``last`` (the last half year without them),
        ``evidence`` is of one morning (``on``, else today), ``run`` and ``track`` of one run by its id.
        WrongRequest for another name, a span that ends before it begins, or a run that is not there.
        """
        from freshlegs import charts

        if name in v.CHARTS_OF_A_DAY:
            return charts.evidence(self.today(on))
        if name in v.CHARTS_OF_A_RUN:
            if run is None:
                raise WrongRequest(f"the chart {name} needs a run")
            return self._run_chart(name, run)
        if name not in v.CHARTS_OF_MONTHS:
            raise WrongRequest(f"there is no chart {name!r}; there are {', '.join(v.CHARTS)}")
        start, end = self._span(first, last)
        days = self.story()
        if name == "story":
            return charts.story(days, self.events(), start, end)
        made: Chart = getattr(charts, name)(days, start, end)
        return made

    def _span(self, first: date | str | None, last: date | str | None) -> tuple[date, date]:
        from datetime import timedelta

        end = self.local_today if last is None else self._past(last)
        start = end - timedelta(days=SHOWN_D - 1) if first is None else answers.day(first)
        if start > end:
            raise WrongRequest(f"a span cannot begin on {start} and end on {end}")
        return start, end

    def _run_chart(self, name: str, run: str) -> Chart:
        from freshlegs import charts

        activity = self.activity(run)
        units = Known(self._store).profile.get("units")
        system: Any = "imperial" if units == "imperial" else "metric"
        if name == "track":
            return charts.track(activity.records, system=system)
        return charts.run(activity.records, activity.laps, hr_bounds=self._hr_bounds(), system=system)

    def _hr_bounds(self) -> tuple[float, float] | None:
        """The heart rates that part easy, grey and hard as known today; None where they are a formula's."""
        from freshlegs.diary.story import known_bounds

        return known_bounds(self._store, self.local_today)
