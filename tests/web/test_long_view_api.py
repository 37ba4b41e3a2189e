"""The API behind the charts and the runs, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

pytest.importorskip("fastapi", reason="needs the extra web")

from tests.web.conftest import END, morning

from freshlegs import Diary


@pytest.fixture(scope="module")
def client(own: Path) -> Iterator[Any]:
    from fastapi.testclient import TestClient

    from freshlegs.web import create_app

    with TestClient(create_app(own, now=morning()), base_url="http://localhost") as client:
        yield client


@pytest.fixture(scope="module")
def newest(own: Path) -> str:
    with Diary.open(own, now=morning()) as diary:
        return str(diary.runs().sort("start_utc")["id"][-1])


def test_a_chart_is_its_sentence_and_its_numbers(client: Any, own: Path) -> None:
    found = client.get("/api/v1/charts/story", params={"first": "2025-04-01", "last": str(END)}).json()
    assert found["schema_version"] == 1
    rows = [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]
    with Diary.open(own, now=morning()) as diary:
        told = {document["date"]: document["state"] for document in diary.history("2025-04-01", END)}
    assert {row["date"]: row["state"] for row in rows} == told


@pytest.mark.parametrize("name", ["story", "nights", "signs", "balance", "evidence"])
def test_every_chart_is_a_picture_too(client: Any, name: str) -> None:
    answer = client.get(f"/api/v1/charts/{name}/picture.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert ET.fromstring(answer.text).tag.endswith("svg")


def test_a_run_by_the_api(client: Any, newest: str) -> None:
    listed = client.get("/api/v1/runs", params={"most": 3}).json()
    assert listed["total"] > 100
    assert listed["runs"][0]["id"] == newest
    found = client.get(f"/api/v1/runs/{newest}").json()
    assert found["run"]["distance_m"] == listed["runs"][0]["distance_m"]
    assert found["files"][0]["role"] == "kept"
    assert found["deleted"] is False


def test_a_run_is_changed_and_taken_out_by_the_api(client: Any, newest: str) -> None:
    assert client.patch(f"/api/v1/runs/{newest}", json={"race": True}).json()["changed"] == {"race": True}
    assert client.get(f"/api/v1/runs/{newest}").json()["run"]["race"] is True
    assert client.delete(f"/api/v1/runs/{newest}").json()["deleted"] is True
    assert client.get("/api/v1/runs", params={"most": 1}).json()["runs"][0]["id"] != newest
    assert client.post(f"/api/v1/runs/{newest}/restore").json()["deleted"] is False
    assert client.patch(f"/api/v1/runs/{newest}", json={"race": None}).status_code == 200
    assert client.get(f"/api/v1/runs/{newest}").json()["changed"] == {}


@pytest.mark.parametrize(
    ("method", "path", "words"),
    [
        ("get", "/api/v1/charts/run", "needs a run"),
        ("get", "/api/v1/charts/story?first=2025-05-03&last=2025-05-01", "cannot begin on"),
        ("get", "/api/v1/charts/story?last=2026-01-01", "lies in the future"),
        ("get", "/api/v1/charts/story?first=soon", "first"),
        ("get", "/api/v1/runs/zzz", "there is no run"),
        ("patch", "/api/v1/runs/zzz", "there is no run key 'colour'"),
        ("delete", "/api/v1/runs/zzz", "there is no run"),
    ],
)
def test_what_cannot_be_is_one_sentence(client: Any, method: str, path: str, words: str) -> None:
    answer = client.request(method.upper(), path, json={"colour": 1} if method == "patch" else None)
    assert answer.status_code == 422
    assert words in answer.json()["error"]


@pytest.mark.parametrize("query", ["span=2w", "first=2025-05-03&last=2025-05-01", "first=x"])
def test_a_page_says_what_cannot_be(client: Any, query: str) -> None:
    answer = client.get(f"/story?{query}")
    assert answer.status_code == 422
    assert "That did not work" in answer.text
