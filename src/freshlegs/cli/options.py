"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def json_option(function: F) -> F:
    """``--json``: one JSON document on standard output and nothing else there."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")(function)


def date_option(function: F) -> F:
    """``--date``: another day than today."""
    return click.option("--date", "day", metavar="D", help="Another day: 2026-05-04, today, yesterday.")(function)


def span_options(function: F) -> F:
    """``--from`` and ``--to``, both days included."""
    function = click.option("--to", "end", metavar="D", help="Last day.")(function)
    return click.option("--from", "start", metavar="D", help="First day.")(function)
