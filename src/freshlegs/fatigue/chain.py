"""The state chain: the signs of each day, weighed into a belief over four states (science I.3, I.4).

The chain is a hidden Markov model of fresh, cumulative, excessive and possible overtraining. Signs of one
group share what they say, absence is weak evidence, and overtraining can only be entered after a month of
excessive fatigue. Everything is array in, array out; `posterior` is the same for frames.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from freshlegs import steps
from freshlegs import vocabulary as v
from freshlegs.fatigue.filtering import Counts, Flags, Floats, filter_states
from freshlegs.fatigue.parameters import PARAMETERS, Parameters
from freshlegs.problems import WrongRequest

_ROWS_AT_ONCE: Final = 1024 if steps.READY else 8192  # so that the working arrays of a block stay near the processor
_CELLS_AT_ONCE: Final = 1_000_000  # athlete-days filtered together; bounds the memory

_SIGN_PLACE: Final = {sign: place for place, sign in enumerate(v.SIGNS)}
_GROUP_PLACES: Final = tuple([_SIGN_PLACE[sign] for sign in signs] for signs in v.GROUPS.values())
_ORDER: Final = np.concatenate(_GROUP_PLACES)
_BEGINS: Final = np.cumsum([0, *map(len, _GROUP_PLACES)])
_EXCESSIVE: Final = v.CHAIN_STATES.index("excessive")
_CUMULATIVE: Final = v.CHAIN_STATES.index("cumulative")
_OTHERS: Final = [k for k in range(len(v.CHAIN_STATES)) if k != _CUMULATIVE]


class Evidence(NamedTuple):
    """What the signs of each day say.

    ``log_lik`` [..., 4]: log-likelihood of each state against cumulative (which is 0), already divided by W.
    ``group_log_ratio`` [..., 8]: each group's log-evidence for excessive against cumulative, after the cap
    and before that division; 0 for a group of which nothing was measured.
    """

    log_lik: Floats
    group_log_ratio: Floats


def _falling(values: list[Floats]) -> list[Floats]:
    """The arrays of a group, largest first at every place (an insertion sort of two or three arrays)."""
    ordered: list[Floats] = []
    for value in values:
        rest = value
        for place, present in enumerate(ordered):
            ordered[place], rest = np.maximum(present, rest), np.minimum(present, rest)
        ordered.append(rest)
    return ordered


def _discounted(values: list[Floats], omega: float) -> Floats:
    """Largest whole, each next one times omega again."""
    *others, total = _falling(values)
    for value in reversed(others):
        total = value + omega * total
    return total


def _group_value(ratios: Floats, parameters: Parameters) -> Floats:
    """[members, 3, n] log-ratios of one group's signs to [3, n]: sorted, discounted, capped."""
    if len(ratios) == 1:
        value = ratios[0]
    else:
        value = _discounted(list(np.maximum(ratios, 0.0)), parameters.omega)
        value = value - _discounted(list(np.maximum(-ratios, 0.0)), parameters.omega)
    capped: Floats = np.minimum(np.maximum(value, -parameters.cap), parameters.cap)
    return capped


def _sign_log_ratios(strength: Floats, quality: Floats | None, emissions: Floats, neg: float) -> Floats:
    """[m, n] strengths of m signs to [m, 3, n] log-ratios of the others to cumulative; 0 where missing."""
    # p·e + (1−p)(1−e), written so that p = 0.5 gives the same number, exactly, in every state
    lean = 2.0 * emissions[:, :, None] - 1.0
    away = np.where(np.isnan(strength), 0.0, strength - 0.5)
    likelihood = 0.5 + away[:, None, :] * lean[:, _OTHERS]
    likelihood /= 0.5 + away[:, None, :] * lean[:, [_CUMULATIVE]]
    ratio: Floats = np.log(likelihood, out=likelihood)
    weight = np.where(away < 0.0, neg, 1.0)
    if quality is not None:
        weight = weight * np.where(np.isnan(quality), 1.0, quality)
    ratio *= weight[:, None, :]
    return ratio


