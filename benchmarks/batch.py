"""How fast a population is judged, from Parquet to Parquet: on one machine, and on a Spark beside it.

    python benchmarks/batch.py [--athletes 1000 5000 20000] [--days 365] [--only local|spark|since]... [--json]

    local   `freshlegs batch` in a process of its own, all cores: athlete-days a second, and the most memory its
            processes held together
    spark   the same command on local-cluster[2,1,2048]: two executors with a core each, start of Spark included and
            said apart; passed over with a line where PySpark or Java is missing
    since   a day appended to all of them: with --since, against the full run on the same data

Made days come from a fixed seed and are written athlete after athlete. Every run is one run; sizes are what is varied.
The last table carries the rates to a million athletes and five years. It is arithmetic on the measured rates and bytes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl

from freshlegs import steps
from freshlegs.synthetic import made_days

SEED = 11
ATHLETES_AT_ONCE = 1000
MILLION, FIVE_YEARS = 1_000_000, 1826


def panel(folder: Path, athletes: int, days: int) -> Path:
    """So many athletes as a folder of Parquet files of a thousand athletes each; made once."""
    place = folder / f"days-{athletes}-{days}"
    if place.exists():
        return place
    aside = folder / "being-made"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    for number, some in enumerate(_shares(athletes)):
        made = made_days(some, days, seed=SEED + number)
        made.with_columns(pl.format("{}-{}", pl.lit(f"{number:03d}"), "athlete").alias("athlete")).write_parquet(
            aside / f"{number:03d}.parquet", row_group_size=50_000
        )
    aside.rename(place)
    return place


def _shares(athletes: int) -> Iterator[int]:
    for start in range(0, athletes, ATHLETES_AT_ONCE):
        yield min(ATHLETES_AT_ONCE, athletes - start)


def run(days: Path, out: Path, *extra: str) -> dict[str, float]:
    """One batch in a process of its own: seconds, and the most memory that it and its workers held at one time."""
    for place in (out, out.with_name(f"{out.name}.side")):
        if "--since" not in extra:
            shutil.rmtree(place, ignore_errors=True)
    command = [sys.executable, "-m", "freshlegs.cli", "batch", str(days), str(out), "--json", *extra]
    began = time.perf_counter()
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    most = [0]
    watching = threading.Thread(target=_watch, args=(running, most))
    watching.start()
    told, _ = running.communicate()
    watching.join()
    if running.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {running.returncode}")
    document = json.loads(told)
    taken = time.perf_counter() - began
    return {"s": taken, "inside_s": document["seconds"], "verdicts": document["verdicts"], "memory_mb": most[0] / 1024}


def _watch(running: subprocess.Popen[str], most: list[int]) -> None:
    while running.poll() is None:
        began = time.perf_counter()
        most[0] = max(most[0], _resident_kb(running.pid))
        time.sleep(max(0.1, 20.0 * (time.perf_counter() - began)))  # to look takes long: it must not slow the work


def _resident_kb(root: int) -> int:
    """Memory of a process and all below it, without counting shared pages twice where the system tells (PSS)."""
    total, waiting = 0, [root]
    while waiting:
        pid = waiting.pop()
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
            total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
            for task in Path(f"/proc/{pid}/task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text("ascii").split()]
        except (OSError, StopIteration):
            continue
    return total


def local(folder: Path, athletes: list[int], days: int) -> dict[str, Any]:
    """Each size on this machine."""
    found = {}
    for some in athletes:
        one = run(panel(folder, some, days), folder / "out")
        found[f"{some:,} athletes"] = {
            "athlete-days a second": one["verdicts"] / one["s"],
            "seconds": one["s"],
            "memory, MB": one["memory_mb"],
        }
    return found


def spark(folder: Path, athletes: list[int], days: int) -> dict[str, Any]:
    """Each size on a Spark with two executors."""
    if find_spec("pyspark") is None or shutil.which("java") is None:
        print("PySpark or Java is missing: its part is passed over (make .venv/spark)")
        return {}
    os.environ["PYSPARK_SUBMIT_ARGS"] = " ".join(
        [
            "--master local-cluster[2,1,2048] --conf spark.executor.memory=1500m --conf spark.ui.enabled=false",
            "--conf spark.driver.host=127.0.0.1 --conf spark.driver.bindAddress=127.0.0.1 pyspark-shell",
        ]
    )
    os.environ["PYSPARK_PYTHON"] = sys.executable
    found = {}
    smallest = run(panel(folder, 10, 10), folder / "out-spark", "--engine", "spark")
    found["ten athletes, ten days (the start of Spark)"] = {"seconds": smallest["s"]}
    for some in athletes:
        one = run(panel(folder, some, days), folder / "out-spark", "--engine", "spark")
        working = one["s"] - smallest["s"]
        found[f"{some:,} athletes"] = {
            "athlete-days a second": one["verdicts"] / one["s"],
            "without the start of Spark": one["verdicts"] / working,
            "seconds": one["s"],
        }
    return found


def since(folder: Path, athletes: list[int], days: int) -> dict[str, Any]:
    """A day appended to the most athletes, against the full run on the same days."""
    some = max(athletes)
    place, growing = panel(folder, some, days), folder / "growing"
    shutil.rmtree(growing, ignore_errors=True)
    growing.mkdir()
    last = pl.scan_parquet(place / "*.parquet").select(pl.col("date").max()).collect().item()
    whole = pl.scan_parquet(place / "*.parquet")
    whole.filter(pl.col("date") < last).sink_parquet(growing / "0.parquet", row_group_size=50_000)
    run(growing, folder / "out-growing")
    whole.filter(pl.col("date") == last).sink_parquet(growing / "1.parquet")
    day = run(growing, folder / "out-growing", "--since", str(last))
    full = run(growing, folder / "out-full")
    return {
        f"a day more of {some:,} athletes": {
            "seconds": day["s"],
            "full run, seconds": full["s"],
            "times cheaper": full["s"] / day["s"],
        }
    }


PARTS: dict[str, Callable[[Path, list[int], int], dict[str, Any]]] = {"local": local, "spark": spark, "since": since}


def carried_on(folder: Path, rate: float, days: int, athletes: int) -> dict[str, Any]:
    """A million athletes and five years at the measured rate a core and bytes a row."""
    place = panel(folder, athletes, days)
    read = sum(file.stat().st_size for file in place.glob("*.parquet")) / (athletes * days)
    written = sum(file.stat().st_size for file in (folder / "out").rglob("*.parquet")) / (athletes * days)
    carry = sum(file.stat().st_size for file in (folder / "out.side" / "carry").glob("*.arrow")) / athletes
    rows = MILLION * FIVE_YEARS
    return {
        "athlete-days": rows,
        "core-hours": rows / (rate / (os.cpu_count() or 1)) / 3600,
        "read, GB": rows * read / 1e9,
        "written, GB": rows * written / 1e9,
        "carry beside it, GB": MILLION * carry / 1e9,
    }


def main() -> None:
    """Run the parts asked for and print what they took."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--athletes", type=int, nargs="+", default=[1000, 5000, 20_000])
    asked.add_argument("--days", type=int, default=365)
    asked.add_argument("--only", action="append", choices=tuple(PARTS), help="a part; may be given more than once")
    asked.add_argument("--folder", type=Path, help="where made data are kept between runs; else a temporary folder")
    asked.add_argument("--json", action="store_true")
    wanted = asked.parse_args()
    machine = (
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, polars {pl.__version__}, "
        f"steps in C: {'yes' if steps.READY else 'no'}"
    )
    found: dict[str, Any] = {"machine": machine}
    with tempfile.TemporaryDirectory() as temporary:
        folder = wanted.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for name in wanted.only or PARTS:
            found[name] = PARTS[name](folder, wanted.athletes, wanted.days)
        if "local" in found:
            largest = max(wanted.athletes)
            rate = found["local"][f"{largest:,} athletes"]["athlete-days a second"]
            found["a million athletes, five years"] = {"": carried_on(folder, rate, wanted.days, largest)}
    if wanted.json:
        print(json.dumps(found, indent=2))
        return
    for name, part in found.items():
        if name == "machine":
            continue
        print(name)
        for size, figures in part.items():
            told = ", ".join(f"{what} {value:,.0f}" for what, value in figures.items())
            print(f"  {size:44s} {told}" if size else f"  {told}")
    print(machine)


if __name__ == "__main__":
    main()
