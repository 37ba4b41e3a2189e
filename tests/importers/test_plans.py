"""Plans as others write them: what is read, and that nothing is guessed silently."""

import gzip
import zipfile
from contextlib import suppress
from datetime import date

import pytest

from freshlegs.importers.plans import Reader, read_plan
from freshlegs.importers.plans.words import kind_of, read_labelled, read_size
from freshlegs.problems import UnreadableFile

READER = Reader("plan", date(2026, 1, 1), date(2026, 12, 31), "Europe/Oslo")


def calendar(*events: str) -> bytes:
    whole = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//somebody//EN"]
    for number, event in enumerate(events):
        lines = [line.strip() for line in event.strip().splitlines()]
        named = [] if any(line.startswith("UID") for line in lines) else [f"UID:e{number}"]
        whole += ["BEGIN:VEVENT", *named, *lines, "END:VEVENT"]
    return ("\r\n".join([*whole, "END:VCALENDAR"]) + "\r\n").encode()


def sessions(data: bytes, *columns: str, reader: Reader = READER):
    found = read_plan(data, reader)
    return [tuple(row[name] for name in columns) for row in found.sessions], [p.message for p in found.problems]


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Run: Easy 45min", "easy"),
        ("Bike: Tempo", "cross"),
        ("Run - Threshold 3x10", "intervals"),
        ("Long run with 5k at marathon pace", "tempo"),
        ("Easy + 6x20s strides", "easy"),
        ("3 x 1 km, 2 min rest", "intervals"),
        ("Recovery day", "rest"),
        ("Recovery run", "easy"),
        ("Berlin Marathon", "race"),
        ("Half marathon pace 10 km", "tempo"),
        ("Race pace 8 km", "tempo"),
        ("Race week easy 5k", "easy"),
        ("Easy run + core", "easy"),
        ("Strength training", "strength"),
        ("Walk Run", "easy"),
        ("Evening walk", "walk"),
        ("Ruhetag", "rest"),
        ("Langer Lauf", "long"),
        ("Dauerlauf locker", "easy"),
        ("Tempodauerlauf", "tempo"),
        ("Intervalltraining 5x1000 m", "intervals"),
        ("Wettkampf", "race"),
        ("Schwimmen", "cross"),
        ("Sortie longue", "long"),
        ("Fractionné 10x400", "intervals"),
        ("Footing", "easy"),
        ("Rodaje suave", "easy"),
        ("Tirada larga", "long"),
        ("Riposo", "rest"),
        ("Lungo lento", "long"),
        ("Ripetute 6x800", "intervals"),
        ("Rustdag", "rest"),
        ("Rustige duurloop", "easy"),
        ("Långpass", "long"),
        ("Rolig tur", "easy"),
        ("Langtur", "long"),
        ("Corrida regenerativo", "easy"),
        ("Pitkä lenkki", "long"),
        ("Dentist", None),
        ("Run", None),
    ],
)
def test_the_kind_of_a_session_is_read_from_its_title(title: str, kind: str | None) -> None:
    assert kind_of(title) == kind


@pytest.mark.parametrize(
    ("text", "minutes", "km"),
    [
        ("45 min", 45, None),
        ("1h15 locker", 75, None),
        ("1:10:00", 70, None),
        ("1.5 h", 90, None),
        ("8-10 km at 5:30/km", None, 9),
        ("Easy Run • 5km", None, 5),
        ("6 mi", None, 9.656),
        ("25m - 30m", 27.5, None),
        ("10000 m", None, 10),
        ("6x800m, 90 s rest", None, None),
        ("Footing 45'", 45, None),
        ("12,5 km", None, 12.5),
        ("Dentist at 5", None, None),
    ],
)
def test_lengths_are_read_and_paces_and_repeats_are_none(text: str, minutes: float | None, km: float | None) -> None:
    size = read_size(text)
    assert size.duration_s == (None if minutes is None else pytest.approx(60 * minutes))
    assert size.distance_m == (None if km is None else pytest.approx(1000 * km, abs=1))


def test_totals_that_a_description_names() -> None:
    said = read_labelled("Planned Time: 0:45\nPlanned Distance: 10.5 km\nTSS: 62\nWarm up 2 km")
    assert (said.duration_s, said.distance_m, said.load_lu) == (2700.0, 10_500.0, 62.0)


# ---------------------------------------------------------------- calendars


