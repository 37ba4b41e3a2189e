"""What the documents say is so: commands parse, examples run, links lead somewhere, the reference is up to date."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import click
import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def blocks(path: Path, language: str) -> list[str]:
    return [body for kind, body in FENCE.findall(path.read_text(encoding="utf-8")) if kind == language]


def commands(path: Path) -> Iterator[str]:
    """Every freshlegs command of a page: in blocks and in running text."""
    for block in blocks(path, "console"):
        yield from (line for line in block.splitlines() if line.startswith("freshlegs "))
    prose = FENCE.sub("", path.read_text(encoding="utf-8"))
    yield from (found for found in re.findall(r"`(freshlegs [^`]+)`", prose) if "…" not in found)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_of_a_page_is_understood(page: Path) -> None:
    from freshlegs.cli.app import freshlegs

    for line in commands(page):
        words = shlex.split(line)[1:]
        command: click.Command = freshlegs
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            found = command.commands.get(words[0])
            if found is None:
                break
            command, words = found, words[1:]
        assert command is not freshlegs or words[0].startswith("-"), f"{named(page)}: {line}"
        if "--help" not in words:
            command.make_context(str(command.name), list(words), help_option_names=["-h", "--help"])


def _this_week(example: str) -> str:
    """An example with the plan's first Monday put into this week, and its race twenty weeks from now."""
    today = date.today()
    monday, race = today - timedelta(days=today.weekday()), today + timedelta(weeks=20)
    return example.replace("2026-05-04", monday.isoformat()).replace("2026-10-11", race.isoformat())


@pytest.mark.parametrize(
    "page",
    ["README.md", "docs/tutorial/first-week.md", "docs/how-to/check-in.md", "docs/how-to/scripts.md"]
    + [f"docs/how-to/{name}.md" for name in ("first-day", "why", "ahead", "advice", "plan")]
    + ["docs/how-to/charts.md"],
)
def test_the_commands_of_a_page_work_in_their_order(page: str, tmp_path: Path) -> None:
    from freshlegs.synthetic import live
    from freshlegs.synthetic.write import run_file

    (tmp_path / "Downloads").mkdir()
    with zipfile.ZipFile(tmp_path / "Downloads/export.zip", "w") as export:
        for number, made in enumerate(live(date(2025, 5, 4)).runs[-5:]):
            export.writestr(f"activities/{number}.fit", run_file(made))
    for number, example in enumerate(blocks(ROOT / page, "yaml")):
        (tmp_path / ("plan.yaml" if number == 0 else f"plan{number}.yaml")).write_text(_this_week(example), "utf-8")
    lines = [line for block in blocks(ROOT / page, "console") for line in block.splitlines()]
    environment = os.environ | {"HOME": str(tmp_path), "FRESHLEGS_HOME": str(tmp_path / "home")}
    tried = 0
    for line in map(_this_week, lines):
        if line.startswith("make "):
            assert re.search(rf"^{line.split()[1]}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M), line
        if not line.startswith("freshlegs "):
            continue
        done = subprocess.run(
            ["bash", "-c", f'freshlegs() {{ "{sys.executable}" -m freshlegs.cli "$@"; }}; {line}'],
            env=environment,
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == (2 if line == "freshlegs checkin" else 0), f"{line}: {done.stderr}"
        tried += 1
    assert tried >= 2


def anchors(path: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", FENCE.sub("", path.read_text(encoding="utf-8")), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("https://", "http://")):
            continue
        place, _, anchor = target.partition("#")
        goal = (page.parent / place).resolve() if place else page
        assert goal.exists(), f"{named(page)} links to {target}"
        assert not anchor or anchor in anchors(goal), f"{named(page)} links to {target}"


def test_every_page_of_docs_is_reached_from_its_first_page() -> None:
    reached, waiting = set(), [ROOT / "README.md", ROOT / "docs/README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md" or not page.exists():
            continue
        reached.add(page)
        found = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
        waiting += [(page.parent / target).resolve() for target in found if "://" not in target]
    assert [named(page) for page in PAGES if page not in reached] == []


def test_the_reference_is_up_to_date() -> None:
    from freshlegs.cli.reference import pages

    stale = [
        name
        for name, text in pages().items()
        if not (ROOT / "docs/reference" / name).exists()
        or (ROOT / "docs/reference" / name).read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run: python -m freshlegs.cli.reference"


def test_the_picture_of_the_readme_is_what_the_demo_prints() -> None:
    from freshlegs.cli.reference import readme

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme(text) == text, "run: python -m freshlegs.cli.reference"


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *(ROOT / f"docs/how-to/{name}.md" for name in ("scripts", "charts"))], ids=named
)
def test_the_python_examples_run(page: Path, tmp_path: Path) -> None:
    from freshlegs.synthetic import live
    from freshlegs.synthetic.write import run_file

    (tmp_path / "run.fit").write_bytes(run_file(live(date(2025, 5, 4)).runs[-1]))
    prelude = "import freshlegs as fl\ndays = fl.Diary.open('my-diary').days()\n"
    for example in blocks(page, "python"):
        script = (prelude if "days)" in example else "") + example
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip()


def test_the_readme_names_the_formats_that_are_read() -> None:
    from freshlegs.importers import IMPORTERS

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    listed = text[text.index("## What it reads") : text.index("Anything that cannot be read")]
    for importer in IMPORTERS:
        assert importer.KIND.split()[0] in listed, importer.KIND
