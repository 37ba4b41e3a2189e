"""Where a runner's data is kept: one panel contract (`freshlegs.store.contract`), SQLite the first to fill it.

This room knows SQL and nobody else does; it knows nothing of metrics or verdicts.
"""

from __future__ import annotations

from pathlib import Path

from freshlegs.store.contract import (
    Edit,
    FileEntry,
    KeptProposal,
    KeptVerdict,
    Label,
    NewFile,
    NewSession,
    PlanAct,
    PlanVersion,
    Store,
)
from freshlegs.store.faults import in_words
from freshlegs.store.sqlite import FILE_NAME, SQLiteStore, run_id

__all__ = [
    "FILE_NAME",
    "Edit",
    "FileEntry",
    "KeptProposal",
    "KeptVerdict",
    "Label",
    "NewFile",
    "NewSession",
    "PlanAct",
    "PlanVersion",
    "Store",
    "in_words",
    "is_of_a_diary",
    "open_store",
    "run_id",
]


def is_of_a_diary(path: Path) -> bool:
    """Whether a file that is there belongs to some diary: nothing else may be written in its place."""
    if not path.exists():
        return False
    own = path.resolve()
    kept = any(folder.name == "originals" and (folder.parent / FILE_NAME).exists() for folder in own.parents)
    return kept or own.name.startswith(FILE_NAME)


def open_store(home: Path, athlete: str = "me") -> Store:
    """The store of this home, made if there is none.

    Raises NothingDone when the folder cannot be written, is no diary, is damaged, or was written by a newer
    Freshlegs.
    """
    return SQLiteStore(Path(home), athlete)
