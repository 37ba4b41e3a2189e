"""The steps in C give what their twins in NumPy give, to the bit, and so does everything put together from them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import freshlegs as fl
from freshlegs import steps
from freshlegs.fatigue import assess_from, baseline, branches, windows
from freshlegs.fatigue.baseline import Quantity, Reference, judge_answers, reference, slow_anchor
from freshlegs.fatigue.chain import log_evidence
from freshlegs.fatigue.excerpt import Window
from freshlegs.fatigue.filtering import filter_states
from freshlegs.fatigue.past import Past
from freshlegs.metrics._frames import places
from freshlegs.metrics._ridge import fit
from freshlegs.metrics._windows import Axis
from freshlegs.synthetic import made_days, made_panel

ROOT = Path(__file__).parents[2]
compiled = pytest.mark.skipif(not steps.READY, reason="the steps in C were not compiled: no compiler at setup")

answers = st.sampled_from([np.nan, 0.0, 1.0, 2.0, 2.5, 3.0, 5.0, 7.0, 10.0])
measured = st.one_of(st.just(np.nan), st.floats(-50, 250, width=32))
shapes = st.tuples(st.integers(1, 4), st.integers(1, 90))


def diary(numbers: st.SearchStrategy[float]) -> st.SearchStrategy[Any]:
    """Values of some athletes, day by day."""
    return arrays(np.float64, shapes, elements=numbers, fill=st.nothing())


def bits(found: Any) -> list[bytes]:
    """All arrays of a result, bit by bit; -0 counts as 0, one NaN as another."""
    if isinstance(found, np.ndarray):
        plain = np.where(np.isnan(found), np.nan, found + 0.0) if found.dtype.kind == "f" else found
        return [str(plain.shape).encode() + plain.tobytes()]
    parts = found if isinstance(found, (tuple, list)) else [getattr(found, n) for n in found.__dataclass_fields__]
    return [one for part in parts for one in bits(part)]


def agree(step: Callable[[], Any]) -> None:
    """The same bits in C and in NumPy."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "READY", True)
        quick = bits(step())
        patch.setattr(steps, "READY", False)
        assert quick == bits(step())


@compiled
@given(st.one_of(diary(answers), diary(measured)), st.integers(1, 100), st.integers(1, 5))
def test_looking_back(values: Any, days: int, at_least: int) -> None:
    agree(lambda: windows.trailing(values, days))
    agree(lambda: windows.mean_of_last(values, days, at_least))
    agree(lambda: windows.lowest(values, days))


@compiled
@settings(max_examples=200)
@given(
    st.one_of(diary(answers), diary(measured)),
    st.randoms(use_true_random=False),
    st.integers(2, 45),
    st.integers(1, 30),
    st.integers(1, 14),
)
def test_the_usual(values: Any, random: Any, size: int, lag: int, at_least: int) -> None:
    frozen = np.array([[random.random() < 0.2 for _ in row] for row in values])
    quantity, past = Quantity(values, size, lag, min(at_least, size)), Past(np.full(len(values), values.shape[1]))
    agree(lambda: reference(quantity, frozen, past, "it"))
    start = random.randrange(values.shape[1])
    window = Window(np.array([len(values) - 1]), np.array([start]), values.shape[1] - start, min(start, 5))
    own = past.choose(window.rows)
    agree(lambda: reference(quantity, frozen[-1:], own, "it", window))


@compiled
@given(diary(answers), st.randoms(use_true_random=False))
def test_answers_judged(worse: Any, random: Any) -> None:
    past = Past(np.full(len(worse), worse.shape[1]))
    restart = np.array([random.choice([np.nan, 10.0]) for _ in worse])
    quantity = Quantity(worse, 42, 14, 14)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(baseline, "FEW_ATHLETES", random.choice([0, 100]))
        agree(lambda: slow_anchor(worse, restart, past, "it"))
        own = reference(quantity, np.zeros(worse.shape, dtype=bool), past, "it")
        slow = slow_anchor(worse, restart, past, "it")
        agree(lambda: judge_answers(worse, True, own, slow))
        agree(lambda: judge_answers(worse, False, Reference(own.middle, own.middle), slow))


