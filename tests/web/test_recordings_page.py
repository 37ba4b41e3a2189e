"""Recordings put right on the page of a run: chosen, taken apart, said to be one, put together, taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="needs the extra web")

from tests.web.conftest import PHONE, Look, Serve, assert_accessible, morning

from freshlegs import Diary

HEAD = "start_utc,sport,distance_m,elapsed_s,hr_mean_bpm\n"
FILES = {
    "watch.csv": "2025-05-02T06:00:10Z,running,10000,3600,140",
    "phone.csv": "2025-05-02T06:00:20Z,running,10100,3610,",
    "second-half.csv": "2025-05-02T07:10:00Z,running,2000,700,",
    "treadmill.csv": "2025-05-02T06:20:00Z,running,9000,1800,",
}


class Desk:
    """A home with these files in it, and its site without a browser."""

    def __init__(self, folder: Path) -> None:
        from fastapi.testclient import TestClient

        from freshlegs.web import create_app

        self.home = folder / "home"
        for name, row in FILES.items():
            (folder / name).write_text(f"{HEAD}{row}\n")
        with Diary.open(self.home, now=morning()) as diary:
            diary.import_files([folder / name for name in FILES])
        self.client = TestClient(create_app(self.home, now=morning()), base_url="http://localhost")

    def metres(self) -> list[float]:
        with Diary.open(self.home, now=morning()) as diary:
            return list(diary.runs()["distance_m"])

    def run(self, metres: float) -> str:
        with Diary.open(self.home, now=morning()) as diary:
            return str(diary.runs().filter(distance_m=metres)["id"][0])

    def page(self, metres: float) -> str:
        return str(self.client.get(f"/runs/{self.run(metres)}").text)

    def press(self, page: str, label: str) -> str:
        """Send the form of the first button with this label; the page that follows."""
        form = re.search(rf'action="([^"]+)"><button[^>]*>{re.escape(label)}<', page)
        assert form is not None, f"no button {label!r}"
        answer = self.client.post(form[1])
        assert answer.status_code == 200
        return str(answer.text)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    with desk.client:
        yield desk


def test_the_other_recording_is_kept_and_the_choice_taken_back(desk: Desk) -> None:
    assert sorted(desk.metres()) == [2000, 9000, 10_000]
    page = desk.page(10_000)
    assert "this recording is kept" in page
    assert "fills its gaps" in page
    page = desk.press(page, "Keep this recording instead")
    assert "This recording is kept from now on." in page
    assert sorted(desk.metres()) == [2000, 9000, 10_100]
    desk.press(page, "Take it back")
    assert sorted(desk.metres()) == [2000, 9000, 10_000]


def test_what_is_another_run_is_taken_out(desk: Desk) -> None:
    page = desk.press(desk.page(10_000), "This is another run")
    assert "They are runs of their own now." in page
    assert sorted(desk.metres()) == [2000, 9000, 10_000, 10_100]
    assert "Keep this recording instead" not in desk.page(10_000)
    desk.press(desk.page(10_000), "It is the same run")
    assert sorted(desk.metres()) == [2000, 9000, 10_000]


def test_what_overlaps_can_be_the_same_run_and_what_follows_a_part_of_it(desk: Desk) -> None:
    page = desk.page(10_000)
    assert page.count(">It is the same run<") == 1
    assert page.count(">It is a part of the same run<") == 1
    page = desk.press(page, "It is a part of the same run")
    assert "The parts are one run now." in page
    assert sorted(desk.metres()) == [9000, 12_000]
    page = desk.press(page, "Take the parts apart")
    assert sorted(desk.metres()) == [2000, 9000, 10_000]


def test_nothing_to_take_back_is_said_and_a_foreign_page_may_not(desk: Desk) -> None:
    answer = desk.client.post("/runs/changes/undo")
    assert answer.status_code == 422
    assert "no change of a run to take back" in answer.text
    run = desk.run(10_000)
    foreign = desk.client.post(f"/runs/{run}/split", headers={"Origin": "https://elsewhere.example"})
    assert foreign.status_code == 403
    assert sorted(desk.metres()) == [2000, 9000, 10_000]


def test_it_works_by_hand_on_a_phone(desk: Desk, serve: Serve, look: Look) -> None:
    page = look(serve(desk.home), PHONE, path=f"/runs/{desk.run(10_000)}").page
    page.get_by_text("Where it comes from").click()
    assert_accessible(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Keep this recording instead").click()
    assert "This recording is kept" in page.get_by_role("status").first.inner_text()
    assert_accessible(page)
