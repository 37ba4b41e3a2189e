"""How fast the pages are with ten years of data: server time, weight of the first page, a cold browser, a crowd.

    python benchmarks/pages.py [--runs 2500] [--days 3650] [--rounds 30] [--json]

Each page is asked for once cold (its verdict is worked out), then warm, then first after a check-in; what is measured
is the time from request to whole answer over a local socket, from a process of its own. Made data come from a fixed
seed. The browser part needs a Chromium (FRESHLEGS_BROWSER, or /usr/bin/chromium) and is passed over with a line where
there is none.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from freshlegs import Diary
from freshlegs.store import NewFile
from freshlegs.store.contract import NewSession
from freshlegs.synthetic import live, made_panel
from freshlegs.synthetic.write import run_file
from freshlegs.web.pages import NAVIGATION

SEED = 4
CROWD = 50
WHOLE = ("/story?span=all", "/signs?span=all", "/balance?span=all")


def filled(home: Path, n_runs: int, n_days: int) -> str:
    """A home lived in for so many days, up to today; the id of a run that came with samples.

    Every morning became known on its own day, and had its verdict; so each page has to read what was told then.
    """
    runs, nights, checkins = made_panel(1, n_days, seed=SEED)
    shift = date.today() - checkins["date"].max()  # type: ignore[operator]
    every = max(1.0, runs.height / n_runs)
    kept = runs[[int(n * every) for n in range(min(n_runs, runs.height))]]
    days: dict[date, tuple[list[Any], list[Any], list[Any]]] = {}
    for place, frame in enumerate((kept, nights, checkins)):
        for row in (moved(one, shift) for one in frame.iter_rows(named=True)):
            day = row["date"] if "date" in row else row["start_utc"].date()
            days.setdefault(day, ([], [], []))[place].append(row)
    with Diary.open(home) as diary:
        diary.set_profile(hr_max_bpm=188.0, hr_rest_bpm=48.0, birth_date=date(1985, 3, 1))
        for number, day in enumerate(sorted(days)):
            ran, slept, told = days[day]
            file = NewFile(
                f"{number:064d}",
                "made.csv",
                "CSV",
                0,
                "read",
                "benchmark",
                b"",
                sessions=[NewSession(n, row) for n, row in enumerate(ran)],
                nights=[{"source": "made"} | row for row in slept],
                answers=told,
            )
            diary._store.add_files([file], datetime(day.year, day.month, day.day, 0, 1, tzinfo=UTC))
        path = home / "run.fit"
        path.write_bytes(run_file(live(date.today()).runs[-1]))
        diary.import_files(path)
        path.unlink()
        diary.history()
        print(f"{diary.runs().height} runs, {diary.nights().height} nights, {diary.checkins().height} mornings")
        newest = diary.runs().sort("start_utc", descending=True)["id"].head(20)
        return next(one for one in newest if diary.run_details(one)["samples"])


def moved(row: dict[str, Any], shift: timedelta) -> dict[str, Any]:
    """A row without its athlete and what is missing, its dates moved."""
    return {
        key: value + shift if isinstance(value, (date, datetime)) else value
        for key, value in row.items()
        if value is not None and key != "athlete"
    }


def serve(home: Path) -> tuple[subprocess.Popen[str], str]:
    """The real command in a process of its own, and where it listens."""
    command = [sys.executable, "-m", "freshlegs.cli", "--home", str(home), "serve", "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    found = re.search(r"http://\S+", process.stderr.readline())
    assert found is not None
    return process, found[0]


def timed(client: httpx.Client, path: str, rounds: int) -> dict[str, float]:
    """Milliseconds of one page: cold, and median and 95th percentile warm; kilobytes as sent."""
    begin = time.perf_counter()
    answer = client.get(path)
    cold = time.perf_counter() - begin
    answer.raise_for_status()
    taken = []
    for _ in range(rounds):
        begin = time.perf_counter()
        client.get(path).raise_for_status()
        taken.append(time.perf_counter() - begin)
    taken.sort()
    sent = answer.num_bytes_downloaded
    return {
        "cold_ms": cold * 1e3,
        "median_ms": statistics.median(taken) * 1e3,
        "p95_ms": taken[int(0.95 * (len(taken) - 1))] * 1e3,
        "kb": sent / 1e3,
    }


def changed(client: httpx.Client, paths: list[str]) -> dict[str, float]:
    """Milliseconds of each page, asked for first after a check-in: everything is worked out anew."""
    found = {}
    for number, path in enumerate(paths):
        client.post(f"/api/v1/checkins/{date.today()}", json={"energy": number % 9 + 1}).raise_for_status()
        begin = time.perf_counter()
        client.get(path).raise_for_status()
        found[path] = 1e3 * (time.perf_counter() - begin)
    return found


def weight(client: httpx.Client, path: str) -> float:
    """Kilobytes as sent of a page with its styles, scripts and icons."""
    page = client.get(path)
    assets = sorted(set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)))
    return (page.num_bytes_downloaded + sum(client.get(asset).num_bytes_downloaded for asset in assets)) / 1e3


def crowd(url: str, paths: list[str]) -> dict[str, float]:
    """That many readers at once, each reading every page; errors, and the slowest answer."""

    def read(_: int) -> tuple[int, float]:
        wrong, slowest = 0, 0.0
        with httpx.Client(base_url=url, timeout=60) as client:
            for path in paths:
                begin = time.perf_counter()
                wrong += client.get(path).status_code != 200
                slowest = max(slowest, time.perf_counter() - begin)
        return wrong, slowest

    with ThreadPoolExecutor(CROWD) as pool:
        found = list(pool.map(read, range(CROWD)))
    return {
        "readers": CROWD,
        "requests": CROWD * len(paths),
        "errors": sum(wrong for wrong, _ in found),
        "slowest_ms": 1e3 * max(slowest for _, slowest in found),
    }


def browser(url: str) -> dict[str, float]:
    """Milliseconds until Today is drawn and can be used, in a browser that knows nothing yet; the median of five."""
    path = os.environ.get("FRESHLEGS_BROWSER", "/usr/bin/chromium")
    if not Path(path).is_file():
        print("no Chromium: the cold browser is passed over")
        return {}
    from playwright.sync_api import sync_playwright

    drawn, usable = [], []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for _ in range(5):
            context = chromium.new_context(viewport={"width": 390, "height": 844}, service_workers="block")
            page = context.new_page()
            page.goto(url)
            told = page.evaluate(
                "() => [performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,"
                " performance.getEntriesByType('navigation')[0].domInteractive]"
            )
            drawn.append(told[0])
            usable.append(told[1])
            context.close()
        chromium.close()
    return {"drawn_ms": statistics.median(drawn), "usable_ms": statistics.median(usable)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=2500)
    parser.add_argument("--days", type=int, default=3650)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        run = filled(home, asked.runs, asked.days)
        process, url = serve(home)
        try:
            with httpx.Client(base_url=url, timeout=300, headers={"accept-encoding": "gzip"}) as client:
                client.headers["origin"] = url.rstrip("/")
                paths = [*(page.path for page in NAVIGATION), *WHOLE, f"/runs/{run}"]
                found: dict[str, Any] = {path: timed(client, path, asked.rounds) for path in paths}
                for path, taken in changed(client, paths).items():
                    found[path]["after_change_ms"] = taken
                found["first page, kB with styles and scripts"] = weight(client, "/")
                found["heaviest page, kB with styles and scripts"] = max(weight(client, path) for path in paths)
            found["browser"] = browser(url)
            found["crowd"] = crowd(url, paths)
        finally:
            process.terminate()
            process.wait(10)
    if asked.json:
        print(json.dumps(found, indent=2))
        return
    for name, row in found.items():
        told = (
            f"{row:.0f}" if isinstance(row, float) else "  ".join(f"{key} {value:,.0f}" for key, value in row.items())
        )
        print(f"{name:40s} {told}")


if __name__ == "__main__":
    main()
