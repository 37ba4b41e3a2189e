"""What the nights and the habits say: debt, regularity, and the one or two habits that matter most (G, G.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from freshlegs import vocabulary as v
from freshlegs.recovery.parameters import PARAMETERS as P
from freshlegs.recovery.past import Past, mean, median

NEED_H: Final = P.number("sleep.need_h")
HABIT_WINDOW_D: Final = P.whole("sleep.habit_window_d")
HABIT_EACH: Final = P.whole("sleep.habit_each")
"""Nights with and without a habit that are needed to compare them."""
SHRINK: Final = P.number("sleep.shrink")
"""A difference from few nights counts for less: n / (n + this)."""

HABITS: Final[dict[str, tuple[str, str]]] = {
    "no_late_caffeine": ("no coffee or other caffeine in the six hours before bed", "strong"),
    "same_times": ("the same times for going to bed and getting up, weekends too", "moderate"),
    "no_alcohol": ("no alcohol in the evening", "moderate"),
    "cool_room": ("a cool bedroom, about 16 to 19 °C", "moderate"),
    "dark_room": ("a dark bedroom, lights off", "moderate"),
    "calming_routine": ("ten calm minutes before bed: reading, breathing, a warm bath earlier on", "moderate"),
    "no_screens": ("no screens in bed and in the two hours before", "weak"),
    "quiet_room": ("a quiet, comfortable bedroom", "weak"),
}
"""The article's eight, best evidence first: words and strength of evidence."""


@dataclass(frozen=True, slots=True)
class Sleep:
    """The last week's nights. Hours; None where nights are missing."""

    debt_h: float | None
    mean_h: float | None
    efficiency: float | None
    spread_min: float | None
    bedtime_min: float | None
    habits: tuple[str, ...]
    personal: bool
    """Whether the habits were chosen from this runner's own nights."""


def _spread(values: list[float]) -> float | None:
    middle = mean(values)
    if middle is None or len(values) < 5:
        return None
    return float((sum((x - middle) ** 2 for x in values) / (len(values) - 1)) ** 0.5)


def _efficiency(past: Past, day: date) -> float | None:
    asleep, bed = past.last("sleep_s", day, 7), past.last("in_bed_s", day, 7)
    shares = [s / b for s, b in zip(asleep, bed, strict=True) if s is not None and b is not None and b > 0]
    return mean(shares) if len(shares) >= 3 else None


def habit_gains(past: Past, day: date) -> dict[str, float]:
    """How much better (0–10 points) nights with each habit were than nights without it, shrunk; both needed."""
    kept = past.last("sleep_habits", day, HABIT_WINDOW_D)
    quality = past.last("sleep_quality", day, HABIT_WINDOW_D)
    nights = [(set(k), q) for k, q in zip(kept, quality, strict=True) if k is not None and q is not None]
    gains: dict[str, float] = {}
    for habit in HABITS:
        yes = [q for k, q in nights if habit in k]
        no = [q for k, q in nights if habit not in k]
        if min(len(yes), len(no)) >= HABIT_EACH:
            with_it, without = mean(yes), mean(no)
            if with_it is not None and without is not None:
                few = min(len(yes), len(no))
                gains[habit] = (with_it - without) * few / (few + SHRINK)
    return gains


def choose_habits(past: Past, day: date) -> tuple[tuple[str, ...], bool]:
    """One or two habits worth keeping this week, and whether this runner's own nights chose them."""
    gains = {habit: gain for habit, gain in habit_gains(past, day).items() if gain > 0.3}
    if gains:
        return tuple(sorted(gains, key=lambda h: (-gains[h], list(HABITS).index(h)))[:2]), True
    logged = past.known("sleep_habits", day, 14)
    if len(logged) >= 3:
        share = {habit: sum(habit in kept for kept in logged) / len(logged) for habit in HABITS}
        missed = [habit for habit in HABITS if share[habit] < 5 / 7]
        return tuple(missed[:2]), False
    return ("no_late_caffeine", "same_times"), False


def sleep(past: Past, day: date, need_h: float = NEED_H) -> Sleep:
    """Sleep as known on the morning of ``day``; three nights of the last seven are needed for the debt."""
    hours = [s / 3600 for s in past.known("sleep_s", day, 7)]
    enough = len(hours) >= 3
    short = mean([max(0.0, need_h - h) for h in hours])
    bedtimes = past.known("fell_asleep_min", day, 14)
    habits, personal = choose_habits(past, day)
    return Sleep(
        debt_h=7 * short if enough and short is not None else None,
        mean_h=mean(hours) if enough else None,
        efficiency=_efficiency(past, day),
        spread_min=_spread(bedtimes),
        bedtime_min=median(bedtimes) if len(bedtimes) >= 5 else None,
        habits=habits,
        personal=personal,
    )


def habit_words(habits: tuple[str, ...]) -> str:
    """The habits in words."""
    return "; ".join(HABITS[habit][0] for habit in habits)


def habit_evidence(habits: tuple[str, ...]) -> str:
    """The strongest evidence among them."""
    grades = [HABITS[habit][1] for habit in habits]
    return next((grade for grade in ("strong", "moderate", "weak") if grade in grades), "weak")


assert set(HABITS) == set(v.SLEEP_HABITS)  # noqa: S101 - the eight of the vocabulary, each with words
