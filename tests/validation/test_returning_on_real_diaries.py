"""How soon signs end, on real people's diaries with each person left out: better than the plain rate, no more."""

from pathlib import Path

from validation import returning


def test_the_end_of_signs_is_told_better_than_by_the_rate_of_others(diaries: Path) -> None:
    found = returning.scores(returning.mornings(diaries))
    assert found[3]["mornings"] > 200
    for days in (1, 3, 7):
        assert found[days]["left_out"] < found[days]["plain_rate"]
        assert found[days]["as_it_stands"] < found[days]["plain_rate"]
