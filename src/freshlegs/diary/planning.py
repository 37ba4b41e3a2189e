"""The part of the diary that holds the training plan: import, show, change, adapt with consent, undo, send."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from freshlegs.diary import answers
from freshlegs.store import Store
from freshlegs.tables import Row

if TYPE_CHECKING:
    import polars as pl

    from freshlegs.diary.verdicts import Verdicts

Path_ = str | os.PathLike[str]


class Planning:
    """Methods of `Diary` about the plan. Each gives one JSON-ready document (a `Row`), dates in ISO form.

    A session is named by its ``uid``, the beginning of it, or its day if that day has one session. Every change makes a
    new version of the whole plan; `undo_plan` goes back any number of them. Nothing here moves missed work.
    """

    _store: Store
    _now: Callable[[], datetime]

    if TYPE_CHECKING:

        @property
        def local_today(self) -> date:
            """The day it is where the runner is."""

        def _verdicts(self) -> Verdicts: ...

    # --- look ----------------------------------------------------------------------------------------------

    def plan(self, first: date | str | None = None, last: date | str | None = None) -> Row:
        """The plan of some days (two weeks from this Monday without any): the document of ``plan --json``.

        ``version`` (None without a plan), ``sessions``, ``unplanned`` runs, ``weeks``, coming ``races``, ``proposal``,
        ``text``. A session: ``uid``, ``date``, ``kind``, ``title``, ``note``, ``duration_s``, ``distance_m``,
        ``load_lu`` (``load_estimated`` when the plan gives none), ``start_min``, ``optional``, ``hard``, ``adapted``
        (an accepted proposal changed it), ``done`` (the runs that count for it) and ``status``: ``planned``, ``done``,
        ``changed`` (run otherwise than planned), ``missed``, or ``unknown`` (nothing is known of that day).
        ``proposal``: what `adapt_plan` gave today and nobody answered, else None.
        """
        from freshlegs.diary.plans import adapting, keeping, showing

        kept, today = keeping.holding(self._store), self.local_today
        document = showing.shown(
            self._store,
            kept,
            today,
            None if first is None else answers.day(first),
            None if last is None else answers.day(last),
        )
        return Row(document | {"proposal": adapting.open_proposal(self._store, kept, today)})

    def planned(self) -> pl.DataFrame:
        """Table PLAN: every session of the plan that holds, by date."""
        return self._store.plan()

    def plan_history(self) -> Row:
        """Every change of the plan, the last first: ``versions`` with ``what``, ``about``, ``made_at``, ``holds``."""
        from freshlegs.diary.plans import keeping

        return keeping.history(self._store)

    # --- change --------------------------------------------------------------------------------------------

    def import_plan(self, paths: Path_ | Sequence[Path_], *, add: bool = False, on: date | str | None = None) -> Row:
        """Read a plan: calendar, CSV, YAML, FIT workouts; the document of ``plan import --json``.

        From today on, the days the files span become what they say; with ``add`` what is there stays beside it.
        Days gone by keep what was planned for them. ``on``: the day of a FIT workout, which names none.
        ``added``, ``changed``, ``unchanged``, ``removed``, ``kinds``, ``problems`` (everything not understood).
        Raises NothingDone, saying why, when no session could be read.
        """
        from freshlegs.diary.plans import keeping

        given = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
        return keeping.imported(
            self._store,
            given,
            self._now(),
            self.local_today,
            self._store.profile().get("home_time_zone"),
            add=add,
            on=None if on is None else answers.day(on),
        )

    def make_plan(
        self,
        race: date | str,
        distance_m: float,
        *,
        days: int = 4,
        on: Sequence[int] | None = None,
        week_m: float | None = None,
        longest_m: float | None = None,
        title: str | None = None,
    ) -> Row:
        """Make a simple plan from tomorrow to a race; the document of ``plan make --json``.

        ``days`` runs a week, or ``on`` these weekdays (Monday 0); ``week_m`` and ``longest_m``: what is run now, from
        the runs where not given. It takes the place of what is planned until the race. ``assumed``, ``notes``,
        ``sessions``, ``replaced``. WrongRequest, in a sentence, for a goal that cannot sensibly be reached from there,
        and for runners whose training somebody else should decide on.
        """
        from freshlegs.diary.plans import making

        return making.made(self._verdicts(), answers.day(race), distance_m, days, on, week_m, longest_m, title)

    def add_session(self, on: date | str, kind: str, /, **fields: Any) -> str:
        """Plan one session by hand (columns of `tables.PLAN`); its uid. WrongRequest for what cannot be."""
        from freshlegs.diary.plans import keeping

        return keeping.added(self._store, self._now(), answers.day(on), kind, fields)

    def set_session(self, session: str, /, **fields: Any) -> str:
        """Change one session by hand; None takes a value out. Its full uid."""
        from freshlegs.diary.plans import keeping

        return keeping.changed(self._store, self._now(), session, fields)

    def remove_sessions(self, *sessions: str) -> list[str]:
        """Take sessions out of the plan; their full uids."""
        from freshlegs.diary.plans import keeping

        return keeping.removed(self._store, self._now(), sessions)

    def undo_plan(self, steps: int = 1, *, version: int | None = None) -> Row:
        """Take back the last changes of the plan, whatever made them: ``undone``, the ``version`` that holds now.

        With ``version`` that one alone, and only while it holds: else WrongRequest. NothingDone when there is none
        left.
        """
        from freshlegs.diary.plans import keeping

        return keeping.undone(self._store, self._now(), steps, version)

    # --- adapt ---------------------------------------------------------------------------------------------

    def adapt_plan(self) -> Row:
        """What this morning's verdict would change of the plan; nothing is changed. The document of ``plan adapt``.

        ``proposal`` (its number), ``status`` (``open``, or ``nothing`` to change), ``state``, ``causes``, ``ill``,
        ``pain``, ``flag``, ``changes``, ``weeks`` (load before and after), ``notes``, ``text``. A change: ``uid``,
        ``date``, ``title``, ``before`` and ``after`` (kind, duration_s, distance_m, load_lu), ``load_before_lu``,
        ``load_after_lu``, ``operator``, ``operator_text``, ``rule``, ``why``. NothingDone without a plan from today on.
        """
        from freshlegs.diary.plans import adapting

        return adapting.proposed(self._verdicts())

    def simulate_plan(self, days: int = 14) -> Row:
        """The coming days simulated as the plan stands and as today's proposal would make it; nothing is changed.

        ``plan`` and ``proposal`` (None when there is nothing to propose): ``days`` with ``date``, ``load_lu``, and of
        the ``morning`` after ``fitness_lu``, ``fatigue_lu``, ``balance_lu``, ``states`` (share of the simulated
        courses in each), ``believed_beyond``; ``beyond_normal_at_end``, ``mean_days_beyond``. ``assumptions``,
        ``text``; the same seed each time. States are None without enough data for a verdict.
        """
        from freshlegs.diary.plans import adapting

        return adapting.looked_ahead(self._verdicts(), days)

    def accept_plan(self, only: Sequence[str] | None = None, *, proposal: int | None = None) -> Row:
        """Take today's proposal, or the changes of the sessions in ``only``: ``accepted``, ``left``, ``version``.

        WrongRequest when there is none, when it is of an earlier day, or when the plan has changed since; with its
        number in ``proposal`` also when another was made meanwhile.
        """
        from freshlegs.diary.plans import adapting

        return adapting.accepted(self._store, self._now(), self.local_today, only, proposal)

    def refuse_plan(self, *, proposal: int | None = None) -> Row:
        """Leave the plan as it is: ``refusals`` in this state, ``text``. WrongRequest as `accept_plan`."""
        from freshlegs.diary.plans import adapting

        return adapting.refused(self._store, self._now(), self.local_today, proposal)

    # --- send ----------------------------------------------------------------------------------------------

    def export_plan(self, target: Path_) -> Row:
        """Write the plan as a calendar (``.ics``): ``files``, ``sessions``, ``cancelled``.

        Each session has one name for good, and a number that rises with its changes, so that a calendar that read an
        earlier export is brought up to date by a later one; what was taken out is cancelled there. NothingDone without
        a plan, or when the file cannot be written.
        """
        from freshlegs.diary.plans import sending

        return sending.to_calendar(self._store, Path(target), self._now(), self.local_today)

    def export_workouts(self, folder: Path_, days: int = 14) -> Row:
        """Write a FIT workout file for each session of the coming days into a folder: ``files``, ``sessions``.

        A session with named repeats (``6x800m``) gets them as steps; else its steps are a suggestion from kind and
        length. NothingDone when nothing is planned then, or the folder cannot be written.
        """
        from freshlegs.diary.plans import sending

        return sending.to_watch(self._store, Path(folder), self.local_today, days)
