"""Signs of performance: effort at a manageable level, the performance trend, recovery after hard runs."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import partial

import numpy as np

from freshlegs.fatigue import branches as b
from freshlegs.fatigue import loads
from freshlegs.fatigue.baseline import TINY, Usual
from freshlegs.fatigue.excerpt import Window
from freshlegs.fatigue.normal import cdf
from freshlegs.fatigue.panel import Panel
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.past import Bools, Floats, Ints, Past
from freshlegs.fatigue.signs.answers import hard_yesterday
from freshlegs.fatigue.windows import Events, counted, lagged, mean_of_last, trailing


@dataclass(slots=True)
class Performance:
    """The performance trend of every athlete and day (science E.5).

    ``delta``: log-speed now against the best month of the last 120 days, ``sd`` its standard deviation, ``since``:
    days since the last observation, ``plateau``: probability of no progress for eight weeks. ``expected``: the change
    that the load of the last weeks leads one to expect (science B.4); ``unexplained``: what of ``delta`` is beyond it,
    with ``unexplained_sd``. The model excuses and never accuses: an expected gain that did not come counts nothing.
    """

    delta: Floats
    sd: Floats
    since: Floats
    plateau: Floats
    expected: Floats
    unexplained: Floats
    unexplained_sd: Floats

    def through(self, window: Window) -> Performance:
        """The same of the athletes and days of a window."""
        return Performance(**{field.name: window.take(getattr(self, field.name)) for field in fields(Performance)})

    def below(self, cut: float) -> Floats:
        """P(the change that the load does not explain is below −cut)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return cdf((-cut - self.unexplained) / self.unexplained_sd)


def performance_trend(panel: Panel) -> Performance:
    """A local-level Kalman filter over near-maximal efforts."""
    shape = panel.shape
    nothing = Performance(**{field.name: np.full(shape, np.nan) for field in fields(Performance)})
    if not panel.has("performance_ln"):
        return nothing
    past = panel.past
    level, variance, count = _filter(panel["performance_ln"], panel["performance_sd"], past)
    days, span = P.whole("performance.reference_mean_d"), P.whole("performance.reference_d")
    month = past.look_back("level", days - 1, lambda some: mean_of_last(some, days, 1), level)
    best, best_variance = past.look_back("best", span, partial(_best, span=span), month, variance)
    observed = ~np.isnan(panel["performance_ln"])
    since = past.days_since("performance", observed)
    usable = (since < P.whole("performance.stale_d")) & (count >= P.whole("performance.observations_min"))
    delta = np.where(usable, level - best, np.nan)
    sd = np.where(usable, np.sqrt(variance + best_variance), np.nan)
    expected = loads.of(panel).expected
    loss = np.fmin(expected, 0.0)  # nothing known of the load: nothing is excused
    doubt = np.sqrt(sd**2 + (P.number("performance.expected_doubt") * loss) ** 2)
    trend = Performance(delta, sd, since, np.full(shape, np.nan), expected, delta - loss, doubt)
    trend.plateau = _plateau(panel, trend, observed)
    return trend


