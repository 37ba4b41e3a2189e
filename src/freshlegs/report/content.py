"""What a report holds: twelve weeks of a diary put together for somebody who has never seen it. Pure.

Nothing in it is a diagnosis. Weight and energy appear in it as the runner has asked to see them: by default not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from freshlegs import telling, words
from freshlegs.look import STATES, look
from freshlegs.recovery.past import Past, median
from freshlegs.recovery.words import day_month, joined
from freshlegs.tables import Row

SPAN_D: Final = 84
"""Days of a report: twelve weeks."""
USUAL_D: Final = 180
MOST_SIGNS: Final = 8
MOST_CAUSES: Final = 4
MOST_TRIED: Final = 7
MOST_SPELLS: Final = 6
LESS: Final = " It is suggested less from now on."
"""Of no use to a reader of the report."""
HIDDEN: Final[dict[str, str]] = {"weight_appetite_loss": "show_weight"}
"""Signs whose reasons may tell of weight, and the wish that shows them."""

DISCLAIMER: Final = (
    "Written by the runner's own diary from what they measured and answered. It is no diagnosis, and the program is no "
    "medical device. The states are a model's; no study has validated telling overtraining in recreational runners "
    "over months, with this program or any other."
)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the timeline; None where nothing is known. Load is of the day itself."""

    date: date
    state: str
    beyond: float | None
    load_lu: float | None
    sleep_h: float | None
    heart_bpm: float | None
    ill: bool
    flagged: bool


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign that is present: in words, its first day, how strong (1 to 4), and why."""

    name: str
    since: str
    marks: int
    why: str


@dataclass(frozen=True, slots=True)
class Content:
    """The whole report, in the order in which it is read."""

    athlete: str
    first: date
    last: date
    state: str
    state_word: str
    headline: str
    how_sure: str
    since: str
    figures: tuple[tuple[str, str, str], ...]
    """A few numbers: what, the last four weeks, the eight weeks before."""
    days: tuple[Day, ...]
    heart: tuple[str, float, float] | None
    """Which heart rate, its usual and its usual spread."""
    sleep_need_h: float
    flags: tuple[str, ...]
    signs: tuple[Sign, ...]
    not_seen: str
    not_measured: tuple[str, ...]
    causes: tuple[tuple[str, float, str], ...]
    tried: tuple[tuple[str, str], ...]
    health: tuple[str, ...]
    known: tuple[str, ...]
    unknown: tuple[str, ...]
    disclaimer: str = DISCLAIMER

    @property
    def title(self) -> str:
        """What it is, and of when."""
        return f"Twelve weeks to {dated(self.last)}"


def dated(day: date) -> str:
    """A date with its year.

    >>> dated(date(2026, 5, 7))
    '7 May 2026'
    """
    return f"{day_month(day)} {day.year}"


def content(
    documents: Sequence[Mapping[str, Any]],
    frame: pl.DataFrame,
    profile: Mapping[str, Any],
    tried: Sequence[Mapping[str, Any]] = (),
    what: Mapping[str, str] | None = None,
    sources: Sequence[str] = (),
) -> Content:
    """A report from one verdict a day (`documents`, the last is the one it is about) and the days they came from.

    ``tried``: what was tried (``actions --json``), ``what``: an action's words by its id, ``sources``: lines that
    tell where the data came from. ``documents`` must not be empty.
    """
    now = documents[-1]
    last = date.fromisoformat(str(now["date"])[:10])
    past = Past(frame)
    heart = _heart(past, last)
    days = tuple(_day(document, past, heart[0] if heart else None) for document in documents)
    need = float(profile.get("sleep_need_h") or 8.0)
    seen = look(str(now["state"]))
    return Content(
        athlete=_named(str(now.get("athlete", "me"))),
        first=days[0].date,
        last=last,
        state=str(now["state"]),
        state_word=seen.word,
        headline=str(now.get("headline") or ""),
        how_sure=_how_sure(now),
        since=_since(now, last),
        figures=_figures(days, need),
        days=days,
        heart=None if heart is None else (HEARTS[heart[0]], heart[1], heart[2]),
        sleep_need_h=need,
        flags=_flags(documents),
        signs=_signs(now, profile),
        not_seen=_not_seen(now),
        not_measured=_not_measured(now),
        causes=_causes(now, profile),
        tried=_tried(tried, what or {}),
        health=_health(past, days),
        known=(*_known(past, days), *sources),
        unknown=tuple(f"{words.name(words.GROUPS, str(u.get('group')))}: {u['why']}" for u in _gaps(now)),
    )


# ---------------------------------------------------------------- the days

HEARTS: Final = {"hr_night_bpm": "night heart rate", "hr_rest_bpm": "resting heart rate"}


def _heart(past: Past, last: date) -> tuple[str, float, float] | None:
    """The heart rate at rest that is known more often: column, usual, spread."""
    best: tuple[int, str, list[float]] = (0, "", [])
    for name in HEARTS:
        known = past.known(name, last, USUAL_D)
        best = max(best, (len(known), name, known), key=lambda one: one[0])
    middle = median(best[2])
    if middle is None or best[0] < 14:
        return None
    away = median([abs(x - middle) for x in best[2]]) or 0.0
    return best[1], middle, max(1.0, 1.4826 * away)


def _day(document: Mapping[str, Any], past: Past, heart: str | None) -> Day:
    day = date.fromisoformat(str(document["date"])[:10])
    asleep = past.at("sleep_s", day)
    ill = past.at("ill", day)
    return Day(
        date=day,
        state=str(document["state"]),
        beyond=telling.beyond_normal(document),
        load_lu=past.at("load_lu", day + timedelta(days=1)),  # a row holds the day before's
        sleep_h=None if asleep is None else asleep / 3600,
        heart_bpm=None if heart is None else past.at(heart, day),
        ill=ill not in (None, "none"),
        flagged=any(flag.get("urgency") != "inform" for flag in document.get("red_flags") or ()),
    )


def _named(athlete: str) -> str:
    """The runner, by name if the diary has one."""
    return "the runner" if athlete == "me" else athlete


def _mean(values: Iterable[float | None], least: int) -> float | None:
    known = [x for x in values if x is not None]
    return sum(known) / len(known) if len(known) >= least else None


def _figures(days: Sequence[Day], need: float) -> tuple[tuple[str, str, str], ...]:
    """The last four weeks against the eight before."""
    lately, earlier = days[-28:], days[:-28]

    def both(name: str, of: Any, write: Any) -> tuple[str, str, str]:
        values = [_mean((of(day) for day in part), 7) for part in (lately, earlier)]
        told = ["not known" if value is None else write(value) for value in values]
        return name, told[0], told[1]

    return (
        both("Load a week", lambda d: d.load_lu, lambda x: f"{7 * x:.0f} LU"),
        both("Sleep a night", lambda d: d.sleep_h, lambda x: f"{x:.1f} h of {need:g} h needed"),
        both("Heart rate at rest", lambda d: d.heart_bpm, lambda x: f"{x:.0f} a minute"),
    )


# ---------------------------------------------------------------- the verdict


def _how_sure(document: Mapping[str, Any]) -> str:
    chances = document.get("probabilities")
    if not chances:
        return "There is not enough data for probabilities."
    beyond = telling.percent(telling.beyond_normal(document) or 0.0)
    return f"{telling.how_sure(chances)}: the model gives {beyond} to a state beyond normal training fatigue."


def _since(document: Mapping[str, Any], last: date) -> str:
    if not document.get("since"):
        return ""
    first = date.fromisoformat(str(document["since"])[:10])
    days = (last - first).days
    return f"Since {dated(first)} ({days} day{'' if days == 1 else 's'})." if days else f"Since {dated(first)}."


def _flags(documents: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Every flag of the span but those that inform: what, on which days."""
    found: dict[str, list[date]] = {}
    for document in documents:
        for flag in document.get("red_flags") or ():
            if flag.get("urgency") != "inform":
                found.setdefault(str(flag["what"]), []).append(date.fromisoformat(str(document["date"])[:10]))
    last = date.fromisoformat(str(documents[-1]["date"])[:10])
    ordered = sorted(found.items(), key=lambda item: item[1][-1], reverse=True)
    return tuple(f"{what} ({_span(on[0], on[-1], last)})" for what, on in ordered[:MOST_SPELLS])


