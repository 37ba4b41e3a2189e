"""Twelve runners, each with a state, causes, and a plan of two weeks; and the page that shows what is proposed to them.

``python tests/cases/written.py`` writes docs/explanation/cases.md; ``test_cases.py`` holds the page to the code and
each case to what a coach would expect of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from freshlegs import tables
from freshlegs import vocabulary as v
from freshlegs import words as names
from freshlegs.look import look
from freshlegs.recovery import Findings, Refusal, Start, complete, evaluate
from freshlegs.recovery.adapting import RULES
from freshlegs.recovery.words import full_day, joined, weekday

PAGE = Path(__file__).resolve().parents[2] / "docs/explanation/cases.md"
MONDAY = date(2026, 5, 4)

Planned = tuple[str, int, int, int]
"""Kind, minutes, metres, load."""

REST: Planned = ("rest", 0, 0, 0)
WEEK: tuple[Planned, ...] = (
    REST,
    ("intervals", 60, 12_000, 80),
    ("easy", 45, 8_000, 37),
    ("tempo", 50, 10_000, 62),
    REST,
    ("easy", 45, 8_000, 38),
    ("long", 105, 19_000, 96),
)
"""A runner of 57 km a week, Monday to Sunday; 313 LU. The same week lies behind them, six times."""


@dataclass(frozen=True)
class Case:
    """One runner: who, what is known on Monday 4 May 2026, and how a coach reads what is proposed."""

    title: str
    story: str
    state: str
    coach: str
    signs: tuple[str, ...] = ()
    causes: Mapping[str, float] = field(default_factory=dict)
    plan: Mapping[int, Planned] = field(default_factory=dict)
    run: tuple[Planned, ...] = WEEK
    rested_d: int = 0
    today: Mapping[str, Any] = field(default_factory=dict)
    week: Mapping[str, Any] = field(default_factory=dict)
    profile: Mapping[str, Any] = field(default_factory=dict)
    since_d: int = 7
    start: Start | None = None

    def planned(self) -> pl.DataFrame:
        """Two weeks, with what is different in them."""
        rows = []
        for offset in range(14):
            kind, minutes, metres, load = self.plan.get(offset, WEEK[offset % 7])
            row = {"uid": f"s{offset}", "date": MONDAY + timedelta(days=offset), "kind": kind, "optional": False}
            rows.append({**row, "duration_s": 60.0 * minutes, "distance_m": float(metres), "load_lu": float(load)})
        return tables.PLAN.frame(rows)

    def _ran(self, day: date) -> Planned:
        return REST if (MONDAY - day).days <= self.rested_d else self.run[day.weekday()]

    def runs(self) -> pl.DataFrame:
        """Six weeks as they were run."""
        rows = []
        for ago in range(1, 43):
            day = MONDAY - timedelta(days=ago)
            kind, minutes, metres, load = self._ran(day)
            if minutes:
                start = datetime.combine(day, time(7), UTC)
                row = {"athlete": "me", "start_utc": start, "utc_offset_s": 7200.0, "sport": "running"}
                row |= {"moving_s": 60.0 * minutes, "distance_m": float(metres), "load_lu": float(load)}
                rows.append({**row, "quality_session": kind in v.HARD_KINDS})
        return tables.RUNS.frame(rows)

    def days(self) -> pl.DataFrame:
        """Six weeks of mornings: ordinary answers, this week's and today's as given."""
        rows = []
        for ago in range(41, -1, -1):
            day = MONDAY - timedelta(days=ago)
            _, _, metres, load = self._ran(day - timedelta(days=1))
            row = {"athlete": "me", "date": day, "energy": 6.0, "leg_freshness": 6.0, "mood": 6.0, "sleep_quality": 6.0}
            row |= {"stress": 3.0, "sleep_s": 7.6 * 3600, "in_bed_s": 8.2 * 3600, "fell_asleep_min": -60.0}
            row |= {"load_lu": float(load), "distance_m": float(metres), "longest_run_m": float(metres)}
            rows.append({**row, **(self.week if ago < 7 else {}), **(self.today if ago == 0 else {})})
        return tables.DAYS.frame(rows)

    def verdict(self) -> dict[str, Any]:
        """The morning's document, as far as advice reads it."""
        left = (1.0 - sum(self.causes.values())) / max(1, len(v.CAUSES) - len(self.causes))
        return {
            "athlete": "me",
            "date": MONDAY.isoformat(),
            "state": self.state,
            "since": (MONDAY - timedelta(days=self.since_d)).isoformat(),
            "probabilities": {},
            "signs": [{"sign": s, "strength": 0.9 if s in self.signs else 0.3, "why": ""} for s in v.SIGNS],
            "causes": [{"cause": c, "share": self.causes.get(c, left)} for c in v.CAUSES],
            "rules": [],
            "unknown": [],
        }

    def found(self) -> Findings | Refusal:
        """What the one door to advice says."""
        whole = complete(self.verdict(), self.days(), self.profile, self.planned(), start=self.start)
        return evaluate(whole, self.planned(), self.profile, days=None, runs=self.runs(), ill=self.today.get("ill"))


