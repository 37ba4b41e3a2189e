"""What `Diary` offers to put recordings right by hand: twins, runs in two parts, and taking a change back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from freshlegs.diary import hand, merging
from freshlegs.diary.known import Known
from freshlegs.problems import WrongRequest
from freshlegs.store import Edit, Store
from freshlegs.tables import Row


class Editing:
    """Methods of `Diary`: twins, prefer, same, split, merge, undo. Every run is named by its id or its beginning."""

    _store: Store
    _now: Callable[[], datetime]

    if TYPE_CHECKING:

        def _run(self, name: str) -> str: ...

    def twin_runs(self) -> list[Row]:
        """The runs that several files have, earliest first: ``run``, ``start_utc``, and their ``recordings``.

        Each recording has ``id``, ``kind``, ``source``, ``samples``, ``kept`` and whether it was ``preferred`` by hand.
        """
        known = Known(self._store)
        families: dict[str, list[str]] = {}
        for twin, kept in known.kept_by.items():
            families.setdefault(kept, [kept]).append(twin)
        if not families:
            return []
        files = {sha256: entry.name for sha256, entry in self._store.files().items()}
        wanted = known.sessions.filter(pl.col("id").is_in([run for runs in families.values() for run in runs]))
        rows = {row["id"]: row for row in wanted.iter_rows(named=True)}
        told = [
            Row(
                run=kept,
                start_utc=rows[kept]["start_utc"],
                recordings=[
                    Row(
                        id=run,
                        kind=rows[run]["kind"],
                        source=files[rows[run]["file"]],
                        samples=rows[run]["samples"],
                        kept=run == kept,
                        preferred=run in known.by_hand.preferred,
                    )
                    for run in runs
                ],
            )
            for kept, runs in families.items()
        ]
        return sorted(told, key=lambda row: (row["start_utc"], row["run"]))

    def prefer_run(self, run: str) -> str:
        """Keep this recording of a run that several files have; gives its id. WrongRequest if no other has it."""
        found = self._run(run)
        kept_by = Known(self._store).kept_by
        if found not in kept_by and found not in kept_by.values():
            raise WrongRequest(f"no other file has the run {found}, so there is nothing to choose")
        return self._say(found, Edit(found, hand.PREFERRED, True))

    def same_run(self, run: str, other: str) -> str:
        """Say that two recordings are of one and the same run; gives the id of the one that is kept."""
        one, two = self._two(run, other)
        self._say(one, Edit(one, hand.SAME_AS, two))
        return Known(self._store).kept_by.get(one, one)

    def merge_runs(self, run: str, other: str) -> str:
        """Put two recordings of one run together, one after the other (a watch that was restarted); gives its id."""
        one, two = self._two(run, other)
        known = Known(self._store)
        one, two = known.kept_by.get(one, one), known.kept_by.get(two, two)
        if one == two:
            raise WrongRequest(f"{run} and {other} are recordings of the same run already")
        rows = {row["id"]: row for row in known.bare_runs.iter_rows(named=True)}
        if one not in rows or two not in rows:
            raise WrongRequest("one of the two is deleted, or part of a run already; freshlegs runs lists the runs")
        first, second = sorted((rows[one], rows[two]), key=lambda row: row["start_utc"])
        gap = second["start_utc"] - merging.end_of(first)
        if gap < -merging.OVERLAP:
            raise WrongRequest("they overlap in time; if they are the same run twice, runs same says so")
        if gap > merging.FARTHEST_APART:
            raise WrongRequest("more than six hours lie between them; they are two runs")
        return self._say(first["id"], Edit(second["id"], hand.PART_OF, first["id"]))

    def split_run(self, run: str) -> list[str]:
        """Take apart what was put together, by hand or as the same run; gives the ids of the runs it was made of."""
        found = self._run(run)
        known = Known(self._store)
        kept = known.kept_by.get(found, found)
        parts = next((parts for parts in known.parts_of.values() if kept in parts), None)
        if parts is not None:
            # What was put together then may have gained a richer recording since: the word stands on the old one.
            said = (part for part in known.by_hand.part_of if known.kept_by.get(part, part) in parts[1:])
            self._say(kept, *(Edit(part, hand.PART_OF, None) for part in said))
            return list(parts)
        family = sorted({kept, *(twin for twin, of in known.kept_by.items() if of == kept)})
        if len(family) < 2:
            raise WrongRequest(f"the run {found} is one recording; there is nothing to take apart")
        alone = [found] if found != kept else family
        pairs = {frozenset((one, two)) for one in alone for two in family if one != two}
        self._say(found, *(Edit(min(pair), hand.APART_FROM, max(pair)) for pair in sorted(pairs, key=sorted)))
        return family if len(alone) > 1 else [kept, found]

    def undo_run_change(self) -> list[dict[str, Any]]:
        """Take back the last change made to a run by hand: what it was (``run``, ``field``, ``value``); empty if none.

        A change, a deletion, a choice between recordings, a merge or a split; again for the one before it.
        """
        acts = hand.acts(self._store.edits())
        if not acts:
            return []
        self._say(acts[-1][0].run, Edit(acts[-1][0].run, hand.UNDO, True))
        return [{"run": edit.run, "field": edit.field, "value": edit.value} for edit in acts[-1]]

    def _two(self, run: str, other: str) -> tuple[str, str]:
        one, two = self._run(run), self._run(other)
        if one == two:
            raise WrongRequest("these are one and the same recording")
        return one, two

    def _say(self, run: str, *edits: Edit) -> str:
        self._store.add_edits(edits, self._now())
        return run
