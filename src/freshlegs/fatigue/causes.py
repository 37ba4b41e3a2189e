"""Which of training, diet, stress, sleep and other drive the fatigue: likely contributors, ranked (science I.5)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

import numpy as np

from freshlegs import vocabulary as v
from freshlegs.fatigue.assessment import Assessment
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.past import Bools, Floats
from freshlegs.fatigue.windows import mean_of_last, trailing


@dataclass(frozen=True, slots=True)
class Indicator:
    """One measured hint at a cause: on which days it held, on which it could be told, its weight."""

    cause: str
    name: str
    holds: Bools
    known: Bools

    @property
    def weight(self) -> float:
        """Its weight in the noisy-or."""
        return P.number(f"causes.{self.name}")


@dataclass(frozen=True, slots=True)
class Said:
    """What the runner said of a cause, and on which day; ``forgotten`` takes an earlier answer back."""

    cause: str
    answer: Literal["confirmed", "rejected", "forgotten"]
    on: date


@dataclass(frozen=True, slots=True)
class Contributor:
    """One cause on one day: its score (0..1), its share of all, and the indicators behind it, strongest first.

    ``said``: what the runner said of it, while that counts.
    """

    cause: str
    score: float
    share: float
    behind: tuple[tuple[str, float], ...]
    ill: bool = False
    said: Said | None = None


class Causes:
    """The causes of one athlete (row ``a`` of an assessment), day by day.

    ``answers``: what the runner said of causes, earlier ones first; an answer counts from its day on, fading.
    """

    def __init__(self, found: Assessment, a: int, answers: Sequence[Said] = ()) -> None:
        self._found = found
        self._a = a
        self._answers = answers
        decay = P.number("causes.recency_d")
        self._kernel: Floats = np.exp(-np.arange(P.whole("causes.window_d"), dtype=np.float64) / decay)

    @cached_property
    def indicators(self) -> list[Indicator]:
        """Every indicator of this athlete."""
        return [*self._training(), *self._diet(), *self._stress(), *self._sleep(), *self._other()]

    def at(self, t: int) -> list[Contributor]:
        """The causes on day ``t``, largest first; while ill or just after, *other* stands first."""
        scores: dict[str, float] = {}
        said = self._said(self._found.panel.day(self._a, t))
        behind: dict[str, list[tuple[str, float]]] = {cause: [] for cause in v.CAUSES}
        for cause in v.CAUSES:
            quiet = 1.0 - P.number("causes.leak")
            for indicator in self.indicators:
                if indicator.cause == cause:
                    active = self._recent_share(indicator, t)
                    quiet *= 1.0 - indicator.weight * active
                    if active > P.number("causes.told"):
                        behind[cause].append((indicator.name, active * indicator.weight))
            scores[cause] = _with_answer(1.0 - quiet, said.get(cause))
        total = math.fsum(scores.values())
        ill = bool(self._found.signs.ill_lately[self._a, t])
        ranked = sorted(v.CAUSES, key=lambda c: (not (ill and c == "other"), -scores[c], v.CAUSES.index(c)))
        return [
            Contributor(
                cause,
                scores[cause],
                scores[cause] / total,
                tuple(sorted(behind[cause], key=lambda entry: -entry[1])),
                ill and cause == "other",
                said[cause][0] if cause in said else None,
            )
            for cause in ranked
        ]

    def _said(self, day: date) -> dict[str, tuple[Said, float]]:
        """The last answer of each cause that still counts on a day, and how much of it is left."""
        found = {}
        for one in self._answers:
            age = (day - one.on).days
            if 0 <= age <= P.whole("causes.answered_d"):
                found[one.cause] = one, math.exp(-age / P.number("causes.recency_d"))
        return {cause: one for cause, one in found.items() if one[0].answer != "forgotten"}

    def _recent_share(self, indicator: Indicator, t: int) -> float:
        """How much of the last weeks it held, recent days counting more; 0 where nothing is known."""
        low = max(0, t + 1 - len(self._kernel))
        kernel = self._kernel[: t + 1 - low][::-1]
        known = indicator.known[low : t + 1]
        weight = float(kernel[known].sum())
        if weight <= 0:
            return 0.0
        # Known for few days only, it says as little as if the rest had not held.
        floor = float(self._kernel[: P.whole("causes.least_d")].sum())
        return float(kernel[known & indicator.holds[low : t + 1]].sum()) / max(weight, floor)

    def _of(self, cause: str, name: str, holds: Bools, known: Bools) -> Indicator:
        return Indicator(cause, name, np.asarray(holds, dtype=bool), np.asarray(known, dtype=bool))

    def _training(self) -> list[Indicator]:
        a, hazards, panel = self._a, self._found.hazards, self._found.panel
        load = panel["load_lu"][a]
        days = P.whole("risk.week_d")
        week = trailing(~np.isnan(load)[None, :], days)[0] >= days - 0.5
        rested = trailing((load == 0.0)[None, :], days)[0] > 0.5
        easy, hard = hazards.easy_share[a], hazards.hard_share[a]
        with np.errstate(invalid="ignore"):
            too_fast = (easy < P.number("causes.grey_share")) | (hard > P.number("causes.hard_share"))
        return [
            self._of("training", "ramp", hazards.flags["ramp"][a], hazards.known["ramp"][a]),
            self._of("training", "monotony", hazards.flags["monotony"][a], hazards.known["monotony"][a]),
            self._of("training", "grey", too_fast, ~np.isnan(easy) | ~np.isnan(hard)),
            self._of("training", "spike", hazards.flags["spike"][a], hazards.known["spike"][a]),
            self._of("training", "no_rest", week & ~rested, week),
        ]

    def _bad(self, item: str) -> tuple[Bools, Bools]:
        usual = self._found.signs.usual.get(item)
        if usual is None:
            nothing = np.zeros(self._found.panel.shape[1], dtype=bool)
            return nothing, nothing
        return usual.bad[self._a] & usual.answered[self._a], usual.answered[self._a]

    def _diet(self) -> list[Indicator]:
        a, found = self._a, self._found
        ate = found.panel["ate_enough"][a]
        weight = [b for b in found.signs.by_name["weight_appetite_loss"].branches if b.key == "weight"]
        losing = weight[0].strength[a] if weight else np.full(found.panel.shape[1], np.nan)
        cycle = found.signs.by_name["irregular_cycles"].strength[a]
        with np.errstate(invalid="ignore"):
            return [
                self._of("diet", "fuel_answers", ate == 1.0, ~np.isnan(ate)),
                self._of("diet", "weight_loss", losing >= P.number("signs.firm"), ~np.isnan(losing)),
                self._of("diet", "appetite", *self._bad("appetite")),
                self._of("diet", "cycle", cycle >= P.number("signs.firm"), ~np.isnan(cycle)),
            ]

    def _stress(self) -> list[Indicator]:
        return [
            self._of("stress", "stress_item", *self._bad("stress")),
            self._of("stress", "relax", *self._bad("relax")),
        ]

    def _sleep(self) -> list[Indicator]:
        a, panel, hazards = self._a, self._found.panel, self._found.hazards
        asleep = panel["sleep_s"][a : a + 1] / 3600.0
        mean = mean_of_last(asleep, P.whole("risk.week_d"), P.whole("sleep.nights_min"))[0]
        broken = [b for b in self._found.signs.by_name["poor_sleep"].branches if b.key == "sleep.broken"]
        efficiency = broken[0].strength[a] if broken else np.full(panel.shape[1], np.nan)
        spread = _spread(panel["fell_asleep_min"][a])
        with np.errstate(invalid="ignore"):
            return [
                self._of("sleep", "sleep_debt", hazards.flags["sleep_debt"][a], hazards.known["sleep_debt"][a]),
                self._of("sleep", "sleep_short", mean < P.number("sleep.short_mean_h"), ~np.isnan(mean)),
                self._of("sleep", "sleep_efficiency", efficiency >= P.number("signs.firm"), ~np.isnan(efficiency)),
                self._of("sleep", "sleep_irregular", spread > P.number("sleep.irregular_min"), ~np.isnan(spread)),
                self._of("sleep", "sleep_poor", *self._bad("sleep_quality")),
            ]

    def _other(self) -> list[Indicator]:
        a, panel = self._a, self._found.panel
        ill, heat = panel["ill"][a], panel["temperature_c"][a]
        lately = self._found.signs.ill_lately[a]
        with np.errstate(invalid="ignore"):
            return [
                self._of("other", "illness", lately, lately | ~np.isnan(ill)),
                self._of("other", "heat", heat > P.number("causes.heat_c"), ~np.isnan(heat)),
            ]


def _with_answer(score: float, said: tuple[Said, float] | None) -> float:
    """A confirmed cause moves up towards certainty, a rejected one down towards none."""
    if said is None:
        return score
    one, left = said
    if one.answer == "confirmed":
        return 1.0 - (1.0 - score) * (1.0 - P.number("causes.confirmed") * left)
    return score * (1.0 - P.number("causes.rejected") * left)


def _spread(minutes: Floats) -> Floats:
    """The standard deviation of the time of falling asleep over 14 days; NaN with fewer than seven nights."""
    row = minutes[None, :]
    days = P.whole("sleep.irregular_d")
    n = trailing(~np.isnan(row), days)[0]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = trailing(row, days)[0] / n
        variance = trailing(row**2, days)[0] / n - mean**2
        return np.where(n >= P.whole("sleep.irregular_nights"), np.sqrt(np.maximum(variance, 0.0)), np.nan)
