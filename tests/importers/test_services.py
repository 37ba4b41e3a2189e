"""The services' exports: small files of our own making in their layout, each with what must come out beside it.

``FRESHLEGS_EXPECT=write pytest tests/importers/test_services.py`` writes the expectations anew; read them before they
are kept.
"""

import json
import os
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from freshlegs import importers
from freshlegs.diary import Diary
from freshlegs.importers import Context, Reading, Source
from freshlegs.problems import UnreadableFile

SAMPLES = Path(__file__).parent / "samples"
SERVICES = ("elite-hrv", "fitbit", "hrv4training", "intervals.icu", "oura", "polar", "suunto", "whoop")
FILES = [
    file
    for service in SERVICES
    for file in sorted((SAMPLES / service).iterdir())
    if not file.name.endswith(".expected.json")
]


def read(data: bytes | str, name: str = "a file", zone: str | None = "Europe/Oslo") -> Reading:
    return importers.read(Source(name, data.encode() if isinstance(data, str) else data, Context(zone)))


def written(value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(type(value))


def as_told(reading: Reading) -> Any:
    """A reading as JSON holds it; the name of the file is left out of the problems."""
    told = {name: getattr(reading, name) for name in ("kind", "runs", "nights", "checkins", "profile")}
    told["activities"] = [
        {"summary": one.summary, "samples": one.records.height, "columns": one.records.columns, "beats": len(one.rr_ms)}
        for one in reading.activities
    ]
    told["problems"] = [f"{problem.where}: {problem.message}" for problem in reading.problems]
    return json.loads(json.dumps({name: held for name, held in told.items() if held}, default=written))


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_a_sample_becomes_what_is_expected(file: Path) -> None:
    """Under any name, since only the content tells."""
    found = as_told(read(file.read_bytes()))
    beside = file.with_suffix(".expected.json")
    if os.environ.get("FRESHLEGS_EXPECT") == "write":
        beside.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert found == json.loads(beside.read_text(encoding="utf-8"))


def survives(text: str | bytes) -> bool:
    """Whether a file is read, or refused by a sentence that was meant for it."""
    try:
        read(text)
    except UnreadableFile as refusal:
        return "does not expect" not in str(refusal)
    return True


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_a_part_of_a_file_never_breaks_it(file: Path) -> None:
    data = file.read_bytes()
    for length in range(0, len(data), max(1, len(data) // 40)):
        assert survives(data[:length]), length


STRANGE = {".json": ["[1]", "true", "1" + "0" * 400, '"x"', "-5", "null", "{}"], ".csv": ["x", "-5", "9" * 400]}


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_strange_values_in_any_field_never_break_it(file: Path) -> None:
    """Values in turn become a list, a truth, a huge number, a word."""
    text = file.read_text(encoding="utf-8")
    marks = [at for at, letter in enumerate(text) if letter == (":" if file.suffix == ".json" else ",")]
    for at in marks[:: max(1, len(marks) // 60)]:
        ends = [text.find(letter, at + 1) for letter in ",}\n"]
        end = min((end for end in ends if end > 0), default=len(text))
        for value in STRANGE[file.suffix]:
            assert survives(text[: at + 1] + value + text[end:]), (text[max(0, at - 30) : at], value)


# --- Fitbit -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wearer(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Diary, Any]:
    folder = shared / "validation" / "pmdata" / "p03" / "fitbit"
    if not folder.is_dir():
        pytest.skip("needs ../shared/validation/pmdata (real files, not part of the project)")
    diary = Diary.open(tmp_path_factory.mktemp("wearer") / "home")
    diary.set_profile(home_time_zone="Europe/Oslo")
    return diary, diary.import_files([folder])


def test_a_real_folder_of_fitbit_files_becomes_runs_and_nights(wearer: tuple[Diary, Any]) -> None:
    diary, result = wearer
    runs, nights = diary.runs(), diary.nights()
    assert runs["sport"].value_counts().sort("sport").rows() == [("treadmill_running", 3), ("walking", 54)]
    assert nights["source"].unique().to_list() == ["fitbit"]
    assert nights["sleep_s"].count() == 78
    assert nights["hr_rest_bpm"].count() == 101
    refused = [problem for problem in result.problems if "is not needed" in problem.message]
    assert len(refused) == 8
    assert all(problem.refused for problem in refused)


def test_the_resting_heart_rate_of_a_day_is_known_the_next_morning() -> None:
    (night,) = read('[{"dateTime":"2026-05-03 00:00:00","value":{"date":"05/03/26","value":52.4,"error":6.8}}]').nights
    assert night == {"date": date(2026, 5, 4), "source": "fitbit", "hr_rest_bpm": 52.4}


def test_the_files_of_one_night_meet_in_one_row(tmp_path: Path) -> None:
    diary = Diary.open(tmp_path / "home")
    diary.set_profile(home_time_zone="Europe/Oslo")
    diary.import_files([SAMPLES / "fitbit"])
    (night,) = diary.nights().filter(date=date(2026, 5, 4)).to_dicts()
    assert (night["sleep_s"], night["hr_rest_bpm"], night["rmssd_ms"]) == (24300.0, 52.4, 41.25)


@pytest.mark.parametrize(
    "data",
    [
        '[{"dateTime":"05/03/26 00:00:00","value":"245"}]',
        '[{"dateTime":"05/03/26 00:00:00","value":{"valuesInZones":{"IN_DEFAULT_ZONE_1":164.0}}}]',
        "timestamp,rmssd,coverage,low_frequency,high_frequency\n2026-05-04T01:05:00,38.2,0.93,512.1,301.2\n",
        "timestamp,sleep_log_entry_id,overall_score\n2026-05-04T06:29:30Z,1,76\n",
    ],
)
def test_other_files_of_fitbit_are_said_to_be_not_needed(data: str) -> None:
    with pytest.raises(UnreadableFile, match="is not needed"):
        read(data)


# --- Oura, WHOOP, HRV4Training, Elite HRV, intervals.icu --------------------------------------------------


def test_every_sample_reaches_the_diary_under_its_own_source(tmp_path: Path) -> None:
    diary = Diary.open(tmp_path / "home")
    diary.set_profile(home_time_zone="Europe/Oslo")
    result = diary.import_files([SAMPLES / service for service in SERVICES])
    assert set(diary.nights()["source"]) == set(SERVICES)
    beside = {file.name for file in SAMPLES.glob("*/*.expected.json")}
    assert {Path(p.source).name for p in result.problems if p.refused} <= beside
    with_rmssd = diary.nights().drop_nulls("rmssd_ms")
    assert with_rmssd["hrv_source"].to_list() == with_rmssd["source"].to_list()


def test_sdnn_never_becomes_rmssd() -> None:
    (night,) = read("date,ctl,atl,hrvSDNN\n2026-05-04,45,50,71.5\n").nights
    assert night == {"date": date(2026, 5, 4), "source": "intervals.icu", "sdnn_ms": 71.5}


@pytest.mark.parametrize(
    ("theirs", "answer", "ours", "points"),
    [
        ("fatigue", 1, "energy", 10.0),
        ("soreness", 4, "soreness", 10.0),
        ("stress", 1, "stress", 0.0),
        ("mood", 4, "mood", 0.0),
        ("motivation", 1, "wish_to_run", 10.0),
        ("sleepQuality", 2, "sleep_quality", 20 / 3),
    ],
)
def test_of_intervals_icu_one_is_the_good_end(theirs: str, answer: int, ours: str, points: float) -> None:
    day = {"id": "2026-05-04", "ctl": 45.0, "atl": 50.0, theirs: answer}
    (row,) = read(json.dumps([day])).checkins
    assert row == {"date": date(2026, 5, 4), ours: pytest.approx(points)}


HRV4T = "date,HR,rMSSD,SDNN,HRV4T_Recovery_Points\n"


@pytest.mark.parametrize(
    ("dates", "days"),
    [
        (["2026-05-04", "2026-05-20"], [date(2026, 5, 4), date(2026, 5, 20)]),
        (["2026-04-05", "2026-20-05"], [date(2026, 5, 4), date(2026, 5, 20)]),
        (["2026-04-05", "2026-05-05", "2026-06-05"], [date(2026, 5, 4), date(2026, 5, 5), date(2026, 5, 6)]),
        (["2026-05-04", "2026-05-05", "2026-05-06"], [date(2026, 5, 4), date(2026, 5, 5), date(2026, 5, 6)]),
        (["2026-05-04"], [date(2026, 5, 4)]),
    ],
)
def test_the_order_of_month_and_day_is_found_from_all_dates(dates: list[str], days: list[date]) -> None:
    found = read(HRV4T + "".join(f"{day},50,40,45,7\n" for day in dates))
    assert [night["date"] for night in found.nights] == days


def test_readings_of_several_people_are_refused() -> None:
    text = "Member,Datetime,Type,lnRmssd,Rmssd,HR\nA,2026-05-04 06:00:00,readiness,3.7,40,50\n"
    with pytest.raises(UnreadableFile, match="several members"):
        read(text + "B,2026-05-04 06:10:00,readiness,3.6,38,52\n")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (
            "Cycle start time,Cycle timezone,Question text,Answered yes\n2026-05-04 22:00:00,UTCZ,Ill?,true\n",
            "not needed",
        ),
        ('{"data":[{"id":"x","contributors":{"deep_sleep":90},"day":"2026-05-04","score":80}]}', "unknown kind"),
        ('{"data":[{"id":"x","bedtime_start":"2026', "breaks off|unknown kind"),
        ('[{"id":"2026-05-04","name":"a race"}]', "unknown kind"),
        (HRV4T + "someday,50,40,45,7\n", "no date that can be"),
        (HRV4T + "2026-05-04,-,-,-,-\n", "no day of the file"),
    ],
)
def test_what_is_no_night_is_refused_with_a_reason(data: str, why: str) -> None:
    with pytest.raises(UnreadableFile, match=why):
        read(data)


@pytest.mark.parametrize("when", ["0001-01-01 00:00:00", "9999-12-31 23:59:59", "05/04/99999 01:00:00", "", "x" * 9])
def test_a_date_in_no_year_of_ours_is_a_fault_with_its_place(when: str) -> None:
    row = {"dateTime": when, "value": {"date": "05/03/26", "value": 52.4, "error": 6.8}}
    found = read(json.dumps([row, row | {"dateTime": "05/03/26 00:00:00"}]))
    assert [night["date"] for night in found.nights] == [date(2026, 5, 4)]
    assert [problem.where for problem in found.problems] == ["entry 1, dateTime"]


def test_a_broken_end_costs_only_what_follows_it() -> None:
    whole = (SAMPLES / "oura" / "sleep.json").read_text(encoding="utf-8")
    found = read(whole[: whole.index('"a3"') + 40])
    assert [night["date"] for night in found.nights] == [date(2026, 5, 4)]
    assert any("breaks off" in problem.message for problem in found.problems)


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("effective_time_frame,fatigue,mood,readiness,sleep_duration_h,sleep_quality,soreness,stress", "PMSys"),
        ("date,energy,soreness,mood", "CSV"),
        ("date,sleep_s,hr_rest_bpm,rmssd_ms,sdnn_ms", "CSV"),
        ("date,hrv,weight,sleepQuality", "CSV"),
        ("Date,HR,rMSSD,SDNN", "CSV"),
    ],
)
def test_other_tables_stay_with_their_importers(header: str, kind: str) -> None:
    row = ",".join(["2026-05-04", *["5"] * header.count(",")])
    found = importers.identify(f"{header}\n{row}\n".encode(), "wellness.csv")
    assert found is not None
    assert kind == found.KIND
