"""``profile --ask``: the few things that decide which advice fits, each with its why, each to be skipped."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from freshlegs import values
from freshlegs.cli import prompting
from freshlegs.cli.output import hint
from freshlegs.problems import WrongRequest

if TYPE_CHECKING:
    from freshlegs.diary import Diary

YES_NO: Final = (("yes", "yes"), ("no", "no"))
CYCLES: Final = (
    ("natural", "natural"),
    ("hormonal", "hormonal"),
    ("none", "none"),
    ("perimenopause", "perimenopause"),
    ("pregnant", "pregnant"),
    ("after a birth", "postpartum"),
    ("not to be asked", "off"),
)

WHY: Final[dict[str, tuple[str, str]]] = {
    "birth_date": (
        "Birth date",
        "Under 18 you get explanations and whom to talk to, and no training advice. Heart rates are judged by age.",
    ),
    "cycle": (
        "Cycle",
        "Whether missed periods can be a sign. In pregnancy and after a birth, advice goes by your midwife or doctor.",
    ),
    "hr_medication": (
        "Medication that changes heart rate, such as beta blockers",
        "Heart rate then says something else, so its signs are left out.",
    ),
    "chronic_condition": (
        "A condition that a doctor follows",
        "Advice then goes by that doctor first.",
    ),
}


def ask_gates(diary: Diary, today: date) -> dict[str, Any]:
    """Ask what is open, keep what is answered; Enter skips, Ctrl-D ends early. What was skipped is not asked again."""
    if not prompting.can_ask():
        raise WrongRequest("--ask needs a terminal; write for example: freshlegs profile --set birth_date=1985-03-12")
    given: dict[str, Any] = {}
    hint("These decide which advice fits you. Enter skips; nothing leaves this machine.")
    try:
        for key in diary.gates():
            question, why = WHY[key]
            hint(f"\n{why}")
            answer = _ask(key, question, today)
            if answer is not None:
                given[key] = answer
    except EOFError:
        hint("")
    if given:
        diary.set_profile(**given)
    diary.gates_asked()
    return given


def _ask(key: str, question: str, today: date) -> Any:
    if key == "birth_date":
        return _birth(question, today)
    if key == "cycle":
        return prompting.choose(question, CYCLES)
    answer = prompting.choose(f"{question}?", YES_NO)
    return None if answer is None else answer == "yes"


def _birth(question: str, today: date) -> date | None:
    while True:
        text = prompting.prompt(f"{question}  (1985-03-12): ")
        if not text:
            return None
        try:
            born = values.day(text, today)
        except WrongRequest as error:
            hint(f"  {error}")
            continue
        if born < today:
            return born
        hint("  that lies ahead")
