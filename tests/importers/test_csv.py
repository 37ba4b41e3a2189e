"""CSV: our own names without a map, any names with one, each bad cell with its line and column."""

import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from freshlegs import importers, tables
from freshlegs.importers import Context, Reading, Source
from freshlegs.importers.column_maps import parse
from freshlegs.problems import UnreadableFile, WrongRequest
from freshlegs.synthetic.write import write_table


def read(text: str | bytes, map_toml: str | None = None, zone: str | None = None, name: str = "diary.csv") -> Reading:
    data = text.encode() if isinstance(text, str) else text
    maps = {} if map_toml is None else {"mine": tomllib.loads(map_toml)}
    return importers.read(Source(name, data, Context(zone, maps)))


def said(reading: Reading) -> list[tuple[str, str]]:
    return [(problem.where, problem.message) for problem in reading.problems]


# --- our own names ----------------------------------------------------------------------------------------


def example_of(column: tables.Column) -> Any:
    if column.choices:
        return list(column.choices[:2]) if column.dtype == tables.WORDS else column.choices[0]
    if column.dtype == tables.NUMBER:
        low = column.low if column.low is not None else 0.0
        return low + (column.high - low) / 4 if column.high is not None else low + 1.0
    examples = {tables.YES_NO: False, tables.DAY: date(2026, 5, 4), tables.INSTANT: datetime(2026, 5, 4, 6, tzinfo=UTC)}
    return examples.get(column.dtype, 'a "word", and\nanother')


@pytest.mark.parametrize("table", [tables.CHECKINS, tables.NIGHTS], ids=lambda table: table.name)
def test_every_column_of_our_own_comes_back_as_it_was_written(tmp_path: Path, table: tables.Table) -> None:
    row = {column.name: example_of(column) for column in table.columns if column.name != "athlete"}
    write_table(tmp_path / "own.csv", list(row), [row])
    found = read((tmp_path / "own.csv").read_bytes())
    (back,) = getattr(found, table.name)
    assert {name: value for name, value in back.items() if not isinstance(value, float)} == {
        name: value for name, value in row.items() if not isinstance(value, float)
    }
    for name, value in row.items():
        if isinstance(value, float):
            assert back[name] == pytest.approx(value, rel=1e-4), name
    assert found.problems == []


def test_a_wide_table_gives_check_ins_and_nights() -> None:
    found = read("Date;Energy;sleep_s;strength_done\n2026-05-04;0;27000;true\n2026-05-05;7,5;;\n")
    assert found.checkins == [
        {"date": date(2026, 5, 4), "energy": 0.0, "strength_done": True},
        {"date": date(2026, 5, 5), "energy": 7.5},
    ]
    assert found.nights == [{"date": date(2026, 5, 4), "source": "csv", "sleep_s": 27000.0}]


def test_runs_by_the_clock_on_the_wall() -> None:
    """2:30 happens twice in the night the clock is set back; the first is taken, and said."""
    found = read(
        "start_local,distance_m,moving_s,sport\n2025-10-26T02:30:00,10000,1:00:00,Running\n"
        "2025-10-26T12:00:00,5000,1500,\n",
        zone="Europe/Oslo",
    )
    assert [(run["start_utc"], run["utc_offset_s"]) for run in found.runs] == [
        (datetime(2025, 10, 26, 0, 30, tzinfo=UTC), 7200.0),
        (datetime(2025, 10, 26, 11, 0, tzinfo=UTC), 3600.0),
    ]
    assert found.runs[0] | {"start_utc": None} == {
        "start_utc": None,
        "utc_offset_s": 7200.0,
        "distance_m": 10000.0,
        "moving_s": 3600.0,
        "elapsed_s": 3600.0,
        "sport": "running",
    }
    assert [message for _, message in said(found)] == [
        "the times have no time zone; they were read in Europe/Oslo",
        "the clock showed 2025-10-26T02:30:00 twice that night; the first was taken",
        "some lines name no sport; they were taken for runs",
    ]


def test_a_column_named_utc_is_utc() -> None:
    found = read("start_utc,moving_s,sport\n2026-05-04 06:00:00,1800,running\n", zone="Europe/Oslo")
    assert found.runs[0]["start_utc"] == datetime(2026, 5, 4, 6, tzinfo=UTC)
    assert found.problems == []


