"""Killed at any moment, or two at once: nothing acknowledged is lost, nothing is half-written."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import freshlegs as fl
from freshlegs.problems import NothingDone
from freshlegs.store import open_store
from freshlegs.synthetic import write_demo

DAY = date(2026, 5, 4)

IMPORT = """
import sys
from freshlegs import Diary
with Diary.open(sys.argv[1]) as diary:
    workers = int(sys.argv[3]) if len(sys.argv) > 3 else None
    diary.import_files(sys.argv[2], progress=lambda done, total, name: print(done, flush=True), workers=workers)
print("done", flush=True)
"""

CHECK_IN = """
import sys
from datetime import date, timedelta
from freshlegs import Diary
with Diary.open(sys.argv[1]) as diary:
    for n in range(20):
        diary.check_in(date(2025, 1, 1) + timedelta(days=n), **{sys.argv[2]: 5})
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    write_demo(folder, DAY)
    (folder / "runs" / "2026-01-31-broken.fit").write_bytes(b"not a run at all")
    return folder


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", *map(str, arguments)], stdout=subprocess.PIPE, text=True)


def everything(home: Path) -> dict[str, Any]:
    """All that a home holds, without the instants at which it became known."""
    store = open_store(home)
    held: dict[str, Any] = {
        "sessions": store.sessions().to_dicts(),
        "facts": store.facts(),
        "nights": store.nights().to_dicts(),
        "answers": store.answers().to_dicts(),
        "profile": store.profile(),
        "files": [(f.sha256, f.name, f.kind, f.size_b, f.status, f.problems) for f in store.files().values()],
        "originals": sorted(path.name for path in (home / "originals").glob("??/*")),
        "wrong": store.check(),
    }
    store.close()
    return held


@pytest.fixture(scope="module")
def undisturbed(files: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("undisturbed") / "home"
    with fl.Diary.open(home) as diary:
        report = diary.import_files(files)
    assert report.imported["runs"] > 100
    assert len(report.refused) == 1
    return everything(home)


def import_and_kill(home: Path, files: Path, after: Sequence[int]) -> list[int]:
    """Import, killed after so many lines of progress, again and again; the number of files kept after each."""
    kept = []
    for lines in after:
        process = start(IMPORT, home, files)
        assert process.stdout is not None
        for _, line in zip(range(lines), process.stdout, strict=False):
            assert line.strip() != "done"
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        held = everything(home)
        assert held["wrong"] == []
        kept.append(len(held["files"]))
    return kept


def finish(home: Path, files: Path) -> dict[str, Any]:
    with fl.Diary.open(home) as diary:
        diary.import_files(files)
    return everything(home)


def test_killed_anywhere_and_started_again_ends_as_if_nothing_had_happened(
    files: Path, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    rng = random.Random(11)
    # Around the first commit (50 files), then anywhere.
    kept = import_and_kill(tmp_path / "home", files, [20, 51, 52, rng.randrange(53, 100), rng.randrange(101, 125)])
    assert kept == sorted(kept)
    assert kept[-1] > 0
    assert finish(tmp_path / "home", files) == undisturbed


@pytest.mark.slow
def test_killed_at_twenty_moments_with_workers_ends_as_if_nothing_had_happened(
    files: Path, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    rng = random.Random(20)
    whole_s = timed(start(IMPORT, tmp_path / "measure", files, "2"))
    kept = []
    for _ in range(20):
        process = start(IMPORT, tmp_path / "home", files, "2")
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=rng.uniform(0.2, 1.0) * whole_s)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        held = everything(tmp_path / "home")
        assert held["wrong"] == []
        kept.append(len(held["files"]))
    assert kept == sorted(kept)
    assert finish(tmp_path / "home", files) == undisturbed


def timed(process: subprocess.Popen[str]) -> float:
    """Seconds until it is done."""
    began = time.monotonic()
    process.communicate()
    return time.monotonic() - began


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mount") is None, reason="needs the right to mount a small disk")
def test_a_disk_that_fills_up_stops_the_import_and_room_lets_it_go_on(
    files: Path, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("this machine does not let us mount a small disk")
    try:
        with fl.Diary.open(disk / "home") as diary, pytest.raises(NothingDone, match="is full; nothing half-written"):
            diary.import_files(files)
        held = everything(disk / "home")
        assert held["wrong"] == []
        assert len(held["files"]) < len(undisturbed["files"])
        subprocess.run(["mount", "-o", "remount,size=200m", disk], check=True)
        assert finish(disk / "home", files) == undisturbed
    finally:
        subprocess.run(["umount", disk], check=True)


def test_two_imports_at_once_end_as_one(files: Path, undisturbed: dict[str, Any], tmp_path: Path) -> None:
    both = [start(IMPORT, tmp_path / "home", files) for _ in range(2)]
    for process in both:
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        assert out.endswith("done\n")
    held = everything(tmp_path / "home")
    # Which of them was first with a batch is chance, and so is the order of the rows.
    for table in ("nights", "answers", "files"):
        held[table].sort(key=str)
    assert held == {
        name: sorted(rows, key=str) if name in ("nights", "answers", "files") else rows
        for name, rows in undisturbed.items()
    }


def test_check_ins_of_four_programs_at_once_are_all_kept(tmp_path: Path) -> None:
    items = ("energy", "mood", "soreness", "stress")
    for process in [start(CHECK_IN, tmp_path / "home", item) for item in items]:
        process.communicate(timeout=60)
        assert process.returncode == 0
    with fl.Diary.open(tmp_path / "home") as diary:
        told = diary.checkins().select("date", *items)
    days = [date(2025, 1, 1) + timedelta(days=n) for n in range(20)]
    assert told.rows() == [(day, 5.0, 5.0, 5.0, 5.0) for day in days]
