"""A table nobody has seen before: its map is guessed, can be corrected, and then reads the table."""

import tomllib

import pytest

from freshlegs.importers import read
from freshlegs.importers.contract import Context, Source
from freshlegs.importers.csv_guess import guess
from freshlegs.problems import UnreadableFile

TEAM = "Datum;Müdigkeit;Soreness (1-5);Wetter\n" + "\n".join(
    f"{day:02d}.05.2026;{1 + day % 5};{1 + day % 4};mild" for day in range(1, 29)
)
LOG = "Activity Date,Miles,Time,Avg HR\n05/13/2026 06:30,6.2,52:10,141\n05/14/2026 18:05,3.1,26:40,150\n"


def reread(data: str, text: str) -> object:
    return read(Source("x.csv", data.encode(), Context("Europe/Oslo", {"x": tomllib.loads(text)})))


def test_the_guess_reads_the_table_it_was_made_for() -> None:
    found = guess(TEAM.encode())
    assert found is not None
    assert (
        found.as_map()
        == {
            "table": "checkins",
            "date_format": "%d.%m.%Y",
            "columns": {
                "date": "Datum",
                "energy": {"from": "Müdigkeit", "scale": [1, 5], "turned": True},
                "soreness": {"from": "Soreness (1-5)", "scale": [1, 5]},
            },
        }
        or found.table == "nights"
    )
    assert tomllib.loads(found.as_toml()) == found.as_map()
    assert "Wetter" in found.as_toml()
    reading = reread(TEAM, found.as_toml())
    assert len(reading.checkins) == 28  # type: ignore[attr-defined]
    assert reading.checkins[0]["energy"] == pytest.approx(7.5)  # type: ignore[attr-defined]


def test_a_log_of_runs_with_miles_and_an_american_date() -> None:
    found = guess(LOG.encode())
    assert found is not None
    assert found.as_map() == {
        "table": "runs",
        "date_format": "%m/%d/%Y %H:%M",
        "columns": {
            "start_local": "Activity Date",
            "distance_m": {"from": "Miles", "unit": "mi"},
            "moving_s": {"from": "Time", "unit": "mm:ss"},
            "hr_mean_bpm": "Avg HR",
        },
    }
    run = reread(LOG, found.as_toml()).runs[0]  # type: ignore[attr-defined]
    assert (round(run["distance_m"]), run["moving_s"]) == (9978, 3130.0)


def test_hours_of_sleep_are_hours() -> None:
    found = guess(b"Date;Sleep hours;RHR\n2026-05-04;7,5;48\n2026-05-05;8;47\n")
    assert found is not None
    told = {"date": "Date", "sleep_s": {"from": "Sleep hours", "unit": "h"}, "hr_rest_bpm": "RHR"}
    assert found.as_map() == {"table": "nights", "columns": told}


@pytest.mark.parametrize("name", ["sleep_h", "Sleep (h)", "sleep hours", "Time asleep [h]", "Sleep duration hrs"])
def test_a_unit_at_the_end_of_a_name_hides_nothing(name: str) -> None:
    found = guess(f"date,{name}\n2026-05-03,7.5\n2026-05-04,6.25\n".encode())
    assert found is not None
    assert found.columns["sleep_s"] == (name, {"unit": "h"})


def test_a_date_that_fits_two_forms_is_said_to_be_unsure() -> None:
    found = guess(b"Day,Mood\n01/02/2026,4\n03/04/2026,5\n")
    assert found is not None
    assert any("%d/%m/%Y and %m/%d/%Y" in remark for remark in found.unsure)


def test_what_cannot_be_guessed_is_not() -> None:
    assert guess(b"a,b\n1,2\n3,4\n") is None
    with pytest.raises(UnreadableFile):
        guess(b"")
