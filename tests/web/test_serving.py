"""What `freshlegs serve` does and refuses, as a program asks: headers, other sites, other names, too much at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from freshlegs.web import create_app
from web.conftest import END, morning

HERE = {"host": "127.0.0.1:8765"}


@pytest.fixture(scope="module")
def client(filled: Path) -> TestClient:
    return TestClient(create_app(filled, now=morning()), headers=HERE)


def test_the_verdict_of_the_pages_is_that_of_the_command(client: TestClient, filled: Path) -> None:
    from freshlegs import Diary

    with Diary.open(filled, now=morning()) as diary:
        told = diary.today()
    assert client.get("/api/v1/today").json() == told
    assert told["headline"] in client.get("/").text.replace("&#39;", "'")
    assert client.get(f"/api/v1/today?date={END}").json() == told


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "", "[", "192.168.0.7"]
)
def test_another_name_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["localhost:8765", "127.0.0.1", "[::1]:8765", "LOCALHOST"])
def test_this_machine_is_known_by_its_names(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:8765"},
    ],
)
def test_another_site_changes_nothing(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/api/v1/checkins/2025-05-04", json={"energy": 1}, headers=headers).status_code == 403


@pytest.mark.parametrize("path", ["/", "/checkin", "/api/v1/today", "/static/style.css", "/nothing", "/api/v1/nothing"])
def test_every_answer_has_the_headers_that_keep_others_out(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in policy


def test_only_files_without_data_may_be_kept(client: TestClient) -> None:
    assert client.get("/").headers["cache-control"] == "no-store"
    assert client.get("/api/v1/today").headers["cache-control"] == "no-store"
    assert "immutable" in client.get("/static/style.css").headers["cache-control"]


def test_a_script_asks_for_what_it_imports_by_its_mark_and_the_worker_keeps_that(client: TestClient) -> None:
    kept = re.findall(r"/static/[\w.-]+\?\w+", client.get("/sw.js").text)
    scripts = re.findall(r'src="(/static/\w+\.js\?\w+)"', client.get("/checkin").text)
    for script in scripts:
        assert script in kept
        for name in re.findall(r'from "\./([^"]+)"', client.get(script).text):
            assert f"/static/{name}" in kept


def test_too_much_at_once_is_refused(client: TestClient) -> None:
    assert client.post("/checkin", content=b"x" * (2**20 + 1)).status_code == 413

    def pieces() -> object:
        yield from (b"x" * 2**18 for _ in range(6))

    answer = client.post("/checkin", content=pieces(), headers={"content-type": "application/x-www-form-urlencoded"})
    assert answer.status_code in (405, 413)


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/..%2fapp.py", "/static/.hidden", "/static/nothing"])
def test_static_files_are_those_of_one_folder(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("day", ["2025-13-01", "yesterdays", "1000-01-01", "2999-01-01"])
def test_a_day_that_is_none_is_a_sentence(client: TestClient, day: str) -> None:
    answer = client.get(f"/api/v1/today?date={day}")
    assert answer.status_code == 422
    assert set(answer.json()) == {"error"}
    page = client.get(f"/?date={day}")
    assert page.status_code == 422
    assert "Traceback" not in page.text
