"""``import``: what is taken, what is refused and why, and that repeating is safe."""

from __future__ import annotations

import gzip
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from .conftest import Run, command


@pytest.fixture(scope="module")
def fit() -> bytes:
    from freshlegs.synthetic import live
    from freshlegs.synthetic.write import run_file

    return run_file(live(date(2025, 5, 4)).runs[-1])


def test_everything_taken_is_exit_code_0_and_repeating_brings_nothing_new(run: Run, tmp_path: Path, fit: bytes) -> None:
    (tmp_path / "run.fit").write_bytes(fit)
    first = run("import", tmp_path / "run.fit", "--json")
    assert first.code == 0
    assert first.document["imported"]["runs"] == 1
    assert first.document["problems"] == []
    again = run("import", tmp_path / "run.fit", "--json")
    assert again.code == 0
    assert (again.document["imported"]["runs"], again.document["already_known"]) == (0, 1)
    assert len(run("runs", "--json").document["runs"]) == 1


def test_the_document_has_the_shape_of_the_contract(run: Run, tmp_path: Path, fit: bytes) -> None:
    (tmp_path / "run.fit").write_bytes(fit)
    (tmp_path / "notes.fit").write_text("no activity at all")
    document = run("import", tmp_path / "run.fit", tmp_path / "notes.fit", "--json").document
    assert {"files", "imported", "already_known", "problems", "seconds"} <= set(document)
    assert {"runs", "nights", "checkins"} <= set(document["imported"])
    assert document["files"] == 2
    (problem,) = document["problems"]
    assert set(problem) == {"source", "where", "message"}
    assert problem["source"].endswith("notes.fit")
    assert problem["message"]
    assert document["seconds"] >= 0


def broken(tmp_path: Path, fit: bytes) -> dict[str, Path]:
    whole = tmp_path / "whole.zip"
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("a.fit", fit)
    with zipfile.ZipFile(tmp_path / "outside.zip", "w") as archive:
        archive.writestr("../../escaped.fit", fit)
    files = {
        "missing": None,
        "empty.fit": b"",
        "text.fit": b"Dear diary, today I ran.",
        "cut.zip": whole.read_bytes()[:40],
        "cut.fit.gz": gzip.compress(fit)[:200],
        "entities.gpx": b'<!DOCTYPE g [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]><gpx>&b;</gpx>',
        "picture.jpg": b"\xff\xd8\xff\xe0" + bytes(64),
    }
    for name, data in files.items():
        if data is not None:
            (tmp_path / name).write_bytes(data)
    whole.unlink()
    return {name: tmp_path / name for name in [*files, "outside.zip"]}


KINDS = ("missing", "empty.fit", "text.fit", "cut.zip", "cut.fit.gz", "entities.gpx", "picture.jpg", "outside.zip")


@pytest.mark.parametrize("kind", KINDS)
def test_a_broken_file_is_one_clear_sentence_and_the_rest_is_taken(
    run: Run, tmp_path: Path, fit: bytes, kind: str
) -> None:
    path = broken(tmp_path, fit)[kind]
    (tmp_path / "good.fit").write_bytes(fit)
    alone = run("import", path, "--json")
    assert alone.code == 3
    beside = run("import", path, tmp_path / "good.fit", "--json")
    assert beside.code == 1
    assert beside.document["imported"]["runs"] == 1
    for problem in alone.document["problems"]:
        assert kind.split("/")[-1] in problem["source"]
        assert "\n" not in problem["message"]
        assert "Error" not in problem["message"]
    assert alone.document["problems"]
    assert not (tmp_path.parent / "escaped.fit").exists()


def test_people_see_what_is_new_and_each_refusal(run: Run, tmp_path: Path, fit: bytes) -> None:
    (tmp_path / "run.fit").write_bytes(fit)
    for number in range(5):
        (tmp_path / f"note{number}.txt").write_text(f"note {number}")
    said = run("import", tmp_path)
    assert said.code == 1
    assert "1 run" in said.out
    assert said.out.count("note") < 5 * 2
    assert "2 more" in said.out
    assert "--verbose" in said.err
    all_of_them = run("import", tmp_path, "--verbose")
    assert all(f"note{number}.txt" in all_of_them.out for number in range(5))


