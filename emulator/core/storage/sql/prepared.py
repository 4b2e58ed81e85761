"""Statements that are compiled once and run on the driver's own cursor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

import sqlalchemy as sa

Values = Mapping[str, Any]
"""Parameters of a statement, or a row of its result, by name."""

Cursor = Any
"""A cursor of the database's driver, in an open transaction."""

_FETCHED = 1000
"""Number of rows that are fetched at a time, where many are read."""


class Prepared:
    """A statement compiled for its database once, and run on the driver's own cursor.

    SQLAlchemy writes the SQL; running it through SQLAlchemy would cost as much per
    statement as all of Flask costs per request (docs/decisions/0006).
    """

    def __init__(self, statement: sa.Executable, dialect: sa.Dialect) -> None:
        """Compile; columns of the result are named as in the statement."""
        compiled: Any = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
        self._text = str(compiled)
        self._positions: Sequence[str] | None = compiled.positiontup
        self._fixed = {n: value for n, value in compiled.params.items() if value is not None}
        self._columns = [column.name for column in getattr(statement, "exported_columns", ())]

    def run(self, cursor: Cursor, values: Values) -> int:
        """Run with the values of its parameters; return the number of changed rows."""
        parameters = {**self._fixed, **values} if self._fixed else values
        # sqlite3 takes parameters by position, psycopg by name.
        if self._positions is None:
            cursor.execute(self._text, parameters)
        else:
            cursor.execute(self._text, [parameters[name] for name in self._positions])
        return int(cursor.rowcount)

    def many(self, cursor: Cursor, rows: Sequence[Values]) -> None:
        """Run once for each of several rows of values."""
        parameters = [{**self._fixed, **values} for values in rows] if self._fixed else rows
        if self._positions is None:
            cursor.executemany(self._text, parameters)
        else:
            names = self._positions
            cursor.executemany(
                self._text, [[values[name] for name in names] for values in parameters]
            )

    def all(self, cursor: Cursor, values: Values) -> list[Values]:
        """Run and return every row."""
        self.run(cursor, values)
        return [dict(zip(self._columns, row, strict=True)) for row in cursor.fetchall()]

    def tuples(self, cursor: Cursor, values: Values) -> Iterator[Sequence[Any]]:
        """Run and iterate over the rows as the driver returns them, some at a time."""
        self.run(cursor, values)
        while fetched := cursor.fetchmany(_FETCHED):
            yield from fetched

    def pairs(self, cursor: Cursor, values: Values) -> Iterator[tuple[str, int]]:
        """Run and iterate over the rows of a statement with a text and a number."""
        return ((text, number) for text, number in self.tuples(cursor, values))

    def one(self, cursor: Cursor, values: Values) -> Sequence[Any] | None:
        """Run and return the first row as the driver returns it, or None."""
        self.run(cursor, values)
        row: Sequence[Any] | None = cursor.fetchone()
        return row

    def first(self, cursor: Cursor, values: Values) -> Values | None:
        """Run and return the first row, or None."""
        row = self.one(cursor, values)
        return None if row is None else dict(zip(self._columns, row, strict=True))


def insert_of(dialect: sa.Dialect) -> Any:
    """Return the `insert` of a dialect; only these support ON CONFLICT."""
    return import_module(f"sqlalchemy.dialects.{dialect.name}").insert
