"""The first time: what each service is asked for and what is kept; what is said when it is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from garminconnect import GarminConnectAuthenticationError, GarminConnectTooManyRequestsError
from garminconnect.client import Client

from freshlegs.problems import NothingDone
from freshlegs.sync import garmin, intervals, polar, strava
from freshlegs.sync.contract import NotConnected, Unreachable

from .conftest import Carry


class Said:
    """A runner who answers from a list."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.secrets: list[str] = []

    def ask(self, question: str, *, secret: bool = False) -> str:
        if secret:
            self.secrets.append(question)
        return self.answers.pop(0)

    def tell(self, sentence: str) -> None:
        assert sentence

    def allow(self, address: str) -> None:
        raise AssertionError(address)


@pytest.fixture
def yes(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (strava, polar):
        monkeypatch.setattr(module, "allowed", lambda *_args, **_asked: ("the-code", "http://127.0.0.1:8766/"))


def logs_in(monkeypatch: pytest.MonkeyPatch, code: str | None = None, error: Exception | None = None) -> None:
    """Garmin's login, with or without a second step."""

    def login(self: Client, email: str, password: str, prompt_mfa: Any = None, **_: Any) -> None:
        if error is not None:
            raise error
        if code is not None and prompt_mfa() != code:
            raise GarminConnectAuthenticationError("MFA verification failed")
        self.di_token = f"token of {email}"

    monkeypatch.setattr(Client, "login", login)


def test_garmin_with_a_second_step_keeps_a_session_and_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    logs_in(monkeypatch, code="123456")
    said = Said("me@example.org", "pass word", "123456")
    tokens = garmin.connect(said)
    assert said.secrets == ["Password"]
    assert json.loads(tokens["session"])["di_token"] == "token of me@example.org"
    assert "pass word" not in json.dumps(tokens)


@pytest.mark.parametrize(
    ("error", "fault", "why"),
    [
        (GarminConnectAuthenticationError("401 Unauthorized"), NotConnected, "e-mail and password"),
        (GarminConnectTooManyRequestsError("429"), Unreachable, "in an hour"),
        (OSError("no route"), Unreachable, "cannot be reached"),
    ],
)
def test_what_garmin_answers_instead(
    error: Exception, fault: type[Exception], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs_in(monkeypatch, error=error)
    with pytest.raises(fault, match=why):
        garmin.connect(Said("me@example.org", "x"))


def test_a_wrong_code_of_the_second_step(monkeypatch: pytest.MonkeyPatch) -> None:
    logs_in(monkeypatch, code="123456")
    with pytest.raises(NotConnected, match="this code"):
        garmin.connect(Said("me@example.org", "x", "000000"))


def test_strava_and_polar_keep_what_their_yes_gave(carry: Carry, yes: None) -> None:
    carry("strava")
    tokens = strava.connect(Said("1234", "secret"))
    assert tokens["client_id"] == 1234
    assert (tokens["access_token"], tokens["refresh_token"]) == ("new", "newer")
    carry("polar")
    assert polar.connect(Said("id", "secret")) == {"token": "t"}


def test_wrong_ids_and_secrets(carry: Carry, yes: None) -> None:
    carry("strava").instead = lambda _asked: (400, {}, b'{"message": "Bad Request", "errors": []}')
    with pytest.raises(NotConnected, match="client ID and secret"):
        strava.connect(Said("1234", "wrong"))
    carry("polar").instead = lambda _asked: (401, {}, b"{}")
    with pytest.raises(NotConnected, match="client ID and secret"):
        polar.connect(Said("id", "wrong"))


def test_nothing_entered_is_nothing_changed() -> None:
    for module, answers in ((garmin, ("", "")), (intervals, ("",)), (strava, ("", "")), (polar, ("", ""))):
        with pytest.raises(NothingDone, match="nothing was changed"):
            module.connect(Said(*answers))  # type: ignore[attr-defined]
