"""Signs that the morning check-in tells: soreness, legs, mood, relaxing, sleep, energy, wish to run."""

from __future__ import annotations

import numpy as np

from freshlegs import vocabulary as v
from freshlegs.fatigue import branches as b
from freshlegs.fatigue.baseline import Quantity, Reference, Usual, answer_quantity, judge_answers, slow_anchor
from freshlegs.fatigue.panel import Panel
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.past import Bools, Floats, Ints, Past
from freshlegs.fatigue.windows import Counts, Events, counted, lagged, persisting, trailing

ITEM_OF_SIGN = {
    "soreness": "soreness",
    "heavy_legs": "leg_freshness",
    "mood_swings": "mood",
    "cannot_relax": "relax",
    "poor_sleep": "sleep_quality",
    "low_energy": "energy",
    "low_motivation": "wish_to_run",
    "weight_appetite_loss": "appetite",
}
"""The check-in item that feeds each sign."""

_JUDGED = (*ITEM_OF_SIGN.values(), "stress", "legs")


def quantities(panel: Panel) -> dict[str, Quantity]:
    """Every item that was ever answered, turned so that high is worse."""
    found = (item for item in _JUDGED if panel.has(item))
    return {item: answer_quantity(panel[item] if item in v.HIGH_IS_WORSE else 10.0 - panel[item]) for item in found}


def judge(panel: Panel, measured: dict[str, Quantity], own: dict[str, Reference]) -> dict[str, Usual]:
    """Every answered item against the runner's own usual; items never answered are left out."""
    return {item: _judge(panel, item, measured[item].values, own[item]) for item in _JUDGED if item in measured}


def _judge(panel: Panel, item: str, worse: Floats, own: Reference) -> Usual:
    restart = panel.profile_days("new_normal_since")
    slow = panel.once(f"slow {item}", lambda: slow_anchor(worse, restart, panel.past, item))
    return judge_answers(worse, item in v.HIGH_IS_WORSE, own, slow)


def anchor_of(panel: Panel, item: str, usual: Usual, a: int) -> Floats:
    """The slow anchor of one athlete on every day, those as well on which no verdict could rest on it."""
    one = slice(a, a + 1)
    restart = panel.profile_days("new_normal_since")[one]
    _, anchor = slow_anchor(usual.worse[one], restart, Past(panel.past.length[one]), item)
    return np.asarray(anchor[0])


def worth(borrowed: Bools) -> Floats:
    """The quality of a sign: low while the population still stands in for the runner."""
    return np.where(borrowed, P.number("baseline.learning_quality"), 1.0)


def persistent(panel: Panel, usual: Usual | None, *, days: int | None = None, key: str) -> b.Branch:
    """An item that has been bad on most of the answered days of its window."""
    if usual is None:
        return b.Branch(key, np.full(panel.shape, np.nan))
    strength, k, n, borrowed = by_same_measure(
        panel.past, key, usual, days or P.whole("baseline.window_d"), P.whole("baseline.window_min")
    )
    facts: b.Facts = {"k": k, "n": n, "middle": usual.middle, "today": usual.worse}
    return b.Branch(key, strength, worth(borrowed), facts=facts)


def by_same_measure(
    past: Past, name: str, usual: Usual, days: int, at_least: int
) -> tuple[Floats, Counts, Counts, Bools]:
    """Persistence over a window, never counting days judged by the population with days judged by the own usual.

    Strength, bad days, answered days, and where it is still the population's measure: until the window holds enough
    days judged by the own one.
    """
    table = b.persistence_table(days)

    def persists(bad: Bools, answered: Bools) -> tuple[Floats, Counts, Counts]:
        return persisting(bad, answered, table, days, at_least)

    def at_first(bad: Bools, answered: Bools) -> tuple[Floats, Counts, Counts]:
        stop = int(np.flatnonzero(answered.any(axis=0)).max(initial=-1)) + days
        if stop >= answered.shape[1]:
            return persists(bad, answered)
        out = np.full(bad.shape, np.nan), np.zeros(bad.shape, dtype=np.int16), np.zeros(bad.shape, dtype=np.int16)
        for whole, early in zip(out, persists(bad[:, :stop], answered[:, :stop]), strict=True):
            whole[:, :stop] = early
        return out

    found = past.look_back(f"{name}.own", days - 1, persists, usual.bad, usual.answered & ~usual.learning)
    theirs = past.look_back(f"{name}.theirs", days - 1, at_first, usual.bad, usual.answered & usual.learning)
    borrowed = np.isnan(found[0]) & ~np.isnan(theirs[0])
    for part in range(len(found)):
        np.copyto(found[part], theirs[part], where=borrowed)
    return *found, borrowed


def branches(panel: Panel, usual: dict[str, Usual]) -> dict[str, list[b.Branch]]:
    """The branches of the signs that answers alone give."""
    plain = {
        sign: persistent(panel, usual.get(item), key=f"item.{item}")
        for sign, item in ITEM_OF_SIGN.items()
        if sign not in ("heavy_legs", "weight_appetite_loss")
    }
    mood = usual.get("mood")
    return {
        "soreness": [plain["soreness"], *_sore_after_hard(panel, usual.get("soreness"))],
        "heavy_legs": _heavy_legs(panel, usual),
        "mood_swings": [plain["mood_swings"], *([] if mood is None else [_mood_range(panel, mood)])],
        "cannot_relax": [plain["cannot_relax"]],
        "poor_sleep": [plain["poor_sleep"]],
        "low_energy": [plain["low_energy"]],
        "low_motivation": [_bored(plain["low_motivation"], plain["low_energy"], plain["mood_swings"])],
    }


