"""How a world is set, as parts of a state document: its clock, speed, lifecycles and limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from emulator.core.clock import to_iso
from emulator.core.contract import Document
from emulator.core.snapshot import VERSION

if TYPE_CHECKING:
    from emulator.core.world import World


def settings_of(world: World) -> dict[str, Any]:
    """Write down how a world is set, whole."""
    clock = world.clock
    stands: tuple[str, object] = ("now", to_iso(clock.now()))
    at = stands if clock.mode == "frozen" else ("offset", clock.offset)
    return {
        "clock": dict([("mode", clock.mode), at, ("speed", world.speed)]),
        "lifecycles": {"default": world.lifecycle, "providers": _sorted(world.lifecycles)},
        "quotas": _sorted(world.limits),
        "version": VERSION,
    }


def commanded(world: World, usual: Mapping[str, object]) -> dict[str, Any]:
    """Write down the same, but of clock, speed and default lifecycle what is not as `usual`."""
    settings = settings_of(world)
    clock, lifecycles = settings["clock"], settings["lifecycles"]
    speed = clock.pop("speed")
    if not world.clock.moved:
        clock.clear()
    if speed != usual["speed"]:
        clock["speed"] = speed
    if lifecycles["default"] == usual["lifecycle"]:
        del lifecycles["default"]
    return settings


def _sorted(settings: Mapping[str, Mapping[str, Any]]) -> Document:
    """Give what is set by provider and name, in order, without providers where nothing is."""
    return {p: dict(sorted(named.items())) for p, named in sorted(settings.items()) if named}
