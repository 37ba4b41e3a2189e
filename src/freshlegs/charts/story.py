"""The months: what was said each morning, how likely each state was, and load, nights and hearts below it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from freshlegs import vocabulary as v
from freshlegs.charts.bins import Binned, binned, runs_of
from freshlegs.charts.chart import Chart
from freshlegs.charts.scales import day_number
from freshlegs.charts.spec import Band, Bars, Floats, Level, Line, Mark, Marks, Panel, Spans, Stacked, in_sight
from freshlegs.charts.words import hours, on, percent
from freshlegs.look import SHORT, STATES

EVENT_SHAPES: Final = {"race": "★", "note": "✎", "ill": "✚", "action": "■", "change": "●"}
EVENT_ROLES: Final = {"race": "ink", "note": "quiet", "ill": "ill", "action": "own", "change": "own"}
LABELLED: Final = 0.12
"""A state with a smaller share at the end has no label there: it would crowd the others."""
FEW_MARKS: Final = 60
"""With more shapes than these, only the ones of days the word changed are drawn; the colour says the rest."""


def story(days: pl.DataFrame, events: pl.DataFrame, first: date, last: date) -> Chart:
    """The ribbon of states over load, sleep, hearts and HRV, from tables `tables.STORY` and `tables.EVENTS`.

    Weeks or months are put together where the span is long. What is not known stays empty, or hatched.
    """
    bins = binned(days, first, last)
    seen = events.filter(pl.col("date").is_between(first, last))
    every = [_told(bins), _ribbon(bins), _marked(seen), _load(bins), *_nights(bins), *_hearts(bins)]
    panels, absent = in_sight(every)
    return Chart(
        name="story",
        title="The story",
        says=_says(days.filter(pl.col("date").is_between(first, last)), seen, first, last) + absent,
        table=_table(bins, seen),
        figure=Stacked(panels, *_ends(first, last)),
    )


def nights(days: pl.DataFrame, first: date, last: date) -> Chart:
    """Sleep, its regularity, heart rates and HRV, each with the runner's own band, from table `tables.STORY`."""
    bins = binned(days, first, last)
    names = ["date", "sleep_s", "sleep_regularity", "hr_rest_bpm", "hr_night_bpm", "rmssd_ms", "rmssd_week_ms"]
    panels, absent = in_sight([*_nights(bins), *_hearts(bins)])
    return Chart(
        name="nights",
        title="Nights",
        says=_says_nights(days.filter(pl.col("date").is_between(first, last))) + absent,
        table=bins.frame.select(names),
        figure=Stacked(panels, *_ends(first, last)),
    )


def _ends(first: date, last: date) -> tuple[float, float]:
    return day_number(first), day_number(last) + 1.0


# --- what was said ------------------------------------------------------------------------------------------------


def _told(bins: Binned) -> Panel:
    states = bins.frame.get_column("state").to_list()
    runs = runs_of(states)
    marks: list[Mark] = []
    for state in v.STATES:
        own = [(bins.x[a], bins.x[b - 1] + bins.width[b - 1]) for a, b, word in runs if word == state]
        if own:
            start, end = (np.array(each) for each in zip(*own, strict=True))
            low, high = np.zeros(len(own)), np.ones(len(own))
            unknown = state == "insufficient_data"
            marks.append(Bars(start, low, high, end - start, state, joined=False, hatched=unknown))
    wide = [(a, b, word) for a, b, word in runs if word != "insufficient_data"]
    if len(wide) <= FEW_MARKS:
        marks.append(
            Marks(
                np.array([bins.x[a] for a, _, _ in wide]),
                np.full(len(wide), -0.55),
                [STATES[word].shape for _, _, word in wide],
                [word for _, _, word in wide],
                [f"{STATES[word].word}, from {on(bins.frame['date'][a])}" for a, _, word in wide],
                [SHORT[word] for _, _, word in wide],
            )
        )
    note = "the word of each morning" if bins.every == "day" else f"the word of most mornings of {bins.per}"
    return Panel("State", marks, note, 34.0, -1.1, 1.0, ticks=(), empty="no verdict in these days")


