"""The runner's own site on their own machine: pages and a JSON API over one diary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from freshlegs.web.app import create_app as create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    if name == "create_app":
        from freshlegs.web.app import create_app

        return create_app
    raise AttributeError(name)
