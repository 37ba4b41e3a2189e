"""A value that cannot be, wherever a file has it: left out, with value, place and range; the rest of its row kept."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
from tests.importers.fit_bytes import START, UINT8, UINT16, UINT32, Fit, file_id, samples

from freshlegs import importers
from freshlegs.importers import Activity, Reading, Source
from freshlegs.importers.bounds import held
from freshlegs.tables import Row

SPAN = [(253, 4, UINT32), (2, 4, UINT32), (7, 4, UINT32), (15, 1, UINT8), (16, 1, UINT8), (22, 2, UINT16)]


def lap_and_session(mean_bpm: int, lap_mean_bpm: int) -> bytes:
    part = samples(file_id(Fit()), 20)
    part.define(3, 19, SPAN).data(3, START + 20, START, 20_000, lap_mean_bpm, 150, 35)
    part.define(2, 18, [*SPAN[:3], (16, 1, UINT8), (17, 1, UINT8), (22, 2, UINT16)])
    return part.data(2, START + 20, START, 20_000, mean_bpm, 150, 35).bytes()


def told(reading: Reading) -> list[tuple[str, str]]:
    return [(problem.where, problem.message) for problem in reading.problems]


def test_a_session_and_a_lap_are_held_to_their_range() -> None:
    reading = importers.read(Source("run.fit", lap_and_session(7, 9)))
    (activity,) = reading.activities
    assert activity.sessions["hr_mean_bpm"].to_list() == [None]
    assert activity.laps["hr_mean_bpm"].to_list() == [None]
    assert activity.sessions["climb_m"].to_list() == [35]
    assert activity.summary.hr_mean_bpm == 109.5, "of the samples then"
    assert activity.summary.hr_max_bpm == 150
    why = "hr_mean_bpm must lie between 20 and 250, not {}; it was left out"
    assert told(reading) == [("lap 1", why.format(9)), ("session 1", why.format(7))]
    assert activity.problems == tuple(reading.problems)


def test_a_heart_rate_of_nought_is_none_and_no_fault() -> None:
    reading = importers.read(Source("run.fit", lap_and_session(0, 0)))
    assert reading.activities[0].sessions["hr_mean_bpm"].to_list() == [None]
    assert told(reading) == []


def test_many_strange_samples_are_told_once_with_the_first() -> None:
    records = pl.DataFrame({"lat_deg": [59.9, None, 110.0, 59.9, float("inf")], "power_w": [0.0, 1.0, 2.0, -3.0, 4.0]})
    reading = Reading("made", activities=[Activity("made", records, (Row(sport="running"),))])
    (kept,) = held(reading, "run.fit").activities
    assert kept.records["lat_deg"].to_list() == [59.9, None, None, 59.9, None]
    assert kept.records["power_w"].to_list() == [0, 1, 2, None, 4]
    assert told(reading) == [
        ("sample 3", "lat_deg must lie between -90 and 90, not 110; 2 such values were left out"),
        ("sample 4", "power_w must be at least 0, not -3; it was left out"),
    ]


def test_rows_without_samples_and_the_profile_are_held_too() -> None:
    reading = Reading(
        "made",
        runs=[{"start_utc": datetime(2026, 5, 4, 6, tzinfo=UTC), "rpe": 11.0, "distance_m": 5000.0}],
        nights=[{"date": date(2026, 5, 4), "source": "ring", "rmssd_ms": 900.0, "sleep_s": 27_000.0}],
        checkins=[{"date": date(2026, 5, 5), "energy": 6.0, "rpe": float("nan"), "bowel": "odd"}],
        profile={"height_cm": 0.5, "weight_kg": 64.0},
    )
    kept = held(reading, "made.csv")
    assert kept.runs == [{"start_utc": datetime(2026, 5, 4, 6, tzinfo=UTC), "distance_m": 5000.0}]
    assert kept.nights == [{"date": date(2026, 5, 4), "source": "ring", "sleep_s": 27_000.0}]
    assert kept.checkins == [{"date": date(2026, 5, 5), "energy": 6.0}]
    assert kept.profile == {"weight_kg": 64.0}
    assert told(kept) == [
        ("session of 2026-05-04", "rpe must lie between 0 and 10, not 11; it was left out"),
        ("night of 2026-05-04", "rmssd_ms must lie between 1 and 400, not 900; it was left out"),
        ("check-in of 2026-05-05", "rpe must be a finite number; it was left out"),
        (
            "check-in of 2026-05-05",
            "bowel cannot be 'odd'; it is one of normal, constipated, loose; it was left out",
        ),
        ("profile", "height_cm must lie between 100 and 250, not 0.5; it was left out"),
    ]
    assert all(problem.lost for problem in kept.problems)
