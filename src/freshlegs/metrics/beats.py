"""Beat-to-beat intervals: which of them are artefacts, and the series without them (science D.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from freshlegs.metrics._numbers import Array, Flags, Numbers, checked

ALPHA: Final = 5.2
C1: Final = 0.13
C2: Final = 0.17
QUARTILE_BEATS: Final = 91
MEDIAN_BEATS: Final = 11
LONG_OR_SHORT: Final = 3.0
ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class Beats:
    """Corrected intervals in ms, and how many were extra, missed, or ectopic, long or short."""

    rr_ms: Array
    extra: int
    missed: int
    shifted: int

    @property
    def share(self) -> float:
        """Artefacts a beat of the corrected series; a recording is usable up to 0.05."""
        return (self.extra + self.missed + self.shifted) / max(len(self.rr_ms), 1)


def correct_beats(rr_ms: Numbers) -> Beats:
    """The series with its artefacts mended: extra beats joined, missed ones put in, shifted ones interpolated.

    They are found by thresholds that follow the series.
    One series of intervals in ms, each above 0. Fewer than 12 are given back as they are.
    Source: [lipponen2019], in our own words; its published error of HRV on mended series is below 2 %.
    """
    rr = np.atleast_1d(checked("rr_ms", rr_ms, above=0.0)).astype(np.float64)
    if rr.ndim != 1:
        raise ValueError(f"rr_ms must be one series, not of shape {rr.shape}")
    rr = rr[~np.isnan(rr)]
    extra = missed = shifted = 0
    for _ in range(ROUNDS):
        if len(rr) < MEDIAN_BEATS + 1:
            break
        found = _artefacts(rr)
        if not any(flags.any() for flags in found):
            break
        extra, missed = extra + int(found[0].sum()), missed + int(found[1].sum())
        shifted += int(found[2].sum())
        rr = _mended(rr, *found)
    return Beats(rr, extra, missed, shifted)


def _around(values: Array, beats: int) -> Array:
    """The window of so many beats around each beat, narrower at the ends (NaN there)."""
    half = beats // 2
    return np.asarray(sliding_window_view(np.pad(values, half, constant_values=np.nan), beats))


def _threshold(values: Array) -> Array:
    """α times the quartile deviation of the magnitudes around each beat."""
    low, high = np.nanpercentile(np.abs(_around(values, QUARTILE_BEATS)), [25, 75], axis=1)
    return np.asarray(np.maximum(ALPHA * (high - low) / 2.0, 1e-9))


def _artefacts(rr: Array) -> tuple[Flags, Flags, Flags]:
    """Which intervals begin with an extra beat, hide a missed one, or are shifted."""
    n = len(rr)
    median = np.nanmedian(_around(rr, MEDIAN_BEATS), axis=1)
    step = np.diff(rr, prepend=rr[0])
    away = rr - median
    away = np.where(away < 0, 2.0 * away, away)
    limit = _threshold(away)
    jump, off = step / _threshold(step), away / limit
    before: Array = np.r_[0.0, jump[:-1]]
    after: Array = np.r_[jump[1:], 0.0]
    later: Array = np.r_[after[1:], 0.0]
    up = jump > 0
    beside = np.where(up, np.maximum(before, after), np.minimum(before, after))
    ahead = np.where(up, np.minimum(after, later), np.maximum(after, later))
    ectopic = ((jump > 1) & (beside < -C1 * jump - C2)) | ((jump < -1) & (beside > -C1 * jump + C2))
    turned = ((jump > 1) & (ahead < -1)) | ((jump < -1) & (ahead > 1))
    strange = turned | (np.abs(off) > LONG_OR_SHORT)
    following: Array = np.r_[rr[1:], np.inf]
    joined = strange & (off < 0) & (np.abs(rr + following - median) < limit) & (rr < 0.75 * median)
    halved = strange & (off > 0) & (np.abs(rr / 2.0 - median) < limit) & (rr > 1.4 * median)
    joined[n - 1 :] = False
    joined[1:] &= ~joined[:-1]
    other = (ectopic | strange) & ~joined & ~halved & (np.abs(away) > limit)
    # The rest of an extra or missed beat, the interval beside it, is no artefact of its own.
    near = joined | np.r_[False, joined[:-1]] | halved
    return joined, halved, other & ~near


def _mended(rr: Array, joined: Flags, halved: Flags, shifted: Flags) -> Array:
    good = ~(joined | np.r_[False, joined[:-1]] | halved | shifted)
    mended = rr.copy()
    if shifted.any() and good.any():
        place = np.arange(len(rr), dtype=np.float64)
        mended[shifted] = np.interp(place[shifted], place[good], rr[good])
    mended[:-1][joined[:-1]] += rr[1:][joined[:-1]]
    times = np.where(np.r_[False, joined[:-1]], 0, np.where(halved, 2, 1))
    return np.repeat(np.where(halved, mended / 2.0, mended), times)
