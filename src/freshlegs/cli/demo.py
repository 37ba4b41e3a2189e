"""``demo``: a made runner whose truth is known, through the real importers to the verdict."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from freshlegs import values, words
from freshlegs.cli.options import json_option
from freshlegs.cli.output import Page, console, day_words, emit, hint
from freshlegs.cli.reading import bar, print_report
from freshlegs.cli.session import Session
from freshlegs.cli.verdict import print_verdict
from freshlegs.look import SHORT
from freshlegs.problems import WrongRequest
from freshlegs.telling import percent

if TYPE_CHECKING:
    from freshlegs.synthetic import Truth


ASIDE: Final = ("retrospective", "look_back_question", "ask_once")
"""What a made runner is not asked."""


@click.command()
@click.option("--no-serve", is_flag=True, help="Do not serve the pages afterwards.")
@click.option("--keep", is_flag=True, help="Keep the throw-away home, to look around in it.")
@click.option("--date", "day", metavar="D", hidden=True, help="The made runner's last morning.")
@click.option("--seed", type=int, default=7, show_default=True, help="Another made runner.")
@json_option
@click.pass_obj
def demo(session: Session, no_serve: bool, keep: bool, day: str | None, seed: int, as_json: bool) -> None:
    """Fill a throw-away home with a made runner whose truth is known, and print the verdict."""
    end = session.today if day is None else values.day(day, session.today)
    home = _home(session)
    try:
        hint(f"A made runner, six months, in a throw-away home: {home}")
        shown = _run(home, end, seed, as_json)
        if as_json:
            emit(shown)
        elif not no_serve:
            _serve(home)
    finally:
        if keep or session.given_home is not None:
            hint(f"The home is kept. Look around: freshlegs --home {home} history")
        else:
            shutil.rmtree(home, ignore_errors=True)
            hint("The throw-away home is removed again; --keep leaves it.")


def _serve(home: Path) -> None:
    """The made runner's pages until Ctrl-C; on another port if the usual one is taken."""
    from freshlegs.cli.serving import HOST, PORT, serve_home
    from freshlegs.problems import NothingDone

    try:
        serve_home(home, HOST, PORT)
    except NothingDone as error:
        if "cannot listen" not in str(error):
            hint(f"No pages: {error}")
            return
        serve_home(home, HOST, 0)


def _home(session: Session) -> Path:
    """A temporary folder, or the folder named by ``--home`` if nothing is in it."""
    if session.given_home is None:
        return Path(tempfile.mkdtemp(prefix="freshlegs-demo-"))
    if session.given_home.exists() and any(session.given_home.iterdir()):
        raise WrongRequest(f"{session.given_home} is not empty; the demo never mixes with real data")
    return session.given_home


def _run(home: Path, end: date, seed: int, as_json: bool) -> Mapping[str, Any]:
    from freshlegs.diary import Diary
    from freshlegs.synthetic import write_demo

    with tempfile.TemporaryDirectory(prefix="freshlegs-files-") as folder:
        truth = write_demo(Path(folder), end, seed)
        diary = Diary.open(home)
        diary.set_profile(**truth.profile)
        with bar([folder]) as progress:
            report = diary.import_files([Path(folder)], progress=progress)
    document = {key: value for key, value in diary.today(end).items() if key not in ASIDE}
    if not as_json:
        out = console()
        print_report(out, report)
        out.print()
        print_verdict(out, document)
        out.print()
        Page(out).section("Planted", [planted(truth)])
    return {"home": str(home), "import": report.as_dict(), "today": document, "planted": truth_row(truth)}


def truth_row(truth: Truth) -> Mapping[str, Any]:
    """The planted truth of the last morning as plain values."""
    state = truth.state[truth.last]
    since = truth.last
    while truth.state.get(since - timedelta(days=1)) == state:
        since -= timedelta(days=1)
    return {"state": state, "since": since, "causes": truth.causes, "onset": truth.onset, "seed": truth.seed}


def planted(truth: Truth) -> str:
    """The truth in one sentence, to lay beside the verdict."""
    row = truth_row(truth)
    ranked = sorted(row["causes"].items(), key=lambda item: -float(item[1]))
    causes = [f"{words.name(words.CAUSES, cause)} {percent(float(share))}" for cause, share in ranked if share >= 0.05]
    year = truth.last.year
    habits = " and ".join(
        f"{name.replace('_', ' ')} from {day_words(day, year=year)}"
        for name, day in row["onset"].items()
        if name != row["state"]
    )
    since = day_words(row["since"], year=year)
    return f"{SHORT[row['state']]} since {since}; {' and '.join(causes)} ({habits})."
