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

from emulator.core.storage.engine import DatabaseError, Engine
from emulator.core.storage.sql.index import Index
from emulator.core.storage.sql.index_statements import Queries
from emulator.core.storage.sql.statements import Statements
from emulator.core.storage.sql.tables import metadata
from emulator.core.storage.sql.totals import Totals
from emulator.core.storage.sql.transaction import SqlTransaction
from emulator.core.storage.sql.world_records import Records

LOCK_TIMEOUT = 30
"""Seconds to wait for another transaction on a SQLite file."""

_BEGIN = {
    # The driver would begin late and only for writes; two transactions that read before
    # they write would then both fail. The lock is taken at the start instead.
    "sqlite": "BEGIN IMMEDIATE",
    "postgresql": "BEGIN; SELECT pg_advisory_xact_lock(4680)",
}
"""Statements that begin a transaction after waiting for its turn."""


class Database(Engine):
    """A database of resources; open one `transaction` per request."""

    def __init__(self, url: str) -> None:
        """Open, and create missing tables; raises `DatabaseError`.

        A database whose tables another version of the emulator created is not opened.
        """
        try:
            self._engine = _open(url)
        except sa.exc.SQLAlchemyError as error:
            raise DatabaseError(str(error)) from error
        dialect = self._engine.dialect
        self._statements, self._queries = Statements(dialect), Queries(dialect)
        self._records = Records(dialect)
        self._take: Callable[[], AbstractContextManager[Any]] = self._pooled
        if dialect.name == "sqlite":
            self._take = SharedConnection(self._engine.raw_connection()).take
        self._totals = Totals() if dialect.name == "sqlite" else None
        self._begin = _BEGIN.get(dialect.name, "BEGIN")

    @property
    def lasts(self) -> bool:
        """True: it is a file or a server."""
        return True

    @contextmanager
    def transaction(self) -> Iterator[SqlTransaction]:
        """Open a transaction: committed at the end, rolled back by an exception."""
        with self._take() as connection:
            cursor = connection.cursor()
            cursor.execute(self._begin)
            index = Index(cursor, self._queries, self._totals)
            transaction = SqlTransaction(cursor, self._statements, index, self._records)
            try:
                yield transaction
                connection.commit()
            except BaseException:
                transaction.undo()
                raise

    def worlds(self) -> list[str]:
        """List the worlds in the database."""
        with self.transaction() as transaction:
            return self._records.names(transaction.cursor)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def _pooled(self) -> Iterator[Any]:
        connection = self._engine.raw_connection()
        try:
            yield connection
        finally:
            connection.close()


class SharedConnection:
    """One connection for all threads, which take turns at it anyway."""

    def __init__(self, connection: Any) -> None:
        """Return the connection, which stays open."""
        self._connection = connection
        self._lock = threading.Lock()

    @contextmanager
    def take(self) -> Iterator[Any]:
        """Wait for the connection and keep it until the end of the block."""
        with self._lock:
            yield self._connection


def _open(url: str) -> sa.Engine:
    """Connect, and check or create the tables; raises `SQLAlchemyError`."""
    location = sa.make_url(url)
    if location.get_backend_name() == "sqlite":
        arguments = {"check_same_thread": False, "timeout": LOCK_TIMEOUT, "isolation_level": None}
        engine = sa.create_engine(location, connect_args=arguments)
        sa.event.listen(engine, "connect", _write_ahead)
    else:
        engine = sa.create_engine(location)
    _check_tables(engine)
    metadata.create_all(engine)
    return engine


def _check_tables(engine: sa.Engine) -> None:
    """Check that the tables are all new, or all of this version."""
    inspector = sa.inspect(engine)
    existing = metadata.tables.keys() & set(inspector.get_table_names())
    for table in metadata.sorted_tables if existing else ():
        columns = set()
        if table.name in existing:
            columns = {column["name"] for column in inspector.get_columns(table.name)}
        if columns != set(table.columns.keys()):
            fault = f"the table {table.name} of the database is of another version"
            raise sa.exc.InvalidRequestError(fault)


def _write_ahead(connection: Any, _: object) -> None:
    """Make a file readable while it is written, and intact if the process is killed."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
