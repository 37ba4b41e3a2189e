"""The model's numbers stand in one table, each with its source; the code of the model holds no other."""

import ast
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from freshlegs.fatigue.parameters import PARAMETERS
from freshlegs.numbers import LABELS

ROOT = Path(str(files("freshlegs.fatigue")))
PLAIN = {0, 1, 2, 0.5, 10, 100}
"""None, one, two and halves; the scale of answers; percent."""

NAMED = {
    "EPOCH", "NEVER", "NONE", "TINY", "GRID", "FEW_D", "WINDOWS_AT_ONCE", "CELLS_AT_ONCE", "LITTLE_MORE", "LAYOUT",
    "DAYS_A_MONTH", "_STATE_COSTS_D", "_ROWS_AT_ONCE", "_FEW_ATHLETES", "_CELLS_AT_ONCE", "_P", "HORIZON_MAX_D", "_FAR",
    "PATHS", "FEW_ATHLETES", "QUANTILES_AT_ONCE", "WORTH_A_PROCESS", "LOT_COSTS_CELLS", "BYTES_AT_ONCE",
    "NIGHTS_AT_ONCE", "FEW_ROWS",
}  # fmt: skip
"""Named numbers that say how something is computed, or what may be asked, and nothing of a runner."""

COMPUTING = {"normal.py", "forecasting.py"}
"""The normal curve; and a tilted distribution, whose steps are its own (its weights stand in the table)."""

WORDING = {
    ("words.py", 0.05), ("words.py", 0.25), ("words.py", 0.45), ("words.py", 0.6), ("words.py", 0.85),
    ("words.py", 0.1), ("assessment.py", 4), ("chain.py", 4), ("filtering.py", 4), ("baseline.py", 13), ("panel.py", 6),
    ("parameters.py", 16),
    ("explaining.py", 1e-12), ("explaining.py", 4), ("body.py", 3), ("efforts.py", 4), ("hazards.py", 3600),
    ("causes.py", 3600), ("decision.py", 6), ("loads.py", 7), ("windows.py", 128), ("past.py", 3),
}  # fmt: skip
"""Words for a chance, seconds of an hour, sizes of arrays and of numbers."""


def numbers(tree: ast.AST) -> Iterator[float]:
    """Bare numbers outside of subscripts and named constants."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Subscript):
            yield from numbers(node.value)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and _names(node) <= NAMED:
            continue
        elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
            yield float(node.value)
        else:
            yield from numbers(node)


def _names(node: ast.Assign | ast.AnnAssign) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return {target.id if isinstance(target, ast.Name) else "" for target in targets}


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_number_of_the_model_stands_in_code(path: Path) -> None:
    if path.name in COMPUTING:
        pytest.skip("computes with numbers of its own")
    strange = {n for n in numbers(ast.parse(path.read_text("utf-8"))) if n not in PLAIN}
    assert {n for n in strange if (path.name, n) not in WORDING} == set()


def test_every_number_has_a_label_and_a_source() -> None:
    for parameter in PARAMETERS.table.values():
        assert parameter.label in LABELS
        assert parameter.source


def test_every_number_is_used() -> None:
    code = "\n".join(path.read_text("utf-8") for path in ROOT.parent.rglob("*.py"))
    dynamic = ("emissions.", "chain.", "causes.", "risk.", "forecast.", "decision.")
    idle = [name for name in PARAMETERS.table if not name.startswith(dynamic) and f'"{name}"' not in code]
    assert idle == []


ADVICE = Path(str(files("freshlegs.recovery")))
COUNTS = {
    "MOST", "MOST_PASSES", "LOOK_BACK_D", "SPAN_D", "YEAR", "LONG", "POINTS_TO_LU", "IN_TURNS", "WITH_TEMPO",
    "WITH_QUALITY", "EASY_STEPS",
}  # fmt: skip
"""Numbers of actions shown, days looked at, a calendar, a unit, the places of steps; flags are a table of their own."""


@pytest.mark.parametrize(
    "path",
    sorted(set(ADVICE.rglob("*.py")) - set((ADVICE / "red_flags").iterdir())),
    ids=lambda path: str(path.relative_to(ADVICE)),
)
def test_no_named_number_of_the_advice_stands_in_code(path: Path) -> None:
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.AnnAssign) and node.value is not None and not _names(node) <= COUNTS:
            bare = ast.Assign(targets=[ast.Name("_")], value=node.value)
            assert not any(type(n) is float or type(n) is int for n in numbers(bare)), ast.unparse(node)


def test_every_number_of_the_advice_has_a_label_and_is_used() -> None:
    from freshlegs.recovery.parameters import PARAMETERS as P

    code = "\n".join(path.read_text("utf-8") for path in ADVICE.parent.rglob("*.py"))
    assert all(parameter.label in LABELS and parameter.source for parameter in P.table.values())
    assert [name for name in P.table if f'"{name}"' not in code] == []


def test_every_number_that_judges_recordings_has_a_label_and_is_used() -> None:
    from freshlegs.metrics.quality import LIMITS, NUMBERS

    code = "\n".join(path.read_text("utf-8") for path in ADVICE.parent.rglob("*.py"))
    assert all(parameter.label in LABELS and parameter.source for parameter in NUMBERS.table.values())
    assert {f"quality.{name}" for name in LIMITS.__slots__} == {n for n in NUMBERS.table if n.startswith("quality.")}
    used = {name for name in LIMITS.__slots__ if f"LIMITS.{name}" in code or f"x.{name}" in code}
    assert used == set(LIMITS.__slots__)
    assert [n for n in NUMBERS.section("same_run") if f'_ALIKE["{n}"]' not in code] == []
