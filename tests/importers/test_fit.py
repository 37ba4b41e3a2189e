"""FIT files written byte by byte: what comes out of each peculiarity of the format."""

from __future__ import annotations

import struct
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

import freshlegs
from freshlegs import tables
from freshlegs.importers import Context, Source, read

from .fit_bytes import BYTE, ENUM, SINT8, START, STRING, UINT8, UINT16, UINT32, Fit, file_id, run, samples, session

BEGIN = datetime(2021, 9, 8, 1, 46, 40, tzinfo=UTC)


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_run_in_either_byte_order(order: str) -> None:
    activity = freshlegs.read_activity(run(60, order))
    records = activity.records
    assert records.height == 60
    assert records["time_utc"].to_list() == [BEGIN + timedelta(seconds=i) for i in range(60)]
    assert records["elapsed_s"].to_list() == list(range(60))
    assert records["hr_bpm"].to_list() == [100 + i for i in range(60)]
    assert records["distance_m"].to_list() == [3.0 * i for i in range(60)]
    assert records["altitude_m"].to_list() == [float(i) for i in range(60)]
    assert set(records["lat_deg"]) == {90.0}
    assert set(records["lon_deg"]) == {-45.0}
    assert "power_w" not in records.columns
    assert activity.problems == ()
    assert activity.summary == {
        "start_utc": BEGIN,
        "utc_offset_s": None,
        "sport": "running",
        "distance_m": 200.0,
        "moving_s": 55.0,
        "elapsed_s": 60.0,
        "hr_mean_bpm": 140.0,
        "hr_max_bpm": 159.0,  # not in the session: taken from the samples
        "climb_m": 35.0,
        "temperature_c": None,
        "rpe": None,
    }
    assert activity.sessions["sport"].to_list() == ["running"]
    assert activity.laps.height == 0
    assert len(activity.rr_ms) == 0


def test_columns_have_the_types_and_the_order_of_the_declared_table() -> None:
    activity = freshlegs.read_activity(run())
    schema = activity.records.schema
    assert list(schema) == [name for name in tables.RECORDS.names if name in schema]
    assert all(schema[name] == tables.RECORDS.schema[name] for name in schema)
    for frame, table in ((activity.laps, tables.LAPS), (activity.sessions, tables.SESSIONS)):
        assert all(frame.schema[name] == dtype for name, dtype in table.schema.items())
    assert activity.rr_ms.dtype == pl.Float64


def test_what_was_not_measured_is_null_and_a_column_without_a_value_is_absent() -> None:
    fit = file_id(Fit()).define(1, 20, [(253, 4, UINT32), (3, 1, UINT8), (13, 1, SINT8), (7, 2, UINT16)])
    fit.data(1, START, 0xFF, 0x7F, 0).data(1, START + 1, 90, 0x7F, 0xFFFF).data(1, 0xFFFFFFFF, 91, 0x7F, 250)
    records = freshlegs.read_activity(fit.bytes()).records
    assert records["hr_bpm"].to_list() == [None, 90.0, 91.0]
    assert records["power_w"].to_list() == [0.0, None, 250.0]  # zero is a number
    assert "temperature_c" not in records.columns
    assert records["time_utc"].to_list() == [BEGIN, BEGIN + timedelta(seconds=1), None]
    assert records["elapsed_s"].to_list() == [0.0, 1.0, None]


def test_the_wide_speed_and_altitude_go_before_the_narrow_ones_which_fill_their_gaps() -> None:
    fit = file_id(Fit()).define(1, 20, [(253, 4, UINT32), (6, 2, UINT16), (73, 4, UINT32), (2, 2, UINT16)])
    fit.data(1, START, 3000, 3500, 2500).data(1, START + 1, 3100, 0xFFFFFFFF, 2505)
    records = freshlegs.read_activity(fit.bytes()).records
    assert records["speed_mps"].to_list() == [3.5, 3.1]
    assert records["altitude_m"].to_list() == [0.0, 1.0]


@pytest.mark.parametrize(("sport", "expected"), [(1, 171.0), (11, 171.0), (17, 171.0), (2, 85.5), (5, 85.5)])
def test_cadence_is_steps_of_both_feet_on_foot_and_revolutions_elsewhere(sport: int, expected: float) -> None:
    fit = file_id(Fit()).define(1, 20, [(253, 4, UINT32), (4, 1, UINT8), (53, 1, UINT8)])
    fit.data(1, START, 85, 64).data(1, START + 1, 85, 0xFF).data(1, START + 2, 0xFF, 64)
    records = freshlegs.read_activity(session(fit, sport).bytes()).records
    assert records["cadence_spm"].to_list() == [expected, 85.0 * expected / 85.5, None]


