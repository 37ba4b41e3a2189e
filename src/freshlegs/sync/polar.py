"""Polar AccessLink (v3): exercises as FIT, sleep and nightly recharge, by an application of the runner's own.

AccessLink gives the last 30 days of exercises and 28 nights; what is older comes with the export of Polar Flow.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterator
from datetime import date
from functools import partial
from typing import Any, Final

from freshlegs.problems import NothingDone
from freshlegs.sync.contract import Item, ItemMissing, NotConnected, Talk, Tokens
from freshlegs.sync.redirect import allowed
from freshlegs.sync.web import Web

NAME: Final = "polar"
TITLE: Final = "Polar"
PAUSE_S: Final = 0.5

_BASE: Final = "https://www.polaraccesslink.com/v3/"
_ALLOW: Final = "https://flow.polar.com/oauth2/authorization"
_OAUTH: Final = "https://polarremote.com/v2/"


def connect(talk: Talk) -> Tokens:
    """Ask for the application's id and secret, then for the runner's yes in the browser."""
    talk.tell("Polar wants an application of your own, made in a minute at https://admin.polaraccesslink.com")
    client, secret = talk.ask("Client ID"), talk.ask("Client secret", secret=True)
    if not client or not secret:
        raise NothingDone("nothing was entered; nothing was changed")
    code, back = allowed(talk, TITLE, _ALLOW, client_id=client, scope="accesslink.read_all")
    web = Web(TITLE, _OAUTH, basic=(client, secret))
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back}
    try:
        found = web.post_json("oauth2/token", form=form)
    except (NotConnected, ItemMissing):
        raise NotConnected("Polar does not accept this client ID and secret") from None
    token = found.get("access_token") if isinstance(found, dict) else None
    if not isinstance(token, str):
        raise NotConnected("Polar gave no access; try again")
    _register(token, str(found.get("x_user_id", "me")))
    return {"token": token}


def _register(token: str, member: str) -> None:
    """An account has to be registered with the application once; a second time is answered with 409."""
    try:
        Web(TITLE, _BASE, bearer=token).post_json("users", json={"member-id": f"freshlegs-{member}"})
    except ItemMissing as fault:
        if "409" not in str(fault):
            raise NotConnected(f"Polar does not register the account: {fault}") from None


def open_account(tokens: Tokens) -> Polar:
    """The account of these tokens."""
    return Polar(tokens)


class Polar:
    """An account at Polar."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._web = Web(TITLE, _BASE, bearer=str(tokens.get("token", "")))

    def tokens(self) -> Tokens:
        """They hold until the runner takes them back."""
        return self._tokens

    def items(self, since: date, until: date, done: Container[str]) -> Iterator[Item]:
        """Exercises, then the nights."""
        for entry in _dicts(self._web.get_json("exercises")):
            name = entry.get("id")
            key = f"exercise-{name}"
            began = str(entry.get("start_time", ""))[:10]
            if key in done or not name or not since.isoformat() <= (began or since.isoformat()):
                continue
            yield Item(key, ".fit", partial(self._exercise, str(name)))
        for what, inside in (("sleep", "nights"), ("nightly-recharge", "recharges")):
            yield Item(what, ".json", partial(self._nights, what, inside), final=False)

    def _exercise(self, name: str) -> bytes | None:
        return self._web.get(f"exercises/{name}/fit", accept="*/*") or None

    def _nights(self, what: str, inside: str) -> bytes | None:
        found = self._web.get_json(f"users/{what}")
        entries = _dicts(found.get(inside)) if isinstance(found, dict) else []
        return json.dumps({inside: entries}).encode() if entries else None


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
