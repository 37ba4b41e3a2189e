"""The part of the diary that tells of single runs: what is behind one, and those that were taken out by hand."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from freshlegs import tables
from freshlegs.diary.hand import by_hand
from freshlegs.diary.known import Known
from freshlegs.store import Store
from freshlegs.tables import Row


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind all runs of a diary, read once: sessions by id, twins and parts, hand changes, file names."""

    sessions: Mapping[str, Mapping[str, Any]]
    run_of: Mapping[str, str]
    parts: frozenset[str]
    changes: Mapping[str, Mapping[str, Any]]
    deleted: frozenset[str]
    names: Mapping[str, str]

    def files(self, run: str) -> list[dict[str, Any]]:
        """The file of a run, and those of its twins and parts."""
        family = [run, *(one for one, whole in self.run_of.items() if whole == run and one != run)]
        return [
            {
                "id": one,
                "name": self.names[self.sessions[one]["file"]],
                "kind": self.sessions[one]["kind"],
                "role": "kept" if one == run else "part" if one in self.parts else "twin",
            }
            for one in family
        ]


class RunBook:
    """Methods of `Diary`: behind_runs, run_details, deleted_runs."""

    _store: Store

    if TYPE_CHECKING:

        def _run(self, name: str, known: Iterable[str] | None = None) -> str: ...

    def behind_runs(self) -> Behind:
        """What `run_details` needs of all runs, for who asks for many."""
        known = Known(self._store)
        changes, deleted = by_hand(known.by_hand.edits, known.run_of)
        return Behind(
            sessions={row["id"]: row for row in known.sessions.iter_rows(named=True)},
            run_of=known.run_of,
            parts=frozenset(part for parts in known.parts_of.values() for part in parts[1:]),
            changes=changes,
            deleted=frozenset(deleted),
            names={sha256: file.name for sha256, file in self._store.files().items()},
        )

    def run_details(self, run: str, behind: Behind | None = None) -> Row:
        """What is behind a run beside its row: where it comes from, and what was changed by hand.

        ``id`` (of the run that is kept), ``files`` (each with ``id``, ``name``, ``kind`` and its ``role``: kept, twin
        or part), ``samples``, ``decoupling_pct`` (null unless the run was steady), ``changed`` (by hand: field to
        value), ``deleted``. WrongRequest for no or several such runs.
        """
        all_ = behind or self.behind_runs()
        kept = all_.run_of.get(full := self._run(run, all_.sessions), full)
        return Row(
            id=kept,
            files=all_.files(kept),
            samples=all_.sessions[kept]["samples"],
            changed=dict(all_.changes.get(kept, {})),
            deleted=kept in all_.deleted,
            decoupling_pct=_decoupling(self._store.facts([kept]).get(kept)),
        )

    def deleted_runs(self) -> pl.DataFrame:
        """Table RUNS with ``id`` of the runs taken out by hand, as they came; `Diary.restore_run` brings one back."""
        known = Known(self._store)
        _, deleted = by_hand(known.by_hand.edits, known.run_of)
        gone = known.every_run.filter(pl.col("id").is_in(list(deleted)))
        athlete = pl.lit(self._store.athlete, dtype=pl.String).alias("athlete")
        return gone.select("id", athlete, *(name for name in tables.RUNS.names if name != "athlete"))


def _decoupling(data: bytes | None) -> float | None:
    from freshlegs.metrics.facts import RunFacts, readable

    if data is None or not readable(data):
        return None
    drift = RunFacts.from_bytes(data).decoupling_pct
    return None if math.isnan(drift) else drift
