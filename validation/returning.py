"""How soon signs end: the two fitted numbers of `freshlegs.fatigue.returning`, each person left out once.

    python -m validation.returning [FOLDER]

On every morning with a sign: the chance that none is left within so many days, against what came, beside the plain
rate of the other people (Brier scores; lower is better).
"""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from freshlegs.fatigue import evaluate
from freshlegs.fatigue.decision import INSUFFICIENT
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.returning import chances
from validation import people

HORIZONS = (1, 2, 3, 5, 7, 10)
GRID = tuple(product(np.arange(0.10, 0.40, 0.02), np.arange(0.0, 4.0, 0.25)))
FIRST = 30  # mornings before there is a usual to speak of


def mornings(folder: Path) -> dict[int, np.ndarray]:
    """For each horizon a row a morning with a sign: person, strength above neutral, told by the program, what came."""
    found: dict[int, list[tuple[float, ...]]] = {h: [] for h in HORIZONS}
    for assessment in evaluate(people.everybody(folder)):
        for a in range(assessment.panel.shape[0]):
            _of_one(assessment, a, found)
    return {h: np.array(rows) for h, rows in found.items()}


def _of_one(found: Any, a: int, rows: dict[int, list[tuple[float, ...]]]) -> None:
    length = int(found.panel.alive[a].sum())
    strength, spoken = found.signs.strength[a], found.decision.state[a] != INSUFFICIENT
    with np.errstate(invalid="ignore"):
        present = strength > P.number("signs.present")
        above = np.where(present, strength - P.number("signs.present"), 0.0).sum(axis=1)
    for h, t in product(HORIZONS, range(FIRST, length)):
        if t + h < length and spoken[t] and present[t].any():
            told = chances(strength, spoken, t, h)[0][-1]
            rows[h].append((a, above[t], told, (~present[t + 1 : t + 1 + h].any(axis=1)).any()))


def fitted(rows: dict[int, np.ndarray], without: float) -> tuple[float, float]:
    """The chance a day and its fall with strength that fit the others best (likelihood over all horizons)."""

    def likelihood(pair: tuple[float, float]) -> float:
        total = 0.0
        for h, table in rows.items():
            others = table[table[:, 0] != without]
            p = np.clip(1.0 - (1.0 - pair[0] * np.exp(-pair[1] * others[:, 1])) ** h, 0.001, 0.999)
            total += float(np.where(others[:, 3] > 0, np.log(p), np.log(1.0 - p)).sum())
        return total

    return max(GRID, key=likelihood)


def scores(rows: dict[int, np.ndarray]) -> dict[int, dict[str, float]]:
    """Brier scores a horizon: fitted on the others, the others' plain rate, and the program as it stands."""
    out = {}
    fits = {who: fitted(rows, who) for who in np.unique(rows[1][:, 0])}
    for h, table in rows.items():
        honest, rate = np.zeros(len(table)), np.zeros(len(table))
        for who, (a_day, slower) in fits.items():
            mine = table[:, 0] == who
            honest[mine] = 1.0 - (1.0 - a_day * np.exp(-slower * table[mine, 1])) ** h
            rate[mine] = table[~mine, 3].mean()
        came = table[:, 3]
        out[h] = {
            "mornings": len(table),
            "left_out": float(((honest - came) ** 2).mean()),
            "plain_rate": float(((rate - came) ** 2).mean()),
            "as_it_stands": float(((table[:, 2] - came) ** 2).mean()),
        }
    return out


def main() -> int:
    """Print the table; 3 without the diaries."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else people.DEFAULT
    if not people.folders(folder):
        sys.stderr.write(f"There are no diaries in {folder}.\n")
        return 3
    sys.stdout.write("days ahead  mornings  fitted on others  others' rate  as it stands\n")
    for h, row in scores(mornings(folder)).items():
        sys.stdout.write(
            f"{h:10d}  {row['mornings']:8.0f}  {row['left_out']:16.3f}  {row['plain_rate']:12.3f}"
            f"  {row['as_it_stands']:12.3f}\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
