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

from tests.importers.fit_bytes import START, UINT8, UINT32, Fit, file_id, samples  # noqa: E402

from fuzz import invariant, mutation, seeds  # noqa: E402

SILENT = (
    samples(file_id(Fit()), 20)
    .define(2, 18, [(253, 4, UINT32), (2, 4, UINT32), (7, 4, UINT32), (16, 1, UINT8), (17, 1, UINT8)])
    .data(2, START + 20, START, 20_000, 0, 7)
    .bytes()
)
WELLNESS = b"effective_time_frame,fatigue,mood,readiness,sleep_duration_h,sleep_quality,soreness,soreness_area,stress\n"
SESSIONS = b"end_date_time,activity_names,perceived_exertion,duration_min\n"
POINT = b"<Trackpoint><Time>9999-12-31T23:59:59-14:00</Time></Trackpoint>"
TRACK = b"<Activity Sport='Running'><Lap><Track>" + POINT * 3 + b"</Track></Lap></Activity>"
TCX = b"<TrainingCenterDatabase>" + TRACK + b"</TrainingCenterDatabase>"
APPLE = b"<?xml version='1.0' encoding='%s'?>\n<HealthData locale='en'>%s<Record type='HKQuantityTypeIdentifierHeight'"
APPLE += (
    b" unit='cm' startDate='2026-05-04 06:00:00 +0000' endDate='2026-05-04 06:00:00 +0000' value='%s'/></HealthData>"
)
BORN = b"<Me HKCharacteristicTypeIdentifierDateOfBirth='1990-01-31'/>"
FOUND = {
    "a heart without a beat in a session": ("FIT", SILENT),
    "a runner of half a centimetre": ("Apple Health", APPLE % (b"UTF-8", BORN, b"0.5")),
    "an encoding nobody knows": ("Apple Health", APPLE % (b"UTJF-8", BORN, b"180")),
    "an encoding of several bytes": ("Apple Health", APPLE % (b"gbk", BORN, b"180")),
    "a name that turns the line round": (
        "Garmin Connect",
        b'{"activityId": "\\u202e", "summaryDTO": 1, "isMultiSportParent": 1, "activityTypeDTO": 1}',
    ),
    "an effort beside a morning's answers": ("CSV", b"date,energy,rpe\n2026-05-04,6,5\n"),
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
"""Seconds of each; 0 for none."""


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
