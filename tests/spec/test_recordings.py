"""The same run from two files, one run in two files: recognised, chosen, put together, taken apart, taken back."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import freshlegs as fl
from freshlegs.metrics.facts import NO_HR, run_facts, together
from freshlegs.problems import WrongRequest

START = datetime(2026, 5, 4, 6, tzinfo=UTC)
HEAD = "start_utc,sport,distance_m,moving_s,elapsed_s,hr_mean_bpm,rpe,hr_max_bpm"


def line(
    after_s: float = 0, metres: float = 10_000, seconds: float = 3600, rate: int | str = "", rpe: object = ""
) -> str:
    """A run as a line of a table; with a mean heart rate comes a highest one."""
    when = f"{START + timedelta(seconds=after_s):%Y-%m-%dT%H:%M:%SZ}"
    highest = rate + 20 if isinstance(rate, int) else ""
    return f"{when},running,{metres},{seconds},{seconds},{rate},{rpe},{highest}"


def recorded(after_s: float, metres: float = 10_000, seconds: float = 3600, beats: Sequence[int] = (120, 140)) -> str:
    """A run as a watch's TCX, its samples evenly spread."""
    share = [place / (len(beats) - 1) for place in range(len(beats))]
    points = "".join(
        f"<Trackpoint><Time>{START + timedelta(seconds=after_s + part * seconds):%Y-%m-%dT%H:%M:%S}Z</Time>"
        f"<DistanceMeters>{part * metres}</DistanceMeters>"
        f"<HeartRateBpm><Value>{bpm}</Value></HeartRateBpm></Trackpoint>"
        for part, bpm in zip(share, beats, strict=True)
    )
    start = f"{START + timedelta(seconds=after_s):%Y-%m-%dT%H:%M:%SZ}"
    lap = f"<Lap StartTime='{start}'><TotalTimeSeconds>{seconds}</TotalTimeSeconds><Track>{points}</Track></Lap>"
    return (
        "<TrainingCenterDatabase><Activities><Activity Sport='Running'>"
        f"<Id>{start}</Id>{lap}</Activity></Activities></TrainingCenterDatabase>"
    )