def test_cadence_of_a_duathlon_follows_the_sport_of_the_moment() -> None:
    fit = file_id(Fit()).define(1, 20, [(253, 4, UINT32), (4, 1, UINT8)])
    for i in range(120):
        fit.data(1, START + i, 80)
    session(session(fit, 1), 2, begin=START + 60)
    activity = freshlegs.read_activity(fit.bytes())
    assert activity.records["cadence_spm"].to_list() == [160.0] * 60 + [80.0] * 60
    assert [row.sport for row in activity.summaries] == ["running", "cycling"]
    assert activity.summary.sport == "running"


@pytest.mark.parametrize(
    ("sport", "sub_sport", "name"),
    [
        (1, 0, "running"),
        (1, 1, "treadmill_running"),
        (1, 3, "trail_running"),
        (1, 4, "track_running"),
        (1, 45, "indoor_running"),
        (1, 58, "virtual_running"),
        (1, 67, "running"),
        (4, 1, "treadmill_running"),
        (2, 8, "cycling"),
        (5, 17, "swimming"),
        (10, 20, "strength"),
        (17, 0, "hiking"),
        (200, 0, None),
    ],
)
def test_the_sport_in_one_word(sport: int, sub_sport: int, name: str | None) -> None:
    activity = freshlegs.read_activity(session(samples(file_id(Fit()), 3), sport, sub_sport).bytes())
    assert activity.summary.sport == name


def test_a_redefined_message_keeps_the_order_of_the_file() -> None:
    fit = file_id(Fit())
    for i in range(0, 40, 2):
        fit.define(1, 20, [(253, 4, UINT32), (3, 1, UINT8)]).data(1, START + i, 100 + i)
        fit.define(1, 20, [(7, 2, UINT16), (253, 4, UINT32)]).data(1, 200 + i, START + i + 1)
    records = freshlegs.read_activity(fit.bytes()).records
    assert records["elapsed_s"].to_list() == list(range(40))
    assert records["hr_bpm"].to_list() == [100 + i if i % 2 == 0 else None for i in range(40)]
    assert records["power_w"].to_list() == [None if i % 2 == 0 else 199 + i for i in range(40)]


def test_messages_that_take_turns_and_runs_of_messages_are_all_found() -> None:
    fit = file_id(Fit()).define(1, 20, [(253, 4, UINT32), (3, 1, UINT8)]).define(3, 233, [(2, 3, BYTE)])
    fit.define(4, 20, [(253, 4, UINT32), (7, 2, UINT16)])
    expected: list[tuple[int, str]] = []
    pattern = "1" + "13" * 40 + "1" * 300 + "134" * 20 + "14" * 30 + "3" + "44" + "31" * 3 + "4"
    for kind in pattern:
        if kind == "3":
            fit.data(3, b"\1\4\1")
            continue
        fit.data(int(kind), START + len(expected), 150)
        expected.append((len(expected), kind))
    records = freshlegs.read_activity(fit.bytes()).records
    assert records["elapsed_s"].to_list() == [second for second, _ in expected]
    assert records["hr_bpm"].to_list() == [150.0 if kind == "1" else None for _, kind in expected]
    assert records["power_w"].to_list() == [150.0 if kind == "4" else None for _, kind in expected]


def test_compressed_timestamps_run_over_after_32_seconds() -> None:
    fit = file_id(Fit()).define(3, 20, [(3, 1, UINT8)]).define(1, 21, [(253, 4, UINT32), (0, 1, ENUM)])
    fit.compressed(3, 9, 70)  # before any full time: unknown
    fit.data(1, START + 3, 0)
    seconds = [START + 3 + 7 * i for i in range(20)]
    for second in seconds:
        fit.compressed(3, second, 80)
    fit.data(1, START + 1000, 0).compressed(3, START + 1001, 90)
    times = freshlegs.read_activity(fit.bytes()).records["time_utc"].to_list()
    assert times == [None, *(BEGIN + timedelta(seconds=s - START) for s in seconds), BEGIN + timedelta(seconds=1001)]


def test_compressed_speed_and_distance_are_summed_up() -> None:
    fit = file_id(Fit()).define(1, 20, [(253, 4, UINT32), (8, 3, BYTE)])
    for i in range(10):
        packed = 350 | (i * 1000 % 4096) << 12
        fit.data(1, START + i, packed.to_bytes(3, "little"))
    fit.data(1, START + 10, b"\xff\xff\xff")
    records = freshlegs.read_activity(fit.bytes()).records
    assert records["speed_mps"].to_list() == [3.5] * 10 + [None]
    assert records["distance_m"].to_list() == [i * 1000 / 16 for i in range(10)] + [None]


