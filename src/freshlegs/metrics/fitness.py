"""The fitness–fatigue model and its state-space form (science B.4), for the unexplained part of performance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from freshlegs.metrics._numbers import Array, Numbers, checked


@dataclass(frozen=True, slots=True)
class FitnessFatigue:
    """Parameters: base performance, gains of fitness and fatigue, their time constants in days.

    The defaults of gains and time constants are Morton's [morton1990].
    """

    base: float
    gain_fitness: float = 1.0
    gain_fatigue: float = 2.0
    tau_fitness_d: float = 45.0
    tau_fatigue_d: float = 15.0

    @property
    def decay(self) -> Array:
        """What a day leaves of fitness and of fatigue."""
        return np.exp(-1.0 / np.array([self.tau_fitness_d, self.tau_fatigue_d]))

    def predict(self, load: Numbers, start: tuple[float, float] = (0.0, 0.0)) -> Array:
        """Expected performance on each day, from the loads of the days before it.

        p_n = p* + k_g Σ_{i<n} w_i e^{−(n−i)/τ_g} − k_h Σ_{i<n} w_i e^{−(n−i)/τ_h} + what is left of ``start``, the
        state on the eve of the first day. Loads zero or more; from a missing day on it is missing.
        Source: [stephenshemingway2021].

        >>> model = FitnessFatigue(400, 1, 3, 60, 15)
        >>> model.predict([11.97, 0, 13.07, 0, 19.35], (500, 250)).round(4).tolist()
        [190.1055, 205.4062, 241.7168, 251.4656, 284.6432]
        """
        loads = np.atleast_1d(checked("load", load, 0))
        state, out = np.asarray(start, dtype=np.float64), np.empty(loads.size)
        dose = 0.0
        for day, next_dose in enumerate(loads.tolist()):
            state = (state + dose) * self.decay
            out[day] = self.base + self.gain_fitness * state[0] - self.gain_fatigue * state[1]
            dose = next_dose
        return out

    def days_to_regain(self) -> float:
        """Days after one bout until performance is back where it was: τgτh/(τg−τh)·ln(kh/kg) [morton1990].

        >>> round(FitnessFatigue(0).days_to_regain(), 4)
        15.5958
        """
        return float(self._scale() * np.log(self.gain_fatigue / self.gain_fitness))

    def days_to_peak(self) -> float:
        """Days after one bout until it helps most: τgτh/(τg−τh)·ln(khτg/(kgτh)) [morton1990].

        >>> round(FitnessFatigue(0).days_to_peak(), 4)
        40.3146
        """
        ratio = self.gain_fatigue * self.tau_fitness_d / (self.gain_fitness * self.tau_fatigue_d)
        return float(self._scale() * np.log(ratio))

    def _scale(self) -> float:
        return self.tau_fitness_d * self.tau_fatigue_d / (self.tau_fitness_d - self.tau_fatigue_d)


@dataclass(frozen=True, slots=True)
class Filtered:
    """What a Kalman filter saw: each day's innovation, its variance, the state after (NaN without observation)."""

    innovation: Array
    variance: Array
    state: Array
    covariance: Array


def filter_performance(
    model: FitnessFatigue,
    load: Numbers,
    performance: Numbers,
    *,
    noise: Array,
    error: float,
    state: Array,
    spread: Array,
) -> Filtered:
    """Kalman filter of the state-space form: the state moves with load, is corrected where performance was seen.

    ``load[n]`` is done after ``performance[n]`` was observed (NaN: none). ``noise`` is Q (2×2), ``error`` R, ``state``
    and ``spread`` the first mean (2) and covariance (2×2). Source: [kolossa2017], equations only.
    """
    doses = np.atleast_1d(checked("load", load, 0))
    seen = np.atleast_1d(checked("performance", performance))
    A, B = np.diag(model.decay), model.decay
    C = np.array([model.gain_fitness, -model.gain_fatigue])
    x, P = np.asarray(state, dtype=np.float64), np.asarray(spread, dtype=np.float64)
    innovations, variances, states = [], [], []
    for day, observed in enumerate(seen.tolist()):
        surprise = observed - (model.base + float(C @ x))
        variance = float(C @ P @ C) + error
        if observed == observed:
            K = P @ C / variance
            x, P = x + K * surprise, P - np.outer(K, C @ P)
        innovations.append(surprise)
        variances.append(variance)
        states.append(x)
        if day < doses.size:
            x, P = A @ x + B * doses[day], A @ P @ A.T + noise
    return Filtered(np.array(innovations), np.array(variances), np.array(states), P)
