"""Strava: the list and its recordings become one run each, with the runner's own effort."""

import csv
import gzip
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from freshlegs import importers
from freshlegs.diary import Diary
from freshlegs.exporters.fit import Message, fit_file
from freshlegs.importers import Reading, Source, identify
from freshlegs.importers.strava import when
from freshlegs.problems import UnreadableFile

SAMPLES = Path(__file__).parent / "samples" / "strava"
LIST = (SAMPLES / "activities.csv").read_text(encoding="utf-8")
HEADER = next(csv.reader(io.StringIO(LIST)))
assert [HEADER[at] for at in (12, 15, 16, 17, 31, 43, 95)] == [
    *("Filename", "Elapsed Time", "Moving Time", "Distance", "Average Heart Rate", "Perceived Exertion", "Competition")
]


def line(start: str, sport: str = "Run", **filled: str) -> dict[int, str]:
    """A row of the list: ``c15="1800"`` fills the sixteenth column."""
    return {0: "9", 1: start, 3: sport} | {int(name[1:]): text for name, text in filled.items()}


def table(*rows: dict[int, str], header: list[str] = HEADER) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([row.get(at, "") for at in range(len(header))] for row in rows)
    return out.getvalue().encode()


def read(data: bytes) -> Reading:
    return importers.read(Source("activities.csv", data))


def recording(start: datetime, elapsed_s: int = 1800) -> bytes:
    """A gzipped FIT file of an even run, without a word of its effort."""
    start_s = start.timestamp()
    times = start_s + np.arange(elapsed_s + 1)
    hr_bpm = 140.0 + np.random.default_rng(int(start_s)).integers(0, 9, times.size)
    distance_m = 3.0 * np.arange(elapsed_s + 1)
    whole = {"total_elapsed_time": float(elapsed_s), "total_timer_time": float(elapsed_s)}
    messages = [
        Message("file_id", {"type": 4, "manufacturer": 255, "product": 1, "serial_number": 1, "time_created": start_s}),
        Message("record", {"timestamp": times, "distance": distance_m, "heart_rate": hr_bpm}),
        Message(
            "session",
            {"timestamp": times[-1], "start_time": start_s, **whole, "total_distance": distance_m[-1], "sport": 1},
        ),
    ]
    return gzip.compress(fit_file(messages))


def export(folder: Path, rows: bytes, **recordings: bytes) -> Path:
    path = folder / "export_1.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("activities.csv", rows)
        for name, data in recordings.items():
            archive.writestr(f"activities/{name[1:]}.fit.gz", data)
    return path


def test_a_row_and_its_recording_are_one_run_with_the_effort_and_the_race(tmp_path: Path) -> None:
    """Strava's list says 20 s later and 60 s longer; the recording has the samples, the row the answers."""
    start = datetime(2026, 5, 9, 8, 0, 0, tzinfo=UTC)
    rows = table(
        line(
            "May 9, 2026, 8:00:20 AM", c12="activities/71.fit.gz", c15="1860", c16="1790", c17="5390", c43="9", c95="1"
        ),
        line("May 10, 2026, 5:30:00 PM", c15="1800", c16="1800", c17="5000", c43="3"),
    )
    with Diary.open(tmp_path / "home") as diary:
        report = diary.import_files([export(tmp_path, rows, _71=recording(start))])
        assert report.problems == []
        assert report.imported["runs"] == 2
        assert report.same_run == 1
        raced, typed = diary.runs().sort("start_utc").to_dicts()
        assert diary.import_files([tmp_path / "export_1.zip"]).already_known == 2
        assert diary.runs().height == 2
    assert (raced["start_utc"], raced["distance_m"], raced["elapsed_s"]) == (start, 5400.0, 1800.0)
    assert (raced["rpe"], raced["race"], raced["hr_mean_bpm"]) == (9.0, True, pytest.approx(144, abs=0.3))
    assert (typed["rpe"], typed["race"], typed["distance_m"]) == (3.0, None, 5000.0)
    assert typed["start_utc"] == datetime(2026, 5, 10, 17, 30, tzinfo=UTC)


def test_the_row_counts_wherever_it_lies_in_the_zip_and_another_run_stays_another(tmp_path: Path) -> None:
    """Two minutes apart is another run; and the row alone, read last, still gives its effort."""
    start = datetime(2026, 5, 9, 8, 0, 0, tzinfo=UTC)
    rows = table(line("9 May 2026, 08:00:00", c15="1800", c17="5400", c43="7"))
    for name, data in (("1.fit.gz", recording(start)), ("2.fit.gz", recording(start + timedelta(seconds=2100)))):
        (tmp_path / name).write_bytes(data)
    (tmp_path / "activities.csv").write_bytes(rows)
    with Diary.open(tmp_path / "home") as diary:
        diary.import_files([tmp_path / "1.fit.gz", tmp_path / "2.fit.gz", tmp_path / "activities.csv"])
        assert diary.runs().sort("start_utc")["rpe"].to_list() == [7.0, None]


@pytest.mark.parametrize(
    "text",
    [
        "May 4, 2026, 6:40:12 PM",
        "May 4, 2026, 6:40:12\u202fPM",
        "4 May 2026, 18:40:12",
        "4 May 2026 at 18:40:12",
        "2026-05-04 18:40:12",
    ],
)
def test_dates_as_english_accounts_write_them(text: str) -> None:
    assert when(text) == datetime(2026, 5, 4, 18, 40, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "04.05.2026, 18:40:12", "4 mai 2026 à 18:40:12", "May 40, 2026, 6:40:12 AM", "2026"]
)
def test_what_is_no_english_date_is_none(text: str) -> None:
    assert when(text) is None


