"""On which days a rule holds: places on the grid of a runner's days, each from that day and earlier ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from freshlegs import vocabulary as v
from freshlegs.recovery.past import Past, mean, median

YEAR: Final = 365
Held = Callable[[Past, Mapping[str, Any]], list[int]]


def entered(symptom: str) -> Held:
    """A symptom that was entered."""

    def held(past: Past, profile: Mapping[str, Any]) -> list[int]:
        return [i for i, told in enumerate(past.column("symptoms")) if told and symptom in told]

    return held


def on_days(test: Callable[[Past, int], bool], *columns: str) -> Held:
    """Places where one of the columns is known and the test is true."""

    def held(past: Past, profile: Mapping[str, Any]) -> list[int]:
        grids = [past.column(name) for name in columns]
        known = (i for i in range(past.length) if any(grid[i] is not None for grid in grids))
        return [i for i in known if test(past, i)]

    return held


def _window(past: Past, name: str, place: int, count: int) -> list[Any]:
    return [x for x in past.column(name)[max(0, place - count + 1) : place + 1] if x is not None]


def pressure(past: Past, place: int, systolic: float, diastolic: float) -> bool:
    """Blood pressure of a day at one of these values or above."""
    upper, lower = past.column("systolic_mmhg")[place], past.column("diastolic_mmhg")[place]
    return (upper is not None and upper >= systolic) or (lower is not None and lower >= diastolic)


def pressure_often(past: Past, place: int) -> bool:
    """At 135 over 85 or above today and on three days of fourteen."""
    days = range(max(0, place - 13), place + 1)
    return pressure(past, place, 135, 85) and sum(pressure(past, i, 135, 85) for i in days) >= 3


def _pulse(past: Past, place: int) -> float | None:
    resting: float | None = past.column("hr_rest_bpm")[place]
    night: float | None = past.column("hr_night_bpm")[place]
    return night if resting is None else resting


def pulse_high(past: Past, place: int) -> bool:
    """Above 100 at rest on two days of seven."""
    week = [_pulse(past, i) for i in range(max(0, place - 6), place + 1)]
    return sum(bpm is not None and bpm > 100 for bpm in week) >= 2


def pulse_high_once(past: Past, place: int) -> bool:
    """Above 100 at rest today."""
    bpm = _pulse(past, place)
    return bpm is not None and bpm > 100


def pulse_low(past: Past, place: int) -> bool:
    """A very low pulse at rest in somebody who is unwell."""
    bpm, energy = _pulse(past, place), past.column("energy")[place]
    unwell = bool(past.column("symptoms")[place]) or (energy is not None and energy <= 2)
    return bpm is not None and bpm < 40 and unwell


def lasting(name: str, value: str, longer_than_d: int, gap_d: int = 2) -> Held:
    """The same answer for more than so many days; ``gap_d`` unanswered days in between do not end it."""

    def held(past: Past, profile: Mapping[str, Any]) -> list[int]:
        found: list[int] = []
        start = last = None
        for i, answer in enumerate(past.column(name)):
            if answer == value:
                if start is None or last is None or i - last > gap_d + 1:
                    start = i
                last = i
                if i - start + 1 > longer_than_d:
                    found.append(i)
            elif answer is not None:
                start = None
        return found

    return held


def sleep_under_five(past: Past, place: int) -> bool:
    """Less than five hours on four of five known nights of fifteen, ten of them known."""
    nights = _window(past, "sleep_s", place, 15)
    return len(nights) >= 10 and sum(s < 5 * 3600 for s in nights) >= 0.8 * len(nights)


def infections(past: Past) -> list[int]:
    """The first days of illnesses; five days without a sick answer part two of them."""

    def find() -> list[int]:
        starts: list[int] = []
        last = None
        for i, answer in enumerate(past.column("ill")):
            if answer is not None and answer != "none":
                if last is None or i - last > 5:
                    starts.append(i)
                last = i
        return starts

    found: list[int] = past.keep("infections", find)
    return found


def four_infections(past: Past, profile: Mapping[str, Any]) -> list[int]:
    """The fourth infection within a year, and any after it."""
    starts = infections(past)
    return [i for n, i in enumerate(starts) if n >= 3 and i - starts[n - 3] < YEAR]


def weight_fall(past: Past, share: float, back_d: int) -> list[int]:
    """Days on which the median of two weeks' weighings lies that share or more below the highest such median."""

    def find() -> list[int]:
        usual: list[tuple[int, float]] = []
        for i, weight in enumerate(past.column("weight_kg")):
            if weight is None:
                continue
            fortnight = _window(past, "weight_kg", i, 14)
            middle = median(fortnight)
            if len(fortnight) >= 2 and middle is not None:
                usual.append((i, middle))
        found, oldest = [], 0
        for n, (i, now) in enumerate(usual):
            while usual[oldest][0] < i - back_d:
                oldest += 1
            if now <= (1 - share) * max(middle for _, middle in usual[oldest : n + 1]):
                found.append(i)
        return found

    found: list[int] = past.keep(("weight", share, back_d), find)
    return found


