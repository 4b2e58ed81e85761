"""The engine in memory, and its transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from threading import Lock
from types import TracebackType
from typing import Self

from emulator.core.primitives.clock import LATEST
from emulator.core.storage.engine import Engine, IdCounters, Selection, Transaction
from emulator.core.storage.filters import IndexKeys
from emulator.core.storage.keys import Claim, Key, KindKey
from emulator.core.storage.memory import page
from emulator.core.storage.memory.scope import Collection, Scope
from emulator.core.storage.query import Listing
from emulator.core.storage.rows import ResourceRow

Worlds = dict[str, dict[str, dict[str, Scope]]]
"""Everything that is stored, by world, provider and scope."""


class MemoryTransaction(Transaction):
    """A transaction: a block that takes its turn, and is undone if it raises.

    Each write notes what undoes it. Rows are never changed, only replaced.
    """

    has_written: bool = False

    def __init__(self, worlds: Worlds, turn: Lock) -> None:
        """Work on all that is stored, while no other transaction does."""
        self._worlds = worlds
        self._turn = turn
        self._undo: list[Callable[[], object]] = []

    def __enter__(self) -> Self:
        """Wait for the turn."""
        self._turn.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        """Undo everything after an exception, and end the turn."""
        try:
            if kind is not None:
                self.undo()
        finally:
            self._turn.release()

    # ---- resources

    def get(self, key: Key) -> ResourceRow | None:
        """Return a row, expired or not."""
        collection = self._collection(key)
        return collection.rows.get(key.id) if collection else None

    def insert(self, row: ResourceRow) -> ResourceRow | None:
        """Store a row, unless its key is taken."""
        collection = self._scope_to_fill(row).kinds[row.kind]
        if row.id in collection.rows:
            return None
        row = collection.add_numbered(row)
        self._undo.append(partial(collection.discard, row))
        self.has_written = True
        return row

    def write(self, old: ResourceRow, new: ResourceRow) -> None:
        """Replace a row."""
        collection = self._collection(new)
        if collection:
            collection.replace(old, new)
            self._undo.append(partial(collection.replace, new, old))
            self.has_written = True

    def erase(self, key: Key) -> None:
        """Delete a row and its claims."""
        scope = self._scope(key)
        if scope is None:
            return
        for claim in scope.claims_of((key.kind, key.id)):
            self.release(key, claim)
        row = self.get(key)
        if row:
            collection = scope.kinds[key.kind]
            collection.discard(row)
            self._undo.append(partial(collection.add, row))
            self.has_written = True

    def children(self, key: Key) -> Sequence[Key]:
        """List the keys of everything directly under a resource."""
        scope = self._scope(key)
        return [Key(*key[:3], *each) for each in scope.children(key.id)] if scope else []

    def list(self, listing: Listing) -> tuple[Sequence[ResourceRow], int | None]:
        """Cut a page out of a list that is in order."""
        collection = self._collection(listing.of_kind)
        if collection is None:
            return [], 0 if listing.counted else None
        return page.read(collection, listing)

    def count(
        self, of_kind: KindKey, enough: int, *, now: int, parent: str | None, unsettled: bool
    ) -> int:
        """Count resources, up to `enough`."""
        collection = self._collection(of_kind)
        if collection is None:
            return 0
        group = collection.all if parent is None else collection.under.get(parent)
        return min(group.count(now, unsettled=unsettled), enough) if group else 0

    def claim(self, key: Key, claim: str) -> bool:
        """Store a claim, unless it is taken."""
        scope = self._scope_to_fill(key)
        if claim in scope.claims:
            return False
        holder = (key.kind, key.id)
        scope.hold(claim, holder)
        self._undo.append(partial(scope.release, claim, holder))
        return True

    def release(self, key: Key, claim: str) -> None:
        """Delete a claim of a resource."""
        scope, holder = self._scope(key), (key.kind, key.id)
        if scope and scope.claims.get(claim) == holder:
            scope.release(claim, holder)
            self._undo.append(partial(scope.hold, claim, holder))

    def holder(self, key: Key, claim: str) -> ResourceRow | None:
        """Return the resource that holds a claim."""
        scope = self._scope(key)
        holder = scope.claims.get(claim) if scope else None
        return scope.kinds[holder[0]].rows.get(holder[1]) if scope and holder else None

    def reindex(self, row: ResourceRow, old: IndexKeys | None, new: IndexKeys | None) -> None:
        """Replace the index keys of a resource, which is stored."""
        collection = self._collection(row)
        if collection:
            collection.reindex(row, old, new)
            self._undo.append(partial(collection.reindex, row, new, old))

    # ---- worlds

    def select(self, world: str, selection: Selection) -> Iterator[ResourceRow]:
        """Iterate over the selected resources, scope by scope."""
        for provider, scopes in sorted(self._providers(world).items()):
            if selection.provider in (None, provider):
                for name, scope in sorted(scopes.items()):
                    if selection.scope in (None, name):
                        yield from scope.select(selection.kind, selection.id)

    def claims(self, world: str) -> Sequence[Claim]:
        """List the claims of a world."""
        return [
            Claim(provider, name, *holder, claim)
            for provider, scopes in self._providers(world).items()
            for name, scope in scopes.items()
            for claim, holder in scope.claims.items()
        ]

    def most_used(
        self, world: str, provider: str, kind: str, *, now: int, unsettled: bool, per_parent: bool
    ) -> int:
        """Count in each scope, or under each parent."""
        scopes = self._providers(world).get(provider, {}).values()
        return max(
            (
                count
                for scope in scopes
                if kind in scope.kinds
                for count in scope.kinds[kind].counts(
                    now, unsettled=unsettled, per_parent=per_parent
                )
            ),
            default=0,
        )

    def settles_at(self, world: str) -> int:
        """Return the last end of all kinds."""
        ends = (each.all.last_end(LATEST) for each in self._collections(world))
        return max(ends, default=0)

    def is_empty(self, world: str) -> bool:
        """Return whether a world has no resources."""
        return not any(each.rows for each in self._collections(world))

    def forget(self, world: str, provider: str) -> None:
        """Delete everything a provider stores in a world, at once."""
        providers = self._providers(world)
        if provider in providers:
            self._undo.append(partial(self._restore, world, provider, providers.pop(provider)))
            if not providers:
                del self._worlds[world]
        self.has_written = True

    # ---- what would survive a restart

    def read_record(self, world: str) -> tuple[object, IdCounters]:
        """Return None and no counters: nothing survives."""
        return None, {}

    def write_record(self, world: str, document: object) -> None:
        """Do nothing."""

    def note_counters(self, world: str, counters: IdCounters) -> None:
        """Do nothing."""

    def forget_record(self, world: str) -> None:
        """Do nothing."""

    def undo(self) -> None:
        """Undo everything so far, the last write first."""
        while self._undo:
            self._undo.pop()()

    # ---- where it is

    def _restore(self, world: str, provider: str, scopes: dict[str, Scope]) -> None:
        self._worlds.setdefault(world, {})[provider] = scopes

    def _providers(self, world: str) -> dict[str, dict[str, Scope]]:
        return self._worlds.get(world, {})

    def _collections(self, world: str) -> Iterator[Collection]:
        for scopes in self._providers(world).values():
            for scope in scopes.values():
                yield from scope.kinds.values()

    def _scope(self, key: Key | KindKey) -> Scope | None:
        return self._worlds.get(key.world, {}).get(key.provider, {}).get(key.scope)

    def _scope_to_fill(self, place: Key | ResourceRow) -> Scope:
        scopes = self._worlds.setdefault(place.world, {}).setdefault(place.provider, {})
        found = scopes.get(place.scope)
        if found is None:
            found = scopes[place.scope] = Scope()
        return found

    def _collection(self, place: Key | KindKey | ResourceRow) -> Collection | None:
        """Return the resources of the kind of a resource, if there are some."""
        scope = self._worlds.get(place.world, {}).get(place.provider, {}).get(place.scope)
        return scope.kinds.get(place.kind) if scope else None


class MemoryEngine(Engine):
    """Keeps everything as objects of this process."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._worlds: Worlds = {}
        self._turn = Lock()

    @property
    def lasts(self) -> bool:
        """False: everything ends with the process."""
        return False

    def transaction(self) -> MemoryTransaction:
        """Make a transaction, which takes its turn when the block begins."""
        return MemoryTransaction(self._worlds, self._turn)

    def worlds(self) -> Sequence[str]:
        """List no world: none is recorded."""
        return ()

    def close(self) -> None:
        """Delete everything."""
        self._worlds.clear()
