"""Reads lists of resources: the one way, for every query."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import nsmallest
from itertools import islice
from typing import Any, cast

from emulator.core.storage.engine import ResourceStore
from emulator.core.storage.keys import Key, KindKey
from emulator.core.storage.pagination import (
    read_id_token,
    read_token,
    write_id_token,
    write_token,
)
from emulator.core.storage.query import ALL, Listing, Order, Page, Position, Query
from emulator.core.storage.resource import R
from emulator.core.storage.rows import ResourceRow, RowMapper

_BATCH = 100
"""Number of rows that are read at a time, at least, where a test may reject some of them."""


def _digest(id_: str) -> bytes:
    return hashlib.blake2b(id_.encode(), digest_size=8).digest()


_KEYS: Mapping[str, Callable[[str], Any]] = {"id": str, "shuffled": _digest}
"""What the orders by id compare."""


@dataclass(frozen=True, slots=True)
class ListReader:
    """Reads lists of one kind in one scope, as they are at `now`."""

    store: ResourceStore
    mapper: RowMapper
    of_kind: KindKey
    now: int

    def page(self, kind: type[R], query: Query[R]) -> Page[R]:
        """Return the page that a query asks for; raises `BadToken`."""
        if query.order in _KEYS:
            return self._page_by_id(kind, query, _KEYS[query.order])
        beyond = None
        if query.token:
            beyond = read_token(query.token, kind=kind.kind, parent=query.parent)
        # One row more than the page shows whether there is a next page.
        most = ALL if query.most is None else query.most
        rows, total = self._rows(kind, query, beyond, most + 1)
        items = [self.mapper.resource(kind, row, self.now) for row in rows[:most]]
        if len(rows) <= most or not items:
            return Page(items=items, total=total)
        last = _position(rows[most - 1])
        token = write_token(last, kind=kind.kind, parent=query.parent)
        return Page(items=items, total=total, token=token)

    def _page_by_id(self, kind: type[R], query: Query[R], key: Callable[[str], Any]) -> Page[R]:
        """Return a page of a list in the order of a key of the ids."""
        rows, _ = self.store.list(self._listing(kind, replace(query, order="created_at")))
        if query.token:
            last = key(read_id_token(query.token, kind=kind.kind, parent=query.parent))
            rows = [row for row in rows if key(row.id) > last]
        most = ALL if query.most is None else query.most
        found = nsmallest(min(most, len(rows)) + 1, rows, key=lambda row: key(row.id))
        items = [self.mapper.resource(kind, row, self.now) for row in found[:most]]
        token = None
        if len(found) > most:
            token = write_id_token(items[-1].id, kind=kind.kind, parent=query.parent)
        return Page(items=items, token=token)

    def _rows(
        self, kind: type[R], query: Query[R], beyond: Position | None, most: int
    ) -> tuple[Sequence[ResourceRow], int | None]:
        """Return up to `most` rows beyond a position, and the total if it is counted."""
        if query.ids is None and query.keep is None:
            listing = self._listing(kind, query)
            return self.store.list(replace(listing, beyond=beyond, most=most))
        rows = (
            self._named(kind, query) if query.ids is not None else self._read(kind, query, beyond)
        )
        if query.keep is not None:
            keep = query.keep
            rows = (row for row in rows if keep(self.mapper.resource(kind, row, self.now)))
        total = None
        if query.counted:
            rows = list(rows)
            total = len(rows)
        if beyond is not None:
            rows = (row for row in rows if _is_beyond(row, beyond, query))
        return list(islice(rows, query.skip, query.skip + most)), total

    def _named(self, kind: type[R], query: Query[R]) -> Iterable[ResourceRow]:
        """Return the rows with the ids of a query that pass its filters, in order."""
        keys = [Key(*self.of_kind, id_) for id_ in dict.fromkeys(query.ids or ())]
        rows = [row for row in map(self.store.get, keys) if row and row.exists_at(self.now)]
        rows = [row for row in rows if query.parent in (None, row.parent)]
        rows = [row for row in rows if query.fits(self.mapper.resource(kind, row, self.now))]
        rows.sort(
            key=lambda row: (getattr(row, query.order), _position(row)),
            reverse=query.newest_first,
        )
        return rows

    def _read(
        self, kind: type[R], query: Query[R], beyond: Position | None
    ) -> Iterator[ResourceRow]:
        """Iterate over all rows of a query in order, reading no more of them than are wanted."""
        listing = replace(self._listing(kind, query), skip=0, counted=False)
        if query.counted or query.most is None or query.order != "created_at":
            yield from self.store.list(listing)[0]
            return
        batch, has_more = max(query.skip + query.most + 1, _BATCH), True
        while has_more:
            rows, _ = self.store.list(replace(listing, beyond=beyond, most=batch))
            yield from rows
            has_more = len(rows) == batch
            if has_more:
                beyond = _position(rows[-1])

    def _listing(self, kind: type[R], query: Query[R]) -> Listing:
        return Listing(
            of_kind=self.of_kind,
            now=self.now,
            parent=query.parent,
            where=query.where,
            after=query.after,
            before=query.before,
            order=cast("Order", query.order),  # one by id was replaced
            newest_first=query.newest_first,
            skip=query.skip,
            indexed=bool(query.where) or (query.counted and kind.is_indexed),
            counted=query.counted,
        )


def _position(row: ResourceRow) -> Position:
    return Position(row.created_at, row.number)


def _is_beyond(row: ResourceRow, beyond: Position, query: Query[R]) -> bool:
    position = _position(row)
    return position < beyond if query.newest_first else position > beyond
