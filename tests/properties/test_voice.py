"""The voice: what users read holds no blame, no streaks, no diagnosis, no praise of weight loss, no shouting."""

import ast
import re
import tomllib
from itertools import product
from pathlib import Path

import pytest

ROOMS = [Path(__file__).resolve().parents[2] / "src" / "freshlegs" / room for room in ("recovery", "fatigue", "report")]

UNWELCOME = {
    "shouting": [r"!"],
    "belittling": [r"\bonly\b", r"\bmerely\b", r"\bsimply\b"],
    "blame": [
        r"\bfail(ed|ure|s)?\b",
        r"you should have",
        r"\blazy\b",
        r"\bfault\b",
        r"\bguilty\b",
        r"\bexcuses?\b",
        r"you didn.t",
        r"\bcheat",
    ],
    "streaks": [r"\bstreaks?\b", r"leaderboard", r"\bbadges?\b", r"keep it up", r"goal of the week"],
    "a diagnosis": [
        r"\byou(.re| are) (overtrained|depressed|anaemic|sick with|ill with)",
        r"\byou have (an? )?(overtrain|depress|anaem|infection|disease)",
        r"(?<!\bno )\bdiagnos",
        r"\bsyndrome\b",
        r"(?-i:\bREDs?\b|\bOTS\b|\bNFOR\b)",
        r"\banaemia\b|\bdepression\b|\bmyocarditis\b|\banorexia\b",
    ],
    "praise of weight loss": [
        r"(great|good|well done|nice|congratulations|bravo)[^.]{0,40}\b(weight|lighter|kilos)\b",
        r"\b(lost|lose|losing) weight\b[^.]{0,30}\b(great|good|well)\b",
        r"race weight",
    ],
    "pushing through": [r"no pain no gain", r"push through", r"toughen"],
    "calories": [r"\bkcal\b", r"\bcalories?\b"],
}


def breaks(kind, text):
    return any(re.search(pattern, text, re.IGNORECASE) for pattern in UNWELCOME[kind])


def spoken(text):
    """Whether a string is prose for people: several words, among them ordinary ones."""
    words = text.split()
    return len(words) >= 3 and sum(bool(re.fullmatch(r"[a-z]{2,}[,.;:]?", word)) for word in words) >= 2


def _docstrings(tree):
    nodes = (n for n in ast.walk(tree) if isinstance(n, (ast.Module, ast.ClassDef, ast.FunctionDef)))
    bodies = [node.body for node in nodes]
    # a bare string after a statement documents it (attribute docstrings)
    return {
        id(s.value) for body in bodies for s in body if isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant)
    }


def _raised(tree):
    raises = [n for n in ast.walk(tree) if isinstance(n, ast.Raise)]
    return {id(n) for raising in raises for n in ast.walk(raising) if isinstance(n, ast.Constant)}


def of_python(path):
    tree = ast.parse(path.read_text("utf-8"))
    silent = _docstrings(tree) | _raised(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node.lineno, node.value


def of_table(path):
    def leaves(tree):
        for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            if isinstance(value, (dict, list)):
                yield from leaves(value)
            elif isinstance(value, str) and key not in ("source", "label", "id"):
                yield value

    return ((0, text) for text in leaves(tomllib.loads(path.read_text("utf-8"))))


def texts():
    for room in ROOMS:
        for path in sorted(room.rglob("*.py")):
            yield from ((path.name, line, text) for line, text in of_python(path) if spoken(text))
        for path in sorted(room.rglob("*.toml")):
            yield from ((path.name, line, text) for line, text in of_table(path) if spoken(text))


def test_there_is_something_to_read():
    found = list(texts())
    assert len(found) > 100
    assert any(name == "actions.toml" for name, _, _ in found)
    assert any(name == "rules.py" for name, _, _ in found)


@pytest.mark.parametrize("kind", UNWELCOME)
def test_no_text_of_recovery_or_fatigue_speaks_like_this(kind):
    said = [f"{name}:{line}: {text}" for name, line, text in texts() if breaks(kind, text)]
    assert said == []


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("shouting", "That was a great run today!"),
        ("belittling", "You ran only three times this week."),
        ("blame", "You failed to reach the goal of the week."),
        ("streaks", "A streak of four good nights, keep going."),
        ("a diagnosis", "You have overtraining syndrome, see a doctor."),
        ("praise of weight loss", "Well done, your weight is down again."),
    ],
)
def test_the_test_would_notice(kind, sentence):
    assert spoken(sentence)
    assert breaks(kind, sentence)


def test_weight_and_food_numbers_are_not_spoken_of_without_being_asked():
    """Every action that holds a figure about food or weight needs the runner's wish to see it."""
    table = tomllib.loads((ROOMS[0] / "actions.toml").read_text("utf-8"))["action"]
    for action, field in product(table, ("what", "why", "not_if")):
        if re.search(r"\d[^.]{0,12}\b(?:g|kg|kcal)\b", action.get(field, "")):
            assert "shows_energy" in action["needs"], action["id"]
