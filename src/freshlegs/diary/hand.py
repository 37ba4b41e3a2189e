"""What the runner said of runs by hand: changes, deletions, which recordings are one run; the last of each counts.

Everything is an `Edit`, kept in order and never removed, so that it survives a re-import and a past morning is judged
by what had been said by then. An act may be several edits of one instant; `UNDO` takes back the last act.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from freshlegs.store.contract import Edit

DELETED: Final = "deleted"
UNDO: Final = "undo"
PREFERRED: Final = "preferred"
SAME_AS: Final = "same_as"
APART_FROM: Final = "apart_from"
PART_OF: Final = "part_of"

_ABOUT_RECORDINGS: Final = frozenset({PREFERRED, SAME_AS, APART_FROM, PART_OF})


@dataclass(slots=True)
class Said:
    """What holds now: ``preferred`` (later ones higher), pairs that are one run or are not, parts of a longer run."""

    edits: list[Edit] = field(default_factory=list)
    preferred: dict[str, int] = field(default_factory=dict)
    pairs: dict[frozenset[str], bool] = field(default_factory=dict)
    part_of: dict[str, str] = field(default_factory=dict)

    def same(self, one: str, other: str) -> bool | None:
        """Whether these two recordings were said to be one run; None if nothing was said."""
        return self.pairs.get(frozenset((one, other)))


def acts(edits: Iterable[Edit]) -> list[list[Edit]]:
    """The acts that were not taken back, earlier ones first; the edits of one instant are one act."""
    kept: list[list[Edit]] = []
    for edit in edits:
        if edit.field == UNDO:
            del kept[-1:]
        elif kept and edit.known_us and kept[-1][0].known_us == edit.known_us:
            kept[-1].append(edit)
        else:
            kept.append([edit])
    return kept


def said(edits: Iterable[Edit]) -> Said:
    """What all edits together say."""
    out = Said()
    for number, act in enumerate(acts(edits)):
        for edit in act:
            if edit.field == PREFERRED:
                out.preferred[edit.run] = number + 1
            elif edit.field in (SAME_AS, APART_FROM):
                out.pairs[frozenset((edit.run, str(edit.value)))] = edit.field == SAME_AS
            elif edit.field == PART_OF and edit.value is None:
                out.part_of.pop(edit.run, None)
            elif edit.field == PART_OF:
                out.part_of[edit.run] = str(edit.value)
            else:
                out.edits.append(edit)
    return out


def by_hand(edits: Iterable[Edit], kept_by: Mapping[str, str]) -> tuple[dict[str, dict[str, Any]], set[str]]:
    """Hand changes by the id of the kept run, the last one of a field counting; and the runs deleted by hand.

    A change made to a twin holds for the run. A field edited to None is as it was imported again.
    """
    changes: dict[str, dict[str, Any]] = {}
    deleted: set[str] = set()
    for edit in edits:
        run = kept_by.get(edit.run, edit.run)
        if edit.field == DELETED:
            (deleted.add if edit.value else deleted.discard)(run)
        elif edit.value is None:
            changes.get(run, {}).pop(edit.field, None)
        elif edit.field not in _ABOUT_RECORDINGS:
            changes.setdefault(run, {})[edit.field] = edit.value
    return changes, deleted
