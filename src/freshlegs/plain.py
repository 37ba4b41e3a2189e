"""Values as JSON knows them, for command and pages alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any


def plain(value: Any) -> Any:
    """A value as JSON knows it: dates in ISO form, instants in UTC with a Z, NaN and infinity as null.

    >>> plain({"date": date(2026, 5, 4), "share": float("nan")})
    {'date': '2026-05-04', 'share': None}
    """
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if hasattr(value, "to_list"):  # a Polars series
        return plain(value.to_list())
    if hasattr(value, "item"):  # a NumPy number
        return plain(value.item())
    return str(value)
