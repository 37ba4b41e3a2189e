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
        ("17 ft", "Height lies between 3 ft 3 in and 8 ft 2 in, so “17 ft” cannot be."),
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
