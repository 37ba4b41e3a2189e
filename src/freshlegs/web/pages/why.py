"""Why: the evidence as a waterfall, this week against one's own band, the causes, the rule that bound; of any day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from freshlegs import telling, vocabulary, words
from freshlegs.problems import WrongRequest
from freshlegs.recovery.words import joined
from freshlegs.web import texts
from freshlegs.web.frame import DeskOf, FormOf, back, page, sentence, wanted_day
from freshlegs.web.pages.contract import Page

PAGE = Page("why", "/why", in_bar=True)
router = APIRouter()

Document = Mapping[str, Any]

BAND_HEIGHT: Final = 34.0
BAND_WIDTH: Final = 140.0
MARGIN: Final = 5.0

UNITS: Final = {"hr_night_bpm": " bpm", "hr_rest_bpm": " bpm"}
"""Answers go from 0 to 10; what is measured has a unit."""


@router.get("/why")
def why(request: Request, desk: DeskOf, date: str | None = None) -> Response:
    """How the verdict of a day came about."""
    today = desk.today
    day = wanted_day(date, today) or today
    if day > today:
        raise WrongRequest(f"{day} lies in the future; a verdict is made from what was known that morning")
    chain = desk.remember("explain", lambda diary: diary.explain(day), day)
    verdict = desk.verdict(None if day == today else day)
    return page(
        request,
        "why",
        day=day,
        is_today=day == today,
        before=day - timedelta(days=1),
        after=None if day == today else day + timedelta(days=1),
        chain=chain,
        shown=chain["shown"],
        verdict=verdict,
        bands=[band(entry) for entry in chain["usual"] if any(x is not None for x in entry["last_7_days"])],
        causes=causes(verdict),
        stands_out=telling.stands_out(verdict["causes"] or ()),
        belief=belief(chain),
        risks=holding(chain),
        **waterfall(chain),
    )


@router.post("/causes")
def answer_cause(desk: DeskOf, form: FormOf) -> Response:
    """Confirm or reject a likely cause, or take that back."""
    cause, answer = str(form.get("cause", "")), str(form.get("answer", ""))
    with desk.diary() as diary:
        acts = {"confirmed": diary.confirm_cause, "rejected": diary.reject_cause, "forgotten": diary.forget_cause}
        if answer not in acts:
            raise WrongRequest(f"a cause is confirmed, rejected or forgotten, not {answer!r}")
        acts[answer](cause)
    return back(form, "/why")


def waterfall(chain: Document) -> dict[str, Any]:
    """The groups as steps, each beginning where the one before ended; positions in hundredths of the width."""
    if not chain["groups"]:
        return {"steps": [], "zero": 0.0, "total_odds": "", "measured": False}
    told = {sign["sign"]: sign for sign in chain["shown"]["signs"] or ()}
    strengths = {sign["sign"]: sign for sign in chain["signs"]}
    edges, steps = [0.0], []
    for entry in chain["groups"]:
        members = [sign for sign in vocabulary.GROUPS[entry["group"]] if sign in strengths]
        known = any(strengths[sign]["strength"] is not None for sign in members)
        value = float(entry["log_ratio"]) if known else 0.0
        steps.append((entry, known, edges[-1], value, members))
        edges.append(edges[-1] + value)
    low, high = min(*edges, -0.5), max(*edges, 0.5)
    across = 100.0 / (high - low)

    def drawn(step: tuple[Document, bool, float, float, list[str]]) -> dict[str, Any]:
        entry, known, start, value, members = step
        odds = telling.odds(value) + (f" ({words.CAPPED})" if entry["capped"] else "") if known else words.UNMEASURED
        return {
            "group": entry["group"],
            "value": value,
            "odds": odds,
            "x": round((min(start, start + value) - low) * across, 2),
            "width": round(abs(value) * across, 2),
            "signs": [sign_of(told.get(sign, {}), strengths[sign]) for sign in members],
        }

    return {
        "steps": [drawn(step) for step in steps],
        "zero": round(-low * across, 2),
        "total_odds": telling.odds(chain["belief"]["log_likelihood"]["excessive"]) if chain["belief"] else "",
        "measured": any(known for _, known, *_ in steps),
    }


def causes(verdict: Document) -> list[Document]:
    """The likely causes; where no state is told and none stands out, those that were answered."""
    found = [one for one in verdict["causes"] or () if one["share"] >= telling.SMALL_SHARE]
    if verdict["probabilities"] or telling.stands_out(found):
        return found
    return [one for one in found if one.get("answer")]


def sign_of(told: Document, found: Document) -> dict[str, Any]:
    """A sign with its reason and the branches that were measured."""
    branches = [
        {**branch, "words": words.branch(branch["branch"])}
        for branch in found["branches"]
        if branch["strength"] is not None
    ]
    return {**found, "branches": branches, "why": told.get("why") or "", "since": told.get("since")}


def band(entry: Document) -> dict[str, Any]:
    """Seven mornings of one quantity against the runner's own band, as positions in a small picture."""
    values: Sequence[float | None] = entry["last_7_days"]
    usual, spread = entry["usual"], entry["spread"] or 0.0
    known = [x for x in values if x is not None]
    around = [] if usual is None else [usual - spread, usual + spread]
    answered = entry["item"] not in words.MEASURED
    low, high = (0.0, 10.0) if answered else (min(known + around) - 1.0, max(known + around) + 1.0)

    def y(value: float) -> float:
        inside = BAND_HEIGHT - 2 * MARGIN
        return round(MARGIN + (high - min(max(value, low), high)) / (high - low) * inside, 2)

    first = 10 + 20 * (7 - len(values))  # the last morning stands at the right end, however few there are
    name = words.MEASURED.get(entry["item"]) or words.name(words.ITEMS, entry["item"])
    top, bottom = (y(usual + spread), y(usual - spread)) if usual is not None else (0.0, 0.0)
    now = next((value for value in reversed(values) if value is not None), None)
    return {
        "name": name,
        "band_y": top,
        "band_height": round(bottom - top, 2),
        "usual_y": -9 if usual is None else y(usual),
        "dots": [
            {"x": first + n * 20, "y": y(value), "bad": bad}
            for n, (value, bad) in enumerate(zip(values, entry["bad"], strict=True))
            if value is not None
        ],
        "now": telling.figure(now),
        "usual": telling.figure(usual),
        "unit": UNITS.get(entry["item"], ""),
        "learning": entry["learning"],
        "told": sentence(
            texts.text(
                "why.told_learning" if entry["learning"] else "why.told",
                name=name,
                values=", ".join(telling.figure(x) for x in values),
                usual=telling.figure(usual),
            )
        ),
    }


def belief(chain: Document) -> list[dict[str, Any]]:
    """The belief of yesterday, carried over the night, and of today, a row a state."""
    found = chain["belief"]
    if not found:
        return []
    return [
        {"state": s, "yesterday": found["yesterday"][s], "carried": found["carried_to_today"][s], "today": p}
        for s, p in found["today"].items()
    ]


def holding(chain: Document) -> str:
    """What makes it more likely to begin, in words."""
    factors = [one["factor"] for one in (chain["risk"] or {}).get("factors", ()) if one["holds"]]
    return sentence(joined([words.name(words.RISKS, factor) for factor in factors])) if factors else ""
