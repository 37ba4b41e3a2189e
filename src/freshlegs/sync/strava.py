"""Strava: activities with their samples, by an application of the runner's own and the client library stravalib.

Strava allows an application 100 requests in a quarter of an hour and 1,000 a day; each activity costs one.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Container, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any, Final

import requests
from stravalib import Client, exc

from freshlegs.problems import NothingDone
from freshlegs.sync.contract import Busy, Item, ItemMissing, NotConnected, Talk, Tokens, check, no_network
from freshlegs.sync.redirect import allowed

NAME: Final = "strava"
TITLE: Final = "Strava"
PAUSE_S: Final = 0.5

_ALLOW: Final = "https://www.strava.com/oauth/authorize"
_STREAMS: Final = "time,latlng,distance,altitude,velocity_smooth,heartrate,cadence,watts,temp"
_PAGE: Final = 100
_QUARTER_S: Final = 15 * 60

logging.getLogger("stravalib").addHandler(logging.NullHandler())
os.environ.setdefault("SILENCE_TOKEN_WARNINGS", "true")  # the library wants its secrets in the environment, and says so

adapter: requests.adapters.BaseAdapter | None = None
"""What carries the requests; tests put recorded answers here."""


def connect(talk: Talk) -> Tokens:
    """Ask for the application's id and secret, then for the runner's yes in the browser."""
    talk.tell(
        "Strava wants an application of your own, made in a minute at https://www.strava.com/settings/api;"
        " its callback domain is 127.0.0.1"
    )
    client_id, secret = talk.ask("Client ID"), talk.ask("Client secret", secret=True)
    if not client_id.isdigit() or not secret:
        raise NothingDone("the client ID is a number, and the secret goes with it; nothing was changed")
    code, _ = allowed(talk, TITLE, _ALLOW, client_id=client_id, scope="read,activity:read_all", approval_prompt="auto")
    client = _client()
    try:
        found = client.exchange_code_for_token(client_id=int(client_id), client_secret=secret, code=code)
    except exc.Fault:
        raise NotConnected("Strava does not accept this client ID and secret") from None
    except requests.RequestException:
        raise no_network(TITLE) from None
    access: Mapping[str, Any] = found if isinstance(found, dict) else found[0]
    return {
        "client_id": int(client_id),
        "client_secret": secret,
        **{name: access[name] for name in ("access_token", "refresh_token", "expires_at")},
    }


def _client() -> Client:
    session = requests.Session()
    if adapter is not None:
        session.mount("https://", adapter)
    return Client(rate_limit_requests=False, requests_session=session)


def open_account(tokens: Tokens) -> Strava:
    """The account of these tokens."""
    return Strava(tokens)


class Strava:
    """An account at Strava."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._client = _client()
        protocol = self._client.protocol
        protocol.client_id, protocol.client_secret = tokens.get("client_id"), tokens.get("client_secret")
        protocol.access_token, protocol.refresh_token = tokens.get("access_token"), tokens.get("refresh_token")
        protocol.token_expires = tokens.get("expires_at")

    def tokens(self) -> Tokens:
        """With the access token of now: it is renewed every six hours."""
        return {
            **self._tokens,
            "access_token": self._client.access_token,
            "refresh_token": self._client.refresh_token,
            "expires_at": self._client.token_expires,
        }

    def items(self, since: date, until: date, done: Container[str]) -> Iterator[Item]:
        """Every activity with its samples, earlier ones first (Strava gives them so after a given instant)."""
        after = int(datetime.combine(since, time(), UTC).timestamp())
        page = 1
        while listed := self._ask("/athlete/activities", after=after, per_page=_PAGE, page=page):
            for entry in listed if isinstance(listed, list) else []:
                key = f"activity-{entry.get('id')}"
                if key not in done:
                    yield Item(key, ".json", partial(self._activity, entry))
            page += 1
            if len(listed) < _PAGE:
                return

    def _activity(self, entry: dict[str, Any]) -> bytes:
        """What the list says, with the samples under ``streams``; an entry typed by hand has none."""
        whole = dict(entry)
        if not entry.get("manual"):
            try:
                whole["streams"] = self._ask(f"/activities/{entry['id']}/streams", keys=_STREAMS, key_by_type="true")
            except ItemMissing:
                whole["streams"] = {}
        return json.dumps(whole).encode()

    def _ask(self, path: str, **params: Any) -> Any:
        try:
            return self._client.protocol.get(path, check_for_errors=True, **params)
        except exc.Fault as fault:
            raise _told(fault) from None
        except (requests.RequestException, OSError, ValueError):
            raise no_network(TITLE) from None


def _told(fault: exc.Fault) -> NothingDone:
    """A fault of the client library as one of ours."""
    answer = fault.response
    if answer is None:
        return no_network(TITLE)
    if isinstance(fault, exc.ApplicationInactive):
        return NotConnected("Strava has switched your application off; see https://www.strava.com/settings/api")
    if answer.status_code == 400 and "/oauth/token" in str(answer.url):
        return NotConnected("Strava does not renew the access any more; connect again")
    if answer.status_code == 429:
        return Busy(*_limit(answer.headers))
    try:
        check(answer.status_code, answer.headers, TITLE)
    except NothingDone as ours:
        return ours
    return no_network(TITLE)


def _limit(headers: Mapping[str, str], now: datetime | None = None) -> tuple[str, float]:
    """Which limit was met, and how long until it is lifted: the next quarter of an hour, or midnight UTC.

    Strava says ``limit`` and ``usage`` as two numbers each: of the quarter of an hour and of the day.
    """
    now = now or datetime.now(UTC)
    try:
        spans = zip(
            (int(text) for text in headers["X-RateLimit-Usage"].split(",")),
            (int(text) for text in headers["X-RateLimit-Limit"].split(",")),
            strict=True,
        )
        is_day = [used >= most for used, most in spans][1]
    except (KeyError, ValueError, IndexError):
        is_day = False
    if is_day:
        midnight = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
        return "Strava's limit of requests a day is reached", (midnight - now).total_seconds()
    into_s = (now.minute % 15) * 60 + now.second
    return "Strava's limit of requests in a quarter of an hour is reached", _QUARTER_S - into_s + 2.0
