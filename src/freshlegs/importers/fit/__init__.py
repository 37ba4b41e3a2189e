"""FIT: the binary format of Garmin, Wahoo, COROS, Suunto, Polar, Strava and nearly every watch.

Ours, columnar, in plain Python and NumPy: `walk` finds where each message lies, `columns` takes fields of many
messages at once, `samples`, `spans` and `heart` make
tables of them, and `health` reads the files that are no activity. Facts stand in `profile`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import polars as pl

from freshlegs.importers.activity import Activity
from freshlegs.importers.contract import Reading, Source
from freshlegs.importers.fit import columns, health, heart, spans
from freshlegs.importers.fit import profile as p
from freshlegs.importers.fit.samples import SAMPLES_AT_MOST, Samples, decode, frame, join
from freshlegs.importers.fit.walk import Part, costs, file_type, is_one_part, parts
from freshlegs.problems import Problem, UnreadableFile
from freshlegs.tables import Row
from freshlegs.units import zone

KIND: Final = "FIT"
YIELDS: Final = frozenset({"runs", "nights", "checkins"})

LARGEST_B: Final = 128 * 2**20
"""A week of samples every second is 30 MB; nothing larger is a recording of a person."""


def recognise(head: bytes, name: str) -> bool:
    """Whether a file begins with a FIT header: ``.FIT`` at byte 8. The name does not matter."""
    return head[8:12] == b".FIT"


def read(source: Source) -> Reading:
    """An activity file into one `Activity`; files of sleep, heart rate, weight … into nights and check-ins.

    Files that are chained give one activity with several sessions. Raises UnreadableFile for the other kinds of
    FIT file, told by their first message, and for what holds no sample, lap or session.
    """
    data = source.data
    if len(data) > LARGEST_B:
        raise UnreadableFile("the file is larger than any recording of a person (128 MB)")
    kind = file_type(data)
    if kind in p.FILE_TYPES and kind not in p.HEALTH_FILES and is_one_part(data):
        raise UnreadableFile(_refusal(kind))
    found = parts(data)
    if kind in p.HEALTH_FILES:
        return health.read(source, found, p.HEALTH_FILES[kind])
    with np.errstate(all="ignore"):  # impossible numbers are no business of the screen
        activity = _activity(source, found, kind)
    return Reading(KIND, activities=[activity], problems=list(activity.problems))


def outline(data: bytes) -> dict[int, int]:
    """How many messages of each number a file holds; for a look into odd files."""
    counts: dict[int, int] = {}
    for part in parts(data):
        for number, count in part.counts().items():
            counts[number] = counts.get(number, 0) + count
    return counts


def _refusal(kind: int | None) -> str:
    return f"this is {p.FILE_TYPES.get(kind or 0, 'a FIT file of another kind')}; it holds no activity"


def _activity(source: Source, found: list[Part], kind: int | None) -> Activity:
    data = source.data
    if sum(len(block) for part in found for block in part.messages.get(p.RECORD, ())) > SAMPLES_AT_MOST:
        raise UnreadableFile(f"the file holds more than {SAMPLES_AT_MOST:,} samples, a month and a half of seconds")
    every: list[spans.Session] = []
    laps: list[dict[str, Any]] = []
    pieces: list[Samples] = []
    for part in found:
        samples = decode(data, part)
        of = spans.sessions(data, part, samples)
        spans.steps(samples, of)
        laps += spans.lap_rows(data, part, of)
        every += of
        if len(samples):
            pieces.append(samples)
    whole = join(pieces)
    if not len(whole) and not every and not laps:
        raise UnreadableFile(_nothing(found, kind))
    _strap(data, found, whole)
    rows = [spans.session_row(each) for each in every]
    told = [row for row, each in zip(rows, every, strict=True) if each.told]
    offset = spans.utc_offset_s(data, found)
    summaries = tuple(
        spans.summary(row, each, offset, whole, len(every) == 1) for row, each in zip(rows, every, strict=True)
    )
    problems = _problems(source, found, whole, _date(source, found, every, summaries))
    return Activity(
        KIND,
        frame(whole),
        summaries,
        spans.lap_table(laps),
        spans.session_table(told),
        pl.Series("rr_ms", heart.rr_ms(data, found)),
        tuple(problems),
    )


def _nothing(found: list[Part], kind: int | None) -> str:
    if kind in p.FILE_TYPES:
        return _refusal(kind)
    if found[0].faults:
        at, why = found[0].faults[0]
        return f"nothing of this FIT file can be read (byte {at}: {why})"
    return "this FIT file holds no sample, lap or session"


def _strap(data: bytes, found: list[Part], whole: Samples) -> None:
    if not any(p.HR in part.messages for part in found):
        return
    rates = heart.strap_rates(data, found, whole.seconds)
    if rates is None:
        return
    own = whole.columns.get("hr_bpm")
    if own is not None:
        rates = np.where(np.isnan(rates), own, rates)
    whole.put("hr_bpm", rates, int(np.count_nonzero(np.isnan(rates))))


def _problems(source: Source, found: list[Part], whole: Samples, undated: str | None) -> list[Problem]:
    out = _faults(source, found)
    if undated is not None:
        out.append(Problem(source.name, "time_utc", undated))
    if whole.left_out:
        out.append(
            Problem(source.name, "", f"{whole.left_out} fields of apps are not described and were left out", lost=True)
        )
    return out


def _faults(source: Source, found: list[Part]) -> list[Problem]:
    """What was wrong with the bytes."""
    return [Problem(source.name, f"byte {at}", why, lost=costs(why)) for part in found for at, why in part.faults]


def _date(source: Source, found: list[Part], every: list[spans.Session], summaries: tuple[Row, ...]) -> str | None:
    """Give runs a start when the device counted seconds since it was switched on; returns what was done, in words."""
    undated = [(row, each) for row, each in zip(summaries, every, strict=True) if row["start_utc"] is None]
    if not undated:
        return None
    created = _created(source.data, found)
    local = spans.local_clock(source.data, found)
    home = source.context.home_time_zone
    for row, each in undated:
        if local is not None and each.begin is not None and each.begin < p.MIN_DATE_TIME:
            start = (local + timedelta(seconds=each.begin)).replace(tzinfo=zone(home))
            row["start_utc"] = start.astimezone(UTC)
            row["utc_offset_s"] = (start.utcoffset() or timedelta()).total_seconds() if home else None
        elif created is not None:
            row["start_utc"] = created
    why = "the device did not know the date while recording"
    if all(row["start_utc"] is None for row, _ in undated):
        return why
    if local is not None:
        return f"{why}; the start is the local time it gave at the end, read in {home or 'UTC'}"
    return f"{why}; the start is that of the file"


def _created(data: bytes, found: list[Part]) -> datetime | None:
    for part in found:
        for _, values, _ in columns.rows(data, part, p.FILE_ID):
            if (created := spans.instant(values.get(4))) is not None:
                return created
    return None
