"""The pages, one file each, in the order of the navigation.

A page is a module here with ``PAGE`` (its name, address and place in the navigation) and ``router`` (its requests), a
template ``templates/NAME.html``, and its words in ``texts/en.toml``. To add one, write its name into `MODULES`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final

from freshlegs.web.pages.contract import Page as Page

MODULES: Final = (
    *("today", "checkin", "why", "story", "signs", "balance", "runs"),
    *("plan", "import_", "profile", "help"),
)

_FOUND = [import_module(f"{__name__}.{name}") for name in MODULES]

NAVIGATION: Final[list[Page]] = [module.PAGE for module in _FOUND]
ROUTERS: Final = [module.router for module in _FOUND]
