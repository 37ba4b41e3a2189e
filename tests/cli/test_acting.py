"""``actions`` and ``action``: what became of the advice, from the command line."""

import pytest

from .conftest import Run


def test_an_action_is_listed_marked_and_taken_back(run: Run) -> None:
    run("checkin", "energy=6", "stress=8")
    listed = run("actions", "--json").document["actions"]
    assert {action["mark"] for action in listed} == {None}
    name = listed[-1]["id"]
    assert f"{name} skipped" in run("action", "skipped", name).out
    assert run("actions", "--json").document["actions"][-1]["mark"] == "skipped"
    assert run("today", "--json").document["marks"] == {name: "skipped"}
    assert f"{name} (skipped)" in run("actions").out.replace("\n", " ")
    assert "Taken back" in run("action", "undo", name).out
    assert run("today", "--json").document["marks"] == {}


def test_not_for_me_is_said_with_the_way_back(run: Run) -> None:
    run("checkin", "energy=6", "stress=8")
    assert "freshlegs action undo stress_drop_one takes that back" in run("action", "not-for-me", "stress_drop_one").out
    document = run("actions", "--json").document
    assert "stress_drop_one" not in [action["id"] for action in document["actions"]]
    assert [one["id"] for one in document["not_for_me"]] == ["stress_drop_one"]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("dne", "nap"), 2, "did you mean done?"),
        (("done", "naps"), 2, "did you mean nap?"),
        (("not-for-me", "excessive_rest"), 2, "may be skipped, and stays"),
        (("undo", "nap"), 3, "nothing was said of 'nap'"),
        (("done", "nap", "--date", "2999-01-01"), 2, "lies in the future"),
    ],
)
def test_slips_are_answered_in_a_sentence(run: Run, words: tuple[str, ...], code: int, says: str) -> None:
    said = run("action", *words)
    assert (said.code, said.out) == (code, "")
    assert says in said.err
