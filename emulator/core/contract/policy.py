"""How the lives of new resources are to go: at what pace, to a good end or a bad one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from emulator.core.contract.lifecycle import Lifecycle

LifecycleMode = Literal["immediate", "timed", "manual"]
"""`immediate` leaves delays out, `timed` has all of them, `manual` waits for a command."""

EVERY_KIND = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is ordered for the resources of one call."""

    mode: LifecycleMode | None = None
    fails: bool = False
    reason: str | None = None
    """What the vendor is to say of the failure; None for what it says anyway."""
    hold: int | None = None
    """Microseconds until the first state ends."""

    def changes(self, lifecycle: Lifecycle) -> bool:
        """Return whether a lifecycle goes as it is ordered to.

        A lifecycle with a single state has no delays, and one without a failure cannot fail. One
        that fails by itself does what was ordered.
        """
        return (self.fails and lifecycle.can_fail) or (lifecycle.has_delays and self.sets_delays)

    @property
    def sets_delays(self) -> bool:
        """Whether it changes when states end."""
        return self.mode is not None or self.hold is not None


DEFAULT_OUTCOME = Outcome()


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecyclePolicy:
    """How fast lifecycles go that begin now, for one provider in one world.

    Delays are divided by `speed`. `modes` are by kind, `*` for all of the provider; `mode` is
    for the others: None is timed, except where delays are there on request only.
    """

    speed: float = 1.0
    mode: LifecycleMode | None = None
    modes: Mapping[str, LifecycleMode] = field(default_factory=dict)
    outcome: Outcome = DEFAULT_OUTCOME

    def scale(self, kind: str, lifecycle: Lifecycle) -> float:
        """Return the factor of a lifecycle's delays: 0 for none, inf for endless ones."""
        known = self.modes.get(kind) or self.modes.get(EVERY_KIND) or self.mode
        mode = self.outcome.mode or known
        if mode == "manual":
            return math.inf
        if mode == "immediate" or (lifecycle.opt_in and mode != "timed"):
            return 0
        return 1 / self.speed