def test_seconds_since_power_on_are_no_date() -> None:
    fit = file_id(Fit()).define(1, 20, [(253, 4, UINT32), (3, 1, UINT8)])
    for i in range(5):
        fit.data(1, 5000 + 2 * i, 120)
    activity = freshlegs.read_activity(fit.bytes())
    assert activity.records["time_utc"].null_count() == 5
    assert activity.records["elapsed_s"].to_list() == [0.0, 2.0, 4.0, 6.0, 8.0]
    assert activity.summary.start_utc == BEGIN  # when the file was created
    assert activity.summary.elapsed_s == 8.0
    assert ["date" in problem.message for problem in activity.problems] == [True]


def test_the_local_clock_dates_a_device_that_only_counted() -> None:
    fit = file_id(Fit()).define(1, 20, [(253, 4, UINT32), (3, 1, UINT8)])
    fit.data(1, 5000, 120).data(1, 5060, 121)
    fit.define(3, 34, [(253, 4, UINT32), (5, 4, UINT32)]).data(3, 5100, START)
    in_oslo = Source("run.fit", fit.bytes(), Context(home_time_zone="Europe/Oslo"))
    activity = read(in_oslo).activities[0]
    assert activity.summary.start_utc == BEGIN - timedelta(seconds=100 + 7200)
    assert activity.summary.utc_offset_s == 7200.0
    assert "read in Europe/Oslo" in activity.problems[0].message


@pytest.mark.parametrize(
    ("local_minus_utc_s", "offset"),
    [(7200, 7200.0), (-12_600, -12_600.0), (20_700, 20_700.0), (7230, 7200.0), (7500, None), (60_000, None), (0, 0.0)],
)
def test_the_offset_of_local_time(local_minus_utc_s: int, offset: float | None) -> None:
    fit = samples(file_id(Fit()), 3).define(3, 34, [(253, 4, UINT32), (5, 4, UINT32)])
    fit.data(3, START + 60, START + 60 + local_minus_utc_s)
    assert freshlegs.read_activity(fit.bytes()).summary.utc_offset_s == offset


def test_chained_files_are_one_activity_with_several_sessions() -> None:
    first, second = run(30), session(samples(file_id(Fit(">")), 20, START + 3600), 2, begin=START + 3600).bytes()
    activity = freshlegs.read_activity(first + second)
    assert activity.records.height == 50
    assert activity.records["elapsed_s"][30] == 3600.0
    assert [row.sport for row in activity.summaries] == ["running", "cycling"]
    assert activity.sessions.height == 2
    assert activity.problems == ()


def test_a_settings_file_chained_behind_an_activity_does_no_harm() -> None:
    settings = file_id(Fit(), 2).define(1, 3, [(4, 2, UINT16)]).data(1, 700).bytes()
    assert freshlegs.read_activity(run(30) + settings).records.height == 30
    assert freshlegs.read_activity(settings + run(30)).records.height == 30


def test_a_wrong_checksum_is_read_and_said() -> None:
    data = bytearray(run(30))
    data[-1] ^= 0x55
    activity = freshlegs.read_activity(bytes(data))
    assert activity.records.height == 30
    assert [problem.where for problem in activity.problems] == [f"byte {len(data) - 2}"]
    assert "checksum" in activity.problems[0].message


@pytest.mark.parametrize("told", [0, 30, 400, 5000, 2**32 - 1])
def test_a_length_that_lies_is_said_and_everything_read(told: int) -> None:
    whole = session(samples(file_id(Fit()), 30))
    for data in (whole.bytes(size=told), whole.bytes(size=told, crc=0xBEEF)):
        activity = freshlegs.read_activity(data)
        assert activity.records.height == 30
        assert activity.sessions.height == 1
        assert activity.problems


def test_what_follows_the_end_is_said_and_left_out() -> None:
    activity = freshlegs.read_activity(run(30) + b"some other bytes")
    assert activity.records.height == 30
    assert "16 bytes after the end" in activity.problems[0].message


def test_a_message_that_was_never_defined_ends_its_part_alone() -> None:
    broken = samples(file_id(Fit()), 10).raw(b"\x0f\x01\x02").bytes()
    activity = freshlegs.read_activity(broken + run(20))
    assert activity.records.height == 30
    assert "never defined" in activity.problems[0].message


