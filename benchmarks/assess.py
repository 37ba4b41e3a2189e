"""How fast days become verdicts: made athletes through `freshlegs.daily` and `freshlegs.assess`.

    python benchmarks/assess.py [--athletes 1000] [--days 1000] [--rounds 3] [--only NAME]... [--json]

    panel    that many athletes from runs, nights and check-ins to verdicts: athlete-days a second, all cores
    rows     the cost of one row of `assess`, from ten thousand rows to a million: flat, if all is well
    years    one athlete's ten years through both
    day      a day added to one athlete's ten years: with `assess` over everything, and going on from a carry
    crowd    a day added to everybody's days, going on from their carry, beside judging all of it again
    pandas   the same kind of job in plain pandas, on the same days: a comparable subset, see `_with_pandas`

Every figure is the median over the rounds. Made data come from a fixed seed, so that two runs see the same athletes.
Where pandas is not installed, its part is passed over with a line.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import polars as pl

import freshlegs as fl
from freshlegs import steps
from freshlegs.fatigue import assess_from
from freshlegs.synthetic import made_days, made_panel

SEED = 4
PANDAS_ATHLETES = 20
ITEMS = ("energy", "leg_freshness", "soreness", "sleep_quality", "mood", "relax", "wish_to_run", "stress")
HIGH_IS_WORSE = ("soreness", "stress")
SIZES = ((20, 500), (200, 500), (1000, 1000))


def seconds(call: Callable[[], object], rounds: int) -> float:
    """The median time of so many calls."""
    taken = []
    for _ in range(rounds):
        begin = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def panel(athletes: int, days: int, rounds: int) -> dict[str, float]:
    """From runs, nights and check-ins to verdicts, both cores."""
    tables = made_panel(athletes, days, seed=SEED)
    by_day = fl.daily(*tables)
    rows = athletes * days
    made, judged = [], []
    for _ in range(rounds):
        made.append(seconds(lambda: fl.daily(*tables), 1))
        judged.append(seconds(lambda: fl.assess(by_day), 1))
    total = statistics.median(one + other for one, other in zip(made, judged, strict=True))
    return {
        "athlete-days": rows,
        "daily, s": statistics.median(made),
        "assess, s": statistics.median(judged),
        "athlete-days a second": rows / total,
    }


def rows(athletes: int, days: int, rounds: int) -> dict[str, float]:
    """Microseconds a row of `assess` at several sizes of the panel."""
    found = {}
    for some, length in SIZES:
        if some * length <= max(athletes * days, SIZES[0][0] * SIZES[0][1]):
            frame = made_days(some, length, seed=SEED)
            fl.assess(frame.head(length))
            found[f"{some * length:,} rows, µs a row"] = 1e6 * seconds(lambda: fl.assess(frame), rounds) / frame.height  # noqa: B023
    return found


def years(athletes: int, days: int, rounds: int) -> dict[str, float]:
    """One athlete, ten years."""
    tables = made_panel(1, 3650, seed=SEED)
    by_day = fl.daily(*tables)
    return {
        "daily, s": seconds(lambda: fl.daily(*tables), rounds),
        "assess, s": seconds(lambda: fl.assess(by_day), rounds),
    }


def day(athletes: int, days: int, rounds: int) -> dict[str, float]:
    """The next morning of somebody with so many years behind."""
    found = {}
    for years in (1, 10):
        frame = made_days(1, 365 * years, seed=SEED)
        carry, new = _but_the_last(frame)
        assess_from(carry, new)
        found[f"after {years} years: all of it, ms"] = 1e3 * seconds(lambda: fl.assess(frame), rounds)  # noqa: B023
        found[f"after {years} years: from the carry, ms"] = 1e3 * seconds(lambda: assess_from(carry, new), 5 * rounds)  # noqa: B023
    return found


def crowd(athletes: int, days: int, rounds: int) -> dict[str, float]:
    """The next morning of a whole population."""
    frame = made_days(athletes, days, seed=SEED)
    carry, new = _but_the_last(frame)
    whole = seconds(lambda: fl.assess(frame), rounds)
    one = seconds(lambda: assess_from(carry, new), rounds)
    return {
        "all days, s": whole,
        "the last day from the carry, s": one,
        "times cheaper": whole / one,
        "µs an athlete": 1e6 * one / athletes,
        "kB an athlete": carry.estimated_size() / athletes / 1e3,
    }


def _but_the_last(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The carry after all days but the last, and the rows of that one."""
    last = pl.col("date") == frame.get_column("date").max()
    return assess_from(None, frame.filter(~last))[1], frame.filter(last)


# --- the same kind of job, as one would write it with pandas ------------------------------------------------------