def _group_values(strength: Floats, quality: Floats | None, parameters: Parameters) -> Iterator[Floats]:
    """[3, n] of each group, from strengths and qualities [15, n]."""
    if steps.READY:
        ratio = steps.likelihoods(strength, 2.0 * parameters.emissions[:, [*_OTHERS, _CUMULATIVE]] - 1.0)
        np.log(ratio, out=ratio)
        worth = np.ones_like(strength) if quality is None else quality
        value = steps.evidence(ratio, strength, worth, _ORDER, _BEGINS, parameters.neg, parameters.omega)
        yield from np.minimum(np.maximum(value, -parameters.cap, out=value), parameters.cap, out=value)
        return
    for members in _GROUP_PLACES:
        own = None if quality is None else quality[members]
        ratios = _sign_log_ratios(strength[members], own, parameters.emissions[members], parameters.neg)
        yield _group_value(ratios, parameters)


def _block_evidence(
    strength: Floats, quality: Floats | None, parameters: Parameters, log_lik: Floats, groups: Floats
) -> None:
    """Fill ``log_lik`` [n, 4] and ``groups`` [n, 8] from ``strength`` [n, 15]."""
    total = np.zeros((len(_OTHERS), len(strength)))
    values = _group_values(strength.T, None if quality is None else quality.T, parameters)
    for place, value in enumerate(values):
        groups[:, place] = value[_OTHERS.index(_EXCESSIVE)]
        total += value
    log_lik[:, _OTHERS] = total.T / parameters.window


def log_evidence(strength: Floats, quality: Floats | None = None, parameters: Parameters = PARAMETERS) -> Evidence:
    """Evidence of each day's signs for the four states (science I.4, steps 1 to 3).

    ``strength`` [..., 15] in 0..1, signs in the order of `vocabulary.SIGNS`, NaN where a sign was not
    measured; ``quality`` of the same shape, NaN or None meaning 1. Half a strength, 0.5, says nothing,
    exactly as if it were missing. Days are independent of one another.

    >>> log_evidence(np.full(15, 0.5)).log_lik.tolist()
    [0.0, 0.0, 0.0, 0.0]
    """
    given = np.asarray(strength, dtype=np.float64)
    if given.shape[-1:] != (len(v.SIGNS),):
        raise WrongRequest(f"strengths need {len(v.SIGNS)} signs on the last axis, not shape {given.shape}")
    rows = given.reshape(-1, len(v.SIGNS))
    weights = None if quality is None else np.asarray(quality, dtype=np.float64).reshape(rows.shape)
    # State by state and group by group, one after the other in memory: each is worked on as a whole.
    log_lik = np.zeros((len(v.CHAIN_STATES), len(rows))).T
    groups = np.zeros((len(v.GROUPS), len(rows))).T
    for at in range(0, len(rows), _ROWS_AT_ONCE):
        block = slice(at, at + _ROWS_AT_ONCE)
        part = None if weights is None else weights[block]
        _block_evidence(rows[block], part, parameters, log_lik[block], groups[block])
    lead = given.shape[:-1]
    return Evidence(log_lik.reshape(*lead, len(v.CHAIN_STATES)), groups.reshape(*lead, len(v.GROUPS)))


def _numbers(frame: pl.DataFrame, name: str, high: float | None) -> Floats | None:
    """A column as floats, missing as NaN; None if it is absent. Refuses what lies outside 0..high."""
    if name not in frame.columns:
        return None
    try:
        values = frame[name].cast(pl.Float64).to_numpy()
    except pl.exceptions.PolarsError:
        raise WrongRequest(f"{name} must hold numbers, not {frame[name].dtype}") from None
    top = np.finfo(np.float64).max if high is None else high
    if np.any((values < 0.0) | (values > top)):
        wanted = "a finite number, zero or more" if high is None else f"between 0 and {high:g}"
        raise WrongRequest(f"{name} must be {wanted}")
    return values


def _flags(frame: pl.DataFrame, name: str) -> Flags:
    """A yes-or-no column; missing and absent are no."""
    if name not in frame.columns:
        return np.zeros(frame.height, dtype=np.bool_)
    try:
        return frame[name].cast(pl.Boolean).fill_null(value=False).to_numpy()
    except pl.exceptions.PolarsError:
        raise WrongRequest(f"{name} must hold true or false, not {frame[name].dtype}") from None


def _in_order(signs: pl.DataFrame) -> pl.DataFrame:
    """Rows by athlete and date, each once; anything else is refused."""
    for name in ("athlete", "date"):
        if name not in signs.columns:
            raise WrongRequest(f"the column {name} is missing")
        if signs[name].null_count():
            raise WrongRequest(f"every row needs its {name}")
    if isinstance(signs.schema["date"], pl.Datetime):
        signs = signs.with_columns(pl.col("date").dt.date())
    if signs.height and signs.schema["date"] != pl.Date:
        raise WrongRequest(f"date must be a date, not {signs.schema['date']}")
    ordered = signs.sort("athlete", "date")
    twice = ordered.filter(pl.struct("athlete", "date") == pl.struct("athlete", "date").shift(1))
    if twice.height:
        athlete, day = twice.select("athlete", "date").row(0)
        raise WrongRequest(f"{athlete} has {day} more than once")
    return ordered