def age(profile: Mapping[str, Any], day: date) -> int | None:
    """Full years on that day."""
    born = profile.get("birth_date")
    if born is None:
        return None
    return int(day.year - born.year - ((day.month, day.day) < (born.month, born.day)))


def _is_minor(past: Past, profile: Mapping[str, Any], place: int) -> bool:
    years = age(profile, past.day(place))
    return years is not None and years < 18


def thin(past: Past, profile: Mapping[str, Any]) -> list[int]:
    """A body mass index below what is sound."""
    height = profile.get("height_cm")
    if height is None:
        return []
    least = 18.5 * (height / 100) ** 2
    grid = past.column("weight_kg")
    told, found = profile.get("weight_kg"), []
    for i, weight in enumerate(grid):
        if weight is not None:
            told = None  # from the first weighing on, weighings count
        now = told if told is not None else (median(_window(past, "weight_kg", i, 28)) if weight else None)
        if now is not None and now < least and not _is_minor(past, profile, i):
            found.append(i)
    return found


def _answered(past: Past) -> list[bool]:
    def find() -> list[bool]:
        grids = [past.column(item) for item in v.MORNING_ITEMS]
        return [any(grid[i] is not None for grid in grids) for i in range(past.length)]

    found: list[bool] = past.keep("answered", find)
    return found


def without_period(past: Past, longest_d: int) -> list[int]:
    """Answered days at least so long after the last first day; ten answers since, so that silence is no finding."""
    found, last, answers = [], None, 0
    for i, (began, answered) in enumerate(zip(past.column("period_started"), _answered(past), strict=True)):
        if began:
            last, answers = i, 0
        answers += answered
        if last is not None and answered and i - last >= longest_d and answers >= 10:
            found.append(i)
    return found


def no_period(*cycles: str | None) -> Held:
    """No period for 90 days, for somebody with one of these cycles."""

    def held(past: Past, profile: Mapping[str, Any]) -> list[int]:
        return without_period(past, 90) if profile.get("cycle") in cycles else []

    return held


def young(past: Past, profile: Mapping[str, Any]) -> list[int]:
    """Under eighteen: falling weight, or a period that stays away."""
    cycles = () if profile.get("cycle") in ("hormonal", "none", "off") else without_period(past, 45)
    places = {*weight_fall(past, 0.03, 56), *cycles}
    return [i for i in sorted(places) if _is_minor(past, profile, i)]


def performance_fall(past: Past, profile: Mapping[str, Any]) -> list[int]:
    """The mean of 28 days a tenth below the best such mean of 120 days, two efforts in each."""
    levels: list[tuple[int, float]] = []
    for i, effort in enumerate(past.column("performance_ln")):
        if effort is None:
            continue
        month = _window(past, "performance_ln", i, 28)
        level = mean(month)
        if len(month) >= 2 and level is not None:
            levels.append((i, level))
    return [
        i
        for n, (i, level) in enumerate(levels)
        if level <= max(best for j, best in levels[: n + 1] if j >= i - 120) - 0.10
    ]


def pregnant(past: Past, profile: Mapping[str, Any]) -> list[int]:
    """Every day of somebody who is pregnant."""
    return list(range(past.length)) if profile.get("cycle") == "pregnant" else []
