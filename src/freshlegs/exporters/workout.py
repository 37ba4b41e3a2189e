"""A planned session as a FIT workout file, as a watch takes it.

A plan says a kind and a length; a watch wants steps. Where the title names repeats (``6x800m``) they are the steps;
else the hard part is half of a tempo run and three tenths of intervals, with easy running around it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from freshlegs.exporters.fit import Message, fit_file

TIME, DISTANCE, OPEN, REPEAT = 0, 1, 5, 6
ACTIVE, REST, WARM_UP, COOL_DOWN, RECOVERY, INTERVAL = range(6)
NO_TARGET: Final = 2
DEVELOPMENT: Final = 255
"""The maker's number that the FIT protocol keeps for everybody else."""
NAME_B: Final = 48
SPORTS: Final = {"walk": 11, "strength": 10, "cross": 0}
RUNNING: Final = 1

TEMPO: Final = (0.25, 0.5, 0.25)
HARD_SHARE: Final = 0.3
REPEAT_S: Final = 180.0
REPEAT_M: Final = 800.0
JOG_SHARE: Final = 0.6
"""Jog between repeats, as a share of the repeat."""
JOG_S: Final = 120.0
REPEATS_AT_MOST: Final = 40

_REPEATS: Final = re.compile(
    r"(\d{1,2})\s*[x×*]\s*\(?\s*(\d+(?:[.,]\d+)?)\s*(km|min|m|s|['′\"″])?(?![\w/])", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: how it ends (seconds, metres, or a press of the lap button), or a repeat of earlier ones."""

    name: str
    intensity: int
    seconds: float | None = None
    metres: float | None = None
    back_to: int | None = None
    times: int = 1


def steps(kind: str, duration_s: float | None, distance_m: float | None, title: str | None = None) -> list[Step]:
    """The steps of a session; one step without a length ends with the lap button.

    >>> [step.name for step in steps("intervals", 3600.0, None, "6x800m")]
    ['Warm-up', 'Hard', 'Jog', '6 times', 'Cool-down']
    """
    named = repeats(title) if kind == "intervals" and title else None
    if named is not None:
        count, seconds, metres = named
        work = Step("Hard", INTERVAL, seconds, metres)
        jog = Step("Jog", RECOVERY, JOG_S if seconds is None else JOG_SHARE * seconds)
        return [Step("Warm-up", WARM_UP), work, jog, _again(count), Step("Cool-down", COOL_DOWN)]
    size = duration_s if duration_s is not None else distance_m
    if kind not in ("tempo", "intervals") or not size:
        return [Step(kind.capitalize(), ACTIVE, duration_s, None if duration_s is not None else distance_m)]

    def part(name: str, intensity: int, share: float) -> Step:
        of_time, of_way = duration_s is not None, duration_s is None
        return Step(name, intensity, share * size if of_time else None, share * size if of_way else None)

    if kind == "tempo":
        names = (("Warm-up", WARM_UP), ("Tempo", ACTIVE), ("Cool-down", COOL_DOWN))
        return [part(name, intensity, share) for (name, intensity), share in zip(names, TEMPO, strict=True)]
    count = max(2, min(REPEATS_AT_MOST, round(HARD_SHARE * size / (REPEAT_S if duration_s is not None else REPEAT_M))))
    hard = HARD_SHARE / count
    around = (1.0 - HARD_SHARE * (1.0 + JOG_SHARE)) / 2
    return [
        part("Warm-up", WARM_UP, around),
        part("Hard", INTERVAL, hard),
        part("Jog", RECOVERY, JOG_SHARE * hard),
        _again(count),
        part("Cool-down", COOL_DOWN, around),
    ]


def _again(times: int) -> Step:
    return Step(f"{times} times", ACTIVE, back_to=1, times=times)


def repeats(title: str) -> tuple[int, float | None, float | None] | None:
    """Repeats named in a title: how many, and seconds or metres of each; None when it names none.

    >>> repeats("Intervals 5 x 3 min"), repeats("6x800"), repeats("Easy run")
    ((5, 180.0, None), (6, None, 800.0), None)
    """
    found = _REPEATS.search(title)
    if found is None or not 2 <= int(found[1]) <= REPEATS_AT_MOST:
        return None
    value, unit = float(found[2].replace(",", ".")), (found[3] or "").lower()
    if unit in ("min", "'", "′"):
        return int(found[1]), 60.0 * value, None
    if unit in ("s", '"', "″"):
        return int(found[1]), value, None
    if unit == "km":
        return int(found[1]), None, 1000.0 * value
    if unit == "m" or value >= 100:
        return int(found[1]), None, value
    return int(found[1]), 60.0 * value, None


def workout_file(name: str, kind: str, plan: Sequence[Step], uid: str, made: datetime) -> bytes:
    """The whole file. ``uid`` and ``made`` (when the session was last changed) tell a watch whether it has it."""
    serial = int(hashlib.sha256(uid.encode()).hexdigest()[:8], 16) or 1
    head = {"type": 5, "manufacturer": DEVELOPMENT, "product": 1, "serial_number": serial}
    return fit_file(
        [
            Message("file_id", head | {"time_created": made.timestamp()}),
            Message(
                "workout",
                {"sport": SPORTS.get(kind, RUNNING), "num_valid_steps": len(plan), "wkt_name": _short(name)},
            ),
            Message(
                "workout_step",
                {
                    "message_index": np.arange(len(plan)),
                    "wkt_step_name": [_short(step.name) for step in plan],
                    "duration_type": [_ends(step)[0] for step in plan],
                    "duration_value": [_ends(step)[1] for step in plan],
                    "target_type": [NO_TARGET] * len(plan),
                    "target_value": [float(step.times if step.back_to is not None else 0) for step in plan],
                    "intensity": [step.intensity for step in plan],
                },
            ),
        ]
    )


def _ends(step: Step) -> tuple[int, float]:
    if step.back_to is not None:
        return REPEAT, float(step.back_to)
    if step.seconds is not None:
        return TIME, round(step.seconds) * 1000.0
    if step.metres is not None:
        return DISTANCE, round(step.metres) * 100.0
    return OPEN, 0.0


def _short(text: str) -> str:
    """As many letters as fit into a watch's field of bytes."""
    return text.encode()[:NAME_B].decode("utf-8", "ignore")
