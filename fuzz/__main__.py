"""Fuzz readers for a time each: ``python -m fuzz [KIND...] [--seconds S] [--jobs N]``.

Each kind runs in a process of its own with bounded memory and bounded time an input. What it found stays in ``.fuzz``:
inputs that reach new code (it goes on from them next time), and each input that broke a promise. Exit code 1 then.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from fuzz import seeds

KEPT = seeds.ROOT / ".fuzz"
MEMORY_MB = 2_000
INPUT_S = 25
"""Seconds one input of at most 64 kB may take: a hundred times what the slowest honest one takes, on a slow machine."""


@dataclass(frozen=True)
class Result:
    """One kind's run: inputs tried, edges of code reached, and the faults found."""

    kind: str
    tried: int
    reached: int
    faults: list[Path]
    told: str
    code: int

    @property
    def is_good(self) -> bool:
        """Whether it ran to its end and found nothing."""
        return self.code == 0 and not self.faults


def fuzz(kind: str, seconds: int, kept: Path = KEPT, dice: int = 0) -> Result:
    """Fuzz one kind in a process of its own; ``dice``: the same number throws the same inputs (0: others each time)."""
    place = kept / re.sub(r"\W+", "-", kind.lower())
    for name in ("inputs", "faults"):
        (place / name).mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(seeds.of(kind)):
        (place / "inputs" / f"seed-{number:03}").write_bytes(data)
    before = set((place / "faults").iterdir())
    done = subprocess.run(
        [
            *(sys.executable, "-m", "fuzz.one", kind, str(place / "inputs")),
            *(
                f"-seed={dice}",
                f"-max_total_time={seconds}",
                f"-max_len={seeds.LARGEST_B}",
                "-len_control=0",
                "-print_final_stats=1",
            ),
            *(
                f"-rss_limit_mb={MEMORY_MB}",
                f"-timeout={INPUT_S}",
                f"-artifact_prefix={place / 'faults'}/",
                "-verbosity=1",
            ),
        ],
        cwd=seeds.ROOT,
        capture_output=True,
        check=False,
    )
    told = done.stderr.decode(errors="replace") + done.stdout.decode(errors="replace")
    tried = re.findall(r"number_of_executed_units:\s*(\d+)|^#(\d+)", told, re.M)
    reached = re.findall(r"\bcov: (\d+)", told)
    return Result(
        kind,
        max((int(a or b) for a, b in tried), default=0),
        int(reached[-1]) if reached else 0,
        sorted(set((place / "faults").iterdir()) - before),
        told,
        done.returncode,
    )


def main() -> int:
    """Run what the command line asks for; a line a kind."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(seeds.KINDS)}; all when left out")
    parser.add_argument("--seconds", type=int, default=60, help="for each kind")
    parser.add_argument("--jobs", type=int, default=2, help="kinds at once")
    parser.add_argument("--fresh", action="store_true", help="forget what earlier runs reached")
    given = parser.parse_args()
    if strange := set(given.kinds) - set(seeds.KINDS):
        parser.error(f"no such kind: {', '.join(sorted(strange))}")
    if given.fresh:
        shutil.rmtree(KEPT, ignore_errors=True)
    with ThreadPoolExecutor(given.jobs) as pool:
        results = pool.map(lambda kind: fuzz(kind, given.seconds), given.kinds or seeds.KINDS)
        good = True
        for result in results:
            good &= result.is_good
            _tell(result)
    return 0 if good else 1


def _tell(result: Result) -> None:
    found = f"{len(result.faults)} faults" if result.faults else "no fault"
    print(f"{result.kind:16} {result.tried:>10,} inputs  {result.reached:>6,} edges  {found}", flush=True)
    if not result.is_good:
        print("\n".join(result.told.splitlines()[-40:]), *result.faults, sep="\n", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