def test_each_bad_cell_is_said_and_the_rest_of_its_line_kept() -> None:
    found = read(
        "date,energy,soreness,ill,sleep_habits,period_started\n"
        "2026-05-04,11,3,none,same_times|dancing,true\n"
        "2026-05-05,much,0,ghost,,perhaps\n"
        "yesterday,1,2,none,,\n"
        ",1,2,none,,\n"
    )
    assert found.checkins == [
        {
            "date": date(2026, 5, 4),
            "soreness": 3.0,
            "ill": "none",
            "sleep_habits": ["same_times"],
            "period_started": True,
        },
        {"date": date(2026, 5, 5), "soreness": 0.0},
    ]
    assert {where for where, _ in said(found)} == {
        "line 2, energy",
        "line 3, energy",
        "line 3, ill",
        "line 3, period_started",
        "line 4, date",
        "line 5",
        "",
    }
    assert all(problem.source == "diary.csv" for problem in found.problems)


def test_quoted_newlines_count_as_lines() -> None:
    found = read('date,note,energy\n2026-05-04,"two\nlines",5\n2026-05-05,,50\n')
    assert found.checkins[0]["note"] == "two\nlines"
    assert said(found)[0][0] == "line 4, energy"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters(encoding: str, delimiter: str) -> None:
    text = delimiter.join(["date", "energy", "note"]) + "\r\n" + delimiter.join(["2026-05-04", "6", "müde"]) + "\r\n"
    assert read(text.encode(encoding)).checkins == [{"date": date(2026, 5, 4), "energy": 6.0, "note": "müde"}]


def test_columns_nobody_knows_are_passed_over_and_said() -> None:
    found = read("date,energy,aura,chi\n2026-05-04,6,blue,3\n")
    assert said(found) == [("", "columns passed over because they are not known: aura, chi")]


def test_answers_that_look_like_another_scale_are_said() -> None:
    lines = "".join(f"2026-05-{day:02d},{day % 5 + 1},{day % 3 + 1}\n" for day in range(1, 20))
    assert "scale = [1, 5]" in said(read("date,energy,mood\n" + lines))[0][1]


def test_several_athletes_in_one_table_are_refused() -> None:
    with pytest.raises(UnreadableFile, match="several athletes"):
        read("athlete,date,energy\na,2026-05-04,6\nb,2026-05-04,6\n")
    assert len(read("athlete,date,energy\na,2026-05-04,6\na,2026-05-05,6\n").checkins) == 2


def test_ten_thousand_bad_cells_do_not_make_ten_thousand_problems() -> None:
    text = "date,energy\n" + "".join(
        f"{2000 + n // 336}-{n // 28 % 12 + 1:02d}-{n % 28 + 1:02d},99\n" for n in range(5000)
    )
    with pytest.raises(UnreadableFile, match="no line of the table could be read; the first fault: line 2, energy"):
        read(text)
    found = read(text + "2026-05-04,6\n")
    assert len(found.problems) == 51
    assert found.problems[-1].message == "4,950 more values or lines were left out"


# --- by a map ---------------------------------------------------------------------------------------------

MAP = """
table = "checkins"
decimal = ","
date_format = "%d.%m.%Y"
[columns]
date = "Datum"
energy = { from = "Müdigkeit", scale = [1, 5], turned = true }
weight_kg = { from = "Gewicht", unit = "lb" }
ill = { from = "Krank", words = { "nein" = "none", "ja" = "below_neck", "?" = "" } }
strength_done = { from = "Kraft", words = { "J" = true, "N" = false } }
"""


def test_a_map_says_what_columns_mean() -> None:
    found = read(
        "Datum;Müdigkeit;Gewicht;Krank;Kraft;Wetter\n"
        "04.05.2026;5;150,5;nein;J;Regen\n"
        "05.05.2026;2;;ja;N;\n"
        "06.05.2026;6;;?;J;\n",
        MAP,
    )
    assert found.checkins == [
        {
            "date": date(2026, 5, 4),
            "energy": 0.0,
            "weight_kg": pytest.approx(68.2657, abs=1e-4),
            "ill": "none",
            "strength_done": True,
        },
        {"date": date(2026, 5, 5), "energy": 7.5, "ill": "below_neck", "strength_done": False},
        {"date": date(2026, 5, 6), "strength_done": True},
    ]
    assert said(found) == [
        ("line 4, Müdigkeit", "6 is not on its scale from 1 to 5; that value was left out"),
        ("", "columns passed over because they are not known: Wetter"),
    ]


