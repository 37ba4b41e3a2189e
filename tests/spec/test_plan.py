"""A plan in the diary: read, shown beside what was run, adapted when asked, undone, sent."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import vobject
from icalendar import Calendar
from tests.clocks import Clock

import freshlegs as fl
from freshlegs.problems import NothingDone, WrongRequest

MONDAY = date(2026, 5, 4)
NOW = datetime(2026, 5, 6, 6, 0, tzinfo=UTC)
"""A Wednesday."""

WEEK = """
weeks:
  - from: 2026-05-04
    repeat: 2
    mon: rest
    tue: easy 45 min
    wed: intervals 60 min
    thu: easy 45 min
    sat: easy 40 min
    sun: long 90 min
"""


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def diary(tmp_path: Path, clock: Clock):
    with fl.Diary.open(tmp_path / "home", now=clock) as made:
        yield made


def write(tmp_path: Path, text: str, name: str = "plan.yaml") -> Path:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / name


def ran(tmp_path: Path, diary: fl.Diary, *runs: tuple[str, int, str]) -> None:
    """Runs typed into a CSV: local start, minutes, sport."""
    rows = [f"{start},{60 * minutes},{sport},2" for start, minutes, sport in runs]
    diary.import_files(write(tmp_path, "start_local,moving_s,sport,rpe\n" + "\n".join(rows) + "\n", "runs.csv"))


def ill(diary: fl.Diary, day: date, how: str = "fever") -> None:
    diary.check_in(day, energy=3, ill=how)


def kinds(diary: fl.Diary) -> dict[str, str]:
    return {one["date"][8:]: one["kind"] for one in diary.plan()["sessions"]}


# ---------------------------------------------------------------- in and out


def test_a_plan_is_read_and_shown_with_what_became_of_it(diary, tmp_path) -> None:
    found = diary.import_plan(write(tmp_path, WEEK))
    assert (found["added"], found["removed"], found["problems"]) == (12, 0, [])
    ran(tmp_path, diary, ("2026-05-05T18:00", 25, "running"), ("2026-05-06T07:30", 58, "running"))
    shown = diary.plan()
    status = {one["date"][8:]: one["status"] for one in shown["sessions"]}
    assert status["04"] == "done"  # a rest day on which nothing was run
    assert status["05"] == "changed"  # 25 of 45 minutes
    assert status["06"] == "done"
    assert status["07"] == "planned"
    assert [week["first"] for week in shown["weeks"]] == ["2026-05-04", "2026-05-11"]
    assert shown["weeks"][0]["planned_lu"] == pytest.approx(50 * (45 + 45 + 40) / 60 + 80 + 55 * 1.5, abs=0.2)
    assert shown["sessions"][1]["done"][0]["duration_s"] == 1500


def test_missed_is_said_when_it_is_known_and_is_moved_nowhere(diary, tmp_path, clock) -> None:
    diary.import_plan(write(tmp_path, WEEK))
    clock.now = NOW + timedelta(days=3)
    assert {one["status"] for one in diary.plan()["sessions"] if one["date"] < "2026-05-09"} == {"unknown"}
    diary.check_in(date(2026, 5, 9), energy=6)
    shown = diary.plan()["sessions"]
    assert [one["status"] for one in shown[:5]] == ["done", "missed", "missed", "missed", "planned"]
    assert [one["duration_s"] for one in shown[5:]] == [one["duration_s"] for one in diary.plan()["sessions"][5:]]


def test_another_sport_or_a_run_on_a_rest_day_is_otherwise(diary, tmp_path) -> None:
    diary.import_plan(write(tmp_path, WEEK))
    ran(tmp_path, diary, ("2026-05-04T18:00", 30, "running"), ("2026-05-05T18:00", 45, "cycling"))
    shown = diary.plan()
    assert [one["status"] for one in shown["sessions"][:2]] == ["changed", "changed"]
    assert shown["unplanned"] == []


def test_reading_again_replaces_its_days_and_leaves_the_past_and_the_rest(diary, tmp_path) -> None:
    diary.import_plan(write(tmp_path, WEEK))
    other = "sessions:\n  - {date: 2026-05-05, kind: tempo}\n  - {date: 2026-05-09, kind: race, distance: 5 km}\n"
    found = diary.import_plan(write(tmp_path, other))
    # Tuesday has passed: it stays as planned. Wednesday to Saturday become what the file says, Sunday stays.
    assert kinds(diary) == {
        "04": "rest",
        "05": "easy",
        "09": "race",
        "10": "long",
        "11": "rest",
        "12": "easy",
        "13": "intervals",
        "14": "easy",
        "16": "easy",
        "17": "long",
    }
    assert (found["changed"], found["removed"]) == (1, 2)
    diary.undo_plan()
    assert kinds(diary)["06"] == "intervals"
    diary.import_plan(write(tmp_path, other), add=True)
    assert kinds(diary)["06"] == "intervals"
    assert kinds(diary)["09"] == "race"


def test_the_same_file_again_changes_nothing_and_makes_no_version(diary, tmp_path) -> None:
    first = diary.import_plan(write(tmp_path, WEEK))
    again = diary.import_plan(write(tmp_path, WEEK))
    assert again["version"] == first["version"]
    assert (again["added"], again["changed"], again["removed"]) == (0, 0, 0)


def test_a_file_without_a_session_leaves_the_plan_as_it_is(diary, tmp_path) -> None:
    diary.import_plan(write(tmp_path, WEEK))
    with pytest.raises(NothingDone, match="no plan"):
        diary.import_plan(write(tmp_path, "hello", "x.txt"))
    with pytest.raises(NothingDone, match="no session of it lies between"):
        diary.import_plan(write(tmp_path, "sessions:\n  - {date: 2031-05-05, kind: tempo}\n", "far.yaml"))
    assert len(diary.plan_history()["versions"]) == 1


def test_sessions_by_hand(diary) -> None:
    uid = diary.add_session("2026-05-10", "long", distance_m=18_000.0)
    assert diary.set_session("2026-05-10", kind="easy", distance_m=None, duration_s=3000.0) == uid
    row = diary.plan()["sessions"][0]
    assert (row["kind"], row["distance_m"], row["duration_s"]) == ("easy", None, 3000.0)
    second = diary.add_session("2026-05-10", "strength")
    with pytest.raises(WrongRequest, match="2 sessions"):
        diary.set_session("2026-05-10", kind="rest")
    diary.remove_sessions(uid, second)
    assert diary.plan()["sessions"] == []
    diary.undo_plan()
    assert len(diary.plan()["sessions"]) == 2
    for wrong in ({"kind": "sprint"}, {"duration_s": -1.0}, {"kind": None}, {"colour": "red"}, {}):
        with pytest.raises(WrongRequest):
            diary.set_session(uid, **wrong)
    with pytest.raises(WrongRequest, match="no session"):
        diary.remove_sessions("nothing")


def test_undo_goes_back_any_number_of_steps(diary) -> None:
    for day in range(10, 15):
        diary.add_session(f"2026-05-{day}", "easy")
    found = diary.undo_plan(3)
    assert (found["sessions"], len(found["undone"])) == (2, 3)
    diary.add_session("2026-05-20", "easy")
    assert sorted(kinds(diary)) == ["10", "11"]  # the 20th lies outside the two weeks shown
    assert diary.undo_plan(99)["sessions"] == 0
    with pytest.raises(NothingDone):
        diary.undo_plan()
    assert [one["holds"] for one in diary.plan_history()["versions"]] == [False] * 6


# ---------------------------------------------------------------- proposals


def test_a_proposal_changes_nothing_until_it_is_accepted(diary, tmp_path) -> None:
    diary.import_plan(write(tmp_path, WEEK))
    ill(diary, date(2026, 5, 6))
    before = kinds(diary)
    proposal = diary.adapt_plan()
    assert proposal["status"] == "open"
    assert proposal["ill"] == "fever"
    first = proposal["changes"][0]
    assert (first["date"], first["before"]["kind"], first["after"]["kind"]) == ("2026-05-06", "intervals", "rest")
    assert (first["rule"], first["load_after_lu"]) == ("illness_rest", 0)
    assert kinds(diary) == before
    assert diary.plan()["proposal"]["proposal"] == proposal["proposal"]
    assert diary.adapt_plan()["proposal"] == proposal["proposal"]  # asked again, it is the same one
    accepted = diary.accept_plan()
    assert len(accepted["accepted"]) == len(proposal["changes"])
    assert kinds(diary)["06"] == "rest"
    assert [one["adapted"] for one in diary.plan()["sessions"] if one["date"] == "2026-05-06"] == [True]
    assert diary.adapt_plan()["status"] == "nothing"  # an adapted plan needs no more
    diary.undo_plan()
    assert kinds(diary) == before


def test_some_of_it_can_be_accepted(diary, tmp_path) -> None:
    diary.import_plan(write(tmp_path, WEEK))
    ill(diary, date(2026, 5, 6))
    diary.adapt_plan()
    with pytest.raises(WrongRequest, match="no session"):
        diary.accept_plan(["2026-05-12"])
    found = diary.accept_plan(["2026-05-06"])
    assert [one["date"] for one in found["accepted"]] == ["2026-05-06"]
    assert found["left"]
    assert (kinds(diary)["06"], kinds(diary)["07"]) == ("rest", "easy")


def test_a_proposal_of_yesterday_or_of_another_plan_is_not_accepted(diary, tmp_path, clock) -> None:
    with pytest.raises(WrongRequest, match="there is no proposal"):
        diary.accept_plan()
    with pytest.raises(NothingDone, match="no plan"):
        diary.adapt_plan()
    diary.import_plan(write(tmp_path, WEEK))
    ill(diary, date(2026, 5, 6))
    diary.adapt_plan()
    clock.now = NOW + timedelta(days=1)
    assert diary.plan()["proposal"] is None
    with pytest.raises(WrongRequest, match="Wednesday 6 May"):
        diary.accept_plan()
    diary.adapt_plan()
    diary.set_session("2026-05-17", kind="easy")
    with pytest.raises(WrongRequest, match="the plan has changed"):
        diary.accept_plan()


def test_refusing_is_respected_and_can_be_thought_over(diary, tmp_path) -> None:
    diary.import_plan(write(tmp_path, WEEK))
    ill(diary, date(2026, 5, 6))
    diary.adapt_plan()
    before = kinds(diary)
    assert diary.refuse_plan()["text"] == "The plan stays as it is."
    assert kinds(diary) == before
    with pytest.raises(WrongRequest, match="refused already"):
        diary.accept_plan()
    assert diary.adapt_plan()["status"] == "open"
    assert diary.accept_plan()["accepted"]


def test_what_today_says_and_what_the_plan_holds_agree_on_the_way_back(diary, tmp_path) -> None:
    diary.import_plan(write(tmp_path, WEEK))
    diary.check_in(date(2026, 5, 6), energy=7, leg_freshness=7, mood=7)
    diary.begin_way_back("excessive", date(2026, 5, 6))
    assert diary.today()["running_today"] == "easy"
    proposal = diary.adapt_plan()
    after = {one["date"]: one["after"] for one in proposal["changes"]}
    assert (after["2026-05-06"]["kind"], after["2026-05-06"]["duration_s"]) == ("easy", 1800.0)
    assert after["2026-05-07"]["kind"] == "rest"  # every other day in the first step
    assert after["2026-05-13"]["kind"] == "easy"  # the second step can come on the 13th: easy still, but longer
    assert after["2026-05-13"]["duration_s"] == 2400.0
    assert proposal["changes"][0]["rule"].startswith("way_back")


def test_refusing_twice_when_excessive_is_answered_by_one_plain_sentence(diary, tmp_path, clock) -> None:
    from freshlegs.synthetic import write_demo

    write_demo(tmp_path / "export", NOW.date(), 4)  # the made runner, in the hard weeks that were planted
    diary.import_files(tmp_path / "export")
    diary.import_plan(write(tmp_path, WEEK))
    assert diary.adapt_plan()["state"] == "excessive"
    first = diary.refuse_plan()
    assert (first["refusals"], first["text"]) == (1, "The plan stays as it is.")
    clock.now += timedelta(days=1)
    assert diary.adapt_plan()["state"] == "excessive"
    second = diary.refuse_plan()
    assert second["refusals"] == 2
    assert "more training usually means more weeks" in second["text"]
    diary.adapt_plan()
    assert diary.accept_plan()["accepted"]  # nothing is locked


def test_the_steps_back_count_from_the_last_day_of_the_illness(diary, tmp_path, clock) -> None:
    diary.import_plan(write(tmp_path, WEEK))
    ill(diary, date(2026, 5, 5))
    diary.check_in(date(2026, 5, 6), energy=5, ill="none")
    changed = {one["date"]: one["after"] for one in diary.adapt_plan()["changes"]}
    # Ill on Tuesday: rest up to Thursday, half on Friday and Saturday, three quarters on Sunday.
    assert changed["2026-05-06"]["kind"] == changed["2026-05-07"]["kind"] == "rest"
    assert changed["2026-05-09"] == {"kind": "easy", "duration_s": 1800.0, "distance_m": None, "load_lu": None}
    assert changed["2026-05-10"]["duration_s"] == 2700.0
    assert max(changed) == "2026-05-10"


def test_sharp_pain_stops_the_run_of_today(diary, tmp_path) -> None:
    diary.import_plan(write(tmp_path, WEEK))
    diary.check_in(date(2026, 5, 6), energy=6, pain=5, pain_where="left calf", pain_sharp=True)
    changes = diary.adapt_plan()["changes"]
    assert [(one["date"], one["after"]["kind"], one["rule"]) for one in changes] == [
        ("2026-05-06", "rest", "pain_today")
    ]


def test_a_plan_bears_on_no_verdict(diary, tmp_path) -> None:
    diary.check_in(date(2026, 5, 6), energy=6)
    before = diary.today()
    diary.import_plan(write(tmp_path, WEEK))
    after = diary.today()
    assert {k: v for k, v in after.items() if k != "actions"} == {k: v for k, v in before.items() if k != "actions"}


# ---------------------------------------------------------------- to the calendar


def events(path: Path) -> dict[str, dict[str, object]]:
    """Read by a second library, as another program would."""
    found = vobject.readOne(path.read_text(encoding="utf-8")).vevent_list
    return {str(event.dtstart.value)[:10]: {c.name: c.value for c in event.getChildren()} for event in found}


def test_a_second_export_updates_the_first(diary, tmp_path, clock) -> None:
    diary.set_profile(home_time_zone="Europe/Oslo")
    diary.import_plan(write(tmp_path, WEEK))
    diary.set_session("2026-05-07", start_min=1110.0)
    diary.export_plan(tmp_path / "one.ics")
    one = events(tmp_path / "one.ics")
    assert len(one) == 12
    assert str(one["2026-05-07"]["DTSTART"]) == "2026-05-07 16:30:00+00:00"
    assert str(one["2026-05-07"]["DTEND"]) == "2026-05-07 17:15:00+00:00"
    ill(diary, date(2026, 5, 6))
    diary.adapt_plan()
    diary.accept_plan()
    diary.remove_sessions("2026-05-17")
    clock.now = NOW + timedelta(hours=1)
    found = diary.export_plan(tmp_path / "two.ics")
    assert (found["sessions"], found["cancelled"]) == (11, 1)
    two = events(tmp_path / "two.ics")
    assert {day: event["UID"] for day, event in one.items()} == {day: event["UID"] for day, event in two.items()}
    assert int(two["2026-05-06"]["SEQUENCE"]) == int(one["2026-05-06"]["SEQUENCE"]) + 1
    assert two["2026-05-06"]["SUMMARY"] == "Rest (eased)"
    assert two["2026-05-17"]["STATUS"] == "CANCELLED"
    assert int(two["2026-05-12"]["SEQUENCE"]) == int(one["2026-05-12"]["SEQUENCE"])
    assert two["2026-05-12"]["DTSTAMP"] > one["2026-05-12"]["DTSTAMP"]
    diary.undo_plan(2)
    diary.export_plan(tmp_path / "three.ics")
    three = events(tmp_path / "three.ics")
    assert int(three["2026-05-06"]["SEQUENCE"]) > int(two["2026-05-06"]["SEQUENCE"])  # back is a change too
    assert three["2026-05-17"]["STATUS"] == "CONFIRMED"


def test_what_is_sent_can_be_read_again(diary, tmp_path) -> None:
    diary.import_plan(write(tmp_path, WEEK))
    diary.set_session("2026-05-12", title="Easy, with: commas; and\nlines", note="Über die Brücke\n\n🏃")
    diary.export_plan(tmp_path / "plan.ics")
    with fl.Diary.open(tmp_path / "other", now=Clock(NOW)) as other:
        other.import_plan(tmp_path / "plan.ics")
        sizes = ("date", "kind", "duration_s", "distance_m", "load_lu")
        ours = [{name: one[name] for name in sizes} for one in diary.plan()["sessions"]]
        theirs = [{name: one[name] for name in sizes} for one in other.plan()["sessions"]]
    for one, two in zip(ours, theirs, strict=True):
        assert two["load_lu"] == pytest.approx(one["load_lu"], abs=0.6)
        assert {**two, "load_lu": 0} == {**one, "load_lu": 0}
    assert not Calendar.from_ical((tmp_path / "plan.ics").read_bytes()).errors


def test_without_a_plan_nothing_is_sent(diary, tmp_path) -> None:
    with pytest.raises(NothingDone, match="no plan"):
        diary.export_plan(tmp_path / "plan.ics")
    assert not (tmp_path / "plan.ics").exists()
    diary.add_session("2026-05-10", "easy")
    with pytest.raises(NothingDone):
        diary.export_plan(tmp_path / "nowhere" / "plan.ics")


def test_the_plan_is_among_what_is_saved_and_exported(diary, tmp_path) -> None:
    import zipfile

    diary.import_plan(write(tmp_path, WEEK))
    diary.backup(tmp_path / "b.zip")
    with fl.Diary.open(tmp_path / "other", now=Clock(NOW)) as other:
        other.restore(tmp_path / "b.zip")
        assert other.plan()["sessions"] == diary.plan()["sessions"]
    diary.export(tmp_path / "e.zip")
    with zipfile.ZipFile(tmp_path / "e.zip") as archive:
        rows = pl.read_csv(archive.read("tables/plan.csv"))
    assert rows.height == 12


# ---------------------------------------------------------------- to the watch


def read_by_the_sdk(path: Path) -> dict[str, list[dict[str, object]]]:
    """What the official SDK makes of a file; it checks the sums too."""
    from garmin_fit_sdk import Decoder, Stream

    assert Decoder(Stream.from_file(str(path))).check_integrity()
    messages, errors = Decoder(Stream.from_file(str(path))).read()
    assert errors == []
    return messages


def test_workouts_are_read_by_the_official_sdk_and_by_ourselves(diary, tmp_path) -> None:
    diary.import_plan(write(tmp_path, WEEK))
    diary.set_session("2026-05-07", title="5 x 3 min", kind="intervals")
    found = diary.export_workouts(tmp_path / "watch", days=7)
    names = sorted(Path(name).name[:-9] for name in found["files"])
    assert names == [
        "2026-05-06-intervals",
        "2026-05-07-intervals",
        "2026-05-09-easy",
        "2026-05-10-long",
        "2026-05-12-easy",
    ]
    files = {Path(name).name[:10]: Path(name) for name in found["files"]}
    easy = read_by_the_sdk(files["2026-05-09"])
    assert easy["file_id_mesgs"][0]["type"] == "workout"
    assert easy["workout_mesgs"][0]["sport"] == "running"
    assert [step["duration_time"] for step in easy["workout_step_mesgs"]] == [2400.0]
    named = read_by_the_sdk(files["2026-05-07"])["workout_step_mesgs"]
    assert named[1]["duration_time"] == 180.0
    assert (named[3]["duration_type"], named[3]["repeat_steps"]) == ("repeat_until_steps_cmplt", 5)
    # Read back by our own importer, each is as long as it was planned.
    with fl.Diary.open(tmp_path / "other", now=Clock(NOW)) as other:
        for day, minutes, kind in (("2026-05-06", 60, "intervals"), ("2026-05-10", 90, "long")):
            other.import_plan(files[day], on=day)
            session = other.plan(day, day)["sessions"][0]
            assert session["kind"] == kind
            assert session["duration_s"] == pytest.approx(60 * minutes, abs=15)


def test_a_fit_workout_needs_its_day_and_other_fit_files_are_refused(diary, tmp_path) -> None:
    from freshlegs.synthetic import live
    from freshlegs.synthetic.write import run_file

    diary.import_plan(write(tmp_path, WEEK))
    files = diary.export_workouts(tmp_path / "watch", days=1)["files"]
    with pytest.raises(NothingDone, match="--date"):
        diary.import_plan(files[0])
    with pytest.raises(NothingDone, match="no session of it lies between 2026-"):
        diary.import_plan(files[0], on="2019-05-04")
    (tmp_path / "run.fit").write_bytes(run_file(live(date(2025, 5, 4), weeks=2).runs[-1]))
    with pytest.raises(NothingDone, match="not a planned session"):
        diary.import_plan(tmp_path / "run.fit")
    diary.undo_plan()
    diary.add_session("2026-06-10", "easy")
    with pytest.raises(NothingDone, match="nothing is planned"):
        diary.export_workouts(tmp_path / "watch")