def _matrix(frame: pl.DataFrame, prefix: str = "") -> Floats | None:
    """The fifteen columns side by side, NaN where missing; None if there is none of them."""
    columns = [_numbers(frame, f"{prefix}{sign}", 1.0) for sign in v.SIGNS]
    if all(column is None for column in columns):
        return None
    out = np.full((frame.height, len(v.SIGNS)), np.nan)
    for place, column in enumerate(columns):
        if column is not None:
            out[:, place] = column
    return out


def _together(spans: Counts) -> Iterator[Counts]:
    """Athletes in lots of like length, so that little is padded and memory stays bounded."""
    order = np.argsort(spans, kind="stable")[::-1]
    at = 0
    while at < len(order):
        longest = int(spans[order[at]])
        alike = int(np.searchsorted(-spans[order[at:]], -longest // 2, side="right"))
        size = max(1, min(alike, _CELLS_AT_ONCE // longest))
        yield order[at : at + size]
        at += size


def posterior(signs: pl.DataFrame) -> pl.DataFrame:
    """The state model alone: strengths of signs in, belief over the four states out (science I.4).

    ``signs`` has ``athlete``, ``date`` (each pair once, rows in any order), any of the fifteen strengths
    under the signs' names (0..1; null, NaN or an absent column is unmeasured), and optionally ``risk``
    (default 1), ``deload`` and ``failed_rest`` (default false) and ``quality_<sign>`` (default 1). Other
    columns are ignored. Days between an athlete's dates are unmeasured days of risk 1; each athlete starts
    from (.30, .68, .02, 0) before the first date.

    Gives ``athlete``, ``date``, ``p_fresh``, ``p_cumulative``, ``p_excessive``, ``p_possible_overtraining``
    for the dates given, sorted by athlete and date. A duplicate, a strength outside 0..1 or a column of the
    wrong type raises `WrongRequest`.
    """
    rows = _in_order(signs)
    strength, quality = _matrix(rows), _matrix(rows, "quality_")
    risk = _numbers(rows, "risk", None)
    flags = _flags(rows, "deload"), _flags(rows, "failed_rest")
    belief = np.empty((rows.height, len(v.CHAIN_STATES)))
    if rows.height:
        log_lik = np.zeros_like(belief) if strength is None else log_evidence(strength, quality).log_lik
        risk = np.ones(rows.height) if risk is None else np.where(np.isnan(risk), 1.0, risk)
        _believe(rows, log_lik, risk, flags, belief)
    names = [f"p_{state}" for state in v.CHAIN_STATES]
    return rows.select("athlete", pl.col("date").cast(pl.Date)).with_columns(
        [pl.Series(name, belief[:, place], dtype=pl.Float64) for place, name in enumerate(names)]
    )


def _believe(rows: pl.DataFrame, log_lik: Floats, risk: Floats, flags: tuple[Flags, Flags], belief: Floats) -> None:
    """Fill ``belief`` [n, 4] of rows sorted by athlete and date; days between dates are unmeasured."""
    whose = rows["athlete"].rle_id().to_numpy().astype(np.int64)
    day = rows["date"].cast(pl.Int32).to_numpy().astype(np.int64)
    begins = np.flatnonzero(np.diff(whose, prepend=-1))
    ends = np.append(begins[1:], len(whose))
    spans = day[ends - 1] - day[begins] + 1
    for lot in _together(spans):
        shape = (len(lot), int(spans[lot].max()))
        rank = np.full(len(spans), -1)
        rank[lot] = np.arange(len(lot))
        own = np.flatnonzero(rank[whose] >= 0)
        cell = rank[whose[own]], day[own] - day[begins[whose[own]]]
        evidence, hazard = np.zeros((*shape, 4)), np.ones(shape)
        deload, failed_rest = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
        evidence[cell], hazard[cell] = log_lik[own], risk[own]
        deload[cell], failed_rest[cell] = flags[0][own], flags[1][own]
        belief[own] = filter_states(evidence, hazard, deload, failed_rest).p[cell]
