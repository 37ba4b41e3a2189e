"""How fast, and in how much memory, a large Apple Health export is read: Freshlegs against a streaming XML parser and
other programs' own import.

    python benchmarks/apple_health.py [--records 5000000] [--only NAME]... [--keep FOLDER]

A made `export.xml` (sixty workouts, three years of nights, steps, calories and heart rates in Apple's layout) is
written piece by piece into a temporary folder, and read by each in a process of its own, whose largest memory and
processor time the system tells; a busy machine disturbs these less than the time on the clock. `lxml.iterparse` does
the same work as Freshlegs' scan: the same elements kept, the same numbers made. The others are what their users run;
what they make of the file differs and stands in the table. Those that are not installed are passed over with a line
(`make bench-setup` installs them).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from importlib import metadata
from pathlib import Path

WORKOUTS = 60
DAYS = 1096
FIRST = date(2023, 1, 1)
WATCH, PHONE = "Kim’s Apple\u00a0Watch", "Kim’s iPhone"
CLOCK = [f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(86_400)]

DTD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HealthData [
<!-- HealthKit Export Version: 14 -->
<!ELEMENT HealthData (ExportDate,Me,(Record|Correlation|Workout|ActivitySummary)*)>
<!ATTLIST HealthData
  locale CDATA #REQUIRED
>
<!ELEMENT Record ((MetadataEntry|HeartRateVariabilityMetadataList)*)>
]>
"""


# --- the made export --------------------------------------------------------------------------------------


def record(kind: str, source: str, unit: str, at: str, until: str, value: str, inside: str = "") -> str:
    """One record as Apple writes it."""
    begun = (
        f' <Record type="{kind}" sourceName="{source}" sourceVersion="10.1" unit="{unit}"'
        f' creationDate="{until}" startDate="{at}" endDate="{until}" value="{value}"'
    )
    return f"{begun}>\n{inside} </Record>\n" if inside else f"{begun}/>\n"


def day_of_records(day: date, number: int, runs: bool, per_day: int) -> Iterator[str]:
    """One day: heart rates (dense during a run), calories, steps, distance, a resting heart rate, a night."""
    on = day.isoformat()

    def at(second: int) -> str:
        return f"{on} {CLOCK[second]} +0100"

    beats = per_day // 4
    for i in range(beats):
        second = i * 86_400 // beats
        yield record(
            "HKQuantityTypeIdentifierHeartRate", WATCH, "count/min", at(second), at(second), str(52 + i * 7 % 40)
        )
    if runs:
        for i in range(720):
            second = 64_800 + 5 * i
            yield record(
                "HKQuantityTypeIdentifierHeartRate", WATCH, "count/min", at(second), at(second), str(140 + i % 20)
            )
    for kind, unit, source, share in (
        ("ActiveEnergyBurned", "Cal", WATCH, 5),
        ("BasalEnergyBurned", "Cal", WATCH, 3),
        ("StepCount", "count", PHONE, 2),
        ("DistanceWalkingRunning", "km", PHONE, 2),
    ):
        many = per_day * 3 * share // 48
        for i in range(many):
            second = i * 86_399 // many
            yield record(
                f"HKQuantityTypeIdentifier{kind}", source, unit, at(second), at(second), f"{0.03 * (i % 97):.3f}"
            )
    yield record(
        "HKQuantityTypeIdentifierRestingHeartRate", WATCH, "count/min", at(120), at(86_000), str(50 + number % 5)
    )
    zone = '  <MetadataEntry key="HKTimeZone" value="Europe/Oslo"/>\n'
    for i, stage in enumerate(["Core", "Deep", "Core", "REM"] * 8):
        second = 1800 + 800 * i
        stages = f"HKCategoryValueSleepAnalysisAsleep{stage}"
        kind = "HKCategoryTypeIdentifierSleepAnalysis"
        yield record(kind, WATCH, "", at(second), at(second + 800), stages, zone).replace(' unit=""', "")
    beats_of = "".join(
        f'   <InstantaneousBeatsPerMinute bpm="{55 + i % 4}" time="3:00:{i:02d}.10 AM"/>\n' for i in range(20)
    )
    inside = f"  <HeartRateVariabilityMetadataList>\n{beats_of}  </HeartRateVariabilityMetadataList>\n"
    for second in (7200, 14_400):
        yield record(
            "HKQuantityTypeIdentifierHeartRateVariabilitySDNN", WATCH, "ms", at(second), at(second + 60), "61.2", inside
        )