def _span(first: date, final: date, last: date) -> str:
    if final == last:
        return f"open, since {day_month(first)}" if first != final else "open, today"
    return day_month(first) if first == final else f"{day_month(first)} to {day_month(final)}"


def _signs(document: Mapping[str, Any], profile: Mapping[str, Any]) -> tuple[Sign, ...]:
    present = [s for s in document.get("signs") or () if (s.get("strength") or 0.0) > telling.PRESENT]
    present.sort(key=lambda s: -float(s["strength"]))
    return tuple(
        Sign(
            name=words.name(words.SIGNS, str(s["sign"])),
            since=day_month(date.fromisoformat(str(s["since"])[:10])) if s.get("since") else "",
            marks=min(4, 1 + int((float(s["strength"]) - telling.PRESENT) / telling.PRESENT * 4)),
            why=_said(str(s["sign"]), str(s.get("why") or ""), profile),
        )
        for s in present[:MOST_SIGNS]
    )


def _said(sign: str, why: str, profile: Mapping[str, Any]) -> str:
    wish = HIDDEN.get(sign)
    return (
        why
        if wish is None or profile.get(wish) or "weight" not in why
        else "hidden, as the runner has not asked for it"
    )


def _not_seen(document: Mapping[str, Any]) -> str:
    quiet = [
        s for s in document.get("signs") or () if s.get("strength") is not None and s["strength"] <= telling.PRESENT
    ]
    return joined([words.name(words.SIGNS, str(s["sign"])) for s in quiet])


