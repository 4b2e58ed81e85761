"""How resources become rows and rows become resources."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from emulator.core.contract.policy import LifecyclePolicy
from emulator.core.storage.filters import IndexKeys
from emulator.core.storage.query import R
from emulator.core.storage.resource import Resource
from emulator.core.storage.rows import (
    Key,
    LifecycleEntry,
    Lifecycles,
    ResourceRow,
    lifecycle_of,
)


@dataclass(slots=True, kw_only=True)
class RowMapper:
    """Maps the resources of one provider within one transaction; `kinds` are their classes."""

    lifecycles: Lifecycles = field(default_factory=dict)
    kinds: Mapping[str, type[Resource]] = field(default_factory=dict)
    states_seen: set[tuple[str, str]] = field(default_factory=set)
    """Kinds and states of the resources read or written."""
    began_as_ordered: bool = False
    """Whether a lifecycle has begun that the outcome of its policy changes."""

    def row(
        self, resource: Resource, key: Key, entry: LifecycleEntry, *, now: int, parent: str | None
    ) -> ResourceRow:
        """Make the row of a resource that is created now."""
        return ResourceRow.new(
            key, entry, parent=parent, created_at=now, body=body_json(resource.stored_fields())
        )

    def resource(self, kind: type[R], row: ResourceRow, now: int) -> R:
        """Make a resource from its row, as it is at `now`."""
        entry = row.entry(self.lifecycles)
        return self.with_times(kind(**json.loads(row.body), id=row.id), row, entry, now)

    def with_times(self, resource: R, row: ResourceRow, entry: LifecycleEntry, now: int) -> R:
        """Set the times and the state of a resource."""
        state, moved_at = entry.state_at(now)
        resource.created_at = row.created_at
        # Reads write nothing: an update by the passing of time is computed, never stored.
        resource.updated_at = row.updated_at if moved_at is None else max(row.updated_at, moved_at)
        resource.state = state
        self.states_seen.add((resource.kind, state.name))
        resource.reason = row.reason
        vars(resource)[resource.identifier] = resource.id
        return resource

    def index_keys(self, row: ResourceRow, now: int) -> IndexKeys | None:
        """Return the index keys of a row, or None if its kind is not indexed."""
        kind = self.indexed(row.kind)
        return self.resource(kind, row, now).index_keys() if kind else None

    def indexed(self, kind: str) -> type[Resource] | None:
        """Return the class of a kind that is indexed, or None."""
        found = self.kinds.get(kind)
        return found if found and found.is_indexed() else None

    def entry(self, kind: str, name: str, policy: LifecyclePolicy, now: int) -> LifecycleEntry:
        """Return the entry of a resource into a lifecycle now, as the policy has it."""
        lifecycle, outcome = lifecycle_of(self.lifecycles, kind, name), policy.outcome
        self.began_as_ordered |= outcome.changes(lifecycle)
        if outcome.fails and lifecycle.failure_lifecycle:
            name = lifecycle.failure_lifecycle
            lifecycle = lifecycle_of(self.lifecycles, kind, name)
        scale, entered_at = policy.scale(kind, lifecycle), now
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


def body_json(members: Mapping[str, object]) -> str:
    """Write the stored members as JSON text."""
    return json.dumps(members, separators=(",", ":"))
