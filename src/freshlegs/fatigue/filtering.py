"""The belief over the four states, day after day, and the gate to overtraining (science I.4, step 4)."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from freshlegs import steps
from freshlegs.fatigue.parameters import PARAMETERS, Parameters

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]

_FEW_ATHLETES: Final = 16  # below it a plain loop over floats beats array calls on tiny arrays


class Filtered(NamedTuple):
    """The belief after each day, and what is needed to go on from any of them.

    ``p`` [A, T, 4]. ``gate`` [A, T + 1]: the day count that each day meets, and at the end the last one.
    """

    p: Floats
    gate: Counts


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
        c = (fresh * fc + cumulative * (1.0 - ce - cf) + excessive * ec) * wc
        e = (cumulative * ce + excessive * (1.0 - eo - ec) + overtraining * oe) * we
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

    A state is left upwards, downwards, or kept. Few calls a day, each for all states and into arrays that are there
    already: with a hundred athletes the call itself costs more than its work.
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
    upwards, downwards, total = np.empty_like(before[:3]), np.empty_like(before[:3]), np.empty_like(before[0])
    gate_d, fall, threshold = parameters.gate_d, -parameters.gate_fall, parameters.gate_threshold
    add, multiply, copyto = np.add, np.multiply, np.copyto
    shut = np.less(gate, gate_d)
    for after, rises, falls, stays, likely, kept, now, then in zip(
        beliefs, up, down, stay, weight, closed, counts[:-1], counts[1:], strict=True
    ):
        np.less(now, gate_d, shut)
        copyto(rises[2], 0.0, where=shut)
        copyto(stays[2], kept, where=shut)
        multiply(before, stays, after)
        multiply(before[:3], rises, upwards)
        multiply(before[1:], falls, downwards)
        low, high = after[:3], after[1:]
        add(high, upwards, high)
        add(low, downwards, low)
        multiply(after, likely, after)
        add.reduce(after, 0, None, total)
        np.divide(after, total, after)
        add(after[2], after[3], total)
        add(now, np.where(total >= threshold, 1, fall), then)
        np.maximum(then, 0, out=then)
        before = after
    return beliefs, counts


def _filter_fast(log_lik: Floats, rates: _Rates, start: Floats, gate: Counts, parameters: Parameters) -> Filtered:
    """The same athlete after athlete, compiled."""
    weight = np.array(np.moveaxis(log_lik, -1, 0), order="C")
    weight -= weight.max(axis=0)
    np.exp(weight, out=weight)
    up = np.stack([rates.to_cumulative, rates.to_excessive, rates.overtrain])
    down = np.stack([rates.to_fresh, rates.recover, rates.improve])
    limits = parameters.gate_d, parameters.gate_fall, parameters.gate_threshold
    p, counts = steps.beliefs(weight, up, down, start, gate, *limits)
    return Filtered(np.moveaxis(p, 0, -1), counts)


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
    if steps.READY:
        return _filter_fast(log_lik, rates, first, count, parameters)
    weight = np.array(log_lik.transpose(1, 2, 0), order="C")
    weight -= weight.max(axis=1, keepdims=True)
    np.exp(weight, out=weight)
    if athletes < _FEW_ATHLETES:
        beliefs, counts = np.empty_like(weight), np.empty((days + 1, athletes), dtype=np.int64)
        for a in range(athletes):
            own = _Rates(*(rate[a] for rate in rates))
            found, counts[:, a] = _filter_one(weight[:, :, a], own, first[a], int(count[a]), parameters)
            beliefs[:, :, a] = np.array(found).reshape(days, len(first[a]))
    else:
        turned = _Rates(*(np.ascontiguousarray(rate.T) for rate in rates))
        beliefs, counts = _filter_many(weight, turned, first.T, count, parameters)
    # State by state in memory: each is worked on as a whole.
    return Filtered(
        np.moveaxis(np.ascontiguousarray(beliefs.transpose(1, 2, 0)), 0, -1), np.ascontiguousarray(counts.T)
    )


def moves(risk: Floats, deload: Flags, failed_rest: Flags, parameters: Parameters = PARAMETERS) -> Floats:
    """[T, 6] chance of each move of each day, by the risk and rest of that day (science I.4, step 4).

    Up from fresh, cumulative and excessive (the last once its gate is open), then down to fresh, cumulative, excessive.
    """
    rate = _rates(risk, deload, failed_rest, parameters)
    up = (rate.to_cumulative, rate.to_excessive, rate.overtrain)
    return np.stack([*up, rate.to_fresh, rate.recover, rate.improve], axis=-1)
