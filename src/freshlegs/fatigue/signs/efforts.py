"""Signs of performance: effort at a manageable level, the performance trend, recovery after hard runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from freshlegs.fatigue import branches as b
from freshlegs.fatigue.baseline import TINY, Usual
from freshlegs.fatigue.normal import cdf
from freshlegs.fatigue.panel import Bools, Floats, Ints, Panel, Window
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.signs.answers import hard_yesterday
from freshlegs.fatigue.windows import Events, counted, lagged, mean_of_last, run_length, trailing
from freshlegs.metrics import trends


@dataclass(slots=True)
class Performance:
    """The performance trend of every athlete and day (science E.5).

    ``delta``: log-speed now against the best month of the last 120 days, ``sd`` its standard deviation,
    ``observed``: days since the last observation, ``plateau``: probability of no progress for eight weeks.
    """

    delta: Floats
    sd: Floats
    since: Floats
    plateau: Floats

    def through(self, window: Window) -> Performance:
        """The same of the athletes and days of a window."""
        cells = window.cells
        return Performance(self.delta[cells], self.sd[cells], self.since[cells], self.plateau[cells])

    def below(self, cut: float) -> Floats:
        """P(the true change is below −cut)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return cdf((-cut - self.delta) / self.sd)


def performance_trend(panel: Panel) -> Performance:
    """A local-level Kalman filter over near-maximal efforts."""
    shape = panel.shape
    nothing = Performance(*(np.full(shape, np.nan) for _ in range(4)))
    if not panel.has("performance_ln"):
        return nothing
    level, variance, count = _filter(panel["performance_ln"], panel["performance_sd"])
    days = P.whole("performance.reference_mean_d")
    month = mean_of_last(level, days, 1)
    best, best_variance = _best(month, variance, P.whole("performance.reference_d"))
    observed = ~np.isnan(panel["performance_ln"])
    since = Events(observed).days_since()
    usable = (since < P.whole("performance.stale_d")) & (count >= P.whole("performance.observations_min"))
    delta = np.where(usable, level - best, np.nan)
    sd = np.where(usable, np.sqrt(variance + best_variance), np.nan)
    trend = Performance(delta, sd, since, np.full(shape, np.nan))
    trend.plateau = _plateau(panel, trend, observed)
    return trend


def _filter(observed: Floats, sd: Floats) -> tuple[Floats, Floats, Ints]:
    """Level, its variance and the number of observations so far; NaN before the first."""
    q = P.number("performance.level_noise") ** 2
    known = ~np.isnan(observed)
    number = np.cumsum(known, axis=1, dtype=np.int64)
    athletes, most = observed.shape[0], int(number[:, -1].max(initial=0))
    rows, days = np.nonzero(known)
    slot = number[rows, days]
    y = np.full((athletes, most + 1), np.nan)
    r = np.full((athletes, most + 1), np.nan)
    when = np.zeros((athletes, most + 1))
    y[rows, slot], when[rows, slot] = observed[rows, days], days
    r[rows, slot] = np.where(np.isnan(sd[rows, days]), P.number("signs.training_best_sd"), sd[rows, days]) ** 2
    level = np.full((athletes, most + 1), np.nan)
    variance = np.full((athletes, most + 1), np.nan)
    for j in range(1, most + 1):
        ahead = variance[:, j - 1] + q * (when[:, j] - when[:, j - 1])
        first = np.isnan(ahead)
        gain = np.where(first, 1.0, ahead / (ahead + r[:, j]))
        before = np.where(first, y[:, j], level[:, j - 1])
        level[:, j] = before + gain * (y[:, j] - before)
        variance[:, j] = np.where(first, r[:, j], (1.0 - gain) * ahead)
    by_day = np.take_along_axis(level, number, axis=1)
    grown = np.take_along_axis(variance, number, axis=1) + q * (
        np.arange(observed.shape[1]) - np.take_along_axis(when, number, axis=1)
    )
    return by_day, grown, number


def _best(month: Floats, variance: Floats, span: int) -> tuple[Floats, Floats]:
    """The best monthly mean of the last ``span`` days, and the variance that belonged to it."""
    best, its = month.copy(), variance.copy()
    step = 1
    # Doubling windows: the best of 2n days is the better of two bests of n days.
    while step < span:
        shift = min(step, span - step)
        older, older_variance = lagged(best, shift), lagged(its, shift)
        with np.errstate(invalid="ignore"):
            better = (older > best) | np.isnan(best)
        best, its = np.where(better, older, best), np.where(better, older_variance, its)
        step += shift
    return best, its


def _plateau(panel: Panel, trend: Performance, observed: Bools) -> Floats:
    """No change for eight weeks although the load rose: the probability, where it can be told."""
    days = P.whole("performance.plateau_d")
    within = P.number("performance.plateau")
    with np.errstate(invalid="ignore", divide="ignore"):
        flat = cdf((within - trend.delta) / trend.sd) - cdf((-within - trend.delta) / trend.sd)
        chronic = trends.exponential(panel["load_lu"], 42.0)
        rising = chronic >= (1.0 + P.number("performance.plateau_ramp")) * lagged(chronic, days)
        sure = run_length(flat > P.number("performance.plateau_p")) >= days
    enough = trailing(observed, days) >= P.whole("performance.plateau_observations")
    return np.where(enough & rising & sure, flat, np.nan)


def branches(
    panel: Panel, usual: dict[str, Usual], device: dict[str, Usual], trend: Performance
) -> dict[str, list[b.Branch]]:
    """The branches of the three performance signs."""
    return {
        "manageable_level": panel.once("manageable", lambda: [*_effort(panel), *_harder(panel), *_missed(panel)]),
        "performance_decline": panel.once("decline", lambda: _decline(trend)),
        "slow_recovery": _recovery(panel, usual, device),
    }


