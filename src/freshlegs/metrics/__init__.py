"""One run or one night into numbers; runs, nights and check-ins into days.

The single metrics stand here under their own names: pure functions on floats or NumPy arrays, NaN in, NaN out,
impossible values raise ValueError naming them. `freshlegs.metrics.trends` has the same over (athlete, day) arrays.
"""

from freshlegs.metrics.beats import correct_beats
from freshlegs.metrics.body import (
    decoupling,
    energy_availability,
    persistence,
    rmssd,
    sleep_regularity,
    sleep_states,
)
from freshlegs.metrics.fitness import FitnessFatigue, filter_performance
from freshlegs.metrics.intensity import hr_max_formula, karvonen, polarization_index
from freshlegs.metrics.load import (
    banister_trimp,
    edwards,
    lucia,
    pace_load,
    power_load,
    running_cost,
    running_power,
    session_rpe,
)
from freshlegs.metrics.quality import quality_flags
from freshlegs.metrics.speed import (
    critical_speed,
    critical_speed_fit,
    d_prime_balance,
    race_equivalent_vo2,
    race_time,
    speed_at_share,
)
from freshlegs.metrics.trends import acwr, ewma, monotony, strain

__all__ = [
    "FitnessFatigue",
    "acwr",
    "banister_trimp",
    "correct_beats",
    "critical_speed",
    "critical_speed_fit",
    "d_prime_balance",
    "decoupling",
    "edwards",
    "energy_availability",
    "ewma",
    "filter_performance",
    "hr_max_formula",
    "karvonen",
    "lucia",
    "monotony",
    "pace_load",
    "persistence",
    "polarization_index",
    "power_load",
    "quality_flags",
    "race_equivalent_vo2",
    "race_time",
    "rmssd",
    "running_cost",
    "running_power",
    "session_rpe",
    "sleep_regularity",
    "sleep_states",
    "speed_at_share",
    "strain",
]
