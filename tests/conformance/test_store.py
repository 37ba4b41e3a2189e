"""What every store has to do; a new one is one more line in STORES."""

import hashlib
import json
import os
import shutil
import sqlite3
import stat
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from freshlegs import tables
from freshlegs.problems import NothingDone, Problem
from freshlegs.store import FILE_NAME, Edit, KeptVerdict, Label, NewFile, NewSession, Store, run_id, schema
from freshlegs.store.contract import ANSWERS, NIGHTS, SESSIONS
from freshlegs.store.sqlite import SQLiteStore

Opener = Callable[[Path], Store]
STORES: dict[str, Opener] = {"sqlite": SQLiteStore}

DAWN = datetime(2026, 5, 4, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(params=list(STORES))
def opener(request: pytest.FixtureRequest) -> Opener:
    return STORES[request.param]


@pytest.fixture
def store(opener: Opener, tmp_path: Path) -> Iterator[Store]:
    made = opener(tmp_path / "home")
    yield made
    made.close()


def value_of(column: tables.Column) -> Any:
    """Some allowed value of a column that survives no sloppy conversion."""
    if column.choices:
        return list(column.choices[:2]) if column.dtype == tables.WORDS else column.choices[0]
    return {
        tables.NUMBER: (column.low or 0) + 0.1 + 0.2,
        tables.INSTANT: datetime(2026, 5, 3, 23, 59, 59, 999_999, tzinfo=UTC),
        tables.DAY: date(2026, 2, 28),
        tables.YES_NO: False,
        tables.TEXT: "Ærlig talt: «0»",
    }[column.dtype]


def full_row(table: tables.Table) -> dict[str, Any]:
    return {column.name: value_of(column) for column in table.columns if column.name != "athlete"}


def new_file(data: bytes = b"one", *, start: datetime = DAWN, **more: Any) -> NewFile:
    session = NewSession(0, {"start_utc": start, "elapsed_s": 600.0}, b"facts of " + data, 600, True, False, "k")
    given: dict[str, Any] = {
        "sha256": hashlib.sha256(data).hexdigest(),
        "name": "some/run.fit",
        "kind": "FIT",
        "size_b": len(data),
        "status": "read",
        "reader": "1",
        "data": data,
        "sessions": [session],
    }
    return NewFile(**(given | more))


def test_what_goes_in_comes_out_the_same(store: Store) -> None:
    run, night, morning = full_row(tables.RUNS), full_row(tables.NIGHTS), full_row(tables.CHECKINS)
    problem = Problem("some/run.fit", "byte 7", "odd", refused=False)
    file = new_file(
        sessions=[NewSession(3, run, b"\0facts", 42, True, False, "key")],
        nights=[night],
        answers=[morning],
        profile={"birth_date": date(1985, 3, 12), "height_cm": 171.5, "hr_medication": False},
        problems=(problem,),
    )
    assert store.add_files([file], DAWN) == [True]

    sessions = store.sessions()
    assert dict(sessions.schema) == SESSIONS
    row = sessions.to_dicts()[0]
    assert {name: row[name] for name in run} == run
    assert (row["session"], row["samples"], row["has_hr"], row["has_gps"], row["samples_key"]) == (
        3,
        42,
        True,
        False,
        "key",
    )
    assert row["id"] == run_id(file.sha256, 3)
    assert store.facts() == store.facts([row["id"]]) == {row["id"]: b"\0facts"}
    assert dict(store.nights().schema) == NIGHTS
    assert store.nights().to_dicts() == [night]
    assert dict(store.answers().schema) == ANSWERS
    assert {k: v for k, v in store.answers().to_dicts()[0].items() if k in morning} == morning
    assert store.profile() == {"birth_date": date(1985, 3, 12), "height_cm": 171.5, "hr_medication": False}
    assert store.original(file.sha256) == b"one"
    entry = store.files()[file.sha256]
    assert (entry.name, entry.kind, entry.status, entry.problems, entry.known_utc) == (
        "some/run.fit",
        "FIT",
        "read",
        (problem,),
        DAWN,
    )
    assert store.check() == []


def test_an_empty_store_gives_empty_tables_of_the_right_shape(store: Store) -> None:
    assert dict(store.sessions().schema) == SESSIONS
    assert dict(store.nights().schema) == NIGHTS
    assert dict(store.answers().schema) == ANSWERS
    assert store.began() is store.newest() is store.newest(DAWN) is None
    assert store.happenings().is_empty()
    assert store.withdraw_answer(None, DAWN) is None
    with pytest.raises(KeyError):
        store.original("0" * 64)


def test_a_file_is_kept_once_and_a_refused_one_can_still_become_read(store: Store) -> None:
    refused = new_file(status="refused", sessions=[], problems=(Problem("x", "", "no", refused=True),))
    assert store.add_files([refused], DAWN) == [True]
    assert store.files()[refused.sha256].status == "refused"
    assert store.add_files([new_file()], DAWN + HOUR) == [True]
    assert store.add_files([new_file(), refused], DAWN + 2 * HOUR) == [False, False]
    entry = store.files()[refused.sha256]
    assert (entry.status, entry.known_utc) == ("read", DAWN + HOUR)
    assert store.sessions().height == 1


def test_a_batch_with_an_impossible_file_is_not_kept_at_all(store: Store) -> None:
    twice = [NewSession(0, {"start_utc": DAWN}), NewSession(0, {"start_utc": DAWN})]
    with pytest.raises(NothingDone):
        store.add_files([new_file(b"good"), new_file(b"bad", sessions=twice)], DAWN)
    assert store.files() == {}
    assert store.sessions().is_empty()
    store.add_files([new_file(b"good")], DAWN)  # and it goes on working
    assert store.sessions().height == 1


def test_a_read_as_of_an_instant_knows_nothing_later(store: Store) -> None:
    day = date(2026, 5, 4)
    store.add_files([new_file(b"a")], DAWN)
    store.add_files([new_file(b"b", nights=[{"date": day, "source": "w", "sleep_s": 1.0}])], DAWN + HOUR)
    store.add_answer(day, {"energy": 4.0}, DAWN + HOUR)
    store.withdraw_answer(day, DAWN + 3 * HOUR)
    store.set_profile({"units": "metric"}, DAWN + HOUR)
    store.add_edits([Edit("x", "race", True)], DAWN + HOUR)

    def seen(before: datetime | None) -> tuple[int, ...]:
        return (
            store.sessions(before).height,
            store.nights(before).height,
            store.answers(before).height,
            len(store.profile(before)),
            len(store.edits(before)),
        )

    assert seen(DAWN) == (0, 0, 0, 0, 0)
    assert seen(DAWN + HOUR) == (1, 0, 0, 0, 0)
    assert seen(DAWN + 2 * HOUR) == (2, 1, 1, 1, 1)
    assert seen(DAWN + 3 * HOUR) == (2, 1, 1, 1, 1)  # taken back at that instant, so still there before it
    assert seen(DAWN + 4 * HOUR) == seen(None) == (2, 1, 0, 1, 1)


def test_typed_beats_imported_and_later_beats_earlier(store: Store) -> None:
    store.set_profile({"weight_kg": 60.0, "units": "metric"}, DAWN)
    store.add_files([new_file(profile={"weight_kg": 61.0, "height_cm": 170.0})], DAWN + HOUR)
    store.set_profile({"units": "imperial"}, DAWN + HOUR)
    assert store.profile() == {"weight_kg": 60.0, "height_cm": 170.0, "units": "imperial"}
    store.set_profile({"weight_kg": None}, DAWN + HOUR)
    assert "weight_kg" not in store.profile()


def test_taking_back_takes_the_last_typed_answer_only(store: Store) -> None:
    monday, tuesday = date(2026, 5, 4), date(2026, 5, 5)
    store.add_files([new_file(answers=[{"date": monday, "energy": 9.0}])], DAWN)
    store.add_answer(monday, {"energy": 4.0, "rpe": 6.0}, DAWN)
    store.add_answer(tuesday, {"mood": 4.0, "note": None}, DAWN)
    assert store.answers()["cleared"].to_list() == [None, None, ["note"]]
    assert store.withdraw_answer(monday, DAWN + HOUR) == {"date": monday, "energy": 4.0, "rpe": 6.0}
    assert store.withdraw_answer(monday, DAWN + HOUR) is None
    assert store.withdraw_answer(None, DAWN + HOUR) == {"date": tuesday, "mood": 4.0}
    assert store.answers()["said_by"].to_list() == ["imported"]


def test_verdicts_and_column_maps_are_replaced_by_later_ones(store: Store) -> None:
    day = date(2026, 5, 4)
    store.keep_verdicts([KeptVerdict(day, '{"a": 1}', DAWN + HOUR)])
    store.keep_verdicts([KeptVerdict(day, '{"a": 0}', DAWN)])  # made earlier, kept later: by another process
    assert store.verdicts(day, day) == {day: KeptVerdict(day, '{"a": 1}', DAWN + HOUR)}
    assert store.verdicts(day + timedelta(days=1), day + timedelta(days=9)) == {}
    store.keep_column_map("mine", {"date": "Dato"}, DAWN)
    store.keep_column_map("mine", {"date": "Tag"}, DAWN)
    assert store.column_maps() == {"mine": {"date": "Tag"}}


def test_happenings_say_what_bears_on_which_day(store: Store) -> None:
    late = datetime(2026, 5, 4, 22, 30, tzinfo=UTC)
    here = NewSession(0, {"start_utc": late, "utc_offset_s": 7200.0})
    nowhere = NewSession(1, {"start_utc": late - 15 * HOUR})
    night = {"date": date(2026, 5, 2), "source": "w", "sleep_s": 1.0}
    store.add_files([new_file(sessions=[here, nowhere], nights=[night])], DAWN)
    run = run_id(new_file().sha256, 0)
    store.add_answer(date(2026, 5, 1), {"energy": 4.0}, DAWN + HOUR)
    store.withdraw_answer(None, DAWN + 2 * HOUR)
    store.add_edits([Edit(run, "race", True), Edit(run, "start_utc", late)], DAWN + 3 * HOUR)
    store.set_profile({"units": "metric"}, DAWN + 4 * HOUR)
    assert store.happenings().rows() == [
        ("night", date(2026, 5, 2), DAWN),
        ("run", date(2026, 5, 3), DAWN),  # without an offset it may have been on the 3rd
        ("run", date(2026, 5, 5), DAWN),  # 00:30 on the 5th where the runner was
        ("answer", date(2026, 5, 1), DAWN + HOUR),
        ("answer", date(2026, 5, 1), DAWN + 2 * HOUR),
        ("edit", None, DAWN + 3 * HOUR),  # the start was changed: any day may be meant
        ("edit", date(2026, 5, 5), DAWN + 3 * HOUR),
        ("profile", None, DAWN + 4 * HOUR),
    ]
    assert store.began() == DAWN
    assert store.newest() == DAWN + 4 * HOUR
    assert store.newest(DAWN + 3 * HOUR) == DAWN + 2 * HOUR


def test_labels_are_kept_in_order_and_go_with_the_answer_they_came_with(store: Store) -> None:
    day = date(2026, 5, 1)
    watch, wrong = (Label("looking_back", day, answer, "watch") for answer in ("right", "wrong"))
    store.add_answer(day, {"looking_back": "right"}, DAWN, [watch])
    store.add_answer(day, {"looking_back": "wrong"}, DAWN + HOUR, [wrong])
    stretch = Label("stretch", day, "yes", "0.41", day + timedelta(days=9))
    store.add_labels([stretch], DAWN + 2 * HOUR)
    assert [(one.kind, one.answer, one.about, one.until, one.known_utc) for one in store.labels()] == [
        ("looking_back", "right", "watch", None, DAWN),
        ("looking_back", "wrong", "watch", None, DAWN + HOUR),
        ("stretch", "yes", "0.41", day + timedelta(days=9), DAWN + 2 * HOUR),
    ]
    store.withdraw_answer(day, DAWN + 3 * HOUR)
    assert [one.answer for one in store.labels()] == ["right", "yes"]
    assert [one.answer for one in store.labels(DAWN + 2 * HOUR)] == ["right", "wrong"]


def test_a_cause_and_an_interview_bear_on_verdicts_other_labels_do_not(store: Store) -> None:
    day = date(2026, 5, 1)
    store.add_labels([Label("interview", day, "{}")], DAWN)
    store.add_labels([Label("cause", day, "confirmed", "sleep"), Label("stretch", day, "no", None, day)], DAWN + HOUR)
    assert store.happenings().rows() == [("interview", day, DAWN), ("cause", day, DAWN + HOUR)]
    assert store.began() == DAWN
    assert store.newest() == DAWN + HOUR
    assert store.newest(DAWN + HOUR) == DAWN


def test_the_states_told_are_read_without_the_documents(store: Store) -> None:
    day = date(2026, 5, 4)
    store.keep_verdicts([KeptVerdict(day, '{"state": "watch", "signs": []}', DAWN)])
    assert store.told_states(day, day) == {day: "watch"}
    assert store.told_states(day + timedelta(days=1), day + timedelta(days=9)) == {}


def test_facts_can_be_replaced(store: Store) -> None:
    store.add_files([new_file()], DAWN)
    run = run_id(new_file().sha256, 0)
    store.keep_facts({run: b"newer"})
    assert store.facts() == {run: b"newer"}


def test_two_open_stores_see_each_other(opener: Opener, tmp_path: Path) -> None:
    one, other = opener(tmp_path / "home"), opener(tmp_path / "home")
    one.add_files([new_file()], DAWN)
    assert other.sessions().height == 1
    assert other.add_files([new_file()], DAWN) == [False]
    one.close()
    other.close()
    other.close()


def test_the_revision_changes_with_whoever_keeps_something_and_with_nothing_else(
    opener: Opener, tmp_path: Path
) -> None:
    one, other = opener(tmp_path / "home"), opener(tmp_path / "home")
    before = one.revision()
    one.sessions()
    other.sessions()
    assert one.revision() == before
    other.add_files([new_file()], DAWN)
    by_another = one.revision()
    assert by_another != before
    one.set_profile({"hr_max_bpm": 190.0}, DAWN)
    assert one.revision() not in (before, by_another)
    one.close()
    other.close()


def test_a_changed_or_missing_original_is_noticed(store: Store) -> None:
    store.add_files([new_file(b"one"), new_file(b"two")], DAWN)
    one, two = (store.home / "originals" / s[:2] / s for s in store.files())
    one.write_bytes(b"onE")
    two.unlink()
    assert [sentence.split()[-1] for sentence in store.check()] == ["kept.", "missing."]


# --- SQLite alone -----------------------------------------------------------------------------------------


def columns_of(path: Path) -> dict[str, set[tuple[str, str]]]:
    with sqlite3.connect(path) as db:
        return {
            name: {(row[1], row[2]) for row in db.execute(f"PRAGMA table_info({name})")}
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }


def home_of_version(home: Path, version: int, without: str = "") -> None:
    """A home as the program of that version made it, with a run in it; ``without``: a column declared since."""
    home.mkdir()
    with sqlite3.connect(home / FILE_NAME) as db:
        for statements in schema.MIGRATIONS[:version]:
            for statement in statements:
                db.execute(statement)
        there = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
        for table, declared in schema.DECLARED.items():
            for column in declared:
                if column.name != without and table in there:
                    db.execute(f'ALTER TABLE {table} ADD COLUMN "{column.name}" {schema.sql_type(column)}')
        db.execute(f"PRAGMA user_version = {version}")
        db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        db.execute("INSERT INTO files VALUES (1, 'ab', 'n', 'FIT', 3, 'read', '1', '[]', 5)")
        db.execute(
            "INSERT INTO sessions (id, file_id, session, known_us, samples, has_hr, has_gps, start_utc)"
            " VALUES ('r', 1, 0, 5, 0, 0, 0, 1000000)"
        )


@pytest.mark.parametrize("version", range(1, len(schema.MIGRATIONS) + 1))
def test_a_home_of_any_earlier_version_opens_with_its_rows(tmp_path: Path, version: int) -> None:
    home_of_version(tmp_path / "old", version, without="temperature_c")
    SQLiteStore(tmp_path / "new").close()
    old = SQLiteStore(tmp_path / "old")
    assert old.sessions()["start_utc"].to_list() == [datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)]
    old.close()
    assert columns_of(tmp_path / "old" / FILE_NAME) == columns_of(tmp_path / "new" / FILE_NAME)


