"""Samples as Strava's API gives them: a list of values for each kind of stream, all of the same length.

Times count seconds from the start; ``latlng`` holds pairs; cadence counts one foot in sports with steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from freshlegs.importers import payload, tracks
from freshlegs.importers.activity import Activity
from freshlegs.importers.contract import Source
from freshlegs.problems import Problem
from freshlegs.tables import Row

_COLUMNS: Final[Mapping[str, str]] = {
    "distance": "distance_m",
    "altitude": "altitude_m",
    "velocity_smooth": "speed_mps",
    "heartrate": "hr_bpm",
    "cadence": "cadence_spm",
    "watts": "power_w",
    "temp": "temperature_c",
}
_LONGEST_S: Final = 14 * 86_400.0


def activity(streams: Mapping[str, Any], run: Mapping[str, Any], source: Source) -> Activity | None:
    """The samples as an activity whose summary is ``run``; None when they do not say when each of them was.

    A stream of another length than the times' is left out and noted.
    """
    seconds = [payload.number(one) for one in _values(streams, "time")]
    start: datetime | None = run.get("start_utc")
    if not seconds or start is None:
        return None
    problems: list[Problem] = []
    fields: dict[str, Sequence[bytes]] = {"time_utc": [_stamp(start, one) for one in seconds]}
    for name, column in _COLUMNS.items():
        if (values := _alike(streams, name, len(seconds), source, problems)) is not None:
            fields[column] = [_text(one) for one in values]
    if (pairs := _alike(streams, "latlng", len(seconds), source, problems)) is not None:
        whole = [pair if isinstance(pair, list) and len(pair) == 2 else (None, None) for pair in pairs]
        fields["lat_deg"] = [_text(pair[0]) for pair in whole]
        fields["lon_deg"] = [_text(pair[1]) for pair in whole]
    session = tracks.Session(run.get("sport"), [tracks.Part(len(seconds), fields)])
    made = tracks.build("Strava", [session], source, problems)
    told = {name: value for name, value in run.items() if value is not None}
    summary = Row({**made.summary, **told})
    return Activity(
        kind=made.kind,
        records=made.records,
        summaries=(summary,),
        laps=made.laps,
        sessions=made.sessions,
        problems=made.problems,
    )


def _values(streams: Mapping[str, Any], name: str) -> list[Any]:
    stream = streams.get(name)
    values = stream.get("data") if isinstance(stream, dict) else None
    return values if isinstance(values, list) else []


def _alike(
    streams: Mapping[str, Any], name: str, length: int, source: Source, problems: list[Problem]
) -> list[Any] | None:
    values = _values(streams, name)
    if len(values) == length:
        return values
    if values:
        problems.append(
            Problem(source.name, name, "it has not as many values as there are times; it was left out", lost=True)
        )
    return None


def _stamp(start: datetime, seconds: float | None) -> bytes:
    if seconds is None or not 0 <= seconds <= _LONGEST_S:
        return tracks.MISSING
    moment = (start + timedelta(seconds=seconds)).astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode()


def _text(value: Any) -> bytes:
    number = payload.number(value)
    return tracks.MISSING if number is None else repr(number).encode()
