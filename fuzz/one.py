"""One kind's fuzzer, in this process; started by ``python -m fuzz``, which bounds its memory and time."""

from __future__ import annotations

import random
import sys

import atheris

with atheris.instrument_imports(include=["freshlegs.importers"]):
    from freshlegs.importers import IMPORTERS

    for each in IMPORTERS:
        _ = each.KIND  # loads the module, so that its code is watched
    from fuzz import invariant, mutation, seeds


def _mutator(data: bytes, max_size: int, seed: int) -> bytes:
    """Every other time a change that keeps the file's shape, else what atheris does."""
    dice = random.Random(seed)  # noqa: S311
    changed = mutation.mutate(data, dice) if dice.random() < 0.5 else None
    if changed is None:
        return bytes(atheris.Mutate(data, min(len(data) + 4096, max_size)))
    return changed[:max_size]


def main() -> None:
    """Fuzz the kind that is named first; the rest are options of libFuzzer. Does not return."""
    kind = sys.argv.pop(1)
    reader = None if kind == seeds.ARCHIVES else seeds.importer(kind)

    def once(data: bytes) -> None:
        if reader is None:
            invariant.unpack_harmlessly(data)
        else:
            invariant.read_harmlessly(reader, data)

    atheris.Setup(sys.argv, once, custom_mutator=_mutator)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
