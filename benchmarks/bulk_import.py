"""How fast a whole export is imported: decoded, measured and stored, against another tracker's own file import.

    python benchmarks/bulk_import.py [--runs 1000] [--scale] [--cores N] [--peer-python PYTHON] [--json]

Builds a zip like Strava's bulk export (``activities.csv`` and ``activities/*.fit.gz``) of one-hour runs with a sample
a second, from made data, and imports it into a fresh diary with the real command, in a process of its own: its start,
decoding, metrics, the originals and SQLite included, flushed to the disk. The rate is runs by the clock. Beside it
stand processor seconds of the command and its workers, which a busy machine does not change, and the peak of their
memory together (PSS, looked at 20 times a second).

``--scale`` imports 500 and 4,000 runs too, and says from both what the start costs (Python, NumPy and Polars loaded in
each process) and what the rate is without it. ``--peer-python`` is a Python with ``garmindb`` in it (its pins clash
with ours): the first files of the same export go through GarminDB's own file import, the time of that call alone.
``python -m venv peer && peer/bin/pip install garmindb`` makes one.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from freshlegs.exporters.fit import Message, fit_file
from freshlegs.synthetic.course import make_course

SECONDS = 3600
FIRST = datetime(2015, 1, 1, 6, 30, tzinfo=UTC)
COLUMNS = (
    *("Activity ID", "Activity Date", "Activity Name", "Activity Type", "Activity Description", "Elapsed Time"),
    *("Distance", "Filename", "Elapsed Time", "Moving Time", "Distance", "Perceived Exertion"),
)


# --- the export -----------------------------------------------------------------------------------------------


def one_run(number: int) -> tuple[bytes, dict[str, Any]]:
    """The FIT file of one made hour of running, and its line in the list."""
    rng = np.random.default_rng(number)
    start = FIRST + timedelta(days=number * 0.9)
    speed = np.clip(2.6 + rng.normal(0, 0.25) + np.cumsum(rng.normal(0, 0.01, SECONDS)), 1.8, 5.0)
    distance = np.cumsum(speed)
    lat, lon, altitude = make_course(rng, 5000.0).at(distance)
    effort = np.convolve(speed, np.ones(60) / 60, "same")
    heart = 100 + 18 * effort + 4 * np.arange(SECONDS) / SECONDS + rng.normal(0, 1.0, SECONDS)
    cadence = 78 + 2 * speed + rng.normal(0, 0.7, SECONDS)
    times = start.timestamp() + np.arange(SECONDS)
    laps = np.arange(0, SECONDS, 360)
    told = {"total_elapsed_time": SECONDS - 1.0, "total_timer_time": SECONDS - 1.0, "total_distance": distance[-1]}
    beats = {"avg_heart_rate": heart.mean(), "max_heart_rate": heart.max()}
    data = fit_file(
        [
            Message("file_id", {"type": 4, "manufacturer": 255, "product": 1, "time_created": times[0]}),
            Message("event", {"timestamp": times[0], "event": 0, "event_type": 0}),
            Message(
                "record",
                {
                    "timestamp": times,
                    "position_lat": lat + rng.normal(0, 1e-6, SECONDS),
                    "position_long": lon + rng.normal(0, 1e-6, SECONDS),
                    "distance": distance,
                    "enhanced_speed": speed,
                    "enhanced_altitude": altitude,
                    "heart_rate": heart,
                    "cadence": cadence,
                    "temperature": np.full(SECONDS, 14.0),
                },
            ),
            Message(
                "lap",
                {
                    "message_index": np.arange(laps.size),
                    "timestamp": times[np.minimum(laps + 360, SECONDS - 1)],
                    "start_time": times[laps],
                    "total_elapsed_time": np.full(laps.size, 360.0),
                    "total_timer_time": np.full(laps.size, 360.0),
                    "total_distance": np.diff(distance[np.minimum(np.append(laps, SECONDS), SECONDS - 1)]),
                    "event": np.full(laps.size, 9),
                    "event_type": np.full(laps.size, 1),
                    "sport": np.full(laps.size, 1),
                },
            ),
            Message(
                "session",
                {"message_index": 0, "timestamp": times[-1], "start_time": times[0], **told, **beats}
                | {"num_laps": laps.size, "event": 8, "event_type": 1, "sport": 1, "sub_sport": 0},
            ),
            Message(
                "activity",
                {"timestamp": times[-1], "local_timestamp": times[-1] + 3600, "total_timer_time": SECONDS - 1.0}
                | {"num_sessions": 1, "type": 0, "event": 26, "event_type": 1},
            ),
        ]
    )
    line = {
        "Activity ID": 1_000_000 + number,
        "Activity Date": start.strftime("%b %d, %Y, %I:%M:%S %p"),
        "km": f"{distance[-1] / 1000:.2f}",
        "m": f"{distance[-1]:.1f}",
        "file": f"activities/{1_000_000 + number}.fit.gz",
        "effort": int(rng.integers(2, 8)),
    }
    return data, line


def write_export(path: Path, runs: int) -> int:
    """The export as a zip; its bytes."""
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(COLUMNS)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for number in range(runs):
            data, line = one_run(number)
            archive.writestr(line["file"], gzip.compress(data, 6, mtime=0))
            cells = (line["Activity ID"], line["Activity Date"], "Run", "Run", "", SECONDS, line["km"], line["file"])
            sheet.writerow((*cells, SECONDS - 1, SECONDS - 1, line["m"], line["effort"]))
        archive.writestr("activities.csv", text.getvalue())
    return path.stat().st_size


# --- ours -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Measured:
    """One import: runs, seconds by the clock from start to end, processor seconds, peak memory."""

    runs: int
    clock_s: float
    processor_s: float
    peak_mb: float | None

    @property
    def rate(self) -> float:
        """Runs a second by the clock."""
        return self.runs / self.clock_s


def import_export(path: Path, runs: int, cores: int | None = None) -> Measured:
    """The real command on a fresh home; everything from its start to its end counts."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder, (Path(folder) / "told.json").open("w+") as told:
        home = str(Path(folder) / "home")
        command = [sys.executable, "-m", "freshlegs.cli", "--home", home, "import", str(path), "--json"]
        if cores is not None:
            command = ["taskset", "-c", ",".join(map(str, range(cores))), *command]
        before, started = _processor_s(), time.perf_counter()
        process = subprocess.Popen(command, stdout=told)
        peak = _watch(process)
        clock_s = time.perf_counter() - started
        told.seek(0)
        report = json.load(told)
        if report["imported"]["runs"] != runs or report["problems"]:
            raise SystemExit(f"{report['imported']['runs']} of {runs} runs came in; problems: {report['problems'][:3]}")
        return Measured(runs, clock_s, _processor_s() - before, peak)


