"""What a provider stores in a scope: resources by kind, and who holds which claim."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

from emulator.core.storage.memory.collection import Collection
from emulator.core.storage.rows import ResourceRow

Holder = tuple[str, str]
"""The kind and the id of a resource."""

_ORDER = attrgetter("created_at", "number", "kind")
"""The order of the resources of a scope."""


class Scope:
    """The resources and claims of a provider in a scope."""

    __slots__ = ("_holders", "claims", "kinds")

    def __init__(self) -> None:
        """Begin with none."""
        self.kinds: dict[str, Collection] = {}
        self.claims: dict[str, Holder] = {}
        self._holders: dict[Holder, dict[str, None]] = {}
        """The claims of each resource that has some."""

    def row(self, kind: str, id_: str) -> ResourceRow | None:
        """Return a row."""
        collection = self.kinds.get(kind)
        return collection.rows.get(id_) if collection else None

    def collection(self, kind: str) -> Collection:
        """Return the resources of a kind, to which some can be added."""
        found = self.kinds.get(kind)
        if found is None:
            found = self.kinds[kind] = Collection()
        return found

    def select(self, kind: str | None, id_: str | None) -> list[ResourceRow]:
        """List the rows, or those of a kind or with an id, by age and kind."""
        chosen = [each for name, each in self.kinds.items() if kind in (None, name)]
        if id_ is not None:
            rows = [row for each in chosen if (row := each.rows.get(id_))]
        else:
            rows = [each.rows[age[2]] for each in chosen for age in each.all.ages]
        return sorted(rows, key=_ORDER) if len(chosen) > 1 else rows

    def children(self, parent: str) -> Iterator[Holder]:
        """Iterate over everything directly under a resource."""
        for kind, collection in self.kinds.items():
            group = collection.under.get(parent)
            for age in group.ages if group else ():
                yield kind, age[2]

    def claims_of(self, holder: Holder) -> list[str]:
        """List the claims of a resource."""
        return list(self._holders.get(holder, ()))

    def hold(self, claim: str, holder: Holder) -> None:
        """Store a claim, which is free."""
        self.claims[claim] = holder
        self._holders.setdefault(holder, {})[claim] = None

    def release(self, claim: str, holder: Holder) -> None:
        """Delete a claim of a resource."""
        del self.claims[claim]
        own = self._holders[holder]
        del own[claim]
        if not own:
            del self._holders[holder]