def test_midnight_and_noon() -> None:
    assert [when(f"May 4, 2026, 12:00:00 {half}").hour for half in ("AM", "PM")] == [0, 12]  # type: ignore[union-attr]


def test_what_cannot_be_is_told_with_its_line_and_the_rest_is_kept() -> None:
    found = read(
        table(
            line("May 4, 2026, 6:40:12 AM", c15="1800", c17="5000", c31="900", c43="11"),
            line("yesterday", c15="1800"),
            line("May 6, 2026, 6:40:12 AM", c15="half an hour", c16="1750", c43="0"),
        )
    )
    assert [run.get("distance_m") for run in found.runs] == [5000.0, None]
    assert [run["elapsed_s"] for run in found.runs] == [1800.0, 1750.0]
    assert [(problem.where, problem.message) for problem in found.problems] == [
        ("line 2", "perceived exertion must lie between 1 and 10, not 11; it was left out"),
        ("line 2", "hr_mean_bpm must lie between 20 and 250, not 900; it was left out"),
        ("line 3", "'yesterday' is no date of an English list; the line was left out"),
        ("line 4", "elapsed time must be a number, not 'half an hour'; it was left out"),
        ("line 4", "perceived exertion must lie between 1 and 10, not 0; it was left out"),
    ]


OTHERS = {
    "German": ("Aktivitäts-ID", "Aktivitätsdatum", "Verstrichene Zeit", "Distanz", "Max. Herzfrequenz", "Pendeln"),
    "French": ("ID de l'activité", "Date de l'activité", "Temps écoulé", "Distance", "Fréquence max", "Trajet"),
    "Spanish": ("ID de actividad", "Fecha de la actividad", "Tiempo transcurrido", "Distancia", "Ritmo máx.", "Desp."),
    "Norwegian": ("Aktivitets-ID", "Aktivitetsdato", "Forløpt tid", "Distanse", "Maks. puls", "Pendling"),
    "one nobody listed": ("Tunniste", "Päivä", "Kulunut aika", "Matka", "Maksimisyke", "Työmatka"),
}


@pytest.mark.parametrize("language", OTHERS)
def test_another_language_is_refused_with_the_way_out(language: str) -> None:
    theirs = dict(
        zip(
            ("Activity ID", "Activity Date", "Elapsed Time", "Distance", "Max Heart Rate", "Commute"),
            OTHERS[language],
            strict=True,
        )
    )
    header = [theirs.get(name, name if name == "Relative Effort" else f"x{name}") for name in HEADER]
    data = table({0: "9", 1: "04.05.2026, 06:40:12", 12: "activities/71.fit.gz", 15: "1800"}, header=header)
    with pytest.raises(UnreadableFile, match=r"another language than English.*set the language"):
        read(data)


@pytest.mark.parametrize(
    ("distance", "elapsed", "metres"), [("5012.3", "1800", 5012.3), ("5.01", "1800", None), ("3.11", "1800", None)]
)
def test_an_old_list_with_one_distance_counts_only_when_it_is_in_metres(
    distance: str, elapsed: str, metres: float | None
) -> None:
    data = f"id,date,name,type,elapsed_time,distance,filename\n7,2018-01-02 12:34:56,a,Run,{elapsed},{distance},\n"
    found = read(data.encode())
    assert [run.get("distance_m") for run in found.runs] == [metres]
    assert found.runs[0]["start_utc"] == datetime(2018, 1, 2, 12, 34, 56, tzinfo=UTC)
    assert len(found.problems) == (metres is None)


def test_other_tables_are_not_taken_for_strava() -> None:
    for head in (
        b"date,energy\n2026-05-04,6\n",
        b"Activity Type,Date,Distance\nRunning,2026-05-04,5\n",
        b"",
        b"{}",
        b"[]",
    ):
        importer = identify(head, "activities.csv")
        assert importer is None or importer.KIND != "Strava"


def test_real_payloads_of_the_api_are_read_or_refused(corpus: Path) -> None:
    def of(name: str) -> list[dict[str, Any]]:
        return read((corpus / "json/stravalib" / name).read_bytes()).runs

    (run,) = of("activity.3.json")
    assert (run["sport"], run["distance_m"], run["moving_s"], run["elapsed_s"]) == ("running", 5781.1, 2892.0, 3140.0)
    assert run["utc_offset_s"] == -28800.0
    (hike,) = of("activity-manual.3.json")
    assert (hike["sport"], hike["utc_offset_s"]) == ("hiking", -28800.0)
    for name in ("example_route_response.json", "example_zone_response.json"):
        with pytest.raises(UnreadableFile, match="not needed"):
            of(name)


def test_a_list_of_payloads_that_breaks_off_keeps_what_stood_before() -> None:
    whole = (SAMPLES / "activity.json").read_bytes()
    assert len(json.loads(whole)) == 2
    found = read(whole[:-100])
    assert len(found.runs) == 1
    assert [problem.where for problem in found.problems] == ["entry 2"]


def test_an_activity_with_its_streams_has_samples() -> None:
    data = (Path(__file__).parent / "samples" / "strava" / "streams.json").read_bytes()
    reading = importers.read(Source("a file", data))
    (activity,) = reading.activities
    assert activity.records["distance_m"].to_list() == [0.0, 6.0, 12.1, 18.0, 24.0]
    assert activity.records["cadence_spm"].to_list() == [168.0, 170.0, 170.0, 172.0, 170.0]
    assert activity.records["elapsed_s"].to_list() == [0.0, 2.0, 4.0, 6.0, 8.0]
    assert activity.summary.rpe == 4.0
    assert activity.summary.utc_offset_s == 7200.0
    assert [problem.where for problem in activity.problems] == ["watts"]
