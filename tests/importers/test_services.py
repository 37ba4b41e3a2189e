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
SERVICES = ("fitbit",)
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