LEGS = ("heavy_legs", "low_energy", "soreness")
NFOR = (*LEGS, "performance_decline", "slow_recovery", "poor_sleep")
HALF: Planned = ("race", 95, 21_100, 150)

CASES = (
    Case(
        "Fresh",
        "No sign for a week. The plan is the usual week twice.",
        "fresh",
        "Nothing asks for a change, and none is made. The hard days stand apart, four fifths of the time is easy, and "
        "two days are free.",
    ),
    Case(
        "Good tired, four weeks without a lighter one",
        "Heavy legs now and then, performance kept. Four equal weeks lie behind.",
        "cumulative",
        "This is training at work. The plan stands; a lighter week is suggested, and not put in without being asked.",
        signs=("heavy_legs",),
        causes={"training": 0.6},
    ),
    Case(
        "Watch, short nights",
        "Legs, energy and sleep have been down for ten days; 6.2 hours a night this week.",
        "watch",
        "Two easy days first: they are the test. One shortened tempo stays, so that the week is no holiday, and the "
        "intervals go, which ask most of tired legs. The night is the rest of the answer.",
        signs=(*LEGS, "poor_sleep"),
        causes={"sleep": 0.6},
        week={"sleep_s": 6.2 * 3600, "in_bed_s": 6.7 * 3600, "sleep_quality": 4.0},
    ),
    Case(
        "Watch, and the long run planned too long",
        "The load has been rising; the next long runs are planned at 25 and 27 km, the longest of the month was 19.",
        "watch",
        "The long run is what a marathoner wants to keep, and it is kept, at a tenth over the longest of the "
        "month. The "
        "tempo makes room for it. Growing it further can wait until the legs are back.",
        signs=LEGS,
        causes={"training": 0.6},
        plan={6: ("long", 140, 25_000, 128), 13: ("long", 150, 27_000, 138)},
    ),
    Case(
        "Watch, a half marathon on Sunday",
        "The race of the season is six days away.",
        "watch",
        "The race stays, and what is hard before it gives way: that is a taper, which is what these legs ask for "
        "anyway. "
        "The intervals two days after the race become easy. How much more the week after should lose is for a look at "
        "the legs after the race.",
        signs=LEGS,
        causes={"training": 0.6},
        plan={6: HALF},
    ),
    Case(
        "Watch, a hard time at work",
        "Stress at 8 of 10 all week, hard to switch off.",
        "watch",
        "Work and running draw on one reserve. The next hard session becomes an easy one, one demand of the week goes, "
        "and one evening is kept. Nothing here says that the runner should run through it.",
        signs=("cannot_relax", "low_energy", "mood_swings"),
        causes={"stress": 0.7},
        week={"stress": 8.0, "relax": 2.0},
    ),
    Case(
        "Excessive, the first morning",
        "Six signs, slower by 3 %, three weeks of it. Short nights and hard easy days behind it.",
        "excessive",
        "Rest comes first, and then half. Nothing fast for as long as it lasts. A coach would say the same, and would "
        "add that nothing is lost: fitness holds for weeks.",
        signs=NFOR,
        causes={"sleep": 0.5, "training": 0.4},
        since_d=16,
        week={"sleep_s": 6.0 * 3600, "in_bed_s": 6.5 * 3600},
    ),
    Case(
        "Excessive, three days of rest behind",
        "The rest has been taken. The plan still holds intervals on Tuesday and a tempo on Thursday.",
        "excessive",
        "Now a week at half. Short easy runs, two rest days and more, no fast running. The number of runs is cut "
        "before "
        "their length, because days off are what is missing.",
        signs=NFOR,
        causes={"training": 0.6},
        rested_d=3,
        since_d=20,
    ),
    Case(
        "Possible overtraining",
        "Months of it, after failed rest, with a clear loss of speed.",
        "possible_overtraining",
        "No training plan, however light, before somebody has looked. Walks keep a day's shape. What stands first is "
        "the appointment.",
        signs=(*NFOR, "mood_swings", "low_motivation"),
        causes={"training": 0.5, "other": 0.3},
        since_d=70,
    ),
    Case(
        "A fever this morning",
        "Fresh until yesterday.",
        "fresh",
        "Fever is the end of the discussion: three days off, then half, then three quarters, each easy. Missed "
        "sessions "
        "are not made up.",
        today={"ill": "fever"},
    ),
    Case(
        "Pain in one spot of a bone",
        "Cumulative tiredness; a sore spot on the shin, entered this morning.",
        "cumulative",
        "No running on it until it has been looked at, whatever the legs say. The week is rest; the second week "
        "stands, "
        "to be looked at again when somebody has seen it.",
        signs=("heavy_legs",),
        today={"symptoms": ["bone_pain"]},
    ),
    Case(
        "Chest pain on effort",
        "Entered this morning; everything else is ordinary.",
        "cumulative",
        "One sentence, and no training advice at all. There is no plan to discuss.",
        today={"symptoms": ["chest_pain"]},
    ),
)


