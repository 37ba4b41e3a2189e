"""The verdict as a page of text: first the sentence, then what to do, then how sure and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from freshlegs import words
from freshlegs.cli.output import LABEL, Page, Paragraph, day_words, weekday
from freshlegs.look import ALARM, QUIET, look
from freshlegs.telling import (
    MOST_ACTIONS,
    PRESENT,
    SMALL_SHARE,
    beyond_normal,
    how_sure,
    percent,
    present_signs,
    stands_out,
)

if TYPE_CHECKING:
    from rich.console import Console

Document = Mapping[str, Any]
BAR: Final = 10
MOST_SIGNS: Final = 6
"""Signs with their reasons; the others are named."""

MOST_GAPS: Final = 3
"""What is not known, in so many lines; the rest is named."""


def print_verdict(console: Console, document: Document) -> None:
    """The whole verdict, as ``freshlegs today`` prints it. ``document`` is the one of ``today --json``."""
    page = Page(console)
    year = date.fromisoformat(str(document["date"])[:10]).year
    if print_flags(console, document):
        return
    _headline(page, document, year)
    _actions(page, document.get("actions") or ())
    _certainty(page, document, year)
    _signs(page, document.get("signs") or (), year)
    if document["state"] not in ("fresh", "insufficient_data"):
        _causes(page, document.get("causes") or ())
    _rules(page, document.get("rules") or ())
    informing = [flag for flag in document.get("red_flags") or () if flag.get("urgency") == "inform"]
    page.section("Worth knowing", [str(flag.get("what", "")) for flag in informing])
    if document.get("notes"):
        page.section("Beside that", [str(note) for note in document["notes"]])
    _unknown(page, document.get("unknown") or ())
    _outlook(page, document, year)
    _asked_back(page, document)


def print_flags(console: Console, document: Document) -> bool:
    """What stands above everything; whether it is an emergency, which takes the place of all advice."""
    from rich.text import Text

    page = Page(console)
    flags = [flag for flag in document.get("red_flags") or () if flag.get("urgency") != "inform"]
    emergency = [flag for flag in flags if flag.get("urgency") == "emergency"]
    for flag in emergency or flags:
        label = URGENCY.get(str(flag.get("urgency")), "SEE A DOCTOR")
        page.section(label, [Text(str(flag.get("what", "")), style=f"bold {ALARM}")])
    if flags:
        page.blank()
    if emergency:
        page.section("Until then", ["No training advice is given while this stands."])
        page.section("", ["If it was a slip: freshlegs checkin --undo"])
    return bool(emergency)


def one_line(document: Document) -> str:
    """State and its share in a few words: ``△ Watch: normal, but look closer (31 % excessive)``.

    >>> one_line({"state": "insufficient_data", "probabilities": None})
    '▒ Not enough data'
    """
    seen = look(str(document["state"]))
    beyond = beyond_normal(document)
    share = "" if beyond is None else f" ({percent(beyond)} beyond normal)"
    return f"{seen.shape} {seen.word}{share}"


URGENCY: Final[dict[str, str]] = {"emergency": "NOW", "same_day": "TODAY", "same_week": "THIS WEEK"}


def _headline(page: Page, document: Document, year: int) -> None:
    from rich.text import Text

    seen = look(str(document["state"]))
    title = Text()
    title.append(f"{seen.shape} {seen.word}", style=f"bold {seen.colour}")
    title.append(f"   {weekday(str(document['date']))} {day_words(str(document['date']))}", style=QUIET)
    page.line(title)
    if document.get("headline"):
        page.line(str(document["headline"]), style="bold")
    if document.get("retrospective"):
        page.line("Looking back: this day lies before the diary began.", style=QUIET)
    if document.get("from_memory"):
        told = day_words(document.get("told_on"), year=year)
        page.line(f"As you told it on {told}. Each morning's answers take the place of it.", style=QUIET)
    page.blank()


def _actions(page: Page, actions: Sequence[Document]) -> None:
    """Up to three, under the time they are meant for."""
    from rich.text import Text

    by_time: dict[str, list[Paragraph]] = {}
    for action in actions[:MOST_ACTIONS]:
        text = Text(str(action.get("what", "")))
        when = _capital(str(action.get("when") or "").replace("_", " "))
        if len(when) >= LABEL:
            text, when = Text(f"{when}: ") + text, ""
        by_time.setdefault(when, []).extend([text, Text(_why_this(action), style=QUIET)])
    for when, texts in by_time.items():
        page.section(when, texts)
    if actions:
        page.blank()


def _why_this(action: Document) -> str:
    """Why, for what, how well it is known to help, and when not."""
    meant = [words.name(words.SIGNS, str(action["sign"]))] if action.get("sign") else []
    meant += [f"the cause {words.name(words.CAUSES, str(action['cause']))}"] if action.get("cause") else []
    parts = [f"Why this: {_sentence(str(action['why']))}"] if action.get("why") else []
    parts += [f"For {' and '.join(meant)}."] if meant else []
    if action.get("evidence"):
        parts.append(f"Evidence: {action['evidence']}{', ' if action.get('basis') else ''}{action.get('basis') or ''}.")
    parts += [_sentence(str(action["own"]["text"]))] if action.get("own") else []
    parts += [str(action["not_if"])] if action.get("not_if") else []
    return " ".join(parts)


def _certainty(page: Page, document: Document, year: int) -> None:

    chances = document.get("probabilities")
    if not chances:
        page.section("How sure", ["No probabilities yet: see what is not known."])
        return
    ranked = sorted(chances.items(), key=lambda item: -float(item[1]))
    shown = [
        f"{percent(float(value))} {words.name(words.PROBABILITIES, key)}"
        for key, value in ranked
        if float(value) >= 0.005
    ]
    paragraphs: list[Paragraph] = [f"{how_sure(chances)}: {', '.join(shown)}."]
    if document.get("since") and document.get("state") not in ("fresh", "insufficient_data"):
        days = (_date(document["date"]) - _date(document["since"])).days
        span = "" if days < 1 else f" ({days} day{'' if days == 1 else 's'})"
        paragraphs.append(f"Since {day_words(str(document['since']), year=year)}{span}.")
    page.section("How sure", paragraphs)


def _signs(page: Page, signs: Sequence[Document], year: int) -> None:
    from rich.text import Text

    measured = [sign for sign in signs if sign.get("strength") is not None]
    present = present_signs(signs)
    lines: list[Paragraph] = []
    for sign in present[:MOST_SIGNS]:
        text = Text().append(words.name(words.SIGNS, str(sign["sign"])), style="bold")
        if sign.get("since"):
            text.append(f", since {day_words(str(sign['since']), year=year)}", style=QUIET)
        if sign.get("why"):
            text.append(f": {_sentence(str(sign['why']))}")
        lines.append((strength_mark(float(sign["strength"])) + " ", text))
    others = [words.name(words.SIGNS, str(sign["sign"])) for sign in present[MOST_SIGNS:]]
    if others:
        lines.append(f"Also: {', '.join(others)}.")
    quiet = [words.name(words.SIGNS, str(s["sign"])) for s in measured if float(s["strength"]) <= PRESENT]
    if quiet:
        lines.append(Text(f"Not seen: {', '.join(quiet)}.", style=QUIET))
    missing = [words.name(words.SIGNS, str(s["sign"])) for s in signs if s.get("strength") is None]
    if missing and measured:
        lines.append(Text(f"Not measured: {', '.join(missing)}.", style=QUIET))
    page.section("Signs", lines)


def strength_mark(strength: float) -> str:
    """One to four filled squares for a strength above one half.

    >>> strength_mark(0.55), strength_mark(0.99)
    ('▪   ', '▪▪▪▪')
    """
    filled = min(4, 1 + int((strength - PRESENT) / PRESENT * 4))
    return ("▪" * filled).ljust(4)


def _causes(page: Page, causes: Sequence[Document]) -> None:
    if causes and not stands_out(causes):
        page.section("Likely causes", ["No cause stands out."])
        return
    page.section("Likely causes", cause_lines(causes))


def cause_lines(causes: Sequence[Document], least: float = SMALL_SHARE) -> list[Paragraph]:
    """A bar, a share and the reasons of each cause that has at least this share."""
    from rich.text import Text

    lines: list[Paragraph] = []
    for cause in causes:
        share = float(cause.get("share") or 0.0)
        if share < least:
            continue
        filled = max(1, round(share * BAR))
        text = Text().append(f"{words.name(words.CAUSES, str(cause['cause']))} {percent(share)}", style="bold")
        if cause.get("why"):
            text.append(f": {_sentence(str(cause['why']))}")
        lines.append(("█" * filled + "░" * (BAR - filled) + " ", text))
    return lines


def _rules(page: Page, rules: Sequence[str]) -> None:
    page.section("Rules", [f"{rule}: {words.RULES.get(rule, 'see the reference')}." for rule in rules])


def _unknown(page: Page, unknown: Sequence[Document]) -> None:
    """What is missing and why, the first few; the rest by name."""
    lines: list[Paragraph] = []
    for gap in unknown[:MOST_GAPS]:
        why = str(gap.get("why", "")).split("; ")[0]
        name = words.GROUPS.get(str(gap.get("group")))
        lines.append(_capital(_sentence(why)) if name is None else f"{_capital(name)}: {_sentence(why)}")
    rest = [words.name(words.GROUPS, str(gap.get("group"))) for gap in unknown[MOST_GAPS:]]
    if rest:
        lines.append(f"Also: {'; '.join(rest)}. freshlegs today --json has all reasons.")
    page.section("Not known", lines)


def _outlook(page: Page, document: Document, year: int) -> None:
    if document.get("what_would_change_it"):
        page.section("Would change", [_sentence(str(document["what_would_change_it"]))])
    if document.get("recheck_on"):
        then = str(document["recheck_on"])
        page.section("Look again", [f"On {weekday(then)} {day_words(then, year=year)}."])
    question = document.get("next_question")
    if question:
        page.section("Next question", [f"{question['text']}  freshlegs checkin {question['item']}=…"])


def _asked_back(page: Page, document: Document) -> None:
    """The runner's own record, the question about an earlier verdict, and what is asked once."""
    record = document.get("record") or {}
    if record.get("of"):
        page.section("Your record", [f"Looking back, {record['text']} verdicts."])
    question = document.get("look_back_question")
    if question:
        page.section("Looking back", [f"{question['text']}  freshlegs label {question['date']} right (or wrong)"])
    once = document.get("ask_once")
    if once:
        page.section("Asked once", [str(once["text"])])


def _date(value: Any) -> date:
    return date.fromisoformat(str(value)[:10])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentence(text: str) -> str:
    """With a full stop at its end."""
    text = text.strip()
    return text if text.endswith((".", "!", "?")) or not text else text + "."
