"""What a runner reads: headlines, the reason of each sign, what is not known. Plain words, no blame, no diagnosis."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.vocabulary import HIGH_IS_WORSE

HEADLINES: Final = {
    "insufficient_data": "Not enough is known yet to tell good tired from bad tired.",
    "fresh": "You look fresh: nothing points to fatigue that needs care.",
    "cumulative": "This looks like normal training fatigue, the kind that makes you stronger.",
    "watch": "Probably normal tiredness, but look closer for some days.",
    "excessive": "A pattern consistent with excessive fatigue: more tiredness than this training should leave.",
    "possible_overtraining": "A pattern that has lasted long and deep: consider getting it checked by a doctor.",
}

RULES: Final = {
    "A1": "planned paces keep being missed and the legs feel heavy on nearly every run: it is time to take a break",
    "A2": "energy or soreness at the very end of the scale for more than a week, and worse than usual for you",
    "A3": "ill below the neck, feverish, or in sharp pain today: no running today",
    "A4": "something that a doctor should look at",
    "A5": "a planned overload or a recent marathon: more tiredness is expected, so the bar is higher",
    "A7": "performance clearly lower for four weeks without another reason",
    "A8": "weight falling together with missed periods: fuel comes first",
    "A9": "the same place keeps hurting",
}

SIGN_NAMES: Final = {
    "soreness": "soreness that stays",
    "manageable_level": "hard at a level that used to be manageable",
    "heavy_legs": "heavy legs",
    "performance_decline": "performance on a plateau or declining",
    "slow_recovery": "slow recovery after hard runs",
    "mood_swings": "low or swinging mood",
    "cannot_relax": "hard to switch off",
    "poor_sleep": "poor sleep",
    "low_energy": "low energy",
    "low_motivation": "little wish to run",
    "frequent_illness": "frequent illness",
    "raised_heart_rate": "raised heart rate or blood pressure",
    "weight_appetite_loss": "loss of weight or appetite",
    "irregular_cycles": "irregular cycles",
    "gut_trouble": "gut trouble",
}

GROUP_NAMES: Final = {
    "muscle": "muscles and legs",
    "performance": "performance",
    "mood": "mood",
    "sleep_energy": "sleep and energy",
    "immune": "infections",
    "autonomic": "heart rate, HRV and blood pressure",
    "energy_deficit": "weight, appetite and cycle",
    "gut": "gut",
}

CAUSE_NAMES: Final = {
    "training": "training",
    "diet": "diet",
    "stress": "work and family stress",
    "sleep": "sleep",
    "other": "something else",
}

INDICATORS: Final = {
    "ramp": "load rising fast",
    "monotony": "many days alike",
    "grey": "too little easy running",
    "spike": "one run much longer than any of the last 30 days",
    "no_rest": "weeks without a rest day",
    "fuel_answers": "days of not eating enough",
    "weight_loss": "weight falling",
    "appetite": "less appetite than usual",
    "cycle": "irregular cycles",
    "stress_item": "stress above your usual",
    "relax": "hard to switch off",
    "sleep_debt": "a sleep debt",
    "sleep_short": "short nights",
    "sleep_efficiency": "broken sleep",
    "sleep_irregular": "irregular times",
    "sleep_poor": "sleep felt as poor",
    "illness": "illness now or in the last week",
    "heat": "hot runs",
}

QUESTIONS: Final = {
    "energy": "How full of energy are you this morning? 0 empty, 10 full",
    "leg_freshness": "How do your legs feel? 0 dead-heavy, 10 springy",
    "soreness": "How sore are you? 0 not at all, 10 worst",
    "sleep_quality": "How well did you sleep? 0 badly, 10 at your best",
    "stress": "How much stress is there from work, training life or home? 0 none, 10 worst",
    "mood": "How is your mood? 0 low, 10 at your best",
    "relax": "How easy was it to switch off yesterday evening? 0 not at all, 10 easy",
    "wish_to_run": "How much do you want to run today? 0 not at all, 10 keen",
    "appetite": "How hungry are you? 0 no appetite, 10 as usual",
    "bowel": "How is your gut? normal, constipated or loose",
    "ate_enough": "Did you eat enough yesterday? yes, no or unsure",
    "ill": "Are you ill? none, above_neck, below_neck or fever",
    "hit_pace": "Did you hold the planned pace in your last hard session? yes, partly or no",
    "harder_than_it_should": "Did your last run feel harder than it should? yes or no",
}

_ITEM_WORDS: Final = {
    "energy": "energy",
    "leg_freshness": "legs",
    "soreness": "soreness",
    "sleep_quality": "sleep",
    "mood": "mood",
    "relax": "switching off",
    "wish_to_run": "wish to run",
    "appetite": "appetite",
}

Facts = Mapping[str, float]


def _of(facts: Facts) -> str:
    return f"{facts['k']:.0f} of {facts['n']:.0f}"


def item_sentence(item: str, facts: Facts) -> str:
    """How an answered item stands against the runner's usual.

    >>> item_sentence("energy", {"k": 5, "n": 7, "today": 7.0, "middle": 4.0})
    'energy worse than your usual 6 on 5 of 7 answered days, 3 today'
    """
    word = _ITEM_WORDS[item]
    middle, now = (x if item in HIGH_IS_WORSE else 10.0 - x for x in (facts["middle"], facts["today"]))
    usual = f"{middle:.3g}"
    today = "" if now != now else f", {now:.3g} today"
    if facts["k"] == 0:
        return f"{word} as usual (about {usual}) on all {facts['n']:.0f} answered days{today}"
    return f"{word} worse than your usual {usual} on {_of(facts)} answered days{today}"


def _beats(kind: str) -> Callable[[Facts], str]:
    def sentence(facts: Facts) -> str:
        return (
            f"{kind} heart rate {facts['mean']:.0f} in the last week, your usual {facts['middle']:.0f} ± "
            f"{facts['scale']:.0f}, above it on {_of(facts)} nights"
        )

    return sentence


def _decline(facts: Facts) -> str:
    change = 100.0 * facts["delta"]
    if change > -0.1:
        return f"near-maximal runs as fast as in your best month (± {100 * facts['sd']:.1f} %)"
    spread = f"(± {100 * facts['sd']:.1f} %)"
    told = f"near-maximal runs {-change:.1f} % slower than in your best month of the last four {spread}"
    if -100.0 * facts["expected"] >= 0.1:
        told += f"; {-100 * facts['expected']:.1f} % of that is what your load of the last weeks leads one to expect"
    return told


def _rested(told: float) -> str:
    if told == 0.0:
        return "two easy days brought the legs back"
    return "two easy days did not bring the legs back" if told == 1.0 else "two easy days brought the legs back in part"


SENTENCES: Final[dict[str, Callable[[Facts], str]]] = {
    "soreness.after_hard": lambda f: f"still sore three days after the last hard session, on {_of(f)} mornings",
    "legs": lambda f: f"legs worse than your usual on {_of(f)} run days of the last week",
    "mood.range": lambda f: f"mood swung by {f['spread']:.0f} points within a week",
    "heart.night": _beats("night"),
    "heart.rest": _beats("resting"),
    "heart.hrv": lambda f: f"weekly HRV (RMSSD) {f['week']:.0f} ms against your usual {f['middle']:.0f} ms",
    "heart.pressure": lambda f: f"upper blood pressure {f['week']:.0f} in the last week, {f['before']:.0f} before",
    "illness": lambda f: f"{f['episodes']:.0f} infections in the last 60 days, {f['days']:.0f} days ill in the last 28",
    "weight": lambda f: (
        "weight is falling"
        if f["loss"] >= P.number("signs.weight_loss_14d")
        else "weight is steady"  # no number: hidden until asked for
    ),
    "cycle": lambda f: f"{f['since']:.0f} days since the last period began",
    "gut": lambda f: f"gut not as usual on {_of(f)} answered days of the last {f['days']:.0f}",
    "sleep.broken": lambda f: (
        f"{100 * f['mean']:.0f} % of the time in bed asleep, your usual {100 * f['middle']:.0f} %"
    ),
    "effort.residual": lambda f: (
        f"the last {f['n']:.0f} easy runs felt {f['mean']:+.1f} spreads harder than pace and length explain"
    ),
    "effort.harder": lambda f: f"{_of(f)} runs felt harder than they should",
    "pace.missed": lambda f: f"planned pace missed in {_of(f)} sessions",
    "performance.decline": _decline,
    "performance.plateau": lambda f: "no progress for eight weeks although the load rose",
    "rest_test": lambda f: _rested(f["told"]),
    "recovery": lambda f: f"not back to usual two to three days after {_of(f)} hard or long runs",
}

NEEDS: Final = {
    "soreness": "soreness answered on fewer than 3 of the last 7 mornings",
    "manageable_level": "no answers on effort, planned pace or “harder than it should” after recent runs",
    "heavy_legs": "legs judged on fewer than 3 run days of the last 7",
    "performance_decline": "no race, test or near-maximal effort in the last 28 days, or fewer than 3 in all",
    "slow_recovery": "fewer than 3 hard or long runs with answers in the days after",
    "mood_swings": "mood answered on fewer than 3 of the last 7 mornings",
    "cannot_relax": "switching off answered on fewer than 3 of the last 7 mornings",
    "poor_sleep": "sleep answered or measured on fewer than 3 of the last 7 mornings",
    "low_energy": "energy answered on fewer than 3 of the last 7 mornings",
    "low_motivation": "wish to run answered on fewer than 3 of the last 7 mornings",
    "frequent_illness": "whether you were ill was answered on fewer than 14 of the last 60 mornings",
    "raised_heart_rate": (
        "no heart rate of 3 nights in the last 7 with 14 earlier ones to hold them against; HRV counts when it is low"
    ),
    "weight_appetite_loss": "neither weight nor appetite known often enough in the last 28 days",
    "irregular_cycles": "no cycle logged, or it does not apply",
    "gut_trouble": "the gut answered on fewer than 3 of the last 28 mornings",
}
"""Why a sign is not measured."""


def likelihood(p: float) -> str:
    """A probability in words.

    >>> likelihood(0.75)
    'likely'
    """
    for bound, word in (
        (0.05, "very unlikely"),
        (0.25, "unlikely"),
        (0.45, "possible"),
        (0.6, "about even"),
        (0.85, "likely"),
    ):
        if p < bound:
            return word
    return "very likely"
