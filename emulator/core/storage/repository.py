"""The repository: add, get, list, change and remove resources.

The database decides about uniqueness, by an insert, never by a look-up first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import copy
from dataclasses import dataclass, replace
from itertools import islice
from typing import Unpack

from emulator.core.contract.lifecycle import GONE
from emulator.core.errors.failures import AlreadyExists, NotFound
from emulator.core.storage.filters import CountedPage, Position, Query, QueryOptions
from emulator.core.storage.index import Index
from emulator.core.storage.pagination import LAST, Page, position_of, read_token, write_token
from emulator.core.storage.resource import Resource
from emulator.core.storage.row_mapping import Lifecycles, R, RowMapper, body_json, key_of, short
from emulator.core.storage.tables import Row

_ALL = 2**62
"""A limit above any number of resources."""

__all__ = ["Lifecycles", "Repository"]


@dataclass(slots=True, kw_only=True)
class Repository(RowMapper):
    """The resources of one world, provider and scope, within one transaction."""

    def add(
        self,
        resource: R,
        *,
        lifecycle: str = "create",
        parent: str | None = None,
        claims: Iterable[str] = (),
    ) -> R:
        """Store a new resource at the start of a lifecycle and return it with its times.

        `claims` are texts that only one resource may hold at a time. Raises `AlreadyExists`, with
        the facts of the rejected resource, if its id or a claim is taken.
        """
        row = {
            **self._kind_key(resource.kind),
            "id": key_of(resource.id),
            "parent": None if parent is None else key_of(parent),
            **self._entry(resource.kind, lifecycle),
            "created_at": self.now,
            "updated_at": self.now,
            "version": 1,
            "body": body_json(resource),
        }
        stored = self._insert(row, claims)
        if stored is None:
            raise AlreadyExists(resource.kind, **resource.facts())
        self._reindex(stored, None, resource.index_keys())
        # A copy: the caller's object stays as it was, without times.
        return self._with_times(copy(resource), stored)

    def plant(self, row: Row, claims: Iterable[str] = ()) -> bool:
        """Insert a row of `resources` with its claims; return whether all were free."""
        stored = self._insert(row, claims)
        if stored:
            self._reindex(stored, None, self._index_keys(stored))
        return stored is not None

    def claim(self, resource: Resource, claim: str) -> None:
        """Add a claim to a resource; raises `AlreadyExists` if it is taken."""
        if not self._claim(self._key(resource), claim):
            raise AlreadyExists(resource.kind, **resource.facts())

    def release(self, resource: Resource, claim: str) -> None:
        """Remove a claim from a resource."""
        stored = {**self._key(resource), "claim": short(key_of(claim))}
        self.statements.release.run(self.cursor, stored)

    def change(self, resource: R, *, lifecycle: str | None = None) -> R:
        """Store the members and `updated_at` of a resource, and return it.

        With a `lifecycle` it enters that lifecycle; otherwise its state continues.
        """
        self._write(resource, lifecycle)
        return self.get(type(resource), resource.id)

    def remove(self, resource: Resource) -> None:
        """Start the lifecycle `delete` of a resource's kind; without one, drop it."""
        if "delete" in self.lifecycles.get(resource.kind, {}):
            self._write(resource, "delete")
        else:
            self.drop(resource)

    def drop(self, resource: Resource) -> None:
        """Delete a resource at once, with everything under it and its claims."""
        self._drop(self._key(resource))

    def find(self, kind: type[R], id: str) -> R | None:
        """Return a resource as it is now, or None if it does not exist (any more)."""
        key = {**self._kind_key(kind.kind), "id": key_of(id)}
        row = self.statements.get.first(self.cursor, key)
        found = row and self._resource(kind, row)
        return found if found and found.state is not GONE else None

    def get(self, kind: type[R], id: str, **facts: object) -> R:
        """Return a resource as it is now; raises `NotFound` with its `id` and the `facts`."""
        found = self.find(kind, id)
        if found is None:
            raise NotFound(kind.kind, id=id, **facts)
        return found

    def children(self, kind: type[R], parent: str) -> list[R]:
        """List the resources of a kind under a parent, oldest first."""
        key = {**self._kind_key(kind.kind), "parent": key_of(parent), "now": self.now}
        return [self._resource(kind, row) for row in self.statements.children.all(self.cursor, key)]

    def has(self, kind: type[Resource], parent: str, *, unsettled: bool = False) -> bool:
        """Return whether a resource of a kind exists under a parent."""
        return bool(self.count(kind.kind, 1, parent=parent, unsettled=unsettled))

    def count(
        self,
        kind: str,
        enough: int,
        *,
        parent: str | None = None,
        unsettled: bool = False,
    ) -> int:
        """Count the resources of a kind, here or under a parent, up to `enough`.

        `unsettled` ones still change their state by themselves.
        """
        key = {**self._kind_key(kind), "now": self.now, "enough": enough}
        key |= {} if parent is None else {"parent": key_of(parent)}
        statement = self.statements.count[parent is not None, unsettled]
        return int(statement.all(self.cursor, key)[0]["count"])

    def span(
        self,
        kind: type[R],
        *,
        most: int,
        skip: int = 0,
        parent: str | None = None,
        newest_first: bool = False,
    ) -> list[R]:
        """List up to `most` resources of a kind after the first `skip` ones."""
        key = {**self._kind_key(kind.kind), "now": self.now, "most": most, "skip": skip}
        key |= {} if parent is None else {"parent": key_of(parent)}
        statement = self.statements.span[parent is not None, newest_first]
        return [self._resource(kind, row) for row in statement.all(self.cursor, key)]

    def slice(
        self,
        kind: type[R],
        *,
        parent: str | None = None,
        ids: Iterable[str] | None = None,
        keep: Callable[[R], bool] | None = None,
        token: str | None = None,
        **search: Unpack[QueryOptions],
    ) -> CountedPage[R]:
        """List indexed resources with the total, for the members of a `Query`.

        The list has the resources under the parent, or those without a parent. `ids` limits it to
        these. `keep` tests what the index cannot; then every other match is read. A list in order
        of creation continues after the page of a `token`; raises `BadToken` for one of another
        kind or parent.
        """
        beyond = read_token(token, kind=kind.kind, parent=parent) if token else None
        query = Query(**search, beyond=beyond)
        # One row more than the page shows whether there is a next page.
        if ids is None and keep is None:
            rows, total = self._search(kind, parent, replace(query, most=query.most + 1))
        else:
            rows = self._all_rows(kind, parent, ids, query)
            accepted = [row for row in rows if keep is None or keep(self._resource(kind, row))]
            total, rows = (
                len(accepted),
                [row for row in accepted if query.begins_before(position_of(row))],
            )
            rows = rows[query.skip : query.skip + query.most + 1]
        items = [self._resource(kind, row) for row in rows[: query.most]]
        if len(rows) <= query.most or not items:
            return CountedPage(items=items, total=total)
        last = write_token(position_of(rows[query.most - 1]), kind=kind.kind, parent=parent)
        return CountedPage(items=items, total=total, token=last)

    def _search(
        self, kind: type[Resource], parent: str | None, query: Query
    ) -> tuple[list[Row], int]:
        under = None if parent is None else key_of(parent)
        index = Index(self.cursor, self.queries)
        return index.find(self._kind_key(kind.kind), under, query)

    def _all_rows(
        self, kind: type[Resource], parent: str | None, ids: Iterable[str] | None, query: Query
    ) -> list[Row]:
        """Return every matching row from the beginning, in order."""
        if ids is None:
            rows, _ = self._search(kind, parent, replace(query, skip=0, most=_ALL, beyond=None))
            return rows
        under = None if parent is None else key_of(parent)
        keys = [{**self._kind_key(kind.kind), "id": key_of(id_)} for id_ in dict.fromkeys(ids)]
        by_id = [self.statements.get.first(self.cursor, key) for key in keys]
        rows = [row for row in by_id if row is not None and row["parent"] == under]
        rows = [row for row in rows if query.fits(self._resource(kind, row))]
        rows.sort(
            key=lambda row: (row[query.order], row["created_at"], row["number"]),
            reverse=query.newest_first,
        )
        return rows

    def page(
        self,
        kind: type[R],
        *,
        most: int,
        token: str | None,
        parent: str | None = None,
        newest_first: bool = False,
        keep: Callable[[R], bool] = lambda _: True,
    ) -> Page[R]:
        """List up to `most` resources that `keep` accepts, after the page of the token.

        Raises `BadToken` for a token of another kind or parent.
        """
        after = Position(created_at=LAST if newest_first else -1, number=0)
        if token:
            after = read_token(token, kind=kind.kind, parent=parent)
        # One row more than the page shows whether there is a next page.
        rows = self._rows(kind, parent, after, newest_first=newest_first, batch=most + 1)
        found = ((row, self._resource(kind, row)) for row in rows)
        listed = list(islice((pair for pair in found if keep(pair[1])), most + 1))
        items = [resource for _, resource in listed[:most]]
        if len(listed) <= most:
            return Page(items=items, token=None)
        row, _ = listed[most - 1]
        return Page(items=items, token=write_token(position_of(row), kind=kind.kind, parent=parent))

    def _rows(
        self,
        kind: type[Resource],
        parent: str | None,
        after: Position,
        *,
        newest_first: bool,
        batch: int,
    ) -> Iterator[Row]:
        """Iterate over the rows of a kind in order, reading one batch at a time."""
        statement = self.statements.page[parent is not None, newest_first]
        chosen = {**self._kind_key(kind.kind), "now": self.now, "most": batch}
        chosen |= {} if parent is None else {"parent": key_of(parent)}
        has_more = True
        while has_more:
            key = {"after_at": after.created_at, "after_number": after.number}
            rows = statement.all(self.cursor, {**chosen, **key})
            yield from rows
            has_more = len(rows) == batch
            if has_more:
                after = position_of(rows[-1])
