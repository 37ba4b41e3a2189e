"""What must hold of `assess` for any diary: no look ahead, no memory of names, dates or the order of rows."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import freshlegs as fl
from freshlegs import tables
from freshlegs import vocabulary as v
from freshlegs.problems import WrongRequest
from freshlegs.synthetic import made_days


@pytest.fixture(scope="module")
def days() -> pl.DataFrame:
    """Twelve athletes over 260 days, answers and nights missing here and there."""
    return made_days(12, 260, seed=11)


@pytest.fixture(scope="module")
def verdicts(days: pl.DataFrame) -> pl.DataFrame:
    return fl.assess(days)


def test_every_day_of_every_athlete_has_one_row(days: pl.DataFrame, verdicts: pl.DataFrame) -> None:
    spans = days.group_by("athlete").agg((pl.col("date").max() - pl.col("date").min()).dt.total_days() + 1)
    assert verdicts.height == spans.get_column("date").sum()
    assert set(verdicts.columns) >= set(tables.VERDICTS.names)
    assert set(verdicts.get_column("state").unique()) <= set(v.STATES)


def test_the_probabilities_sum_to_one_or_are_all_missing(verdicts: pl.DataFrame) -> None:
    spoken = verdicts.filter(pl.col("state") != "insufficient_data")
    total = spoken.select(pl.sum_horizontal([f"p_{state}" for state in v.CHAIN_STATES])).to_series()
    assert np.allclose(total.to_numpy(), 1.0)
    silent = verdicts.filter(pl.col("state") == "insufficient_data")
    assert silent.get_column("p_excessive").null_count() == silent.height


def test_a_row_depends_on_no_later_day(days: pl.DataFrame, verdicts: pl.DataFrame) -> None:
    for kept in (30, 111, 200):
        cut = days.get_column("date").min() + timedelta(days=kept)  # type: ignore[operator]
        early = fl.assess(days.filter(pl.col("date") <= cut))
        assert_frame_equal(early, verdicts.filter(pl.col("date") <= cut), abs_tol=1e-9)


def test_the_order_of_rows_changes_nothing(days: pl.DataFrame, verdicts: pl.DataFrame) -> None:
    assert_frame_equal(fl.assess(days.sample(fraction=1.0, shuffle=True, seed=3)), verdicts, abs_tol=1e-12)


def test_the_company_of_other_athletes_changes_nothing(days: pl.DataFrame, verdicts: pl.DataFrame) -> None:
    for athlete in days.get_column("athlete").unique().sort().head(3):
        alone = fl.assess(days.filter(pl.col("athlete") == athlete))
        assert_frame_equal(alone, verdicts.filter(pl.col("athlete") == athlete), abs_tol=1e-9)


def test_one_athlete_may_be_judged_anew_without_what_only_the_others_measured() -> None:
    """A tired athlete's reference is held; hard sessions and broken sleep are known of the other one alone."""
    rows = []
    for t in range(90):
        bad, rate = t >= 30, {"date": date(2026, 1, 1) + timedelta(days=t), "load_lu": 50.0}
        good = {"energy": 7.0, "soreness": 2.0, "mood": 7.0, "sleep_quality": 7.0, "wish_to_run": 8.0}
        worst = {"energy": 1.0, "soreness": 9.0, "mood": 1.0, "sleep_quality": 1.0, "wish_to_run": 1.0}
        rows.append({"athlete": "tired", **rate, **(worst if bad else good), "harder_than_it_should": bad})
        slept = {"sleep_s": 27000.0 + 60 * (t % 5), "in_bed_s": 30000.0, "hr_rest_bpm": 50.0 + t % 3}
        rows.append({"athlete": "well", **rate, **good, **slept, "quality_session": t % 7 == 0})
    both = pl.DataFrame(rows, infer_schema_length=None)
    together = fl.assess(both)
    assert together.filter(pl.col("athlete") == "tired").get_column("p_excessive").max() > 0.5  # type: ignore[operator]
    for athlete in ("tired", "well"):
        alone = fl.assess(both.filter(pl.col("athlete") == athlete))
        assert_frame_equal(alone, together.filter(pl.col("athlete") == athlete), abs_tol=1e-9)


