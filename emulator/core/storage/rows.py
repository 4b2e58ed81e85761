"""Rows of resources, the entries into lifecycles that they hold, and how resources become rows.

Whatever makes or reads a row uses these classes, so that the end of a state is worked out in one
place. Times are whole microseconds UTC.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from emulator.core.contract.lifecycle import ALWAYS_READY, GONE, NEVER, Lifecycle, State
from emulator.core.contract.policy import LifecyclePolicy
from emulator.core.storage.filters import IndexKeys
from emulator.core.storage.keys import Key
from emulator.core.storage.resource import R, Resource, stored_names

Lifecycles = Mapping[str, Mapping[str, Lifecycle]]
"""Lifecycles by kind and name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleEntry:
    """A resource's entry into a lifecycle: into which one, at what pace, and since when.

    Delays count from `entered_at` and are multiplied by `scale`: 0 has none, inf has endless ones.
    The state with the index `min_state` is reached whatever the time; it began at `began_at`,
    which is not the time that the delays say if it was held. `reason` is that of a failure.
    """

    name: str
    lifecycle: Lifecycle
    scale: float
    entered_at: int
    began_at: int
    min_state: int = 0
    reason: str | None = None
    stated_end: int | None = None
    """The time from which the state no longer changes, if it was stated and not worked out."""

    @property
    def settles_at(self) -> int:
        """The time from which the state no longer changes, at most `NEVER`."""
        if self.stated_end is not None:
            return self.stated_end
        if len(self.lifecycle.begins) == 1:  # most kinds have no lifecycle
            return self.entered_at
        if self.min_state + 1 == len(self.lifecycle.begins) and self.scale == float("inf"):
            return self.entered_at  # held in the last state: nothing will change
        return min(self.entered_at + self.lifecycle.settles_after(self.scale), NEVER)

    @property
    def gone_at(self) -> int | None:
        """The time from which the resource no longer exists, or None."""
        return self.settles_at if self.lifecycle.states[-1] is GONE else None

    def state_at(self, now: int) -> tuple[State, int | None]:
        """Return the state, and when a state was last entered that counts as an update."""
        state, age = self.lifecycle.at(now - self.entered_at, self.scale, self.min_state)
        return state, None if age is None else self.entered_at + age

    def index_at(self, now: int) -> int:
        """Return the index of the state."""
        return self.lifecycle.index_at(now - self.entered_at, self.scale, self.min_state)

    def next_at(self, now: int) -> int | None:
        """Return when it enters its next state by itself; None if it does not."""
        return self.begins_at(self.index_at(now) + 1)

    def begins_at(self, index: int) -> int | None:
        """Return when a state after the first one begins; None if it does not."""
        if index >= len(self.lifecycle.begins):
            return None
        begins = self.entered_at + self.lifecycle.begun(index, self.scale)
        return begins if begins < NEVER else None

    def course(self) -> Iterator[tuple[State, int | None]]:
        """Iterate over its states, past and to come, with the times at which they begin."""
        yield self.lifecycle.states[self.min_state], self.began_at
        for index in range(self.min_state + 1, len(self.lifecycle.states)):
            yield self.lifecycle.states[index], self.begins_at(index)

    def columns(self) -> dict[str, Any]:
        """Return the columns of a row that it determines."""
        return {
            "lifecycle": self.name,
            "delay_scale": float(self.scale),
            "min_state": self.min_state,
            "reason": self.reason,
            "entered_at": self.entered_at,
            "began_at": self.began_at,
            "settles_at": self.settles_at,
            "gone_at": self.gone_at,
        }


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """A stored resource; its members are the columns of `resources`, in order.

    `settles_at` and `gone_at` follow from the lifecycle, and are columns so that a database can
    filter by them. `number` counts the resources of a kind with the same time of creation, because
    a frozen clock stands still; the engine assigns it. `body` is JSON text in ASCII.
    """

    world: str
    provider: str
    scope: str
    kind: str
    id: str
    parent: str | None
    lifecycle: str
    delay_scale: float
    min_state: int
    reason: str | None
    entered_at: int
    began_at: int
    settles_at: int
    gone_at: int | None
    created_at: int
    number: int
    updated_at: int
    version: int
    body: str

    @classmethod
    def new(
        cls,
        key: Key,
        entry: LifecycleEntry,
        *,
        body: str,
        created_at: int,
        updated_at: int | None = None,
        parent: str | None = None,
    ) -> ResourceRow:
        """Make the row of a resource that is not stored yet, updated when it was created."""
        return cls(
            *key,
            parent=parent,
            **entry.columns(),
            created_at=created_at,
            number=0,
            updated_at=created_at if updated_at is None else updated_at,
            version=1,
            body=body,
        )

    @property
    def key(self) -> Key:
        """The key of the resource."""
        return Key(self.world, self.provider, self.scope, self.kind, self.id)

    def entry(self, lifecycles: Lifecycles) -> LifecycleEntry:
        """Return its entry into one of the lifecycles; a kind without any is always ready."""
        return LifecycleEntry(
            name=self.lifecycle,
            lifecycle=lifecycle_of(lifecycles, self.kind, self.lifecycle),
            scale=self.delay_scale,
            entered_at=self.entered_at,
            began_at=self.began_at,
            min_state=self.min_state,
            reason=self.reason,
            stated_end=self.settles_at,
        )

    def changed(
        self, *, updated_at: int, body: str | None = None, entry: LifecycleEntry | None = None
    ) -> ResourceRow:
        """Return the next version of the row, with another body or entry if they are given."""
        return replace(
            self,
            **entry.columns() if entry else {},
            updated_at=updated_at,
            body=self.body if body is None else body,
            version=self.version + 1,
        )

    def numbered(self, number: int) -> ResourceRow:
        """Return the row with a number."""
        return self if self.number == number else replace(self, number=number)

    def exists_at(self, now: int) -> bool:
        """Return whether the resource has not expired."""
        return self.gone_at is None or self.gone_at > now


