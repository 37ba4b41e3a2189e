"""How well tomorrow's low energy is told beforehand, on real diaries, beside simple rules.

    python benchmarks/forecast_validation.py [FOLDER]

FOLDER holds one folder a person, each with `pmsys/wellness.csv` and perhaps `pmsys/srpe.csv` (PMData, CC BY 4.0;
default `../shared/validation/pmdata`). The question: is tomorrow's answer low (2 of 5 or less, energy 2.5 or less)?
The figure: the chance that of one low and one other morning *of the same person* the low one was told the higher
risk (AUC within person; 0.5 is a coin). Every rule is asked on the same mornings.

The pooled weights of the forecast are fitted anew without the person who is being forecast; nothing that is reported
has seen the person it is reported on. Intervals: people and weeks of mornings are drawn anew 1,000 times.

The column *shuffled* is what each rule reaches when everybody's mornings are put in random order, so that nothing can
be known. It is not 0.5: a rule that remembers the level of the past ranks the late mornings of a finite diary
slightly wrong, and one that subtracts that level ranks them slightly right, without knowing anything. Judge a rule by
its distance from its own *shuffled*.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from freshlegs.fatigue.forecast import INPUTS, forecast, training_rows
from freshlegs.importers import pmsys
from freshlegs.importers.contract import Context, Source
from freshlegs.metrics.daily import daily
from freshlegs.tables import CHECKINS, NIGHTS, RUNS

Floats = npt.NDArray[np.float64]
HERE = Path(__file__).resolve().parent
LOW = 2.5
RIDGE = 20.0
SHUFFLES = 30
DRAWS = 1000
RULES = {
    "forecast, p_tired": "p_tired",
    "forecast, expected energy": "neg_mean",
    "today's answer": "neg_today",
    "EWMA of 3 days": "neg_ewma",
    "today's answer minus own mean so far": "neg_above",
    "constant": "constant",
}


def days_of(person: Path, zone: str = "Europe/Oslo") -> pl.DataFrame:
    """One person's days, read by the importer and put together as for any runner."""
    runs, nights, checkins = [], [], []
    for name in ("wellness.csv", "srpe.csv"):
        file = person / "pmsys" / name
        if file.is_file():
            reading = pmsys.read(Source(name, file.read_bytes(), Context(home_time_zone=zone)))
            runs += reading.runs
            nights += reading.nights
            checkins += reading.checkins
    mine = {"athlete": person.name}
    frames = [
        table.frame([row | mine for row in rows])
        for table, rows in ((RUNS, runs), (NIGHTS, nights), (CHECKINS, checkins))
    ]
    return daily(*frames, {"home_time_zone": zone})


def fit(days: pl.DataFrame) -> Floats:
    """The pooled weights of the forecast's inputs, drawn a little to zero."""
    x, z = training_rows(days)
    return np.linalg.solve(x.T @ x + RIDGE * np.eye(x.shape[1]), x.T @ z)


def ahead_without_self(days: pl.DataFrame, horizon_d: int) -> pl.DataFrame:
    """Everybody's forecasts, each with weights fitted on the others."""
    parts = []
    for (person,), own in days.group_by("athlete", maintain_order=True):
        others = fit(days.filter(pl.col("athlete") != person))
        parts.append(forecast(own, horizon_d, weights=others))
    return pl.concat(parts)


def rules_by_day(days: pl.DataFrame) -> pl.DataFrame:
    """The simple rules on every day; the EWMA's span is 3 days (alpha one half), gaps skipped."""
    mean_so_far = pl.col("energy").cum_sum().forward_fill() / pl.col("energy").is_not_null().cum_sum()
    return (
        days.sort("athlete", "date")
        .select("athlete", "date", "energy")
        .with_columns(
            today=pl.col("energy").forward_fill().over("athlete"),
            ewma=pl.col("energy").ewm_mean(span=3, ignore_nulls=False).forward_fill().over("athlete"),
            above=(pl.col("energy") - mean_so_far).forward_fill().over("athlete"),
            answered=pl.col("energy").is_not_null(),
        )
    )