def test_working_in_blocks_changes_nothing(
    days: pl.DataFrame, verdicts: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Athletes of different lengths, a few at a time."""
    monkeypatch.setattr("freshlegs.fatigue.panel.CELLS_AT_ONCE", 600)
    assert_frame_equal(fl.assess(days), verdicts, abs_tol=1e-9)
    start = days.get_column("date").min()
    number = pl.col("athlete").rank("dense").cast(pl.Int64)
    ragged = days.filter((pl.col("date") - start).dt.total_days() < 20 * number)
    one_by_one = pl.concat(
        [fl.assess(part) for _, part in sorted(ragged.partition_by("athlete", as_dict=True).items())]
    )
    assert_frame_equal(fl.assess(ragged), one_by_one, abs_tol=1e-9)


def test_shifted_dates_and_other_names_change_nothing(days: pl.DataFrame, verdicts: pl.DataFrame) -> None:
    moved = days.with_columns(pl.col("date") + pl.duration(days=1000), "z-" + pl.col("athlete"))
    back = fl.assess(moved).with_columns(
        pl.col("date") - pl.duration(days=1000), pl.col("athlete").str.strip_prefix("z-")
    )
    assert_frame_equal(back, verdicts, abs_tol=1e-9)


def test_a_constant_shift_of_all_answers_changes_nothing_once_the_runner_is_known() -> None:
    """Whoever answers a point higher all the time is no more tired: thresholds are the runner's own."""
    rng = np.random.default_rng(5)
    items = ["energy", "soreness", "sleep_quality", "mood", "relax", "wish_to_run", "stress"]
    answers = {item: np.clip(np.round(rng.normal(5.0, 1.3, 400)), 1.0, 8.0) for item in items}
    start = date(2025, 3, 1)
    plain = pl.DataFrame({"date": [start + timedelta(days=i) for i in range(400)], **answers})
    shifted = plain.with_columns([pl.col(item) + 1.3 for item in items])
    # The first three weeks are judged against the population; the belief forgets them slowly.
    known = pl.col("date") >= start + timedelta(days=25)
    strengths = [f"strength_{sign}" for sign in v.SIGNS]
    one, other = (fl.assess(frame).filter(known) for frame in (plain, shifted))
    assert_frame_equal(one.select(strengths), other.select(strengths), abs_tol=1e-9)
    assert one.get_column("strength_low_energy").max() > 0.5  # type: ignore[operator]
    late = pl.col("date") >= start + timedelta(days=300)
    assert_frame_equal(one.filter(late), other.filter(late), abs_tol=1e-4)


def test_a_missing_column_is_a_signal_nobody_measured(days: pl.DataFrame) -> None:
    bare = fl.assess(days.select("athlete", "date", "energy", "soreness", "mood"))
    assert bare.get_column("strength_raised_heart_rate").null_count() == bare.height
    assert bare.get_column("strength_low_energy").null_count() < bare.height


def test_two_rows_of_one_day_are_refused(days: pl.DataFrame) -> None:
    with pytest.raises(WrongRequest, match="more than one row"):
        fl.assess(pl.concat([days, days.head(1)]))


def test_a_gap_between_dates_is_unknown_days(days: pl.DataFrame) -> None:
    one = days.filter(pl.col("athlete") == days.get_column("athlete")[0])
    start = one.get_column("date").min()
    holed = one.filter((pl.col("date") < start + timedelta(days=80)) | (pl.col("date") > start + timedelta(days=120)))  # type: ignore[operator]
    verdicts = fl.assess(holed)
    assert verdicts.height == 260
    silent = verdicts.filter(pl.col("date") == start + timedelta(days=110))  # type: ignore[operator]
    assert silent.get_column("state")[0] == "insufficient_data"


def test_nothing_in_nothing_out() -> None:
    empty = fl.assess(tables.DAYS.frame())
    assert empty.height == 0
    assert set(empty.columns) >= set(tables.VERDICTS.names)
