"""Requests over the web for the services that have no client library of their own; the one place that knows httpx."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import httpx

from freshlegs import __version__
from freshlegs.sync.contract import ItemMissing, check, no_network

TIMEOUT_S: Final = 30.0
LARGEST_B: Final = 256 * 2**20

transport: httpx.BaseTransport | None = None
"""What carries the requests; tests put recorded answers here."""


class Web:
    """One service's address, with what it wants in every request."""

    def __init__(
        self,
        title: str,
        base: str,
        *,
        basic: tuple[str, str] | None = None,
        bearer: str | None = None,
    ) -> None:
        headers = {"User-Agent": f"freshlegs/{__version__}", "Accept": "application/json"}
        if bearer is not None:
            headers["Authorization"] = f"Bearer {bearer}"
        self._title = title
        self._client = httpx.Client(
            base_url=base, auth=basic, headers=headers, timeout=TIMEOUT_S, follow_redirects=False, transport=transport
        )

    def get(self, path: str, accept: str | None = None, **params: str) -> bytes:
        """The bytes of an answer; a fault of `freshlegs.sync.contract` for everything else."""
        return self._ask("GET", path, params=params, headers={} if accept is None else {"Accept": accept})

    def get_json(self, path: str, **params: str) -> Any:
        """The JSON of an answer."""
        return self._json(self.get(path, **params))

    def post_json(self, path: str, *, form: Mapping[str, str] | None = None, json: Any = None) -> Any:
        """The JSON of what a form, or a JSON document, is answered with."""
        return self._json(self._ask("POST", path, data=form, json=json))

    def _json(self, data: bytes) -> Any:
        import json

        try:
            return json.loads(data or b"null")
        except ValueError:
            raise ItemMissing(f"{self._title} answers with something that is no JSON") from None

    def _ask(self, method: str, path: str, **extra: Any) -> bytes:
        try:
            with self._client.stream(method, path, **extra) as answer:
                parts: list[bytes] = []
                size_b = 0
                for part in answer.iter_bytes():
                    size_b += len(part)
                    if size_b > LARGEST_B:
                        raise ItemMissing(f"{self._title} answers with more than any recording of a person")
                    parts.append(part)
                check(answer.status_code, answer.headers, self._title)
                if answer.status_code >= 300:
                    raise ItemMissing(f"{self._title} points elsewhere, which is not followed")
                return b"".join(parts)
        except (httpx.TransportError, httpx.InvalidURL, httpx.DecodingError):
            raise no_network(self._title) from None
