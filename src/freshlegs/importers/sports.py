"""What other systems call a sport, in our words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_NAMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "running": (
            *("run", "street_running", "road_running", "jogging", "outdoor_running", "9", "ultra_run", "obstacle_run"),
            *("laufen", "lauf", "course", "course_à_pied", "correr", "carrera", "corsa", "hardlopen", "corrida"),
            *("løping", "løpetur", "løb", "löpning", "juoksu", "bieganie"),
        ),
        "trail_running": ("trail_running", "trail_run", "trailrun"),
        "treadmill_running": ("treadmill_running", "treadmill", "treadmill_run", "running_treadmill"),
        "track_running": ("track_running", "track", "running_track"),
        "indoor_running": ("indoor_running", "indoor_run", "running_indoor"),
        "virtual_running": ("virtual_running", "virtual_run", "virtualrun"),
        "cycling": ("cycling", "biking", "bike", "ride", "road_cycling", "road_biking", "bicycling", "1"),
        "mountain_biking": ("mountain_biking", "mountainbikeride", "mtb"),
        "indoor_cycling": ("indoor_cycling", "virtualride", "virtual_ride", "spinning"),
        "gravel_cycling": ("gravel_cycling", "gravelride", "gravel_ride"),
        "walking": ("walk", "walking", "casual_walking", "speed_walking", "10"),
        "hiking": ("hike", "hiking", "mountaineering", "4"),
        "swimming": ("swim", "swimming", "lap_swimming", "open_water_swimming", "16"),
        "strength": ("strength", "strength_training", "weighttraining", "weight_training", "weightlifting", "gym"),
        "rowing": ("rowing", "indoor_rowing"),
        "cross_country_skiing": ("nordicski", "cross_country_skiing", "skate_skiing_ws", "classic_skiing"),
        "soccer": ("soccer", "football"),
        "multisport": ("multisport", "multi_sport", "triathlon"),
        "transition": ("transition", "transition_v2"),
        "elliptical": ("elliptical", "crosstrainer"),
        "yoga": ("yoga",),
        "other": ("other", "workout", "generic", "training", "fitness_equipment"),
    }
)

_KNOWN: Final = {alias: sport for sport, aliases in _NAMES.items() for alias in (sport, *aliases)}

STEPPED: Final = ("running", "walking", "hiking")
"""Sports in which cadence means steps."""


def sport_of(text: str | None) -> str | None:
    """Our name of a sport: ``Biking`` is ``cycling``, Strava's type ``9`` is ``running``; a name nobody knows is kept.

    None when the text says nothing (empty, a bare number, only marks).

    >>> sport_of("Biking"), sport_of("9"), sport_of("Kite Surfing"), sport_of("...")
    ('cycling', 'running', 'kite_surfing', None)
    """
    name = re.sub(r"(?<=[a-z])(?=[A-Z])|[\W_]+", "_", text or "").strip("_").lower()
    found = _KNOWN.get(name) or _KNOWN.get(name.replace("_", ""))
    if found is not None:
        return found
    return name if re.fullmatch(r"[a-z][a-z0-9_]{2,39}", name) else None


def is_stepped(sport: str | None) -> bool:
    """Whether cadence counts steps in this sport.

    >>> is_stepped("trail_running"), is_stepped("cycling")
    (True, False)
    """
    return sport is not None and sport.endswith(STEPPED)
