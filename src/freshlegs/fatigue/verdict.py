"""One morning's verdict as a document: what is known, how sure, since when, why, and what would change it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from freshlegs import vocabulary as v
from freshlegs.fatigue import words
from freshlegs.fatigue.assessment import Assessment
from freshlegs.fatigue.branches import Sign, persistence_table
from freshlegs.fatigue.causes import Causes, Contributor, Said
from freshlegs.fatigue.chain import log_evidence
from freshlegs.fatigue.decision import EXCESSIVE, INSUFFICIENT, WATCH
from freshlegs.fatigue.filtering import filter_states
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.patterns import notes
from freshlegs.fatigue.signs.answers import ITEM_OF_SIGN
from freshlegs.fatigue.windows import spell_start
from freshlegs.tables import Row

_ASKED = frozenset({"item", "soreness", "legs", "mood", "illness", "gut", "cycle", "effort", "pace", "weight"})


def document(found: Sequence[Assessment], athlete: Any, day: date, *, answers: Sequence[Said] = ()) -> Row:
    """The verdict of one athlete's morning, as `today --json` gives it, without red flags and actions.

    ``found`` is what `evaluate` gave; ``answers`` is what that athlete said of causes. Raises KeyError for a day
    outside the athlete's first to last.
    """
    for assessment in found:
        if athlete in assessment.panel.athletes:
            a, t = assessment.place(athlete, day)
            return _Writer(assessment, a, answers).at(t)
    raise KeyError(athlete)


def documents(
    found: Sequence[Assessment], athlete: Any, first: date, last: date, *, answers: Sequence[Said] = ()
) -> Iterator[Row]:
    """The verdicts of every day of a span that lies within the athlete's days; ``answers`` as for `document`."""
    for assessment in found:
        if athlete in assessment.panel.athletes:
            a = assessment.panel.athletes.index(athlete)
            writer = _Writer(assessment, a, answers)
            length = int(assessment.panel.alive[a].sum())
            low = max(0, assessment.panel.index(a, first))
            high = min(length - 1, assessment.panel.index(a, last))
            for t in range(low, high + 1):
                yield writer.at(t)


