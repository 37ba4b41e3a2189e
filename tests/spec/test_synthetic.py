"""The made runner: its files are sound, its days plausible, its truth the same each time."""

from __future__ import annotations

import csv
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from garmin_fit_sdk import Decoder, Stream

from freshlegs import tables
from freshlegs.exporters import fit as fit_writer
from freshlegs.exporters.fit import Message
from freshlegs.synthetic import live, made_days, made_history, made_panel, write_demo
from freshlegs.synthetic.write import run_file

END = date(2026, 5, 4)


@pytest.fixture(scope="module")
def life():
    return live(END)


def decoded(data: bytes) -> dict:
    stream = Stream.from_byte_array(bytearray(data))
    assert Decoder(stream).check_integrity()
    messages, errors = Decoder(Stream.from_byte_array(bytearray(data))).read()
    assert errors == []
    return messages


def test_a_fit_file_reads_back_as_written() -> None:
    start = datetime(2026, 5, 4, 6, 30).timestamp()
    data = fit_writer.fit_file(
        [
            Message("file_id", {"type": 4, "manufacturer": 255, "time_created": start}),
            Message(
                "record",
                {
                    "timestamp": start + np.arange(3),
                    "position_lat": [60.0, np.nan, -60.0],
                    "enhanced_altitude": [-12.4, 0.0, 8848.0],
                    "enhanced_speed": [0.0, np.nan, 3.217],
                    "heart_rate": [60, 254, np.nan],
                    "temperature": [-7, 0, np.nan],
                },
            ),
            fit_writer.beat_messages(np.array([800.0, 810, 805, 790, 820, 815])),
            Message("workout", {"sport": 1, "wkt_name": "Rolig langtur på vei", "num_valid_steps": 1}),
        ]
    )
    messages = decoded(data)
    first, second, third = messages["record_mesgs"]
    assert first["timestamp"].timestamp() == start
    assert first["position_lat"] * 180 / 2**31 == pytest.approx(60.0, abs=1e-7)
    assert (first["enhanced_altitude"], second["enhanced_altitude"]) == pytest.approx((-12.4, 0.0), abs=1e-9)
    assert (first["enhanced_speed"], third["enhanced_speed"]) == (0.0, 3.217)
    assert (first["temperature"], second["temperature"]) == (-7, 0)
    assert "position_lat" not in second
    assert "heart_rate" not in third
    beats = [beat for message in messages["hrv_mesgs"] for beat in message["time"] if beat is not None]
    assert beats == [0.8, 0.81, 0.805, 0.79, 0.82, 0.815]
    assert messages["workout_mesgs"][0]["wkt_name"] == "Rolig langtur på vei"


def test_a_made_run_is_a_sound_activity(life) -> None:
    made = next(run for run in life.runs if run.kind == "intervals")
    messages = decoded(run_file(made))
    assert len(messages["record_mesgs"]) == made.samples.seconds
    session = messages["session_mesgs"][0]
    assert session["sport"] == "running"
    assert session["workout_rpe"] == made.rpe * 10
    laps = messages["lap_mesgs"]
    assert sum(lap["total_distance"] for lap in laps) == pytest.approx(session["total_distance"], abs=1.0)
    assert sum(lap["total_elapsed_time"] for lap in laps) == pytest.approx(session["total_elapsed_time"])
    activity = messages["activity_mesgs"][0]
    assert activity["local_timestamp"] - messages["record_mesgs"][-1]["timestamp"].timestamp() + 631065600 in (
        3600,
        7200,
    )


def test_samples_are_what_a_body_can_do(life) -> None:
    for made in life.runs:
        s = made.samples
        assert 900 < s.seconds < 9000
        assert 1.3 < s.speed_mps.min() < s.speed_mps.max() < 5.5
        assert 60 < s.hr_bpm.min() < s.hr_bpm.max() <= life.body.hr_max_bpm
        assert np.abs(np.diff(s.hr_bpm)).max() < 6
        assert np.all(np.diff(s.distance_m) > 0)
        east = np.diff(s.lon_deg) * 111_195 * np.cos(np.radians(s.lat_deg[1:]))
        north = np.diff(s.lat_deg) * 111_195
        steps = np.hypot(east, north)
        assert steps.sum() == pytest.approx(s.distance_m[-1], rel=0.06)
        assert steps.max() < 9
    hard = [run.samples.hr_bpm.mean() for run in life.runs[:40] if run.kind == "trial"]
    easy = [run.samples.hr_bpm.mean() for run in life.runs[:40] if run.kind == "easy"]
    assert min(hard) > max(easy)