def test_every_beginning_of_a_file_gives_a_beginning_of_its_samples() -> None:
    data = session(samples(file_id(Fit()).define(3, 78, [(0, 10, UINT16)]), 12)).bytes()
    whole = freshlegs.read_activity(data).records
    seen = set()
    for length in range(len(data)):
        try:
            activity = freshlegs.read_activity(data[:length])
        except freshlegs.UnreadableFile:
            assert 12 not in seen
            continue
        records = activity.records
        assert records.equals(whole.select(records.columns).head(records.height))
        assert activity.problems
        assert len(activity.summaries) == 1
        seen.add(records.height)
    assert seen == set(range(1, 13))


def test_a_run_without_its_session_is_summed_up_from_its_samples() -> None:
    fit = samples(file_id(Fit()).define(3, 12, [(0, 1, ENUM), (1, 1, ENUM)]).data(3, 1, 3), 61)
    fit.data(1, START + 360, 200, 90_000, 0, 0, 2500)  # after five minutes of standing
    summary = freshlegs.read_activity(fit.bytes()).summary
    assert summary.sport == "trail_running"
    assert (summary.start_utc, summary.elapsed_s, summary.moving_s) == (BEGIN, 360.0, 60.0)
    assert (summary.distance_m, summary.hr_max_bpm) == (900.0, 200.0)


def test_laps_alone_are_a_run() -> None:
    fit = file_id(Fit()).define(
        1, 19, [(253, 4, UINT32), (2, 4, UINT32), (7, 4, UINT32), (9, 4, UINT32), (25, 1, ENUM)]
    )
    fit.data(1, START + 300, START, 300_000, 100_000, 1).data(1, START + 580, START + 300, 280_000, 90_000, 1)
    activity = freshlegs.read_activity(fit.bytes())
    assert (activity.records.height, activity.laps.height, activity.sessions.height) == (0, 2, 0)
    assert activity.records.columns == ["time_utc", "elapsed_s"]
    summary = activity.summary
    assert (summary.start_utc, summary.sport, summary.elapsed_s, summary.distance_m) == (
        BEGIN,
        "running",
        580.0,
        1900.0,
    )


def _described(fit: Fit, number: int, code: int, name: bytes) -> Fit:
    return fit.define(5, 206, [(0, 1, UINT8), (1, 1, UINT8), (2, 1, UINT8), (3, len(name), STRING)]).data(
        5, 0, number, code, name
    )


def test_fields_of_apps_keep_their_names() -> None:
    fit = file_id(Fit())
    _described(fit, 0, UINT16, b"Form Power\0junk")
    _described(fit, 1, SINT8, b"legSpringStiffness")  # not terminated
    _described(fit, 2, UINT8, b"hr_bpm\0")
    _described(fit, 3, STRING, b"Mood\0")
    _described(fit, 4, UINT8, b"Phases\0")
    fields = [(0, 2, 0), (1, 1, 0), (2, 1, 0), (3, 5, 0), (4, 3, 0), (9, 1, 0)]
    fit.define(1, 20, [(253, 4, UINT32), (3, 1, UINT8)], fields)
    fit.data(1, START, 150, 60, 10, 148, b"good\0", b"\1\2\xff", 5)
    fit.data(1, START + 1, 151, 0xFFFF, 0x7F, 149, b"\0\0\0\0\0", b"\4\5\6", 5)
    activity = freshlegs.read_activity(fit.bytes())
    records = activity.records
    assert records["form_power"].to_list() == [60.0, None]
    assert records["leg_spring_stiffness"].to_list() == [10.0, None]
    assert records["hr_bpm"].to_list() == [150.0, 151.0]
    assert records["dev_hr_bpm"].to_list() == [148.0, 149.0]
    assert records["mood"].to_list() == ["good", None]
    assert records["phases"].to_list() == [[1.0, 2.0, None], [4.0, 5.0, 6.0]]
    assert [problem.message for problem in activity.problems] == [
        "1 fields of apps are not described and were left out"
    ]


def test_fields_of_apps_in_laps_and_sessions() -> None:
    fit = _described(samples(file_id(Fit()), 3), 0, UINT16, b"Score\0")
    fit.define(4, 19, [(253, 4, UINT32), (2, 4, UINT32)], [(0, 2, 0)])
    fit.data(4, START + 2, START, 77).data(4, START + 3, START + 2, 0xFFFF)
    activity = freshlegs.read_activity(fit.bytes())
    assert activity.laps["score"].to_list() == [77.0, None]
    assert activity.laps["start_utc"].to_list() == [BEGIN, BEGIN + timedelta(seconds=2)]


