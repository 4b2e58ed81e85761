"""Keeps resources: add, get, list, drop. The only module that runs SQL.

Everything a request does happens in one transaction. Uniqueness is the database's
decision, made by inserting, never by looking first; a resource whose lifecycle has
ended lingers until its key or claim is wanted again, and is then swept away.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from emulator.core.failures import AlreadyExists, NotFound
from emulator.core.lifecycle import ALWAYS_READY, GONE, Lifecycle, State
from emulator.core.resources import Resource
from emulator.core.tables import KEY, Prepared, Statements, Values, metadata

R = TypeVar("R", bound=Resource)
Lifecycles = Mapping[str, Mapping[str, Lifecycle]]
"""Kind -> name of the lifecycle -> lifecycle."""

LOCK_TIMEOUT = 30
"""Seconds a transaction waits for another one on a SQLite file."""

_LONGEST_KEY = 200
"""Characters of a claim that are kept as they are; a longer one is kept as its digest."""


Cursor = Any
"""A cursor of the database's driver, in an open transaction."""


class Store:
    """A database of resources; open one `transaction` per request."""

    def __init__(self, url: str = "sqlite://") -> None:
        """Open, and create missing tables; raises `sqlalchemy.exc.SQLAlchemyError`."""
        location = sa.make_url(url)
        self._engine = _engine(location)
        metadata.create_all(self._engine)
        self.statements = Statements(self._engine.dialect)
        self._take: Callable[[], AbstractContextManager[Any]] = self._pooled
        if _is_in_memory(location):
            self._take = Turns(self._engine.raw_connection()).take
        # SQLite's driver would begin late and only for writes; two transactions that read
        # before they write would then both fail. The lock is taken at the start instead.
        self._begin = "BEGIN IMMEDIATE" if location.get_backend_name() == "sqlite" else "BEGIN"

    @contextmanager
    def transaction(self) -> Iterator[Cursor]:
        """Open a transaction: committed at the end, rolled back by an exception."""
        with self._take() as connection:
            cursor = connection.cursor()
            cursor.execute(self._begin)
            try:
                yield cursor
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def latest(self, cursor: Cursor, world: str) -> Sequence[Values]:
        """List when a resource of each provider, kind, lifecycle and scale was last entered."""
        return self.statements.latest.all(cursor, {"world": world})

    def forget(self, cursor: Cursor, world: str, provider: str) -> None:
        """Remove everything a provider keeps in a world."""
        for statement in self.statements.forget:
            statement.run(cursor, {"world": world, "provider": provider})

    def close(self) -> None:
        """Let go of every connection; an in-memory database is gone with it."""
        self._engine.dispose()

    @contextmanager
    def _pooled(self) -> Iterator[Any]:
        connection = self._engine.raw_connection()
        try:
            yield connection
        finally:
            connection.close()


class Turns:
    """One connection that threads take turns at: an in-memory database has no second one."""

    def __init__(self, connection: Any) -> None:
        """Hand out a connection, which stays open."""
        self._connection = connection
        self._lock = threading.Lock()

    @contextmanager
    def take(self) -> Iterator[Any]:
        """Wait for the connection and keep it until the end of the block."""
        with self._lock:
            yield self._connection


def _is_in_memory(location: sa.URL) -> bool:
    return location.get_backend_name() == "sqlite" and not location.database


def _engine(location: sa.URL) -> sa.Engine:
    if location.get_backend_name() != "sqlite":
        return sa.create_engine(location)
    arguments = {"check_same_thread": False, "timeout": LOCK_TIMEOUT, "isolation_level": None}
    if _is_in_memory(location):
        return sa.create_engine(location, poolclass=StaticPool, connect_args=arguments)
    engine = sa.create_engine(location, connect_args=arguments)
    sa.event.listen(engine, "connect", _write_ahead)
    return engine


def _write_ahead(connection: Any, _: object) -> None:
    """Keep a file readable while it is written, and whole if the process is killed."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")


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
            "lifecycle": lifecycle,
            "scale": self.scale,
            "entered_at": self.now,
            "created_at": self.now,
            "updated_at": self.now,
            "version": 1,
            "body": json.dumps(resource.kept(), separators=(",", ":")),
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

    def drop(self, resource: Resource) -> None:
        """Remove a resource at once, and let go of its claims."""
        place = {**self._place(resource.kind), "id": _key(resource.id)}
        self._drop(place)

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
        place = {**self._place(kind.kind), "parent": _key(parent)}
        rows = self.statements.children.all(self.cursor, place)
        found = [self._resource(kind, row) for row in rows]
        return [resource for resource in found if resource.state is not GONE]

    def count(self, kind: type[Resource], enough: int) -> int:
        """Count the resources of a kind in this scope, up to `enough` of them."""
        place = {**self._place(kind.kind), "enough": enough}
        return int(self.statements.count.all(self.cursor, place)[0]["count"])

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
        if held_by is None or self._state(held_by)[0] is not GONE:
            return False
        self._drop({name: held_by[name] for name in KEY})
        return bool(insert.run(self.cursor, row))

    def _drop(self, place: Values) -> None:
        self.statements.drop_claims.run(self.cursor, place)
        self.statements.drop.run(self.cursor, place)

    def _state(self, row: Values) -> tuple[State, int]:
        lifecycle = self.lifecycles.get(row["kind"], {}).get(row["lifecycle"], ALWAYS_READY)
        return lifecycle.at(self.now - row["entered_at"], row["scale"])

    def _resource(self, kind: type[R], row: Values) -> R:
        state, updated = self._state(row)
        return kind(
            **json.loads(row["body"]),
            id=_plain(row["id"]),
            created_at=row["created_at"],
            updated_at=max(row["updated_at"], row["entered_at"] + updated if updated else 0),
            state=state,
        )


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