def workout(day: date) -> str:
    """An hour's run at 18 h."""
    span = f'startDate="{day} 18:00:00 +0100" endDate="{day} 19:00:00 +0100"'
    return (
        f' <Workout workoutActivityType="HKWorkoutActivityTypeRunning" duration="60" durationUnit="min"'
        f' sourceName="{WATCH}" sourceVersion="10.1" creationDate="{day} 19:00:05 +0100" {span}>\n'
        '  <MetadataEntry key="HKTimeZone" value="Europe/Oslo"/>\n  <MetadataEntry key="HKIndoorWorkout" value="1"/>\n'
        f'  <WorkoutStatistics type="HKQuantityTypeIdentifierDistanceWalkingRunning" {span} sum="11.2" unit="km"/>\n'
        f'  <WorkoutStatistics type="HKQuantityTypeIdentifierHeartRate" {span} average="149.5" minimum="140"'
        ' maximum="159" unit="count/min"/>\n </Workout>\n'
    )


def make(path: Path, records: int) -> int:
    """Write the export piece by piece; gives its size in bytes."""
    per_day = max(48, round((records - WORKOUTS * 720) / DAYS) - 35)
    every = DAYS // WORKOUTS
    with path.open("w", encoding="utf-8") as file:
        file.write(DTD + '<HealthData locale="en_NO">\n <ExportDate value="2026-01-02 09:00:00 +0100"/>\n')
        file.write(' <Me HKCharacteristicTypeIdentifierDateOfBirth="1990-02-02"/>\n')
        runs = [number * every for number in range(WORKOUTS)]
        for number in range(DAYS):
            day = FIRST + timedelta(days=number)
            file.write("".join(day_of_records(day, number, number in runs, per_day)))
        for number in runs:
            file.write(workout(FIRST + timedelta(days=number)))
        file.write("</HealthData>\n")
    return path.stat().st_size


# --- the readers, each run in a process of its own -----------------------------------------------------------


def _freshlegs_scan(path: Path) -> str:
    from freshlegs.importers.apple.scan import gather

    def chunks() -> Iterator[bytes]:
        with path.open("rb") as file:
            while chunk := file.read(2**20):
                yield chunk

    export = gather(chunks)
    return f"{len(export.workouts)} workouts, {len(export.records):,} records, {len(export.heart_rate):,} heart rates"


def _freshlegs(path: Path) -> str:
    from freshlegs.importers import Context, Source, read
    from freshlegs.importers.sources import walk

    runs = nights = 0
    for found in walk(path):
        reading = read(Source(found.name, found.read(), Context("Europe/Oslo")))
        runs += len(reading.activities) + len(reading.runs)
        nights += len(reading.nights)
    return f"{runs} runs with samples, {nights:,} nights"


def _freshlegs_import(path: Path) -> str:
    from freshlegs import Diary

    with tempfile.TemporaryDirectory() as home:
        diary = Diary.open(Path(home) / "home")
        diary.set_profile(home_time_zone="Europe/Oslo")
        report = diary.import_files([path])
        return ", ".join(f"{number} {what}" for what, number in report.imported.items())


def _iterparse(path: Path) -> str:
    from lxml import etree

    from freshlegs.importers.apple.elements import HeartRate
    from freshlegs.importers.apple.parse import Collector, Export

    export = Export()
    collector = Collector(export)

    def give(element: etree._Element) -> None:
        collector.start(element.tag, dict(element.attrib))
        for child in element:
            give(child)
        collector.end(element.tag)

    for _event, element in etree.iterparse(str(path), events=("end",), tag=("Record", "Workout", "Me"), huge_tree=True):
        give(element)
        element.clear(keep_tail=False)
        while element.getprevious() is not None:
            del element.getparent()[0]
    collector.finish()
    assert isinstance(export.heart_rate, HeartRate)
    return f"{len(export.workouts)} workouts, {len(export.records):,} records, {len(export.heart_rate):,} heart rates"


