"""What every service's adapter has in common, and how it says that something went wrong.

An adapter is a module with

* ``NAME`` and ``TITLE``: how it is called in commands and in sentences,
* ``PAUSE_S``: seconds between two requests, so as to be a good guest,
* ``connect(talk)``: asks the runner for what the service needs, once; the tokens to keep,
* ``open_account(tokens)``: an `Account` to fetch from; no request is sent before the first item is asked for.

It raises nothing but the faults of this module, each a sentence for the runner; a fault of one item is `ItemMissing`.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, Protocol

from freshlegs.problems import NothingDone

Tokens = dict[str, Any]
"""What an adapter needs to be let in again; kept by `freshlegs.sync.tokens` and shown to nobody."""


class NotConnected(NothingDone):
    """The service does not let us in (any more)."""


class Unreachable(NothingDone):
    """No network, or the service is down."""


class Busy(NothingDone):
    """Too many requests; ``wait_s`` is how long the service asks to wait, None when it does not say."""

    def __init__(self, sentence: str, wait_s: float | None = None) -> None:
        super().__init__(sentence)
        self.wait_s = wait_s


class ItemMissing(NothingDone):
    """One thing cannot be had; the rest can."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing a service has: an activity, a day.

    ``key`` names it for good (letters, digits, hyphens), ``suffix`` its kind of file; ``fetch`` gives its bytes as the
    service gives them, None when there is nothing in it. ``final``: it will not change any more.
    """

    key: str
    suffix: str
    fetch: Callable[[], bytes | None]
    final: bool = True


class Talk(Protocol):
    """How an adapter talks with the runner while connecting."""

    def ask(self, question: str, *, secret: bool = False) -> str:
        """An answer, trimmed; NothingDone when there is nobody to ask."""
        ...

    def tell(self, sentence: str) -> None:
        """One sentence, shown at once."""
        ...

    def allow(self, address: str) -> None:
        """Show a page of the service on which the runner says yes."""
        ...


class Account(Protocol):
    """An account that was let in."""

    def items(self, since: date, until: date, done: Container[str]) -> Iterator[Item]:
        """What the service has of these days, earlier things first; what is in ``done`` may be left out."""
        ...

    def tokens(self) -> Tokens:
        """The tokens as they are now, renewed ones included."""
        ...


class Service(Protocol):
    """The shape of an adapter."""

    NAME: str
    TITLE: str
    PAUSE_S: float

    def connect(self, talk: Talk) -> Tokens:
        """Ask for what is needed, once. NotConnected when the service refuses it."""
        ...

    def open_account(self, tokens: Tokens) -> Account:
        """The account of these tokens."""
        ...


# --- what adapters share ------------------------------------------------------------------------------------

LATE_D: Final = 4
"""A day younger than this may still get data: watches are emptied late."""

WINDOW_D: Final = 90


def check(status: int, headers: Mapping[str, str], title: str, now: datetime | None = None) -> None:
    """Nothing for an answer that is one; the fault of every other status."""
    if status < 300:
        return
    if status in (401, 403):
        raise NotConnected(f"{title} does not let Freshlegs in (any more); connect again")
    if status == 429:
        raise Busy(f"{title} asks for a pause: too many requests", wait_of(headers, now))
    if status >= 500:
        raise Unreachable(f"{title} has trouble of its own (answer {status}); try again later")
    raise ItemMissing(f"{title} does not give it (answer {status})")


def wait_of(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds a service asks to wait: ``Retry-After`` as seconds or date; None when it does not say.

    >>> wait_of({"Retry-After": "90"})
    90.0
    """
    text = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(text) - (now or datetime.now(UTC))).total_seconds())
    except (ValueError, TypeError):
        return None


def no_network(title: str) -> Unreachable:
    """The fault when no answer came at all."""
    return Unreachable(f"{title} cannot be reached: no network, or the service is down; try again later")


def windows(since: date, until: date, days: int = WINDOW_D) -> Iterator[tuple[date, date]]:
    """Spans of at most so many days, both ends included, earlier ones first."""
    while since <= until:
        end = min(until, since + timedelta(days=days - 1))
        yield since, end
        since = end + timedelta(days=1)


def months(since: date, until: date) -> Iterator[tuple[date, date]]:
    """Every calendar month that has one of these days, as its first and last day."""
    first = since.replace(day=1)
    while first <= until:
        following = (first + timedelta(days=32)).replace(day=1)
        yield first, following - timedelta(days=1)
        first = following


def settled(day: date, until: date) -> bool:
    """Whether nothing more will come for this day."""
    return day <= until - timedelta(days=LATE_D)
