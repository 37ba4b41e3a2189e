"""Garmin Connect by the client library garminconnect: original files of activities, and each day's payloads.

Garmin has no public interface for runners; the library speaks as Garmin's own app does, and what Garmin changes can
stop it. Of a day is kept: sleep with its resting heart rate and HRV; the HRV and the daily summary by themselves when
the sleep lacks them. The password is used once and kept nowhere.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Container, Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any, Final, TypeVar

import requests
from garminconnect import (
    Garmin,
    GarminConnectAuthenticationError,
    GarminConnectConnectionError,
    GarminConnectTooManyRequestsError,
)

from freshlegs.problems import NothingDone
from freshlegs.sync.contract import (
    Busy,
    Item,
    ItemMissing,
    NotConnected,
    Talk,
    Tokens,
    Unreachable,
    check,
    months,
    no_network,
    settled,
    windows,
)

NAME: Final = "garmin"
TITLE: Final = "Garmin Connect"
PAUSE_S: Final = 0.5

_log = logging.getLogger("garminconnect")
_log.addHandler(logging.NullHandler())
_log.propagate = False  # it logs every failed request with its traceback

_STATUS: Final = re.compile(r"API Error (\d{3})")
_PROFILE: Final = "/userprofile-service/socialProfile"
T = TypeVar("T")


def connect(talk: Talk) -> Tokens:
    """Ask for e-mail, password and, if Garmin wants it, the code of the second step."""
    talk.tell("The password is sent to Garmin once and kept nowhere.")
    email, password = talk.ask("E-mail"), talk.ask("Password", secret=True)
    if not email or not password:
        raise NothingDone("nothing was entered; nothing was changed")

    def code() -> str:
        return talk.ask("Code that Garmin has sent you")

    garmin = Garmin(email=email, password=password, prompt_mfa=code)
    try:
        garmin.client.login(email, password, prompt_mfa=code)
    except GarminConnectAuthenticationError as error:
        if "mfa" in str(error).lower() or "verification" in str(error).lower():
            raise NotConnected("Garmin does not accept this code; run it again for a new one") from None
        raise NotConnected("Garmin does not accept this e-mail and password") from None
    except GarminConnectTooManyRequestsError:
        raise Unreachable("Garmin has had too many logins from here; try again in an hour") from None
    except (GarminConnectConnectionError, requests.RequestException, OSError):
        raise no_network(TITLE) from None
    return {"session": garmin.client.dumps()}


def open_account(tokens: Tokens) -> Account:
    """The account of these tokens."""
    return Account(tokens)


class Account:
    """An account at Garmin Connect."""

    def __init__(self, tokens: Tokens) -> None:
        self._garmin = Garmin()
        try:
            self._garmin.client.loads(str(tokens.get("session", "")))
        except GarminConnectConnectionError:
            raise NotConnected("what was kept for Garmin is damaged; connect again") from None

    def tokens(self) -> Tokens:
        """With the access token of now: it is renewed every day."""
        return {"session": self._garmin.client.dumps()}

    def items(self, since: date, until: date, done: Container[str]) -> Iterator[Item]:
        """Days, months of weights, then activities; each sort earlier ones first."""
        profile = _told(lambda: self._garmin.connectapi(_PROFILE))
        self._garmin.display_name = profile.get("displayName") if isinstance(profile, dict) else None
        for back in range((until - since).days + 1):
            day = since + timedelta(days=back)
            if f"day-{day}" not in done:
                yield Item(f"day-{day}", ".json", partial(self._day, day), settled(day, until))
        for first, last in months(since, until):
            key = f"weight-{first:%Y-%m}"
            if key not in done:
                yield Item(key, ".json", partial(self._weights, first, last), settled(last, until))
        for first, last in windows(since, until):
            found = partial(self._garmin.get_activities_by_date, str(first), str(last), sortorder="asc")
            listed: list[dict[str, Any]] = _told(found)
            for entry in listed:
                named = entry.get("activityId")
                if f"activity-{named}" not in done:
                    yield Item(f"activity-{named}", ".zip", partial(self._recording, entry))
                if _says_more(entry) and f"said-{named}" not in done:
                    yield Item(f"said-{named}", ".json", partial(_as_bytes, entry))

    def _day(self, day: date) -> bytes | None:
        on = day.isoformat()
        sleep = _told(lambda: self._garmin.get_sleep_data(on))
        found = [sleep] if isinstance(sleep, dict) and sleep.get("dailySleepDTO") else []
        if not found or sleep.get("avgOvernightHrv") is None:
            hrv = _told(lambda: self._garmin.get_hrv_data(on))
            found += [hrv] if isinstance(hrv, dict) and hrv.get("hrvSummary") else []
        if not found or sleep.get("restingHeartRate") is None:
            summary = _told(lambda: self._garmin.get_user_summary(on))
            found += [summary] if isinstance(summary, dict) and summary.get("restingHeartRate") else []
        return json.dumps(found).encode() if found else None

    def _weights(self, first: date, last: date) -> bytes | None:
        found = _told(lambda: self._garmin.get_weigh_ins(str(first), str(last)))
        has_any = isinstance(found, dict) and bool(found.get("dailyWeightSummaries"))
        return json.dumps(found).encode() if has_any else None

    def _recording(self, entry: dict[str, Any]) -> bytes | None:
        """The zip with the original file; what the list says of an activity that was typed by hand."""
        original = Garmin.ActivityDownloadFormat.ORIGINAL
        try:
            data = _told(lambda: self._garmin.download_activity(str(entry["activityId"]), original))
        except ItemMissing:
            data = b""
        return data or json.dumps(entry).encode()


def _as_bytes(entry: dict[str, Any]) -> bytes:
    return json.dumps(entry).encode()


def _says_more(entry: dict[str, Any]) -> bool:
    """Whether the runner said something of an activity that its recording lacks: its effort, that it was a race."""
    event = entry.get("eventType")
    is_race = isinstance(event, dict) and event.get("typeKey") == "race"
    return is_race or any(entry.get(name) for name in ("directWorkoutRpe", "workoutRpe"))


def _told(ask: Callable[[], T]) -> T:
    """An answer, or what went wrong as one of our faults: the library says it in its texts and causes."""
    try:
        return ask()
    except GarminConnectAuthenticationError:
        raise NotConnected(f"{TITLE} does not let Freshlegs in any more; connect again") from None
    except GarminConnectTooManyRequestsError:
        raise Busy(f"{TITLE} asks for a pause: too many requests") from None
    except GarminConnectConnectionError as error:
        found = _STATUS.search(str(error))
        if found is not None:
            check(int(found[1]), {}, TITLE)
        raise no_network(TITLE) from None
    except (requests.RequestException, OSError):
        raise no_network(TITLE) from None