def _with_pandas(frame: Any, pd: Any) -> Any:
    """Spreads from the own median, bad days of seven, and a four-state filter, athlete by athlete.

    Eight answers and the resting heart rate; no anchors, performance, recovery, hazards, rules or decision: about a
    third of what `assess` does.
    """
    return pd.concat([_athlete_with_pandas(own) for _, own in frame.groupby("athlete", sort=True)])


def _athlete_with_pandas(own: Any) -> Any:
    own = own.set_index("date").asfreq("D")
    strengths = {}
    for item in (*ITEMS, "hr_rest_bpm"):
        worse = own[item] if item in (*HIGH_IS_WORSE, "hr_rest_bpm") else 10.0 - own[item]
        known = worse.dropna()
        median = known.rolling(42, min_periods=14).median()
        spread = known.rolling(42, min_periods=14).apply(_deviation, raw=True)
        median, spread = (x.reindex(own.index).ffill().shift(7) for x in (median, spread))
        z = (worse - median) / spread.clip(lower=0.7)
        n = z.notna().rolling(7).sum()
        k = (z >= 1.0).rolling(7).sum()
        share = (k + 1.0) / (n + 2.0)
        spread_of_share = (share * (1.0 - share) / (n + 3.0)) ** 0.5
        strengths[item] = ((share - 0.5) / spread_of_share).map(_cdf).where(n >= 3)
    believed = _filtered({item: column.to_numpy() for item, column in strengths.items()}, len(own))
    for number in range(4):
        own[f"p{number}"] = believed[:, number]
    return own


def _deviation(values: Any) -> float:
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))


def _cdf(z: float) -> float:
    return 0.5 * (1.0 + math.erf(z / math.sqrt(2.0)))


def _filtered(strengths: dict[str, Any], days: int) -> Any:
    """A hidden Markov filter, a day at a time: signs as likely in each state as these numbers say."""
    signs = np.array([0.05, 0.2, 0.6, 0.7])
    moves = np.array([[0.93, 0.07, 0, 0], [0.05, 0.94, 0.01, 0], [0, 0.04, 0.955, 0.005], [0, 0, 0.02, 0.98]])
    belief = np.array([0.3, 0.68, 0.02, 0.0])
    out = np.empty((days, 4))
    for t in range(days):
        belief = belief @ moves
        log = np.zeros(4)
        for strength in strengths.values():
            p = strength[t]
            if not np.isnan(p):
                log += np.log(p * signs + (1.0 - p) * (1.0 - signs)) / 7.0
        belief = belief * np.exp(log)
        belief = belief / belief.sum()
        out[t] = belief
    return out


def pandas(athletes: int, days: int, rounds: int) -> dict[str, float]:
    """Plain pandas on some of the athletes, `assess` on all of them, both by the row."""
    try:
        pd = import_module("pandas")
    except ImportError:
        print("pandas is not installed: its part is passed over")
        return {}
    frame = made_days(athletes, days, seed=SEED)
    some = frame.filter(pl.col("athlete").rank("dense") <= PANDAS_ATHLETES)
    columns = some.select("athlete", "date", *ITEMS, "hr_rest_bpm").to_dict(as_series=False)
    plain = pd.DataFrame(columns)
    plain["date"] = pd.to_datetime(plain["date"])
    theirs = seconds(lambda: _with_pandas(plain, pd), rounds) / some.height
    ours = seconds(lambda: fl.assess(frame), rounds) / frame.height
    return {"pandas, µs a row": 1e6 * theirs, "assess, µs a row": 1e6 * ours, "times faster": theirs / ours}


PARTS: dict[str, Callable[[int, int, int], dict[str, float]]] = {
    "panel": panel,
    "rows": rows,
    "years": years,
    "day": day,
    "crowd": crowd,
    "pandas": pandas,
}


def main() -> None:
    """Run the parts asked for and print what they took."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--athletes", type=int, default=1000)
    asked.add_argument("--days", type=int, default=1000)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--only", action="append", choices=tuple(PARTS), help="a part; may be given more than once")
    asked.add_argument("--json", action="store_true")
    wanted = asked.parse_args()
    found: dict[str, Any] = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "libraries": f"numpy {np.__version__}, polars {pl.__version__}, steps in C: {'yes' if steps.READY else 'no'}",
    }
    fl.assess(made_days(3, 60, seed=SEED))
    for name in wanted.only or PARTS:
        found[name] = PARTS[name](wanted.athletes, wanted.days, wanted.rounds)
        if not wanted.json:
            print(name)
            for what, value in found[name].items():
                print(f"  {what:32s} {value:14,.0f}" if value >= 1000 else f"  {what:32s} {value:14.3f}")
    print(json.dumps(found, indent=2) if wanted.json else f"{found['machine']}; {found['libraries']}")


if __name__ == "__main__":
    main()
