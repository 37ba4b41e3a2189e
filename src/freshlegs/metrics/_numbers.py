"""What the single metrics share: look at the numbers on the way in, give the right kind on the way out."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Numbers: TypeAlias = npt.ArrayLike
"""A float, or anything NumPy makes an array of floats of; missing is NaN."""
Result: TypeAlias = float | Array
"""A Python float for scalars, else an array."""


def checked(
    name: str, value: Numbers, low: float = -np.inf, high: float = np.inf, *, above: float | None = None
) -> Array:
    """The value as an array of floats; ValueError naming it if one of its numbers cannot be.

    ``low`` and ``high`` may be reached, ``above`` may not; infinity never can be. NaN is missing, and passes.
    """
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a number or an array of numbers, not {value!r}") from None
    wrong = np.isinf(array) | (array < low) | (array > high)
    if above is not None:
        wrong |= array <= above
    if wrong.any():
        first = float(array[wrong].flat[0]) if array.ndim else float(array)
        raise ValueError(f"{name} {_bounds(low, high, above)}, not {first:g}")
    return array


def _bounds(low: float, high: float, above: float | None) -> str:
    if above is not None:
        tail = f" and at most {high:g}" if np.isfinite(high) else ""
        return f"must be more than {above:g}{tail}"
    if np.isfinite(low) and np.isfinite(high):
        return f"must lie between {low:g} and {high:g}"
    if np.isfinite(low):
        return f"must be at least {low:g} and finite"
    return f"must be at most {high:g}" if np.isfinite(high) else "must be finite"


def given(result: Array | np.float64) -> Result:
    """A Python float if there is one number, else the array."""
    return float(result) if np.ndim(result) == 0 else np.asarray(result, dtype=np.float64)
