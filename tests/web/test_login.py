"""The password: nothing is seen without it, trying many costs time, and others are not served without one."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from freshlegs.cli.app import freshlegs
from freshlegs.web import create_app
from freshlegs.web.login import FREE, Login, hashed
from web.conftest import morning

HERE = {"host": "127.0.0.1:8765"}
PASSWORD = "a long enough password"


@pytest.fixture(scope="module")
def kept() -> str:
    return hashed(PASSWORD)


@pytest.fixture
def client(filled: Path, kept: str) -> TestClient:
    app = create_app(filled, now=morning(), password_hash=kept)
    return TestClient(app, base_url="http://127.0.0.1:8765", headers=HERE, follow_redirects=False)


@pytest.mark.parametrize("path", ["/", "/why", "/profile", "/profile/export.zip", "/import", "/help"])
def test_a_page_leads_to_the_password(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/api/v1/today", "/api/openapi.json"])
def test_the_api_says_that_it_is_needed(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 401


def test_with_the_password_everything_is_there_and_after_leaving_it_is_not(client: TestClient) -> None:
    answer = client.post("/login", data={"password": PASSWORD})
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert client.get("/").status_code == 200
    assert client.get("/api/v1/today").status_code == 200
    client.post("/logout")
    assert client.get("/").status_code == 303


def test_a_cookie_of_one_s_own_making_opens_nothing(client: TestClient) -> None:
    client.cookies.set("freshlegs", "guessed")
    assert client.get("/").status_code == 303


def test_many_wrong_passwords_cost_time_and_the_right_one_too_meanwhile(kept: str) -> None:
    now = [0.0]
    app = Starlette(routes=[Route("/", lambda _: PlainTextResponse("inside"))])
    client = TestClient(Login(app, kept, clock=lambda: now[0]), follow_redirects=False)
    for _ in range(FREE + 1):
        assert client.post("/login", data={"password": "wrong wrong"}).status_code == 401
    waiting = client.post("/login", data={"password": PASSWORD})
    assert waiting.status_code == 429
    assert int(waiting.headers["retry-after"]) >= 1
    now[0] += float(waiting.headers["retry-after"])
    assert client.post("/login", data={"password": PASSWORD}).status_code == 303
    assert client.get("/").text == "inside"


def test_others_are_not_served_without_a_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FRESHLEGS_PASSWORD", raising=False)
    said = CliRunner().invoke(freshlegs, ["--home", str(tmp_path / "home"), "serve", "--host", "0.0.0.0"])
    assert said.exit_code == 3
    assert "--set-password" in said.stderr


def test_a_password_is_kept_hashed_and_for_its_owner_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    arguments = ["--home", str(home), "serve", "--set-password"]
    said = CliRunner().invoke(freshlegs, arguments, input=f"{PASSWORD}\n{PASSWORD}\n")
    assert said.exit_code == 0, said.stderr
    kept = home / "pages-password"
    assert PASSWORD not in kept.read_text()
    assert kept.read_text().startswith("$argon2id$")
    assert kept.stat().st_mode & 0o077 == 0
    short = CliRunner().invoke(freshlegs, arguments, input="short\nshort\n")
    assert short.exit_code == 2
    gone = CliRunner().invoke(freshlegs, ["--home", str(home), "erase", "--yes"])
    assert gone.exit_code == 0, gone.stderr
    assert not home.exists()


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = CliRunner().invoke(freshlegs, ["--home", str(tmp_path / "home"), "serve", "--port", port])
    assert said.exit_code == 3
    assert "another port" in said.stderr
    assert "Traceback" not in said.stderr
