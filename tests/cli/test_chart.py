"""``freshlegs chart``: a picture, its sentence, its numbers."""

from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.cli.conftest import END, Run


def test_a_picture_is_written_and_its_sentence_printed(run: Run, filled: Path, tmp_path: Path) -> None:
    said = run("chart", "story", "--from", "2025-01-01", "--to", END, "--output", tmp_path / "a.svg", home=filled)
    assert said.code == 0
    assert "124 mornings" in said.out
    text = "".join(ET.parse(tmp_path / "a.svg").getroot().itertext())
    assert "The story" in text
    assert "Resting heart rate" in text


def test_the_numbers_are_those_of_the_days(run: Run, filled: Path) -> None:
    document = run("chart", "nights", "--from", "2025-04-01", "--to", END, "--json", home=filled).document
    rows = [dict(zip(document["columns"], row, strict=True)) for row in document["rows"]]
    days = run("days", "--from", "2025-04-01", "--to", END, "--json", home=filled).document["days"]
    slept = {str(day["date"])[:10]: day["sleep_s"] for day in days}
    assert rows[0]["date"] == "2025-04-01"
    assert len(rows) == (END - date(2025, 4, 1)).days + 1
    assert [row["sleep_s"] for row in rows] == [slept.get(row["date"]) for row in rows]


def test_one_run_by_the_beginning_of_its_id(run: Run, filled: Path, tmp_path: Path) -> None:
    found = run("runs", "--json", home=filled).document["runs"][-1]
    said = run("chart", "track", "--run", found["id"][:6], "--output", tmp_path / "way.svg", home=filled)
    assert said.code == 0
    assert f"A route of {found['distance_m'] / 1000:.1f} km" in said.out


def test_what_cannot_be_is_one_sentence(run: Run, filled: Path, tmp_path: Path) -> None:
    for words, sentence in (
        (("chart", "pie"), "'pie' is not one of"),
        (("chart", "run"), "the chart run needs a run"),
        (("chart", "story", "--output", tmp_path / "a.gif"), "saved as .svg or .png, not .gif"),
        (("chart", "story", "--width", "5"), "--width"),
    ):
        said = run(*words, home=filled)
        assert said.code == 2
        assert sentence in said.err
        assert said.err.count("\n") == 1
