"""States as data, status from age.

A lifecycle is a row of states with a length each. Nothing ever moves a resource: its
state is worked out from the time since it entered its lifecycle, so that reading
writes nothing and a clock that jumps takes every resource along.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from emulator.core.primitives.clock import SECOND

Phase = Literal["pending", "running", "ready", "failed", "deleting", "gone"]

NEVER = 2**62
"""The time, in microseconds, of what does not happen by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One state in the vendor's word, its phase, and what the vendor says beside it."""

    name: str
    phase: Phase
    message: str = ""
    touches_updated_at: bool = False
    """Whether entering the state counts as an update of the resource."""


READY = State(name="", phase="ready")
"""The state of a resource whose vendor knows no states for it."""

GONE = State(name="", phase="gone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """States in order, each with the age in microseconds at which it begins."""

    states: tuple[State, ...]
    begins: tuple[int, ...]
    opt_in: bool = False
    """Whether it takes time only for users who asked for lifecycles that do."""
    failure_lifecycle: str | None = None
    """The name of the lifecycle that takes the place of this one where it ends badly."""

    def at(self, age: int, scale: float, min_state: int = 0) -> tuple[State, int | None]:
        """Return the state at an age, and the age at which a state last counted as an update.

        Ages are in microseconds. `scale` stretches the delays: 0 has none, 0.5 halves
        them, inf makes the first state last. An age below zero (a clock that was set back) is
        the first state. The state with the index `min_state` is reached whatever the age. An
        update by entering that state is recorded in the row and is not part of the result: a
        state that is held begins before its age.
        """
        index = self.index_at(age, scale, min_state)
        entered = range(min_state + 1, index + 1)
        updated = [self.begun(i, scale) for i in entered if self.states[i].touches_updated_at]
        return self.states[index], updated[-1] if updated else None

    def index_at(self, age: int, scale: float, min_state: int = 0) -> int:
        """Return the index of the state at an age."""
        index = min_state
        while index + 1 < len(self.begins) and self.begun(index + 1, scale) <= age:
            index += 1
        return index

    def begun(self, index: int, scale: float) -> int:
        """Return the age in microseconds at which a state begins, `NEVER` if it never does."""
        begins = self.begins[index]
        return int(min(begins * scale, NEVER)) if scale < math.inf else NEVER * bool(begins)

    def settles_after(self, scale: float) -> int:
        """Return the age in microseconds from which the state no longer changes."""
        return self.begun(len(self.begins) - 1, scale)

    @property
    def can_fail(self) -> bool:
        """Whether a failure can be ordered, or is its end anyway."""
        return self.failure_lifecycle is not None or self.states[-1].phase == "failed"

    @property
    def has_delays(self) -> bool:
        """Whether there is a state that ends."""
        return len(self.begins) > 1

    @property
    def ends(self) -> bool:
        """Whether the resource ceases to exist at the end."""
        return self.states[-1] is GONE


def parse(document: Mapping[str, Any]) -> Lifecycle:
    """Make a lifecycle from its entry in lifecycles.json, where lengths are in seconds."""
    states, begins, age = [], [], 0.0
    for entry in document["states"]:
        states.append(_state(entry))
        begins.append(int(age * SECOND))
        age += entry.get("seconds", 0)
    if document.get("thenDeleted"):
        states.append(GONE)
        begins.append(int(age * SECOND))
    return Lifecycle(
        states=tuple(states),
        begins=tuple(begins),
        opt_in=document.get("optIn", False),
        failure_lifecycle=document.get("failureLifecycle"),
    )


def _state(entry: Mapping[str, Any]) -> State:
    return State(
        name=entry["state"],
        phase=entry["phase"],
        message=entry.get("message", ""),
        touches_updated_at=entry.get("touchesUpdatedAt", False),
    )


ALWAYS_READY = Lifecycle(states=(READY,), begins=(0,))
"""The lifecycle of a kind that lifecycles.json does not name."""