def _not_measured(document: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        words.name(words.SIGNS, str(s["sign"])) for s in document.get("signs") or () if s.get("strength") is None
    )


def _causes(document: Mapping[str, Any], profile: Mapping[str, Any]) -> tuple[tuple[str, float, str], ...]:
    causes = document.get("causes") or ()
    if not causes or not telling.stands_out(causes):
        return ()
    ranked = sorted(causes, key=lambda c: -float(c.get("share") or 0.0))
    return tuple(
        (words.name(words.CAUSES, str(c["cause"])), float(c["share"]), str(c.get("why") or ""))
        for c in ranked[:MOST_CAUSES]
        if float(c.get("share") or 0.0) >= telling.SMALL_SHARE
    )


def _gaps(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [u for u in document.get("unknown") or () if isinstance(u, Mapping) and u.get("why")][:MOST_SIGNS]


# ---------------------------------------------------------------- what was tried, and what was entered


def _tried(tried: Sequence[Mapping[str, Any]], what: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    rows = []
    for one in tried[:MOST_TRIED]:
        name = words.name({}, str(one["id"])) if one.get("kind") == "sleep_habit" else what.get(str(one["id"]))
        told = str(one["text"]).replace(LESS, "")
        rows.append((name or words.name({}, str(one["id"])), told))
    return tuple(rows)


def _health(past: Past, days: Sequence[Day]) -> tuple[str, ...]:
    """Illness, pain and symptoms as entered, in spells."""
    lines = [f"Illness entered: {_spells([d.date for d in days if d.ill])}."] if any(d.ill for d in days) else []
    hurt: dict[str, list[date]] = {}
    for day in days:
        pain, where = past.at("pain", day.date), past.at("pain_where", day.date)
        if pain is not None and pain >= 2:
            hurt.setdefault(str(where or "place not said"), []).append(day.date)
    lines += [f"Pain entered, {where}: {_spells(on)}." for where, on in list(hurt.items())[:MOST_CAUSES]]
    symptoms: dict[str, list[date]] = {}
    for day in days:
        for symptom in past.at("symptoms", day.date) or ():
            symptoms.setdefault(symptom, []).append(day.date)
    lines += [f"Entered: {words.name(words.WORRYING, name)}, {_spells(on)}." for name, on in symptoms.items()]
    checked = [day.date for day in days if past.at("checked_by_doctor", day.date)]
    lines += [f"Checked by a doctor, as entered: {_spells(checked)}."] if checked else []
    return tuple(lines) or ("No illness, pain or worrying symptom was entered in these weeks.",)


def _spells(dates: Sequence[date]) -> str:
    """Days in a row as from and to.

    >>> _spells([date(2026, 5, 1), date(2026, 5, 2), date(2026, 5, 9)])
    '1 May to 2 May and 9 May'
    """
    found: list[tuple[date, date]] = []
    for day in dates:
        if found and (day - found[-1][1]).days <= 1:
            found[-1] = found[-1][0], day
        else:
            found.append((day, day))
    told = [day_month(a) if a == b else f"{day_month(a)} to {day_month(b)}" for a, b in found]
    return joined(told) if len(told) <= MOST_SPELLS else f"{joined(told[:MOST_SPELLS], ',')} and more"


def _known(past: Past, days: Sequence[Day]) -> tuple[str, ...]:
    """On how many of the days what was measured or asked."""

    def count(*names: str) -> int:
        return sum(any(past.at(name, day.date) is not None for name in names) for day in days)

    whole = len(days)
    loads = sum(day.load_lu is not None for day in days)
    return (
        f"Asked: morning answers on {count('energy', 'leg_freshness', 'sleep_quality', 'mood')} of {whole} days.",
        f"Measured: sleep on {count('sleep_s')}, heart rate at rest on {count('hr_night_bpm', 'hr_rest_bpm')}, "
        f"heart-rate variability on {count('rmssd_ms')} of {whole} nights; training load known on {loads} days.",
    )


def states_of(days: Sequence[Day]) -> list[str]:
    """The states that occur, mildest first: for the key of the timeline."""
    return [state for state in STATES if any(day.state == state for day in days)]


__all__ = ["Content", "Day", "Row", "Sign", "content", "dated", "states_of"]
