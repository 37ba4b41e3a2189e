"""The steps that most days go through, in C: `steps.c`, compiled when the package is built where there is a compiler.

Every step has a twin in NumPy that is used where `READY` is false, and gives the same numbers, to the bit. Arrays are
of athlete by day; NaN is missing. Each raises MemoryError where there is none.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from hashlib import blake2b
from importlib.resources import files
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int16]
Marks = npt.NDArray[np.int8]

_KINDS: Final[dict[str, Any]] = {
    "a": ctypes.c_void_p,
    "n": ctypes.c_int64,
    "d": ctypes.c_double,
    "i": ctypes.c_int,
    "b": ctypes.c_int8,
}
_TAKES: Final = {
    "medians": "annaanndaa",
    "references": "annaannndaa",
    "copies": "anaaanaaann",
    "near": "aannanddda",
    "middles": "aannna",
    "places": "anania",
    "grams": "aannaandaaa",
    "quantiles": "annannda",
    "beliefs": "aaaannnnda",
    "sums": "annna",
    "means": "annnna",
    "moments": "annnaa",
    "lowest": "annna",
    "counts": "aannnnaa",
    "pack": "aannnna",
    "persisting": "aannannnaaa",
    "speak": "aaiainbaaa",
    "likelihoods": "annnana",
    "evidence": "aaannnaandda",
    "judge": "aaaaanaaaaaa",
}
"""What each step takes: arrays, whole numbers, numbers."""

_GIVES_NOTHING: Final = frozenset(
    {"copies", "places", "near", "beliefs", "counts", "pack", "persisting", "speak", "likelihoods", "judge"}
)


def _load() -> dict[str, Callable[..., int | None]]:
    """The compiled steps; none where they were not compiled, or from another source than the one beside them."""
    here = files(__name__)
    try:
        told = blake2b((here / "steps.c").read_bytes(), digest_size=8).hexdigest()
        library = ctypes.CDLL(str(here / f"_steps_{told}.so"))
    except OSError:
        return {}
    found: dict[str, Callable[..., int | None]] = {}
    for name, takes in _TAKES.items():
        step = library[name]
        step.argtypes = [_KINDS[kind] for kind in takes]
        step.restype = None if name in _GIVES_NOTHING else ctypes.c_int
        found[name] = step
    return found


_STEPS: Final = _load()
READY: bool = bool(_STEPS)
"""Whether the steps here are to be used."""


def _run(name: str, *given: Any) -> None:
    """Call a step; arrays go by where they lie, so each must be of its type and in one piece."""
    if _STEPS[name](*[one.ctypes.data if isinstance(one, np.ndarray) else one for one in given]) == 0:
        raise MemoryError


def _of_one_shape(*arrays: npt.NDArray[Any]) -> tuple[int, ...]:
    """The shape they share: what goes on in C knows no end of an array."""
    shape = arrays[0].shape
    if any(one.shape != shape for one in arrays):
        raise ValueError(f"arrays of different shapes: {', '.join(str(one.shape) for one in arrays)}")
    return shape


def _numbers(values: npt.NDArray[Any]) -> Floats:
    return np.ascontiguousarray(values, dtype=np.float64)


def _wholes(values: npt.NDArray[Any]) -> Ints:
    return np.ascontiguousarray(values, dtype=np.int64)


def _flags(values: npt.NDArray[Any]) -> Bools:
    return np.ascontiguousarray(values, dtype=np.bool_)


def medians(
    values: Floats, first: Ints, last: Ints, size: int, at_least: int, unit: float = 1.0
) -> tuple[Floats, Floats]:
    """Median of the known ones of the last ``size`` values, and the median distance from it in ``unit``.

    Of each athlete for the places from ``first`` to ``last``, which lie within; NaN elsewhere and where fewer than
    ``at_least`` (one or more) are known.
    """
    middle, spread = np.empty(values.shape), np.empty(values.shape)
    given = _numbers(values), *values.shape, _wholes(first), _wholes(last), size, at_least, unit
    _run("medians", *given, middle, spread)
    return middle, spread


def references(
    packed: Floats, unseen: Ints, count: Ints, size: int, at_least: int, unit: float = 1.0
) -> tuple[Floats, Floats]:
    """Of each day the median of the last ``size`` of the first ``count`` values, and the median distance in ``unit``.

    ``packed`` [athlete, place]: the values of each side by side, number ``unseen`` + 1 in place ``size`` - 1; ``count``
    [athlete, day] never falls. NaN with fewer than ``at_least``, and where none are seen.
    """
    middle, scale = np.empty(count.shape), np.empty(count.shape)
    given = _numbers(packed), *packed.shape, _wholes(unseen), _wholes(count), count.shape[1]
    _run("references", *given, size, at_least, unit, middle, scale)
    return middle, scale


def quantiles(values: Floats, wanted: Bools, span: int, quantile: float) -> Floats:
    """The quantile of the known ones of the last ``span`` values on the days ``wanted``; NaN on others and of none.

    The last days of ``values`` are those of ``wanted``.
    """
    out = np.empty(wanted.shape)
    given = _numbers(values), *values.shape, _flags(wanted), wanted.shape[1]
    _run("quantiles", *given, span, quantile, out)
    return out


def middles(at: Ints, values: Floats, span: int, least: int) -> Floats:
    """The median of the known values from ``span`` before each row to rows of its instant, where there are ``least``.

    ``at`` rises.
    """
    out = np.empty(_of_one_shape(at, values))
    _run("middles", _wholes(at), _numbers(values), len(values), span, least, out)
    return out


def places(keys: Ints, wanted: Ints, *, after: bool = False) -> Ints:
    """Where each wanted number would stand among rising keys: before its equals, or behind them."""
    out = np.empty(wanted.shape, dtype=np.int64)
    _run("places", _wholes(keys), len(keys), _wholes(wanted), len(wanted), int(after), out)
    return out


def grams(x: Floats, y: Floats, low: Ints, high: Ints, ridge: float) -> tuple[list[list[Floats]], list[Floats], Floats]:
    """What ridge regressions of ``y`` on ``x`` [feature, row] need, of each window of rows from low to before high.

    The lower half of X'X, with ``ridge`` on its diagonal but the first; X'y; and y'y: arrays by window.
    """
    _of_one_shape(low, high)
    _of_one_shape(x[0], y)
    (features, rows), windows = x.shape, len(low)
    squares, half = np.empty((features * (features + 1) // 2, windows)), np.empty((features, windows))
    rest = np.empty(windows)
    given = _numbers(x), _numbers(y), features, rows, _wholes(low), _wholes(high), windows
    _run("grams", *given, ridge, squares, half, rest)
    each = iter(squares)
    return [[next(each) for _ in range(i + 1)] for i in range(features)], list(half), rest


class Stretches:
    """Stretches of rows and where they go: of each the row and the place in it, there and here, and the length."""

    def __init__(self, rows: Ints, places: Ints, to_rows: Ints, to_places: Ints, lengths: Ints) -> None:
        self._given = [_wholes(one) for one in (rows, places, to_rows, to_places, lengths)]
        self._at = [one.ctypes.data for one in self._given]

    def copy(self, source: npt.NDArray[Any], target: npt.NDArray[Any]) -> None:
        """Copy them from one array into another for which `alike` holds; both must be large enough."""
        rows, places, to_rows, to_places, lengths = self._at
        begin, into = (source.ctypes.data, source.strides[0]), (target.ctypes.data, target.strides[0])
        number, item = len(self._given[0]), source.itemsize
        _STEPS["copies"](*begin, rows, places, *into, to_rows, to_places, lengths, number, item)


def alike(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> bool:
    """Whether stretches can be copied between these: of one type, and rows in one piece."""
    item = one.itemsize
    flat = one.ndim == other.ndim == 2 and one.strides[1] == other.strides[1] == item
    return flat and one.dtype == other.dtype


def near(mean: Floats, best: Floats, worse: Floats, month: float, day: float, extreme: float) -> Bools:
    """Days whose mean is ``month`` worse than the best and themselves ``day`` worse, or ``extreme``; with a known mean.

    The last days of ``mean`` and ``best`` are those of ``worse``.
    """
    wanted = np.empty(worse.shape, dtype=np.bool_)
    given = _numbers(mean), _numbers(best), *_of_one_shape(mean, best), _numbers(worse), worse.shape[1]
    _run("near", *given, month, day, extreme, wanted)
    return wanted


def beliefs(
    weight: Floats, up: Floats, down: Floats, start: Floats, gate: Ints, gate_d: int, fall: int, threshold: float
) -> tuple[Floats, Ints]:
    """The belief after each day [state, athlete, day], and the count each day meets [athlete, day + 1].

    ``weight`` [state, athlete, day], which is written over; ``up`` and ``down`` [move, athlete, day]; ``start``
    [athlete, state]; ``gate`` [athlete].
    """
    _, athletes, days = weight.shape
    _of_one_shape(weight[1:], up, down)
    counts = np.empty((athletes, days + 1), dtype=np.int64)
    counts[:, 0] = gate
    found = _numbers(weight)
    _run(
        "beliefs", found, _numbers(up), _numbers(down), _numbers(start), athletes, days, gate_d, fall, threshold, counts
    )
    return found, counts


def sums(values: Floats, days: int) -> Floats:
    """The sum of the last ``days`` days, today included; NaN counts as 0."""
    out = np.empty(values.shape)
    _run("sums", _numbers(values), *values.shape, days, out)
    return out


def means(values: Floats, days: int, at_least: int) -> Floats:
    """The mean of the known values of the last ``days`` days; NaN with fewer than ``at_least`` of them."""
    out = np.empty(values.shape)
    _run("means", _numbers(values), *values.shape, days, at_least, out)
    return out


def moments(values: Floats, days: int) -> tuple[Floats, Floats]:
    """How many of the last ``days`` values are known, and their variance (NaN of none)."""
    known, variance = np.empty(values.shape), np.empty(values.shape)
    _run("moments", _numbers(values), *values.shape, days, known, variance)
    return known, variance


def lowest(values: Floats, days: int) -> Floats:
    """The lowest known value of the last ``days`` days, today included; infinite without any."""
    out = np.empty(values.shape)
    _run("lowest", _numbers(values), *values.shape, days, out)
    return out


def counts(usable: Bools, frozen: Bools, lag: int, at_least: int) -> tuple[Ints, Ints]:
    """How many usable values there are up to each day, and after how many its reference stands; ``lag`` one or more."""
    shape = _of_one_shape(usable, frozen)
    number, count = np.empty(shape, dtype=np.int64), np.empty(shape, dtype=np.int64)
    _run("counts", _flags(usable), _flags(frozen), *shape, lag, at_least, number, count)
    return number, count


def pack(values: Floats, usable: Bools, place: int, packed: Floats) -> None:
    """Put the usable values of each athlete side by side into ``packed``, from ``place`` on; there must be room."""
    _run("pack", _numbers(values), _flags(usable), *_of_one_shape(values, usable), place, packed.shape[1], packed)


def persisting(bad: Bools, answered: Bools, table: Floats, days: int, at_least: int) -> tuple[Floats, Counts, Counts]:
    """Strength of a sign that is bad on k of the n answered of the last ``days`` days, with k and n.

    ``table`` [n, k], each from 0 to ``days`` at least.
    """
    strength = np.empty(bad.shape)
    k, n = np.empty(bad.shape, dtype=np.int16), np.empty(bad.shape, dtype=np.int16)
    width = table.shape[1]
    if min(table.shape) <= days:
        raise ValueError(f"a table smaller than {days} days")
    given = _flags(bad), _flags(answered), *_of_one_shape(bad, answered), _numbers(table), width, days, at_least
    _run("persisting", *given, strength, k, n)
    return strength, k, n


def speak(
    branch: Floats,
    weight: Floats | float,
    worth: Floats | float,
    number: int,
    strength: Floats,
    quality: Floats,
    spoke: Marks,
) -> None:
    """Let a branch speak where it is stronger than what has spoken so far, which is written over."""
    given = (np.array([one]) if np.ndim(one) == 0 else np.broadcast_to(one, branch.shape) for one in (weight, worth))
    weights, qualities = map(_numbers, given)
    _of_one_shape(branch, strength, quality, spoke)
    each = int(np.ndim(weight) > 0), int(np.ndim(worth) > 0)
    _run("speak", _numbers(branch), weights, each[0], qualities, each[1], branch.size, number, strength, quality, spoke)


def likelihoods(strength: Floats, lean: Floats) -> Floats:
    """How much likelier each sign is in the other states than in the last: [sign, other state, day].

    ``strength`` [sign, day], each sign's days in one piece; ``lean`` [sign, state].
    """
    (signs, days), states = strength.shape, lean.shape[1]
    out = np.empty((signs, states - 1, days))
    rows = strength if strength.strides[1] == strength.itemsize else _numbers(strength)
    _run("likelihoods", rows, rows.strides[0] // rows.itemsize, signs, days, _numbers(lean), states, out)
    return out


def evidence(
    ratio: Floats, strength: Floats, quality: Floats, order: Ints, begins: Ints, neg: float, omega: float
) -> Floats:
    """The log-ratios of each group [group, state, day]: weighed, the largest whole, each next times omega again.

    ``ratio`` [sign, state, day], which is written over; ``strength`` and ``quality`` [sign, day]; ``order``: the signs
    group by group; ``begins``: where in it each group begins, and its end.
    """
    _, states, days = ratio.shape
    _of_one_shape(ratio[:, 0], strength, quality)
    value = np.empty((len(begins) - 1, states, days))
    rows = [_numbers(one) if one.strides != (one.itemsize * days, one.itemsize) else one for one in (strength, quality)]
    _run(
        "evidence",
        _numbers(ratio),
        *rows,
        days,
        states,
        days,
        _wholes(order),
        _wholes(begins),
        len(begins) - 1,
        neg,
        omega,
        value,
    )
    return value


def judge(
    worse: Floats,
    own: tuple[Floats, Floats],
    slow: tuple[Floats, Floats],
    usual: tuple[float, float],
    limits: tuple[float, float, float, float, float],
) -> tuple[Floats, Floats, Bools, Bools]:
    """Answers against the runner's own usual: middle, spread, whether the day is bad, whether the population stands in.

    ``own``: the reference; ``slow``: the month's mean and the anchor; ``usual``: middle and spread of the population;
    ``limits``: the smallest spread, the spreads that make a day bad, how much worse than the anchor a month is, the
    share of that for a day, and what is too little to tell.
    """
    middle, scale = np.empty(worse.shape), np.empty(worse.shape)
    bad, learning = np.empty(worse.shape, dtype=np.bool_), np.empty(worse.shape, dtype=np.bool_)
    _of_one_shape(worse, *own, *slow)
    given = [_numbers(one) for one in (worse, *own, *slow)]
    numbers = np.array(usual), np.array(limits)
    _run("judge", *given, worse.size, *numbers, middle, scale, bad, learning)
    return middle, scale, bad, learning
