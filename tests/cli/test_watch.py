"""``watch``: the real command on a real folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest

from freshlegs.diary import Diary
from freshlegs.diary.watching import Watch

from .conftest import Run

PATIENCE_S = 120


@pytest.fixture(scope="module")
def runs() -> list[bytes]:
    from freshlegs.synthetic import live
    from freshlegs.synthetic.write import run_file

    return [run_file(run) for run in live(date(2025, 5, 4)).runs[-4:]]


@contextmanager
def watching(folder: Path, home: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """The command in a process of its own, killed at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "freshlegs.cli", "watch", str(folder), "--every", "0.2", *options],
        env=os.environ | {"FRESHLEGS_HOME": str(home), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE_S)


def a_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


def test_files_are_imported_as_they_appear_once_whole_and_ctrl_c_ends_it(tmp_path: Path, runs: list[bytes]) -> None:
    folder, home = tmp_path / "inbox", tmp_path / "home"
    folder.mkdir()
    (folder / "there.fit").write_bytes(runs[0])
    with watching(folder, home) as process:
        assert a_line(process) == f"{folder}/there.fit: 1 run"
        half = len(runs[1]) // 2
        with (folder / "slow.fit").open("wb") as file:
            for at in range(0, half, half // 8):  # a slow copy: it grows from look to look
                file.write(runs[1][at : at + half // 8])
                file.flush()
                time.sleep(0.1)
            file.write(runs[1][file.tell() :])
        assert a_line(process) == f"{folder}/slow.fit: 1 run"
        (folder / "next.fit.part").write_bytes(runs[2][:500])
        (folder / "notes.txt").write_text("my run was nice")
        assert "notes.txt: not read: this is a text file" in a_line(process)
        (folder / "deep").mkdir()
        (folder / "next.fit.part").write_bytes(runs[2])
        (folder / "next.fit.part").rename(folder / "deep" / "next.fit")
        assert a_line(process) == f"{folder}/deep/next.fit: 1 run"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, out) == (0, "")
    assert "Stopped; 4 files met" in err
    assert "Traceback" not in err
    with Diary.open(home) as diary:
        assert diary.runs().height == 3


def test_many_files_dropped_at_once_while_another_is_still_being_written(tmp_path: Path) -> None:
    folder, home, dropped = tmp_path / "inbox", tmp_path / "home", tmp_path / "card"
    folder.mkdir()
    dropped.mkdir()
    for day in range(1, 26):
        row = f"2025-04-{day:02}T06:00:07Z,running,5000,1800"
        (dropped / f"{day}.csv").write_text(f"start_utc,sport,distance_m,elapsed_s\n{row}\n")
    (dropped / "notes.txt").write_text("my run was nice")
    days = [date(2025, 1, 1) + timedelta(days=number) for number in range(200)]
    written, told = 0, threading.Event()

    def write() -> None:
        nonlocal written
        with (folder / "slow.csv").open("w") as file:
            file.write("date,energy\n")
            while not told.is_set() and written < len(days) - 2:
                file.write(f"{days[written]},6\n")
                file.flush()
                written += 1
                time.sleep(0.02)
            file.write(f"{days[written]},7\n{days[written + 1]},8")
            written += 2

    with watching(folder, home) as process:
        assert process.stderr is not None
        assert "Watching" in process.stderr.readline()
        writer = threading.Thread(target=write)
        writer.start()
        dropped.rename(folder / "card")  # all of them are there from one look to the next
        lines = [a_line(process)]
        while not lines[-1].startswith(f"{folder}/card/notes.txt"):
            lines.append(a_line(process))
        told.set()
        writer.join(PATIENCE_S)
        assert "26 files: 25 runs" in lines
        assert "not read: this is a text file" in lines[-1]
        while (line := a_line(process)) and "slow.csv" not in line:
            pass
        assert "not read" not in line
        with Diary.open(home) as diary:
            while diary.checkins().height < written:  # a look may have come between two lines: it is read again
                assert "slow.csv" in a_line(process)
            assert diary.runs().height == 25
            assert diary.checkins()["energy"].to_list() == [6.0] * (written - 2) + [7.0, 8.0]


def test_json_is_one_document_a_line_and_sigterm_ends_it_too(tmp_path: Path, runs: list[bytes]) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "a.fit").write_bytes(runs[0])
    with watching(folder, tmp_path / "home", "--json") as process:
        document = json.loads(a_line(process))
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert document["schema_version"] == 1
    assert document["file"] == f"{folder}/a.fit"
    assert document["imported"]["runs"] == 1


def test_once_ends_by_itself_with_one_document(run: Run, tmp_path: Path, runs: list[bytes]) -> None:
    for number, data in enumerate(runs):
        (tmp_path / f"{number}.fit").write_bytes(data)
    said = run("watch", tmp_path, "--once", "--every", "0.1", "--json")
    assert said.code == 0
    assert (said.document["files"], said.document["imported"]["runs"]) == (4, 4)
    again = run("watch", tmp_path, "--once", "--every", "0.1")
    assert "Known already" in again.out


def test_a_folder_that_is_not_there_is_said(run: Run, tmp_path: Path) -> None:
    said = run("watch", tmp_path / "none", "--once")
    assert (said.code, "there is no folder" in said.err) == (2, True)


def test_a_folder_that_goes_away_is_waited_for(tmp_path: Path, runs: list[bytes]) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    with Diary.open(tmp_path / "home") as diary:
        watched = Watch(diary, folder)
        assert list(watched.look()) == []
        folder.rename(tmp_path / "away")
        (gone,) = watched.look()
        assert "cannot be reached" in gone.word
        assert list(watched.look()) == []
        (tmp_path / "away").rename(folder)
        (folder / "a.fit").write_bytes(runs[0])
        assert [look.word for look in watched.look()] == ["the folder is back"]
        (taken,) = watched.look()
        assert taken.report is not None
        assert taken.report.imported["runs"] == 1


def test_a_file_that_changes_is_taken_again_and_links_and_the_home_are_passed_over(
    tmp_path: Path, runs: list[bytes]
) -> None:
    (tmp_path / "secret.fit").write_bytes(runs[3])
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "link.fit").symlink_to(tmp_path / "secret.fit")
    (folder / "a.fit").write_bytes(runs[0])
    with Diary.open(folder / "home") as diary:
        watched = Watch(diary, folder)
        looks = [look for _ in range(3) for look in watched.look()]
        assert [look.paths for look in looks] == [[folder / "a.fit"]]
        (folder / "a.fit").write_bytes(runs[1])
        os.utime(folder / "a.fit", ns=(1, 1))
        looks = [look for _ in range(3) for look in watched.look()]
        assert [look.paths for look in looks] == [[folder / "a.fit"]]
        assert diary.runs().height == 2
