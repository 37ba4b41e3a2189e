"""What all commands share: exit codes, where the diary lives, the day it is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from freshlegs.diary import Diary

DONE: Final = 0
SOME_REFUSED: Final = 1
WRONG: Final = 2
NOTHING: Final = 3
STOPPED: Final = 130


@dataclass(slots=True)
class Session:
    """What all commands share: where the diary lives, and the day it is."""

    given_home: Path | None
    _diary: Diary | None = None

    @property
    def home(self) -> Path:
        """``--home``, else ``FRESHLEGS_HOME``, else the platform's data directory."""
        if self.given_home is not None:
            return self.given_home
        from_environment = os.environ.get("FRESHLEGS_HOME")
        if from_environment:
            return Path(from_environment).expanduser()
        from platformdirs import user_data_path

        return user_data_path("freshlegs", appauthor=False)

    def diary(self) -> Diary:
        """The diary of this home; made if there is none."""
        from freshlegs.diary import Diary

        if self._diary is None:
            self._diary = Diary.open(self.home)
        return self._diary

    @property
    def today(self) -> date:
        """The day it is where the runner is at home; without a diary, where the machine is."""
        return self.diary().local_today if self.home.exists() else date.today()
