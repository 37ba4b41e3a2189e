"""What must hold for the state chain whatever the signs (science K.8), and that it equals its slow reference."""

import math
import runpy
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from freshlegs import vocabulary as v
from freshlegs.fatigue.chain import log_evidence, posterior
from freshlegs.fatigue.filtering import filter_states

REFERENCE = runpy.run_path(str(Path(__file__).parents[1] / "spec" / "reference_chain.py"))
BELIEFS = [f"p_{state}" for state in v.CHAIN_STATES]

strengths = st.floats(0, 1).map(lambda p: round(p, 6))
pictures = st.dictionaries(st.sampled_from(v.SIGNS), strengths)
risks = st.floats(0.1, 10)
days = st.builds(dict, signs=pictures, risk=risks, deload=st.booleans(), failed_rest=st.booleans())
courses = st.lists(days, min_size=1, max_size=45)


def array(picture: dict[str, float]) -> np.ndarray:
    return np.array([picture.get(sign, math.nan) for sign in v.SIGNS])


def believe(course: list[dict], start: tuple[float, ...] | None = None, gate: int = 0) -> np.ndarray:
    """[T, 4] of one athlete's days on end, from the beginning or from a later belief and gate."""
    log_lik = log_evidence(np.array([array(day["signs"]) for day in course])).log_lik
    risk, deload, failed = (np.array([[d[k] for d in course]]) for k in ("risk", "deload", "failed_rest"))
    first = None if start is None else np.array(start)
    return filter_states(log_lik[None], risk, deload, failed, first, np.array([gate])).p[0]


def bad(course: list[dict], begun: tuple[tuple[float, ...] | None, int]) -> np.ndarray:
    return believe(course, *begun)[:, 2:].sum(axis=1)


beginnings = st.sampled_from([(None, 0), ((0.05, 0.25, 0.7, 0.0), 27), ((0.1, 0.3, 0.3, 0.3), 40)])


def with_sign(course: list[dict], sign: str, strength: float | None, on: int) -> list[dict]:
    """The course with that sign changed from day ``on``; None takes it away."""
    out = []
    for n, day in enumerate(course):
        signs = dict(day["signs"])
        if n >= on:
            signs.pop(sign, None)
            if strength is not None:
                signs[sign] = strength
        out.append(day | {"signs": signs})
    return out


@given(courses, beginnings, st.data())
def test_a_present_sign_never_calms(course: list[dict], begun: tuple, data: st.DataObject) -> None:
    sign, on = data.draw(st.sampled_from(v.SIGNS)), data.draw(st.integers(0, len(course) - 1))
    strength = data.draw(st.floats(0.6, 1.0))
    without, present = with_sign(course, sign, None, on), with_sign(course, sign, strength, on)
    assert np.all(bad(present, begun) >= bad(without, begun) - 1e-12)


@given(courses, beginnings, st.data())
def test_a_stronger_sign_never_calms(course: list[dict], begun: tuple, data: st.DataObject) -> None:
    sign, on = data.draw(st.sampled_from(v.SIGNS)), data.draw(st.integers(0, len(course) - 1))
    low, high = sorted((data.draw(strengths), data.draw(strengths)))
    higher, lower = with_sign(course, sign, high, on), with_sign(course, sign, low, on)
    assert np.all(bad(higher, begun) >= bad(lower, begun) - 1e-12)


@given(courses, st.data())
def test_half_a_strength_is_the_same_as_missing(course: list[dict], data: st.DataObject) -> None:
    sign, on = data.draw(st.sampled_from(v.SIGNS)), data.draw(st.integers(0, len(course) - 1))
    half, missing = with_sign(course, sign, 0.5, on), with_sign(course, sign, None, on)
    assert np.array_equal(believe(half), believe(missing))


@given(courses)
def test_probabilities_add_up_and_overtraining_waits_a_month(course: list[dict]) -> None:
    p = believe(course)
    assert np.all((p >= 0) & (p <= 1))
    assert np.allclose(p.sum(axis=1), 1.0, rtol=0, atol=1e-12)
    assert np.all(p[:28, 3] == 0.0)


@settings(max_examples=30)
@given(courses, st.data())
def test_a_day_knows_nothing_of_later_ones(course: list[dict], data: st.DataObject) -> None:
    until = data.draw(st.integers(1, len(course)))
    assert np.array_equal(believe(course)[:until], believe(course[:until]))


dated = st.dictionaries(st.integers(0, 90), days, min_size=1, max_size=40)
panels = st.dictionaries(st.sampled_from("abcdefghijklmnopqrst"), dated, min_size=1, max_size=20)


def frame(panel: dict[str, dict[int, dict]], start: date) -> pl.DataFrame:
    schema = {"athlete": pl.String, "date": pl.Date, "risk": pl.Float64}
    schema |= dict.fromkeys(("deload", "failed_rest"), pl.Boolean) | dict.fromkeys(v.SIGNS, pl.Float64)
    rows = [
        {"athlete": athlete, "date": start + timedelta(days=n), **day["signs"]}
        | {key: day[key] for key in ("risk", "deload", "failed_rest")}
        for athlete, own in panel.items()
        for n, day in own.items()
    ]
    return pl.DataFrame(rows, schema=schema)


@settings(max_examples=50, deadline=None)
@given(panels, st.randoms(use_true_random=False))
def test_equal_to_the_reference_on_any_panel(panel: dict[str, dict[int, dict]], dice: object) -> None:
    signs = frame(panel, date(2026, 1, 1))
    order = list(range(signs.height))
    dice.shuffle(order)  # type: ignore[attr-defined]
    out = posterior(signs[order])
    expected = [
        belief
        for athlete in sorted(panel)
        for belief in REFERENCE["run_dated"](
            {date(2026, 1, 1) + timedelta(days=n): REFERENCE["Day"](**day) for n, day in sorted(panel[athlete].items())}
        ).values()
    ]
    assert np.allclose(out.select(BELIEFS).to_numpy(), expected, rtol=0, atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(panels, st.integers(-20000, 20000))
def test_shifted_dates_and_new_names_change_nothing(panel: dict[str, dict[int, dict]], shift: int) -> None:
    start = date(2026, 1, 1)
    renamed = {f"runner {athlete}": own for athlete, own in panel.items()}
    here, there = posterior(frame(panel, start)), posterior(frame(renamed, start + timedelta(days=shift)))
    assert here.select(BELIEFS).equals(there.select(BELIEFS))