def test_beat_to_beat_intervals() -> None:
    fit = samples(file_id(Fit()), 3).define(3, 78, [(0, 10, UINT16)])
    for values in ((800, 810, 0xFFFF, 0xFFFF, 0xFFFF), (790, 65534, 700, 0xFFFF, 0xFFFF)):
        fit.data(3, struct.pack("<5H", *values))
    assert freshlegs.read_activity(fit.bytes()).rr_ms.to_list() == [800.0, 810.0, 790.0, 65534.0, 700.0]


def test_heart_rate_that_a_strap_sent_afterwards_is_given_to_the_samples() -> None:
    fit = file_id(Fit()).define(1, 20, [(253, 4, UINT32)])
    for second in range(6):
        fit.data(1, START + second)
    fit.define(2, 132, [(253, 4, UINT32), (0, 2, UINT16), (9, 4, UINT32), (6, 1, UINT8)])
    fit.data(2, START, 0, 1024 * 500, 60)
    fit.define(3, 132, [(10, 3, BYTE), (6, 2, BYTE)])
    for beat in range(0, 8, 2):  # a beat a second, the strap's clock running over at four seconds
        clocks = [(1024 * (500 + beat + step)) & 0xFFF for step in (1, 2)]
        fit.data(3, (clocks[0] | clocks[1] << 12).to_bytes(3, "little"), bytes([62 + beat, 64 + beat]))
    rates = freshlegs.read_activity(fit.bytes()).records["hr_bpm"].to_list()
    # each second holds three quarters of the old rate and the new beat, rounded half up
    assert rates == [60.0, 61.0, 63.0, 64.0, 65.0, 66.0]


def test_odd_definitions_do_no_harm() -> None:
    fit = file_id(Fit())
    fields = [
        (253, 4, UINT32),
        (3, 0, UINT8),
        (7, 1, UINT16),
        (5, 8, UINT32),
        (3, 1, UINT8),
        (77, 1, 0x1F),
        (3, 1, UINT8),
    ]
    fit.define(1, 20, fields).define(3, 20, []).define(4, 4000, [(1, 1, UINT8)])
    fit.data(1, START, b"", b"\x63", struct.pack("<2I", 500, 600), 140, b"x", 9)
    fit.data(3).data(4, 3)
    records = freshlegs.read_activity(fit.bytes()).records
    assert records.height == 2
    assert records["distance_m"].to_list() == [5.0, None]  # of an array the first
    assert records["hr_bpm"].to_list() == [140.0, None]  # of a field given twice the first that is not empty


KINDS = {2: "settings", 5: "workout", 6: "course", 10: "totals", 34: "segment", 35: "segment list"}


@pytest.mark.parametrize(("kind", "word"), KINDS.items())
def test_files_that_are_no_activity_are_told_early_and_by_name(kind: int, word: str) -> None:
    data = samples(file_id(Fit(), kind), 5).bytes()
    with pytest.raises(freshlegs.UnreadableFile, match=f"{word}.*holds no activity"):
        freshlegs.read_activity(data)


def test_an_activity_file_without_anything_in_it_is_refused() -> None:
    with pytest.raises(freshlegs.UnreadableFile, match="no sample, lap or session"):
        freshlegs.read_activity(file_id(Fit()).bytes())


def test_weights_become_checkins() -> None:
    fit = file_id(Fit(), 9).define(1, 30, [(253, 4, UINT32), (0, 2, UINT16)])
    fit.data(1, START, 7015).data(1, START + 60, 7010).data(1, START + 86_400, 0xFFFE).data(1, START + 172_800, 6990)
    reading = read(Source("scale.fit", fit.bytes()))
    assert reading.checkins == [
        {"date": date(2021, 9, 8), "weight_kg": 70.15},
        {"date": date(2021, 9, 10), "weight_kg": 69.9},
    ]
    assert reading.activities == []
    far_east = Context(home_time_zone="Pacific/Auckland")  # already the afternoon there
    fit = file_id(Fit(), 9).define(1, 30, [(253, 4, UINT32), (0, 2, UINT16)]).data(1, START + 15 * 3600, 7015)
    assert read(Source("scale.fit", fit.bytes(), far_east)).checkins[0]["date"] == date(2021, 9, 9)


def test_more_messages_of_a_kind_than_anybody_writes_are_bounded() -> None:
    fit = samples(file_id(Fit()), 2).define(3, 19, [(0, 1, ENUM)])
    fit.raw(b"\x03\x00" * 50_000)
    activity = freshlegs.read_activity(fit.bytes())
    assert activity.laps.height == 10_000


def test_a_definition_that_promises_more_fields_than_there_are_bytes() -> None:
    with pytest.raises(freshlegs.UnreadableFile):
        freshlegs.read_activity(Fit().raw(b"\x40\x00\x00\x00\x00\xff\x00").bytes())
