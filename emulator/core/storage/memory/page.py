"""Cuts a page out of a list in order of creation."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from operator import attrgetter

from emulator.core.storage.memory.filtered_list import Age
from emulator.core.storage.memory.scope import Collection
from emulator.core.storage.query import ALL, Listing
from emulator.core.storage.rows import ResourceRow

Result = tuple[Sequence[ResourceRow], int | None]
"""The rows of a page, and the total of the list if it is counted."""


def read(collection: Collection, listing: Listing) -> Result:
    """Return the page of a list."""
    if listing.indexed:  # indexed kinds never expire
        filtered = collection.filtered(listing.parent)
        ages = filtered.find(listing.where) if filtered else ()
        return _Cut(listing, ages, collection.rows, expired=0).result()
    group = collection.all if listing.parent is None else collection.under.get(listing.parent)
    if group is None:
        return [], 0 if listing.counted else None
    expired = group.expired(listing.now)
    return _Cut(listing, group.ages, collection.rows, expired=expired).result()


class _Cut:
    """A list, of which so many resources have expired, and what is asked of it."""

    def __init__(
        self,
        listing: Listing,
        ages: Sequence[Age],
        rows: Mapping[str, ResourceRow],
        *,
        expired: int,
    ) -> None:
        self._listing = listing
        self._ages = ages
        self._rows = rows
        self._expired = expired

    def result(self) -> Result:
        listing = self._listing
        start = 0 if listing.after is None else self._place((listing.after + 1,))
        end = len(self._ages) if listing.before is None else self._place((listing.before,))
        total = self._total(range(start, end)) if listing.counted else None
        if listing.beyond is not None:  # the total is that of the whole list
            created_at, number = listing.beyond
            if listing.newest_first:
                end = min(end, self._place((created_at, number)))
            else:
                start = max(start, self._place((created_at, number + 1)))
        return self._page(range(start, end)), total

    def _place(self, position: tuple[int, ...]) -> int:
        """Return the index of the first resource at a position or after it."""
        return bisect_left(self._ages, position)

    def _total(self, places: range) -> int:
        """Count the resources that have not expired."""
        if len(places) == len(self._ages) or not self._expired:
            return len(places) - self._expired
        return sum(1 for _ in self._existing(places))

    def _page(self, places: range) -> Sequence[ResourceRow]:
        listing, most = self._listing, min(self._listing.skip + self._listing.most, ALL)
        if listing.order != "created_at":  # ages say nothing about it: everything is sorted
            order = attrgetter(listing.order, "created_at", "number")
            rows = sorted(self._existing(places), key=order, reverse=listing.newest_first)
            return rows[listing.skip : most]
        if listing.newest_first:
            places = places[::-1]
        if self._expired:
            return list(islice(self._existing(places), listing.skip, most))
        return [self._rows[self._ages[place][2]] for place in places[listing.skip : most]]

    def _existing(self, places: range) -> Iterator[ResourceRow]:
        """Iterate over the rows that have not expired."""
        rows = (self._rows[self._ages[place][2]] for place in places)
        now = self._listing.now
        return (row for row in rows if row.exists_at(now)) if self._expired else rows