def test_the_truth_is_a_slow_slide(life) -> None:
    truth = life.truth
    assert truth.last == END
    assert truth.state[END] == "excessive"
    assert 14 <= (END - truth.onset["excessive"]).days <= 42
    assert set(list(truth.state.values())[:100]) == {"fresh", "cumulative"}
    assert sum(truth.causes.values()) == pytest.approx(1.0)
    assert min(truth.causes["sleep"], truth.causes["training"]) > 0.3
    easy = [run for run in life.runs if run.kind == "easy"]
    paces = [run.samples.graded_mps.mean() for run in easy]
    assert np.mean(paces[-10:]) > 1.1 * np.mean(paces[:40])
    # Warm-up, five kilometres all out, cool-down: the seconds of the middle lap.
    took = [int(np.diff(run.samples.lap_starts)[1]) for run in life.runs if run.kind == "trial"]
    assert took[-1] > 1.03 * min(took)


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others(tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        write_demo(tmp_path / name, END, seed)
    files = {
        name: {path.relative_to(tmp_path / name): path.read_bytes() for path in (tmp_path / name).rglob("*.*")}
        for name in "abc"
    }
    assert files["a"] == files["b"]
    assert files["a"] != files["c"]


def test_another_end_moves_every_date(tmp_path: Path) -> None:
    truth = write_demo(tmp_path, date(2025, 1, 1))
    days = [row["date"] for row in csv.DictReader((tmp_path / "nights.csv").open())]
    assert max(days) <= "2025-01-01" == truth.last.isoformat()
    assert len(list((tmp_path / "runs").glob("*.fit"))) == truth.runs


def test_every_row_is_possible_by_the_declared_tables(life) -> None:
    after = {"legs", "hit_pace", "harder_than_it_should"}
    for table, rows in ((tables.NIGHTS, life.nights), (tables.CHECKINS, life.checkins)):
        for row in rows:
            for name, value in row.items():
                column = (tables.RUNS if name in after else table).column(name)
                assert column.refuse(value) is None, (name, value)


def test_many_made_runners_are_possible_and_repeatable() -> None:
    days = made_days(7, 90, seed=5)
    assert days.height == 7 * 90
    assert days.equals(made_days(7, 90, seed=5))
    assert not days.equals(made_days(7, 90, seed=6))
    for name, dtype in days.schema.items():
        column = tables.DAYS.column(name)
        assert dtype == column.dtype, name
        for value in days[name].drop_nulls().unique().to_list():
            assert column.refuse(value) is None, (name, value)
    holes = days.select("energy", "sleep_s", "load_lu", "performance_ln").null_count().row(0)
    assert all(0 < count < days.height for count in holes)


def test_a_panel_holds_the_same_runners_unjoined() -> None:
    runs, nights, checkins = made_panel(5, 60, seed=2)
    for table, frame in ((tables.RUNS, runs), (tables.NIGHTS, nights), (tables.CHECKINS, checkins)):
        assert set(frame["athlete"]) == {f"a{number}" for number in range(5)}
        for name in frame.columns:
            assert frame.schema[name] == table.column(name).dtype, name
    assert (nights["woke_utc"] > nights["fell_asleep_utc"]).all()
    assert runs["race"].sum() > 0


def test_a_long_history_has_about_as_many_runs_as_asked(tmp_path: Path) -> None:
    truth = made_history(tmp_path, END, years=1, runs=200)
    assert truth.runs == pytest.approx(200, abs=25)
    made = sorted((tmp_path / "runs").glob("*.fit"))
    assert len(made) == truth.runs
    records = decoded(made[0].read_bytes())["record_mesgs"]
    gaps = {(b["timestamp"] - a["timestamp"]).total_seconds() for a, b in pairwise(records)}
    assert gaps == {6.0}
