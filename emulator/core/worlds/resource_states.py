"""Shows resources of all providers in one form, and sets their state."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

from emulator.core.contract.kinds import Kind
from emulator.core.contract.lifecycle import GONE, Lifecycle, State
from emulator.core.contract.model import Contract
from emulator.core.primitives.clock import SECOND, Clock
from emulator.core.storage.engine import Selection, Transaction
from emulator.core.storage.idempotency import Token
from emulator.core.storage.objects import StoredObject
from emulator.core.storage.rows import LifecycleEntry, ResourceRow

_OWN = {Token.kind, StoredObject.kind}
"""Kinds that the emulator stores for itself, and does not show."""

EVERYTHING = Selection()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceView:
    """A resource in the form of all providers; times in microseconds UTC."""

    row: ResourceRow
    entry: LifecycleEntry
    index: int
    """The index of the state it is in."""
    kind: Kind | None
    """What the contract says of its kind, if anything."""

    @property
    def state(self) -> State:
        """The state it is in."""
        return self.entry.lifecycle.states[self.index]

    @property
    def next_at(self) -> int | None:
        """When it enters its next state by itself; None if it does not."""
        return self.entry.begins_at(self.index + 1)

    @property
    def body(self) -> Mapping[str, Any]:
        """Its stored members."""
        body: Mapping[str, Any] = json.loads(self.row.body)
        return body

    @property
    def name(self) -> str | None:
        """Its name, if it has one: the member `name`, or one that ends so; it may be its id."""
        body = dict(self.body)
        if self.kind:
            body.setdefault(self.kind.identifier, self.row.id)
        named = (value for member, value in body.items() if member.endswith("name") and value)
        return body.get("name") or next(named, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceRef:
    """Identifies a resource; without a `scope`, its id must be unique among all scopes."""

    provider: str
    kind: str
    id: str
    scope: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """The state to set, for how many seconds if not as usual, and the reason of a failure."""

    state: str
    seconds: float | None = None
    reason: str | None = None


class NoSuchState(ValueError):
    """No lifecycle of the kind has the state."""


class Ambiguous(ValueError):
    """Several scopes have a resource with the id."""


class WorldResources:
    """The resources of one world, in the form of all providers."""

    def __init__(
        self,
        transaction: Callable[[], AbstractContextManager[Transaction]],
        contracts: Mapping[str, Contract],
        world: str,
        clock: Clock,
    ) -> None:
        """Read and write in transactions of the named world."""
        self._transaction = transaction
        self._contracts = contracts
        self._world = world
        self._clock = clock

    def views(
        self,
        selection: Selection = EVERYTHING,
        keep: Callable[[ResourceView], bool] = lambda _: True,
    ) -> list[ResourceView]:
        """List the selected resources that `keep` accepts, by provider, scope and age."""
        with self._transaction() as store:
            return [view for view in self._views(store, selection) if keep(view)]

    def set_state(self, one: ResourceRef, change: StateChange) -> ResourceView | None:
        """Put a resource in a state and return it, or None if it does not exist.

        Raises `NoSuchState`, and `Ambiguous` if several scopes have such a resource.
        """
        with self._transaction() as store:
            view, now = self._find(store, one), self._clock.now()
            if view is None:
                return None
            row, lifecycles = view.row, self._contracts[one.provider].lifecycles
            entry = _jump(view.entry, lifecycles.get(row.kind, {}), change, now)
            _, moved_at = view.entry.state_at(now)
            updated_at = row.updated_at if moved_at is None else max(row.updated_at, moved_at)
            if entry.lifecycle.states[entry.min_state].touches_updated_at:
                updated_at = max(updated_at, now)  # the clock may have been set back
            new = row.changed(entry=entry, updated_at=updated_at)
            store.write(row, new)
            return replace(view, row=new, entry=entry, index=entry.min_state)

    def used(self, provider: str) -> Mapping[str, int]:
        """Count the resources that each quota of a provider limits, where there are most."""
        limiting = {
            name: quota["counts"]
            for name, quota in self._contracts[provider].quotas.items()
            if "counts" in quota
        }
        with self._transaction() as store:
            return {
                name: store.most_used(
                    self._world,
                    provider,
                    counts["kind"],
                    now=self._clock.now(),
                    unsettled=counts.get("unsettled", False),
                    per_parent=counts.get("perParent", False),
                )
                for name, counts in limiting.items()
            }

    def settles_at(self) -> int:
        """Return the time after which no resource changes its state by itself."""
        with self._transaction() as store:
            return store.settles_at(self._world)

    def _views(self, store: Transaction, selection: Selection) -> Iterator[ResourceView]:
        """Iterate over the selected resources that exist, before the store is used again."""
        now = self._clock.now()
        for row in store.select(self._world, selection):
            contract = self._contracts.get(row.provider)
            if contract and row.kind not in _OWN:
                entry = row.entry(contract.lifecycles)
                kind = contract.kinds.get(row.kind)
                view = ResourceView(row=row, entry=entry, index=entry.index_at(now), kind=kind)
                if view.state is not GONE:
                    yield view

    def _find(self, store: Transaction, one: ResourceRef) -> ResourceView | None:
        selection = Selection(provider=one.provider, kind=one.kind, id=one.id, scope=one.scope)
        found = list(self._views(store, selection))
        if len(found) > 1:
            raise Ambiguous(", ".join(view.row.scope for view in found))
        return found[0] if found else None


def _jump(
    old: LifecycleEntry, lifecycles: Mapping[str, Lifecycle], change: StateChange, now: int
) -> LifecycleEntry:
    """Return the entry of a resource that is put in a state now; raises `NoSuchState`.

    It continues from there after the delay of the state, or after the `seconds` of the change. If
    it has no delays, or is held, it stays.
    """
    name, lifecycle, index = _find(old.name, lifecycles, change.state)
    # With a scale of 0 all states but the last are over at once, so the new one would not last:
    # it is held instead, unless `seconds` says how long it lasts.
    scale = old.scale or (1 if change.seconds is not None else float("inf"))
    # A state is worked out from the age in the lifecycle. Moving the time of entry back by the age
    # at which the state begins makes it begin now, and the later ones follow after their delays.
    begun = lifecycle.begun(index, scale) if scale < float("inf") else 0
    entered_at = now - begun
    if change.seconds is not None and index + 1 < len(lifecycle.begins):
        # The next state is to begin `seconds` from now. `min_state` keeps this one until then,
        # also if its own delay is shorter and the age would still be that of an earlier state.
        scale = scale if scale < float("inf") else 1
        entered_at = now + int(change.seconds * SECOND) - lifecycle.begun(index + 1, scale)
    return LifecycleEntry(
        name=name,
        lifecycle=lifecycle,
        scale=scale,
        entered_at=entered_at,
        began_at=now,
        min_state=index,
        reason=change.reason,
    )


def _find(
    current: str, lifecycles: Mapping[str, Lifecycle], state: str
) -> tuple[str, Lifecycle, int]:
    """Find a state in the current lifecycle, or else in another one of the kind."""
    for name in sorted(lifecycles, key=lambda each: each != current):
        for index, candidate in enumerate(lifecycles[name].states):
            if candidate.name == state and candidate is not GONE:
                return name, lifecycles[name], index
    states = {each.name for each in (s for life in lifecycles.values() for s in life.states)}
    raise NoSuchState(", ".join(sorted(states - {""})))
