"""``sync``: connecting on a terminal, what is said when something is missing, forgetting."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from freshlegs.sync import redirect
from freshlegs.sync.contract import NotConnected
from freshlegs.sync.tokens import TokenBox

from .conftest import Run


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No keyring, and no network: the fake of intervals.icu lets one key in and has nothing."""
    import httpx
    import keyring
    from keyring.backends import fail

    from freshlegs.sync import web

    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers["Authorization"] != "Basic QVBJX0tFWTpnb29k":  # API_KEY:good
            return httpx.Response(403, json={"status": 403})
        return httpx.Response(200, json={"id": "i1"} if request.url.path.endswith("/0") else [])

    keyring.set_keyring(fail.Keyring())
    monkeypatch.setattr(web, "transport", httpx.MockTransport(answer))


def typed(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setattr("freshlegs.cli.prompting.can_ask", lambda: True)
    monkeypatch.setattr("getpass.getpass", lambda _question: key)


def test_the_first_time_it_asks_then_it_fetches_and_forgets_when_told(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, "good")
    said = run("sync", "intervals", "--json")
    assert said.code == 0, said.err
    assert said.document["complete"] is True
    assert "a file that only you may read" in said.err
    assert "good" not in said.out + said.err
    monkeypatch.setattr("freshlegs.cli.prompting.can_ask", lambda: False)
    assert run("sync", "intervals").code == 0
    listed = {one["service"]: one["connected"] for one in run("sync", "--json").document["services"]}
    assert listed == {"garmin": False, "intervals": True, "strava": False, "polar": False}
    assert "not connected" in run("sync").out
    assert run("sync", "--forget", "intervals", "--json").document["forgotten"] is True
    assert TokenBox(tmp_path / "home").find("intervals") is None
    assert run("sync", "intervals").code == 3


def test_a_wrong_key_is_one_sentence_and_nothing_is_kept(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, "bad")
    said = run("sync", "intervals")
    assert (said.code, "does not accept this API key" in said.err) == (3, True)
    assert TokenBox(tmp_path / "home").find("intervals") is None


def test_without_the_extra_it_says_how_to_get_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("freshlegs.sync.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "stravalib", None)  # type: ignore[arg-type]
    said = run("sync", "strava")
    assert (said.code, "pip install '.[sync]'" in said.err) == (3, True)


def test_without_a_terminal_nobody_is_asked(run: Run) -> None:
    for name in ("garmin", "intervals", "strava", "polar"):
        said = run("sync", name)
        assert (said.code, "on a terminal" in said.err) == (3, True), name


def test_what_makes_no_sense_is_refused(run: Run) -> None:
    assert run("sync", "fitbit").code == 2
    assert run("sync", "intervals", "--from", "2999-01-01").code == 2
    assert run("sync", "intervals", "--forget", "intervals").code == 2


def test_erase_takes_the_tokens_along(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, "good")
    run("sync", "intervals")
    assert (tmp_path / "home" / "sync" / "intervals-tokens.json").exists()
    assert run("erase", "--yes").code == 0
    assert not (tmp_path / "home").exists()


class Browser:
    """A runner who answers the service's page."""

    def __init__(self, **answer: str) -> None:
        self._answer = answer
        self.seen: dict[str, str] = {}

    def allow(self, address: str) -> None:
        self.seen = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        back = self.seen["redirect_uri"]
        answers = [{"state": "of somebody else", "code": "theirs"}, {"state": self.seen["state"], **self._answer}]

        def go() -> None:
            import contextlib
            import urllib.error

            for one in answers:
                with contextlib.suppress(urllib.error.HTTPError):
                    urllib.request.urlopen(f"{back}?{urlencode(one)}", timeout=30).read()

        threading.Thread(target=go).start()

    def ask(self, question: str, *, secret: bool = False) -> str:
        return ""

    def tell(self, sentence: str) -> None:
        """Nothing is read here."""


def free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_a_yes_in_the_browser_comes_back_to_this_machine_and_answers_to_others_are_ignored() -> None:
    browser = Browser(code="ours")
    code, back = redirect.allowed(
        browser, "Strava", "https://example.org/a", port=free_port(), client_id="1", scope="s"
    )
    assert code == "ours"
    assert back.startswith("http://127.0.0.1:")
    assert browser.seen["client_id"] == "1"


def test_a_no_in_the_browser_is_a_no() -> None:
    browser: Any = Browser(error="access_denied")
    with pytest.raises(NotConnected, match="was not allowed"):
        redirect.allowed(browser, "Strava", "https://example.org/a", port=free_port(), client_id="1")
