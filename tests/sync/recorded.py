"""Services that answer as the real ones do, by their published layouts, without a network.

`Recorded` carries requests of httpx and of requests alike; each service's answers are made here, our own numbers.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import requests
from requests.adapters import BaseAdapter

from freshlegs.synthetic import live
from freshlegs.synthetic.write import run_file

Answer = tuple[int, dict[str, str], bytes]
TODAY = date(2025, 5, 4)
SINCE = TODAY - timedelta(days=9)


def fit_files() -> list[tuple[str, bytes]]:
    """Two runs of the made runner, as their id and original file."""
    return [(f"90{number}", run_file(run)) for number, run in enumerate(live(TODAY).runs[-2:])]


def as_json(value: Any) -> Answer:
    return 200, {"Content-Type": "application/json"}, json.dumps(value).encode()


def zipped(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, data)
    return out.getvalue()


@dataclass
class Recorded(BaseAdapter):
    """Answers by host and path; ``asked`` is every request that came."""

    routes: list[tuple[str, Callable[..., Answer]]]
    asked: list[str] = field(default_factory=list)
    instead: Callable[[str], Answer | None] = lambda _address: None
    down: bool = False

    def answer(self, method: str, address: str, body: bytes = b"") -> Answer:
        parts = urlsplit(address)
        said = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append(f"{method} {parts.netloc}{parts.path}")
        if (other := self.instead(self.asked[-1])) is not None:
            return other
        for pattern, answer in self.routes:
            found = re.fullmatch(pattern, self.asked[-1])
            if found is not None:
                return answer(*found.groups(), **({"said": said} if answer.__code__.co_flags & 8 else {}))
        return 404, {}, b'{"message": "not here"}'

    def for_httpx(self) -> httpx.MockTransport:
        def handle(request: httpx.Request) -> httpx.Response:
            if self.down:
                raise httpx.ConnectError("no route to host")
            status, headers, body = self.answer(request.method, str(request.url), request.read())
            return httpx.Response(status, headers=headers, content=body)

        return httpx.MockTransport(handle)

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        if self.down:
            raise requests.ConnectionError("no route to host")
        status, headers, body = self.answer(str(request.method), str(request.url))
        made = requests.Response()
        made.status_code, made._content, made.url, made.request = status, body, str(request.url), request
        made.headers.update(headers)
        return made

    def close(self) -> None:
        """Nothing is open."""


# --- the services -------------------------------------------------------------------------------------------


def intervals() -> Recorded:
    files = dict(fit_files())
    wellness = [
        {
            "id": str(SINCE + timedelta(days=n)),
            "restingHR": 47 + n % 3,
            "hrv": 61.0 + n,
            "sleepSecs": 26400,
            "ctl": 31.2,
            "atl": 40.1,
            "rampRate": 1.1,
            "fatigue": 2,
            "mood": 1,
        }
        for n in range(10)
    ]
    listed = [
        {"id": f"i{name}", "start_date_local": f"{TODAY}T0{n}:00:00", "type": "Run", "source": "GARMIN_CONNECT"}
        for n, name in enumerate(files)
    ]
    typed = {
        "id": "i77",
        "start_date": f"{SINCE}T07:00:00Z",
        "start_date_local": f"{SINCE}T09:00:00",
        "type": "Run",
        "elapsed_time": 1800,
        "moving_time": 1750,
        "distance": 5000.0,
        "source": "MANUAL",
    }
    foreign = {"id": "88", "start_date_local": f"{TODAY}T09:00:00", "source": "STRAVA", "_note": "not available"}
    host = r"GET intervals\.icu/api/v1/"
    return Recorded(
        [
            (host + "athlete/0", lambda: as_json({"id": "i1", "name": "Made Up"})),
            (
                host + "athlete/0/wellness",
                lambda **k: as_json(
                    [day for day in wellness if k["said"]["oldest"] <= day["id"] <= k["said"]["newest"]]
                ),
            ),
            (host + "athlete/0/activities", lambda: as_json([*reversed(listed), typed, foreign])),
            (host + r"activity/i(90\d)/file", lambda name: (200, {}, files[name])),
        ]
    )


def polar() -> Recorded:
    files = dict(fit_files())
    host = r"GET www\.polaraccesslink\.com/v3/"
    night = {
        "polar_user": "https://www.polaraccesslink.com/v3/users/7",
        "date": str(TODAY),
        "sleep_start_time": f"{TODAY - timedelta(days=1)}T22:41:00+02:00",
        "sleep_end_time": f"{TODAY}T06:31:00+02:00",
        "light_sleep": 14100,
        "deep_sleep": 6000,
        "rem_sleep": 6600,
        "unrecognized_sleep_stage": 0,
    }
    recharge = {
        "polar_user": night["polar_user"],
        "date": str(TODAY),
        "heart_rate_avg": 49,
        "heart_rate_variability_avg": 62,
        "beat_to_beat_avg": 1224,
    }
    return Recorded(
        [
            (
                host + "exercises",
                lambda: as_json(
                    [{"id": name, "start_time": f"{TODAY}T07:00:00", "sport": "RUNNING"} for name in files]
                ),
            ),
            (host + r"exercises/(90\d)/fit", lambda name: (200, {}, files[name])),
            (host + "users/sleep", lambda: as_json({"nights": [night]})),
            (host + "users/nightly-recharge", lambda: as_json({"recharges": [recharge]})),
            ("POST polarremote.com/v2/oauth2/token", lambda: as_json({"access_token": "t", "x_user_id": 7})),
            (r"POST www\.polaraccesslink\.com/v3/users", lambda: (409, {}, b"{}")),
        ]
    )


def strava() -> Recorded:
    def entry(number: int, **more: Any) -> dict[str, Any]:
        return {
            "resource_state": 2,
            "id": 910 + number,
            "name": "Easy",
            "distance": 1200.0 * number,
            "moving_time": 400 * number,
            "elapsed_time": 400 * number,
            "type": "Run",
            "sport_type": "Run",
            "start_date": f"{TODAY}T0{number}:{10 * number}:12Z",
            "start_date_local": f"{TODAY}T0{number + 2}:{10 * number}:12Z",
            "average_heartrate": 142.3,
            **more,
        }

    streams = {
        name: {"data": data, "series_type": "time", "original_size": len(data), "resolution": "high"}
        for name, data in {
            "time": list(range(401)),
            "distance": [3.0 * n for n in range(401)],
            "heartrate": [120 + n // 20 for n in range(401)],
            "cadence": [85] * 401,
            "latlng": [[59.9 + n * 27e-6, 10.7] for n in range(401)],
            "altitude": [12.5] * 401,
            "velocity_smooth": [3.0] * 401,
        }.items()
    }
    listed = [entry(1), entry(2, manual=True, perceived_exertion=5), entry(3)]
    token = {"access_token": "new", "refresh_token": "newer", "expires_at": 4_000_000_000}
    host = r"GET www\.strava\.com/api/v3/"
    return Recorded(
        [
            (host + "athlete/activities", lambda **k: as_json(listed if k["said"].get("page") == "1" else [])),
            (host + "activities/911/streams", lambda: as_json(streams)),
            (host + "activities/913/streams", lambda: (404, {}, b'{"message": "Record Not Found"}')),
            (r"POST www\.strava\.com/(?:api/v3/)?oauth/token", lambda: as_json(token)),
        ]
    )


def garmin() -> Recorded:
    files = dict(fit_files())

    def sleep(**k: Any) -> Answer:
        on = k["said"]["date"]
        if on == str(TODAY):  # the watch was not emptied yet
            return as_json({"dailySleepDTO": {"calendarDate": on, "sleepTimeSeconds": None}})
        return as_json(
            {
                "dailySleepDTO": {
                    "id": 1,
                    "userProfilePK": 1,
                    "calendarDate": on,
                    "sleepTimeSeconds": 26400,
                    "deepSleepSeconds": 5400,
                    "lightSleepSeconds": 15000,
                    "remSleepSeconds": 6000,
                },
                "restingHeartRate": 46,
                "avgOvernightHrv": None,
            }
        )

    def activity(name: str, n: int) -> dict[str, Any]:
        return {
            "activityId": int(name),
            "startTimeLocal": f"{TODAY} 0{n}:00:00",
            "startTimeGMT": f"{TODAY} 0{n}:00:00",
            "activityType": {"typeKey": "running"},
            "duration": 1800.0,
            "distance": 5000.0,
        }

    typed = activity("77", 9)
    listed = [*(activity(name, n) for n, name in enumerate(files)), typed]
    host = r"GET connectapi\.garmin\.com"
    return Recorded(
        [
            (host + "/userprofile-service/socialProfile", lambda: as_json({"displayName": "made-up"})),
            (host + "/wellness-service/wellness/dailySleepData/made-up", sleep),
            (
                host + r"/hrv-service/hrv/(\S+)",
                lambda on: as_json({"hrvSummary": {"calendarDate": on, "lastNightAvg": 58}}),
            ),
            (
                host + "/usersummary-service/usersummary/daily/made-up",
                lambda **k: as_json(
                    {"calendarDate": k["said"]["calendarDate"], "restingHeartRate": 47, "totalSteps": 9000}
                ),
            ),
            (
                host + r"/weight-service/weight/range/(\S+)/\S+",
                lambda first: as_json(
                    {
                        "dailyWeightSummaries": [
                            {"summaryDate": first, "allWeightMetrics": [{"calendarDate": first, "weight": 61200.0}]}
                        ]
                    }
                ),
            ),
            (
                host + "/activitylist-service/activities/search/activities",
                lambda **k: as_json(listed if k["said"]["start"] == "0" else []),
            ),
            (
                host + r"/download-service/files/activity/(90\d)",
                lambda name: (200, {}, zipped(f"{name}.fit", files[name])),
            ),
        ]
    )


SERVICES = {"garmin": garmin, "intervals": intervals, "strava": strava, "polar": polar}
TOKENS: dict[str, dict[str, Any]] = {
    "garmin": {"session": json.dumps({"di_token": "x", "di_refresh_token": None, "di_client_id": None})},
    "intervals": {"key": "k"},
    "strava": {
        "client_id": 1,
        "client_secret": "s",
        "access_token": "a",
        "refresh_token": "r",
        "expires_at": 4_000_000_000,
    },
    "polar": {"token": "t"},
}
EXPECTED = {  # runs, nights
    "garmin": (3, 10),
    "intervals": (3, 10),
    "strava": (3, 0),
    "polar": (2, 1),
}
