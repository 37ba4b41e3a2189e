"""On made runners: how much sooner the simulated excessive state ends when the proposal is taken.

    python -m validation.advice [--runners N] [--json]

Each made runner ends half a year in excessive fatigue and has a plan that goes on as before. The proposal of that
morning is simulated beside the unchanged plan, with the same luck, twenty times. It is a simulation by the model's own
transition table, in which a lighter week ends excessive fatigue three times as fast by judgement: it shows how much of
that table the proposal makes use of, not that rest works.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np

import freshlegs as fl
from freshlegs.diary.known import Known
from freshlegs.diary.plans.adapting import _after
from freshlegs.diary.plans.keeping import holding
from freshlegs.diary.plans.showing import loads
from freshlegs.diary.plans.simulating import told_by
from freshlegs.fatigue.simulating import simulate
from freshlegs.synthetic import write_demo

MORNING: Final = date(2025, 5, 4)
HORIZON_D: Final = 28
LUCK: Final = 20
PATHS: Final = 500
PLAN: Final = """
weeks:
  - from: {monday}
    repeat: 6
    mon: rest
    tue: easy 8.6 km
    wed: tempo 45 min
    thu: easy 8.6 km
    sat: easy 8.6 km
    sun: long 17 km
"""


def compare(seed: int) -> list[dict[str, float]]:
    """One made runner: of each luck, days beyond normal and share back in the normal range, with and without."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        write_demo(place / "made", MORNING, seed)
        monday = MORNING - timedelta(days=MORNING.weekday())
        (place / "plan.yaml").write_text(PLAN.format(monday=monday), "utf-8")
        now = datetime.combine(MORNING, datetime.min.time(), UTC) + timedelta(hours=6)
        with fl.Diary.open(place / "home", now=lambda: now) as diary:
            diary.import_files(place / "made")
            diary.import_plan(place / "plan.yaml")
            return _runs(diary)


def _runs(diary: fl.Diary) -> list[dict[str, float]]:
    proposal, store = diary.adapt_plan(), diary._store
    kept, known, frame = holding(store), Known(store), diary.days()
    after = _after(kept, proposal["changes"])
    found = []
    for luck in range(LUCK):
        row: dict[str, float] = {"excessive": float(proposal["state"] == "excessive")}
        for name, plan in (("plan", kept.sessions), ("proposal", after)):
            coming = told_by(list(loads(plan.to_dicts(), known, MORNING).values()), MORNING, HORIZON_D)
            ahead = simulate(frame, diary.athlete, MORNING, coming, known.profile, paths=PATHS, seed=luck)
            if ahead is None:
                raise RuntimeError("the made runner has no verdict")
            began = ahead.left_on > 0
            row[f"{name}_days"] = float(ahead.days_beyond[began].mean())
            for day in (14, 28):
                row[f"{name}_out_{day}"] = float((ahead.left_on[began] <= day).mean())
        found.append(row)
    return found


def summed(rows: list[dict[str, float]]) -> dict[str, Any]:
    """Means over all courses, and the interval in which 95 of 100 (runner, luck) means lie."""
    sooner = np.array([row["plan_days"] - row["proposal_days"] for row in rows])
    names = [name for name in rows[0] if name != "excessive"]
    return {
        "courses": len(rows) * PATHS,
        "excessive_at_start": float(np.mean([row["excessive"] for row in rows])),
        **{name: round(float(np.mean([row[name] for row in rows])), 3) for name in names},
        "fewer_days": round(float(sooner.mean()), 2),
        "fewer_days_interval": [round(float(x), 2) for x in np.percentile(sooner, [2.5, 97.5])],
    }


def main(argv: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m validation.advice", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--runners", type=int, default=5, help="made runners, each with a seed of its own")
    parser.add_argument("--json", action="store_true", help="the figures as one JSON document")
    args = parser.parse_args(argv)
    found = summed([row for seed in range(7, 7 + args.runners) for row in compare(seed)])
    if args.json:
        sys.stdout.write(json.dumps(found, indent=1) + "\n")
        return 0
    low, high = found["fewer_days_interval"]
    sys.stdout.write(
        f"{args.runners} made runners, {found['courses']} simulated courses of {HORIZON_D} days (a simulation).\n"
        f"Days beyond normal: {found['plan_days']:.1f} with the plan, {found['proposal_days']:.1f} with the proposal:\n"
        f"{found['fewer_days']:.1f} fewer (95 of 100 means between {low:.1f} and {high:.1f}).\n"
        f"Back in the normal range by day 14: {found['plan_out_14']:.0%} and {found['proposal_out_14']:.0%}; "
        f"by day 28: {found['plan_out_28']:.0%} and {found['proposal_out_28']:.0%}.\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
