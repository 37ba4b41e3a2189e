"""What is known of a runner at one instant: runs, nights, check-ins, profile, as frames of `freshlegs.tables`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import polars as pl

from freshlegs import tables
from freshlegs.diary import answers, merging, runs
from freshlegs.diary.hand import Said, by_hand, said
from freshlegs.store import Label, Store


@dataclass(frozen=True)
class Known:
    """A store as it was just before an instant (or as it is now), worked out on demand and once."""

    store: Store
    before: datetime | None = None

    @cached_property
    def profile(self) -> dict[str, Any]:
        """Values somebody gave (`tables.PROFILE`)."""
        return self.store.profile(self.before)

    @property
    def home_zone(self) -> str | None:
        """The runner's home time zone, if it was given."""
        zone = self.profile.get("home_time_zone")
        return None if zone is None else str(zone)

    @cached_property
    def sessions(self) -> pl.DataFrame:
        """Sessions as imported."""
        return self.store.sessions(self.before)

    @cached_property
    def kept_by(self) -> Mapping[str, str]:
        """For each session that is another's twin, the id of the one that is kept."""
        return runs.twins(self.sessions, self.by_hand)

    @cached_property
    def by_hand(self) -> Said:
        """What was said of runs by hand."""
        return said(self.store.edits(self.before))

    @cached_property
    def parts_of(self) -> Mapping[str, list[str]]:
        """For each run that is made of several recordings, their ids, its own first."""
        return merging.families(self.by_hand.part_of, self.kept_by, self.sessions)

    @cached_property
    def run_of(self) -> Mapping[str, str]:
        """For each recording that is a twin or a part of a run, the id of that run."""
        first = {part: run for run, parts in self.parts_of.items() for part in parts}
        return {**{twin: first.get(run, run) for twin, run in self.kept_by.items()}, **first}

    @cached_property
    def every_run(self) -> pl.DataFrame:
        """The sessions as runs, twins joined and parts put together; those deleted by hand too."""
        return merging.merged(runs.joined(self.sessions, self.kept_by), self.parts_of)

    @cached_property
    def said(self) -> pl.DataFrame:
        """One row a date of everything that was answered."""
        return answers.one_a_day(self.store.answers(self.before))

    @cached_property
    def bare_runs(self) -> pl.DataFrame:
        """The runs without what is worked out: twins joined, answers and hand changes laid over them."""
        changes, deleted = by_hand(self.by_hand.edits, self.run_of)
        joined = self.every_run
        if deleted:
            joined = joined.filter(~pl.col("id").is_in(list(deleted)))
        told = runs.answered(joined, answers.after_run(self.said), self.home_zone)
        return runs.changed(told, changes).select(
            "id",
            pl.lit(self.store.athlete, dtype=pl.String).alias("athlete"),
            *(name for name in tables.RUNS.names if name != "athlete"),
        )

    @cached_property
    def runs(self) -> pl.DataFrame:
        """Table RUNS with ``id``, load and zones worked out."""
        from freshlegs.metrics.loads import complete

        return complete(self.bare_runs, self.facts, self.profile, self.nights)

    @cached_property
    def facts(self) -> dict[str, bytes]:
        """What the samples of the runs say (`metrics.facts`), derived anew where an older version wrote it."""
        from freshlegs.diary.reading import facts_again
        from freshlegs.metrics.facts import readable

        found = self.store.facts()
        old = [run for run, data in found.items() if not readable(data)]
        if old:
            again = facts_again(self.store, old)
            self.store.keep_facts(again)
            found |= again
        return merging.with_facts(found, self.parts_of)

    @cached_property
    def nights(self) -> pl.DataFrame:
        """Table NIGHTS: one row a night and source; of several reports the later one, item by item."""
        reports = self.store.nights(self.before)
        merged = (
            reports.group_by("date", "source", maintain_order=True)
            .agg(pl.exclude("date", "source").drop_nulls().last())
            .sort("date", "source")
        )
        athlete = pl.lit(self.store.athlete, dtype=pl.String).alias("athlete")
        return merged.select(athlete, *(name for name in tables.NIGHTS.names if name != "athlete"))

    @cached_property
    def checkins(self) -> pl.DataFrame:
        """Table CHECKINS: one row a day."""
        return answers.checkins(self.said, self.store.athlete)

    @property
    def mornings(self) -> pl.DataFrame:
        """The check-ins that tell of their own day; a look back alone tells of a verdict."""
        return self.checkins.filter(tells_of_its_day())

    @cached_property
    def labels(self) -> list[Label]:
        """What the runner said about verdicts, causes and earlier times."""
        return self.store.labels(self.before)


def tells_of_its_day() -> pl.Expr:
    """Of a row of CHECKINS: whether it holds more than a look back at that day's verdict."""
    others = [name for name in tables.CHECKINS.names if name not in ("athlete", "date", "looking_back")]
    return pl.col("looking_back").is_null() | pl.any_horizontal(pl.col(others).is_not_null())
