"""A new watch is no new heart: each device has a usual of its own (science D.1)."""

from datetime import date, timedelta

import polars as pl

import freshlegs as fl

START = date(2026, 1, 5)
SIGN = "strength_raised_heart_rate"


def nights(higher_on_ring: float, ring_from: int, days: int = 120) -> pl.DataFrame:
    """A calm heart of 48 to 52 beats; from one night on a ring that reads higher."""
    rows = []
    for t in range(days):
        ring = t >= ring_from
        rate = 48.0 + (t * 7) % 5 + (higher_on_ring if ring else 0.0)
        rows.append(
            {
                "date": START + timedelta(days=t),
                "hr_night_bpm": rate,
                "hr_rest_bpm": rate - 4.0,
                "hr_source": "ring" if ring else "watch",
            }
        )
    return pl.DataFrame(rows)


def at(verdicts: pl.DataFrame, t: int) -> float | None:
    return verdicts.filter(pl.col("date") == START + timedelta(days=t)).get_column(SIGN)[0]


def test_a_device_that_reads_higher_raises_no_sign() -> None:
    found = fl.assess(nights(6.0, ring_from=60))
    assert at(found, 55) is not None
    told = found.filter(pl.col("date") >= START + timedelta(days=60)).get_column(SIGN).drop_nulls()
    assert told.max() < 0.5  # type: ignore[operator]


def test_without_a_source_it_is_one_device_and_the_rise_is_seen() -> None:
    found = fl.assess(nights(6.0, ring_from=60).drop("hr_source"))
    assert at(found, 66) > 0.8  # type: ignore[operator]


def test_the_new_device_has_no_usual_for_its_first_nights_and_says_so() -> None:
    found = fl.assess(nights(6.0, ring_from=60))
    assert [at(found, t) is None for t in (59, 68, 90)] == [False, True, False]


def test_who_goes_back_to_the_old_watch_is_held_against_what_that_read() -> None:
    back = nights(6.0, ring_from=60).with_columns(
        pl.when(pl.col("date") >= START + timedelta(days=100))
        .then(pl.lit("watch"))
        .otherwise("hr_source")
        .alias("hr_source")
    )
    assert at(fl.assess(back), 112) > 0.8  # type: ignore[operator]


def test_a_rise_on_the_new_device_is_seen_once_it_is_known() -> None:
    risen = pl.col("date") >= START + timedelta(days=100)
    rate = pl.when(risen).then(pl.col("hr_night_bpm") + 5.0).otherwise("hr_night_bpm").alias("hr_night_bpm")
    assert at(fl.assess(nights(6.0, ring_from=40).with_columns(rate)), 107) > 0.8  # type: ignore[operator]
