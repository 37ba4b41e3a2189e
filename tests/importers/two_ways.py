"""What the tests of readers with a fast and a careful way share."""

from types import ModuleType

import pytest
from polars.testing import assert_frame_equal

from freshlegs import importers
from freshlegs.importers import Context, Source
from freshlegs.importers.activity import Activity


def read_one(name: str, text: str | bytes, zone: str | None = None) -> Activity:
    """The one activity of a file of this name."""
    data = text.encode() if isinstance(text, str) else text
    (found,) = importers.read(Source(name, data, Context(zone))).activities
    return found


def both_ways(reader: ModuleType, data: bytes, monkeypatch: pytest.MonkeyPatch) -> tuple[Activity, Activity]:
    """The same bytes by the fast way and by the careful one."""
    fast = reader.read(Source("x", data)).activities[0]
    with monkeypatch.context() as patch:
        patch.setattr(reader, "_fast", lambda data: None)
        careful = reader.read(Source("x", data)).activities[0]
    return fast, careful


def assert_same(one: Activity, other: Activity) -> None:
    """Equal to the last digit."""
    assert_frame_equal(one.records, other.records, check_exact=True)
    assert_frame_equal(one.laps, other.laps, check_exact=True)
    assert one.summaries == other.summaries
    assert one.problems == other.problems