@dataclass(slots=True, kw_only=True)
class RowMapper:
    """Maps the resources of one provider within one transaction; `kinds` are their classes."""

    lifecycles: Lifecycles = field(default_factory=dict)
    kinds: Mapping[str, type[Resource]] = field(default_factory=dict)
    states_seen: set[tuple[str, str]] = field(default_factory=set)
    """Kinds and states of the resources read or written."""
    began_as_ordered: bool = False
    """Whether a lifecycle has begun that the outcome of its policy changes."""

    def begin(
        self, resource: R, key: Key, entry: LifecycleEntry, now: int, parent: str | None
    ) -> tuple[ResourceRow, R]:
        """Make the row of a resource that is created now, and return the resource as it is then."""
        members = vars(resource)
        body = body_json({name: members[name] for name in stored_names(type(resource))})
        row = ResourceRow.new(key, entry, parent=parent, created_at=now, body=body)
        # A copy: the caller's object stays as it was, without times.
        made = object.__new__(type(resource))
        vars(made).update(members)
        return row, _with_times(made, row, entry.lifecycle, now)

    def resource(self, kind: type[R], row: ResourceRow, now: int) -> R:
        """Make a resource from its row, as it is at `now`."""
        made = kind(**json.loads(row.body), id=row.id)
        lifecycle = lifecycle_of(self.lifecycles, row.kind, row.lifecycle)
        resource = _with_times(made, row, lifecycle, now)
        self.states_seen.add((resource.kind, resource.state.name))
        return resource

    def index_keys(self, row: ResourceRow, now: int) -> IndexKeys | None:
        """Return the index keys of a row, or None if its kind is not indexed."""
        kind = self.indexed(row.kind)
        return self.resource(kind, row, now).index_keys() if kind else None

    def indexed(self, kind: str) -> type[Resource] | None:
        """Return the class of a kind that is indexed, or None."""
        found = self.kinds.get(kind)
        return found if found and found.is_indexed else None

    def entry(
        self,
        kind: str,
        name: str,
        policy: LifecyclePolicy,
        now: int,
        begins_at: int | None = None,
    ) -> LifecycleEntry:
        """Return the entry of a resource into a lifecycle now, as the policy has it.

        With `begins_at`, its delays count from then; until then it is in the first state.
        """
        lifecycle, outcome = lifecycle_of(self.lifecycles, kind, name), policy.outcome
        self.began_as_ordered |= outcome.changes(lifecycle)
        if outcome.fails and lifecycle.failure_lifecycle:
            name = lifecycle.failure_lifecycle
            lifecycle = lifecycle_of(self.lifecycles, kind, name)
        scale = policy.scale(kind, lifecycle)
        entered_at = now if begins_at is None else begins_at
        if outcome.hold is not None and len(lifecycle.begins) > 1:
            # The hold replaces the length of the first state; the later ones keep theirs. The
            # columns have no room for that, so the start moves instead: the second state begins
            # at `entered_at + begun(1)`, which becomes now + hold. Without delays (scale 0) or
            # without an end (inf) the later states take the vendor's time.
            scale = scale if 0 < scale < math.inf else 1 / policy.speed
            entered_at += outcome.hold - lifecycle.begun(1, scale)
        return LifecycleEntry(
            name=name,
            lifecycle=lifecycle,
            scale=scale,
            entered_at=entered_at,
            began_at=now,
            reason=outcome.reason if outcome.fails else None,
        )


def _with_times(resource: R, row: ResourceRow, lifecycle: Lifecycle, now: int) -> R:
    """Set the times and the state of a resource."""
    state, updated_at = lifecycle.states[0], row.updated_at
    if len(lifecycle.states) > 1:  # most kinds have no lifecycle
        state, moved = lifecycle.at(now - row.entered_at, row.delay_scale, row.min_state)
        # Reads write nothing: an update by the passing of time is computed, never stored.
        updated_at = updated_at if moved is None else max(updated_at, row.entered_at + moved)
    resource.created_at, resource.updated_at = row.created_at, updated_at
    resource.state, resource.reason = state, row.reason
    vars(resource)[resource.identifier] = resource.id
    return resource


def lifecycle_of(lifecycles: Lifecycles, kind: str, name: str) -> Lifecycle:
    """Return a lifecycle of a kind; the one of kinds without states if there is no such."""
    return lifecycles.get(kind, {}).get(name, ALWAYS_READY)


def body_json(members: Mapping[str, object]) -> str:
    """Write the stored members as JSON text."""
    return json.dumps(members, separators=(",", ":"))
