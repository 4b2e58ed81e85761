"""What one request may do with resources: add, get, list, change, remove.

Uniqueness is the database's decision, made by inserting, never by looking first; a
resource whose lifecycle has ended lingers until its key or claim is wanted again, and
is then swept away.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from emulator.core.failures import AlreadyExists, NotFound
from emulator.core.lifecycle import ALWAYS_READY, GONE, Lifecycle, State
from emulator.core.pages import LAST, Page, Place, read_token, write_token
from emulator.core.resources import Resource
from emulator.core.store import Cursor
from emulator.core.tables import KEY, Prepared, Statements, Values

R = TypeVar("R", bound=Resource)
Lifecycles = Mapping[str, Mapping[str, Lifecycle]]
"""Kind -> name of the lifecycle -> lifecycle."""

_LONGEST_KEY = 200
"""Characters of a claim that are kept as they are; a longer one is kept as its digest."""


@dataclass(slots=True, kw_only=True)
class Shelf:
    """What one request may touch: one world, provider and scope, within one transaction.

    `now` is the time of the request in microseconds, `scale` what new resources' delays
    are multiplied by.
    """

    cursor: Cursor
    statements: Statements
    lifecycles: Lifecycles
    world: str
    provider: str
    scope: str
    now: int
    scale: float

    def add(
        self,
        resource: R,
        *,
        lifecycle: str = "create",
        parent: str | None = None,
        claims: Iterable[str] = (),
    ) -> R:
        """Store a new resource at the start of a lifecycle and give it back with its times.

        `claims` are texts only one resource may hold at a time. Raises `AlreadyExists`,
        with the facts of the resource refused, when its id or one of the claims is taken.
        """
        row = {
            **self._place(resource.kind),
            "id": _key(resource.id),
            "parent": None if parent is None else _key(parent),
            **self._entering(resource.kind, lifecycle),
            "created_at": self.now,
            "updated_at": self.now,
            "version": 1,
            "body": _body(resource),
        }
        if not self.plant(row, claims):
            raise AlreadyExists(resource.kind, **resource.facts())
        return self._resource(type(resource), row)

    def plant(self, row: Values, claims: Iterable[str] = ()) -> bool:
        """Insert a row of `resources` with its claims; tell whether all of them were free."""
        place = {name: row[name] for name in KEY}
        held = [{**place, "claim": _short(_key(claim))} for claim in claims]
        return self._insert(self.statements.add, row, self.statements.get) and all(
            self._insert(self.statements.claim, claim, self.statements.holder) for claim in held
        )

    def change(self, resource: R, *, lifecycle: str | None = None) -> R:
        """Store the members of a resource as they now are, and give it back as it now is.

        With a `lifecycle` it enters that one; without, its state goes on as it was.
        """
        self._write(resource, lifecycle)
        return self.get(type(resource), resource.id)

    def remove(self, resource: Resource) -> None:
        """Let a resource enter the lifecycle `delete` of its kind; without one, drop it."""
        if "delete" in self.lifecycles.get(resource.kind, {}):
            self._write(resource, "delete")
        else:
            self.drop(resource)

    def drop(self, resource: Resource) -> None:
        """Remove a resource at once, with all that is under it, and let go of its claims."""
        self._drop({**self._place(resource.kind), "id": _key(resource.id)})

    def find(self, kind: type[R], id: str) -> R | None:
        """Give a resource as it is now, or None where there is none (or no longer)."""
        place = {**self._place(kind.kind), "id": _key(id)}
        row = self.statements.get.first(self.cursor, place)
        found = row and self._resource(kind, row)
        return found if found and found.state is not GONE else None

    def get(self, kind: type[R], id: str, **facts: object) -> R:
        """Give a resource as it is now; raises `NotFound` with its `id` and the `facts` given."""
        found = self.find(kind, id)
        if found is None:
            raise NotFound(kind.kind, id=id, **facts)
        return found

    def children(self, kind: type[R], parent: str) -> list[R]:
        """List the resources of a kind that were added under a parent, oldest first."""
        place = {**self._place(kind.kind), "parent": _key(parent), "now": self.now}
        return [
            self._resource(kind, row) for row in self.statements.children.all(self.cursor, place)
        ]

    def has(self, kind: type[Resource], parent: str, *, unsettled: bool = False) -> bool:
        """Tell whether there is a resource of a kind under a parent."""
        return bool(self.count(kind, 1, parent=parent, unsettled=unsettled))

    def count(
        self,
        kind: type[Resource],
        enough: int,
        *,
        parent: str | None = None,
        unsettled: bool = False,
    ) -> int:
        """Count the resources of a kind, here or under a parent, up to `enough` of them.

        `unsettled` ones are those that still change their state by themselves.
        """
        place = {**self._place(kind.kind), "now": self.now, "enough": enough}
        place |= {} if parent is None else {"parent": _key(parent)}
        statement = self.statements.count[parent is not None, unsettled]
        return int(statement.all(self.cursor, place)[0]["count"])

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
        """List up to `most` resources of a kind, of those to `keep`, after the page of the token.

        Raises `BadToken` for a token that was not made for this kind and parent.
        """
        after = Place(created_at=LAST if newest_first else -1, id="")
        if token:
            after = read_token(token, kind=kind.kind, parent=parent)
        rows = self._rows(kind, parent, after, newest_first=newest_first, batch=most + 1)
        found = ((row, self._resource(kind, row)) for row in rows)
        listed = list(islice((pair for pair in found if keep(pair[1])), most + 1))
        items = [resource for _, resource in listed[:most]]
        if len(listed) <= most:
            return Page(items=items, token=None)
        row, _ = listed[most - 1]
        last = Place(created_at=row["created_at"], id=row["id"])
        return Page(items=items, token=write_token(last, kind=kind.kind, parent=parent))

    def _rows(
        self,
        kind: type[Resource],
        parent: str | None,
        after: Place,
        *,
        newest_first: bool,
        batch: int,
    ) -> Iterator[Values]:
        """Go through the rows of a kind in order, reading a batch of them at a time."""
        statement = self.statements.page[parent is not None, newest_first]
        chosen = {**self._place(kind.kind), "now": self.now, "most": batch}
        chosen |= {} if parent is None else {"parent": _key(parent)}
        more = True
        while more:
            place = {"after_at": after.created_at, "after_id": after.id}
            rows = statement.all(self.cursor, {**chosen, **place})
            yield from rows
            more = len(rows) == batch
            if more:
                after = Place(created_at=rows[-1]["created_at"], id=rows[-1]["id"])

    def _place(self, kind: str) -> dict[str, object]:
        return {
            "world": self.world,
            "provider": self.provider,
            "scope": self.scope,
            "kind": kind,
        }

    def _insert(self, insert: Prepared, row: Values, holder: Prepared) -> bool:
        """Insert a row whose key is free, or held by a resource that is gone; tell whether."""
        if insert.run(self.cursor, row):
            return True
        held_by = holder.first(self.cursor, row)
        if held_by is None or held_by["gone_at"] is None or held_by["gone_at"] > self.now:
            return False
        self._drop({name: held_by[name] for name in KEY})
        return bool(insert.run(self.cursor, row))

    def _drop(self, place: Values) -> None:
        for below in self.statements.below.all(self.cursor, place):
            self._drop(below)
        self.statements.drop_claims.run(self.cursor, place)
        self.statements.drop.run(self.cursor, place)

    def _write(self, resource: Resource, lifecycle: str | None) -> None:
        place = {**self._place(resource.kind), "id": _key(resource.id)}
        new: dict[str, object] = {"new_body": _body(resource)}
        if lifecycle is None:
            self.statements.rewrite.run(self.cursor, {**place, **new})
            return
        entering = {"updated_at": resource.updated_at, **self._entering(resource.kind, lifecycle)}
        new |= {f"new_{name}": value for name, value in entering.items()}
        self.statements.enter.run(self.cursor, {**place, **new})

    def _entering(self, kind: str, name: str) -> dict[str, object]:
        """Give the columns of a resource that enters a lifecycle now."""
        lifecycle = self._lifecycle(kind, name)
        settles_at = self.now + lifecycle.settles_after(self.scale)
        return {
            "lifecycle": name,
            "scale": self.scale,
            "entered_at": self.now,
            "settles_at": settles_at,
            "gone_at": settles_at if lifecycle.ends else None,
        }

    def _lifecycle(self, kind: str, name: str) -> Lifecycle:
        return self.lifecycles.get(kind, {}).get(name, ALWAYS_READY)

    def _state(self, row: Values) -> tuple[State, int | None]:
        lifecycle = self._lifecycle(row["kind"], row["lifecycle"])
        return lifecycle.at(self.now - row["entered_at"], row["scale"])

    def _resource(self, kind: type[R], row: Values) -> R:
        state, updated = self._state(row)
        moved = 0 if updated is None else row["entered_at"] + updated
        return kind(
            **json.loads(row["body"]),
            id=_plain(row["id"]),
            created_at=row["created_at"],
            updated_at=max(row["updated_at"], moved),
            state=state,
        )


def _body(resource: Resource) -> str:
    return json.dumps(resource.kept(), separators=(",", ":"))


def _key(text: str) -> str:
    """Write a text so that every database can hold it: no NUL, no surrogates, reversible."""
    if text.isascii() and "\\" not in text and "\0" not in text:
        return text
    return text.encode("unicode_escape").decode("ascii")


def _plain(key: str) -> str:
    return key.encode("ascii").decode("unicode_escape") if "\\" in key else key


def _short(claim: str) -> str:
    if len(claim) <= _LONGEST_KEY:
        return claim
    return hashlib.sha256(claim.encode("ascii")).hexdigest()
