"""What must hold for every plan, state and history: the invariants of science J.7, over random plans."""

from datetime import UTC, date, datetime, time, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from freshlegs import tables
from freshlegs import vocabulary as v
from freshlegs.recovery import adapt
from freshlegs.recovery.habit import habit
from freshlegs.recovery.prescription import easy_share
from freshlegs.recovery.sessions import LU_PER_HOUR, read_plan

TODAY = date(2026, 5, 4)
TIRED = ("watch", "excessive", "possible_overtraining")
RUN_KINDS = ("easy", "long", "tempo", "intervals")
SLACK = 1e-6

ORDER = {"rest": 0, "walk": 1, "strength": 2, "cross": 2, "easy": 2, "long": 2, "tempo": 3, "intervals": 4, "race": 5}
"""How hard each kind is."""


@st.composite
def sessions(draw, day):
    kind = draw(st.sampled_from(v.PLAN_KINDS))
    minutes = draw(st.one_of(st.none(), st.integers(10, 240)))
    metres = draw(st.one_of(st.none(), st.integers(1_000, 40_000)))
    load = draw(st.one_of(st.none(), st.integers(3, 250)))
    return {
        "date": day,
        "kind": kind,
        "duration_s": None if minutes is None else 60.0 * minutes,
        "distance_m": None if metres is None else float(metres),
        "load_lu": None if load is None else float(load),
        "optional": draw(st.sampled_from([None, False, False, True])),
    }


@st.composite
def plans(draw, days=14):
    """Any sessions on any days, one race at the most."""
    rows, races = [], 0
    for offset in range(-2, days):
        for _ in range(draw(st.sampled_from([0, 1, 1, 1, 2]))):
            row = draw(sessions(TODAY + timedelta(days=offset)))
            races += row["kind"] == "race"
            if row["kind"] == "race" and races > 1:
                row["kind"] = "tempo"
            rows.append({"uid": str(len(rows)), **row})
    return tables.PLAN.frame(rows)


@st.composite
def histories(draw):
    """None, runs now and then, or a habit that a plan can follow."""
    if draw(st.sampled_from([True, False, False, False])):
        return None
    often = draw(st.booleans())
    agos = list(range(1, 41)) if often else draw(st.lists(st.integers(1, 40), min_size=1, max_size=12))
    per_minute, shortest = draw(st.sampled_from([0.9, 2.0, 4.0])), draw(st.integers(15, 90))
    rest = draw(st.sampled_from([0, 3, 5])) if often else 0
    rows = []
    for ago in agos:
        minutes = shortest + 17 * (ago % 5)
        row = {"athlete": "me", "utc_offset_s": 0.0, "sport": "running"}
        row["start_utc"] = datetime.combine(TODAY - timedelta(days=ago), time(7), UTC)
        row |= {"moving_s": 60.0 * minutes, "distance_m": 160.0 * minutes}
        row["load_lu"] = None if ago % 9 == 4 else per_minute * minutes
        row["rpe"] = [None, 3.0, 8.0][(ago * 7) % 3]
        if ago > rest:
            rows.append(row)
    return tables.RUNS.frame(rows)


def lu(row, speed_mps=None):
    """Its load; of a session with a distance alone by that speed, as the runner's own usual is in `adapt`."""
    if row["kind"] == "rest":
        return 0.0
    if row["load_lu"] is not None:
        return row["load_lu"]
    session = read_plan(tables.PLAN.frame([row]), row["date"], 1, speed_mps)[0]
    return LU_PER_HOUR[row["kind"]] * session.seconds / 3600


def by_offset(rows):
    days = {}
    for row in rows:
        days.setdefault((row["date"] - TODAY).days, []).append(row)
    return days


def weeks(span):
    return [range(start, start + 7) for start in range(span - 6)]


def check(plan, state, runs, ill, causes, told):
    out = adapt(plan, TODAY, state, runs, causes, ill, **told)
    old, new = plan.to_dicts(), out.plan.to_dicts()

    assert out.plan.schema == plan.schema
    assert [(r["uid"], r["date"], r["optional"]) for r in old] == [(r["uid"], r["date"], r["optional"]) for r in new]
    changed = {row["uid"] for row in out.changes.to_dicts()}
    speed = habit(runs, TODAY).speed_mps
    assert out.changes.height == len(changed)
    for before, after in zip(old, new, strict=True):
        assert (before == after) == (after["uid"] not in changed)
        assert before["date"] >= TODAY or before == after
        # never longer, harder or heavier
        assert ORDER[after["kind"]] <= ORDER[before["kind"]]
        assert lu(after, speed) <= lu(before, speed) + SLACK
        for name in ("duration_s", "distance_m", "load_lu"):
            if before[name] is not None:
                assert after[name] <= before[name]
    for change in out.changes.to_dicts():
        assert change["load_after_lu"] <= change["load_before_lu"]
        assert change["why"]
        assert change["operator"]
        assert change["rule"]

    again = adapt(out.plan, TODAY, state, runs, causes, ill, **told)
    assert again.plan.equals(out.plan)
    assert again.changes.is_empty()
    same = adapt(plan, TODAY, state, runs, causes, ill, **told)
    assert same.plan.equals(out.plan)
    assert same.changes.equals(out.changes)
    assert same.notes == out.notes
    return out


