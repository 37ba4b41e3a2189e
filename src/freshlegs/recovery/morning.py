"""What is known of a runner on one morning: the facts that decide which advice fits, and the words for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from freshlegs import vocabulary as v
from freshlegs.recovery import red_flags, words
from freshlegs.recovery.body import ANY_PLACE, Body, body
from freshlegs.recovery.habit import HALF_DAYS, LOOK_BACK_D, REST_DAYS, rest_owed
from freshlegs.recovery.parameters import PARAMETERS as P
from freshlegs.recovery.past import Past, mean, median
from freshlegs.recovery.sleep import HABITS, NEED_H, Sleep, habit_evidence, habit_words, sleep
from freshlegs.recovery.under_way import UnderWay

LEADING: Final = P.number("morning.leading")
"""Share from which a cause leads."""
PRESENT: Final = P.number("morning.present")
TROUBLED: Final = ("watch", "excessive", "possible_overtraining")
PICTURE_D: Final = P.whole("morning.picture_d")
"""Days for which the signs of *excessive* must have stood together before it is told (I.6)."""
STOPS: Final = frozenset({"bone_pain", "calf_swelling", "fever"})
"""Same-week flags with which running waits; with the others easy running goes on."""

ITEM_WORDS: Final[dict[str, str]] = {
    "muscle": "legs and soreness",
    "performance": "how hard a run felt",
    "mood": "mood",
    "sleep_energy": "energy and sleep",
    "immune": "whether you are ill",
    "autonomic": "a night with a heart rate",
    "energy_deficit": "appetite",
    "gut": "stomach",
}


@dataclass(frozen=True, slots=True)
class Morning:
    """One morning, ready to be advised on."""

    day: date
    state: str
    facts: frozenset[str]
    words: Mapping[str, str]
    dates: Mapping[str, date]
    causes: tuple[tuple[str, float], ...]
    """Causes by share, largest first."""
    cause_why: Mapping[str, str]
    strengths: Mapping[str, float]
    flags: tuple[red_flags.Flag, ...]
    body: Body


def as_date(value: Any) -> date | None:
    """A date, from a date or its ISO text."""
    if value is None or isinstance(value, date):
        return value
    return date.fromisoformat(str(value)[:10])


def _signs(document: Mapping[str, Any]) -> dict[str, float]:
    return {s["sign"]: s["strength"] for s in document.get("signs") or () if s.get("strength") is not None}


def _causes(document: Mapping[str, Any]) -> tuple[tuple[str, float], ...]:
    shares = [(c["cause"], float(c.get("share") or 0.0)) for c in document.get("causes") or ()]
    return tuple(sorted(shares, key=lambda c: (-c[1], v.CAUSES.index(c[0]))))


# ---------------------------------------------------------------- training


def excessive_phase(past: Past, since: date | None, day: date) -> tuple[str, int]:
    """Where the prescription of *excessive* stands: rest, half or forty, and the days of it that are left.

    By the loads of the last weeks (`rest_owed`): rest first, then a week at half or less, then about 40 % less
    for as long as the state lasts. Where most loads are unknown, by the calendar: the signs come together two
    weeks before the state is told, and the days count from there.
    """
    loads = past.loads(day, LOOK_BACK_D)
    known = [load for load in loads if load is not None]
    if len(known) >= 0.5 * len(loads):
        usual = mean(known) or 0.0
        owed, gone = rest_owed([usual if load is None else load for load in loads])
    else:
        told = max(0, (day - since).days - PICTURE_D) if since is not None else 0
        owed, gone = max(0, REST_DAYS - told), max(0, told - REST_DAYS)
    if owed:
        return "rest", owed
    return ("half", HALF_DAYS - gone) if gone < HALF_DAYS else ("forty", 0)


def _weeks(past: Past, day: date, count: int) -> list[float | None]:
    """Weekly loads before a day, oldest first; None if fewer than five days of a week are known."""
    loads = past.loads(day, 7 * count)
    weeks: list[float | None] = []
    for week in range(count):
        known = [load for load in loads[7 * week : 7 * week + 7] if load is not None]
        weeks.append(7 * sum(known) / len(known) if len(known) >= 5 else None)
    return weeks


def _training_facts(past: Past, day: date) -> set[str]:
    facts: set[str] = set()
    *month, last = _weeks(past, day, 5)
    known = [week for week in month if week is not None]
    usual = mean(known)
    if last is not None and usual is not None and len(known) >= 3 and usual > 0:
        if last > 1.15 * usual:
            facts.add("rising")
        four = [*month[1:], last]
        if all(week is not None and week > 0.8 * usual for week in four):
            facts.add("lighter_week_due")
    week = past.loads(day, 7)
    if all(load is not None and load > 0 for load in week):
        facts.add("no_rest_day")
    share = easy_share(past, day)
    if share is not None and share < 0.75:
        facts.add("grey")
    runs = past.last("longest_run_m", day, 37)
    before, recent = [m for m in runs[:-7] if m], [m for m in runs[-7:] if m]
    if before and recent and max(recent) > 1.1 * max(before):
        facts.add("spike")
    heat = past.known("temperature_c", day, 7)
    if heat and max(heat) >= 25:
        facts.add("hot")
    return facts


def easy_share(past: Past, day: date) -> float | None:
    """Share of the running time of 28 days below the first threshold; six timed days are needed."""
    z1, z2, z3 = (past.last(name, day, 28) for name in ("z1_s", "z2_s", "z3_s"))
    timed = [(a, b + c) for a, b, c in zip(z1, z2, z3, strict=True) if None not in (a, b, c) and a + b + c > 0]
    if len(timed) < 6:
        return None
    easy, hard = sum(a for a, _ in timed), sum(h for _, h in timed)
    return float(easy / (easy + hard))


def _longest(past: Past, day: date) -> float | None:
    runs = past.known("longest_run_m", day, 30) or past.known("distance_m", day, 30)
    return max(runs, default=None)


# ---------------------------------------------------------------- the rest of the morning


def _stressed(past: Past, day: date) -> bool:
    """Stress a point and a half above one's usual on three of the last seven days (or 8 and more)."""
    usual = median(past.known("stress", day - timedelta(days=7), 42))
    week: list[float] = past.known("stress", day, 7)
    line = 8.0 if usual is None else min(8.0, usual + 1.5)
    return sum(x >= line for x in week) >= 3


