"""What an engine does: the seam between what is stored and where.

`Repository` and `World` know these interfaces only. `memory` and `sql` are engines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from emulator.core.storage.filters import IndexKeys
from emulator.core.storage.keys import Claim, Key, KindKey
from emulator.core.storage.query import Listing
from emulator.core.storage.rows import ResourceRow


class DatabaseError(Exception):
    """A database cannot be used."""


IdCounters = Mapping[tuple[str, ...], int]
"""Counters of generated ids, by purpose: provider, scope, kind and name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which resources of a world to read: those with every member that is not None."""

    provider: str | None = None
    scope: str | None = None
    kind: str | None = None
    id: str | None = None


class ResourceStore(Protocol):
    """Resources within one transaction: what a repository needs."""

    def get(self, key: Key) -> ResourceRow | None:
        """Return a row, expired or not."""

    def insert(self, row: ResourceRow) -> ResourceRow | None:
        """Store a row and return it with its number, or None if its key is taken."""

    def write(self, old: ResourceRow, new: ResourceRow) -> None:
        """Replace a stored row by another one with the same key, parent and time of creation."""

    def erase(self, key: Key) -> None:
        """Delete a row and its claims, and nothing under it."""

    def children(self, key: Key) -> Sequence[Key]:
        """List the keys of everything directly under a resource."""

    def list(self, listing: Listing) -> tuple[Sequence[ResourceRow], int | None]:
        """Return the rows of a list, and the total if it is counted."""

    def count(
        self, of_kind: KindKey, enough: int, *, now: int, parent: str | None, unsettled: bool
    ) -> int:
        """Count the resources of a kind, or those under a parent, up to `enough`.

        `unsettled` ones still change their state by themselves.
        """

    def claim(self, key: Key, claim: str) -> bool:
        """Store a claim of a resource; return False if the claim is taken."""

    def release(self, key: Key, claim: str) -> None:
        """Delete a claim of a resource."""

    def holder(self, key: Key, claim: str) -> ResourceRow | None:
        """Return the resource that holds a claim, in the scope of a key."""

    def reindex(self, row: ResourceRow, old: IndexKeys | None, new: IndexKeys | None) -> None:
        """Replace the index keys of a resource."""


class WorldStore(Protocol):
    """Whole worlds within one transaction: what a world and the control API need."""

    @property
    def has_written(self) -> bool:
        """Whether a resource was stored, changed or deleted."""

    def select(self, world: str, selection: Selection) -> Iterator[ResourceRow]:
        """Iterate over resources by provider, scope and age, expired or not.

        It has to end before the transaction is used again.
        """

    def claims(self, world: str) -> Sequence[Claim]:
        """List the claims of a world."""

    def most_used(
        self, world: str, provider: str, kind: str, *, now: int, unsettled: bool, per_parent: bool
    ) -> int:
        """Count the resources of a kind in the scope, or under the parent, that has most."""

    def settles_at(self, world: str) -> int:
        """Return the time after which no resource of a world changes its state by itself."""

    def is_empty(self, world: str) -> bool:
        """Return whether a world has no resources."""

    def forget(self, world: str, provider: str) -> None:
        """Delete everything a provider stores in a world."""

    def read_record(self, world: str) -> tuple[object, IdCounters]:
        """Return the recorded document of a world, or None, and its id counters."""

    def write_record(self, world: str, document: object) -> None:
        """Record the document of a world in place of the former one, if the engine lasts."""

    def note_counters(self, world: str, counters: IdCounters) -> None:
        """Record the counters of some ids of a world, if the engine lasts."""

    def forget_record(self, world: str) -> None:
        """Delete the document and the id counters of a world."""

    def undo(self) -> None:
        """Roll back everything, though the block ends normally."""


class Transaction(ResourceStore, WorldStore, Protocol):
    """One unit of work: all of it is kept, or nothing."""


class Engine(Protocol):
    """Stores the resources of every world."""

    @property
    def lasts(self) -> bool:
        """Whether what it stores survives a restart."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Begin a transaction, after those before it: kept at the end, undone by an exception."""

    def worlds(self) -> Sequence[str]:
        """List the names of the recorded worlds, sorted."""

    def close(self) -> None:
        """Release everything it holds; what does not last is lost."""