class _Writer:
    """Writes the documents of one athlete."""

    def __init__(self, found: Assessment, a: int, answers: Sequence[Said] = ()) -> None:
        self.found, self.a = found, a
        self.causes = Causes(found, a, answers)
        with np.errstate(invalid="ignore"):
            present = P.number("signs.present") < found.signs.strength[a].T
        self.sign_since = spell_start(present, P.whole("decision.picture_gap_d"))
        self.strength = found.signs.strength[a]

    def at(self, t: int) -> Row:
        found, a = self.found, self.a
        number = int(found.decision.state[a, t])
        state = v.STATES[number]
        p = found.p[a, t]
        spoken = number != INSUFFICIENT
        signs = [self._sign(place, t) for place in range(len(v.SIGNS))]
        day = found.panel.day(a, t)
        return Row(
            schema_version=v.SCHEMA_VERSION,
            athlete=found.panel.athletes[a],
            date=day.isoformat(),
            state=state,
            headline=self._headline(number, t),
            probabilities={name: float(p[k]) for k, name in enumerate(v.CHAIN_STATES)} if spoken else None,
            likelihood=self._likelihood(number, t),
            since=self._since(number, t).isoformat(),
            recheck_on=(day + timedelta(days=_recheck_d(number))).isoformat(),
            what_would_change_it=self._change(number, t),
            signs=signs,
            groups=self._groups(t),
            causes=[self._cause(entry, t) for entry in self.causes.at(t)],
            rules=[name for name, holds in sorted(found.decision.rules.items()) if holds[a, t]],
            unknown=self._unknown(number, t),
            notes=notes(found, a, t),
            next_question=self._next_question(t),
        )

    # ------------------------------------------------------------------ state

    def _headline(self, number: int, t: int) -> str:
        decision = self.found.decision
        if number == EXCESSIVE and decision.rules["A1"][self.a, t]:
            return "Paces missed and legs heavy for too long: time to take a break."
        if bool(self.found.signs.ill_lately[self.a, t]) and number != INSUFFICIENT:
            return "You are or were ill: until that has passed, tiredness says little about training."
        return words.HEADLINES[v.STATES[number]]

    def _likelihood(self, number: int, t: int) -> str | None:
        if number == INSUFFICIENT:
            return None
        bad = float(self.found.p[self.a, t, 2] + self.found.p[self.a, t, 3])
        return f"excessive fatigue is {words.likelihood(bad)} ({100 * bad:.0f} %)"

    def _since(self, number: int, t: int) -> date:
        since = int(self.found.decision.since[self.a, t])
        if number >= WATCH:
            # The tiredness began when its signs came together, not when it had lasted long enough to be named.
            picture = int(self.found.decision.picture[self.a, t])
            since = min(since, picture) if picture >= 0 else since
        return self.found.panel.day(self.a, since)

    def _change(self, number: int, t: int) -> str:
        if number == INSUFFICIENT:
            return "More days of answers: energy, legs, sleep and mood, on at least three mornings of a week."
        if number >= WATCH:
            low = P.number("decision.watch_leave_p" if number == WATCH else "decision.excessive_leave_p")
            days = self._days_until(t, self._if_clear(t), below=low)
            hold = 0 if number == WATCH else P.whole("decision.excessive_leave_d")
            if days is None:
                return "Several weeks of answers and runs back at your usual."
            return f"If answers and runs return to your usual, about {days + hold} days of that end this verdict."
        days = self._days_until(t, self.found.log_lik[self.a, t], above=P.number("decision.watch_p"))
        if days is None:
            return "More signs, or stronger ones: what is there now does not lead to a closer look."
        days += P.whole("decision.watch_d") - 1
        return f"If the signs that are there now stay for about {days} more days, it becomes a closer look."

    def _if_clear(self, t: int) -> Any:
        clear = np.where(np.isnan(self.strength[t]), np.nan, P.number("decision.clear_strength"))
        return log_evidence(clear[None, :], self.found.signs.quality[self.a, t][None, :]).log_lik[0]

    def _days_until(self, t: int, log_lik: Any, *, below: float = -1.0, above: float = 2.0) -> int | None:
        """In how many days of the same evidence the probability crosses a line; None if not within six weeks."""
        days = P.whole("decision.horizon_d")
        many = np.broadcast_to(log_lik, (1, days, len(v.CHAIN_STATES)))
        none = np.zeros((1, days), dtype=bool)
        start = self.found.p[self.a, t]
        gate = np.array([self.found.gate[self.a, t + 1]])
        ahead = filter_states(many, np.ones((1, days)), none, none, start=start[None, :], gate=gate).p[0]
        bad = ahead[:, 2] + ahead[:, 3]
        crossed = np.flatnonzero((bad < below) | (bad >= above))
        return int(crossed[0]) + 1 if len(crossed) else None

    # ------------------------------------------------------------------ signs

    def _sign(self, place: int, t: int) -> dict[str, Any]:
        name = v.SIGNS[place]
        sign = self.found.signs.by_name[name]
        value = float(self.strength[t, place])
        measured = not math.isnan(value)
        since = int(self.sign_since[place, t])
        here = measured and value > P.number("signs.present") and since >= 0
        return {
            "sign": name,
            "group": v.SIGN_GROUP[name],
            "strength": value if measured else None,
            "quality": float(self.found.signs.quality[self.a, t, place]) if measured else None,
            "since": self.found.panel.day(self.a, since).isoformat() if here else None,
            "basis": self._basis(sign, t),
            "why": self._why(name, sign, t) if measured else self._not_measured(name),
        }

    def _basis(self, sign: Sign, t: int) -> str:
        spoke = int(sign.spoke[self.a, t])
        if spoke < 0:
            return "unmeasured"
        return "asked" if sign.branches[spoke].key.split(".")[0] in _ASKED else "measured"

    def _why(self, name: str, sign: Sign, t: int) -> str:
        branch = sign.branches[int(sign.spoke[self.a, t])]
        facts = {key: float(values[self.a, t]) for key, values in branch.facts.items()}
        if branch.key.startswith("item."):
            sentence = words.item_sentence(branch.key.removeprefix("item."), facts)
        else:
            sentence = words.SENTENCES[branch.key](facts)
        quality = float(self.found.signs.quality[self.a, t, v.SIGNS.index(name)])
        if float(sign.quality[self.a, t]) < 1.0:
            sentence += "; still learning what is usual for you"
        elif self.found.signs.illness[self.a, t] < 1.0 and quality < 1.0:
            sentence += "; counts less after illness"
        return sentence

    def _not_measured(self, name: str) -> str:
        profile = self.found.panel.profiles[self.a]
        if name == "raised_heart_rate" and profile.get("hr_medication") is True:
            return "heart medication changes heart rate, so this sign is left out"
        if name == "irregular_cycles" and profile.get("cycle", "natural") != "natural":
            return "does not apply"
        return words.NEEDS[name]

    def _groups(self, t: int) -> list[dict[str, Any]]:
        out = []
        for number, (group, signs) in enumerate(v.GROUPS.items()):
            known = any(not math.isnan(self.strength[t, v.SIGNS.index(sign)]) for sign in signs)
            ratio = float(self.found.group_log_ratio[self.a, t, number]) if known else None
            out.append({"group": group, "log_ratio": ratio})
        return out

    def _unknown(self, number: int, t: int) -> list[dict[str, str]]:
        decision, a = self.found.decision, self.a
        out: list[dict[str, str]] = []
        if number == INSUFFICIENT:
            for name, have, need, what in (
                ("history", decision.history_d[a, t], P.whole("minimum.history_d"), "days of history"),
                (
                    "recent",
                    decision.recent_d[a, t],
                    P.whole("minimum.recent_d"),
                    "days with an answer or a night in the last 7",
                ),
                ("groups", decision.groups_known[a, t], P.whole("minimum.groups"), "groups of signs known"),
            ):
                if have < need:
                    out.append({"group": name, "why": f"not enough data: {int(have)} of {need} {what}"})
        for group, signs in v.GROUPS.items():
            if all(math.isnan(self.strength[t, v.SIGNS.index(sign)]) for sign in signs):
                out.append({"group": group, "why": "; ".join(self._not_measured(sign) for sign in signs)})
        return out

    # ------------------------------------------------------------------ causes, next question

    def _cause(self, entry: Contributor, t: int) -> dict[str, Any]:
        why = ", ".join(words.INDICATORS[name] for name, _ in entry.behind[:3])
        numbers = self._cause_numbers(entry.cause, t)
        if not why:
            why = "nothing measured points to it"
        said = entry.said
        told = "" if said is None else f"; you {said.answer} this"
        return {
            "cause": entry.cause,
            "share": entry.share,
            "score": entry.score,
            "why": why + numbers + told,
            "answer": None if said is None else said.answer,
            "answered_on": None if said is None else said.on.isoformat(),
        }

    def _cause_numbers(self, cause: str, t: int) -> str:
        hazards, a = self.found.hazards, self.a
        if cause == "sleep" and hazards.sleep_debt_h[a, t] == hazards.sleep_debt_h[a, t]:
            return f"; {hazards.sleep_debt_h[a, t]:.1f} h short of your need in the last 7 nights"
        if cause == "training" and hazards.easy_share[a, t] == hazards.easy_share[a, t]:
            return f"; {100 * hazards.easy_share[a, t]:.0f} % of the running time of 28 days was easy"
        return ""

    def _next_question(self, t: int) -> dict[str, str] | None:
        """The item not answered today whose next answer, bad or good, could move the evidence most."""
        asked = [(sign, item) for sign, item in _QUESTIONS_OF_SIGN if not self._answered(item, t)]
        if not asked:
            return None
        trial = np.repeat(self.strength[t][None, :], 2 * len(asked), axis=0)
        for n, (sign, item) in enumerate(asked):
            trial[2 * n : 2 * n + 2, v.SIGNS.index(sign)] = self._after_one_more(item, t)
        evidence = log_evidence(trial).group_log_ratio.sum(axis=1)
        moves = np.abs(evidence[0::2] - evidence[1::2])
        item = asked[int(moves.argmax())][1]
        return {"item": item, "text": words.QUESTIONS[item]}

    def _answered(self, item: str, t: int) -> bool:
        return bool(np.isfinite(self.found.panel[item][self.a, t]))

    def _after_one_more(self, item: str, t: int) -> tuple[float, float]:
        """The sign's strength after one more good answer, and after one more bad one."""
        window = P.whole("baseline.window_d")
        week = slice(max(0, t - window + 1), t + 1)
        n = int(np.count_nonzero(~np.isnan(self.found.panel[item][self.a, week])))
        usual = self.found.signs.usual.get(item)
        k = 0 if usual is None else int(np.count_nonzero(usual.bad[self.a, week] & usual.answered_at(self.a, week)))
        table = persistence_table(window + 1)
        return float(table[n + 1, k]), float(table[n + 1, min(k + 1, n + 1)])


_QUESTIONS_OF_SIGN = (
    *ITEM_OF_SIGN.items(),
    ("gut_trouble", "bowel"),
    ("manageable_level", "harder_than_it_should"),
)


def _recheck_d(number: int) -> int:
    if number == INSUFFICIENT:
        return 1
    if number < WATCH:
        return P.whole("decision.recheck_fresh_d")
    return P.whole("decision.recheck_watch_d" if number == WATCH else "decision.recheck_excessive_d")