def _life_facts(past: Past, day: date, strengths: Mapping[str, float], nights: Sleep) -> set[str]:
    found: dict[str, bool] = {
        "stressed": _stressed(past, day) or strengths.get("cannot_relax", 0) >= 0.6,
        "cannot_relax": strengths.get("cannot_relax", 0) >= PRESENT,
        "sore": strengths.get("soreness", 0) >= PRESENT,
        "energy_signs": max(strengths.get("weight_appetite_loss", 0), strengths.get("irregular_cycles", 0)) >= 0.6,
        "sleep_debt": nights.debt_h is not None and nights.debt_h >= 3,
        "sleep_short": (nights.debt_h or 0) >= 3 or (nights.mean_h is not None and nights.mean_h < 7),
        "awake_at_night": nights.efficiency is not None and nights.efficiency < 0.80,
        "strength_kept": sum(map(bool, past.known("strength_done", day, 7))) >= 2,
        "was_ill": any(told != "none" for told in past.known("ill", day, 28)),
    }
    return {name for name, true in found.items() if true}


def _profile_facts(profile: Mapping[str, Any], day: date, state: str) -> set[str]:
    years = red_flags.age(profile, day)
    overload = as_date(profile.get("overload_until"))
    found = {
        "minor": years is not None and years < 18,
        "pregnant": profile.get("cycle") == "pregnant",
        "postpartum": profile.get("cycle") == "postpartum",
        "conditioned": bool(profile.get("chronic_condition") or profile.get("hr_medication")),
        "shows_energy": bool(profile.get("show_energy")),
        "camp_over": overload is not None and 0 < (day - overload).days <= 10,
        "second_state": state == "insufficient_data",
    }
    facts = {name for name, true in found.items() if true}
    return facts | {"guarded"} if facts & {"minor", "pregnant", "postpartum", "conditioned"} else facts


def _flag_facts(flags: Sequence[red_flags.Flag], now: Body) -> set[str]:
    facts = {flag.urgency for flag in flags}
    if any(flag.urgency == "same_week" and flag.rule in STOPS for flag in flags):
        facts.add("no_run_until_checked")
    steps = {
        "wait": "ill_wait",
        "half": "ill_half",
        "three_quarters": "ill_three_quarters",
        "above_neck": "ill_above_neck",
    }
    if now.illness == "sick":
        facts.add("a3_ill")
    if now.illness in steps:
        facts.add(steps[now.illness])
    named = {
        "fever": now.fever,
        "a3_pain": now.pain_stops,
        "nagging": bool(now.nagging),
        "nagging_often": now.spells >= 3,
    }
    return facts | {name for name, true in named.items() if true}


