"""A diary takes files and answers, and gives a runner's runs, nights and mornings."""

import gzip
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.clocks import Clock

import freshlegs as fl
from freshlegs import importers, tables
from freshlegs.importers.instants import NO_ZONE
from freshlegs.problems import WrongRequest

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
START = datetime(2026, 5, 3, 6, 0, tzinfo=UTC)


@pytest.fixture
def diary(tmp_path: Path) -> Iterator[fl.Diary]:
    with fl.Diary.open(tmp_path / "home", now=Clock(NOW)) as opened:
        yield opened


Pulse = Callable[[int], int]


def track(start: datetime = START, seconds: int = 600, *, every: int = 5, hr: Pulse | None = None) -> str:
    """A GPX of a run straight north at 3 m/s, with heart rate if it is told how it goes."""
    points = []
    for s in range(0, seconds + 1, every):
        beat = "" if hr is None else f"<extensions><hr>{hr(s)}</hr></extensions>"
        stamp = (start + timedelta(seconds=s)).strftime("%Y-%m-%dT%H:%M:%SZ")
        points.append(f'<trkpt lat="{59.9 + s * 3 / 111_320:.7f}" lon="10.75"><time>{stamp}</time>{beat}</trkpt>')
    head = (
        '<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1"><trk><type>running</type><trkseg>'
    )
    return head + "".join(points) + "</trkseg></trk></gpx>"


def indoors(start: datetime = START, seconds: int = 600, *, hr: Pulse) -> str:
    """A TCX of a run with heart rate, without positions."""
    stamp = start.strftime("%Y-%m-%dT%H:%M:%SZ")
    points = "".join(
        f"<Trackpoint><Time>{(start + timedelta(seconds=s)).strftime('%Y-%m-%dT%H:%M:%SZ')}</Time>"
        f"<DistanceMeters>{s * 3}</DistanceMeters><HeartRateBpm><Value>{hr(s)}</Value></HeartRateBpm></Trackpoint>"
        for s in range(0, seconds + 1, 5)
    )
    return (
        '<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Activities>'
        f'<Activity Sport="Running"><Id>{stamp}</Id><Lap StartTime="{stamp}"><TotalTimeSeconds>{seconds}'
        f"</TotalTimeSeconds><DistanceMeters>{seconds * 3}</DistanceMeters><Track>{points}</Track></Lap></Activity>"
        "</Activities></TrainingCenterDatabase>"
    )


def srpe(*sessions: tuple[datetime, float, float]) -> str:
    """A PMSys list of sessions: end, effort, minutes."""
    rows = [f"{end:%Y-%m-%dT%H:%M:%S.000Z},\"['individual', 'running']\",{rpe},{m}" for end, rpe, m in sessions]
    return "\n".join(["end_date_time,activity_names,perceived_exertion,duration_min", *rows]) + "\n"


