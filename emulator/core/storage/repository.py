"""The repository: add, get, list, change and remove resources.

The engine decides about uniqueness, by an insert, never by a look-up first. A resource whose
lifecycle has ended stays until its key or claim is wanted again, and is then deleted; one of a kind
that gives way is deleted already while its deletion is in progress.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from emulator.core.contract.lifecycle import GONE, State
from emulator.core.contract.policy import LifecyclePolicy
from emulator.core.errors.failures import AlreadyExists, NotFound
from emulator.core.storage.engine import ResourceStore
from emulator.core.storage.filters import IndexKeys
from emulator.core.storage.keys import Key, KindKey
from emulator.core.storage.lists import ListReader
from emulator.core.storage.query import Page, Query
from emulator.core.storage.resource import R, Resource
from emulator.core.storage.rows import ResourceRow, RowMapper, body_json

_LONGEST_CLAIM = 200
"""Length of a claim that is stored as it is; a longer one is stored as a digest."""


@dataclass(slots=True, kw_only=True)
class Repository:
    """The resources of one world, provider and scope, within one transaction.

    `now` is the time of the request in microseconds, `policy` that of lifecycles that begin now.
    """

    store: ResourceStore
    mapper: RowMapper
    world: str
    provider: str
    scope: str
    now: int
    policy: LifecyclePolicy = field(default_factory=LifecyclePolicy)

    def add(
        self,
        resource: R,
        *,
        lifecycle: str = "create",
        parent: str | None = None,
        claims: Iterable[str] = (),
        begins_at: int | None = None,
    ) -> R:
        """Store a new resource at the start of a lifecycle and return it with its times.

        `claims` are texts that only one resource may hold at a time. Its delays count from
        `begins_at`, in microseconds, or from now. Raises `AlreadyExists`, with the facts of the
        rejected resource, if its id or a claim is taken.
        """
        key = self._key(resource)
        entry = self.mapper.entry(resource.kind, lifecycle, self.policy, self.now, begins_at)
        row, stored = self.mapper.begin(resource, key, entry, self.now, parent)
        inserted = self._insert(key, row, claims)
        if inserted is None:
            raise AlreadyExists(resource.kind, **resource.facts())
        self.mapper.states_seen.add((stored.kind, stored.state.name))
        if resource.is_indexed:
            self._reindex(inserted, None, resource.index_keys())
        return stored

    def plant(self, row: ResourceRow, claims: Iterable[str] = ()) -> bool:
        """Insert a row with its claims; return whether its key and all claims were free."""
        inserted = self._insert(row.key, row, claims)
        if inserted is not None:
            self._reindex(inserted, None, self.mapper.index_keys(row, self.now))
        return inserted is not None

    def claim(self, resource: Resource, claim: str) -> None:
        """Add a claim to a resource; raises `AlreadyExists` if it is taken."""
        if not self._claim(self._key(resource), claim):
            raise AlreadyExists(resource.kind, **resource.facts())

    def release(self, resource: Resource, claim: str) -> None:
        """Remove a claim from a resource."""
        self.store.release(self._key(resource), short(claim))

    def change(self, resource: R, *, lifecycle: str | None = None) -> R:
        """Store the members and `updated_at` of a resource, and return it.

        With a `lifecycle` it enters that lifecycle; otherwise its state continues. Raises
        `NotFound` if it does not exist.
        """
        changed = self._existing(type(resource), self._write(resource, lifecycle))
        if changed is None:
            raise NotFound(resource.kind, id=resource.id)
        return changed

    def remove(self, resource: Resource) -> None:
        """Start the lifecycle `delete` of a resource's kind; without one, drop it."""
        if "delete" in self.mapper.lifecycles.get(resource.kind, {}):
            self._write(resource, "delete")
        else:
            self.drop(resource)

    def drop(self, resource: Resource) -> None:
        """Delete a resource at once, with everything under it and its claims."""
        self._drop(self._key(resource))

    def find(self, kind: type[R], id: str) -> R | None:
        """Return a resource as it is now, or None if it does not exist (any more)."""
        return self._existing(kind, self.store.get(Key(*self._kind_key(kind.kind), id)))

    def get(self, kind: type[R], id: str, **facts: object) -> R:
        """Return a resource as it is now; raises `NotFound` with its `id` and the `facts`."""
        found = self.find(kind, id)
        if found is None:
            raise NotFound(kind.kind, id=id, **facts)
        return found

    def end_of(self, resource: Resource) -> tuple[State, int]:
        """Return the state in which the lifecycle of a stored resource ends, and when it begins.

        The time is in microseconds, `NEVER` if it does not come by itself.
        """
        row = self.store.get(self._key(resource))
        if row is None:
            raise NotFound(resource.kind, id=resource.id)
        return row.entry(self.mapper.lifecycles).lifecycle.states[-1], row.settles_at

    def has(self, kind: type[Resource], parent: str, *, unsettled: bool = False) -> bool:
        """Return whether a resource of a kind exists under a parent."""
        return bool(self.count(kind.kind, 1, parent=parent, unsettled=unsettled))

    def count(
        self, kind: str, enough: int, *, parent: str | None = None, unsettled: bool = False
    ) -> int:
        """Count the resources of a kind, here or under a parent, up to `enough`.

        `unsettled` ones still change their state by themselves.
        """
        of_kind = self._kind_key(kind)
        return self.store.count(of_kind, enough, now=self.now, parent=parent, unsettled=unsettled)

    def list(self, kind: type[R], query: Query[R]) -> Page[R]:
        """List resources of a kind; raises `BadToken` for a token of another kind or parent."""
        reader = ListReader(self.store, self.mapper, self._kind_key(kind.kind), self.now)
        return reader.page(kind, query)

    def _kind_key(self, kind: str) -> KindKey:
        return KindKey(self.world, self.provider, self.scope, kind)

    def _key(self, resource: Resource) -> Key:
        return Key(self.world, self.provider, self.scope, resource.kind, resource.id)

    def _existing(self, kind: type[R], row: ResourceRow | None) -> R | None:
        if row is None:
            return None
        found = self.mapper.resource(kind, row, self.now)
        return None if found.state is GONE else found

    def _write(self, resource: Resource, lifecycle: str | None) -> ResourceRow | None:
        """Store a resource that exists, and return its new row."""
        row = self.store.get(self._key(resource))
        if row is None:
            return None
        if self.mapper.indexed(resource.kind):
            self._reindex(row, self.mapper.index_keys(row, self.now), resource.index_keys())
        entry, updated_at = None, resource.updated_at
        if lifecycle is not None:
            entry = self.mapper.entry(resource.kind, lifecycle, self.policy, self.now)
            if entry.lifecycle.states[0].touches_updated_at:
                updated_at = self.now
        body = body_json(resource.stored_fields())
        new = row.changed(entry=entry, updated_at=updated_at, body=body)
        self.store.write(row, new)
        return new

    def _insert(self, key: Key, row: ResourceRow, claims: Iterable[str]) -> ResourceRow | None:
        """Insert a row with its claims and return it with its number, if all were free."""
        inserted = self.store.insert(row)
        if inserted is None and self._sweep(self.store.get(key)):
            inserted = self.store.insert(row)
        if inserted is None:
            return None
        for claim in claims:
            if not self._claim(key, claim):
                # A caller may go on in this transaction after a conflict: nothing stays behind.
                self.store.erase(key)
                return None
        return inserted

    def _claim(self, key: Key, claim: str) -> bool:
        """Store a claim of a resource, if it is free; return whether it was."""
        claim = short(claim)
        if self.store.claim(key, claim):
            return True
        return self._sweep(self.store.holder(key, claim)) and self.store.claim(key, claim)

    def _sweep(self, row: ResourceRow | None) -> bool:
        """Delete a resource that has expired or gives way; return whether it was deleted."""
        if row is None or (row.exists_at(self.now) and not self._gives_way(row)):
            return False
        self._drop(row.key)
        return True

    def _gives_way(self, row: ResourceRow) -> bool:
        kind = self.mapper.kinds.get(row.kind)
        if kind is None or not kind.gives_way:
            return False
        state, _ = row.entry(self.mapper.lifecycles).state_at(self.now)
        return state.phase == "deleting"

    def _drop(self, key: Key) -> None:
        # Index keys are computed from the row, so they go first; only indexed kinds are read.
        row = self.store.get(key) if self.mapper.indexed(key.kind) else None
        if row:
            self._reindex(row, self.mapper.index_keys(row, self.now), None)
        for child in self.store.children(key):
            self._drop(child)
        self.store.erase(key)

    def _reindex(self, row: ResourceRow, old: IndexKeys | None, new: IndexKeys | None) -> None:
        if old or new:
            self.store.reindex(row, old, new)


def short(claim: str) -> str:
    """Return a claim, or the digest of one that is too long for an index of a database."""
    encoded = claim.encode("unicode_escape")
    return claim if len(encoded) <= _LONGEST_CLAIM else hashlib.sha256(encoded).hexdigest()
