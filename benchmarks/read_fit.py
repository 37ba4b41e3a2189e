"""How fast FIT files are read: Freshlegs against other readers, on the same files, in one process.

    python benchmarks/read_fit.py [FOLDER] [--rounds 3] [--min-kb 50] [--only NAME]... [--files] [--json]

Every round reads every file with every reader in turn, from bytes in memory, so that a slow moment of the machine
hits all of them alike; the median over the rounds counts. Readers that are not installed are passed over with a
line (`make bench-setup` installs them). A reader that cannot read a file is compared over the files it can.

What each call gives differs, and the table says it: R samples, L laps, S sessions, B beat-to-beat (RR) intervals,
D apps' developer fields. Freshlegs gives all of them as Polars frames in SI units, checks the checksum, and its
result is touched: samples, laps, sessions and RR intervals of every file.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module, metadata
from io import BytesIO
from pathlib import Path
from typing import Any

DEFAULT_FOLDER = Path(__file__).resolve().parents[1] / ".." / "shared" / "corpus" / "fit"


@dataclass
class Reader:
    """One way to read a file: the package it needs, what the call gives, and the call."""

    name: str
    package: str
    gives: str
    note: str
    make: Callable[[Any], Callable[[bytes], object]]
    compiled: bool = False
    read: Callable[[bytes], object] | None = None
    seconds: dict[str, list[float]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def median(self, name: str) -> float:
        return statistics.median(self.seconds[name])


def _freshlegs(module: Any) -> Callable[[bytes], object]:
    def read(data: bytes) -> object:
        activity = module.read_activity(data)
        return activity.records.height, activity.laps.height, activity.sessions.height, len(activity.rr_ms)

    return read


def _garmin(module: Any) -> Callable[[bytes], object]:
    def read(data: bytes) -> object:
        messages, errors = module.Decoder(module.Stream.from_byte_array(bytearray(data))).read()
        if errors and not messages.get("record_mesgs"):
            raise errors[0]
        return messages

    return read


def _fitdecode(module: Any) -> Callable[[bytes], object]:
    def read(data: bytes) -> object:
        kept = []
        with module.FitReader(
            BytesIO(data), check_crc=module.CrcCheck.WARN, error_handling=module.ErrorHandling.IGNORE
        ) as reader:
            try:
                kept.extend(frame for frame in reader if frame.frame_type == module.FIT_FRAME_DATA)
            except module.FitError:
                if not kept:
                    raise
        return kept

    return read


READERS = [
    Reader("freshlegs", "freshlegs", "RLSBD", "read_activity: frames in SI units", _freshlegs),
    Reader("garmin-fit-sdk", "garmin_fit_sdk", "RLSBD", "Decoder.read: dicts; no compressed timestamps", _garmin),
    Reader("fitdecode", "fitdecode", "RLSBD", "all data messages, as objects", _fitdecode),
    Reader("fitfast.parse", "fitfast", "RLSBD", "every message, as dicts", lambda module: module.parse, True),
    Reader(
        "fitfast.records x3",
        "fitfast",
        "RLS D",
        "records, laps, sessions as arrays; no arrays within, so no RR",
        lambda module: lambda data: [module.records(data, kind) for kind in ("record", "lap", "session")],
        True,
    ),
    Reader("fitfast.records", "fitfast", "R   D", "samples alone", lambda module: module.records, True),
    Reader(
        "pyroparse.all_messages",
        "pyroparse",
        "RLSBD",
        "every message, as dicts; raw names and values",
        lambda module: module.all_messages,
        True,
    ),
    Reader(
        "pyroparse.read_fit",
        "pyroparse",
        "R    ",
        "samples alone (PyArrow table)",
        lambda module: lambda data: module.read_fit(data, deduplicate=False, missing="ignore"),
        True,
    ),
    Reader(
        "pyfitparsernative",
        "pyfitparsernative",
        "RLSBD",
        "every message, as dicts",
        lambda module: module.parse_fit_bytes,
        True,
    ),
]


def installed(only: list[str]) -> list[Reader]:
    """The readers that can be imported, ready; a line for each of the others."""
    found = []
    for reader in READERS:
        if only and reader.name not in only and reader.name != "freshlegs":
            continue
        try:
            reader.read = reader.make(import_module(reader.package))
        except ImportError as error:
            print(f"{reader.name}: not installed, passed over ({error})", file=sys.stderr)
            continue
        found.append(reader)
    return found


def run(readers: list[Reader], files: dict[str, bytes], rounds: int) -> None:
    """All rounds, interleaved."""
    for number in range(rounds + 1):  # the first one warms up the fast readers and does not count
        for name, data in files.items():
            for reader in readers:
                if name in reader.failed or (number == 0 and not (reader.compiled or reader.name == "freshlegs")):
                    continue
                begin = time.perf_counter()
                try:
                    result = reader.read(data)  # type: ignore[misc]
                except Exception as error:  # a reader that fails is a result
                    reader.failed[name] = f"{type(error).__name__}: {error}"[:120]
                    continue
                seconds = time.perf_counter() - begin
                del result
                if number:
                    reader.seconds.setdefault(name, []).append(seconds)


def result(reader: Reader, ours: Reader, files: dict[str, bytes]) -> dict[str, Any]:
    """One reader's figures, and Freshlegs' over the same files."""
    names = [name for name in files if name not in reader.failed and name not in ours.failed]
    total = sum(reader.median(name) for name in names)
    base = sum(ours.median(name) for name in names)
    size = sum(len(files[name]) for name in names)
    return {
        "reader": reader.name,
        "version": _version(reader.package),
        "gives": reader.gives.replace(" ", ""),
        "note": reader.note,
        "compiled": reader.compiled,
        "files": len(names),
        "failed": reader.failed,
        "total_s": total,
        "mb_per_s": size / 1e6 / total if total else None,
        "freshlegs_s": base,
        "freshlegs_is_times_faster": total / base if base else None,
    }


def _version(package: str) -> str:
    try:
        return metadata.version(package.replace("_", "-"))
    except metadata.PackageNotFoundError:
        return "?"


def table(results: list[dict[str, Any]]) -> str:
    """The figures for people."""
    lines = [
        f"{'reader':24} {'gives':6} {'files':>5} {'total':>10} {'MB/s':>7} {'Freshlegs is':>13}  what the call gives"
    ]
    for each in results:
        factor = each["freshlegs_is_times_faster"]
        times = "" if each["reader"] == "freshlegs" else f"{factor:6.1f} times" if factor else "-"
        lines.append(
            f"{each['reader']:24} {each['gives']:6} {each['files']:5d} {each['total_s'] * 1e3:8.1f}ms"
            f" {each['mb_per_s'] or 0:7.2f} {times:>13}  {each['note']}"
        )
        lines += [f"{'':24} cannot read {name}: {why}" for name, why in each["failed"].items()]
    full = [each for each in results if each["compiled"] and set("RLSB") <= set(each["gives"])]
    if full:
        fastest = min(full, key=lambda each: each["freshlegs_is_times_faster"] or float("inf"))
        lines.append(
            f"fastest compiled reader that gives samples, laps, sessions and RR intervals: {fastest['reader']},"
            f" Freshlegs is {fastest['freshlegs_is_times_faster']:.1f} times faster"
        )
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", nargs="?", type=Path, default=DEFAULT_FOLDER)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--min-kb", type=float, default=50.0, help="leave out smaller files")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="these readers, and freshlegs")
    parser.add_argument("--files", action="store_true", help="a line for each file too")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    files = {
        str(path.relative_to(args.folder)): path.read_bytes()
        for path in sorted(args.folder.rglob("*.fit"))
        if path.stat().st_size > args.min_kb * 1000
    }
    if not files:
        print(f"no FIT file of more than {args.min_kb:g} kB under {args.folder}", file=sys.stderr)
        return 3
    warnings.simplefilter("ignore")
    readers = installed(args.only)
    run(readers, files, args.rounds)
    ours = readers[0]
    results = [result(reader, ours, files) for reader in readers]
    if args.json:
        about = {"python": platform.python_version(), "machine": platform.processor() or platform.machine()}
        about |= {"rounds": args.rounds, "files": len(files), "bytes": sum(map(len, files.values()))}
        print(json.dumps({"schema_version": 1, **about, "readers": results}, indent=2))
        return 0
    print(
        f"{len(files)} files of more than {args.min_kb:g} kB, {sum(map(len, files.values())) / 1e6:.1f} MB,"
        f" Python {platform.python_version()}, median of {args.rounds} rounds"
    )
    print(table(results))
    if args.files:
        for name, data in files.items():
            times = "  ".join(
                f"{reader.name} {reader.median(name) * 1e3:.2f}" for reader in readers if name not in reader.failed
            )
            print(f"{name} ({len(data) / 1000:.0f} kB), ms: {times}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