def test_a_map_for_runs_with_units_and_a_time_zone() -> None:
    found = read(
        "When,Dist,Time,Kind,Temp\n2026-07-04 06:30,6.2,52:30,Easy run,68\n",
        """
        table = "runs"
        time_zone = "America/New_York"
        [columns]
        start_local = "When"
        distance_m = { from = "Dist", unit = "mi" }
        moving_s = { from = "Time", unit = "mm:ss" }
        sport = { from = "Kind", words = { "Easy run" = "running" } }
        temperature_c = { from = "Temp", unit = "F" }
        """,
    )
    (run,) = found.runs
    assert run["start_utc"] == datetime(2026, 7, 4, 10, 30, tzinfo=UTC)
    assert run["distance_m"] == pytest.approx(9977.93, abs=0.01)
    assert (run["moving_s"], run["sport"], run["temperature_c"]) == (3150.0, "running", pytest.approx(20.0))
    assert found.problems == []


def test_one_file_of_maps_for_a_wide_sheet() -> None:
    found = read(
        "Day,Feel,Slept\n2026-05-04,6,7:30\n",
        """
        [answers]
        table = "checkins"
        columns = { date = "Day", energy = "Feel" }
        [sleep]
        table = "nights"
        source = "paper"
        columns = { date = "Day", sleep_s = { from = "Slept", unit = "h:mm" } }
        """,
    )
    assert found.checkins == [{"date": date(2026, 5, 4), "energy": 6.0}]
    assert found.nights == [{"date": date(2026, 5, 4), "source": "paper", "sleep_s": 27000.0}]


def test_a_map_is_only_for_the_files_it_names() -> None:
    only = 'file = "mood*.csv"\ntable = "checkins"\ncolumns = { date = "Day", mood = "M" }'
    assert read("Day,M\n2026-05-04,6\n", only, name="phone.zip/mood-2026.csv").checkins
    with pytest.raises(UnreadableFile, match="not known"):
        read("Day,M\n2026-05-04,6\n", only, name="other.csv")


def test_a_refusal_proposes_a_map() -> None:
    with pytest.raises(UnreadableFile) as caught:
        read("Day,Fatigue,Soreness,Moon\n2026-05-04,3,2,full\n2026-05-05,3,2,full\n")
    assert 'table = "checkins" and date = "Day", energy = "Fatigue", soreness = "Soreness"' in str(caught.value)


@pytest.mark.parametrize(
    ("toml", "why"),
    [
        ('table = "diary"\ncolumns = { date = "d" }', "checkins, nights, runs, not 'diary'"),
        ('table = "checkins"', "needs a table 'columns'"),
        ('table = "checkins"\ncolumns = { energy = "e" }', "does not say where date comes from"),
        ('table = "checkins"\ncolumns = { date = "d", luck = "l" }', "'luck', which checkins does not have"),
        ('table = "checkins"\nsep = ";"\ncolumns = { date = "d" }', "has 'sep'"),
        ('table = "checkins"\ncolumns = { date = "d", energy = { from = "e", unit = "h" } }', "not in 'h'"),
        ('table = "checkins"\ncolumns = { date = "d", energy = { from = "e", scale = [1] } }', "lowest, highest"),
        (
            'table = "checkins"\ncolumns = { date = "d", energy = { from = "e", words = { a = 11 } } }',
            "between 0 and 10",
        ),
        ('table = "checkins"\ntime_zone = "Mars/Base"\ncolumns = { date = "d" }', "nobody knows"),
    ],
)
def test_a_wrong_map_is_refused_in_one_sentence(toml: str, why: str) -> None:
    with pytest.raises(WrongRequest, match=why):
        parse({"mine": tomllib.loads(toml)})


@pytest.mark.parametrize("text", ["dear diary\n", "one, two\nbut then no more\nat, all\n", "{,}\n{,}\n", "a,b\n"])
def test_prose_and_json_are_no_tables(text: str) -> None:
    assert importers.identify(text.encode(), "diary.csv") is None