class Desk:
    """A diary and the files that are laid before it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.diary = fl.Diary.open(folder / "home", now=lambda: self.now)
        self.now = datetime(2026, 5, 5, 6, tzinfo=UTC)

    def bring(self, **files: str) -> None:
        for name, row in files.items():
            (self.folder / f"{name}.csv").write_text(f"{HEAD}\n{row}\n")
        self.again()

    def again(self) -> None:
        self.diary.import_files(sorted(self.folder.glob("*.csv")))

    def later(self) -> None:
        self.now += timedelta(minutes=1)

    def runs(self, *names: str) -> list[Any]:
        self.later()
        rows = self.diary.runs().select(names or ("distance_m",)).rows()
        return rows if len(names) > 1 else [row[0] for row in rows]

    def id_of(self, name: str) -> str:
        sessions = self.diary._store.sessions()
        files = {entry.name.rsplit("/", 1)[-1]: key for key, entry in self.diary._store.files().items()}
        return str(sessions.filter(sessions["file"] == files[f"{name}.csv"])["id"][0])


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.diary.close()


@pytest.mark.parametrize(
    ("other", "runs"),
    [
        (line(59), 1),
        (line(61), 2),
        (line(0, seconds=3780), 1),
        (line(0, seconds=3800), 2),
        (line(2 * 3600), 2),
        (line(15 * 3600), 2),
    ],
)
def test_the_same_run_from_two_files_is_one(desk: Desk, other: str, runs: int) -> None:
    desk.bring(a=line(), b=other)
    assert len(desk.runs()) == runs


@pytest.mark.parametrize(
    ("other", "runs"),
    [
        (recorded(17 + 2 * 3600), 1),
        (recorded(17 - 5 * 3600 + 2, metres=10_020, seconds=3601), 1),
        (recorded(17 + 2 * 3600, metres=10_200), 2),
        (recorded(17 + 2 * 3600, seconds=3610), 2),
        (recorded(17 + 2 * 3600 + 20), 2),
        (recorded(17 + 15 * 3600), 2),
    ],
)
def test_a_recording_shifted_by_whole_hours_is_the_same_run(desk: Desk, other: str, runs: int) -> None:
    (desk.folder / "b.tcx").write_text(other)
    desk.bring(a=line(17))
    desk.diary.import_files(desk.folder / "b.tcx")
    assert len(desk.runs()) == runs


@pytest.mark.parametrize("hours", [1, 2])
def test_the_same_loop_twice_with_the_same_watch_is_two_runs(desk: Desk, hours: int) -> None:
    for name, after_s in (("first", 17), ("second", 17 + hours * 3600)):
        (desk.folder / f"{name}.tcx").write_text(recorded(after_s, seconds=1800))
    desk.diary.import_files(sorted(desk.folder.glob("*.tcx")))
    assert len(desk.runs()) == 2
    # A service's summary of each of them belongs to its own hour, not to the other.
    desk.bring(a=line(17, seconds=1800), b=line(17 + hours * 3600, seconds=1800))
    assert desk.runs("start_utc", "distance_m") == [
        (START + timedelta(seconds=17), 10_000),
        (START + timedelta(seconds=17 + hours * 3600), 10_000),
    ]
    assert len(desk.diary.twins()) == 2


def test_one_watch_with_a_mistaken_clock_is_known_by_its_samples(desk: Desk) -> None:
    beats = range(90, 170)
    for name, after_s in (("right", 17), ("wrong", 17 + 3600)):
        (desk.folder / f"{name}.tcx").write_text(recorded(after_s, seconds=800, beats=beats))
    desk.diary.import_files(sorted(desk.folder.glob("*.tcx")))
    assert len(desk.runs()) == 1


def test_two_sessions_of_one_file_are_never_one_run(desk: Desk) -> None:
    desk.bring(a=f"{line()}\n{line(10)}")
    assert len(desk.runs()) == 2


def test_the_richest_is_kept_and_the_choice_can_be_turned_round_for_good(desk: Desk) -> None:
    desk.bring(rich=line(rate=150), poor=line(5, metres=10_300, rpe=7))
    assert desk.runs("distance_m", "hr_mean_bpm", "rpe") == [(10_000.0, 150.0, 7.0)]
    (told,) = desk.diary.twin_runs()
    assert [one.kept for one in told.recordings] == [True, False]
    desk.diary.prefer_run(desk.id_of("poor"))
    assert desk.runs("distance_m", "hr_mean_bpm", "rpe") == [(10_300.0, 150.0, 7.0)]
    desk.again()
    desk.bring(third=line(7, metres=10_100, rate=151, rpe=6))
    assert desk.runs() == [10_300.0]
    desk.diary.prefer_run(desk.id_of("rich"))
    assert desk.runs() == [10_000.0]


def test_there_is_nothing_to_choose_for_a_run_of_one_file(desk: Desk) -> None:
    desk.bring(a=line())
    with pytest.raises(WrongRequest, match="nothing to choose"):
        desk.diary.prefer_run(desk.id_of("a"))
    with pytest.raises(WrongRequest, match="nothing to take apart"):
        desk.diary.split_run(desk.id_of("a"))


def test_not_the_same_run_is_believed_and_kept(desk: Desk) -> None:
    desk.bring(a=line(), b=line(5, metres=10_300))
    assert len(desk.diary.split_run(desk.id_of("b"))) == 2
    assert desk.runs() == [10_000.0, 10_300.0]
    desk.again()
    assert len(desk.runs()) == 2
    desk.diary.same_run(desk.id_of("a"), desk.id_of("b"))
    assert len(desk.runs()) == 1


def test_recordings_that_nobody_would_compare_can_be_said_to_be_one_run(desk: Desk) -> None:
    desk.bring(a=line(rate=150), b=line(20 * 60, metres=9_000, seconds=3000))
    assert len(desk.runs()) == 2
    assert desk.diary.same_run(desk.id_of("b"), desk.id_of("a")) == desk.id_of("a")
    assert desk.runs() == [10_000.0]


def test_a_watch_that_was_restarted_is_one_run_in_two_parts(desk: Desk) -> None:
    desk.bring(a=line(rate=140), b=line(3700, metres=5000, seconds=1800, rate=155, rpe=8))
    desk.diary.merge_runs(desk.id_of("b"), desk.id_of("a"))
    names = ("id", "start_utc", "distance_m", "moving_s", "elapsed_s", "hr_mean_bpm", "rpe")
    assert desk.runs(*names) == [(desk.id_of("a"), START, 15_000.0, 5400.0, 5500.0, 145.0, 8.0)]
    desk.again()
    assert desk.runs() == [15_000.0]
    assert desk.diary.days()["longest_run_m"].max() == 15_000.0
    desk.diary.edit_run(desk.id_of("a"), race=True)
    assert desk.runs("race") == [True]
    desk.diary.split_run(desk.id_of("b"))
    assert desk.runs() == [10_000.0, 5000.0]


@pytest.mark.parametrize(
    ("after_s", "why"), [(1800, "overlap"), (12 * 3600, "six hours"), (30, "recordings of the same run already")]
)
def test_what_is_no_run_in_two_parts_is_refused(desk: Desk, after_s: int, why: str) -> None:
    desk.bring(a=line(), b=line(after_s))
    with pytest.raises(WrongRequest, match=why):
        desk.diary.merge_runs(desk.id_of("a"), desk.id_of("b"))


def test_changes_are_taken_back_one_by_one(desk: Desk) -> None:
    desk.bring(a=line(), b=line(3700, metres=5000, seconds=1800))
    a, b = desk.id_of("a"), desk.id_of("b")
    desk.later()
    desk.diary.edit_run(a, distance_m=9000.0, race=True)
    assert desk.runs() == [9000.0, 5000.0]
    desk.diary.merge_runs(a, b)
    assert desk.runs() == [9000.0 + 5000.0] or desk.runs() == [9000.0]
    desk.diary.delete_run(a)
    assert desk.runs() == []
    undone = []
    for _ in range(3):
        undone.append(sorted(one["field"] for one in desk.diary.undo_run_change()))
        desk.later()
    assert undone == [["deleted"], ["part_of"], ["distance_m", "race"]]
    assert desk.runs("distance_m", "race") == [(10_000.0, None), (5000.0, None)]
    assert desk.diary.undo_run_change() == []
    desk.diary.delete_run(b)
    assert desk.runs() == [10_000.0]
    desk.diary.restore_run(b)
    assert desk.runs() == [10_000.0, 5000.0]


def test_the_facts_of_two_halves_together_are_those_of_the_whole() -> None:
    seconds = np.arange(3600.0)
    whole = pl.DataFrame(
        {"elapsed_s": seconds, "distance_m": 3.0 * seconds, "hr_bpm": 130.0 + 20.0 * (seconds > 1800) + seconds % 7}
    )
    halves = [run_facts(whole.slice(0, 1800)), run_facts(whole.slice(1800).with_columns(pl.col("elapsed_s") - 1800.0))]
    made, true = together(halves), run_facts(whole)
    assert made.hr_s == pytest.approx(true.hr_s, abs=2)
    assert made.hr_mean_bpm == pytest.approx(true.hr_mean_bpm, abs=0.1)
    assert made.moving_s == pytest.approx(true.moving_s, abs=2)
    assert made.distance_m == pytest.approx(true.distance_m, abs=6)
    assert made.graded_speed_mps == pytest.approx(true.graded_speed_mps, rel=1e-3)
    assert np.abs(made.hr_seconds.astype(int) - true.hr_seconds.astype(int)).max() <= 2
    assert made.best_m[:4] == pytest.approx(true.best_m[:4], rel=1e-3)
    assert np.isnan(made.best_m[-1])
    assert np.isnan(made.decoupling_pct)


def test_a_half_without_heart_rate_leaves_the_other_halfs() -> None:
    seconds = np.arange(1800.0)
    bare = pl.DataFrame({"elapsed_s": seconds, "distance_m": 3.0 * seconds})
    beating = bare.with_columns(hr_bpm=150.0 + pl.col("elapsed_s") % 3)
    made = together([run_facts(bare), run_facts(beating)])
    assert not made.flags & NO_HR
    assert made.hr_s < 0.6 * made.recorded_s
    assert together([run_facts(bare)] * 2).flags & NO_HR
