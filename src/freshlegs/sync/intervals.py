"""intervals.icu: wellness as JSON and the original activity files, by the runner's own API key.

By its published API (v1): basic authentication with the user ``API_KEY``; the athlete ``0`` is the key's owner.
Activities that came there from Strava are not given out by the API; each is a fault that says so.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterator
from datetime import date
from functools import partial
from typing import Any, Final

from freshlegs.problems import NothingDone
from freshlegs.sync.contract import (
    Item,
    ItemMissing,
    NotConnected,
    Talk,
    Tokens,
    months,
    settled,
    windows,
)
from freshlegs.sync.web import Web

NAME: Final = "intervals"
TITLE: Final = "intervals.icu"
PAUSE_S: Final = 0.3

_BASE: Final = "https://intervals.icu/api/v1/"


def connect(talk: Talk) -> Tokens:
    """Ask for the API key and try it."""
    talk.tell("The API key stands at https://intervals.icu/settings under Developer Settings.")
    key = talk.ask("API key", secret=True)
    if not key:
        raise NothingDone("nothing was entered; nothing was changed")
    try:
        _web({"key": key}).get_json("athlete/0")
    except NotConnected:
        raise NotConnected("intervals.icu does not accept this API key") from None
    return {"key": key}


def open_account(tokens: Tokens) -> Intervals:
    """The account of this key."""
    return Intervals(tokens)


def _web(tokens: Tokens) -> Web:
    return Web(TITLE, _BASE, basic=("API_KEY", str(tokens.get("key", ""))))


class Intervals:
    """An account at intervals.icu."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._web = _web(tokens)

    def tokens(self) -> Tokens:
        """The key does not change."""
        return self._tokens

    def items(self, since: date, until: date, done: Container[str]) -> Iterator[Item]:
        """A month of wellness each, then the activities."""
        for first, last in months(since, until):
            key = f"wellness-{first:%Y-%m}"
            if key not in done:
                yield Item(key, ".json", partial(self._wellness, first, last), settled(last, until))
        for first, last in windows(since, until):
            listed = self._web.get_json("athlete/0/activities", oldest=first.isoformat(), newest=last.isoformat())
            for entry in sorted(_dicts(listed), key=lambda one: str(one.get("start_date_local"))):
                key = f"activity-{entry.get('id')}"
                if key not in done:
                    yield Item(key, ".fit", partial(self._activity, entry))

    def _wellness(self, first: date, last: date) -> bytes | None:
        found = self._web.get_json("athlete/0/wellness", oldest=first.isoformat(), newest=last.isoformat())
        return json.dumps(found).encode() if _dicts(found) else None

    def _activity(self, entry: dict[str, Any]) -> bytes | None:
        """The original file; what the list says of an activity that has none."""
        if entry.get("source") == "STRAVA" or (entry.get("_note") and "start_date" not in entry):
            raise ItemMissing("intervals.icu may not pass on activities that came from Strava; sync strava instead")
        try:
            data = self._web.get(f"activity/{entry['id']}/file", accept="*/*")
        except ItemMissing:
            data = b""
        return data or json.dumps(entry).encode()


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
