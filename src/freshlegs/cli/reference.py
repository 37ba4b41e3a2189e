"""Writes docs/reference from the declared tables, the vocabulary, the model's numbers and the commands.

python -m freshlegs.cli.reference           writes the pages
python -m freshlegs.cli.reference --check   says which are out of date, exit code 1
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Final

NOTE: Final = "<!-- Written by `python -m freshlegs.cli.reference`; change the source, not this page. -->"
PICTURE_FROM: Final = "<!-- picture: written by `python -m freshlegs.cli.reference` -->"
PICTURE_TO: Final = "<!-- end of picture -->"
PICTURE_DAY: Final = "2025-05-04"
HELP: Final = ["-h", "--help"]
LABELS: Final = {
    "V": "checked against the paper, its documentation or source code",
    "R": "recalled from the literature, not checked again",
    "E": "expert judgement or an engineering choice",
    "C": "computed",
}


def pages() -> dict[str, str]:
    """Every reference page: file name to text."""
    return {
        "tables.md": tables_page(),
        "vocabulary.md": vocabulary_page(),
        "commands.md": commands_page(),
        "numbers.md": numbers_page(),
    }


def tables_page() -> str:
    """Every table with its columns."""
    from freshlegs import tables

    parts = [
        _head("Tables", "Every table and column there is. Missing is empty; zero is a number. All units are SI."),
    ]
    for table in tables.ALL:
        parts.append(f"## {table.name}\n\nA row is {table.row_is}.\n")
        parts.append(
            _table(
                ("column", "type", "unit", "range", "meaning"),
                [
                    (f"`{c.name}`" + (" (key)" if c.key else ""), _type(c.dtype), c.unit, _range(c), c.meaning)
                    for c in table.columns
                ],
            )
        )
    return "\n".join(parts)


def vocabulary_page() -> str:
    """The words of the public contract, each with what a runner reads for it."""
    from freshlegs import look, words
    from freshlegs import vocabulary as v

    states = [(f"`{s}`", look.look(s).shape, look.look(s).word, f"`{look.look(s).colour}`") for s in v.STATES]
    signs = [(str(i), f"`{s}`", words.name(words.SIGNS, s), f"`{v.SIGN_GROUP[s]}`") for i, s in enumerate(v.SIGNS, 1)]
    items = [(f"`{i}`", words.name(words.ITEMS, i), _ends(i)) for i in v.MORNING_ITEMS]
    return "\n".join(
        [
            _head("Vocabulary", "The same words in code, JSON and documents."),
            "## States\n",
            _table(("name", "shape", "what a runner reads", "colour"), states),
            "## Signs\n",
            _table(("no.", "name", "in words", "group"), signs),
            "## Causes\n",
            _table(("name", "in words"), [(f"`{c}`", words.name(words.CAUSES, c)) for c in v.CAUSES]),
            "## Tips\n",
            _table(("no.", "name"), [(str(n), f"`{t}`") for n, t in v.TIPS.items()]),
            "## Check-in items from 0 to 10\n",
            _table(("name", "in words", "10 means"), items),
            "## Symptoms\n",
            _table(
                ("name", "in words", "urgency"),
                [
                    (f"`{s}`", words.name(words.WORRYING, s), "now" if s in v.EMERGENCY_SYMPTOMS else "this week")
                    for s in v.SYMPTOMS
                ],
            ),
            "## Sleep habits\n",
            ", ".join(f"`{habit}`" for habit in v.SLEEP_HABITS) + "\n",
            "## Rules\n",
            _table(("rule", "in words"), list(words.RULES.items())),
        ]
    )


def commands_page() -> str:
    """Every command as its own help says it."""
    import click

    from freshlegs.cli.app import freshlegs

    parts = [
        _head(
            "Commands",
            "Exit codes: 0 done; 1 done, but some input was refused; 2 the command line is wrong; "
            "3 nothing could be done; 130 stopped with Ctrl-C.",
        )
    ]

    def add(command: click.Command, name: str, parent: click.Context | None) -> None:
        context = click.Context(
            command, info_name=name, parent=parent, terminal_width=88, max_content_width=88, help_option_names=HELP
        )
        parts.append(f"## {context.command_path}\n\n```text\n{command.get_help(context)}\n```\n")
        for inner in command.commands.values() if isinstance(command, click.Group) else ():
            add(inner, str(inner.name), context)

    add(freshlegs, "freshlegs", None)
    return "\n".join(parts)


def numbers_page() -> str:
    """Every number of the fatigue model and of the advice, with its label and its source."""
    parts = [
        _head(
            "Numbers of the model",
            "Every number that the fatigue model uses, those of the advice and those by which recordings are judged "
            "(the sections so named), and how well each is founded. "
            + "; ".join(f"**{label}** {meaning}" for label, meaning in LABELS.items())
            + ".",
        )
    ]
    for room, file, of in (
        ("freshlegs.fatigue", "parameters.toml", ""),
        ("freshlegs.recovery", "parameters.toml", "advice: "),
        ("freshlegs.metrics", "recordings.toml", "recordings: "),
    ):
        text = resources.files(room).joinpath(file).read_text(encoding="utf-8")
        for name, section in tomllib.loads(text).items():
            parts.extend(_section(f"{of}{name}", section))
    return "\n".join(parts)


def picture() -> str:
    """What ``make demo`` prints of the verdict, for a fixed last morning, on a terminal of 88 columns."""
    from click.testing import CliRunner

    from freshlegs.cli.app import freshlegs

    said = CliRunner().invoke(
        freshlegs, ["demo", "--no-serve", "--date", PICTURE_DAY], env={"COLUMNS": "88", "NO_COLOR": "1", "TERM": "dumb"}
    )
    if said.exit_code != 0:
        raise RuntimeError(said.stderr)
    return said.stdout[said.stdout.index("\n\n") + 2 :]


def readme(text: str) -> str:
    """The README with its picture drawn anew."""
    head, rest = text.split(PICTURE_FROM, 1)
    _, tail = rest.split(PICTURE_TO, 1)
    return f"{head}{PICTURE_FROM}\n```text\n$ make demo\n…\n{picture()}```\n{PICTURE_TO}{tail}"


def _section(name: str, section: Any) -> list[str]:
    entries = [(key, entry) for key, entry in section.items() if isinstance(entry, Mapping) and "value" in entry]
    deeper = [(key, entry) for key, entry in section.items() if isinstance(entry, Mapping) and "value" not in entry]
    parts = [f"## {name}\n"]
    if entries:
        parts.append(
            _table(
                ("number", "value", "label", "source"),
                [
                    (f"`{key}`", _written(entry["value"]), str(entry.get("label", "")), str(entry.get("source", "")))
                    for key, entry in entries
                ],
            )
        )
    for key, entry in deeper:
        parts.extend(_section(f"{name}.{key}", entry))
    return parts


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_written(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ("; " if any(isinstance(item, list) for item in value) else ", ").join(_written(item) for item in value)
    return f"{value:g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def _head(title: str, text: str) -> str:
    return f"# {title}\n\n{NOTE}\n\n{text}\n"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "| " + " | ".join("---" for _ in heads) + " |"]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _type(dtype: Any) -> str:
    from freshlegs import tables

    return {
        tables.NUMBER: "number",
        tables.TEXT: "text",
        tables.YES_NO: "yes or no",
        tables.DAY: "date",
        tables.INSTANT: "instant, UTC",
        tables.WORDS: "list of words",
    }.get(dtype, "whole number")


def _range(column: Any) -> str:
    if column.choices:
        return ", ".join(f"`{choice}`" for choice in column.choices)
    if column.low is None and column.high is None:
        return ""
    low = "" if column.low is None else f"{column.low:,.10g}"
    high = "" if column.high is None else f"{column.high:,.10g}"
    return f"{low} to {high}" if high else f"from {low}"


def _ends(item: str) -> str:
    from freshlegs import vocabulary as v

    return "worst" if item in v.HIGH_IS_WORSE else "best"


def main(arguments: Sequence[str]) -> int:
    """Write the pages and the README's picture, or with ``--check`` compare them; the exit code."""
    check = "--check" in arguments
    folders = [argument for argument in arguments if not argument.startswith("-")]
    root = Path(folders[0]) if folders else Path()
    wanted = {root / "docs/reference" / name: text for name, text in pages().items()}
    wanted[root / "README.md"] = readme((root / "README.md").read_text(encoding="utf-8"))
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in [] if check else stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path], encoding="utf-8")
    if stale:
        sys.stderr.write(f"{'out of date' if check else 'written'}: {', '.join(map(str, stale))}\n")
    return 1 if stale and check else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