def test_a_day_is_the_day_at_home_and_repeats_are_written_out_across_the_change_of_clocks() -> None:
    found, _ = sessions(
        calendar(
            """DTSTART;TZID=America/New_York:20261020T210000
               DTEND;TZID=America/New_York:20261020T220000
               RRULE:FREQ=WEEKLY;COUNT=3
               EXDATE;TZID=America/New_York:20261027T210000
               SUMMARY:Tempo run"""
        ),
        "uid",
        "date",
        "start_min",
        "duration_s",
    )
    # 21:00 in New York is 03:00 of the next day in Oslo, before and after both have changed their clocks.
    assert found == [
        ("e0/2026-10-20", date(2026, 10, 21), 180.0, 3600.0),
        ("e0/2026-11-03", date(2026, 11, 4), 180.0, 3600.0),
    ]


def test_a_series_without_an_end_says_up_to_when_it_was_taken_in() -> None:
    endless, ending = (
        calendar(f"DTSTART;VALUE=DATE:20261001\nRRULE:FREQ=WEEKLY{end}\nSUMMARY:Easy run 5 km")
        for end in ("", ";UNTIL=20261231")
    )
    found, said = sessions(endless, "date")
    assert [day for (day,) in found][::13] == [date(2026, 10, 1), date(2026, 12, 31)]
    assert said == ["“Easy run 5 km” goes on after 2026-12-31; it was taken in up to that day"]
    assert sessions(ending, "date") == (found, [])


def test_one_of_a_series_that_was_moved_stands_once() -> None:
    found, _ = sessions(
        calendar(
            """UID:s
               DTSTART;TZID=Europe/Oslo:20260504T180000
               RRULE:FREQ=DAILY;UNTIL=20260506T160000Z
               SUMMARY:Easy run""",
            """UID:s
               RECURRENCE-ID:20260505T160000Z
               DTSTART;TZID=Europe/Oslo:20260505T070000
               DURATION:PT50M
               SUMMARY:Easy run""",
        ),
        "uid",
        "date",
        "start_min",
    )
    assert sorted(found) == [
        ("s/2026-05-04", date(2026, 5, 4), 1080.0),
        ("s/2026-05-05", date(2026, 5, 5), 420.0),
        ("s/2026-05-06", date(2026, 5, 6), 1080.0),
    ]


def test_what_runna_and_trainingpeaks_write() -> None:
    found, said = sessions(
        calendar(
            """DTSTART;VALUE=DATE:20260504
               SUMMARY:🏃 Gradual Build • 2.6km
               DESCRIPTION:Walk Run • 2.6km • 25m - 30m\\n\\n5 mins walking warm up
               X-WORKOUT-ESTIMATED-DURATION:1800""",
            """DTSTART;VALUE=DATE:20260505
               SUMMARY:Run: Cruise control
               DESCRIPTION:Planned Time: 0:50:00\\nPlanned Distance: 9 km\\nTSS: 70""",
            """DTSTART;VALUE=DATE:20260506
               SUMMARY:Day Off""",
        ),
        "kind",
        "duration_s",
        "distance_m",
        "load_lu",
        "start_min",
    )
    assert found == [
        ("easy", 1650.0, 2600.0, None, None),
        ("tempo", 3000.0, 9000.0, 70.0, None),
        ("rest", None, None, None, None),
    ]
    assert said == []


def test_what_is_no_training_is_named_and_an_unnamed_run_is_said_to_be_taken_as_easy() -> None:
    found, said = sessions(
        calendar(
            "DTSTART:20260504T100000Z\nSUMMARY:Dentist",
            "DTSTART;VALUE=DATE:20260504\nSUMMARY:Long weekend",
            "DTSTART;VALUE=DATE:20260505\nSUMMARY:Run 8 km",
            "DTSTART;VALUE=DATE:20260506\nSUMMARY:Run 9 km\nSTATUS:CANCELLED",
            "SUMMARY:Easy run",
        ),
        "date",
        "kind",
    )
    assert found == [(date(2026, 5, 5), "easy")]
    assert said == [
        "“Run 8 km”: it names no kind of run; taken as easy",
        "“Easy run” has no day; it was left out",
        "no training was recognised in “Dentist”, “Long weekend”; left out",
    ]


