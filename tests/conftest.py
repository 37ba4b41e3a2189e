"""What all tests share."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real files beside the project; a fresh clone elsewhere lacks it."""
    if not (SHARED / "corpus").is_dir():
        pytest.skip("needs ../shared (real files, not part of the project)")
    return SHARED


@pytest.fixture(scope="session")
def corpus(shared: Path) -> Path:
    return shared / "corpus"
