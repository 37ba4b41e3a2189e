"""The API by its own description: whatever it is sent, it answers with a document or a sentence."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings

from freshlegs.web import create_app
from freshlegs.web.api import as_it_happens
from freshlegs.web.jobs import Job
from web.conftest import END, later

schemathesis = pytest.importorskip("schemathesis", reason="needs the extra dev")

HERE = {"host": "127.0.0.1:8765"}


@pytest.fixture(scope="module")
def app(own: Path) -> object:
    return create_app(own, now=later(1), upload_b=2**20)


@pytest.fixture(scope="module")
def client(app: object) -> TestClient:
    return TestClient(app, headers=HERE)  # type: ignore[arg-type]


def test_no_request_makes_a_server_error(app: object) -> None:
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", app, headers=HERE).exclude(path_regex="/events$")
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 20
    for operation in operations:

        @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def answers(case: schemathesis.Case) -> None:
            answer = case.call(headers=HERE)
            assert answer.status_code < 500, answer.text
            if answer.status_code >= 400 and answer.status_code != 405:
                assert set(answer.json()) == {"error"}

        answers()


def test_a_check_in_tells_the_verdict_it_makes(client: TestClient) -> None:
    day = END.isoformat()
    said = client.post(f"/api/v1/checkins/{day}", json={"energy": 2, "note": "Grüße 🏃"})
    assert said.status_code == 201
    assert said.json()["state"] == client.get(f"/api/v1/today?date={day}").json()["state"]
    rows = client.get(f"/api/v1/checkins?from={day}&to={day}").json()["checkins"]
    assert [(row["energy"], row["note"]) for row in rows] == [(2.0, "Grüße 🏃")]
    assert client.delete(f"/api/v1/checkins/{day}").json()["undone"]["energy"] == 2.0


@pytest.mark.parametrize(
    ("answers", "word"),
    [
        ({"energy": 11}, "between"),
        ({"enrgy": 5}, "did you mean energy"),
        ({}, "needs an answer"),
        ({"ill": "x"}, "ill"),
    ],
)
def test_what_cannot_be_is_one_sentence(client: TestClient, answers: dict[str, object], word: str) -> None:
    answer = client.post(f"/api/v1/checkins/{END}", json=answers)
    assert answer.status_code == 422
    assert word in answer.json()["error"]


def test_a_file_is_taken_in_and_told_of_as_it_happens(client: TestClient) -> None:
    taken = client.post("/api/v1/imports?name=../../nothing.fit", content=b"no file of any kind")
    assert taken.status_code == 202
    job = taken.json()["job"]
    assert job["name"] == "nothing.fit"
    told = client.get(f"/api/v1/imports/{job['id']}/events").text
    assert '"state": "done"' in told
    assert "nothing.fit" in told
    report = client.get(f"/api/v1/imports/{job['id']}").json()["job"]["report"]
    assert report["imported"]["runs"] == 0
    assert len(report["problems"]) == 1
    assert client.post("/api/v1/imports", content=b"x" * (2**20 + 1)).status_code == 413
    assert client.get("/api/v1/imports/nobody").status_code == 404


def test_the_last_news_is_told_though_it_comes_while_the_one_before_is_told() -> None:
    job = Job("a", "run.fit", 19, state="reading", changes=1)

    async def hear() -> list[str]:
        heard = []
        async for news in as_it_happens(job):
            heard.append(json.loads(news.removeprefix("data: "))["state"])
            if job.state == "reading":
                job.error, job.state, job.changes = "not a file of runs", "failed", 2
        return heard

    assert asyncio.run(hear()) == ["reading", "failed"]