def _limit(facts: set[str], state: str) -> str:
    """What running today allows: ``none``, ``easy`` or ``as_planned``."""
    stops = {"emergency", "same_day", "no_run_until_checked", "a3_ill", "a3_pain", "ill_wait", "nagging"}
    if facts & stops or (state == "excessive" and "phase_rest" in facts):
        return "none"
    eases = {"same_week", "ill_half", "ill_three_quarters", "ill_above_neck", "test_under_way", "way_back_easy"}
    if facts & eases or state in TROUBLED:
        return "easy"
    return "as_planned"


# ---------------------------------------------------------------- the plan, if there is one


def _sessions(plan: pl.DataFrame | None, day: date) -> list[dict[str, Any]]:
    """The planned sessions of today and the next two weeks."""
    if plan is None or plan.is_empty():
        return []
    ahead = plan.filter(pl.col("date").is_between(day, day + timedelta(days=13)))
    return ahead.sort("date", "uid" if "uid" in plan.columns else "date").to_dicts()


def _kind(session: Mapping[str, Any]) -> str:
    kind = str(session["kind"])
    return kind if kind in ("intervals", "strength", "walk", "rest") else f"{kind} run"


def _plan_words(sessions: Sequence[Mapping[str, Any]], day: date) -> tuple[set[str], dict[str, str]]:
    todays = [s for s in sessions if s["date"] == day and s["kind"] != "rest"]
    hard = [s for s in sessions if s["kind"] in v.HARD_KINDS and s["kind"] != "race"]
    filled = {"session": "", "hard_session": "the next hard session", "strength_days": ""}
    if todays:
        filled["session"] = f" ({words.joined([_kind(s) for s in todays])})"
    if hard:
        filled["hard_session"] = f"the {_kind(hard[0])} of {words.full_day(hard[0]['date'])}"
    taken = {s["date"] for s in sessions if s["kind"] in v.HARD_KINDS | {"long"}}
    free = [day + timedelta(days=i) for i in range(1, 7)]
    free = [d for d in free if d not in taken and d + timedelta(days=1) not in taken]
    apart = [d for d in free if not free or (d - free[0]).days >= 2]
    if sessions and free and apart:
        filled["strength_days"] = f" ({words.weekday(free[0])} and {words.weekday(apart[0])})"
    return ({"hard_ahead"} if hard else set()), filled


def _rest_day(past: Past, sessions: Sequence[Mapping[str, Any]], day: date) -> date:
    """The next planned rest day, else the coming weekday that has carried least load in eight weeks."""
    for session in sessions:
        if session["kind"] == "rest" and session["date"] > day:
            rest: date = session["date"]
            return rest
    loads = past.loads(day, 56)
    usual: dict[int, float] = {}
    for ahead in range(1, 8):
        same = [load for load in loads[ahead - 1 :: 7] if load is not None]
        usual[ahead] = mean(same) or 0.0
    return day + timedelta(days=min(usual, key=lambda a: (usual[a], a)))


# ---------------------------------------------------------------- words and dates


def _sleep_words(nights: Sleep) -> dict[str, str]:
    earlier = 60 if (nights.debt_h or 0) >= 7 else 30
    lights, at = "Lights out half an hour earlier than usual", ""
    if nights.bedtime_min is not None:
        at = f" (about {words.clock(nights.bedtime_min)})"
        lights = f"Lights out by {words.clock(nights.bedtime_min - earlier)}, {earlier} minutes earlier than usual"
    debt = ""
    if nights.debt_h is not None and nights.debt_h >= 1:
        debt = f"About {nights.debt_h:.0f} hours of sleep are missing from the last week."
    basis = "from your own nights: sleep was better on nights with them" if nights.personal else "small studies"
    if not nights.personal and "no_late_caffeine" in nights.habits:
        basis = "in a trial caffeine six hours before bed cost an hour of sleep; for the rest small studies"
    return {
        "lights_out": lights,
        "at_bedtime": at,
        "debt": debt,
        "habits": habit_words(nights.habits or tuple(HABITS)[:2]),
        "habit_evidence": habit_evidence(nights.habits or tuple(HABITS)[:2]),
        "habit_basis": basis,
    }


def _missing_words(document: Mapping[str, Any]) -> dict[str, str]:
    unknown = [u for u in document.get("unknown") or () if isinstance(u, Mapping)]
    groups = [u.get("group") for u in unknown if u.get("group") in ITEM_WORDS]
    items = [ITEM_WORDS[group] for group in groups if group in ("sleep_energy", "muscle", "mood", "energy_deficit")]
    whys = [str(u["why"]) for u in unknown if u.get("why")]
    return {
        "items": words.joined(items[:3]) if items else "energy, legs and sleep",
        "enough": "answers on three days of a week, over two weeks, are enough for a verdict",
        "missing": f"Missing: {whys[0].rstrip('.')}." if whys else "",
    }


