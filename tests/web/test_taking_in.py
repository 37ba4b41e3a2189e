"""Files that come in by the pages: what their names may be, and what becomes of them when everything is erased."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from freshlegs import Diary
from freshlegs.web import create_app
from web.conftest import END, morning

TRACK = """<gpx version="1.1" creator="us"><trk><trkseg>
<trkpt lat="60.0" lon="10.0"><time>2025-{month:02}-{day:02}T06:00:00Z</time></trkpt>
<trkpt lat="60.{km:03}" lon="10.0"><time>2025-{month:02}-{day:02}T06:20:00Z</time></trkpt>
</trkseg></trk></gpx>"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def client(home: Path) -> TestClient:
    return TestClient(create_app(home, now=morning()), headers={"host": "127.0.0.1:8765"})


def many_runs() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(400):
            track = TRACK.format(month=1 + number % 4, day=1 + number % 28, km=10 + number)
            archive.writestr(f"{number}.gpx", track)
    return packed.getvalue()


def test_erasing_ends_an_import_and_leaves_nothing(client: TestClient, home: Path) -> None:
    jobs = [client.post("/api/v1/imports?name=all.zip", content=many_runs()).json()["job"] for _ in range(2)]
    until = time.monotonic() + 60
    while client.get(f"/api/v1/imports/{jobs[0]['id']}").json()["job"]["files"] < 1:
        assert time.monotonic() < until
        time.sleep(0.01)
    erased = client.post("/profile/erase", data={"word": "erase"}, follow_redirects=False)
    assert erased.status_code == 303
    assert not home.exists()
    assert client.get("/api/v1/imports").json()["jobs"] == []
    assert client.get("/").status_code == 200
    track = TRACK.format(month=1, day=1, km=10).encode()
    again = client.post("/api/v1/imports?name=1.gpx", content=track).json()["job"]
    assert '"state": "done"' in client.get(f"/api/v1/imports/{again['id']}/events").text
    with Diary.open(home) as diary:
        assert diary.runs().height == 1


@pytest.mark.parametrize("name", ["走" * 115 + ".gpx", "é" * 300, "🏃" * 80 + ".zip"])
def test_a_long_name_is_cut_where_it_may_be(client: TestClient, home: Path, name: str) -> None:
    taken = client.post("/api/v1/imports", params={"name": name}, content=b"no file of any kind")
    assert taken.status_code == 202
    assert name.endswith(taken.json()["job"]["name"])
    assert '"state": "done"' in client.get(f"/api/v1/imports/{taken.json()['job']['id']}/events").text
    plain = client.post("/import", files={"files": (name, b"no file of any kind")}, follow_redirects=False)
    assert plain.status_code == 303
    newest = client.get("/api/v1/imports").json()["jobs"][0]
    assert '"state": "done"' in client.get(f"/api/v1/imports/{newest['id']}/events").text
    until = time.monotonic() + 60
    while list(home.glob("incoming-*")):  # it goes just after the last news
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_plan_that_cannot_be_read_is_told_of_by_its_own_name(client: TestClient) -> None:
    told = client.post("/plan-files", files={"files": ("走" * 115 + ".ics", b"no calendar at all")})
    assert told.status_code == 422
    assert "走.ics" in told.text
    assert "freshlegs-plan-" not in told.text


def test_a_long_calendar_is_taken_in(client: TestClient) -> None:
    event = (
        "BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20250501T000000Z\r\nDTSTART:20250510\r\nSUMMARY:Easy 8 km\r\nEND:VEVENT\r\n"
    )
    notes = "X-NOTE:" + "so it goes " * 120_000 + "\r\n"
    calendar = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:us\r\n{notes}{event}END:VCALENDAR\r\n".encode()
    assert len(calendar) > 2**20
    assert (
        client.post("/plan-files", files={"files": ("plan.ics", calendar)}, follow_redirects=False).status_code == 303
    )


def test_pounds_are_held_against_what_kilograms_may_be(client: TestClient, home: Path) -> None:
    with Diary.open(home, now=morning()) as diary:
        diary.set_profile(units="imperial", show_weight=True)
    said = {"date": END.isoformat(), "energy": "6", "weight_lb": "260"}
    assert client.post("/checkin", data=said, follow_redirects=False).status_code == 303
    with Diary.open(home, now=morning()) as diary:
        assert diary.checkins()["weight_kg"].round(1).to_list() == [117.9]
    assert client.post("/checkin", data=said | {"weight_lb": "2600"}, follow_redirects=False).status_code == 422
