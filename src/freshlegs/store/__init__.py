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
    "open_store",
    "run_id",
]


def open_store(home: Path, athlete: str = "me") -> Store:
    """The store of this home, made if there is none.

    Raises NothingDone when the folder cannot be written, is no diary, is damaged, or was written by a newer
    Freshlegs.
    """
    return SQLiteStore(Path(home), athlete)
