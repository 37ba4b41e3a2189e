"""Where words go: people's text and JSON to standard output, progress and hints to standard error."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from freshlegs.cli.ascii import ASCII
from freshlegs.plain import plain
from freshlegs.vocabulary import MONTHS, WEEKDAYS

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

WIDEST: Final = 96
"""Columns of text at most: longer lines are hard to read."""

SIDE_BY_SIDE: Final = 64
"""A label stands beside its text from this width on, above it below."""

CUT: Final = 20
"""Columns to which the last column of a table may be cut."""

LONG_WORD: Final = 30
"""No word is longer than this; what is, is a path."""

LABEL: Final = 14
"""Columns of a label."""

_HANDLER: Final = "freshlegs"


def _stand_in(error: UnicodeError) -> tuple[str, int]:
    """A readable stand-in for what the terminal's encoding lacks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    return "".join(ASCII.get(character, "?") for character in lost), error.end


def open_streams() -> None:
    """Let standard output and error replace what they cannot encode, so that no terminal makes a crash."""
    codecs.register_error(_HANDLER, _stand_in)
    for name in ("stdout", "stderr"):  # None when the shell closed it
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=_HANDLER)


def is_utf8() -> bool:
    """Whether standard output can show every character."""
    return (getattr(sys.stdout, "encoding", None) or "ascii").lower().replace("-", "") == "utf8"


def emit(document: Mapping[str, Any]) -> None:
    """Print one JSON document, the only thing on standard output; ``schema_version`` stands first."""
    sys.stdout.write(as_json(document) + "\n")


def as_json(document: Mapping[str, Any]) -> str:
    """The document as text, with ``schema_version`` first."""
    import json

    from freshlegs.vocabulary import SCHEMA_VERSION

    whole = {"schema_version": SCHEMA_VERSION, **{k: v for k, v in document.items() if k != "schema_version"}}
    return json.dumps(plain(whole), ensure_ascii=not is_utf8(), indent=2, allow_nan=False)


def hint(text: str) -> None:
    """One line for people on standard error."""
    sys.stderr.write(text + "\n")


def console(*, error: bool = False) -> Console:
    """A terminal to print to: no wider than is easy to read; colours by the terminal and NO_COLOR."""
    from rich.console import Console

    class Plain(Console):
        def on_broken_pipe(self) -> None:  # Rich itself would leave with exit code 1: some input was refused
            raise BrokenPipeError

    stream = sys.stderr if error else sys.stdout
    made = Plain(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=False)
    made.width = max(20, min(made.width, WIDEST))
    return made


Paragraph: TypeAlias = "Text | str | tuple[str, Text | str]"


class Page:
    """A text page: labels in the left margin, paragraphs beside them (above them on a narrow terminal)."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.wide = console.width >= SIDE_BY_SIDE

    def blank(self) -> None:
        """An empty line."""
        self.console.print()

    def line(self, text: Text | str, style: str = "") -> None:
        """A paragraph over the whole width."""
        from rich.text import Text

        whole = text.copy() if isinstance(text, Text) else Text(text, style=style)
        for line in whole.wrap(self.console, self.console.width):
            line.rstrip()
            self.console.print(line, soft_wrap=True)

    def section(self, label: str, paragraphs: Sequence[Paragraph]) -> None:
        """A label once, and its paragraphs, each wrapped beside it.

        A paragraph is text, or a mark and a text: then the text hangs behind its mark.
        """
        from rich.text import Text

        if not paragraphs:
            return
        margin = LABEL if self.wide else 2
        if not self.wide and label:
            self.console.print(Text(label, style="bold"))
        for index, paragraph in enumerate(paragraphs):
            mark, body = paragraph if isinstance(paragraph, tuple) else ("", paragraph)
            text = body.copy() if isinstance(body, Text) else Text(body)
            lines = _wrapped(self.console, text, max(10, self.console.width - margin - len(mark)))
            for number, line in enumerate(lines):
                line.rstrip()
                head = label if self.wide and index == number == 0 else ""
                left = Text()
                left.append(f"{head} ".ljust(margin) if head else " " * margin, style="bold")
                left.append(mark if number == 0 else " " * len(mark))
                self.console.print(left + line, soft_wrap=True)


def _wrapped(console: Console, text: Text, width: int) -> Sequence[Text]:
    """The text in lines; one with a path longer than a line stays whole, so that it can be copied."""
    longest = max((len(word) for word in text.plain.split()), default=0)
    return [text] if longest > max(width, LONG_WORD) else list(text.wrap(console, width))


@dataclass(frozen=True, slots=True)
class Head:
    """A column of a printed table: its title; numbers stand ``right``; those kept least go first when it is narrow."""

    title: str
    right: bool = False
    keep: int = 9


def print_table(console: Console, heads: Sequence[Head], rows: Sequence[Sequence[Text | str]]) -> None:
    """A table without lines, as wide as the terminal at most: columns go by ``keep``, then the last one is cut."""
    from rich.text import Text

    cells = [[cell if isinstance(cell, Text) else Text(cell) for cell in row] for row in rows]
    used = list(range(len(heads)))
    wide = [max([len(head.title), *(row[n].cell_len for row in cells)]) for n, head in enumerate(heads)]
    while _needed(used, heads, wide) > console.width and min(heads[n].keep for n in used) < 9:
        used.remove(min(used, key=lambda n: (heads[n].keep, -n)))
    last = used[-1]
    wide[last] = max(1, min(wide[last], console.width - sum(wide[n] + 2 for n in used[:-1])))
    titles = [Text(head.title, style="bold") for head in heads]
    for row in [titles, *cells]:
        line = Text()
        for n in used:
            cell = row[n].copy()
            cell.truncate(wide[n], overflow="ellipsis")
            gap = " " * (wide[n] - cell.cell_len)
            line += Text(gap) + cell if heads[n].right else cell + Text(gap)
            line.append("" if n == last else "  ")
        line.rstrip()
        console.print(line, soft_wrap=True)


def _needed(used: Sequence[int], heads: Sequence[Head], wide: Sequence[int]) -> int:
    """The width of these columns; a last column of words may be cut."""
    last = used[-1]
    end = wide[last] if heads[last].right else min(wide[last], CUT)
    return sum(wide[n] + 2 for n in used[:-1]) + end


def day_words(value: date | str | None, *, year: int | None = None) -> str:
    """A day as people say it; the year only when it is not ``year``.

    >>> day_words(date(2026, 5, 4)), day_words("2026-05-04", year=2026)
    ('4 May 2026', '4 May')
    """
    if value is None:
        return "?"
    day = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    words = f"{day.day} {MONTHS[day.month - 1]}"
    return words if day.year == year else f"{words} {day.year}"


def weekday(value: date | str) -> str:
    """The name of the day of the week.

    >>> weekday("2026-05-04")
    'Monday'
    """
    day = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    return WEEKDAYS[day.weekday()]


def count(number: int, thing: str) -> str:
    """A number with its thing, in the right form.

    >>> count(1, "run"), count(1200, "night")
    ('1 run', '1,200 nights')
    """
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
