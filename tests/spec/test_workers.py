"""Reading on all cores changes nothing but the time: same tables, whatever becomes of a worker."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import freshlegs as fl
from freshlegs import beside
from freshlegs.diary import workers
from freshlegs.store import open_store
from freshlegs.synthetic import live
from freshlegs.synthetic.write import run_file

RUNS = 12


IMPORT = """
import sys
from freshlegs import Diary
with Diary.open(sys.argv[1]) as diary:
    report = diary.import_files(sys.argv[2], workers=2, progress=lambda *told: print(*told, flush=True))
"""
UNGUARDED = IMPORT + 'print("runs", report.imported["runs"])\n'
POISON = (
    "import os, freshlegs.diary.workers as w; real = w.read_file;"
    " w.read_file = lambda s, *a: os._exit(9) if 'poison' in s.name else real(s, *a);"
) + beside._SERVE


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    for number, made in enumerate(live(date(2025, 5, 4)).runs[:RUNS]):
        (folder / f"{number:02d}.fit").write_bytes(run_file(made, 2))
    (folder / "03-broken.fit").write_bytes(b"not a run")
    (folder / "checkins.csv").write_text("date,energy\n2025-05-01,7\n2025-05-02,4\n")
    return folder


def kept(home: Path) -> dict[str, Any]:
    store = open_store(home)
    held = {
        "sessions": store.sessions().to_dicts(),
        "facts": store.facts(),
        "answers": store.answers().to_dicts(),
        "files": [(f.name, f.kind, f.status, f.problems) for f in store.files().values()],
        "wrong": store.check(),
    }
    store.close()
    return held


@pytest.fixture(scope="module")
def alone(files: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("alone") / "home"
    with fl.Diary.open(home) as diary:
        report = diary.import_files(files, workers=0)
    assert (report.imported["runs"], report.imported["checkins"], len(report.refused)) == (RUNS, 2, 1)
    return kept(home)


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """No file is read here: all wait for a worker."""
    started = workers.Readers._start_if_it_pays

    def start_and_wait(self: workers.Readers) -> None:
        started(self)
        until = time.monotonic() + 60
        while self._workers and not any(worker.ready for worker in self._workers) and time.monotonic() < until:
            time.sleep(0.01)

    monkeypatch.setattr(workers.Readers, "_start_if_it_pays", start_and_wait)


@pytest.mark.usefixtures("always")
def test_workers_give_what_one_process_gives_in_the_same_order(
    files: Path, alone: dict[str, Any], tmp_path: Path
) -> None:
    with fl.Diary.open(tmp_path / "home") as diary:
        report = diary.import_files(files, workers=2)
    assert (report.files, report.imported["runs"]) == (RUNS + 2, RUNS)
    assert [problem.source for problem in report.refused] == [str(files / "03-broken.fit")]
    assert kept(tmp_path / "home") == alone


@pytest.mark.usefixtures("always")
def test_a_worker_killed_on_the_way_costs_nothing(files: Path, alone: dict[str, Any], tmp_path: Path) -> None:
    killed = []

    def kill_one(done: int, total: int | None, name: str) -> None:
        found = list(children(os.getpid()))
        if done == 5 and found:
            killed.append(found[0])
            os.kill(found[0], signal.SIGKILL)

    with fl.Diary.open(tmp_path / "home") as diary:
        diary.import_files(files, workers=1, progress=kill_one)
    assert len(killed) == 1
    assert kept(tmp_path / "home") == alone


@pytest.mark.usefixtures("always")
def test_a_file_that_ends_its_worker_costs_that_file_and_is_tried_by_the_next_import(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison = tmp_path / "more" / "poison.fit"
    poison.parent.mkdir()
    poison.write_bytes(run_file(live(date(2025, 5, 4)).runs[RUNS], 2))
    with fl.Diary.open(tmp_path / "home") as diary:
        with monkeypatch.context() as patched:
            patched.setattr(beside, "_SERVE", POISON)
            report = diary.import_files([poison, files], workers=2)
        (said,) = [problem for problem in report.refused if problem.source == str(poison)]
        assert "tries again" in said.message
        assert report.imported["runs"] == RUNS
        again = diary.import_files(poison)
        assert (again.imported["runs"], again.refused) == (1, [])


def test_workers_that_cannot_start_leave_the_reading_to_us(
    files: Path, alone: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "_SERVE", "raise SystemExit(1)")
    with fl.Diary.open(tmp_path / "home") as diary:
        diary.import_files(files, workers=2)
    assert kept(tmp_path / "home") == alone


def test_a_script_without_a_main_guard_and_python_c_both_work(files: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(UNGUARDED)
    for number, how in enumerate(([str(script)], ["-c", UNGUARDED])):
        said = subprocess.run(
            [sys.executable, *how, str(tmp_path / f"home{number}"), str(files)],
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert (said.returncode, said.stderr) == (0, "")
        assert said.stdout.splitlines()[-1] == f"runs {RUNS}"


def children(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").iterdir():
        yield from map(int, (task / "children").read_text().split())


def gone(pids: list[int]) -> bool:
    """Whether these processes end within a while."""
    until = time.monotonic() + 30
    while any(Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes() for pid in pids):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks for processes where Linux lists them")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_worker_outlives_an_import_that_was_stopped(files: Path, tmp_path: Path, how: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", IMPORT, str(tmp_path / "home"), str(files)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    for _, _line in zip(range(4), process.stdout, strict=False):
        pass
    found = list(children(process.pid))
    assert len(found) == 2
    os.killpg(process.pid, how)
    process.wait(timeout=30)
    process.stdout.close()
    assert gone(found)


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks for processes where Linux lists them")
def test_one_file_starts_no_worker(files: Path, tmp_path: Path) -> None:
    met: list[set[int]] = []
    before = set(children(os.getpid()))
    with fl.Diary.open(tmp_path / "home") as diary:
        diary.import_files(files / "00.fit", progress=lambda *_: met.append(set(children(os.getpid())) - before))
    assert met == [set(), set()]