def hard_yesterday(panel: Panel) -> Bools:
    """Rows whose yesterday held a session hard on purpose."""
    return np.asarray(panel["quality_session"] == 1.0)


def _sore_after_hard(panel: Panel, usual: Usual | None) -> list[b.Branch]:
    """Still sore three days after the last hard session."""
    if usual is None or not panel.has("quality_session"):
        return []
    wait, window = P.whole("signs.soreness_after_hard_d") - 1, P.whole("baseline.window_d")

    def since_then(hard: Bools, known: Bools, bad: Bools) -> tuple[Floats, Ints, Ints]:
        since = Events(hard).days_since()
        late = (since >= wait) & (since < window)
        answered = known & late
        total_n = np.cumsum(answered, axis=1)
        total_k = np.cumsum(answered & bad, axis=1)
        # Only answers after this very session: subtract what stood at the last day before the wait was over.
        base = np.maximum(np.maximum.accumulate(np.where(hard, np.arange(hard.shape[1]), -1), axis=1), 0)
        n = np.where(late, total_n - np.take_along_axis(total_n, base, axis=1), 0)
        k = np.where(late, total_k - np.take_along_axis(total_k, base, axis=1), 0)
        return since, k, n

    known = usual.answered & ~usual.learning
    hard = hard_yesterday(panel)
    since, k, n = panel.past.look_back("soreness.after_hard", window, since_then, hard, known, usual.bad)
    strength = b.share_strength(k, n, 1, P.whole("baseline.window_d"))
    facts: b.Facts = {"k": k, "n": n, "since": since}
    weight = P.number("signs.soreness_after_hard_weight")
    return [b.Branch("soreness.after_hard", strength, weight=weight, facts=facts)]


def leg_days(panel: Panel, usual: dict[str, Usual]) -> Usual | None:
    """The legs on run days, each against its own usual: the morning after a run, or else the word after the run itself.

    A morning known to follow a day without running does not count, nor one after strength work. Where both were
    answered the morning's word stands: either of two noisy answers would be bad too often.
    """
    fresh_counts, after_counts = panel.once("leg days", lambda: _days_that_count(panel))
    found: Usual | None = None
    for item, counts in (("leg_freshness", fresh_counts), ("legs", after_counts)):
        if item in usual:
            own = usual[item]
            here = own if found is None else found
            takes = own.answered & counts if found is None else own.answered & counts & np.isnan(found.worse)
            old = np.nan if found is None else found.worse
            found = Usual(
                worse=np.where(takes, own.worse, old),
                middle=np.where(takes, own.middle, here.middle),
                scale=np.where(takes, own.scale, here.scale),
                anchor=here.anchor,
                slow_mean=here.slow_mean,
                bad=np.where(takes, own.bad, False if found is None else found.bad),
                learning=np.where(takes, own.learning, here.learning),
            )
    return found


def _days_that_count(panel: Panel) -> tuple[Bools, Bools]:
    """On which mornings the word on fresh legs counts, and the word after the run."""
    # Somebody who logs no runs at all has no rest days either: then every answered morning counts.
    month = P.whole("signs.slow_window_d")
    loaded = panel["load_lu"] > 0.0
    logs_runs = panel.past.look_back("logs runs", month - 1, lambda flag: counted(flag, month) > 0, loaded)
    rested = (panel["load_lu"] == 0.0) & logs_runs
    lifted = (panel["strength_done"] == 1.0) | (panel.past.yesterday("lifted", panel["strength_done"]) == 1.0)
    return ~rested & ~lifted, ~lifted


def _heavy_legs(panel: Panel, usual: dict[str, Usual]) -> list[b.Branch]:
    legs = leg_days(panel, usual)
    if legs is None:
        return []
    days, at_least = P.whole("baseline.window_d"), P.whole("signs.run_days_min")
    strength, k, n, borrowed = by_same_measure(panel.past, "legs.days", legs, days, at_least)
    return [b.Branch("legs", strength, worth(borrowed), facts={"k": k, "n": n})]


def _mood_range(panel: Panel, usual: Usual) -> b.Branch:
    """Swings: five points and more between the best and the worst mood of a week, two bad days among them."""
    days = P.whole("baseline.window_d")
    past = panel.past
    spread = panel.once(
        "mood spread", lambda: past.look_back("mood spread", days - 1, lambda mood: _spread(mood, days), panel["mood"])
    )
    bad = usual.bad & usual.answered & ~usual.learning
    k = past.look_back("mood bad", days - 1, lambda flag: trailing(flag, days), bad)
    with np.errstate(invalid="ignore"):
        swings = (spread >= P.number("signs.mood_range")) & (k >= P.whole("signs.mood_range_bad_d"))
    strength = np.where(swings, P.number("signs.mood_range_strength"), np.nan)
    return b.Branch("mood.range", strength, facts={"spread": spread, "k": k})


def _spread(values: Floats, days: int) -> Floats:
    """Highest less lowest known value of the last ``days`` days."""
    high, low = values, values
    for back in range(1, days):
        earlier = lagged(values, back)
        high, low = np.fmax(high, earlier), np.fmin(low, earlier)
    return high - low


def _bored(wish: b.Branch, energy: b.Branch, mood: b.Branch) -> b.Branch:
    """Boredom is no fatigue: with energy and mood as usual a lost wish to run counts half."""
    with np.errstate(invalid="ignore"):
        fine = (energy.strength < P.number("signs.present")) & (mood.strength < P.number("signs.present"))
    wish.weight = np.where(fine, P.number("signs.bored_weight"), 1.0)
    return wish
