"""Tokens: in the system's keyring, else in a file of the home that nobody else may read. Never in export or backup."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from freshlegs.problems import NothingDone

FOLDER: Final = "sync"
_RING: Final = "freshlegs"


class TokenBox:
    """The tokens of one home."""

    def __init__(self, home: Path) -> None:
        self._home = home.absolute()
        self.folder = self._home / FOLDER

    def keep(self, service: str, tokens: dict[str, Any]) -> str:
        """Keep them; where: ``keyring`` or ``file``."""
        text = json.dumps(tokens)
        ring = _keyring()
        if ring is not None:
            # Some keyrings hold only short secrets, or are locked: then the file.
            with suppress(Exception):
                ring.set_password(_RING, self._name(service), text)
                self._path(service).unlink(missing_ok=True)
                return "keyring"
        write_private(self._path(service), text)
        return "file"

    def find(self, service: str) -> dict[str, Any] | None:
        """The tokens; None when there are none. NothingDone when they are there and cannot be read."""
        text: str | None = None
        with suppress(FileNotFoundError):
            text = self._path(service).read_text(encoding="utf-8")
        ring = _keyring()
        if text is None and ring is not None:
            with suppress(Exception):
                text = ring.get_password(_RING, self._name(service))
        if text is None:
            return None
        try:
            found = json.loads(text)
        except ValueError:
            raise NothingDone(
                f"what was kept for {service} is damaged; run: freshlegs sync --forget {service}"
            ) from None
        return found if isinstance(found, dict) else None

    def forget(self, service: str) -> bool:
        """Remove them from both places; whether there were any."""
        was = self._path(service).exists()
        self._path(service).unlink(missing_ok=True)
        ring = _keyring()
        if ring is not None:
            with suppress(Exception):
                was |= ring.get_password(_RING, self._name(service)) is not None
                ring.delete_password(_RING, self._name(service))
        return was

    def _path(self, service: str) -> Path:
        return self.folder / f"{service}-tokens.json"

    def _name(self, service: str) -> str:
        return f"{service} {self._home}"


def _keyring() -> Any:
    """The system's keyring; None when there is none that can be used, or the extra is not installed."""
    try:
        import keyring
        from keyring.backends import fail, null
    except ModuleNotFoundError:
        return None
    try:
        backend = keyring.get_keyring()
    except Exception:
        return None
    if isinstance(backend, (fail.Keyring, null.Keyring)):
        return None
    return backend


def write_private(path: Path, text: str) -> None:
    """Put a text into a file for its owner's eyes only, all of it or nothing."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unborn = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        with open(os.open(unborn, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unborn.replace(path)
    finally:
        unborn.unlink(missing_ok=True)
