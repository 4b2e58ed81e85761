"""The tables, and the statements on resources and claims.

`resources` has one row per resource. `claims` lets the database decide about uniqueness: a claim
has one holder, and a second insert of it changes nothing. `terms` and `postings` are the index of
lists (see `index`).

Times are whole microseconds UTC: `settles_at` is when the state stops changing by itself,
`gone_at` when the resource expires, if that is known. Both follow from the lifecycle, its
`delay_scale` and `entered_at`, and are columns so that SQL can filter by them. `min_state` is the
index of the lowest state that the resource can have; `reason` is that of an ordered failure.
`number` counts the resources of a kind with the same time of creation, because a frozen clock
stands still. `body` is JSON text, ASCII only, so that any database can store any text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from itertools import product
from typing import Any

import sqlalchemy as sa

from emulator.core.primitives.clock import LATEST

metadata = sa.MetaData()


def insert_of(dialect: sa.Dialect) -> Any:
    """Return the `insert` of a dialect; only these support ON CONFLICT."""
    return import_module(f"sqlalchemy.dialects.{dialect.name}").insert


KIND = ("world", "provider", "scope", "kind")
"""The columns that identify a kind in a scope."""

KEY = (*KIND, "id")
"""The columns that identify a resource."""

ENTERING = (
    "lifecycle",
    "delay_scale",
    "min_state",
    "reason",
    "entered_at",
    "settles_at",
    "gone_at",
)
"""The columns of the lifecycle and its start."""

resources = sa.Table(
    "resources",
    metadata,
    sa.Column("world", sa.String, primary_key=True),
    sa.Column("provider", sa.String, primary_key=True),
    sa.Column("scope", sa.String, primary_key=True),
    sa.Column("kind", sa.String, primary_key=True),
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("parent", sa.String),
    sa.Column("lifecycle", sa.String, nullable=False),
    sa.Column("delay_scale", sa.Float, nullable=False),
    sa.Column("min_state", sa.Integer, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("entered_at", sa.BigInteger, nullable=False),
    sa.Column("settles_at", sa.BigInteger, nullable=False),
    sa.Column("gone_at", sa.BigInteger),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Index("resources_by_age", *KIND, "created_at", "number"),
    sa.Index("resources_by_parent", *KIND[:3], "parent", "kind", "created_at", "number"),
    sa.Index("resources_by_end", *KIND, "settles_at"),
)

claims = sa.Table(
    "claims",
    metadata,
    sa.Column("world", sa.String, primary_key=True),
    sa.Column("provider", sa.String, primary_key=True),
    sa.Column("scope", sa.String, primary_key=True),
    sa.Column("claim", sa.String, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("id", sa.String, nullable=False),
)

terms = sa.Table(
    "terms",
    metadata,
    sa.Column("term", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("world", sa.String, nullable=False),
    sa.Column("provider", sa.String, nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Index("terms_by_owner", "world", "provider"),
)

postings = sa.Table(
    "postings",
    metadata,
    sa.Column("term", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("id", sa.String, nullable=False),
    sa.Column("text", sa.Text),
    sqlite_with_rowid=False,
)

Row = Mapping[str, Any]


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

    def run(self, cursor: Any, values: Row) -> int:
        """Run with the values of its parameters; return the number of changed rows."""
        parameters = {**self._fixed, **values} if self._fixed else values
        # sqlite3 takes parameters by position, psycopg by name.
        if self._positions is None:
            cursor.execute(self._text, parameters)
        else:
            cursor.execute(self._text, [parameters[name] for name in self._positions])
        return int(cursor.rowcount)

    def many(self, cursor: Any, rows: Sequence[Row]) -> None:
        """Run once for each of several rows of values."""
        parameters = [{**self._fixed, **values} for values in rows] if self._fixed else rows
        if self._positions is None:
            cursor.executemany(self._text, parameters)
        else:
            names = self._positions
            cursor.executemany(
                self._text, [[values[name] for name in names] for values in parameters]
            )

    def all(self, cursor: Any, values: Row) -> list[Row]:
        """Run and return every row."""
        self.run(cursor, values)
        return [dict(zip(self._columns, row, strict=True)) for row in cursor.fetchall()]

    def first(self, cursor: Any, values: Row) -> Row | None:
        """Run and return the first row, or None."""
        self.run(cursor, values)
        row = cursor.fetchone()
        return None if row is None else dict(zip(self._columns, row, strict=True))


def _at(table: sa.Table, *names: str) -> sa.ColumnElement[bool]:
    """Compare the named columns with parameters of the same names."""
    return sa.and_(*(table.c[name] == sa.bindparam(name) for name in names))


def _existing(*, under: bool) -> sa.ColumnElement[bool]:
    """Select the resources of a kind that have not expired by `now`."""
    gone_at = resources.c.gone_at
    names = (*KIND, "parent") if under else KIND
    return sa.and_(_at(resources, *names), sa.or_(gone_at.is_(None), gone_at > sa.bindparam("now")))


_AGE = (resources.c.created_at, resources.c.number)
"""The order of lists."""


def _page(*, under: bool, newest_first: bool) -> sa.Select[Any]:
    """Select the `most` resources after the one at `after_at` with the number `after_number`."""
    position = sa.tuple_(*_AGE)
    after = sa.tuple_(sa.bindparam("after_at"), sa.bindparam("after_number"))
    beyond = position < after if newest_first else position > after
    order = (column.desc() if newest_first else column for column in _AGE)
    selected = sa.select(resources).where(_existing(under=under), beyond).order_by(*order)
    return selected.limit(sa.bindparam("most"))


def _span(*, under: bool, newest_first: bool) -> sa.Select[Any]:
    """Select the `most` resources after the first `skip` ones."""
    order = (column.desc() if newest_first else column for column in _AGE)
    selected = sa.select(resources).where(_existing(under=under)).order_by(*order)
    return selected.limit(sa.bindparam("most")).offset(sa.bindparam("skip"))


def _count(*, under: bool, unsettled: bool) -> sa.Select[Any]:
    """Count resources, up to `enough` of them."""
    selected = sa.select(resources.c.id).where(_existing(under=under))
    if unsettled:
        selected = selected.where(resources.c.settles_at > sa.bindparam("now"))
    counted = selected.limit(sa.bindparam("enough")).subquery()
    return sa.select(sa.func.count().label("count")).select_from(counted)


def _change(*names: str) -> sa.Update:
    """Set the named columns to parameters called `new_<name>`, and count the version up."""
    values: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in names}
    values["version"] = resources.c.version + 1
    return sa.update(resources).where(_at(resources, *KEY)).values(values)


def _holder() -> sa.Select[Any]:
    """Select the resource that holds a claim."""
    same = sa.and_(*(resources.c[name] == claims.c[name] for name in KEY))
    same_claim = _at(claims, "world", "provider", "scope", "claim")
    return sa.select(resources).join(claims, same).where(same_claim)


def _children_keys() -> sa.Select[Any]:
    """Select the keys of the resources under the one with an `id`."""
    of_scope = _at(resources, "world", "provider", "scope")
    is_child = sa.and_(of_scope, resources.c.parent == sa.bindparam("id"))
    return sa.select(*(resources.c[name] for name in KEY)).where(is_child)


def _next_number() -> sa.ScalarSelect[Any]:
    """Select the number of the next resource of a kind that is created at one moment."""
    others = resources.alias()
    number = sa.func.coalesce(sa.func.max(others.c.number) + 1, 0)
    same = (others.c[name] == sa.bindparam(name) for name in (*KIND, "created_at"))
    return sa.select(number).where(*same).scalar_subquery()


def _forget() -> list[sa.Delete]:
    """Delete everything that a provider stores in a world."""
    own_terms = sa.select(terms.c.term).where(_at(terms, "world", "provider"))
    owned = (terms, claims, resources)
    return [
        sa.delete(postings).where(postings.c.term.in_(own_terms)),
        *(sa.delete(table).where(_at(table, "world", "provider")) for table in owned),
    ]


_Builder = Callable[..., sa.Executable]


class Statements:
    """The SQL the store runs, compiled once for its kind of database."""

    def __init__(self, dialect: sa.Dialect) -> None:
        def prepare(statement: sa.Executable) -> Prepared:
            return Prepared(statement, dialect)

        def both_ways(make: _Builder, option: str) -> Mapping[tuple[bool, bool], Prepared]:
            """Prepare for resources under a parent or not, in one way or the other."""
            combinations = product((False, True), repeat=2)
            return {
                (under, value): prepare(make(under=under, **{option: value}))
                for under, value in combinations
            }

        insert = insert_of(dialect)
        row: dict[str, Any] = {column.name: sa.bindparam(column.name) for column in resources.c}
        row["number"] = _next_number()
        added = insert(resources).values(row).on_conflict_do_nothing()
        self.add = prepare(added.returning(resources.c.number))
        self.claim = prepare(insert(claims).on_conflict_do_nothing())
        self.release = prepare(sa.delete(claims).where(_at(claims, *KEY, "claim")))
        self.holder = prepare(_holder())
        self.get = prepare(sa.select(resources).where(_at(resources, *KEY)))
        self.children = prepare(sa.select(resources).where(_existing(under=True)).order_by(*_AGE))
        self.page = both_ways(_page, "newest_first")
        self.span = both_ways(_span, "newest_first")
        self.count = both_ways(_count, "unsettled")
        self.rewrite = prepare(_change("body", "updated_at"))
        self.enter = prepare(_change("body", "updated_at", *ENTERING))
        self.children_keys = prepare(_children_keys())
        self.drop_claims = prepare(sa.delete(claims).where(_at(claims, *KEY)))
        self.drop = prepare(sa.delete(resources).where(_at(resources, *KEY)))
        self.forget = [prepare(statement) for statement in _forget()]
        last = sa.func.max(resources.c.settles_at).label("settles_at")
        moving = resources.c.settles_at <= LATEST
        self.last = prepare(sa.select(last).where(_at(resources, "world"), moving))
        of_world = sa.select(resources).where(_at(resources, "world"))
        self.everything = prepare(of_world.order_by("provider", "scope", *_AGE, "kind", "id"))
        self.anything = prepare(of_world.limit(1))
        self.claimed = prepare(sa.select(claims).where(_at(claims, "world")))
