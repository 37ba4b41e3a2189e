"""The timeline of a report: states, load, sleep and heart rate at rest over one axis of days; gaps drawn as gaps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from freshlegs.look import SHORT, look
from freshlegs.recovery.words import day_month
from freshlegs.report.content import Content, Day, states_of
from freshlegs.report.picture import Box, Line, Mark, Picture, Words, shape

LEFT: Final = 62.0
RIGHT: Final = 62.0
INK: Final = "#2B2B2B"
GREY: Final = "#767676"
RULE: Final = "#DDDBD6"
BAND: Final = "#E9EDF4"
LOAD: Final = "#8C97A8"
MEAN: Final = "#3E4C63"
SLEEP: Final = "#5B6FA8"
HEART: Final = "#A0495E"
ILL: Final = "#C03A19"

Value = Callable[[Day], float | None]


def timeline(content: Content, width: float = 515.0) -> Picture:
    """The whole picture, ``width`` points wide."""
    sheet = _Sheet(content.days, width)
    bottom = sheet.states(14.0)
    bottom = sheet.belief(bottom + 12)
    bottom = sheet.bars(bottom + 16, "Load", "LU a day")
    bottom = sheet.curve(
        bottom + 16, "Sleep", "hours", lambda d: d.sleep_h, SLEEP, usual=(content.sleep_need_h, 0.0), beside="need"
    )
    if content.heart is not None:
        name, middle, spread = content.heart
        label = "Night heart" if name.startswith("night") else "Resting heart"
        bottom = sheet.curve(
            bottom + 16, label, "beats a minute", lambda d: d.heart_bpm, HEART, usual=(middle, spread), beside="usual"
        )
    bottom = sheet.health(bottom + 12)
    bottom = sheet.axis(bottom + 4)
    return Picture(width, bottom, _says(content), sheet.marks)


def _says(content: Content) -> str:
    counted = {state: sum(day.state == state for day in content.days) for state in states_of(content.days)}
    told = ", ".join(f"{SHORT.get(state, state)} on {n}" for state, n in counted.items())
    return f"Timeline of {len(content.days)} days: {told}. Load, sleep and heart rate at rest beneath."


class _Sheet:
    """Panels one under the other on the same axis of days."""

    def __init__(self, days: Sequence[Day], width: float) -> None:
        self.days = days
        self.width = width
        self.marks: list[Mark] = []
        self.step = (width - LEFT - RIGHT) / len(days)

    def x(self, number: float) -> float:
        """The left edge of a day."""
        return LEFT + number * self.step

    def _label(self, top: float, height: float, name: str, unit: str) -> None:
        self.marks.append(Words(0, top + height / 2, name, 8, INK, bold=True))
        self.marks.append(Words(0, top + height / 2 + 9, unit, 6.5, GREY))

    def states(self, top: float) -> float:
        """A strip of the states, each spell with its shape, and its word where there is room."""
        height = 20.0
        self._label(top - 3, height, "State", "each morning")
        for first, last, state in _spells(self.days):
            seen, x, wide = look(state), self.x(first), self.step * (last - first + 1)
            unknown = state == "insufficient_data"
            self.marks.append(Box(x, top, wide - 0.4, height, seen.colour, 1.0 if unknown else 0.28, hatched=unknown))
            self.marks.append(Box(x, top + height - 2.5, wide - 0.4, 2.5, seen.on_light))
            word = SHORT.get(state, state)
            room = 4.1 * len(word) + 16
            if wide > 9:
                at = x + 7 if wide >= room else x + wide / 2
                if unknown and wide >= room:
                    self.marks.append(Box(x + 12, top + 4, room - 12, 11, "#FFFFFF"))
                self.marks += shape(state, at, top + 9, 6.5, seen.on_light)
                if wide >= room:
                    self.marks.append(Words(x + 14, top + 11.6, word, 7.5, seen.on_light, bold=True))
        return top + height

    def belief(self, top: float) -> float:
        """The model's share for a state beyond normal, with the lines at which *watch* and *excessive* can begin."""
        height = 50.0
        self._label(top, height, "Beyond normal", "the model's share")
        self._frame(top, height, ("0 %", "100 %"))
        for share, state in ((0.25, "watch"), (0.60, "excessive")):
            y = top + height * (1 - share)
            self.marks.append(Line([(LEFT, y), (self.width - RIGHT, y)], RULE, 0.7, (2, 2)))
            self.marks.append(Words(self.width - RIGHT + 4, y + 2.4, f"{state} from here", 6, look(state).on_light))
        self._runs(top, height, [day.beyond for day in self.days], 0.0, 1.0, INK, 1.3)
        return top + height

    def bars(self, top: float, name: str, unit: str) -> float:
        """Daily load as bars, its seven-day mean as a line."""
        height = 56.0
        self._label(top, height, name, unit)
        loads = [day.load_lu for day in self.days]
        if all(load is None for load in loads):
            self.marks.append(Words(LEFT + 4, top + height / 2 + 3, "not known", 7.5, GREY))
            return top + height
        most = max((x for x in loads if x is not None), default=0.0)
        high = max(20.0, most * 1.08)
        self._frame(top, height, ("0", f"{high:.0f}"))
        for n, load in enumerate(loads):
            if load:
                tall = height * load / high
                self.marks.append(Box(self.x(n) + 0.5, top + height - tall, max(0.8, self.step - 1), tall, LOAD, 0.75))
        means = [_week_mean(loads, n) for n in range(len(loads))]
        self._runs(top, height, means, 0.0, high, MEAN, 1.3)
        self._end(top, height, means, 0.0, high, "7-day mean", MEAN)
        return top + height

    def curve(
        self, top: float, name: str, unit: str, of: Value, colour: str, *, usual: tuple[float, float], beside: str
    ) -> float:
        """A value a day with its seven-day mean, over the runner's usual and its spread."""
        height = 56.0
        self._label(top, height, name, unit)
        values = [of(day) for day in self.days]
        known = [x for x in values if x is not None]
        if not known:
            self.marks.append(Words(LEFT + 4, top + height / 2 + 3, "not measured", 7.5, GREY))
            return top + height
        middle, spread = usual
        low = min(*known, middle - 1.5 * spread - 0.5)
        high = max(*known, middle + 1.5 * spread + 0.5)
        self._frame(top, height, (f"{low:.0f}", f"{high:.0f}"))

        def y(value: float) -> float:
            return top + height * (1 - (value - low) / (high - low))

        if spread:
            self.marks.append(
                Box(LEFT, y(middle + spread), self.width - LEFT - RIGHT, y(middle - spread) - y(middle + spread), BAND)
            )
        self.marks.append(Line([(LEFT, y(middle)), (self.width - RIGHT, y(middle))], GREY, 0.6, (3, 2)))
        for n, value in enumerate(values):
            if value is not None:
                self.marks.append(Box(self.x(n + 0.5) - 0.9, y(value) - 0.9, 1.8, 1.8, colour, 0.45))
        means = [_week_mean(values, n) for n in range(len(values))]
        self._runs(top, height, means, low, high, colour, 1.3)
        at = self._end(top, height, means, low, high, "7-day mean", colour)
        foot = y(middle) + 2.4
        if at is not None and abs(foot - at) < 8:
            foot = at + (8 if foot >= at else -8)
        self.marks.append(Words(self.width - RIGHT + 4, foot, f"{beside} {middle:.3g}", 6.5, GREY))
        return top + height

    def health(self, top: float) -> float:
        """Days of illness, and days with a flag that stood above the advice."""
        self.marks.append(Words(0, top + 7, "Illness, flags", 8, INK, bold=True))
        for n, day in enumerate(self.days):
            if day.ill:
                self.marks.append(Box(self.x(n), top, max(1.0, self.step - 0.4), 4, ILL))
            if day.flagged:
                self.marks.append(Box(self.x(n), top + 5.5, max(1.0, self.step - 0.4), 4, INK))
        if any(day.ill for day in self.days):
            self.marks.append(Words(self.width - RIGHT + 4, top + 4, "ill", 6.5, ILL))
        if any(day.flagged for day in self.days):
            self.marks.append(Words(self.width - RIGHT + 4, top + 10, "see a doctor", 6.5, INK))
        self.marks.append(Line([(LEFT, top + 10.5), (self.width - RIGHT, top + 10.5)], RULE, 0.6))
        return top + 11

    def axis(self, top: float) -> float:
        """Mondays, and the date of every other one."""
        mondays = [n for n, day in enumerate(self.days) if day.date.weekday() == 0]
        for count, n in enumerate(mondays):
            self.marks.append(Line([(self.x(n), top), (self.x(n), top + 3)], GREY, 0.6))
            if count % 2 == 0 and self.x(n) < self.width - RIGHT - 16:
                self.marks.append(Words(self.x(n), top + 11, _short(self.days[n].date), 6.5, GREY))
        return top + 14

    # ------------------------------------------------------------ parts

    def _frame(self, top: float, height: float, ends: tuple[str, str]) -> None:
        for y in (top, top + height):
            self.marks.append(Line([(LEFT, y), (self.width - RIGHT, y)], RULE, 0.6))
        self.marks.append(Words(LEFT - 4, top + height + 1, ends[0], 6.5, GREY, "end"))
        self.marks.append(Words(LEFT - 4, top + 5, ends[1], 6.5, GREY, "end"))

    def _runs(
        self,
        top: float,
        height: float,
        values: Sequence[float | None],
        low: float,
        high: float,
        colour: str,
        width: float,
    ) -> None:
        """A line through what is known; where nothing is, it breaks off."""
        run: list[tuple[float, float]] = []
        for n, value in enumerate([*values, None]):
            if value is not None:
                run.append((self.x(n + 0.5), top + height * (1 - (value - low) / (high - low))))
            elif run:
                if len(run) == 1:
                    run.append((run[0][0] + 1, run[0][1]))
                self.marks.append(Line(run, colour, width))
                run = []

    def _end(
        self, top: float, height: float, values: Sequence[float | None], low: float, high: float, name: str, colour: str
    ) -> float | None:
        """A name at the end of a line; where it stands."""
        known = [value for value in values if value is not None]
        if not known:
            return None
        y = top + height * (1 - (known[-1] - low) / (high - low)) + 2.4
        self.marks.append(Words(self.width - RIGHT + 4, y, name, 6.5, colour))
        return y


def _spells(days: Sequence[Day]) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    for n, day in enumerate(days):
        if found and found[-1][2] == day.state:
            found[-1] = found[-1][0], n, day.state
        else:
            found.append((n, n, day.state))
    return found


def _week_mean(values: Sequence[float | None], n: int) -> float | None:
    """The mean of the seven days up to one; four of them must be known."""
    known = [x for x in values[max(0, n - 6) : n + 1] if x is not None]
    return sum(known) / len(known) if len(known) >= 4 else None


def _short(day: date) -> str:
    return day_month(day)[: day_month(day).index(" ") + 4]