@compiled
@given(
    arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 40), st.just(15)), elements=st.floats(0, 1)),
    st.randoms(use_true_random=False),
)
def test_evidence_and_belief(strength: Any, random: Any) -> None:
    strength = np.where(strength < 0.1, np.nan, strength)
    quality = np.where(strength < 0.2, np.nan, np.full(strength.shape, 0.5))
    agree(lambda: log_evidence(strength, quality))
    agree(lambda: log_evidence(strength))
    evidence = log_evidence(strength, quality).log_lik
    risk = 0.2 + 3.0 * np.nan_to_num(strength[..., 0])
    flags = [np.array([[random.random() < 0.3 for _ in row] for row in strength]) for _ in range(2)]
    gate = np.array([random.choice([0, 27, 40]) for _ in strength])
    agree(lambda: filter_states(evidence, risk, *flags, np.array([0.1, 0.3, 0.5, 0.1]), gate))


@compiled
@given(diary(answers), st.randoms(use_true_random=False))
def test_signs_that_persist_and_speak(values: Any, random: Any) -> None:
    answered, bad = ~np.isnan(values), values > 2.0
    table = branches.persistence_table(random.choice([7, 20]))
    agree(lambda: windows.persisting(bad, answered, table, 7, 3))
    strength, *_ = windows.persisting(bad, answered, table, 7, 3)
    found = [
        branches.Branch("one", strength, worth, weight)
        for worth, weight in ((1.0, 0.5), (np.where(bad, 0.4, 1.0), 1.0), (1.0, np.where(answered, 0.2, 1.0)))
    ]

    def joined() -> Any:
        sign = branches.join(found, np.empty(values.shape), np.empty(values.shape))
        return sign.strength, sign.quality, sign.spoke

    agree(joined)


@compiled
@given(diary(measured), st.randoms(use_true_random=False), st.integers(1, 4), st.sampled_from([1.0, 3.0, 40.0]))
def test_windows_of_sessions(values: Any, random: Any, least: int, days: float) -> None:
    """Several sessions of one instant, days without any, and one athlete after another."""
    row = values.ravel()
    athlete = np.repeat(np.arange(len(values)), values.shape[1])
    gaps = np.array([random.choice([0, 0, 3_600, 86_400, 500_000]) for _ in row])
    axis = Axis.of(athlete, np.where(np.arange(row.size) % values.shape[1] == 0, 0, gaps).cumsum())
    agree(lambda: axis.median(row, days, least))
    agree(lambda: axis.before(row, days))
    x = [np.sin(row / 50.0), np.cos(row / 70.0)]
    targets = np.sort(np.array([random.randrange(row.size) for _ in range(5)]))

    def fitted() -> Any:
        fits = fit(axis, row, x, targets, days=days, least=least, least_sd=0.1)
        return fits.rows, fits.sd, fits.half, *fits.root

    agree(fitted)


@compiled
@given(st.lists(st.integers(-9, 9)), st.lists(st.integers(-12, 12)), st.booleans())
def test_places_among_rising_numbers(keys: list[int], wanted: list[int], after: bool) -> None:
    agree(lambda: places(np.sort(np.array(keys, dtype=np.int64)), np.array(wanted, dtype=np.int64), after=after))


@compiled
def test_days_of_a_crowd() -> None:
    found = []
    tables = made_panel(40, 300, seed=5)
    with pytest.MonkeyPatch.context() as patch:
        for ready in (True, False):
            patch.setattr(steps, "READY", ready)
            found.append(fl.daily(*tables))
    assert found[0].equals(found[1], null_equal=True)


@compiled
@pytest.mark.parametrize("kept", [1.0, 0.4])
def test_verdicts_and_what_is_carried(kept: float) -> None:
    """Whole diaries, with references held in weeks of excessive fatigue, and going on from a carry."""
    days = made_days(25, 500, seed=11).sample(fraction=kept, seed=3)
    earlier, later = (days.filter(test) for test in (pl.col("date") < days["date"].max(), True))
    later = later.join(earlier, on=["athlete", "date"], how="anti")
    found = []
    with pytest.MonkeyPatch.context() as patch:
        for ready in (True, False):
            patch.setattr(steps, "READY", ready)
            judged, carry = assess_from(None, earlier)
            found.append((fl.assess(days), judged, carry, *assess_from(carry, later)))
    for quick, plain in zip(*found, strict=True):
        assert quick.equals(plain, null_equal=True)
    assert found[0][0].get_column("p_excessive").max() > 0.5  # type: ignore[operator]


