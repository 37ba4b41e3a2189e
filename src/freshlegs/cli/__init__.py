"""The command ``freshlegs``: what a runner types, and what is printed back.

Nothing heavy is imported here or at the top of any module of this room: ``freshlegs --help`` and
``freshlegs today`` have to answer at once.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code; the entry point of the ``freshlegs`` script."""
    try:
        from freshlegs.cli.app import freshlegs

        freshlegs.main(args=None if arguments is None else list(arguments))
    except KeyboardInterrupt:  # before the command could begin
        raise SystemExit(130) from None
