"""A real Spark: two executors, each a process of its own, judge as one process does."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.conformance.panels import panels

import freshlegs as fl
from freshlegs.problems import WrongRequest
from freshlegs.synthetic import made_days

pyspark_sql = pytest.importorskip("pyspark.sql", reason="PySpark is not there: make test-spark brings it")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("java") is None, reason="there is no Java: install a JRE 17 or newer"),
]

KEY = ("athlete", "date")


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    os.environ |= {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_HOSTNAME": "localhost"}
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.executor.memory": "1500m",
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "50",  # so that athletes lie across batches
    }
    builder = pyspark_sql.SparkSession.builder.master("local-cluster[2,1,2048]")
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


def of(spark: Any, days: pl.DataFrame, place: Path) -> Any:
    days.write_parquet(place)
    return spark.read.parquet(str(place))


def collected(frame: Any) -> pl.DataFrame:
    found = pl.from_arrow(frame.toArrow())
    assert isinstance(found, pl.DataFrame)
    return found


def test_two_executors(spark: Any) -> None:
    for _ in range(120):
        if len(executors()) == 2:
            return
        time.sleep(1.0)
    raise AssertionError(executors())


@pytest.mark.parametrize("name", panels())
def test_equal_to_assess(name: str, spark: Any, tmp_path: Path) -> None:
    from freshlegs.batch import spark as on_spark

    days = panels()[name]
    found = collected(on_spark.assess(of(spark, days, tmp_path / "days.parquet"), partitions=3)).sort(KEY)
    assert found.drop("schema_version", "parameters").equals(fl.assess(days).sort(KEY))


def test_lazily_and_with_empty_partitions(spark: Any, tmp_path: Path) -> None:
    from freshlegs.batch import spark as on_spark

    days = panels()["one day"].head(1)
    given = of(spark, days, tmp_path / "days.parquet").repartition(5)
    jobs = spark.sparkContext.statusTracker().getJobIdsForGroup
    before = len(jobs(None))
    verdicts = on_spark.assess(given, partitions=40)
    assert len(jobs(None)) == before
    assert collected(verdicts).height == 1
    assert len(jobs(None)) > before


def test_what_is_set_aside_is_what_one_process_sets_aside(spark: Any, tmp_path: Path) -> None:
    from freshlegs.batch import spark as on_spark
    from freshlegs.batch.rows import sorted_out

    days = made_days(5, 40, seed=1)
    bad = pl.concat(
        [days.head(2), days.slice(50, 1).with_columns(athlete=pl.lit(None, pl.String), energy=pl.lit(11.0))]
    )
    whole = pl.concat([days, bad])
    found = collected(on_spark.refused(of(spark, whole, tmp_path / "days.parquet"))).sort(pl.all())
    assert found.equals(sorted_out(whole)[1].sort(pl.all()))


def test_from_parquet_to_parquet_in_waves(spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from freshlegs.batch import spark as on_spark
    from freshlegs.batch import spark_run

    days = made_days(8, 50, seed=4)
    days.write_parquet(tmp_path / "days.parquet")
    monkeypatch.setattr(spark_run, "ROWS_A_WAVE", 200)
    places = str(tmp_path / "days.parquet"), str(tmp_path / "out")

    class Stop(Exception):
        pass

    def stop(done: int, of: int) -> None:
        raise Stop

    with pytest.raises(Stop):
        on_spark.run(*places, session=spark, progress=stop)
    first = {file: file.stat().st_mtime_ns for file in (tmp_path / "out").rglob("*.parquet")}
    counts = on_spark.run(*places, session=spark)
    assert counts == {"athletes": 8, "verdicts": days.height, "refused": 0}
    assert all(file.stat().st_mtime_ns == instant for file, instant in first.items())
    assert written(tmp_path / "out").equals(fl.assess(days).sort(KEY))


def written(out: Path) -> pl.DataFrame:
    found = pl.read_parquet(out / "**" / "*.parquet", hive_partitioning=False).sort(KEY)
    return found.drop("schema_version", "parameters")


def test_new_days_alone_give_what_all_days_give(spark: Any, tmp_path: Path) -> None:
    from freshlegs.batch import spark as on_spark

    made = made_days(8, 60, seed=4)
    first, second, third = date(2023, 2, 10), date(2023, 2, 20), date(2023, 2, 21)
    who, day = pl.col("athlete"), pl.col("date")
    # One comes later, one has no new day, one never answered anything: another layout of the carry.
    made = made.filter((who != "a1") | (day >= second), (who != "a2") | (day < first))
    bare = made.filter(who == "a3").select("athlete", "date", "load_lu").with_columns(athlete=pl.lit("bare"))
    whole = pl.concat([made, bare], how="diagonal")
    place, out = tmp_path / "days", str(tmp_path / "out")
    place.mkdir()
    whole.filter(day < first).write_parquet(place / "0.parquet")
    with pytest.raises(WrongRequest, match="without --since first"):
        on_spark.run(str(place), out, session=spark, since=first)
    on_spark.run(str(place), out, session=spark)
    for number, (since, until) in enumerate(((first, second), (second, third), (third, date(2024, 1, 1)))):
        whole.filter(day >= since, day < until).write_parquet(place / f"{number + 1}.parquet")
        counts = on_spark.run(str(place), out, session=spark, since=since)
    assert counts == {"athletes": 9, "verdicts": fl.assess(whole).height, "refused": 0}
    assert written(tmp_path / "out").equals(fl.assess(whole).sort(KEY))
    assert on_spark.run(str(place), out, session=spark, since=third) == counts
    with pytest.raises(WrongRequest, match="other profiles"):
        on_spark.run(str(place), out, session=spark, since=third, profile={"hr_medication": True})


def test_an_executor_killed_in_the_middle(spark: Any, tmp_path: Path) -> None:
    from freshlegs.batch import spark as on_spark

    days = made_days(900, 300, seed=6)
    verdicts = on_spark.assess(of(spark, days, tmp_path / "days.parquet"), partitions=6)
    victim, ended = executors()[0], threading.Event()
    killed: list[bool] = []

    def kill() -> None:
        while not ended.is_set() and not judging(spark):
            time.sleep(0.01)
        os.kill(victim, signal.SIGKILL)
        killed.append(not ended.is_set())

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        found = collected(verdicts).sort(KEY)
    finally:
        ended.set()
        killer.join()
    assert killed == [True]
    assert victim not in executors()
    assert found.drop("schema_version", "parameters").equals(fl.assess(days).sort(KEY))


def judging(spark: Any) -> bool:
    """Whether the stage with a task for each of the six partitions has both executors at work."""
    tracker = spark.sparkContext.statusTracker()
    stages = [tracker.getStageInfo(number) for number in tracker.getActiveStageIds()]
    return any(stage is not None and stage.numTasks == 6 and stage.numActiveTasks == 2 for stage in stages)


def executors() -> list[int]:
    """The processes of this Spark's executors, whatever else runs beside it."""
    told = subprocess.run(["ps", "-wweo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    lines = [line.split(maxsplit=2) for line in told.splitlines()[1:]]
    parent = {int(pid): int(above) for pid, above, _ in lines}

    def is_mine(pid: int) -> bool:
        while pid in parent and pid != os.getpid():
            pid = parent[pid]
        return pid == os.getpid()

    found = [int(pid) for pid, _, args in lines if "CoarseGrainedExecutorBackend" in args]
    return [pid for pid in found if is_mine(pid)]
