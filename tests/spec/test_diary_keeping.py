"""All of one's data out, saved, back, gone."""

import hashlib
import io
import json
import os
import shutil
import stat
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

import freshlegs as fl
from freshlegs.diary.labels import BESIDE
from freshlegs.problems import NothingDone, WrongRequest
from freshlegs.store import FILE_NAME
from freshlegs.store.originals import Originals
from freshlegs.synthetic import write_demo

DAY = date(2026, 5, 4)


def now() -> datetime:
    return datetime(2026, 5, 4, 7, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    write_demo(folder, DAY)
    for path in sorted((folder / "runs").iterdir())[:-15]:
        path.unlink()
    return folder


@pytest.fixture
def diary(tmp_path: Path, files: Path) -> Iterator[fl.Diary]:
    with fl.Diary.open(tmp_path / "home", now=now) as opened:
        opened.import_files(files)
        opened.check_in(DAY, energy=3, sleep_habits=["dark_room", "cool_room"], note="Heavy; very, «heavy».")
        opened.set_profile(hr_max_bpm=190, birth_date="1985-03-12")
        opened.edit_run(opened.runs()["id"][0], race=True)
        opened.today()
        yield opened


def seen(diary: fl.Diary) -> list[str]:
    tables = [diary.runs(), diary.nights(), diary.checkins(), diary.days()]
    return [frame.write_json() for frame in tables] + [json.dumps(diary.today()), str(diary.profile())]


def test_the_export_holds_everything_and_says_what_it_is(diary: fl.Diary, tmp_path: Path, files: Path) -> None:
    target = tmp_path / "all.zip"
    diary.export(target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with zipfile.ZipFile(target) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        for name, sha256 in manifest["files"].items():
            assert hashlib.sha256(archive.read(name)).hexdigest() == sha256
        for sha256 in manifest["originals"]:
            assert hashlib.sha256(archive.read(f"originals/{sha256}")).hexdigest() == sha256
        assert len(manifest["originals"]) == sum(path.is_file() for path in files.rglob("*"))
        for name, frame in (("runs", diary.runs()), ("nights", diary.nights()), ("days", diary.days())):
            table = pl.read_csv(archive.read(f"tables/{name}.csv"), infer_schema_length=None)
            assert table.columns == frame.columns
            assert table.height == frame.height
        checkins = pl.read_csv(io.BytesIO(archive.read("tables/checkins.csv")), infer_schema_length=None)
        last = checkins.row(-1, named=True)
        assert (last["date"], last["sleep_habits"], last["note"]) == (
            "2026-05-04",
            "dark_room;cool_room",
            "Heavy; very, «heavy».",
        )
        said = {key: value for key, value in diary.today().items() if key not in BESIDE}
        assert json.loads(archive.read("verdicts.json"))["days"] == [said]
        assert "original" in archive.read("README.txt").decode()


def test_a_backup_brings_everything_back_elsewhere_and_in_place(diary: fl.Diary, tmp_path: Path) -> None:
    before = seen(diary)
    diary.backup(tmp_path / "saved.zip")
    with fl.Diary.open(tmp_path / "new", now=now) as other:
        other.restore(tmp_path / "saved.zip")
        assert seen(other) == before
        assert other.activity(other.runs()["id"][-1]).records.height > 100
        assert sorted(path.name for path in other.home.iterdir() if FILE_NAME not in path.name) == ["originals"]

    extra = tmp_path / "extra.csv"
    extra.write_text("end_date_time,activity_names,perceived_exertion,duration_min\n2020-05-03T08:00:00.000Z,[],5,30\n")
    diary.import_files(extra)
    diary.check_in(DAY, energy=9)
    assert seen(diary) != before
    originals = len(list(diary.home.glob("originals/??/*")))
    with pytest.raises(WrongRequest, match="already holds a diary"):
        diary.restore(tmp_path / "saved.zip")
    diary.restore(tmp_path / "saved.zip", replace=True)
    assert seen(diary) == before
    assert len(list(diary.home.glob("originals/??/*"))) == originals - 1  # what the backup does not know is gone
    assert diary._store.check() == []


def test_an_export_can_be_restored_with_all_that_was_done_by_hand(diary: fl.Diary, tmp_path: Path) -> None:
    diary.set_profile(hr_max_bpm=191)
    ids = diary.runs()["id"]
    diary.edit_run(ids[0], rpe=9)
    diary.delete_run(ids[1])
    diary.export(tmp_path / "all.zip")
    with fl.Diary.open(tmp_path / "elsewhere", now=diary._now) as other:
        other.restore(tmp_path / "all.zip")
        assert seen(other) == seen(diary)
        assert other.profile() == diary.profile()
        assert other.today() == diary.today()


def test_an_export_read_as_files_makes_nothing_twice(diary: fl.Diary, tmp_path: Path) -> None:
    diary.export(tmp_path / "all.zip")
    with fl.Diary.open(tmp_path / "elsewhere", now=diary._now) as other:
        other.import_files(tmp_path / "all.zip")
        assert other.nights().height == diary.nights().height
        assert other.runs().height == diary.runs().height
        assert other.checkins().height == diary.checkins().height


def spoil(path: Path, how: str) -> None:
    if how == "cut short":
        path.write_bytes(path.read_bytes()[:-1000])
    elif how == "no zip":
        path.write_text("hello")
    else:
        with zipfile.ZipFile(path) as archive:
            held = {name: archive.read(name) for name in archive.namelist()}
        if how == "another zip":
            held = {"hello.txt": b"hello"}
        elif how == "an original changed":
            held[next(name for name in held if name.startswith("originals/"))] += b"."
        elif how == "an original missing":
            manifest = json.loads(held["manifest.json"])
            manifest["originals"].popitem()
            held["manifest.json"] = json.dumps(manifest).encode()
        elif how == "names that lead out":
            manifest = json.loads(held["manifest.json"])
            manifest["originals"]["../../out"] = "x"
            held["manifest.json"], held["originals/../../out"] = json.dumps(manifest).encode(), b"x"
        elif how == "of another program":
            held["manifest.json"] = held["manifest.json"].replace(b"freshlegs backup", b"another backup")
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in held.items():
                archive.writestr(name, data)


@pytest.mark.parametrize(
    "how",
    [
        "cut short",
        "no zip",
        "another zip",
        "an original changed",
        "an original missing",
        "names that lead out",
        "of another program",
    ],
)
def test_a_spoilt_backup_changes_nothing(diary: fl.Diary, tmp_path: Path, how: str) -> None:
    diary.backup(tmp_path / "saved.zip")
    spoil(tmp_path / "saved.zip", how)
    diary.check_in(DAY, energy=9)
    before = seen(diary)
    with pytest.raises(NothingDone, match="backup"):
        diary.restore(tmp_path / "saved.zip", replace=True)
    assert seen(diary) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "saved.zip"]
    assert not list(diary.home.glob("restoring*"))


def test_a_damaged_diary_can_be_restored_and_erased(diary: fl.Diary, tmp_path: Path) -> None:
    before = seen(diary)
    diary.backup(tmp_path / "saved.zip")
    diary.close()
    (diary.home / FILE_NAME).write_bytes(os.urandom(100_000))
    with pytest.raises(NothingDone, match="damaged"):
        fl.Diary.open(diary.home)
    with pytest.raises(NothingDone, match="damaged"):
        fl.Diary.restore_home(diary.home, tmp_path / "saved.zip")
    fl.Diary.restore_home(diary.home, tmp_path / "saved.zip", replace=True)
    with fl.Diary.open(diary.home, now=now) as again:
        assert seen(again) == before
    assert len(list(diary.home.glob("damaged-*"))) == 1
    (diary.home / FILE_NAME).write_bytes(os.urandom(100_000))
    fl.Diary.erase_home(diary.home)
    assert not diary.home.exists()


def test_erasing_leaves_nothing_of_ours_and_everything_of_others(diary: fl.Diary, tmp_path: Path) -> None:
    (diary.home / "letter.txt").write_text("mine")
    diary.erase()
    assert [path.name for path in diary.home.rglob("*")] == ["letter.txt"]
    with pytest.raises(NothingDone, match="no diary"):
        fl.Diary.erase_home(diary.home)
    with fl.Diary.open(tmp_path / "bare") as bare:
        bare.erase()
    assert not (tmp_path / "bare").exists()


def test_what_another_program_wrote_after_erasing_can_be_erased(diary: fl.Diary, tmp_path: Path) -> None:
    originals = Originals(diary.home)
    diary.erase()
    originals.keep([(hashlib.sha256(b"late").hexdigest(), b"late")])
    with pytest.raises(NothingDone, match="erase it once more"):
        fl.Diary.open(diary.home)
    fl.Diary.erase_home(diary.home)
    assert not diary.home.exists()


def test_a_folder_of_somebody_elses_originals_becomes_no_diary(tmp_path: Path) -> None:
    (tmp_path / "originals").mkdir()
    with pytest.raises(NothingDone, match="choose another folder"):
        fl.Diary.open(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["originals"]


def test_a_zip_appears_whole_or_not_at_all(diary: fl.Diary, tmp_path: Path) -> None:
    for target, told in ((tmp_path, "is a folder"), (tmp_path / "no" / "x.zip", "no folder")):
        with pytest.raises(WrongRequest, match=told):
            diary.backup(target)
    shutil.rmtree(diary.home / "originals")
    (tmp_path / "saved.zip").write_text("an older backup")
    with pytest.raises(NothingDone, match="is missing"):
        diary.backup(tmp_path / "saved.zip")
    assert (tmp_path / "saved.zip").read_text() == "an older backup"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "saved.zip"]
    with pytest.raises(WrongRequest, match="no file"):
        diary.restore(tmp_path / "none.zip", replace=True)