def mornings(days: pl.DataFrame, ahead: pl.DataFrame, horizon_d: int = 1) -> pl.DataFrame:
    """Every answered morning that was forecast from an answered one, with each rule's score (higher: more tired)."""
    came = days.select("athlete", pl.col("date").alias("due"), pl.col("energy").alias("came")).drop_nulls()
    return (
        ahead.filter(pl.col("horizon_d") == horizon_d)
        .drop_nulls("p_tired")
        .join(rules_by_day(days), on=["athlete", "date"])
        .filter("answered")
        .with_columns(due=pl.col("date") + pl.duration(days=horizon_d))
        .join(came, on=["athlete", "due"])
        .with_columns(
            neg_mean=-pl.col("energy_mean"),
            neg_today=-pl.col("today"),
            neg_ewma=-pl.col("ewma"),
            neg_above=-pl.col("above"),
            constant=pl.lit(0.0),
        )
        .sort("athlete", "date")
    )


def auc(score: Floats, low: npt.NDArray[np.bool_]) -> float:
    """Chance that a low morning scores higher than another, ties half; NaN without both kinds."""
    n, m = int(low.sum()), int((~low).sum())
    if not n or not m:
        return float("nan")
    _, place, many = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(many) - (many - 1) / 2.0)[place]
    return float((rank[low].sum() - n * (n + 1) / 2.0) / (n * m))


Person = tuple[dict[str, Floats], npt.NDArray[np.bool_]]


def by_person(table: pl.DataFrame) -> list[Person]:
    """Each person's scores and whether the morning was low, in order of date."""
    return [
        ({name: own[name].to_numpy() for name in RULES.values()}, own["came"].to_numpy() <= LOW)
        for _, own in table.group_by("athlete", maintain_order=True)
    ]


def within(people: list[Person]) -> dict[str, float]:
    """The mean of the people's AUCs, for each rule."""
    each = {rule: [auc(scores[rule], low) for scores, low in people] for rule in RULES.values()}
    return {rule: float(np.nanmean(values)) for rule, values in each.items()}


