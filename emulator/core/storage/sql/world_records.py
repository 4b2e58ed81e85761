"""What a database stores about worlds besides their resources, so that they survive a restart.

Each world has a state document without resources, and counters of its seeded ids. Worlds write
nothing of it to an in-memory database, which does not survive.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import sqlalchemy as sa

from emulator.core.storage.engine import IdCounters
from emulator.core.storage.sql.prepared import Prepared, insert_of
from emulator.core.storage.sql.tables import metadata

worlds = sa.Table(
    "worlds",
    metadata,
    sa.Column("world", sa.String, primary_key=True),
    sa.Column("document", sa.Text, nullable=False),
)

id_counters = sa.Table(
    "id_counters",
    metadata,
    sa.Column("world", sa.String, primary_key=True),
    sa.Column("digest", sa.String, primary_key=True),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("count", sa.BigInteger, nullable=False),
)


class Records:
    """Reads and writes the records of worlds, in transactions of a database."""

    def __init__(self, dialect: sa.Dialect) -> None:
        """Compile the statements."""

        def prepare(statement: sa.Executable) -> Prepared:
            return Prepared(statement, dialect)

        def put(table: sa.Table, column: str) -> Prepared:
            """Insert a row, or change the column of the existing one."""
            new = insert_of(dialect)(table)
            key, changed = list(table.primary_key), {column: new.excluded[column]}
            return prepare(new.on_conflict_do_update(index_elements=key, set_=changed))

        self._names = prepare(sa.select(worlds.c.world))
        self._document = prepare(sa.select(worlds).where(_own(worlds)))
        self._drawn = prepare(sa.select(id_counters).where(_own(id_counters)))
        self._write = put(worlds, "document")
        self._note = put(id_counters, "count")
        self._forget = [
            prepare(sa.delete(table).where(_own(table))) for table in (worlds, id_counters)
        ]

    def names(self, cursor: Any) -> list[str]:
        """List the names of the recorded worlds, sorted."""
        return sorted(row["world"] for row in self._names.all(cursor, {}))

    def read(self, cursor: Any, world: str) -> tuple[object, IdCounters]:
        """Return the document of a world, or None, and its id counters."""
        row = self._document.first(cursor, {"world": world})
        counters = self._drawn.all(cursor, {"world": world})
        purposes = {tuple(json.loads(each["purpose"])): each["count"] for each in counters}
        return row and json.loads(row["document"]), purposes

    def write(self, cursor: Any, world: str, document: object) -> None:
        """Store the document of a world in place of the former one."""
        self._write.run(cursor, {"world": world, "document": json.dumps(document)})

    def note(self, cursor: Any, world: str, counters: IdCounters) -> None:
        """Store the counters of some ids of a world."""
        for purpose, times in counters.items():
            text = json.dumps(purpose)
            digest = hashlib.sha256(text.encode()).hexdigest()  # a name may be too long for a key
            row = {"world": world, "digest": digest, "purpose": text, "count": times}
            self._note.run(cursor, row)

    def forget(self, cursor: Any, world: str) -> None:
        """Delete the records of a world."""
        for statement in self._forget:
            statement.run(cursor, {"world": world})


def _own(table: sa.Table) -> sa.ColumnElement[bool]:
    return table.c.world == sa.bindparam("world")