@pytest.mark.parametrize("data", [b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTST"])
def test_a_calendar_with_nothing_in_it_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        read_plan(data, READER)


# ---------------------------------------------------------------- tables


def test_a_german_table() -> None:
    rows = "04.05.2026;Langer Lauf für zwei;90;16,5\nDi, 05.05.2026;6x800m;60;\n06.05.2026;Zahnarzt;;\n"
    data = ("Datum;Einheit;Dauer (min);km\n" + rows).encode("cp1252")
    found, said = sessions(data, "date", "kind", "duration_s", "distance_m")
    assert found == [(date(2026, 5, 4), "long", 5400.0, 16_500.0), (date(2026, 5, 5), "intervals", 3600.0, None)]
    assert said == ["no training was recognised in “Zahnarzt”; it was left out"]


def test_our_own_columns_come_back_as_they_are() -> None:
    data = (
        b"uid,date,kind,duration_s,distance_m,load_lu,optional,start_min\na,2026-05-04,tempo,3000,10000,62,true,1110\n"
    )
    found, said = sessions(data, "uid", "kind", "duration_s", "distance_m", "load_lu", "optional", "start_min")
    assert found == [("a", "tempo", 3000.0, 10_000.0, 62.0, True, 1110.0)]
    assert said == []


def test_trainingpeaks_columns_are_hours_and_metres() -> None:
    data = (
        b"Title,WorkoutType,PlannedDuration,PlannedDistanceInMeters,WorkoutDay\nEasy aerobic,Run,0.75,8000,2026-05-04\n"
    )
    assert sessions(data, "kind", "duration_s", "distance_m")[0] == [("easy", 2700.0, 8000.0)]


def test_a_date_that_may_be_two_days_is_not_guessed() -> None:
    found, said = sessions(b"date,title\n03/04/2026,Easy run\n", "date")
    assert found == []
    assert said == ["03/04/2026 may be two days; write it like 2026-05-04; it was left out"]
    assert sessions(b"date,title\n03/04/2026,Easy run\n25/04/2026,Easy run\n", "date")[0] == [
        (date(2026, 4, 3),),
        (date(2026, 4, 25),),
    ]


def test_numbers_without_a_unit_are_said_to_be_minutes_and_kilometres() -> None:
    found, said = sessions(b"day,workout,duration,distance\n2026-05-04,Easy run,45,8\n", "duration_s", "distance_m")
    assert found == [(2700.0, 8000.0)]
    assert said == [
        "durations without a unit are read as minutes",
        "distances without a unit are read as kilometres",
    ]


def test_an_impossible_value_is_left_out_and_the_rest_stays() -> None:
    found, said = sessions(b"date,kind,duration_s\n2026-05-04,easy,-5\n2026-02-30,easy,60\n", "date", "duration_s")
    assert found == [(date(2026, 5, 4), None)]
    assert len(said) == 2


# ---------------------------------------------------------------- YAML


def test_a_plan_written_by_hand() -> None:
    data = b"""
weeks:
  - from: 2026-05-04
    repeat: 2
    mon: rest
    tue: intervals 6x800 m, 60 min
    sun: [long 18 km, walk 20 min]
    someday: easy 5 km
sessions:
  - date: 2026-05-20
    kind: race
    distance: 10 km
    at: 18:30
  - {date: 2026-05-21, kind: easy, time: 45 min, load: 38, optional: true}
  - {date: 2026-05-22, kind: gentle}
  - {kind: easy}
"""
    found, said = sessions(data, "date", "kind", "duration_s", "distance_m", "load_lu", "optional", "start_min")
    assert (date(2026, 5, 12), "intervals", 3600.0, None, None, None, None) in found
    assert (date(2026, 5, 17), "long", None, 18_000.0, None, None, None) in found
    assert (date(2026, 5, 17), "walk", 1200.0, None, None, None, None) in found
    assert (date(2026, 5, 20), "race", None, 10_000.0, None, None, 1110.0) in found
    assert (date(2026, 5, 21), "easy", 2700.0, None, 38.0, True, None) in found
    assert len(found) == 10
    assert len(said) == 3


@pytest.mark.parametrize(
    "data", [b"sessions: [", b"weeks: &a [*a]", b"sessions:\n", b"weeks: 7\n", b"sessions: {a: 1}"]
)
def test_a_broken_yaml_never_breaks_the_reader(data: bytes) -> None:
    with suppress(UnreadableFile):
        assert read_plan(data, READER).sessions == []


# ---------------------------------------------------------------- files


def test_something_else_is_refused_in_a_sentence() -> None:
    for data in (b"", b"hello", b"\x00\x01", b"{}", b"date,energy\n2026-05-04,6\n"):
        with pytest.raises(UnreadableFile, match="this is no plan"):
            read_plan(data, READER)


def test_plans_in_zips_and_gzip_are_found(tmp_path) -> None:
    from freshlegs.diary.plans.keeping import read_files

    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("x/plan.csv", "date,title\n2026-05-04,Easy run\n")
        archive.writestr("x/readme.txt", "hello")
    (tmp_path / "b.ics.gz").write_bytes(gzip.compress(calendar("DTSTART;VALUE=DATE:20260505\nSUMMARY:Easy run")))
    found, problems = read_files([tmp_path], date(2026, 5, 1), None, None)
    assert [row["date"].day for row in found] == [4, 5]
    assert [problem.refused for problem in problems] == [True]
