"""The form of the profile: units as people write them, two tabs at once, and a refusal that loses nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from freshlegs import Diary
from freshlegs.web import create_app
from web.conftest import morning
from web.forms import Tab

HERE = {"host": "127.0.0.1:8765"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def client(home: Path) -> TestClient:
    app = create_app(home, now=morning())
    return TestClient(app, base_url="http://127.0.0.1:8765", headers=HERE, follow_redirects=False)


def enter(home: Path, **values: Any) -> None:
    with Diary.open(home, now=morning()) as diary:
        diary.set_profile(**values)


def known(home: Path, key: str) -> Any:
    with Diary.open(home, now=morning()) as diary:
        return diary.profile().get(key, {}).get("value")


def tab(client: TestClient) -> Tab:
    return Tab(client, "/profile", "/profile")


@pytest.mark.parametrize(
    ("units", "typed", "cm"),
    [
        ("metric", "171", 171.0),
        ("metric", "170,5", 170.5),
        ("metric", "1.70 m", 170.0),
        ("metric", "5 ft 7 in", 170.2),
        ("imperial", "170 cm", 170.0),
        ("imperial", "5'7\"", 170.2),
        ("imperial", "5’ 7”", 170.2),
        ("imperial", "5 ft 7", 170.2),
        ("imperial", "5 ft", 152.4),
        ("imperial", "5 7", 170.2),
        ("imperial", "67 in", 170.2),
        ("imperial", "66.5in", 168.9),
    ],
)
def test_a_height_is_read_as_it_is_written(client: TestClient, home: Path, units: str, typed: str, cm: float) -> None:
    enter(home, units=units)
    assert tab(client).send(height_cm=typed).status_code == 303
    assert known(home, "height_cm") == pytest.approx(cm)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("67", "Write a height as 5 ft 7 in, 67 in or 170 cm."),
        ("170", "Write a height as 5 ft 7 in, 67 in or 170 cm."),
        ("5.7", "Write a height as 5 ft 7 in, 67 in or 170 cm."),
        ("5 ft 12", "A foot has 12 inches: after the feet, write 0 to 11, such as 5 ft 7 in."),
        ("5 70", "A foot has 12 inches: after the feet, write 0 to 11, such as 5 ft 7 in."),
        ("17 ft", "Height must be between 3 ft 3 in and 8 ft 2 in, so “17 ft” cannot be."),
    ],
)
def test_a_height_that_could_mean_two_things_is_asked_about(
    client: TestClient, home: Path, typed: str, said: str
) -> None:
    enter(home, units="imperial")
    one = tab(client)
    assert one.send(height_cm=typed).status_code == 422
    assert said in one.text()
    assert known(home, "height_cm") is None


def test_a_tab_saves_what_was_changed_in_it_and_reverts_nothing(client: TestClient, home: Path) -> None:
    enter(home, hr_max_bpm=185, height_cm=170)
    one, other = tab(client), tab(client)
    assert other.send(hr_max_bpm="192", units="imperial").status_code == 303
    assert one.send(sleep_need_h="8").status_code == 303
    found = {key: known(home, key) for key in ("hr_max_bpm", "height_cm", "sleep_need_h", "units")}
    assert found == {"hr_max_bpm": 192.0, "height_cm": 170.0, "sleep_need_h": 8.0, "units": "imperial"}


def test_what_is_typed_is_read_in_the_units_the_form_showed(client: TestClient, home: Path) -> None:
    enter(home, show_weight=True)
    one = tab(client)
    enter(home, units="imperial")
    assert one.send(height_cm="171", weight_kg="64", threshold_mps="4:30").status_code == 303
    assert (known(home, "height_cm"), known(home, "weight_kg")) == (171.0, 64.0)
    assert known(home, "threshold_mps") == pytest.approx(1000 / 270)


def test_what_was_taken_out_in_a_tab_is_taken_out(client: TestClient, home: Path) -> None:
    enter(home, hr_max_bpm=185, sleep_need_h=8)
    one = tab(client)
    enter(home, sleep_need_h=7)
    one.send(hr_max_bpm="")
    assert known(home, "sleep_need_h") == 7.0
    with Diary.open(home, now=morning()) as diary:
        assert diary.profile().get("hr_max_bpm", {}).get("basis") != "measured"


def test_a_refused_field_says_why_and_the_form_keeps_what_was_typed(client: TestClient, home: Path) -> None:
    enter(home, hr_rest_bpm=50)
    one = tab(client)
    answer = one.send(height_cm="17000", hr_max_bpm="fast", hr_rest_bpm="48", home_time_zone="Europe/Oslo")
    assert answer.status_code == 422
    assert one.fields["height_cm"] == "17000"
    assert (one.fields["hr_rest_bpm"], one.fields["home_time_zone"]) == ("48", "Europe/Oslo")
    assert one.said_of("height_cm") == "Height must be between 100 cm and 250 cm, so “17000” cannot be."
    assert one.said_of("hr_max_bpm").startswith("Highest heart rate is a number, such as 42.5; “fast” is none.")
    assert [one.field(key).get("aria-invalid") for key in ("height_cm", "hr_rest_bpm")] == ["true", None]
    assert one.text("//*[@role='alert']") == "Nothing is kept yet. Please look at Height, Highest heart rate."
    assert known(home, "hr_rest_bpm") == 50.0
    assert one.send(height_cm="170", hr_max_bpm="185").status_code == 303
    found = [known(home, key) for key in ("height_cm", "hr_max_bpm", "hr_rest_bpm", "home_time_zone")]
    assert found == [170.0, 185.0, 48.0, "Europe/Oslo"]


def test_heart_rates_in_the_wrong_order_are_told_at_the_one_that_was_changed(client: TestClient, home: Path) -> None:
    enter(home, hr_max_bpm=130)
    one = tab(client)
    assert one.send(hr_threshold_bpm="150", sleep_need_h="8").status_code == 422
    said = "Threshold heart rate (150) must be lower than highest heart rate (130)."
    assert one.said_of("hr_threshold_bpm").startswith(said)
    assert one.fields["sleep_need_h"] == "8"


def test_a_weight_is_shown_and_read_in_pounds(client: TestClient, home: Path) -> None:
    enter(home, show_weight=True, units="imperial", weight_kg=68.2657)
    one = tab(client)
    assert one.fields["weight_kg"] == "150.5"
    assert one.send(weight_kg="260").status_code == 303
    assert known(home, "weight_kg") == pytest.approx(117.934)
    assert one.send(weight_kg="40").status_code == 422
    assert one.said_of("weight_kg") == "Weight must be between 55.1 lb and 551.2 lb, so “40” cannot be."


@pytest.mark.parametrize(
    ("born", "said"),
    [
        ("2031-01-01", "Birth date lies in the future: 2031-01-01."),
        ("2022-03-04", "Birth date 2022-03-04 is less than 5 years ago; please check the year."),
    ],
)
def test_a_birth_date_that_cannot_be_is_refused(client: TestClient, home: Path, born: str, said: str) -> None:
    one = tab(client)
    assert one.send(birth_date=born, sleep_need_h="8").status_code == 422
    assert one.said_of("birth_date") == said
    assert one.fields["sleep_need_h"] == "8"
    assert client.patch("/api/v1/profile", json={"birth_date": born}).status_code == 422
    assert known(home, "birth_date") is None
    assert one.send(birth_date="1985-03-12").status_code == 303
