"""Import: drop a zip, watch it being read, read every problem."""

from __future__ import annotations

import shutil
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import UploadFile

from freshlegs.recovery.words import joined
from freshlegs.web.frame import DeskOf, JobsOf, page, sentence
from freshlegs.web.jobs import Job
from freshlegs.web.pages.contract import Page
from freshlegs.web.texts import text

PAGE = Page("import", "/import")
router = APIRouter()

LONGEST_NAME_B: Final = 200
"""Of a file's name so many bytes are kept, the last ones: no file system takes much more."""


@router.get("/import")
def import_(request: Request, desk: DeskOf, jobs: JobsOf) -> Response:
    """The door for files, and what became of those that came."""
    files = desk.remember("files", lambda diary: diary.files())
    refused = [file for file in files if file["status"] == "refused"]
    return page(request, "import", jobs=list(jobs), told_of=told_of, known=len(files) - len(refused), refused=refused)


@router.post("/import")
async def dropped(request: Request, jobs: JobsOf) -> Response:
    """Files of a plain form, for browsers without scripts."""
    form = await request.form(max_files=200, max_fields=10)
    for part in form.getlist("files"):
        if isinstance(part, UploadFile) and part.filename:
            with jobs.coming_in(safe_name(part.filename)) as path, path.open("wb") as file:
                shutil.copyfileobj(part.file, file)
            jobs.add(path)
    return RedirectResponse("/import", 303)


def safe_name(name: str) -> str:
    """A file's name without any folder.

    >>> safe_name("../../etc/passwd"), safe_name("a/export.zip"), safe_name("..")
    ('passwd', 'export.zip', 'file')
    """
    last = PureWindowsPath(PurePosixPath(name).name).name
    plain = "".join(character for character in last if character.isprintable() and character not in "/\\:\0")
    kept = plain.encode()[-LONGEST_NAME_B:].decode(errors="ignore")
    return kept if kept.strip(". ") else "file"


def told_of(job: Job) -> str:
    """What an import did, in a sentence."""
    if job.error:
        return sentence(job.error)
    report = job.report
    if report is None:
        return ""
    found = report["imported"]
    parts = [counted(number, thing) for thing, number in found.items() if number]
    if parts:
        told = text("import.new", parts=joined(parts), files=counted(report["files"], "files"))
    else:
        told = text("import.nothing_new", files=counted(report["files"], "files"))
    known = report["already_known"]
    return told + (" " + text("import.already", n=known) if known else "")


def counted(number: int, thing: str) -> str:
    """A number with its thing in the right form.

    >>> counted(1, "runs"), counted(2, "check-ins")
    ('1 run', '2 check-ins')
    """
    named = {"checkins": "check-ins"}.get(thing, thing).replace("_", " ")
    return f"{number:,} {named.removesuffix('s') if number == 1 else named}"
