"""The batch on one machine: equal to `assess`, whatever the layout; nothing lost when it is stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.conformance.panels import panels

import freshlegs as fl
from freshlegs.batch import dataset, local, record, rows
from freshlegs.batch.workers import Workers
from freshlegs.fatigue.parameters import PARAMETERS
from freshlegs.problems import NothingDone, WrongRequest
from freshlegs.synthetic import made_days

KEY = ("athlete", "date")


def judged(days: pl.DataFrame) -> pl.DataFrame:
    return fl.assess(days).sort(KEY)


def written(out: Path) -> pl.DataFrame:
    return pl.read_parquet(out, hive_partitioning=False).sort(KEY)


def verdicts_of(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.drop("schema_version", "parameters")


@pytest.fixture(scope="module")
def days() -> pl.DataFrame:
    return made_days(9, 60, seed=2)


@pytest.fixture
def small_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset, "BUCKET_ROWS", 130)
    monkeypatch.setattr(dataset, "CHUNK_ROWS", 100)


@pytest.mark.parametrize("name", panels())
def test_equal_to_assess(name: str, tmp_path: Path) -> None:
    days = panels()[name]
    days.write_parquet(tmp_path / "days.parquet")
    told = local.run(tmp_path / "days.parquet", tmp_path / "out")
    found = written(tmp_path / "out")
    assert verdicts_of(found).equals(judged(days))
    assert verdicts_of(local.assess(days)).equals(judged(days))
    assert verdicts_of(local.assess(tmp_path / "days.parquet")).equals(judged(days))
    assert set(found["parameters"]) == {PARAMETERS.hash}
    assert set(found["schema_version"]) == {1}
    assert (told.verdicts, told.athletes, told.refused) == (found.height, found["athlete"].n_unique(), 0)


def layouts(days: pl.DataFrame, folder: Path) -> dict[str, Path]:
    """The same days as a file, a folder of files, folders by month, by day and by athlete."""
    found = {"file": folder / "days.parquet"}
    days.sort(KEY).write_parquet(found["file"], row_group_size=50)
    for name, key in (
        ("files", pl.col("athlete").rank("dense") % 3),
        ("month", pl.col("date").dt.strftime("%Y-%m")),
        ("day", pl.col("date").dt.strftime("%Y-%m-%d")),
    ):
        found[name] = folder / name
        for (value,), own in days.with_columns(key.alias("_key")).partition_by("_key", as_dict=True).items():
            place = found[name] / (f"{name}={value}" if name != "files" else ".")
            place.mkdir(parents=True, exist_ok=True)
            own.drop("_key").write_parquet(place / f"{value}.parquet")
    found["athlete"] = folder / "athlete"
    for (who,), own in days.partition_by("athlete", as_dict=True, include_key=False).items():
        (found["athlete"] / f"athlete={who}").mkdir(parents=True)
        own.write_parquet(found["athlete"] / f"athlete={who}" / "0.parquet")
    (found["athlete"] / "_SUCCESS").touch()
    (found["athlete"] / "_temporary").mkdir()
    (found["athlete"] / "_temporary" / "half.parquet").write_bytes(b"PAR1")
    return found


@pytest.mark.usefixtures("small_buckets")
@pytest.mark.parametrize("name", ["file", "files", "month", "day", "athlete"])
def test_any_layout(name: str, days: pl.DataFrame, tmp_path: Path) -> None:
    place = layouts(days.sample(fraction=1.0, shuffle=True, seed=1), tmp_path)[name]
    local.run(place, tmp_path / "out", workers=1)
    assert verdicts_of(written(tmp_path / "out")).equals(judged(days))
    assert not (tmp_path / "out.side" / "spill").exists()


@pytest.mark.usefixtures("small_buckets")
def test_again_gives_the_same_bytes_and_nothing_new(days: pl.DataFrame, tmp_path: Path) -> None:
    days.write_parquet(tmp_path / "days.parquet")
    outs = [tmp_path / name for name in ("one", "other")]
    for out, workers in ((outs[0], 2), (outs[1], 1), (outs[0], 1)):
        local.run(tmp_path / "days.parquet", out, workers=workers)
    contents = [{file.relative_to(out): file.read_bytes() for file in sorted(out.rglob("*.*"))} for out in outs]
    assert contents[0] == contents[1]
    assert len(contents[0]) > 1


@pytest.mark.usefixtures("small_buckets")
def test_stopped_and_started_again(days: pl.DataFrame, tmp_path: Path) -> None:
    days.write_parquet(tmp_path / "days.parquet")

    class Stop(Exception):
        pass

    def stop(done: int, of: int) -> None:
        if done == 2:
            raise Stop

    with pytest.raises(Stop):
        local.run(tmp_path / "days.parquet", tmp_path / "out", workers=1, progress=stop)
    kept = {file: file.stat().st_mtime_ns for file in (tmp_path / "out").rglob("*.parquet")}
    assert len(kept) == 2
    local.run(tmp_path / "days.parquet", tmp_path / "out", workers=1)
    assert all(file.stat().st_mtime_ns == instant for file, instant in kept.items())
    assert verdicts_of(written(tmp_path / "out")).equals(judged(days))


@pytest.mark.slow
def test_killed_and_started_again(tmp_path: Path) -> None:
    days = made_days(700, 900, seed=3)
    days.write_parquet(tmp_path / "days.parquet")
    command = [sys.executable, "-m", "freshlegs.cli", "batch", "days.parquet", "out", "--json"]
    for pause_s in (1.5, 4.0, 7.0):
        running = subprocess.Popen(command, cwd=tmp_path, start_new_session=True, stdout=subprocess.DEVNULL)
        time.sleep(pause_s)
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
    document = json.loads(subprocess.run(command, cwd=tmp_path, check=True, capture_output=True).stdout)
    assert document["verdicts"] == days.height
    assert verdicts_of(written(tmp_path / "out")).equals(judged(days))


# --- bad rows ------------------------------------------------------------------------------------------------

BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"athlete": None}, "athlete", "no athlete"),
    ({"athlete": "  "}, "athlete", "no athlete"),
    ({"date": None}, "date", "no date"),
    ({"date": date(1066, 10, 14)}, "date", "no date a runner"),
    ({"energy": 42.0}, "energy", "between 0 and 10"),
    ({"load_lu": float("inf")}, "load_lu", "between 0 and"),
    ({"ill": "moon"}, "ill", "one of none"),
]


@pytest.mark.parametrize(("change", "column", "reason"), BAD)
def test_bad_rows_go_aside_with_their_reason(
    change: dict[str, Any], column: str, reason: str, days: pl.DataFrame, tmp_path: Path
) -> None:
    bad = {**days.row(100, named=True), "date": date(2023, 8, 1), **change}
    whole = pl.concat([days, pl.DataFrame([bad], schema=days.schema)])
    whole.write_parquet(tmp_path / "days.parquet")
    told = local.run(tmp_path / "days.parquet", tmp_path / "out", workers=1)
    aside = pl.read_parquet(tmp_path / "out.side" / "refused")
    assert aside["column"].to_list() == [column]
    assert reason in aside["reason"][0]
    assert told.refused == 1
    placed = column not in ("athlete", "date")
    kept = pl.concat([days, pl.DataFrame([{**bad, column: None}], schema=days.schema)]) if placed else days
    assert verdicts_of(written(tmp_path / "out")).equals(judged(kept))


def test_a_day_told_twice(days: pl.DataFrame) -> None:
    same, other = days.slice(5, 1), days.slice(70, 1).with_columns(energy=pl.lit(0.0))
    whole = pl.concat([days, same, other])
    refused = rows.sorted_out(whole)[1]
    assert refused["reason"].str.contains("same row").sum() == 1
    assert refused["reason"].str.contains("none is used").sum() == 2
    unknown = days.slice(70, 1).select("athlete", "date")
    assert verdicts_of(local.assess(whole).sort(KEY)).equals(judged(days.join(unknown, on=KEY, how="anti")))


def test_types_of_other_systems(days: pl.DataFrame) -> None:
    given = days.with_columns(
        pl.col("athlete").cast(pl.Categorical),
        pl.col("date").cast(pl.String),
        pl.col("energy").cast(pl.Float32),
        pl.col("soreness").round().cast(pl.Int8),
        pl.col("mood").cast(pl.String),
        pl.col("rmssd_ms").fill_null(float("nan")),
    )
    rounded = days.with_columns(pl.col("soreness").round(), pl.col("energy").cast(pl.Float32).cast(pl.Float64))
    assert verdicts_of(local.assess(given).sort(KEY)).equals(judged(rounded))


# --- what the command has to stand ---------------------------------------------------------------------------


def test_no_data_set_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_text("no Parquet")
    for place in ("x.parquet", "nowhere"):
        with pytest.raises(WrongRequest):
            local.run(tmp_path / place, tmp_path / "out")
    assert sorted(tmp_path.iterdir()) == [tmp_path / "x.parquet"]


def test_another_data_set_is_not_mixed_in(days: pl.DataFrame, tmp_path: Path) -> None:
    days.write_parquet(tmp_path / "days.parquet")
    local.run(tmp_path / "days.parquet", tmp_path / "out", workers=1)
    days.head(30).write_parquet(tmp_path / "days.parquet")
    with pytest.raises(WrongRequest, match="other data"):
        local.run(tmp_path / "days.parquet", tmp_path / "out", workers=1)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "thesis.txt").touch()
    with pytest.raises(WrongRequest, match="something else"):
        local.run(tmp_path / "days.parquet", tmp_path / "own", workers=1)


def test_no_rows(days: pl.DataFrame, tmp_path: Path) -> None:
    days.clear().write_parquet(tmp_path / "days.parquet")
    assert local.run(tmp_path / "days.parquet", tmp_path / "out").verdicts == 0
    assert written(tmp_path / "out").is_empty()


def test_profiles_count(tmp_path: Path) -> None:
    days = made_days(3, 90, seed=5)
    profiles = pl.DataFrame({"athlete": days["athlete"].unique(), "hr_medication": True})
    days.write_parquet(tmp_path / "days.parquet")
    local.run(tmp_path / "days.parquet", tmp_path / "out", profile=profiles)
    found = verdicts_of(written(tmp_path / "out"))
    assert found.equals(fl.assess(days, profiles).sort(KEY))
    assert not found.equals(judged(days))


# --- going on ------------------------------------------------------------------------------------------------


def split(days: pl.DataFrame, day: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    return days.filter(pl.col("date") < day), days.filter(pl.col("date") >= day)


@pytest.mark.usefixtures("small_buckets")
def test_new_days_alone_give_what_all_days_give(days: pl.DataFrame, tmp_path: Path) -> None:
    place, out = tmp_path / "in", tmp_path / "out"
    place.mkdir()
    newcomer = made_days(1, 20, seed=9).with_columns(athlete=pl.lit("zoe"), date=pl.col("date").dt.offset_by("45d"))
    whole = pl.concat([days, newcomer])
    cut = date(2023, 2, 20)
    before, after = split(whole.filter(pl.col("athlete") != "a003"), cut)
    before.filter(pl.col("athlete") != "zoe").write_parquet(place / "before.parquet")
    local.run(place, out, workers=1)
    pl.concat([after, whole.filter(pl.col("athlete") == "zoe", pl.col("date") < cut)]).write_parquet(
        place / "after.parquet"
    )
    told = local.run(place, out, since=date(2023, 2, 1), workers=1)
    everyone = judged(whole.filter(pl.col("athlete") != "a003"))
    assert verdicts_of(written(out)).equals(everyone)
    assert (told.verdicts, told.athletes) == (everyone.height, everyone["athlete"].n_unique())
    contents = {file: file.read_bytes() for file in out.rglob("*.parquet")}
    assert local.run(place, out, since=date(2023, 2, 1), workers=1) == told
    assert contents == {file: file.read_bytes() for file in out.rglob("*.parquet")}


@pytest.mark.usefixtures("small_buckets")
def test_going_on_stopped_in_the_middle(days: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place, out = tmp_path / "in", tmp_path / "out"
    place.mkdir()
    before, after = split(days, date(2023, 2, 25))
    before.write_parquet(place / "before.parquet")
    local.run(place, out, workers=1)
    after.write_parquet(place / "after.parquet")
    real, calls = record.Side.replace, [0]

    def failing(self: record.Side, target: Path, frame: pl.DataFrame) -> None:
        calls[0] += 1
        if calls[0] == 4:
            raise OSError(28, "No space left on device")
        real(self, target, frame)

    monkeypatch.setattr(record.Side, "replace", failing)
    with pytest.raises(NothingDone, match="No space left"):
        local.run(place, out, since=date(2023, 2, 25), workers=1)
    monkeypatch.setattr(record.Side, "replace", real)
    local.run(place, out, since=date(2023, 2, 25), workers=1)
    assert verdicts_of(written(out)).equals(judged(days))


def test_going_on_needs_a_batch_to_go_on_from(days: pl.DataFrame, tmp_path: Path) -> None:
    days.write_parquet(tmp_path / "days.parquet")
    with pytest.raises(WrongRequest, match="without --since first"):
        local.run(tmp_path / "days.parquet", tmp_path / "out", since=date(2023, 2, 1))
    local.run(tmp_path / "days.parquet", tmp_path / "out", workers=1)
    with pytest.raises(WrongRequest, match="other profiles"):
        local.run(tmp_path / "days.parquet", tmp_path / "out", since=date(2023, 2, 1), profile={"hr_medication": True})


# --- workers -------------------------------------------------------------------------------------------------


def test_a_worker_killed_in_the_middle(tmp_path: Path) -> None:
    days = made_days(1400, 300, seed=8)
    days.write_parquet(tmp_path / "days.parquet")
    with Workers(2) as hands:
        hands.begin("freshlegs.batch.local")
        hands._hands[0].process.kill()
        local.run(tmp_path / "days.parquet", tmp_path / "out", workers=hands)
    assert verdicts_of(written(tmp_path / "out")).equals(judged(days))


def test_a_script_without_a_main_guard(tmp_path: Path) -> None:
    days = made_days(700, 300, seed=8)
    days.write_parquet(tmp_path / "days.parquet")
    script = tmp_path / "script.py"
    script.write_text(
        "from freshlegs.batch import local\nprint(local.run('days.parquet', 'out', workers=2).verdicts)\n"
    )
    done = subprocess.run([sys.executable, script], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert int(done.stdout) == days.height


def test_where_no_process_may_be_begun_the_work_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with Workers(2) as hands:
        assert [done for _, done in hands.done(os.path.basename, ["a/b", "c/d"])] == ["b", "d"]


def test_what_a_worker_raises_is_raised_here() -> None:
    with Workers(2) as hands, pytest.raises(FileNotFoundError, match="nowhere"):
        list(hands.done(os.listdir, ["/nowhere", "/nowhere"]))


def test_workers_that_die_each_time_are_one_sentence() -> None:
    with Workers(2) as hands, pytest.raises(NothingDone, match="a worker died 3 times"):
        list(hands.done(os._exit, [1, 1, 1]))