def test_a_fit_cut_off_in_the_middle_is_taken_as_far_as_it_goes(run: Run, tmp_path: Path, fit: bytes) -> None:
    (tmp_path / "cut.fit").write_bytes(fit[: len(fit) // 2])
    said = run("import", tmp_path / "cut.fit", "--json")
    assert said.document["problems"]
    assert said.code in (1, 3)


def test_a_column_map_can_be_given(run: Run, tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text("this is = = no toml")
    said = run("import", "--map", tmp_path / "map.toml", tmp_path / "map.toml")
    assert said.code == 2
    assert "map.toml" in said.err
    assert "TOML" in said.err


MAP = """
table = "checkins"
date_format = "%d.%m.%Y"

[columns]
date = "Datum"
energy = { from = "Müdigkeit", scale = [1, 5], turned = true }
"""


def test_a_table_is_read_by_its_map_and_the_map_is_remembered(run: Run, tmp_path: Path) -> None:
    (tmp_path / "diary.toml").write_text(MAP, encoding="utf-8")
    (tmp_path / "one.csv").write_text("Datum;Müdigkeit\n03.05.2025;2\n04.05.2025;5\n", encoding="utf-8")
    (tmp_path / "two.csv").write_text("Datum;Müdigkeit\n05.05.2025;1\n", encoding="utf-8")
    said = run("import", "--map", tmp_path / "diary.toml", tmp_path / "one.csv", "--json")
    assert said.code == 0, said.out
    assert said.document["imported"]["checkins"] == 2
    assert run("import", tmp_path / "two.csv", "--json").document["imported"]["checkins"] == 1
    days = run("days", "--json", "--from", "2025-05-03", "--to", "2025-05-05").document["days"]
    assert [day["energy"] for day in days] == [7.5, 0.0, 10.0]


def test_a_note_is_no_refusal_and_a_line_left_out_is_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "note.csv").write_text("start_local,moving_s,sport\n2025-05-03T07:00:00,1800,running\n")
    noted = run("import", tmp_path / "note.csv", "--json")
    assert noted.document["problems"], "a time without a zone is said to be read in some zone"
    assert noted.code == 0
    (tmp_path / "line.csv").write_text("date,energy\n2025-05-03,6\n2025-05-04,66\n")
    left_out = run("import", tmp_path / "line.csv", "--json")
    assert left_out.document["imported"]["checkins"] == 1
    assert left_out.document["problems"]
    assert left_out.code == 1


def test_faults_of_one_file_are_not_told_as_faults_of_several(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("date,energy\n2025-05-03,66\n2025-05-04,77\n2025-05-05,6\n")
    assert "2 times: energy must lie between 0 and 10, not 66" in " ".join(run("import", tmp_path).out.split())
    (tmp_path / "b.csv").write_text("date,energy\n2025-05-06,88\n2025-05-07,6\n")
    (tmp_path / "c.csv").write_text("date,energy\n2025-05-08,99\n2025-05-09,6\n")
    assert "2 files: energy must lie between" in " ".join(run("import", tmp_path).out.split())


def test_times_without_a_zone_are_read_again_once_there_is_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("start_local,sport,distance_m,moving_s\n2025-05-02T18:00:05,running,10000,3000\n")
    assert "profile --set home_time_zone" in run("import", tmp_path).out
    run("profile", "--set", "home_time_zone=Europe/Oslo")
    assert "Read again 1 file, now in your time zone" in " ".join(run("import", tmp_path).out.split())
    assert run("import", tmp_path, "--json").document["read_again"] == 0


def test_a_process_of_its_own_says_the_same(tmp_path: Path, fit: bytes) -> None:
    (tmp_path / "run.fit").write_bytes(fit)
    said = command("import", tmp_path / "run.fit", "--json", home=tmp_path / "home")
    assert said.code == 0
    assert said.err == ""
    assert said.document["imported"]["runs"] == 1


def test_the_made_runner_comes_in_whole(filled: Path, made: tuple[Path, Any], run: Run) -> None:
    truth = made[1]
    runs = run("runs", "--json", home=filled).document["runs"]
    assert len(runs) == truth.runs
    again = run("import", made[0], "--json", home=filled)
    assert again.code == 0
    assert set(again.document["imported"].values()) == {0}


STRAVA = "Activity ID,Activity Date,Activity Name,Activity Type,Elapsed Time,Distance,Filename,Elapsed Time,Distance\n"


def test_what_each_file_became_and_which_runs_are_the_same_is_said(run: Run, tmp_path: Path, fit: bytes) -> None:
    import freshlegs as fl

    row = fl.read_activity(fit).summary
    when = row.start_utc.strftime("%b %d, %Y, %I:%M:%S %p")
    line = f'7,"{when}",Run,Run,{row.elapsed_s:.0f},1.0,activities/7.fit,{row.elapsed_s:.0f},{row.distance_m:.0f}\n'
    (tmp_path / "7.fit").write_bytes(fit)
    (tmp_path / "activities.csv").write_text(STRAVA + line)
    (tmp_path / "checkins.csv").write_text("date,energy\n2025-05-01,7\n2025-05-02,4\n")
    (tmp_path / "notes.txt").write_text("a note")
    document = run("import", tmp_path, "--json").document
    kinds = {became.pop("kind"): became for became in document["kinds"]}
    assert kinds == {
        "FIT": {"files": 1, "runs": 1, "nights": 0, "checkins": 0},
        "Strava": {"files": 1, "runs": 1, "nights": 0, "checkins": 0},
        "CSV": {"files": 1, "runs": 0, "nights": 0, "checkins": 2},
        "refused": {"files": 1, "runs": 0, "nights": 0, "checkins": 0},
    }
    (same,) = document["same_runs"]
    assert (same["kind"], same["kept_kind"]) == ("Strava", "FIT")
    assert same["kept_source"].endswith("7.fit")
    assert run("import", tmp_path, "--json").document["same_runs"] == []
    said = run("import", tmp_path, home=tmp_path.parent / f"{tmp_path.name}-other").out
    assert "1 FIT file: 1 run" in said
    assert "Strava and FIT, FIT kept: 1" in said


def test_a_note_is_no_loss(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("date,energy,shoes\n2025-05-01,7,old\n")
    (tmp_path / "b.csv").write_text("date,energy\n2025-05-01,7\n2025-05-02,77\n")
    noted = run("import", tmp_path / "a.csv", "--json")
    assert (noted.code, len(noted.document["problems"])) == (0, 1)
    lost = run("import", tmp_path / "b.csv", "--json")
    assert (lost.code, len(lost.document["problems"])) == (1, 1)


def test_an_unknown_table_is_guessed_corrected_and_remembered(run: Run, tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("Day,Mood,Fatigue\n13.05.2025,4,2\n14.05.2025,5,1\n")
    (tmp_path / "two.csv").write_text("Day,Mood,Fatigue\n15.05.2025,3,3\n")
    refused = run("import", tmp_path / "one.csv")
    assert refused.code == 3
    assert "--guess" in refused.out + refused.err
    guessed = run("import", "--guess", tmp_path / "one.csv")
    assert guessed.code == 0
    corrected = guessed.out.replace(
        'mood = { from = "Mood", scale = [1, 5] }', 'mood = { from = "Mood", scale = [0, 5] }'
    )
    assert corrected != guessed.out
    (tmp_path / "team.toml").write_text(corrected)
    assert run("import", "--map", tmp_path / "team.toml", tmp_path / "one.csv", "--json").code == 0
    assert run("import", tmp_path / "two.csv", "--json").document["imported"]["checkins"] == 1
    assert run("import").code == 2
