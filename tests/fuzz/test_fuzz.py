"""Every reader of the registry, whatever the bytes: values changed in place, bytes changed anywhere, files cut off.

`test_changed_files` is short and always the same kinds of change; `test_a_while_of_each_reader` lets atheris look for
code nothing has reached yet. A fault found stands in `FOUND` ever after.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from fuzz import invariant, mutation, seeds  # noqa: E402

WELLNESS = b"effective_time_frame,fatigue,mood,readiness,sleep_duration_h,sleep_quality,soreness,soreness_area,stress\n"
SESSIONS = b"end_date_time,activity_names,perceived_exertion,duration_min\n"
POINT = b"<Trackpoint><Time>9999-12-31T23:59:59-14:00</Time></Trackpoint>"
TRACK = b"<Activity Sport='Running'><Lap><Track>" + POINT * 3 + b"</Track></Lap></Activity>"
TCX = b"<TrainingCenterDatabase>" + TRACK + b"</TrainingCenterDatabase>"
FOUND = {
    "a morning on the calendar's last evening": ("PMSys", WELLNESS + b"9999-12-31T23:59:59Z,2,3,6,7,3,2,[],3\n"),
    "a run that began before the calendar": ("PMSys", SESSIONS + b"0001-01-01T00:00:00Z,[],5,45\n"),
    "mornings without an answer": ("PMSys", WELLNESS + b"2026-05-04T06:40:12.345Z,,,,,,,[],\n"),
    "a sample on the calendar's last evening": (
        "TCX",
        TCX,
    ),
    "readings without their column of time": ("Elite HRV", b"Type,HR,lnRmssd,Rmssd\nreadiness,50,60,70\n"),
    "a date on the calendar's last day": (
        "CSV",
        b"start_local,distance_m,moving_s\n9999-12-31T23:59:59,5000,1800\n" * 2,
    ),
    "a place on no globe": (
        "GPX",
        b'<gpx><trk><trkseg><trkpt lat="110.05" lon="10"/><trkpt lat="1" lon="1"/></trkseg></trk></gpx>',
    ),
}


def harmless(kind: str, data: bytes) -> bool:
    if kind == seeds.ARCHIVES:
        return invariant.unpack_harmlessly(data)
    return invariant.read_harmlessly(seeds.importer(kind), data)


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_once(name: str) -> None:
    harmless(*FOUND[name])


@pytest.mark.parametrize("kind", seeds.KINDS)
def test_each_reader_has_a_seed_that_it_reads(kind: str) -> None:
    assert any(harmless(kind, data) for data in seeds.of(kind)), "put a small file of it into tests/importers/samples"


@pytest.mark.parametrize("kind", seeds.KINDS)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(number=st.integers(0, 2**32))
def test_changed_files(kind: str, number: int) -> None:
    dice = random.Random(number)
    data = dice.choice(seeds.of(kind))
    harmless(kind, mutation.mutate(data, dice) or mutation.scatter(data, dice))
    harmless(kind, mutation.scatter(data, dice))


LONG_S = int(os.environ.get("FRESHLEGS_FUZZ_S", "60"))
"""A minute of each; none in the gate, which judges a change by tests that come out alike each time."""


@pytest.mark.skipif(LONG_S == 0, reason="no throw of dice asked for: FRESHLEGS_FUZZ_S is 0")
@pytest.mark.slow
@pytest.mark.parametrize("kind", seeds.KINDS)
def test_a_while_of_each_reader(kind: str, tmp_path: Path) -> None:
    pytest.importorskip("atheris")
    from fuzz.__main__ import fuzz

    result = fuzz(kind, LONG_S, tmp_path, dice=1)
    assert result.is_good, "\n".join(result.told.splitlines()[-40:])
    assert result.tried > 5 * LONG_S
    assert result.reached > 20