def redrawn(people: list[Person], dice: np.random.Generator, block: int = 7) -> list[Person]:
    """People drawn with return, and of each as many weeks of mornings as there were."""
    out = []
    for who in dice.integers(len(people), size=len(people)):
        scores, low = people[who]
        starts = dice.integers(max(1, len(low) - block + 1), size=-(-len(low) // block))
        rows = (starts[:, None] + np.arange(min(block, len(low)))).ravel()[: len(low)]
        out.append(({rule: score[rows] for rule, score in scores.items()}, low[rows]))
    return out


def shuffled(days: pl.DataFrame, dice: np.random.Generator) -> pl.DataFrame:
    """Everybody's answered mornings in random order, whole mornings together, gaps where they were."""
    parts = []
    for _, own in days.group_by("athlete", maintain_order=True):
        order = np.arange(own.height)
        answered = np.flatnonzero(own["energy"].is_not_null().to_numpy())
        order[answered] = dice.permutation(answered)
        parts.append(own.select("athlete", "date").hstack(own.drop("athlete", "date")[order]))
    return pl.concat(parts)


def interval(values: list[float]) -> tuple[float, float]:
    """The middle 95 of 100."""
    low, high = np.nanquantile(values, [0.025, 0.975])
    return float(low), float(high)


def scores(table: pl.DataFrame, chance: dict[str, float], say: Callable[[str], None]) -> None:
    """The main table, with intervals for each rule and for its gain on the EWMA."""
    people = by_person(table)
    found = within(people)
    dice = np.random.default_rng(1)
    draws = [within(redrawn(people, dice)) for _ in range(DRAWS)]
    say(f"{'':38s}{'AUC within person':>26s}{'gain on the EWMA':>27s}{'shuffled':>10s}")
    for title, rule in RULES.items():
        low, high = interval([draw[rule] for draw in draws])
        gain_low, gain_high = interval([draw[rule] - draw["neg_ewma"] for draw in draws])
        say(
            f"{title:38s}{found[rule]:12.3f} ({low:.3f} to {high:.3f}){found[rule] - found['neg_ewma']:+9.3f}"
            f" ({gain_low:+.3f} to {gain_high:+.3f}){chance[rule]:10.3f}"
        )
    each = ", ".join(f"{auc(scores['p_tired'], low):.2f}" for scores, low in people)
    say(f"\np_tired, person by person: {each}")


def honesty(days: pl.DataFrame, ahead: pl.DataFrame, say: Callable[[str], None]) -> None:
    """Whether the probability and the spread are true, for each day ahead."""
    say(
        f"\n{'days ahead':>10s}{'mornings':>10s}{'p_tired':>9s}{'came':>7s}{'Brier':>8s}{'rate so far':>13s}",
    )
    for horizon in sorted(ahead["horizon_d"].unique()):
        table = mornings(days, ahead, horizon)
        usual = usual_low(days).join(table, on=["athlete", "date"], how="right")
        event = (usual["came"] <= usual["tired_below"]).cast(pl.Float64)
        brier, plain = (float(((usual[name] - event) ** 2).mean()) for name in ("p_tired", "rate"))
        say(
            f"{horizon:10d}{table.height:10d}{usual['p_tired'].mean():9.3f}{event.mean():7.3f}{brier:8.4f}{plain:13.4f}"
        )
    table = mornings(days, ahead)
    off = (table["came"] - table["energy_mean"]).abs()
    say(f"\nwithin one energy_sd of energy_mean: {(off <= table['energy_sd']).mean():.2f} of mornings")


def usual_low(days: pl.DataFrame) -> pl.DataFrame:
    """The level that counts as tired, as `forecast` defines it, and how often it was met so far; written plainly."""
    parts = []
    for (person,), own in days.sort("date").group_by("athlete", maintain_order=True):
        energy, dates = own["energy"].to_numpy(), own["date"].to_numpy()
        below, rate = [], []
        for day in range(own.height):
            past = energy[max(0, day - 179) : day + 1]
            past = past[~np.isnan(past)]
            level = np.median(past) - max(0.7, past.std(ddof=1)) if len(past) > 1 else np.nan
            below.append(level)
            rate.append(((past <= level).sum() + 0.5) / (len(past) + 2.0))
        parts.append(pl.DataFrame({"athlete": person, "date": dates, "tired_below": below, "rate": rate}))
    return pl.concat(parts)


def report(days: pl.DataFrame, say: Callable[[str], None] = print) -> None:
    """Everything that was found, in words and figures."""
    ahead = ahead_without_self(days, 7)
    table = mornings(days, ahead)
    low = table.filter(pl.col("came") <= LOW).height
    say(f"{days['athlete'].n_unique()} people, {table.height} mornings after an answered one, {low} of them low\n")
    dice = np.random.default_rng(2)
    by_chance = []
    for _ in range(SHUFFLES):
        mixed = shuffled(days, dice)
        by_chance.append(within(by_person(mornings(mixed, forecast(mixed, 1)))))
    scores(table, {rule: float(np.mean([one[rule] for one in by_chance])) for rule in RULES.values()}, say)
    honesty(days, ahead, say)
    weights = ", ".join(f"{name} {weight:+.2f}" for name, weight in zip(INPUTS, fit(days), strict=True))
    say(f"weights fitted on everybody: {weights}")


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parents[1] / "shared" / "validation" / "pmdata"
    people = sorted(file.parents[1] for file in folder.glob("*/pmsys/wellness.csv"))
    if not people:
        print(f"no person with pmsys/wellness.csv in {folder}", file=sys.stderr)
        return 1
    report(pl.concat([days_of(person) for person in people], how="diagonal"))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