def _apple_health_parser(path: Path) -> str:
    from apple_health_parser.utils.parser import Parser

    packed = path.with_suffix(".zip")  # it takes nothing else
    parser = Parser(export_file=packed, output_dir=path.parent / "parsed", overwrite=True)
    return f"{len(parser.flags)} kinds of record"


def _healthkit_to_sqlite(path: Path) -> str:
    database = path.parent / "healthkit.db"
    database.unlink(missing_ok=True)
    subprocess.run(
        [Path(sys.executable).parent / "healthkit-to-sqlite", path, database, "--xml", "--silent"], check=True
    )
    return f"a database of {database.stat().st_size / 1e6:.0f} MB"


READERS = {
    "freshlegs, scan": ("freshlegs", _freshlegs_scan),
    "lxml.iterparse": ("lxml", _iterparse),
    "freshlegs, read": ("freshlegs", _freshlegs),
    "freshlegs, import": ("freshlegs", _freshlegs_import),
    "apple-health-parser": ("apple-health-parser", _apple_health_parser),
    "healthkit-to-sqlite": ("healthkit-to-sqlite", _healthkit_to_sqlite),
}


def measured(name: str, path: Path, limit_s: float) -> dict[str, object]:
    """One reader in a process of its own: seconds, largest memory, what came out; or why not."""
    package, _ = READERS[name]
    try:
        version = metadata.version(package)
    except metadata.PackageNotFoundError:
        return {"reader": name, "failed": "not installed, passed over"}
    command = [sys.executable, __file__, "--child", name, str(path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit_s)
    except subprocess.TimeoutExpired:
        return {"reader": name, "version": version, "failed": f"not done after {limit_s:g} s"}
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"stopped by signal {-done.returncode}"])[-1]
        return {"reader": name, "version": version, "failed": last[:160]}
    return {"reader": name, "version": version, **json.loads(done.stdout.splitlines()[-1])}


def child(name: str, path: Path) -> int:
    """What the process of its own does."""
    begin = time.perf_counter()
    found = READERS[name][1](path)
    seconds = time.perf_counter() - begin
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu_s = sum(each.ru_utime + each.ru_stime for each in used)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak_kb = max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    print(
        json.dumps(
            {"seconds": round(seconds, 2), "cpu_s": round(cpu_s, 2), "peak_mb": round(peak_kb / 1024), "gives": found}
        )
    )
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--records", type=int, default=5_000_000)
    parser.add_argument("--only", action="append", default=[], choices=list(READERS), metavar="NAME")
    parser.add_argument("--keep", type=Path, help="make the export in this folder, and use it again if it is there")
    parser.add_argument("--limit-s", type=float, default=1800.0, help="the longest a reader may take")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", nargs=2, metavar=("NAME", "FILE"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        return child(args.child[0], Path(args.child[1]))
    with tempfile.TemporaryDirectory() as made:
        folder = args.keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "export.xml"
        size_b = path.stat().st_size if path.exists() else make(path, args.records)
        if not path.with_suffix(".zip").exists():
            with zipfile.ZipFile(path.with_suffix(".zip"), "w") as packed:
                packed.write(path, "apple_health_export/export.xml")
        os.sync()
        results = [measured(name, path, args.limit_s) for name in READERS if not args.only or name in args.only]
    if args.json:
        about = {"python": platform.python_version(), "machine": platform.machine(), "bytes": size_b}
        print(json.dumps({"schema_version": 1, **about, "readers": results}, indent=2))
        return 0
    print(f"{size_b / 1e9:.2f} GB, {args.records:,} records, {WORKOUTS} workouts, Python {platform.python_version()}")
    print(f"{'reader':20} {'version':>9} {'seconds':>8} {'CPU s':>8} {'MB/CPU s':>8} {'peak MB':>8}  what it gives")
    for each in results:
        if "failed" in each:
            print(f"{each['reader']:20} {each.get('version', ''):>9}  {each['failed']}")
            continue
        rate = size_b / 1e6 / float(str(each["cpu_s"]))
        figures = f"{each['seconds']:8} {each['cpu_s']:8} {rate:8.0f} {each['peak_mb']:8}"
        print(f"{each['reader']:20} {each['version']:>9} {figures}  {each['gives']}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