def pulse(s: int) -> int:
    return 120 + (s // 5 * 7) % 40


def put(folder: Path, **files: str | bytes) -> Path:
    """Files into a folder; ``run_gpx`` is called run.gpx."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (folder / ".".join(name.rsplit("_", 1))).write_bytes(data)
    return folder


# --- importing --------------------------------------------------------------------------------------------


def test_a_folder_becomes_runs_and_what_is_wrong_is_listed(diary: fl.Diary, tmp_path: Path) -> None:
    later = START + timedelta(hours=5)
    folder = put(
        tmp_path / "mine",
        run_gpx=track(hr=pulse),
        packed_gz=gzip.compress(track(later).encode()),
        empty_fit=b"",
        letter_fit=b"Dear diary, today I ran.",
        cut_zip=b"PK\x03\x04 and then nothing",
    )
    seen: list[tuple[int, int | None, str]] = []
    report = diary.import_files([folder], progress=lambda *said: seen.append(said))
    document = report.as_dict()
    assert document["files"] == 5
    assert document["imported"] == {"runs": 2, "nights": 0, "checkins": 0}
    assert document["already_known"] == 0
    assert sorted(Path(p["source"]).name for p in document["problems"]) == ["cut.zip", "empty.fit", "letter.fit"]
    assert all(p["message"] and set(p) == {"source", "where", "message"} for p in document["problems"])
    assert seen[-1][:2] == (5, 5)

    runs = diary.runs()
    assert runs["start_utc"].to_list() == [START, later]
    assert runs["athlete"].to_list() == ["me", "me"]
    assert runs["id"].is_unique().all()
    assert set(tables.RUNS.names) <= set(runs.columns)
    assert runs["load_lu"].is_not_null().all()
    assert diary.activity(runs["id"][0]).records.height == 121


def test_importing_again_changes_nothing_and_tells_the_refused_again(diary: fl.Diary, tmp_path: Path) -> None:
    folder = put(tmp_path / "mine", run_gpx=track(), letter_fit=b"Dear diary")
    first = diary.import_files([folder])
    runs = diary.runs()
    again = diary.import_files(folder)
    assert again.imported == {"runs": 0, "nights": 0, "checkins": 0}
    assert again.already_known == again.files == 2
    assert again.problems == first.problems
    assert diary.runs().equals(runs)
    moved = diary.import_files([put(tmp_path / "copies", one_txt=b"Dear diary", two_txt=b"Dear diary")])
    assert [Path(problem.source).name for problem in moved.refused] == ["one.txt", "two.txt"]


def test_a_file_is_known_by_its_bytes_however_it_is_packed(diary: fl.Diary, tmp_path: Path) -> None:
    data = track().encode()
    folder = put(tmp_path / "mine", run_gpx=data, other_gpx=data, packed_gz=gzip.compress(data))
    with zipfile.ZipFile(folder / "all.zip", "w") as archive:
        archive.writestr("deep/run.gpx", data)
    report = diary.import_files([folder])
    assert (report.files, report.already_known, report.imported["runs"]) == (4, 3, 1)


def test_a_folder_around_the_home_is_read_without_the_home(diary: fl.Diary, tmp_path: Path) -> None:
    put(tmp_path / "mine", run_gpx=track())
    for _ in range(2):
        report = diary.import_files(tmp_path)
        assert (report.files, report.problems) == (1, [])
    assert diary.import_files(diary.home / "originals").already_known == 1  # unless it is asked for


def test_an_importer_that_breaks_costs_one_file(
    diary: fl.Diary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def burst(_source: Any) -> Any:
        raise ZeroDivisionError("division by zero")

    bad = SimpleNamespace(KIND="BAD", YIELDS=frozenset(), recognise=lambda head, _: head.startswith(b"BAD"), read=burst)
    monkeypatch.setattr(importers, "IMPORTERS", [bad, *importers.IMPORTERS])
    folder = put(tmp_path / "mine", a_bad=b"BAD", run_gpx=track())
    report = diary.import_files([folder])
    assert report.imported["runs"] == 1
    assert len(report.problems) == 1
    assert "ZeroDivisionError" in report.problems[0].message

    monkeypatch.setattr("freshlegs.metrics.facts.run_facts", burst)
    report = diary.import_files([put(tmp_path / "more", run_gpx=track(START - timedelta(days=2), hr=pulse))])
    assert report.imported["runs"] == 1
    assert "its samples could not be used" in report.problems[0].message
    assert diary.runs()["load_lu"].is_not_null().all()


def test_an_impossible_value_is_left_out_and_told(
    diary: fl.Diary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(source: importers.Source) -> importers.Reading:
        row = {"start_utc": START, "elapsed_s": 600, "hr_mean_bpm": 999.0, "sport": 7, "race": "maybe"}
        nights = [{"date": date(2026, 5, 3), "source": "w", "sleep_s": 9e9, "hr_rest_bpm": 48}, {"source": "w"}]
        answers = [{"date": date(2026, 5, 3), "energy": 11.0, "mood": 4}]
        return importers.Reading("MADE", runs=[row], nights=nights, checkins=answers, profile={"height_cm": 5.0})

    made = SimpleNamespace(KIND="MADE", YIELDS=frozenset(), recognise=lambda *_: True, read=read)
    monkeypatch.setattr(importers, "IMPORTERS", [made])
    report = diary.import_files([put(tmp_path / "mine", a_made=b"x")])
    assert report.imported == {"runs": 1, "nights": 1, "checkins": 1}
    told = " ".join(problem.message for problem in report.problems)
    assert [name in told for name in ("hr_mean_bpm", "sport", "race", "sleep_s", "energy", "height_cm", "no date")] == [
        True
    ] * 7
    assert diary.runs()["hr_mean_bpm"].to_list() == [None]
    assert diary.nights().select("sleep_s", "hr_rest_bpm").rows() == [(None, 48.0)]
    assert diary.checkins().select("energy", "mood").rows() == [(None, 4.0)]


def test_a_refused_file_is_tried_again_when_it_may_be_readable_now(diary: fl.Diary, tmp_path: Path) -> None:
    folder = put(tmp_path / "mine", table_csv="Dato,Form\n2026-05-03,7\n")
    assert diary.import_files(folder).refused
    column_map = {"table": "checkins", "columns": {"Dato": "date", "Form": "energy"}}
    report = diary.import_files(folder, column_maps={"mine": column_map})
    assert report.already_known == 0  # looked at again, whatever became of it
    again = diary.import_files(folder)
    assert again.already_known == 1  # the map was remembered


def test_times_that_were_read_in_utc_are_read_again_once_it_is_known_where_the_runner_is(
    diary: fl.Diary, tmp_path: Path
) -> None:
    table = "start_local,sport,distance_m,moving_s\n2026-05-02T18:00:05,running,10000,3000\n"
    path = put(tmp_path, runs_csv=table, days_csv="date,energy\n2026-05-02,6\n")
    first = diary.import_files(path)
    assert [problem.message for problem in first.problems] == [NO_ZONE]
    assert diary.runs()["start_utc"].to_list() == [datetime(2026, 5, 2, 18, 0, 5, tzinfo=UTC)]
    diary.edit_run(diary.runs()["id"][0], rpe=4)
    known = diary.import_files(path)
    assert (known.already_known, known.read_again) == (2, 0)
    diary.set_profile(home_time_zone="Europe/Oslo")
    again = diary.import_files(path)
    assert (again.already_known, again.read_again, again.imported["runs"]) == (1, 1, 0)
    assert diary.runs().select("start_utc", "rpe").rows() == [(datetime(2026, 5, 2, 16, 0, 5, tzinfo=UTC), 4.0)]
    last = diary.import_files(path)
    assert (last.already_known, last.read_again, last.problems) == (2, 0, [])


def test_later_reports_of_a_night_complete_it_and_sources_stay_apart(
    diary: fl.Diary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {
        b"1": [{"sleep_s": 20_000, "source": "ring"}],
        b"2": [{"sleep_s": 25_200, "hr_rest_bpm": 50, "source": "ring"}, {"sleep_s": 24_000, "source": "watch"}],
    }

    def read(source: importers.Source) -> importers.Reading:
        return importers.Reading("MADE", nights=[{"date": date(2026, 5, 3)} | row for row in rows[source.data]])

    made = SimpleNamespace(KIND="MADE", YIELDS=frozenset(), recognise=lambda *_: True, read=read)
    monkeypatch.setattr(importers, "IMPORTERS", [made])
    diary.import_files([put(tmp_path / "a", one_txt=b"1")])
    assert diary.import_files([put(tmp_path / "b", two_txt=b"2")]).imported["nights"] == 1
    assert diary.nights().select("source", "sleep_s", "hr_rest_bpm").rows() == [
        ("ring", 25_200.0, 50.0),
        ("watch", 24_000.0, None),
    ]


# --- the same run twice -----------------------------------------------------------------------------------


def test_the_same_run_from_two_files_is_one_run_and_the_richest_is_kept(tmp_path: Path) -> None:
    files = {
        "rich.gpx": track(hr=pulse),
        "poor.gpx": track(START + timedelta(seconds=40), 610),
        "words.csv": srpe((START + timedelta(minutes=21), 7, 11)),
    }
    kept = []
    for number, order in enumerate(permutations(files)):
        with fl.Diary.open(tmp_path / str(number), now=Clock(NOW)) as diary:
            for name in order:
                path = tmp_path / name
                path.write_text(files[name])
                diary.import_files(path)
            runs = diary.runs()
            kept.append(runs.row(0, named=True))
            assert runs.height == 1
            assert len(diary.twins()) == 2
    assert kept[0]["start_utc"] == START
    assert kept[0]["rpe"] == 7.0  # taken from the session that was only words
    assert kept[0]["hr_max_bpm"] == max(pulse(s) for s in range(0, 601, 5))
    assert all(row == kept[0] for row in kept)


@pytest.mark.parametrize(
    ("later_s", "lasts_s", "runs"),
    [(60, 600, 1), (61, 600, 2), (60, 571, 1), (60, 569, 2), (0, 631, 1), (0, 634, 2)],
)
def test_how_alike_is_the_same(diary: fl.Diary, tmp_path: Path, later_s: int, lasts_s: int, runs: int) -> None:
    one = track(every=1)
    other = track(START + timedelta(seconds=later_s), lasts_s, every=1)
    diary.import_files([put(tmp_path / "mine", one_gpx=one, other_gpx=other.replace('lon="10.75"', 'lon="10.76"'))])
    assert diary.runs().height == runs


def test_the_same_samples_are_the_same_run_in_another_format_and_zone(diary: fl.Diary, tmp_path: Path) -> None:
    moved = indoors(START + timedelta(hours=2), hr=pulse)
    diary.import_files([put(tmp_path / "mine", run_gpx=track(hr=pulse), run_tcx=moved)])
    assert diary.runs()["start_utc"].to_list() == [START]


def test_words_about_another_hour_are_another_session(diary: fl.Diary, tmp_path: Path) -> None:
    words = srpe((START + timedelta(minutes=30), 5, 11), (START + timedelta(minutes=10), 9, 30))
    diary.import_files([put(tmp_path / "mine", run_gpx=track(), srpe_csv=words)])
    assert diary.runs().height == 3


# --- answers ----------------------------------------------------------------------------------------------

MONDAY = date(2026, 5, 4)
SUNDAY = date(2026, 5, 3)


def test_answers_of_a_morning_join_and_can_be_taken_back(diary: fl.Diary) -> None:
    diary.check_in(MONDAY, energy=6, sleep_habits=["dark_room"], period_started=False)
    diary.check_in(MONDAY, energy=4, soreness=3.5)
    row = diary.checkins().row(0, named=True)
    assert (row["energy"], row["soreness"], row["sleep_habits"], row["period_started"], row["mood"]) == (
        4.0,
        3.5,
        ["dark_room"],
        False,
        None,
    )
    diary.check_in(MONDAY, soreness=None)
    assert diary.checkins()["soreness"].to_list() == [None]
    assert diary.undo_check_in(MONDAY) == {"date": MONDAY}
    assert diary.undo_check_in(MONDAY) == {"date": MONDAY, "energy": 4.0, "soreness": 3.5}
    assert diary.checkins()["energy"].to_list() == [6.0]
    assert diary.undo_check_in("2026-05-04")
    assert diary.checkins().is_empty()
    assert diary.undo_check_in(MONDAY) is False


@pytest.mark.parametrize(
    ("items", "told"),
    [
        ({"energy": 11}, "energy must lie between 0 and 10, not 11"),
        ({"energy": "high"}, "energy must be a number"),
        ({"energy": True}, "energy must be a number"),
        ({"energy": float("nan")}, "finite"),
        ({"enrgy": 5}, "did you mean energy?"),
        ({"ill": "flu"}, "none, above_neck, below_neck, fever"),
        ({"symptoms": ["itch"]}, "symptoms cannot be 'itch'"),
        ({"pain_sharp": "yes"}, "true or false"),
        ({"note": 5}, "note must be text"),
        ({"rpe": 12}, "rpe must lie between 0 and 10"),
        ({}, "needs an answer"),
    ],
)
def test_an_impossible_answer_is_refused_and_nothing_of_it_kept(
    diary: fl.Diary, items: dict[str, Any], told: str
) -> None:
    good = {"mood": 5} if items else {}
    with pytest.raises(WrongRequest, match=told.replace("?", r"\?")):
        diary.check_in(MONDAY, **good, **items)
    assert diary.checkins().is_empty()


def test_a_day_that_has_not_come_is_refused_where_the_runner_is(tmp_path: Path) -> None:
    clock = Clock(datetime(2026, 5, 4, 23, 0, tzinfo=UTC))
    with fl.Diary.open(tmp_path, now=clock) as diary:
        with pytest.raises(WrongRequest, match="2026-05-05 lies in the future"):
            diary.check_in("2026-05-05", energy=5)
        diary.set_profile(home_time_zone="Europe/Oslo")  # there it is 01:00 on the 5th
        diary.check_in("2026-05-05", energy=5)
        with pytest.raises(WrongRequest, match="not 'tomorrow'"):
            diary.check_in("tomorrow", energy=5)
        with pytest.raises(WrongRequest, match="future"):
            diary.today("2026-05-06")


def test_what_is_typed_beats_what_is_imported_whichever_comes_first(diary: fl.Diary, tmp_path: Path) -> None:
    wellness = (
        "effective_time_frame,fatigue,mood,readiness,sleep_duration_h,sleep_quality,soreness,soreness_area,stress\n"
        "2026-05-03T06:00:00.000Z,2,3,5,6,3,2,[],3\n"
    )
    diary.check_in(SUNDAY, energy=9)
    diary.import_files([put(tmp_path / "mine", wellness_csv=wellness)])
    assert diary.checkins().select("energy", "mood").rows() == [(9.0, 5.0)]
    diary.check_in(SUNDAY, mood=1)
    assert diary.checkins().select("energy", "mood").rows() == [(9.0, 1.0)]
    diary.undo_check_in()
    diary.undo_check_in()
    assert diary.checkins().select("energy", "mood").rows() == [(2.5, 5.0)]


def test_answers_after_a_run_wait_for_it_and_land_on_the_longest(diary: fl.Diary, tmp_path: Path) -> None:
    diary.check_in(SUNDAY, rpe=8, hit_pace="partly", legs=3, harder_than_it_should=True)
    assert diary.checkins().is_empty()
    assert diary.runs().is_empty()
    short, long = track(START + timedelta(hours=6), 300), track(hr=pulse)
    diary.import_files([put(tmp_path / "mine", short_gpx=short, long_gpx=long)])
    answers = diary.runs().select("start_utc", "rpe", "hit_pace", "legs", "harder_than_it_should").rows()
    assert answers == [(START, 8.0, "partly", 3.0, True), (START + timedelta(hours=6), None, None, None, None)]
    diary.undo_check_in(SUNDAY)
    assert diary.runs()["rpe"].null_count() == 2


# --- hand changes -----------------------------------------------------------------------------------------


def test_hand_changes_hold_for_the_run_whatever_is_imported_later(diary: fl.Diary, tmp_path: Path) -> None:
    folder = put(tmp_path / "mine", poor_gpx=track())
    diary.import_files(folder)
    run = diary.runs()["id"][0]
    diary.edit_run(run[:5], race=True, distance_m=2000)
    diary.edit_run(run, distance_m=2100.0)
    diary.import_files(folder)
    diary.import_files([put(tmp_path / "more", rich_gpx=track(hr=pulse))])  # a richer twin takes its place
    row = diary.runs().row(0, named=True)
    assert row["id"] != run
    assert (row["race"], row["distance_m"]) == (True, 2100.0)
    diary.edit_run(run, distance_m=None)
    assert diary.runs()["distance_m"].to_list() == pytest.approx([1800.0], rel=0.01)

    diary.delete_run(run)
    assert diary.runs().is_empty()
    diary.import_files(folder)
    assert diary.runs().is_empty()
    diary.restore_run(run)
    assert diary.runs()["race"].to_list() == [True]


def test_a_wrong_change_of_a_run_is_refused(diary: fl.Diary, tmp_path: Path) -> None:
    diary.import_files([put(tmp_path / "mine", run_gpx=track())])
    run = diary.runs()["id"][0]
    for name, fields, told in (
        ("nosuch", {"race": True}, "there is no run 'nosuch'"),
        ("", {"race": True}, "there is no run"),
        (run, {"race": "yes"}, "true or false"),
        (run, {"races": True}, "did you mean race"),
        (run, {"z1_s": 5.0}, "no run key 'z1_s'"),
        (run, {"hr_mean_bpm": 5}, "between 20 and 250"),
    ):
        with pytest.raises(WrongRequest, match=told):
            diary.edit_run(name, **fields)


def test_the_profile_says_what_is_entered_and_what_is_assumed(diary: fl.Diary) -> None:
    diary.set_profile(birth_date="1985-03-12", hr_max_bpm=188)
    known = diary.profile()
    assert (known["birth_date"].value, known["birth_date"].basis) == (date(1985, 3, 12), "entered")
    assert (known["hr_max_bpm"].value, known["hr_max_bpm"].basis) == (188.0, "measured")
    assert known["hr_threshold_bpm"].basis in ("estimated", "assumed")
    diary.set_profile(hr_max_bpm=None)
    assert diary.profile()["hr_max_bpm"].basis == "assumed"
    for values, told in (
        ({"hr_max": 188}, "did you mean hr_max_bpm"),
        ({"hr_max_bpm": 20}, "between 120 and 240"),
        ({"home_time_zone": "Oslo"}, "such as Europe/Oslo"),
        ({"birth_date": "in spring"}, "must be a date"),
    ):
        with pytest.raises(WrongRequest, match=told):
            diary.set_profile(**values)


def test_a_diary_holds_the_real_corpus(corpus: Path, diary: fl.Diary) -> None:
    report = diary.import_files([corpus / "fit", corpus / "gpx", corpus / "tcx"])
    runs = diary.runs()
    assert runs.height == report.imported["runs"] > 50
    assert runs["id"].is_unique().all()
    assert report.files == sum(path.is_file() for path in corpus.glob("[fgt][ipc][txd]*/**/*") if path.suffix)
    again = diary.import_files([corpus / "fit", corpus / "gpx", corpus / "tcx"])
    assert again.imported == {"runs": 0, "nights": 0, "checkins": 0}
