"""Whatever the bytes: an activity or UnreadableFile, nothing else, and no giant tables."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import freshlegs
from freshlegs.importers import fit
from freshlegs.importers.contract import Source
from freshlegs.problems import UnreadableFile

from .fit_bytes import STRING, UINT8, Fit, everything, file_id, samples

RICH = everything()


def harmless(data: bytes) -> None:
    """Called at the importer itself: the registry above it would hide a fault."""
    try:
        reading = fit.read(Source("some.fit", data))
    except UnreadableFile:
        return
    for activity in reading.activities:
        records = activity.records
        assert records.height <= len(data)
        assert records.height * records.width <= max(4_000_000, 16 * len(data))
        assert len(activity.summaries) >= 1
        assert activity.summary is not None
        assert all(problem.message for problem in activity.problems)


def test_the_whole_file_with_everything_in_it() -> None:
    activity = freshlegs.read_activity(RICH)
    assert activity.records.height == 70
    assert activity.problems == ()
    assert activity.records["mood"].null_count() == 50
    assert len(activity.rr_ms) == 5


@pytest.mark.parametrize(
    ("flip", "step"),
    [(0x01, 2), (0x80, 5), *(pytest.param(flip, 1, marks=pytest.mark.slow) for flip in (0x01, 0x07, 0x40, 0xFF))],
)
def test_every_byte_changed(flip: int, step: int) -> None:
    for at in range(0, len(RICH), step):
        harmless(RICH[:at] + bytes([RICH[at] ^ flip]) + RICH[at + 1 :])


def test_every_beginning() -> None:
    for length in range(0, len(RICH), 3):
        harmless(RICH[:length])


EDITS = st.lists(st.tuples(st.integers(0, len(RICH) - 1), st.binary(min_size=1, max_size=6)), min_size=1, max_size=8)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(edits=EDITS, cut=st.integers(0, len(RICH)), insert=st.binary(max_size=8))
def test_random_changes(edits: list[tuple[int, bytes]], cut: int, insert: bytes) -> None:
    data = bytearray(RICH)
    for at, change in edits:
        data[at : at + len(change)] = change
    harmless(bytes(data))
    harmless(bytes(data[:cut]) + insert + bytes(data[cut:]))


@settings(max_examples=200, deadline=None)
@given(body=st.binary(max_size=400), definitions=st.lists(st.binary(min_size=6, max_size=40), max_size=4))
def test_random_bytes_behind_a_header(body: bytes, definitions: list[bytes]) -> None:
    part = file_id(Fit())
    for each in definitions:
        part.raw(bytes([0x40 | each[0] & 0x2F, 0, each[1] & 1, each[2] % 40, 0, len(each[6:]) // 3]) + each[6:])
    harmless(part.raw(body).bytes())
    harmless(part.bytes(size=7)[:-2] + body)


@pytest.mark.parametrize("limit", [400])
def test_seeds_of_another_project_and_their_mutations(corpus: Path, limit: int) -> None:
    seeds = sorted(path for path in (corpus / "fit-fuzz-seeds").rglob("*") if path.is_file())
    assert seeds
    for path in seeds:
        data = path.read_bytes()
        harmless(data)
        step = max(1, len(data) // limit)
        for at in range(0, len(data), step * 4):
            harmless(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
            harmless(data[:at])


def test_many_columns_times_many_rows_stay_bounded() -> None:
    part = file_id(Fit())
    part.define(5, 206, [(0, 1, UINT8), (1, 1, UINT8), (2, 1, UINT8), (3, 4, STRING)])
    for number in range(250):
        part.data(5, 0, number, UINT8, b"%03d\0" % number)
    part.define(1, 20, [(3, 1, UINT8)], [(number, 1, 0) for number in range(250)])
    part.data(1, 90, *[1] * 250).define(1, 20, [])
    part.raw(b"\1" * 300_000)
    activity = freshlegs.read_activity(part.bytes())
    assert activity.records.height == 300_001
    assert activity.records.width <= 20
    assert "fields of apps" in activity.problems[-1].message


def test_a_part_of_nothing_but_definitions() -> None:
    part = file_id(Fit())
    for number in range(10_000):
        part.raw(bytes([0x41, 0, 0]) + number.to_bytes(2, "little") + b"\1\1\1\2")
    harmless(samples(part, 3).bytes())
