"""The evidence of one morning as a waterfall: what each group of signs speaks for, and how strongly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from freshlegs.charts.chart import Chart
from freshlegs.charts.spec import Step, Waterfall
from freshlegs.charts.waterfall import odds
from freshlegs.charts.words import on
from freshlegs.words import GROUPS as GROUP_NAMES
from freshlegs.words import SIGNS as SIGN_NAMES


def evidence(document: Mapping[str, Any]) -> Chart:
    """The groups and signs of one verdict (the document of ``today --json``), strongest for *excessive* first.

    Odds compare excessive with normal fatigue, by that morning's signs alone; the verdict weighs many mornings.
    """
    groups = document.get("groups") or []
    signs = document.get("signs") or []
    known = sorted((g for g in groups if g.get("log_ratio") is not None), key=lambda g: -float(g["log_ratio"]))
    unknown = [g for g in groups if g.get("log_ratio") is None]
    steps = [_step(group, signs) for group in [*known, *unknown]]
    rows = [
        {
            "group": GROUP_NAMES.get(group["group"], group["group"]),
            "log_ratio": group.get("log_ratio"),
            "odds": "not known" if group.get("log_ratio") is None else odds(float(group["log_ratio"])),
            "signs": "; ".join(_sign_words(sign) for sign in _own(group, signs)),
        }
        for group in [*known, *unknown]
    ]
    schema = {"group": pl.String, "log_ratio": pl.Float64, "odds": pl.String, "signs": pl.String}
    return Chart(
        name="evidence",
        title="What the signs of this morning speak for",
        says=_says(known, unknown, str(document["date"])[:10]),
        table=pl.DataFrame(rows, schema=schema),
        figure=Waterfall(steps, "normal", "excessive", "All together"),
    )


def _own(group: Mapping[str, Any], signs: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    own = [sign for sign in signs if sign.get("group") == group["group"] and sign.get("strength") is not None]
    return sorted(own, key=lambda sign: -float(sign["strength"]))


def _step(group: Mapping[str, Any], signs: Sequence[Mapping[str, Any]]) -> Step:
    value = group.get("log_ratio")
    name = GROUP_NAMES.get(group["group"], str(group["group"]))
    parts = [
        Step(SIGN_NAMES.get(sign["sign"], str(sign["sign"])), float(sign["strength"]), str(sign.get("why") or ""))
        for sign in _own(group, signs)
    ]
    return Step(name[0].upper() + name[1:], None if value is None else float(value), parts=parts)


def _sign_words(sign: Mapping[str, Any]) -> str:
    return f"{SIGN_NAMES.get(sign['sign'], sign['sign'])} {float(sign['strength']):.2f}"


def _says(known: Sequence[Mapping[str, Any]], unknown: Sequence[Mapping[str, Any]], day: str) -> str:
    when = on(date.fromisoformat(day))
    if not known:
        return f"On {when} no sign is known well enough to speak for anything."
    total = sum(float(group["log_ratio"]) for group in known)
    lead = known[0] if total > 0 else known[-1]
    name = GROUP_NAMES.get(lead["group"], lead["group"])
    text = (
        f"On {when} the signs together speak {odds(total)} for excessive against normal fatigue; most of it comes from "
        f"{name} ({odds(float(lead['log_ratio']))})."
    )
    return text + (f" Not known: {', '.join(GROUP_NAMES[group['group']] for group in unknown)}." if unknown else "")