def test_a_migration_happens_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home_of_version(tmp_path / "home", 1)
    second = ("ALTER TABLE files ADD COLUMN colour TEXT", "INSERT INTO nowhere VALUES (1)")
    monkeypatch.setattr(schema, "MIGRATIONS", (schema.FIRST, second))
    with pytest.raises(NothingDone):
        SQLiteStore(tmp_path / "home")
    assert "colour" not in str(columns_of(tmp_path / "home" / FILE_NAME))
    monkeypatch.setattr(schema, "MIGRATIONS", (schema.FIRST, second[:1]))
    SQLiteStore(tmp_path / "home").close()
    assert "colour" in str(columns_of(tmp_path / "home" / FILE_NAME))
    monkeypatch.setattr(schema, "MIGRATIONS", (schema.FIRST,))
    with pytest.raises(NothingDone, match="newer Freshlegs"):
        SQLiteStore(tmp_path / "home")


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        db.execute("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(NothingDone, match="not a Freshlegs diary"):
        SQLiteStore(tmp_path)
    assert set(columns_of(tmp_path / FILE_NAME)) == {"recipes"}


@pytest.mark.parametrize("moment", range(1, 4))
def test_a_diary_that_another_process_makes_meanwhile_is_that_diary(tmp_path: Path, moment: int) -> None:
    class Interrupted(sqlite3.Connection):
        """A connection between whose statements another process makes the diary."""

        said = 0

        def execute(self, *asked: Any) -> sqlite3.Cursor:
            if self.said == moment:
                SQLiteStore(tmp_path).close()
            self.said += 1
            return super().execute(*asked)

    sqlite3.connect(tmp_path / FILE_NAME).close()
    connection = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None, factory=Interrupted)
    schema.bring_up(connection)
    connection.close()
    SQLiteStore(tmp_path).close()


