"""The state chain: the signs of each day, weighed into a belief over four states (science I.3, I.4).

The chain is a hidden Markov model of fresh, cumulative, excessive and possible overtraining. Signs of one
group share what they say, absence is weak evidence, and overtraining can only be entered after a month of
excessive fatigue. Everything is array in, array out; `posterior` is the same for frames.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from freshlegs import vocabulary as v
from freshlegs.fatigue.parameters import PARAMETERS, Parameters
from freshlegs.problems import WrongRequest

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]

_ROWS_AT_ONCE: Final = 8192  # so that the working arrays of a block stay near the processor
_FEW_ATHLETES: Final = 16  # below it a plain loop over floats beats array calls on tiny arrays
_CELLS_AT_ONCE: Final = 1_000_000  # athlete-days filtered together; bounds the memory

_SIGN_PLACE: Final = {sign: place for place, sign in enumerate(v.SIGNS)}
_GROUP_PLACES: Final = tuple([_SIGN_PLACE[sign] for sign in signs] for signs in v.GROUPS.values())
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


class Filtered(NamedTuple):
    """The belief after each day, and what is needed to go on from any of them.

    ``p`` [A, T, 4]. ``gate`` [A, T + 1]: the day count that each day meets, and at the end the last one.
    """

    p: Floats
    gate: Counts


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


def _block_evidence(
    strength: Floats, quality: Floats | None, parameters: Parameters, log_lik: Floats, groups: Floats
) -> None:
    """Fill ``log_lik`` [n, 4] and ``groups`` [n, 8] from ``strength`` [n, 15]."""
    total = np.zeros((len(_OTHERS), len(strength)))
    for place, members in enumerate(_GROUP_PLACES):
        own = None if quality is None else quality.T[members]
        ratios = _sign_log_ratios(strength.T[members], own, parameters.emissions[members], parameters.neg)
        value = _group_value(ratios, parameters)
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


class _Rates(NamedTuple):
    """Chance a day of each move between neighbouring states; ``overtrain`` holds once the gate is open."""

    to_cumulative: Floats
    to_fresh: Floats
    to_excessive: Floats
    recover: Floats
    overtrain: Floats
    improve: Floats


def _rates(risk: Floats, deload: Flags, failed_rest: Flags, parameters: Parameters) -> _Rates:
    rate = parameters.transitions
    bounded = np.clip(risk, parameters.risk_low, parameters.risk_high)
    return _Rates(
        np.where(deload, rate["fresh_to_cumulative_deload"], rate["fresh_to_cumulative"]),
        np.where(deload, rate["cumulative_to_fresh_deload"], rate["cumulative_to_fresh"]),
        rate["cumulative_to_excessive"] * bounded,
        np.where(deload, rate["excessive_to_cumulative_deload"], rate["excessive_to_cumulative"]),
        np.where(failed_rest, rate["excessive_to_overtraining_failed_rest"], rate["excessive_to_overtraining"]),
        np.where(deload, rate["overtraining_to_excessive_deload"], rate["overtraining_to_excessive"]),
    )


def _filter_one(
    weight: Floats, rates: _Rates, start: Floats, gate: int, parameters: Parameters
) -> tuple[list[tuple[float, float, float, float]], list[int]]:
    """One athlete, plain floats: ``weight`` [T, 4], rates [T]. The arithmetic is that of `_filter_many`."""
    fresh, cumulative, excessive, overtraining = start.tolist()
    gate_d, fall, threshold = parameters.gate_d, parameters.gate_fall, parameters.gate_threshold
    beliefs, counts = [], [gate]
    for (wf, wc, we, wo), fc, cf, ce, ec, eo, oe in zip(
        weight.tolist(), *(rate.tolist() for rate in rates), strict=True
    ):
        if gate < gate_d:
            eo = 0.0
        f = (fresh * (1.0 - fc) + cumulative * cf) * wf
        c = (fresh * fc + cumulative * (1.0 - cf - ce) + excessive * ec) * wc
        e = (cumulative * ce + excessive * (1.0 - ec - eo) + overtraining * oe) * we
        o = (excessive * eo + overtraining * (1.0 - oe)) * wo
        total = f + c + e + o
        fresh, cumulative, excessive, overtraining = f / total, c / total, e / total, o / total
        if excessive + overtraining >= threshold:
            gate += 1
        else:
            gate = gate - fall if gate > fall else 0
        beliefs.append((fresh, cumulative, excessive, overtraining))
        counts.append(gate)
    return beliefs, counts


def _filter_many(
    weight: Floats, rates: _Rates, start: Floats, gate: Counts, parameters: Parameters
) -> tuple[Floats, Counts]:
    """All athletes a day at a time: ``weight`` [T, 4, A], rates [T, A]; gives [T, 4, A] and [T + 1, A].

    A state is left upwards, downwards, or kept. Few calls a day, each for all states: with a hundred athletes the
    call itself costs more than its work.
    """
    beliefs, counts = np.empty_like(weight), np.empty((len(weight) + 1, len(gate)), dtype=np.int64)
    counts[0] = gate
    up = np.stack([rates.to_cumulative, rates.to_excessive, rates.overtrain], axis=1)
    down = np.stack([rates.to_fresh, rates.recover, rates.improve], axis=1)
    stay = np.ones_like(weight)
    stay[:, :3] -= up
    stay[:, 1:] -= down
    closed = 1.0 - rates.recover  # of excessive, while the gate to overtraining is shut
    before = np.array(start, dtype=np.float64)
    upwards, downwards = np.empty_like(before[:3]), np.empty_like(before[:3])
    fall, threshold = parameters.gate_fall, parameters.gate_threshold
    for day, after in enumerate(beliefs):
        shut = gate < parameters.gate_d
        if shut.any():
            np.copyto(up[day, 2], 0.0, where=shut)
            np.copyto(stay[day, 2], closed[day], where=shut)
        np.multiply(before, stay[day], out=after)
        np.multiply(before[:3], up[day], out=upwards)
        np.multiply(before[1:], down[day], out=downwards)
        after[1:] += upwards
        after[:3] += downwards
        after *= weight[day]
        after /= np.add.reduce(after, axis=0)
        bad = after[2] + after[3] >= threshold
        gate = np.where(bad, gate + 1, np.maximum(gate - fall, 0))
        counts[day + 1] = gate
        before = after
    return beliefs, counts


def filter_states(
    log_lik: Floats,
    risk: Floats | None = None,
    deload: Flags | None = None,
    failed_rest: Flags | None = None,
    start: Floats | None = None,
    gate: Counts | None = None,
    parameters: Parameters = PARAMETERS,
) -> Filtered:
    """Belief over the states after each day, for A athletes over T days on end (science I.4, step 4).

    ``log_lik`` [A, T, 4] as `log_evidence` gives it (zeros on an unmeasured day); ``risk`` [A, T] (default
    1, clipped to its bounds), ``deload`` and ``failed_rest`` [A, T] (default false). ``start`` [A, 4] or [4]
    and ``gate`` [A] carry on from an earlier day, so an appended day costs the same whatever came before:
    give the belief after that day and the count that stands beside it in ``gate``.
    """
    athletes, days = log_lik.shape[:2]
    shape = (athletes, days)
    rates = _rates(
        np.ones(shape) if risk is None else np.asarray(risk, dtype=np.float64),
        np.zeros(shape, dtype=np.bool_) if deload is None else np.asarray(deload, dtype=np.bool_),
        np.zeros(shape, dtype=np.bool_) if failed_rest is None else np.asarray(failed_rest, dtype=np.bool_),
        parameters,
    )
    first = np.broadcast_to(np.asarray(parameters.start if start is None else start), (athletes, 4))
    count = np.zeros(athletes, dtype=np.int64) if gate is None else np.asarray(gate, dtype=np.int64)
    weight = np.exp(log_lik - log_lik.max(axis=-1, keepdims=True))
    if athletes < _FEW_ATHLETES:
        p, gates = np.empty((athletes, days, 4)), np.empty((athletes, days + 1), dtype=np.int64)
        for a in range(athletes):
            own = _Rates(*(rate[a] for rate in rates))
            beliefs, counts = _filter_one(weight[a], own, first[a], int(count[a]), parameters)
            p[a] = np.array(beliefs).reshape(days, 4)
            gates[a] = counts
        return Filtered(p, gates)
    turned = _Rates(*(np.ascontiguousarray(rate.T) for rate in rates))
    by_day = np.ascontiguousarray(weight.transpose(1, 2, 0))
    beliefs_all, counts_all = _filter_many(by_day, turned, first.T, count, parameters)
    return Filtered(np.ascontiguousarray(beliefs_all.transpose(2, 0, 1)), np.ascontiguousarray(counts_all.T))


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


def moves(risk: Floats, deload: Flags, failed_rest: Flags, parameters: Parameters = PARAMETERS) -> Floats:
    """[T, 6] chance of each move of each day, by the risk and rest of that day (science I.4, step 4).

    Up from fresh, cumulative and excessive (the last once its gate is open), then down to fresh, cumulative, excessive.
    """
    rate = _rates(risk, deload, failed_rest, parameters)
    up = (rate.to_cumulative, rate.to_excessive, rate.overtrain)
    return np.stack([*up, rate.to_fresh, rate.recover, rate.improve], axis=-1)
