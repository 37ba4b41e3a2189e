"""Each service with recorded answers in the place of the network, and no keyring."""

from __future__ import annotations

from collections.abc import Callable

import keyring
import pytest
from keyring.backends import fail

from .recorded import SERVICES, Recorded

Carry = Callable[[str], Recorded]


@pytest.fixture(autouse=True)
def no_keyring() -> None:
    keyring.set_keyring(fail.Keyring())


@pytest.fixture
def carry(monkeypatch: pytest.MonkeyPatch) -> Carry:
    """Put a service's answers in the place of the network."""

    def put(name: str) -> Recorded:
        import garminconnect.client
        import requests

        from freshlegs.sync import strava, web

        answers = SERVICES[name]()

        def session(_client: object) -> requests.Session:
            made = requests.Session()
            made.mount("https://", answers)
            return made

        monkeypatch.setattr(web, "transport", answers.for_httpx())
        monkeypatch.setattr(strava, "adapter", answers)
        monkeypatch.setattr(garminconnect.client.Client, "_fresh_api_session", session)
        return answers

    return put
