"""Every source that a metric names by its key stands in docs/references.bib."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CITED = re.compile(r"\[((?:[a-z]+(?:\d{4})?[ab]?)(?:,\s+[a-z]+(?:\d{4})?[ab]?)*)\]")


def keys() -> set[str]:
    return set(re.findall(r"^@\w+\{(\w+),", (ROOT / "docs/references.bib").read_text(encoding="utf-8"), re.MULTILINE))


def test_sources_named_by_metrics_are_listed() -> None:
    known = keys()
    cited: set[str] = set()
    for path in sorted((ROOT / "src/freshlegs/metrics").glob("*.py")):
        for found in CITED.findall(path.read_text(encoding="utf-8")):
            named = set(re.split(r",\s+", found))
            if any(re.search(r"\d{4}", key) for key in named) or named & known:
                assert named <= known, f"{path.name} names {sorted(named - known)}"
                cited |= named
    assert len(cited) > 20
