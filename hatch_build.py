"""Compiles `steps.c` when the package is built. Without a compiler the package works as well, only slower."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = Path("src/freshlegs/steps")
EXACT = ("-ffp-contract=off",)
"""So that every number is the one NumPy gives; nothing like -ffast-math, either."""
PLAIN = ("-std=c11", "-O3", "-fPIC", "-shared", "-fvisibility=hidden", "-fno-math-errno", "-fno-trapping-math")


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Put the compiled steps beside their source, under a name that says which source they are of."""
        folder = Path(self.root) / FOLDER
        source = folder / "steps.c"
        target = folder / f"_steps_{blake2b(source.read_bytes(), digest_size=8).hexdigest()}.so"
        for old in folder.glob("_steps_*.so"):
            if old != target:
                with suppress(OSError):  # it is not looked at, either
                    old.unlink()
        if not target.exists() and not compiled(source, target):
            self.app.display_warning("No C compiler: the steps in C are left out, large crowds take longer.")
            return
        if version != "editable":
            build_data["artifacts"].append(f"{FOLDER.as_posix()}/{target.name}")
            build_data["pure_python"] = False
            build_data["tag"] = "py3-none-" + sysconfig.get_platform().replace("-", "_").replace(".", "_")


def compiled(source: Path, target: Path) -> bool:
    """Whether a compiler made it: first for several kinds of processor in one, then for the plainest."""
    command = shlex.split(os.environ.get("CC", "")) or [shutil.which("cc") or shutil.which("gcc") or "clang"]
    if sys.platform == "win32":
        return False
    made = target.with_suffix(f".{os.getpid()}")
    for clones in (("-DCLONES",), ()):
        try:
            subprocess.run(  # noqa: S603  the compiler of this machine
                [*command, *PLAIN, *EXACT, *clones, str(source), "-o", str(made), "-lm"],
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            made.replace(target)
        except (OSError, subprocess.CalledProcessError):
            with suppress(OSError):
                made.unlink()
            continue
        return True
    return False