def _filter(observed: Floats, sd: Floats, past: Past) -> tuple[Floats, Floats, Ints]:
    """Level, its variance and the number of observations so far; NaN before the first."""
    q = P.number("performance.level_noise") ** 2
    known = ~np.isnan(observed)
    number = np.cumsum(known, axis=1, dtype=np.int64)
    athletes, most = observed.shape[0], int(number[:, -1].max(initial=0))
    since = past.carried("performance", np.inf)
    rows, days = np.nonzero(known)
    slot = number[rows, days]
    y = np.full((athletes, most + 1), np.nan)
    r = np.full((athletes, most + 1), np.nan)
    when = np.zeros((athletes, most + 1))
    y[rows, slot], when[rows, slot] = observed[rows, days], days
    r[rows, slot] = np.where(np.isnan(sd[rows, days]), P.number("signs.training_best_sd"), sd[rows, days]) ** 2
    level = np.full((athletes, most + 1), np.nan)
    variance = np.full((athletes, most + 1), np.nan)
    level[:, 0], variance[:, 0] = past.carried("level", np.nan), past.carried("level variance", np.nan)
    when[:, 0] = np.where(np.isinf(since), 0.0, -1.0 - since)
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
    last = number[:, -1:]
    past.keep("level", np.take_along_axis(level, last, axis=1)[:, 0])
    past.keep("level variance", np.take_along_axis(variance, last, axis=1)[:, 0])
    total = number + past.carried("observations", 0, np.int64)[:, None]
    past.keep_last("observations", total)
    return by_day, grown, total


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
    past, chronic = panel.past, loads.of(panel).chronic
    earlier, seen = past.look_back(
        "plateau", days, lambda load, seen: (lagged(load, days), trailing(seen, days)), chronic, observed
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        flat = cdf((within - trend.delta) / trend.sd) - cdf((-within - trend.delta) / trend.sd)
        rising = chronic >= (1.0 + P.number("performance.plateau_ramp")) * earlier
        sure = past.run_length("flat", flat > P.number("performance.plateau_p")) >= days
    enough = seen >= P.whole("performance.plateau_observations")
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
    facts |= {"expected": trend.expected, "unexplained": trend.unexplained}
    return [
        b.Branch("performance.decline", trend.below(P.number("performance.decline")), facts=facts),
        b.Branch("performance.plateau", P.number("performance.plateau_weight") * trend.plateau, facts=facts),
    ]


def _effort(panel: Panel) -> list[b.Branch]:
    """Easy and steady runs that feel harder than pace and length explain: the average of the last five."""
    if not panel.has("rpe_residual_sd"):
        return []
    residual = np.where(hard_yesterday(panel), np.nan, panel["rpe_residual_sd"])
    last, within = P.whole("signs.effort_last"), P.whole("signs.missed_window_d")

    def lately(residual: Floats) -> tuple[Floats, Ints]:
        known = ~np.isnan(residual)
        events = Events(known)
        return events.mean_last(residual, last, within), events.count_last(known, last, within)[1]

    mean, n = panel.past.look_back("effort", within, lately, residual)
    with np.errstate(invalid="ignore", divide="ignore"):
        strength = np.where(
            n >= P.whole("signs.effort_min"),
            cdf((mean - P.number("signs.effort_sd")) * np.sqrt(np.maximum(n, 1))),
            np.nan,
        )
    return [b.Branch("effort.residual", strength, facts={"mean": mean, "n": n.astype(float)})]


def _harder(panel: Panel) -> list[b.Branch]:
    if not panel.has("harder_than_it_should"):
        return []
    told = panel["harder_than_it_should"]
    last = P.whole("signs.harder_last")
    k, n, _ = _of_last(panel, "harder", ~np.isnan(told), told == 1.0, last, P.whole("signs.missed_window_d"))
    strength = b.share_strength(k, n, P.whole("signs.harder_min"), last)
    return [b.Branch("effort.harder", strength, facts={"k": k.astype(float), "n": n.astype(float)})]


def missed_paces(panel: Panel) -> tuple[Ints, Ints, Ints, Floats]:
    """Of the last four sessions with a pace answer: missed, known, days they span; days since the last."""
    told = panel["hit_pace"]
    known, last, within = ~np.isnan(told), P.whole("signs.missed_last"), P.whole("signs.missed_window_d")
    k, n, span = _of_last(panel, "missed", known, told == 1.0, last, within)
    return k, n, span, panel.past.days_since("pace told", known)


def _of_last(panel: Panel, name: str, events: Bools, flag: Bools, last: int, within: int) -> tuple[Ints, Ints, Ints]:
    """Of the last few events, not older than so many days: how many have the flag, how many they are, days spanned."""

    def lately(events: Bools, flag: Bools) -> tuple[Ints, Ints, Ints]:
        return Events(events).count_last(flag, last, within)

    return panel.past.look_back(name, within, lately, events, flag)


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
    k, n, _ = _of_last(panel, "recovery", due, not_back, last, P.whole("signs.recovery_window_d"))
    strength = b.share_strength(k, n, P.whole("signs.recovery_min"), last)
    since = panel.past.days_since("recovery due", due)
    strength = np.where(since > P.whole("signs.recovery_stale_d"), np.nan, strength)
    return [b.Branch("recovery", strength, facts={"k": k.astype(float), "n": n.astype(float)})]


def _due(panel: Panel) -> Bools:
    """Mornings on which a hard or long run should be over, and no other came meanwhile."""
    month = P.whole("signs.long_usual_d")
    names = ("load_lu", "longest_run_m", "performance_sd", "quality_session")
    back = month + P.whole("signs.recovery_long_d")
    return panel.past.look_back("due", back, _due_after, *(panel[name] for name in names))


def _due_after(load: Floats, longest: Floats, performance_sd: Floats, hard: Floats) -> Bools:
    demanding, very_long = _demanding(load, longest, performance_sd, hard)
    soon, late = P.whole("signs.recovery_d") - 1, P.whole("signs.recovery_long_d") - 1
    # The run of row r was yesterday's: 48 h later is the next row, 72 h the one after it.
    due = _moved(demanding & ~very_long, soon) | _moved(very_long, late)
    return due & ~(counted(demanding, soon) > 0)


def _moved(flag: Bools, days: int) -> Bools:
    out = np.zeros_like(flag)
    if days < flag.shape[1]:
        out[:, days:] = flag[:, : flag.shape[1] - days]
    return out


def _demanding(load: Floats, longest: Floats, performance_sd: Floats, hard: Floats) -> tuple[Bools, Bools]:
    """Rows whose yesterday held a hard or long run, and those of them that ask for three days."""
    with np.errstate(invalid="ignore"):
        trained = np.where(load > 0, load, np.nan)
    usual_load = mean_of_last(trained, P.whole("signs.long_usual_d"), P.whole("signs.long_usual_min"))
    with np.errstate(invalid="ignore"):
        long = load >= np.maximum(P.number("signs.long_share") * usual_load, P.number("signs.long_min_lu"))
        very_long = longest >= P.number("signs.recovery_long_m")
        race = performance_sd <= P.number("signs.race_sd")
    return (hard == 1.0) | long | very_long, very_long | race