def _processor_s() -> float:
    """Processor seconds of all children that have ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _watch(process: subprocess.Popen[str]) -> float | None:
    """Peak megabytes of a process and its children together, until it ends; None where the system does not say."""
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, sum(_proportional_mb(pid) for pid in _family(process.pid)))
        time.sleep(0.05)
    return peak or None


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        tasks = [Path(f"/proc/{pid}/task/{task}/children") for task in os.listdir(f"/proc/{pid}/task")]
        children = sorted({child for task in tasks for child in task.read_text().split()})
    except OSError:
        return
    for child in children:
        yield from _family(int(child))


def _proportional_mb(pid: int) -> float:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


# --- GarminDB -------------------------------------------------------------------------------------------------


def import_by_garmindb(path: Path, python: str, files: int) -> Measured:
    """The first files of the export through GarminDB's own import of FIT files."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder, zipfile.ZipFile(path) as export:
        names = [name for name in export.namelist() if name.endswith(".fit.gz")][:files]
        activities, databases = Path(folder) / "activities", Path(folder) / "databases"
        activities.mkdir()
        databases.mkdir()
        for name in names:
            target = activities / f"{Path(name).name.removesuffix('.fit.gz')}_ACTIVITY.fit"
            target.write_bytes(gzip.decompress(export.read(name)))
        script = Path(__file__).with_name("garmindb_import.py")
        before = _processor_s()
        said = subprocess.run(
            [python, str(script), str(activities), str(databases)], capture_output=True, text=True, check=True
        )
        told = json.loads(said.stdout.splitlines()[-1])
        if told["samples"] != files * SECONDS:
            raise SystemExit(f"GarminDB kept {told['samples']} samples of {files * SECONDS}")
        return Measured(files, told["seconds"], _processor_s() - before, None)


# --- the table ------------------------------------------------------------------------------------------------


def show(rows: dict[str, Measured]) -> None:
    """One line an import."""
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{'':28}{'runs':>6}{'s':>9}{'runs/s':>9}{'CPU ms/run':>12}{'peak MB':>9}")
    for name, one in rows.items():
        peak = "" if one.peak_mb is None else f"{one.peak_mb:.0f}"
        each = 1000 * one.processor_s / one.runs
        print(f"{name:28}{one.runs:>6}{one.clock_s:>9.1f}{one.rate:>9.2f}{each:>12.1f}{peak:>9}")


def show_start(few: Measured, many: Measured) -> None:
    """What is left of the clock when the runs are taken out of it, and the rate of the runs alone."""
    each_s = (many.clock_s - few.clock_s) / (many.runs - few.runs)
    print(f"without the start of {few.clock_s - few.runs * each_s:.2f} s: {1 / each_s:.0f} runs/s")


def main() -> None:
    """Build, import, show."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--scale", action="store_true", help="500 and 4,000 runs too")
    parser.add_argument("--cores", type=int, help="so many cores for the command (Linux)")
    parser.add_argument("--peer-python", help="a Python with garmindb in it")
    parser.add_argument("--peer-files", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where the exports are built, and found again")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="bulk-import-"))
    folder.mkdir(exist_ok=True, parents=True)
    rows: dict[str, Measured] = {}
    for runs in (500, asked.runs, 4000) if asked.scale else (asked.runs,):
        path = folder / f"export-{runs}.zip"
        if not path.exists():
            write_export(path, runs)
        rows[f"freshlegs import, {runs:,}"] = import_export(path, runs, asked.cores)
    if asked.peer_python:
        rows["GarminDB"] = import_by_garmindb(folder / f"export-{asked.runs}.zip", asked.peer_python, asked.peer_files)
    if asked.json:
        print(json.dumps({name: asdict(one) | {"rate": one.rate} for name, one in rows.items()}, indent=1))
    else:
        show(rows)
        if asked.scale:
            show_start(rows["freshlegs import, 500"], rows["freshlegs import, 4,000"])
    if asked.folder is None:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
