"""Opens the database, and one transaction per request.

Transactions take turns on every kind of database, so that what a call has read is still true when
it writes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from emulator.core.storage.index_statements import Queries
from emulator.core.storage.tables import Statements, metadata
from emulator.core.storage.world_records import Records

LOCK_TIMEOUT = 30
"""Seconds to wait for another transaction on a SQLite file."""

_BEGIN = {
    # The driver would begin late and only for writes; two transactions that read before
    # they write would then both fail. The lock is taken at the start instead.
    "sqlite": "BEGIN IMMEDIATE",
    "postgresql": "BEGIN; SELECT pg_advisory_xact_lock(4680)",
}
"""Statements that begin a transaction after waiting for its turn."""

Cursor = Any
"""A cursor of the database's driver, in an open transaction."""


class Database:
    """A database of resources; open one `transaction` per request."""

    def __init__(self, url: str = "sqlite://") -> None:
        """Open, and create missing tables; raises `sqlalchemy.exc.SQLAlchemyError`.

        A database whose tables another version of the emulator created is not opened.
        """
        location = sa.make_url(url)
        self._engine = _engine(location)
        metadata.create_all(self._engine)
        if not _is_in_memory(location):
            _check_columns(self._engine)
        self.statements = Statements(self._engine.dialect)
        self.queries = Queries(self._engine.dialect)
        self.records = Records(self._engine.dialect)
        self.lasts = not _is_in_memory(location)
        self._take: Callable[[], AbstractContextManager[Any]] = self._pooled
        if _is_in_memory(location):
            self._take = SharedConnection(self._engine.raw_connection()).take
        self._begin = _BEGIN.get(location.get_backend_name(), "BEGIN")

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

    def undo(self, cursor: Cursor) -> None:
        """Roll back the transaction, though the block ends normally."""
        cursor.connection.rollback()

    def worlds(self) -> list[str]:
        """List the worlds in the database."""
        with self.transaction() as cursor:
            return self.records.names(cursor)

    def settles_at(self, cursor: Cursor, world: str) -> int:
        """Return the time after which no resource of a world changes its state by itself."""
        return int(self.statements.last.all(cursor, {"world": world})[0]["settles_at"] or 0)

    def forget(self, cursor: Cursor, world: str, provider: str) -> None:
        """Delete everything a provider stores in a world."""
        for statement in self.statements.forget:
            statement.run(cursor, {"world": world, "provider": provider})

    def close(self) -> None:
        """Close all connections; an in-memory database is lost."""
        self._engine.dispose()

    @contextmanager
    def _pooled(self) -> Iterator[Any]:
        connection = self._engine.raw_connection()
        try:
            yield connection
        finally:
            connection.close()


class SharedConnection:
    """One connection for all threads: an in-memory database has only one."""

    def __init__(self, connection: Any) -> None:
        """Return the connection, which stays open."""
        self._connection = connection
        self._lock = threading.Lock()

    @contextmanager
    def take(self) -> Iterator[Any]:
        """Wait for the connection and keep it until the end of the block."""
        with self._lock:
            yield self._connection


def _check_columns(engine: sa.Engine) -> None:
    # `create_all` leaves existing tables as they are, whatever columns they have.
    inspector = sa.inspect(engine)
    for table in metadata.sorted_tables:
        columns = {column["name"] for column in inspector.get_columns(table.name)}
        if columns != set(table.columns.keys()):
            fault = f"the table {table.name} of the database is of another version"
            raise sa.exc.InvalidRequestError(fault)


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
    """Make a file readable while it is written, and intact if the process is killed."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