# ---------------------------------------------------------------- the page


def session_words(row: Mapping[str, Any]) -> str:
    """A session in a table's cell."""
    if row["kind"] == "rest":
        return "rest"
    return f"{row['kind']} {row['duration_s'] / 60:.0f} min"


def weeks(case: Case, proposed: pl.DataFrame) -> str:
    """Plan and proposal, a day a row; what changed in bold."""
    lines = ["| day | planned | proposed |", "| --- | --- | --- |"]
    rows = zip(case.planned().iter_rows(named=True), proposed.iter_rows(named=True), strict=True)
    for before, after in rows:
        same = session_words(before) == session_words(after)
        told = "as planned" if same else f"**{session_words(after)}**"
        lines.append(f"| {weekday(before['date'])[:3]} {before['date'].day} May | {session_words(before)} | {told} |")
    loads = [frame["load_lu"].sum() for frame in (case.planned(), proposed)]
    lines.append(f"| load | {loads[0]:.0f} LU | {loads[1]:.0f} LU |")
    return "\n".join(lines)


def _limits(found: Findings) -> list[str]:
    """The limits that the plan as it was goes beyond."""
    over = [limit for limit in found.limits if limit.over]
    return [f"- {limit.text} {'It binds.' if limit.binds else 'Below *watch* this informs.'}" for limit in over]


def _when(action: Mapping[str, Any]) -> str:
    """The time it is for, or its date."""
    when = str(action["when"])
    return when.capitalize() if when[0].isalpha() else full_day(date.fromisoformat(when))


def section(number: int, case: Case) -> str:
    """One case."""
    found = case.found()
    causes = joined([f"{names.name(names.CAUSES, c)} {100 * share:.0f} %" for c, share in case.causes.items()])
    parts = [
        f"## {number}. {case.title}",
        f"{case.story} State: *{look(case.state).word}*.{f' Likely causes: {causes}.' if causes else ''}",
    ]
    if isinstance(found, Refusal):
        parts.append("**No advice on training**, because:\n\n" + "\n".join(f"- {reason}" for reason in found.reasons))
    if found.actions:
        lines = [
            f"- {a['when'].capitalize() if a['when'][0].isalpha() else a['date']}: {a['what']}" for a in found.actions
        ]
        parts.append("What to do:\n\n" + "\n".join(lines))
    if isinstance(found, Findings) and found.proposal is not None:
        if found.proposal.changes.is_empty():
            parts.append("The plan stands as it is.")
        else:
            parts.append(weeks(case, found.proposal.plan))
            rules = [f"- `{rule}` ({n}): {RULES[rule]}" for rule, _, n in found.binding]
            parts.append("What binds, and how many sessions it changed:\n\n" + "\n".join(rules))
        limits = _limits(found)
        if limits:
            parts.append("The plan as it was, against the limits:\n\n" + "\n".join(limits))
        notes = [note for note in found.proposal.notes if "later sessions wait" not in note]
        if notes:
            parts.append("Beside the plan:\n\n" + "\n".join(f"- {note}" for note in notes))
    parts.append(f"**As a coach reads it.** {case.coach}")
    return "\n\n".join(parts)


def page() -> str:
    """The whole page."""
    head = (
        "<!-- Written by `python tests/cases/written.py`; change the cases, not this page. -->\n\n"
        "# Twelve worked cases\n\n"
        "Each is a runner of 57 km a week on Monday 4 May 2026, with the usual two weeks planned: intervals on "
        "Tuesday, tempo on Thursday, a long run on Sunday, two rest days. What is proposed comes from the same code "
        "that advises you, and tests hold it to this page. Nothing is changed unasked: a proposal can be refused, in "
        "part or whole.\n\n"
        "The limits on the longest run and on the week bind from *watch* on; below it they inform. Hard days apart, "
        "rest days and the easy share hold always. A red flag comes before everything."
    )
    return "\n\n".join([head, *(section(n, case) for n, case in enumerate(CASES, 1))]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