def structure(plan, state, ill):
    """Hard days, rest days, races."""
    days = by_offset(plan.to_dicts())
    span = max((o for o in days if o >= 0), default=-1) + 1
    hard = {o for o, rows in days.items() if any(r["kind"] in v.HARD_KINDS for r in rows)}
    for offset in range(span - 1):
        assert not (offset in hard and offset + 1 in hard)
    races = {o for o, rows in days.items() if any(r["kind"] == "race" for r in rows)}
    least = 2 if state in ("excessive", "possible_overtraining") else 1
    for week in weeks(span):
        free = sum(all(r["kind"] == "rest" for r in days.get(o, [])) for o in week)
        assert free >= min(least, 7 - len(races & set(week)))
    if state == "excessive":
        assert not {o for o in hard if o >= 0} - races
    if state == "watch":
        assert len({o for o in hard if 0 <= o <= 6} - races) <= 1
    if ill in ("fever", "below_neck"):
        assert not [r for o in range(3) for r in days.get(o, []) if r["kind"] != "rest"]


def limits(before, plan, runs):
    """From watch on, with runs: the longest run and the week."""
    month = runs.with_columns(day=pl.col("start_utc").dt.date())
    recent = month.filter(pl.col("day") >= TODAY - timedelta(days=30))
    load = pl.when(pl.col("load_lu").is_not_null()).then("load_lu")
    load = load.when(pl.col("rpe").is_not_null()).then(pl.col("rpe") * pl.col("moving_s") / 60 / 4.2)
    load = load.when(pl.col("rpe") >= 7).then(pl.col("moving_s") / 3600 * 75).otherwise(pl.col("moving_s") / 3600 * 50)
    month = month.with_columns(lu=load)
    four = month.filter(pl.col("day") >= TODAY - timedelta(days=28))["lu"].sum() / 4
    last = month.filter(pl.col("day") >= TODAY - timedelta(days=7))["lu"].sum()
    rows = [r for r in plan.to_dicts() if r["date"] >= TODAY]
    for row in rows:
        if row["kind"] in RUN_KINDS and recent.height:
            assert (row["distance_m"] or 0) <= 1.10 * recent["distance_m"].max() + SLACK
            assert (row["duration_s"] or 0) <= 1.10 * recent["moving_s"].max() + SLACK
    days = by_offset(rows)
    if not four:
        return
    for week in weeks(max(days, default=-1) + 1):
        inside = [r for o in week for r in days.get(o, [])]
        if not any(r["kind"] == "race" for r in inside):
            assert sum(map(lu, inside)) <= 1.10 * max(four, last) + SLACK


def steps(plan, told):
    """Today by the morning's advice; until the next step can come what the present one allows."""
    days = by_offset(plan.to_dicts())
    today = {row["kind"] for row in days.get(0, [])}
    if told["running_today"] != "as_planned":
        assert not today & {"tempo", "intervals"}
    if told["running_today"] == "none":
        assert not today & set(RUN_KINDS)
    back = told["way_back"]
    if back is None or back["kind"] == "illness" or back["step"] > 3:
        return
    held = range((date.fromisoformat(back["next_on"]) - TODAY).days)
    ran = {o for o in held if any(r["kind"] in RUN_KINDS for r in days.get(o, []))}
    assert not [r for o in held for r in days.get(o, []) if r["kind"] in ("tempo", "intervals")]
    assert all((r["duration_s"] or 0) <= 2430 for o in held for r in days.get(o, []) if r["kind"] in RUN_KINDS)
    if back["step"] == 1:
        assert not [o for o in ran if o + 1 in ran]