def _ribbon(bins: Binned) -> Panel:
    shares = {state: bins.values(f"share_{state}") for state in v.CHAIN_STATES[::-1]}
    unknown = sum(shares.values(), np.zeros(len(bins.x))) < 0.02
    below = np.where(unknown, np.nan, 0.0)
    marks: list[Mark] = []
    for state, share in shares.items():
        marks.append(Bars(bins.x, below, below + share, bins.width, state, joined=True))
        if share[-1] >= LABELLED:
            end = np.array([bins.x[-1]])
            marks.append(Line(end, below[-1:] + share[-1] / 2, state, f"{SHORT[state]} {percent(share[-1])}", 0.0))
        below = below + share
    marks.insert(0, Spans(bins.x[unknown], (bins.x + bins.width)[unknown], "insufficient_data", hatched=True))
    ticks = ((0.0, "0 %"), (0.5, "50 %"), (1.0, "100 %"))
    return Panel("How likely each state was", marks, "gravest below; hatched: not enough data", 74.0, 0.0, 1.0, ticks)


def _marked(events: pl.DataFrame) -> Panel:
    shown = events.filter(pl.col("kind") != "ill")
    ill = events.filter(pl.col("kind") == "ill").get_column("date").cast(pl.Int32).cast(pl.Float64).to_numpy()
    x = shown.get_column("date").cast(pl.Int32).cast(pl.Float64).to_numpy() + 0.5
    kinds = shown.get_column("kind").to_list()
    lane = {"race": 2.0, "action": 1.0, "change": 1.0, "note": 0.0}
    days = shown.get_column("date").to_list()
    words = [f"{on(day)}: {text}" for day, text in zip(days, shown.get_column("text").to_list(), strict=True)]
    marks: list[Mark] = [
        Spans(ill, ill + 1.0, "ill", faint=True),
        Marks(
            x,
            np.array([lane.get(kind, 0.0) for kind in kinds]),
            [EVENT_SHAPES.get(kind, "●") for kind in kinds],
            [EVENT_ROLES.get(kind, "quiet") for kind in kinds],
            words,
        ),
    ]
    ticks = ((2.0, "race"), (1.0, "action"), (0.0, "note"))
    return Panel("Marked", marks, "shaded: days ill", 44.0, -0.6, 2.6, ticks)


def _load(bins: Binned) -> Panel:
    load = bins.values("load_lu")
    days = bins.width if bins.every != "day" else np.ones(len(bins.x))
    fitness, fatigue = bins.values("fitness_lu") * days, bins.values("fatigue_lu") * days
    if bins.every == "month":  # a trend of one week says nothing of a month
        fatigue = np.full(len(fatigue), np.nan)
    return Panel(
        "Load",
        [
            Bars(bins.x, np.zeros(len(load)), load, bins.width, "bar"),
            Line(bins.middle, fatigue, "second", "fatigue", 1.2, dashed=True),
            Line(bins.middle, fitness, "own", "fitness", 2.0),
        ],
        f"LU {bins.per}, with trends of six weeks and of one; 100 LU is an hour at threshold",
        92.0,
        0.0,
        empty="no load known in these days",
    )


# --- nights and hearts --------------------------------------------------------------------------------------------


def _nights(bins: Binned) -> list[Panel]:
    sleep = bins.values("sleep_s") / 3600.0
    need = bins.values("sleep_need_h")
    known = need[np.isfinite(need)]
    per = "each night" if bins.every == "day" else f"mean of {bins.per.removeprefix('a ')}"
    marks: list[Mark] = [
        Band(bins.middle, bins.values("sleep_low_s") / 3600.0, bins.values("sleep_high_s") / 3600.0),
        _own(bins, sleep, "sleep"),
    ]
    if known.size:
        marks.append(Level(float(known[-1]), "need"))
    return [
        Panel("Sleep", marks, f"hours, {per}; band: half of your nights", 72.0, empty="no sleep known in these days"),
        Panel(
            "Sleep regularity",
            [Line(bins.middle, bins.values("sleep_regularity"), "own", "index")],
            "100: the same minutes every day; 0: chance",
            48.0,
            high=100.0,
            empty="no bed times known in these days",
        ),
    ]


