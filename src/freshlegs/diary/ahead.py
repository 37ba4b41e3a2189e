"""How tired tomorrow and the next days, as felt; and, when the coming load is known, how soon the signs may be gone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import polars as pl

from freshlegs import vocabulary as v
from freshlegs.diary.known import Known
from freshlegs.diary.verdicts import Verdicts
from freshlegs.fatigue.forecasting import HORIZON_MAX_D, forecast
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.returning import Return, returning
from freshlegs.problems import WrongRequest
from freshlegs.recovery.words import full_day
from freshlegs.tables import Row

RANGE: Final = "Tomorrow is a small step away from your usual. Beyond tomorrow this is your usual, not a prediction."


def looked_ahead(verdicts: Verdicts, horizon_d: int, load: Sequence[float] | str | None) -> Row:
    """The document of ``forecast --json``: see `Diary.forecast`."""
    if isinstance(horizon_d, bool) or not isinstance(horizon_d, int) or not 1 <= horizon_d <= HORIZON_MAX_D:
        raise WrongRequest(f"the days ahead must be a whole number from 1 to {HORIZON_MAX_D}, not {horizon_d}")
    loads = _loads(load, horizon_d)
    known = Known(verdicts.store)
    today = verdicts.today
    frame, _ = verdicts.evaluated(known, today)
    days = _days(frame, today, horizon_d)
    usual = _usual(frame, today) if days else None
    return Row(
        schema_version=v.SCHEMA_VERSION,
        athlete=verdicts.store.athlete,
        date=today.isoformat(),
        usual=usual,
        days=days,
        why=None if days else _why(frame, today),
        text=_text(days, usual),
        range=RANGE if days else None,
        fresh_again=None if loads is None else _fresh_again(frame, verdicts, known, loads),
    )


def _loads(load: Sequence[float] | str | None, horizon_d: int) -> list[float] | None:
    if load is None:
        return None
    if isinstance(load, str):
        if load != "rest":
            raise WrongRequest(f"load must be 'rest' or numbers in LU, today's first, not {load!r}")
        return [0.0] * horizon_d
    loads = [float(one) for one in load]
    if not 1 <= len(loads) <= HORIZON_MAX_D or not all(math.isfinite(one) and 0 <= one <= 5000 for one in loads):
        raise WrongRequest(f"load takes 1 to {HORIZON_MAX_D} numbers from 0 to 5000 LU, today's first")
    return loads


def _days(frame: pl.DataFrame, today: date, horizon_d: int) -> list[Row]:
    if frame.is_empty():
        return []
    ahead = forecast(frame, horizon_d).filter((pl.col("date") == today) & pl.col("energy_mean").is_not_null())
    return [
        Row(
            date=(today + timedelta(days=row["horizon_d"])).isoformat(),
            horizon_d=row["horizon_d"],
            energy_mean=row["energy_mean"],
            energy_sd=row["energy_sd"],
            p_tired=row["p_tired"],
        )
        for row in ahead.iter_rows(named=True)
    ]


def _answers(frame: pl.DataFrame, today: date) -> pl.Series:
    """Energy as answered in the days that make the usual."""
    since = today - timedelta(days=P.whole("forecast.window_d") - 1)
    return frame.filter(pl.col("date").is_between(since, today))["energy"].drop_nulls()


def _usual(frame: pl.DataFrame, today: date) -> Row:
    """The runner's usual energy, its spread, and the answer from which a day counts as tired."""
    energy = _answers(frame, today)
    middle = float(pl.select(pl.lit(energy).median()).item())
    spread = max(P.number("forecast.spread_min"), float(pl.select(pl.lit(energy).std()).item() or 0.0))
    return Row(energy=middle, spread=spread, tired_at=middle - spread)


def _why(frame: pl.DataFrame, today: date) -> str:
    need, stale = P.whole("forecast.answers_min"), P.whole("forecast.stale_d")
    have = 0 if frame.is_empty() else len(_answers(frame, today))
    if have < need:
        return f"not enough data: energy was answered on {have} of the {need} mornings a forecast needs"
    return f"energy was not answered in the last {stale} days"


def _text(days: Sequence[Row], usual: Row | None) -> str | None:
    if not days or usual is None:
        return None
    first = days[0]
    return (
        f"Tomorrow: energy about {first['energy_mean']:.1f} (± {first['energy_sd']:.1f}), your usual is "
        f"{usual['energy']:.3g}. A tired day, {math.floor(usual['tired_at'] * 10 + 1e-9) / 10:.3g} or less: "
        f"{100 * first['p_tired']:.0f} %."
    )


def _fresh_again(frame: pl.DataFrame, verdicts: Verdicts, known: Known, loads: Sequence[float]) -> Row:
    day = verdicts.today
    found = None if frame.is_empty() else returning(frame, verdicts.store.athlete, day, loads, known.profile)
    if found is None:
        return _row(None, None, [], "Not enough is known of this morning to look ahead from it.")
    days = [
        Row(
            date=(day + timedelta(days=n + 1)).isoformat(),
            p_no_sign=found.p_gone[n],
            beyond_normal_if_signs_stay=found.beyond_if_stay[n],
            beyond_normal_if_signs_go=found.beyond_if_gone[n],
        )
        for n in range(len(loads))
    ]
    if found.signs == 0:
        return _row(None, None, days, "No sign this morning: there is nothing that has to fade.")
    number = next((n for n, p in enumerate(found.p_gone) if p >= 0.5), len(loads) - 1)
    by = day + timedelta(days=number + 1)
    return _row(by, found.p_gone[number], days, _by(by, number, found))


def _row(by: date | None, p: float | None, days: Sequence[Row], text: str) -> Row:
    return Row(by=None if by is None else by.isoformat(), p=p, simulation=True, days=list(days), text=text)


def _by(by: date, number: int, found: Return) -> str:
    low, high = sorted(round(100 * x[number]) for x in (found.beyond_if_gone, found.beyond_if_stay))
    between = f"{low} %" if low == high else f"between {low} and {high} %"
    own = " and in your own past" if found.alike >= 1.0 else ""
    return (
        f"Fresh again, with no sign left, by {full_day(by)}: {_about(found.p_gone[number])}. "
        f"With this load, more than normal fatigue would then be {between} likely. This is a simulation from how "
        f"signs ended in other runners' diaries{own}. The load decides how fast a state ends; on how soon signs go it "
        "told nothing in those diaries."
    )


def _about(p: float) -> str:
    """A probability to the nearest 5 %.

    >>> _about(0.63), _about(0.01), _about(0.99)
    ('about 65 %', 'under 5 %', 'over 95 %')
    """
    near = 5 * round(20 * p)
    return "under 5 %" if near < 5 else "over 95 %" if near > 95 else f"about {near} %"


def parse_load(text: str) -> list[float] | str:
    """``rest``, or loads with commas, as typed.

    >>> parse_load("60,0,80")
    [60.0, 0.0, 80.0]
    """
    word = text.strip().lower()
    if word == "rest":
        return word
    try:
        return [float(part) for part in word.split(",")]
    except ValueError:
        raise WrongRequest(f"a load is rest, or numbers such as 60,0,80 (today's first), not {text!r}") from None
