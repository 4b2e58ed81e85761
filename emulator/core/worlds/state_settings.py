"""The settings of a world in a state document: clock, speed, lifecycles and limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.core.contract.model import Document
from emulator.core.contract.policy import LifecycleMode
from emulator.core.primitives.clock import Clock, to_iso
from emulator.core.worlds.state_document import VERSION


@dataclass(frozen=True, slots=True)
class WorldSettings:
    """How a world is set at a moment.

    Delays of lifecycles are divided by `speed`. `lifecycle` is the mode of every kind: `immediate`
    has no delays, `timed` has all of them, `manual` waits for a control call; with None, delays
    are those that the vendor documents. `modes` are exceptions, by provider and kind; `limits`
    are quotas, by provider.
    """

    speed: float
    lifecycle: LifecycleMode | None
    modes: Mapping[str, Mapping[str, LifecycleMode]] = field(default_factory=dict)
    limits: Mapping[str, Mapping[str, int | None]] = field(default_factory=dict)


def settings_document(settings: WorldSettings, clock: Clock) -> dict[str, Any]:
    """Return the members of a state document for settings and clock."""
    frozen_at: tuple[str, object] = ("now", to_iso(clock.now()))
    time = frozen_at if clock.mode == "frozen" else ("offset", clock.offset)
    return {
        "clock": dict([("mode", clock.mode), time, ("speed", settings.speed)]),
        "lifecycles": {"default": settings.lifecycle, "providers": _sorted(settings.modes)},
        "quotas": _sorted(settings.limits),
        "version": VERSION,
    }


def changed_settings(
    settings: WorldSettings, clock: Clock, defaults: WorldSettings
) -> dict[str, Any]:
    """Return the same members without a clock that never moved and without the `defaults`."""
    document = settings_document(settings, clock)
    written, lifecycles = document["clock"], document["lifecycles"]
    speed = written.pop("speed")
    if not clock.moved:
        written.clear()
    if speed != defaults.speed:
        written["speed"] = speed
    if lifecycles["default"] == defaults.lifecycle:
        del lifecycles["default"]
    return document


def _sorted(settings: Mapping[str, Mapping[str, Any]]) -> Document:
    """Sort settings by provider and name, and leave out providers without any."""
    return {p: dict(sorted(named.items())) for p, named in sorted(settings.items()) if named}
