"""Load of one session: heart rate, effort, pace, power (science A.1 to A.8)."""

from __future__ import annotations

from typing import Final

import numpy as np

from freshlegs.metrics._numbers import Array, Numbers, Result, checked, given

TRIMP_WEIGHTS: Final[dict[str, tuple[float, float]]] = {"male": (0.64, 1.92), "female": (0.86, 1.67)}
"""b and k of Banister's weighting b·exp(k·x), by formula sex [banister1991, morton1990]."""

LEAST_HR_RESERVE_BPM: Final = 40.0
FASTEST_MPS: Final = 12.5
"""Nobody has run faster; a "speed" above it is another unit."""
GRADE_LIMIT: Final = 0.45
PACE_GRADE_LIMIT: Final = 0.30
PACE_FACTOR_FLOOR: Final = 0.80

_MINETTI: Final = (155.4, -30.4, -43.3, 46.3, 19.5, 3.6)


def trimp_rate(x: Array, sex: str | None = None, weights: tuple[float, float] | None = None) -> Array:
    """TRIMP a minute at the fraction x of the heart-rate reserve: x·b·exp(k·x), x clipped to 0..1.

    Without a sex it is the mean of both formulas; ``weights`` are a runner's own (a, b) [manzi2009].
    """
    if weights is None and sex is not None and sex not in TRIMP_WEIGHTS:
        raise ValueError(f"sex must be 'female', 'male' or None, not {sex!r}")
    x = np.clip(x, 0.0, 1.0)
    chosen = [weights] if weights else [TRIMP_WEIGHTS[sex]] if sex else list(TRIMP_WEIGHTS.values())
    return np.asarray(sum(x * b * np.exp(k * x) for b, k in chosen) / len(chosen))


def banister_trimp(
    hr_bpm: Numbers,
    dt_s: Numbers,
    hr_rest_bpm: Numbers,
    hr_max_bpm: Numbers,
    sex: str | None = None,
    *,
    weights: tuple[float, float] | None = None,
) -> Result:
    """Banister's training impulse: Σ Δt[min] · x · b · exp(k·x), x the fraction of the heart-rate reserve.

    Heart rates in beats/min (20 to 255), ``dt_s`` the seconds each of them lasted; both are summed over their
    last axis, sample by sample, because the mean heart rate underestimates intervals. x is clipped to 0..1. HRmax
    must exceed HRrest by more than 40. ``sex`` chooses (b, k): male 0.64, 1.92; female 0.86, 1.67; None takes the
    mean of both; ``weights`` gives a runner's own. A missing sample makes the sum missing. For steady or interval
    running; not for strength or sprints. Source: [banister1991, morton1990, manzi2009].

    >>> round(banister_trimp(150, 45 * 60, 60, 190, "male"), 4)
    75.3302
    >>> round(banister_trimp([120, 175], [600, 600], 50, 190, "male"), 4)
    40.0872
    """
    hr = checked("hr_bpm", hr_bpm, 20, 255)
    seconds = checked("dt_s", dt_s, 0)
    rest = checked("hr_rest_bpm", hr_rest_bpm, 20, 150)
    top = checked("hr_max_bpm", hr_max_bpm, 60, 255)
    if np.any(top <= rest + LEAST_HR_RESERVE_BPM):
        raise ValueError(
            f"hr_max_bpm must exceed hr_rest_bpm by more than 40, not {np.min(top):g} against {np.max(rest):g}"
        )
    impulse = trimp_rate((hr - rest) / (top - rest), sex, weights) * (seconds / 60.0)
    return given(impulse.sum(axis=-1) if impulse.ndim else impulse)


def edwards(zone_minutes: Numbers) -> Result:
    """Edwards' summated zones: minutes in 50–60, 60–70, 70–80, 80–90, 90–100 % HRmax times 1 to 5.

    The last axis holds the five zones; points times minutes. A missing zone makes the sum missing. The weights
    have no physiological basis: for sources that give zone times and nothing else. Source: [edwards1993].

    >>> edwards([10, 20, 20, 10, 0])
    150.0
    """
    minutes = checked("zone_minutes", zone_minutes, 0)
    if minutes.ndim == 0 or minutes.shape[-1] != 5:
        raise ValueError(f"zone_minutes must hold five zones, not {np.shape(minutes)}")
    return given(minutes @ np.arange(1.0, 6.0))


def lucia(z1: Numbers, z2: Numbers, z3: Numbers) -> Result:
    """Lucia's impulse: minutes below the first threshold ×1, between the thresholds ×2, above the second ×3.

    Points times minutes; missing in, missing out. Source: [lucia2003].

    >>> lucia(40.0, 10.0, 5.0)
    75.0
    """
    return given(
        checked("z1", z1, 0) + 2.0 * checked("z2", z2, 0) + 3.0 * checked("z3", z3, 0),
    )


def session_rpe(rpe: Numbers, duration_s: Numbers) -> Result:
    """Session effort (0 to 10) times its minutes. Ask about half an hour after the end.

    ``rpe`` in points 0..10, ``duration_s`` in seconds; points times minutes; missing in, missing out.
    Source: [foster2001].

    >>> session_rpe(7, 3600)
    420.0
    """
    return given(checked("rpe", rpe, 0, 10) * (checked("duration_s", duration_s, 0) / 60.0))


