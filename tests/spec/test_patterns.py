"""Readings of the heart that point the wrong way are told, and never counted."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from freshlegs import fatigue
from freshlegs.fatigue import patterns

START = date(2026, 1, 5)


def days(count: int, **columns: object) -> pl.DataFrame:
    rng = np.random.default_rng(4)
    usual = {
        name: np.clip(np.round(rng.normal(6.0, 1.0, count)), 0, 10) for name in ("energy", "mood", "sleep_quality")
    }
    return pl.DataFrame({"date": [START + timedelta(days=n) for n in range(count)], **usual, **columns})


def told(frame: pl.DataFrame) -> dict:
    return fatigue.document(fatigue.evaluate(frame), "me", frame["date"][-1])


def hrv(last: float, count: int = 100, changed: int = 20) -> np.ndarray:
    rng = np.random.default_rng(5)
    ln = rng.normal(4.0, 0.1, count)
    ln[-changed:] += last
    return np.exp(ln)


def test_high_hrv_for_two_weeks_is_mentioned_and_lowers_nothing() -> None:
    usual, high = told(days(100, rmssd_ms=hrv(0.0))), told(days(100, rmssd_ms=hrv(0.4)))
    assert high["notes"] == [patterns.HIGH_HRV]
    assert usual["notes"] == []
    without = told(days(100))
    assert high["probabilities"] == without["probabilities"]
    assert told(days(100, rmssd_ms=hrv(0.4, changed=9)))["notes"] == []


def test_low_hrv_with_a_calm_heart_is_not_counted() -> None:
    rng = np.random.default_rng(6)
    rest = 50 + rng.normal(0, 1.5, 100)
    rest[-10:] -= 5
    frame = days(100, rmssd_ms=hrv(-0.4, changed=10), hr_rest_bpm=rest)
    assert told(frame)["notes"] == [patterns.CALM_HEART]
    signs = fatigue.explain(fatigue.evaluate(frame), "me", frame["date"][-1])["signs"]
    branches = {b["branch"]: b["strength"] for sign in signs for b in sign["branches"]}
    assert branches["heart.hrv"] is None


def test_a_lower_heart_rate_at_pace_is_no_gain_when_runs_feel_harder_and_get_slower() -> None:
    count = 90
    late = np.arange(count) >= 60
    ran = np.arange(count) % 2 == 0
    tests = np.arange(count) % 6 == 0
    frame = days(
        count,
        load_lu=np.where(ran, 50.0, 0.0),
        hr_residual_sd=pl.Series(np.where(ran, np.where(late, -1.2, 0.0), np.nan)).fill_nan(None),
        rpe_residual_sd=pl.Series(np.where(ran, np.where(late, 1.2, 0.0), np.nan)).fill_nan(None),
        performance_ln=pl.Series(np.where(tests, 1.4 - 0.06 * late, np.nan)).fill_nan(None),
        performance_sd=pl.Series(np.where(tests, 0.015, np.nan)).fill_nan(None),
    )
    assert patterns.EASY_HEART_HARD_FEELING in told(frame)["notes"]
    # Without the lower heart rate the belief is the same: it never speaks for the runner.
    plain = told(frame.with_columns(pl.lit(0.0).alias("hr_residual_sd")))
    assert plain["probabilities"] == told(frame)["probabilities"]