def examine(plan, state, runs, ill, causes, told):
    out = check(plan, state, runs, ill, causes, told)
    steps(out.plan, told)
    if state == "insufficient_data":
        if ill == "none" and told == {"running_today": "as_planned", "way_back": None}:
            assert out.changes.is_empty()
        return
    structure(out.plan, state, ill)
    if state in TIRED and runs is not None:
        limits(plan, out.plan, runs)
    near = read_plan(out.plan, TODAY, 14, habit(runs, TODAY).speed_mps)
    share = easy_share(near)
    assert share is None or share >= 0.80
    if ill == "none" and state != "possible_overtraining":
        kept = [r for r in plan.to_dicts() if r["kind"] == "race"]
        assert [r for r in out.plan.to_dicts() if r["kind"] == "race"] == kept


@st.composite
def mornings(draw):
    """What the verdict says besides its state."""
    kind = draw(st.sampled_from([None, None, "excessive", "overtraining", "illness"]))
    step, days = draw(st.integers(1, 2 if kind == "illness" else 6)), draw(st.integers(1, 14))
    began, next_on = (str(TODAY + timedelta(days=n)) for n in (-draw(st.integers(0, 80)), days))
    back = None if kind is None else {"kind": kind, "step": step, "began": began, "next_on": next_on}
    return {"running_today": draw(st.sampled_from(["as_planned", "as_planned", *v.RUNNING_TODAY])), "way_back": back}


ANYTHING = {
    "plan": plans(),
    "state": st.sampled_from(v.STATES),
    "runs": histories(),
    "ill": st.sampled_from(["none", "none", "none", "above_neck", "below_neck", "fever"]),
    "causes": st.lists(st.sampled_from(v.CAUSES), max_size=2, unique=True),
    "told": mornings(),
}


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(**ANYTHING)
def test_invariants(plan, state, runs, ill, causes, told):
    examine(plan, state, runs, ill, causes, told)


@pytest.mark.slow
@settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(**ANYTHING)
def test_invariants_of_ten_thousand_plans(plan, state, runs, ill, causes, told):
    examine(plan, state, runs, ill, causes, told)


@st.composite
def habits(draw):
    """A week that has been run for six weeks and is planned for two more: day to kind and minutes."""
    days = draw(st.lists(st.integers(0, 6), min_size=3, max_size=6, unique=True))
    kinds = ["long", *draw(st.lists(st.sampled_from(["easy", "easy", "tempo", "intervals"]), min_size=5, max_size=5))]
    lengths = st.sampled_from([30, 40, 45, 50, 60, 70])
    return {d: (k, draw(lengths) + (60 if k == "long" else 0)) for d, k in zip(days, kinds, strict=False)}


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(habits())
def test_on_a_plan_that_follows_the_habit_the_shares_are_those_of_the_prescription(week):
    usual = sum(LU_PER_HOUR[kind] * minutes / 60 for kind, minutes in week.values())
    rows, runs = [], []
    for offset in range(-42, 14):
        day = TODAY + timedelta(days=offset)
        if day.weekday() in week:
            kind, minutes = week[day.weekday()]
            size = {"load_lu": LU_PER_HOUR[kind] * minutes / 60, "distance_m": 160.0 * minutes}
            rows.append({"uid": str(offset), "date": day, "kind": kind, "duration_s": 60.0 * minutes, **size})
            start = datetime.combine(day, time(7), UTC)
            runs.append({"athlete": "me", "start_utc": start, "moving_s": 60.0 * minutes, **size})
    plan = tables.PLAN.frame([row for row in rows if row["date"] >= TODAY])
    history = tables.RUNS.frame([run for run in runs if run["start_utc"].date() < TODAY])

    def load(state, first, last):
        days = by_offset(adapt(plan, TODAY, state, history).plan.to_dicts())
        return sum(lu(row) for offset in range(first, last + 1) for row in days.get(offset, []))

    hard = sum(kind in v.HARD_KINDS for kind, _ in week.values())
    assert (0.70 if hard < 2 else 0.55) * usual - 5 <= load("watch", 0, 6) <= 0.80 * usual + SLACK
    assert load("excessive", 0, 1) == 0
    assert min(load("excessive", 2, 8), load("excessive", 3, 9)) <= 0.50 * usual + SLACK
    assert 0 < load("excessive", 0, 13) <= 1.20 * usual


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(plans(), st.sampled_from(v.STATES), histories(), st.integers(1, 400))
def test_shifting_every_date_changes_nothing(plan, state, runs, days):
    later = timedelta(days=days)
    here = adapt(plan, TODAY, state, runs)
    moved = None if runs is None else runs.with_columns(pl.col("start_utc") + later)
    there = adapt(plan.with_columns(pl.col("date") + later), TODAY + later, state, moved)
    assert there.plan.with_columns(pl.col("date") - later).equals(here.plan)
    assert there.changes.drop("date", "why").equals(here.changes.drop("date", "why"))
