"""The part of the diary that puts two pages together for a doctor or coach."""

from __future__ import annotations

import os
import secrets
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from freshlegs.diary.known import Known
from freshlegs.problems import WrongRequest
from freshlegs.store import Store, in_words
from freshlegs.tables import Row

if TYPE_CHECKING:
    from freshlegs.diary.verdicts import Verdicts
    from freshlegs.report import Content

KINDS: Final = ("html", "pdf")


class Reporting:
    """Methods of `Diary`: the report."""

    _store: Store

    if TYPE_CHECKING:

        def history(self, first: date | str | None = None, last: date | str | None = None) -> list[Row]:
            """One verdict a day."""

        def actions(self, on: date | str | None = None) -> Row:
            """Advice and what became of it."""

        def _verdicts(self) -> Verdicts: ...

        def _past(self, on: date | str) -> date: ...

    def report(self, target: str | os.PathLike[str], kind: str, *, on: date | str | None = None) -> Content:
        """Write two pages to take to a doctor or coach, as ``html`` or ``pdf``; what is in them.

        Twelve weeks up to a day (today). No diagnosis; weight and energy as the profile shows them, by default not.
        Raises WrongRequest for another kind, a folder that is not there, or a day that has not come; NothingDone when
        it cannot be written, when ReportLab is missing, or when the diary is empty.
        """
        if kind not in KINDS:
            raise WrongRequest(f"a report is written as {' or '.join(KINDS)}, not {kind!r}")
        path = Path(target)
        if path.is_dir():
            raise WrongRequest(f"{path} is a folder; name a file")
        if not path.absolute().parent.is_dir():
            raise WrongRequest(f"there is no folder {path.absolute().parent}")
        found = self.report_content(on)
        _write(path, _written(found, kind))
        return found

    def report_content(self, on: date | str | None = None) -> Content:
        """What a report holds, for pages that show it themselves."""
        from freshlegs.recovery.tracking import known_actions
        from freshlegs.report import SPAN_D, content

        verdicts = self._verdicts()
        day = verdicts.today if on is None else self._past(on)
        documents = self.history(day - timedelta(days=SPAN_D - 1), day)
        known = Known(self._store)
        # Later rows are ignored but for the load of the day itself, which the next row holds.
        frame, _ = verdicts.evaluated(known, verdicts.today)
        what = {name: action.what for name, action in known_actions().items()}
        return content(documents, frame, known.profile, self.actions(day)["tried"], _plain(what), _sources(known, day))


def _plain(what: dict[str, str]) -> dict[str, str]:
    """The first sentence of each action, where it holds no blank to fill."""
    first = {name: f"{text.split('.')[0]}." for name, text in what.items()}
    return {name: text for name, text in first.items() if "{" not in text and len(text) < 120}


def _sources(known: Known, day: date) -> list[str]:
    """Where the data came from: kinds of files, and what was typed."""
    sessions = known.sessions
    kinds = sorted({str(kind) for kind in sessions["kind"].unique()}) if sessions.height else []
    files = f" Files: {', '.join(kinds)}." if kinds else ""
    return [f"Runs in the whole diary: {known.bare_runs.height}.{files}"]


def _written(found: Content, kind: str) -> bytes:
    if kind == "html":
        from freshlegs.report.html import html

        return html(found).encode("utf-8")
    from freshlegs.report.pdf import pdf

    return pdf(found)


def _write(path: Path, data: bytes) -> None:
    """Under its name only when it is whole, for its owner's eyes only."""
    unborn = path.absolute().with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        with in_words(path.absolute().parent):
            with open(os.open(unborn, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            unborn.replace(path)
    finally:
        unborn.unlink(missing_ok=True)
