"""`posterior`: signs by athlete and date in, belief over the four states out (contract, section 3)."""

import runpy
from datetime import date, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from freshlegs import vocabulary as v
from freshlegs.fatigue.chain import log_evidence, posterior
from freshlegs.fatigue.filtering import filter_states
from freshlegs.problems import WrongRequest

REFERENCE = runpy.run_path(str(Path(__file__).with_name("reference_chain.py")))
BELIEFS = [f"p_{state}" for state in v.CHAIN_STATES]


def day(text: str) -> date:
    return date.fromisoformat(text)


def frame(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(rows, infer_schema_length=None)


def beliefs(table: pl.DataFrame) -> list[list[float]]:
    return [list(row) for row in table.select(BELIEFS).rows()]


def test_columns_and_order() -> None:
    out = posterior(
        frame(
            {"athlete": "b", "date": day("2026-05-02"), "soreness": 0.8, "shoe": "left"},
            {"athlete": "a", "date": day("2026-05-03"), "soreness": None, "shoe": "right"},
            {"athlete": "b", "date": day("2026-05-01"), "soreness": 0.2, "shoe": None},
        )
    )
    assert out.schema == {"athlete": pl.String, "date": pl.Date} | dict.fromkeys(BELIEFS, pl.Float64)
    assert out.select("athlete", "date").rows() == [
        ("a", day("2026-05-03")),
        ("b", day("2026-05-01")),
        ("b", day("2026-05-02")),
    ]


def test_a_gap_is_days_of_which_nothing_is_known() -> None:
    first, last = day("2026-02-27"), day("2026-03-02")
    given = frame(
        {"athlete": "me", "date": last, "heavy_legs": 0.9, "risk": 4.0, "deload": True},
        {"athlete": "me", "date": first, "heavy_legs": 0.7, "risk": 4.0, "deload": False},
    )
    Day = REFERENCE["Day"]
    expected = REFERENCE["run_dated"](
        {
            first: Day({"heavy_legs": 0.7}, risk=4.0),
            last: Day({"heavy_legs": 0.9}, risk=4.0, deload=True),
        }
    )
    assert np.allclose(beliefs(posterior(given)), list(expected.values()), rtol=0, atol=1e-12)
    assert len(expected) == 2


def test_quality_weakens_a_sign() -> None:
    row = {"athlete": "me", "date": day("2026-05-01"), "low_energy": 0.9}
    full, half, none = (posterior(frame(row | {"quality_low_energy": q}))["p_excessive"][0] for q in (1, 0.5, 0))
    assert full > half > none
    assert none == posterior(frame(row | {"low_energy": None}))["p_excessive"][0]
    assert full == posterior(frame(row | {"quality_low_energy": None}))["p_excessive"][0]


def test_missing_options_take_their_defaults() -> None:
    bare = frame({"athlete": "me", "date": day("2026-05-01"), "soreness": 0.9})
    spelled = bare.with_columns(risk=1.0, deload=False, failed_rest=False, quality_soreness=1.0)
    nulls = bare.with_columns(
        pl.lit(None).alias(name) for name in ("risk", "deload", "failed_rest", "quality_soreness", "heavy_legs")
    )
    assert posterior(bare).equals(posterior(spelled))
    assert posterior(bare).equals(posterior(nulls))


@pytest.mark.parametrize(("given", "bound"), [(100.0, 8.0), (0.0, 0.25)])
def test_risk_is_bounded(given: float, bound: float) -> None:
    row = {"athlete": "me", "date": day("2026-05-01"), "soreness": 0.9}
    assert posterior(frame(row | {"risk": given})).equals(posterior(frame(row | {"risk": bound})))


@pytest.mark.parametrize("athletes", [[7, 7, 11], ["a", "a", "b"]])
def test_the_athlete_keeps_its_type(athletes: list[object]) -> None:
    rows = [{"athlete": a, "date": day(f"2026-05-0{n}")} for n, a in enumerate(athletes, 1)]
    given = frame(*rows)
    assert posterior(given).schema["athlete"] == given.schema["athlete"]
    named = given.with_columns(pl.col("athlete").cast(pl.String).cast(pl.Categorical))
    assert posterior(named).schema["athlete"] == pl.Categorical
    assert posterior(named).height == 3


def test_instants_at_midnight_are_dates() -> None:
    given = frame({"athlete": "me", "date": datetime(2026, 5, 1), "soreness": 0.9})
    assert posterior(given)["date"].to_list() == [day("2026-05-01")]


def test_no_rows_give_no_rows() -> None:
    empty = pl.DataFrame(schema={"athlete": pl.String, "date": pl.Date, "soreness": pl.Float64})
    assert posterior(empty).columns == ["athlete", "date", *BELIEFS]
    assert posterior(empty).height == 0


ONE = {"athlete": "me", "date": day("2026-05-01")}


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([ONE, ONE], "me has 2026-05-01 more than once"),
        ([ONE | {"soreness": 1.2}], "soreness must be between 0 and 1"),
        ([ONE | {"soreness": -0.1}], "soreness must be between 0 and 1"),
        ([ONE | {"soreness": "much"}], "soreness must hold numbers"),
        ([ONE | {"quality_soreness": 2.0}], "quality_soreness must be between 0 and 1"),
        ([ONE | {"risk": -1.0}], "risk must be a finite number, zero or more"),
        ([ONE | {"risk": float("inf")}], "risk must be a finite number, zero or more"),
        ([ONE | {"deload": "maybe"}], "deload must hold true or false"),
        ([{"date": day("2026-05-01")}], "the column athlete is missing"),
        ([{"athlete": "me"}], "the column date is missing"),
        ([ONE | {"athlete": None}, ONE], "every row needs its athlete"),
        ([{"athlete": "me", "date": "2026-05-01"}], "date must be a date"),
    ],
)
def test_what_is_refused(rows: list[dict[str, object]], sentence: str) -> None:
    with pytest.raises(WrongRequest, match=sentence):
        posterior(frame(*rows))


