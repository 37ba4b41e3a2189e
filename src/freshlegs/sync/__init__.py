"""Fetching from a service what the runner has there: off until asked for, by the extra ``sync``.

One adapter file a service, all with the same contract (`freshlegs.sync.contract`). An adapter knows its service's
client and nothing of the diary; `freshlegs.sync.running` hands what arrives, as it came, to the diary's import.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final, cast

from freshlegs.problems import NothingDone
from freshlegs.sync.contract import Service

__all__ = ["SERVICES", "Service", "service"]

SERVICES: Final = {"garmin": "garmin", "intervals": "intervals", "strava": "strava", "polar": "polar"}
"""Names of services and of their adapters' modules."""


def service(name: str) -> Service:
    """The adapter of that name. NothingDone when the extra is not installed; KeyError when there is none."""
    try:
        return cast("Service", import_module(f"{__name__}.{SERVICES[name]}"))
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("freshlegs"):
            raise
        raise NothingDone(
            f"syncing needs the extra sync, which is not installed ({error.name} is missing);"
            " run: pip install '.[sync]' in the folder of Freshlegs"
        ) from None