def _decline(trend: Performance) -> list[b.Branch]:
    facts = {"delta": trend.delta, "sd": trend.sd, "since": trend.since}
    return [
        b.Branch("performance.decline", trend.below(P.number("performance.decline")), facts=facts),
        b.Branch("performance.plateau", P.number("performance.plateau_weight") * trend.plateau, facts=facts),
    ]


def _effort(panel: Panel) -> list[b.Branch]:
    """Easy and steady runs that feel harder than pace and length explain: the average of the last five."""
    if not panel.has("rpe_residual_sd"):
        return []
    residual = np.where(hard_yesterday(panel), np.nan, panel["rpe_residual_sd"])
    known = ~np.isnan(residual)
    events = Events(known)
    last, within = P.whole("signs.effort_last"), P.whole("signs.missed_window_d")
    one = np.ones(panel.shape, dtype=bool)
    _, n, _ = events.count_last(one, last, within)
    mean = events.mean_last(residual, last, within)
    with np.errstate(invalid="ignore", divide="ignore"):
        strength = np.where(n >= 3, cdf((mean - P.number("signs.effort_sd")) * np.sqrt(np.maximum(n, 1))), np.nan)
    return [b.Branch("effort.residual", strength, facts={"mean": mean, "n": n.astype(float)})]


def _harder(panel: Panel) -> list[b.Branch]:
    if not panel.has("harder_than_it_should"):
        return []
    told = panel["harder_than_it_should"]
    last = P.whole("signs.harder_last")
    k, n, _ = Events(~np.isnan(told)).count_last(told == 1.0, last, P.whole("signs.missed_window_d"))
    strength = b.share_strength(k, n, P.whole("signs.harder_min"), last)
    return [b.Branch("effort.harder", strength, facts={"k": k.astype(float), "n": n.astype(float)})]


def missed_paces(panel: Panel) -> tuple[Ints, Ints, Ints, Floats]:
    """Of the last four sessions with a pace answer: missed, known, days they span; days since the last."""
    told = panel["hit_pace"]
    events = Events(~np.isnan(told))
    k, n, span = events.count_last(told == 1.0, P.whole("signs.missed_last"), P.whole("signs.missed_window_d"))
    return k, n, span, events.days_since()


def _missed(panel: Panel) -> list[b.Branch]:
    if not panel.has("hit_pace"):
        return []
    k, n, span, _ = missed_paces(panel)
    strength = b.share_strength(k, n, P.whole("signs.missed_min"), P.whole("signs.missed_last"))
    short = span < P.whole("signs.missed_span_d")
    strength = np.where(short, np.minimum(strength, P.number("signs.present")), strength)
    return [b.Branch("pace.missed", strength, facts={"k": k.astype(float), "n": n.astype(float)})]


def _recovery(panel: Panel, usual: dict[str, Usual], device: dict[str, Usual]) -> list[b.Branch]:
    """Whether, after the last five hard or long runs, the runner was back to usual 48 (72) hours later."""
    judged = [u for name in ("soreness", "energy") if (u := usual.get(name)) is not None]
    judged += [u for u in [device.get("hr_night_bpm")] if u is not None]
    if not judged:
        return []
    # Most of what is known, or their mean: any one of three noisy signals would be off on every other morning.
    off = np.sum([item.answered & ~item.learning & item.bad for item in judged], axis=0)
    number, total = np.zeros(panel.shape), np.zeros(panel.shape)
    for item in judged:
        judges = item.answered & ~item.learning
        number += judges
        total += np.where(judges, item.z, 0.0)
    known = number > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        not_back = (total / number >= P.number("baseline.bad_z") - TINY) | (2 * off > number)
    due = panel.once("recovery due", lambda: _due(panel)) & known
    last = P.whole("signs.recovery_last")
    events = Events(due)
    k, n, _ = events.count_last(not_back, last, P.whole("signs.recovery_window_d"))
    strength = b.share_strength(k, n, 3, last)
    strength = np.where(events.days_since() > P.whole("signs.recovery_stale_d"), np.nan, strength)
    return [b.Branch("recovery", strength, facts={"k": k.astype(float), "n": n.astype(float)})]


def _due(panel: Panel) -> Bools:
    """Mornings on which a hard or long run should be over, and no other came meanwhile."""
    demanding, very_long = _demanding(panel)
    soon, late = P.whole("signs.recovery_d") - 1, P.whole("signs.recovery_long_d") - 1
    # The run of row r was yesterday's: 48 h later is the next row, 72 h the one after it.
    due = _moved(demanding & ~very_long, soon) | _moved(very_long, late)
    return due & ~(counted(demanding, soon) > 0)


def _moved(flag: Bools, days: int) -> Bools:
    out = np.zeros_like(flag)
    if days < flag.shape[1]:
        out[:, days:] = flag[:, : flag.shape[1] - days]
    return out


def _demanding(panel: Panel) -> tuple[Bools, Bools]:
    """Rows whose yesterday held a hard or long run, and those of them that ask for three days."""
    load = panel["load_lu"]
    trained = np.where(load > 0, load, np.nan)
    usual_load = mean_of_last(trained, 42, 6)
    with np.errstate(invalid="ignore"):
        long = load >= np.maximum(P.number("signs.long_share") * usual_load, P.number("signs.long_min_lu"))
        very_long = panel["longest_run_m"] >= P.number("signs.recovery_long_m")
        race = panel["performance_sd"] <= P.number("signs.race_sd")
    return hard_yesterday(panel) | long | very_long, very_long | race