def made_signs(athletes: int, days: int, seed: int) -> pl.DataFrame:
    """Athletes with runs of bad and good weeks, gaps of days, unmeasured signs, one day only, nothing at all."""
    dice = np.random.default_rng(seed)
    parts = []
    for number in range(athletes):
        length = 1 if number == 0 else int(dice.integers(2, days))
        level = np.repeat(dice.random(length // 30 + 1) ** 0.5, 30)[:length, None]
        strength = np.clip(level + dice.normal(0, 0.2, (length, 15)), 0, 1)
        strength[dice.random(strength.shape) < 0.3] = np.nan
        strength[dice.random(strength.shape) < 0.05] = 0.5
        if number == 1:
            strength[:] = np.nan
        quality = np.where(dice.random(strength.shape) < 0.5, 1.0, dice.random(strength.shape))
        dates = np.cumsum(np.where(dice.random(length) < 0.9, 1, dice.integers(1, 40, length)))
        parts.append(
            pl.DataFrame(strength, schema=list(v.SIGNS)).with_columns(
                pl.lit(f"a{number}").alias("athlete"),
                (pl.lit(day("2020-01-01")) + pl.duration(days=pl.Series(dates))).alias("date"),
                pl.Series("risk", dice.lognormal(0, 1.5, length)),
                pl.Series("deload", dice.random(length) < 0.2),
                pl.Series("failed_rest", dice.random(length) < 0.3),
                *(pl.Series(f"quality_{s}", quality[:, n]) for n, s in enumerate(v.SIGNS)),
            )
        )
    return pl.concat(parts).fill_nan(None)


def by_reference(signs: pl.DataFrame) -> list[list[float]]:
    Day = REFERENCE["Day"]
    out = []
    for (_,), rows in signs.sort("athlete", "date").group_by("athlete", maintain_order=True):
        days = {
            row["date"]: Day(
                {s: row[s] for s in v.SIGNS if row[s] is not None},
                row["risk"],
                row["deload"],
                row["failed_rest"],
                {s: row[f"quality_{s}"] for s in v.SIGNS},
            )
            for row in rows.to_dicts()
        }
        out += REFERENCE["run_dated"](days).values()
    return out


@pytest.mark.parametrize("athletes", [3, 25])
def test_equal_to_the_slow_reference(athletes: int) -> None:
    signs = made_signs(athletes, 200, seed=athletes)
    out = beliefs(posterior(signs.sample(fraction=1.0, shuffle=True, seed=1)))
    assert np.allclose(out, by_reference(signs), rtol=0, atol=1e-9)
    assert max(row[3] for row in out) > 0.1, "the gate never opened: the case shows too little"


def test_few_and_many_athletes_agree() -> None:
    signs = made_signs(20, 150, seed=5)
    together = posterior(signs)
    for athlete in ("a0", "a1", "a7"):
        mine = pl.col("athlete") == athlete
        alone = beliefs(posterior(signs.filter(mine)))
        assert np.allclose(beliefs(together.filter(mine)), alone, rtol=0, atol=1e-12)


@pytest.mark.parametrize("athletes", [2, 20])
def test_a_history_can_be_carried_on_from_any_day(athletes: int) -> None:
    dice = np.random.default_rng(athletes)
    level = np.repeat(dice.random((athletes, 20, 1)), 10, axis=1)
    strength = np.clip(level + dice.normal(0, 0.2, (athletes, 200, 15)), 0, 1)
    log_lik, groups = log_evidence(strength)
    risk, flags = dice.random((athletes, 200)) * 3, dice.random((2, athletes, 200)) < 0.3
    whole = filter_states(log_lik, risk, *flags)
    head = filter_states(log_lik[:, :120], risk[:, :120], *flags[:, :, :120])
    tail = filter_states(
        log_lik[:, 120:], risk[:, 120:], *flags[:, :, 120:], start=head.p[:, -1], gate=head.gate[:, -1]
    )
    assert np.array_equal(np.concatenate([head.p, tail.p], axis=1), whole.p)
    assert np.array_equal(np.concatenate([head.gate, tail.gate[:, 1:]], axis=1), whole.gate)
    assert groups.shape == (athletes, 200, 8)


def test_group_evidence_is_capped_and_named_in_order() -> None:
    strength = np.full(15, np.nan)
    for sign in v.GROUPS["performance"]:
        strength[v.SIGNS.index(sign)] = 1.0
    evidence = log_evidence(strength)
    Day = REFERENCE["Day"]
    expected = [
        REFERENCE["group_log_ratio"](group, Day(dict.fromkeys(v.GROUPS["performance"], 1.0)), 2) for group in v.GROUPS
    ]
    assert evidence.group_log_ratio == pytest.approx(expected, abs=1e-12)
    assert evidence.group_log_ratio[list(v.GROUPS).index("performance")] == pytest.approx(np.log(8))
    assert evidence.log_lik[2] == pytest.approx(np.log(8) / 9)
