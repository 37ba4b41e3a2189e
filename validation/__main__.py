"""Measure the forecast and the verdict on real people's diaries, and say what was found.

    python -m validation [FOLDER] [--json] [--quick] [--write] [--card]

FOLDER holds one folder a person, each with `pmsys/wellness.csv`, perhaps `pmsys/srpe.csv` and a `fitbit` folder
(PMData, CC BY 4.0; by default `../shared/validation/pmdata` beside the project). `--quick` leaves the sensitivity out
and draws less often; `--write` keeps the figures in `validation/results.json` and brings the model card up to date
with them. `--card` only writes the model card anew from the figures that are kept.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

from validation import card, people
from validation.report import text


def main(argv: list[str] | None = None) -> int:
    """The command; 0 done, 3 without the diaries."""
    args = _arguments(argv)
    if args.card:
        card.write(json.loads(card.RESULTS.read_text("utf-8")))
        return 0
    folder = Path(args.folder)
    if not people.folders(folder):
        sys.stderr.write(
            f"There are no diaries in {folder}: validation needs real people's diaries (PMData, one folder a person"
            " with pmsys/wellness.csv), which are no part of the project.\n"
        )
        return 3
    started = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # means over no answers are NaN, as meant
        from validation.measure import everything

        found = everything(folder, quick=args.quick)
    sys.stdout.write(json.dumps(found, indent=1) + "\n" if args.json else text(found))
    sys.stderr.write(f"{time.perf_counter() - started:.0f} s\n")
    if args.write:
        card.keep(found)
        card.write(found)
    return 0


def _arguments(argv: list[str] | None) -> Any:
    parser = argparse.ArgumentParser(prog="python -m validation", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", nargs="?", default=str(people.DEFAULT), help="one folder a person")
    parser.add_argument("--json", action="store_true", help="the figures as one JSON document")
    parser.add_argument("--quick", action="store_true", help="without sensitivity, fewer draws")
    parser.add_argument("--write", action="store_true", help="keep the figures and bring the model card up to date")
    parser.add_argument("--card", action="store_true", help="only write the model card from the kept figures")
    args = parser.parse_args(argv)
    if args.write and args.quick:
        parser.error("--write keeps a full run; leave --quick out")
    return args


if __name__ == "__main__":
    raise SystemExit(main())
