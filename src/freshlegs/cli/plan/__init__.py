"""``plan``: the training plan, shown, read, changed, adapted with consent, sent."""

from __future__ import annotations

from freshlegs.cli.plan import adapting, changing, making, sending, showing, simulating

plan = showing.plan

for command in (
    showing.show,
    changing.import_,
    making.make,
    changing.add,
    changing.set_,
    changing.remove,
    adapting.adapt,
    simulating.simulate,
    adapting.accept,
    adapting.refuse,
    sending.export,
    changing.undo,
    changing.history,
):
    plan.add_command(command)

__all__ = ["plan"]
