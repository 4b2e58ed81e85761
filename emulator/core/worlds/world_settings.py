"""How a world is set: the pace of its lifecycles, and limits that differ from quotas.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.core.contract.model import Document
from emulator.core.contract.policy import LifecycleMode, LifecyclePolicy, Outcome
from emulator.core.primitives.clock import Clock, to_iso
from emulator.core.worlds.state_document import VERSION, WorldState


class WorldSettings:
    """The settings of one world, which control calls change."""

    def __init__(self, speed: float = 1, lifecycle: LifecycleMode | None = None) -> None:
        """Start with a speed and a mode, which a restart goes back to.

        Delays of lifecycles are divided by `speed`. `lifecycle` is the mode of every kind:
        `immediate` has no delays, `timed` has all of them, `manual` waits for a control call; with
        None, delays are those that the vendor documents.
        """
        self._first_speed, self._first_lifecycle = speed, lifecycle
        self.speed, self.lifecycle = speed, lifecycle
        self._modes: dict[str, Mapping[str, LifecycleMode]] = {}
        self._limits: dict[str, dict[str, int | None]] = {}

    @property
    def modes(self) -> Mapping[str, Mapping[str, LifecycleMode]]:
        """The modes that differ from `lifecycle`, by provider and kind."""
        return self._modes

    def set_modes(self, provider: str, modes: Mapping[str, LifecycleMode | None]) -> None:
        """Set the modes of some kinds; None goes back to the mode of the world."""
        changed = {**self._modes.get(provider, {}), **modes}
        self._modes[provider] = {kind: mode for kind, mode in changed.items() if mode}

    def limits(self, provider: str) -> Mapping[str, int | None]:
        """Return the limits of a provider that were set, by quota; None is no limit."""
        return self._limits.get(provider, {})

    def set_limits(self, provider: str, limits: Mapping[str, int | None]) -> None:
        """Set the limits of some quotas."""
        self._limits.setdefault(provider, {}).update(limits)

    def policy(self, provider: str, outcome: Outcome) -> LifecyclePolicy:
        """Return how lifecycles of a provider begin now, under an ordered outcome."""
        modes = self._modes.get(provider, {})
        return LifecyclePolicy(speed=self.speed, mode=self.lifecycle, modes=modes, outcome=outcome)

    def restart(self, state: WorldState, provider: str | None = None) -> None:
        """Take the settings of a state, those of one provider or all of them.

        What the state leaves out is as it was at the start.
        """
        lifecycles = state.lifecycles
        if provider is None:
            self.speed = self._first_speed if state.speed is None else state.speed
            self.lifecycle = lifecycles.get("default", self._first_lifecycle)
        modes = lifecycles.get("providers", {})
        self._modes = _replaced(self._modes, modes, provider)
        self._limits = _replaced(self._limits, state.limits, provider)

    def document(self, clock: Clock) -> dict[str, Any]:
        """Return the members of a state document for the settings and a clock."""
        frozen_at: tuple[str, object] = ("now", to_iso(clock.now()))
        time = frozen_at if clock.mode == "frozen" else ("offset", clock.offset)
        return {
            "clock": dict([("mode", clock.mode), time, ("speed", self.speed)]),
            "lifecycles": {"default": self.lifecycle, "providers": _sorted(self._modes)},
            "quotas": _sorted(self._limits),
            "version": VERSION,
        }

    def changes(self, clock: Clock) -> dict[str, Any]:
        """Return the same members without what is as it was at the start."""
        document = self.document(clock)
        written, lifecycles = document["clock"], document["lifecycles"]
        speed = written.pop("speed")
        if not clock.moved:
            written.clear()
        if speed != self._first_speed:
            written["speed"] = speed
        if lifecycles["default"] == self._first_lifecycle:
            del lifecycles["default"]
        return document


def _replaced(
    settings: Mapping[str, Any], state: Mapping[str, Mapping[str, Any]], provider: str | None
) -> dict[str, Any]:
    """Return settings by provider with those of a state in place of one provider's or of all."""
    kept = {} if provider is None else {p: own for p, own in settings.items() if p != provider}
    return kept | {p: dict(own) for p, own in state.items() if provider in (None, p)}


def _sorted(settings: Mapping[str, Mapping[str, Any]]) -> Document:
    """Sort settings by provider and name, and leave out providers without any."""
    return {p: dict(sorted(named.items())) for p, named in sorted(settings.items()) if named}