def test_only_the_owner_may_look(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a" / "home")
    store.add_files([new_file()], DAWN)
    assert stat.S_IMODE(store.home.stat().st_mode) == 0o700
    for path in store.home.rglob("*"):
        if path.is_file():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
        else:
            assert stat.S_IMODE(path.stat().st_mode) == 0o700, path
    store.close()


def test_a_damaged_database_is_one_sentence(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path)
    store.add_files([new_file(bytes([n]), start=DAWN + n * HOUR) for n in range(200)], DAWN)
    store.close()
    path = tmp_path / FILE_NAME
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + os.urandom(len(whole) - 4096))
    with pytest.raises(NothingDone, match="damaged"):
        SQLiteStore(tmp_path).sessions()
    path.write_bytes(b"no database at all, just some text that somebody put here" * 100)
    with pytest.raises(NothingDone, match="damaged"):
        SQLiteStore(tmp_path)


def test_a_locked_database_is_one_sentence_and_can_still_be_read(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path, busy_s=0.05)
    with sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(NothingDone, match="in use by another program"):
            store.add_files([new_file()], DAWN)
        assert store.sessions().is_empty()
        other.execute("ROLLBACK")
    assert store.add_files([new_file()], DAWN) == [True]
    store.close()


def test_a_file_in_the_place_of_the_home_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("hello")
    with pytest.raises(NothingDone, match="needs a folder"):
        SQLiteStore(tmp_path / "home")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of 1 MB."""
    at = tmp_path / "disk"
    at.mkdir()
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None:
        pytest.skip("needs the right to mount a small disk")
    if subprocess.run([mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", at], capture_output=True).returncode:
        pytest.skip("this machine does not let us mount a small disk")
    yield at
    subprocess.run(["umount", at], check=True)


def test_a_full_disk_is_one_sentence_and_leaves_nothing_half_written(small_disk: Path) -> None:
    store = SQLiteStore(small_disk / "home")
    store.add_files([new_file(b"small")], DAWN)
    with pytest.raises(NothingDone, match="is full"):
        store.add_files([new_file(b"huge" * 500_000, start=DAWN + HOUR)], DAWN)
    many = [NewSession(n, {"start_utc": DAWN + n * HOUR, "sport": "running"}, os.urandom(900)) for n in range(2_000)]
    with pytest.raises(NothingDone, match="full"):
        store.add_files([new_file(b"many", sessions=many)], DAWN)
    store.close()
    again = SQLiteStore(small_disk / "home")
    assert again.sessions().height == 1
    assert again.check() == []
    assert [p.name for p in (small_disk / "home" / "originals" / "unfinished").iterdir()] == []
    again.add_answer(date(2026, 5, 4), {"energy": 5.0}, DAWN)
    again.close()


def test_a_home_that_cannot_be_written_is_one_sentence(small_disk: Path) -> None:
    store = SQLiteStore(small_disk / "home")
    store.add_files([new_file()], DAWN)
    store.close()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(NothingDone, match="cannot be written"):
        SQLiteStore(small_disk / "home").add_answer(date(2026, 5, 4), {"energy": 5.0}, DAWN)
    with pytest.raises(NothingDone, match="cannot be written"):
        SQLiteStore(small_disk / "other")


def test_a_limit_on_file_sizes_is_one_sentence_too(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    signal = pytest.importorskip("signal")
    store = SQLiteStore(tmp_path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, before[1]))
    try:
        with pytest.raises(NothingDone, match="full"):
            store.add_files([new_file(b"x" * 500_000)], DAWN)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert store.sessions().is_empty()
    assert store.add_files([new_file(b"x" * 500_000)], DAWN) == [True]
    store.close()


def test_the_copy_is_whole_while_others_write(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "home")
    store.add_files([new_file()], DAWN)
    with sqlite3.connect(tmp_path / "home" / FILE_NAME, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE files SET name = 'half done'")
        (tmp_path / "copy").mkdir()
        store.copy_to(tmp_path / "copy" / FILE_NAME)
        other.execute("ROLLBACK")
    store.close()
    copy = SQLiteStore(tmp_path / "copy")
    assert [entry.name for entry in copy.files().values()] == ["some/run.fit"]
    copy.close()


def test_dates_are_text_and_instants_are_microseconds(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path)
    store.add_files([new_file(nights=[{"date": date(2026, 5, 4), "source": "w", "sleep_s": 1.0}])], DAWN)
    store.close()
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        assert db.execute("SELECT date FROM nights").fetchone() == ("2026-05-04",)
        assert db.execute("SELECT start_utc FROM sessions").fetchone() == (round(DAWN.timestamp() * 1e6),)
        assert json.loads(db.execute("SELECT problems FROM files").fetchone()[0]) == []


def test_frames_keep_missing_and_zero_apart(store: Store) -> None:
    store.add_files([new_file(sessions=[NewSession(0, {"start_utc": DAWN, "climb_m": 0.0, "race": False})])], DAWN)
    row = store.sessions().select("climb_m", "race", "distance_m", "rpe")
    assert row.row(0) == (0.0, False, None, None)
    assert row.schema["rpe"] == pl.Float64