def _hearts(bins: Binned) -> list[Panel]:
    per = "each night" if bins.every == "day" else f"mean of {bins.per.removeprefix('a ')}"
    panels = [
        Panel(
            title,
            [
                Band(bins.middle, bins.values(f"{stem}_low_bpm"), bins.values(f"{stem}_high_bpm")),
                _own(bins, bins.values(f"{stem}_bpm"), label),
            ],
            f"beats a minute, {per}; band: your usual",
            62.0,
            empty=f"no {title.lower()} known in these days",
        )
        for title, stem, label in (
            ("Resting heart rate", "hr_rest", "resting"),
            ("Night heart rate", "hr_night", "asleep"),
        )
    ]
    nightly: list[Mark] = [Band(bins.middle, bins.values("rmssd_low_ms"), bins.values("rmssd_high_ms"))]
    if bins.every == "day":
        night = bins.values("rmssd_ms")
        nightly.append(Line(bins.middle, night, "bar", weight=0.0, dots=True))
    nightly.append(Line(bins.middle, bins.values("rmssd_week_ms"), "own", "week"))
    note = "RMSSD in ms: line the week, band your usual" + (", points the nights" if bins.every == "day" else "")
    return [*panels, Panel("HRV", nightly, note, 72.0, empty="no HRV known in these days")]


def _own(bins: Binned, values: Floats, label: str) -> Line:
    return Line(bins.middle, values, "own", label, 1.4 if bins.every == "day" else 1.6)


# --- in words -----------------------------------------------------------------------------------------------------


def _says(days: pl.DataFrame, events: pl.DataFrame, first: date, last: date) -> str:
    told = days.filter(pl.col("state").is_not_null())
    span = f"From {on(first)} to {on(last)}"
    if told.is_empty():
        return f"{span} nothing is known."
    counts = [(state, told.filter(pl.col("state") == state).height) for state in v.STATES]
    parts = [f"{SHORT[state]} on {n}" for state, n in counts if n]
    end = told.row(-1, named=True)
    mornings = f"{told.height} morning{'' if told.height == 1 else 's'}"
    said = f"{span}, {mornings}: {_and(parts)}. The last, {on(end['date'])}: {SHORT[end['state']]}."
    load = days.get_column("load_lu").drop_nulls()
    if load.len():
        said += f" Load {7 * float(load.mean() or 0.0):.0f} LU a week on average."  # type: ignore[arg-type]
    marked = [(kind, events.filter(pl.col("kind") == kind).height) for kind in ("race", "ill", "note", "action")]
    words = {"race": "races", "ill": "days ill", "note": "notes", "action": "actions"}
    some = [f"{n} {words[kind] if n != 1 else _ONE[kind]}" for kind, n in marked if n]
    return said + (f" {_and(some).capitalize()}." if some else "")


_ONE: Final = {"race": "race", "ill": "day ill", "note": "note", "action": "action"}


def _says_nights(days: pl.DataFrame) -> str:
    out = []
    for name, words in (
        ("sleep_s", "asleep"),
        ("hr_rest_bpm", "resting heart rate"),
        ("hr_night_bpm", "night heart rate"),
        ("rmssd_week_ms", "RMSSD of the week"),
    ):
        known = days.get_column(name).drop_nulls()
        if known.len():
            middle = float(known.median() or 0.0)  # type: ignore[arg-type]
            shown = hours(middle) if name == "sleep_s" else f"{middle:.0f} {'ms' if 'rmssd' in name else 'bpm'}"
            out.append(f"{words} {shown}")
    if not out:
        return "No night is known in these days."
    regular = days.get_column("sleep_regularity").drop_nulls()
    if regular.len():
        out.append(f"regularity now {regular[-1]:.0f} of 100")
    return f"Middle values: {_and(out)}."


def _and(parts: Sequence[str]) -> str:
    """Parts as a list in words.

    >>> _and(["a", "b", "c"])
    'a, b and c'
    """
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _table(bins: Binned, events: pl.DataFrame) -> pl.DataFrame:
    """What the picture shows, in numbers: one row a bin."""
    names = [
        *("date", "state"),
        *(f"p_{state}" for state in v.CHAIN_STATES),
        *("load_lu", "fitness_lu", "fatigue_lu", "sleep_s", "sleep_regularity"),
        *("hr_rest_bpm", "hr_night_bpm", "rmssd_week_ms", "ill"),
    ]
    frame = bins.frame.select(names)
    step = {"day": "1d", "week": "1w", "month": "1mo"}[bins.every]
    words = events.select(pl.col("date").dt.truncate(step), "text").group_by("date", maintain_order=True)
    return frame.join(words.agg(pl.col("text").str.join("; ").alias("marked")), on="date", how="left")
