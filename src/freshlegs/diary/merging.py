"""Two recordings of one run (a watch that was restarted) as the run they are, put together by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import polars as pl

FARTHEST_APART: Final = timedelta(hours=6)
OVERLAP: Final = timedelta(seconds=60)
"""Parts of one run follow one another: no later than this, and no earlier."""

_SUMS: Final = ("distance_m", "moving_s", "climb_m", "load_lu", "z1_s", "z2_s", "z3_s")
_MEANS: Final = ("hr_mean_bpm", "temperature_c", "graded_speed_mps", "load_quality")
_HIGHEST: Final = ("hr_max_bpm", "rpe", "race", "harder_than_it_should", "quality_session")
_LAST: Final = ("legs", "hit_pace")


def families(part_of: Mapping[str, str], kept_by: Mapping[str, str], sessions: pl.DataFrame) -> dict[str, list[str]]:
    """For each run made of parts, the ids of the kept sessions, the run's own first, the others by start."""
    if not part_of:
        return {}
    start = dict(sessions.select("id", "start_utc").iter_rows())

    def root(run: str) -> str:
        seen = {run}
        while (above := part_of.get(run)) is not None and above not in seen:
            seen.add(above)
            run = above
        return kept_by.get(run, run)

    found: dict[str, set[str]] = defaultdict(set)
    for part in part_of:
        kept, first = kept_by.get(part, part), root(part)
        if kept != first and kept in start and first in start:
            found[first].add(kept)
    return {first: [first, *sorted(parts, key=lambda run: (start[run], run))] for first, parts in found.items()}


def merged(frame: pl.DataFrame, parts_of: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    """The sessions with each run's parts put together under the run's id."""
    if not parts_of:
        return frame
    concerned = {part for parts in parts_of.values() for part in parts}
    rows = {row["id"]: row for row in frame.filter(pl.col("id").is_in(list(concerned))).iter_rows(named=True)}
    whole = [_together([rows[part] for part in parts if part in rows]) for parts in parts_of.values()]
    others = frame.filter(~pl.col("id").is_in(list(concerned)))
    made = pl.DataFrame([row for row in whole if row], schema=frame.schema)
    return pl.concat([others, made]).sort("start_utc", "id")


def _together(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One row of several: the id and sport of the first named, times from the first start to the last end."""
    if not rows:
        return {}
    out = dict(rows[0])
    weights = [row["moving_s"] if row["moving_s"] is not None else row["elapsed_s"] or 0.0 for row in rows]
    for name in _SUMS:
        known = [row[name] for row in rows if row[name] is not None]
        # A load is only known of the whole when it is known of all parts.
        out[name] = sum(known) if known and (name != "load_lu" or len(known) == len(rows)) else None
    for name in _MEANS:
        known = [(row[name], weight) for row, weight in zip(rows, weights, strict=True) if row[name] is not None]
        total = sum(weight for _, weight in known)
        out[name] = sum(value * weight for value, weight in known) / total if total else None
    for name in _HIGHEST:
        out[name] = max((row[name] for row in rows if row[name] is not None), default=None)
    in_time = sorted(rows, key=lambda row: row["start_utc"])
    for name in _LAST:
        out[name] = next((row[name] for row in reversed(in_time) if row[name] is not None), None)
    out["start_utc"], out["utc_offset_s"] = in_time[0]["start_utc"], in_time[0]["utc_offset_s"]
    out["elapsed_s"] = (max(map(end_of, rows)) - out["start_utc"]).total_seconds()
    out["flags"] = sorted({flag for row in rows for flag in row["flags"] or ()}) or None
    return out


def end_of(row: Mapping[str, Any]) -> Any:
    """When a session ended, as far as it says."""
    lasted = row["elapsed_s"] if row["elapsed_s"] is not None else row["moving_s"] or 0.0
    return row["start_utc"] + timedelta(seconds=lasted)


def with_facts(facts: dict[str, bytes], parts_of: Mapping[str, Sequence[str]]) -> dict[str, bytes]:
    """The facts, those of a run made of parts put together."""
    from freshlegs.metrics.facts import RunFacts, together

    for first, parts in parts_of.items():
        held = [RunFacts.from_bytes(facts[part]) for part in parts if part in facts]
        if len(held) > 1:
            facts = facts | {first: together(held).to_bytes()}
    return facts
