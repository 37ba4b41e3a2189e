"""Delimited text (CSV) as it comes from anywhere: byte-order marks, commas, semicolons or tabs, quoted newlines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from freshlegs.importers.contract import HEAD_BYTES
from freshlegs.problems import Problem, UnreadableFile

LARGEST_B: Final = 64 * 2**20
"""Ten thousand days of answers are 2 MB; nothing larger is a diary."""

ROWS_AT_MOST: Final = 200_000

COLUMNS_AT_MOST: Final = 5_000
CELLS_AT_MOST: Final = 5_000_000
"""Cells take sixty bytes each; a diary of thirty years with fifty columns has half a million."""

PROBLEMS_AT_MOST: Final = 50
"""Faults told one by one; the rest of them is counted."""

DELIMITERS: Final = (",", ";", "\t", "|")
_TRIED_ROWS: Final = 6


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of texts: its header, and its rows with the line each begins on."""

    header: tuple[str, ...]
    rows: list[tuple[int, list[str]]]
    delimiter: str


def decoded(data: bytes) -> str:
    """Bytes as text: by their byte-order mark, else UTF-8, else Windows' western encoding."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _head_rows(head: bytes) -> list[list[str]]:
    """The rows at the beginning of a file, without one that may be cut; none when it is no text."""
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in head and not wide:
        return []
    text = decoded(head[: len(head) // 2 * 2] if wide else head).lstrip("\ufeff\r\n")
    if text[:1] in ("", "{", "[", "<"):
        return []
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text.split("\n", 1)[0])))
    except csv.Error:
        return []
    whole = rows if len(head) < HEAD_BYTES else rows[:-1]
    return [row for row in whole if any(cell.strip() for cell in row)]


def header_of(head: bytes) -> tuple[str, ...]:
    """The column names of a file that begins with ``head``; empty when it does not look like a table of text."""
    rows = _head_rows(head)
    if not rows or len(rows[0]) < 2 or not all(name.strip() for name in rows[0][:2]):
        return ()
    return tuple(name.strip() for name in rows[0])


def looks_like_table(head: bytes) -> bool:
    """Whether the first rows have two columns or more, and the same number of them."""
    header = header_of(head)
    rows = _head_rows(head)[1:_TRIED_ROWS]
    return len(header) > 0 and len(rows) > 0 and all(len(row) == len(header) for row in rows)


def delimiter_of(line: str) -> str:
    """The delimiter that occurs most often outside quotes.

    >>> delimiter_of('date;"a, b, c";mood')
    ';'
    """
    bare = "".join(line.split('"')[::2])
    return max(DELIMITERS, key=bare.count)


def sheet(data: bytes, delimiter: str | None = None) -> Sheet:
    """The whole table; UnreadableFile when it is none, or larger than any diary."""
    if len(data) > LARGEST_B:
        raise UnreadableFile(f"the table is larger than any diary ({LARGEST_B // 2**20} MB)")
    text = decoded(data)
    if delimiter is None:
        first = next((line for line in text.splitlines() if line.strip()), "")
        delimiter = delimiter_of(first)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[tuple[int, list[str]]] = []
    try:
        begins, held = 1, 0
        for row in reader:
            held += len(row)
            if len(row) > COLUMNS_AT_MOST or held > CELLS_AT_MOST:
                raise UnreadableFile(
                    f"the table has more than {COLUMNS_AT_MOST:,} columns, or more cells than any diary"
                )
            if any(cell.strip() for cell in row):
                rows.append((begins, row))
            if len(rows) > ROWS_AT_MOST:
                raise UnreadableFile(f"the table has more than {ROWS_AT_MOST:,} lines, more than any diary")
            begins = reader.line_num + 1
    except csv.Error as error:
        if not rows:
            raise UnreadableFile(f"the table cannot be read: {error}") from None
    if not rows:
        raise UnreadableFile("the table is empty")
    return Sheet(tuple(name.strip() for name in rows[0][1]), rows[1:], delimiter)


def brief(text: str, most: int = 40) -> str:
    r"""A text of a file as it may stand in a sentence: on one line, printable, not long.

    >>> brief("two\nlines")
    'two lines'
    """
    line = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * most])
    line = " ".join(line.split())
    return line if len(line) <= most else f"{line[:most]}…"


def cells(row: Sequence[str], header: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Column name and trimmed text of each filled cell; cells beyond the header are left out."""
    for name, cell in zip(header, row, strict=False):
        text = cell.strip()
        if text:
            yield name, text


class Faults:
    """Problems of one file, the first fifty one by one and the others counted."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._listed: list[Problem] = []
        self._more = 0
        self._once: set[str] = set()

    def add(self, where: str, message: str, *, lost: bool = True) -> None:
        """Note a fault in a place; usually a value or a line is lost by it."""
        if len(self._listed) < PROBLEMS_AT_MOST:
            self._listed.append(Problem(self._source, brief(where, 200), message, lost=lost))
        else:
            self._more += 1

    def once(self, message: str, where: str = "", *, lost: bool = False) -> None:
        """Note something that holds for the whole file, the first time it is met; usually nothing is lost by it."""
        if message not in self._once:
            self._once.add(message)
            self._listed.append(Problem(self._source, where, message, lost=lost))

    def listed(self) -> list[Problem]:
        """All of them, ready to be shown."""
        if not self._more:
            return list(self._listed)
        return [
            *self._listed,
            Problem(self._source, "", f"{self._more:,} more values or lines were left out", lost=True),
        ]