def running_cost(grade: Numbers) -> Result:
    """Energy cost of running up or down a slope, J/kg/m: 155.4i⁵ − 30.4i⁴ − 43.3i³ + 46.3i² + 19.5i + 3.6.

    ``grade`` is a fraction (0.05, not 5 %), measured on −0.45..+0.45 and refused beyond. Missing in, missing
    out. It overrates what downhill gives; `grade_factor` is the clamped form for pace. Source: [minetti2002].

    >>> running_cost(0.0)
    3.6
    >>> round(running_cost(-0.2), 6), round(running_cost(0.1), 6)
    (1.800032, 5.968214)
    """
    tiny = 1e-9
    return given(_polynomial(checked("grade", grade, -GRADE_LIMIT - tiny, GRADE_LIMIT + tiny)))


def _polynomial(grade: Array) -> Array:
    cost = np.full_like(grade, _MINETTI[0])
    for coefficient in _MINETTI[1:]:
        cost = cost * grade + coefficient
    return cost


def grade_factor(grade: Array) -> Array:
    """How many flat metres one metre of this grade counts for: C(i)/C(0), i within ±0.30, at least 0.80 [E]."""
    clamped = np.clip(grade, -PACE_GRADE_LIMIT, PACE_GRADE_LIMIT)
    return np.maximum(_polynomial(clamped) / _MINETTI[-1], PACE_FACTOR_FLOOR)


def pace_load(speed_mps: Numbers, threshold_mps: Numbers, duration_s: Numbers) -> Result:
    """Load from speed, LU: 100 · hours · (v / v_threshold)²; 100 is one hour at the threshold.

    ``speed_mps`` is the normalised graded speed, ``threshold_mps`` the speed sustainable for about an hour (1.2 to
    7 m/s), both in m/s. Paces in minutes a kilometre by mistake give a ratio nobody can hold for that long
    (above 1.25 for an hour, 1.58 for six minutes, 2.8 for a second) and are refused. Missing in, missing out.
    Source: [skiba2006], with squares as TrainingPeaks uses them.

    >>> round(pace_load(1000 / 300, 1000 / 270, 1800), 6)
    40.5
    """
    speed = checked("speed_mps", speed_mps, 0, FASTEST_MPS)
    threshold = checked("threshold_mps", threshold_mps, 1.2, 7)
    seconds = checked("duration_s", duration_s, 0)
    intensity = speed / threshold
    limit = 1.25 * (3600.0 / np.clip(seconds, 1.0, 3600.0)) ** 0.1
    if np.any(intensity > limit):
        worst = float(np.nanmax(np.where(intensity > limit, intensity, np.nan)))
        raise ValueError(
            f"speed_mps cannot be {worst:.2f} times threshold_mps for that long; are these minutes a kilometre?"
        )
    return given(100.0 * (seconds / 3600.0) * intensity**2)


def hr_squared_load(hr_bpm: Numbers, dt_s: Numbers, hr_rest_bpm: float, hr_max_bpm: float, threshold: float) -> Result:
    """Load from the squared heart-rate reserve, LU: 100 · Σ hours · (x / x_threshold)².

    ``threshold`` is the fraction of the reserve at the second threshold (0..1). Shown for comparison only.
    Missing in, missing out. Source: engineering choice.

    >>> round(hr_squared_load(155, 7200, 45, 185, 0.83), 4)
    179.2269
    """
    hr = checked("hr_bpm", hr_bpm, 20, 255)
    seconds = checked("dt_s", dt_s, 0)
    limit = checked("threshold", threshold, 0, 1, above=0)
    if not hr_max_bpm > hr_rest_bpm + LEAST_HR_RESERVE_BPM:
        raise ValueError(
            f"hr_max_bpm must exceed hr_rest_bpm by more than 40, not {hr_max_bpm:g} against {hr_rest_bpm:g}"
        )
    x = np.clip((hr - hr_rest_bpm) / (hr_max_bpm - hr_rest_bpm), 0.0, 1.0)
    load = 100.0 * seconds / 3600.0 * (x / limit) ** 2
    return given(load.sum(axis=-1) if load.ndim else load)


def running_power(speed_mps: Numbers, grade: Numbers, mass_kg: float, height_m: float) -> Result:
    """Mechanical-metabolic running power, W: (c_aero + C(i)·eff)·v·m on steady running, after Skiba.

    eff = (0.25 + 0.054v)(1 − 0.5v/8.33); c_aero = 0.5·1.2·0.9·A·v²/m with the frontal area
    A = 0.2025·h^0.725·m^0.425·0.266. Speed in m/s, grade −0.45..0.45, mass 25–250 kg, height 1–2.5 m.
    Missing in, missing out. Never mix it with a device's own power. Source: [skiba2006].

    >>> round(running_power(3.0, 0.0, 70, 1.75), 4)
    262.5532
    """
    v = checked("speed_mps", speed_mps, 0, FASTEST_MPS)
    i = checked("grade", grade, -GRADE_LIMIT, GRADE_LIMIT)
    mass = float(checked("mass_kg", mass_kg, 25, 250))
    height = float(checked("height_m", height_m, 1, 2.5))
    efficiency = (0.25 + 0.054 * v) * (1.0 - 0.5 * v / 8.33)
    area = 0.2025 * height**0.725 * mass**0.425 * 0.266
    drag = 0.5 * 1.2 * 0.9 * area * v**2 / mass
    return given((drag + _polynomial(i) * efficiency) * v * mass)


def power_load(power_w: Numbers, threshold_w: Numbers, duration_s: Numbers) -> Result:
    """Load from normalised running power, LU: 100 · hours · (P / P_threshold)².

    Both powers in W and from the same brand; missing in, missing out. Source: [skiba2006].

    >>> power_load(250.0, 250.0, 3600.0)
    100.0
    """
    power = checked("power_w", power_w, 0, 3000)
    threshold = checked("threshold_w", threshold_w, 50, 1000)
    return given(100.0 * checked("duration_s", duration_s, 0) / 3600.0 * (power / threshold) ** 2)
