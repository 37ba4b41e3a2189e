"""The one door to a runner's data (`Diary`): import, check in, tables, verdicts, all of it out and back."""

from __future__ import annotations

from freshlegs.diary.book import Diary

__all__ = ["Diary"]