def _building(past: Past, day: date) -> str:
    """What the training of the last fortnight is good for."""
    week = past.last("quality_session", day, 14)
    if any(week):
        return "speed and endurance"
    runs = [m for m in past.known("longest_run_m", day, 14) if m]
    return "endurance for long runs" if runs and max(runs) >= 16_000 else "endurance"


def _dates(past: Past, sessions: Sequence[Mapping[str, Any]], day: date, left: int) -> dict[str, date]:
    return {
        "tomorrow": day + timedelta(days=1),
        "in_two_days": day + timedelta(days=2),
        "week_end": day + timedelta(days=6),
        "next_monday": day + timedelta(days=7 - day.weekday()),
        "rest_until": day + timedelta(days=max(left, 1) - 1),
        "half_until": day + timedelta(days=max(left, 1) - 1),
        "camp_recovered": day + timedelta(days=6),
        "rest_day": _rest_day(past, sessions, day),
        "evening": day + timedelta(days=1),
    }


def _filled(past: Past, profile: Mapping[str, Any], now: Body, dates: Mapping[str, date], day: date) -> dict[str, str]:
    """The words for dates, distances and places."""
    longest, share = _longest(past, day), easy_share(past, day)
    units = str(profile.get("units", "metric"))
    return {
        **{name: words.full_day(value) for name, value in dates.items()},
        "stress_from": _stress_from(past, day),
        "evening": f"{words.weekday(dates['evening'])} evening",
        "rest_day": words.weekday(dates["rest_day"]),
        "building": _building(past, day),
        "longest_plus": words.length(1.1 * longest, units) if longest else "your longest of the last month",
        "longest": words.length(longest, units) if longest else "the length of your longest",
        "easy_share": f"{100 * share:.0f} %" if share is not None else "part",
        "run_from": words.full_day(now.run_from) if now.run_from else "the third day without symptoms",
        "pain_place": f"your {now.pain_where}" if now.pain_where else "a place",
        "nagging_place": f"your {now.nagging}" if now.nagging not in ("", ANY_PLACE) else "the place that hurts",
    }


def _stress_from(past: Past, day: date) -> str:
    """Where this week's stress came from, if its parts were answered and one is larger by a point."""
    work, home = (mean(past.known(name, day, 7)) for name in ("stress_work", "stress_home"))
    if work is None or home is None or abs(work - home) < 1:
        return ""
    return f", beginning with {'work or studies' if work > home else 'home'}"


def _limited(facts: set[str], state: str) -> set[str]:
    """The facts with what running today allows."""
    limit = _limit(facts, state)
    more = {f"run_{limit}"}
    if limit == "none":
        more.add("no_running")
    if "same_week" in facts or (limit == "easy" and state not in TROUBLED):
        more.add("easy_only")
    return facts | more


def read(
    document: Mapping[str, Any],
    past: Past,
    profile: Mapping[str, Any],
    plan: pl.DataFrame | None = None,
    under_way: UnderWay | None = None,
) -> Morning:
    """Everything that advice needs to know of one morning; looks at nothing later than the document's date."""
    running = under_way or UnderWay()
    day, since = as_date(document["date"]), as_date(document.get("since"))
    if day is None:
        raise ValueError("the verdict has no date")
    state = str(document["state"])
    strengths = _signs(document)
    flags = red_flags.find(past, day, profile, state, since)
    now = body(past, day)
    nights = sleep(past, day, float(profile.get("sleep_need_h", NEED_H)))
    sessions = _sessions(plan, day)
    plan_facts, plan_words = _plan_words(sessions, day)
    phase, left = excessive_phase(past, since, day) if state == "excessive" else ("none", 1)
    facts = (
        _flag_facts(flags, now)
        | _training_facts(past, day)
        | _life_facts(past, day, strengths, nights)
        | _profile_facts(profile, day, state)
        | plan_facts
        | {f"phase_{phase}"}
        | running.facts
    )
    dates = _dates(past, sessions, day, left) | running.dates(day)
    return Morning(
        day=day,
        state=state,
        facts=frozenset(_limited(facts, state)),
        words={
            **_filled(past, profile, now, dates, day),
            **plan_words,
            **_sleep_words(nights),
            **_missing_words(document),
            **running.words(day),
        },
        dates=dates,
        causes=_causes(document),
        cause_why={c["cause"]: str(c["why"]) for c in document.get("causes") or () if c.get("why")},
        strengths=strengths,
        flags=tuple(flags),
        body=now,
    )