@compiled
def test_arrays_that_do_not_fit_are_refused() -> None:
    """What is done in C would read beyond their ends."""
    flags = np.ones((2, 5), dtype=bool)
    with pytest.raises(ValueError, match="different shapes"):
        steps.counts(flags, flags[:, :3], 2, 1)
    with pytest.raises(ValueError, match="different shapes"):
        steps.persisting(flags, flags[:1], branches.persistence_table(7), 7, 3)
    with pytest.raises(ValueError, match="smaller than"):
        steps.persisting(flags, flags, branches.persistence_table(3), 7, 3)


def test_without_a_compiler_everything_works_as_before(tmp_path: Path) -> None:
    """The package as it is where nothing was compiled, or from another source than the one beside it."""
    copy = tmp_path / "freshlegs"
    shutil.copytree(ROOT / "src/freshlegs", copy, ignore=shutil.ignore_patterns("_steps_*", "__pycache__"))
    code = (
        "import freshlegs as fl; from freshlegs import steps; from freshlegs.synthetic import made_days;"
        "print(steps.__file__, steps.READY, fl.assess(made_days(2, 60, seed=1)).hash_rows(seed=1).sum())"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True, env={"PYTHONPATH": "."}
    ).stdout.split()
    assert told[0].startswith(str(tmp_path))
    assert told[1:] == ["False", str(fl.assess(made_days(2, 60, seed=1)).hash_rows(seed=1).sum())]


@compiled
def test_every_step_compiles_without_a_warning(tmp_path: Path) -> None:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler here")
    source = ROOT / "src/freshlegs/steps/steps.c"
    flags = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-fPIC", "-shared"]
    subprocess.run([compiler, *flags, str(source), "-o", str(tmp_path / "steps.so"), "-lm"], check=True)


WATCHED = """
import polars as pl, freshlegs as fl
from freshlegs import steps
from freshlegs.fatigue import assess_from
from freshlegs.synthetic import made_days, made_panel

assert steps.READY
fl.assess(fl.daily(*made_panel(20, 400, seed=7)))
for kept in (1.0, 0.3, 0.05):
    days = made_days(30, 300, seed=3).sample(fraction=kept, seed=1)
    last = days["date"].max()
    _, carry = assess_from(None, days.filter(pl.col("date") < last))
    assess_from(carry, days.filter(pl.col("date") == last))
for athletes, length in ((1, 1), (3, 2), (30, 8)):
    fl.assess(made_days(athletes, length, seed=1))
"""


@compiled
@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the compiler's own guard is looked for as Linux has it")
def test_no_step_reaches_beyond_its_arrays(tmp_path: Path) -> None:
    """Compiled with the compiler's guards for memory and undefined behaviour; they end the process that breaks them."""
    shutil.copytree(ROOT / "src/freshlegs", tmp_path / "freshlegs", ignore=shutil.ignore_patterns("_steps_*", "*.pyc"))
    source = tmp_path / "freshlegs/steps/steps.c"
    target = source.with_name(f"_steps_{blake2b(source.read_bytes(), digest_size=8).hexdigest()}.so")
    guards = ["-fsanitize=address,undefined", "-fno-sanitize=float-divide-by-zero", "-fno-sanitize-recover=all"]
    made = ["gcc", "-std=c11", "-O1", "-g", "-fPIC", "-shared", "-ffp-contract=off", *guards, str(source)]
    if shutil.which("gcc") is None or subprocess.run([*made, "-o", str(target), "-lm"], capture_output=True).returncode:
        pytest.skip("no gcc with its guards here")
    libraries = [
        subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True, check=True).stdout.strip()
        for name in ("libasan.so", "libubsan.so")
    ]
    around = {"LD_PRELOAD": " ".join(libraries), "ASAN_OPTIONS": "detect_leaks=0", "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", WATCHED], env=around, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
