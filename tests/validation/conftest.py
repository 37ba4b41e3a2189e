"""The scripts of validation/ are no part of the package; tests find them beside it."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))


@pytest.fixture(scope="session")
def diaries(shared: Path) -> Path:
    folder = shared / "validation" / "pmdata"
    if not folder.is_dir():
        pytest.skip("needs ../shared/validation (real people's diaries, not part of the project)")
    return folder
