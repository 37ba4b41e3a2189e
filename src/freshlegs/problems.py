"""A fault in somebody's data is a value with a place; exceptions are for misuse and for a broken machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in one place of somebody's data.

    ``source`` is the file as the runner knows it (``export.zip/activities/7.fit``), ``where`` the place in it
    (``byte 1042``, ``line 7``, ``lap 3``; may be empty), ``message`` one sentence. ``refused`` is true when
    the whole file was set aside, false when the rest of it was read. ``lost`` is true when something that was in the
    file is not in the diary, false for a note (a time zone that was assumed).
    """

    source: str
    where: str
    message: str
    refused: bool = False
    lost: bool = False

    @property
    def costs(self) -> bool:
        """Whether anything of the runner's data was not taken."""
        return self.refused or self.lost

    def as_dict(self) -> dict[str, str]:
        """The three fields of the public contract."""
        return {"source": self.source, "where": self.where, "message": self.message}

    def __str__(self) -> str:
        place = f", {self.where}" if self.where else ""
        return f"{self.source}{place}: {self.message}"


class FreshlegsError(Exception):
    """The base of all errors that Freshlegs raises on purpose; the text is one clear sentence."""


class UnreadableFile(FreshlegsError):
    """A file that is no activity at all, or of which nothing can be read."""


class NothingDone(FreshlegsError):
    """The command could do nothing: a full disk, a home that cannot be written, a damaged store."""


class WrongRequest(FreshlegsError, ValueError):
    """The caller asked for something that has no meaning: an unknown key, a value out of range."""
