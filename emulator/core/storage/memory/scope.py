"""What a provider stores in a scope: claims, and resources by kind.

Those of a kind are found by id, by age, by parent, and by what lists filter by.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from operator import attrgetter

from emulator.core.storage.filters import IndexKeys
from emulator.core.storage.memory.filtered_list import Age, FilteredList, remove
from emulator.core.storage.rows import ResourceRow

Holder = tuple[str, str]
"""The kind and the id of a resource."""

_ORDER = attrgetter("created_at", "number", "kind")
"""The order of the resources of a scope."""


def age_of(row: ResourceRow) -> Age:
    """Return the age of a resource."""
    return row.created_at, row.number, row.id


class Group:
    """Resources in order of creation, and the times of their ends: so they are counted at once."""

    __slots__ = ("_expiries", "ages", "ends")

    def __init__(self) -> None:
        """Begin with none."""
        self.ages: list[Age] = []
        self.ends: list[int] = []
        """The times at which their states no longer change, sorted."""
        self._expiries: list[int] | None = None
        """The times at which some of them expire, sorted; None where none ever did."""

    def add(self, age: Age, row: ResourceRow) -> None:
        """Add a resource."""
        insort(self.ages, age)
        self.enter(row)

    def discard(self, age: Age, row: ResourceRow) -> None:
        """Remove a resource."""
        remove(self.ages, age)
        self.leave(row)

    def enter(self, row: ResourceRow) -> None:
        """Add the ends of a resource's lifecycle."""
        insort(self.ends, row.settles_at)
        if row.gone_at is not None:
            self._expiries = self._expiries or []
            insort(self._expiries, row.gone_at)

    def leave(self, row: ResourceRow) -> None:
        """Remove the ends of a resource's lifecycle."""
        del self.ends[bisect_left(self.ends, row.settles_at)]
        if row.gone_at is not None:
            assert self._expiries is not None
            del self._expiries[bisect_left(self._expiries, row.gone_at)]

    def expired(self, now: int) -> int:
        """Count the resources that have expired."""
        return bisect_right(self._expiries, now) if self._expiries else 0

    def count(self, now: int, *, unsettled: bool) -> int:
        """Count the resources, or those that still change their state by themselves."""
        if unsettled:
            return len(self.ends) - bisect_right(self.ends, now)
        return len(self.ages) - self.expired(now)

    def last_end(self, latest: int) -> int:
        """Return the last end that is not after a time, or 0."""
        place = bisect_right(self.ends, latest)
        return self.ends[place - 1] if place else 0


class Collection:
    """The resources of a kind in a scope; all of them, and those under each parent."""

    __slots__ = ("_filtered", "all", "rows", "under")

    def __init__(self) -> None:
        """Begin with none."""
        self.rows: dict[str, ResourceRow] = {}
        self.all = Group()
        self.under: dict[str, Group] = {}
        self._filtered: dict[str | None, FilteredList] = {}

    def add_numbered(self, row: ResourceRow) -> ResourceRow:
        """Add a row, whose id is free, after those created at the same time; return it."""
        ages, created_at = self.all.ages, row.created_at
        place = bisect_left(ages, (created_at + 1,)) if ages and ages[-1][0] >= created_at else 0
        if place and ages[place - 1][0] == created_at:
            row = replace(row, number=ages[place - 1][1] + 1)
        self.add(row)
        return row

    def add(self, row: ResourceRow) -> None:
        """Add a row, whose id is free."""
        age = age_of(row)
        self.rows[row.id] = row
        self.all.add(age, row)
        if row.parent is not None:
            group = self.under.get(row.parent)
            if group is None:
                group = self.under[row.parent] = Group()
            group.add(age, row)

    def discard(self, row: ResourceRow) -> None:
        """Remove a row."""
        age = age_of(row)
        del self.rows[row.id]
        self.all.discard(age, row)
        if row.parent is not None:
            group = self.under[row.parent]
            group.discard(age, row)
            if not group.ages:
                del self.under[row.parent]

    def replace(self, old: ResourceRow, new: ResourceRow) -> None:
        """Replace a row by another one with the same key, parent and age."""
        self.rows[old.id] = new
        if (old.settles_at, old.gone_at) == (new.settles_at, new.gone_at):
            return
        groups = [self.all, *([self.under[old.parent]] if old.parent is not None else [])]
        for group in groups:
            group.leave(old)
            group.enter(new)

    def filtered(self, parent: str | None) -> FilteredList | None:
        """Return the list of the resources under a parent, or without one, that has filters."""
        return self._filtered.get(parent)

    def reindex(self, row: ResourceRow, old: IndexKeys | None, new: IndexKeys | None) -> None:
        """Replace the index keys of a resource."""
        found = self._filtered.get(row.parent)
        if found is None:
            found = self._filtered[row.parent] = FilteredList()
        found.file(age_of(row), old, new)
        if found.is_empty:
            del self._filtered[row.parent]

    def counts(self, now: int, *, unsettled: bool, per_parent: bool) -> Iterator[int]:
        """Iterate over the numbers of resources: of all, or under each parent and under none."""
        everything = self.all.count(now, unsettled=unsettled)
        if not per_parent:
            yield everything
            return
        counts = [group.count(now, unsettled=unsettled) for group in self.under.values()]
        yield from counts
        yield everything - sum(counts)


class Scope:
    """The resources and claims of a provider in a scope."""

    __slots__ = ("_holders", "claims", "kinds")

    def __init__(self) -> None:
        """Begin with none."""
        self.kinds: defaultdict[str, Collection] = defaultdict(Collection)
        self.claims: dict[str, Holder] = {}
        self._holders: dict[Holder, dict[str, None]] = {}
        """The claims of each resource that has some."""

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
