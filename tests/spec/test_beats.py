"""Artefacts in beat-to-beat intervals: the worked cases of science K.6."""

import numpy as np
import pytest

from freshlegs.metrics import correct_beats, rmssd


@pytest.fixture(scope="module")
def peaks() -> np.ndarray:
    rng = np.random.RandomState(1)
    clean = (800 + 40 * np.sin(np.arange(200) / 200 * 2 * np.pi * 12) + rng.randn(200) * 10).round()
    return np.concatenate([[0.0], np.cumsum(clean)])


CLEAN = 16.971


def test_a_clean_series_stays_as_it_is(peaks: np.ndarray) -> None:
    assert rmssd(np.diff(peaks)) == pytest.approx(CLEAN, abs=1e-3)
    assert rmssd(correct_beats(np.diff(peaks)).rr_ms) == pytest.approx(CLEAN, rel=0.03)


@pytest.mark.parametrize(
    ("what", "raw", "within"), [("missed", 81.354, 0.04), ("extra", 46.597, 0.04), ("shifted", 46.798, 0.20)]
)
def test_an_artefact_is_found_and_mended(peaks: np.ndarray, what: str, raw: float, within: float) -> None:
    spoilt = {
        "missed": np.delete(peaks, 100),
        "extra": np.sort(np.append(peaks, peaks[50] + 300)),
        "shifted": np.where(np.arange(len(peaks)) == 120, peaks - 250, peaks),
    }[what]
    assert rmssd(np.diff(spoilt)) == pytest.approx(raw, abs=1e-3)
    mended = correct_beats(np.diff(spoilt))
    assert rmssd(mended.rr_ms) == pytest.approx(CLEAN, rel=within)
    assert (mended.extra > 0, mended.missed > 0, mended.shifted > 0) == tuple(
        what == name for name in ("extra", "missed", "shifted")
    )
    assert 0 < mended.share < 0.02


def test_the_time_is_kept(peaks: np.ndarray) -> None:
    """Joining and splitting move beats, they do not lose seconds."""
    for spoilt in (np.delete(peaks, 100), np.sort(np.append(peaks, peaks[50] + 300))):
        assert correct_beats(np.diff(spoilt)).rr_ms.sum() == pytest.approx(peaks[-1])


def test_few_beats_and_impossible_ones() -> None:
    assert correct_beats([800.0, 810.0]).rr_ms.tolist() == [800.0, 810.0]
    with pytest.raises(ValueError, match="rr_ms"):
        correct_beats([800.0, -5.0])
